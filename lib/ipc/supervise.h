/*
 * Programs that are run: always with a clean state, so that what this tool does to itself (a
 * SIGPIPE that is ignored, signals that are caught or blocked) does not leak into them.
 */
#pragma once

#include "ipc/deadline.h"

#include <stdbool.h>
#include <sys/types.h>

/**
 * Becomes the program argv[0], looked for in PATH, with the arguments argv and the environment of
 * the process. Signals are as they were when this one was started, but SIGPIPE has its default action and
 * none is blocked; umask and directory are untouched; descriptors of ours are all close-on-exec.
 *
 * Returns only when it failed, with -errno, and then nothing has changed.
 */
int supervise_exec(char *const argv[]);

/* How a program is started. */
struct supervise_options {
	int fds[3]; /* what its descriptors 0, 1 and 2 are to be, ours otherwise untouched; -1: as ours */
	char *const *env; /* its whole environment; NULL: as ours */
	bool own_group;  /* a process group of its own: handlers; stages of a pipeline stay in the caller's */
	const char *dir; /* its working directory; NULL: ours */
	/*
	 * No handler of ours does anything, and one may be called in the program before it has become one: it need not be
	 * asked of each signal whether it has a handler, which is a system call each.
	 */
	bool no_handlers;
	/*
	 * The signal that it gets when the thread that started it dies, however that dies; 0: none. It survives
	 * execve(2), but not that of a set-user-ID program. Source: PR_SET_PDEATHSIG(2const).
	 */
	int death_signal;
};

#define SUPERVISE_DEFAULTS                                                                                   \
	{                                                                                                    \
		.fds = { -1, -1, -1 }                                                                        \
	}

/* A program that was started and not yet reaped. */
struct supervised {
	pid_t pid; /* 0: none */
	int pidfd; /* close-on-exec; readable for poll(2) when it has ended; -1 on kernels before 5.2 */
};

#define SUPERVISED_NONE                                                                                      \
	{                                                                                                    \
		.pidfd = -1                                                                                  \
	}

/**
 * Starts the program argv[0], looked for in PATH (that of env, if given) as execvp(3) does, with a clean
 * state: default actions for all signals but those that were ignored when this process started, none
 * blocked, no descriptors but 0, 1 and 2 and those that are not close-on-exec. Fast: the parent's memory
 * is not copied. fds may be any of ours, 0, 1 and 2 in another order too.
 *
 * Whoever calls this may catch and block signals as he likes, but must ignore none but SIGPIPE: what is ignored
 * counts as ignored from the start. SIGCHLD gets its default action if it was ignored, here and in the
 * program: the kernel would throw statuses away.
 *
 * ret: to be reaped with supervise_reap()
 * Returns 0 or -errno, that of a failed execve(2) included: nothing was started then. -EUSERS: no more processes are
 * permitted.
 */
int supervise_spawn(char *const argv[], const struct supervise_options *options, struct supervised *ret);

/**
 * Whether supervise_spawn() would find a program to start, without starting it.
 *
 * Returns 0 or -errno: -ENOENT if there is none, -EACCES if none of that name may be executed.
 */
int supervise_find(const char *name, const struct supervise_options *options);

/**
 * Looks whether it has ended, or waits for it.
 *
 * ret_status: as of waitpid(2)
 * Returns 1 if it has ended and *p is SUPERVISED_NONE again, 0 if it still runs and deadline said not to
 * wait, or -errno: -ETIMEDOUT at the end of the time, -EINTR at a signal, -ECHILD if somebody else reaped it.
 */
int supervise_reap(struct supervised *p, struct ipc_deadline deadline, int *ret_status);

/** The signal by which it is stopped now (SIGTSTP: Ctrl-Z), or 0. */
int supervise_stopped(const struct supervised *p);

/**
 * Sends a signal to it, or with group to its whole process group (own_group); one that has ended is no error.
 * A group can be reached until its first process is reaped. Returns 0 or -errno.
 */
int supervise_kill(const struct supervised *p, int signal, bool group);

/** The exit status of a shell for a status of waitpid(2): the program's own, or 128+N for a signal. */
int supervise_wait_status(int status);

/** The exit status for a program that could not be run, as env(1) has it: 127 if there is none, else 126. */
int supervise_exec_status(int error);
