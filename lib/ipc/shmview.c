#include "ipc/shmview.h"

#include "ipc/busguard.h"

#include <errno.h>
#include <string.h>

bool ipc_shmview_covers(const struct ipc_shmview *v, uint64_t offset, uint64_t len)
{
	return v->base && offset >= v->start && offset - v->start <= v->len &&
		len <= v->len - (offset - v->start);
}

static unsigned char *at(const struct ipc_shmview *v, uint64_t offset)
{
	return v->base + (offset - v->start);
}

int ipc_shmview_read(const struct ipc_shmview *v, void *buf, size_t len, uint64_t offset)
{
	struct busguard guard;

	if (!ipc_shmview_covers(v, offset, len))
		return -ERANGE;
	busguard_begin(&guard);
	memcpy(buf, at(v, offset), len);
	busguard_end(&guard);
	return 0;
}

int ipc_shmview_write(const struct ipc_shmview *v, const void *buf, size_t len, uint64_t offset)
{
	struct busguard guard;

	if (!ipc_shmview_covers(v, offset, len))
		return -ERANGE;
	busguard_begin(&guard);
	memcpy(at(v, offset), buf, len);
	busguard_end(&guard);
	return 0;
}

static int check_word(const struct ipc_shmview *v, size_t width, uint64_t offset)
{
	if (width == 0 || width > 8 || (width & (width - 1)) != 0 || offset % width != 0)
		return -EINVAL;
	return ipc_shmview_covers(v, offset, width) ? 0 : -ERANGE;
}

/* One pointer for each width: the compiler turns each access into one instruction. */
union word {
	unsigned char *bytes;
	uint8_t *b1;
	uint16_t *b2;
	uint32_t *b4;
	uint64_t *b8;
};

static void load(union word p, void *ret, size_t width)
{
	switch (width) {
	case 1:
		__atomic_load(p.b1, (uint8_t *)ret, __ATOMIC_SEQ_CST);
		break;
	case 2:
		__atomic_load(p.b2, (uint16_t *)ret, __ATOMIC_SEQ_CST);
		break;
	case 4:
		__atomic_load(p.b4, (uint32_t *)ret, __ATOMIC_SEQ_CST);
		break;
	default:
		__atomic_load(p.b8, (uint64_t *)ret, __ATOMIC_SEQ_CST);
	}
}

static void store(union word p, uint64_t *value, size_t width)
{
	switch (width) {
	case 1:
		__atomic_store(p.b1, (uint8_t *)value, __ATOMIC_SEQ_CST);
		break;
	case 2:
		__atomic_store(p.b2, (uint16_t *)value, __ATOMIC_SEQ_CST);
		break;
	case 4:
		__atomic_store(p.b4, (uint32_t *)value, __ATOMIC_SEQ_CST);
		break;
	default:
		__atomic_store(p.b8, value, __ATOMIC_SEQ_CST);
	}
}

#define SWAP(type, pointer)                                                                                  \
	__atomic_compare_exchange(                                                                           \
		pointer, (type *)expected, (type *)desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

static bool swap(union word p, uint64_t *expected, uint64_t *desired, size_t width)
{
	switch (width) {
	case 1:
		return SWAP(uint8_t, p.b1);
	case 2:
		return SWAP(uint16_t, p.b2);
	case 4:
		return SWAP(uint32_t, p.b4);
	default:
		return SWAP(uint64_t, p.b8);
	}
}

int ipc_shmview_load(const struct ipc_shmview *v, void *ret, size_t width, uint64_t offset)
{
	int r = check_word(v, width, offset);
	struct busguard guard;
	uint64_t value = 0;

	if (r < 0)
		return r;
	busguard_begin(&guard);
	load((union word){ .bytes = at(v, offset) }, &value, width);
	busguard_end(&guard);
	memcpy(ret, &value, width);
	return 0;
}

int ipc_shmview_store(const struct ipc_shmview *v, const void *value, size_t width, uint64_t offset)
{
	int r = check_word(v, width, offset);
	struct busguard guard;
	uint64_t word = 0;

	if (r < 0)
		return r;
	memcpy(&word, value, width);
	busguard_begin(&guard);
	store((union word){ .bytes = at(v, offset) }, &word, width);
	busguard_end(&guard);
	return 0;
}

int ipc_shmview_swap(const struct ipc_shmview *v, const void *expected, const void *desired, void *found,
	size_t width, uint64_t offset)
{
	int r = check_word(v, width, offset);
	struct busguard guard;
	uint64_t before = 0, after = 0;

	if (r < 0)
		return r;
	memcpy(&before, expected, width);
	memcpy(&after, desired, width);
	busguard_begin(&guard);
	bool done = swap((union word){ .bytes = at(v, offset) }, &before, &after, width);
	busguard_end(&guard);
	if (found)
		memcpy(found, &before, width);
	return done;
}
