/* Whether somebody is bound to an address, without that one being disturbed. */
#include "ipc/io.h"
#include "ipc/sockaddr.h"
#include "ipc/sockaddr_impl.h"
#include "ipc/sockdiag.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
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
static int look_at_name(const struct sockdiag_unix *s, void *arg)
{
	const struct abstract_name *wanted = arg;

	return (s->type == SOCK_DGRAM || !s->connected) && s->name_len == wanted->len &&
		memcmp(s->name, wanted->bytes, wanted->len) == 0;
}

/* Sockets of different types may have one abstract name, so that no type is wrong for it: the list is asked. */
static int probe_abstract(const struct sock_address *a, enum sock_condition *ret)
{
	struct sockaddr_un sun;

	memcpy(&sun, &a->sa, sizeof(sun));
	struct abstract_name name = { sun.sun_path, a->len - offsetof(struct sockaddr_un, sun_path) };
	int r = sockdiag_unix_each(look_at_name, &name);
	if (r < 0)
		return r;
	*ret = r == 1 ? SOCK_LIVE : SOCK_ABSENT;
	return 0;
}

/* --- TCP ------------------------------------------------------------------------------------------ */

/* The bytes of an address, and how many they are; its port, in network byte order. */
static size_t parts(const struct sockaddr_storage *sa, struct in6_addr *ret, in_port_t *ret_port)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	*ret = in6addr_any;
	if (sa->ss_family == AF_INET) {
		memcpy(&sin, sa, sizeof(sin));
		*ret_port = sin.sin_port;
		memcpy(ret, &sin.sin_addr, sizeof(sin.sin_addr));
		return sizeof(sin.sin_addr);
	}
	memcpy(&sin6, sa, sizeof(sin6));
	*ret_port = sin6.sin6_port;
	*ret = sin6.sin6_addr;
	return sizeof(sin6.sin6_addr);
}

/* Whether a connection to the address arrives at this one that listens. */
static int look_at_listener(const struct sockdiag_tcp *s, void *arg)
{
	const struct sock_address *wanted = arg;
	struct in6_addr from, to;
	in_port_t port_from, port_to;
	size_t len = parts(&s->local, &from, &port_from);

	parts(&wanted->sa, &to, &port_to);
	if (port_from != port_to)
		return 0;
	if (s->local.ss_family != wanted->sa.ss_family)
		return s->any_family;
	return memcmp(&from, &in6addr_any, len) == 0 || memcmp(&from, &to, len) == 0;
}

/* Whether somebody of this network namespace listens: false also if that can't be known. */
static bool has_listener(struct sock_address *a)
{
	return sockdiag_tcp_listeners(look_at_listener, a) == 1;
}

/* Ports do not matter. */
bool sock_address_is_local(const struct sock_address *a)
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
		if (sock_address_is_local(&all.v[i]) && has_listener(&all.v[i])) {
			*ret = SOCK_LIVE;
			return 0;
		}
	return probe_by_connecting(ctx, sel, deadline, ret, error);
}
