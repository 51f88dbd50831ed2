/*
 * A process that outlives us and undoes one thing.
 *
 * It waits for the death of the process that started it, which may have become another program by
 * execve(2) since, and calls a function then. Nothing of the caller is kept busy meanwhile: it has
 * a session of its own without a terminal, / as its directory, and no descriptors but those it is
 * told to keep. ps(1) and top(1) show it as "ipcctl-guard".
 *
 * It can be killed like any other process, so what it undoes should be found by others, too.
 */
#pragma once

#include <stddef.h>

enum { GUARD_FDS_MAX = 4 };

struct guard_task {
	/* Called in the guard when the process has died. What it points to is a copy, as after fork(2). */
	void (*undo)(void *arg);
	void *arg;
	/* Descriptors that undo needs. All others are closed. Close yours if it needs its own. */
	int fds[GUARD_FDS_MAX];
	size_t fd_count;
};

struct guard {
	int fd; /* close-on-exec; the guard does not mind it being closed */
};

#define GUARD_NONE                                                                                           \
	{                                                                                                    \
		.fd = -1                                                                                     \
	}

/**
 * Starts a guard for the calling process. When this returns it is ready: it stands for whatever is
 * done from now on. It is no child of the caller (unless that is the subreaper of its kind, such
 * as process 1 of a container), and no child is left to wait for.
 *
 * Returns 0 or -errno: -ENOSYS before Linux 5.3, which has no pidfd_open(2); those of fork(2).
 */
int guard_start(const struct guard_task *task, struct guard *ret);

/** Sends the guard away without calling undo: there is nothing to undo. */
void guard_dismiss(struct guard *g);
