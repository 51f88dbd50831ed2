/*
 * System V semaphore sets: the system calls, with our policy of deadlines and of making them.
 *
 * A set is born with zeros, and only a second call gives it values (the old race of semget(2) and
 * SETVAL). What is made here carries a mark until it is finished: the execute bits of its mode,
 * which mean nothing for a semaphore, are 0001. Together with a time of the last operation
 * (sem_otime) of 0 that says "being made"; everything here waits until it is over, and the next
 * `create` finishes what a killed one left.
 * Source: semget(2), semop(2), semctl(2), ipc/sem.c of Linux.
 */
#pragma once

#include "ipc/deadline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* SEMVMX of Linux: the largest value, the largest step, and the most that SEM_UNDO remembers. */
#define SEMSET_VALUE_MAX 32767

/* The set as it is made. */
struct semset_plan {
	int32_t key;
	unsigned nsems;
	unsigned value; /* of each */
	mode_t mode;    /* exact, whatever the umask */
	uid_t uid;      /* or -1: the caller */
	gid_t gid;      /* or -1 */
};

/**
 * Makes a set and gives it its values. A killed one is finished by the next call for its key.
 *
 * Returns the identifier or -errno: -EEXIST (finished, if it had to be), -ERANGE for a value over
 * SEMSET_VALUE_MAX, -EINVAL for a number of semaphores that is 0 or over SEMMSL, -ENOSPC over SEMMNI or
 * SEMMNS, -EPERM if the owner can't be given.
 */
int semset_create(const struct semset_plan *plan);

/**
 * Waits until a set that is just being made has its values: microseconds, and a second at most,
 * since its maker may have been killed.
 *
 * Returns how many semaphores it has or -errno: -EACCES without read permission (nothing was waited
 * for then), -EIDRM.
 */
int semset_settle(int id);

/** The values of all semaphores of a set. ret has room for nsems. Returns 0 or -errno: -EACCES, -EIDRM. */
int semset_values(int id, unsigned nsems, int64_t *ret);

/* What the kernel tells of one semaphore; all of it needs read permission. */
struct semset_one {
	int value;
	int waiters;      /* for a larger value */
	int zero_waiters; /* for 0 */
	pid_t last_pid;   /* of the last operation, SETVAL too; 0: none, or one in another pid namespace */
};

/** Returns 0 or -errno: -EACCES, -EIDRM, -EINVAL if there is no such number in the set. */
int semset_look(int id, unsigned number, struct semset_one *ret);

/**
 * Changes a value by delta, waiting until that is possible; a delta of 0 waits until it is 0.
 *
 * undo: the kernel takes it back when the process ends, through any execve(2)
 * Returns 0 or -errno: -EAGAIN or -ETIMEDOUT at the deadline; -ERANGE if the value, the step or what is to be
 * undone would be over SEMSET_VALUE_MAX; -EIDRM; -EFBIG if there is no such number; -EACCES; -ENOSPC.
 */
int semset_step(int id, unsigned number, int64_t delta, bool undo, struct ipc_deadline deadline);

/**
 * Sets a value if it is `from`, in one step. Other than SETVAL it leaves alone what SEM_UNDO of
 * others remembers. Returns 0 or -errno: -EAGAIN if it is another one; others as semset_step().
 */
int semset_swap(int id, unsigned number, int from, int to);

/** Changes owner, group and permissions, all three. Returns 0 or -errno: -EPERM, -EIDRM. */
int semset_chown(int id, uid_t uid, gid_t gid, mode_t mode);

/** Removes a set; waiters get -EIDRM. Returns 0 or -errno: -EPERM, -ENOENT. */
int semset_remove(int id);
