#include "ipc/runnable.h"

#include "ipc/io.h"
#include "ipc/procstat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RAN_NS 100000 /* on a processor for so long, a writer has written something */

/*
 * So many times in a row, because once is no proof: what an interrupt took, or a hypervisor from the whole processor,
 * is counted as time of the thread that it stopped, which may not have moved on by one instruction.
 */
enum { RUNS = 3 };

enum { STAT_MAX = 1024, PATH_BUF = 64 };

/* Reads a short file of /proc into text. Returns its length, or -1. */
static ssize_t read_short(const char *path, char text[static STAT_MAX])
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, STAT_MAX - 1);

	if (n >= 0)
		text[n] = '\0';
	return n;
}

static int read_state(const char *path, struct procstat *ret)
{
	char text[STAT_MAX];

	return read_short(path, text) < 0 || procstat_parse(text, ret) < 0 ? -1 : 0;
}

static uint64_t time_on_processor(pid_t pid, pid_t tid)
{
	char path[PATH_BUF], text[STAT_MAX];
	unsigned long long ns = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid, (int)tid);
	if (read_short(path, text) > 0)
		sscanf(text, "%llu", &ns);
	return ns;
}

static int add(struct ipc_runnable *r, pid_t pid, pid_t tid)
{
	if ((r->len & (r->len - 1)) == 0) { /* 0 or a power of two: full */
		size_t room = r->len ? r->len * 2 : 1;
		struct ipc_runnable_thread *larger = realloc(r->v, room * sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		r->v = larger;
	}
	r->v[r->len++] = (struct ipc_runnable_thread){ pid, tid, time_on_processor(pid, tid), 0 };
	return 0;
}

/* Calls fn for each entry of a directory of /proc that is a number. */
static int each_number(const char *path, int (*fn)(struct ipc_runnable *r, pid_t pid, pid_t n),
	struct ipc_runnable *r, pid_t pid)
{
	DIR *dir = opendir(path);
	int result = 0;

	if (!dir)
		return -errno;
	for (struct dirent *e; result == 0 && (e = readdir(dir));)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			result = fn(r, pid, (pid_t)strtol(e->d_name, NULL, 10));
	closedir(dir);
	return result;
}

static int look_at_thread(struct ipc_runnable *r, pid_t pid, pid_t tid)
{
	char path[PATH_BUF];
	struct procstat state;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	return read_state(path, &state) == 0 && state.state == 'R' ? add(r, pid, tid) : 0;
}

static int look_at_process(struct ipc_runnable *r, pid_t self, pid_t pid)
{
	char path[PATH_BUF];
	struct procstat state;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (pid == self || read_state(path, &state) < 0 || procstat_is_kernel_thread(&state))
		return 0;
	if (state.threads == 1)
		return state.state == 'R' ? add(r, pid, pid) : 0;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	int result = each_number(path, look_at_thread, r, pid);
	return result == -ENOENT || result == -ESRCH ? 0 : result; /* it has ended */
}

int ipc_runnable_list(struct ipc_runnable *ret)
{
	struct ipc_runnable list = { 0 };
	struct procstat self;

	if (read_state("/proc/self/stat", &self) < 0)
		return -ENOSYS; /* an empty list would be read as "nobody" */
	int r = each_number("/proc", look_at_process, &list, getpid());

	if (r < 0) {
		ipc_runnable_clear(&list);
		return r;
	}
	*ret = list;
	return 0;
}

static bool has_run(struct ipc_runnable_thread *t)
{
	uint64_t now = time_on_processor(t->pid, t->tid);

	if (now < t->ran_ns + RAN_NS)
		return false;
	t->ran_ns = now;
	return ++t->runs >= RUNS;
}

static bool is_settled(struct ipc_runnable_thread *t)
{
	char path[PATH_BUF];
	struct procstat state;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)t->pid, (int)t->tid);
	return read_state(path, &state) < 0 || state.state != 'R' || has_run(t);
}

size_t ipc_runnable_settle(struct ipc_runnable *r)
{
	for (size_t i = 0; i < r->len;) {
		if (is_settled(&r->v[i]))
			r->v[i] = r->v[--r->len];
		else
			i++;
	}
	return r->len;
}

void ipc_runnable_clear(struct ipc_runnable *r)
{
	free(r->v);
	*r = (struct ipc_runnable){ 0 };
}
