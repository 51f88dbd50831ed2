/*
 * The IPC namespaces of the machine: ipc_namespaces(7). Whose objects the calls of the core are about is a
 * property of the process and of ctx->ns: System V objects and POSIX queues are those of the namespace that the
 * process has entered, and POSIX segments and semaphores are the files below /dev/shm as a process in it sees it.
 * FIFOs, sockets and pipes belong to no IPC namespace.
 *
 * A namespace is found by its processes, or by a mount of its file. Whatever one of them shows (its root directory, its mounts, its control
 * group) may be made to deceive: no link is followed in it, and only a whole tmpfs is taken for its /dev/shm, and
 * none that this machine has mounted elsewhere for another purpose.
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/kind.h"

/* The namespace that is worked in, beside the process's own. */
struct nspace {
	ino_t ino; /* what stands for it in /proc/PID/ns/ipc */
	pid_t pid; /* a process in it: of those that can be seen the oldest, or the one that was named; 0: none */
	/* Its container, as the control group tells, or where it is mounted, printable; NULL: none; owned. */
	char *container;
	bool foreign; /* it is not the process's own, only /dev/shm may be another */
	int home;     /* the way back */
	int shm;      /* its /dev/shm, or -errno */
	int mqueue;   /* its /dev/mqueue, or -errno */
};

/**
 * Goes to the namespace of a process, until nspace_leave() or ipc_ctx_clear(). Where there is no way back (in a user
 * namespace without an IPC namespace of its own) the process stays there until it ends.
 *
 * Returns 0 or -errno, and nothing has changed: -ESRCH if there is no such process; -EACCES if it may not be looked
 * at; -EPERM if its namespace may not be entered (CAP_SYS_ADMIN, setns(2)).
 */
int nspace_enter(struct ipc_ctx *ctx, pid_t pid);

/** Goes back to the process's own. Returns 0 or -errno: -EPERM, and then it is still there. */
int nspace_leave(struct ipc_ctx *ctx);

/* Called in each namespace. error: 0, or why it could not be entered: -EPERM, -EACCES. Negative returns end it. */
typedef int nspace_fn(struct ipc_ctx *ctx, const struct nspace *ns, int error, void *arg);

/**
 * Calls fn in each IPC namespace that some process is in, or that is kept by a mount in the process's mount namespace,
 * but the process's own, and comes back. One that vanishes
 * before it could be entered is left out. A /dev/shm that several have in common is there for the first of them only
 * (the process's own comes before all).
 *
 * ret_unseen: how many processes could not be looked at
 * Returns 0, -errno, or what fn returned.
 */
int nspace_visit_all(struct ipc_ctx *ctx, nspace_fn *fn, void *arg, size_t *ret_unseen);

/** The inode of the namespace that ctx is in; 0 if it can't be known (no /proc). */
ino_t nspace_ino(struct ipc_ctx *ctx);

/** Says of an object where it is: ns, ns_pid and container. Returns 0 or -ENOMEM. */
int nspace_describe(struct ipc_ctx *ctx, struct ipc_object *o);

/** A descriptor of its /dev/shm, which the caller closes, or -errno. */
int nspace_shm(const struct nspace *ns);

/** The same of /dev/mqueue, whose queues may be another namespace's. */
int nspace_mqueue(const struct nspace *ns);
