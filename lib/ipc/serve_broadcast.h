/*
 * What a server does with subscribers: all that comes from one descriptor goes to each of them, from the record (or
 * the read) that follows its arrival. What they send is thrown away.
 *
 * Nothing is read before the first of them is there. At the end of the input nobody is let in any more, each gets what
 * waits for it, and then its connection is closed.
 */
#pragma once

#include "ipc/fanout.h"
#include "ipc/framing.h"
#include "ipc/server.h"

extern const struct server_mode serve_broadcast_mode;

/* The mode_data of such a server. */
struct serve_broadcast {
	struct fanout fanout;
	uint64_t taken; /* bytes of the input that were put */
	int error;      /* why reading it ended early: -errno, also those of ipc_decoder_next() */

	/*
	 * A subscriber leaves, with what it got and what it missed; may be NULL.
	 * error: 0, -EOVERFLOW for one that was too slow, or what sending to it said
	 */
	void (*left)(struct server_client *c, const struct fanout_subscriber *s, int error);

	struct ipc_decoder decoder; /* where there are records; its error says what is wrong with the input */
	/* The rest is for serve_broadcast.c. */
	struct server *server;
	int in;
	bool records, messages, ended;
	struct loop_watch source;
	struct loop_timer again;
	char *chunk; /* bytes that were read, or the text of a record */
	size_t chunk_cap, chunk_len;
	const char *piece; /* what is to be put next, if there is room */
};

enum { BROADCAST_WINDOW = 8 << 20 };

/**
 * Prepares it.
 *
 * in: where the bytes come from; stays the caller's
 * framing: how they are records; -1: they are none, which stream sockets alone can carry
 * window: bytes that a subscriber may be behind; a record may have an eighth of it
 */
void serve_broadcast_init(
	struct serve_broadcast *b, int in, int framing, enum fanout_slow slow, size_t window);

/** To be called behind server_clear(). */
void serve_broadcast_clear(struct serve_broadcast *b);

/** Bytes that were read from the input and put nowhere. */
uint64_t serve_broadcast_left_over(const struct serve_broadcast *b);
