/*
 * Semaphores, POSIX and System V behind one interface. A semaphore counts units; whoever takes one
 * either has it for good (wait) or holds it (hold), and what is held comes back when the process
 * ends, however it ends: System V by SEM_UNDO, POSIX by a record in the semaphore's file (semfile.h).
 *
 * Each call that uses a semaphore reports to the observer once.
 */
#pragma once

#include "ipc/guard.h"
#include "ipc/kind.h"
#include "ipc/semfile.h"

struct ipc_sem_ops;

struct ipc_sem {
	const struct ipc_sem_ops *ops; /* NULL: closed */
	struct ipc_ctx *ctx;
	struct ipc_selector selector; /* owned */
	int id;                       /* System V: the set and */
	unsigned number;              /* which of it */
	struct semfile file;          /* POSIX */
};

#define SEM_CLOSED                                                                                           \
	{                                                                                                    \
		.id = -1, .file = SEMFILE_CLOSED                                                             \
	}

/**
 * Opens a semaphore. A System V set that is just being made by another is waited for (semset.h).
 *
 * change: false if it is only to be looked at, for which permission to read is enough
 * ret: to be closed with ipc_sem_close()
 * Returns 0 or -errno: -ENOENT; -EFBIG if a set has no semaphore of that number; -EACCES; -ELOOP and
 * -EMEDIUMTYPE for what is no semaphore in /dev/shm; -EOPNOTSUPP for another kind of object.
 */
int ipc_sem_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, bool change, struct ipc_sem *ret);

/** Closes; a closed one is left alone. What is held stays held until the process ends. */
void ipc_sem_close(struct ipc_sem *s);

#define AUTO_SEM __attribute__((cleanup(ipc_sem_close), unused))

/**
 * Takes units for good: nobody gives them back when the process ends. (With SEM_UNDO a command that
 * ends at once would give them back at once.)
 *
 * Returns 0 or -errno: -EAGAIN or -ETIMEDOUT at the deadline, -ERANGE for more than there can be or
 * 0, -EIDRM if it was removed meanwhile, -EACCES.
 */
int ipc_sem_wait(struct ipc_sem *s, uint64_t units, struct ipc_deadline deadline);

/** Waits until the value is 0. A POSIX semaphore is looked at every 10 ms. Returns as ipc_sem_wait(). */
int ipc_sem_wait_zero(struct ipc_sem *s, struct ipc_deadline deadline);

/** Adds units. Returns 0 or -errno: -ERANGE if the value would be larger than it can be, -EACCES. */
int ipc_sem_post(struct ipc_sem *s, uint64_t units);

/** Sets the value. What is held stays held and comes back in addition. Returns 0 or -errno: -ERANGE, -EACCES. */
int ipc_sem_set(struct ipc_sem *s, uint64_t value);

struct ipc_sem_state {
	uint64_t value;
	uint64_t waiters; /* processes that wait for more; of a POSIX semaphore at most so many */
	struct ipc_value zero_waiters; /* processes that wait for 0; System V only */
	struct ipc_value last_pid;     /* of the last operation; System V only */
	struct ipc_value initial;      /* the value it was made with; POSIX, by ipcctl */
};

/** Looks at it, after dead holders' units were given back if that is allowed. Returns 0 or -errno: -EACCES. */
int ipc_sem_get(struct ipc_sem *s, struct ipc_sem_state *ret);

/* Units that are held. Made by ipc_sem_hold(); it names them, and frees nothing. */
struct ipc_sem_hold {
	unsigned units;
	struct semfile_hold record; /* POSIX */
	struct guard guard;         /* POSIX, for a program */
};

/**
 * Takes units that come back when the process ends.
 *
 * program: the process is going to become another program by execve(2). A POSIX semaphore gets a
 * guard then, another process that gives the units back at once when this one has ended; without one
 * that is done by the next ipcctl that looks.
 * Returns 0 or -errno as ipc_sem_wait(), and those of semfile_acquire() and guard_start().
 */
int ipc_sem_hold(struct ipc_sem *s, uint64_t units, struct ipc_deadline deadline, bool program,
	struct ipc_sem_hold *ret);

/** Gives back what is held. Returns 0 or -errno: -EIDRM if a repair has given it back already. */
int ipc_sem_release(struct ipc_sem *s, struct ipc_sem_hold *hold);

/**
 * The environment variable that tells others what a program holds, where the kernel doesn't (semmark.h).
 *
 * old: its present value or NULL
 * ret: its new value, which the caller frees; NULL if this kind needs none
 * Returns its name, or NULL if there is no memory.
 */
const char *ipc_sem_note(struct ipc_sem *s, const struct ipc_sem_hold *hold, const char *old, char **ret);

/* The variable's name, for who asks for its present value. */
extern const char ipc_sem_note_name[];

/* process.how: "hold"; "wait" in the queue for units; "blocked" in the kernel; "last" acted last; "dead"; "unknown". */
struct ipc_sem_holder {
	struct ipc_holder process; /* command may be NULL if it could not be looked at */
	uint64_t units;            /* held or waited for; 0: not known */
	int64_t since_ns;          /* CLOCK_REALTIME; 0: not known */
};

struct ipc_sem_holders {
	struct ipc_sem_holder *v; /* owned */
	size_t len;
	size_t unseen; /* processes that may hold it and could not be looked at */
};

/**
 * Who holds it, as far as that is recorded: programs under `sem run`. Then, for a System V
 * semaphore, the process that acted last; and those that wait and can be seen.
 *
 * ret: to be cleared with ipc_sem_holders_clear()
 * Returns 0 or -errno.
 */
int ipc_sem_holders(struct ipc_sem *s, struct ipc_sem_holders *ret);

void ipc_sem_holders_clear(struct ipc_sem_holders *h);

#define AUTO_SEM_HOLDERS __attribute__((cleanup(ipc_sem_holders_clear), unused))

#define SEM_TOTAL_RECORDED (-1LL)

struct ipc_sem_repair {
	int64_t total;                      /* in: the value when nobody holds any, or SEM_TOTAL_RECORDED */
	bool force;                         /* in: also if somebody may have it */
	struct semfile_recovered recovered; /* out: what recorded holders that are dead kept */
	uint64_t before, after;             /* out: the value */
	struct ipc_sem_holders users;       /* out: who has it, with -EBUSY; to be cleared */
};

/**
 * Gives back what dead holders kept: those with a record; and, by setting the value to the total less
 * what live recorded holders have, those without. Units above the recorded total are left.
 *
 * The second needs the proof that nobody has it: of a POSIX semaphore a lease, of a System V one that
 * the process that acted last is gone.
 *
 * Returns 0 or -errno, with `recovered` filled in always: -ENODATA if the total is not known; -EBUSY
 * if somebody has it; -EADDRINUSE if that can't be known; -ERANGE.
 */
int ipc_sem_repair(struct ipc_sem *s, struct ipc_sem_repair *repair);
