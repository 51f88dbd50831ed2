/*
 * Bytes from one pipe to one or several others, each of which gets all of them: the slowest decides.
 *
 * Pages are passed on by splice(2) and tee(2), and copied only where the kernel refuses these. tee(2) always
 * begins at the first byte that is unread, so it can't go on in the middle when a pipe had room for a part. Hence
 * each of several sinks has a pipe of its own before it, which takes all that the source holds at once, and
 * from where it goes to the sink as that reads.
 *
 * Nothing here waits. The caller polls, steps, and polls again.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spread_sink {
	int out;        /* the write end of a pipe; owned; -1: closed, because it ended or nobody reads */
	uint64_t bytes; /* written to it */
	bool blocked;   /* it had no room */
	/* The rest is for spread.c. */
	int stage[2];
	size_t staged; /* bytes in stage */
	size_t copied; /* bytes of the buffer that it has */
};

enum spread_wait {
	SPREAD_WAITS_IN,  /* for the source */
	SPREAD_WAITS_OUT, /* for a sink */
	SPREAD_ENDED,     /* all is out, or nobody reads any more; everything is closed */
};

struct spread {
	int in; /* the read end of a pipe; owned; -1: closed */
	struct spread_sink *sinks;
	size_t count;
	uint64_t bytes; /* read */
	enum spread_wait waits;
	/* The rest is for spread.c. */
	int null;
	bool refused; /* the kernel refuses splice(2) or tee(2) */
	char *buffer;
	size_t buffer_len;
};

/**
 * Begins. The descriptors, which become non-blocking, are its own from now on, also if this fails.
 *
 * out: count write ends
 * Returns 0 or -errno.
 */
int spread_init(struct spread *s, int in, const int *out, size_t count);
void spread_clear(struct spread *s);

/** What to wait for: at most 1 + count entries, of which fd is -1 where there is nothing. Returns how many. */
size_t spread_poll(const struct spread *s, struct pollfd *fds);

/**
 * Moves what can be moved now, some hundred kilobytes at most; fds is as poll(2) left it.
 *
 * Returns 1 if there may be more to move at once, 0 if s->waits says what for, or -errno.
 */
int spread_step(struct spread *s, const struct pollfd *fds);
