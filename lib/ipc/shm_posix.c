/* POSIX shared memory objects: the regular files in /dev/shm that are no semaphores (shm_overview(7)). */
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/shmdir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The file of /name. */
static const char *filename(const struct ipc_selector *sel)
{
	return sel->name + 1;
}

static bool may_be_segment(int dirfd, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_REG && e->d_type != DT_UNKNOWN)
		return false;
	if (e->d_type == DT_REG && strncmp(e->d_name, SHMDIR_SEM_PREFIX, sizeof(SHMDIR_SEM_PREFIX) - 1) != 0)
		return true;
	if (fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false; /* gone */
	return S_ISREG(st.st_mode) && !ipc_shmdir_is_sem(e->d_name, st.st_mode, (uint64_t)st.st_size);
}

static int posix_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	int fd = ipc_shmdir_open(), r = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char name[NAME_MAX + 2];

	(void)ctx;
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (!dir) {
		r = -errno;
		ipc_close(&fd);
		return r;
	}
	ipc_shmdir_restore(dir);
	for (struct dirent *e; r >= 0 && (e = readdir(dir));) {
		if (!may_be_segment(dirfd(dir), e))
			continue;
		name[0] = '/';
		strcpy(name + 1, e->d_name);
		struct ipc_selector sel = {
			.kind = kind, .form = FORM_POSIX, .name = name, .name_len = strlen(name)
		};
		r = fn(&sel, arg);
	}
	closedir(dir);
	return r;
}

static int posix_stat(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open();

	(void)ctx, (void)want;
	if (dirfd < 0)
		return dirfd;
	int r = ipc_shmdir_stat(dirfd, filename(sel), ret);
	return r < 0 ? r : ipc_selector_copy(&ret->selector, sel);
}

/* Room now: a store into memory that isn't there when it is needed would be SIGBUS. */
static int reserve(int fd, uint64_t size)
{
	int error = EINTR;

	if (size > INT64_MAX)
		return -EFBIG;
	while (error == EINTR)
		error = size ? posix_fallocate(fd, 0, (off_t)size) : 0;
	return -error;
}

static int posix_create(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	struct ipc_selector *ret)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open();
	AUTO_CLOSE int fd = dirfd < 0 ? -1 : ipc_shmdir_draft(dirfd);
	struct ipc_object there = { 0 };

	(void)ctx;
	if (dirfd < 0 || fd < 0)
		return dirfd < 0 ? dirfd : fd;
	if (ipc_shmdir_stat(dirfd, filename(sel), &there) != -ENOENT)
		return -EEXIST; /* before memory is asked for that would not be used */
	if (!ipc_attr_given(attrs, ATTR_SIZE))
		return -EINVAL;
	int r = reserve(fd, attrs->v[ATTR_SIZE]);
	if (r == 0)
		r = ipc_shmdir_publish(fd, dirfd, filename(sel), (mode_t)ipc_attr_or(attrs, ATTR_MODE, 0600),
			(uid_t)ipc_attr_or(attrs, ATTR_UID, (uid_t)-1),
			(gid_t)ipc_attr_or(attrs, ATTR_GID, (gid_t)-1));
	return r < 0 ? r : ipc_selector_copy(ret, sel);
}

static void posix_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open();

	(void)ctx;
	ipc_shmdir_facts(dirfd, filename(&object->selector), object, ret);
}

static int posix_remove(struct ipc_ctx *ctx, const struct ipc_object *object, bool force)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open();

	(void)ctx;
	return dirfd < 0 ? dirfd : ipc_shmdir_remove(dirfd, filename(&object->selector), object, force);
}

static int posix_set_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open();

	(void)ctx;
	return dirfd < 0 ? dirfd : ipc_shmdir_set_mode(dirfd, filename(&object->selector), object, mode);
}

static int posix_set_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open();

	(void)ctx;
	return dirfd < 0 ? dirfd : ipc_shmdir_set_owner(dirfd, filename(&object->selector), object, uid, gid);
}

static int posix_await_change(struct ipc_ctx *ctx, const struct ipc_selector *sel,
	enum ipc_condition condition, struct ipc_deadline deadline)
{
	(void)ctx, (void)sel;
	return ipc_shmdir_await(condition, deadline);
}

static const struct ipc_hint hints[] = {
	{ ENOSPC, "/dev/shm is full: see 'df /dev/shm', or remove segments: ipcctl rm" },
	{ ENOMEM, "memory, or the limit of this control group, is used up: see 'free'" },
	{ ELOOP, "a symbolic link in /dev/shm is never followed: somebody may have planted it" },
	{ EMEDIUMTYPE, "only a regular file in /dev/shm is a segment" },
	{ ENAMETOOLONG, "a name has at most 255 bytes behind its slash" },
	{ 0 },
};

static const struct ipc_kind_ops ops = {
	.list = posix_list,
	.stat = posix_stat,
	.create = posix_create,
	.facts = posix_facts,
	.remove = posix_remove,
	.set_mode = posix_set_mode,
	.set_owner = posix_set_owner,
	.await_change = posix_await_change,
};

const struct ipc_kind ipc_kind_shm_posix = {
	.class = "shm",
	.api = "posix",
	.label = "POSIX shared memory object",
	.noun = "segment",
	.forms = BIT(FORM_POSIX),
	.attrs = BIT(ATTR_MODE) | BIT(ATTR_UID) | BIT(ATTR_GID) | BIT(ATTR_SIZE),
	.hints = hints,
	.ops = &ops,
};
