#include "cli/profile_state.h"

#include "cli/common.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t hash_on(uint64_t hash, const char *text)
{
	for (const char *c = text; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
	return hash * 0x100000001b3; /* and of the NUL */
}

void profile_origin(const struct profile *p, const char *on_behalf, char ret[static PROFILE_ORIGIN_SIZE])
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a: RFC 9923 */

	hash = hash_on(hash_on(hash, p->path), on_behalf);
	snprintf(ret, PROFILE_ORIGIN_SIZE, "%016" PRIx64, hash);
}

bool profile_is_ours(const struct profile_object *o)
{
	return !o->external && o->sel.kind->attrs != 0;
}

/* --- what is there --------------------------------------------------------------------------------- */

/* A key may be made of a file that was not there when the profile was read. */
int profile_selector(struct ipc_ctx *ctx, const struct profile_object *o, struct ipc_selector *ret)
{
	struct ipc_selector_error error = { 0 };

	return ipc_selector_parse(ctx, o->selector, NULL, 0, ret, &error);
}

void profile_look(
	struct ipc_ctx *ctx, const struct profile_object *o, unsigned want, struct profile_state *ret)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };

	*ret = (struct profile_state){ 0 };
	ret->error = profile_selector(ctx, o, &sel);
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

int profile_say_state(const struct profile_object *o, const struct profile_state *s, int differs)
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
		int r = profile_say_state(o, &s, differs);
		status = status == CLI_OK ? r : status;
	}
	return status;
}
