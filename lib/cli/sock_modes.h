/*
 * What sock serve does beside streams to a program, back, or to standard output: datagrams and messages that keep their
 * boundaries, broadcasts, and recorded servers.
 */
#pragma once

#include "cli/command.h"
#include "ipc/record_out.h"
#include "ipc/serve_broadcast.h"
#include "ipc/serve_datagrams.h"
#include "ipc/serve_messages.h"
#include "ipc/serve_replay.h"

/* --type. */
extern const struct opt sock_listen_type_opts[];

/* The same, --broadcast, --slow, --replay, -F and -J. */
extern const struct opt sock_mode_opts[];

/** SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET, as --type says. */
int sock_mode_type(void);

/**
 * Whether the options go together.
 *
 * program: whether there is one
 * Returns CLI_OK, or CLI_USAGE behind a message.
 */
int sock_mode_check(bool program, bool echo);

/* The mode that was chosen, and what it works with; all zero: none. */
struct sock_mode {
	const struct server_mode *mode; /* NULL: one of those that this file knows nothing about */
	void *data;
	bool prints;
	struct record_out out;
	struct serve_messages messages;
	struct serve_datagrams datagrams;
	struct serve_broadcast broadcast;
	struct serve_replay replay;
};

/**
 * Chooses the mode and prepares it; s->mode and s->mode_data are the caller's to set.
 *
 * program: prepared, or NULL
 * ended: told of each program that runs for a datagram
 * m: must stay where it is
 * Returns CLI_OK, or the exit status behind a message.
 */
int sock_mode_choose(struct sock_mode *m, struct serve_program *program, bool echo,
	void (*ended)(struct server *s, int status));

/** When it listens. Returns 0 or -errno. */
int sock_mode_start(struct sock_mode *m, struct server *s);

/** When it has run: says what there is to be said of the end. Returns the exit status. */
int sock_mode_end(struct sock_mode *m);

/** Before and behind server_clear(). */
void sock_mode_stop(struct sock_mode *m);
void sock_mode_clear(struct sock_mode *m);
