/* What passes through a relay, on standard output: for people as bytes in hexadecimal, or as a recording (recording.h). */
#pragma once

#include "ipc/record_out.h"
#include "ipc/recording.h"

enum dump_format { DUMP_NONE, DUMP_HEX, DUMP_JSON };

struct sock_dump {
	enum dump_format format;
	struct record_out out; /* its ready() is for who is held while it is full */
	char *line;            /* room for the text of one event */
	size_t size;
};

/** Begins. */
void sock_dump_init(struct sock_dump *d, enum dump_format format);

/** Before the loop is cleared. */
void sock_dump_clear(struct sock_dump *d);

/**
 * Writes an event, whose time is now.
 *
 * offset: of the data within what this side sent
 * Returns 0 or -errno: what writing said (d->out.error too), -ENOMEM, -EMSGSIZE for more than a recording can hold.
 */
int sock_dump_event(struct sock_dump *d, struct loop *loop, const struct recording_event *e, uint64_t offset);

/** When all has run: says what could not be written. Returns the exit status. */
int sock_dump_end(const struct sock_dump *d);
