/*
 * Which threads of the machine were in the middle of something: those that ran, or were about to.
 *
 * Memory that looks the same twice is no proof that nobody is writing it, since the scheduler may
 * have stopped the writer in the middle. But if every thread that could run then has run since, or
 * went to sleep of its own will, and the memory is still the same, none of them was.
 * /proc/PID/stat and schedstat need no permission. Source: proc(5).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ipc_runnable_thread {
	pid_t pid, tid;
	uint64_t ran_ns; /* on a processor, until it was listed or seen to have run */
	int runs;        /* how often it was */
};

struct ipc_runnable {
	struct ipc_runnable_thread *v; /* owned */
	size_t len;
};

/**
 * Lists the threads of other processes that can run now. Processes that can't be seen are left out.
 *
 * Returns 0 or -errno: -ENOSYS without /proc, where nobody can be seen.
 */
int ipc_runnable_list(struct ipc_runnable *ret);

/** Takes those off the list that have run since, or can't run now. Returns how many are left. */
size_t ipc_runnable_settle(struct ipc_runnable *r);

void ipc_runnable_clear(struct ipc_runnable *r);

#define AUTO_RUNNABLE __attribute__((cleanup(ipc_runnable_clear), unused))
