/*
 * What a server does that plays a recorded one back: each client gets the next recorded connection. When the last of
 * them has been taken nobody is let in any more, and the server ends with it.
 */
#pragma once

#include "ipc/replay.h"
#include "ipc/server.h"

extern const struct server_mode serve_replay_mode;

/* The mode_data of such a server. */
struct serve_replay {
	struct recording recording; /* owned */
	size_t next;
	uint64_t unlike; /* connections whose client did not send what was recorded */

	/*
	 * A connection has ended; may be NULL.
	 * error: 0, or what sending or receiving said
	 */
	void (*played)(struct server_client *c, const struct replay *r, int error);
};

void serve_replay_clear(struct serve_replay *r);
