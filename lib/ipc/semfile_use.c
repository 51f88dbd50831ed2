/* Using a POSIX named semaphore: what sem.h promises, with the records of semfile.h and a guard. */
#include "ipc/io.h"
#include "ipc/lease.h"
#include "ipc/procscan.h"
#include "ipc/sem_ops.h"
#include "ipc/shmdir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_MS = 2000, GIVE_BACK_TRIES = 5, GIVE_BACK_NAP_NS = 10 * 1000 * 1000 };

/* Long enough for any lock that is held for microseconds, and an end where it is not. */
static struct ipc_deadline patience(void)
{
	return ipc_deadline_in(LOCK_MS * NSEC_PER_MSEC);
}

/* The operations' words for "more than there can be" differ; sem.h has one. */
static int range(int r)
{
	return r == -EOVERFLOW || r == -EINVAL ? -ERANGE : r;
}

static int posix_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, bool change, struct ipc_sem *s)
{
	char filename[NAME_MAX + 1];
	AUTO_CLOSE int dirfd = ipc_shmdir_open(ctx);

	int r = dirfd < 0 ? dirfd : ipc_sem_posix_filename(sel, filename);
	if (r < 0)
		return r;
	r = semfile_open(dirfd, filename, O_RDWR, &s->file);
	if (r == -EACCES && !change)
		r = semfile_open(dirfd, filename, O_RDONLY, &s->file);
	return r;
}

static void posix_close(struct ipc_sem *s)
{
	semfile_close(&s->file);
}

static int posix_wait(struct ipc_sem *s, unsigned units, struct ipc_deadline deadline)
{
	return semfile_wait(&s->file, units, deadline);
}

static int posix_wait_zero(struct ipc_sem *s, struct ipc_deadline deadline)
{
	return semfile_wait_zero(&s->file, deadline);
}

static int posix_post(struct ipc_sem *s, unsigned units)
{
	return range(semfile_post(&s->file, units));
}

static int posix_set(struct ipc_sem *s, unsigned value)
{
	return range(semfile_set(&s->file, value));
}

/* Who looks gives back for the dead, if it may; what it may not, or what is spoiled, stays as it is. */
static void recover(const struct ipc_sem *s)
{
	if (s->file.map)
		(void)semfile_recover(&s->file, ipc_deadline_in(0), NULL);
}

static int posix_get(struct ipc_sem *s, struct ipc_sem_state *ret)
{
	struct semfile_state state;

	recover(s);
	int r = semfile_get(&s->file, &state);
	if (r < 0)
		return r;
	*ret = (struct ipc_sem_state){ .value = state.value, .waiters = state.waiters };
	if (state.initial >= 0)
		ret->initial = (struct ipc_value){ HAVE_VALUE, state.initial };
	return 0;
}

/* --- holding --- */

/* What a guard is for: the units of that process. */
struct ward {
	struct semfile file; /* the guard's own: the lock belongs to what open(2) made */
	pid_t pid;
};

static bool has_units(const struct ward *w)
{
	AUTO_FREE struct semfile_holder *holders = NULL;
	size_t count = 0;
	bool found = semfile_holders(&w->file, &holders, &count) < 0;

	for (size_t i = 0; i < count; i++)
		found |= holders[i].id.pid == w->pid && !holders[i].waiting;
	return found;
}

/*
 * In the guard, when the process it stands for has ended: that one is among the dead holders now. Nobody
 * else may look for a long time, so what is in the way for a moment must not end it.
 */
static void give_back(void *arg)
{
	const struct ward *w = arg;
	const struct ipc_deadline never = ipc_deadline_in(WAIT_FOREVER);

	for (int i = 0; i < GIVE_BACK_TRIES; i++) {
		if (semfile_recover(&w->file, never, NULL) == 0 && !has_units(w))
			return;
		(void)ipc_deadline_sleep(never, GIVE_BACK_NAP_NS);
	}
}

static int post_guard(const struct ipc_sem *s, struct guard *ret)
{
	AUTO_SEMFILE struct semfile its_own = SEMFILE_CLOSED;
	int r = semfile_keep_from_children(&s->file);

	if (r == 0)
		r = semfile_reopen(&s->file, &its_own);
	if (r < 0)
		return r;
	struct ward ward = { .file = its_own, .pid = getpid() };
	r = guard_start(
		&(struct guard_task){ .undo = give_back, .arg = &ward, .fds = { its_own.fd }, .fd_count = 1 },
		ret);
	/* A kernel that has none of what a guard needs: whoever looks next gives back all the same. */
	return r == -ENOSYS ? 0 : r;
}

static int posix_hold(struct ipc_sem *s, unsigned units, struct ipc_deadline deadline, bool program,
	struct ipc_sem_hold *ret)
{
	int r = program ? post_guard(s, &ret->guard) : 0;

	if (r < 0)
		return r;
	r = semfile_acquire(&s->file, units, deadline, &ret->record);
	if (r == -ETIMEDOUT || r == -EAGAIN || r == -EINTR)
		guard_dismiss(&ret->guard);
	else if (r < 0) /* units may be recorded as ours: then they come back when we have ended */
		ipc_close(&ret->guard.fd);
	return r;
}

static int posix_release(struct ipc_sem *s, struct ipc_sem_hold *hold)
{
	int r = semfile_release(&s->file, &hold->record, patience());

	/* Given back with our end at the latest, but only when somebody looks: what was scarce may be there now. */
	if (r < 0 && r != -EIDRM && r != -EOVERFLOW && r != -ETIMEDOUT)
		r = semfile_release(&s->file, &hold->record, patience());
	if (r == 0 || r == -EIDRM) /* else the guard still has something to do */
		guard_dismiss(&hold->guard);
	return range(r);
}

/* --- holders --- */

static const char *how_it_has(const struct semfile_holder *h)
{
	if (h->state == PROCID_DEAD)
		return "dead";
	if (h->waiting)
		return "wait";
	return h->state == PROCID_ALIVE ? "hold" : "unknown";
}

static int add_record(struct ipc_sem_holders *found, const struct semfile_holder *h)
{
	struct ipc_sem_holder holder = { .units = h->units, .since_ns = h->since_ns > 0 ? h->since_ns : 0 };
	const char *how = how_it_has(h);

	if (h->state != PROCID_ALIVE || procscan_describe_pid(h->id.pid, how, &holder.process) < 0) {
		holder.process.pid = h->id.pid;
		snprintf(holder.process.how, sizeof(holder.process.how), "%s", how);
	}
	int r = ipc_sem_holders_add(found, &holder);
	if (r < 0)
		free(holder.process.command);
	return r;
}

static int posix_holders(struct ipc_sem *s, struct ipc_sem_holders *ret)
{
	AUTO_FREE struct semfile_holder *holders = NULL;
	size_t count = 0;

	recover(s);
	int r = semfile_holders(&s->file, &holders, &count);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_record(ret, &holders[i]);
	return r;
}

/* --- repair --- */

struct search {
	struct stat file;
	struct ipc_sem_holders *found;
};

static int match_mapped(const struct procscan_process *p, void *arg)
{
	struct search *search = arg;
	struct ipc_sem_holder holder = { 0 };

	if (p->pid == getpid())
		return 0;
	int r = procscan_has_mapped(p, search->file.st_dev, search->file.st_ino);
	if (r <= 0)
		return r;
	r = procscan_describe(p, "map", &holder.process);
	if (r == 0)
		r = ipc_sem_holders_add(search->found, &holder);
	if (r < 0)
		free(holder.process.command);
	return r;
}

static int find_users(struct ipc_sem *s, struct ipc_sem_holders *ret)
{
	struct search search = { .found = ret };
	struct procscan_matcher matcher = { .match = match_mapped, .arg = &search };

	if (fstat(s->file.fd, &search.file) < 0)
		return -errno;
	int r = procscan_walk(&matcher, 1);
	ret->unseen = matcher.unseen;
	return r;
}

/* What live holders have by their records; those that can't be judged count unless they are to be forgotten. */
static int units_held(struct ipc_sem *s, bool forget_unknown, uint64_t *ret)
{
	AUTO_FREE struct semfile_holder *holders = NULL;
	size_t count = 0;
	int r = semfile_holders(&s->file, &holders, &count);

	if (r < 0)
		return r;
	*ret = 0;
	for (size_t i = 0; i < count; i++)
		if (!holders[i].waiting && !(forget_unknown && holders[i].state == PROCID_UNKNOWN))
			*ret += holders[i].units;
	return 0;
}

/* With the lease nobody can come in while the value is set. */
static int prove_unused(struct ipc_sem *s, struct ipc_sem_repair *repair)
{
	struct ipc_facts facts = { 0 };
	int r = ipc_lease_take(s->file.fd);

	if (r == -EAGAIN) {
		/* Another one that looked for a moment, or a guard that is about to leave. */
		ipc_lease_facts(NULL, s->file.fd, &facts);
		r = facts.held.answer == ANSWER_NO ? ipc_lease_take(s->file.fd) : -EAGAIN;
	}
	if (r == 0)
		return 0;
	if (r != -EAGAIN)
		return -EADDRINUSE;
	r = find_users(s, &repair->users);
	return r < 0 ? r : -EBUSY;
}

static int set_right(struct ipc_sem *s, struct ipc_sem_repair *repair)
{
	uint32_t after = 0;
	int r = repair->force ? 0 : prove_unused(s, repair);

	if (r < 0)
		return r;
	r = semfile_repair(&s->file, repair->total, repair->force, patience(), &after);
	ipc_lease_drop(s->file.fd);
	if (r == 0)
		repair->after = after;
	return r;
}

static int posix_repair(struct ipc_sem *s, struct ipc_sem_repair *repair)
{
	struct semfile_state state;
	uint64_t held = 0;
	bool recorded = repair->total == SEM_TOTAL_RECORDED;
	int spoiled = semfile_recover(&s->file, patience(), &repair->recovered);

	if (spoiled < 0 && spoiled != -EBADMSG)
		return spoiled;
	int r = semfile_get(&s->file, &state);
	if (r < 0)
		return r;
	repair->before = repair->after = state.value;
	if (recorded)
		repair->total = state.initial;
	if (repair->total < 0)
		return -ENODATA;
	if (spoiled == 0)
		spoiled = units_held(s, repair->force, &held);
	if (spoiled == 0 && state.value + held == (uint64_t)repair->total)
		return 0;
	if (spoiled == 0 && recorded && state.value + held > (uint64_t)repair->total)
		return 0; /* post and set made more of them: nothing is missing, and nothing is to be taken */
	return set_right(s, repair);
}

const struct ipc_sem_ops ipc_sem_posix_ops = {
	.value_max = SEMFILE_VALUE_MAX,
	.step_max = SEMFILE_VALUE_MAX,
	.open = posix_open,
	.close = posix_close,
	.wait = posix_wait,
	.wait_zero = posix_wait_zero,
	.post = posix_post,
	.set = posix_set,
	.get = posix_get,
	.hold = posix_hold,
	.release = posix_release,
	.holders = posix_holders,
	.repair = posix_repair,
};
