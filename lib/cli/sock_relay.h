/* sock relay: the clients of one socket, passed on to another. */
#pragma once

#include "cli/command.h"

extern const struct opt sock_relay_opts[];
extern const struct example sock_relay_examples[];

/** argv: the address to listen at, and that of the server. Returns the exit status. */
int sock_run_relay(struct ipc_ctx *ctx, int argc, char **argv);
