#include "ipc/shmfields.h"

#include "ipc/io.h"

#include <errno.h>
#include <string.h>

enum { WORD_MAX = 8 };

uint64_t ipc_shm_fields_end(const struct ipc_shm_fields *f, const struct ipc_member *members, size_t len)
{
	uint64_t end = 0;

	for (size_t i = 0; i < len; i++)
		if (members[i].offset + members[i].size > end)
			end = members[i].offset + members[i].size;
	return __builtin_add_overflow(f->base, end, &end) ? UINT64_MAX : end;
}

/* Where a member lies in the segment: 0, or error if there can be no such place. */
static int place(const struct ipc_shm_fields *f, const struct ipc_member *m, int error, uint64_t *ret)
{
	return __builtin_add_overflow(f->base, m->offset, ret) ? error : 0;
}

int ipc_shm_fields_get(
	const struct ipc_shm_fields *f, const struct ipc_member *members, size_t len, bool once, void *bytes)
{
	uint64_t offset;

	if (len == 1 && ipc_member_atomic(members, f->base)) {
		int r = place(f, members, -ENODATA, &offset);
		return r < 0 ? r
			     : ipc_shm_load(f->shm, (char *)bytes + members->offset, members->size, offset);
	}
	AUTO_FREE struct ipc_shm_range *ranges = calloc(len + 1, sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++)
		ranges[i] = (struct ipc_shm_range){ members[i].offset, members[i].size };
	return f->locked || once ? ipc_shm_copy(f->shm, bytes, ranges, len, f->base)
				 : ipc_shm_snapshot(f->shm, bytes, ranges, len, f->base);
}

bool ipc_shm_fields_swappable(
	const struct ipc_shm_fields *f, const struct ipc_member *change, const struct ipc_member *condition)
{
	return change->offset == condition->offset && change->size == condition->size &&
		ipc_member_atomic(change, f->base);
}

static int set(const struct ipc_shm_fields *f, const struct ipc_member_value *v)
{
	const struct ipc_member *m = &v->member;
	uint64_t offset;
	int r = place(f, m, -EFBIG, &offset);

	if (r < 0)
		return r;
	if (!ipc_member_atomic(m, f->base))
		return ipc_shm_write(f->shm, v->bytes, m->size, offset);
	r = ipc_shm_store(f->shm, v->bytes, m->size, offset);
	return r == -ENODATA ? -EFBIG : r;
}

/* In one compare and swap: 1 if it was written, 0 if the value is another, or -errno. */
static int swap(const struct ipc_shm_fields *f, const struct ipc_member_value *change,
	const struct ipc_member_value *condition)
{
	const struct ipc_member *m = &change->member;
	unsigned char present[WORD_MAX], found[WORD_MAX];
	uint64_t offset;
	int r = ipc_shm_fields_swappable(f, m, &condition->member) ? 0 : -EINVAL;

	if (r == 0)
		r = place(f, m, -EFBIG, &offset);
	if (r == 0)
		r = ipc_shm_load(f->shm, present, m->size, offset);
	/* Another's change to a value that is fine as well (a bool of another byte) is no refusal. */
	while (r == 0 && ipc_member_equal(m, present, condition->bytes)) {
		r = ipc_shm_swap(f->shm, present, change->bytes, found, m->size, offset);
		if (r == 0)
			memcpy(present, found, m->size);
	}
	return r;
}

/* Whether the condition holds, under the lock: 1, 0, or -errno. */
static int holds(const struct ipc_shm_fields *f, const struct ipc_member_value *condition)
{
	struct ipc_member m = condition->member;
	AUTO_FREE unsigned char *present = malloc(m.offset + m.size + 1);

	if (!present)
		return -ENOMEM;
	int r = ipc_shm_fields_get(f, &m, 1, false, present);
	return r < 0 ? r : ipc_member_equal(&m, present + m.offset, condition->bytes);
}

int ipc_shm_fields_change(const struct ipc_shm_fields *f, const struct ipc_member_value *changes, size_t len,
	const struct ipc_member_value *condition)
{
	uint64_t offset;
	int r = 0;

	for (size_t i = 0; r == 0 && i < len; i++) {
		r = place(f, &changes[i].member, -EFBIG, &offset);
		if (r == 0)
			r = ipc_shm_reserve(f->shm, offset, changes[i].member.size);
	}
	if (r == 0 && condition && !f->locked)
		return len == 1 ? swap(f, changes, condition) : -EINVAL;
	if (r == 0 && condition) {
		r = holds(f, condition);
		if (r <= 0)
			return r;
		r = 0;
	}
	for (size_t i = 0; r == 0 && i < len; i++)
		r = set(f, &changes[i]);
	return r < 0 ? r : 1;
}
