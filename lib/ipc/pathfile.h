/*
 * FIFOs and socket files: what a path names in the file system is looked at, changed and removed as exactly
 * the file that was seen. Links on the way to its directory are followed, as they are for every program; the
 * file itself is never opened (KERNEL: opening a FIFO wakes or kills others), and is never a link.
 *
 * The selector of each has FORM_PATH. type is S_IFIFO or S_IFSOCK.
 */
#pragma once

#include "ipc/aside.h"
#include "ipc/kind_ops.h"

#include <sys/stat.h>

/**
 * Opens the directory that a path lies in, with O_PATH.
 *
 * ret_name: the last part, within path
 * Returns a descriptor, which the caller closes, or -errno: -EISDIR if the path ends as that of a directory.
 */
int pathfile_directory(const char *path, const char **ret_name);

/**
 * Pins the file: a descriptor with O_PATH.
 *
 * ret: may be NULL
 * Returns it, to be closed by the caller, or -errno: -ELOOP for a symbolic link, -EMEDIUMTYPE for anything else
 * that is not of this type.
 */
int pathfile_pin(const char *path, mode_t type, struct stat *ret);

/** The same for the file that was looked at and no other: -ESTALE if the path leads to another. */
int pathfile_pin_object(const struct ipc_object *object);

/** Fills in the selector and what a file tells: owner, mode, times, dev and inode. Returns 0 or -errno as above. */
int pathfile_stat(const struct ipc_selector *sel, mode_t type, struct ipc_object *ret);

/** Changes the mode of the file that was looked at. Returns 0 or -errno: -ESTALE, -ENOSYS without /proc. */
int pathfile_set_mode(const struct ipc_object *object, mode_t mode);

/** Changes its owner; -1 leaves one. Returns 0 or -errno: -ESTALE. */
int pathfile_set_owner(const struct ipc_object *object, uid_t uid, gid_t gid);

/** Sets the mode of a file that is pinned. Returns 0 or -errno. */
int pathfile_chmod(int fd, mode_t mode);

/** Removes the file that was looked at and no other: see ipc_aside_remove(). */
int pathfile_remove(const struct ipc_object *object, ipc_aside_fn *unused, void *arg);

/**
 * Gives a file whose removal was interrupted its name back, where that is allowed and the name is free.
 *
 * path: ends in the name of one that was put aside; becomes its own path, which is shorter
 * Returns whether it was; nothing is done while a removal is under way in its directory.
 */
bool pathfile_restore(char *path);

/**
 * Waits until something happens to names in the directory of the path, or for 200 ms: what struct ipc_kind_ops
 * asks of await_change, for CONDITION_EXISTS and CONDITION_GONE.
 */
int pathfile_await(
	const struct ipc_selector *sel, enum ipc_condition condition, struct ipc_deadline deadline);
