/* Programs that run while a semaphore is held. */
#pragma once

#include "ipc/sem.h"

/**
 * Becomes the program, which holds on.
 *
 * argv: the program and its arguments, with a NULL at the end
 * Returns only if that failed: the exit status behind a message, and nothing is held any more.
 */
int semaphore_become(struct ipc_sem *sem, struct ipc_sem_hold *hold, char **argv);
