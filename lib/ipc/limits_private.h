/* What the files limits*.c share. */
#pragma once

#include "ipc/limits.h"

/* One object, or one process, that counts: how much, whose, and by which program. */
struct limits_entry {
	uint64_t amount;
	bool uid_known;
	uid_t uid;
	pid_t pid;   /* who made it; 0: not known */
	pid_t other; /* who has it, where the maker is gone or not known; 0: not known */
	int64_t seen_ns; /* CLOCK_REALTIME when pid was the program's: one that started later is another; 0: now */
	const char *label; /* a string constant, or NULL */
};

struct limits_tally {
	struct limits_entry *v; /* owned */
	size_t len, room;
	bool least; /* there may be more than was counted */
};

int limits_tally_add(struct limits_tally *t, const struct limits_entry *e);
void limits_tally_clear(struct limits_tally *t);

/** The sum of all, UINT64_MAX at most. */
uint64_t limits_tally_sum(const struct limits_tally *t);

/** Orders by user, those without a known one last. Afterwards entries of one user stand in a row. */
void limits_tally_order(struct limits_tally *t);

/** How many entries from there on are one user's. sum: of them. */
size_t limits_tally_user(const struct limits_tally *t, size_t first, uint64_t *ret_sum);

/**
 * Fills in who uses most: the user (of all entries), and with LIMITS_WHO the program (of that user's entries).
 * Returns 0 or -ENOMEM.
 */
int limits_tally_most(struct limits_tally *t, unsigned flags, struct ipc_limit_use *ret);

/** The program of len entries that uses most, and a process of it. Orders them anew. Returns 0 or -ENOMEM. */
int limits_tally_program(struct limits_entry *v, size_t len, struct ipc_limit_use *ret);

struct limits_process {
	pid_t pid;
	uid_t uid;           /* the real one */
	uint64_t fds;        /* how many descriptors it has open */
	bool fds_known;      /* it could be seen */
	uint64_t fds_max;    /* RLIMIT_NOFILE, the soft one; UINT64_MAX: none */
	uint64_t queues_max; /* RLIMIT_MSGQUEUE, the soft one */
};

/* What is gathered for one measurement. */
struct ipc_limits_reading {
	struct ipc_ctx *ctx;
	unsigned which, flags;
	struct limits_tally tallies[LIMITS];
	struct ipc_limit_use fullest[LIMITS]; /* SCOPE_OBJECT; without an object there is none */
	struct limits_process *processes;     /* owned */
	size_t processes_len, processes_room;
	bool walked, unseen; /* some processes could not be seen */
	unsigned failed;     /* BIT(LIMIT_...): the objects could not be listed */
	struct ipc_limits *to;
};

/** Adds an entry to what is returned; takes over what *u owns, also on failure. Returns 0 or -ENOMEM. */
int limits_add(struct ipc_limits *to, struct ipc_limit_use *u);

/** The maximum as /proc/sys has it. */
struct ipc_amount limits_sysctl_max(const struct ipc_limit *limit);

/** An amount that is known. From INT64_MAX on a maximum is unlimited: no machine gets there. */
struct ipc_amount limits_amount(uint64_t number);
struct ipc_amount limits_max(uint64_t number);

/** Walks through the processes, once. Returns 0 or -ENOMEM; what can't be seen is unseen. */
int limits_walk(struct ipc_limits_reading *r);

/* Members of the table: see struct ipc_limit. */
int limits_of_nofile(struct ipc_limits_reading *r, enum ipc_limit_id id);
int limits_of_file_max(struct ipc_limits_reading *r, enum ipc_limit_id id);
int limits_of_msgqueue(struct ipc_limits_reading *r, enum ipc_limit_id id);

/**
 * The name of a program by its process (proc(5), /proc/PID/stat).
 *
 * seen_ns: as in struct limits_entry
 * ret: raw bytes; the caller frees it
 * Returns 0 or -errno: -ESRCH if that process is gone, -ENOMEM.
 */
int limits_program_of(pid_t pid, int64_t seen_ns, char **ret);
