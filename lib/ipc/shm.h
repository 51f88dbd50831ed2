/*
 * Shared memory: a segment's bytes, whole copies of structures beside a writer, and single words.
 *
 * What is read was written by others, and they may write, or truncate, at any moment. Nothing is read
 * twice, nothing here crashes, and what can't be had is an error.
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/deadline.h"
#include "ipc/selector.h"
#include "ipc/shmview.h"

#include <sys/types.h>

enum { SHM_READ = 1, SHM_WRITE = 2 };

struct ipc_shm_ops;

struct ipc_shm {
	const struct ipc_shm_ops *ops; /* NULL: closed */
	struct ipc_ctx *ctx;
	struct ipc_selector selector; /* owned */
	unsigned access;              /* SHM_... */
	int fd;                       /* POSIX */
	int id;                       /* System V */
	struct ipc_shmview view;      /* what is mapped or attached now */
	uint64_t count, bytes;        /* accesses so far, for the observer */
};

#define SHM_CLOSED                                                                                           \
	{                                                                                                    \
		.fd = -1, .id = -1                                                                           \
	}

/**
 * Opens a segment.
 *
 * access: SHM_READ, SHM_WRITE or both; words need SHM_READ, too
 * ret: to be closed with ipc_shm_close()
 * Returns 0 or -errno: -ENOENT, -EACCES, -ELOOP and -EMEDIUMTYPE for what is no segment.
 */
int ipc_shm_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned access, struct ipc_shm *ret);

/** Closes, reports to the observer, and makes *s SHM_CLOSED. A closed one is left alone. */
void ipc_shm_close(struct ipc_shm *s);

#define AUTO_SHM __attribute__((cleanup(ipc_shm_close), unused))

/** Its size now, in bytes, or -errno. */
int64_t ipc_shm_size(const struct ipc_shm *s);

/**
 * Waits until it has at least size bytes: whoever creates a POSIX segment the usual way makes it empty first.
 * Returns 0 or -errno: -EAGAIN or -ETIMEDOUT at the deadline.
 */
int ipc_shm_await_size(const struct ipc_shm *s, uint64_t size, struct ipc_deadline deadline);

/** Reads up to len bytes; fewer only at its end. Returns their number or -errno. */
ssize_t ipc_shm_read(struct ipc_shm *s, void *buf, size_t len, uint64_t offset);

/**
 * Writes all of buf. What does not fit, and what there is no memory for, changes nothing.
 *
 * Returns 0 or -errno: -EFBIG if it does not fit, -ENOSPC, -ENODATA if the segment was truncated meanwhile.
 */
int ipc_shm_write(struct ipc_shm *s, const void *buf, size_t len, uint64_t offset);

/** Asks for the memory of a range that is going to be written. Returns 0 or -errno: -EFBIG, -ENOSPC. */
int ipc_shm_reserve(struct ipc_shm *s, uint64_t offset, uint64_t len);

/** Whether it was removed, and lives on only because it is open here. */
bool ipc_shm_removed(const struct ipc_shm *s);

/**
 * Changes the size; new bytes are zeros. Returns 0 or -errno: -EOPNOTSUPP for System V, -ENOSPC (and
 * then the size is as before).
 */
int ipc_shm_resize(struct ipc_shm *s, uint64_t size);

/* A part of a segment that is wanted. */
struct ipc_shm_range {
	uint64_t offset; /* in the structure */
	size_t len;
};

/**
 * Copies parts of a structure as they were at one moment. Without a lock that is known only if nobody
 * was writing. Two equal copies do not show it: a writer that the scheduler stopped in the middle of
 * its work leaves the same half in both. So copies are taken until every thread of the machine that
 * could run at the first has run on, or sleeps (runnable.h), and all of them must be equal. A
 * segment that nobody else has attached is copied once.
 *
 * base: where the structure begins; buf: the size of the structure, of which the ranges are filled in
 * Returns 0 or -errno: -EBUSY if it changed again and again for 500 ms; -ENODATA if the segment ends
 * before.
 */
int ipc_shm_snapshot(
	struct ipc_shm *s, void *buf, const struct ipc_shm_range *ranges, size_t ranges_len, uint64_t base);

/** The same ranges, copied once: for whoever holds a lock, or only wants to know whether something changed. */
int ipc_shm_copy(
	struct ipc_shm *s, void *buf, const struct ipc_shm_range *ranges, size_t ranges_len, uint64_t base);

/*
 * One word of 1, 2, 4 or 8 bytes at a multiple of its width, in one access: see shmview.h.
 * They return 0 (swap: 1 if it was stored, else 0) or -errno: -ENODATA if the segment ends before.
 */
int ipc_shm_load(struct ipc_shm *s, void *ret, size_t width, uint64_t offset);
int ipc_shm_store(struct ipc_shm *s, const void *value, size_t width, uint64_t offset);
int ipc_shm_swap(struct ipc_shm *s, const void *expected, const void *desired, void *found, size_t width,
	uint64_t offset);
