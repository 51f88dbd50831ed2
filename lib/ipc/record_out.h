/*
 * Records that come from many, written to one descriptor from a loop: framing, and an outlet that is waited for.
 */
#pragma once

#include "ipc/framing.h"
#include "ipc/loop.h"
#include "ipc/outlet.h"

struct record_out {
	struct outlet outlet;
	const struct ipc_framing *framing;
	bool escape;    /* a terminal: data is shown with ESCAPE_DISPLAY */
	bool timed;     /* records say when they came, where the framing has a place for it */
	bool ambiguous; /* a record held the byte that separates records: worth one warning */
	uint64_t records;
	int error; /* why writing failed */

	/* It is not full any more (or all is out): to be set by who waits for that. */
	int (*ready)(struct record_out *o, void *arg);
	void *arg;

	/* The rest is for record_out.c. */
	struct loop *loop;
	struct loop_watch watch;
};

/** Begins. escape: whether fd is a terminal */
void record_out_init(struct record_out *o, int fd, enum framing framing, bool escape);

/** Ends it, before the loop; what still waits is lost. */
void record_out_clear(struct record_out *o);

/**
 * Puts a record. It is written by record_out_flush(), or when there is much.
 *
 * loop: where what can't be written now is waited for
 * Returns 0 or -errno, which is o->error too: what writing said, -ENOMEM.
 */
int record_out_put(struct record_out *o, struct loop *loop, const void *data, size_t len);

/** Writes what can be written now; the rest is waited for. Returns 0 or -errno, which is o->error too. */
int record_out_flush(struct record_out *o);

/** Puts text that is ready, and flushes. */
int record_out_text(struct record_out *o, struct loop *loop, const char *text, size_t len);

/** Nothing more is to be put until ready() was called. */
static inline bool record_out_is_full(const struct record_out *o)
{
	return outlet_is_full(&o->outlet);
}

/** Whether something has still to be written. */
static inline bool record_out_waits(const struct record_out *o)
{
	return outlet_waiting(&o->outlet) > 0;
}
