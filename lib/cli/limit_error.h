/* Why a call failed: which limits can be the cause, which one is exhausted now, and by whom. */
#pragma once

#include "ipc/ctx.h"

#include <stdbool.h>

/**
 * Explains an error that another program met.
 *
 * error: the name of an errno, its number, or the text of a message that holds its words ("semget: No space left on device")
 * argc, argv: the system call, or a kind and a verb of ipcctl; none: a call that the text names
 * Returns CLI_OK, or CLI_USAGE behind a message.
 */
int limit_explain(struct ipc_ctx *ctx, const char *error, int argc, char **argv, bool json);

/** Adds a hint for each of these limits (BIT(LIMIT_...)) that is exhausted: how much of it is used, and by whom. */
void limit_hint(struct ipc_ctx *ctx, unsigned which);
