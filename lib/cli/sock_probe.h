/* sock probe: whether somebody is bound to an address. */
#pragma once

#include "cli/command.h"

extern const struct opt sock_probe_opts[];
extern const struct example sock_probe_examples[];

/** Runs the verb. Returns the exit status. */
int sock_run_probe(struct ipc_ctx *ctx, int argc, char **argv);
