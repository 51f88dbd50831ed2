#include "ipc/channel_ops.h"
#include "ipc/fifo_private.h"
#include "ipc/io.h"
#include "ipc/pathfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/*
 * Who may write a sticky directory may leave a FIFO there that somebody else expects to be his own: the rule of
 * /proc/sys/fs/protected_fifos (proc(5)), which the kernel itself applies to O_CREAT alone.
 */
static int check_owner(int dirfd, const struct stat *st)
{
	struct stat dir;

	if (fstat(dirfd, &dir) < 0)
		return -errno;
	if (!(dir.st_mode & S_ISVTX) || !(dir.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	return st->st_uid == geteuid() || st->st_uid == dir.st_uid ? 0 : -EKEYREJECTED;
}

/* A descriptor of the FIFO that opens nothing (O_PATH). */
static int pin(const char *path)
{
	const char *name;
	struct stat st;
	AUTO_CLOSE int dirfd = pathfile_directory(path, &name);
	if (dirfd < 0)
		return dirfd;
	AUTO_CLOSE int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISFIFO(st.st_mode))
		return S_ISLNK(st.st_mode) ? -ELOOP : -EMEDIUMTYPE;
	int r = check_owner(dirfd, &st);
	if (r < 0)
		return r;
	int pinned = fd;
	fd = -1; /* the caller owns it now */
	return pinned;
}

/* Opens one end of exactly that FIFO. O_WRONLY|O_NONBLOCK is -ENXIO when nobody reads. */
int fifo_open_pinned(int pin, int flags)
{
	char path[FD_PATH_SIZE];

	ipc_fd_path(pin, path);
	int fd = open(path, flags | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	return errno == ENOENT ? -ENOSYS : -errno; /* no /proc */
}

/* Until the other side comes: the kernel lets open(2) wait, and a signal ends that when the time is over. */
static int open_and_wait(int pin, int access, struct ipc_deadline deadline)
{
	struct ipc_alarm alarm;
	int r = ipc_alarm_start(&alarm, deadline);

	if (r < 0)
		return r;
	int fd = fifo_open_pinned(pin, access);
	ipc_alarm_stop(&alarm);
	if (fd == -EINTR && ipc_deadline_left(deadline) == 0)
		return ipc_deadline_error(deadline);
	if (fd >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		r = -errno;
		ipc_close(&fd);
		return r;
	}
	return fd;
}

/* Whether somebody has it open for writing, or had it since fd was opened: 1, 0 or -errno. Nothing is taken from it. */
static int has_writer(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int copy[2];
	ssize_t n;

	if (pipe2(copy, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	do
		n = tee(fd, copy[1], 1, SPLICE_F_NONBLOCK);
	while (n < 0 && errno == EINTR);
	int r = n < 0 && errno != EAGAIN ? -errno : n != 0;
	close(copy[0]);
	close(copy[1]);
	return r == 0 ? poll(&p, 1, 0) > 0 && p.revents & POLLHUP : r;
}

/*
 * Without waiting for a writer. One that waited in open(2) is let in just now: if it found us gone at once,
 * it would be killed by SIGPIPE. So it gets a moment to write.
 */
static int open_reader_now(int pin)
{
	int fd = fifo_open_pinned(pin, O_RDONLY | O_NONBLOCK);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return fd;
	int r = has_writer(fd);
	if (r <= 0) {
		ipc_close(&fd);
		return r < 0 ? r : -EAGAIN;
	}
	(void)poll(&p, 1, LOOK_AGAIN_NS / NSEC_PER_MSEC);
	return fd;
}

static int open_end(int pin, unsigned flags, struct ipc_deadline opening)
{
	bool loose = flags & FIFO_LOOSE;

	if (!(flags & CHANNEL_SEND)) {
		if (loose)
			return fifo_open_pinned(pin, O_RDONLY | O_NONBLOCK);
		return ipc_deadline_nonblock(opening) ? open_reader_now(pin)
						      : open_and_wait(pin, O_RDONLY, opening);
	}
	if (!loose && !ipc_deadline_nonblock(opening))
		return open_and_wait(pin, O_WRONLY, opening);
	int fd = fifo_open_pinned(pin, O_WRONLY | O_NONBLOCK);
	return fd == -ENXIO ? -EAGAIN : fd;
}

static struct fifo_state *state_new(unsigned flags)
{
	struct fifo_state *s = calloc(1, sizeof(*s));

	if (s)
		*s = (struct fifo_state){ .pin = -1, .loose = (flags & FIFO_LOOSE) != 0 };
	return s;
}

static int channel_open(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned flags, struct ipc_channel *c)
{
	AUTO_CLOSE int pinned = pin(sel->name);

	(void)ctx;
	if (pinned < 0)
		return pinned;
	int fd = open_end(pinned, flags, c->opening);
	bool no_reader = fd == -EAGAIN && flags & CHANNEL_SEND && flags & FIFO_LOOSE;
	if (fd < 0 && !no_reader)
		return fd;
	struct fifo_state *s = state_new(flags);
	if (!s) {
		ipc_close(&fd);
		return -ENOMEM;
	}
	s->pin = pinned;
	pinned = -1; /* s owns it now */
	c->scratch = (char *)s;
	c->ends = !s->loose;
	c->message_max = FIFO_RECORD_MAX;
	c->fd = no_reader ? -1 : fd;
	return 0;
}

static void channel_close(struct ipc_channel *c)
{
	struct fifo_state *s = fifo_state(c);

	ipc_close(&c->fd);
	ipc_close(&s->pin);
	ipc_buffer_free(&s->text);
	free(s);
	c->scratch = NULL;
}

const struct ipc_channel_ops ipc_fifo_channel_ops = {
	.open = channel_open,
	.send = fifo_send,
	.close = channel_close,
};

int fifo_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned flags, enum framing framing,
	struct ipc_deadline opening, struct ipc_channel *ret)
{
	int r = ipc_channel_open_within(ctx, sel, flags, opening, ret);

	if (r == 0)
		fifo_state(ret)->framing = framing;
	return r;
}

uint64_t fifo_dropped(const struct ipc_channel *c)
{
	return fifo_state(c)->dropped;
}

void fifo_count(struct ipc_channel *c, uint64_t bytes, int error)
{
	c->bytes += bytes;
	if (c->error == 0)
		c->error = error;
}

uint64_t fifo_unread(const struct ipc_channel *c)
{
	int n = 0;

	return c->fd >= 0 && ioctl(c->fd, FIONREAD, &n) == 0 && n > 0 ? (uint64_t)n : 0;
}

int fifo_await_writer(struct ipc_channel *c)
{
	int fd = fifo_open_pinned(fifo_state(c)->pin, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return fd;
	ipc_close(&c->fd);
	c->fd = fd;
	return 0;
}
