/* --ns and --all-ns: objects of other IPC namespaces. */
#pragma once

#include "cli/command.h"
#include "ipc/nspace.h"

/* --ns PID alone, and both. */
extern const struct opt ns_opts[], all_ns_opts[];

/** Whether --all-ns was given. */
bool ns_all(void);

/**
 * Goes where --ns says; to be called once, before any object is looked at.
 * Returns CLI_OK, or the exit status behind a message.
 */
int ns_go(struct ipc_ctx *ctx);

/** Says that a namespace could not be entered. Returns the exit status. */
int ns_cannot_enter(const struct nspace *ns, int error);

/** Says that the namespaces of some processes could not be seen, if so. */
void ns_tell_unseen(size_t unseen);
