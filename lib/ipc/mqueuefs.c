#include "ipc/mqueuefs.h"

#include "ipc/io.h"
#include "ipc/nspace.h"
#include "ipc/posixnames.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef MQUEUE_MAGIC
#define MQUEUE_MAGIC 0x19800202 /* ipc/mqueue.c */
#endif

enum { LIMIT_TEXT_MAX = 64, JUDGES_MAX = 16 };

/* Whose queues a directory shows. */
enum whose { OURS, FOREIGN, NOBODY_KNOWS };

/* What one queue that is listed tells about its directory. */
static enum whose judge_by(const char *name, int dir, const struct stat *dir_stat)
{
	char path[NAME_MAX + 2];
	struct stat st;

	snprintf(path, sizeof(path), "/%s", name);
	AUTO_CLOSE int fd = mq_open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == EACCES)
		fd = mq_open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) /* or it was removed just now */
		return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? FOREIGN : NOBODY_KNOWS;
	if (fd < 0 || fstat(fd, &st) < 0)
		return NOBODY_KNOWS;
	return st.st_dev == dir_stat->st_dev ? OURS : FOREIGN;
}

static DIR *open_stream(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream && fd >= 0)
		ipc_close(&fd);
	return stream;
}

static bool is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/*
 * After unshare(2) a mount that is there still shows the old namespace. A queue of ours is on the same
 * device as its directory; asking a few is enough, since most answer.
 */
static enum whose judge(int dir)
{
	enum whose answer = NOBODY_KNOWS;
	DIR *stream = open_stream(dir);
	struct stat st;

	if (!stream)
		return NOBODY_KNOWS;
	if (fstat(dir, &st) == 0) {
		struct dirent *e;
		for (int i = 0; answer == NOBODY_KNOWS && i < JUDGES_MAX && (e = readdir(stream)); i++)
			if (is_name(e))
				answer = judge_by(e->d_name, dir, &st);
	}
	closedir(stream);
	return answer;
}

/* A mount without a place in the tree: this namespace's for certain. */
static int mount_own(void)
{
	AUTO_CLOSE int fs = fsopen("mqueue", FSOPEN_CLOEXEC);

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	AUTO_CLOSE int mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		return -errno;
	int fd = openat(
		mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* what fsmount(2) gives can't be read */
	return fd < 0 ? -errno : fd;
}

int ipc_mqueuefs_open(struct ipc_ctx *ctx)
{
	bool foreign = ctx->ns && ctx->ns->foreign;
	int own = foreign ? mount_own() : -ENODEV;

	if (own >= 0)
		return own;
	AUTO_CLOSE int dir =
		foreign ? nspace_mqueue(ctx->ns) : open("/dev/mqueue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	bool mounted = dir >= 0 && fstatfs(dir, &fs) == 0 && fs.f_type == MQUEUE_MAGIC;
	enum whose whose = mounted ? judge(dir) : NOBODY_KNOWS;

	if (whose != OURS) {
		own = mount_own();
		if (own >= 0)
			return own;
		if (!mounted)
			return -ENODEV;
		if (whose == FOREIGN)
			return -EXDEV;
	}
	int r = dir;
	dir = -1; /* the caller owns it now */
	return r;
}

int ipc_mqueuefs_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	AUTO_CLOSE int dir = ipc_mqueuefs_open(ctx);
	AUTO_POSIXNAMES struct posixnames names = { 0 };
	int r = 0;

	if (dir < 0)
		return dir;
	DIR *stream = open_stream(dir);
	if (!stream)
		return -errno;
	for (struct dirent *e; r >= 0 && (e = ipc_readdir(stream, &r)) != NULL;) {
		if (is_name(e))
			r = posixnames_add(&names, e->d_name);
	}
	closedir(stream);
	int listed = posixnames_each(&names, kind, fn, arg);
	return r < 0 ? r : listed;
}

uint64_t ipc_mqueuefs_limit(const char *name, uint64_t otherwise)
{
	AUTO_FREE char *text = NULL;
	char path[80];
	size_t len;

	snprintf(path, sizeof(path), "/proc/sys/fs/mqueue/%s", name);
	if (ipc_read_file(AT_FDCWD, path, LIMIT_TEXT_MAX, &text, &len) < 0)
		return otherwise;
	return strtoull(text, NULL, 10);
}
