/* FIFOs: named pipes in the file system. Source: fifo(7). */
#include "ipc/dirwalk.h"
#include "ipc/fifo_private.h"
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/limits.h"
#include "ipc/maker.h"
#include "ipc/overlay.h"
#include "ipc/pathfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Who has it, and who waits to open it. */
enum { SOURCES = HOLDERS_FILES | HOLDERS_BLOCKED };

/* --- listing --- */

struct lister {
	const struct ipc_kind *kind;
	ipc_name_fn *fn;
	void *arg;
};

static int name_one(const struct lister *l, char *path)
{
	struct ipc_selector sel = {
		.kind = l->kind, .form = FORM_PATH, .name = path, .name_len = strlen(path)
	};

	return l->fn(&sel, l->arg);
}

static bool was_found(const struct dirwalk *w, const char *path)
{
	for (size_t i = 0; i < w->len; i++)
		if (S_ISFIFO(w->v[i].type) && strcmp(w->v[i].path, path) == 0)
			return true;
	return false;
}

/* Whether an earlier entry has the same path: they are ordered by object. */
static bool is_repeated(const struct holders *h, size_t i)
{
	const struct holders_entry *e = &h->v[i];

	while (i-- > 0 && h->v[i].type == e->type && h->v[i].dev == e->dev && h->v[i].ino == e->ino)
		if (h->v[i].path && strcmp(h->v[i].path, e->path) == 0)
			return true;
	return false;
}

/* Those that a process has open, where they were not found in a directory. */
static int list_open(struct ipc_ctx *ctx, const struct lister *l, const struct dirwalk *found)
{
	const struct holders *h;
	int r = holders_get(ctx, SOURCES, &h);

	for (size_t i = 0; r >= 0 && i < h->len; i++) {
		const struct holders_entry *e = &h->v[i];
		if (e->type != HELD_FIFO || !e->path || is_repeated(h, i) || was_found(found, e->path))
			continue;
		r = name_one(l, e->path);
	}
	return r;
}

static int fifo_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	const struct lister l = { kind, fn, arg };
	const struct dirwalk *found;
	int r = dirwalk_get(ctx, &found);

	for (size_t i = 0; r >= 0 && i < found->len; i++) {
		if (!S_ISFIFO(found->v[i].type))
			continue;
		pathfile_restore(found->v[i].path);
		r = name_one(&l, found->v[i].path);
	}
	return r < 0 ? r : list_open(ctx, &l, found);
}

/* --- looking at one --- */

static int fifo_stat(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	(void)ctx, (void)want;
	return pathfile_stat(sel, S_IFIFO, ret);
}

static int fifo_holders(struct ipc_ctx *ctx, struct ipc_object *o)
{
	return holders_of(ctx, SOURCES, HELD_FIFO, o->dev, o->ino, o);
}

static bool has_open(const struct holders_entry *e, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (e[i].how == HOW_FD)
			return true;
	return false;
}

/*
 * Why nobody having it is not proved; without a text it is proved.
 *
 * A process that may not be looked at can have any FIFO, whatever the mode of the file and whenever the process
 * started: root's may open all, and an open one is inherited (by what sudo(8) starts) and passed on. The kernel answers
 * no question about an open FIFO that would not wake up who waits at it.
 */
static struct ipc_reason unseen(struct ipc_ctx *ctx, const struct holders *h, const struct ipc_object *object)
{
	if (h->unseen > 0)
		return (struct ipc_reason){ h->unseen == 1
				? "a process may not be looked at, which may have it open"
				: "# processes may not be looked at: one may have it open",
			(int64_t)h->unseen };
	if (h->blocked_unknown[HELD_FIFO])
		return (struct ipc_reason){
			.text = "a process waits to open a FIFO, and it can't be seen which"
		};
	if (!h->whole)
		return (struct ipc_reason){
			.text = "a process outside of this pid namespace may have it open"
		};
	if (!holders_complete(h, HELD_FIFO, object->dev, object->ino))
		return (struct ipc_reason){ .text = "a process has a file open that may be this one" };
	if (overlay_shows(object->selector.name))
		return (struct ipc_reason){
			.text = "an overlay mount shows it elsewhere, where a process may have it open"
		};
	if (overlay_is_remote(object->selector.name))
		return (struct ipc_reason){ .text = "other machines may have this file system, too: a "
						    "process there may have it open" };
	return holders_in_flight(ctx);
}

/* Reading and writing leave their times; opening leaves nothing. */
static struct ipc_fact use_of(const struct ipc_object *o)
{
	if (o->common[FIELD_CREATED].have != HAVE_VALUE)
		return ipc_fact_of(ANSWER_UNKNOWN, "whether it was used since it was made is not recorded");
	return o->common[FIELD_LAST_USED].number > o->common[FIELD_CREATED].number
		? ipc_fact_of(ANSWER_YES, "it was used since it was made")
		: ipc_fact_of(ANSWER_NO, "nothing went through it since it was made");
}

static void fifo_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	struct ipc_value owner = object->common[FIELD_UID];
	const struct maker_time made = { object->common[FIELD_CREATED].number, true };
	const struct holders *h;
	size_t len = 0;

	ret->users.answer = ANSWER_NO; /* the kernel records none */
	ret->held = ipc_fact_of(ANSWER_UNKNOWN, "who has it open can't be told without /proc");
	holders_want(ctx, HOLDERS_PROCESSES); /* its users may matter next */
	if (holders_get(ctx, SOURCES, &h) < 0)
		return;
	const struct holders_entry *e = holders_find(h, HELD_FIFO, object->dev, object->ino, &len);
	struct ipc_reason why = len > 0 ? (struct ipc_reason){ 0 } : unseen(ctx, h, object);
	if (len > 0 || why.text) {
		const char *text = has_open(e, len) ? "process # has it open" : "process # waits to open it";
		ret->held = len > 0 ? ipc_fact_about(ANSWER_YES, text, e->pid)
				    : (struct ipc_fact){ ANSWER_UNKNOWN, why };
		return;
	}
	ret->held = ipc_fact_of(ANSWER_NO, "no process has it open or waits to open it");
	ret->used = use_of(object);
	if (ret->used.answer == ANSWER_YES) /* else it is idle, and asking costs */
		ret->maker = maker_by_owner(ctx, (uid_t)owner.number, made);
}

/* --- creating --- */

/* The kernel takes away bits of the mode (umask, a default ACL, no membership in the group): asks, and mends. */
static int settle(int fd, mode_t mode)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return (st.st_mode & 07777) == mode ? 0 : pathfile_chmod(fd, mode);
}

static int make(int dirfd, const char *name, mode_t mode)
{
	mode_t mask = umask(0);
	int r = mkfifoat(dirfd, name, mode) < 0 ? -errno : 0;

	umask(mask);
	return r;
}

/* A descriptor (O_PATH) of the FIFO that we have just made, if it is still there. */
static int pin_made(int dirfd, const char *name)
{
	struct stat st;
	AUTO_CLOSE int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISFIFO(st.st_mode) || st.st_uid != geteuid())
		return -ESTALE;
	int pinned = fd;
	fd = -1; /* the caller owns it now */
	return pinned;
}

/* Where that takes more than one step it is made under a name that nobody knows, and appears when it is as it should be. */
static int make_for(int dirfd, const char *name, mode_t mode, uid_t uid, gid_t gid)
{
	char draft[32];
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) < 0)
		return -errno;
	snprintf(draft, sizeof(draft), ".ipcctl-new.%016llx", (unsigned long long)random);
	int r = make(dirfd, draft, 0);
	if (r < 0)
		return r;
	AUTO_CLOSE int fd = pin_made(dirfd, draft);
	r = fd;
	if (fd >= 0)
		r = fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : settle(fd, mode);
	if (r == 0 && renameat2(dirfd, draft, dirfd, name, RENAME_NOREPLACE) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dirfd, draft, 0);
	return r;
}

static int make_own(int dirfd, const char *name, mode_t mode)
{
	int r = make(dirfd, name, mode);

	if (r < 0)
		return r;
	AUTO_CLOSE int fd = pin_made(dirfd, name);
	r = fd < 0 ? fd : settle(fd, mode);
	if (r < 0 && fd >= 0)
		unlinkat(dirfd, name, 0);
	return r == -ENOENT || r == -ESTALE ? 0 : r; /* somebody was quick to remove it: it was made */
}

/* With one, the kernel chooses the mode, and it can be changed only afterwards (acl(5)). */
static bool has_default_acl(int dirfd)
{
	char path[FD_PATH_SIZE];

	ipc_fd_path(dirfd, path);
	return getxattr(path, "system.posix_acl_default", NULL, 0) > 0;
}

static int fifo_create(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	struct ipc_selector *ret)
{
	mode_t mode = (mode_t)ipc_attr_or(attrs, ATTR_MODE, 0600);
	uid_t uid = (uid_t)ipc_attr_or(attrs, ATTR_UID, (uid_t)-1);
	gid_t gid = (gid_t)ipc_attr_or(attrs, ATTR_GID, (gid_t)-1);
	const char *name;
	struct stat st;
	AUTO_CLOSE int dirfd = pathfile_directory(sel->name, &name);

	(void)ctx;
	if (dirfd < 0)
		return dirfd;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	bool own = uid == (uid_t)-1 && gid == (gid_t)-1;
	int r = own && !has_default_acl(dirfd) ? make_own(dirfd, name, mode)
					       : make_for(dirfd, name, mode, uid, gid);
	return r < 0 ? r : ipc_selector_copy(ret, sel);
}

/* --- removing and changing --- */

struct removal {
	struct ipc_ctx *ctx;
	const struct ipc_object *object;
};

/* Looks again: nobody can find it by its name any more. */
static int check_unused(int dirfd, const char *name, void *arg)
{
	const struct removal *r = arg;
	struct ipc_facts facts = { 0 };

	(void)dirfd, (void)name;
	holders_forget(r->ctx);
	fifo_facts(r->ctx, r->object, &facts);
	return facts.held.answer == ANSWER_NO ? 0 : facts.held.answer == ANSWER_YES ? -EBUSY : -EADDRINUSE;
}

static int fifo_remove(struct ipc_ctx *ctx, const struct ipc_object *object, bool force)
{
	struct removal r = { ctx, object };

	return pathfile_remove(object, force ? NULL : check_unused, &r);
}

static int fifo_set_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode)
{
	(void)ctx;
	return pathfile_set_mode(object, mode);
}

static int fifo_set_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	(void)ctx;
	return pathfile_set_owner(object, uid, gid);
}

/* Who opens and closes it is told by no event that can be waited for without a race: it is looked at. */
static int fifo_await(struct ipc_ctx *ctx, const struct ipc_selector *sel, enum ipc_condition condition,
	struct ipc_deadline deadline)
{
	holders_forget(ctx);
	return pathfile_await(sel, condition, deadline);
}

static bool using(const struct ipc_attrs *attrs)
{
	return attrs == NULL;
}

static const struct ipc_hint hints[] = {
	{ EMFILE, "no descriptor is left to this process: raise its limit with 'ulimit -n N'", NULL,
		"open read write", BIT(LIMIT_NOFILE) },
	{ ENFILE, "the whole machine has too many files open: sysctl fs.file-max=N", NULL, "open read write",
		BIT(LIMIT_FILE_MAX) },
	{ ENOMEM, "memory, or what this user may have of pipes, fs.pipe-user-pages-hard, is used up", NULL,
		"open read write", BIT(LIMIT_PIPE_HARD) },
	{ ELOOP, "a symbolic link is never followed: name the FIFO itself", NULL },
	{ EMEDIUMTYPE, "only a FIFO will do here: 'ls -l' shows what the file is", NULL },
	{ EKEYREJECTED,
		"who may write to such a directory can leave a FIFO there to read what is meant for others",
		NULL },
	{ EMSGSIZE, "without --framing bytes pass at any length", NULL },
	{ EPIPE, "nobody reads it any more: 'ipcctl stat' names who has it open", NULL },
	{ ENOENT, "make one: ipcctl fifo create, or the option --create", using },
	{ 0 },
};

static const struct ipc_kind_ops ops = {
	.list = fifo_list,
	.stat = fifo_stat,
	.holders = fifo_holders,
	.create = fifo_create,
	.facts = fifo_facts,
	.remove = fifo_remove,
	.set_mode = fifo_set_mode,
	.set_owner = fifo_set_owner,
	.await_change = fifo_await,
};

const struct ipc_kind ipc_kind_fifo = {
	.class = "fifo",
	.api = "posix",
	.label = "FIFO",
	.noun = "FIFO",
	.forms = BIT(FORM_PATH),
	.attrs = BIT(ATTR_MODE) | BIT(ATTR_UID) | BIT(ATTR_GID),
	.list_sources = HOLDERS_FILES,
	.holder_sources = SOURCES,
	.state_sources = SOURCES | HOLDERS_PROCESSES,
	.hints = hints,
	.ops = &ops,
	.channel = &ipc_fifo_channel_ops,
};
