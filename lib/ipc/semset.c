#include "ipc/semset.h"

#include "ipc/io.h"

#include <errno.h>
#include <sys/ipc.h>
#include <sys/sem.h>

/* The caller has to define it: semctl(2). */
union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

enum {
	MARK_BITS = 0111,
	MARK = 0001,
	ATOMIC_MAX = 32, /* sets up to this size get their values in one operation */
	SETTLE_MS = 1000,
};

/* An identifier that leads nowhere is EINVAL if it never did, as far as the kernel remembers. */
static int gone(int error)
{
	return error == EINVAL ? -EIDRM : -error;
}

static bool is_marked(const struct semid_ds *ds)
{
	return (ds->sem_perm.mode & MARK_BITS) == MARK;
}

int semset_chown(int id, uid_t uid, gid_t gid, mode_t mode)
{
	struct semid_ds ds = { .sem_perm = { .uid = uid, .gid = gid } };

	ds.sem_perm.mode = (__mode_t)(mode & 0777);
	return semctl(id, 0, IPC_SET, (union semun){ .buf = &ds }) < 0 ? gone(errno) : 0;
}

int semset_remove(int id)
{
	int r = semctl(id, 0, IPC_RMID) < 0 ? gone(errno) : 0;

	return r == -EIDRM ? -ENOENT : r;
}

/* --- making one --- */

/* All at once, and only from zeros: so a maker that was stopped and overtaken does not add its units again. */
static int give_values_at_once(int id, const struct semset_plan *plan)
{
	struct sembuf ops[2 * ATOMIC_MAX];
	size_t n = 0;

	for (unsigned i = 0; i < plan->nsems; i++) {
		ops[n++] = (struct sembuf){ .sem_num = (unsigned short)i, .sem_flg = IPC_NOWAIT };
		if (plan->value > 0)
			ops[n++] = (struct sembuf){ (unsigned short)i, (short)plan->value, IPC_NOWAIT };
	}
	return semop(id, ops, n) < 0 ? -errno : 0;
}

/* A step that changes nothing, but sets the time of the last operation. */
static int touch(int id, unsigned value)
{
	struct sembuf ops[] = { { 0, value ? -1 : 0, IPC_NOWAIT }, { 0, 1, IPC_NOWAIT } };

	return semop(id, ops, value ? 2 : 1) < 0 ? -errno : 0;
}

static int give_values_by_table(int id, const struct semset_plan *plan)
{
	AUTO_FREE unsigned short *values = calloc(plan->nsems, sizeof(*values));

	if (!values)
		return -ENOMEM;
	for (unsigned i = 0; i < plan->nsems; i++)
		values[i] = (unsigned short)plan->value;
	if (semctl(id, 0, SETALL, (union semun){ .array = values }) < 0)
		return -errno;
	return touch(id, plan->value);
}

/* EAGAIN: somebody else has given it its values, and it is in use already. */
static int give_values(int id, const struct semset_plan *plan)
{
	int r = plan->nsems <= ATOMIC_MAX ? give_values_at_once(id, plan) : -E2BIG;

	if (r == -E2BIG) /* too many for once, by the constant or by SEMOPM */
		r = give_values_by_table(id, plan);
	return r == -EAGAIN ? 0 : r;
}

static int finish(int id, const struct semset_plan *plan)
{
	struct semid_ds ds;
	int r = give_values(id, plan);

	if (r < 0)
		return r;
	if (semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }) < 0)
		return gone(errno);
	return semset_chown(id, plan->uid == (uid_t)-1 ? ds.sem_perm.uid : plan->uid,
		plan->gid == (gid_t)-1 ? ds.sem_perm.gid : plan->gid, plan->mode);
}

/* It exists. If its maker was killed before it was finished, that is done now, as far as we may. */
static int take_over(const struct semset_plan *plan)
{
	struct semid_ds ds;
	int id = semget(plan->key, 0, 0);

	if (id < 0)
		return errno == ENOENT ? -ENOENT : -EEXIST;
	if (semset_settle(id) == -EIDRM)
		return -ENOENT;
	if (semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }) < 0)
		return -EEXIST;
	if (is_marked(&ds) && ds.sem_nsems == plan->nsems)
		(void)finish(id, plan);
	return -EEXIST;
}

static int make(const struct semset_plan *plan)
{
	/* Read and write for us while it is being made; what others may do is right from the start. */
	int mode = (int)(plan->mode & 0666) | 0600 | MARK;
	int id = semget(plan->key, (int)plan->nsems, IPC_CREAT | IPC_EXCL | mode);

	if (id < 0)
		return -errno;
	int r = finish(id, plan);
	if (r < 0)
		goto undo;
	return id;
undo:
	semctl(id, 0, IPC_RMID); /* we made it, so nobody else's goes */
	return r;
}

int semset_create(const struct semset_plan *plan)
{
	int r = -ENOENT;

	if (plan->value > SEMSET_VALUE_MAX)
		return -ERANGE;
	if (plan->nsems == 0 || plan->nsems > UINT16_MAX)
		return -EINVAL;
	for (int tries = 0; r == -ENOENT && tries < 10; tries++) {
		r = make(plan);
		if (r == -EEXIST)
			r = take_over(plan); /* -ENOENT: it has gone meanwhile */
	}
	return r;
}

int semset_settle(int id)
{
	struct ipc_deadline limit = ipc_deadline_in(SETTLE_MS * NSEC_PER_MSEC);
	struct semid_ds ds;

	for (;;) {
		if (semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }) < 0)
			return gone(errno);
		if (!is_marked(&ds) || ds.sem_otime != 0 || ipc_deadline_left(limit) == 0)
			return (int)ds.sem_nsems;
		ipc_deadline_sleep(limit, NSEC_PER_MSEC);
	}
}

/* --- looking --- */

int semset_values(int id, unsigned nsems, int64_t *ret)
{
	/* The kernel writes as many as there are; if the identifier came to be used again that is another number. */
	AUTO_FREE unsigned short *values = calloc((size_t)nsems + UINT16_MAX + 1, sizeof(*values));

	if (!values)
		return -ENOMEM;
	if (semctl(id, 0, GETALL, (union semun){ .array = values }) < 0)
		return gone(errno);
	for (unsigned i = 0; i < nsems; i++)
		ret[i] = values[i];
	return 0;
}

int semset_look(int id, unsigned number, struct semset_one *ret)
{
	struct semset_one one = { 0 };
	struct {
		int command;
		int *to;
	} questions[] = { { GETVAL, &one.value }, { GETNCNT, &one.waiters }, { GETZCNT, &one.zero_waiters },
		{ GETPID, &one.last_pid } };

	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		int n = semctl(id, (int)number, questions[i].command);
		if (n < 0)
			return -errno;
		*questions[i].to = n;
	}
	*ret = one;
	return 0;
}

/* --- changing --- */

int semset_step(int id, unsigned number, int64_t delta, bool undo, struct ipc_deadline deadline)
{
	struct sembuf op = { .sem_num = (unsigned short)number, .sem_flg = undo ? SEM_UNDO : 0 };

	if (delta > SEMSET_VALUE_MAX || delta < -SEMSET_VALUE_MAX)
		return -ERANGE;
	if (number > UINT16_MAX)
		return -EFBIG;
	op.sem_op = (short)delta;
	if (ipc_deadline_nonblock(deadline))
		op.sem_flg |= IPC_NOWAIT;
	for (;;) {
		struct timespec left = ipc_deadline_timespec(deadline);
		if (semtimedop(id, &op, 1, ipc_deadline_never(deadline) ? NULL : &left) == 0)
			return 0;
		if (errno == EAGAIN)
			return ipc_deadline_error(deadline);
		if (errno != EINTR) /* a stop and SIGCONT interrupt it even if no signal is caught */
			return gone(errno);
	}
}

int semset_swap(int id, unsigned number, int from, int to)
{
	const unsigned short n = (unsigned short)number;
	struct sembuf ops[3];
	size_t len = 0;

	if (to < 0 || to > SEMSET_VALUE_MAX)
		return -ERANGE;
	/* It can be taken, and then nothing is left: it was that value. */
	if (from > 0)
		ops[len++] = (struct sembuf){ n, (short)-from, IPC_NOWAIT };
	ops[len++] = (struct sembuf){ n, 0, IPC_NOWAIT };
	if (to > 0)
		ops[len++] = (struct sembuf){ n, (short)to, IPC_NOWAIT };
	return semop(id, ops, len) < 0 ? gone(errno) : 0;
}
