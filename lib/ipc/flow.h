/*
 * Bytes from one descriptor to another at the copy limit of the kernel: splice(2) where both ends allow
 * it, read(2) and write(2) where it is refused. Memory is flat at any length.
 *
 * A flow is driven by steps, so that one poll(2) loop can have many: a step moves what can be moved
 * now and never blocks, whether the descriptors are non-blocking or not (they may be shared with others,
 * so their flags are left alone); only a terminal or a file that is slow to write to holds it up. splice(2) from
 * a regular file is never used: bytes that are written over later would be delivered (KERNEL).
 */
#pragma once

#include "ipc/deadline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Use the functions; moved, held, in_ended and out_failed may be read. */
struct flow {
	int in, out;     /* not owned */
	uint64_t moved;  /* bytes written to out */
	size_t held;     /* bytes read from in and not yet written to out */
	bool in_ended;   /* the end of the input was seen */
	bool out_failed; /* the error that a step returned was one of writing */
	/* The rest is for flow.c. */
	unsigned char way, in_type, out_type;
	bool in_blocks, out_blocks; /* O_NONBLOCK is not set */
	bool no_nowait;             /* RWF_NOWAIT is refused by out */
	unsigned char refusals;     /* steps in a row in which both ends were ready and nothing moved */
	unsigned wants;
	int pipe[2];
	char *buffer;
	size_t start;
};

#define FLOW_NONE                                                                                            \
	{                                                                                                    \
		.in = -1, .out = -1, .pipe = { -1, -1 }                                                      \
	}

/** Begins a flow; allocates nothing yet. */
void flow_init(struct flow *f, int in, int out);
void flow_clear(struct flow *f);

#define AUTO_FLOW __attribute__((cleanup(flow_clear), unused))

enum {
	FLOW_WANTS_IN = 1,  /* poll f->in for POLLIN */
	FLOW_WANTS_OUT = 2, /* poll f->out for POLLOUT */
	FLOW_ENDED = 4,     /* the input has ended and all of it is out */
};

/**
 * Moves what can be moved without waiting, at most about a megabyte, so that others get their turn.
 *
 * Returns FLOW_... (0: step again, there was more), or -errno: what reading or writing said; -EPIPE if
 * nobody reads out any more (f->held bytes were taken and are lost).
 */
int flow_step(struct flow *f);

/** What f waits for, as events for poll(2) on f->in and f->out: 0 where it is only errors and a hang-up. */
short flow_in_events(const struct flow *f);
short flow_out_events(const struct flow *f);

/**
 * Waits for what f wants, behind a step that returned it. Returns 0 or -errno: also -EPIPE if nobody can take what
 * is still to come, -ETIMEDOUT, -EAGAIN, -EINTR at a signal.
 */
int flow_await(const struct flow *f, struct ipc_deadline deadline);

/**
 * Runs a flow to its end.
 *
 * idle_ns: how long each wait may last
 * Returns 0 or -errno: also -ETIMEDOUT, -EAGAIN, -EINTR at a signal, and then it can be gone on with.
 */
int flow_run(struct flow *f, int64_t idle_ns);

/**
 * Makes the pipe that fd is hold more, so that who writes and who reads it take turns less often. Does nothing
 * to what is no pipe, to a larger one, or where the kernel refuses.
 */
void flow_widen(int fd);
