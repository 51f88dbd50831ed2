#include "cli/shm_segment.h"

#include "cli/common.h"
#include "cli/sem_open.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>

uint64_t arg_offset;
static const char *arg_lock;

const struct opt segment_size_opts[] = {
	{ OPT_ATTR, 's', .to = { .attrs = &arg_attrs }, .attr = ATTR_SIZE },
	{ OPT_INCLUDE, .to = { .table = create_opts } },
	{ 0 },
};

const struct opt segment_offset_opts[] = {
	{ OPT_SIZE, 'o', "offset", "SIZE", "Where to begin, in bytes", { .size = &arg_offset } },
	{ 0 },
};

const struct opt segment_open_opts[] = {
	{ OPT_INCLUDE, .to = { .table = wait_opts } },
	{ OPT_INCLUDE, .to = { .table = exist_opts } },
	{ OPT_INCLUDE, .to = { .table = make_opts } },
	{ OPT_INCLUDE, .to = { .table = segment_size_opts } },
	{ 0 },
};

const struct opt segment_access_opts[] = {
	{ OPT_STRING, 0, "lock", "SEM", "Hold this semaphore during each access", { .string = &arg_lock } },
	{ OPT_INCLUDE, .to = { .table = segment_open_opts } },
	{ 0 },
};

int segment_lock(struct segment *s)
{
	AUTO_FREE char *name = shown(arg_lock ? arg_lock : "");
	int r = arg_lock ? ipc_sem_hold(&s->lock, 1, cli_deadline(), false, &s->hold) : 0;

	if (r < 0)
		return fail(s->lock.selector.kind, r, "waited for semaphore '%s'", name);
	s->locked = arg_lock != NULL;
	return CLI_OK;
}

int segment_unlock(struct segment *s, int status)
{
	AUTO_FREE char *name = shown(arg_lock ? arg_lock : "");
	int r = s->locked ? ipc_sem_release(&s->lock, &s->hold) : 0;

	if (r < 0 && r != -EIDRM) /* others wait: what fails for a moment is tried again */
		r = ipc_sem_release(&s->lock, &s->hold);
	s->locked = false;
	if (r < 0)
		return fail(s->lock.selector.kind, r, "cannot give back semaphore '%s'", name);
	return status;
}

static int open_lock(struct ipc_ctx *ctx, struct segment *s)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	int r = arg_lock ? cli_selector(ctx, arg_lock, "sem", 0, &sel) : CLI_OK;

	return arg_lock && r == CLI_OK ? semaphore_open(ctx, &sel, arg_lock, true, &s->lock) : r;
}

void segment_close(struct segment *s)
{
	segment_unlock(s, CLI_OK);
	ipc_sem_close(&s->lock);
	ipc_shm_close(&s->shm);
	free(s->name);
}

struct ipc_shm_fields segment_fields(struct segment *s)
{
	return (struct ipc_shm_fields){ &s->shm, arg_offset, arg_lock != NULL };
}

int segment_failed(const struct segment *s, int error, const char *verb)
{
	if (error == -EBUSY) {
		fail_plain(0, "cannot %s segment '%s': It is changed all the time", verb, s->name);
		hint("hold the semaphore that its writers hold: --lock SEM");
		return CLI_FAILED;
	}
	if (error == -ENODATA)
		return fail_plain(
			CLI_FAILED, "cannot %s segment '%s': It was truncated meanwhile", verb, s->name);
	return fail(s->kind, error, "cannot %s segment '%s'", verb, s->name);
}

int segment_too_small(const struct segment *s, const char *verb, uint64_t len, uint64_t offset)
{
	int64_t size = ipc_shm_size(&s->shm);

	if (size < 0)
		return segment_failed(s, (int)size, verb);
	return fail_plain(CLI_FAILED,
		"cannot %s segment '%s': It has %" PRId64 " bytes; %" PRIu64 " at offset %" PRIu64
		" do not fit",
		verb, s->name, size, len, offset);
}

/* Whoever waits for a segment means one that is finished: most are made empty, and get their size next. */
static int await_size(const struct segment *s, uint64_t need)
{
	if (!arg_wait)
		return CLI_OK;
	int r = ipc_shm_await_size(&s->shm, need, cli_deadline());
	if (r < 0)
		return fail(s->kind, r, "waited for segment '%s' to have %" PRIu64 " bytes", s->name, need);
	return CLI_OK;
}

int segment_open(
	struct ipc_ctx *ctx, const char *operand, unsigned access, uint64_t need, struct segment *ret)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };

	if (arg_create && !ipc_attr_given(&arg_attrs, ATTR_SIZE))
		return usage_error("how large? --create needs --size");
	int r = cli_existing(ctx, operand, "shm", &sel);
	if (r != CLI_OK)
		return r;
	ret->name = shown(operand);
	ret->kind = sel.kind;
	r = ipc_shm_open(ctx, &sel, access, &ret->shm);
	if (r < 0)
		return fail(sel.kind, r, "cannot open segment '%s'", ret->name);
	r = await_size(ret, need);
	return r == CLI_OK ? open_lock(ctx, ret) : r;
}
