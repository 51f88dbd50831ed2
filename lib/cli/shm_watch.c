#include "cli/shm_watch.h"

#include "cli/common.h"
#include "cli/layout_opt.h"
#include "cli/shm_fields.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdio.h>

/* What is waited for: a field, alone in a picture of its own. */
struct goal {
	const char *text; /* NULL: nothing */
	struct ipc_member_value value;
	struct picture picture;
};

static void goal_clear(struct goal *g)
{
	layout_value_clear(&g->value);
	free(g->picture.bytes); /* the rest belongs to others */
}

#define AUTO_GOAL __attribute__((cleanup(goal_clear), unused))

static int goal_init(struct goal *g, const struct ipc_layout *layout, const char *text)
{
	int r = text ? layout_value(layout, text, &g->value) : CLI_OK;

	if (!text || r != CLI_OK)
		return r;
	g->text = text;
	g->picture.members = &g->value.member;
	g->picture.len = 1;
	g->picture.bytes = calloc(1, ipc_layout_size(layout) + 1);
	return g->picture.bytes ? CLI_OK : fail(NULL, -ENOMEM, "cannot watch");
}

static bool goal_met(const struct goal *g)
{
	const struct ipc_member *m = &g->value.member;

	return ipc_member_equal(m, g->picture.bytes + m->offset, g->value.bytes);
}

/* Whether it is reached; if it seems so, looks again as carefully as get does. */
static int goal_look(struct goal *g, struct segment *s, bool *ret)
{
	int r = CLI_OK;

	*ret = false;
	if (g->text)
		r = segment_read_picture(s, &g->picture, true);
	if (r != CLI_OK || !g->text || !goal_met(g))
		return r;
	r = segment_read_picture(s, &g->picture, false);
	*ret = r == CLI_OK && goal_met(g);
	return r;
}

/* Looks, and if it saw a change, looks again as carefully as get does. */
static int look_for_changes(struct segment *s, struct picture *p, bool json, bool *ret_changed)
{
	int r = CLI_OK;

	*ret_changed = false;
	if (p->printed)
		r = segment_read_picture(s, p, true);
	if (r != CLI_OK || !picture_changed(p))
		return r;
	r = segment_read_picture(s, p, false);
	return r == CLI_OK ? picture_print_changes(p, json, ret_changed) : r;
}

static int say_over(const struct segment *s, const struct goal *g, int error)
{
	AUTO_FREE char *until = shown(g->text ? g->text : "");

	if (g->text)
		return fail(s->kind, error, "waited for '%s' in segment '%s'", until, s->name);
	return fail(s->kind, error, "waited for a change of segment '%s'", s->name);
}

static int watch(struct segment *s, struct picture *p, struct goal *g, const struct watch_how *how)
{
	struct ipc_deadline deadline = cli_deadline();
	bool changed = false, reached = false;

	for (;;) {
		int r = segment_lock(s);
		if (r == CLI_OK && p->len)
			r = look_for_changes(s, p, how->json, &changed);
		if (r == CLI_OK)
			r = goal_look(g, s, &reached);
		r = segment_unlock(s, r);
		if (r != CLI_OK || reached || ferror(stdout))
			return r; /* main() says what is wrong with standard output */
		if (ipc_shm_removed(&s->shm))
			return say_over(s, g, -EIDRM);
		if (changed && !g->text)
			deadline = cli_deadline(); /* of the next change */
		if (ipc_deadline_left(deadline) == 0)
			return say_over(s, g, ipc_deadline_error(deadline));
		ipc_deadline_sleep(deadline, how->interval_ns);
	}
}

int segment_watch(
	struct ipc_ctx *ctx, const char *operand, int argc, char **fields, const struct watch_how *how)
{
	AUTO_PICTURE struct picture p = { 0 };
	AUTO_GOAL struct goal g = { 0 };
	AUTO_SEGMENT struct segment s = SEGMENT_CLOSED;
	const struct ipc_shm_fields f = segment_fields(&s);
	int r = picture_init(&p, argc, fields);

	if (r == CLI_OK)
		r = goal_init(&g, p.layout, how->until);
	if (r != CLI_OK)
		return r;
	if (g.text && argc == 0)
		p.len = 0; /* it only waits */
	uint64_t end = ipc_shm_fields_end(&f, p.members, p.len);
	uint64_t goal_end = ipc_shm_fields_end(&f, g.picture.members, g.picture.len);
	r = segment_open(ctx, operand, SHM_READ, end > goal_end ? end : goal_end, &s);
	return r == CLI_OK ? watch(&s, &p, &g, how) : r;
}
