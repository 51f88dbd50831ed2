/*
 * Fields of a structure as they were at one moment: which ones the operands name, their bytes, and how they are
 * printed, all of them or what changed. Where the bytes come from is the caller's.
 */
#pragma once

#include "ipc/layout.h"

#include <stdbool.h>
#include <stddef.h>

struct picture {
	struct ipc_layout *layout; /* owned, as all below */
	struct ipc_member *members;
	const char **names; /* the array alone */
	size_t len;
	bool bare;              /* one member was asked for by its name */
	unsigned char *bytes;   /* the whole structure; the caller fills in the members */
	unsigned char *printed; /* what picture_print_changes() printed last; NULL: nothing yet */
};

/**
 * Loads what --layout says and finds the fields; none are all of the outermost ones.
 *
 * fields: must live as long as *p
 * Returns CLI_OK, or the exit status behind a message; *p (all zero before) is to be cleared in any case.
 */
int picture_init(struct picture *p, int argc, char **fields);

void picture_clear(struct picture *p);

#define AUTO_PICTURE __attribute__((cleanup(picture_clear), unused))

/** Prints all fields. Returns CLI_OK, or the exit status behind a message. */
int picture_print(const struct picture *p, bool json);

/** Whether any byte of the fields is not as it was printed last; true if nothing was. */
bool picture_changed(const struct picture *p);

/**
 * Prints and flushes the fields whose value is not what was printed last, each on a line, or as JSON all of
 * them if there is one.
 *
 * ret_changed: whether there was one
 * Returns CLI_OK, or the exit status behind a message.
 */
int picture_print_changes(struct picture *p, bool json, bool *ret_changed);
