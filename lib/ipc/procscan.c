#include "ipc/procscan.h"

#include "ipc/io.h"
#include "ipc/procstat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { COMMAND_MAX = 4096, MAPS_MAX = 64 << 20, STAT_MAX = 4096, STATUS_MAX = 65536 };

/* --- walking --- */

static int open_process(int dirfd, const char *path, pid_t pid, struct procscan_process *ret)
{
	struct stat st;
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		int error = errno;
		ipc_close(&fd);
		return error == EMFILE || error == ENFILE || error == ENOMEM ? -error : -ESRCH;
	}
	*ret = (struct procscan_process){ .pid = pid, .dirfd = fd, .uid = st.st_uid };
	return 0;
}

static int ask(const struct procscan_process *p, struct procscan_matcher *matchers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int r = matchers[i].match(p, matchers[i].arg);
		if (r == -EACCES)
			matchers[i].unseen++;
		else if (r < 0 && r != -ESRCH)
			return r;
	}
	return 0;
}

int procscan_walk(struct procscan_matcher *matchers, size_t count)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int r = 0, error = 0;

	if (!proc)
		return -errno;
	for (size_t i = 0; i < count; i++)
		matchers[i].unseen = 0;
	while (r == 0 && (entry = ipc_readdir(proc, &error)) != NULL) {
		struct procscan_process p;
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		r = open_process(dirfd(proc), entry->d_name, pid, &p);
		if (r == -ESRCH) {
			r = 0;
			continue;
		}
		if (r < 0)
			break;
		r = ask(&p, matchers, count);
		ipc_close(&p.dirfd);
	}
	closedir(proc);
	return r < 0 ? r : error;
}

/* --- looking at one --- */

/* What /proc says of a process that has gone, or that may not be looked at, in two words. */
static int plain_error(int error)
{
	if (error == -EPERM)
		return -EACCES;
	return error == -ENOENT ? -ESRCH : error;
}

int procscan_read(const struct procscan_process *p, const char *name, size_t max, char **ret, size_t *ret_len)
{
	return plain_error(ipc_read_file(p->dirfd, name, max, ret, ret_len));
}

/* A line of maps: "from-to perms offset major:minor inode path"; numbers come before anything a name could forge. */
static bool maps_line_is(const char *line, dev_t dev, ino_t ino)
{
	unsigned major_no, minor_no;
	uint64_t inode;

	return sscanf(line, "%*x-%*x %*s %*x %x:%x %" SCNu64, &major_no, &minor_no, &inode) == 3 &&
		major_no == major(dev) && minor_no == minor(dev) && inode == ino;
}

int procscan_has_mapped(const struct procscan_process *p, dev_t dev, ino_t ino)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	int r = procscan_read(p, "maps", MAPS_MAX, &text, &len);

	if (r < 0)
		return r;
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (maps_line_is(line, dev, ino))
			return 1;
	}
	return 0;
}

int procscan_same_namespace(const struct procscan_process *p, const char *name)
{
	char path[32];
	struct stat mine, theirs;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	if (stat(path, &mine) < 0)
		return -errno;
	if (fstatat(p->dirfd, path + sizeof("/proc/self/") - 1, &theirs, 0) < 0)
		return plain_error(-errno);
	return mine.st_dev == theirs.st_dev && mine.st_ino == theirs.st_ino;
}

bool procscan_is_complete(void)
{
	static const ino_t first = 0xeffffffc; /* PROC_PID_INIT_INO (include/linux/proc_ns.h) */
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == first;
}

static int read_stat(const struct procscan_process *p, struct procstat *ret)
{
	AUTO_FREE char *text = NULL;
	int r = procscan_read(p, "stat", STAT_MAX, &text, NULL);

	return r < 0 ? r : procstat_parse(text, ret);
}

enum { PF_EXITING = 0x4, PF_FORKNOEXEC = 0x40 }; /* include/linux/sched.h */

/* Nothing is left of it that could fork another: it is on its way out, or only its status is there. */
static bool has_ended(const struct procstat *s)
{
	return procstat_has_ended(s) || (s->threads <= 1 && s->flags & PF_EXITING);
}

/* Threads of the kernel are forked too, and know nothing. */
static bool is_forked(const struct procstat *s)
{
	return s->flags & PF_FORKNOEXEC && !procstat_is_kernel_thread(s);
}

static bool has_same_program(const struct procscan_process *p, pid_t other)
{
	char path[32], ours[PATH_MAX], theirs[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)other);
	ssize_t n = readlinkat(p->dirfd, "exe", ours, sizeof(ours));
	ssize_t m = readlink(path, theirs, sizeof(theirs));
	return n > 0 && n == m && (size_t)n < sizeof(ours) && memcmp(ours, theirs, (size_t)n) == 0;
}

/*
 * What has lost its parent is given another one, which may run the same program, as an interpreter that is the first
 * process of a container does: a copy has its memory, too. Where that can't be seen they are not the same.
 */
static bool is_copy_of(const struct procscan_process *p, const struct procstat *s, pid_t other)
{
	AUTO_FREE char *text = NULL;
	char path[32];
	struct procstat theirs;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)other);
	return s->stack != 0 && ipc_read_file(AT_FDCWD, path, STAT_MAX, &text, NULL) == 0 &&
		procstat_parse(text, &theirs) == 0 && theirs.stack == s->stack && has_same_program(p, other);
}

/* Whether it is the first process of its pid namespace: the last of its pids is 1. */
static bool takes_in_others(pid_t pid)
{
	AUTO_FREE char *text = NULL;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (ipc_read_file(AT_FDCWD, path, STATUS_MAX, &text, NULL) < 0)
		return true;
	const char *pids = strstr(text, "\nNSpid:\t"), *end = pids ? strchr(pids + 1, '\n') : NULL;
	return !end || (end[-1] == '1' && end[-2] == '\t');
}

int procscan_life(const struct procscan_process *p, struct procscan_life *ret)
{
	struct procstat s;
	int r = read_stat(p, &s);

	if (r < 0)
		return r;
	struct procscan_life life = { .start = s.start, .ended = has_ended(&s), .forked = is_forked(&s) };

	if (life.forked && is_copy_of(p, &s, s.parent)) {
		life.original = s.parent;
		life.adopted = takes_in_others(s.parent);
	} else if (life.forked &&
		read_stat(p, &s) == 0) { /* it may have executed one just now, or come to its end */
		life.forked = is_forked(&s);
		life.ended = has_ended(&s);
	}
	*ret = life;
	return 0;
}

int procscan_start_time(const struct procscan_process *p, uint64_t *ret)
{
	struct procstat s;
	int r = read_stat(p, &s);

	if (r == 0)
		*ret = s.start;
	return r;
}

/* The beginning of a file, however long it is. Returns its length, 0 if it can't be read. */
static size_t read_beginning(const struct procscan_process *p, const char *name, char *buf, size_t size)
{
	AUTO_CLOSE int fd = openat(p->dirfd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : ipc_read_full(fd, buf, size);

	return n > 0 ? (size_t)n : 0;
}

/* The arguments separated by spaces; the name in brackets, as ps(1) shows it, where there are none. */
static char *command_line(const struct procscan_process *p)
{
	char text[COMMAND_MAX], name[64];
	size_t len = read_beginning(p, "cmdline", text, sizeof(text) - 1);

	while (len > 0 && text[len - 1] == '\0')
		len--;
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[len] = '\0';
	if (len == 0) {
		size_t n = read_beginning(p, "comm", name, sizeof(name));
		n -= n > 0 && name[n - 1] == '\n';
		snprintf(text, sizeof(text), "[%.*s]", (int)n, name);
	}
	return strdup(text);
}

int procscan_describe(const struct procscan_process *p, const char *how, struct ipc_holder *ret)
{
	char *command = command_line(p);

	if (!command)
		return -ENOMEM;
	*ret = (struct ipc_holder){ .pid = p->pid, .uid = p->uid, .uid_known = true, .command = command };
	snprintf(ret->how, sizeof(ret->how), "%s", how);
	return 0;
}

int procscan_describe_pid(pid_t pid, const char *how, struct ipc_holder *ret)
{
	struct procscan_process p;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	int r = open_process(AT_FDCWD, path, pid, &p);
	if (r < 0)
		return r;
	r = procscan_describe(&p, how, ret);
	ipc_close(&p.dirfd);
	return r;
}

/* --- lists --- */

int procscan_list_add(struct procscan_list *l, const struct procscan_process *p, const char *how)
{
	struct ipc_holder *v = reallocarray(l->v, l->len + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->v = v;
	int r = procscan_describe(p, how, &v[l->len]);
	if (r == 0)
		l->len++;
	return r;
}

void procscan_list_clear(struct procscan_list *l)
{
	for (size_t i = 0; i < l->len; i++)
		free(l->v[i].command);
	free(l->v);
	*l = (struct procscan_list){ 0 };
}
