/*
 * Addresses of sockets: from a selector to what bind(2) and connect(2) take, and to the sockets themselves.
 *
 * A path may be longer than sun_path: it is reached through a descriptor of its directory, which also
 * means that a directory that is renamed meanwhile changes nothing. A host name may have several addresses.
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/deadline.h"
#include "ipc/selector.h"

#include <sys/socket.h>

struct sock_address {
	struct sockaddr_storage sa; /* of a path: through dirfd, see sock_address_at() */
	socklen_t
		len; /* of sa; 0: a path whose last component is too long for it (connect and claim do without) */
	int dirfd;  /* of a path: its directory (O_PATH), through which sa leads; else -1; owned */
	char *base; /* of a path: its name there; owned */
};

struct sock_addresses {
	struct sock_address *v; /* owned */
	size_t len;
	int fd; /* FORM_FD, FORM_SYSTEMD: the socket itself, which was handed over; else -1; not owned */
};

#define ADDRESSES_NONE                                                                                       \
	{                                                                                                    \
		.fd = -1                                                                                     \
	}

/**
 * Resolves a selector of class sock.
 *
 * ctx: knows the sockets that were handed over (systemd:NAME)
 * ret: at least one address, or fd; to be cleared with sock_addresses_clear()
 * error: filled in when the return is -EINVAL or -EADDRNOTAVAIL, and for an unknown systemd:NAME
 * Returns 0 or -errno: -EINVAL for an address that can't be one (which part, error says), -ENOENT for a
 * path whose directory is missing or an unknown systemd:NAME, -ENAMETOOLONG for one component over
 * NAME_MAX or an abstract name over 107 bytes, -EADDRNOTAVAIL for an unknown host, -EBADF, -ENOTSOCK for fd:N.
 */
int sock_address_resolve(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct sock_addresses *ret,
	struct ipc_selector_error *error);

void sock_addresses_clear(struct sock_addresses *a);

#define AUTO_ADDRESSES __attribute__((cleanup(sock_addresses_clear), unused))

/**
 * The address of the name base in the directory dirfd, "/proc/self/fd/N/BASE": for bind(2) to a short name
 * there, which can then be linked or renamed to a longer one.
 *
 * Returns 0 or -ENAMETOOLONG.
 */
int sock_address_at(int dirfd, const char *base, struct sockaddr_storage *ret, socklen_t *ret_len);

/**
 * The selector's text for an address the kernel gave: a path, "@name", "tcp:HOST:PORT", with escapes, or
 * NULL if it has none; the caller frees it.
 */
char *sock_address_text(const struct sockaddr_storage *sa, socklen_t len);

/** Whether a TCP address is one of this machine, so that who listens there is in the kernel's list. */
bool sock_address_is_local(const struct sock_address *a);

/**
 * Connects, trying every address within the time. Symbolic links are followed, as by every client.
 *
 * type: SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET; 0: found out (for a path or an abstract name, by trying)
 * ret_type: what it turned out to be; may be NULL
 * error: filled in as by sock_address_resolve(); else why is ""
 * A datagram socket is bound to an address of its own, so that replies can come. A socket of type SOCK_SEQPACKET
 * has SO_PASSCRED, by which fdpass_recv() tells an empty message from the end.
 * Returns a non-blocking socket (fd:N and systemd:NAME: as it was handed over), which the caller closes, or -errno:
 * -ECONNREFUSED, -ENOENT, -EACCES, -EPROTOTYPE if it is there and of another type (an abstract name: -ECONNREFUSED), -EMEDIUMTYPE if the file
 * is no socket, -ETIMEDOUT or -EAGAIN (a full backlog too), -EINTR.
 */
int sock_connect(struct ipc_ctx *ctx, const struct ipc_selector *sel, int type, struct ipc_deadline deadline,
	int *ret_type, struct ipc_selector_error *error);

/**
 * Begins to connect and does not wait, for who serves many: a connection over TCP may stand later.
 *
 * type: as in sock_connect(), but not 0
 * at: the index of the address to begin with; set to the one behind that which was tried: where the connection does
 *     not come about, call it again
 * ret_pending: the socket becomes writable when it is decided, and sock_connect_result() says how
 * Returns a socket as sock_connect(), or -errno: also -EAGAIN for a full backlog, to be tried again with *at 0.
 */
int sock_connect_start(struct ipc_ctx *ctx, const struct ipc_selector *sel, int type, size_t *at,
	bool *ret_pending, struct ipc_selector_error *error);

/** How a pending connection went: 0, -EAGAIN if it is not decided, or -errno. */
int sock_connect_result(struct ipc_ctx *ctx, const struct ipc_selector *sel, int fd);

/* What went through a connection. */
struct sock_traffic {
	uint64_t sent_count,
		sent_bytes; /* counts: messages; of a stream without records 1 if there were bytes */
	uint64_t received_count, received_bytes;
	int error; /* 0 or -errno: why it ended early */
};

/** Closes what sock_connect() returned, and tells the observer what went through it. Sets *fd to -1. */
void sock_disconnect(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, int *fd, const struct sock_traffic *traffic);

enum sock_condition { SOCK_LIVE, SOCK_STALE, SOCK_ABSENT, SOCK_DENIED, SOCK_CONDITIONS };

/** The word for it, e.g. "stale". */
const char *sock_condition_name(enum sock_condition c);

/**
 * Whether somebody is bound to an address, without any server noticing: a connection of a type that can't
 * be its own is tried (KERNEL: a Unix server of any type refuses it before it is woken; a dead file differs).
 * An abstract name is looked for in the kernel's list of sockets. TCP is asked of the kernel's list of listeners; what is not there is found out by connecting, and that is
 * what the deadline is for. Symbolic links are followed.
 *
 * error: as in sock_connect()
 * Returns 0 or -errno: -EMEDIUMTYPE if a path leads to what is no socket, -ETIMEDOUT, -EAGAIN, -EINTR.
 */
int sock_probe(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct ipc_deadline deadline,
	enum sock_condition *ret, struct ipc_selector_error *error);

/**
 * The same for the file base in the directory dirfd (or AT_FDCWD), which is not followed: -ELOOP if it is
 * a symbolic link.
 */
int sock_probe_at(int dirfd, const char *base, enum sock_condition *ret);
