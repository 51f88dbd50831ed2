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
	/*
	 * When what it knows began: a copy of another process (fork(2)) that has executed no program since knows what that
	 * one knew. 0: at a time that can't be known, since that one has gone.
	 */
	uint64_t since;
	pid_t pid;
	bool adopted; /* what it knows may be what a copy of its original knew, that has gone */
	ino_t ipcns;  /* 0: it could not be seen */
};

struct maker_processes {
	struct maker_process *v; /* ordered by user, then by since; owned */
	size_t len;
	bool whole;  /* no process of the machine is missing */
	bool hidden; /* some may be left out that their user may not look at */
};

struct holders_process;

/** When what a process knows began, in clock ticks since boot; 0: it can't be known. all: ordered by pid. */
uint64_t maker_process_since(
	const struct holders_process *all, size_t len, const struct holders_process *process);

/** Adds a process. Returns 0 or -ENOMEM. */
int maker_processes_add(struct maker_processes *p, const struct holders_process *new, uint64_t since);

/** Puts them in order, as is needed before one is looked for. */
void maker_processes_sort(struct maker_processes *p);

/** The processes of a user, those that know longest first: the first of them, *ret_len of them in a row. */
const struct maker_process *maker_processes_of(const struct maker_processes *p, uid_t uid, size_t *ret_len);

void maker_processes_clear(struct maker_processes *p);
