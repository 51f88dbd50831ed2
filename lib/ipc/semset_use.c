/* Using a System V semaphore: what sem.h promises, with semop(2), SEM_UNDO and notes about holders. */
#include "ipc/io.h"
#include "ipc/sem_ops.h"
#include "ipc/semmark.h"
#include "ipc/semset.h"
#include "ipc/sysv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SWAP_TRIES = 1000, GROUP_AND_OTHERS = 0066, SYSCALL_MAX = 256 };

static int sysv_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, bool change, struct ipc_sem *s)
{
	int id = ipc_sysv_id(ctx, SYSV_SEM, sel);

	(void)change; /* the kernel checks each operation */
	if (id < 0)
		return id;
	int nsems = semset_settle(id);
	if (nsems == -EIDRM)
		return -ENOENT;
	if (nsems < 0 && nsems != -EACCES) /* who may only change it is told of a wrong number later */
		return nsems;
	s->number = sel->has_member ? sel->member : 0;
	if (nsems >= 0 && s->number >= (unsigned)nsems)
		return -EFBIG;
	s->id = id;
	return 0;
}

static void sysv_close(struct ipc_sem *s)
{
	(void)s;
}

static int sysv_wait(struct ipc_sem *s, unsigned units, struct ipc_deadline deadline)
{
	return semset_step(s->id, s->number, -(int64_t)units, false, deadline);
}

static int sysv_wait_zero(struct ipc_sem *s, struct ipc_deadline deadline)
{
	return semset_step(s->id, s->number, 0, false, deadline);
}

static int sysv_post(struct ipc_sem *s, unsigned units)
{
	return semset_step(s->id, s->number, units, false, ipc_deadline_in(WAIT_FOREVER));
}

/* By a compare and swap: SETVAL would make the kernel forget what SEM_UNDO is to give back. */
static int sysv_set(struct ipc_sem *s, unsigned value)
{
	struct semset_one now;
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < SWAP_TRIES; i++) {
		r = semset_look(s->id, s->number, &now);
		if (r == 0)
			r = semset_swap(s->id, s->number, now.value, (int)value);
	}
	return r;
}

static int sysv_get(struct ipc_sem *s, struct ipc_sem_state *ret)
{
	struct semset_one one;
	int r = semset_look(s->id, s->number, &one);

	if (r < 0)
		return r == -EINVAL ? -EIDRM : r;
	*ret = (struct ipc_sem_state){
		.value = (uint64_t)one.value,
		.waiters = (uint64_t)one.waiters,
		.zero_waiters = { HAVE_VALUE, one.zero_waiters },
	};
	if (one.last_pid > 0)
		ret->last_pid = (struct ipc_value){ HAVE_VALUE, one.last_pid };
	return 0;
}

static int sysv_hold(struct ipc_sem *s, unsigned units, struct ipc_deadline deadline, bool program,
	struct ipc_sem_hold *ret)
{
	(void)program, (void)ret; /* what SEM_UNDO remembers stays good through execve(2) */
	return semset_step(s->id, s->number, -(int64_t)units, true, deadline);
}

static int sysv_release(struct ipc_sem *s, struct ipc_sem_hold *hold)
{
	return semset_step(s->id, s->number, hold->units, true, ipc_deadline_in(WAIT_FOREVER));
}

static int sysv_note(struct ipc_sem *s, const struct ipc_sem_hold *hold, const char *old, char **ret)
{
	struct procid self;
	int r = procid_self(&self);

	if (r < 0)
		return r == -ENOMEM ? r : 0; /* without /proc nobody could read it either */
	*ret = semmark_add(old, &self, s->id, s->number, hold->units);
	return *ret ? 0 : -ENOMEM;
}

/* --- holders --- */

struct search {
	const struct ipc_sem *s;
	struct ipc_sem_holders *found;
	uint64_t held; /* units, by the notes */
};

static int add(struct search *search, const struct procscan_process *p, const char *how, uint64_t units)
{
	struct ipc_sem_holder holder = { .units = units };
	int r = procscan_describe(p, how, &holder.process);

	if (r == 0)
		r = ipc_sem_holders_add(search->found, &holder);
	if (r < 0)
		free(holder.process.command);
	return r;
}

static int match_note(const struct procscan_process *p, void *arg)
{
	struct search *search = arg;
	uint64_t units = 0;
	int r = semmark_look(p, search->s->id, search->s->number, &units);

	if (r < 0 || units == 0)
		return r == -EFBIG ? -EACCES : r;
	search->held += units;
	return add(search, p, "hold", units);
}

/* The first words of /proc/PID/syscall: its number and the first argument, in decimal and in hexadecimal. */
static bool is_blocked_on(const char *text, int id)
{
	long number;
	unsigned long first;

	if (sscanf(text, "%ld 0x%lx", &number, &first) != 2 || first != (unsigned long)id)
		return false;
#ifdef SYS_semop
	if (number == SYS_semop)
		return true;
#endif
	return number == SYS_semtimedop;
}

/* Which semaphore of the set is behind a pointer, so it is told of the set. */
static int match_blocked(const struct procscan_process *p, void *arg)
{
	struct search *search = arg;
	AUTO_FREE char *text = NULL;
	int r = procscan_read(p, "syscall", SYSCALL_MAX, &text, NULL);

	if (r < 0)
		return r == -EACCES ? 0 : r; /* the number of waiters is known without */
	if (!is_blocked_on(text, search->s->id) || procscan_same_namespace(p, "ipc") != 1)
		return 0;
	return add(search, p, "blocked", 0);
}

static bool is_listed(const struct ipc_sem_holders *h, pid_t pid)
{
	for (size_t i = 0; i < h->len; i++)
		if (h->v[i].process.pid == pid)
			return true;
	return false;
}

/* Whoever acted last may hold it, or may have given it back: that can't be told. */
static int add_last(const struct ipc_sem *s, struct ipc_sem_holders *h)
{
	struct ipc_sem_holder holder = { 0 };
	struct semset_one one;
	int r = semset_look(s->id, s->number, &one);

	if (r < 0)
		return r == -EINVAL ? -EIDRM : r;
	if (one.last_pid == 0 || one.last_pid == getpid() || is_listed(h, one.last_pid))
		return 0;
	r = procscan_describe_pid(one.last_pid, "last", &holder.process);
	if (r < 0)
		return r == -ESRCH ? 0 : r;
	r = ipc_sem_holders_add(h, &holder);
	if (r < 0)
		free(holder.process.command);
	return r;
}

static int scan(const struct ipc_sem *s, struct ipc_sem_holders *h, uint64_t *ret_held)
{
	struct search search = { .s = s, .found = h };
	struct procscan_matcher matchers[] = { { match_note, &search, 0 }, { match_blocked, &search, 0 } };
	int r = procscan_walk(matchers, ARRAY_SIZE(matchers));

	h->unseen = matchers[0].unseen;
	*ret_held = search.held;
	return r < 0 ? r : add_last(s, h);
}

static int sysv_holders(struct ipc_sem *s, struct ipc_sem_holders *ret)
{
	uint64_t held;

	return scan(s, ret, &held);
}

/* --- repair --- */

/* Whether somebody without a note may have units: the last to act is there, or can't be seen from here. */
static int prove_unused(const struct ipc_sem *s, const struct ipc_sem_holders *h)
{
	struct ipc_selector by_id = { .form = FORM_ID, .number = s->id };
	struct ipc_sysv_row row;
	struct semset_one one;
	int r = semset_look(s->id, s->number, &one);

	if (r == 0)
		r = ipc_sysv_find(s->ctx, SYSV_SEM, &by_id, 0, &row);
	if (r < 0)
		return r;
	for (size_t i = 0; i < h->len; i++)
		if (strcmp(h->v[i].process.how, "last") == 0)
			return -EBUSY;
	if (one.last_pid == 0 && row.atime != 0)
		return -EADDRINUSE; /* it is in another pid namespace */
	/* Notes of other users' processes can't be read; they matter if others may use it. */
	return h->unseen > 0 && (row.perms & GROUP_AND_OTHERS) ? -EADDRINUSE : 0;
}

static int try_repair(struct ipc_sem *s, struct ipc_sem_repair *repair)
{
	AUTO_SEM_HOLDERS struct ipc_sem_holders h = { 0 };
	struct semset_one one;
	uint64_t held = 0, total = (uint64_t)repair->total;
	int r = semset_look(s->id, s->number, &one);

	if (r == 0)
		r = scan(s, &h, &held);
	if (r < 0)
		return r;
	repair->before = (uint64_t)one.value;
	repair->after = total > held ? total - held : 0;
	if (repair->after == repair->before)
		return 0;
	r = repair->force ? 0 : prove_unused(s, &h);
	if (r == 0)
		return semset_swap(s->id, s->number, one.value, (int)repair->after);
	repair->users = h;
	h = (struct ipc_sem_holders){ 0 }; /* the caller owns them now */
	return r;
}

static int sysv_repair(struct ipc_sem *s, struct ipc_sem_repair *repair)
{
	struct semset_one one;
	int r = semset_look(s->id, s->number, &one);

	if (r < 0)
		return r;
	if (repair->total == SEM_TOTAL_RECORDED)
		return -ENODATA; /* the kernel keeps no such thing */
	r = -EAGAIN;
	for (int i = 0; r == -EAGAIN && i < SWAP_TRIES; i++)
		r = try_repair(s, repair);
	return r;
}

const struct ipc_sem_ops ipc_sem_sysv_ops = {
	.value_max = SEMSET_VALUE_MAX,
	.step_max = SEMSET_VALUE_MAX,
	.open = sysv_open,
	.close = sysv_close,
	.wait = sysv_wait,
	.wait_zero = sysv_wait_zero,
	.post = sysv_post,
	.set = sysv_set,
	.get = sysv_get,
	.hold = sysv_hold,
	.release = sysv_release,
	.note = sysv_note,
	.holders = sysv_holders,
	.repair = sysv_repair,
};
