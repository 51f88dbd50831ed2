#include "ipc/fifo_private.h"
#include "ipc/framing_writer.h"
#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* No event tells that a FIFO is empty: it is looked at, first often, then less so. */
enum { YIELDS = 32, SLEEP_MIN_NS = 20 * 1000, SLEEP_MAX_NS = 2 * 1000 * 1000 };

/* flock(2) with a time limit. */
static int lock(int fd, int how, struct ipc_deadline deadline)
{
	struct ipc_alarm alarm;

	if (flock(fd, how | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK || ipc_deadline_left(deadline) == 0)
		return errno == EWOULDBLOCK ? ipc_deadline_error(deadline) : -errno;
	int r = ipc_alarm_start(&alarm, deadline);
	if (r < 0)
		return r;
	r = flock(fd, how) < 0 ? -errno : 0;
	ipc_alarm_stop(&alarm);
	return r == -EINTR && ipc_deadline_left(deadline) == 0 ? ipc_deadline_error(deadline) : r;
}

/* Until there is room for something, or nobody reads any more. */
static int await_room(int fd, struct ipc_deadline deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int n = poll(&p, 1, ipc_deadline_poll_ms(deadline));

	if (n < 0)
		return -errno;
	if (p.revents & POLLERR)
		return -EPIPE;
	return n == 0 && ipc_deadline_left(deadline) == 0 ? ipc_deadline_error(deadline) : 0;
}

/* Up to PIPE_BUF bytes: the kernel writes all or nothing. The lock is for those who write longer ones. */
static int write_short(int fd, const char *text, size_t len, struct ipc_deadline deadline)
{
	for (;;) {
		int r = lock(fd, LOCK_SH, deadline);
		if (r < 0)
			return r;
		r = write(fd, text, len) < 0 ? -errno : 0;
		flock(fd, LOCK_UN);
		if (r != -EAGAIN)
			return r;
		r = await_room(fd, deadline);
		if (r < 0)
			return r;
	}
}

/* Makes the FIFO hold len bytes, if that is allowed. */
static bool holds(int fd, size_t len)
{
	int size = fcntl(fd, F_GETPIPE_SZ);

	if (size >= 0 && (size_t)size < len && len <= INT_MAX)
		size = fcntl(fd, F_SETPIPE_SZ, (int)len);
	return size >= 0 && (size_t)size >= len;
}

static int await_empty(int fd, struct ipc_deadline deadline)
{
	int64_t pause = SLEEP_MIN_NS;

	for (int i = 0;; i++) {
		struct pollfd p = { .fd = fd };
		int n;
		if (poll(&p, 1, 0) > 0 && p.revents & POLLERR)
			return -EPIPE;
		if (ioctl(fd, FIONREAD, &n) < 0)
			return -errno;
		if (n == 0)
			return 0;
		if (ipc_deadline_left(deadline) == 0)
			return ipc_deadline_error(deadline);
		if (i < YIELDS) {
			sched_yield();
			continue;
		}
		int r = ipc_deadline_sleep(deadline, pause);
		if (r < 0)
			return r;
		pause = pause < SLEEP_MAX_NS ? 2 * pause : pause;
	}
}

/* What is begun is ended, however long it takes: half a record would spoil what follows it. */
static int write_all(int fd, const char *text, size_t len)
{
	struct ipc_deadline never = ipc_deadline_in(WAIT_FOREVER);

	while (len > 0) {
		ssize_t n = write(fd, text, len);
		int r = n < 0 ? -errno : 0;
		if (r == -EAGAIN)
			r = await_room(fd, never);
		if (r < 0 && r != -EINTR)
			return r;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int write_long(int fd, const char *text, size_t len, struct ipc_deadline deadline)
{
	int r = lock(fd, LOCK_EX, deadline);

	if (r < 0)
		return r;
	r = holds(fd, len) ? await_empty(fd, deadline) : await_room(fd, deadline);
	if (r == 0)
		r = write_all(fd, text, len);
	flock(fd, LOCK_UN);
	return r;
}

static int write_record(struct ipc_channel *c, size_t len, struct ipc_deadline deadline)
{
	const char *text = fifo_state(c)->text.data;

	if (len == 0)
		return 0; /* a whole message without bytes */
	return len <= PIPE_BUF ? write_short(c->fd, text, len, deadline)
			       : write_long(c->fd, text, len, deadline);
}

/* The same when it is dropped rather than waited with: 1 then. */
static int write_or_drop(struct ipc_channel *c, size_t len, struct ipc_deadline deadline)
{
	struct fifo_state *s = fifo_state(c);
	int r;

	if (ipc_deadline_never(deadline))
		deadline = ipc_deadline_in(0);
	if (c->fd < 0) {
		r = fifo_open_pinned(s->pin, O_WRONLY | O_NONBLOCK);
		if (r < 0 && r != -ENXIO)
			return r;
		c->fd = r < 0 ? -1 : r;
	}
	r = c->fd < 0 ? -EPIPE : write_record(c, len, deadline);
	if (r == -EPIPE)
		ipc_close(&c->fd); /* until somebody reads again */
	if (r != -EPIPE && r != -EAGAIN && r != -ETIMEDOUT)
		return r;
	s->dropped++;
	return 1;
}

int fifo_send(struct ipc_channel *c, const void *buf, size_t len, int64_t tag, struct ipc_deadline deadline)
{
	struct fifo_state *s = fifo_state(c);
	struct ipc_record record = { .data = buf, .len = len };
	size_t size;
	int r = ipc_framing_encode(s->framing, &record, &s->text, &size);

	(void)tag;
	if (r < 0)
		return r;
	return s->loose ? write_or_drop(c, size, deadline) : write_record(c, size, deadline);
}
