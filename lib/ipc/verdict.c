#include "ipc/verdict.h"

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

struct ipc_verdict ipc_verdict(const struct ipc_facts *facts)
{
	struct ipc_verdict v = { .state = STATE_UNKNOWN };

	if (facts->held == ANSWER_UNKNOWN)
		v.unseen[0] = facts->held_source;
	else
		v.evidence[0] = facts->held_source;
	if (facts->named == ANSWER_NO)
		v.state = STATE_ORPHAN;
	else if (facts->held == ANSWER_YES)
		v.state = STATE_LIVE;
	else if (facts->held == ANSWER_NO && facts->spent == ANSWER_YES)
		v.state = STATE_STALE;
	else if (facts->held == ANSWER_NO)
		v.state = STATE_IDLE;
	if (v.state == STATE_STALE)
		v.evidence[v.evidence[0] != NULL] = facts->spent_source;
	return v;
}
