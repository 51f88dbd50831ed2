/*
 * What a server does with clients whose messages keep their boundaries (SOCK_SEQPACKET): it sends each message back,
 * or prints it as a record.
 */
#pragma once

#include "ipc/record_out.h"
#include "ipc/server.h"

extern const struct server_mode serve_echo_messages_mode;

/* mode_data: a struct serve_messages. */
extern const struct server_mode serve_print_messages_mode;

struct serve_messages {
	struct record_out *out; /* not owned */

	/* One has left, with an error of its connection, or 0; may be NULL. */
	void (*left)(struct server_client *c, int error);

	/* The rest is for serve_messages.c. */
	struct server *server;
	struct message_client *waiting; /* for room in out */
};
