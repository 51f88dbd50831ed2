/* C structures on the command line: --layout, names of fields, and FIELD=VALUE. */
#pragma once

#include "cli/command.h"
#include "ipc/layout.h"

/* --layout and --struct. Include it in the verbs that read bytes as a structure. */
extern const struct opt layout_opts[];

/** Whether --layout was given. */
bool layout_given(void);

/**
 * Parses what --layout said; points at the place that is wrong.
 *
 * ret: the caller frees it with ipc_layout_free
 * Returns CLI_OK, or the exit status behind a message.
 */
int layout_load(struct ipc_layout **ret);

/** Finds a field by its path. Returns CLI_OK, or CLI_USAGE behind a message. */
int layout_field(const struct ipc_layout *layout, const char *path, struct ipc_member *ret);

/** Frees the bytes of what layout_value() made. */
void layout_value_clear(struct ipc_member_value *v);

#define AUTO_LAYOUT_VALUE __attribute__((cleanup(layout_value_clear), unused))

/**
 * Parses FIELD=VALUE.
 *
 * ret: to be cleared with layout_value_clear()
 * Returns CLI_OK, or CLI_USAGE behind a message that points at what is wrong.
 */
int layout_value(const struct ipc_layout *layout, const char *text, struct ipc_member_value *ret);

/**
 * Prints the members as lines name=value, values escaped so that a line is a line; with bare (and one
 * member) the value alone, as it is. A terminal gets it escaped in any case.
 *
 * names: one a member
 * bytes: the whole structure
 * Returns CLI_OK, or the exit status behind a message.
 */
int layout_print(
	const struct ipc_member *members, const char *const *names, size_t len, const void *bytes, bool bare);
