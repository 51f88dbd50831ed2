/* What a profile declares and what is there: check, up and down. */
#pragma once

#include "cli/profile.h"

enum { PROFILE_ORIGIN_SIZE = 17 };

/** What stands in the ledger for objects that were made for this profile: told apart by its path, and by whom they are for. */
void profile_origin(const struct profile *p, const char *on_behalf, char ret[static PROFILE_ORIGIN_SIZE]);

/** Whether `up` makes it: sockets are made by their servers, external objects by somebody else. */
bool profile_is_ours(const struct profile_object *o);

/** The selector of an object as it is now: a key may be made of a file that was not there before. */
int profile_selector(struct ipc_ctx *ctx, const struct profile_object *o, struct ipc_selector *ret);

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
/** Says what is wrong with it. differs: the status of a difference. Returns the exit status. */
int profile_say_state(const struct profile_object *o, const struct profile_state *s, int differs);

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

/**
 * Makes what is missing, runs a program, and removes what was made for it: also when this process is killed. The
 * program gets the profile's path in IPCCTL_PROFILE.
 *
 * Returns the exit status: the program's own.
 */
int profile_run(struct ipc_ctx *ctx, const struct profile *p, char **argv);

/** Removes what `up` made. remove_flags: REMOVE_...; dry: only shows it. Returns the exit status. */
int profile_down(struct ipc_ctx *ctx, const struct profile *p, unsigned remove_flags, bool dry);
