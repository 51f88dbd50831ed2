/*
 * What /proc/PID/stat and /proc/PID/status say of a process, as text. The name of the program in them may hold anything.
 * Source: proc(5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct procstat {
	size_t name_at, name_len; /* where in the text it is */
	char state;               /* 'R', 'Z' … */
	pid_t parent;
	uint64_t flags;   /* PF_... of include/linux/sched.h */
	uint64_t threads; /* with those that ended and were not waited for */
	uint64_t start;   /* clock ticks since boot */
	/*
	 * Where its stack begins: found by chance when it executed a program, and the same in what it forks. 0: it may not be
	 * seen.
	 */
	uint64_t stack;
};

/**
 * Reads /proc/PID/stat. The text must not be cut off before field 22.
 *
 * ret: untouched on failure
 * Returns 0 or -EBADMSG.
 */
int procstat_parse(const char *text, struct procstat *ret);

/**
 * Whether it is gone, but for a status that nobody has waited for. A main thread that ended before the others is a
 * zombie, too.
 */
bool procstat_has_ended(const struct procstat *s);

bool procstat_is_kernel_thread(const struct procstat *s);

/**
 * Whether the process of this /proc/PID/status has that pid and no other: the pids of a process are told from the
 * namespace of /proc down to its own, and to everybody.
 */
bool procstat_has_one_pid(const char *status, pid_t pid);
