/* Why an object was not removed, in words. */
#pragma once

#include "ipc/kind.h"

/**
 * Says why an object stays, with those who have it, and what would help.
 *
 * name: its selector, printable
 * error: what ipc_remove() or ipc_remove_refusal() returned
 * Returns the exit status.
 */
int refusal_say(struct ipc_ctx *ctx, const struct ipc_object *o, const char *name, int error);
