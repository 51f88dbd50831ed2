/*
 * Datagrams passed on: for each sender there is a socket of its own that is connected to the server, and
 * what the server answers to it goes back to that sender. Senders without an address share one.
 *
 * A datagram that the server has no room for is kept, and no other is read until it has: so the senders wait, as
 * they would without a relay. An answer that its receiver has no room for waits for itself (dgram.h).
 */
#pragma once

#include "ipc/dgram.h"
#include "ipc/server.h"
#include "ipc/sockaddr.h"

extern const struct server_mode relay_datagrams_mode;

enum relay_datagram_event { RELAY_SENDER, RELAY_DATAGRAM, RELAY_ANSWER, RELAY_FORGOTTEN };

/* The mode_data of such a server. */
struct relay_datagrams {
	struct ipc_ctx *ctx;
	const struct ipc_selector *to; /* where they are passed on to */
	bool pass_fds;

	/*
	 * Told of a new sender, of what passes, and of a sender that is forgotten; may be NULL. A negative return
	 * ends the server with it.
	 * number: of the sender, from 1
	 */
	int (*tap)(struct relay_datagrams *v, enum relay_datagram_event what, uint64_t number,
		const char *data, size_t len, size_t fds);

	/* Nothing is to be read now, since the tap has no room; may be NULL. relay_datagrams_go_on() ends that. */
	bool (*held)(struct relay_datagrams *v);

	/* A datagram is lost; may be NULL. answer: whether it came from the server */
	void (*lost)(struct relay_datagrams *v, bool answer, int error);
	void *data;

	uint64_t passed, answered;
	/* The rest is for relay_datagrams.c. */
	struct server *server;
	struct dgram_socket in; /* of a duplicate of the listening socket, which answers go out by */
	int fd;
	struct relay_sender *senders; /* the one that was used last first */
	size_t senders_len;
	uint64_t numbers;
	char *kept; /* a datagram that the server has no room for yet */
	size_t kept_len, kept_size;
	struct fdpass fds; /* of it */
	struct relay_sender *kept_by;
	struct loop_timer retry;
};

/** Prepares a server that listens; before server_run(). Returns 0 or -errno. */
int relay_datagrams_start(struct relay_datagrams *v, struct server *s);

/** The tap has room again. Returns 0 or -errno, as the tap. */
int relay_datagrams_go_on(struct relay_datagrams *v);

/** To be called before server_clear(). Says that all senders are forgotten. */
void relay_datagrams_clear(struct relay_datagrams *v);
