/*
 * What a server does with datagrams: it sends each back to its sender, prints it as a record, or runs a program for it,
 * with the datagram as standard input. What the program prints is the answer, if the sender has an address;
 * else it goes where the server's own output goes.
 *
 * Each datagram is judged by the server's rules. As many programs run at once as the server may have clients;
 * then datagrams wait in the socket, and when that is full their senders do.
 */
#pragma once

#include "ipc/dgram.h"
#include "ipc/record_out.h"
#include "ipc/serve_program.h"

extern const struct server_mode serve_datagrams_mode;

enum datagram_trouble {
	DATAGRAM_TOO_LARGE,   /* it was lost */
	DATAGRAM_NO_ADDRESS,  /* --echo, and the sender has none */
	DATAGRAM_UNANSWERED,  /* the answer could not be sent */
	DATAGRAM_NO_PROGRAM,  /* which could not be started: it was lost */
	DATAGRAM_LONG_ANSWER, /* a program printed more than a datagram may have */
};

/* The mode_data of such a server: with neither of out and program, datagrams are sent back. */
struct serve_datagrams {
	struct record_out *out;        /* not owned */
	struct serve_program *program; /* not owned; its ended() is not called */

	/* A program has ended, with its status as of waitpid(2). */
	void (*ended)(struct server *s, int status);

	/* error: -errno, or 0 */
	void (*trouble)(struct server *s, enum datagram_trouble what, const struct peer *p, int error);

	uint64_t taken; /* datagrams that were admitted */
	/* The rest is for serve_datagrams.c. */
	struct server *server;
	struct datagram_source *sources; /* one for each listener */
	size_t sources_len;
	struct datagram_job *jobs;
	size_t jobs_len;
	struct loop_timer retry;
	bool resting; /* nothing is read until there is room again */
};

/** Prepares a server that listens; before server_run(). Returns 0 or -errno. */
int serve_datagrams_start(struct serve_datagrams *d, struct server *s);

/** To be called before server_clear(). */
void serve_datagrams_clear(struct serve_datagrams *d);
