/* What the kinds of sockets tell of one, beyond what every object has: the list of its fields. */
#pragma once

#include "ipc/kind.h"

enum { SOCKFIELD_TYPE, SOCKFIELD_PEER, SOCKFIELD_PENDING, SOCKFIELD_BACKLOG };

extern const struct ipc_field sockfields[];

/** type: SOCK_... Returns 0 or -ENOMEM. */
int sockfields_set_type(struct ipc_object *o, int type);

/**
 * Adds the processes that have the socket open, of a socket with a name as "bound". Without /proc they stay unknown.
 * Returns 0 or -ENOMEM.
 */
int sockfields_set_holders(struct ipc_ctx *ctx, struct ipc_object *o, ino_t ino, bool bound);

/** received, sent: as in struct sockdiag_unix and struct sockdiag_tcp. */
void sockfields_set_queues(struct ipc_object *o, bool listens, uint32_t received, uint32_t sent);
