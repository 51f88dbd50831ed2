/*
 * A recorded server, played back to one client: what it sent is sent again, when the client has sent as
 * much as it had sent then. What the client sends is compared with what was recorded, and taken as it is.
 */
#pragma once

#include "ipc/recording.h"

struct replay {
	int fd;            /* of the connection, not owned */
	bool messages;     /* SOCK_SEQPACKET: a step is a message */
	uint64_t received; /* bytes of the client's */
	uint64_t sent;     /* and to it */
	uint64_t differs;  /* ... where the first of them was that differs; only if different is set */
	bool different;    /* the client sent something else than was recorded */
	bool short_of;     /* the client ended before it had sent all that was recorded */
	bool more;         /* the client sent more than was recorded */
	/* The rest is for replay.c. */
	const struct recording_connection *c;
	size_t step, done; /* the present step, and how many of its bytes are done */
	bool client_ended;
};

/** Begins. c must stay until the end. */
void replay_init(struct replay *r, int fd, bool messages, const struct recording_connection *c);

/**
 * Does what can be done without waiting.
 *
 * Returns FLOW_WANTS_IN, FLOW_WANTS_OUT, FLOW_ENDED (all was played, or the client has gone: close it), or -errno.
 */
int replay_step(struct replay *r);
