/*
 * The parts that the walk of holders.h is made of. Each looks at one process; what it finds goes through
 * holders_walk_add().
 */
#pragma once

#include "ipc/holders.h"
#include "ipc/procfds_text.h"
#include "ipc/procscan.h"

#include <sys/stat.h>

/* Where a process has mapped a file that somebody could wait in. */
struct holders_range {
	uint64_t from, to;
	dev_t dev;
	ino_t ino;
};

/* A queue that has a name in this IPC namespace. */
struct holders_queue {
	ino_t ino;
	char *name; /* without the slash; owned */
};

/* What a file was found to be. */
struct holders_file {
	int mnt_id;
	struct statx st; /* stx_ino 0: a free place */
};

struct holders_walk;

/* What looks at a thread: "task/TID/" */
typedef int holders_thread_fn(struct holders_walk *w, const struct procscan_process *p, const char *prefix);

struct holders_walk {
	struct ipc_ctx *ctx;
	struct holders *to;
	size_t room, unsure_room;
	unsigned sources;

	struct procfds_mounts mounts;
	ino_t *asked; /* mount namespaces whose mounts are known; owned */
	size_t asked_len;
	dev_t internal; /* the file system of memfd_create(2) and of System V segments; 0: not known */
	dev_t huge;     /* the same with large pages */
	dev_t shm_dev;  /* of /dev/shm, whatever it is */

	pid_t self;
	struct holders_file *files; /* by mount and number; owned */

	bool queues_listed;
	dev_t queues_dev;
	struct holders_queue *queues; /* ordered by ino; owned */
	size_t queues_len;

	/* Of the process that is looked at. */
	size_t first;                 /* entry */
	bool asked_own;               /* its mounts were read */
	bool looked;                  /* a thread could be looked at */
	struct holders_range *ranges; /* owned */
	size_t ranges_len, ranges_room;
	holders_thread_fn *table; /* what looks at the tables of its threads */
	pid_t table_of; /* a thread whose table was looked at, and has something in it; 0: none yet */

	void *arg; /* of another walk that uses this one's parts */
};

/** Adds an entry. Takes over its path, also on failure. Returns 0 or -ENOMEM. */
int holders_walk_add(struct holders_walk *w, const struct holders_entry *entry);

/** Adds a file of which more than its number can't be known; dev 0: nor where it is. Returns 0 or -ENOMEM. */
int holders_walk_unsure(struct holders_walk *w, dev_t dev, ino_t ino);

/** Finds out about the mounts that no mountinfo lists. Returns 0 or -errno. */
int holders_walk_mounts(struct holders_walk *w);

/**
 * The mount of that id, or of that file system (id -1): the caller's own, or one of the process's mount namespace.
 * Returns 0 or -errno: -ESTALE if there is none that is known; -ENOMEM.
 */
int holders_walk_mount(struct holders_walk *w, const struct procscan_process *p, int id, dev_t dev,
	struct procfds_mount *ret);

/** Whether segments, semaphores or queues live there. */
bool holders_walk_is_shared(const struct holders_walk *w, const struct procfds_mount *mount);

void holders_walk_clear(struct holders_walk *w);

/** What a process that is gone meanwhile, or one descriptor less, is no error. error: positive. Returns 0, -EACCES or -ENOMEM. */
int holders_walk_error(int error);

/** The beginning of a file of the process, with a NUL behind it. Returns its length or -errno as procscan_read(). */
ssize_t holders_walk_read(const struct procscan_process *p, const char *name, char *buf, size_t size);

/* Looks at an entry of a directory. */
typedef int holders_dir_fn(int dirfd, const char *name, void *arg);

/**
 * Calls fn for each entry of a directory of the process, "." and ".." aside, until it returns something else than 0.
 * Returns that, or 0, or -errno: -EACCES also if it could not be read to its end, since what is left is not seen.
 */
int holders_walk_dir(const struct procscan_process *p, const char *name, holders_dir_fn *fn, void *arg);

enum { TASK_PREFIX_SIZE = 32 };

/**
 * Calls fn for each thread but the first, until it returns something else than 0. A process that has but
 * one costs little. Returns that, or 0, or -errno.
 */
int holders_walk_threads(struct holders_walk *w, const struct procscan_process *p, holders_thread_fn *fn);

/**
 * The same for each table of descriptors that the process has: the one that its threads share first, as prefix "".
 * fn: returns 1 if there is a descriptor in it, 0, or -errno
 */
int holders_walk_tables(struct holders_walk *w, const struct procscan_process *p, holders_thread_fn *fn);

/** Whether it can have nothing: it has ended and was not waited for, or is a thread of the kernel. */
bool holders_has_nothing(const struct procscan_process *p);

/** The IPC namespace of a thread (prefix "": of the process), or 0. */
ino_t holders_walk_ipcns(const struct procscan_process *p, const char *prefix);

/* --- the parts: each returns 0, -EACCES if it may not look, or another -errno --- */

int holders_look_at_fds(struct holders_walk *w, const struct procscan_process *p);
int holders_look_at_maps(struct holders_walk *w, const struct procscan_process *p);
int holders_look_at_threads(struct holders_walk *w, const struct procscan_process *p);

/** What holders_in_flight() says, asked of the system. */
struct ipc_reason holders_flight(struct ipc_ctx *ctx);
