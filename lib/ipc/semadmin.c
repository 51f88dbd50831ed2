/* Looking at a semaphore's records, and putting a spoiled semaphore right. */
#include "ipc/busguard.h"
#include "ipc/io.h"
#include "ipc/semfile_impl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* --- holders --- */

/* A copy of the file, by pread(2): good for readers who may not write, and it can't be truncated. */
static int read_copy(const struct semfile *f, unsigned char **ret, size_t *ret_size)
{
	AUTO_FREE unsigned char *copy = calloc(1, SEM_MAX_SIZE);
	size_t size = 0;

	if (!copy)
		return -ENOMEM;
	while (size < SEM_MAX_SIZE) {
		ssize_t n = pread(f->fd, copy + size, SEM_MAX_SIZE - size, (off_t)size);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		size += (size_t)n;
	}
	*ret = copy;
	copy = NULL; /* the caller owns it now */
	*ret_size = size;
	return 0;
}

struct sortable {
	struct semfile_holder holder;
	uint64_t order;
};

static int compare(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;

	if (x->holder.waiting != y->holder.waiting)
		return x->holder.waiting ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Nobody is asked to hold still for this, so one may be on its way: with the swap it holds. */
static bool counts(const struct record *rec, uint32_t ticket)
{
	if (rec->state == SLOT_TAKING)
		return rec->ticket == ticket;
	return rec->state != SLOT_GIVING || rec->ticket != ticket;
}

static size_t collect(const unsigned char *copy, uint32_t slots, struct sortable *list)
{
	const struct sem_slot *slot = (const struct sem_slot *)(copy + SEM_SLOTS_AT);
	uint32_t ticket = ((const union sem_word *)copy)->ticket;
	struct procid_view view = procid_look();
	struct record rec;
	size_t n = 0;

	for (uint32_t i = 0; i < slots; i++) {
		if (!record_read(slot, i, &rec) || !counts(&rec, ticket))
			continue;
		list[n].order = rec.order;
		list[n++].holder = (struct semfile_holder){
			.id = rec.id,
			.state = procid_judge(&view, &rec.id),
			.waiting = rec.state == SLOT_WAITING,
			.units = rec.units,
			.since_ns = (int64_t)rec.since,
		};
	}
	qsort(list, n, sizeof(*list), compare);
	return n;
}

int semfile_holders(const struct semfile *f, struct semfile_holder **ret, size_t *ret_count)
{
	AUTO_FREE unsigned char *copy = NULL;
	size_t size = 0, n = 0;
	int r = read_copy(f, &copy, &size);

	if (r < 0)
		return r;
	if (size < SEM_T_SIZE)
		return -EIO;
	const struct sem_head *head = (const struct sem_head *)(copy + SEM_HEAD_AT);
	if (head->magic != 0 && (head->magic != SEM_MAGIC || head->version != SEM_MAGIC_VERSION))
		return -EBADMSG;
	bool any = size > SEM_SLOTS_AT && head->magic != 0;
	uint32_t slots = any ? (uint32_t)((size - SEM_SLOTS_AT) / sizeof(struct sem_slot)) : 0;
	AUTO_FREE struct sortable *list = calloc(slots + 1, sizeof(*list));
	struct semfile_holder *holders = calloc(slots + 1, sizeof(*holders));
	if (!list || !holders) {
		free(holders);
		return -ENOMEM;
	}
	n = collect(copy, slots, list);
	for (size_t i = 0; i < n; i++)
		holders[i] = list[i].holder;
	*ret = holders;
	*ret_count = n;
	return 0;
}

/* --- repair --- */

/* What is still held, after what can't be judged was dropped if so wished. */
static uint64_t held_units(const struct records *recs, bool forget_unknown)
{
	struct procid_view view = procid_look();
	struct record rec;
	uint64_t held = 0;

	for (uint32_t i = 0; i < recs->count; i++) {
		if (!record_read(recs->slots, i, &rec)) {
			record_mark(&recs->slots[i], SLOT_FREE, 0);
			continue;
		}
		bool unknown = procid_judge(&view, &rec.id) == PROCID_UNKNOWN;
		if (unknown && forget_unknown)
			record_mark(&recs->slots[i], SLOT_FREE, 0);
		else if (rec.state == SLOT_HELD)
			held += rec.units;
	}
	return held;
}

static int repair_locked(const struct semfile *f, uint32_t total, bool forget_unknown, uint32_t *ret_value)
{
	struct semfile_recovered sum = { 0 };
	struct records recs;
	uint64_t held = 0;
	int r = records_open(f, &recs);

	if (r == -EBADMSG)
		r = records_reset(f, &recs);
	if (r == 0) {
		records_reap(&recs, &sum);
		held = held_units(&recs, forget_unknown);
	}
	if (r < 0 && r != -ENODATA)
		return r;
	*ret_value = total > held ? total - (uint32_t)held : 0;
	semfile_store(f, *ret_value);
	return 0;
}

int semfile_repair(const struct semfile *f, int64_t total, bool forget_unknown, struct ipc_deadline d,
	uint32_t *ret_value)
{
	struct semfile_state state;
	struct busguard guard;
	uint32_t value = 0;

	if (!f->map)
		return -EBADF;
	int r = semfile_get(f, &state);
	if (r < 0)
		return r;
	if (total == SEMFILE_INITIAL && state.initial < 0)
		return -ENODATA;
	if (total == SEMFILE_INITIAL)
		total = state.initial;
	if (total < 0 || total > SEMFILE_VALUE_MAX)
		return -EINVAL;
	r = semfile_enter(f, d, &guard);
	if (r < 0)
		return r;
	r = semfile_leave(f, &guard, repair_locked(f, (uint32_t)total, forget_unknown, &value));
	if (r == 0 && ret_value)
		*ret_value = value;
	return r;
}
