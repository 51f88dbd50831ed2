#include "cli/profile_state.h"

#include "cli/common.h"
#include "cli/plan.h"
#include "cli/refusal.h"
#include "ipc/io.h"
#include "ipc/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void profile_origin(const struct profile *p, char ret[static PROFILE_ORIGIN_SIZE])
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a: RFC 9923 */

	for (const char *c = p->path; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
	snprintf(ret, PROFILE_ORIGIN_SIZE, "%016" PRIx64, hash);
}

bool profile_is_ours(const struct profile_object *o)
{
	return !o->external && o->sel.kind->attrs != 0;
}

/* --- what is there --------------------------------------------------------------------------------- */

/* A key may be made of a file that was not there when the profile was read. */
static int selector_of(struct ipc_ctx *ctx, const struct profile_object *o, struct ipc_selector *ret)
{
	struct ipc_selector_error error = { 0 };

	return ipc_selector_parse(ctx, o->selector, NULL, 0, ret, &error);
}

void profile_look(
	struct ipc_ctx *ctx, const struct profile_object *o, unsigned want, struct profile_state *ret)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };

	*ret = (struct profile_state){ 0 };
	ret->error = selector_of(ctx, o, &sel);
	if (ret->error == -EINVAL)
		ret->error = -ENOENT;
	if (ret->error < 0)
		return;
	ret->error = ipc_stat(ctx, &sel, want, &ret->object);
	if (ret->error == -EIDRM)
		ret->error = -ENOENT;
	if (ret->error == 0)
		ret->mismatches_len = ipc_compare(&o->attrs, &ret->object, ret->mismatches);
}

void profile_state_clear(struct profile_state *s)
{
	ipc_object_clear(&s->object);
}

static int say_state(const struct profile_object *o, const struct profile_state *s, int differs)
{
	const char *noun = o->sel.kind->noun;

	if (s->error == -ENOENT)
		return fail_plain(differs, "%%%s: there is no %s '%s'", o->word, noun, o->selector);
	if (s->error < 0)
		return fail(
			o->sel.kind, s->error, "%%%s: cannot look at %s '%s'", o->word, noun, o->selector);
	for (size_t i = 0; i < s->mismatches_len; i++) {
		const struct ipc_mismatch *m = &s->mismatches[i];
		char wanted[UNITS_TEXT_MAX], found[UNITS_TEXT_MAX];
		fail_plain(differs, "%%%s: %s '%s' exists with %s %s, not %s", o->word, noun, o->selector,
			ipc_attr_descs[m->attr].name,
			cli_attr_text(m->attr, (uint64_t)m->found.number, found),
			cli_attr_text(m->attr, m->wanted, wanted));
	}
	return s->mismatches_len ? differs : CLI_OK;
}

int profile_compare(struct ipc_ctx *ctx, const struct profile *p, bool missing, int differs)
{
	int status = CLI_OK;

	for (size_t i = 0; i < p->objects_len; i++) {
		const struct profile_object *o = &p->objects[i];
		AUTO_PROFILE_STATE struct profile_state s = { 0 };
		if (o->external && !missing)
			continue;
		profile_look(ctx, o, 0, &s);
		/* A socket is there while it is served. */
		bool may_miss = !missing || (!o->external && !profile_is_ours(o));
		if (s.error == -ENOENT && may_miss)
			continue;
		int r = say_state(o, &s, differs);
		status = status == CLI_OK ? r : status;
	}
	return status;
}

/* --- up -------------------------------------------------------------------------------------------- */

/* What this call made, by identity. */
struct made {
	struct ipc_object *v; /* owned */
	size_t len;
};

static void made_clear(struct made *m)
{
	for (size_t i = 0; i < m->len; i++)
		ipc_object_clear(&m->v[i]);
	free(m->v);
}

static int make_one(struct ipc_ctx *ctx, const struct profile_object *o, struct made *made)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 }, named = { 0 };
	struct ipc_mismatch mismatches[ATTR_COUNT];
	size_t len = 0;
	int r = selector_of(ctx, o, &sel);

	if (r == 0)
		r = ipc_create(ctx, &sel, &o->attrs, false, &named, mismatches, &len);
	if (r == 1) {
		struct ipc_object *object = &made->v[made->len++];
		r = ipc_stat(ctx, &named, 0, object);
		if (cli_verbose)
			warn("made %s '%s'", o->sel.kind->noun, o->selector);
		if (r == 0 && ctx->ledger_error < 0)
			warn("'%s' was made, and 'down' will not know it: %s", o->selector,
				strerror(-ctx->ledger_error));
	}
	if (r >= 0)
		return CLI_OK;
	int status = fail(NULL, r, "%%%s: cannot create %s '%s'", o->word, o->sel.kind->noun, o->selector);
	const struct ipc_hint *help = ipc_kind_hint_of(o->sel.kind, r, &o->attrs);
	if (help)
		hint("%s", help->text);
	if (r == -ENOENT && o->sel.form == FORM_PATH)
		hint_directory(o->sel.name);
	return status;
}

static void take_back(struct ipc_ctx *ctx, const struct made *made)
{
	for (size_t i = made->len; i-- > 0;) {
		const struct ipc_object *object = &made->v[i];
		AUTO_FREE char *name = ipc_selector_format(&object->selector);
		int r = object->selector.kind ? ipc_remove(ctx, object, 0) : -ENOENT;
		if (r < 0 && r != -ENOENT && r != -EIDRM && name)
			refusal_say(ctx, object, name, r);
	}
	if (made->len)
		warn("what was made was taken back");
}

int profile_up(struct ipc_ctx *ctx, const struct profile *p)
{
	char origin[PROFILE_ORIGIN_SIZE];
	struct made made = { .v = calloc(p->objects_len + 1, sizeof(*made.v)) };
	int status = profile_compare(ctx, p, false, CLI_FAILED);

	if (status != CLI_OK || !made.v) {
		free(made.v);
		return made.v ? fail_plain(status, "nothing was changed")
			      : fail(NULL, -ENOMEM, "cannot start");
	}
	profile_origin(p, origin);
	ctx->origin = origin;
	for (size_t i = 0; i < p->objects_len && status == CLI_OK; i++)
		if (profile_is_ours(&p->objects[i]))
			status = make_one(ctx, &p->objects[i], &made);
	ctx->origin = NULL;
	if (status != CLI_OK)
		take_back(ctx, &made);
	made_clear(&made);
	return status;
}

/* --- down ------------------------------------------------------------------------------------------ */

static int bring_down(
	struct ipc_ctx *ctx, const struct profile_object *o, unsigned remove_flags, struct plan *shown_only)
{
	AUTO_PROFILE_STATE struct profile_state s = { 0 };

	ipc_ctx_forget(ctx);
	profile_look(ctx, o, WANT_STATE | (shown_only ? WANT_USED : 0), &s);
	if (s.error == -ENOENT)
		return CLI_OK;
	if (s.error < 0 && s.error != -EACCES)
		return say_state(o, &s, CLI_FAILED);
	if (ledger_made(ctx, &s.object) != ANSWER_YES) {
		warn("%%%s: %s '%s' was not made by 'up', and stays", o->word, o->sel.kind->noun,
			o->selector);
		return CLI_OK;
	}
	int r = ipc_remove_refusal(&s.object, remove_flags);
	if (r == 0 && shown_only)
		return plan_add(shown_only, &s.object);
	if (r == 0)
		r = ipc_remove(ctx, &s.object, remove_flags);
	if (r == 0 && cli_verbose)
		warn("removed %s '%s'", o->sel.kind->noun, o->selector);
	return r < 0 && r != -ENOENT && r != -EIDRM ? refusal_say(ctx, &s.object, o->selector, r) : CLI_OK;
}

int profile_down(struct ipc_ctx *ctx, const struct profile *p, unsigned remove_flags, unsigned flags)
{
	char origin[PROFILE_ORIGIN_SIZE];
	AUTO_PLAN struct plan plan = { 0 };
	int status = CLI_OK;

	profile_origin(p, origin);
	ctx->origin = origin;
	for (size_t i = p->objects_len; i-- > 0;) {
		if (!profile_is_ours(&p->objects[i]))
			continue;
		int r = bring_down(ctx, &p->objects[i], remove_flags, flags & PROFILE_DRY ? &plan : NULL);
		status = status == CLI_OK ? r : status;
	}
	ctx->origin = NULL;
	if (flags & PROFILE_DRY) {
		int r = plan_show(&plan, stdout);
		status = status == CLI_OK ? r : status;
	}
	return status;
}
