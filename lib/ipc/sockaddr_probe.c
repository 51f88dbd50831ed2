/* Whether somebody is bound to an address, without that one being disturbed. */
#include "ipc/io.h"
#include "ipc/sockaddr.h"
#include "ipc/sockaddr_impl.h"
#include "ipc/sockdiag.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const condition_names[SOCK_CONDITIONS] = {
	[SOCK_LIVE] = "live",
	[SOCK_STALE] = "stale",
	[SOCK_ABSENT] = "absent",
	[SOCK_DENIED] = "denied",
};

const char *sock_condition_name(enum sock_condition c)
{
	return condition_names[c];
}

/* --- Unix sockets --------------------------------------------------------------------------------- */

static int probe_bound(const struct sockaddr_storage *sa, socklen_t len, enum sock_condition *ret)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	int error = connect(fd, (const struct sockaddr *)sa, len) < 0 ? errno : 0;
	switch (error) {
	case 0:
	case EPROTOTYPE: /* of another type, which is what was hoped for */
	case EPERM:      /* a datagram socket that talks to somebody else */
		*ret = SOCK_LIVE;
		return 0;
	case ECONNREFUSED:
		*ret = SOCK_STALE;
		return 0;
	case EACCES:
		*ret = SOCK_DENIED;
		return 0;
	default:
		return -error;
	}
}

static int probe_file(int dirfd, const char *base, int flags, enum sock_condition *ret)
{
	struct sockaddr_storage sa;
	socklen_t len;
	AUTO_CLOSE int fd = openat(dirfd, base, O_PATH | O_CLOEXEC | flags);

	if (fd < 0 && (errno == ENOENT || errno == EACCES)) {
		*ret = errno == ENOENT ? SOCK_ABSENT : SOCK_DENIED;
		return 0;
	}
	if (fd < 0)
		return -errno;
	int r = sock_file_address(fd, &sa, &len);
	if (r == 0)
		r = probe_bound(&sa, len, ret);
	return r == -ENOENT ? -ENOSYS : r; /* the file is open, so it is /proc that is not there */
}

int sock_probe_at(int dirfd, const char *base, enum sock_condition *ret)
{
	return probe_file(dirfd, base, O_NOFOLLOW, ret);
}

struct abstract_name {
	const char *bytes; /* with the NUL at its beginning */
	size_t len;
};

/* A connection that was accepted has the name of its server, also when that is gone. */
static int look_at_name(const struct nlmsghdr *answer, void *arg)
{
	const struct abstract_name *wanted = arg;
	struct unix_diag_msg m;
	size_t len = 0;

	memcpy(&m, NLMSG_DATA(answer), sizeof(m));
	const char *name = sockdiag_attribute(answer, sizeof(m), UNIX_DIAG_NAME, &len);
	return (m.udiag_type == SOCK_DGRAM || m.udiag_state != TCP_ESTABLISHED) && name &&
		len == wanted->len && memcmp(name, wanted->bytes, len) == 0;
}

/* Sockets of different types may have one abstract name, so that no type is wrong for it: the list is asked. */
static int probe_abstract(const struct sock_address *a, enum sock_condition *ret)
{
	const struct unix_diag_req request = {
		.sdiag_family = AF_UNIX, .udiag_states = UINT32_MAX, .udiag_show = UDIAG_SHOW_NAME
	};
	struct sockaddr_un sun;

	memcpy(&sun, &a->sa, sizeof(sun));
	struct abstract_name name = { sun.sun_path, a->len - offsetof(struct sockaddr_un, sun_path) };
	int r = sockdiag_each(&request, sizeof(request), sizeof(struct unix_diag_msg), look_at_name, &name);
	if (r < 0)
		return r;
	*ret = r == 1 ? SOCK_LIVE : SOCK_ABSENT;
	return 0;
}

/* --- TCP ------------------------------------------------------------------------------------------ */

/* Where somebody listens: an address and a port, as the kernel lists it. Source: sock_diag(7), linux/inet_diag.h */
struct listener {
	int family;
	uint16_t port;        /* network byte order */
	struct in6_addr addr; /* IPv4 in its first four bytes */
	bool only_ipv6;
};

static bool is_any(const struct listener *l)
{
	static const struct in6_addr any = { 0 };

	return memcmp(&l->addr, &any, l->family == AF_INET ? 4 : sizeof(any)) == 0;
}

/* Whether a connection to wanted arrives at l. */
static bool takes(const struct listener *l, const struct listener *wanted)
{
	if (l->port != wanted->port)
		return false;
	if (l->family != wanted->family)
		return l->family == AF_INET6 && is_any(l) && !l->only_ipv6;
	return is_any(l) || memcmp(&l->addr, &wanted->addr, l->family == AF_INET ? 4 : 16) == 0;
}

static int look_at_listener(const struct nlmsghdr *answer, void *arg)
{
	struct inet_diag_msg m;
	size_t len = 0;
	const unsigned char *only;

	memcpy(&m, NLMSG_DATA(answer), sizeof(m));
	struct listener l = { .family = m.idiag_family, .port = m.id.idiag_sport };
	memcpy(&l.addr, m.id.idiag_src, sizeof(l.addr));
	only = sockdiag_attribute(answer, sizeof(m), INET_DIAG_SKV6ONLY, &len);
	l.only_ipv6 = only && len > 0 && *only;
	return takes(&l, arg);
}

/* Whether somebody of this network namespace listens: false also if that can't be known. */
static bool is_listened(struct listener *wanted, int family)
{
	const struct inet_diag_req_v2 request = { .sdiag_family = (uint8_t)family,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_states = 1u << TCP_LISTEN };

	return sockdiag_each(&request, sizeof(request), sizeof(struct inet_diag_msg), look_at_listener,
		       wanted) == 1;
}

static bool has_listener(const struct sock_address *a)
{
	struct listener wanted = { .family = a->sa.ss_family };
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (wanted.family == AF_INET) {
		memcpy(&sin, &a->sa, sizeof(sin));
		wanted.port = sin.sin_port;
		memcpy(&wanted.addr, &sin.sin_addr, sizeof(sin.sin_addr));
		if (is_listened(&wanted, AF_INET))
			return true;
	} else {
		memcpy(&sin6, &a->sa, sizeof(sin6));
		wanted.port = sin6.sin6_port;
		wanted.addr = sin6.sin6_addr;
	}
	return is_listened(&wanted, AF_INET6);
}

/* Whether an address is one of this machine, so that its listeners are ours. Ports do not matter. */
static bool is_local(const struct sock_address *a)
{
	AUTO_CLOSE int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage sa = a->sa;
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (sa.ss_family == AF_INET) {
		memcpy(&sin, &sa, sizeof(sin));
		sin.sin_port = 0;
		memcpy(&sa, &sin, sizeof(sin));
	} else {
		memcpy(&sin6, &sa, sizeof(sin6));
		sin6.sin6_port = 0;
		memcpy(&sa, &sin6, sizeof(sin6));
	}
	return fd >= 0 && bind(fd, (const struct sockaddr *)&sa, a->len) == 0;
}

/* What connecting says. Where nobody listens nobody is disturbed; a redirection by the firewall leads on. */
static int probe_by_connecting(struct ipc_ctx *ctx, const struct ipc_selector *sel,
	struct ipc_deadline deadline, enum sock_condition *ret, struct ipc_selector_error *error)
{
	struct ipc_ctx quiet = { .handed = ctx->handed }; /* the observer is not told of it as of a use */
	int r = sock_connect(&quiet, sel, SOCK_STREAM, deadline, NULL, error);

	if (r >= 0) {
		close(r);
		*ret = SOCK_LIVE;
		return 0;
	}
	if (r != -ECONNREFUSED && r != -EACCES && r != -EPERM)
		return r;
	*ret = r == -ECONNREFUSED ? SOCK_ABSENT : SOCK_DENIED;
	return 0;
}

int sock_probe(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct ipc_deadline deadline,
	enum sock_condition *ret, struct ipc_selector_error *error)
{
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	int r = sock_address_resolve(ctx, sel, &all, error);

	if (r == -ENOENT || r == -EACCES) { /* a directory on the way */
		*ret = r == -ENOENT ? SOCK_ABSENT : SOCK_DENIED;
		return 0;
	}
	if (r < 0)
		return r;
	if (all.fd >= 0) {
		*ret = SOCK_LIVE;
		return 0;
	}
	const struct sock_address *first = &all.v[0];
	if (first->base)
		return probe_file(first->dirfd, first->base, 0, ret);
	if (first->sa.ss_family == AF_UNIX)
		return probe_abstract(first, ret);
	for (size_t i = 0; i < all.len; i++)
		if (is_local(&all.v[i]) && has_listener(&all.v[i])) {
			*ret = SOCK_LIVE;
			return 0;
		}
	return probe_by_connecting(ctx, sel, deadline, ret, error);
}
