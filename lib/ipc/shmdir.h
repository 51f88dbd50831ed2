/*
 * The directory /dev/shm, where POSIX segments and named semaphores live as files: everybody may
 * write there, so what is found is not trusted. Symbolic links are never followed, and nothing is
 * opened but regular files; a new file appears whole, or not at all; what is removed is the file
 * that was looked at, and no other with its name.
 *
 * While a file is being removed it has the name ".ipcctl-rm." + its own for a moment (or, where somebody
 * has taken that name, ".ipcctl-rm-", eight hexadecimal digits, "." and its own). If the process
 * is killed then, nothing is lost: every listing first gives such files their names back, where that
 * is allowed and the name is free.
 */
#pragma once

#include "ipc/deadline.h"
#include "ipc/kind_ops.h"

#include <sys/stat.h>

/* A file of such a name, with something behind it, and at least this size is a semaphore (glibc, 64-bit); any other regular file a segment. */
#define SHMDIR_SEM_PREFIX "sem."
enum { SHMDIR_SEM_SIZE = 32 };

/** Whether the file is a semaphore by its form: a regular file, its name, and its size. */
bool ipc_shmdir_is_sem(const char *name, mode_t mode, uint64_t size);

/** Opens the directory, of the namespace that ctx is in (nspace.h). Returns a descriptor, which the caller closes, or -errno. */
int ipc_shmdir_open(struct ipc_ctx *ctx);

/**
 * Opens a file without following links, blocking, or touching what is no regular file.
 *
 * access: O_RDONLY, O_WRONLY, O_RDWR, or O_PATH for looking only
 * ret: may be NULL
 * Returns a descriptor, which the caller closes, or -errno: -ELOOP for a symbolic link, -EMEDIUMTYPE
 * for anything else that is no regular file.
 */
int ipc_shmdir_entry(int dirfd, const char *name, int access, struct stat *ret);

/** The same for who only looks: where somebody holds a lease on the file he soon gets -EAGAIN. ctx: may be NULL; see lease.h. */
int ipc_shmdir_look(struct ipc_ctx *ctx, int dirfd, const char *name, int access, struct stat *ret);

/**
 * Names the semaphores of the directory, or all its other regular files, which are segments.
 *
 * ctx, kind, fn, arg: as for the list of struct ipc_kind_ops
 */
int ipc_shmdir_list(
	struct ipc_ctx *ctx, const struct ipc_kind *kind, bool semaphores, ipc_name_fn *fn, void *arg);

/** Fills in what a file tells: owner, mode, size, use, times, dev and inode. Returns 0 or -errno as above. */
int ipc_shmdir_stat(int dirfd, const char *name, struct ipc_object *ret);

/** Makes a file that has no name yet, to be filled and published. Returns a descriptor or -errno. */
int ipc_shmdir_draft(int dirfd);

/**
 * Gives a file of ipc_shmdir_draft() owner, mode and, last, its name.
 *
 * mode: exact, whatever the umask; uid, gid: -1 leaves it
 * Returns 0 or -errno: -EEXIST if anything has the name, a dangling link too.
 */
int ipc_shmdir_publish(int fd, int dirfd, const char *name, mode_t mode, uid_t uid, gid_t gid);

/**
 * Removes the file that was looked at.
 *
 * object: its dev and ino
 * force: also while somebody has it open
 * Returns 0 or -errno: -ENOENT; -ESTALE if another file has its name, which was left alone; -EBUSY
 * if somebody has it; -EADDRINUSE if that can't be known; -EREMCHG if the name is too long to be put aside
 * and another file was unlinked; -EEXIST if the file could not get its name back because another took
 * it meanwhile: it is kept, and listed, under ".ipcctl-rm." and its name.
 */
int ipc_shmdir_remove(int dirfd, const char *name, const struct ipc_object *object, bool force);

/** Answers whether anybody has the file, by /proc and by a lease, and if nobody has, whether its maker is there. */
void ipc_shmdir_facts(struct ipc_ctx *ctx, int dirfd, const char *name, const struct ipc_object *object,
	struct ipc_facts *ret);

/** Changes the mode of the file that was looked at. Returns 0 or -errno: -ESTALE if it is another, -ENOSYS without /proc. */
int ipc_shmdir_set_mode(int dirfd, const char *name, const struct ipc_object *object, mode_t mode);

/** Changes its owner; -1 leaves one. Returns 0 or -errno: -ESTALE if it is another. */
int ipc_shmdir_set_owner(int dirfd, const char *name, const struct ipc_object *object, uid_t uid, gid_t gid);

/**
 * Waits until a name appears (CONDITION_EXISTS) or disappears (CONDITION_GONE) in the directory, or
 * for 200 ms: what struct ipc_kind_ops asks of await_change.
 *
 * Returns 0 or -errno: -EAGAIN for other conditions, and where inotify has no room for us.
 */
int ipc_shmdir_await(struct ipc_ctx *ctx, enum ipc_condition condition, struct ipc_deadline deadline);
