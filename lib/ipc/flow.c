#include "ipc/flow.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum type { TYPE_FILE, TYPE_PIPE, TYPE_SOCKET, TYPE_OTHER };

enum way {
	WAY_NONE,    /* not known yet */
	WAY_DIRECT,  /* splice(2), one end is a pipe */
	WAY_THROUGH, /* splice(2) through a pipe of our own */
	WAY_COPY,
};

enum {
	/* A larger buffer leaves the processor's cache: 3 GiB/s rather than 3.4 between two sockets. */
	BUFFER_SIZE = 128 * 1024,
	/*
	 * Pipes of others, at most: 3.5 GiB/s rather than 1.2 from a pipe to a socket. With 1M it is 3.9, but a user
	 * has 64 of those before the kernel makes new pipes small (pipe-user-pages-soft).
	 */
	WIDE = 256 * 1024,
	STEP_MAX = 1024 * 1024,
	REFUSALS_MAX = 3,
};

void flow_init(struct flow *f, int in, int out)
{
	*f = (struct flow)FLOW_NONE;
	f->in = in;
	f->out = out;
}

void flow_clear(struct flow *f)
{
	ipc_close(&f->pipe[0]);
	ipc_close(&f->pipe[1]);
	free(f->buffer);
	f->buffer = NULL;
}

/* --- which way ------------------------------------------------------------------------------------ */

static enum type type_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return TYPE_OTHER; /* reading or writing will say what is wrong */
	return S_ISFIFO(st.st_mode)    ? TYPE_PIPE
		: S_ISSOCK(st.st_mode) ? TYPE_SOCKET
		: S_ISREG(st.st_mode)  ? TYPE_FILE
				       : TYPE_OTHER;
}

static bool blocks(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && !(flags & O_NONBLOCK);
}

/* A blocking socket would make splice(2) wait for room, and only send(2) can be told not to. */
static enum way choose(const struct flow *f)
{
	if (f->in_type == TYPE_FILE || f->in_type == TYPE_OTHER || f->out_type == TYPE_OTHER)
		return WAY_COPY;
	if (f->out_type == TYPE_SOCKET && f->out_blocks)
		return WAY_COPY;
	if (f->in_type == TYPE_PIPE || f->out_type == TYPE_PIPE)
		return WAY_DIRECT;
	return f->out_type == TYPE_SOCKET ? WAY_THROUGH : WAY_COPY;
}

static int open_buffer(struct flow *f)
{
	if (!f->buffer)
		f->buffer = malloc(BUFFER_SIZE);
	return f->buffer ? 0 : -ENOMEM;
}

static void begin(struct flow *f)
{
	f->in_type = type_of(f->in);
	f->out_type = type_of(f->out);
	f->in_blocks = blocks(f->in);
	f->out_blocks = blocks(f->out);
	f->way = choose(f);
	/* Its size is left alone: the data of a socket lie in few and large pieces. */
	if (f->way == WAY_THROUGH && pipe2(f->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		f->way = WAY_COPY;
}

void flow_widen(int fd)
{
	int size = fcntl(fd, F_GETPIPE_SZ);

	if (size > 0 && size < WIDE)
		fcntl(fd, F_SETPIPE_SZ, WIDE);
}

/* --- one read, one write -------------------------------------------------------------------------- */

static bool is_ready(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 0) > 0;
}

/* The master side of a terminal whose other side was closed: pty(7) has no end of file for that. */
static bool is_closed_terminal(const struct flow *f)
{
	unsigned number;

	return errno == EIO && f->in_type == TYPE_OTHER && ioctl(f->in, TIOCGPTN, &number) == 0;
}

static ssize_t read_some(const struct flow *f, void *buf, size_t len)
{
	ssize_t n;

	if (f->in_type == TYPE_SOCKET) {
		n = recv(f->in, buf, len, MSG_DONTWAIT);
	} else {
		if (f->in_type != TYPE_FILE && f->in_blocks && !is_ready(f->in, POLLIN))
			return -EAGAIN;
		n = read(f->in, buf, len);
		if (n < 0 && is_closed_terminal(f))
			return 0;
	}
	return n < 0 ? -errno : n;
}

/* A pipe that is not full has room for at least PIPE_BUF bytes. pipe(7) */
static ssize_t write_blocking_pipe(struct flow *f, const char *buf, size_t len)
{
	struct iovec iov = { .iov_base = (char *)buf, .iov_len = len };
	ssize_t n;

	if (!f->no_nowait) {
		n = pwritev2(f->out, &iov, 1, -1, RWF_NOWAIT);
		if (n >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
			return n < 0 ? -errno : n;
		f->no_nowait = true;
	}
	if (!is_ready(f->out, POLLOUT))
		return -EAGAIN;
	n = write(f->out, buf, len < PIPE_BUF ? len : PIPE_BUF);
	return n < 0 ? -errno : n;
}

static ssize_t write_some(struct flow *f, const char *buf, size_t len)
{
	ssize_t n;

	if (f->out_type == TYPE_PIPE && f->out_blocks)
		return write_blocking_pipe(f, buf, len);
	if (f->out_type == TYPE_SOCKET)
		n = send(f->out, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		n = write(f->out, buf, len);
	return n < 0 ? -errno : n;
}

/* Notes that an error was one of writing. Returns n. */
static ssize_t written(struct flow *f, ssize_t n)
{
	f->out_failed = n < 0 && n != -EAGAIN && n != -EINTR;
	return n;
}

/* --- steps ---------------------------------------------------------------------------------------- */

/* Writes what is held in the buffer. Returns the bytes, or -errno. */
static ssize_t drain_buffer(struct flow *f)
{
	ssize_t n = written(f, write_some(f, f->buffer + f->start, f->held));

	if (n > 0) {
		f->start += (size_t)n;
		f->held -= (size_t)n;
		f->moved += (uint64_t)n;
	}
	return n;
}

/* One turn of each way returns the bytes moved or taken, 0 if nothing more can be done now, or -errno. */
static ssize_t turn_copy(struct flow *f)
{
	ssize_t n;

	if (f->held == 0) {
		if (f->in_ended)
			return 0;
		int r = open_buffer(f);
		if (r < 0)
			return r;
		n = read_some(f, f->buffer, BUFFER_SIZE);
		f->in_ended = n == 0;
		if (n == -EAGAIN)
			f->wants = FLOW_WANTS_IN;
		if (n <= 0)
			return n == -EAGAIN ? 0 : n;
		f->start = 0;
		f->held = (size_t)n;
	}
	n = drain_buffer(f);
	if (n == -EAGAIN)
		f->wants = FLOW_WANTS_OUT;
	return n == -EAGAIN ? 0 : n;
}

/* Whether splice(2) can't do this here, and copying is to be tried. */
static bool is_refused(int error)
{
	return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM ||
		error == ENOMEM || error == EBADF;
}

static ssize_t splice_some(int in, int out, size_t len)
{
	ssize_t n = splice(in, NULL, out, NULL, len, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	return n < 0 ? -errno : n;
}

/* Nothing moved: whose turn is it? Both ends may say that they are ready, and yet no splice succeeds. */
static ssize_t direct_stalled(struct flow *f)
{
	if (!is_ready(f->in, POLLIN))
		f->wants = FLOW_WANTS_IN;
	else if (!is_ready(f->out, POLLOUT))
		f->wants = FLOW_WANTS_OUT;
	else if (++f->refusals >= REFUSALS_MAX)
		f->way = WAY_COPY;
	if (f->wants)
		f->refusals = 0;
	return f->wants ? 0 : 1;
}

static ssize_t turn_direct(struct flow *f)
{
	if (f->in_type == TYPE_SOCKET && f->in_blocks && !is_ready(f->in, POLLIN)) {
		f->wants = FLOW_WANTS_IN;
		return 0;
	}
	ssize_t n = splice_some(f->in, f->out, STEP_MAX);
	if (n == -EAGAIN)
		return direct_stalled(f);
	if (n < 0 && is_refused((int)-n)) {
		f->way = WAY_COPY;
		return 1;
	}
	f->refusals = 0;
	f->in_ended = n == 0;
	if (n > 0)
		f->moved += (uint64_t)n;
	/* One call does both; but reading a pipe that is open never fails. */
	return f->in_type == TYPE_PIPE || n == -EPIPE ? written(f, n) : n;
}

/* What is in our pipe and can't be spliced out is copied. */
static int fall_back(struct flow *f)
{
	char *larger = realloc(f->buffer, f->held > BUFFER_SIZE ? f->held : BUFFER_SIZE);

	if (!larger)
		return -ENOMEM;
	f->buffer = larger;
	ssize_t n = ipc_read_full(f->pipe[0], f->buffer, f->held);
	if (n < 0)
		return (int)n;
	f->start = 0;
	f->held = (size_t)n;
	f->way = WAY_COPY;
	return 0;
}

/* Takes what there is into our pipe. Returns the bytes, or -errno. */
static ssize_t fill_pipe(struct flow *f)
{
	if (f->in_ended)
		return 0;
	if (f->in_type == TYPE_SOCKET && f->in_blocks && !is_ready(f->in, POLLIN))
		return -EAGAIN;
	ssize_t n = splice_some(f->in, f->pipe[1], STEP_MAX);
	f->in_ended = n == 0;
	if (n > 0)
		f->held += (size_t)n;
	return n;
}

static ssize_t turn_through(struct flow *f)
{
	ssize_t in = 0, out = 0;

	if (f->held == 0) {
		in = fill_pipe(f);
		if (in < 0 && is_refused((int)-in)) {
			f->way = WAY_COPY;
			return 1;
		}
		if (in == -EAGAIN)
			f->wants = FLOW_WANTS_IN;
		if (in <= 0)
			return in == -EAGAIN ? 0 : in;
	}
	out = splice_some(f->pipe[0], f->out, f->held);
	if (out < 0 && is_refused((int)-out)) {
		int r = fall_back(f);
		return r < 0 ? r : 1;
	}
	if (out > 0) {
		f->held -= (size_t)out;
		f->moved += (uint64_t)out;
	}
	if (out == -EAGAIN)
		f->wants = FLOW_WANTS_OUT;
	return out == -EAGAIN ? 0 : written(f, out);
}

static ssize_t turn(struct flow *f)
{
	if (f->way == WAY_COPY)
		return turn_copy(f);
	return f->way == WAY_DIRECT ? turn_direct(f) : turn_through(f);
}

int flow_step(struct flow *f)
{
	uint64_t begun;

	if (f->way == WAY_NONE)
		begin(f);
	begun = f->moved;
	do {
		f->wants = 0;
		ssize_t n = turn(f);
		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		if (f->in_ended && f->held == 0)
			return FLOW_ENDED;
		if (f->wants)
			return (int)f->wants;
	} while (f->moved - begun < STEP_MAX);
	return 0;
}

short flow_in_events(const struct flow *f)
{
	return f->wants & FLOW_WANTS_IN ? POLLIN : 0;
}

short flow_out_events(const struct flow *f)
{
	return f->wants & FLOW_WANTS_OUT ? POLLOUT : 0;
}

int flow_await(const struct flow *f, struct ipc_deadline deadline)
{
	struct pollfd p[] = {
		/* A hang-up of the input, when only the output is waited for, would end each poll(2) at once. */
		{ .fd = flow_in_events(f) ? f->in : -1, .events = POLLIN },
		{ .fd = f->out, .events = flow_out_events(f) },
	};

	for (;;) {
		int n = poll(p, ARRAY_SIZE(p), ipc_deadline_poll_ms(deadline));
		if (n < 0)
			return -errno;
		if (n > 0)
			return !p[1].events && p[1].revents & (POLLERR | POLLHUP) ? -EPIPE : 0;
		if (ipc_deadline_left(deadline) == 0)
			return ipc_deadline_error(deadline);
	}
}

int flow_run(struct flow *f, int64_t idle_ns)
{
	for (;;) {
		int r = flow_step(f);
		if (r < 0)
			return r;
		if (r & FLOW_ENDED)
			return 0;
		if (r == 0)
			continue;
		r = flow_await(f, ipc_deadline_in(idle_ns));
		if (r < 0)
			return r;
	}
}
