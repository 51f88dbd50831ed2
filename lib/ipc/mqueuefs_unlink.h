/* Removing a POSIX queue by its name, and noticing whether the name led to another one at the last moment. */
#pragma once

#include "ipc/ctx.h"

/**
 * Begins to watch which names are taken away. To be called before the queue is looked at for the last time, and not
 * while a lease on one is held: it may open queues.
 *
 * Returns a descriptor, which the caller closes, or -errno: -ENODEV where no queues can be listed.
 */
int ipc_mqueuefs_watch(struct ipc_ctx *ctx);

/**
 * Removes the name of a queue. The kernel removes by name alone: what keeps another queue from being removed is that
 * the name leads to this one right before, and what tells whether it did is how often the name was taken away.
 *
 * fd: the queue, opened by the caller
 * watch: from ipc_mqueuefs_watch(), made before; negative: then a queue that was removed by somebody else and made
 * anew between two system calls is not noticed
 * Returns 0 or -errno: -ESTALE if another one has the name already, -EREMCHG if another one was removed.
 */
int ipc_mqueuefs_unlink(int fd, const char *name, int watch);
