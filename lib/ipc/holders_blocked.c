/*
 * In which system calls threads wait: for the other side of a FIFO, for a message, a semaphore. Such a process need
 * have no descriptor of what it waits for. The kernel tells the number and the arguments of the call (/proc/PID/syscall),
 * and where a thread sleeps (wchan), both to its user and to root alone. Source: proc(5).
 */
#include "ipc/holders_walk.h"
#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TEXT_SIZE = 256, NAME_SIZE = 64 };

struct call {
	long number;
	uint64_t args[6];
	uint64_t stack; /* 0: it is not in user space's name */
};

/* A thread in a system call. */
struct sleeper {
	struct holders_walk *w;
	const struct procscan_process *p;
	const char *prefix; /* "task/TID/", or "" */
	struct call call;
	bool reads, writes; /* what it waits to do, where the call tells */
};

/* "257 0xffffff9c 0x7ffe… …": the number and the arguments, the stack pointer, the program counter. */
static bool parse(const char *text, struct call *ret)
{
	uint64_t *a = ret->args;

	return sscanf(text,
		       "%ld %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64,
		       &ret->number, &a[0], &a[1], &a[2], &a[3], &a[4], &a[5], &ret->stack) == 8;
}

static struct holders_entry entry_of(const struct sleeper *s, enum holders_type type)
{
	return (struct holders_entry){
		.type = type,
		.how = HOW_BLOCKED,
		.pid = s->p->pid,
		.fd = -1,
		.reads = s->reads,
		.writes = s->writes,
	};
}

/* --- messages and semaphores --- */

static int by_id(const struct sleeper *s, enum holders_type type)
{
	struct holders_entry e = entry_of(s, type);

	e.dev = (dev_t)holders_walk_ipcns(s->p, s->prefix);
	e.ino = (ino_t)(uint32_t)s->call.args[0];
	if (e.dev == 0) {
		s->w->to->blocked_unknown[type] = true;
		return 0;
	}
	return holders_walk_add(s->w, &e);
}

static int message(const struct sleeper *s)
{
	return by_id(s, HELD_SYSV_MSG);
}

static int semaphore(const struct sleeper *s)
{
	return by_id(s, HELD_SYSV_SEM);
}

/* A POSIX queue: it is among the descriptors that were looked at just now. */
static int queue(const struct sleeper *s)
{
	struct holders_entry e = entry_of(s, HELD_FILE);

	for (size_t i = s->w->first; i < s->w->to->len; i++) {
		const struct holders_entry *fd = &s->w->to->v[i];
		if (fd->type != HELD_FILE || fd->how != HOW_FD || fd->fd != (int)s->call.args[0])
			continue;
		e.dev = fd->dev;
		e.ino = fd->ino;
		return holders_walk_add(s->w, &e);
	}
	return 0;
}

/* A semaphore in a file, or whatever else waits at an address of it. */
static int address(const struct sleeper *s)
{
	struct holders_entry e = entry_of(s, HELD_FILE);
	uint64_t at = s->call.args[0];

	for (size_t i = 0; i < s->w->ranges_len; i++) {
		const struct holders_range *range = &s->w->ranges[i];
		if (at < range->from || at >= range->to)
			continue;
		e.dev = range->dev;
		e.ino = range->ino;
		return holders_walk_add(s->w, &e);
	}
	return 0;
}

/* --- FIFOs --- */

/* Where a path of the process begins: its root, its working directory or one of its descriptors. */
static int base_directory(const struct sleeper *s, const char *path, int dirfd)
{
	char name[NAME_SIZE];

	if (*path == '/')
		snprintf(name, sizeof(name), "%sroot", s->prefix);
	else if (dirfd == AT_FDCWD)
		snprintf(name, sizeof(name), "%scwd", s->prefix);
	else
		snprintf(name, sizeof(name), "%sfd/%d", s->prefix, dirfd);
	return openat(s->p->dirfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Absolute links lead from the process's root only if that is where the path begins: else nothing is known. */
static int stat_path(const struct sleeper *s, const char *path, int dirfd, struct stat *ret)
{
	uint64_t resolve = RESOLVE_NO_MAGICLINKS | (*path == '/' ? RESOLVE_IN_ROOT : 0);
	AUTO_CLOSE int base = base_directory(s, path, dirfd);
	AUTO_CLOSE int fd = base < 0 ? -1 : ipc_open_cached(base, path, O_PATH, resolve);

	return fd < 0 || ipc_stat_cached(fd, ret) < 0 ? -EACCES : 0;
}

/* Reads the path that the system call was given; the process may have changed it since. */
static int read_path(const struct sleeper *s, uint64_t address, char path[static PATH_MAX])
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%smem", s->prefix);
	AUTO_CLOSE int fd = openat(s->p->dirfd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 || address > INT64_MAX ? -1 : pread(fd, path, PATH_MAX, (off_t)address);

	return n > 0 && memchr(path, '\0', (size_t)n) ? 0 : -EACCES;
}

/* Returns 0 or -EACCES. */
static int find_fifo(const struct sleeper *s, struct stat *ret)
{
	bool at = s->call.number == SYS_openat || s->call.number == SYS_openat2;
	bool known = at;
	char path[PATH_MAX];

#ifdef SYS_open
	known = known || s->call.number == SYS_open;
#endif
#ifdef SYS_creat
	known = known || s->call.number == SYS_creat;
#endif
	int r = known ? read_path(s, s->call.args[at], path) : -EACCES;
	if (r == 0)
		r = stat_path(s, path, at ? (int)(uint32_t)s->call.args[0] : AT_FDCWD, ret);
	return r == 0 && S_ISFIFO(ret->st_mode) ? 0 : -EACCES;
}

enum waiting { WAITS_NOT, WAITS, WAITS_PERHAPS, WAITS_FOR_MESSAGE };

/* The function differs with how the compiler inlined fifo_open() (fs/pipe.c). */
static enum waiting waits_for_partner(const struct sleeper *s)
{
	char name[NAME_SIZE], text[TEXT_SIZE];

	snprintf(name, sizeof(name), "%swchan", s->prefix);
	ssize_t n = holders_walk_read(s->p, name, text, sizeof(text));
	if (n < 0)
		return WAITS_NOT;             /* it has gone */
	if (n == 0 || strcmp(text, "0") == 0) /* runs, or the kernel has no names of functions */
		return WAITS_PERHAPS;
	if (strstr(text, "msgrcv") || strstr(text, "msgsnd")) /* a 32-bit program's call has another number */
		return WAITS_FOR_MESSAGE;
	return strcmp(text, "wait_for_partner") == 0 || strcmp(text, "fifo_open") == 0 ? WAITS : WAITS_NOT;
}

static bool is_open(long number)
{
#ifdef SYS_open
	if (number == SYS_open)
		return true;
#endif
	return number == SYS_openat || number == SYS_openat2;
}

/* For which side it opens; openat2(2) has that in memory. */
static void set_access(const struct sleeper *s, struct holders_entry *e)
{
	uint64_t flags = O_ACCMODE;

	if (s->call.number == SYS_openat)
		flags = s->call.args[2];
#ifdef SYS_open
	if (s->call.number == SYS_open)
		flags = s->call.args[1];
#endif
	e->reads = (flags & O_ACCMODE) == O_RDONLY;
	e->writes = (flags & O_ACCMODE) == O_WRONLY;
}

static int opening(const struct sleeper *s)
{
	struct holders_entry e = entry_of(s, HELD_FIFO);
	enum waiting waiting = waits_for_partner(s);
	struct stat st;

	if (waiting == WAITS_FOR_MESSAGE)
		s->w->to->blocked_unknown[HELD_SYSV_MSG] = true;
	if (waiting == WAITS_NOT || waiting == WAITS_FOR_MESSAGE ||
		(waiting == WAITS_PERHAPS && !is_open(s->call.number)))
		return 0;
	int r = waiting == WAITS ? find_fifo(s, &st) : -EACCES;
	if (waits_for_partner(s) == WAITS_NOT)
		return 0;
	if (r < 0) {
		s->w->to->blocked_unknown[HELD_FIFO] = true;
		return 0;
	}
	e.dev = st.st_dev;
	e.ino = st.st_ino;
	set_access(s, &e);
	return holders_walk_add(s->w, &e);
}

/* --- all of them --- */

static const struct {
	long number;
	int (*look)(const struct sleeper *s); /* NULL: nothing that is looked for */
	bool reads, writes;
} calls[] = {
#ifdef SYS_msgrcv
	{ SYS_msgrcv, message, .reads = true },
	{ SYS_msgsnd, message, .writes = true },
	{ SYS_semtimedop, semaphore },
#endif
#ifdef SYS_semop
	{ SYS_semop, semaphore },
#endif
	{ SYS_mq_timedsend, queue, .writes = true },
	{ SYS_mq_timedreceive, queue, .reads = true },
	{ SYS_futex, address },
	{ SYS_restart_syscall, address }, /* of a futex with a time limit, once it was stopped */
#ifdef SYS_poll
	{ SYS_poll, NULL },
	{ SYS_select, NULL },
	{ SYS_epoll_wait, NULL },
	{ SYS_pause, NULL },
#endif
	{ SYS_ppoll, NULL },
	{ SYS_pselect6, NULL },
	{ SYS_epoll_pwait, NULL },
	{ SYS_read, NULL },
	{ SYS_wait4, NULL },
	{ SYS_waitid, NULL },
	{ SYS_nanosleep, NULL },
	{ SYS_clock_nanosleep, NULL },
	{ SYS_rt_sigtimedwait, NULL },
	{ SYS_rt_sigsuspend, NULL },
	{ SYS_accept4, NULL },
	{ SYS_recvfrom, NULL },
	{ SYS_recvmsg, NULL },
};

/* Returns 0 or -errno. Other calls than the known ones can open a FIFO, and so can what the kernel does for a process. */
static int look_at(struct holders_walk *w, const struct procscan_process *p, const char *prefix)
{
	struct sleeper s = { .w = w, .p = p, .prefix = prefix };
	char name[NAME_SIZE], text[TEXT_SIZE];

	snprintf(name, sizeof(name), "%ssyscall", prefix);
	ssize_t n = holders_walk_read(p, name, text, sizeof(text));
	if (n == -ENOENT || n == -ESRCH)
		return 0;
	if (n < 0)
		return holders_walk_error((int)-n);
	w->looked = true;
	if (!parse(text, &s.call))
		return strncmp(text, "running", strlen("running")) == 0 ? 0 : opening(&s);
	for (size_t i = 0; s.call.stack && i < ARRAY_SIZE(calls); i++)
		if (calls[i].number == s.call.number) {
			s.reads = calls[i].reads;
			s.writes = calls[i].writes;
			return calls[i].look ? calls[i].look(&s) : 0;
		}
	return opening(&s);
}

int holders_look_at_threads(struct holders_walk *w, const struct procscan_process *p)
{
	w->looked = false;
	int r = look_at(w, p, "");
	int others = r == 0 || r == -EACCES ? holders_walk_threads(w, p, look_at) : 0;

	if (others < 0)
		return others;
	return r == -EACCES && w->looked ? 0 : r; /* what a main thread that has ended leaves is root's */
}
