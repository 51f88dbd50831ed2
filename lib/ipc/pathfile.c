#include "ipc/pathfile.h"

#include "ipc/filefacts.h"
#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <unistd.h>

int pathfile_directory(const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
	char directory[PATH_MAX];

	if (!*name)
		return -EISDIR;
	if (len >= sizeof(directory))
		return -ENAMETOOLONG;
	memcpy(directory, path, len);
	directory[len] = '\0';
	int fd = open(len ? directory : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_name = name;
	return fd;
}

static int check_type(mode_t mode, mode_t type)
{
	if ((mode & S_IFMT) == type)
		return 0;
	return S_ISLNK(mode) ? -ELOOP : -EMEDIUMTYPE;
}

int pathfile_pin(const char *path, mode_t type, struct stat *ret)
{
	struct stat st;
	AUTO_CLOSE int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	int r = check_type(st.st_mode, type);
	if (r < 0)
		return r;
	if (ret)
		*ret = st;
	int pinned = fd;
	fd = -1; /* the caller owns it now */
	return pinned;
}

int pathfile_pin_object(const struct ipc_object *object)
{
	AUTO_CLOSE int fd = open(object->selector.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int r = fd < 0 ? -errno : ipc_aside_check(fd, "", object);

	if (r < 0)
		return r;
	int pinned = fd;
	fd = -1; /* the caller owns it now */
	return pinned;
}

int pathfile_stat(const struct ipc_selector *sel, mode_t type, struct ipc_object *ret)
{
	struct statx st;

	if (statx(AT_FDCWD, sel->name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_BTIME,
		    &st) < 0)
		return -errno;
	int r = check_type(st.stx_mode, type);
	if (r == 0)
		r = ipc_selector_copy(&ret->selector, sel);
	if (r < 0)
		return r;
	ipc_file_facts(&st, ret);
	return 0;
}

int pathfile_chmod(int fd, mode_t mode)
{
	char path[FD_PATH_SIZE];

	ipc_fd_path(fd, path); /* fchmod(2) takes no O_PATH descriptor */
	if (chmod(path, mode) == 0)
		return 0;
	return errno == ENOENT ? -ENOSYS : -errno; /* no /proc */
}

int pathfile_set_mode(const struct ipc_object *object, mode_t mode)
{
	AUTO_CLOSE int fd = pathfile_pin_object(object);

	return fd < 0 ? fd : pathfile_chmod(fd, mode);
}

int pathfile_set_owner(const struct ipc_object *object, uid_t uid, gid_t gid)
{
	AUTO_CLOSE int fd = pathfile_pin_object(object);

	if (fd < 0)
		return fd;
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/*
 * A lock on the directory tells pathfile_restore() that a removal is under way: many may be, at once. It is only
 * between ipcctl and itself, and nobody waits for it. Returns a descriptor to be closed, or -1.
 */
static int lock_directory(int dirfd, int how)
{
	char path[FD_PATH_SIZE];

	ipc_fd_path(dirfd, path);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, how | LOCK_NB) < 0)
		return -1;
	int locked = fd;
	fd = -1; /* the caller owns it now */
	return locked;
}

int pathfile_remove(const struct ipc_object *object, ipc_aside_fn *unused, void *arg)
{
	const char *name;
	AUTO_CLOSE int dirfd = pathfile_directory(object->selector.name, &name);
	if (dirfd < 0)
		return dirfd;
	AUTO_CLOSE int locked = lock_directory(dirfd, LOCK_SH);
	return ipc_aside_remove(dirfd, name, object, unused, arg);
}

bool pathfile_restore(char *path)
{
	const char *aside, *name;
	AUTO_CLOSE int dirfd = pathfile_directory(path, &aside);
	if (dirfd < 0 || !(name = ipc_aside_original(aside)))
		return false;
	AUTO_CLOSE int locked = lock_directory(dirfd, LOCK_EX);
	if (locked < 0 || renameat2(dirfd, aside, dirfd, name, RENAME_NOREPLACE) < 0)
		return false;
	memmove(path + (aside - path), name, strlen(name) + 1);
	return true;
}

int pathfile_await(const struct ipc_selector *sel, enum ipc_condition condition, struct ipc_deadline deadline)
{
	const char *name;
	char path[FD_PATH_SIZE];

	if (condition != CONDITION_EXISTS && condition != CONDITION_GONE)
		return -EAGAIN;
	AUTO_CLOSE int dirfd = pathfile_directory(sel->name, &name);
	AUTO_CLOSE int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (dirfd < 0 || fd < 0)
		return -EAGAIN;
	ipc_fd_path(dirfd, path);
	if (inotify_add_watch(fd, path,
		    IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_ONLYDIR) < 0)
		return -EAGAIN;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	deadline = ipc_deadline_within(deadline, LOOK_AGAIN_NS);
	return poll(&p, 1, ipc_deadline_poll_ms(deadline)) < 0 ? -errno : 0;
}
