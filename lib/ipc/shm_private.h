/* What the two forms of shared memory implement for shm.c. */
#pragma once

#include "ipc/shm.h"

struct ipc_shm_ops {
	int (*open)(struct ipc_shm *s, const struct ipc_selector *sel);
	void (*close)(struct ipc_shm *s);
	int64_t (*size)(const struct ipc_shm *s);
	/* Makes s->view cover the range, which lies within the segment; does nothing if it does already. */
	int (*map)(struct ipc_shm *s, uint64_t offset, size_t len);
	/* Drops a mapping that may hold zeros instead of the segment. NULL: it can't be truncated. */
	void (*unmap)(struct ipc_shm *s);
	/* Asks for the memory of a range that is to be written. NULL: it is always there. */
	int (*reserve)(struct ipc_shm *s, uint64_t offset, uint64_t len);
	/* Without a mapping; NULL: through the view. Both may move less than len, 0 at the end. */
	ssize_t (*read)(struct ipc_shm *s, void *buf, size_t len, uint64_t offset);
	ssize_t (*write)(struct ipc_shm *s, const void *buf, size_t len, uint64_t offset);
	int (*resize)(struct ipc_shm *s, uint64_t size);
	bool (*removed)(const struct ipc_shm *s);
	/* Whether it is known that nobody else has it attached. */
	bool (*alone)(const struct ipc_shm *s);
};

/**
 * Opens a segment that has no name (FORM_INO) through a process that has it.
 *
 * access: O_RDONLY, O_WRONLY or O_RDWR
 * Returns a descriptor, which the caller closes, or -errno: -ENOENT; -EACCES if no such process may be looked at.
 */
int ipc_shm_unlinked_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, int access);

extern const struct ipc_shm_ops ipc_shm_posix_ops, ipc_shm_sysv_ops;
