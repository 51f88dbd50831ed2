/* What a repair of a semaphore did, or why it did nothing. */
#pragma once

#include "ipc/sem.h"

/**
 * Says it.
 *
 * name: the semaphore as the user wrote it, printable
 * r: what ipc_sem_repair() returned, with *repair
 * Returns the exit status.
 */
int semaphore_say_repair(
	const struct ipc_sem *sem, const char *name, int r, const struct ipc_sem_repair *repair);
