/* What the kinds of sockets tell of one, beyond what every object has: the list of its fields. */
#pragma once

#include "ipc/kind.h"

enum {
	SOCKFIELD_TYPE,
	SOCKFIELD_PEER,
	SOCKFIELD_PENDING,
	SOCKFIELD_BACKLOG,
	SOCKFIELD_BYTES_RECEIVED,
	SOCKFIELD_BYTES_SENT,
};

extern const struct ipc_field sockfields[];

/**
 * The ino:N of a socket that was handed over (fd:N, systemd:NAME), or that is named so already.
 *
 * ret: owns nothing
 * Returns 0 or -errno: -ENOENT if there is no such descriptor, -ENOTSOCK.
 */
int sockfields_inode(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct ipc_selector *ret);

/** type: SOCK_... Returns 0 or -ENOMEM. */
int sockfields_set_type(struct ipc_object *o, int type);

/**
 * Adds the processes that have the socket open, of a socket with a name as "bound". Without /proc they stay unknown.
 * Returns 0 or -ENOMEM.
 */
int sockfields_set_holders(struct ipc_ctx *ctx, struct ipc_object *o, ino_t ino, bool bound);

/** received, sent: as in struct sockdiag_unix and struct sockdiag_tcp. */
void sockfields_set_queues(struct ipc_object *o, bool listens, uint32_t received, uint32_t sent);
