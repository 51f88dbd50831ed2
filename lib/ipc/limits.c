#include "ipc/limits.h"

#include "ipc/io.h"
#include "ipc/limits_private.h"
#include "ipc/limits_text.h"
#include "ipc/mqueuefs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { SYSCTL_TEXT_MAX = 4096 };

/* A pipe that nobody resized (PIPE_DEF_BUFFERS in include/linux/pipe_fs_i.h). */
enum { PIPE_PAGES = 16 };

/* POSIX queues have at most so many priorities (MQ_PRIO_MAX). */
enum { PRIORITIES = 32768 };

static const char shm_path[] = "/dev/shm";

const char *ipc_limit_scope_name(enum ipc_limit_scope scope)
{
	static const char *const names[LIMIT_SCOPES] = {
		[SCOPE_SYSTEM] = "system",
		[SCOPE_NAMESPACE] = "namespace",
		[SCOPE_USER] = "user",
		[SCOPE_PROCESS] = "process",
		[SCOPE_OBJECT] = "object",
		[SCOPE_FILESYSTEM] = "filesystem",
	};

	return names[scope];
}

struct ipc_amount limits_amount(uint64_t number)
{
	return (struct ipc_amount){ .have = HAVE_VALUE, .number = number };
}

struct ipc_amount limits_max(uint64_t number)
{
	if (number >= INT64_MAX)
		return (struct ipc_amount){ .have = HAVE_VALUE, .unlimited = true, .number = UINT64_MAX };
	return limits_amount(number);
}

static int read_sysctl(const char *name, unsigned column, uint64_t *ret)
{
	AUTO_FREE char *text = NULL;
	char path[80];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	int r = ipc_read_file(AT_FDCWD, path, SYSCTL_TEXT_MAX, &text, NULL);
	if (r == 0)
		r = limits_sysctl(text, column, ret);
	if (r == -ERANGE) {
		*ret = UINT64_MAX;
		r = 0;
	}
	return r;
}

struct ipc_amount limits_sysctl_max(const struct ipc_limit *limit)
{
	uint64_t number;

	if (read_sysctl(limit->sysctl, limit->column, &number) < 0)
		return (struct ipc_amount){ .have = HAVE_UNKNOWN };
	return limits_max(number);
}

/* --- what one object uses --- */

static struct ipc_value value(uint64_t number)
{
	return (struct ipc_value){ HAVE_VALUE, number > INT64_MAX ? INT64_MAX : (int64_t)number };
}

static struct ipc_value one(const struct ipc_object *o)
{
	(void)o;
	return value(1);
}

static struct ipc_value pages(const struct ipc_object *o)
{
	struct ipc_value size = o->common[FIELD_SIZE];
	int64_t page = sysconf(_SC_PAGESIZE);

	if (size.have == HAVE_VALUE)
		size.number = size.number / page + (size.number % page > 0);
	return size;
}

static struct ipc_value semaphores(const struct ipc_object *o)
{
	return ipc_object_get(o, "nsems");
}

static struct ipc_value used_bytes(const struct ipc_object *o)
{
	return o->common[FIELD_USED];
}

/* A semaphore is a file of less than a page. */
static struct ipc_value file_bytes(const struct ipc_object *o)
{
	struct ipc_value used = o->common[FIELD_USED];

	return used.have == HAVE_ABSENT ? value((uint64_t)sysconf(_SC_PAGESIZE)) : used;
}

uint64_t ipc_limit_queue_charge(uint64_t max_messages, uint64_t message_size)
{
	/* struct msg_msg: six words; struct posix_msg_tree_node: a node of three words, a list's two, and an int. */
	const uint64_t message = 6 * sizeof(long), node = 6 * sizeof(long);
	uint64_t nodes = (max_messages < PRIORITIES ? max_messages : PRIORITIES) * node, all;

	if (__builtin_add_overflow(message_size, message, &all) ||
		__builtin_mul_overflow(all, max_messages, &all) || __builtin_add_overflow(all, nodes, &all))
		return UINT64_MAX;
	return all;
}

static struct ipc_value charge(const struct ipc_object *o)
{
	struct ipc_value messages = ipc_object_get(o, "max_messages"),
			 size = ipc_object_get(o, "message_size");

	if (messages.have != HAVE_VALUE || size.have != HAVE_VALUE)
		return (struct ipc_value){ .have = HAVE_UNKNOWN };
	return value(ipc_limit_queue_charge((uint64_t)messages.number, (uint64_t)size.number));
}

/* What a queue costs whose maker asks for nothing in particular. */
static uint64_t usual_queue(void)
{
	return ipc_limit_queue_charge(
		ipc_mqueuefs_limit("msg_default", 10), ipc_mqueuefs_limit("msgsize_default", 8192));
}

/* A FIFO that nobody has open has no memory. */
static struct ipc_value pipe_pages(const struct ipc_object *o)
{
	return value(o->holders_known && o->holders_len == 0 ? 0 : PIPE_PAGES);
}

static struct ipc_value messages(const struct ipc_object *o)
{
	return ipc_object_get(o, "messages");
}

static struct ipc_value messages_max(const struct ipc_object *o)
{
	return ipc_object_get(o, "max_messages");
}

static struct ipc_value queue_bytes(const struct ipc_object *o)
{
	return ipc_object_get(o, "queue_bytes");
}

static struct ipc_value pending(const struct ipc_object *o)
{
	return ipc_object_get(o, "pending");
}

static struct ipc_value backlog(const struct ipc_object *o)
{
	return ipc_object_get(o, "backlog");
}

/* --- what the kernel counts itself --- */

static int shm_statfs(struct statfs *ret)
{
	return statfs(shm_path, ret) < 0 ? -errno : 0;
}

/* A file system without a limit tells neither size nor use. */
static int shm_size(struct ipc_amount *ret_use, struct ipc_amount *ret_max)
{
	struct statfs fs;
	uint64_t use, max;
	int r = shm_statfs(&fs);

	if (r < 0)
		return r;
	if (fs.f_blocks == 0) {
		*ret_max = limits_max(UINT64_MAX);
		return 0;
	}
	if (__builtin_mul_overflow(fs.f_blocks, (uint64_t)fs.f_bsize, &max) || fs.f_bfree > fs.f_blocks)
		return -ERANGE;
	use = (fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize;
	*ret_use = limits_amount(use);
	*ret_max = limits_max(max);
	return 0;
}

static int shm_inodes(struct ipc_amount *ret_use, struct ipc_amount *ret_max)
{
	struct statfs fs;
	int r = shm_statfs(&fs);

	if (r < 0)
		return r;
	if (fs.f_files == 0) {
		*ret_max = limits_max(UINT64_MAX);
		return 0;
	}
	if (fs.f_ffree > fs.f_files)
		return -ERANGE;
	*ret_use = limits_amount(fs.f_files - fs.f_ffree);
	*ret_max = limits_max(fs.f_files);
	return 0;
}

static int file_nr(struct ipc_amount *ret_use, struct ipc_amount *ret_max)
{
	uint64_t use, unused, max;
	int r = read_sysctl("fs/file-nr", 0, &use);

	if (r == 0)
		r = read_sysctl("fs/file-nr", 1, &unused);
	if (r == 0)
		r = read_sysctl("fs/file-nr", 2, &max);
	if (r < 0)
		return r;
	*ret_use = limits_amount(use > unused ? use - unused : 0);
	*ret_max = limits_max(max);
	return 0;
}

static uint64_t a_page(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t a_pipe(void)
{
	return PIPE_PAGES;
}

/* --- the table --- */

#define ANY_DESCRIPTOR "mq/posix shm/posix fifo/posix pipe/posix sock/posix"

const struct ipc_limit ipc_limits[LIMITS] = {
	[LIMIT_MSGMNI] = {
		.name = "kernel.msgmni", .scope = SCOPE_NAMESPACE, .unit = "queues",
		.what = "System V message queues", .kinds = "mq/sysv",
		.help = "sysctl kernel.msgmni=N",
		.sysctl = "kernel/msgmni", .of_object = one,
	},
	[LIMIT_MSGMNB] = {
		.name = "kernel.msgmnb", .scope = SCOPE_OBJECT, .unit = "bytes",
		.what = "bytes in the fullest System V message queue", .kinds = "mq/sysv",
		.help = "let somebody receive, or for new queues: sysctl kernel.msgmnb=N",
		.sysctl = "kernel/msgmnb", .of_object = used_bytes, .max_of_object = queue_bytes,
	},
	[LIMIT_MQ_MAXMSG] = {
		.name = "mq_maxmsg", .scope = SCOPE_OBJECT, .unit = "messages",
		.what = "messages in the fullest POSIX message queue", .kinds = "mq/posix",
		.help = "let somebody receive, or make it with more: ipcctl mq create --max-messages",
		.of_object = messages, .max_of_object = messages_max,
	},
	[LIMIT_QUEUES_MAX] = {
		.name = "fs.mqueue.queues_max", .scope = SCOPE_NAMESPACE, .unit = "queues",
		.what = "POSIX message queues", .kinds = "mq/posix",
		.help = "sysctl fs.mqueue.queues_max=N",
		.sysctl = "fs/mqueue/queues_max", .of_object = one,
	},
	[LIMIT_MSGQUEUE] = {
		.name = "RLIMIT_MSGQUEUE", .scope = SCOPE_USER, .unit = "bytes",
		.what = "bytes that the user's POSIX message queues could hold", .kinds = "mq/posix",
		.help = "ulimit -q BYTES, or smaller queues: --max-messages, --message-size",
		.of_object = charge, .of_processes = limits_of_msgqueue, .step = usual_queue,
	},
	[LIMIT_SHMMNI] = {
		.name = "kernel.shmmni", .scope = SCOPE_NAMESPACE, .unit = "segments",
		.what = "System V shared memory segments", .kinds = "shm/sysv",
		.help = "sysctl kernel.shmmni=N",
		.sysctl = "kernel/shmmni", .of_object = one,
	},
	[LIMIT_SHMALL] = {
		.name = "kernel.shmall", .scope = SCOPE_NAMESPACE, .unit = "pages",
		.what = "pages of System V shared memory", .kinds = "shm/sysv",
		.help = "sysctl kernel.shmall=PAGES",
		.sysctl = "kernel/shmall", .of_object = pages,
	},
	[LIMIT_SHM_SIZE] = {
		.name = "size of /dev/shm", .scope = SCOPE_FILESYSTEM, .unit = "bytes",
		.what = "bytes of POSIX shared memory and semaphores", .kinds = "shm/posix sem/posix",
		.help = "mount -o remount,size=SIZE /dev/shm",
		.of_object = file_bytes, .total = shm_size, .step = a_page,
	},
	[LIMIT_SHM_INODES] = {
		.name = "inodes of /dev/shm", .scope = SCOPE_FILESYSTEM, .unit = "inodes",
		.what = "POSIX segments and semaphores, and other files there", .kinds = "shm/posix sem/posix",
		.help = "mount -o remount,nr_inodes=N /dev/shm",
		.of_object = one, .total = shm_inodes,
	},
	[LIMIT_SEMMNI] = {
		.name = "kernel.sem:SEMMNI", .scope = SCOPE_NAMESPACE, .unit = "sets",
		.what = "System V semaphore sets", .kinds = "sem/sysv",
		.help = "the fourth number of 'sysctl kernel.sem'",
		.sysctl = "kernel/sem", .column = 3, .of_object = one,
	},
	[LIMIT_SEMMNS] = {
		.name = "kernel.sem:SEMMNS", .scope = SCOPE_NAMESPACE, .unit = "semaphores",
		.what = "System V semaphores in all sets", .kinds = "sem/sysv",
		.help = "the second number of 'sysctl kernel.sem'",
		.sysctl = "kernel/sem", .column = 1, .of_object = semaphores,
	},
	[LIMIT_PIPE_SOFT] = {
		.name = "fs.pipe-user-pages-soft", .scope = SCOPE_USER, .unit = "pages",
		.what = "pages of a user's pipes and FIFOs", .kinds = "pipe/posix fifo/posix",
		.help = "sysctl fs.pipe-user-pages-soft=N (0: no limit)",
		.sysctl = "fs/pipe-user-pages-soft", .of_object = pipe_pages, .step = a_pipe,
		.zero_is_none = true, .spares_root = true, .estimate = true,
	},
	[LIMIT_PIPE_HARD] = {
		.name = "fs.pipe-user-pages-hard", .scope = SCOPE_USER, .unit = "pages",
		.what = "pages of a user's pipes and FIFOs", .kinds = "pipe/posix fifo/posix",
		.help = "sysctl fs.pipe-user-pages-hard=N (0: no limit)",
		.sysctl = "fs/pipe-user-pages-hard", .of_object = pipe_pages, .step = a_pipe,
		.zero_is_none = true, .spares_root = true, .estimate = true,
	},
	[LIMIT_BACKLOG] = {
		.name = "backlog of listen(2)", .scope = SCOPE_OBJECT, .unit = "connections",
		.what = "connections that the fullest listener has not accepted", .kinds = "sock/posix",
		.help = "a server that accepts, or a longer backlog (net.core.somaxconn at most)",
		.of_object = pending, .max_of_object = backlog,
	},
	[LIMIT_NOFILE] = {
		.name = "RLIMIT_NOFILE", .scope = SCOPE_PROCESS, .unit = "descriptors",
		.what = "open descriptors of the process that is nearest to its limit", .kinds = ANY_DESCRIPTOR,
		.help = "ulimit -n N",
		.of_processes = limits_of_nofile,
	},
	[LIMIT_FILE_MAX] = {
		.name = "fs.file-max", .scope = SCOPE_SYSTEM, .unit = "files",
		.what = "open files of the whole machine", .kinds = ANY_DESCRIPTOR,
		.help = "sysctl fs.file-max=N",
		.total = file_nr, .of_processes = limits_of_file_max,
	},
};

static bool is_word(const char *words, const char *class, const char *api)
{
	size_t len = strlen(class);

	for (const char *p = words; p; p = strchr(p, ' ')) {
		p += *p == ' ';
		if (strncmp(p, class, len) == 0 && p[len] == '/' &&
			(!api || strcspn(p + len + 1, " ") == strlen(api)) &&
			(!api || strncmp(p + len + 1, api, strlen(api)) == 0))
			return true;
	}
	return false;
}

bool ipc_limit_concerns(const struct ipc_limit *limit, const struct ipc_kind *kind)
{
	return kind && is_word(limit->kinds, kind->class, kind->api);
}

bool ipc_limit_concerns_class(const struct ipc_limit *limit, const char *class)
{
	return is_word(limit->kinds, class, NULL);
}

/* --- judging --- */

bool ipc_limit_has_percent(const struct ipc_limit_use *u)
{
	return u->use.have == HAVE_VALUE && u->max.have == HAVE_VALUE && !u->max.unlimited;
}

uint64_t ipc_limit_percent(const struct ipc_limit_use *u)
{
	return limits_percent(u->use.number, u->max.number);
}

bool ipc_limit_exhausted(const struct ipc_limit_use *u)
{
	const struct ipc_limit *l = &ipc_limits[u->id];
	uint64_t step = l->step ? l->step() : 1;

	return ipc_limit_has_percent(u) &&
		(u->use.number >= u->max.number || u->max.number - u->use.number < step);
}

unsigned ipc_limits_of_kind(const struct ipc_kind *kind)
{
	unsigned which = 0;

	for (unsigned i = 0; i < LIMITS; i++)
		if (ipc_limits[i].scope != SCOPE_PROCESS && ipc_limits[i].scope != SCOPE_SYSTEM &&
			ipc_limit_concerns(&ipc_limits[i], kind))
			which |= BIT(i);
	return which;
}

bool ipc_limit_of_object(enum ipc_limit_id id, const struct ipc_object *o, struct ipc_limit_use *ret)
{
	const struct ipc_limit *l = &ipc_limits[id];

	if (l->scope != SCOPE_OBJECT || !ipc_limit_concerns(l, o->selector.kind))
		return false;
	struct ipc_value use = l->of_object(o), max = l->max_of_object(o);
	if (use.have == HAVE_ABSENT || max.have == HAVE_ABSENT)
		return false;
	*ret = (struct ipc_limit_use){
		.id = id,
		.use = { .have = use.have, .number = (uint64_t)use.number },
		.max = { .have = max.have, .number = (uint64_t)max.number },
		.uid_known = o->common[FIELD_UID].have == HAVE_VALUE,
		.uid = (uid_t)o->common[FIELD_UID].number,
	};
	return true;
}
