#include "ipc/peer.h"

#include "ipc/io.h"
#include "ipc/sockaddr.h"
#include "ipc/sockdiag.h"

#include <errno.h>
#include <string.h>

enum { GROUPS_FIRST = 32, V4_AT = 12, LOOPBACK_NET = 127 };

bool peer_tcp_address(const struct sockaddr_storage *sa, struct in6_addr *ret_addr, in_port_t *ret_port)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (sa->ss_family == AF_INET) {
		memcpy(&sin, sa, sizeof(sin));
		*ret_addr = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
		memcpy(ret_addr->s6_addr + V4_AT, &sin.sin_addr, sizeof(sin.sin_addr));
		*ret_port = ntohs(sin.sin_port);
		return true;
	}
	if (sa->ss_family != AF_INET6)
		return false;
	memcpy(&sin6, sa, sizeof(sin6));
	*ret_addr = sin6.sin6_addr;
	*ret_port = ntohs(sin6.sin6_port);
	return true;
}

bool peer_is_loopback(const struct sockaddr_storage *sa)
{
	struct in6_addr addr;
	in_port_t port;

	if (!peer_tcp_address(sa, &addr, &port))
		return false;
	return IN6_IS_ADDR_V4MAPPED(&addr) ? addr.s6_addr[V4_AT] == LOOPBACK_NET
					   : IN6_IS_ADDR_LOOPBACK(&addr);
}

/* Returns 0, or -errno when they can't be told (kernels before 4.13). */
static int supplementary_groups(int fd, gid_t **ret, size_t *ret_len)
{
	socklen_t len = GROUPS_FIRST * sizeof(gid_t);

	for (;;) {
		AUTO_FREE gid_t *groups = malloc(len ? len : 1);
		if (!groups)
			return -ENOMEM;
		socklen_t had = len;
		if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0) {
			*ret = groups;
			*ret_len = len / sizeof(gid_t);
			groups = NULL; /* the caller owns it now */
			return 0;
		}
		if (errno != ERANGE || len <= had) /* else len says how much it takes */
			return -errno;
	}
}

static int identify_unix(int fd, unsigned want, struct peer *p)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	gid_t *groups = NULL;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -errno;
	if (cred.uid == (uid_t)-1) { /* neither connect(2) nor socketpair(2) made it */
		p->who.ids_lost = true;
		return 0;
	}
	p->who.ids_known = true;
	p->who.uid = cred.uid;
	p->who.gid = cred.gid;
	p->pid = cred.pid;
	if (want & PEER_GROUPS)
		p->who.groups_lost = supplementary_groups(fd, &groups, &p->who.groups_len) < 0;
	p->who.groups = groups;
	return 0;
}

/* Whether an address is one of this machine, from which its users come, too. */
static bool is_of_this_machine(const struct sockaddr_storage *sa, socklen_t len)
{
	const struct sock_address address = { .sa = *sa, .len = len, .dirfd = -1 };

	return peer_is_loopback(sa) || sock_address_is_local(&address);
}

/*
 * A client that has closed already is forgotten: the kernel then says user 0 and inode 0, or knows none if it was
 * reset, and what it sent is still there to be read. On this machine that hides whose it was; of a client of another
 * one nothing was to be known.
 */
static int identify_tcp(int fd, unsigned want, struct peer *p)
{
	uid_t uid;
	ino_t ino = 0;

	p->tcp = p->who.has_addr = true;
	p->local_len = sizeof(p->local);
	if (getsockname(fd, (struct sockaddr *)&p->local, &p->local_len) < 0)
		return -errno;
	if (!(want & PEER_OWNER) && !peer_is_loopback(&p->remote))
		return 0;
	int r = sockdiag_tcp_owner(&p->remote, &p->local, &uid, &ino);
	if (r == 0 && ino != 0) {
		p->who.ids_known = p->who.groups_lost = true;
		p->who.uid = uid;
		p->who.gid = (gid_t)-1;
		return 0;
	}
	p->who.ids_lost = r != -ENOENT || is_of_this_machine(&p->remote, p->remote_len);
	return 0;
}

int peer_identify(
	int fd, const struct sockaddr_storage *remote, socklen_t remote_len, unsigned want, struct peer *ret)
{
	struct peer p = { .remote = *remote, .remote_len = remote_len };
	in_port_t port;
	int r;

	if (peer_tcp_address(remote, &p.who.addr, &port))
		r = identify_tcp(fd, want, &p);
	else
		r = identify_unix(fd, want, &p);
	if (r == 0)
		*ret = p;
	return r;
}

void peer_clear(struct peer *p)
{
	free((void *)p->who.groups); /* what identify_unix() allocated */
	p->who.groups = NULL;
	p->who.groups_len = 0;
}

void peer_describe(const struct peer *p, struct ipc_peer *ret, char **ret_address)
{
	*ret_address = sock_address_text(&p->remote, p->remote_len);
	*ret = (struct ipc_peer){
		.known = p->who.ids_known,
		.pid = p->pid,
		.uid = p->who.ids_known ? p->who.uid : (uid_t)-1,
		.gid = p->who.ids_known ? p->who.gid : (gid_t)-1,
		.address = *ret_address,
	};
}
