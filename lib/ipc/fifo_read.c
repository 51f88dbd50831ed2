#include "ipc/fifo_private.h"
#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { COPY_MAX = 64 * 1024 };

int fifo_reader_init(struct fifo_reader *r, struct ipc_channel *c, enum framing framing, bool exact)
{
	*r = (struct fifo_reader){ .c = c, .exact = exact, .stay = fifo_state(c)->loose, .peek = { -1, -1 } };
	ipc_decoder_init(&r->d, framing, FIFO_RECORD_MAX);
	/* Non-blocking, so that nothing hangs if another process reads the FIFO after all. */
	if (exact && pipe2(r->peek, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

void fifo_reader_free(struct fifo_reader *r)
{
	ipc_decoder_free(&r->d);
	ipc_close(&r->peek[0]);
	ipc_close(&r->peek[1]);
}

/* The decoder begins anew: what it held belonged to writers that have left. */
static void start_anew(struct fifo_reader *r)
{
	enum framing framing = (enum framing)(r->d.framing - ipc_framings);

	ipc_decoder_free(&r->d);
	ipc_decoder_init(&r->d, framing, FIFO_RECORD_MAX);
	r->ended = false;
}

/* Takes len bytes out of the FIFO that were copied before. Returns 0 or -errno: -EBUSY if somebody else took them. */
static int discard(int fd, size_t len)
{
	char buf[4096];

	while (len > 0) {
		ssize_t n = read(fd, buf, len < sizeof(buf) ? len : sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 || (n < 0 && errno == EAGAIN))
			return -EBUSY;
		if (n < 0)
			return -errno;
		len -= (size_t)n;
	}
	return 0;
}

/* What the decoder gave out of the copy leaves the FIFO; with all, so does what it keeps. */
static int take_used(struct fifo_reader *r, bool all)
{
	uint64_t kept = all ? 0 : ipc_decoder_left(&r->d);
	size_t used = kept < r->copied ? r->copied - (size_t)kept : 0;

	r->copied -= used;
	return discard(r->c->fd, used);
}

/* Copies what comes next into the decoder. Returns the number of bytes, 0 at the end, or -errno. */
static ssize_t copy(struct fifo_reader *r)
{
	char *room;
	size_t len;
	int failed = ipc_decoder_room(&r->d, &room, &len);

	if (failed < 0)
		return failed;
	ssize_t n = tee(r->c->fd, r->peek[1], len < COPY_MAX ? len : COPY_MAX, SPLICE_F_NONBLOCK);
	if (n < 0)
		return -errno;
	n = ipc_read_full(r->peek[0], room, (size_t)n);
	if (n < 0)
		return n;
	r->copied = (size_t)n;
	ipc_decoder_fed(&r->d, (size_t)n);
	return n;
}

/* Waits until there is something to read, all writers have left, or nobody reads what is watched. */
static int await_input(struct fifo_reader *r, struct ipc_deadline deadline, int watch)
{
	struct pollfd p[] = { { .fd = r->c->fd, .events = POLLIN }, { .fd = watch } };
	int n = poll(p, ARRAY_SIZE(p), ipc_deadline_poll_ms(deadline));

	if (n < 0)
		return -errno;
	if (p[0].revents)
		return 0;
	if (p[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		return -EPIPE;
	return ipc_deadline_left(deadline) == 0 ? ipc_deadline_error(deadline) : 0; /* a day has passed */
}

/* Feeds the decoder once. Returns 0 or -errno. */
static int feed(struct fifo_reader *r, struct ipc_deadline deadline, int watch)
{
	ssize_t n = r->exact ? take_used(r, true) : 0;

	if (n == 0)
		n = await_input(r, deadline, watch);
	if (n < 0)
		return (int)n;
	n = r->exact ? copy(r) : ipc_decoder_read(&r->d, r->c->fd);
	if (n == -EAGAIN)
		return 0; /* another process was faster */
	if (n == 0)
		r->ended = true;
	return n < 0 ? (int)n : 0;
}

int fifo_reader_next(struct fifo_reader *r, struct ipc_record *ret, struct ipc_deadline deadline, int watch)
{
	for (;;) {
		int got = ipc_decoder_next(&r->d, ret);
		if (got == 1 && r->exact) {
			int taken = take_used(r, false);
			return taken < 0 ? taken : 1;
		}
		if (got == 0 && r->stay) {
			start_anew(r);
			got = fifo_await_writer(r->c);
			if (got == 0)
				continue;
		}
		if (got != -EAGAIN)
			return got;
		got = feed(r, deadline, watch);
		if (got < 0)
			return got;
	}
}

bool fifo_reader_again(struct fifo_reader *r)
{
	if (!r->stay || !r->ended)
		return false;
	start_anew(r);
	return fifo_await_writer(r->c) == 0;
}
