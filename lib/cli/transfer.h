/*
 * Messages between channels and standard input and output, and from channel to channel: what send,
 * recv, peek and move have in common whatever carries the messages. Each call says itself what went wrong
 * and returns the exit status.
 *
 * name: the object as the user wrote it, printable
 */
#pragma once

#include "cli/records.h"
#include "ipc/layout.h"

enum { PRIORITY_MAX = 32767 }; /* MQ_PRIO_MAX - 1 */

/* The number that goes with each message: a priority or a type. */
struct cli_tag {
	bool given; /* else a record's own number counts, if it has one */
	int64_t number;
};

/** Sends each operand as a message. */
int cli_send_operands(
	struct ipc_channel *c, const char *name, const struct cli_tag *tag, int argc, char **argv);

/** Sends standard input, record by record. */
int cli_send_input(struct ipc_channel *c, const char *name, const struct cli_tag *tag);

/** Sends one message that is ready, with a closing NUL if --text asks for it. */
int cli_send_message(
	struct ipc_channel *c, const char *name, const struct cli_tag *tag, const void *data, size_t len);

/* Which messages, and how many. */
struct cli_amount {
	struct ipc_filter filter;
	uint64_t count; /* at most so many */
	bool drain;     /* end when there are no more */
};

/* How messages are printed. */
struct cli_print {
	enum framing framing;
	struct ipc_layout
		*layout; /* NULL: as they are; else their fields, as JSON with FRAMING_JSON; owned */
};

static inline void cli_print_clear(struct cli_print *p)
{
	ipc_layout_free(p->layout);
	p->layout = NULL;
}

#define AUTO_PRINT __attribute__((cleanup(cli_print_clear), unused))

/**
 * Prints messages as they are taken. What was taken and could not be printed is put back, and what
 * could not be put back is said to be lost.
 */
int cli_receive(struct ipc_channel *c, const char *name, const struct cli_amount *amount,
	const struct cli_print *print);

/** Prints messages without taking them. */
int cli_peek(struct ipc_channel *c, const char *name, uint64_t count, const struct cli_print *print);

/**
 * Takes messages from one channel and sends them to another, which must not be the same object. from must be
 * open for both, since what can't be passed on is put back.
 */
int cli_move(struct ipc_channel *from, const char *from_name, struct ipc_channel *to, const char *to_name,
	const struct cli_amount *amount);
