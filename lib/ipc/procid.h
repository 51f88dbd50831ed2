/*
 * Which process, and is it still there?
 *
 * A pid alone names nobody, because it is used again. With the time the process started (field 22
 * of /proc/PID/stat, see proc(5)) it does, through any number of execve(2) calls. Both only mean
 * something inside the namespaces they were read in: a pid in its pid namespace, and a start time
 * in its time namespace, because the kernel adds that namespace's boot time offset when it prints
 * the field. So both namespaces belong to the identity, and who lives in others cannot tell.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct procid {
	pid_t pid;
	uint64_t start;  /* clock ticks since the machine booted */
	uint64_t pidns;  /* inode of /proc/PID/ns/pid */
	uint64_t timens; /* inode of /proc/PID/ns/time; 0 where the kernel has none */
};

enum procid_state {
	PROCID_ALIVE,
	PROCID_DEAD,    /* gone, or nothing but an unreaped status; another process may have the pid */
	PROCID_UNKNOWN, /* cannot be told from here: another namespace, hidepid, no /proc */
};

/* What the caller can see, asked for once before judging many. */
struct procid_view {
	uint64_t pidns;
	uint64_t timens;
	bool trusted; /* /proc is mounted and shows our own pid namespace */
};

/** The caller's own identity. Returns 0 or -errno, mostly for want of a mounted /proc. */
int procid_self(struct procid *ret);

/** Finds out what the caller can see; without a usable /proc a view in which all is unknown. */
struct procid_view procid_look(void);

/**
 * Whether a process with that pid is alive, whichever it is. Dead means proven, as below.
 *
 * pid: a number of the caller's own pid namespace, as system calls give it
 * ret_start: when it started; only of one that is alive
 */
enum procid_state procid_find(const struct procid_view *view, pid_t pid, uint64_t *ret_start);

/**
 * Whether the process is alive. Any contents of id will do.
 *
 * Dead means proven: kill(2) says that nobody has the pid, or its start time is another one, or the
 * main thread is a zombie and no other thread is left. A main thread that ended before the others
 * is a zombie too, so the state alone would be wrong; field 20 counts the threads.
 */
enum procid_state procid_judge(const struct procid_view *view, const struct procid *id);
