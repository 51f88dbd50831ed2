#include "ipc/shmfields.h"

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

int ipc_shm_fields_get(
	const struct ipc_shm_fields *f, const struct ipc_member *members, size_t len, bool once, void *bytes)
{
	if (len == 1 && ipc_member_atomic(members, f->base))
		return ipc_shm_load(
			f->shm, (char *)bytes + members->offset, members->size, f->base + members->offset);
	AUTO_FREE struct ipc_shm_range *ranges = calloc(len + 1, sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++)
		ranges[i] = (struct ipc_shm_range){ members[i].offset, members[i].size };
	return f->locked || once ? ipc_shm_copy(f->shm, bytes, ranges, len, f->base)
				 : ipc_shm_snapshot(f->shm, bytes, ranges, len, f->base);
}

int ipc_shm_fields_set(const struct ipc_shm_fields *f, const struct ipc_member *m, const void *value)
{
	uint64_t offset;

	if (__builtin_add_overflow(f->base, m->offset, &offset))
		return -EFBIG;
	if (!ipc_member_atomic(m, f->base))
		return ipc_shm_write(f->shm, value, m->size, offset);
	int r = ipc_shm_store(f->shm, value, m->size, offset);
	return r == -ENODATA ? -EFBIG : r;
}

int ipc_shm_fields_swap(const struct ipc_shm_fields *f, const struct ipc_member *m, const void *value,
	bool (*matches)(const struct ipc_member *m, const void *present, void *arg), void *arg)
{
	unsigned char present[WORD_MAX], found[WORD_MAX];

	if (!ipc_member_atomic(m, f->base))
		return -EINVAL;
	int r = ipc_shm_load(f->shm, present, m->size, f->base + m->offset);
	/* Another's change to a value that is fine as well (a bool of another byte) is no refusal. */
	while (r == 0 && matches(m, present, arg)) {
		r = ipc_shm_swap(f->shm, present, value, found, m->size, f->base + m->offset);
		if (r == 0)
			memcpy(present, found, m->size);
	}
	return r;
}
