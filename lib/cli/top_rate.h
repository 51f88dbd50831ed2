/*
 * What can be told of the traffic through an object from two looks at it. The kernel counts what passes through a TCP
 * socket; of a queue it only tells how much is in it, so that there the figure is by how much it fills or empties.
 */
#pragma once

#include "ipc/kind.h"

enum top_rate_what {
	RATE_ABSENT,   /* nothing that could be counted */
	RATE_UNKNOWN,  /* not looked at twice yet, or it could not be read */
	RATE_PASSED,   /* bytes that passed, in both directions */
	RATE_MESSAGES, /* messages more or less than before */
	RATE_BYTES,    /* bytes more or less than before */
};

struct top_rate {
	enum top_rate_what what;
	double per_second;
	bool bytes_known; /* with RATE_MESSAGES */
	double bytes_per_second;
	bool used; /* the kernel says that it was used in between */
};

/** What changed. before NULL: it was not looked at before; ns: the time between the looks, over 0. */
struct top_rate top_rate_between(const struct ipc_object *before, const struct ipc_object *now, int64_t ns);

enum { RATE_TEXT_MAX = 32 };

/** For a column: "+12 msg/s", "-3.4K/s"; "busy" for what was used and holds as much as before. Returns text. */
const char *top_rate_text(const struct top_rate *rate, char text[RATE_TEXT_MAX]);

/** What rates are ordered by: how fast, whichever way. */
struct ipc_value top_rate_key(const struct top_rate *rate);

/** What the figure says and does not say, a sentence. */
const char *top_rate_meaning(const struct top_rate *rate);
