#include "cli/limiter.h"

#include "ipc/deadline.h"

#include <inttypes.h>
#include <stdio.h>

enum { LINES = 10, LINE_S = 1 };

bool limiter_may_say(struct limiter *l)
{
	int64_t now = ipc_now_ns();

	if (!l->begun) {
		*l = (struct limiter){ .begun = true, .room = LINES, .refilled_ns = now };
	} else if (l->room < LINES && now - l->refilled_ns >= LINE_S * NSEC_PER_SEC) {
		uint64_t more = (uint64_t)(now - l->refilled_ns) / (LINE_S * NSEC_PER_SEC);
		l->room = more >= LINES - l->room ? LINES : l->room + (unsigned)more;
		l->refilled_ns = now;
	}
	if (l->room == 0) {
		l->left_out++;
		return false;
	}
	l->room--;
	return true;
}

const char *limiter_left_out(struct limiter *l, char text[static LEFT_OUT_SIZE])
{
	text[0] = '\0';
	if (l->left_out > 0)
		snprintf(text, LEFT_OUT_SIZE, "; %" PRIu64 " more like this were not shown", l->left_out);
	l->left_out = 0;
	return text;
}
