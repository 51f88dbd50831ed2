/*
 * Who has what: one walk through /proc for all kinds and all objects of a command. What the walk has to look at
 * is said beforehand, since each source costs; what is not asked for is not read.
 *
 * Everything below /proc is hostile text: names, paths and commands are whatever a process chose.
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/kind.h"

enum holders_source {
	HOLDERS_FDS = 1,        /* pipes and sockets among the descriptors */
	HOLDERS_FILES = 2,      /* FIFOs, and files of tmpfs and mqueue file systems, among the descriptors */
	HOLDERS_MAPS = 4,       /* what is mapped and attached */
	HOLDERS_BLOCKED = 8,    /* in which system call threads wait */
	HOLDERS_PROCESSES = 16, /* users and start times of all processes */
	HOLDERS_SOCKETS = 32,   /* sockets alone: pipes cost more; HOLDERS_FDS has them, too */
};

enum holders_type {
	HELD_PIPE,     /* ino: the N of "pipe:[N]"; dev 0 */
	HELD_SOCKET,   /* ino: the N of "socket:[N]"; dev 0 */
	HELD_FIFO,     /* dev and ino of the file */
	HELD_FILE,     /* dev and ino of a regular file: a segment, a semaphore, a POSIX queue */
	HELD_SYSV_MSG, /* ino: the identifier; dev: the inode of the IPC namespace that it belongs to */
	HELD_SYSV_SEM,
	HELD_SYSV_SHM,
};

enum holders_how { HOW_FD, HOW_MAP, HOW_ATTACH, HOW_BLOCKED };

struct holders_entry {
	enum holders_type type;
	enum holders_how how;
	dev_t dev;
	ino_t ino;
	pid_t pid;
	int fd; /* HOW_FD; else -1 */
	bool reads, writes;
	bool unlinked; /* of a file: it has no name any more, as far as can be seen */
	uint64_t
		size; /* HOW_MAP, HOW_ATTACH: bytes of address space; each attaching of a segment is an entry */
	/* HOW_FD, of a file or FIFO: its name in the caller's own mount namespace; NULL: it has none there; owned */
	char *path;
};

struct holders_process {
	pid_t pid;
	uid_t uids[4];  /* real, effective, saved, file system */
	uint64_t start; /* clock ticks since boot */
	bool forked; /* it has executed no program since, and goes on with what its original knew (procscan.h) */
	bool adopted;
	pid_t original;
	ino_t ipcns; /* 0: could not be seen */
};

struct holders_unsure {
	ino_t ino; /* 0: not known either */
	dev_t dev; /* 0: not known */
};

struct holders {
	unsigned sources;        /* what was looked at */
	struct holders_entry *v; /* ordered by type, ino, dev, pid, fd; owned */
	size_t len;
	struct holders_process
		*processes; /* with HOLDERS_PROCESSES, that have not ended; ordered by pid; owned */
	size_t processes_len;
	size_t unseen; /* processes that may not be looked at, at least */
	/* Who waits in a system call of which it can't be seen what it is about. */
	bool blocked_unknown[HELD_SYSV_SHM + 1];
	struct holders_unsure
		*unsure; /* what somebody has open where it may not be asked what it is; ordered; owned */
	size_t unsure_len;
	bool flight_asked;           /* the next is known */
	struct ipc_reason flight;    /* see holders_in_flight() */
	bool whole;                  /* /proc lists every process of the machine */
	bool hidden;                 /* it leaves out those that the caller may not look at */
	bool counted;                /* of processes nothing is told but their numbers */
	struct holders_names *names; /* what was said of processes; owned */
	struct holders *older;       /* what was given before this; owned */
};

/** Says what the next walk shall gather, beyond what it is asked for itself, so that there is but one. */
void holders_want(struct ipc_ctx *ctx, unsigned sources);

/**
 * What the walk found; made at the first call, and again if sources are asked for that it left out. What was given
 * before stays as it is until it is forgotten. ipc_ctx_clear() frees it.
 * Returns 0 or -errno: -ENOSYS without /proc.
 */
int holders_get(struct ipc_ctx *ctx, unsigned sources, const struct holders **ret);

/** Forgets it: the next call looks again, for all that was said to be wanted. ipc_ctx_forget() forgets that, too. */
void holders_forget(struct ipc_ctx *ctx);

/** The entries of one object: the first of them, *ret_len of them in a row (0: nobody was seen to have it). */
const struct holders_entry *holders_find(
	const struct holders *h, enum holders_type type, dev_t dev, ino_t ino, size_t *ret_len);

/**
 * Whether all who have the object were seen, if they were looked for: no process was unseen, and there is no other pid
 * namespace that could not be seen from here, and no file of which it can't be told whether it is this one.
 */
bool holders_complete(const struct holders *h, enum holders_type type, dev_t dev, ino_t ino);

/**
 * Why somebody may have a descriptor that is in no process's table: it is in a message that was not received yet, or in an
 * io_uring. Without a text there is none of anything, as far as the kernel tells; what else it keeps for a
 * process (a call that is under way, a loop device, an autofs mount) it tells nobody.
 *
 * Costs a walk of its own, once for what holders_get() gave last: to be asked when nobody else has it.
 */
struct ipc_reason holders_in_flight(struct ipc_ctx *ctx);

/**
 * Adds a holder for each process that has the object, once for each way: how is "fd", "map", "attach", "blocked", and
 * "read", "write" or "read+write" of a pipe or a FIFO. Sets holders_known, if all could be seen.
 * Returns 0 or -ENOMEM.
 */
int holders_add(
	const struct holders *h, enum holders_type type, dev_t dev, ino_t ino, struct ipc_object *ret);

/**
 * The holders operation of a kind: gathers, and adds who has the object. Returns 0 or -ENOMEM; without /proc nobody is
 * known.
 */
int holders_of(struct ipc_ctx *ctx, unsigned sources, enum holders_type type, dev_t dev, ino_t ino,
	struct ipc_object *ret);
