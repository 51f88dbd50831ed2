/*
 * Waiting for units, in turn.
 *
 * A semaphore alone gives a unit to whoever finds it, so somebody who wants three at once could wait
 * for ever beside others who take one at a time. Where there are records, a waiter writes one, too
 * (WAITING, with an order number), and takes nothing while somebody with a lower number waits. The
 * first of them, the head, looks after dead holders, every 200 ms.
 *
 * A waiter must not hold the others up by sleeping: it proves that it runs by writing the time into
 * its record each time it looks, and for half a second without that it is passed over. That is a
 * question of fairness only, units are counted by what semrecord.c does.
 *
 * Wake-ups: a post wakes one sleeper, ours or a foreign one, and it may be one whose turn it isn't, or
 * for whom the units are too few. Whoever wakes and doesn't take passes it on, to the head if there is
 * enough for it, and to one foreign sleeper, who may take anything. Never to another one of ours:
 * two that both can't use a unit would wake each other for ever. Ours look again by themselves
 * after a slice at the latest; a foreign one sleeps until it is woken, so it must not be forgotten.
 */
#include "ipc/busguard.h"
#include "ipc/semfile_impl.h"

#include <errno.h>
#include <string.h>

#define SLICE_NS (200 * NSEC_PER_MSEC)
#define STALE_NS (500 * NSEC_PER_MSEC)
#define ZERO_POLL_NS (10 * NSEC_PER_MSEC)

enum { MUST_WAIT = 1, SLOT_BITS = 31 };

struct want {
	uint32_t units;
	bool record;      /* keep a record of the units: an acquisition */
	bool queue;       /* write a waiting record if they can't be had now */
	struct record me; /* the record, as it is to be written */
	uint32_t slot;    /* my waiting or holding record, or NO_SLOT */
	uint32_t seen;    /* the value that was not enough */
	uint32_t bits;    /* what to sleep on */
	int64_t reap_at;  /* when to look for dead holders again */
};

static uint64_t realtime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

static uint32_t slot_bit(uint32_t slot)
{
	return 1U << slot % SLOT_BITS;
}

/* --- the queue --- */

/* A waiter who was here a moment ago, by a clock that is also mine. The numbers may be anything. */
static bool is_awake(const struct record *rec, const struct want *w)
{
	uint64_t now = (uint64_t)ipc_now_ns();
	uint64_t age = now > rec->beat ? now - rec->beat : rec->beat - now;

	return rec->id.timens == w->me.id.timens && age < STALE_NS;
}

/* The slot of the waiter whose turn it is, me included, or NO_SLOT. */
static uint32_t find_head(const struct records *recs, const struct want *w, struct record *ret)
{
	struct record rec;
	uint32_t head = NO_SLOT;

	for (uint32_t i = 0; i < recs->count; i++) {
		if (!record_read(recs->slots, i, &rec) || rec.state != SLOT_WAITING)
			continue;
		if (i != w->slot && !is_awake(&rec, w))
			continue;
		if (head == NO_SLOT || rec.order < ret->order) {
			head = i;
			*ret = rec;
		}
	}
	return head;
}

/* Whether somebody else comes first. One who died since is forgotten: a look at one process, not at all. */
static bool is_behind(const struct records *recs, const struct want *w)
{
	struct procid_view view = { 0 };
	struct record rec = { 0 };
	uint32_t head;

	while ((head = find_head(recs, w, &rec)) != NO_SLOT && head != w->slot) {
		if (!view.trusted)
			view = procid_look();
		if (procid_judge(&view, &rec.id) != PROCID_DEAD)
			return true;
		record_mark(&recs->slots[head], SLOT_FREE, 0);
	}
	return false;
}

static void pass_on(const struct records *recs, const struct want *w)
{
	struct record head = { 0 };
	uint32_t value = semfile_value(recs->f);

	if (value == 0 || semfile_data(recs->f) >> 32 == 0)
		return;
	uint32_t slot = find_head(recs, w, &head);
	if (slot != NO_SLOT && slot != w->slot && head.units <= value)
		semfile_wake(recs->f, INT_MAX, slot_bit(slot));
	semfile_wake(recs->f, 1, SEM_BIT_FOREIGN);
}

/* My record may have been taken away: by a repair, or by somebody who writes nonsense. */
static void find_myself(const struct records *recs, struct want *w)
{
	struct record rec;

	if (w->slot == NO_SLOT)
		return;
	bool mine = w->slot < recs->count && record_read(recs->slots, w->slot, &rec) &&
		rec.state == SLOT_WAITING && rec.order == w->me.order;
	if (!mine)
		w->slot = NO_SLOT;
}

/* Writes my waiting record, or its time if there is one. Returns 0 or -errno: -EUSERS, -ENOSPC. */
static int enrol(struct records *recs, struct want *w)
{
	if (w->me.order == 0)
		w->me.order = __atomic_add_fetch(&recs->head->arrivals, 1, __ATOMIC_RELAXED);
	if (w->me.since == 0)
		w->me.since = realtime_ns();
	if (w->slot == NO_SLOT) {
		int64_t slot = records_free_slot(recs);
		if (slot < 0)
			return (int)slot;
		w->slot = (uint32_t)slot;
	}
	w->me.beat = (uint64_t)ipc_now_ns();
	record_write(&recs->slots[w->slot], &w->me);
	return 0;
}

/* --- one attempt --- */

/* Without a record, and without a queue if there are no records at all. */
static int take_plain(const struct semfile *f, struct want *w)
{
	if (semfile_add(f, -(int64_t)w->units, &w->seen) == 0)
		return 0;
	if (w->seen > 0)
		semfile_wake(f, 1, SEM_BIT_FOREIGN);
	return MUST_WAIT;
}

static int take_recorded(struct records *recs, struct want *w)
{
	struct semfile_recovered sum = { 0 };

	w->me.since = realtime_ns();
	int r = enrol(recs, w);
	if (r == -EUSERS) {
		records_reap(recs, &sum);
		r = enrol(recs, w);
	}
	if (r < 0)
		return r;
	if (record_take(recs, w->slot, w->units) == 0)
		return 0;
	w->slot = NO_SLOT;
	return MUST_WAIT;
}

static int take(struct records *recs, struct want *w)
{
	if (w->record)
		return take_recorded(recs, w);
	int r = take_plain(recs->f, w);
	if (r == 0 && w->slot != NO_SLOT)
		record_mark(&recs->slots[w->slot], SLOT_FREE, 0);
	return r;
}

static bool can_take(const struct records *recs, struct want *w)
{
	w->seen = semfile_value(recs->f);
	return w->seen >= w->units && !is_behind(recs, w);
}

/* Dead holders are looked for when units are wanting, by whoever is first in the queue, now and then. */
static void reap_if_due(const struct records *recs, struct want *w)
{
	struct semfile_recovered sum = { 0 };
	int64_t now = ipc_now_ns();

	if (semfile_value(recs->f) >= w->units || now < w->reap_at || is_behind(recs, w))
		return;
	records_reap(recs, &sum);
	w->reap_at = now + SLICE_NS;
}

static int attempt_locked(const struct semfile *f, struct want *w)
{
	struct records recs;
	int r = w->record ? records_make(f, &recs) : records_open(f, &recs);

	if (r < 0)
		return w->record || r == -EIO ? r : take_plain(f, w);
	find_myself(&recs, w);
	reap_if_due(&recs, w);
	r = can_take(&recs, w) ? take(&recs, w) : MUST_WAIT;
	/* Without room for one more record it waits all the same, out of turn. */
	if (r == MUST_WAIT && w->queue)
		enrol(&recs, w);
	w->bits = w->slot == NO_SLOT ? SEM_BITS_OURS : slot_bit(w->slot);
	pass_on(&recs, w);
	return r;
}

/* Returns 0, MUST_WAIT or -errno. */
static int attempt(const struct semfile *f, struct want *w, struct ipc_deadline d)
{
	struct busguard guard;
	ssize_t size = semfile_size(f);
	bool lock = w->record || size > SEM_SLOTS_AT;
	int r = lock ? semfile_lock(f, d) : 0;

	if (r < 0)
		return r;
	busguard_begin(&guard);
	r = lock ? attempt_locked(f, w) : take_plain(f, w);
	busguard_end(&guard);
	r = semfile_still(f, r);
	if (lock)
		semfile_unlock(f);
	return r;
}

/* --- waiting --- */

static void count_waiter(const struct semfile *f, uint64_t by)
{
	struct busguard guard;

	busguard_begin(&guard);
	__atomic_add_fetch(&semfile_word(f)->data, by, __ATOMIC_SEQ_CST);
	busguard_end(&guard);
}

/*
 * If the lock is not to be had the record stays: it is passed over soon, and dead when the process is.
 * The wake-up that came too late goes to another.
 */
static void leave_queue(const struct semfile *f, struct want *w)
{
	struct busguard guard;
	struct records recs;
	bool locked = semfile_lock(f, ipc_deadline_in(0)) == 0;

	busguard_begin(&guard);
	if (locked && records_open(f, &recs) == 0) {
		find_myself(&recs, w);
		if (w->slot != NO_SLOT)
			record_mark(&recs.slots[w->slot], SLOT_FREE, 0);
		w->slot = NO_SLOT;
		pass_on(&recs, w);
	} else if (semfile_value(f) > 0) {
		semfile_wake(f, 1, SEM_BIT_FOREIGN);
	}
	busguard_end(&guard);
	if (locked)
		semfile_unlock(f);
}

/*
 * Counted as a waiter before the value is looked at for the last time, so a post either is seen or
 * wakes. And the last thing before giving up is an attempt, so no wake-up is taken and thrown away.
 */
static int wait_units(const struct semfile *f, struct want *w, struct ipc_deadline d)
{
	int r = attempt(f, w, d);

	if (r != MUST_WAIT)
		return r;
	if (ipc_deadline_nonblock(d))
		return ipc_deadline_error(d);
	w->queue = w->me.id.pid > 0;
	count_waiter(f, SEM_ONE_WAITER);
	while ((r = attempt(f, w, d)) == MUST_WAIT) {
		int64_t left = ipc_deadline_left(d);
		if (left == 0)
			r = ipc_deadline_error(d);
		else
			r = semfile_sleep(f, w->seen, w->bits, left < SLICE_NS ? left : SLICE_NS);
		if (r < 0)
			break;
	}
	count_waiter(f, -SEM_ONE_WAITER);
	if (r < 0)
		leave_queue(f, w);
	return r;
}

static struct want want_units(uint32_t units, bool record)
{
	return (struct want){
		.units = units,
		.record = record,
		.me = { .state = SLOT_WAITING, .units = units },
		.slot = NO_SLOT,
		/* A foreign sleeper's wake-ups are for one unit, so others wait apart from it. */
		.bits = units == 1 ? SEM_BITS_ALL : SEM_BITS_OURS,
	};
}

int semfile_wait(const struct semfile *f, uint32_t units, struct ipc_deadline d)
{
	struct want w = want_units(units, false);

	if (!f->map)
		return -EBADF;
	if (units == 0 || units > SEMFILE_VALUE_MAX)
		return -EINVAL;
	/* Without /proc it waits all the same, out of turn. */
	if (procid_self(&w.me.id) < 0)
		w.me.id = (struct procid){ 0 };
	return wait_units(f, &w, d);
}

int semfile_acquire(const struct semfile *f, uint32_t units, struct ipc_deadline d, struct semfile_hold *ret)
{
	struct want w = want_units(units, true);

	if (!f->map)
		return -EBADF;
	if (units == 0 || units > SEMFILE_VALUE_MAX)
		return -EINVAL;
	int r = procid_self(&w.me.id);
	if (r == 0)
		r = wait_units(f, &w, d);
	if (r < 0)
		return r;
	*ret = (struct semfile_hold){ w.me.id, w.me.order, units, w.slot };
	return 0;
}

int semfile_wait_zero(const struct semfile *f, struct ipc_deadline d)
{
	struct semfile_state state;
	int64_t recover_at = 0;

	for (;;) {
		/* What a dead holder keeps is not in use. Spoiled records can't be asked. */
		if (f->map && ipc_now_ns() >= recover_at) {
			semfile_recover(f, ipc_deadline_in(0), NULL);
			recover_at = ipc_now_ns() + SLICE_NS;
		}
		int r = semfile_get(f, &state);
		if (r < 0 || state.value == 0)
			return r;
		if (ipc_deadline_left(d) == 0)
			return ipc_deadline_error(d);
		r = ipc_deadline_sleep(d, ZERO_POLL_NS);
		if (r < 0)
			return r;
	}
}
