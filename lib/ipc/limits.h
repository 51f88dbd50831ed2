/*
 * The limits of the system that objects count against: one table of them, with how the maximum is read, how the use is
 * counted, and what helps. Who uses most is found by looking at the objects and the processes themselves, so it is what
 * this user can see: where that is not all, it is said.
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/kind.h"

enum ipc_limit_id {
	LIMIT_MSGMNI,
	LIMIT_MSGMNB,
	LIMIT_QUEUES_MAX,
	LIMIT_MSGQUEUE,
	LIMIT_MQ_MAXMSG,
	LIMIT_SHMMNI,
	LIMIT_SHMALL,
	LIMIT_SHM_SIZE,
	LIMIT_SHM_INODES,
	LIMIT_SEMMNI,
	LIMIT_SEMMNS,
	LIMIT_PIPE_SOFT,
	LIMIT_PIPE_HARD,
	LIMIT_BACKLOG,
	LIMIT_NOFILE,
	LIMIT_FILE_MAX,
	LIMITS,
};

#define LIMITS_ALL (BIT(LIMITS) - 1)

/* What a limit is a limit of. */
enum ipc_limit_scope {
	SCOPE_SYSTEM,
	SCOPE_NAMESPACE, /* each IPC namespace has its own */
	SCOPE_USER,
	SCOPE_PROCESS,
	SCOPE_OBJECT,
	SCOPE_FILESYSTEM,
	LIMIT_SCOPES,
};

/** The word for a scope, e.g. "namespace". */
const char *ipc_limit_scope_name(enum ipc_limit_scope scope);

/* A number of the kernel's, which may be larger than any signed one. */
struct ipc_amount {
	enum ipc_have have;
	bool unlimited; /* of a maximum: there is none that could be reached */
	bool least;     /* of a use: there may be more that this user can't see */
	uint64_t number;
};

struct ipc_limits_reading; /* private: limits_private.h */

struct ipc_limit {
	const char *name; /* the sysctl, the rlimit or the word of the manual pages */
	enum ipc_limit_scope scope;
	const char *unit;  /* in words: "bytes", "pages"; sizes are bytes */
	const char *what;  /* what is counted, in words: "System V message queues" */
	const char *kinds; /* whose objects count: "CLASS/API" words */
	const char *help;  /* what makes room, besides removing objects */

	/* The maximum: a file below /proc/sys and which of its numbers, or measured with the use (NULL). */
	const char *sysctl;
	unsigned column;
	/* The use of one object; absent if it does not count, unknown if that can't be told. */
	struct ipc_value (*of_object)(const struct ipc_object *o);
	/* SCOPE_OBJECT: the maximum of that object. */
	struct ipc_value (*max_of_object)(const struct ipc_object *o);
	/* The use as the kernel itself counts it, and the maximum. NULL: the sum over the objects. */
	int (*total)(struct ipc_amount *ret_use, struct ipc_amount *ret_max);
	/*
	 * What comes out of the walk through the processes: 1 if it made the entries itself, 0 if it added to the tally, or
	 * -errno. NULL: nothing.
	 */
	int (*of_processes)(struct ipc_limits_reading *r, enum ipc_limit_id id);
	/* How much room the smallest usual request needs: with less, the limit is exhausted. NULL: 1. */
	uint64_t (*step)(void);
	bool spares_root;  /* it does not bind root, whose use is not counted */
	bool zero_is_none; /* a maximum of 0 is no limit */
	bool estimate;     /* what one object uses can't be seen: the use is at least what is usual */
};

extern const struct ipc_limit ipc_limits[LIMITS];

/* How much of a limit is used, and by whom. What could not be told is not known: see have, uid_known, program. */
struct ipc_limit_use {
	enum ipc_limit_id id;
	struct ipc_amount use, max;
	bool uid_known;
	uid_t uid; /* SCOPE_USER, SCOPE_PROCESS: whose limit it is; else who uses most */
	uint64_t uid_use;
	pid_t pid;     /* SCOPE_PROCESS: whose limit; else a process of the program; 0: none is known */
	char *program; /* that uses most of what the user does: raw bytes from /proc, or a label; owned */
	bool ended;    /* the process that is recorded is gone, and no program is known */
	uint64_t program_use;
	char *object; /* SCOPE_OBJECT: the selector; SCOPE_FILESYSTEM: the path; owned */
};

struct ipc_limits {
	struct ipc_limit_use *v; /* in the order of the table; owned */
	size_t len;
};

enum { LIMITS_WHO = 1 /* also which program uses most: walks /proc */ };

/** Says that some limits will be measured, as ipc_announce() does of objects. */
void ipc_limits_announce(struct ipc_ctx *ctx, unsigned which, unsigned flags);

/**
 * Measures some limits. One that has nothing to be measured by (no queue that could be full) has no entry, one of
 * SCOPE_USER may have several.
 *
 * which: BIT(LIMIT_...)
 * flags: LIMITS_WHO
 * ret: to be cleared with ipc_limits_clear()
 * Returns 0 or -errno: -ENOMEM. What can't be read is unknown in its entry.
 */
int ipc_limits_measure(struct ipc_ctx *ctx, unsigned which, unsigned flags, struct ipc_limits *ret);

void ipc_limits_clear(struct ipc_limits *limits);

#define AUTO_LIMITS __attribute__((cleanup(ipc_limits_clear), unused))

/** Whether objects of that kind count against a limit. kind NULL: no; class: only its class is compared. */
bool ipc_limit_concerns(const struct ipc_limit *limit, const struct ipc_kind *kind);
bool ipc_limit_concerns_class(const struct ipc_limit *limit, const char *class);

/** Whole percent of the maximum, rounded down, UINT64_MAX at most; 100 of a maximum of 0. Both numbers must be there. */
uint64_t ipc_limit_percent(const struct ipc_limit_use *u);

/** Whether both numbers are there and there is a maximum, so that a percentage makes sense. */
bool ipc_limit_has_percent(const struct ipc_limit_use *u);

/** Whether the smallest usual request would not find room any more. */
bool ipc_limit_exhausted(const struct ipc_limit_use *u);

/**
 * What the use of one object is measured against: the limits that its kind has, as BIT(LIMIT_...), without those of
 * processes and of the whole system.
 */
unsigned ipc_limits_of_kind(const struct ipc_kind *kind);

/**
 * The use of an object's own limit (SCOPE_OBJECT), by what was seen of it. Returns false if it has none.
 */
bool ipc_limit_of_object(enum ipc_limit_id id, const struct ipc_object *o, struct ipc_limit_use *ret);

/**
 * What a POSIX queue is charged on RLIMIT_MSGQUEUE of the user who made it. Returns UINT64_MAX for more than there is.
 * Source: ipc/mqueue.c, mqueue_get_inode(): one struct msg_msg for each message, and one struct
 * posix_msg_tree_node for each priority that they can have.
 */
uint64_t ipc_limit_queue_charge(uint64_t max_messages, uint64_t message_size);
