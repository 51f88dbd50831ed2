/*
 * The System V objects of this IPC namespace, as /proc/sysvipc shows them: no permission is needed,
 * and it holds only numbers (nothing in it can be forged by a name). Source: proc(5), sysvipc(7).
 */
#pragma once

#include "ipc/kind_ops.h"

#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

struct ipc_sysv_table;

enum ipc_sysv_type { SYSV_MSG, SYSV_SEM, SYSV_SHM, SYSV_TYPES };

/* The columns of the three files, in the kernel's names; what a type does not have is 0. */
struct ipc_sysv_row {
	int32_t key;
	int id;
	unsigned perms;
	uid_t uid, cuid;
	gid_t gid, cgid;
	uint64_t size;               /* shm: bytes; sem: nsems; msg: bytes in the queue (cbytes) */
	uint64_t count;              /* shm: nattch; msg: qnum */
	pid_t cpid, lpid;            /* shm; msg: lspid, lrpid */
	int64_t atime, dtime, ctime; /* seconds; msg: stime, rtime, ctime; sem: otime, 0, ctime */
	uint64_t rss, swap;          /* shm; see ipc_sysv_find() */
};

/**
 * Names every object of a type by its id, in the kernel's order, and keeps the table in ctx so that
 * ipc_sysv_find() answers from it until the listing ends.
 */
int ipc_sysv_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, enum ipc_sysv_type type, ipc_name_fn *fn,
	void *arg);

/**
 * Finds an object by FORM_ID or FORM_KEY: without reading about all the others where the kernel can.
 *
 * want: with WANT_USED rss and swap are filled in, else they may be 0
 * Returns 0 or -errno: -ENOENT.
 */
int ipc_sysv_find(struct ipc_ctx *ctx, enum ipc_sysv_type type, const struct ipc_selector *sel, unsigned want,
	struct ipc_sysv_row *ret);

union ipc_sysv_ds {
	struct msqid_ds msg;
	struct semid_ds sem;
	struct shmid_ds shm;
};

/**
 * What the kernel tells about the object with that id, whatever its permissions (MSG_STAT_ANY,
 * msgctl(2), and the like).
 *
 * Returns 0 or -ENOENT: there is none, or the kernel can't tell in this way.
 */
int ipc_sysv_stat(enum ipc_sysv_type type, int id, union ipc_sysv_ds *ret);

/** Fills in what the three types have in common: selector (its key, else its id), key, id, owner, mode. */
int ipc_sysv_fill(const struct ipc_kind *kind, const struct ipc_sysv_row *row, struct ipc_object *o);

/**
 * The id of an object, for the system calls: FORM_ID as it is, FORM_KEY looked up.
 * Returns the id or -errno: -ENOENT.
 */
int ipc_sysv_id(struct ipc_ctx *ctx, enum ipc_sysv_type type, const struct ipc_selector *sel);

/** Sets a time field unless seconds is 0, which the kernel uses for "never". */
void ipc_sysv_set_time(struct ipc_object *o, enum ipc_field_id field, int64_t seconds);

void ipc_sysv_table_free(struct ipc_sysv_table *table);
