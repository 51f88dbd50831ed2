#include "ipc/spread.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MOVE_MAX = 1 << 20, BUFFER_SIZE = 128 * 1024, ROUNDS = 4 };

static void close_sink(struct spread_sink *k)
{
	ipc_close(&k->out);
	ipc_close(&k->stage[0]);
	ipc_close(&k->stage[1]);
	k->staged = 0;
}

static void end(struct spread *s)
{
	ipc_close(&s->in);
	ipc_close(&s->null);
	for (size_t i = 0; i < s->count; i++)
		close_sink(&s->sinks[i]);
	s->waits = SPREAD_ENDED;
}

void spread_clear(struct spread *s)
{
	end(s);
	free(s->sinks);
	free(s->buffer);
	*s = (struct spread){ .in = -1, .null = -1, .waits = SPREAD_ENDED };
}

/* As large as the source where that is permitted: then one tee(2) always takes all that is there. */
static int make_stage(struct spread_sink *k, int in)
{
	if (pipe2(k->stage, O_CLOEXEC | O_NONBLOCK) < 0) {
		k->stage[0] = k->stage[1] = -1;
		return -errno;
	}
	int size = fcntl(in, F_GETPIPE_SZ);
	if (size > 0)
		fcntl(k->stage[1], F_SETPIPE_SZ, size); /* less is well, too, only slower */
	return 0;
}

int spread_init(struct spread *s, int in, const int *out, size_t count)
{
	int r = ipc_nonblocking(in);

	*s = (struct spread){ .in = in, .null = -1, .count = count };
	s->sinks = calloc(count, sizeof(*s->sinks));
	if (!s->sinks) {
		for (size_t i = 0; i < count; i++)
			close(out[i]);
		s->count = 0;
		r = -ENOMEM;
	}
	for (size_t i = 0; i < s->count; i++)
		s->sinks[i] = (struct spread_sink){ .out = out[i], .stage = { -1, -1 } };
	for (size_t i = 0; r == 0 && i < s->count; i++) {
		r = ipc_nonblocking(out[i]);
		if (r == 0 && count > 1)
			r = make_stage(&s->sinks[i], in);
	}
	if (r < 0)
		spread_clear(s);
	return r;
}

static bool behind(const struct spread *s, const struct spread_sink *k)
{
	return k->out >= 0 && (k->staged > 0 || k->copied < s->buffer_len);
}

size_t spread_poll(const struct spread *s, struct pollfd *fds)
{
	size_t n = 0;

	fds[n++] = (struct pollfd){ .fd = s->waits == SPREAD_WAITS_IN ? s->in : -1, .events = POLLIN };
	/* Without POLLOUT still: whether anybody reads. */
	for (size_t i = 0; i < s->count; i++)
		fds[n++] =
			(struct pollfd){ .fd = s->sinks[i].out, .events = s->sinks[i].blocked ? POLLOUT : 0 };
	return n;
}

static bool is_refusal(int error)
{
	return error == EINVAL || error == ENOSYS || error == EPERM || error == EOPNOTSUPP;
}

/* One that has no reader is left out; the others go on. */
static int sink_failed(struct spread_sink *k, int error)
{
	if (error == EAGAIN) {
		k->blocked = true;
		return 0;
	}
	if (error != EPIPE)
		return -error;
	close_sink(k);
	return 0;
}

/* Reads as a copy what the sinks can't get otherwise. Each has got its part of it already: k->staged. */
static ssize_t take_copy(struct spread *s, size_t len)
{
	if (!s->buffer && !(s->buffer = malloc(MOVE_MAX)))
		return -ENOMEM;
	ssize_t n = read(s->in, s->buffer, len);
	if (n < 0)
		return -errno;
	s->buffer_len = (size_t)n;
	for (size_t i = 0; i < s->count; i++)
		s->sinks[i].copied = s->sinks[i].staged;
	return n;
}

/* From the source to its only sink. */
static ssize_t take_direct(struct spread *s, struct spread_sink *k)
{
	int waiting = 0;
	ssize_t n = splice(s->in, NULL, k->out, NULL, MOVE_MAX, SPLICE_F_NONBLOCK);

	if (n >= 0) {
		k->bytes += (uint64_t)n;
		return n;
	}
	if (errno == EPIPE) {
		close_sink(k);
		return 0;
	}
	if (is_refusal(errno)) {
		s->refused = true;
		return take_copy(s, BUFFER_SIZE);
	}
	if (errno != EAGAIN)
		return -errno;
	k->blocked = ioctl(s->in, FIONREAD, &waiting) == 0 && waiting > 0; /* else the source is empty */
	return -EAGAIN;
}

/* Takes len bytes out of the source, which all sinks have. */
static int discard(struct spread *s, size_t len)
{
	char page[PIPE_BUF];

	if (s->null < 0)
		s->null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	while (len > 0) {
		ssize_t n = s->null < 0 ? -1 : splice(s->in, NULL, s->null, NULL, len, SPLICE_F_NONBLOCK);
		if (n <= 0)
			n = read(s->in, page, len < sizeof(page) ? len : sizeof(page));
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		len -= (size_t)n;
	}
	return 0;
}

/*
 * All that the source holds, to each sink's own pipe. Where one had less room than another, the bytes are copied as
 * well, and each goes on with the copy from where its pipe ends.
 */
static ssize_t take_pages(struct spread *s)
{
	size_t len = 0;
	bool equal = true;

	for (size_t i = 0; i < s->count; i++) {
		struct spread_sink *k = &s->sinks[i];
		if (k->out < 0)
			continue;
		ssize_t n = tee(s->in, k->stage[1], len ? len : MOVE_MAX, SPLICE_F_NONBLOCK);
		if (n < 0 && is_refusal(errno))
			s->refused = true;
		else if (len == 0 && n <= 0)
			return n < 0 ? -errno : 0;
		k->staged = n > 0 ? (size_t)n : 0;
		equal = equal && n > 0 && (len == 0 || (size_t)n == len);
		if (len == 0)
			len = k->staged;
	}
	if (!equal)
		return take_copy(s, len ? len : BUFFER_SIZE);
	int r = discard(s, len);
	return r < 0 ? r : (ssize_t)len;
}

/* Returns bytes, 0 at the end of the source or of the only sink, -EAGAIN or another -errno. */
static ssize_t take(struct spread *s)
{
	struct spread_sink *only = NULL;
	size_t open_ones = 0;

	for (size_t i = 0; i < s->count; i++) {
		s->sinks[i].copied = 0;
		if (s->sinks[i].out >= 0) {
			only = &s->sinks[i];
			open_ones++;
		}
	}
	s->buffer_len = 0;
	if (open_ones == 0)
		return 0;
	if (s->refused)
		return take_copy(s, BUFFER_SIZE);
	return open_ones == 1 ? take_direct(s, only) : take_pages(s);
}

/* Where splice(2) is refused: so little as fits if poll(2) says that anything does. Source: pipe(7), PIPE_BUF. */
static ssize_t give_copied_page(struct spread_sink *k)
{
	char page[PIPE_BUF];
	struct pollfd fd = { .fd = k->out, .events = POLLOUT };
	size_t len = k->staged < sizeof(page) ? k->staged : sizeof(page);

	if (poll(&fd, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	ssize_t n = read(k->stage[0], page, len);
	return n <= 0 ? n : write(k->out, page, (size_t)n);
}

/* Returns 0 or -errno; what it got, and whether it is blocked, is noted in k. */
static int give(struct spread *s, struct spread_sink *k)
{
	while (behind(s, k) && !k->blocked) {
		bool pages = k->staged > 0;
		ssize_t n;
		if (pages)
			n = splice(k->stage[0], NULL, k->out, NULL, k->staged, SPLICE_F_NONBLOCK);
		else
			n = write(k->out, s->buffer + k->copied, s->buffer_len - k->copied);
		if (n < 0 && pages && is_refusal(errno)) {
			s->refused = true;
			n = give_copied_page(k);
		}
		if (n < 0) {
			int r = sink_failed(k, errno);
			if (r < 0)
				return r;
			continue;
		}
		k->bytes += (uint64_t)n;
		if (pages)
			k->staged -= (size_t)n;
		else
			k->copied += (size_t)n;
	}
	return 0;
}

/* Gives all sinks what they lack; those that have got everything are closed. Returns whether one is behind, or -errno. */
static int give_all(struct spread *s)
{
	bool any = false;

	for (size_t i = 0; i < s->count; i++) {
		struct spread_sink *k = &s->sinks[i];
		int r = give(s, k);
		if (r < 0)
			return r;
		any = any || behind(s, k);
		if (s->in < 0 && !behind(s, k))
			close_sink(k);
	}
	return any;
}

static void look(struct spread *s, const struct pollfd *fds)
{
	for (size_t i = 0; i < s->count; i++) {
		short events = fds[1 + i].revents;
		if (events & (POLLERR | POLLNVAL))
			close_sink(&s->sinks[i]);
		if (events & POLLOUT)
			s->sinks[i].blocked = false;
	}
}

static bool has_sinks(const struct spread *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->sinks[i].out >= 0)
			return true;
	return false;
}

static bool any_blocked(const struct spread *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->sinks[i].out >= 0 && s->sinks[i].blocked)
			return true;
	return false;
}

int spread_step(struct spread *s, const struct pollfd *fds)
{
	if (s->waits == SPREAD_ENDED)
		return 0;
	if (fds)
		look(s, fds);
	for (int round = 0; round < ROUNDS; round++) {
		int r = give_all(s);
		if (r < 0)
			return r;
		if (r > 0 || any_blocked(s)) {
			s->waits = SPREAD_WAITS_OUT;
			return 0;
		}
		if (s->in < 0 || !has_sinks(s)) {
			end(s);
			return 0;
		}
		ssize_t n = take(s);
		if (n == 0)
			ipc_close(&s->in);
		else if (n > 0)
			s->bytes += (uint64_t)n;
		else if (n != -EAGAIN && n != -EINTR)
			return (int)n;
		else if (!any_blocked(s)) {
			s->waits = SPREAD_WAITS_IN;
			return 0;
		}
	}
	return 1;
}
