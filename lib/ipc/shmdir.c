#include "ipc/shmdir.h"

#include "ipc/aside.h"
#include "ipc/filefacts.h"
#include "ipc/io.h"
#include "ipc/lease.h"
#include "ipc/nspace.h"
#include "ipc/posixnames.h"
#include "ipc/traces.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <unistd.h>

#define DIRECTORY "/dev/shm"
enum { PREFIX_LEN = sizeof(SHMDIR_SEM_PREFIX) - 1 };

static bool has_prefix(const char *name)
{
	return strncmp(name, SHMDIR_SEM_PREFIX, PREFIX_LEN) == 0 && name[PREFIX_LEN];
}

bool ipc_shmdir_is_sem(const char *name, mode_t mode, uint64_t size)
{
	return S_ISREG(mode) && size >= SHMDIR_SEM_SIZE && has_prefix(name);
}

int ipc_shmdir_open(struct ipc_ctx *ctx)
{
	if (ctx && ctx->ns)
		return nspace_shm(ctx->ns);
	int fd = open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int only_regular(mode_t mode)
{
	if (S_ISREG(mode))
		return 0;
	return S_ISLNK(mode) ? -ELOOP : -EMEDIUMTYPE;
}

/*
 * A look before the leap, since even opening what is no regular file can do harm (a FIFO's other side
 * wakes up), and one behind it: what was opened is what counts.
 */
static int open_regular(
	struct ipc_ctx *ctx, int dirfd, const char *name, int access, int tries, struct stat *ret)
{
	struct stat st;
	int opened;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	int r = only_regular(st.st_mode);
	if (r < 0)
		return r;
	do {
		opened = openat(dirfd, name, access | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	} while (opened < 0 && ipc_lease_open_again(ctx, errno, &tries));
	AUTO_CLOSE int fd = opened;
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	r = only_regular(st.st_mode);
	if (r < 0)
		return r;
	if (ret)
		*ret = st;
	fd = -1; /* the caller owns it now */
	return opened;
}

int ipc_shmdir_entry(int dirfd, const char *name, int access, struct stat *ret)
{
	return open_regular(NULL, dirfd, name, access, LEASE_PATIENT, ret);
}

int ipc_shmdir_look(struct ipc_ctx *ctx, int dirfd, const char *name, int access, struct stat *ret)
{
	int fd =
		open_regular(ctx, dirfd, name, access | (access == O_PATH ? 0 : O_NOATIME), LEASE_BRIEF, ret);

	/* Only the owner may leave the time of the last access alone. */
	return fd == -EPERM ? open_regular(ctx, dirfd, name, access, LEASE_BRIEF, ret) : fd;
}

int ipc_shmdir_stat(int dirfd, const char *name, struct ipc_object *ret)
{
	struct statx st;

	if (statx(dirfd, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
		return -errno;
	int r = only_regular(st.stx_mode);
	if (r < 0)
		return r;
	ipc_file_facts(&st, ret);
	ipc_object_set(ret, FIELD_SIZE, (int64_t)st.stx_size);
	ipc_object_set(ret, FIELD_USED, (int64_t)st.stx_blocks * 512);
	return 0;
}

/* --- creating --- */

int ipc_shmdir_draft(int dirfd)
{
	int fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

int ipc_shmdir_publish(int fd, int dirfd, const char *name, mode_t mode, uid_t uid, gid_t gid)
{
	char path[FD_PATH_SIZE];

	if ((uid != (uid_t)-1 || gid != (gid_t)-1) && fchown(fd, uid, gid) < 0)
		return -errno;
	if (fchmod(fd, mode) < 0) /* behind fchown, which clears bits of it */
		return -errno;
	ipc_fd_path(fd, path);
	if (linkat(AT_FDCWD, path, dirfd, name, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	if (errno != ENOENT)
		return -errno;
	/* No /proc. This needs a privilege, or Linux 6.10. */
	return linkat(fd, "", dirfd, name, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/* --- removing --- */

/*
 * Whether nobody but us has the file, whose descriptor arg is: for ipc_aside_remove(). The lease that proves it is held
 * until the descriptor is closed, when the file is gone.
 */
static int check_unused(int dirfd, const char *name, void *arg)
{
	int fd = *(const int *)arg;

	(void)dirfd, (void)name;
	if (fd < 0)
		return fd == -EAGAIN ? -EBUSY : -EADDRINUSE;
	return ipc_lease_hold(fd);
}

int ipc_shmdir_remove(int dirfd, const char *name, const struct ipc_object *object, bool force)
{
	struct stat st;
	AUTO_CLOSE int looking = ipc_shmdir_entry(dirfd, name, O_PATH, &st);

	if (looking < 0)
		return looking;
	int r = ipc_aside_check(looking, "", object);
	if (r < 0)
		return r;
	AUTO_CLOSE int fd = ipc_shmdir_look(NULL, dirfd, name, O_RDONLY, &st);
	if (fd >= 0 && (r = ipc_aside_check(fd, "", object)) < 0)
		return r;
	/* Tells restore() that this removal is under way. */
	if (fd >= 0)
		flock(fd, LOCK_EX | LOCK_NB);
	return ipc_aside_remove(dirfd, name, object, force ? NULL : check_unused, &fd);
}

static void restore_one(struct ipc_ctx *ctx, int dirfd, const char *aside, const char *name)
{
	struct stat st, now;
	AUTO_CLOSE int fd = open_regular(ctx, dirfd, aside, O_RDONLY, LEASE_BRIEF, &st);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	if (fstatat(dirfd, aside, &now, AT_SYMLINK_NOFOLLOW) < 0 || now.st_dev != st.st_dev ||
		now.st_ino != st.st_ino)
		return;
	/* What can't be renamed stays visible under its present name. */
	(void)!renameat2(dirfd, aside, dirfd, name, RENAME_NOREPLACE);
}

/* Gives files whose removal was interrupted their names back, where that is allowed and the name is free. */
static void restore(struct ipc_ctx *ctx, DIR *dir)
{
	for (struct dirent *e; (e = readdir(dir));) {
		const char *name = ipc_aside_original(e->d_name);
		if (name)
			restore_one(ctx, dirfd(dir), e->d_name, name);
	}
	rewinddir(dir);
}

/* --- listing --- */

static bool is_wanted(int dirfd, const struct dirent *e, bool semaphores)
{
	struct stat st;

	if (e->d_type != DT_REG && e->d_type != DT_UNKNOWN)
		return false;
	if (!has_prefix(e->d_name) && (semaphores || e->d_type == DT_REG))
		return !semaphores;
	if (fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		/* What can't be looked at is not left out: the look at it says why. Its name says what it is. */
		return errno != ENOENT && semaphores == has_prefix(e->d_name);
	return S_ISREG(st.st_mode) &&
		ipc_shmdir_is_sem(e->d_name, st.st_mode, (uint64_t)st.st_size) == semaphores;
}

int ipc_shmdir_list(
	struct ipc_ctx *ctx, const struct ipc_kind *kind, bool semaphores, ipc_name_fn *fn, void *arg)
{
	int fd = ipc_shmdir_open(ctx), r = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	AUTO_POSIXNAMES struct posixnames names = { 0 };

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (!dir) {
		r = -errno;
		ipc_close(&fd);
		return r;
	}
	restore(ctx, dir);
	for (struct dirent *e; r >= 0 && (e = ipc_readdir(dir, &r));) {
		if (is_wanted(dirfd(dir), e, semaphores))
			r = posixnames_add(&names, e->d_name + (semaphores ? PREFIX_LEN : 0));
	}
	closedir(dir);
	int listed = posixnames_each(&names, kind, fn, arg);
	return r < 0 ? r : listed;
}

/* --- the file that was looked at --- */

static int entry_of_object(
	struct ipc_ctx *ctx, int dirfd, const char *name, int access, const struct ipc_object *object)
{
	struct stat st;
	AUTO_CLOSE int fd = open_regular(ctx, dirfd, name, access, LEASE_BRIEF, &st);

	if (fd < 0)
		return fd;
	int r = ipc_aside_check(fd, "", object);
	if (r < 0)
		return r;
	int result = fd;
	fd = -1; /* the caller owns it now */
	return result;
}

static void ask_for_lease(struct ipc_ctx *ctx, int dirfd, const char *name, const struct ipc_object *object,
	struct ipc_facts *ret)
{
	AUTO_CLOSE int fd = entry_of_object(ctx, dirfd, name, O_RDONLY, object);

	if (fd >= 0)
		ipc_lease_facts(ctx, fd, ret);
	else if (fd == -EAGAIN)
		ipc_lease_refused(ctx, ret);
	else
		ret->held = ipc_fact_of(ANSWER_UNKNOWN, "it may not be opened to ask the kernel who has it");
}

void ipc_shmdir_facts(struct ipc_ctx *ctx, int dirfd, const char *name, const struct ipc_object *object,
	struct ipc_facts *ret)
{
	ret->users.answer = ANSWER_NO; /* the kernel records none */
	if (traces_holder(ctx, object, &ret->held))
		return;
	ask_for_lease(ctx, dirfd, name, object, ret);
	if (ret->held.answer != ANSWER_NO)
		return;
	ret->used = traces_use(object);
	if (ret->used.answer == ANSWER_YES) /* else it is idle, and asking costs */
		ret->maker = traces_maker(ctx, object, object->common[FIELD_CREATED].number);
}

int ipc_shmdir_set_mode(int dirfd, const char *name, const struct ipc_object *object, mode_t mode)
{
	char path[FD_PATH_SIZE];
	AUTO_CLOSE int fd = entry_of_object(NULL, dirfd, name, O_PATH, object);

	if (fd < 0)
		return fd;
	ipc_fd_path(fd, path); /* fchmod(2) takes no O_PATH descriptor */
	if (chmod(path, mode) == 0)
		return 0;
	return errno == ENOENT ? -ENOSYS : -errno; /* no /proc */
}

int ipc_shmdir_set_owner(int dirfd, const char *name, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	AUTO_CLOSE int fd = entry_of_object(NULL, dirfd, name, O_PATH, object);

	if (fd < 0)
		return fd;
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int ipc_shmdir_await(struct ipc_ctx *ctx, enum ipc_condition condition, struct ipc_deadline deadline)
{
	uint32_t events = condition == CONDITION_EXISTS ? IN_CREATE | IN_MOVED_TO
		: condition == CONDITION_GONE           ? IN_DELETE | IN_MOVED_FROM
							: 0;
	if (!events)
		return -EAGAIN;
	AUTO_CLOSE int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	AUTO_CLOSE int dir = ctx->ns ? ipc_shmdir_open(ctx) : -1;
	char path[FD_PATH_SIZE] = DIRECTORY;
	if (ctx->ns)
		ipc_fd_path(dir, path);
	if (fd < 0 || inotify_add_watch(fd, path, events | IN_ONLYDIR) < 0)
		return -EAGAIN;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	deadline = ipc_deadline_within(deadline, LOOK_AGAIN_NS);
	return poll(&p, 1, ipc_deadline_poll_ms(deadline)) < 0 ? -errno : 0;
}
