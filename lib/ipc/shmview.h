/*
 * A window on memory that other processes write at the same time, and may truncate: every access goes
 * through here, is checked against the window, and survives that the memory is gone. Nothing that was
 * read is read again: the caller gets copies.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipc_shmview {
	unsigned char *base; /* page-aligned; NULL: nothing is mapped */
	uint64_t start;      /* which byte of the segment base is */
	size_t len;
};

/** Whether all of len bytes at offset (of the segment) lie in the view. */
bool ipc_shmview_covers(const struct ipc_shmview *v, uint64_t offset, uint64_t len);

/*
 * The accesses. They return 0 or -errno: -ERANGE outside of the view. What the kernel could not
 * provide (a truncated file, a full file system) reads as zeros, and what is written there is lost:
 * the caller asks afterwards how long the segment is, and does not use the view again if it shrank.
 */

/** Copies out of the segment, byte by byte in no particular order. */
int ipc_shmview_read(const struct ipc_shmview *v, void *buf, size_t len, uint64_t offset);

/** Copies into it. */
int ipc_shmview_write(const struct ipc_shmview *v, const void *buf, size_t len, uint64_t offset);

/*
 * In one access of the machine. width: 1, 2, 4 or 8 bytes at a multiple of it, else -EINVAL.
 */

int ipc_shmview_load(const struct ipc_shmview *v, void *ret, size_t width, uint64_t offset);

int ipc_shmview_store(const struct ipc_shmview *v, const void *value, size_t width, uint64_t offset);

/**
 * Stores desired if the memory holds expected.
 *
 * found: what it held; may be NULL
 * Returns 1 if it was stored, 0 if not, or -errno.
 */
int ipc_shmview_swap(const struct ipc_shmview *v, const void *expected, const void *desired, void *found,
	size_t width, uint64_t offset);
