/* System V semaphore sets. */
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/limits.h"
#include "ipc/maker.h"
#include "ipc/nspace.h"
#include "ipc/procscan.h"
#include "ipc/semset.h"
#include "ipc/sysv.h"

#include <errno.h>
#include <sys/stat.h>

enum { FIELD_VALUE, FIELD_VALUES, FIELD_WAITERS, FIELD_NSEMS };

static const struct ipc_field fields[] = {
	[FIELD_VALUE] = { "value", UNIT_COUNT, "Value of the semaphore, of a set that has one" },
	[FIELD_VALUES] = { "values", UNIT_LIST, "Values of the semaphores, of a set that has several" },
	[FIELD_WAITERS] = { "waiters", UNIT_COUNT, "Processes that wait on a semaphore of the set" },
	[FIELD_NSEMS] = { "nsems", UNIT_COUNT, "Semaphores in the set" },
	{ 0 },
};

static bool is_creation(const struct ipc_attrs *attrs)
{
	return attrs != NULL;
}

static const struct ipc_hint hints[] = {
	{ ENOSPC,
		"there are too many semaphores or sets: remove some (ipcctl sem ls), or raise SEMMNS or "
		"SEMMNI, the second and the fourth number of 'sysctl kernel.sem'",
		is_creation, "semget create", BIT(LIMIT_SEMMNI) | BIT(LIMIT_SEMMNS) },
	{ EINVAL, "a set has from 1 to SEMMSL semaphores, the first number of 'sysctl kernel.sem'",
		is_creation, "semget create" },
	{ ERANGE, "the value of a System V semaphore, and what one process can hold of it, is 0 to 32767",
		NULL, "semop semtimedop semctl create post set" },
	{ EDOM,
		"the set would not have that semaphore, they are numbered from 0: --nsems says how many it "
		"has",
		is_creation },
	{ E2BIG, "raise SEMOPM, the third number of 'sysctl kernel.sem'", NULL, "semop semtimedop" },
	{ 0 },
};

static int sysv_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	return ipc_sysv_list(ctx, kind, SYSV_SEM, fn, arg);
}

/* What only readers may know. Of a set of several the last process is that of the one that is named, else #0. */
static int look_inside(int id, const struct ipc_selector *sel, unsigned nsems, struct ipc_object *o)
{
	AUTO_FREE int64_t *values = calloc(nsems, sizeof(*values));
	unsigned named = sel->has_member ? sel->member : 0;
	int64_t waiters = 0;

	if (!values)
		return -ENOMEM;
	int r = semset_values(id, nsems, values);
	for (unsigned i = 0; r == 0 && i < nsems; i++) {
		struct semset_one one;
		r = semset_look(id, i, &one);
		if (r < 0)
			return r == -EINVAL ? -EIDRM : r;
		waiters += one.waiters + one.zero_waiters;
		if (i == named && one.last_pid > 0)
			ipc_object_set(o, FIELD_LAST_PID, one.last_pid);
	}
	if (r < 0)
		return r;
	ipc_object_set_extra(o, FIELD_WAITERS, waiters);
	if (nsems == 1 || sel->has_member) {
		ipc_object_set_extra(o, FIELD_VALUE, values[named]);
		return 0;
	}
	o->extra[FIELD_VALUES].have = HAVE_VALUE;
	o->list = values;
	o->list_len = nsems;
	values = NULL; /* the object owns it now */
	return 0;
}

static void cannot_look(const struct ipc_selector *sel, unsigned nsems, struct ipc_object *o)
{
	o->extra[nsems == 1 || sel->has_member ? FIELD_VALUE : FIELD_VALUES].have = HAVE_UNKNOWN;
	o->extra[FIELD_WAITERS].have = HAVE_UNKNOWN;
	o->common[FIELD_LAST_PID].have = HAVE_UNKNOWN;
}

static int sysv_stat(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	struct ipc_sysv_row row;
	int r = ipc_sysv_find(ctx, SYSV_SEM, sel, want, &row);

	if (r < 0)
		return r;
	if (row.size == 0 || row.size > UINT32_MAX || (sel->has_member && sel->member >= row.size))
		return -ENOENT;
	ipc_sysv_fill(sel->kind, &row, ret);
	ret->selector.has_member = sel->has_member;
	ret->selector.member = sel->member;
	ipc_object_set_extra(ret, FIELD_NSEMS, (int64_t)row.size);
	ipc_sysv_set_time(ret, FIELD_LAST_USED, row.atime);
	ipc_sysv_set_time(ret, FIELD_MODIFIED, row.ctime);
	r = look_inside(row.id, sel, (unsigned)row.size, ret);
	if (r == -EACCES)
		cannot_look(sel, (unsigned)row.size, ret);
	return r == -EIDRM ? -ENOENT : r;
}

/* Who waits: the kernel does not tell who holds. */
static int sysv_holders(struct ipc_ctx *ctx, struct ipc_object *o)
{
	int r = holders_of(ctx, HOLDERS_BLOCKED, HELD_SYSV_SEM, (dev_t)nspace_ino(ctx),
		(ino_t)o->common[FIELD_ID].number, o);

	o->holders_known = false;
	return r;
}

static int sysv_create(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	struct ipc_selector *ret)
{
	uint64_t value = ipc_attr_or(attrs, ATTR_VALUE, 1), nsems = ipc_attr_or(attrs, ATTR_NSEMS, 1);

	if (sel->form != FORM_KEY)
		return -EOPNOTSUPP; /* the kernel chooses identifiers */
	if (value > SEMSET_VALUE_MAX)
		return -ERANGE;
	if (nsems > UINT32_MAX)
		return -EINVAL;
	if (sel->has_member && sel->member >= nsems && ipc_sysv_id(ctx, SYSV_SEM, sel) < 0)
		return -EDOM; /* one that exists may have it */
	int id = semset_create(&(struct semset_plan){
		.key = sel->key,
		.nsems = (unsigned)nsems,
		.value = (unsigned)value,
		.mode = (mode_t)ipc_attr_or(attrs, ATTR_MODE, 0600),
		.uid = (uid_t)ipc_attr_or(attrs, ATTR_UID, (uid_t)-1),
		.gid = (gid_t)ipc_attr_or(attrs, ATTR_GID, (gid_t)-1),
	});
	if (id < 0)
		return id;
	*ret = *sel; /* it has no name to own */
	if (sel->key == 0) {
		ret->form = FORM_ID;
		ret->number = id;
	}
	return 0;
}

/*
 * Who acted last on each semaphore of the set: with semop(2), by setting a value, or by ending with something to
 * undo. A 0 is nobody yet; but outside of the first pid namespace it can be a process that is not shown here.
 */
static struct ipc_fact last_users(struct ipc_ctx *ctx, const struct ipc_sysv_row *row)
{
	struct maker_time last = maker_second(row->atime > row->ctime ? row->atime : row->ctime);
	struct ipc_fact all = { .answer = ANSWER_NO };
	bool shown = !row->atime || procscan_is_complete();

	for (unsigned i = 0; i < row->size; i++) {
		struct semset_one one = { 0 };
		if (semset_look(row->id, i, &one) < 0)
			return ipc_fact_of(ANSWER_UNKNOWN, "who used it last may not be read");
		if (one.last_pid || !shown)
			all = maker_of_two(all, maker_user(ctx, one.last_pid, last));
	}
	return all;
}

/*
 * Whether somebody is left who made the set or has units of it, to be given back at his end (SEM_UNDO), which the
 * kernel shows to nobody. Who started behind the last operation has none, and did not make it. That says nothing of
 * other users, if they may use it too; root always may.
 */
static struct ipc_fact makers_and_holders(struct ipc_ctx *ctx, const struct ipc_sysv_row *row)
{
	struct ipc_fact by_maker = maker_by_owner(ctx, row->cuid, maker_second(row->atime));
	struct ipc_fact by_owner = row->uid == row->cuid || by_maker.answer != ANSWER_NO
		? by_maker
		: maker_by_owner(ctx, row->uid, maker_second(row->atime));

	if (by_owner.answer == ANSWER_NO && row->perms & (S_IWGRP | S_IWOTH))
		return ipc_fact_of(ANSWER_UNKNOWN, "not only its owner may use it: others may hold units");
	return by_owner;
}

/*
 * The kernel tells who waits and who acted last; it does not tell who holds. So "no" means that
 * nobody waits and the last user of every semaphore is gone; units of an earlier one with SEM_UNDO
 * can't be seen.
 */
static void sysv_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	const struct ipc_selector by_id = { .form = FORM_ID, .number = object->common[FIELD_ID].number };
	struct ipc_sysv_row row;

	if (ipc_sysv_find(ctx, SYSV_SEM, &by_id, 0, &row) < 0) {
		ret->held = ipc_fact_of(ANSWER_UNKNOWN, "it was removed just now");
		return;
	}
	if (object->extra[FIELD_WAITERS].have != HAVE_VALUE) {
		ret->held =
			ipc_fact_of(ANSWER_UNKNOWN, "who waits on it and who used it last may not be read");
		return;
	}
	if (object->extra[FIELD_WAITERS].number > 0) {
		ret->held = ipc_fact_about(
			ANSWER_YES, "# processes wait on it", object->extra[FIELD_WAITERS].number);
		return;
	}
	ret->users = last_users(ctx, &row);
	ret->held = ret->users.answer == ANSWER_UNKNOWN
		? ret->users /* it may hold units, and nothing else would tell */
		: ipc_fact_of(ANSWER_NO, "no process waits on it");
	ret->used = row.atime ? ipc_fact_of(ANSWER_YES, "it was used since it was made")
			      : ipc_fact_of(ANSWER_NO, "it was never used since it was made");
	if (row.atime) /* else it is idle, and asking costs */
		ret->maker = makers_and_holders(ctx, &row);
}

static int sysv_remove(struct ipc_ctx *ctx, const struct ipc_object *object, bool force)
{
	(void)ctx;
	(void)force;
	return semset_remove((int)object->common[FIELD_ID].number);
}

/* The kernel takes owner, group and mode together; what is not to change is what the table shows. */
static int change(
	struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid, const mode_t *mode)
{
	struct ipc_selector sel = { .form = FORM_ID, .number = object->common[FIELD_ID].number };
	struct ipc_sysv_row row;
	int r = ipc_sysv_find(ctx, SYSV_SEM, &sel, 0, &row);

	if (r < 0)
		return r;
	return semset_chown(row.id, uid == (uid_t)-1 ? row.uid : uid, gid == (gid_t)-1 ? row.gid : gid,
		mode ? *mode : row.perms);
}

static int sysv_set_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode)
{
	return change(ctx, object, (uid_t)-1, (gid_t)-1, &mode);
}

static int sysv_set_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	return change(ctx, object, uid, gid, NULL);
}

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

const struct ipc_kind ipc_kind_sem_sysv = {
	.class = "sem",
	.api = "sysv",
	.label = "System V semaphore set",
	.noun = "semaphore",
	.namespaced = true,
	.forms = BIT(FORM_KEY) | BIT(FORM_ID),
	.attrs = BIT(ATTR_MODE) | BIT(ATTR_UID) | BIT(ATTR_GID) | BIT(ATTR_VALUE) | BIT(ATTR_NSEMS),
	.members = true,
	.holder_sources = HOLDERS_BLOCKED,
	.state_sources = HOLDERS_BLOCKED | HOLDERS_PROCESSES,
	.fields = fields,
	.hints = hints,
	.ops = &ops,
};
