/*
 * Messages that others cause: a line for each of many would fill a log, and a client decides how many there
 * are. So some at once, and then one a second, which says how many there were in between.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* All zero is one that has said nothing yet. */
struct limiter {
	int64_t refilled_ns;
	unsigned room;
	bool begun;
	uint64_t left_out;
};

/** Whether a line may be said now; one that may not is counted. */
bool limiter_may_say(struct limiter *l);

enum { LEFT_OUT_SIZE = 64 };

/** What to add to the line: "; 12 more like this were not shown", or "". Returns text. */
const char *limiter_left_out(struct limiter *l, char text[static LEFT_OUT_SIZE]);
