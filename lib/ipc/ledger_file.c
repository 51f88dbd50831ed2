#include "ipc/ledger_file.h"

#include "ipc/io.h"
#include "ipc/procfds_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILENAME "made"
#define DRAFT "made.new"
enum { OPEN_TRIES = 100 };

size_t ledger_places(const struct ipc_ctx *ctx, uid_t owner, struct ledger_place ret[static LEDGER_PLACES])
{
	struct ledger_place *p = ret;

	if (owner == 0)
		*p++ = (struct ledger_place){ .owner = owner, .dir = "/run/ipcctl" };
	if (owner == geteuid() && ctx->runtime_dir) {
		*p++ = (struct ledger_place){ .owner = owner, .path = ctx->runtime_dir, .dir = "ipcctl" };
	} else if (owner != 0) {
		*p = (struct ledger_place){ .owner = owner };
		snprintf(p->dir, sizeof(p->dir), "/run/user/%u/ipcctl", (unsigned)owner);
		p++;
	}
	*p = (struct ledger_place){ .owner = owner };
	snprintf(p->dir, sizeof(p->dir), "/tmp/ipcctl-%u", (unsigned)owner);
	return (size_t)(p - ret) + 1;
}

/* Root's is for all to read: whether it was made to stay is asked by everybody who sees an object. */
static mode_t mode_of(uid_t owner, mode_t mode)
{
	return owner == 0 ? mode | ((mode & 0500) >> 3) | ((mode & 0500) >> 6) : mode;
}

static bool is_owned(const struct stat *st, uid_t owner)
{
	return st->st_uid == owner && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* The directory that the ledger is in, if it is its owner's. */
static int open_dir(const struct ledger_place *p, bool make)
{
	struct stat st;
	AUTO_CLOSE int above =
		p->path ? open(p->path, O_PATH | O_DIRECTORY | O_CLOEXEC) : open("/", O_PATH | O_CLOEXEC);

	if (above < 0)
		return -errno;
	bool made = make && mkdirat(above, p->dir, mode_of(p->owner, 0700)) == 0;
	AUTO_CLOSE int fd = openat(above, p->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!is_owned(&st, p->owner))
		return -EPERM;
	if (made && fchmod(fd, mode_of(p->owner, 0700)) < 0) /* the umask took away from it */
		return -errno;
	int r = fd;
	fd = -1; /* the caller owns it now */
	return r;
}

/*
 * Opens for reading what another user may have put there: not before it is known that no server of his is asked, since
 * that could keep us waiting for ever.
 */
static int open_guarded(const struct procfds_mounts *m, int dirfd, const char *name)
{
	AUTO_CLOSE int at = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char path[FD_PATH_SIZE];
	struct stat st;

	if (at < 0)
		return -errno;
	if (!procfds_fd_is_local(m, at) || ipc_stat_cached(at, &st) < 0 ||
		!(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return -EACCES;
	ipc_fd_path(at, path);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The ledger of another user, or -errno. */
static int open_foreign(const struct ledger_place *p)
{
	struct procfds_mounts mounts = { 0 };
	const char *name = strrchr(p->dir, '/') + 1;
	char above[sizeof(p->dir)];
	struct stat st;
	int r = procfds_own_mounts(&mounts);

	snprintf(above, sizeof(above), "%.*s", (int)(name - p->dir), p->dir);
	AUTO_CLOSE int at = r < 0 ? r : open(above, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (r == 0)
		r = at < 0 ? -errno : procfds_fd_is_local(&mounts, at) ? 0 : -EACCES;
	AUTO_CLOSE int dir = r < 0 ? r : open_guarded(&mounts, at, name);
	if (r == 0)
		r = dir < 0 ? dir : fstat(dir, &st) < 0 ? -errno : is_owned(&st, p->owner) ? 0 : -EPERM;
	if (r == 0)
		r = open_guarded(&mounts, dir, FILENAME);
	procfds_mounts_clear(&mounts);
	return r;
}

static int open_own(const struct ledger_place *p)
{
	AUTO_CLOSE int dirfd = open_dir(p, false);

	if (dirfd < 0)
		return dirfd;
	int fd = openat(dirfd, FILENAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Returns 0 or -errno. */
static int check(int fd, uid_t owner, struct stat *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || !is_owned(&st, owner) || st.st_nlink > 1)
		return -EPERM;
	if (st.st_size > LEDGER_MAX)
		return -EFBIG;
	*ret = st;
	return 0;
}

int ledger_open(const struct ledger_place *place, struct stat *ret)
{
	bool own = place->path || place->owner == geteuid();
	AUTO_CLOSE int fd = own ? open_own(place) : open_foreign(place);
	int r = fd < 0 ? fd : check(fd, place->owner, ret);
	if (r < 0)
		return r;
	r = fd;
	fd = -1; /* the caller owns it now */
	return r;
}

/* It may have been replaced while we waited for the lock. */
static int lock(int dirfd, int fd, uid_t owner)
{
	struct stat st, now;

	if (flock(fd, LOCK_EX) < 0)
		return -errno;
	int r = check(fd, owner, &st);
	if (r < 0)
		return r;
	if (fstatat(dirfd, FILENAME, &now, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	return now.st_ino == st.st_ino && now.st_dev == st.st_dev ? 0 : -EAGAIN;
}

static int open_locked(int dirfd, uid_t owner)
{
	mode_t mode = mode_of(owner, 0600);
	int access = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	AUTO_CLOSE int fd = openat(dirfd, FILENAME, access | O_CREAT | O_EXCL, mode);

	if (fd >= 0 && fchmod(fd, mode) < 0)
		return -errno;
	if (fd < 0 && errno == EEXIST)
		fd = openat(dirfd, FILENAME, access);
	int r = fd < 0 ? -errno : lock(dirfd, fd, owner);
	if (r < 0)
		return r == -ENOENT ? -EAGAIN : r;
	r = fd;
	fd = -1; /* the caller owns it now */
	return r;
}

int ledger_open_to_add(const struct ledger_place *place, int *ret_dirfd)
{
	AUTO_CLOSE int dirfd = open_dir(place, true);
	int r = dirfd < 0 ? dirfd : -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < OPEN_TRIES; i++)
		r = open_locked(dirfd, place->owner);
	if (r < 0)
		return r;
	*ret_dirfd = dirfd;
	dirfd = -1; /* the caller owns it now */
	return r;
}

int ledger_replace(int dirfd, const struct ledger_place *place, const char *text, size_t len)
{
	mode_t mode = mode_of(place->owner, 0600);

	unlinkat(dirfd, DRAFT, 0); /* of one who was killed: we have the lock */
	AUTO_CLOSE int fd = openat(dirfd, DRAFT, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	int r = fd < 0 ? -errno : fchmod(fd, mode) < 0 ? -errno : ipc_write_full(fd, text, len);
	if (r == 0 && renameat(dirfd, DRAFT, dirfd, FILENAME) < 0)
		r = -errno;
	if (r < 0 && fd >= 0)
		unlinkat(dirfd, DRAFT, 0);
	return r;
}
