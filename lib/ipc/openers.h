/*
 * Who waits in open(2) for the other side of a FIFO: such a process has no descriptor yet, so that no
 * /proc/PID/fd shows it. The kernel tells where a task sleeps (/proc/PID/task/TID/wchan), and the arguments of
 * its system call which file it opens; both to its user and to root alone (KERNEL: "Liveness", FIFO).
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/kind.h"

struct openers_entry {
	pid_t pid;
	bool known; /* which file: dev and ino */
	dev_t dev;
	ino_t ino;
};

struct openers {
	struct openers_entry *v; /* owned */
	size_t len;
};

/** The waiting processes, looked for at the first call; ipc_ctx_clear() frees it. Returns 0 or -errno. */
int openers_get(struct ipc_ctx *ctx, const struct openers **ret);

/** Forgets them: the next call looks again. */
void openers_forget(struct ipc_ctx *ctx);

/** Whether a process waits to open this file; unknown if one waits of which it can't be seen what it opens. */
enum ipc_answer openers_of(const struct openers *o, dev_t dev, ino_t ino);

/** Adds a holder ("blocked") for each process that waits to open it. Returns 0 or -ENOMEM. */
int openers_holders(const struct openers *o, dev_t dev, ino_t ino, struct ipc_object *ret);
