/* The file system that POSIX message queues live in: where to list them, and its limits. */
#pragma once

#include "ipc/kind_ops.h"

/**
 * Opens the directory of the queues of the IPC namespace that the process is in: /dev/mqueue if it is mounted
 * there and shows this namespace, else a mount of our own that nobody else sees (needs privileges).
 *
 * Returns a descriptor or -errno: -ENODEV if it is not mounted, -EXDEV if what is mounted shows another
 * namespace's queues.
 */
int ipc_mqueuefs_open(struct ipc_ctx *ctx);

/** Names every queue, with the slash. Returns 0, -errno, or what fn returned. */
int ipc_mqueuefs_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg);

/** A limit below /proc/sys/fs/mqueue, or otherwise if it can't be read. */
uint64_t ipc_mqueuefs_limit(const char *name, uint64_t otherwise);
