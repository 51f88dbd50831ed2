/*
 * The files of Unix sockets: those that were found in the directories that are searched, dead ones among
 * them, and those that the kernel's list of sockets names anywhere else. What a socket was bound to is not always where its file
 * is: the name can be relative, lead through /proc/self/fd, or have been renamed since. So a name counts only
 * if it leads to the very file.
 *
 * What is not found in the directories is looked for without asking a server, which may be dead: asking would hang.
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/sockdiag.h"

struct sockfile {
	dev_t dev;
	ino_t ino;
	char *path; /* owned */
};

struct sockfiles {
	struct sockfile
		*v; /* ordered by the lower 32 bits of ino, which is all that a socket tells of it; owned */
	size_t len, room;
	const struct procfds_mounts *mounts; /* while they are looked for; not owned */
};

/**
 * Finds them.
 *
 * d: may be NULL
 * ret: to be cleared with sockfiles_clear()
 * Returns 0 or -errno: -ENOMEM; -ENOSYS without /proc, and then ret has what was found in the directories.
 */
int sockfiles_find(struct ipc_ctx *ctx, const struct sockdiag *d, struct sockfiles *ret);

/** Whether the file that a socket is bound to is one of these. */
bool sockfiles_has(const struct sockfiles *files, const struct sockdiag_unix *s);

void sockfiles_clear(struct sockfiles *files);

#define AUTO_SOCKFILES __attribute__((cleanup(sockfiles_clear), unused))
