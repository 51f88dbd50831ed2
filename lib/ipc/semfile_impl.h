/* The layout of a semaphore file and the steps on its first 16 bytes: for semfile.c, semrecord.c,
 * semqueue.c and their tests alone. */
#pragma once

#include "ipc/busguard.h"
#include "ipc/semfile.h"

#include <limits.h>
#include <stdalign.h>

#if !defined(__LP64__)
#error "only the semaphores of 64-bit systems have this layout"
#endif

/*
 * What glibc has at the start (2.36, struct new_sem; tried with sem_open): a 64-bit word with the
 * value in its low half and the number of waiters in its high half, then a flag that is 128 in
 * every named semaphore and says that futexes are shared, then padding, which glibc sets to 0 and
 * leaves alone: its atomic operations touch the first 8 bytes only. The padding holds our ticket.
 */
union sem_word {
	struct {
		uint64_t data;
		uint32_t shared;
		uint32_t ticket;
	};
	unsigned __int128 whole;
};

enum {
	SEM_T_SIZE = 32, /* sizeof(sem_t) in glibc and musl */
	SEM_SHARED = 128,
	SEM_MAGIC_VERSION = 1,
	SEM_HAS_INITIAL = 1, /* in sem_head.flags */
	SEM_FIRST_SIZE = 4096,
	SEM_MAX_SIZE = 65536, /* of the file, as far as it is looked at */
};

#define SEM_MAGIC 0x3172736c74637069ULL /* "ipctlsr1" on a little-endian machine */
#define SEM_ONE_WAITER (1ULL << 32)

/* Behind the sem_t. Written once under the lock, the magic last; arrivals goes on. */
struct sem_head {
	uint64_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t initial;
	uint32_t reserved;
	uint64_t arrivals; /* the order number of the newest record */
};

/* See semrecord.c for how they follow each other. */
enum sem_slot_state { SLOT_FREE, SLOT_WAITING, SLOT_TAKING, SLOT_HELD, SLOT_GIVING };

struct sem_slot {
	uint64_t mark; /* state << 32 | ticket: both change in one store */
	uint32_t pid;
	uint32_t units;
	uint64_t start;
	uint64_t pidns;
	uint64_t timens;
	uint64_t order; /* who came first; no two records have the same */
	uint64_t since; /* CLOCK_REALTIME, ns */
	uint64_t beat;  /* of a waiter: CLOCK_MONOTONIC, ns, when it last looked */
};

_Static_assert(sizeof(union sem_word) == 16 && sizeof(struct sem_head) == 32, "fixed by the file format");
_Static_assert(sizeof(struct sem_slot) == 64, "fixed by the file format");

enum {
	SEM_HEAD_AT = SEM_T_SIZE,
	SEM_SLOTS_AT = SEM_HEAD_AT + sizeof(struct sem_head),
	SEM_SLOTS_MAX = (SEM_MAX_SIZE - SEM_SLOTS_AT) / sizeof(struct sem_slot),
};

static inline union sem_word *semfile_word(const struct semfile *f)
{
	return (union sem_word *)f->map;
}

static inline uint64_t semfile_data(const struct semfile *f)
{
	return __atomic_load_n(&semfile_word(f)->data, __ATOMIC_SEQ_CST);
}

static inline uint32_t semfile_value(const struct semfile *f)
{
	return (uint32_t)semfile_data(f);
}

/**
 * The futex bits. Foreign waiters and posts use all of them; a waiter in our queue has one of
 * those below FOREIGN, by its slot, so that one of them, or only the foreign ones, can be woken.
 */
#define SEM_BITS_ALL 0xffffffffU
#define SEM_BIT_FOREIGN 0x80000000U
#define SEM_BITS_OURS 0x7fffffffU

/** Wakes at most count of those who wait with one of the bits, if anybody waits at all. */
void semfile_wake(const struct semfile *f, uint32_t count, uint32_t bits);

/** Sleeps while the value is seen, at most so long. Returns 0, or -EINTR; early returns are legal. */
int semfile_sleep(const struct semfile *f, uint32_t seen, uint32_t bits, int64_t ns);

/**
 * Changes the value by delta without a record. Returns 0 or -errno: -EAGAIN if it would be negative,
 * -EOVERFLOW if over the limit; then *ret_seen, if given, is the value that was found.
 */
int semfile_add(const struct semfile *f, int64_t delta, uint32_t *ret_seen);

/** Stores the value, whatever it was, and wakes everybody. */
void semfile_store(const struct semfile *f, uint32_t value);

/** Takes the file's lock. Returns 0 or -errno, see semfile.h. */
int semfile_lock(const struct semfile *f, struct ipc_deadline d);
void semfile_unlock(const struct semfile *f);

/** The file's size as far as it is looked at, or -errno: -EIO if it has become too short. */
ssize_t semfile_size(const struct semfile *f);

/** r, or -EIO if the file has lost its beginning meanwhile: what was done was done to nothing. */
int semfile_still(const struct semfile *f, int r);

/**
 * Begins work on the mapping under the file's lock: also when the file is truncated meanwhile.
 *
 * guard: for semfile_leave(), which must follow if this succeeds
 * Returns 0 or -errno: -EBADF if it is not open for writing, and as semfile_lock().
 */
int semfile_enter(const struct semfile *f, struct ipc_deadline d, struct busguard *guard);

/** Ends it. Returns r, what the work ended with, or -EIO as semfile_still(). */
int semfile_leave(const struct semfile *f, const struct busguard *guard, int r);

/* The records of an open semaphore, as many as the file has room for now. */
struct records {
	const struct semfile *f;
	struct sem_head *head;
	struct sem_slot *slots;
	uint32_t count;
};

/* A checked copy of one slot. */
struct record {
	struct procid id;
	enum sem_slot_state state;
	uint32_t ticket;
	uint32_t units;
	uint64_t order;
	uint64_t since;
	uint64_t beat;
};

#define NO_SLOT UINT32_MAX

/*
 * All that follow want the lock held, and the first call after taking it to be records_open() or
 * records_make(), which settle what a killed predecessor left in doubt.
 */

/** Returns 0, -ENODATA if the semaphore has no records, -EBADMSG if they are spoiled. */
int records_open(const struct semfile *f, struct records *ret);

/** The same, and makes empty ones if there are none. Returns 0 or -errno, -ENOSPC above all. */
int records_make(const struct semfile *f, struct records *ret);

/** Makes spoiled records empty ones, whatever they were. Returns 0 or -errno. */
int records_reset(const struct semfile *f, struct records *ret);

/** A free slot; the file grows if it must. Returns its number or -errno: -EUSERS, -ENOSPC. */
int64_t records_free_slot(struct records *r);

/** Copies and checks a slot: false if it is free, or holds nonsense. */
bool record_read(const struct sem_slot *slots, uint32_t index, struct record *ret);

/** Writes a slot that is free; it counts from the moment that its mark is stored. */
void record_write(struct sem_slot *slot, const struct record *rec);

/** Changes the state of a slot in one store. */
void record_mark(struct sem_slot *slot, enum sem_slot_state state, uint32_t ticket);

/** Takes the units of a slot for its holder. Returns 0, or -EAGAIN if there are too few: the slot is free. */
int record_take(const struct records *r, uint32_t index, uint32_t units);

/** Gives back a holder's units, as far as the limit allows, and frees its slot. Returns how many. */
uint32_t record_give(const struct records *r, uint32_t index, uint32_t units);

/** Gives back what dead holders kept, and forgets dead waiters. */
void records_reap(const struct records *r, struct semfile_recovered *sum);
