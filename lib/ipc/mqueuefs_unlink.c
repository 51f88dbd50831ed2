#include "ipc/mqueuefs_unlink.h"

#include "ipc/io.h"
#include "ipc/mqueuefs.h"

#include <errno.h>
#include <mqueue.h>
#include <stddef.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

int ipc_mqueuefs_watch(struct ipc_ctx *ctx)
{
	AUTO_CLOSE int dir = ipc_mqueuefs_open(ctx);
	char path[FD_PATH_SIZE];

	if (dir < 0)
		return dir;
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch < 0)
		return -errno;
	ipc_fd_path(dir, path);
	/* Creations too: else two removals in a row would be one event. */
	if (inotify_add_watch(watch, path, IN_CREATE | IN_DELETE) < 0) {
		int error = errno;
		ipc_close(&watch);
		return -error;
	}
	return watch;
}

/* How many of the events in a buffer are removals of this name. */
static unsigned count_in(const char *buf, size_t len, const char *name)
{
	unsigned n = 0;

	for (size_t at = 0; at + sizeof(struct inotify_event) <= len;) {
		struct inotify_event e;
		memcpy(&e, buf + at, sizeof(e));
		/* The kernel fills the name up with zeros. */
		if (e.mask & IN_DELETE && e.len > 0 &&
			strcmp(buf + at + offsetof(struct inotify_event, name), name) == 0)
			n++;
		at += sizeof(e) + e.len;
	}
	return n;
}

static unsigned count_removals(int watch, const char *name)
{
	char buf[8192];
	unsigned n = 0;
	ssize_t len;

	while ((len = read(watch, buf, sizeof(buf))) > 0 || (len < 0 && errno == EINTR))
		if (len > 0)
			n += count_in(buf, (size_t)len, name);
	return n;
}

int ipc_mqueuefs_unlink(int fd, const char *name, int watch)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_nlink == 0)
		return -ESTALE;
	if (mq_unlink(name) < 0)
		return -errno;
	/* If ours is still there another one had the name. */
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_nlink > 0)
		return -EREMCHG;
	/* And if the name was taken away twice, ours went first, by somebody else. */
	return watch >= 0 && count_removals(watch, name + 1) > 1 ? -EREMCHG : 0;
}
