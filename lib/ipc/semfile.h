/*
 * The file behind a POSIX named semaphore, /dev/shm/sem.NAME in the layout of 64-bit glibc.
 *
 * Everything is done here on the file itself with futex(2), not through the C library's sem_open(3)
 * and friends: so it works with programs that use glibc also when this one is built against another
 * libc, it can take several units at once, and, above all, it can keep a record of who holds them.
 *
 * A holder's record lives in the semaphore's own file, behind the 32 bytes that a sem_t has there;
 * foreign programs map only those, and do not mind a longer file. Units held with a record come
 * back when the holder has died, however it died: semfile_recover() gives them back, and so does
 * everything else here that has to wait. How that is kept exact is told in semrecord.c.
 *
 * The file is untrusted: whoever may write it may put anything into it, or truncate it. That spoils
 * the semaphore and nothing else.
 *
 * Functions that may wait take a deadline. They also need the file's lock (flock(2)), which
 * everybody holds for microseconds only: with a deadline of 0 they wait 100 ms for that. Signals
 * that are caught end a wait with -EINTR.
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/deadline.h"
#include "ipc/procid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The largest value a semaphore can have, in glibc and musl alike. */
#define SEMFILE_VALUE_MAX 0x7fffffffU

/* An open semaphore. Make it with semfile_open(), or SEMFILE_CLOSED for one that isn't. */
struct semfile {
	int fd;
	unsigned char *map; /* NULL when opened for reading only */
};

#define SEMFILE_CLOSED                                                                                       \
	{                                                                                                    \
		.fd = -1                                                                                     \
	}

/** Closes and unmaps; nothing happens to one that is closed already. */
void semfile_close(struct semfile *f);
#define AUTO_SEMFILE __attribute__((cleanup(semfile_close)))

/**
 * Creates a semaphore file and publishes it whole: nobody sees it half made or with another mode,
 * and if the process is killed nothing is left behind (where the file system has no O_TMPFILE a
 * hidden temporary file may be). The value is recorded as the initial one, for semfile_repair().
 *
 * dirfd, filename: the directory and the name in it ("sem.NAME"); no '/' in it
 * mode: exact, whatever the umask; uid, gid: owner, or -1 to leave it
 * Returns 0 or -errno: -EEXIST if anything has the name, a dangling symbolic link too; -EINVAL if
 * the value is over SEMFILE_VALUE_MAX.
 */
int semfile_create(int dirfd, const char *filename, mode_t mode, uid_t uid, gid_t gid, uint32_t value);

/**
 * Opens a semaphore file. Symbolic links are not followed, and nothing blocks.
 *
 * access: O_RDWR, or O_RDONLY, which is enough for semfile_get() and semfile_holders() alone
 * Returns 0 or -errno: -ELOOP for a symbolic link, -EMEDIUMTYPE for what is no semaphore (not a
 * regular file, or too short).
 */
int semfile_open(int dirfd, const char *filename, int access, struct semfile *ret);

/** The same for who only reads, of many semaphores perhaps: see lease.h. */
int semfile_look(struct ipc_ctx *ctx, int dirfd, const char *filename, struct semfile *ret);

/**
 * Opens the same file once more, renamed or unlinked as it may be. The lock belongs to what
 * open(2) made, which a forked child shares: so a process that is to work on the semaphore beside
 * its parent gets one of its own. Returns 0 or -errno.
 */
int semfile_reopen(const struct semfile *f, struct semfile *ret);

/**
 * Keeps the mapping from children that are forked from now on. A mapping keeps its file open: as long as a
 * child had ours, the lock would not die with us. Returns 0 or -errno.
 */
int semfile_keep_from_children(const struct semfile *f);

struct semfile_state {
	uint32_t value;
	uint32_t waiters; /* at most so many wait: one that was killed is never subtracted */
	int64_t initial;  /* what semfile_create() recorded, or -1 */
};

/** Reads the state. Returns 0 or -errno: -EIO if the file was truncated. Recover first if that matters. */
int semfile_get(const struct semfile *f, struct semfile_state *ret);

/**
 * Adds units and wakes waiters, as sem_post(3) does; takes no lock.
 * Returns 0 or -errno: -EOVERFLOW if the value would be over SEMFILE_VALUE_MAX.
 */
int semfile_post(const struct semfile *f, uint32_t units);

/**
 * Sets the value and wakes all waiters. Dead holders give back before, as far as the lock is free;
 * what the living hold stays held, and is added when they give it back. Returns 0 or -errno.
 */
int semfile_set(const struct semfile *f, uint32_t value);

/**
 * Takes units without a record, as sem_wait(3) does: they belong to nobody, and nobody gives them back.
 * Returns 0 or -errno: -EINVAL for 0 units, -EAGAIN or -ETIMEDOUT at the deadline, -EINTR.
 */
int semfile_wait(const struct semfile *f, uint32_t units, struct ipc_deadline d);

/**
 * Waits until the value is 0. A semaphore wakes nobody then, so it is looked at every 10 ms, and
 * shorter zeros can be missed. Returns 0 or -errno: -EAGAIN or -ETIMEDOUT at the deadline, -EINTR.
 */
int semfile_wait_zero(const struct semfile *f, struct ipc_deadline d);

/* What an acquisition is given back by. It names the record, not a right: copy it freely. */
struct semfile_hold {
	struct procid holder;
	uint64_t order;
	uint32_t units;
	uint32_t slot;
};

/**
 * Takes units and records the calling process as their holder. The record stays good through
 * execve(2). Who asked first gets them first, among those who ask here: a waiter for several units
 * isn't starved by waiters for one. (Foreign programs and semfile_wait() on a semaphore without
 * records take what they find.) A waiter that is stopped for half a second loses its turn.
 *
 * Returns 0 or -errno: -EAGAIN or -ETIMEDOUT at the deadline, -EINTR; -EINVAL for 0 units; -ENOSPC
 * if /dev/shm has no room for records; -EUSERS if there are 1,023 holders already; -EBADMSG if
 * something else is written where the records should be (semfile_repair() puts that right);
 * -EOPNOTSUPP on machines without a 16-byte compare and swap; others if /proc isn't mounted.
 */
int semfile_acquire(const struct semfile *f, uint32_t units, struct ipc_deadline d, struct semfile_hold *ret);

/**
 * Gives back what semfile_acquire() took.
 *
 * Returns 0 or -errno: -EIDRM if the record is gone, because somebody repaired the semaphore, and
 * nothing was given back; -EOVERFLOW if only a part could be, because others had posted too many;
 * -ETIMEDOUT if the lock wasn't free in time: the record is still there, and the units come back
 * when the process has ended.
 */
int semfile_release(const struct semfile *f, const struct semfile_hold *hold, struct ipc_deadline d);

struct semfile_recovered {
	uint32_t holders; /* dead holders whose units came back */
	uint64_t units;   /* how many that were */
};

/**
 * Gives back what dead holders kept. A holder in another pid or time namespace can't be judged from
 * here, and is left alone.
 *
 * ret: what was done; may be NULL
 * Returns 0 or -errno: -EBADMSG if the records are spoiled, -EAGAIN or -ETIMEDOUT if the lock
 * wasn't free in time. A semaphore without records is a success.
 */
int semfile_recover(const struct semfile *f, struct ipc_deadline d, struct semfile_recovered *ret);

struct semfile_holder {
	struct procid id;
	enum procid_state state;
	bool waiting;     /* holds nothing yet, is in the queue */
	uint32_t units;   /* held, or asked for */
	int64_t since_ns; /* CLOCK_REALTIME when it got them, or began to wait; from the file, so any number */
};

/**
 * Lists recorded holders and those that wait to become one: holders first, each group in the order
 * they came. Takes no lock and changes nothing.
 *
 * ret: an array of *ret_count; the caller frees it
 * Returns 0 or -errno: -EBADMSG if the records are spoiled.
 */
int semfile_holders(const struct semfile *f, struct semfile_holder **ret, size_t *ret_count);

#define SEMFILE_INITIAL (-1LL)

/**
 * Puts a semaphore right: gives back what dead holders kept, makes spoiled records empty ones, and
 * sets the value to total less what is still held. Waiters are woken.
 *
 * total: the units there are when nobody holds any, or SEMFILE_INITIAL for the recorded number
 * forget_unknown: drop the records of holders that can't be judged from here, too
 * ret_value: the value now; may be NULL
 * Returns 0 or -errno: -ENODATA for SEMFILE_INITIAL if none is recorded, -EINVAL if total is over
 * SEMFILE_VALUE_MAX. Killed half way, it can be done again.
 */
int semfile_repair(const struct semfile *f, int64_t total, bool forget_unknown, struct ipc_deadline d,
	uint32_t *ret_value);
