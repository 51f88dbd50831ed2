/* Options and steps that many verbs share, so that they are spelled and behave alike everywhere. */
#pragma once

#include "cli/command.h"
#include "ipc/deadline.h"

/* -t, --timeout and --nonblock: how long each wait may last. Include it in the verbs that can block. */
extern const struct opt wait_opts[];

/* --wait: wait until the object exists. Include it in the verbs that open one. */
extern const struct opt exist_opts[];

/* -m, --mode, --owner and -x, --exclusive; a class adds its own attributes in a table of its own. */
extern const struct opt create_opts[];

/* --create: make the object first, as `create` with the same options would. */
extern const struct opt make_opts[];

/* What the options of create asked for; OPT_ATTR options store here. */
extern struct ipc_attrs arg_attrs;
extern bool arg_exclusive, arg_create, arg_wait;

/** The limit of one wait that starts now, as -t and --nonblock say. */
struct ipc_deadline cli_deadline(void);

/** The duration itself: WAIT_FOREVER, 0 or nanoseconds. */
int64_t cli_wait_ns(void);

/**
 * Parses an operand as a selector; says what is wrong with it.
 *
 * class: the class when the operand does not say it; NULL: cli_class
 * Returns CLI_OK or the exit status.
 */
int cli_selector(
	struct ipc_ctx *ctx, const char *text, const char *class, unsigned flags, struct ipc_selector *ret);

/**
 * Parses an operand that names an existing object and prepares to open it: with --create it is made
 * first, with --wait it is waited for.
 * Returns CLI_OK, or the exit status behind a message.
 */
int cli_existing(struct ipc_ctx *ctx, const char *text, const char *class, struct ipc_selector *ret);

/** Adds a hint below a message if the directory that a path is in is missing, and names it. */
void hint_directory(const char *path);

/**
 * Creates what the operand names with the options given (arg_attrs) and prints its selector where it
 * was not known before (a unique name, key:private); says which attributes disagree.
 * Returns the exit status.
 */
int cli_create(struct ipc_ctx *ctx, const char *text, const char *class);
