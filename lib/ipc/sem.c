#include "ipc/io.h"
#include "ipc/sem_ops.h"
#include "ipc/semmark.h"

#include <errno.h>

extern const struct ipc_kind ipc_kind_sem_posix, ipc_kind_sem_sysv;

const char ipc_sem_note_name[] = SEMMARK_VARIABLE;

static const struct {
	const struct ipc_kind *kind;
	const struct ipc_sem_ops *ops;
} families[] = {
	{ &ipc_kind_sem_posix, &ipc_sem_posix_ops },
	{ &ipc_kind_sem_sysv, &ipc_sem_sysv_ops },
};

static const struct ipc_sem_ops *ops_of(const struct ipc_kind *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i].kind == kind)
			return families[i].ops;
	return NULL;
}

void ipc_sem_close(struct ipc_sem *s)
{
	if (s->ops)
		s->ops->close(s);
	ipc_selector_clear(&s->selector);
	*s = (struct ipc_sem)SEM_CLOSED;
}

static int open_it(struct ipc_ctx *ctx, const struct ipc_selector *sel, bool change, struct ipc_sem *s)
{
	const struct ipc_sem_ops *ops = ops_of(sel->kind);

	if (!ops)
		return -EOPNOTSUPP;
	int r = ipc_selector_copy(&s->selector, sel);
	if (r == 0)
		r = ops->open(ctx, sel, change, s);
	if (r == 0)
		s->ops = ops;
	return r;
}

int ipc_sem_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, bool change, struct ipc_sem *ret)
{
	AUTO_SEM struct ipc_sem s = SEM_CLOSED;
	int r = open_it(ctx, sel, change, &s);

	/* One that was opened is reported by what is done with it. */
	if (r < 0)
		return ipc_observe_after(
			ctx, &(struct ipc_event){ .type = EVENT_OPEN, .selector = sel, .result = r });
	s.ctx = ctx;
	*ret = s;
	s = (struct ipc_sem)SEM_CLOSED; /* the caller owns it now */
	return 0;
}

/* --- each use is announced and reported --- */

static struct ipc_event begin(struct ipc_sem *s, enum ipc_event_type type, uint64_t count)
{
	struct ipc_event event = { .type = type, .selector = &s->selector, .count = count };

	event.result = ipc_observe_before(s->ctx, &event);
	return event;
}

/* The first error counts: refused by the observer, or of the operation. */
static int end(struct ipc_sem *s, struct ipc_event *event, int r)
{
	event->result = r;
	return ipc_observe_after(s->ctx, event);
}

static int check_units(const struct ipc_sem *s, uint64_t units)
{
	return units == 0 || units > s->ops->step_max ? -ERANGE : 0;
}

int ipc_sem_wait(struct ipc_sem *s, uint64_t units, struct ipc_deadline deadline)
{
	struct ipc_event event = begin(s, EVENT_CHANGE, units);

	if (event.result < 0)
		return event.result;
	int r = check_units(s, units);
	if (r == 0)
		r = s->ops->wait(s, (unsigned)units, deadline);
	return end(s, &event, r);
}

int ipc_sem_wait_zero(struct ipc_sem *s, struct ipc_deadline deadline)
{
	struct ipc_event event = begin(s, EVENT_OPEN, 1);

	return event.result < 0 ? event.result : end(s, &event, s->ops->wait_zero(s, deadline));
}

int ipc_sem_post(struct ipc_sem *s, uint64_t units)
{
	struct ipc_event event = begin(s, EVENT_CHANGE, units);

	if (event.result < 0)
		return event.result;
	int r = check_units(s, units);
	if (r == 0)
		r = s->ops->post(s, (unsigned)units);
	return end(s, &event, r);
}

int ipc_sem_set(struct ipc_sem *s, uint64_t value)
{
	struct ipc_event event = begin(s, EVENT_CHANGE, 1);

	if (event.result < 0)
		return event.result;
	int r = value > s->ops->value_max ? -ERANGE : s->ops->set(s, (unsigned)value);
	return end(s, &event, r);
}

int ipc_sem_get(struct ipc_sem *s, struct ipc_sem_state *ret)
{
	struct ipc_event event = begin(s, EVENT_OPEN, 1);

	return event.result < 0 ? event.result : end(s, &event, s->ops->get(s, ret));
}

int ipc_sem_hold(struct ipc_sem *s, uint64_t units, struct ipc_deadline deadline, bool program,
	struct ipc_sem_hold *ret)
{
	struct ipc_event event = begin(s, EVENT_CHANGE, units);
	struct ipc_sem_hold hold = { .units = (unsigned)units, .guard = GUARD_NONE };

	if (event.result < 0)
		return event.result;
	int r = check_units(s, units);
	if (r == 0)
		r = s->ops->hold(s, (unsigned)units, deadline, program, &hold);
	if (r == 0)
		*ret = hold;
	return end(s, &event, r);
}

int ipc_sem_release(struct ipc_sem *s, struct ipc_sem_hold *hold)
{
	struct ipc_event event = begin(s, EVENT_CHANGE, hold->units);

	/* Giving back is never refused: it would leave others waiting. */
	return end(s, &event, s->ops->release(s, hold));
}

const char *ipc_sem_note(struct ipc_sem *s, const struct ipc_sem_hold *hold, const char *old, char **ret)
{
	char *text = NULL;
	int r = s->ops->note ? s->ops->note(s, hold, old, &text) : 0;

	if (r < 0)
		return NULL;
	*ret = text;
	return ipc_sem_note_name;
}

/* --- holders --- */

int ipc_sem_holders_add(struct ipc_sem_holders *h, const struct ipc_sem_holder *holder)
{
	struct ipc_sem_holder *v = reallocarray(h->v, h->len + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	h->v = v;
	v[h->len++] = *holder;
	return 0;
}

void ipc_sem_holders_clear(struct ipc_sem_holders *h)
{
	for (size_t i = 0; i < h->len; i++)
		free(h->v[i].process.command);
	free(h->v);
	*h = (struct ipc_sem_holders){ 0 };
}

int ipc_sem_holders(struct ipc_sem *s, struct ipc_sem_holders *ret)
{
	AUTO_SEM_HOLDERS struct ipc_sem_holders h = { 0 };
	struct ipc_event event = begin(s, EVENT_OPEN, 1);

	if (event.result < 0)
		return event.result;
	int r = s->ops->holders(s, &h);
	if (r == 0) {
		*ret = h;
		h = (struct ipc_sem_holders){ 0 }; /* the caller owns them now */
	}
	return end(s, &event, r);
}

int ipc_sem_repair(struct ipc_sem *s, struct ipc_sem_repair *repair)
{
	struct ipc_event event = begin(s, EVENT_CHANGE, 1);

	if (event.result < 0)
		return event.result;
	int r = 0;
	if (repair->total != SEM_TOTAL_RECORDED)
		r = repair->total < 0 || (uint64_t)repair->total > s->ops->value_max ? -ERANGE : 0;
	if (r == 0)
		r = s->ops->repair(s, repair);
	return end(s, &event, r);
}
