#include "cli/limit_stat.h"

#include "cli/limit_out.h"
#include "cli/object_out.h"
#include "ipc/io.h"

#include <errno.h>

void limit_gauge_clear(struct limit_gauge *g)
{
	ipc_limits_clear(&g->limits);
	*g = (struct limit_gauge){ 0 };
}

/* Those that are measured by looking at other objects too. */
static unsigned shared_limits(const struct ipc_object *o)
{
	unsigned which = ipc_limits_of_kind(o->selector.kind);

	for (unsigned i = 0; i < LIMITS; i++)
		if (ipc_limits[i].scope == SCOPE_OBJECT)
			which &= ~BIT(i);
	return which;
}

int limit_gauge_fill(struct limit_gauge *g, struct ipc_ctx *ctx, const struct ipc_object *o)
{
	unsigned which = shared_limits(o) & ~g->measured;
	struct ipc_limits more = { 0 };
	int r = which ? ipc_limits_measure(ctx, which, 0, &more) : 0;

	if (r < 0 || more.len == 0)
		return r;
	struct ipc_limit_use *v = reallocarray(g->limits.v, g->limits.len + more.len, sizeof(*v));
	if (!v) {
		ipc_limits_clear(&more);
		return -ENOMEM;
	}
	g->limits.v = v;
	for (size_t i = 0; i < more.len; i++)
		v[g->limits.len++] = more.v[i];
	free(more.v); /* what it held is g's now */
	g->measured |= which;
	return 0;
}

/* Of a limit that each user has, the one of the object's owner counts. */
static bool concerns(const struct ipc_limit_use *u, const struct ipc_object *o)
{
	struct ipc_value uid = o->common[FIELD_UID];

	if (!(shared_limits(o) & BIT(u->id)))
		return false;
	return ipc_limits[u->id].scope != SCOPE_USER ||
		(u->uid_known && uid.have == HAVE_VALUE && u->uid == (uid_t)uid.number);
}

/* Calls fn for each limit of the object, its own first. */
static int each(const struct limit_gauge *g, const struct ipc_object *o,
	int (*fn)(const struct ipc_limit_use *u, void *arg), void *arg)
{
	struct ipc_limit_use own;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < LIMITS; i++)
		if (ipc_limit_of_object(i, o, &own))
			r = fn(&own, arg);
	for (size_t i = 0; r == 0 && i < g->limits.len; i++)
		if (concerns(&g->limits.v[i], o))
			r = fn(&g->limits.v[i], arg);
	return r;
}

struct lines {
	FILE *f;
	size_t printed;
};

static int print_one(const struct ipc_limit_use *u, void *arg)
{
	struct lines *l = arg;
	AUTO_FREE char *text = limit_sentence(u);

	if (!text)
		return -ENOMEM;
	object_print_line(l->f, l->printed++ ? "" : "limit", text);
	return 0;
}

int limit_gauge_print(FILE *f, const struct limit_gauge *g, const struct ipc_object *o)
{
	struct lines l = { .f = f };

	return each(g, o, print_one, &l);
}

static int add_one(const struct ipc_limit_use *u, void *arg)
{
	return json_array_append_new(arg, limit_json(u)) < 0 ? -ENOMEM : 0;
}

json_t *limit_gauge_json(const struct limit_gauge *g, const struct ipc_object *o)
{
	json_t *all = json_array();

	if (all && each(g, o, add_one, all) < 0) {
		json_decref(all);
		return NULL;
	}
	return all;
}
