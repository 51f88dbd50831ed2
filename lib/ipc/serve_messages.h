/*
 * What a server does with clients whose messages keep their boundaries (SOCK_SEQPACKET): it sends each message back,
 * or prints it as a record. Streams that carry records are printed in the same way, so that those of different
 * clients never mix.
 */
#pragma once

#include "ipc/record_out.h"
#include "ipc/server.h"

extern const struct server_mode serve_echo_messages_mode;

/* mode_data: a struct serve_messages. */
extern const struct server_mode serve_print_messages_mode;

struct serve_messages {
	struct record_out *out; /* not owned */
	int wire;       /* enum framing of the records in a stream; -1: the socket keeps messages apart */
	bool malformed; /* the one client of a server that takes no other sent something else */

	/* One has left, with an error of its connection, or of its records (d, else NULL), or 0; may be NULL. */
	void (*left)(struct server_client *c, int error, const struct ipc_decoder *d);

	/* The rest is for serve_messages.c. */
	struct server *server;
	struct message_client *waiting; /* for room in out */
};
