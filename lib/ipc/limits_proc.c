/* What is counted by process: descriptors, and the limits that each process carries with it. */
#include "ipc/io.h"
#include "ipc/limits_private.h"
#include "ipc/limits_text.h"
#include "ipc/procscan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 16384 };

static bool count_entries(int dirfd, uint64_t *ret)
{
	int fd = openat(dirfd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		ipc_close(&fd);
		return false;
	}
	*ret = 0;
	for (const struct dirent *e; (e = readdir(dir));)
		*ret += e->d_name[0] != '.';
	closedir(dir);
	return true;
}

/* Since Linux 6.2 the directory's size is the number; before, it is 0 and they have to be counted. */
static bool count_descriptors(int dirfd, uint64_t *ret)
{
	struct stat st;

	if (fstatat(dirfd, "fd", &st, 0) < 0)
		return false;
	*ret = (uint64_t)st.st_size;
	return st.st_size > 0 || count_entries(dirfd, ret);
}

static int look(const struct procscan_process *p, struct limits_process *ret)
{
	AUTO_FREE char *limits = NULL, *status = NULL;
	uint32_t uid = p->uid;
	int r = procscan_read(p, "limits", TEXT_MAX, &limits, NULL);

	if (r == 0)
		r = procscan_read(p, "status", TEXT_MAX, &status, NULL);
	if (r < 0)
		return r;
	*ret = (struct limits_process){ .pid = p->pid, .fds_max = UINT64_MAX, .queues_max = UINT64_MAX };
	if (limits_real_uid(status, &uid) < 0 || limits_soft(limits, "Max open files", &ret->fds_max) < 0 ||
		limits_soft(limits, "Max msgqueue size", &ret->queues_max) < 0)
		return -ESRCH; /* a zombie has no limits any more */
	ret->uid = uid;
	ret->fds_known = count_descriptors(p->dirfd, &ret->fds);
	return 0;
}

static int take(const struct procscan_process *p, void *arg)
{
	struct ipc_limits_reading *r = arg;
	struct limits_process found;
	int result = look(p, &found);

	if (result < 0)
		return result == -ENOMEM || result == -ESRCH ? result : -EACCES;
	if (r->processes_len == r->processes_room) {
		size_t room = r->processes_room ? 2 * r->processes_room : 64;
		struct limits_process *v = reallocarray(r->processes, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		r->processes = v;
		r->processes_room = room;
	}
	r->processes[r->processes_len++] = found;
	return found.fds_known ? 0 : -EACCES;
}

int limits_walk(struct ipc_limits_reading *r)
{
	struct procscan_matcher matcher = { .match = take, .arg = r };
	struct stat st;

	if (r->walked)
		return 0;
	r->walked = true;
	int result = procscan_walk(&matcher, 1);
	/* Process 1 is always there: if it can't be seen, /proc leaves out what this user may not look at. */
	r->unseen = result < 0 || matcher.unseen > 0 || stat("/proc/1", &st) < 0;
	return result == -ENOMEM ? result : 0;
}

/* Whether a is nearer to its limit than b. */
static bool is_nearer(const struct limits_process *a, const struct limits_process *b)
{
	/* In millionths, since both may be at 99 percent: no number of descriptors is too large for that. */
	uint64_t x = limits_percent(a->fds * 10000, a->fds_max),
		 y = limits_percent(b->fds * 10000, b->fds_max);

	return x > y;
}

/* That the entries were made. */
static int own_entry(int result)
{
	return result < 0 ? result : 1;
}

int limits_of_nofile(struct ipc_limits_reading *r, enum ipc_limit_id id)
{
	const struct limits_process *nearest = NULL;
	struct ipc_limit_use u = { .id = id };

	for (size_t i = 0; i < r->processes_len; i++) {
		const struct limits_process *p = &r->processes[i];
		if (p->fds_known && (!nearest || is_nearer(p, nearest)))
			nearest = p;
	}
	if (!nearest) {
		u.use.have = u.max.have = HAVE_UNKNOWN;
		return own_entry(limits_add(r->to, &u));
	}
	u.use = limits_amount(nearest->fds);
	u.max = limits_max(nearest->fds_max);
	u.use.least = r->unseen && u.use.number < u.max.number; /* another process may be nearer */
	u.uid_known = true;
	u.uid = nearest->uid;
	u.pid = nearest->pid;
	u.uid_use = u.program_use = nearest->fds;
	if (limits_program_of(u.pid, 0, &u.program) == -ENOMEM)
		return -ENOMEM;
	return own_entry(limits_add(r->to, &u));
}

/* Descriptors, not files: what is shared counts twice, but whose they are can't be told otherwise. */
int limits_of_file_max(struct ipc_limits_reading *r, enum ipc_limit_id id)
{
	int result = 0;

	if (r->unseen)
		return 0; /* who can't be seen may use more than who can */
	for (size_t i = 0; result == 0 && i < r->processes_len; i++) {
		const struct limits_process *p = &r->processes[i];
		struct limits_entry e = { .amount = p->fds, .uid_known = true, .uid = p->uid, .pid = p->pid };
		if (p->fds_known)
			result = limits_tally_add(&r->tallies[id], &e);
	}
	return result;
}

/* The smallest limit that a process of the user has. Without one, what process 1 hands down to sessions. */
static struct ipc_amount smallest(const struct ipc_limits_reading *r, uid_t uid)
{
	const struct limits_process *least = NULL, *first = NULL;

	for (size_t i = 0; i < r->processes_len; i++) {
		const struct limits_process *p = &r->processes[i];
		if (p->pid == 1)
			first = p;
		if (p->uid == uid && (!least || p->queues_max < least->queues_max))
			least = p;
	}
	if (!least)
		least = first;
	return least ? limits_max(least->queues_max) : (struct ipc_amount){ .have = HAVE_UNKNOWN };
}

static int add_queues_of(
	struct ipc_limits_reading *r, enum ipc_limit_id id, size_t first, size_t len, uint64_t sum)
{
	struct limits_entry *v = &r->tallies[id].v[first];
	struct ipc_limit_use u = { .id = id, .uid_known = v->uid_known, .uid = v->uid, .uid_use = sum };
	int result = r->flags & LIMITS_WHO ? limits_tally_program(v, len, &u) : 0;

	if (result < 0)
		return result;
	u.use = limits_amount(sum);
	u.use.least = r->tallies[id].least;
	if (r->failed & BIT(id))
		u.use.have = HAVE_UNKNOWN;
	u.max = smallest(r, u.uid);
	return limits_add(r->to, &u);
}

/* An entry for each user who has queues, and one for the caller. */
int limits_of_msgqueue(struct ipc_limits_reading *r, enum ipc_limit_id id)
{
	struct limits_tally *t = &r->tallies[id];
	const struct limits_entry own = { .uid_known = true, .uid = getuid() };
	int result = limits_tally_add(t, &own);
	size_t n;

	limits_tally_order(t);
	for (size_t i = 0; result == 0 && i < t->len; i += n) {
		uint64_t sum;
		n = limits_tally_user(t, i, &sum);
		if (t->v[i].uid_known)
			result = add_queues_of(r, id, i, n, sum);
	}
	return own_entry(result);
}
