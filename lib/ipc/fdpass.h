/*
 * Messages of Unix sockets with what travels beside their bytes: descriptors, and who sent them.
 *
 * Whoever may write to a socket can put descriptors into a message. Where they are not wanted no room is
 * offered for them and the kernel closes them; where they are, every path closes those that nobody took.
 * Sources: unix(7), cmsg(3), and net/core/scm.c for the order of what is beside.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

enum { FDPASS_MAX = 253 }; /* SCM_MAX_FD: descriptors a message can have */

/* Descriptors; owned, each close-on-exec. */
struct fdpass {
	size_t len;
	int fds[FDPASS_MAX];
};

/** Closes them. */
void fdpass_close(struct fdpass *p);

#define AUTO_FDPASS __attribute__((cleanup(fdpass_close), unused))

/* What came with a message. */
struct fdpass_info {
	struct sockaddr_storage from; /* of a datagram's sender */
	socklen_t from_len;           /* 0, or of its family alone: it has no address */
	bool has_sender;              /* pid, uid and gid are known: needs SO_PASSCRED */
	pid_t pid;
	uid_t uid;
	gid_t gid;
	bool is_message; /* with SO_PASSCRED: false with a length of 0 is the end of a connection */
	bool cut;        /* the message was longer than the buffer, and the rest of it is gone */
	bool fds_lost;   /* it had more descriptors than this process may open: all of them are closed */
};

/**
 * Receives bytes or a message as recvmsg(2) does; EINTR is retried.
 *
 * flags: as of recv(2), e.g. MSG_DONTWAIT
 * ret: gets the descriptors, to be closed by the caller; must be empty. NULL: they are not wanted
 * ret_info: may be NULL
 * Returns the length (0 is the end of a connection, or an empty message: ret_info->is_message tells) or -errno.
 */
ssize_t fdpass_recv(
	int sock, void *buf, size_t size, int flags, struct fdpass *ret, struct fdpass_info *ret_info);

/**
 * Sends bytes or a message with descriptors, which stay the caller's; EINTR is retried, SIGPIPE is not raised. For a
 * message that is larger than the socket's buffer, that is made larger, where the system's limit allows it.
 *
 * p: NULL or empty: none. On a stream they go with the first byte, so len must be at least 1 then
 * to, to_len: of a datagram; NULL: the peer
 * Returns how much of it was sent (the descriptors are, if that is not an error) or -errno: -EINVAL for
 * more than FDPASS_MAX; -EMSGSIZE for a message that is over the limit.
 */
ssize_t fdpass_send(int sock, const void *buf, size_t len, int flags, const struct fdpass *p,
	const struct sockaddr_storage *to, socklen_t to_len);

/** The length of the next message, which stays where it is; does not wait. Returns it or -errno: -EAGAIN. */
ssize_t fdpass_next_size(int sock);
