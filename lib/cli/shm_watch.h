/* Waiting for changes of a structure in a segment. */
#pragma once

#include "ipc/ctx.h"

#include <stdbool.h>

struct watch_how {
	const char *until;   /* FIELD=VALUE to wait for; NULL: only print */
	int64_t interval_ns; /* between two looks */
	bool json;
};

/**
 * Prints the fields that the operands name, and each change of them; with how->until and no fields, it only waits.
 *
 * Returns CLI_OK when the value is reached, or the exit status behind a message: CLI_TIMEOUT, CLI_NOT_FOUND
 * for a segment that was removed.
 */
int segment_watch(
	struct ipc_ctx *ctx, const char *operand, int argc, char **fields, const struct watch_how *how);
