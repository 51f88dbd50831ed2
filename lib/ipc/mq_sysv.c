/*
 * System V message queues: sysvipc(7), msgget(2), msgop(2), msgctl(2).
 *
 * Nobody "has" such a queue: it is used by a number that anybody may know. Who is blocked on one only the system
 * calls of all processes tell, and those of others may not be looked at: to them it is unknown.
 */
#include "ipc/channel_ops.h"
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/limits.h"
#include "ipc/maker.h"
#include "ipc/nspace.h"
#include "ipc/sysv.h"
#include "ipc/traces.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

enum { FIELD_MESSAGES, FIELD_QUEUE_BYTES, FIELD_LAST_SEND_PID, FIELD_LAST_RECV_PID };

static const struct ipc_field fields[] = {
	[FIELD_MESSAGES] = { "messages", UNIT_COUNT, "Messages waiting in the queue" },
	[FIELD_QUEUE_BYTES] = { "queue_bytes", UNIT_BYTES, "Bytes of messages the queue can hold" },
	[FIELD_LAST_SEND_PID] = { "last_send_pid", UNIT_PID, "Process that sent last" },
	[FIELD_LAST_RECV_PID] = { "last_recv_pid", UNIT_PID, "Process that received last" },
	{ 0 },
};

enum { TYPE_SIZE = sizeof(long), LIMIT_TEXT_MAX = 64 };
_Static_assert((int)TYPE_SIZE <= (int)CHANNEL_MARGIN, "the type of a message lies in the margin");

/* A number that names no queue is EINVAL to msgctl(2); there is nothing else about it that could be wrong here. */
static int gone(int error)
{
	return error == EINVAL || error == EIDRM ? -ENOENT : -error;
}

static int stat_id(int id, struct msqid_ds *ret)
{
	union ipc_sysv_ds ds;

	if (ipc_sysv_stat(SYSV_MSG, id, &ds) == 0) {
		*ret = ds.msg;
		return 0;
	}
	return msgctl(id, IPC_STAT, ret) < 0 ? gone(errno) : 0;
}

static int list_queues(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	return ipc_sysv_list(ctx, kind, SYSV_MSG, fn, arg);
}

static void set_pid(struct ipc_object *o, unsigned index, pid_t pid)
{
	if (pid != 0) /* nobody yet, or a process that this pid namespace does not show */
		ipc_object_set_extra(o, index, pid);
}

static int stat_queue(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	struct ipc_sysv_row row;
	struct msqid_ds ds;
	int r = ipc_sysv_find(ctx, SYSV_MSG, sel, want, &row);

	if (r == 0)
		r = ipc_sysv_fill(sel->kind, &row, ret);
	if (r < 0)
		return r;
	bool sent_last = row.atime >= row.dtime;
	ipc_object_set(ret, FIELD_USED, (int64_t)row.size);
	ipc_object_set_extra(ret, FIELD_MESSAGES, (int64_t)row.count);
	ipc_sysv_set_time(ret, FIELD_MODIFIED, row.ctime);
	ipc_sysv_set_time(ret, FIELD_LAST_USED, sent_last ? row.atime : row.dtime);
	if (row.cpid != 0 || row.lpid != 0)
		ipc_object_set(ret, FIELD_LAST_PID, sent_last ? row.cpid : row.lpid);
	set_pid(ret, FIELD_LAST_SEND_PID, row.cpid);
	set_pid(ret, FIELD_LAST_RECV_PID, row.lpid);
	ret->common[FIELD_CREATED].have = HAVE_UNKNOWN; /* the kernel keeps the last change alone */
	ret->common[FIELD_SIZE].have = ret->extra[FIELD_QUEUE_BYTES].have = HAVE_UNKNOWN;
	if (stat_id(row.id, &ds) == 0) {
		ipc_object_set(ret, FIELD_SIZE, (int64_t)ds.msg_qbytes);
		ipc_object_set_extra(ret, FIELD_QUEUE_BYTES, (int64_t)ds.msg_qbytes);
	}
	return 0;
}

/* Who waits for a message, or for room. */
static int queue_holders(struct ipc_ctx *ctx, struct ipc_object *o)
{
	return holders_of(ctx, HOLDERS_BLOCKED, HELD_SYSV_MSG, (dev_t)nspace_ino(ctx),
		(ino_t)o->common[FIELD_ID].number, o);
}

/*
 * Changes what attrs holds. Owner and size can't be given to msgget(2); for a new queue they come at once
 * behind it.
 */
static int change(int id, const struct ipc_attrs *attrs)
{
	struct msqid_ds ds;
	int r = stat_id(id, &ds);

	if (r < 0)
		return r;
	ds.msg_perm.uid = (uid_t)ipc_attr_or(attrs, ATTR_UID, ds.msg_perm.uid);
	ds.msg_perm.gid = (gid_t)ipc_attr_or(attrs, ATTR_GID, ds.msg_perm.gid);
	ds.msg_perm.mode = (unsigned short)ipc_attr_or(attrs, ATTR_MODE, ds.msg_perm.mode);
	ds.msg_qbytes = ipc_attr_or(attrs, ATTR_QUEUE_BYTES, ds.msg_qbytes);
	return msgctl(id, IPC_SET, &ds) < 0 ? gone(errno) : 0;
}

static int create_queue(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	struct ipc_selector *ret)
{
	unsigned later = BIT(ATTR_UID) | BIT(ATTR_GID) | BIT(ATTR_QUEUE_BYTES);
	struct ipc_attrs all = *attrs;
	mode_t mode = (mode_t)ipc_attr_or(attrs, ATTR_MODE, 0600);

	(void)ctx;
	if (sel->form == FORM_ID)
		return -EADDRNOTAVAIL;
	if (mode > 0777 || ipc_attr_or(attrs, ATTR_QUEUE_BYTES, 1) == 0)
		return -EINVAL;
	ipc_attr_set(&all, ATTR_MODE, mode);
	if (attrs->given & later)
		mode &= 0700; /* nobody else gets in before it is what was asked for */
	int id = msgget(sel->key, (int)mode | IPC_CREAT | IPC_EXCL);
	if (id < 0)
		return -errno;
	int r = attrs->given & later ? change(id, &all) : 0;
	if (r < 0) {
		msgctl(id, IPC_RMID, NULL);
		return r;
	}
	*ret = (struct ipc_selector){
		.kind = sel->kind, .form = sel->key ? FORM_KEY : FORM_ID, .key = sel->key, .number = id
	};
	return 0;
}

/* Who sent or received last. A queue that was never used has neither time. */
static struct ipc_fact last_users(struct ipc_ctx *ctx, const struct ipc_sysv_row *row)
{
	const struct ipc_fact nobody = { .answer = ANSWER_NO };

	return maker_of_two(row->atime ? maker_user(ctx, row->cpid, maker_second(row->atime)) : nobody,
		row->dtime ? maker_user(ctx, row->lpid, maker_second(row->dtime)) : nobody);
}

/* The kernel keeps no time of creation: the earliest of those that it keeps is not before. */
static int64_t not_before(const struct ipc_sysv_row *row)
{
	int64_t t = row->ctime;

	if (row->atime && row->atime < t)
		t = row->atime;
	return row->dtime && row->dtime < t ? row->dtime : t;
}

static void queue_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	const struct ipc_selector by_id = { .form = FORM_ID, .number = object->common[FIELD_ID].number };
	struct ipc_sysv_row row;

	if (ipc_sysv_find(ctx, SYSV_MSG, &by_id, 0, &row) < 0) {
		ret->held = ipc_fact_of(ANSWER_UNKNOWN, "it was removed just now");
		return;
	}
	ret->users.answer = ANSWER_NO;
	ret->held = traces_waiter(ctx, HELD_SYSV_MSG, row.id);
	if (ret->held.answer == ANSWER_YES)
		return;
	ret->used = row.atime || row.dtime ? ipc_fact_of(ANSWER_YES, "messages went through it")
					   : ipc_fact_of(ANSWER_NO, "no message was ever sent to it");
	ret->users = last_users(ctx, &row);
	if (ret->held.answer == ANSWER_NO && ret->users.answer == ANSWER_UNKNOWN)
		ret->held = ret->users;     /* its recorded user may be there: then it is live */
	if (ret->used.answer == ANSWER_YES) /* else it is idle, and asking costs */
		ret->maker = maker_by_owner(ctx, row.cuid, maker_second(not_before(&row)));
}

static int id_of(const struct ipc_object *object)
{
	return (int)object->common[FIELD_ID].number;
}

static int remove_queue(struct ipc_ctx *ctx, const struct ipc_object *object, bool force)
{
	(void)ctx;
	(void)force;
	return msgctl(id_of(object), IPC_RMID, NULL) < 0 ? gone(errno) : 0;
}

static int set_queue_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode)
{
	struct ipc_attrs attrs = { 0 };

	(void)ctx;
	if (mode > 0777)
		return -EINVAL;
	ipc_attr_set(&attrs, ATTR_MODE, mode);
	return change(id_of(object), &attrs);
}

static int set_queue_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	struct ipc_attrs attrs = { 0 };

	(void)ctx;
	if (uid != (uid_t)-1)
		ipc_attr_set(&attrs, ATTR_UID, uid);
	if (gid != (gid_t)-1)
		ipc_attr_set(&attrs, ATTR_GID, gid);
	return change(id_of(object), &attrs);
}

/* --- the channel -------------------------------------------------------------------------------- */

/* A system limit below /proc/sys/kernel. */
static uint64_t limit(const char *path, uint64_t otherwise)
{
	AUTO_FREE char *text = NULL;
	size_t len;

	if (ipc_read_file(AT_FDCWD, path, LIMIT_TEXT_MAX, &text, &len) < 0)
		return otherwise;
	return strtoull(text, NULL, 10);
}

static int longest_message(size_t *ret)
{
	struct msginfo info;

	if (msgctl(0, IPC_INFO, (struct msqid_ds *)&info) < 0)
		return -errno;
	*ret = (size_t)info.msgmax;
	return 0;
}

static int open_channel(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned flags, struct ipc_channel *c)
{
	struct msqid_ds ds;
	int id = ipc_sysv_id(ctx, SYSV_MSG, sel);
	int r = id < 0 ? id : 0;

	(void)flags; /* the kernel asks for permissions at each message */
	if (r == 0 && sel->form == FORM_ID)
		r = stat_id(id, &ds);
	if (r == -EACCES)
		r = 0; /* it is there, and sending needs no right to read */
	if (r == 0)
		r = longest_message(&c->message_max);
	if (r < 0)
		return r;
	c->id = id;
	return 0;
}

/*
 * Makes a blocking call until it succeeds or the time is over. poll(2) knows no System V queue, so an
 * alarm interrupts the call.
 */
struct attempt {
	struct ipc_channel *c;
	void *message; /* the type and the text behind it */
	size_t size;
	long type;
	int flags;
};

typedef ssize_t attempt_fn(const struct attempt *a, int nowait);

static ssize_t try_send(const struct attempt *a, int nowait)
{
	return msgsnd(a->c->id, a->message, a->size, nowait);
}

static ssize_t try_recv(const struct attempt *a, int nowait)
{
	return msgrcv(a->c->id, a->message, a->size, a->type, a->flags | nowait);
}

static ssize_t until(attempt_fn *fn, const struct attempt *a, struct ipc_deadline deadline)
{
	struct ipc_alarm alarm;
	ssize_t n = fn(a, ipc_deadline_never(deadline) ? 0 : IPC_NOWAIT);

	if (n >= 0 || ipc_deadline_never(deadline) || (errno != EAGAIN && errno != ENOMSG))
		return n < 0 ? -errno : n;
	if (ipc_deadline_left(deadline) == 0)
		return ipc_deadline_error(deadline);
	int r = ipc_alarm_start(&alarm, deadline);
	if (r < 0)
		return r;
	n = fn(a, 0);
	r = n < 0 ? -errno : 0;
	ipc_alarm_stop(&alarm);
	if (r == -EINTR && ipc_deadline_left(deadline) == 0)
		return ipc_deadline_error(deadline);
	return r < 0 ? r : n;
}

/* What EINVAL of a call means whose arguments were right a moment ago. */
static ssize_t explain(struct ipc_channel *c, ssize_t r)
{
	struct msqid_ds ds;

	if (r == -ENOMSG)
		return -EAGAIN;
	if (r == -EINVAL && stat_id(c->id, &ds) == -ENOENT)
		return -EIDRM;
	return r == -EINVAL || r == -E2BIG ? -EMSGSIZE : r;
}

static int send_message(
	struct ipc_channel *c, const void *buf, size_t len, int64_t tag, struct ipc_deadline deadline)
{
	long type = (long)tag;

	if (tag <= 0 || tag > LONG_MAX)
		return -EINVAL;
	if (len > c->message_max)
		return -EMSGSIZE;
	if (!c->scratch)
		c->scratch = malloc(TYPE_SIZE + c->message_max);
	if (!c->scratch)
		return -ENOMEM;
	memcpy(c->scratch, &type, TYPE_SIZE);
	memcpy(c->scratch + TYPE_SIZE, buf, len);
	struct attempt a = { .c = c, .message = c->scratch, .size = len };
	ssize_t r = until(try_send, &a, deadline);
	return r < 0 ? (int)explain(c, r) : 0;
}

static void select_messages(const struct ipc_filter *filter, struct attempt *a)
{
	if (!filter || filter->how == FILTER_ANY)
		return;
	a->type = (long)filter->number;
	if (filter->how == FILTER_EXCEPT)
		a->flags |= MSG_EXCEPT;
}

/* A message from before msgmax was lowered is longer than that: the queue's size bounds it. */
static ssize_t too_long(struct ipc_channel *c)
{
	struct msqid_ds ds;

	if (stat_id(c->id, &ds) == 0 && ds.msg_qbytes > c->message_max)
		c->message_max = ds.msg_qbytes;
	return -EMSGSIZE;
}

static ssize_t recv_with(struct attempt *a, int64_t *ret_tag, struct ipc_deadline deadline)
{
	long type;
	ssize_t n = until(try_recv, a, deadline);

	if (n == -E2BIG)
		return too_long(a->c);
	if (n < 0)
		return explain(a->c, n);
	memcpy(&type, a->message, TYPE_SIZE);
	if (ret_tag)
		*ret_tag = type;
	return n;
}

static ssize_t recv_message(struct ipc_channel *c, void *buf, size_t size, const struct ipc_filter *filter,
	int64_t *ret_tag, struct ipc_deadline deadline)
{
	struct attempt a = { .c = c, .message = (char *)buf - TYPE_SIZE, .size = size };

	select_messages(filter, &a);
	return recv_with(&a, ret_tag, deadline);
}

static ssize_t peek_message(struct ipc_channel *c, void *buf, size_t size, size_t position, int64_t *ret_tag)
{
	struct attempt a = { .c = c,
		.message = (char *)buf - TYPE_SIZE,
		.size = size,
		.type = (long)position,
		.flags = MSG_COPY | IPC_NOWAIT };
	ssize_t n = recv_with(&a, ret_tag, ipc_deadline_in(0));

	return n == -ENOSYS ? -EOPNOTSUPP : n; /* a kernel without CONFIG_CHECKPOINT_RESTORE */
}

static void close_channel(struct ipc_channel *c)
{
	free(c->scratch);
}

static const struct ipc_channel_ops channel_ops = {
	.open = open_channel,
	.send = send_message,
	.recv = recv_message,
	.peek = peek_message,
	.close = close_channel,
};

/* --- what helps ---------------------------------------------------------------------------------- */

static bool over_msgmnb(const struct ipc_attrs *attrs)
{
	return attrs && ipc_attr_or(attrs, ATTR_QUEUE_BYTES, 0) > limit("/proc/sys/kernel/msgmnb", 16384);
}

static bool without_room(const struct ipc_attrs *attrs)
{
	return attrs && ipc_attr_or(attrs, ATTR_QUEUE_BYTES, 1) == 0;
}

static bool creating(const struct ipc_attrs *attrs)
{
	return attrs != NULL;
}

static bool using(const struct ipc_attrs *attrs)
{
	return !attrs;
}

static const struct ipc_hint hints[] = {
	{ ENOSPC,
		"this system's limit of queues, MSGMNI, is reached: sysctl kernel.msgmni=N, or remove some: "
		"ipcctl mq ls",
		creating, "msgget create", BIT(LIMIT_MSGMNI) },
	{ EAGAIN, "the queue is full, or empty: how many bytes and messages it has, ipcctl stat tells",
		ipc_hint_never, "msgsnd send", BIT(LIMIT_MSGMNB) },
	{ EPERM,
		"only root may make a queue larger than MSGMNB: sysctl kernel.msgmnb=N, or a smaller "
		"--queue-bytes",
		over_msgmnb },
	{ EINVAL, "--queue-bytes is a number from 1", without_room },
	{ EMSGSIZE, "the longest message of this system is MSGMAX: sysctl kernel.msgmax=N", using, "send" },
	{ EINVAL, "the longest message of this system is MSGMAX: sysctl kernel.msgmax=N", ipc_hint_never,
		"msgsnd" },
	{ EADDRNOTAVAIL, "the kernel picks the id: create by key:KEY or key:private", creating },
	{ 0 },
};

static const struct ipc_kind_ops ops = {
	.list = list_queues,
	.stat = stat_queue,
	.holders = queue_holders,
	.create = create_queue,
	.facts = queue_facts,
	.remove = remove_queue,
	.set_mode = set_queue_mode,
	.set_owner = set_queue_owner,
};

const struct ipc_kind ipc_kind_mq_sysv = {
	.class = "mq",
	.api = "sysv",
	.label = "System V message queue",
	.noun = "queue",
	.namespaced = true,
	.forms = BIT(FORM_KEY) | BIT(FORM_ID),
	.attrs = BIT(ATTR_MODE) | BIT(ATTR_UID) | BIT(ATTR_GID) | BIT(ATTR_QUEUE_BYTES),
	.holder_sources = HOLDERS_BLOCKED,
	.state_sources = HOLDERS_BLOCKED | HOLDERS_PROCESSES,
	.fields = fields,
	.hints = hints,
	.ops = &ops,
	.channel = &channel_ops,
	.tag = TAG_TYPE,
};
