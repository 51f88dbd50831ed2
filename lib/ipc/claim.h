/*
 * Publishing, taking over and withdrawing a socket's path atomically.
 *
 * The socket is bound to a temporary name in the same directory with its mode already right, and listens,
 * before it is linked to its own name, or exchanged with that of a proven-dead one under a lock of the directory:
 * nobody ever sees it with another mode or not listening, and of many that claim one path one wins.
 * KERNEL: "Taking over a stale path", "Socket mode".
 */
#pragma once

#include "ipc/deadline.h"
#include "ipc/sockaddr.h"

struct claim {
	int dirfd;  /* of the path's directory; -1: nothing claimed */
	char *base; /* the name there */
	dev_t dev;
	ino_t ino;
};

#define CLAIM_NONE                                                                                           \
	{                                                                                                    \
		.dirfd = -1                                                                                  \
	}

/**
 * Makes a listening (or for SOCK_DGRAM bound) Unix socket at a path.
 *
 * mode: exact, whatever the umask; uid, gid: -1 leaves it
 * ret: to be withdrawn with claim_withdraw()
 * Returns a non-blocking socket, which the caller closes, or -errno: -EADDRINUSE if somebody is bound there
 * (or won the race), -EEXIST if something is there that is no socket, -EACCES if that can't be known.
 */
int claim_listen(const struct sock_address *address, int type, int backlog, mode_t mode, uid_t uid, gid_t gid,
	struct ipc_deadline deadline, struct claim *ret);

/** Removes the path if the socket there is still ours, never a successor's. Returns 0 or -errno: -ESTALE. */
int claim_withdraw(struct claim *c);
