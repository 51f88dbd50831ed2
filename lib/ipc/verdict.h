/*
 * From facts to the state of an object. Kinds only gather facts; what they mean is decided here, by
 * a pure function that can be tested without a kernel.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum ipc_state {
	STATE_UNASKED, /* nobody asked for it */
	STATE_LIVE,
	STATE_IDLE,
	STATE_STALE,
	STATE_UNKNOWN,
	STATE_ORPHAN,
	STATES,
};

/** The word for a state, e.g. "live"; NULL for STATE_UNASKED. */
const char *ipc_state_name(enum ipc_state state);

/* The answer to a question of fact. */
enum ipc_answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES };

/* Each source is a sentence for `stat`, a string constant, or NULL. */
struct ipc_facts {
	enum ipc_answer held; /* some process has it open, mapped, attached, or waits on it */
	const char *held_source;
	enum ipc_answer named; /* its name still leads to it */
	enum ipc_answer
		spent; /* nobody can ever use it again, whoever made it: what is left of it is waste */
	const char *spent_source;
};

enum { EVIDENCE_MAX = 8 };

struct ipc_verdict {
	enum ipc_state state;
	const char *evidence[EVIDENCE_MAX]; /* ended by NULL unless full; string constants */
	const char *unseen[EVIDENCE_MAX];   /* what could not be seen */
};

/** What the facts prove. Where they prove nothing the state is unknown, never a guess. */
struct ipc_verdict ipc_verdict(const struct ipc_facts *facts);
