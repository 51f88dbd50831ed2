/*
 * The kernel's own list of sockets, over netlink: names with any bytes in them, which the text of
 * /proc/net can't tell apart from what was forged. It is one of the caller's network namespace.
 * Source: sock_diag(7), linux/unix_diag.h, linux/inet_diag.h.
 */
#pragma once

#include "ipc/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { SOCKDIAG_NAME_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) };

struct sockdiag_unix {
	ino_t ino;      /* the N of "socket:[N]" */
	int type;       /* SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
	bool listens;   /* accepts connections */
	bool connected; /* has a peer, or had one */
	bool bound_file;
	dev_t dev; /* with bound_file: of its file, as the file system itself has it (not always stat(2)'s: btrfs) */
	uint32_t file_ino; /* the lower 32 bits of that file's inode number */
	unsigned char name[SOCKDIAG_NAME_MAX +
		1];      /* as bind(2) had it, a NUL behind it; an abstract one begins with NUL */
	size_t name_len; /* 0: it has none */
	ino_t peer;      /* 0: it has none, or one in another network namespace */
	bool queues;     /* the next two are known */
	uint32_t
		received; /* bytes that wait to be read (of a datagram socket, of the first); of a listener, connections */
	uint32_t
		sent; /* bytes that were written and not read; of a listener, the most connections that may wait */
	bool uid_known;
	uid_t uid; /* who made it */
};

struct sockdiag_tcp {
	struct sockaddr_storage local, peer;
	bool listens;
	bool any_family; /* it listens on [::], and for IPv4 too */
	ino_t ino;       /* 0: no process has it any more */
	uid_t uid;
	uint32_t received, sent;             /* as above */
	bool counted;                        /* the next two are known */
	uint64_t bytes_received, bytes_sent; /* data that passed since it was connected, each byte once */
};

struct sockdiag {
	struct sockdiag_unix *unixes; /* ordered by ino; owned */
	size_t unixes_len;
	const struct sockdiag_unix **files; /* those with bound_file, ordered by file_ino; owned */
	size_t files_len;
	const struct sockdiag_unix *
		*abstracts; /* those that are bound to an abstract name, ordered by it; owned */
	size_t abstracts_len;
	struct sockdiag_tcp *tcps; /* owned */
	size_t tcps_len;
	bool has_unix, has_tcp;
};

/**
 * All Unix sockets, asked for at the first call; ipc_ctx_clear() frees them.
 * Returns 0 or -errno: what the kernel refuses; -EOPNOTSUPP where it has no such list.
 */
int sockdiag_unix_all(struct ipc_ctx *ctx, const struct sockdiag **ret);

/** The same for all TCP sockets, IPv4 and IPv6, whatever their state. */
int sockdiag_tcp_all(struct ipc_ctx *ctx, const struct sockdiag **ret);

/**
 * Calls fn for each Unix socket; again from the beginning if the list changed while it was read.
 *
 * fn: a return other than 0 ends the walk with it
 * Returns what fn returned last, or -errno: -EOPNOTSUPP if the kernel has no such list.
 */
int sockdiag_unix_each(int (*fn)(const struct sockdiag_unix *s, void *arg), void *arg);

/** The same for TCP sockets that listen, IPv4 and IPv6. */
int sockdiag_tcp_listeners(int (*fn)(const struct sockdiag_tcp *s, void *arg), void *arg);

/** Forgets both lists: the next call asks again. */
void sockdiag_forget(struct ipc_ctx *ctx);

/** The Unix socket of that inode, or NULL. */
const struct sockdiag_unix *sockdiag_unix_find(const struct sockdiag *d, ino_t ino);

/**
 * The socket that is bound to a file, with what stat(2) says of it, or NULL: the one that listens or was bound, not the
 * connections that it accepted, which have its file too.
 */
const struct sockdiag_unix *sockdiag_unix_of_file(const struct sockdiag *d, dev_t dev, ino_t ino);

/**
 * The socket that is bound to an abstract name, or NULL: of several, which have different types, the one that listens.
 *
 * name: without the NUL that stands before it
 */
const struct sockdiag_unix *sockdiag_unix_of_name(const struct sockdiag *d, const void *name, size_t len);

/** Whether it has an abstract name. */
bool sockdiag_is_abstract(const struct sockdiag_unix *s);

/** Whether the file that a socket is bound to may be the one of which stat(2) says this. */
bool sockdiag_is_file(const struct sockdiag_unix *s, dev_t dev, ino_t ino);

/**
 * Whether a socket is what its name leads to: it listens, or is bound, and is no connection that was accepted and
 * has the name of its server.
 */
bool sockdiag_is_bound(const struct sockdiag_unix *s);

/**
 * Who has the end of a TCP connection of this machine whose own address is local and whose peer's is peer:
 * a server that asks about its client gives what getpeername(2) says as local, and getsockname(2) as peer.
 *
 * local, peer: IPv4 mapped into IPv6 is IPv4
 * ret_ino: 0 if it was closed already; then ret_uid says nothing, and the client must not be admitted
 * Returns 0 or -errno: -ENOENT if this machine has no such socket.
 */
int sockdiag_tcp_owner(const struct sockaddr_storage *local, const struct sockaddr_storage *peer,
	uid_t *ret_uid, ino_t *ret_ino);
