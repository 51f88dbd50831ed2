#include "cli/shm_fields.h"

#include "cli/layout_opt.h"

#include <errno.h>

int segment_read_picture(struct segment *s, struct picture *p, bool once)
{
	const struct ipc_shm_fields f = segment_fields(s);
	int r = ipc_shm_fields_get(&f, p->members, p->len, once, p->bytes);

	if (r == -ENODATA)
		return segment_too_small(
			s, "read", ipc_shm_fields_end(&f, p->members, p->len) - f.base, f.base);
	return r < 0 ? segment_failed(s, r, "read") : CLI_OK;
}

void changes_clear(struct changes *c)
{
	for (size_t i = 0; i < c->len; i++)
		layout_value_clear(&c->values[i]);
	free(c->values);
	layout_value_clear(&c->condition);
}

/* Without a lock a condition can only be about the one word that is changed. */
static int check(const struct changes *c, const struct ipc_shm_fields *f)
{
	const struct ipc_member *m = &c->values[0].member, *condition = &c->condition.member;

	if (f->locked)
		return CLI_OK;
	if (c->len != 1 || m->offset != condition->offset || m->size != condition->size)
		return usage_error("--if must be about the one field that is set, unless there is a --lock");
	if (!ipc_shm_fields_swappable(f, m, condition))
		return usage_error(
			"--if needs a field of 1, 2, 4 or 8 aligned bytes, unless there is a --lock");
	return CLI_OK;
}

int changes_parse(const struct ipc_layout *layout, int argc, char **argv, const char *condition,
	struct segment *s, struct changes *ret)
{
	const struct ipc_shm_fields f = segment_fields(s);
	int r = CLI_OK;

	ret->values = calloc((size_t)argc, sizeof(*ret->values));
	if (!ret->values)
		return fail(NULL, -ENOMEM, "cannot set fields");
	for (; r == CLI_OK && ret->len < (size_t)argc; ret->len += r == CLI_OK)
		r = layout_value(layout, argv[ret->len], &ret->values[ret->len]);
	if (r != CLI_OK || !condition)
		return r;
	r = layout_value(layout, condition, &ret->condition);
	ret->conditional = r == CLI_OK;
	return r == CLI_OK ? check(ret, &f) : r;
}

uint64_t changes_end(const struct changes *c, const struct ipc_shm_fields *f)
{
	uint64_t end = c->conditional ? ipc_shm_fields_end(f, &c->condition.member, 1) : 0;

	for (size_t i = 0; i < c->len; i++) {
		uint64_t one = ipc_shm_fields_end(f, &c->values[i].member, 1);
		end = one > end ? one : end;
	}
	return end;
}

static int change(struct segment *s, const struct changes *c)
{
	const struct ipc_shm_fields f = segment_fields(s);
	int r = ipc_shm_fields_change(&f, c->values, c->len, c->conditional ? &c->condition : NULL);

	if (r == -EFBIG || r == -ENODATA)
		return segment_too_small(s, "set", changes_end(c, &f) - f.base, f.base);
	if (r < 0)
		return segment_failed(s, r, "set");
	return r == 1 ? CLI_OK : CLI_NO;
}

int segment_change(struct segment *s, const struct changes *c)
{
	int r = segment_lock(s);

	return r == CLI_OK ? segment_unlock(s, change(s, c)) : r;
}
