/*
 * Both directions of a connection in one loop: what is sent and what comes wait for each other nowhere. What the
 * directions carry, bytes or records, is the caller's (sock_connect.c, sock_records.c).
 */
#pragma once

#include "cli/sock_connect.h"

struct sock_duplex {
	struct sock_talk *t;
	bool sent, received;     /* that direction has ended */
	bool can_send, can_read; /* worth a try */
	int lost;                /* why sending ended early */

	/*
	 * Send, and print, what can be without waiting. *ret_wants: FLOW_WANTS_... of flow.h, 0 if there is more to do at
	 * once. Each returns CLI_OK, or the exit status behind a message.
	 */
	int (*push)(struct sock_duplex *d, int *ret_wants);
	int (*pull)(struct sock_duplex *d, int *ret_wants);

	/* Bytes that were read from standard input and not sent. */
	uint64_t (*unsent)(const struct sock_duplex *d);
};

/**
 * Runs both directions to their ends, or to the first that fails, a time limit, or a signal that was caught.
 *
 * Returns CLI_OK, or the exit status behind a message (a signal needs none); d->lost is for the caller to tell.
 */
int sock_duplex_run(struct sock_duplex *d);
