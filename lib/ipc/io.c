#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { CACHED_TRIES = 8 };

int ipc_write_full(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t ipc_read_full(int fd, void *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)buf + got, len - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

int ipc_read_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len)
{
	AUTO_CLOSE int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	AUTO_FREE char *buf = NULL;
	size_t len = 0;

	if (fd < 0)
		return -errno;
	for (size_t room = 4096;; room *= 2) {
		char *larger = realloc(buf, room + 1);
		if (!larger)
			return -ENOMEM;
		buf = larger;
		ssize_t n = ipc_read_full(fd, buf + len, room - len);
		if (n < 0)
			return (int)n;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
		if (len < room)
			break;
	}
	buf[len] = '\0';
	*ret = buf;
	buf = NULL; /* the caller owns it now */
	if (ret_len)
		*ret_len = len;
	return 0;
}

int ipc_open_cached(int dirfd, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = resolve | RESOLVE_CACHED };
	long fd = -1;

	/* Whoever renames anything on the machine can make it fail for a moment. */
	for (int i = 0; i < CACHED_TRIES; i++) {
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	how.resolve = resolve;
	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	if (fd < 0 && !resolve && (errno == ENOSYS || errno == EPERM))
		fd = openat(dirfd, path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

int ipc_stat_cached(int fd, struct stat *ret)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) < 0)
		return -errno;
	*ret = (struct stat){ .st_dev = makedev(st.stx_dev_major, st.stx_dev_minor),
		.st_ino = st.stx_ino,
		.st_mode = st.stx_mode,
		.st_nlink = st.stx_nlink,
		.st_uid = st.stx_uid,
		.st_gid = st.stx_gid };
	return 0;
}

struct dirent *ipc_readdir(DIR *dir, int *ret_error)
{
	errno = 0; /* the only way to tell an error from the end: readdir(3) */
	struct dirent *e = readdir(dir);

	if (!e && errno)
		*ret_error = -errno;
	return e;
}

void ipc_fd_path(int fd, char path[static FD_PATH_SIZE])
{
	snprintf(path, FD_PATH_SIZE, "/proc/self/fd/%d", fd);
}

int ipc_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

int ipc_open_output(const char *path)
{
	/* A FIFO that nobody reads would make us wait, and nothing would limit that. */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

	if (flags >= 0)
		fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

void ipc_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}
