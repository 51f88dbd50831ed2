/* The verb serve of sock: its options, and what it does. */
#pragma once

#include "cli/command.h"

extern const struct opt sock_serve_opts[];
extern const struct example sock_serve_examples[];

/** argv: the address, and the program with its arguments that runs for each client. Returns the exit status. */
int sock_serve(struct ipc_ctx *ctx, int argc, char **argv);
