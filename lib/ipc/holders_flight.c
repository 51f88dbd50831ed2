/*
 * Descriptors that are in no process's table: those in a message that nobody has received yet (SCM_RIGHTS, unix(7)), and
 * those that were given to an io_uring. The kernel says of a socket and of a ring how many they carry, and not of what:
 * so whatever nobody has may be among them.
 *
 * A socket that is itself in a message, and those of connections that were not accepted yet, are in no process's table
 * either: but what carries the first is counted where it waits, and what the others carry at the socket that listens.
 */
#include "ipc/holders_walk.h"
#include "ipc/io.h"
#include "ipc/sockdiag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	SOCKET_INFO_SIZE = 1024,
	RING_INFO_MAX = 1 << 20,
	RING_MAPS_MAX = 64 << 20,
	LINK_SIZE = 64,
	NAME_SIZE = 80
};

struct search {
	struct holders_walk *w; /* for what walks through threads */
	bool backlog_told; /* what connections carry that wait to be accepted is told with the socket that listens */
	ino_t *quiet; /* else the sockets that have none; owned */
	size_t quiet_len;
	struct ipc_reason why;
	const struct procscan_process *p;
	const char *task; /* "task/TID/", or "" */
	bool any;         /* it has descriptors */
	bool ring;        /* the process has one of a ring */
};

/* --- what this kernel tells --- */

/* Leaves a descriptor in a message of a connection that nobody accepts. Returns 0 or -errno. */
static int send_one(int listener, int from)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(sa.sun_family);
	char control[CMSG_SPACE(sizeof(int))] = "";
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	/* The kernel finds an abstract name that nobody has: unix(7), autobind. */
	if (bind(listener, (struct sockaddr *)&sa, len) < 0 || listen(listener, 1) < 0)
		return -errno;
	len = sizeof(sa);
	if (getsockname(listener, (struct sockaddr *)&sa, &len) < 0 ||
		connect(from, (struct sockaddr *)&sa, len) < 0)
		return -errno;
	*c = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))
	};
	memcpy(CMSG_DATA(c), &from, sizeof(int));
	return sendmsg(from, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/*
 * Asks it about a message of our own. Returns 1 if it counts those of connections that wait (Linux 6.3), 0 if only those of
 * sockets that a process has (5.6), or -errno: -EOPNOTSUPP if none.
 */
static int ask_kernel(void)
{
	AUTO_CLOSE int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	AUTO_CLOSE int from = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct procscan_process self = { .dirfd = AT_FDCWD };
	char name[NAME_SIZE], text[SOCKET_INFO_SIZE];
	int64_t carried = -1;

	if (listener < 0 || from < 0)
		return -errno;
	int r = send_one(listener, from);
	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", listener);
	if (holders_walk_read(&self, name, text, sizeof(text)) < 0)
		return -EOPNOTSUPP;
	carried = procfds_socket_carries(text);
	return carried < 0 ? -EOPNOTSUPP : carried > 0;
}

/* --- looking --- */

static int say(struct search *s, const char *text)
{
	s->why = (struct ipc_reason){ text, s->p->pid };
	return 1;
}

/* Of a kernel that does not tell more: the sockets at which no connection waits. */
static int add_quiet(const struct sockdiag_unix *u, void *arg)
{
	struct search *s = arg;

	if (u->listens && (!u->queues || u->received > 0))
		return 0;
	ino_t *v = reallocarray(s->quiet, s->quiet_len + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->quiet = v;
	v[s->quiet_len++] = u->ino;
	return 0;
}

static bool is_quiet(const struct search *s, ino_t ino)
{
	for (size_t i = 0; i < s->quiet_len; i++)
		if (s->quiet[i] == ino)
			return true;
	return s->backlog_told;
}

static int look_at_socket(struct search *s, const char *fd, ino_t ino)
{
	char name[NAME_SIZE], text[SOCKET_INFO_SIZE];

	snprintf(name, sizeof(name), "%sfdinfo/%s", s->task, fd);
	ssize_t n = holders_walk_read(s->p, name, text, sizeof(text));
	if (n < 0)
		return holders_walk_error((int)-n);
	int64_t carried = procfds_socket_carries(text);
	if (carried > 0)
		return say(s, "a message to process # has a descriptor in it, which may be of this one");
	if (carried < 0 && (size_t)n == sizeof(text) - 1) /* locks stand before it, any number of them */
		return say(
			s, "what waits at a socket of process # can't be told: a descriptor of this one may");
	if (carried == 0 && !is_quiet(s, ino))
		return say(s,
			"a connection that process # has not accepted yet may carry a descriptor of this "
			"one");
	return 0; /* it is none of a Unix socket */
}

static const char ring_carries[] =
	"process # has given files to the kernel (io_uring), of which this may be one";

static int look_at_ring(struct search *s, const char *fd)
{
	AUTO_FREE char *text = NULL;
	char name[NAME_SIZE];

	s->ring = true;
	snprintf(name, sizeof(name), "%sfdinfo/%s", s->task, fd);
	int r = procscan_read(s->p, name, RING_INFO_MAX, &text, NULL);
	if (r < 0 && r != -EFBIG)
		return holders_walk_error(-r);
	return r == 0 && procfds_ring_carries(text) == 0 ? 0 : say(s, ring_carries);
}

static int look_at(int dirfd, const char *fd, void *arg)
{
	struct search *s = arg;
	char text[LINK_SIZE];
	ino_t ino;
	ssize_t len = readlinkat(dirfd, fd, text, sizeof(text));

	s->any = true;
	if (len < 0)
		return holders_walk_error(errno);
	if (procfds_link(text, (size_t)len, &ino) == LINK_SOCKET)
		return look_at_socket(s, fd, ino);
	return procfds_link_is_ring(text, (size_t)len) ? look_at_ring(s, fd) : 0;
}

static int look_at_table(struct holders_walk *w, const struct procscan_process *p, const char *task)
{
	struct search *s = w->arg;
	char name[NAME_SIZE];

	s->p = p;
	s->task = task;
	s->any = false;
	snprintf(name, sizeof(name), "%sfd", task);
	int r = holders_walk_dir(p, name, look_at, s);
	return r < 0 ? r : s->any;
}

/* A ring can go on with its descriptor closed, as long as it is mapped: nothing tells then what it has. */
static int look_for_mapped_ring(struct search *s)
{
	AUTO_FREE char *text = NULL;
	int r = procscan_read(s->p, "maps", RING_MAPS_MAX, &text, NULL);

	if (r < 0 && r != -EFBIG)
		return holders_walk_error(-r);
	return r < 0 || strstr(text, " anon_inode:[io_uring]\n") ? say(s, ring_carries) : 0;
}

static int look_at_process(const struct procscan_process *p, void *arg)
{
	struct search *s = arg;

	if (s->why.text)
		return 0;
	s->p = p;
	s->ring = false;
	int r = holders_walk_tables(s->w, p, look_at_table);
	if (r == 0 && !s->why.text && !s->ring)
		r = look_for_mapped_ring(s);
	return r == -EACCES && holders_has_nothing(p) ? 0 : r;
}

static int search(struct search *s)
{
	struct procscan_matcher matcher = { .match = look_at_process, .arg = s };
	int r = ask_kernel();

	if (r == 0)
		r = sockdiag_unix_each(add_quiet, s);
	else
		s->backlog_told = r > 0;
	if (r >= 0)
		r = procscan_walk(&matcher, 1);
	free(s->quiet);
	return r == 0 && matcher.unseen > 0 ? -EACCES : r;
}

struct ipc_reason holders_flight(struct ipc_ctx *ctx)
{
	struct holders_walk w = { .ctx = ctx };
	struct search s = { .w = &w };

	w.arg = &s;
	int r = search(&s);
	if (r < 0 && !s.why.text)
		s.why.text = "whether a descriptor of it is on its way in a message can't be told";
	return s.why;
}
