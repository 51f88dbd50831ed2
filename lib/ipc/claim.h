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
	int spare;  /* kept for withdrawing at the limit of open files, else the path would stay */
	char *base; /* the name there */
	dev_t dev;
	ino_t ino;
};

#define CLAIM_NONE                                                                                           \
	{                                                                                                    \
		.dirfd = -1, .spare = -1                                                                     \
	}

/**
 * Makes a listening (or for SOCK_DGRAM bound) Unix socket at a path. The umask is the process's: none of its
 * threads may make a file meanwhile. Temporary names that killed processes left in the directory are removed.
 *
 * mode: exact, whatever the umask; uid, gid: -1 leaves it
 * deadline: how long to wait for others that take over a socket in the directory (never longer than some seconds)
 * ret: to be withdrawn with claim_withdraw()
 * Returns a non-blocking socket, which the caller closes, or -errno: -EADDRINUSE if somebody is bound there
 * (or won the race), -EEXIST if something is there that is no socket, -ELOOP for a symbolic link, -EACCES if it
 * can't be known or the directory may not be written, -EPERM if the stale one is not ours to replace.
 */
int claim_listen(const struct sock_address *address, int type, int backlog, mode_t mode, uid_t uid, gid_t gid,
	struct ipc_deadline deadline, struct claim *ret);

/**
 * Removes the path if the socket there is still ours, never a successor's. Call it while the socket is open:
 * then nobody has a reason to take it over. Returns 0 (also if it is gone already) or -errno: -ESTALE.
 */
int claim_withdraw(struct claim *c);

/**
 * The name a temporary file of this room is to get, or NULL if name is none, or does not tell. It is what the kernel
 * shows as a socket's address, since that is the name it was bound to: "/run/.ipcctl-sock-0a1b2c3d.app.sock".
 */
const char *claim_final_name(const char *name);
