/*
 * From facts to the state of an object. Kinds only gather facts; what they mean is decided here, by
 * a pure function that can be tested without a kernel.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* A sentence for `stat`, a string constant; "#" in it stands for the number, mostly a pid. */
struct ipc_reason {
	const char *text; /* NULL: none */
	int64_t number;
};

/** The sentence with its number. The caller frees it; NULL without memory. */
char *ipc_reason_text(const struct ipc_reason *reason);

/*
 * A question with what answers it: evidence when it is answered, what could not be seen when it is not. Without a
 * text nothing is said of it: the question does not arise for this kind of object.
 */
struct ipc_fact {
	enum ipc_answer answer;
	struct ipc_reason why;
};

static inline struct ipc_fact ipc_fact_of(enum ipc_answer answer, const char *text)
{
	return (struct ipc_fact){ answer, { text, 0 } };
}

/** The same for a text that has a "#" in it. */
static inline struct ipc_fact ipc_fact_about(enum ipc_answer answer, const char *text, int64_t number)
{
	return (struct ipc_fact){ answer, { text, number } };
}

struct ipc_facts {
	struct ipc_fact held;  /* some process has it open, mapped, attached, or waits on it */
	struct ipc_fact named; /* its name still leads to it; unknown counts as yes */
	struct ipc_fact spent; /* nobody can ever use it again, whoever made it: the rest of it is waste */
	struct ipc_fact used;  /* it was used since it was made */
	struct ipc_fact maker; /* whoever made it is still there */
	struct ipc_fact users; /* a process that the kernel recorded as its last user is still there */
	struct ipc_fact meant; /* it was made to stay: by ipcctl, or a profile declares it */
};

enum { EVIDENCE_MAX = 8 };

struct ipc_verdict {
	enum ipc_state state;
	struct ipc_reason evidence[EVIDENCE_MAX]; /* what decided it; ended by a NULL text unless full */
	struct ipc_reason unseen[EVIDENCE_MAX]; /* what could not be seen and might have decided otherwise */
};

/**
 * What the facts prove; the first of these that holds:
 *
 * orphan: its name is gone
 * live: it is held, or its recorded user is there
 * unknown: whether it is held is
 * stale: it is spent; or it was used, its maker and its recorded users are gone, and it was not meant to stay.
 *   Each of the four must be proved
 * idle: nothing else
 */
struct ipc_verdict ipc_verdict(const struct ipc_facts *facts);
