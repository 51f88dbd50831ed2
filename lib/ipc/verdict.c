#include "ipc/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[STATES] = {
	[STATE_LIVE] = "live",
	[STATE_IDLE] = "idle",
	[STATE_STALE] = "stale",
	[STATE_UNKNOWN] = "unknown",
	[STATE_ORPHAN] = "orphan",
};

const char *ipc_state_name(enum ipc_state state)
{
	return state_names[state];
}

char *ipc_reason_text(const struct ipc_reason *reason)
{
	const char *mark = strchr(reason->text, '#');
	char *text = NULL;

	if (!mark)
		return strdup(reason->text);
	int before = (int)(mark - reason->text);
	return asprintf(&text, "%.*s%" PRId64 "%s", before, reason->text, reason->number, mark + 1) < 0
		? NULL
		: text;
}

static bool was_left_behind(const struct ipc_facts *f)
{
	return f->used.answer == ANSWER_YES && f->maker.answer == ANSWER_NO && f->users.answer == ANSWER_NO &&
		f->meant.answer == ANSWER_NO;
}

static enum ipc_state state_of(const struct ipc_facts *f)
{
	if (f->named.answer == ANSWER_NO)
		return STATE_ORPHAN;
	if (f->held.answer == ANSWER_YES || f->users.answer == ANSWER_YES)
		return STATE_LIVE;
	if (f->held.answer == ANSWER_UNKNOWN)
		return STATE_UNKNOWN;
	return f->spent.answer == ANSWER_YES || was_left_behind(f) ? STATE_STALE : STATE_IDLE;
}

static void add(struct ipc_reason list[EVIDENCE_MAX], const struct ipc_fact *fact)
{
	size_t i = 0;

	while (i < EVIDENCE_MAX && list[i].text)
		i++;
	if (i < EVIDENCE_MAX && fact->why.text)
		list[i] = fact->why;
}

/* A fact that decides if it has that answer; unknown, it could have. */
static void weigh(struct ipc_verdict *v, const struct ipc_fact *fact, enum ipc_answer deciding)
{
	if (fact->answer == ANSWER_UNKNOWN)
		add(v->unseen, fact);
	else if (fact->answer == deciding)
		add(v->evidence, fact);
}

/* What makes a stale object stale, and keeps an idle one from being it. */
static void weigh_leaving(struct ipc_verdict *v, const struct ipc_facts *f)
{
	bool stale = v->state == STATE_STALE;
	enum ipc_answer no = stale ? ANSWER_NO : ANSWER_YES, yes = stale ? ANSWER_YES : ANSWER_NO;

	weigh(v, &f->used, yes);
	weigh(v, &f->maker, no);
	weigh(v, &f->users, no);
	weigh(v, &f->meant, no);
}

struct ipc_verdict ipc_verdict(const struct ipc_facts *facts)
{
	struct ipc_verdict v = { .state = state_of(facts) };

	if (v.state == STATE_ORPHAN)
		add(v.evidence, &facts->named);
	weigh(&v, &facts->held, v.state == STATE_LIVE ? ANSWER_YES : facts->held.answer);
	if (v.state == STATE_LIVE)
		weigh(&v, &facts->users, ANSWER_YES);
	if (v.state == STATE_STALE && facts->spent.answer == ANSWER_YES)
		add(v.evidence, &facts->spent);
	else if (v.state == STATE_STALE || v.state == STATE_IDLE)
		weigh_leaving(&v, facts);
	return v;
}
