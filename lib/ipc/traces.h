/* What is asked about every object that is a file: who has it, and whether somebody is left who made it. */
#pragma once

#include "ipc/holders.h"

/**
 * Whether a process was seen that has the file: the question before the lease (lease.h), which may disturb.
 *
 * ret: ANSWER_YES then, else untouched
 */
bool traces_holder(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_fact *ret);

/**
 * Whether a process waits in a system call for a System V object of the IPC namespace that ctx is in: the kernel does
 * not tell who waits to send to a queue or to receive from one. Unknown as long as one process may not be looked at.
 */
struct ipc_fact traces_waiter(struct ipc_ctx *ctx, enum holders_type type, int id);

/**
 * Whether its maker is there: by the pid in its name, where names of its form have one, and by its owner.
 *
 * made: when it was there already, of what lives in memory alone
 */
struct ipc_fact traces_maker(struct ipc_ctx *ctx, const struct ipc_object *object, int64_t made);

/** A file's own account of its use: its times against its birth, and whether it holds anything. */
struct ipc_fact traces_use(const struct ipc_object *object);
