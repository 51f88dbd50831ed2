/* What is known about a semaphore, on standard output. */
#pragma once

#include "ipc/sem.h"

/** Prints a line for each process that holds units or waits, or JSON. Returns 0 or -errno. */
int semaphore_print_holders(const struct ipc_sem_holders *holders, bool json);

/** Prints who waits, and what else is known but the value. */
void semaphore_print_waiters(const struct ipc_sem_state *state, const struct ipc_sem_holders *holders);

/** Prints all of it and the value as one JSON object. Returns 0 or -ENOMEM. */
int semaphore_print_json(const struct ipc_selector *sel, const struct ipc_sem_state *state,
	const struct ipc_sem_holders *holders);
