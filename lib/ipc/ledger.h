/*
 * What ipcctl made, by identity: a note for each object that `create` makes, so that it is known for the object's life
 * that somebody meant it to stay (verdict.h, meant), though whoever made it has left at once.
 *
 * Each user has a ledger, a file in a directory of his own: /run/ipcctl for root, else ipcctl in $XDG_RUNTIME_DIR or
 * /run/user/UID/ipcctl, and /tmp/ipcctl-UID. The latter is for who does not know his $XDG_RUNTIME_DIR, and for the time
 * after he logged out, when that is gone; root has it only where the first one can't be written. A note in it is a line
 * of text. A ledger is believed only about what its owner owns, root's about everything: a hostile one
 * can at worst keep its owner's own objects.
 */
#pragma once

#include "ipc/kind.h"

/* The longest line, with its newline: a path of PATH_MAX bytes, escaped, is no longer. */
enum { LEDGER_LINE_MAX = 20480 };

struct ledger_note {
	char boot[37]; /* boot_id: random(4); no object is meant that was noted in another one */
	const struct ipc_kind *kind;
	uint64_t place;  /* of a file: the device; of a System V object: the inode of its IPC namespace */
	uint64_t number; /* the inode; the identifier */
	int64_t made;    /* nanoseconds since 1970 */
	const char *selector; /* in the line; what its name was, to find out whether it is gone */
};

/**
 * Reads a line of a ledger.
 *
 * line: without its newline
 * Returns whether it is a note. Nothing in it can be relied upon but the form.
 */
bool ledger_parse(const char *line, struct ledger_note *ret);

/** The line of a note, with its newline; the caller frees it. NULL without memory. */
char *ledger_format(const struct ledger_note *note);

/**
 * Notes an object that was just made, in the ledgers of the effective user. Without ctx->ledger nothing is noted.
 *
 * object: as it was looked at
 * Returns 0 or -errno; ctx->ledger_error remembers the latter, since nothing is wrong with the object.
 */
int ledger_add(struct ipc_ctx *ctx, const struct ipc_object *object);

/** Whether the object was made by ipcctl, as far as the ledgers of its owner, of root and of the caller tell. */
struct ipc_fact ledger_meant(struct ipc_ctx *ctx, const struct ipc_object *object);

/** The next question reads again what has changed. */
void ledger_forget(struct ipc_ctx *ctx);

/** Frees what was read. */
void ledger_clear(struct ipc_ctx *ctx);
