/* Sockets that the caller handed over, as systemd and programs like it do. Source: sd_listen_fds(3). */
#pragma once

#include "ipc/ctx.h"

/**
 * The descriptor of the first socket with this name in LISTEN_FDNAMES, or -ENOENT: also if LISTEN_PID is another process.
 * From then on no program that is run gets any of those that were handed over. For struct ipc_ctx.
 */
int handed_find(struct ipc_ctx *ctx, const char *name);
