/* Looks at the objects, once for all limits that a kind counts against, and makes entries of what they add up to. */
#include "ipc/io.h"
#include "ipc/limits_private.h"
#include "ipc/limits_text.h"
#include "ipc/nspace.h"
#include "ipc/recognise.h"

#include <errno.h>
#include <string.h>

int limits_add(struct ipc_limits *to, struct ipc_limit_use *u)
{
	struct ipc_limit_use *v = reallocarray(to->v, to->len + 1, sizeof(*v));

	if (!v) {
		free(u->program);
		free(u->object);
		return -ENOMEM;
	}
	to->v = v;
	v[to->len++] = *u;
	return 0;
}

void ipc_limits_clear(struct ipc_limits *limits)
{
	for (size_t i = 0; i < limits->len; i++) {
		free(limits->v[i].program);
		free(limits->v[i].object);
	}
	free(limits->v);
	*limits = (struct ipc_limits){ 0 };
}

/* --- counting objects --- */

struct counting {
	struct ipc_limits_reading *reading;
	unsigned which;
};

/* A recorded process, and when it was the object's. */
static bool recorded(
	const struct ipc_object *o, struct ipc_value pid, enum ipc_field_id when, struct limits_entry *e)
{
	if (pid.have != HAVE_VALUE || pid.number <= 0)
		return false;
	e->pid = (pid_t)pid.number;
	e->seen_ns = o->common[when].have == HAVE_VALUE ? o->common[when].number : 0;
	return true;
}

/* Who has it now: rather a process of its owner. */
static pid_t holder_of(const struct ipc_object *o)
{
	struct ipc_value uid = o->common[FIELD_UID];

	for (size_t i = 0; i < o->holders_len; i++)
		if (o->holders[i].uid_known && uid.have == HAVE_VALUE &&
			o->holders[i].uid == (uid_t)uid.number)
			return o->holders[i].pid;
	return o->holders_len > 0 ? o->holders[0].pid : 0;
}

/* Who made it, as the kernel recorded it or its name tells, else who used it last; and who has it now, should that one be gone. */
static void find_process(const struct ipc_object *o, struct limits_entry *e)
{
	pid_t maker = ipc_recognise_maker(o);
	struct ipc_value named = { maker > 0 ? HAVE_VALUE : HAVE_ABSENT, maker };

	e->other = holder_of(o);
	if (!recorded(o, o->common[FIELD_CREATOR_PID], FIELD_MODIFIED, e) &&
		!recorded(o, named, FIELD_LAST_USED, e) &&
		!recorded(o, ipc_object_get(o, "last_send_pid"), FIELD_LAST_USED, e))
		recorded(o, o->common[FIELD_LAST_PID], FIELD_LAST_USED, e);
}

static int count_one(
	struct ipc_limits_reading *r, enum ipc_limit_id id, const struct ipc_object *o, struct limits_entry e)
{
	struct ipc_value amount = ipc_limits[id].of_object(o);

	if (amount.have == HAVE_ABSENT || (ipc_limits[id].spares_root && e.uid_known && e.uid == 0))
		return 0;
	if (amount.have == HAVE_UNKNOWN || amount.number < 0) {
		r->tallies[id].least = true;
		return 0;
	}
	e.amount = (uint64_t)amount.number;
	return limits_tally_add(&r->tallies[id], &e);
}

/* In millionths, so that the fuller of two that are nearly full is found. */
static uint64_t fullness(const struct ipc_limit_use *u)
{
	return u->use.number > UINT64_MAX / 10000 ? limits_percent(u->use.number, u->max.number)
						  : limits_percent(u->use.number * 10000, u->max.number);
}

static int take_fuller(struct ipc_limits_reading *r, enum ipc_limit_id id, const struct ipc_object *o,
	const struct limits_entry *e)
{
	struct ipc_limit_use u, *most = &r->fullest[id];

	if (!ipc_limit_of_object(id, o, &u))
		return 0;
	if (!ipc_limit_has_percent(&u)) {
		r->tallies[id].least = true;
		return 0;
	}
	if (most->object && fullness(&u) <= fullness(most))
		return 0;
	u.object = ipc_selector_format(&o->selector);
	if (!u.object)
		return -ENOMEM;
	free(most->object);
	u.uid_use = u.use.number;
	*most = u;
	/* One entry: who has the fullest. */
	r->tallies[id].len = 0;
	return limits_tally_add(&r->tallies[id], e);
}

static int count_object(struct ipc_object *o, int error, void *arg)
{
	struct counting *c = arg;
	struct limits_entry e = {
		.uid_known = o->common[FIELD_UID].have == HAVE_VALUE,
		.uid = (uid_t)o->common[FIELD_UID].number,
		.label = o->label,
	};
	int r = 0;

	(void)error; /* what could not be read is unknown */
	find_process(o, &e);
	for (unsigned i = 0; r == 0 && i < LIMITS; i++) {
		if (!(c->which & BIT(i)))
			continue;
		r = ipc_limits[i].scope == SCOPE_OBJECT ? take_fuller(c->reading, i, o, &e)
							: count_one(c->reading, i, o, e);
	}
	return r;
}

/* Those of the limits that objects of the kind count against. */
static unsigned limits_counting(unsigned which, const struct ipc_kind *kind)
{
	unsigned some = 0;

	for (unsigned i = 0; i < LIMITS; i++)
		if (which & BIT(i) && ipc_limits[i].of_object && ipc_limit_concerns(&ipc_limits[i], kind))
			some |= BIT(i);
	return some;
}

static unsigned wanted(unsigned flags)
{
	return WANT_USED | (flags & LIMITS_WHO ? WANT_HOLDERS : 0);
}

static int count_kind(struct ipc_limits_reading *r, const struct ipc_kind *kind)
{
	struct counting c = { .reading = r, .which = limits_counting(r->which, kind) };
	int result = c.which ? ipc_list(r->ctx, kind, wanted(r->flags), count_object, &c) : 0;

	for (unsigned i = 0; result < 0 && i < LIMITS; i++)
		if (c.which & BIT(i))
			r->failed |= BIT(i);
	return result == -ENOMEM ? result : 0;
}

/* Queues count on their maker's limit wherever they are. */
static int count_elsewhere(struct ipc_ctx *ctx, const struct nspace *ns, int error, void *arg)
{
	struct counting *c = arg;
	int r = error;

	(void)ns;
	for (const struct ipc_kind *k = NULL; r == 0 && (k = ipc_kind_next("mq", k)) != NULL;)
		if (ipc_limit_concerns(&ipc_limits[LIMIT_MSGQUEUE], k))
			r = ipc_list(ctx, k, 0, count_object, c);
	if (r < 0)
		c->reading->tallies[LIMIT_MSGQUEUE].least = true;
	return r == -ENOMEM ? r : 0;
}

static int count_other_namespaces(struct ipc_limits_reading *r)
{
	struct counting c = { .reading = r, .which = BIT(LIMIT_MSGQUEUE) };
	size_t unseen;

	if (!(r->which & BIT(LIMIT_MSGQUEUE)) || r->ctx->ns)
		return 0;
	int result = nspace_visit_all(r->ctx, count_elsewhere, &c, &unseen);
	if (result < 0)
		r->tallies[LIMIT_MSGQUEUE].least = true;
	return result == -ENOMEM ? result : 0;
}

/* --- entries --- */

static int add_fullest(struct ipc_limits_reading *r, enum ipc_limit_id id)
{
	struct ipc_limit_use u = r->fullest[id];

	r->fullest[id].object = NULL; /* u owns it now */
	if (!u.object) {
		if (!ipc_limits[id].sysctl && !(r->failed & BIT(id)) && !r->tallies[id].least)
			return 0; /* nothing that could be full */
		u = (struct ipc_limit_use){ .id = id };
		if (ipc_limits[id].sysctl)
			u.max = limits_sysctl_max(&ipc_limits[id]);
		else
			u.max.have = HAVE_UNKNOWN;
		u.use.have = r->failed & BIT(id) || r->tallies[id].least ? HAVE_UNKNOWN : HAVE_VALUE;
	}
	u.use.least = u.use.have == HAVE_VALUE && (r->tallies[id].least || r->failed & BIT(id));
	struct limits_tally *t = &r->tallies[id];
	if (r->flags & LIMITS_WHO && u.object && t->len == 1 && limits_tally_program(t->v, 1, &u) < 0) {
		free(u.object);
		return -ENOMEM;
	}
	u.program_use = u.program ? u.use.number : 0;
	return limits_add(r->to, &u);
}

/* What the objects add up to, unless the kernel told the sum itself. */
static void set_sum(const struct ipc_limits_reading *r, enum ipc_limit_id id, struct ipc_limit_use *u)
{
	const struct limits_tally *t = &r->tallies[id];

	if (u->use.have != HAVE_ABSENT)
		return;
	if (r->failed & BIT(id)) {
		u->use.have = HAVE_UNKNOWN;
		return;
	}
	u->use = limits_amount(ipc_limits[id].scope == SCOPE_USER ? u->uid_use : limits_tally_sum(t));
	u->use.least = t->least || ipc_limits[id].estimate;
}

static int add_sum(struct ipc_limits_reading *r, enum ipc_limit_id id)
{
	const struct ipc_limit *l = &ipc_limits[id];
	struct ipc_limit_use u = { .id = id };

	if (l->total && l->total(&u.use, &u.max) < 0)
		u.use.have = u.max.have = HAVE_UNKNOWN;
	if (l->sysctl)
		u.max = limits_sysctl_max(l);
	if (l->zero_is_none && u.max.have == HAVE_VALUE && u.max.number == 0)
		u.max = limits_max(UINT64_MAX);
	int result = limits_tally_most(&r->tallies[id], r->flags, &u);
	set_sum(r, id, &u);
	if (result == 0 && l->scope == SCOPE_FILESYSTEM) {
		u.object = strdup("/dev/shm");
		result = u.object ? 0 : -ENOMEM;
	}
	if (result < 0) {
		free(u.program);
		return result;
	}
	return limits_add(r->to, &u);
}

static int add_entries(struct ipc_limits_reading *r, enum ipc_limit_id id)
{
	const struct ipc_limit *l = &ipc_limits[id];

	if (l->scope == SCOPE_OBJECT)
		return add_fullest(r, id);
	int result = l->of_processes ? l->of_processes(r, id) : 0;
	return result == 0 ? add_sum(r, id) : result < 0 ? result : 0;
}

/* Whether the processes have to be looked at. */
static bool wants_processes(const struct ipc_limits_reading *r)
{
	for (unsigned i = 0; i < LIMITS; i++)
		if (r->which & BIT(i) && ipc_limits[i].of_processes &&
			(ipc_limits[i].scope != SCOPE_SYSTEM || r->flags & LIMITS_WHO))
			return true;
	return false;
}

static int measure(struct ipc_limits_reading *r)
{
	int result = wants_processes(r) ? limits_walk(r) : 0;

	for (size_t i = 0; result == 0 && ipc_kinds[i]; i++)
		result = count_kind(r, ipc_kinds[i]);
	if (result == 0)
		result = count_other_namespaces(r);
	for (unsigned i = 0; result == 0 && i < LIMITS; i++)
		if (r->which & BIT(i))
			result = add_entries(r, i);
	return result;
}

void ipc_limits_announce(struct ipc_ctx *ctx, unsigned which, unsigned flags)
{
	for (size_t i = 0; ipc_kinds[i]; i++)
		if (limits_counting(which, ipc_kinds[i]))
			ipc_announce(ctx, ipc_kinds[i], wanted(flags));
}

int ipc_limits_measure(struct ipc_ctx *ctx, unsigned which, unsigned flags, struct ipc_limits *ret)
{
	AUTO_LIMITS struct ipc_limits found = { 0 };
	struct ipc_limits_reading r = { .ctx = ctx, .which = which, .flags = flags, .to = &found };

	ipc_limits_announce(ctx, which, flags);
	int result = measure(&r);

	for (unsigned i = 0; i < LIMITS; i++) {
		limits_tally_clear(&r.tallies[i]);
		free(r.fullest[i].object);
	}
	free(r.processes);
	if (result < 0)
		return result;
	*ret = found;
	found = (struct ipc_limits){ 0 }; /* the caller owns it now */
	return 0;
}
