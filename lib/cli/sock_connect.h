/* sock connect: a connection, in bytes (sock_connect.c) or in records (sock_records.c). */
#pragma once

#include "cli/command.h"
#include "ipc/sockaddr.h"

extern const struct opt sock_connect_opts[];
extern const struct example sock_connect_examples[];

/** Runs the verb. Returns the exit status. */
int sock_run_connect(struct ipc_ctx *ctx, int argc, char **argv);

/* A connection and what is to be said over it. */
struct sock_talk {
	const char *name; /* printable */
	int fd, type;
	int messages_len; /* operands; 0: standard input */
	char **messages;
	bool keep_open;
	uint64_t replies; /* of datagrams */
	bool limited;     /* replies were asked for */
	struct sock_traffic traffic;
};

/**
 * Sends the operands or standard input as records and prints those that come, until the peer closes or there were
 * as many replies as were asked for.
 *
 * Returns the exit status, behind messages.
 */
int sock_converse_records(struct sock_talk *t);

/**
 * Says that a wait for the peer lasted too long.
 * Returns the exit status.
 */
int sock_talk_timed_out(const struct sock_talk *t);

/** Whether reading or writing failed on account of the connection, and not of standard input or output. */
bool sock_talk_is_lost(int error);

/** Why a peer that is gone did not read all that was sent: -errno, or 0 as far as is known. */
int sock_talk_unread(int fd);

/** Closes the sending side, unless it is to be kept open. Returns CLI_OK, or the exit status behind a message. */
int sock_talk_close_sending(const struct sock_talk *t);

/**
 * Says that the peer did not take everything.
 *
 * held: bytes that were read from standard input and not sent
 * Returns the exit status.
 */
int sock_talk_not_taken(const struct sock_talk *t, int error, uint64_t held);

/** The status for a standard output that could not be written to; nobody reading it any more is no error. */
int sock_talk_output_failed(int error);
