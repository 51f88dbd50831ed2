#include "ipc/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	WAY_UNKNOWN,
	WAY_WRITE,  /* never waits, or for so short a time that it does not matter: files, terminals */
	WAY_SEND,   /* a socket */
	WAY_NOWAIT, /* a pipe in blocking mode, and a kernel that can be told not to wait */
	WAY_POLL,   /* the same, and it can't */
};

void outlet_init(struct outlet *o, int fd)
{
	*o = (struct outlet){ .fd = fd };
}

void outlet_clear(struct outlet *o)
{
	ipc_buffer_free(&o->buffer);
	o->start = o->end = 0;
}

size_t outlet_waiting(const struct outlet *o)
{
	return o->end - o->start;
}

bool outlet_is_full(const struct outlet *o)
{
	return outlet_waiting(o) >= OUTLET_LIMIT;
}

char *outlet_room(struct outlet *o, size_t len)
{
	size_t waiting = outlet_waiting(o);

	if (o->start > 0 && o->buffer.cap - o->end < len) {
		memmove(o->buffer.data, o->buffer.data + o->start, waiting);
		o->start = 0;
		o->end = waiting;
	}
	if (len > SIZE_MAX / 4 ||
		(o->buffer.cap - o->end < len && ipc_buffer_grow(&o->buffer, o->end + len) < 0))
		return NULL;
	return o->buffer.data ? o->buffer.data + o->end : NULL;
}

void outlet_added(struct outlet *o, size_t len)
{
	o->end += len;
}

int outlet_put(struct outlet *o, const void *data, size_t len)
{
	char *place = outlet_room(o, len);

	if (len == 0)
		return 0;
	if (!place)
		return -ENOMEM;
	memcpy(place, data, len);
	outlet_added(o, len);
	return 0;
}

static int way_of(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if (fstat(fd, &st) < 0)
		return WAY_WRITE; /* which will say what is wrong */
	if (S_ISSOCK(st.st_mode))
		return WAY_SEND;
	return S_ISFIFO(st.st_mode) && !(flags & O_NONBLOCK) ? WAY_NOWAIT : WAY_WRITE;
}

/* A pipe that is not full has room for at least PIPE_BUF bytes. pipe(7) */
static ssize_t write_polled(int fd, const char *data, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (poll(&p, 1, 0) > 0)
		return write(fd, data, len < PIPE_BUF ? len : PIPE_BUF);
	errno = EAGAIN;
	return -1;
}

static ssize_t write_nowait(struct outlet *o, const char *data, size_t len)
{
	struct iovec v = { (void *)(uintptr_t)data, len };
	ssize_t n = pwritev2(o->fd, &v, 1, -1, RWF_NOWAIT);

	if (n >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
		return n;
	o->way = WAY_POLL;
	return write_polled(o->fd, data, len);
}

static ssize_t write_some(struct outlet *o, const char *data, size_t len)
{
	if (o->way == WAY_UNKNOWN)
		o->way = way_of(o->fd);
	switch (o->way) {
	case WAY_SEND:
		return send(o->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	case WAY_NOWAIT:
		return write_nowait(o, data, len);
	case WAY_POLL:
		return write_polled(o->fd, data, len);
	default:
		return write(o->fd, data, len);
	}
}

int outlet_flush(struct outlet *o)
{
	while (o->start < o->end) {
		ssize_t n = write_some(o, o->buffer.data + o->start, o->end - o->start);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			o->start += (size_t)n;
			o->written += (uint64_t)n;
		}
	}
	o->start = o->end = 0;
	return 0;
}
