/* All processes by their users, to prove that none of a user was there at a time. Private to maker.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One of the up to four users that a process is. */
struct maker_process {
	uid_t uid;
	uint64_t start; /* clock ticks since boot */
	pid_t pid;
};

struct maker_processes {
	struct maker_process *v; /* ordered by user, then by start; owned */
	size_t len;
	bool whole; /* no process of the machine is missing */
};

/** Adds a process that is those users: real, effective, saved, file system. Returns 0 or -ENOMEM. */
int maker_processes_add(struct maker_processes *p, pid_t pid, const uid_t uids[4], uint64_t start);

/** Puts them in order, as is needed before one is looked for. */
void maker_processes_sort(struct maker_processes *p);

/** The processes of a user, the oldest first: the first of them, *ret_len of them in a row. */
const struct maker_process *maker_processes_of(const struct maker_processes *p, uid_t uid, size_t *ret_len);

void maker_processes_clear(struct maker_processes *p);
