/*
 * A server's clients, passed on: for each one there is a connection to another server, and what comes on
 * either side goes out on the other. Each side's end is passed on by itself, so that what answers only at the
 * end of its input does so through a relay too.
 */
#pragma once

#include "ipc/conduit.h"
#include "ipc/server.h"
#include "ipc/sockaddr.h"

extern const struct server_mode serve_relay_mode;

enum relay_way { RELAY_UP, RELAY_DOWN, RELAY_WAYS }; /* from the client, to the client */

/* One client and its connection. */
struct relayed {
	struct server_client *client;
	int fd; /* to the server */
	bool pending;
	size_t at;               /* the next of its addresses */
	struct loop_watch watch; /* of fd */
	struct relay_path {
		struct flow flow;
		struct conduit conduit; /* instead, where what passes is to be seen */
		int wants;
		bool ready, ended;
		int error; /* why it ended early, 0: it did not */
	} paths[RELAY_WAYS];
};

/* The mode_data of such a server. */
struct serve_relay {
	struct ipc_ctx *ctx;
	const struct ipc_selector *to; /* where clients are passed on to */
	int type;                      /* SOCK_STREAM or SOCK_SEQPACKET, of both sides */

	/* What follows is not needed for streams; where it is wanted nothing is spliced. */
	bool pass_fds;
	/* Told of each read; c is &k->paths[WAY].conduit of relayed_of(c, &way). */
	conduit_tap_fn *tap;
	/* Nothing is to be read now, since the tap has no room: until serve_relay_go_on(). */
	bool (*held)(struct serve_relay *v);

	/* For whoever reports; each may be NULL. error: -errno */
	void (*failed)(struct server_client *c, int error, const struct ipc_selector_error *why);
	void (*connected)(struct relayed *k);
	void (*ended)(struct relayed *k, enum relay_way way); /* that side sends no more */
	void (*closed)(struct relayed *k);                    /* its numbers are complete */
	void *data;
};

/** Which client, and which way, a conduit belongs to: for the tap, whose arg is the struct relayed. */
enum relay_way relay_way_of(const struct relayed *k, const struct conduit *c);

/** Bytes that went a way, and those that were read and could not be sent on. */
uint64_t relay_moved(const struct relayed *k, enum relay_way way);
uint64_t relay_lost(const struct relayed *k, enum relay_way way);

/** The tap has room again. */
int serve_relay_go_on(struct server *s);
