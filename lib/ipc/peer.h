/*
 * Who is at the other end of a connection, as the kernel tells it, and not the client: what it was when it
 * connected. Source: unix(7) SO_PEERCRED, SO_PEERGROUPS; sock_diag(7) for TCP within this machine.
 */
#pragma once

#include "ipc/access.h"
#include "ipc/ctx.h"

#include <sys/socket.h>

struct peer {
	struct access_identity who; /* its groups are owned */
	pid_t pid;                  /* 0: not known; information only: another may have it by now */
	bool tcp;
	struct sockaddr_storage remote, local;
	socklen_t remote_len, local_len;
};

enum {
	PEER_GROUPS = 1, /* supplementary groups, which cost a call */
	PEER_OWNER = 2, /* the user of a TCP client that is not on the loopback, but may be of this machine */
};

/**
 * Finds out who is connected.
 *
 * remote, remote_len: as accept(2) gave it
 * want: PEER_...
 * ret: to be cleared with peer_clear()
 * Returns 0 or -errno: -ENOTCONN if it has gone without a trace.
 */
int peer_identify(
	int fd, const struct sockaddr_storage *remote, socklen_t remote_len, unsigned want, struct peer *ret);

void peer_clear(struct peer *p);

#define AUTO_PEER __attribute__((cleanup(peer_clear), unused))

/**
 * For messages and observers: what is known of it, and its address as a selector's text.
 *
 * ret_address: what the address in *ret points to; the caller frees it
 */
void peer_describe(const struct peer *p, struct ipc_peer *ret, char **ret_address);

/** Whether an address is of this machine's loopback. */
bool peer_is_loopback(const struct sockaddr_storage *sa);

/** An address of TCP as rules have it, IPv4 as v4-mapped, and its port. Returns whether it is one of TCP. */
bool peer_tcp_address(const struct sockaddr_storage *sa, struct in6_addr *ret_addr, in_port_t *ret_port);
