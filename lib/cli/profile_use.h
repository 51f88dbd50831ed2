/* The profile of a call: -P or IPCCTL_PROFILE, read when it is first needed. */
#pragma once

#include "cli/profile.h"

/* -P, --profile: of the global options. */
extern const char *arg_profile;

/** Lets %words of the call be looked up, and what is protected be known. Nothing is read yet. */
void profile_offer(struct ipc_ctx *ctx);

/**
 * The profile of the call.
 *
 * ret: not owned; NULL if none is named
 * Returns CLI_OK, or the exit status behind messages: CLI_USAGE if there is something wrong with what it says.
 */
int profile_current(struct ipc_ctx *ctx, const struct profile **ret);

/** The profile of the machine, /etc/ipcctl.yaml: for what it protects and records. *ret NULL: there is none. */
int profile_system(struct ipc_ctx *ctx, const struct profile **ret);

/** The same for a command that can do nothing without. */
int profile_needed(struct ipc_ctx *ctx, const struct profile **ret);

/**
 * What a layout of the profile says: of one by its name, or of an object that an operand names as %word.
 * Returns NULL if there is none; else it is the profile's.
 */
const char *profile_layout_named(struct ipc_ctx *ctx, const char *name);
const char *profile_layout_of(struct ipc_ctx *ctx, const char *operand);

/** Says which profile protects an object. Returns the exit status. */
int profile_say_protected(struct ipc_ctx *ctx, const struct ipc_object *o, const char *name);

/** The object that an operand names as %word; NULL: it is no such operand, or there is no such object. */
const struct profile_object *profile_operand(struct ipc_ctx *ctx, const char *text);
