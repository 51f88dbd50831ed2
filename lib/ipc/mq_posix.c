/*
 * POSIX message queues: mq_overview(7). A queue belongs to an IPC namespace and has a file in that
 * namespace's message queue file system, which need not be mounted for the queue to be used, only for
 * the queues to be listed.
 *
 * The file is never read: that would change its times, which are all that tells when a queue was last
 * used. So how many bytes are in a queue is known only while it is empty.
 */
#include "ipc/channel_ops.h"
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/lease.h"
#include "ipc/limits.h"
#include "ipc/mqueuefs.h"
#include "ipc/mqueuefs_unlink.h"
#include "ipc/timefmt.h"
#include "ipc/traces.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIELD_MESSAGES, FIELD_MAX_MESSAGES, FIELD_MESSAGE_SIZE };

static const struct ipc_field fields[] = {
	[FIELD_MESSAGES] = { "messages", UNIT_COUNT, "Messages waiting in the queue" },
	[FIELD_MAX_MESSAGES] = { "max_messages", UNIT_COUNT, "Messages the queue can hold" },
	[FIELD_MESSAGE_SIZE] = { "message_size", UNIT_BYTES, "Longest message" },
	{ 0 },
};

/* Who has it open, and who waits to send or to receive. */
enum { SOURCES = HOLDERS_FILES | HOLDERS_BLOCKED };

enum { PRIORITY_MAX = 32767 }; /* MQ_PRIO_MAX - 1 */

static int open_queue(struct ipc_ctx *ctx, const char *name, int flags, int tries)
{
	int fd;

	do {
		fd = mq_open(name, flags | O_NONBLOCK | O_CLOEXEC);
	} while (fd < 0 && ipc_lease_open_again(ctx, errno, &tries));
	return fd < 0 ? -errno : fd;
}

/* Any descriptor of a queue: to ask it, or (O_PATH) at least to name it. */
static int open_any(struct ipc_ctx *ctx, const char *name)
{
	int fd = open_queue(ctx, name, O_RDONLY, LEASE_BRIEF);

	if (fd == -EACCES)
		fd = open_queue(ctx, name, O_WRONLY, LEASE_BRIEF);
	if (fd == -EACCES || fd == -EAGAIN) { /* EAGAIN: somebody holds a lease on it */
		AUTO_CLOSE int dir = ipc_mqueuefs_open(ctx);
		if (dir < 0)
			return -EACCES;
		fd = openat(dir, name + 1, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return -errno;
	}
	return fd;
}

static int list_queues(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	return ipc_mqueuefs_list(ctx, kind, fn, arg);
}

static void fill_file(const struct stat *st, struct ipc_object *o)
{
	int64_t read = ipc_time_ns(st->st_atim), written = ipc_time_ns(st->st_mtim);

	o->dev = st->st_dev;
	o->ino = st->st_ino;
	ipc_object_set(o, FIELD_UID, st->st_uid);
	ipc_object_set(o, FIELD_GID, st->st_gid);
	ipc_object_set(o, FIELD_MODE, st->st_mode & 07777);
	ipc_object_set(o, FIELD_MODIFIED, ipc_time_ns(st->st_ctim));
	/* Sending and receiving set both; notifying sets one of them. */
	ipc_object_set(o, FIELD_LAST_USED, read > written ? read : written);
	o->common[FIELD_CREATED].have = HAVE_UNKNOWN; /* the file system keeps no birth time */
}

static void fill_queue(const struct mq_attr *a, struct ipc_object *o)
{
	ipc_object_set(o, FIELD_SIZE, a->mq_maxmsg * a->mq_msgsize);
	ipc_object_set(o, FIELD_USED, 0);
	if (a->mq_curmsgs > 0)
		o->common[FIELD_USED].have = HAVE_UNKNOWN;
	ipc_object_set_extra(o, FIELD_MESSAGES, a->mq_curmsgs);
	ipc_object_set_extra(o, FIELD_MAX_MESSAGES, a->mq_maxmsg);
	ipc_object_set_extra(o, FIELD_MESSAGE_SIZE, a->mq_msgsize);
}

static void fill_unknown(struct ipc_object *o)
{
	static const enum ipc_field_id always[] = { FIELD_UID, FIELD_GID, FIELD_MODE, FIELD_SIZE, FIELD_USED,
		FIELD_CREATED, FIELD_MODIFIED, FIELD_LAST_USED };

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		if (o->common[always[i]].have == HAVE_ABSENT)
			o->common[always[i]].have = HAVE_UNKNOWN;
	for (size_t i = 0; fields[i].name; i++)
		o->extra[i].have = HAVE_UNKNOWN;
}

static int stat_queue(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	AUTO_CLOSE int fd = open_any(ctx, sel->name);
	struct mq_attr attr;
	struct stat st;

	(void)want;
	if (fd < 0 && fd != -EACCES)
		return fd;
	int r = ipc_selector_copy(&ret->selector, sel);
	if (r < 0)
		return r;
	if (fd >= 0 && fstat(fd, &st) < 0)
		return -errno;
	if (fd >= 0)
		fill_file(&st, ret);
	if (fd >= 0 && mq_getattr(fd, &attr) == 0) {
		fill_queue(&attr, ret);
		return 0;
	}
	fill_unknown(ret);
	return -EACCES;
}

static int queue_holders(struct ipc_ctx *ctx, struct ipc_object *o)
{
	return o->ino ? holders_of(ctx, SOURCES, HELD_FILE, o->dev, o->ino, o) : 0;
}

/* The attributes for mq_open(3): what was not asked for is the kernel's default, which it tells. */
static int queue_attr(const struct ipc_attrs *attrs, struct mq_attr *ret)
{
	uint64_t messages = ipc_attr_or(attrs, ATTR_MAX_MESSAGES, ipc_mqueuefs_limit("msg_default", 10));
	uint64_t size = ipc_attr_or(attrs, ATTR_MESSAGE_SIZE, ipc_mqueuefs_limit("msgsize_default", 8192));

	if (!ipc_attr_given(attrs, ATTR_MAX_MESSAGES) && messages > ipc_mqueuefs_limit("msg_max", 10))
		messages = ipc_mqueuefs_limit("msg_max", 10);
	if (!ipc_attr_given(attrs, ATTR_MESSAGE_SIZE) && size > ipc_mqueuefs_limit("msgsize_max", 8192))
		size = ipc_mqueuefs_limit("msgsize_max", 8192);
	if (messages > INT64_MAX || size > INT64_MAX)
		return -EINVAL;
	*ret = (struct mq_attr){ .mq_maxmsg = (long)messages, .mq_msgsize = (long)size };
	return 0;
}

static int give_attributes(int fd, const struct ipc_attrs *attrs)
{
	uid_t uid = (uid_t)ipc_attr_or(attrs, ATTR_UID, (uid_t)-1);
	gid_t gid = (gid_t)ipc_attr_or(attrs, ATTR_GID, (gid_t)-1);
	mode_t mode = (mode_t)ipc_attr_or(attrs, ATTR_MODE, 0600);

	if ((uid != (uid_t)-1 || gid != (gid_t)-1) && fchown(fd, uid, gid) < 0)
		return -errno;
	return fchmod(fd, mode) < 0 ? -errno : 0;
}

static int create_queue(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	struct ipc_selector *ret)
{
	bool plain = !ipc_attr_given(attrs, ATTR_MAX_MESSAGES) && !ipc_attr_given(attrs, ATTR_MESSAGE_SIZE);
	mode_t mode = (mode_t)ipc_attr_or(attrs, ATTR_MODE, 0600);
	struct mq_attr attr;
	int r = plain ? 0 : queue_attr(attrs, &attr);

	(void)ctx;
	if (r < 0)
		return r;
	/* Nobody else gets in before owner and mode are what was asked for. */
	AUTO_CLOSE int fd = mq_open(sel->name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK | O_CLOEXEC,
		mode & 0700, plain ? NULL : &attr);
	if (fd < 0)
		return -errno;
	r = give_attributes(fd, attrs);
	if (r == 0)
		r = ipc_selector_copy(ret, sel);
	if (r < 0)
		mq_unlink(sel->name);
	return r;
}

/*
 * A new queue's times are those of its directory, which change whenever a queue is made or removed; sending and
 * receiving change the queue's alone. They are whole seconds.
 */
static struct ipc_fact use_of(struct ipc_ctx *ctx, const struct ipc_object *object)
{
	AUTO_CLOSE int dirfd = ipc_mqueuefs_open(ctx);
	struct stat st;

	if (object->extra[FIELD_MESSAGES].have == HAVE_VALUE && object->extra[FIELD_MESSAGES].number > 0)
		return ipc_fact_of(ANSWER_YES, "it holds messages");
	if (dirfd >= 0 && fstat(dirfd, &st) == 0 && st.st_dev == object->dev &&
		object->common[FIELD_LAST_USED].number > ipc_time_ns(st.st_mtim))
		return ipc_fact_of(ANSWER_YES, "messages went through it");
	return ipc_fact_of(ANSWER_UNKNOWN, "whether it was used since it was made is not recorded");
}

static void ask_for_lease(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	AUTO_CLOSE int fd = open_queue(ctx, object->selector.name, O_RDONLY, LEASE_BRIEF);
	struct stat st;

	if (fd == -EAGAIN) {
		ipc_lease_refused(ctx, ret);
		return;
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		ret->held = ipc_fact_of(ANSWER_UNKNOWN, "it may not be opened to ask the kernel who has it");
		return;
	}
	if (st.st_dev != object->dev || st.st_ino != object->ino) {
		ret->held = ipc_fact_of(ANSWER_UNKNOWN, "another queue has its name by now");
		return;
	}
	ipc_lease_facts(ctx, fd, ret);
}

static void queue_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	ret->users.answer = ANSWER_NO; /* the kernel records none */
	if (traces_holder(ctx, object, &ret->held))
		return;
	ask_for_lease(ctx, object, ret);
	if (ret->held.answer != ANSWER_NO)
		return;
	ret->used = use_of(ctx, object);
	/* The time of the last change is not before it was made, and nobody can set it. It is of whole seconds. */
	if (ret->used.answer == ANSWER_YES)
		ret->maker =
			traces_maker(ctx, object, object->common[FIELD_MODIFIED].number + NSEC_PER_SEC - 1);
}

/* The descriptor of exactly that queue, or -ESTALE if another has its name by now. */
static int open_same(struct ipc_ctx *ctx, const struct ipc_object *object, int flags)
{
	AUTO_CLOSE int fd = flags < 0 ? open_any(ctx, object->selector.name)
				      : open_queue(NULL, object->selector.name, flags, LEASE_BRIEF);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_dev != object->dev || st.st_ino != object->ino || st.st_nlink == 0)
		return -ESTALE;
	int r = fd;
	fd = -1; /* the caller owns it now */
	return r;
}

/* Nobody has it, and nothing came in since it was looked at. The lease stays held. */
static int prove_unused(int fd, const struct ipc_object *object)
{
	struct ipc_facts facts = { 0 };
	struct mq_attr attr;

	ipc_lease_facts(NULL, fd, &facts);
	if (facts.held.answer == ANSWER_UNKNOWN)
		return -EADDRINUSE;
	if (facts.held.answer == ANSWER_YES || ipc_lease_take(fd) < 0)
		return -EBUSY;
	if (mq_getattr(fd, &attr) < 0)
		return -errno;
	return attr.mq_curmsgs > 0 && object->extra[FIELD_MESSAGES].number == 0 ? -ENOTEMPTY : 0;
}

static int remove_queue(struct ipc_ctx *ctx, const struct ipc_object *object, bool force)
{
	AUTO_CLOSE int watch = ipc_mqueuefs_watch(ctx);
	AUTO_CLOSE int fd = open_same(ctx, object, force ? -1 : O_RDONLY);

	if (fd < 0)
		return fd;
	if (!force) {
		int r = prove_unused(fd, object);
		if (r == 0 && ipc_lease_wanted(fd))
			r = -EBUSY;
		if (r < 0)
			return r;
	}
	return ipc_mqueuefs_unlink(fd, object->selector.name, watch);
}

static int set_queue_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode)
{
	AUTO_CLOSE int fd = open_same(ctx, object, -1);
	char path[FD_PATH_SIZE];

	if (fd < 0)
		return fd;
	if (fchmod(fd, mode) == 0)
		return 0;
	if (errno != EBADF)
		return -errno;
	ipc_fd_path(fd, path); /* the owner who has no other right to the queue got an O_PATH descriptor */
	return chmod(path, mode) < 0 ? -errno : 0;
}

static int set_queue_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	AUTO_CLOSE int fd = open_same(ctx, object, -1);

	if (fd < 0)
		return fd;
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int poll_fd(int fd, short events, struct ipc_deadline deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	struct timespec ts = ipc_deadline_timespec(deadline);

	return ppoll(&p, 1, ipc_deadline_never(deadline) ? NULL : &ts, NULL) < 0 ? -errno : 0;
}

static int await_events(struct ipc_ctx *ctx, struct ipc_deadline deadline)
{
	AUTO_CLOSE int dir = ipc_mqueuefs_open(ctx);
	AUTO_CLOSE int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[FD_PATH_SIZE];

	if (dir < 0 || notify < 0)
		return -EAGAIN;
	ipc_fd_path(dir, path);
	if (inotify_add_watch(notify, path, IN_CREATE | IN_DELETE | IN_ATTRIB | IN_OPEN | IN_CLOSE) < 0)
		return -EAGAIN;
	return poll_fd(notify, POLLIN, ipc_deadline_within(deadline, LOOK_AGAIN_NS));
}

static int await_queue(struct ipc_ctx *ctx, const struct ipc_selector *sel, enum ipc_condition condition,
	struct ipc_deadline deadline)
{
	if (condition == CONDITION_EMPTY)
		return -EAGAIN; /* poll(2) tells "not full" */
	if (condition != CONDITION_READABLE)
		return await_events(ctx, deadline);
	AUTO_CLOSE int fd = open_queue(ctx, sel->name, O_RDONLY, LEASE_BRIEF);
	return fd < 0 ? -EAGAIN : poll_fd(fd, POLLIN, ipc_deadline_within(deadline, LOOK_AGAIN_NS));
}

/* --- the channel -------------------------------------------------------------------------------- */

static int open_channel(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned flags, struct ipc_channel *c)
{
	static const int modes[] = {
		[CHANNEL_SEND] = O_WRONLY, [CHANNEL_RECV] = O_RDONLY, [CHANNEL_SEND | CHANNEL_RECV] = O_RDWR
	};
	AUTO_CLOSE int fd = open_queue(NULL, sel->name, modes[flags], LEASE_PATIENT);
	struct mq_attr attr, blocking = { 0 };

	(void)ctx;
	if (fd < 0)
		return fd;
	/* O_NONBLOCK was for opening; a call that may wait by itself is one system call instead of three. */
	if (mq_getattr(fd, &attr) < 0 || mq_setattr(fd, &blocking, NULL) < 0)
		return -errno;
	c->message_max = (size_t)attr.mq_msgsize;
	c->fd = fd;
	fd = -1; /* the channel owns it now */
	return 0;
}

/*
 * The timed calls take a point on CLOCK_REALTIME, which somebody can set: so they are used without a
 * limit, or with a point in the past, which means "do not wait". In between poll(2) waits.
 */
static const struct timespec past = { 0 };

static int try_send(
	struct ipc_channel *c, const void *buf, size_t len, unsigned priority, struct ipc_deadline deadline)
{
	return ipc_deadline_never(deadline) ? mq_send(c->fd, buf, len, priority)
					    : mq_timedsend(c->fd, buf, len, priority, &past);
}

static ssize_t try_recv(
	struct ipc_channel *c, void *buf, size_t size, unsigned *ret_priority, struct ipc_deadline deadline)
{
	return ipc_deadline_never(deadline) ? mq_receive(c->fd, buf, size, ret_priority)
					    : mq_timedreceive(c->fd, buf, size, ret_priority, &past);
}

/* What a call that failed returns, or 0 to make it again. */
static int again(struct ipc_channel *c, short events, struct ipc_deadline deadline, int error)
{
	if (error != ETIMEDOUT)
		return -error;
	if (ipc_deadline_left(deadline) == 0)
		return ipc_deadline_error(deadline);
	return poll_fd(c->fd, events, deadline);
}

static int send_message(
	struct ipc_channel *c, const void *buf, size_t len, int64_t tag, struct ipc_deadline deadline)
{
	int r = 0;

	if (tag < 0 || tag > PRIORITY_MAX)
		return -EINVAL;
	while (r == 0) {
		if (try_send(c, buf, len, (unsigned)tag, deadline) == 0)
			return 0;
		r = again(c, POLLOUT, deadline, errno);
	}
	return r;
}

static ssize_t recv_message(struct ipc_channel *c, void *buf, size_t size, const struct ipc_filter *filter,
	int64_t *ret_tag, struct ipc_deadline deadline)
{
	unsigned priority;
	int r = 0;

	if (filter && filter->how != FILTER_ANY)
		return -EOPNOTSUPP;
	while (r == 0) {
		ssize_t n = try_recv(c, buf, size, &priority, deadline);
		if (n >= 0) {
			if (ret_tag)
				*ret_tag = priority;
			return n;
		}
		r = again(c, POLLIN, deadline, errno);
	}
	return r;
}

static void close_channel(struct ipc_channel *c)
{
	ipc_close(&c->fd);
}

static const struct ipc_channel_ops channel_ops = {
	.open = open_channel,
	.send = send_message,
	.recv = recv_message,
	.close = close_channel,
};

/* --- what helps ---------------------------------------------------------------------------------- */

/* EMFILE of a creation is the limit of queues, unless no descriptor is left at all. */
static bool queue_bytes_used_up(const struct ipc_attrs *attrs)
{
	AUTO_CLOSE int fd = fcntl(0, F_DUPFD_CLOEXEC, 0);

	return attrs && (fd >= 0 || (errno != EMFILE && errno != EINVAL)); /* EINVAL: a limit of 0 */
}

static bool too_many_messages(const struct ipc_attrs *attrs)
{
	return attrs && ipc_attr_or(attrs, ATTR_MAX_MESSAGES, 0) > ipc_mqueuefs_limit("msg_max", 10);
}

static bool too_long_messages(const struct ipc_attrs *attrs)
{
	return attrs && ipc_attr_or(attrs, ATTR_MESSAGE_SIZE, 0) > ipc_mqueuefs_limit("msgsize_max", 8192);
}

static bool without_room(const struct ipc_attrs *attrs)
{
	return attrs &&
		(ipc_attr_or(attrs, ATTR_MAX_MESSAGES, 1) == 0 ||
			ipc_attr_or(attrs, ATTR_MESSAGE_SIZE, 1) == 0);
}

static bool creating(const struct ipc_attrs *attrs)
{
	return attrs != NULL;
}

static const struct ipc_hint hints[] = {
	{ EMFILE,
		"the queues of this user take all of RLIMIT_MSGQUEUE: raise it with 'ulimit -q BYTES', "
		"make smaller queues (--max-messages, --message-size), or remove some: ipcctl mq ls",
		queue_bytes_used_up, "mq_open create", BIT(LIMIT_MSGQUEUE) },
	{ EMFILE, "no descriptor is left to this process: raise its limit with 'ulimit -n N'", NULL,
		"mq_open create send recv", BIT(LIMIT_NOFILE) },
	{ ENFILE, "the whole machine has too many files open: sysctl fs.file-max=N", NULL,
		"mq_open create send recv", BIT(LIMIT_FILE_MAX) },
	{ EAGAIN, "the queue is full, or empty: how many messages it has, ipcctl stat tells", ipc_hint_never,
		"mq_send mq_timedsend send", BIT(LIMIT_MQ_MAXMSG) },
	{ ETIMEDOUT, "the queue stayed full, or empty, for all that time", ipc_hint_never,
		"mq_timedsend send", BIT(LIMIT_MQ_MAXMSG) },
	{ ENOSPC,
		"this system's limit of queues is reached: sysctl fs.mqueue.queues_max=N, or remove some: "
		"ipcctl mq ls",
		creating, "mq_open create", BIT(LIMIT_QUEUES_MAX) },
	{ EINVAL,
		"--max-messages is over the limit of this system, /proc/sys/fs/mqueue/msg_max: "
		"sysctl fs.mqueue.msg_max=N (65536 at most)",
		too_many_messages, "mq_open create" },
	{ EINVAL,
		"--message-size is over the limit of this system, /proc/sys/fs/mqueue/msgsize_max: "
		"sysctl fs.mqueue.msgsize_max=N (16M at most)",
		too_long_messages, "mq_open create" },
	{ EINVAL, "--max-messages and --message-size are numbers from 1", without_room },
	{ EMSGSIZE,
		"--message-size is set when a queue is created: make one with a larger size, and move the "
		"messages there: ipcctl mq move",
		NULL, "mq_send mq_receive send recv" },
	{ ENODEV,
		"the queues can be listed where their file system is mounted: "
		"mkdir -p /dev/mqueue; mount -t mqueue none /dev/mqueue" },
	{ EXDEV,
		"/dev/mqueue shows the queues of another IPC namespace; in this one: "
		"mount -t mqueue none /dev/mqueue" },
	{ 0 },
};

static const struct ipc_kind_ops ops = {
	.list = list_queues,
	.stat = stat_queue,
	.holders = queue_holders,
	.create = create_queue,
	.facts = queue_facts,
	.asks_kernel = true,
	.remove = remove_queue,
	.set_mode = set_queue_mode,
	.set_owner = set_queue_owner,
	.await_change = await_queue,
};

const struct ipc_kind ipc_kind_mq_posix = {
	.class = "mq",
	.api = "posix",
	.label = "POSIX message queue",
	.noun = "queue",
	.namespaced = true,
	.forms = BIT(FORM_POSIX),
	.files = "/dev/mqueue/",
	.attrs = BIT(ATTR_MODE) | BIT(ATTR_UID) | BIT(ATTR_GID) | BIT(ATTR_MAX_MESSAGES) |
		BIT(ATTR_MESSAGE_SIZE),
	.holder_sources = SOURCES,
	.state_sources = HOLDERS_FILES | HOLDERS_MAPS | HOLDERS_PROCESSES,
	.fields = fields,
	.hints = hints,
	.ops = &ops,
	.channel = &channel_ops,
	.tag = TAG_PRIORITY,
};
