/*
 * What /proc says of descriptors, as text: the links in /proc/PID/fd, the files in /proc/PID/fdinfo and
 * /proc/PID/mountinfo. Any of it may hold names that try to look like something else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { MOUNTINFO_MAX = 64 << 20 };

enum procfds_link {
	LINK_OTHER,
	LINK_PATH, /* what lives in a file system, under this name or one it once had */
	LINK_PIPE,
	LINK_SOCKET,
};

/**
 * What a link leads to, by its text: only what is in no mounted file system has a text without a slash
 * at its beginning, so that no file can be called "pipe:[1]".
 *
 * text: len bytes, which need no NUL behind them
 * ret_ino: of a pipe or a socket; else untouched
 * Source: proc(5), /proc/pid/fd.
 */
enum procfds_link procfds_link(const char *text, size_t len, ino_t *ret_ino);

/** Whether a link leads to an io_uring. */
bool procfds_link_is_ring(const char *text, size_t len);

/* What the kernel says first of every descriptor. */
struct procfds_fdinfo {
	unsigned flags; /* of open(2) */
	int mnt_id;
	ino_t ino; /* 0: the kernel does not tell (before Linux 5.14) */
};

/**
 * Reads the lines that the kernel writes of every descriptor; what may follow them is not looked at.
 *
 * text: may be cut off behind them
 * ret: untouched on failure
 * Returns 0 or -EBADMSG. Source: proc(5), /proc/pid/fdinfo.
 */
int procfds_fdinfo(const char *text, struct procfds_fdinfo *ret);

/**
 * How many descriptors are in messages that wait at a socket, by the text of its fdinfo. -1: it does not tell, since
 * the socket is none of a Unix socket, or Linux is older than 5.6.
 * Source: unix_show_fdinfo() in net/unix/af_unix.c.
 */
int64_t procfds_socket_carries(const char *text);

/**
 * How many files with a name were given to an io_uring, by the text of its fdinfo. -1: it does not tell,
 * since the ring is just in use; an older kernel does not say either whether a table of files has nothing in it.
 * Source: io_uring_show_fdinfo() in io_uring/fdinfo.c.
 */
int64_t procfds_ring_carries(const char *text);

struct procfds_mount {
	int id;
	dev_t dev; /* of the file system */
	bool local; /* a question about one of its files is answered by this machine, never by a server that may be dead */
	bool hides;    /* it is /proc, and leaves out the processes that the caller may not look at */
	bool here;     /* it is in the caller's own mount namespace */
	bool shared;   /* segments, semaphores and queues can live there: tmpfs, mqueue */
	bool numbered; /* the number of an inode is that of one file alone */
};

struct procfds_mounts {
	struct procfds_mount *v; /* ordered by id; owned */
	size_t len;
};

/**
 * Adds the mounts of a mountinfo that are not known yet. What is no line of one is left out.
 *
 * text: is written to
 * here: they are the caller's own
 * Returns 0 or -ENOMEM. Source: proc(5), /proc/pid/mountinfo.
 */
int procfds_mounts_add(struct procfds_mounts *m, char *text, bool here);

/** The mount of that id, or NULL. */
const struct procfds_mount *procfds_mount_find(const struct procfds_mounts *m, int id);

/** Adds one that no mountinfo lists: the kernel's own. Returns 0 or -ENOMEM. */
int procfds_mounts_put(struct procfds_mounts *m, const struct procfds_mount *mount);

/** A mount of the file system, or NULL. */
const struct procfds_mount *procfds_mount_of(const struct procfds_mounts *m, dev_t dev);

/** Reads the caller's own mounts. Returns 0 or -errno: -ENOSYS without /proc. */
int procfds_own_mounts(struct procfds_mounts *m);

/**
 * Replaces "\040" and its like, in place, as the kernel writes blanks and more in mountinfo.
 * Source: mangle_path() in fs/seq_file.c.
 */
void procfds_unescape(char *text);

/** Whether a file system is mounted here that answers from this machine. */
bool procfds_is_local(const struct procfds_mounts *m, dev_t dev);

/**
 * Whether a question about what is open is answered by this machine; it is asked nothing for that.
 *
 * m: procfds_own_mounts()
 * fd: may be one of O_PATH
 */
bool procfds_fd_is_local(const struct procfds_mounts *m, int fd);

void procfds_mounts_clear(struct procfds_mounts *m);
