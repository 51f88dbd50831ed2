/* What became of connected programs, as JSON. */
#pragma once

#include "ipc/pipeline.h"

#include <time.h>

struct pipe_report {
	const struct pipeline *line; /* counted: pipeline_count() */
	struct timespec started;     /* CLOCK_REALTIME */
	int64_t start_ns;
	int status; /* of ipcctl */
	bool timed_out;
};

/** The stage that held the line up longest, or line->count if none did. */
size_t pipe_report_holder(const struct pipeline *line);

/** Writes the report to fd. Returns 0 or -errno. */
int pipe_report_write(const struct pipe_report *r, int fd);
