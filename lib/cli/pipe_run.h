/* Connected programs from their start to the exit status: signals, time limits, what is said about them. */
#pragma once

#include "ipc/pipeline.h"

struct pipe_run_options {
	int64_t timeout_ns;    /* in all; WAIT_FOREVER: as long as it takes */
	int64_t kill_after_ns; /* between SIGTERM and SIGKILL */
	bool meter;
	const char *report; /* a file, or NULL */
};

/**
 * Runs the stages of p, which has its shape and their words.
 *
 * Returns the exit status behind whatever there was to say, or ends as a signal did.
 */
int pipe_run(struct pipeline *p, const struct pipe_run_options *o);
