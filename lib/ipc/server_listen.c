/* The sockets a server listens on: made at an address, or handed over. */
#include "ipc/io.h"
#include "ipc/server.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * Who may come in where no rule says so: a path has its mode; an abstract name and the loopback have nothing
 * that guards them, and what is behind them is as open as the user who serves.
 *
 * Returns 0 or -EDESTADDRREQ if it takes a rule.
 */
static int default_access(
	const struct server *s, const struct sockaddr_storage *sa, socklen_t len, enum access_default *ret)
{
	*ret = ACCESS_DEFAULT_OWN_UID;
	if (sa->ss_family == AF_UNIX) {
		struct sockaddr_un sun;
		memcpy(&sun, sa, sizeof(sun));
		if (len > offsetof(struct sockaddr_un, sun_path) && sun.sun_path[0])
			*ret = ACCESS_DEFAULT_ALLOW;
		return 0;
	}
	if (peer_is_loopback(sa))
		return 0;
	*ret = ACCESS_DEFAULT_DENY;
	return s->options.rules.len > 0 ? 0 : -EDESTADDRREQ;
}

/* The socket is l's from here on. */
static int finish(struct server *s, struct server_listener *l)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);

	if (getsockname(l->fd, (struct sockaddr *)&sa, &len) < 0)
		return -errno;
	return default_access(s, &sa, len, &l->otherwise);
}

static int listen_at_path(struct server *s, const struct sock_address *a, struct server_listener *l)
{
	const struct server_options *o = &s->options;
	int fd = claim_listen(a, o->type, o->backlog, o->file_mode, o->uid, o->gid, o->patience, &l->claim);

	if (fd < 0)
		return fd;
	l->fd = fd;
	return finish(s, l);
}

/* Abstract names and TCP. */
static int listen_at_address(struct server *s, const struct sock_address *a, struct server_listener *l)
{
	const int yes = 1, tcp = a->sa.ss_family != AF_UNIX;

	int r = default_access(s, &a->sa, a->len, &l->otherwise);
	if (r < 0) /* before anybody could come */
		return r;
	if (tcp && s->options.type != SOCK_STREAM)
		return -EPROTOTYPE;
	l->fd = socket(a->sa.ss_family, s->options.type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return -errno;
	/*
	 * A port whose last connections are still being forgotten is free. Clients have what is set here, too: one whose
	 * machine went without a word would keep its place for ever.
	 */
	if (tcp &&
		(setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
			setsockopt(l->fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes)) < 0))
		return -errno;
	/* What comes before it is set has no sender. */
	if (s->options.type == SOCK_DGRAM &&
		setsockopt(l->fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) < 0)
		return -errno;
	if (bind(l->fd, (const struct sockaddr *)&a->sa, a->len) < 0)
		return -errno;
	return s->options.type != SOCK_DGRAM && listen(l->fd, s->options.backlog) < 0 ? -errno : 0;
}

static int domain_of(int fd)
{
	int domain = AF_UNSPEC;
	socklen_t len = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ? AF_UNSPEC : domain;
}

/* A socket that was handed over stays its giver's: only what concerns our own use of it is changed. */
static int listen_on_handed(struct server *s, int fd, struct server_listener *l)
{
	int type = 0, listens = 0;
	socklen_t len = sizeof(type);

	l->fd = fd;
	l->owned = false;
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return -errno;
	if (type != s->options.type || (type == SOCK_DGRAM && domain_of(fd) != AF_UNIX))
		return -EPROTOTYPE;
	len = sizeof(listens);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0)
		return -errno;
	if (type != SOCK_DGRAM && !listens)
		return -EINVAL;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	return finish(s, l);
}

static struct server_listener *add_listener(struct server *s)
{
	struct server_listener *l = &s->listeners[s->listeners_len];

	*l = (struct server_listener){ .server = s, .fd = -1, .owned = true, .claim = CLAIM_NONE };
	return l;
}

/* What a listener that failed has. */
static void drop_listener(struct server_listener *l)
{
	if (l->claim.dirfd >= 0)
		claim_withdraw(&l->claim);
	if (l->owned)
		ipc_close(&l->fd);
}

static void set_port(struct sock_address *a, in_port_t port)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (a->sa.ss_family == AF_INET) {
		memcpy(&sin, &a->sa, sizeof(sin));
		sin.sin_port = sin.sin_port ? sin.sin_port : htons(port);
		memcpy(&a->sa, &sin, sizeof(sin));
	} else if (a->sa.ss_family == AF_INET6) {
		memcpy(&sin6, &a->sa, sizeof(sin6));
		sin6.sin6_port = sin6.sin6_port ? sin6.sin6_port : htons(port);
		memcpy(&a->sa, &sin6, sizeof(sin6));
	}
}

static in_port_t port_of(int fd)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	struct in6_addr addr;
	in_port_t port = 0;

	if (getsockname(fd, (struct sockaddr *)&sa, &len) == 0)
		peer_tcp_address(&sa, &addr, &port);
	return port;
}

/* A name may have addresses of a family that this machine has switched off: one that works is enough. */
static bool is_tolerable(int error)
{
	return error == -EADDRNOTAVAIL || error == -EAFNOSUPPORT;
}

/* Port 0 is one that the kernel picks, the same for all addresses of a name. */
static int listen_at_all(struct server *s, struct sock_addresses *all)
{
	int r = 0, tolerated = 0;

	for (size_t i = 0; i < all->len; i++) {
		struct server_listener *l = add_listener(s);
		if (s->listeners_len > 0)
			set_port(&all->v[i], port_of(s->listeners[0].fd));
		r = all->v[i].dirfd >= 0 ? listen_at_path(s, &all->v[i], l)
					 : listen_at_address(s, &all->v[i], l);
		if (r == 0) {
			s->listeners_len++;
			continue;
		}
		drop_listener(l);
		if (!is_tolerable(r))
			return r;
		tolerated = r;
	}
	return s->listeners_len > 0 ? 0 : tolerated;
}

static int listen_at(struct server *s, struct sock_addresses *all)
{
	s->listeners = calloc(all->len + 1, sizeof(*s->listeners));
	if (!s->listeners)
		return -ENOMEM;
	if (all->fd < 0)
		return listen_at_all(s, all);
	struct server_listener *l = add_listener(s);
	int r = listen_on_handed(s, all->fd, l);
	s->listeners_len += r == 0;
	return r;
}

/* timeout(1) sends its signal to the process and to the group. */
enum { SAME_SIGNAL_MS = 500 };

static int on_signal(struct loop *l, int signal, void *arg)
{
	struct server *s = arg;
	int64_t now = ipc_now_ns();

	(void)l;
	if (s->signal && now - s->signal_ns < SAME_SIGNAL_MS * NSEC_PER_MSEC)
		return 0;
	if (!s->signal)
		s->signal = signal;
	s->signal_ns = now;
	server_stop(s);
	return 0;
}

int server_listen(struct server *s, struct ipc_selector_error *error)
{
	static const int stop_signals[] = { SIGTERM, SIGINT, SIGHUP };
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	struct ipc_event event = { .type = EVENT_CREATE, .selector = s->selector, .count = 1 };
	int r = sock_address_resolve(s->ctx, s->selector, &all, error);

	/* From before there is a path to be withdrawn. */
	if (r == 0)
		r = loop_signals(&s->loop, stop_signals, ARRAY_SIZE(stop_signals), on_signal, s);
	if (r < 0)
		return r;
	if (all.fd >= 0)
		event.type = EVENT_OPEN; /* somebody else made it */
	r = ipc_observe_before(s->ctx, &event);
	if (r < 0)
		return r;
	event.result = listen_at(s, &all);
	s->listening = event.result == 0;
	return ipc_observe_after(s->ctx, &event);
}

char *server_listener_text(const struct server_listener *l)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);

	return getsockname(l->fd, (struct sockaddr *)&sa, &len) < 0 ? NULL : sock_address_text(&sa, len);
}
