/* What a command is about to remove: gathered from operands, filters and standard input, and shown before it goes. */
#pragma once

#include "ipc/kind.h"

#include <stdio.h>

struct victim {
	struct ipc_object object;
	char *name; /* the selector, printable; owned */
};

struct plan {
	unsigned want;  /* WANT_...: what has to be known of each */
	unsigned flags; /* SELECT_...: what an operand may be, and what is a failure */
	struct victim *victims;
	size_t len, room;
};

void victim_clear(struct victim *v);
void plan_clear(struct plan *p);

#define AUTO_PLAN __attribute__((cleanup(plan_clear), unused))

/**
 * Adds what the operands name and the filters leave, each object once: names, patterns, and with "-"
 * the names on standard input, one a line, which are never patterns. Without operands: everything of
 * the class that the command is about.
 *
 * Returns the exit status of the first failure, each behind a message.
 */
int plan_gather(struct ipc_ctx *ctx, int argc, char **argv, struct plan *p);

/** Shows it as a table on out, and on standard error the sums by label and owner. Returns the exit status. */
int plan_show(const struct plan *p, FILE *out);
