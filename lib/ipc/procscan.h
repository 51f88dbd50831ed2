/*
 * One walk through /proc for all who look for processes there: each matcher is asked about each
 * process. What a process shows to its user or to root alone is counted where it could not be seen,
 * so that "nobody" is never said when it is only "nobody whom I may look at".
 */
#pragma once

#include "ipc/kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct procscan_process {
	pid_t pid;
	int dirfd; /* /proc/PID, open while the matchers are asked: it can't become another process's */
	uid_t uid; /* owner of /proc/PID: the effective user, or root for what is not dumpable */
};

struct procscan_matcher {
	/*
	 * Looks at one process. Returns 0 when it is done with it, -EACCES when it may not be looked at
	 * (and that matters), another -errno to end the walk. A process that has gone is no error.
	 */
	int (*match)(const struct procscan_process *p, void *arg);
	void *arg;
	size_t unseen; /* filled in: how many could not be looked at */
};

/** Walks once; zombies are among the processes. Returns 0 or -errno. */
int procscan_walk(struct procscan_matcher *matchers, size_t count);

/**
 * Reads a file of the process of at most max bytes.
 *
 * ret: the bytes, with a NUL behind them; the caller frees it
 * Returns 0 or -errno: -EACCES (EPERM is made that), -ESRCH if the process has gone, -EFBIG.
 */
int procscan_read(
	const struct procscan_process *p, const char *name, size_t max, char **ret, size_t *ret_len);

/** Whether the process has the file mapped: 1, 0 or -errno as above. A closed descriptor does not matter. */
int procscan_has_mapped(const struct procscan_process *p, dev_t dev, ino_t ino);

/** Whether the process is in the namespace ("ipc") that the caller is in: 1, 0 or -errno as above. */
int procscan_same_namespace(const struct procscan_process *p, const char *name);

/** Whether /proc lists every process of the machine: not so in a pid namespace other than the first (a container). */
bool procscan_is_complete(void);

/* How a process came to be what it is. */
struct procscan_life {
	uint64_t start; /* clock ticks since boot (proc(5)) */
	bool ended;     /* only its status is left, for its parent */
	bool forked; /* it has not executed a program since it was forked: it goes on with what its parent knew */
	/* Of a forked one the process it is a copy of; 0: that one has gone, or it can't be told which it is. */
	pid_t original;
	/* That one takes in what others leave, being the first of its pid namespace: a copy of it may have forked this one. */
	bool adopted;
};

/** Returns 0 or -errno: -EACCES, -ESRCH. */
int procscan_life(const struct procscan_process *p, struct procscan_life *ret);

/** The time the process started, in clock ticks since boot (proc(5)). Returns 0 or -errno. */
int procscan_start_time(const struct procscan_process *p, uint64_t *ret);

/**
 * What is to be said of a process: pid, user and command line; how is copied.
 * ret->command is the caller's to free. Returns 0 or -ENOMEM.
 */
int procscan_describe(const struct procscan_process *p, const char *how, struct ipc_holder *ret);

/** The same for one pid that is known. Returns 0 or -errno: -ESRCH. */
int procscan_describe_pid(pid_t pid, const char *how, struct ipc_holder *ret);

/* Processes that were found. */
struct procscan_list {
	struct ipc_holder *v; /* owned, with the commands */
	size_t len;
};

/** Adds a process. Returns 0 or -ENOMEM. */
int procscan_list_add(struct procscan_list *l, const struct procscan_process *p, const char *how);
void procscan_list_clear(struct procscan_list *l);
