/* The loop of `top`: looks at the objects from time to time, and does what keys ask for. */
#pragma once

#include "cli/column.h"

struct top_options {
	const char *columns, *sort; /* as -o and --sort have them; NULL: the usual */
	int64_t interval_ns;
};

/** The least time between two looks that can be asked for. */
enum { TOP_INTERVAL_LEAST_MS = 100 };

/**
 * Shows the objects that the operands name, as select_objects() finds them, until somebody leaves.
 *
 * Returns the exit status; a signal that asks the command to end ends it here.
 */
int top_run(struct ipc_ctx *ctx, int argc, char **argv, const struct top_options *options);
