/*
 * Whether anybody has a file, asked of the kernel: a write lease (fcntl(2), F_SETLEASE) is refused
 * when somebody else has the file open or mapped, in whatever way and in whatever namespace, and
 * granted when nobody has. Opens with O_PATH do not count.
 *
 * It is the last question, not the first: while one process has the lease, or the file open in order
 * to ask for it, another one that asks is told "held".
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/verdict.h"

#include <sys/types.h>

/**
 * Takes the lease. Others who open the file from now on wait until it is dropped (those with
 * O_NONBLOCK get EAGAIN), so it is for microseconds. Closing fd drops it, too.
 *
 * fd: opened for reading, and the caller's only descriptor of that file
 * Returns 0 or -errno: -EAGAIN if anybody else has the file; -EACCES if the caller is neither the
 * owner nor has CAP_LEASE; -EINVAL where there are no leases, -EOPNOTSUPP where they prove nothing.
 */
int ipc_lease_take(int fd);

void ipc_lease_drop(int fd);

/** Whether somebody began to open the file since the lease was taken. */
bool ipc_lease_wanted(int fd);

/**
 * Asks, a few times within some milliseconds, since another who asks looks like a holder. All who are waited for
 * share what patience there is in ctx, so that many leases do not add up: behind that, what is refused once is unknown.
 *
 * ctx: NULL: without an end to patience
 * Fills in ret->held. No lease is left.
 */
void ipc_lease_facts(struct ipc_ctx *ctx, int fd, struct ipc_facts *ret);

/**
 * Takes the lease of a file whose name was just taken away, to unlink it under it, and keeps it for a fifth of a millisecond:
 * somebody who found the file by its name before that begins to open it a little later, and then wants the lease.
 *
 * Returns 0, and the lease is held until it is dropped or fd is closed; -EBUSY if somebody has the file or wants it,
 * -EADDRINUSE if that can't be known; there is no lease then.
 */
int ipc_lease_hold(int fd);

/** Fills in ret->held after an open(2) that a lease was in the way of to the last. */
void ipc_lease_refused(struct ipc_ctx *ctx, struct ipc_facts *ret);

/*
 * How often an open(2) that a lease is in the way of is made again. Whoever wants to use the object
 * waits for a while; whoever only looks does not, since anybody may hold a lease for ever.
 */
enum { LEASE_PATIENT = 200, LEASE_BRIEF = 10 };

/**
 * Whether an open(2) with O_NONBLOCK that failed is to be made again: somebody asks for a lease just
 * now, which takes microseconds. Sleeps half a millisecond before it says so.
 *
 * ctx: of who only looks, at many files perhaps, so that their leases do not add up; else NULL
 * error: the errno of the open
 * tries: how many are left, LEASE_PATIENT or LEASE_BRIEF before the first call; counted here
 */
bool ipc_lease_open_again(struct ipc_ctx *ctx, int error, int *tries);
