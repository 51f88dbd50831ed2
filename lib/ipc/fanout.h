/*
 * One source to many subscribers. What is put is kept once, in a window of bounded size, and each
 * subscriber has its own place in it, so that one that reads slowly costs no memory and holds nobody,
 * unless that is what was asked for.
 *
 * A piece is what is never torn: a record in its framing, or bytes as they were read. Nothing here waits: the
 * caller polls the sockets of those that are behind.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What happens when the window is full and a subscriber has not taken what is oldest in it. */
enum fanout_slow {
	FANOUT_DROP,  /* it misses whole pieces, which are counted; one that is half sent is finished */
	FANOUT_BLOCK, /* the window waits for the slowest */
	FANOUT_CLOSE, /* it is given up: fanout_send() says -EOVERFLOW */
};

struct fanout_piece;

struct fanout_subscriber {
	int fd;                 /* a socket; not owned */
	bool messages;          /* each piece is a message of its own (SOCK_SEQPACKET) */
	bool blocked;           /* the socket took no more: poll for POLLOUT, then clear it */
	uint64_t next;          /* the number of the next piece it gets */
	uint64_t pieces, bytes; /* sent */
	uint64_t dropped;       /* pieces that it missed */
	/* The rest is for fanout.c. */
	struct fanout_piece *half; /* the piece that is partly sent */
	size_t sent;               /* bytes of it */
	struct fanout_subscriber *prev, *after;
};

/* Use the functions; next and held may be read. */
struct fanout {
	enum fanout_slow slow;
	size_t limit; /* bytes that the window may hold */
	size_t held;
	uint64_t first, next; /* numbers of the oldest piece in the window and of the next that is put */
	uint64_t unheard;     /* pieces that were put while nobody was there */
	/* The rest is for fanout.c. */
	struct fanout_piece **window;
	size_t window_cap; /* a power of two */
	struct fanout_subscriber *subscribers;
};

/** Begins; allocates nothing yet. limit: bytes in the window, and the longest piece */
void fanout_init(struct fanout *f, enum fanout_slow slow, size_t limit);

/** Frees all; the subscribers must have left. */
void fanout_clear(struct fanout *f);

#define AUTO_FANOUT __attribute__((cleanup(fanout_clear), unused))

/** Adds a subscriber, which gets what is put from now on. s must stay where it is. */
void fanout_join(struct fanout *f, struct fanout_subscriber *s, int fd, bool messages);

/** Takes it out, with what it missed counted to the end. One that never joined is left alone. */
void fanout_leave(struct fanout *f, struct fanout_subscriber *s);

/**
 * Whether a piece of len bytes can be put: always but with FANOUT_BLOCK, where nobody being there is no
 * room either.
 */
bool fanout_has_room(struct fanout *f, size_t len);

/**
 * Puts a piece, which is copied. A piece of no bytes reaches only who takes messages.
 *
 * Returns 0 or -errno: -EMSGSIZE over the limit, -EAGAIN without room, -ENOMEM.
 */
int fanout_put(struct fanout *f, const void *data, size_t len);

/**
 * Sends a subscriber what it can take now.
 *
 * Returns 0 (s->blocked says whether there is more), or -errno: what send(2) said, -EOVERFLOW with FANOUT_CLOSE
 * for one that is a window behind. It is to leave then.
 */
int fanout_send(struct fanout *f, struct fanout_subscriber *s);

/** Whether it has all that was put. */
bool fanout_is_done(const struct fanout *f, const struct fanout_subscriber *s);
