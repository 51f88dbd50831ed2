/*
 * A program that runs for one message, which is its standard input: a file in memory, so that nobody has to write while it
 * reads, and it may read it twice. What it prints is gathered, or goes where ours goes.
 */
#pragma once

#include "ipc/loop.h"
#include "ipc/supervise.h"

enum { SERVE_JOB_OUTPUT_MAX = 1 << 20 };

struct serve_job;

/** It has ended; status as of waitpid(2). The job is done with: fn may clear and free it. */
typedef int serve_job_fn(struct serve_job *j, int status);

struct serve_job {
	char *output; /* what it printed, if that was gathered */
	size_t output_len;
	int output_error; /* -EMSGSIZE if it printed more than SERVE_JOB_OUTPUT_MAX; -ENOMEM */
	/* The rest is for serve_job.c. */
	size_t output_size;
	struct loop *loop;
	struct supervised child;
	int pipe;
	struct loop_watch end, out;
	struct loop_timer timer;
	bool hurried;
	serve_job_fn *fn;
};

/**
 * Starts it, in a process group of its own.
 *
 * j: must be zero, and stay where it is until fn was called
 * data, len: its standard input
 * gather: its standard output comes into j->output; else it is ours
 * Returns 0 or -errno, and then nothing was started and nothing is to be cleared.
 */
int serve_job_start(struct serve_job *j, struct loop *loop, char *const *argv, char *const *env,
	const void *data, size_t len, bool gather, serve_job_fn *fn);

/** Asks it to end; two seconds later, or when called again, it is killed. */
void serve_job_hurry(struct serve_job *j);

/** Kills it and waits: fn is not called any more. */
void serve_job_kill(struct serve_job *j);

/** Gives back what it has; it must have ended. */
void serve_job_clear(struct serve_job *j);
