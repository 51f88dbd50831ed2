/*
 * Removing exactly the file that was looked at: a name can lead to another one by now, and the kernel has no
 * "unlink if it is this inode". So the file is first renamed to a name of its own, where it is looked at
 * again, and then unlinked or given its name back (KERNEL, "Order of a removal").
 *
 * While that lasts it has the name ".ipcctl-rm." + its own (or, where somebody has taken that name,
 * ".ipcctl-rm-", eight hexadecimal digits, "." and its own).
 */
#pragma once

#include "ipc/kind.h"

/**
 * Whether a file is what was looked at: by its number, and its birth where both are known.
 *
 * name: "": the file that dirfd is
 * Returns 0 or -errno: -ESTALE if it is another one.
 */
int ipc_aside_check(int dirfd, const char *name, const struct ipc_object *object);

/*
 * Whether nobody has the file, which is out of the way of new users now; name is what it is called
 * meanwhile. Returns 0 or -errno: -EBUSY, -EADDRINUSE if that can't be known.
 */
typedef int ipc_aside_fn(int dirfd, const char *name, void *arg);

/**
 * Removes the file that was looked at.
 *
 * object: its dev and ino, and FIELD_CREATED if that is known
 * unused: asked before it goes; NULL removes it in any case
 * Returns 0 or -errno: -ENOENT; -ESTALE if another file has the name, which was left alone; what unused said;
 * -EREMCHG if the name is too long to be put aside and another file was unlinked; -EEXIST if the file
 * could not get its name back because another took it meanwhile: it is kept under ".ipcctl-rm." and its name.
 */
int ipc_aside_remove(
	int dirfd, const char *name, const struct ipc_object *object, ipc_aside_fn *unused, void *arg);

/** The name of the file that was put aside under this one, or NULL if it is no such name. */
const char *ipc_aside_original(const char *aside);
