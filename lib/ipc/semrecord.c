/*
 * The records of a semaphore's holders, and why a SIGKILL at any moment loses or gains no unit.
 *
 * Value and record are two places that cannot change together, so one of them tells about the
 * other: a compare and swap of the first 16 bytes of the file changes the value and, in the padding
 * of glibc's semaphore, a ticket. Foreign operations change only the first 8 bytes and leave the
 * ticket as it is; they can make the swap fail, and then it is repeated.
 *
 *   acquire  slot := TAKING, T      release  slot := GIVING, T
 *            swap value - N, T               swap value + N, T
 *            slot := HELD                    wake; slot := FREE
 *
 * T is the ticket in the file plus one. "slot :=" is one 64-bit store of state and ticket together,
 * made when all other fields are written, or before they are reused. A killed process made a prefix of its
 * stores, in program order, and no more; the kernel makes sure that others see them before they get
 * its lock.
 *
 * Only under the lock (flock(2), which dies with its last owner) does a slot become TAKING or
 * GIVING, and whoever takes the lock first settles the slots that it finds so: if the ticket in the
 * file is the slot's, then the swap was made, and the slot becomes HELD or FREE; else it was not,
 * and the slot becomes FREE or HELD again. That is right because
 *
 * 1. at most one slot is in doubt: the lock's owner marks none before it has settled those that it
 *    found, and none beside one that it marked itself and has not finished;
 * 2. while a slot is in doubt the ticket is T - 1 or T, and T only after its swap: tickets change
 *    only in swaps, those are made only by the lock's owner, and for its marked slot. So all
 *    slots are settled before anything is given back for the dead: the first swap of that changes
 *    the ticket, and a slot settled after it would be judged by a stranger's. T wraps after 2^32
 *    swaps, which does not matter, as a doubt never outlives one;
 * 3. settling is one store a slot and reads the ticket only: killed half way, it is done again with
 *    the same answers. Giving back for a dead holder is a release like any other.
 *
 * A release that was swapped but not finished is woken for again: a waiter in a foreign program
 * would sleep for ever otherwise. What may still differ is the number of waiters, which a killed
 * waiter leaves one too high. It only makes posts call futex(2) for nothing (glibc has the same).
 *
 * The lock's owner can be stopped, and everybody waits for it then; kernels have no lock that
 * doesn't know this. Anybody who may open the file can hold the lock, too.
 */
#include "ipc/busguard.h"
#include "ipc/io.h"
#include "ipc/semfile_impl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* x86-64 has it since the first Opterons and is told by -mcx16; 64-bit Arm is not tried. */
#if defined(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16) || defined(__aarch64__)
#define HAVE_SWAP 1
#else
#define HAVE_SWAP 0
#endif

/* --- the area behind the semaphore --- */

static struct records area_of(const struct semfile *f, size_t size)
{
	return (struct records){
		.f = f,
		.head = (struct sem_head *)(f->map + SEM_HEAD_AT),
		.slots = (struct sem_slot *)(f->map + SEM_SLOTS_AT),
		.count =
			size < SEM_SLOTS_AT ? 0 : (uint32_t)((size - SEM_SLOTS_AT) / sizeof(struct sem_slot)),
	};
}

/* With pwrite(2), because a full file system says so there; a store in the mapping would be SIGBUS. */
static int grow(const struct semfile *f, size_t from, size_t to)
{
	static const unsigned char zeros[SEM_FIRST_SIZE];

	while (from < to) {
		size_t part = to - from < sizeof(zeros) ? to - from : sizeof(zeros);
		ssize_t n = pwrite(f->fd, zeros, part, (off_t)from);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENOSPC;
		from += (size_t)n;
	}
	return 0;
}

static void make_empty(const struct records *r)
{
	__atomic_store_n(&r->head->magic, 0, __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < r->count; i++)
		record_mark(&r->slots[i], SLOT_FREE, 0);
	r->head->version = SEM_MAGIC_VERSION;
	r->head->flags = 0;
	r->head->arrivals = 0;
	__atomic_store_n(&r->head->magic, SEM_MAGIC, __ATOMIC_SEQ_CST);
}

/* Settles what is in doubt, before anything else may be done: see the top. */
static void settle(const struct records *r)
{
	uint32_t ticket = __atomic_load_n(&semfile_word(r->f)->ticket, __ATOMIC_SEQ_CST);

	for (uint32_t i = 0; i < r->count; i++) {
		uint64_t mark = __atomic_load_n(&r->slots[i].mark, __ATOMIC_SEQ_CST);
		bool swapped = (uint32_t)mark == ticket;
		switch (mark >> 32) {
		case SLOT_TAKING:
			record_mark(&r->slots[i], swapped ? SLOT_HELD : SLOT_FREE, 0);
			break;
		case SLOT_GIVING:
			if (swapped)
				semfile_wake(r->f, INT_MAX, SEM_BITS_ALL);
			record_mark(&r->slots[i], swapped ? SLOT_FREE : SLOT_HELD, 0);
			break;
		default:
			break;
		}
	}
}

int records_open(const struct semfile *f, struct records *ret)
{
	ssize_t size = semfile_size(f);

	if (!HAVE_SWAP)
		return -EOPNOTSUPP;
	if (size < 0)
		return (int)size;
	struct records r = area_of(f, (size_t)size);
	if (r.count == 0)
		return -ENODATA;
	uint64_t magic = __atomic_load_n(&r.head->magic, __ATOMIC_SEQ_CST);
	if (magic == 0)
		return -ENODATA;
	if (magic != SEM_MAGIC || __atomic_load_n(&r.head->version, __ATOMIC_RELAXED) != SEM_MAGIC_VERSION)
		return -EBADMSG;
	settle(&r);
	*ret = r;
	return 0;
}

int records_reset(const struct semfile *f, struct records *ret)
{
	ssize_t size = semfile_size(f);

	if (size < 0)
		return (int)size;
	if (size < SEM_FIRST_SIZE) {
		int r = grow(f, (size_t)size, SEM_FIRST_SIZE);
		if (r < 0)
			return r;
		size = SEM_FIRST_SIZE;
	}
	struct records recs = area_of(f, (size_t)size);
	make_empty(&recs);
	*ret = recs;
	return 0;
}

int records_make(const struct semfile *f, struct records *ret)
{
	int r = records_open(f, ret);

	return r == -ENODATA ? records_reset(f, ret) : r;
}

int64_t records_free_slot(struct records *r)
{
	struct record rec;

	for (uint32_t i = 0; i < r->count; i++)
		if (!record_read(r->slots, i, &rec))
			return i;
	size_t size = SEM_SLOTS_AT + r->count * sizeof(struct sem_slot);
	if (r->count >= SEM_SLOTS_MAX)
		return -EUSERS;
	size_t larger = size * 2 < SEM_MAX_SIZE ? size * 2 : SEM_MAX_SIZE;
	int e = grow(r->f, size, larger);
	if (e < 0)
		return e;
	uint32_t first = r->count;
	*r = area_of(r->f, larger);
	return first;
}

/* --- one record --- */

void record_mark(struct sem_slot *slot, enum sem_slot_state state, uint32_t ticket)
{
	__atomic_store_n(&slot->mark, (uint64_t)state << 32 | ticket, __ATOMIC_SEQ_CST);
}

bool record_read(const struct sem_slot *slots, uint32_t index, struct record *ret)
{
	const struct sem_slot *s = &slots[index];
	uint64_t mark = __atomic_load_n(&s->mark, __ATOMIC_SEQ_CST);
	uint32_t pid = __atomic_load_n(&s->pid, __ATOMIC_RELAXED);
	struct record rec = {
		.id = {
			.pid = (pid_t)pid,
			.start = __atomic_load_n(&s->start, __ATOMIC_RELAXED),
			.pidns = __atomic_load_n(&s->pidns, __ATOMIC_RELAXED),
			.timens = __atomic_load_n(&s->timens, __ATOMIC_RELAXED),
		},
		.state = (enum sem_slot_state)(mark >> 32),
		.ticket = (uint32_t)mark,
		.units = __atomic_load_n(&s->units, __ATOMIC_RELAXED),
		.order = __atomic_load_n(&s->order, __ATOMIC_RELAXED),
		.since = __atomic_load_n(&s->since, __ATOMIC_RELAXED),
		.beat = __atomic_load_n(&s->beat, __ATOMIC_RELAXED),
	};

	if (mark >> 32 == SLOT_FREE || mark >> 32 > SLOT_GIVING)
		return false;
	if (pid == 0 || pid > INT_MAX || rec.units == 0 || rec.units > SEMFILE_VALUE_MAX)
		return false;
	*ret = rec;
	return true;
}

void record_write(struct sem_slot *slot, const struct record *rec)
{
	record_mark(slot, SLOT_FREE, 0);
	slot->pid = (uint32_t)rec->id.pid;
	slot->units = rec->units;
	slot->start = rec->id.start;
	slot->pidns = rec->id.pidns;
	slot->timens = rec->id.timens;
	slot->order = rec->order;
	slot->since = rec->since;
	slot->beat = rec->beat;
	record_mark(slot, rec->state, rec->ticket);
}

static bool swap(union sem_word *word, const union sem_word *old, const union sem_word *new)
{
#if HAVE_SWAP
	return __sync_bool_compare_and_swap(&word->whole, old->whole, new->whole);
#else
	return word && old && new; /* never called: there are no records then */
#endif
}

/* One swap attempt's view of the word; reading it in two parts is no harm, the swap compares both. */
static union sem_word load_word(const struct semfile *f)
{
	const union sem_word *word = semfile_word(f);

	return (union sem_word){ {
		.data = __atomic_load_n(&word->data, __ATOMIC_SEQ_CST),
		.shared = __atomic_load_n(&word->shared, __ATOMIC_SEQ_CST),
		.ticket = __atomic_load_n(&word->ticket, __ATOMIC_SEQ_CST),
	} };
}

int record_take(const struct records *r, uint32_t index, uint32_t units)
{
	union sem_word old = load_word(r->f), new;
	uint32_t ticket = old.ticket + 1;

	record_mark(&r->slots[index], SLOT_TAKING, ticket);
	do {
		old = load_word(r->f);
		if ((uint32_t)old.data < units) {
			record_mark(&r->slots[index], SLOT_FREE, 0);
			return -EAGAIN;
		}
		new = old;
		new.data -= units;
		new.ticket = ticket;
	} while (!swap(semfile_word(r->f), &old, &new));
	record_mark(&r->slots[index], SLOT_HELD, 0);
	return 0;
}

uint32_t record_give(const struct records *r, uint32_t index, uint32_t units)
{
	union sem_word old = load_word(r->f), new;
	uint32_t ticket = old.ticket + 1, given;

	record_mark(&r->slots[index], SLOT_GIVING, ticket);
	do {
		old = load_word(r->f);
		uint32_t value = (uint32_t)old.data;
		uint32_t room = value < SEMFILE_VALUE_MAX ? SEMFILE_VALUE_MAX - value : 0;
		given = units < room ? units : room;
		new = old;
		new.data += given;
		new.ticket = ticket;
	} while (!swap(semfile_word(r->f), &old, &new));
	semfile_wake(r->f, given, SEM_BITS_ALL);
	record_mark(&r->slots[index], SLOT_FREE, 0);
	return given;
}

/* --- all of them --- */

void records_reap(const struct records *r, struct semfile_recovered *sum)
{
	struct procid_view view = procid_look();
	struct record rec;
	bool forgot = false;

	for (uint32_t i = 0; i < r->count; i++) {
		if (!record_read(r->slots, i, &rec) || procid_judge(&view, &rec.id) != PROCID_DEAD)
			continue;
		if (rec.state == SLOT_HELD) {
			sum->units += record_give(r, i, rec.units);
			sum->holders++;
		} else if (rec.state == SLOT_WAITING) {
			record_mark(&r->slots[i], SLOT_FREE, 0);
			forgot = true;
		}
	}
	/* A waiter that was killed may have been woken before, and have kept that from the others. */
	if (forgot && semfile_value(r->f) > 0)
		semfile_wake(r->f, INT_MAX, SEM_BITS_ALL);
}

int semfile_recover(const struct semfile *f, struct ipc_deadline d, struct semfile_recovered *ret)
{
	struct semfile_recovered sum = { 0 };
	struct busguard guard;
	struct records recs;
	int r = semfile_enter(f, d, &guard);

	if (r < 0)
		return r;
	r = records_open(f, &recs);
	if (r == 0)
		records_reap(&recs, &sum);
	r = semfile_leave(f, &guard, r == -ENODATA ? 0 : r);
	if (r == 0 && ret)
		*ret = sum;
	return r;
}

static int release_locked(const struct semfile *f, const struct semfile_hold *hold)
{
	struct records recs;
	struct record rec;
	int r = records_open(f, &recs);

	if (r < 0)
		return r == -ENODATA ? -EIDRM : r;
	if (hold->slot >= recs.count || !record_read(recs.slots, hold->slot, &rec))
		return -EIDRM;
	if (rec.state != SLOT_HELD || rec.order != hold->order || rec.units != hold->units ||
		rec.id.pid != hold->holder.pid || rec.id.start != hold->holder.start)
		return -EIDRM;
	return record_give(&recs, hold->slot, rec.units) < rec.units ? -EOVERFLOW : 0;
}

int semfile_release(const struct semfile *f, const struct semfile_hold *hold, struct ipc_deadline d)
{
	struct busguard guard;
	int r = semfile_enter(f, d, &guard);

	return r < 0 ? r : semfile_leave(f, &guard, release_locked(f, hold));
}
