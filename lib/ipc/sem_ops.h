/* What the two families of semaphores implement. Private to the core: commands call sem.h. */
#pragma once

#include "ipc/sem.h"

#include <limits.h>

struct ipc_sem_ops {
	uint64_t value_max;
	uint64_t step_max; /* the most that one operation takes or gives */
	int (*open)(struct ipc_ctx *ctx, const struct ipc_selector *sel, bool change, struct ipc_sem *s);
	void (*close)(struct ipc_sem *s);
	int (*wait)(struct ipc_sem *s, unsigned units, struct ipc_deadline deadline);
	int (*wait_zero)(struct ipc_sem *s, struct ipc_deadline deadline);
	int (*post)(struct ipc_sem *s, unsigned units);
	int (*set)(struct ipc_sem *s, unsigned value);
	int (*get)(struct ipc_sem *s, struct ipc_sem_state *ret);
	int (*hold)(struct ipc_sem *s, unsigned units, struct ipc_deadline deadline, bool program,
		struct ipc_sem_hold *ret);
	int (*release)(struct ipc_sem *s, struct ipc_sem_hold *hold);
	/* NULL: the kind needs no note. */
	int (*note)(struct ipc_sem *s, const struct ipc_sem_hold *hold, const char *old, char **ret);
	int (*holders)(struct ipc_sem *s, struct ipc_sem_holders *ret);
	int (*repair)(struct ipc_sem *s, struct ipc_sem_repair *repair);
};

extern const struct ipc_sem_ops ipc_sem_posix_ops, ipc_sem_sysv_ops;

/**
 * The name of a POSIX semaphore's file in /dev/shm.
 * Returns 0 or -errno: -ENAMETOOLONG over 251 bytes behind the slash, -EINVAL for what is no name.
 */
int ipc_sem_posix_filename(const struct ipc_selector *sel, char ret[static NAME_MAX + 1]);

/** Adds a holder and takes over its command. Returns 0 or -ENOMEM. */
int ipc_sem_holders_add(struct ipc_sem_holders *h, const struct ipc_sem_holder *holder);
