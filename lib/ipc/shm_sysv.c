/* System V shared memory segments (shmget(2), sysvipc(7)). */
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/limits.h"
#include "ipc/maker.h"
#include "ipc/nspace.h"
#include "ipc/shm_private.h"
#include "ipc/sysv.h"

#include <errno.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

enum { FIELD_ATTACHES };

static const struct ipc_field fields[] = {
	[FIELD_ATTACHES] = { "attaches", UNIT_COUNT, "How often it is attached" },
	{ 0 },
};

static int sysv_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	return ipc_sysv_list(ctx, kind, SYSV_SHM, fn, arg);
}

static int sysv_stat(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	struct ipc_sysv_row row;
	int r = ipc_sysv_find(ctx, SYSV_SHM, sel, want, &row);

	if (r == 0)
		r = ipc_sysv_fill(sel->kind, &row, ret);
	if (r < 0)
		return r;
	ipc_object_set(ret, FIELD_MODE, row.perms & 0777); /* beside them stand SHM_DEST and SHM_LOCKED */
	ipc_object_set(ret, FIELD_SIZE, (int64_t)row.size);
	if (want & WANT_USED)
		ipc_object_set(ret, FIELD_USED, (int64_t)(row.rss + row.swap));
	ipc_object_set(ret, FIELD_CREATOR_PID, row.cpid);
	if (row.lpid)
		ipc_object_set(ret, FIELD_LAST_PID, row.lpid);
	ipc_sysv_set_time(ret, FIELD_MODIFIED, row.ctime);
	ipc_sysv_set_time(ret, FIELD_LAST_USED, row.atime > row.dtime ? row.atime : row.dtime);
	ipc_object_set_extra(ret, FIELD_ATTACHES, (int64_t)row.count);
	return 0;
}

/* The kernel counts what is attached: if all of it was seen, it does not matter which processes were not. */
static int sysv_holders(struct ipc_ctx *ctx, struct ipc_object *o)
{
	ino_t id = (ino_t)o->common[FIELD_ID].number;
	dev_t ipcns = (dev_t)nspace_ino(ctx);
	const struct holders *h;
	size_t len;
	int r = holders_get(ctx, HOLDERS_MAPS, &h);

	if (r == 0)
		r = holders_add(h, HELD_SYSV_SHM, ipcns, id, o);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	holders_find(h, HELD_SYSV_SHM, ipcns, id, &len);
	o->holders_known = (int64_t)len == o->extra[FIELD_ATTACHES].number;
	return 0;
}

static int change(int id, uid_t uid, gid_t gid, mode_t mode)
{
	struct shmid_ds ds = { .shm_perm = { .uid = uid, .gid = gid, .mode = (unsigned short)mode } };

	return shmctl(id, IPC_SET, &ds) < 0 ? -errno : 0;
}

static int sysv_create(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	struct ipc_selector *ret)
{
	uint64_t mode = ipc_attr_or(attrs, ATTR_MODE, 0600);
	uid_t uid = (uid_t)ipc_attr_or(attrs, ATTR_UID, geteuid());
	gid_t gid = (gid_t)ipc_attr_or(attrs, ATTR_GID, getegid());
	int r = 0;

	(void)ctx;
	if (sel->form != FORM_KEY)
		return -EOPNOTSUPP; /* the kernel chooses identifiers */
	if (!ipc_attr_given(attrs, ATTR_SIZE) || mode > 0777)
		return -EINVAL;
	int id = shmget(sel->key, attrs->v[ATTR_SIZE], (int)mode | IPC_CREAT | IPC_EXCL);
	if (id < 0)
		return -errno;
	if (uid != geteuid() || gid != getegid())
		r = change(id, uid, gid, (mode_t)mode);
	if (r < 0) {
		shmctl(id, IPC_RMID, NULL); /* we created it */
		return r;
	}
	*ret = *sel;
	ret->form = sel->key == IPC_PRIVATE ? FORM_ID : FORM_KEY;
	ret->number = id;
	return 0;
}

/* It was there when it was attached first: its other time changes with its owner and mode. */
static int64_t not_after(const struct ipc_sysv_row *row)
{
	int64_t t = row->ctime;

	if (row->atime && row->atime < t)
		t = row->atime;
	return row->dtime && row->dtime < t ? row->dtime : t;
}

/* It is attached nowhere: who could come back to it? */
static void facts_of_unattached(struct ipc_ctx *ctx, const struct ipc_sysv_row *row, struct ipc_facts *ret)
{
	int64_t last = row->atime > row->dtime ? row->atime : row->dtime;
	struct maker_time made = maker_second(not_after(row));

	ret->used = row->atime ? ipc_fact_of(ANSWER_YES, "it was attached since it was made")
			       : ipc_fact_of(ANSWER_NO, "it was never attached since it was made");
	ret->users = last ? maker_user(ctx, row->lpid, maker_second(last))
			  : (struct ipc_fact){ .answer = ANSWER_NO };
	ret->maker = maker_by_pid(ctx, row->cpid, made);
	if (ret->used.answer != ANSWER_YES || ret->users.answer != ANSWER_NO)
		return; /* it is not stale, and asking costs */
	if (ret->maker.answer == ANSWER_NO)
		ret->maker = maker_heirs(ctx, ret->maker, row->cuid, made);
	/* What has become another user can reach what was given to that one. */
	if (ret->maker.answer == ANSWER_NO && row->uid != row->cuid)
		ret->maker = maker_heirs(ctx, ret->maker, row->uid, made);
}

static void sysv_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	const struct ipc_selector by_id = { .form = FORM_ID, .number = object->common[FIELD_ID].number };
	struct ipc_sysv_row row;

	if (ipc_sysv_find(ctx, SYSV_SHM, &by_id, 0, &row) < 0) {
		ret->held = ipc_fact_of(ANSWER_UNKNOWN, "it was removed just now");
		return;
	}
	if (row.perms & SHM_DEST)
		ret->named =
			ipc_fact_of(ANSWER_NO, "it is marked for removal: it goes when nobody is attached");
	if (row.count) {
		ret->held = ipc_fact_about(ANSWER_YES, "it is attached: nattch is #", (int64_t)row.count);
		return;
	}
	ret->held = ipc_fact_of(ANSWER_NO, "it is attached nowhere: nattch is 0");
	facts_of_unattached(ctx, &row, ret);
	if (ret->users.answer == ANSWER_UNKNOWN)
		ret->held = ret->users; /* its recorded user may be there: then it is live */
}

/* What the kernel calls an invalid argument: no segment has that identifier. */
static int gone(int r)
{
	return r == -EINVAL || r == -EIDRM ? -ENOENT : r;
}

static int sysv_remove(struct ipc_ctx *ctx, const struct ipc_object *object, bool force)
{
	const struct ipc_selector by_id = { .form = FORM_ID, .number = object->common[FIELD_ID].number };
	struct ipc_sysv_row row;

	(void)force;
	if (ipc_sysv_find(ctx, SYSV_SHM, &by_id, 0, &row) == 0 && row.perms & SHM_DEST)
		return -EALREADY; /* the kernel would say that all is well, and it would stay */
	/* By the identifier, which is not given to another object soon. */
	return shmctl((int)by_id.number, IPC_RMID, NULL) < 0 ? gone(-errno) : 0;
}

/* IPC_SET takes owner and mode together: what is not to change is read again first, without a right to read. */
static int change_some(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid, int mode)
{
	const struct ipc_selector by_id = { .form = FORM_ID, .number = object->common[FIELD_ID].number };
	struct ipc_sysv_row row;
	int r = ipc_sysv_find(ctx, SYSV_SHM, &by_id, 0, &row);

	if (r < 0)
		return r;
	return gone(change(row.id, uid == (uid_t)-1 ? row.uid : uid, gid == (gid_t)-1 ? row.gid : gid,
		mode < 0 ? row.perms & 0777 : (mode_t)mode));
}

static int sysv_set_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode)
{
	return mode > 0777 ? -EINVAL : change_some(ctx, object, (uid_t)-1, (gid_t)-1, (int)mode);
}

static int sysv_set_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	return change_some(ctx, object, uid, gid, -1);
}

/* --- the bytes --- */

static int sysv_open(struct ipc_shm *s, const struct ipc_selector *sel)
{
	int id = ipc_sysv_id(s->ctx, SYSV_SHM, sel);
	struct shmid_ds ds;

	if (id < 0)
		return id;
	void *base = shmat(id, NULL, s->access & SHM_WRITE ? 0 : SHM_RDONLY);
	if (base == (void *)-1)
		return gone(-errno);
	if (shmctl(id, IPC_STAT, &ds) < 0) {
		int r = -errno;
		shmdt(base);
		return r;
	}
	s->id = id;
	s->view = (struct ipc_shmview){ .base = base, .len = ds.shm_segsz };
	return 0;
}

static void sysv_close(struct ipc_shm *s)
{
	shmdt(s->view.base);
}

static int64_t sysv_size(const struct ipc_shm *s)
{
	return (int64_t)s->view.len; /* it never changes */
}

static int sysv_map(struct ipc_shm *s, uint64_t offset, size_t len)
{
	return ipc_shmview_covers(&s->view, offset, len) ? 0 : -ERANGE;
}

static bool sysv_alone(const struct ipc_shm *s)
{
	struct shmid_ds ds;

	return shmctl(s->id, IPC_STAT, &ds) == 0 && ds.shm_nattch == 1;
}

static bool sysv_removed(const struct ipc_shm *s)
{
	struct shmid_ds ds;

	return shmctl(s->id, IPC_STAT, &ds) == 0 && ds.shm_perm.mode & SHM_DEST;
}

const struct ipc_shm_ops ipc_shm_sysv_ops = {
	.open = sysv_open,
	.close = sysv_close,
	.size = sysv_size,
	.map = sysv_map,
	.removed = sysv_removed,
	.alone = sysv_alone,
};

static const struct ipc_hint hints[] = {
	{ EINVAL, "a size is from 1 byte to kernel.shmmax ('sysctl kernel.shmmax'), a mode at most 0777",
		NULL, "shmget create" },
	{ ENOSPC,
		"kernel.shmmni segments or kernel.shmall pages are in use: raise them with sysctl, or remove "
		"segments: ipcctl rm",
		NULL, "shmget create", BIT(LIMIT_SHMMNI) | BIT(LIMIT_SHMALL) },
	{ ENOMEM, "memory is used up, or the segment may not be locked: see 'free' and 'ulimit -l'", NULL,
		"shmget shmat shmctl create" },
	{ ENFILE, "the whole machine has too many files open, and a segment is one: sysctl fs.file-max=N",
		NULL, "shmget create", BIT(LIMIT_FILE_MAX) },
	{ 0 },
};

static const struct ipc_kind_ops ops = {
	.list = sysv_list,
	.stat = sysv_stat,
	.holders = sysv_holders,
	.create = sysv_create,
	.facts = sysv_facts,
	.asks_kernel = true,
	.remove = sysv_remove,
	.set_mode = sysv_set_mode,
	.set_owner = sysv_set_owner,
};

const struct ipc_kind ipc_kind_shm_sysv = {
	.class = "shm",
	.api = "sysv",
	.label = "System V shared memory segment",
	.noun = "segment",
	.namespaced = true,
	.forms = BIT(FORM_KEY) | BIT(FORM_ID),
	.attrs = BIT(ATTR_MODE) | BIT(ATTR_UID) | BIT(ATTR_GID) | BIT(ATTR_SIZE),
	.holder_sources = HOLDERS_MAPS,
	.fields = fields,
	.hints = hints,
	.ops = &ops,
};
