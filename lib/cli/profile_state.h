/* What a profile declares and what is there: check, up and down. */
#pragma once

#include "cli/profile.h"

enum { PROFILE_ORIGIN_SIZE = 17 };

/** What stands in the ledger for objects that were made for this profile: told apart by its path. */
void profile_origin(const struct profile *p, char ret[static PROFILE_ORIGIN_SIZE]);

/** Whether `up` makes it: sockets are made by their servers, external objects by somebody else. */
bool profile_is_ours(const struct profile_object *o);

/* One object as it was found. */
struct profile_state {
	int error; /* 0; -ENOENT: it is not there; else why it could not be looked at */
	struct ipc_object object;
	struct ipc_mismatch mismatches[ATTR_COUNT];
	size_t mismatches_len;
};

/** Looks at an object. want: WANT_... ret: to be cleared with profile_state_clear() */
void profile_look(
	struct ipc_ctx *ctx, const struct profile_object *o, unsigned want, struct profile_state *ret);
void profile_state_clear(struct profile_state *s);

#define AUTO_PROFILE_STATE __attribute__((cleanup(profile_state_clear), unused))

/**
 * Compares all that the profile declares with what is there, and tells each difference.
 *
 * missing: what is not there is one
 * differs: the status of a difference
 * Returns CLI_OK, or the exit status of the first that was told.
 */
int profile_compare(struct ipc_ctx *ctx, const struct profile *p, bool missing, int differs);

/** Makes what is missing; if that fails, what was made is taken back. Returns the exit status. */
int profile_up(struct ipc_ctx *ctx, const struct profile *p);

enum { PROFILE_DRY = 1 };

/** Removes what `up` made. remove_flags: REMOVE_...; flags: PROFILE_... Returns the exit status. */
int profile_down(struct ipc_ctx *ctx, const struct profile *p, unsigned remove_flags, unsigned flags);
