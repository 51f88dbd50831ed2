/* Changing an attribute of each object that operands name, whatever its kind. */
#pragma once

#include "cli/command.h"
#include "ipc/kind.h"

/** Changes one object as arg says. Returns 0 or -errno. */
typedef int change_fn(struct ipc_ctx *ctx, const struct ipc_object *object, const void *arg);

/**
 * Calls fn for each object.
 *
 * argv: selectors, each of one object
 * what: "mode", for messages
 * Returns the exit status of the first failure, each behind a message; the rest goes on.
 */
int change_objects(
	struct ipc_ctx *ctx, int argc, char **argv, const char *what, change_fn *fn, const void *arg);
