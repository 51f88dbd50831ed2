/* What the modes of sock_modes.h have to say while they serve, and at the end. */
#pragma once

#include "ipc/record_out.h"
#include "ipc/serve_broadcast.h"
#include "ipc/serve_datagrams.h"
#include "ipc/serve_replay.h"

/* As the modes call them. */
void sock_mode_say_left(struct server_client *c, const struct fanout_subscriber *s, int error);
void sock_mode_say_played(struct server_client *c, const struct replay *r, int error);
void sock_mode_say_trouble(struct server *s, enum datagram_trouble what, const struct peer *p, int error);
void sock_mode_say_message_error(struct server_client *c, int error, const struct ipc_decoder *d);

/** Of what was printed. Returns the exit status. */
int sock_mode_printed(const struct record_out *out);

/** Of what was broadcast. Returns the exit status. */
int sock_mode_sent(const struct serve_broadcast *b);
