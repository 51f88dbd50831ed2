#include "ipc/shm.h"

#include "ipc/io.h"
#include "ipc/runnable.h"
#include "ipc/shm_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CALM_LIMIT_NS (500 * NSEC_PER_MSEC)
#define CALM_PAUSE_NS (NSEC_PER_MSEC / 2)
#define SIZE_PAUSE_NS (2 * NSEC_PER_MSEC)

static struct ipc_event event_of(unsigned access, const struct ipc_selector *sel)
{
	return (struct ipc_event){ .type = access & SHM_WRITE ? EVENT_CHANGE : EVENT_OPEN, .selector = sel };
}

int ipc_shm_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned access, struct ipc_shm *ret)
{
	struct ipc_shm s = SHM_CLOSED;
	struct ipc_event event = event_of(access, sel);
	int r = ipc_observe_before(ctx, &event);

	if (r < 0)
		return r;
	s.ctx = ctx;
	s.access = access;
	s.ops = sel->form == FORM_POSIX || sel->form == FORM_INO ? &ipc_shm_posix_ops : &ipc_shm_sysv_ops;
	r = ipc_selector_copy(&s.selector, sel);
	if (r == 0)
		r = s.ops->open(&s, sel);
	if (r < 0) {
		ipc_selector_clear(&s.selector);
		event.result = r;
		return ipc_observe_after(ctx, &event);
	}
	*ret = s;
	return 0;
}

void ipc_shm_close(struct ipc_shm *s)
{
	if (!s->ops)
		return;
	struct ipc_event event = event_of(s->access, &s->selector);
	event.count = s->count;
	event.bytes = s->bytes;
	s->ops->close(s);
	ipc_observe_after(s->ctx, &event);
	ipc_selector_clear(&s->selector);
	*s = (struct ipc_shm)SHM_CLOSED;
}

int64_t ipc_shm_size(const struct ipc_shm *s)
{
	return s->ops->size(s);
}

int ipc_shm_await_size(const struct ipc_shm *s, uint64_t size, struct ipc_deadline deadline)
{
	for (;;) {
		int64_t now = ipc_shm_size(s);
		if (now < 0 || (uint64_t)now >= size)
			return now < 0 ? (int)now : 0;
		if (ipc_deadline_left(deadline) == 0)
			return ipc_deadline_error(deadline);
		int r = ipc_deadline_sleep(deadline, SIZE_PAUSE_NS);
		if (r < 0)
			return r;
	}
}

/* Whether the segment still has len bytes at offset. */
static int check_range(const struct ipc_shm *s, uint64_t offset, uint64_t len, int error)
{
	int64_t size = ipc_shm_size(s);

	if (size < 0)
		return (int)size;
	return offset > (uint64_t)size || len > (uint64_t)size - offset ? error : 0;
}

static void count_access(struct ipc_shm *s, uint64_t bytes)
{
	s->count++;
	s->bytes += bytes;
}

static ssize_t read_view(struct ipc_shm *s, void *buf, size_t len, uint64_t offset)
{
	int64_t size = ipc_shm_size(s);

	if (size < 0 || offset >= (uint64_t)size)
		return size < 0 ? (ssize_t)size : 0;
	if (len > (uint64_t)size - offset)
		len = (size_t)((uint64_t)size - offset);
	int r = s->ops->map(s, offset, len);
	if (r == 0)
		r = ipc_shmview_read(&s->view, buf, len, offset);
	return r < 0 ? r : (ssize_t)len;
}

ssize_t ipc_shm_read(struct ipc_shm *s, void *buf, size_t len, uint64_t offset)
{
	size_t got = 0;

	while (got < len) {
		char *to = (char *)buf + got;
		ssize_t n = s->ops->read ? s->ops->read(s, to, len - got, offset + got)
					 : read_view(s, to, len - got, offset + got);
		if (n < 0)
			return n;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	count_access(s, got);
	return (ssize_t)got;
}

static int write_directly(struct ipc_shm *s, const char *buf, size_t len, uint64_t offset)
{
	while (len > 0) {
		ssize_t n = s->ops->write(s, buf, len, offset);
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		buf += n;
		len -= (size_t)n;
		offset += (size_t)n;
	}
	return 0;
}

int ipc_shm_reserve(struct ipc_shm *s, uint64_t offset, uint64_t len)
{
	int r = check_range(s, offset, len, -EFBIG);

	return r == 0 && len > 0 && s->ops->reserve ? s->ops->reserve(s, offset, len) : r;
}

int ipc_shm_write(struct ipc_shm *s, const void *buf, size_t len, uint64_t offset)
{
	int r = ipc_shm_reserve(s, offset, len);

	if (r == 0 && s->ops->write) {
		r = write_directly(s, buf, len, offset);
	} else if (r == 0 && len > 0) {
		r = s->ops->map(s, offset, len);
		if (r == 0)
			r = ipc_shmview_write(&s->view, buf, len, offset);
		if (r == 0)
			r = check_range(s, offset, len, -ENODATA);
	}
	if (r == 0)
		count_access(s, len);
	return r;
}

bool ipc_shm_removed(const struct ipc_shm *s)
{
	return s->ops->removed(s);
}

int ipc_shm_resize(struct ipc_shm *s, uint64_t size)
{
	int r = s->ops->resize ? s->ops->resize(s, size) : -EOPNOTSUPP;

	if (r == 0)
		count_access(s, 0);
	return r;
}

/* --- structures --- */

int ipc_shm_copy(
	struct ipc_shm *s, void *buf, const struct ipc_shm_range *ranges, size_t ranges_len, uint64_t base)
{
	for (size_t i = 0; i < ranges_len; i++) {
		uint64_t offset;
		if (__builtin_add_overflow(base, ranges[i].offset, &offset))
			return -ENODATA;
		ssize_t n = ipc_shm_read(s, (char *)buf + ranges[i].offset, ranges[i].len, offset);
		if (n < 0)
			return (int)n;
		if ((size_t)n < ranges[i].len)
			return -ENODATA;
	}
	return 0;
}

static bool equal(const char *a, const char *b, const struct ipc_shm_range *ranges, size_t ranges_len)
{
	for (size_t i = 0; i < ranges_len; i++)
		if (memcmp(a + ranges[i].offset, b + ranges[i].offset, ranges[i].len) != 0)
			return false;
	return true;
}

/* What a snapshot is made of; buf and second are the size of the structure. */
struct snapshot {
	struct ipc_shm *shm;
	const struct ipc_shm_range *ranges;
	size_t ranges_len;
	uint64_t base;
	char *buf, *second;
};

/*
 * Takes one copy, and others until every thread that could have been in the middle of writing when
 * the first was taken has gone on: 1 if they are equal, 0 if one differs, -EAGAIN at the deadline.
 */
static int copy_once_calm(const struct snapshot *c, struct ipc_deadline limit)
{
	AUTO_RUNNABLE struct ipc_runnable others = { 0 };
	int r = ipc_shm_copy(c->shm, c->buf, c->ranges, c->ranges_len, c->base);

	if (r == 0)
		r = ipc_runnable_list(&others);
	while (r == 0) {
		bool calm = ipc_runnable_settle(&others) == 0;
		r = ipc_shm_copy(c->shm, c->second, c->ranges, c->ranges_len, c->base);
		if (r < 0)
			return r;
		if (!equal(c->buf, c->second, c->ranges, c->ranges_len))
			return 0;
		if (calm)
			return 1;
		if (ipc_deadline_left(limit) == 0)
			return -EAGAIN;
		r = ipc_deadline_sleep(limit, CALM_PAUSE_NS);
	}
	return r;
}

static int await_calm(const struct snapshot *c)
{
	struct ipc_deadline limit = ipc_deadline_in(CALM_LIMIT_NS);
	bool changed = false;

	for (;;) {
		int r = copy_once_calm(c, limit);
		if (r == -EAGAIN && !changed)
			return 0; /* somebody can't run, and nothing moved in all that time */
		if (r != 0)
			return r == -EAGAIN ? -EBUSY : r > 0 ? 0 : r;
		changed = true;
		if (ipc_deadline_left(limit) == 0)
			return -EBUSY;
	}
}

int ipc_shm_snapshot(
	struct ipc_shm *s, void *buf, const struct ipc_shm_range *ranges, size_t ranges_len, uint64_t base)
{
	size_t size = 0;
	const uint64_t count = s->count, bytes = s->bytes;

	for (size_t i = 0; i < ranges_len; i++)
		if (ranges[i].offset + ranges[i].len > size)
			size = ranges[i].offset + ranges[i].len;
	if (s->ops->alone && s->ops->alone(s)) {
		int r = ipc_shm_copy(s, buf, ranges, ranges_len, base);
		if (r < 0 || s->ops->alone(s))
			return r;
	}
	AUTO_FREE char *second = malloc(size ? size : 1);
	if (!second)
		return -ENOMEM;
	int r = await_calm(&(struct snapshot){ s, ranges, ranges_len, base, buf, second });
	s->count = count; /* one access to whoever keeps count, whatever it took */
	s->bytes = bytes;
	count_access(s, size);
	return r;
}

/* --- words --- */

/* What is the same for all words: the range, its memory, and whether it was there until the end. */
static int begin_word(struct ipc_shm *s, size_t width, uint64_t offset, bool write)
{
	int r = check_range(s, offset, width, -ENODATA);

	if (r == 0 && write && s->ops->reserve)
		r = s->ops->reserve(s, offset, width);
	return r == 0 ? s->ops->map(s, offset, width) : r;
}

static int end_word(struct ipc_shm *s, size_t width, uint64_t offset, int result)
{
	int r = result < 0 ? result : check_range(s, offset, width, -ENODATA);

	if (r == -ENODATA && s->ops->unmap)
		s->ops->unmap(s);
	if (r < 0)
		return r;
	count_access(s, width);
	return result;
}

int ipc_shm_load(struct ipc_shm *s, void *ret, size_t width, uint64_t offset)
{
	uint64_t value;
	int r = begin_word(s, width, offset, false);

	if (r == 0)
		r = ipc_shmview_load(&s->view, &value, width, offset);
	r = end_word(s, width, offset, r);
	if (r == 0)
		memcpy(ret, &value, width);
	return r;
}

int ipc_shm_store(struct ipc_shm *s, const void *value, size_t width, uint64_t offset)
{
	int r = begin_word(s, width, offset, true);

	if (r == 0)
		r = ipc_shmview_store(&s->view, value, width, offset);
	return end_word(s, width, offset, r);
}

int ipc_shm_swap(struct ipc_shm *s, const void *expected, const void *desired, void *found, size_t width,
	uint64_t offset)
{
	int r = begin_word(s, width, offset, true);

	if (r == 0)
		r = ipc_shmview_swap(&s->view, expected, desired, found, width, offset);
	return end_word(s, width, offset, r);
}
