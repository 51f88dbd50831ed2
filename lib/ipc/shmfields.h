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

/** Whether a condition about one member can decide over a change of another in one compare and swap. */
bool ipc_shm_fields_swappable(
	const struct ipc_shm_fields *f, const struct ipc_member *change, const struct ipc_member *condition);

/**
 * Writes members. Memory is asked for first: what can't be written whole changes nothing.
 *
 * condition: only if the member has this value; NULL: in any case. Without a lock only for a single
 * change, as ipc_shm_fields_swappable() says, and then both are one compare and swap
 * Returns 1 if all was written, 0 if the value was another, or -errno: -EFBIG or -ENODATA if the segment
 * ends before, -ENOSPC, -EINVAL for a condition that can't be kept.
 */
int ipc_shm_fields_change(const struct ipc_shm_fields *f, const struct ipc_member_value *changes, size_t len,
	const struct ipc_member_value *condition);
