/*
 * What went through a relay, as text: one JSON object a line, written by `sock relay --dump json` and played
 * back by `sock serve --replay`. The keys are in ipcctl-sock(1):
 *
 *	{"time":"…","connection":1,"event":"data","from":"client","size":4,"data":"PING"}
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum recording_event_type {
	RECORDING_CONNECT,
	RECORDING_DATA,
	RECORDING_END,   /* one side sends no more */
	RECORDING_CLOSE, /* both are gone */
	RECORDING_EVENTS,
};

enum recording_side { RECORDING_CLIENT, RECORDING_SERVER, RECORDING_SIDES };

struct recording_event {
	struct timespec time; /* CLOCK_REALTIME */
	bool has_time;
	uint64_t connection; /* from 1 */
	enum recording_event_type type;
	enum recording_side from; /* of data and end */
	const char *data;
	size_t len;
	unsigned fds; /* descriptors that went with it */
};

enum {
	RECORDING_DATA_MAX = 1 << 20, /* bytes that one event may have */
	RECORDING_ROOM = 256,         /* characters for all but the data */
	RECORDING_LINE_MAX = 6 * RECORDING_DATA_MAX + RECORDING_ROOM,
};

/** The word for a side: "client", "server". */
const char *recording_side_name(enum recording_side side);

/**
 * Writes an event as a line.
 *
 * dst: room for 6 * e->len + RECORDING_ROOM bytes
 * Returns the length; no NUL is written.
 */
size_t recording_write(char *dst, const struct recording_event *e);

/* One side's doing within a connection. */
struct recording_step {
	enum recording_side from;
	bool end; /* it sends no more; else data */
	char *data;
	size_t len;
	unsigned fds;
};

struct recording_connection {
	uint64_t number;
	struct recording_step *steps;
	size_t len;
	bool ended[RECORDING_SIDES]; /* that side sends no more */
	bool closed;                 /* nothing may follow */
};

/* Connections in the order in which they began. All zero is an empty one. */
struct recording {
	struct recording_connection *v; /* owned, with all in it */
	size_t len;
	size_t bytes; /* memory it takes */
};

void recording_clear(struct recording *r);

#define AUTO_RECORDING __attribute__((cleanup(recording_clear), unused))

/* What was wrong with the text. */
struct recording_error {
	uint64_t line;    /* from 1 */
	const char *text; /* a constant phrase */
};

/* Memory that a recording may take. */
#define RECORDING_BYTES_MAX ((size_t)256 << 20)

/**
 * Adds a line to what was read before. It is untrusted: whatever it says, memory stays below
 * RECORDING_BYTES_MAX and the line's own.
 *
 * ret_text: what is wrong with it
 * Returns 0 or -errno: -EBADMSG with ret_text set, -EFBIG if the recording is too large, -ENOMEM.
 */
int recording_add(struct recording *r, const char *line, size_t len, const char **ret_text);

/**
 * Reads a recording from a descriptor to its end. Empty lines are skipped.
 *
 * ret: to be cleared with recording_clear()
 * Returns 0 or -errno: also what reading said, -EMSGSIZE for a line over RECORDING_LINE_MAX; for all errors of
 * recording_add() and for this one ret_error is set.
 */
int recording_read(int fd, struct recording *ret, struct recording_error *ret_error);

/** The same with the file of that name. Returns also what opening it said. */
int recording_load(const char *path, struct recording *ret, struct recording_error *ret_error);
