/*
 * Programs that are connected by unnamed pipes: which descriptor of which goes where, how they are started and
 * ended, and what all their statuses come to.
 *
 * A chain and a ring are connected directly, one pipe between two programs, and nothing of ours is in the way. Where
 * bytes go to several (spread.h), come from several (linemerge.h), or are counted (measured), there are two
 * pipes with this process between them.
 *
 * The programs stay in the caller's process group, so that signals from the terminal reach them. They die with the thread
 * that started them: PR_SET_PDEATHSIG, since that is the kernel's own doing, costs no process, and
 * can't be killed itself as a guard can.
 */
#pragma once

#include "ipc/deadline.h"
#include "ipc/supervise.h"

#include <stddef.h>
#include <stdint.h>

enum pipeline_shape {
	PIPELINE_CHAIN, /* each one's output is the next one's input */
	PIPELINE_TEE,   /* the first one's output is the input of all others */
	PIPELINE_MERGE, /* the lines of all others are the last one's input */
	PIPELINE_RING,  /* a chain whose last output is the first input */
};

struct pipeline_stage {
	char **argv; /* not owned */
	/* Filled in: */
	struct supervised program;
	bool started, ended;
	int status; /* as of waitpid(2), once it has ended */
	int64_t start_ns, end_ns;
	uint64_t read,
		written;    /* bytes of its input and output that passed through us; see pipeline_count() */
	int64_t holding_ns; /* how long it held the line up: it had input, and the next one waited for it */
};

struct pipeline {
	enum pipeline_shape shape;
	struct pipeline_stage *stages; /* not owned; at least two */
	size_t count;
	bool measured;    /* count bytes, and tell who holds the line up */
	size_t pipe_size; /* wanted; 0: as the kernel makes them */
	char line_end;    /* PIPELINE_MERGE: '\n', or NUL */
	/* Filled in: */
	size_t smallest; /* of the pipes as they are; smaller than wanted where the kernel refuses more */
	bool passes_on;  /* bytes pass through this process */
	/* The rest is for pipeline.c. */
	struct pipeline_ends *ends;
	struct spread *spreads;
	size_t spread_count;
	struct linemerge *merge;
	struct pollfd *fds;
};

/**
 * Starts all programs. Those before it are still running when one can't be started.
 *
 * ret_stage: the one that failed, or p->count if it was no program's fault
 * Returns 0 or -errno.
 */
int pipeline_start(struct pipeline *p, size_t *ret_stage);

/** Frees all but the stages; bytes that are under way are lost. */
void pipeline_clear(struct pipeline *p);

/**
 * Passes bytes on until wake is readable, the deadline has come, or nothing is left to be passed on to
 * anybody and all programs have ended.
 *
 * wake: a descriptor that becomes readable when a child ends: signalfd(2) with SIGCHLD
 * Returns 0 or -errno; not -EINTR.
 */
int pipeline_wait(struct pipeline *p, int wake, struct ipc_deadline deadline);

/** Looks which programs have ended. Returns how many still run. */
size_t pipeline_reap(struct pipeline *p);

/** Whether bytes that the programs have written are still under way, to somebody who may read them. */
bool pipeline_holds(const struct pipeline *p);

/**
 * Whether all that still run are stopped, and at least one does: what a shell takes for a stopped job. One that got
 * SIGSTOP does not count: that is somebody else's doing, not the terminal's.
 */
bool pipeline_stopped(const struct pipeline *p);

/**
 * Sends a signal to all that still run.
 *
 * ret_stage: the first that did not get it; may be NULL
 * Returns 0 or -errno: -EPERM for one that became another user's.
 */
int pipeline_kill(struct pipeline *p, int signal, size_t *ret_stage);

/** Whether a stage has failed in a way that is no failure: by SIGPIPE, upstream of one that succeeded. */
bool pipeline_forgiven(const struct pipeline *p, size_t stage);

/**
 * The exit status of all: that of the rightmost stage that failed and is not forgiven, as a shell has it,
 * else 0. ret_stage: that stage, else p->count; may be NULL.
 */
int pipeline_status(const struct pipeline *p, size_t *ret_stage);

/** Brings read and written of all stages up to date. */
void pipeline_count(struct pipeline *p);
