/* Whole reads and writes, and owners that clean up after themselves. */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

/**
 * Writes all of buf, in as many write(2) calls as it takes; EINTR is retried.
 *
 * Returns 0 or -errno; on failure an unknown part of buf may have been written.
 */
int ipc_write_full(int fd, const void *buf, size_t len);

/**
 * Reads until len bytes or end of file; EINTR is retried.
 *
 * Returns the number of bytes read (less than len only at end of file) or -errno.
 */
ssize_t ipc_read_full(int fd, void *buf, size_t len);

/**
 * Reads a whole file of at most max bytes, also one whose size is not known before (/proc).
 *
 * ret: the text, with a NUL behind it that is not counted; the caller frees it
 * Returns 0 or -errno: -EFBIG if there is more than max.
 */
int ipc_read_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len);

/**
 * Opens what the kernel has in its cache, for a path that somebody else chose: it could lead to a server that is
 * dead, or set off an automount, and either would hang. Before Linux 5.12 it is opened without that guard.
 *
 * resolve: RESOLVE_... of openat2(2)
 * Returns a descriptor or -errno: -EAGAIN if it is not in the cache.
 */
int ipc_open_cached(int dirfd, const char *path, int flags, uint64_t resolve);

/**
 * What the kernel knows already of a file that was opened like that: a server is not asked. Fills in st_dev, st_ino,
 * st_mode, st_nlink, st_uid and st_gid, and nothing else. Returns 0 or -errno.
 */
struct stat;
int ipc_stat_cached(int fd, struct stat *ret);

/**
 * The next entry of a directory, NULL at its end or when it can't be read on.
 *
 * ret_error: set to -errno in that last case, else left alone
 */
struct dirent *ipc_readdir(DIR *dir, int *ret_error);

enum { FD_PATH_SIZE = 32 };

/**
 * The path that leads to what fd has open, for calls that take none of its kind (O_PATH) or only paths. Without
 * /proc nothing is there. Source: proc(5).
 */
void ipc_fd_path(int fd, char path[static FD_PATH_SIZE]);

/** Sets O_NONBLOCK on what fd has open: for all who share it. Returns 0 or -errno. */
int ipc_nonblocking(int fd);

/**
 * Opens a file that the caller named for output: emptied if it is there, mode 0600 if it is not.
 * Returns the descriptor or -errno: -ENXIO for a FIFO that nobody reads.
 */
int ipc_open_output(const char *path);

/** Closes *fd unless it is negative, keeps errno, and sets it to -1. */
void ipc_close(int *fd);

static inline void ipc_freep(void *p)
{
	free(*(void **)p);
}

/* Owned by the scope: freed or closed on every way out of it. */
#define AUTO_FREE __attribute__((cleanup(ipc_freep), unused))
#define AUTO_CLOSE __attribute__((cleanup(ipc_close), unused))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))
