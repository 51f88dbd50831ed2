/* POSIX named semaphores: the files sem.NAME in /dev/shm (sem_overview(7)). */
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/limits.h"
#include "ipc/sem_ops.h"
#include "ipc/shmdir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { PREFIX_LEN = sizeof(SHMDIR_SEM_PREFIX) - 1 };

/* Who has it open or mapped, and who waits on it. */
enum { SOURCES = HOLDERS_FILES | HOLDERS_MAPS | HOLDERS_BLOCKED };

enum { FIELD_VALUE, FIELD_WAITERS };

static const struct ipc_field fields[] = {
	[FIELD_VALUE] = { "value", UNIT_COUNT, "Value of the semaphore" },
	[FIELD_WAITERS] = { "waiters", UNIT_COUNT, "Processes that wait on it" },
	{ 0 },
};

static const struct ipc_hint hints[] = {
	{ ENOSPC, "/dev/shm is full: see 'df /dev/shm', or remove what is not needed: ipcctl rm", NULL,
		"sem_open create", BIT(LIMIT_SHM_SIZE) | BIT(LIMIT_SHM_INODES) },
	{ ELOOP, "a symbolic link in /dev/shm is never followed: somebody may have planted it" },
	{ EMEDIUMTYPE, "a semaphore is a regular file of at least 32 bytes, sem.NAME in /dev/shm" },
	{ ENAMETOOLONG, "a name has at most 251 bytes behind its slash" },
	{ ERANGE, "the value of a POSIX semaphore is 0 to 2147483647" },
	{ EBADMSG, "the records of its holders are spoiled: see 'ipcctl sem repair'" },
	{ EUSERS, "a semaphore has records for at most 1,023 holders" },
	{ 0 },
};

int ipc_sem_posix_filename(const struct ipc_selector *sel, char ret[static NAME_MAX + 1])
{
	if (sel->name_len < 2 || memchr(sel->name + 1, '/', sel->name_len - 1) ||
		memchr(sel->name, '\0', sel->name_len))
		return -EINVAL;
	if (sel->name_len - 1 > NAME_MAX - PREFIX_LEN)
		return -ENAMETOOLONG;
	memcpy(ret, SHMDIR_SEM_PREFIX, PREFIX_LEN);
	memcpy(ret + PREFIX_LEN, sel->name + 1, sel->name_len); /* with its NUL */
	return 0;
}

/* The directory, and the file's name in it. */
static int locate(struct ipc_ctx *ctx, const struct ipc_selector *sel, char name[static NAME_MAX + 1])
{
	int r = ipc_sem_posix_filename(sel, name);

	return r < 0 ? r : ipc_shmdir_open(ctx);
}

static int posix_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	return ipc_shmdir_list(ctx, kind, true, fn, arg);
}

/* Through a descriptor that only reads: nothing is mapped, given back, or otherwise changed. */
static int look_inside(struct ipc_ctx *ctx, int dirfd, const char *name, struct ipc_object *o)
{
	AUTO_SEMFILE struct semfile file = SEMFILE_CLOSED;
	struct semfile_state state;
	int r = semfile_look(ctx, dirfd, name, &file);

	if (r == 0)
		r = semfile_get(&file, &state);
	if (r < 0) {
		o->extra[FIELD_VALUE].have = o->extra[FIELD_WAITERS].have = HAVE_UNKNOWN;
		return r == -EAGAIN ? -EACCES : r; /* somebody holds a lease on it */
	}
	ipc_object_set_extra(o, FIELD_VALUE, state.value);
	ipc_object_set_extra(o, FIELD_WAITERS, state.waiters);
	return 0;
}

static int posix_stat(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	char name[NAME_MAX + 1];
	AUTO_CLOSE int dirfd = locate(ctx, sel, name);

	(void)want;
	if (dirfd < 0)
		return dirfd;
	int r = ipc_shmdir_stat(dirfd, name, ret);
	if (r == 0)
		r = ipc_selector_copy(&ret->selector, sel);
	if (r < 0)
		return r;
	/* What is in it is a value, not room; and its times are those of the file, not of waits and posts. */
	ret->common[FIELD_SIZE].have = ret->common[FIELD_USED].have = HAVE_ABSENT;
	return look_inside(ctx, dirfd, name, ret);
}

static int posix_holders(struct ipc_ctx *ctx, struct ipc_object *o)
{
	return holders_of(ctx, SOURCES, HELD_FILE, o->dev, o->ino, o);
}

static int posix_create(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	struct ipc_selector *ret)
{
	char name[NAME_MAX + 1];
	AUTO_CLOSE int dirfd = locate(ctx, sel, name);
	uint64_t value = ipc_attr_or(attrs, ATTR_VALUE, 1);

	if (dirfd < 0)
		return dirfd;
	if (value > SEMFILE_VALUE_MAX)
		return -ERANGE;
	int r = semfile_create(dirfd, name, (mode_t)ipc_attr_or(attrs, ATTR_MODE, 0600),
		(uid_t)ipc_attr_or(attrs, ATTR_UID, (uid_t)-1),
		(gid_t)ipc_attr_or(attrs, ATTR_GID, (gid_t)-1), (uint32_t)value);
	return r < 0 ? r : ipc_selector_copy(ret, sel);
}

static void posix_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	char name[NAME_MAX + 1];
	AUTO_CLOSE int dirfd = locate(ctx, &object->selector, name);

	if (dirfd >= 0)
		ipc_shmdir_facts(ctx, dirfd, name, object, ret);
}

static int posix_remove(struct ipc_ctx *ctx, const struct ipc_object *object, bool force)
{
	char name[NAME_MAX + 1];
	AUTO_CLOSE int dirfd = locate(ctx, &object->selector, name);

	return dirfd < 0 ? dirfd : ipc_shmdir_remove(dirfd, name, object, force);
}

static int posix_set_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode)
{
	char name[NAME_MAX + 1];
	AUTO_CLOSE int dirfd = locate(ctx, &object->selector, name);

	return dirfd < 0 ? dirfd : ipc_shmdir_set_mode(dirfd, name, object, mode);
}

static int posix_set_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	char name[NAME_MAX + 1];
	AUTO_CLOSE int dirfd = locate(ctx, &object->selector, name);

	return dirfd < 0 ? dirfd : ipc_shmdir_set_owner(dirfd, name, object, uid, gid);
}

static int posix_await_change(struct ipc_ctx *ctx, const struct ipc_selector *sel,
	enum ipc_condition condition, struct ipc_deadline deadline)
{
	(void)sel;
	return ipc_shmdir_await(ctx, condition, deadline);
}

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

const struct ipc_kind ipc_kind_sem_posix = {
	.class = "sem",
	.api = "posix",
	.label = "POSIX named semaphore",
	.noun = "semaphore",
	.namespaced = true,
	.forms = BIT(FORM_POSIX),
	.files = "/dev/shm/sem.",
	.attrs = BIT(ATTR_MODE) | BIT(ATTR_UID) | BIT(ATTR_GID) | BIT(ATTR_VALUE),
	.holder_sources = SOURCES,
	.state_sources = HOLDERS_FILES | HOLDERS_MAPS | HOLDERS_PROCESSES,
	.fields = fields,
	.hints = hints,
	.ops = &ops,
};
