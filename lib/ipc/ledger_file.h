/* The files that ledgers are, and their directories. Private to ledger.c. */
#pragma once

#include "ipc/ctx.h"

#include <sys/stat.h>

/* A longer one is not read, and one that comes to a multiple of the other is looked through for what is gone. */
enum { LEDGER_MAX = 1 << 20, LEDGER_STEP = 64 << 10 };

/* One place where a user's ledger can be. */
struct ledger_place {
	uid_t owner;
	char dir[64];     /* unless path is given */
	const char *path; /* the directory that holds the ledger's own; not owned */
};

enum { LEDGER_PLACES = 3 };

/**
 * Where the ledger of a user can be, in the order in which it is looked for.
 * Returns how many places: at most LEDGER_PLACES.
 */
size_t ledger_places(const struct ipc_ctx *ctx, uid_t owner, struct ledger_place ret[static LEDGER_PLACES]);

/**
 * Opens a ledger to read it, if it is the user's own: a regular file of his that nobody else may write, in such a
 * directory, through no symbolic link.
 * Returns a descriptor or -errno: -ENOENT; -EACCES if it may be there and may not be read; -EPERM if it can't be
 * believed, -EFBIG.
 */
int ledger_open(const struct ledger_place *place, struct stat *ret);

/**
 * Opens the caller's ledger to add to it, made if it is not there; it is locked until it is closed.
 *
 * ret_dirfd: its directory; the caller closes it
 * Returns a descriptor or -errno.
 */
int ledger_open_to_add(const struct ledger_place *place, int *ret_dirfd);

/** Puts another content in the place of the caller's ledger, which is locked. Returns 0 or -errno. */
int ledger_replace(int dirfd, const struct ledger_place *place, const char *text, size_t len);
