/* Semaphores as operands and options name them. */
#pragma once

#include "ipc/sem.h"

/**
 * Opens what a selector names.
 *
 * text: the selector as the user wrote it
 * Returns CLI_OK, or the exit status behind a message; the rest as ipc_sem_open().
 */
int semaphore_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, const char *text, bool change,
	struct ipc_sem *ret);

/** Opens what an operand names, after --create and --wait. */
int semaphore_open_operand(struct ipc_ctx *ctx, const char *operand, bool change, struct ipc_sem *ret);
