/* Connecting: the type found out, a full backlog waited for, every address of a host tried. */
#include "ipc/io.h"
#include "ipc/sockaddr.h"
#include "ipc/sockaddr_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

int sock_file_address(int fd, struct sockaddr_storage *ret, socklen_t *ret_len)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	if (!S_ISSOCK(st.st_mode))
		return -EMEDIUMTYPE;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	ipc_fd_path(fd, sun.sun_path);
	memset(ret, 0, sizeof(*ret));
	memcpy(ret, &sun, sizeof(sun));
	*ret_len = sizeof(sun);
	return 0;
}

/* The file is there, since it is open: so it is /proc that is not. */
static int without_proc(int error)
{
	return error == -ENOENT ? -ENOSYS : error;
}

/* Where a connection to an address goes. ret_fd: what must stay open for it, or -1. Returns 0 or -errno. */
static int target(const struct sock_address *a, struct sockaddr_storage *ret, socklen_t *ret_len, int *ret_fd)
{
	*ret_fd = -1;
	*ret = a->sa;
	*ret_len = a->len;
	if (!a->base)
		return 0;
	int fd = openat(a->dirfd, a->base, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return sock_file_address(fd, ret, ret_len);
}

/*
 * Waits in the kernel for room in the backlog, which no poll(2) tells of: a blocking connect(2) lasts as long
 * as the time limit of sends. Source: net/unix/af_unix.c, unix_stream_connect().
 */
static int connect_waiting(
	int fd, const struct sockaddr_storage *sa, socklen_t len, struct ipc_deadline deadline)
{
	struct timespec left = ipc_deadline_timespec(deadline);
	struct timeval limit = { .tv_sec = left.tv_sec, .tv_usec = (left.tv_nsec + 999) / 1000 },
		       none = { 0 };

	if (ipc_deadline_never(deadline))
		limit = none;
	else if (limit.tv_sec == 0 && limit.tv_usec == 0)
		return ipc_deadline_error(deadline); /* 0 would be no limit */
	if (limit.tv_usec >= 1000000)
		limit = (struct timeval){ .tv_sec = limit.tv_sec + 1 };
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 || fcntl(fd, F_SETFL, 0) < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)sa, len) < 0)
		return errno == EAGAIN ? ipc_deadline_error(deadline) : -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none)) < 0 ||
		fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

/* Neither is needed for it to work. With twice the room 7 GiB/s go through a stream rather than 4.5. */
static void prepare(int fd, int type)
{
	const int on = 1, room = 212992; /* the usual limit; the kernel doubles it */

	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (type == SOCK_SEQPACKET)
		setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
}

static int connect_unix(
	const struct sockaddr_storage *sa, socklen_t len, int type, struct ipc_deadline deadline)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)sa, len) < 0)
		r = -errno;
	if (r == -EAGAIN && !ipc_deadline_nonblock(deadline))
		r = connect_waiting(fd, sa, len, deadline);
	if (r < 0)
		return r;
	prepare(fd, type);
	/* A name that the kernel chooses; from now on it takes datagrams of its peer alone. unix(7): autobind */
	if (type == SOCK_DGRAM && bind(fd, (const struct sockaddr *)&any, sizeof(any.sun_family)) < 0)
		return -errno;
	r = fd;
	fd = -1; /* the caller owns it now */
	return r;
}

static int connect_any_type(
	const struct sock_address *a, int type, struct ipc_deadline deadline, int *ret_type)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	struct sockaddr_storage sa;
	socklen_t len;
	AUTO_CLOSE int file = -1;
	int r = target(a, &sa, &len, &file);

	if (r < 0)
		return r;
	/* An abstract name of another type is "refused": several types may share one. */
	int other = a->base ? -EPROTOTYPE : -ECONNREFUSED;
	r = other;
	for (size_t i = 0; r == other && i < ARRAY_SIZE(types); i++) {
		if (type != 0 && type != types[i])
			continue;
		r = connect_unix(&sa, len, types[i], deadline);
		if (r >= 0)
			*ret_type = types[i];
	}
	return file >= 0 ? without_proc(r) : r;
}

/* The outcome of a connection that was begun. Returns 0 or -errno. */
static int await_connected(int fd, struct ipc_deadline deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0, n;
	socklen_t len = sizeof(error);

	do
		n = poll(&p, 1, ipc_deadline_poll_ms(deadline));
	while (n == 0 && ipc_deadline_left(deadline) > 0);
	if (n < 0)
		return -errno;
	if (n == 0)
		return ipc_deadline_error(deadline);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

/* Returns a socket whose connection stands, or is on its way (*ret_pending), or -errno. */
static int begin_tcp(const struct sock_address *a, bool *ret_pending)
{
	AUTO_CLOSE int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;
	int r;

	if (fd < 0)
		return -errno;
	*ret_pending = connect(fd, (const struct sockaddr *)&a->sa, a->len) < 0;
	if (*ret_pending && errno != EINPROGRESS)
		return -errno;
	/* Bytes are passed on as they come: the sender has gathered them already. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* A server whose machine went without a word is noticed some time. */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	r = fd;
	fd = -1; /* the caller owns it now */
	return r;
}

static int connect_tcp(const struct sock_address *a, struct ipc_deadline deadline)
{
	bool pending = false;
	int fd = begin_tcp(a, &pending);
	int r = fd >= 0 && pending ? await_connected(fd, deadline) : 0;

	if (r == 0)
		return fd;
	ipc_close(&fd);
	return r;
}

/* One address that does not answer must not use up the time of those behind it. */
static struct ipc_deadline share(struct ipc_deadline deadline, size_t left)
{
	if (ipc_deadline_never(deadline) || ipc_deadline_nonblock(deadline) || left < 2)
		return deadline;
	return ipc_deadline_within(deadline, ipc_deadline_left(deadline) / (int64_t)left);
}

static int connect_addresses(
	const struct sock_addresses *all, int type, struct ipc_deadline deadline, int *ret_type)
{
	int r = -EADDRNOTAVAIL;

	for (size_t i = 0; i < all->len; i++) {
		struct ipc_deadline part = share(deadline, all->len - i);
		const struct sock_address *a = &all->v[i];
		if (a->sa.ss_family == AF_UNIX) {
			r = connect_any_type(a, type, part, ret_type);
		} else if (type == 0 || type == SOCK_STREAM) {
			r = connect_tcp(a, part);
			*ret_type = SOCK_STREAM;
		} else {
			r = -EPROTOTYPE;
		}
		if (r >= 0 || r == -EINTR)
			break;
	}
	return r;
}

static int take_handed(int fd, int type, int *ret_type)
{
	int have = 0;
	socklen_t len = sizeof(have);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &have, &len) < 0)
		return -errno;
	if (type != 0 && type != have)
		return -EPROTOTYPE;
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return -errno;
	*ret_type = have;
	return copy;
}

int sock_connect(struct ipc_ctx *ctx, const struct ipc_selector *sel, int type, struct ipc_deadline deadline,
	int *ret_type, struct ipc_selector_error *error)
{
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	struct ipc_event event = { .type = EVENT_CONNECT, .selector = sel, .count = 1 };
	int found = type, r;

	error->why[0] = '\0';
	r = ipc_observe_before(ctx, &event);
	if (r < 0)
		return r;
	r = sock_address_resolve(ctx, sel, &all, error);
	if (r == 0)
		r = all.fd >= 0 ? take_handed(all.fd, type, &found)
				: connect_addresses(&all, type, deadline, &found);
	event.result = r < 0 ? r : 0;
	ipc_observe_after(ctx, &event);
	if (r >= 0 && ret_type)
		*ret_type = found;
	return r;
}

/* Begins with the address of that index. */
static int start_at(struct sock_addresses *all, size_t *at, int type, bool *ret_pending)
{
	int r = -EADDRNOTAVAIL, found;

	if (all->fd >= 0)
		return *at == 0 ? take_handed(all->fd, type, &found) : r;
	while (*at < all->len) {
		const struct sock_address *a = &all->v[(*at)++];
		if (a->sa.ss_family == AF_UNIX)
			r = connect_any_type(a, type, ipc_deadline_in(0), &found);
		else if (type == SOCK_STREAM)
			r = begin_tcp(a, ret_pending);
		else
			r = -EPROTOTYPE;
		if (r >= 0)
			break;
	}
	return r;
}

int sock_connect_start(struct ipc_ctx *ctx, const struct ipc_selector *sel, int type, size_t *at,
	bool *ret_pending, struct ipc_selector_error *error)
{
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	struct ipc_event event = { .type = EVENT_CONNECT, .selector = sel, .count = 1 };
	bool pending = false;
	int r;

	error->why[0] = '\0';
	r = ipc_observe_before(ctx, &event);
	if (r < 0)
		return r;
	r = sock_address_resolve(ctx, sel, &all, error);
	if (r == 0)
		r = start_at(&all, at, type, &pending);
	event.result = r < 0 ? r : 0;
	if (!pending)
		ipc_observe_after(ctx, &event);
	if (r >= 0)
		*ret_pending = pending;
	return r;
}

int sock_connect_result(struct ipc_ctx *ctx, const struct ipc_selector *sel, int fd)
{
	struct ipc_event event = { .type = EVENT_CONNECT, .selector = sel, .count = 1 };

	event.result = await_connected(fd, ipc_deadline_in(0));
	return event.result == -EAGAIN ? -EAGAIN : ipc_observe_after(ctx, &event);
}

void sock_disconnect(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, int *fd, const struct sock_traffic *traffic)
{
	struct ipc_event sent = { .type = EVENT_SEND,
		.selector = sel,
		.count = traffic->sent_count,
		.bytes = traffic->sent_bytes,
		.result = traffic->error };
	struct ipc_event received = { .type = EVENT_RECEIVE,
		.selector = sel,
		.count = traffic->received_count,
		.bytes = traffic->received_bytes,
		.result = traffic->error };

	ipc_close(fd);
	if (sent.count > 0 || sent.bytes > 0)
		ipc_observe_after(ctx, &sent);
	if (received.count > 0 || received.bytes > 0)
		ipc_observe_after(ctx, &received);
}
