/* What is asked about every object that is a file: who has it, and whether somebody is left who made it. */
#pragma once

#include "ipc/holders.h"

/**
 * Whether a process was seen that has the file: the question before the lease (lease.h), which may disturb.
 *
 * ret: ANSWER_YES then, else untouched
 */
bool traces_holder(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_fact *ret);

/* A System V object of the IPC namespace that ctx is in. */
struct traces_sysv {
	enum holders_type type;
	int id;
	uid_t uid, cuid; /* owner and creator */
	unsigned mode;
};

/**
 * Whether a process waits in a system call for it: the kernel does not tell who waits to send to a queue or to receive
 * from one.
 *
 * ret_doubt: set if one can be waiting that may not be looked at and that the permissions of the object do not admit:
 *   only with the privilege to override them (CAP_IPC_OWNER, capabilities(7))
 */
struct ipc_fact traces_waiter(struct ipc_ctx *ctx, const struct traces_sysv *of, bool *ret_doubt);

/**
 * Whether its maker is there: by the pid in its name, where names of its form have one, and by its owner.
 *
 * made: when it was there already, of what lives in memory alone
 */
struct ipc_fact traces_maker(struct ipc_ctx *ctx, const struct ipc_object *object, int64_t made);

/** A file's own account of its use: its times against its birth, and whether it holds anything. */
struct ipc_fact traces_use(const struct ipc_object *object);
