#include "ipc/procid.h"

#include "ipc/io.h"
#include "ipc/procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAT_MAX = 4096, STATUS_MAX = 65536 };

static int read_stat(const char *path, struct procstat *ret)
{
	AUTO_FREE char *text = NULL;
	int r = ipc_read_file(AT_FDCWD, path, STAT_MAX, &text, NULL);

	return r < 0 ? r : procstat_parse(text, ret);
}

static int read_namespaces(uint64_t *ret_pidns, uint64_t *ret_timens)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) < 0)
		return -errno;
	uint64_t pidns = st.st_ino;
	/* Only a kernel without time namespaces has 0: a record with a false one could never be judged. */
	if (stat("/proc/self/ns/time", &st) < 0) {
		if (errno != ENOENT)
			return -errno;
		st.st_ino = 0;
	}
	*ret_pidns = pidns;
	*ret_timens = st.st_ino;
	return 0;
}

int procid_self(struct procid *ret)
{
	struct procid id = { .pid = getpid() };
	struct procstat line;
	int r = read_namespaces(&id.pidns, &id.timens);

	if (r == 0)
		r = read_stat("/proc/self/stat", &line);
	if (r < 0)
		return r;
	id.start = line.start;
	*ret = id;
	return 0;
}

/* After unshare(1) without --mount-proc the pids in /proc are those of another namespace. */
static bool proc_is_ours(void)
{
	AUTO_FREE char *text = NULL;

	return ipc_read_file(AT_FDCWD, "/proc/self/status", STATUS_MAX, &text, NULL) == 0 &&
		procstat_has_one_pid(text, getpid());
}

struct procid_view procid_look(void)
{
	struct procid_view view = { 0 };

	view.trusted = read_namespaces(&view.pidns, &view.timens) == 0 && proc_is_ours();
	return view;
}

enum procid_state procid_find(const struct procid_view *view, pid_t pid, uint64_t *ret_start)
{
	struct procstat line;
	char path[sizeof("/proc//stat") + 3 * sizeof(int)];

	if (pid <= 0)
		return PROCID_UNKNOWN;
	/* Asked before /proc, which may not be mounted, and where hidepid makes other users' processes look like none. */
	if (kill(pid, 0) < 0 && errno == ESRCH)
		return PROCID_DEAD;
	if (!view->trusted)
		return PROCID_UNKNOWN;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (read_stat(path, &line) < 0)
		return PROCID_UNKNOWN;
	if (procstat_has_ended(&line))
		return PROCID_DEAD;
	*ret_start = line.start;
	return PROCID_ALIVE;
}

enum procid_state procid_judge(const struct procid_view *view, const struct procid *id)
{
	uint64_t start;

	if (!view->trusted || id->pidns != view->pidns || id->timens != view->timens)
		return PROCID_UNKNOWN;
	enum procid_state state = procid_find(view, id->pid, &start);
	return state == PROCID_ALIVE && start != id->start ? PROCID_DEAD : state;
}
