/*
 * The lines of several pipes into one, each whole: two never mix, however long they are.
 *
 * Memory is bounded: a line that is longer than the room for one is passed on as it comes, and the other pipes
 * wait until its end was seen. A last line without an end gets one.
 *
 * Nothing here waits. The caller polls, steps, and polls again.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes [start, whole) are lines that may go out, [whole, len) the beginning of one. */
struct linemerge_input {
	int fd;         /* the read end of a pipe; owned; -1: it has ended */
	uint64_t bytes; /* read */
	/* The rest is for linemerge.c. */
	char *data;
	size_t start, whole, len;
	bool inside; /* of a line whose beginning is out already */
};

enum linemerge_wait { LINEMERGE_WAITS_IN, LINEMERGE_WAITS_OUT, LINEMERGE_ENDED };

struct linemerge {
	struct linemerge_input *inputs;
	size_t count;
	int out;        /* the write end of a pipe; owned; -1: closed */
	char end;       /* of a line: '\n', or NUL */
	uint64_t bytes; /* written */
	enum linemerge_wait waits;
	/* The rest is for linemerge.c. */
	size_t current, last; /* whose lines go out now (count: nobody's), and whose did before */
};

/**
 * Begins. The descriptors, which become non-blocking, are its own from now on, also if this fails.
 *
 * in: count read ends
 * Returns 0 or -errno.
 */
int linemerge_init(struct linemerge *m, const int *in, size_t count, int out, char end);
void linemerge_clear(struct linemerge *m);

/** What to wait for: count + 1 entries, of which fd is -1 where there is nothing. Returns how many. */
size_t linemerge_poll(const struct linemerge *m, struct pollfd *fds);

/**
 * Moves what can be moved now; fds is as poll(2) left it, NULL before the first time.
 *
 * Returns 1 if there may be more to move at once, 0 if m->waits says what for, or -errno.
 */
int linemerge_step(struct linemerge *m, const struct pollfd *fds);
