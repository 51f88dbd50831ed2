/* From operands to the objects they name: the common part of ls, stat and rm. */
#pragma once

#include "cli/command.h"
#include "ipc/kind.h"

/* --dir: where FIFOs and socket files are looked for. */
extern const struct opt select_opts[];

enum {
	SELECT_CLASSES = 1,    /* an operand may be a class ("mq"), and none at all means every object */
	SELECT_MISSING_OK = 2, /* a name that leads to nothing is no failure */
	SELECT_MATCHES = 4,    /* a pattern that nothing matches is one, as such a name is */
	SELECT_LIMITS = 8,     /* the limits that they count against will be measured, too */
};

/**
 * Calls fn for every object that the operands name, of the class that the command is about. Patterns
 * and classes are found by listing, names by looking at them; a plain name is every object that has it.
 *
 * want: WANT_...
 * fn: as in ipc_list(); what it takes from the object is its own
 * Returns the exit status of the first failure, each behind a message; the rest goes on.
 */
int select_objects(struct ipc_ctx *ctx, int argc, char **argv, unsigned flags, unsigned want,
	ipc_object_fn *fn, void *arg);

/** Whether an operand is one name: not a pattern, nor, with SELECT_CLASSES in flags, a kind. */
bool select_is_literal(struct ipc_ctx *ctx, const char *text, unsigned flags);

/**
 * Parses an operand that names one object as a whole: a plain name without its kind is refused with
 * the objects it could be, and so is one semaphore of a set.
 *
 * flags: SELECT_MISSING_OK: nothing is said of a plain name that no object has
 * ret: to be cleared with ipc_selector_clear()
 * Returns CLI_OK, or the exit status behind a message: CLI_NOT_FOUND for a plain name that no object has.
 */
int select_one(struct ipc_ctx *ctx, const char *text, unsigned flags, struct ipc_selector *ret);

/** The first failure wins: what a loop over operands returns. */
static inline int first_failure(int before, int now)
{
	return before != CLI_OK ? before : now;
}
