/* How fast connected programs pass bytes on, and which one holds the others up: one line on the terminal. */
#pragma once

#include "ipc/pipeline.h"

#include <stdbool.h>

struct pipe_meter {
	struct pipeline *line;
	bool on;
	uint64_t bytes; /* told already */
	int64_t start_ns, marked_ns;
	int64_t *
		held; /* of each stage, when it was marked: who holds the line up now is seen from what was added */
};

/** Begins, if on. Returns 0 or -ENOMEM. */
int pipe_meter_start(struct pipe_meter *m, struct pipeline *line, bool on);
void pipe_meter_clear(struct pipe_meter *m);

/** How long until the line should be looked at again, in nanoseconds; WAIT_FOREVER if there is none. */
int64_t pipe_meter_interval(const struct pipe_meter *m);

/** Shows what has changed. */
void pipe_meter_look(struct pipe_meter *m);

/** Takes the line away and says the sums. */
void pipe_meter_finish(struct pipe_meter *m);
