/*
 * Members of a structure in a segment. One of up to 8 aligned bytes is read and written in one access
 * of the machine; several, and longer ones, are one whole only as far as ipc_shm_snapshot() can tell,
 * or under a lock that all sides hold.
 */
#pragma once

#include "ipc/layout.h"
#include "ipc/shm.h"

struct ipc_shm_fields {
	struct ipc_shm *shm;
	uint64_t base; /* where the structure begins in the segment */
	bool locked;   /* the caller holds a lock, so that one copy is enough */
};

/** The bytes of the segment that the members need: up to the end of the last one. -1: more than there can be. */
uint64_t ipc_shm_fields_end(const struct ipc_shm_fields *f, const struct ipc_member *members, size_t len);

/**
 * Reads members.
 *
 * once: a single copy is enough, since only a change is looked for
 * bytes: the whole structure, of which the members are filled in
 * Returns 0 or -errno: -ENODATA if the segment ends before, -EBUSY as ipc_shm_snapshot().
 */
int ipc_shm_fields_get(
	const struct ipc_shm_fields *f, const struct ipc_member *members, size_t len, bool once, void *bytes);

/**
 * Writes a member.
 *
 * value: its own bytes
 * Returns 0 or -errno: -EFBIG if the segment ends before; -ENOSPC.
 */
int ipc_shm_fields_set(const struct ipc_shm_fields *f, const struct ipc_member *m, const void *value);

/**
 * Writes a member of up to 8 aligned bytes in one compare and swap, if its present value is as wanted.
 *
 * matches: whether these bytes of the member are what is wanted
 * Returns 1 if it was written, 0 if the value is another, or -errno: -EINVAL for another member.
 */
int ipc_shm_fields_swap(const struct ipc_shm_fields *f, const struct ipc_member *m, const void *value,
	bool (*matches)(const struct ipc_member *m, const void *present, void *arg), void *arg);
