/*
 * A segment in use by a verb: opened as the operand and the options say, with the semaphore of --lock, and what
 * is said when something fails. What returns an exit status has said why.
 */
#pragma once

#include "cli/opt.h"
#include "ipc/sem.h"
#include "ipc/shmfields.h"

/* -s, --size and what else create takes. */
extern const struct opt segment_size_opts[];

/* -o, --offset */
extern const struct opt segment_offset_opts[];
extern uint64_t arg_offset;

/* -t, --nonblock, --wait, --create and what goes with it: include it in the verbs that open a segment. */
extern const struct opt segment_open_opts[];

/* --lock, and segment_open_opts. */
extern const struct opt segment_access_opts[];

struct segment {
	struct ipc_shm shm;
	const struct ipc_kind *kind;
	char *name;          /* as the user wrote it, printable; owned */
	struct ipc_sem lock; /* of --lock */
	struct ipc_sem_hold hold;
	bool locked;
};

#define SEGMENT_CLOSED                                                                                       \
	{                                                                                                    \
		.shm = SHM_CLOSED, .lock = SEM_CLOSED                                                        \
	}

/**
 * Opens what the operand names, and the semaphore of --lock.
 *
 * access: SHM_READ, SHM_WRITE or both
 * need: how many bytes are going to be used, as far as that is known: --wait waits for them
 * ret: SEGMENT_CLOSED before; to be closed in any case
 */
int segment_open(
	struct ipc_ctx *ctx, const char *operand, unsigned access, uint64_t need, struct segment *ret);

/** Gives the lock back, if it is held, and closes. */
void segment_close(struct segment *s);

#define AUTO_SEGMENT __attribute__((cleanup(segment_close), unused))

/** Takes the semaphore of --lock, if there is one. */
int segment_lock(struct segment *s);

/** Gives it back. Returns status, what the access under it ended with, unless giving back fails. */
int segment_unlock(struct segment *s, int status);

/** The structure at --offset in it. */
struct ipc_shm_fields segment_fields(struct segment *s);

/** Says that it failed to do verb ("read"). Returns the exit status. */
int segment_failed(const struct segment *s, int error, const char *verb);

/** Says that it ends before the bytes that verb needs. Returns the exit status. */
int segment_too_small(const struct segment *s, const char *verb, uint64_t len, uint64_t offset);
