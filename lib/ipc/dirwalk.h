/*
 * The FIFOs and socket files of the directories that are searched (the context's dirs): one walk for both
 * kinds. Four levels deep, never across a mount, never through a symbolic link, and never opening anything
 * but directories. What may not be read is left out.
 */
#pragma once

#include "ipc/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct dirwalk_entry {
	mode_t type; /* S_IFIFO or S_IFSOCK */
	dev_t dev;
	ino_t ino;
	char *path; /* begins with the directory as ctx->dirs has it; owned */
};

struct dirwalk {
	struct dirwalk_entry *v; /* owned */
	size_t len;
	bool cut;  /* a directory has more entries than are looked at: some were left out */
	int error; /* -errno: something could not be looked at, and not for want of permission; else 0 */
};

/**
 * What was found, looked for at the first call; ipc_ctx_clear() frees it.
 * Returns 0 or -ENOMEM.
 */
int dirwalk_get(struct ipc_ctx *ctx, const struct dirwalk **ret);

/** Frees a result; NULL is left alone. */
void dirwalk_free(struct dirwalk *w);
