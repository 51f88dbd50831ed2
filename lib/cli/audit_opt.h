/* --audit: the record of every use, of the command line, the environment, the profile or /etc/ipcctl.yaml. */
#pragma once

#include "ipc/ctx.h"

/* Of the global options. */
extern const char *arg_audit;
extern bool arg_audit_each;

/** Records from now on, if that is asked for anywhere; what must be recorded and can't be is refused. */
void audit_begin(struct ipc_ctx *ctx);
/** Where records would go. *ret NULL: nowhere. Returns CLI_OK, or the exit status behind a message. */
int audit_target(struct ipc_ctx *ctx, const char **ret);
void audit_end(struct ipc_ctx *ctx);
