/* POSIX shared memory objects: the regular files in /dev/shm that are no semaphores (shm_overview(7)). */
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/limits.h"
#include "ipc/shm_private.h"
#include "ipc/shmdir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Who has it open or mapped. */
enum { SOURCES = HOLDERS_FILES | HOLDERS_MAPS };

/* The file of /name. */
static const char *filename(const struct ipc_selector *sel)
{
	return sel->name + 1;
}

static int posix_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	return ipc_shmdir_list(ctx, kind, false, fn, arg);
}

static int posix_stat(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open(ctx);

	(void)want;
	if (dirfd < 0)
		return dirfd;
	int r = ipc_shmdir_stat(dirfd, filename(sel), ret);
	return r < 0 ? r : ipc_selector_copy(&ret->selector, sel);
}

static int posix_holders(struct ipc_ctx *ctx, struct ipc_object *o)
{
	return holders_of(ctx, SOURCES, HELD_FILE, o->dev, o->ino, o);
}

/* Room now: a store into memory that isn't there when it is needed would be SIGBUS. */
static int reserve(int fd, uint64_t offset, uint64_t len)
{
	uint64_t end;
	int error = EINTR;

	if (__builtin_add_overflow(offset, len, &end) || end > INT64_MAX)
		return -EFBIG;
	while (error == EINTR)
		error = len ? posix_fallocate(fd, (off_t)offset, (off_t)len) : 0;
	return -error;
}

static int posix_create(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	struct ipc_selector *ret)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open(ctx);
	AUTO_CLOSE int fd = dirfd < 0 ? -1 : ipc_shmdir_draft(dirfd);
	struct ipc_object there = { 0 };

	if (dirfd < 0 || fd < 0)
		return dirfd < 0 ? dirfd : fd;
	if (ipc_shmdir_stat(dirfd, filename(sel), &there) != -ENOENT)
		return -EEXIST; /* before memory is asked for that would not be used */
	if (!ipc_attr_given(attrs, ATTR_SIZE))
		return -EINVAL;
	int r = reserve(fd, 0, attrs->v[ATTR_SIZE]);
	if (r == 0)
		r = ipc_shmdir_publish(fd, dirfd, filename(sel), (mode_t)ipc_attr_or(attrs, ATTR_MODE, 0600),
			(uid_t)ipc_attr_or(attrs, ATTR_UID, (uid_t)-1),
			(gid_t)ipc_attr_or(attrs, ATTR_GID, (gid_t)-1));
	return r < 0 ? r : ipc_selector_copy(ret, sel);
}

static void posix_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open(ctx);

	ipc_shmdir_facts(ctx, dirfd, filename(&object->selector), object, ret);
}

static int posix_remove(struct ipc_ctx *ctx, const struct ipc_object *object, bool force)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open(ctx);

	return dirfd < 0 ? dirfd : ipc_shmdir_remove(dirfd, filename(&object->selector), object, force);
}

static int posix_set_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open(ctx);

	return dirfd < 0 ? dirfd : ipc_shmdir_set_mode(dirfd, filename(&object->selector), object, mode);
}

static int posix_set_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open(ctx);

	return dirfd < 0 ? dirfd : ipc_shmdir_set_owner(dirfd, filename(&object->selector), object, uid, gid);
}

static int posix_await_change(struct ipc_ctx *ctx, const struct ipc_selector *sel,
	enum ipc_condition condition, struct ipc_deadline deadline)
{
	(void)sel;
	return ipc_shmdir_await(ctx, condition, deadline);
}

/* --- the bytes --- */

static void posix_unmap(struct ipc_shm *s)
{
	if (s->view.base)
		munmap(s->view.base, s->view.len);
	s->view = (struct ipc_shmview){ 0 };
}

static void posix_close(struct ipc_shm *s)
{
	posix_unmap(s);
	ipc_close(&s->fd);
}

static int posix_open(struct ipc_shm *s, const struct ipc_selector *sel)
{
	static const int accesses[] = {
		[SHM_READ] = O_RDONLY, [SHM_WRITE] = O_WRONLY, [SHM_READ | SHM_WRITE] = O_RDWR
	};
	bool named = sel->form == FORM_POSIX;
	AUTO_CLOSE int dirfd = named ? ipc_shmdir_open(s->ctx) : -1;

	if (named && dirfd < 0)
		return dirfd;
	int fd = named ? ipc_shmdir_entry(dirfd, filename(sel), accesses[s->access], NULL)
		       : ipc_shm_unlinked_open(s->ctx, sel, accesses[s->access]);
	if (fd < 0)
		return fd;
	s->fd = fd;
	return 0;
}

static int64_t posix_size(const struct ipc_shm *s)
{
	struct stat st;

	return fstat(s->fd, &st) < 0 ? -errno : st.st_size;
}

/* Only the pages that are asked for. */
static int posix_map(struct ipc_shm *s, uint64_t offset, size_t len)
{
	uint64_t page = (uint64_t)getpagesize(), start = offset / page * page;

	if (ipc_shmview_covers(&s->view, offset, len))
		return 0;
	size_t size = (size_t)(offset - start) + len;
	int prot = PROT_READ | (s->access & SHM_WRITE ? PROT_WRITE : 0);
	void *base = mmap(NULL, size, prot, MAP_SHARED, s->fd, (off_t)start);
	if (base == MAP_FAILED)
		return -errno;
	posix_unmap(s);
	s->view = (struct ipc_shmview){ .base = base, .start = start, .len = size };
	return 0;
}

static int posix_reserve(struct ipc_shm *s, uint64_t offset, uint64_t len)
{
	return reserve(s->fd, offset, len);
}

static ssize_t posix_read(struct ipc_shm *s, void *buf, size_t len, uint64_t offset)
{
	ssize_t n;

	if (offset > INT64_MAX)
		return 0;
	while ((n = pread(s->fd, buf, len, (off_t)offset)) < 0 && errno == EINTR)
		;
	return n < 0 ? -errno : n;
}

static ssize_t posix_write(struct ipc_shm *s, const void *buf, size_t len, uint64_t offset)
{
	ssize_t n;

	while ((n = pwrite(s->fd, buf, len, (off_t)offset)) < 0 && errno == EINTR)
		;
	return n < 0 ? -errno : n;
}

static int posix_resize(struct ipc_shm *s, uint64_t size)
{
	int64_t before = posix_size(s);

	if (before < 0 || size > INT64_MAX)
		return before < 0 ? (int)before : -EFBIG;
	if (size > (uint64_t)before)
		return reserve(s->fd, (uint64_t)before, size - (uint64_t)before);
	return ftruncate(s->fd, (off_t)size) < 0 ? -errno : 0;
}

static bool posix_removed(const struct ipc_shm *s)
{
	struct stat st;

	return fstat(s->fd, &st) == 0 && st.st_nlink == 0;
}

const struct ipc_shm_ops ipc_shm_posix_ops = {
	.open = posix_open,
	.close = posix_close,
	.size = posix_size,
	.map = posix_map,
	.unmap = posix_unmap,
	.reserve = posix_reserve,
	.read = posix_read,
	.write = posix_write,
	.resize = posix_resize,
	.removed = posix_removed,
};

static const struct ipc_hint hints[] = {
	{ ENOSPC, "/dev/shm is full: see 'df /dev/shm', or remove segments: ipcctl rm", NULL,
		"shm_open ftruncate posix_fallocate fallocate write pwrite create send",
		BIT(LIMIT_SHM_SIZE) | BIT(LIMIT_SHM_INODES) },
	{ ENOMEM, "memory, or the limit of this control group, is used up: see 'free'", NULL,
		"mmap write pwrite create" },
	{ EMFILE, "no descriptor is left to this process: raise its limit with 'ulimit -n N'", NULL,
		"shm_open create", BIT(LIMIT_NOFILE) },
	{ ENFILE, "the whole machine has too many files open: sysctl fs.file-max=N", NULL, "shm_open create",
		BIT(LIMIT_FILE_MAX) },
	{ ELOOP, "a symbolic link in /dev/shm is never followed: somebody may have planted it" },
	{ EMEDIUMTYPE, "only a regular file in /dev/shm is a segment" },
	{ ENAMETOOLONG, "a name has at most 255 bytes behind its slash" },
	{ 0 },
};

static const struct ipc_kind_ops ops = {
	.list = posix_list,
	.stat = posix_stat,
	.holders = posix_holders,
	.create = posix_create,
	.facts = posix_facts,
	.asks_kernel = true,
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
	.namespaced = true,
	.forms = BIT(FORM_POSIX),
	.files = "/dev/shm/",
	.attrs = BIT(ATTR_MODE) | BIT(ATTR_UID) | BIT(ATTR_GID) | BIT(ATTR_SIZE),
	.holder_sources = SOURCES,
	.state_sources = HOLDERS_FILES | HOLDERS_MAPS | HOLDERS_PROCESSES,
	.hints = hints,
	.ops = &ops,
};
