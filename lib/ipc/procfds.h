/*
 * Which process has which pipe, FIFO or socket open: one walk through /proc/PID/fd for all kinds and all
 * objects of a command. Links are read, and not followed but for files of file systems that answer from
 * this machine: a file of a dead network file system would hang (KERNEL).
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/kind.h"

enum procfds_type { PROCFDS_FIFO, PROCFDS_PIPE, PROCFDS_SOCKET };

struct procfds_entry {
	enum procfds_type type;
	dev_t dev; /* of a FIFO; else 0 */
	ino_t ino;
	pid_t pid;
	int fd;
	bool reads, writes;
	char *path; /* of a FIFO: its name in the caller's own mount namespace; NULL: it has none; owned */
};

struct procfds {
	struct procfds_entry *v; /* ordered by type, ino, dev, pid, fd; owned */
	size_t len;
	size_t unseen; /* processes that may not be looked at, at least */
	bool has_fifos;
	struct ipc_holder
		*last; /* what was said of a process last: one often has many objects in a row; owned */
};

/**
 * The index of the context, made at the first call; ipc_ctx_clear() frees it. FIFOs may be left out of it, since
 * files of other types have to be told from them.
 * Returns 0 or -errno: -ENOSYS without /proc.
 */
int procfds_get(struct ipc_ctx *ctx, const struct procfds **ret);

/** The same with FIFOs. An index without them is replaced: what procfds_get() gave before is gone. */
int procfds_get_all(struct ipc_ctx *ctx, const struct procfds **ret);

/** Forgets what was gathered: the next call looks again, as it must be before a removal. */
void procfds_forget(struct ipc_ctx *ctx);

/** The entries of one object: the first of them, *ret_len of them in a row (0: nobody has it). */
const struct procfds_entry *procfds_find(
	const struct procfds *p, enum procfds_type type, dev_t dev, ino_t ino, size_t *ret_len);

/**
 * Adds a holder for each process that has the object open: how is "read", "write" or "read+write" of a pipe
 * or a FIFO, "fd" of a socket. Sets holders_known, if no process was unseen. Returns 0 or -ENOMEM.
 */
int procfds_holders(
	const struct procfds *p, enum procfds_type type, dev_t dev, ino_t ino, struct ipc_object *ret);
