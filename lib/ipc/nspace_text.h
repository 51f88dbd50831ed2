/* What /proc tells of a namespace, as text. All of it may be chosen by whoever runs there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * The container that a process is in, by its control groups: the innermost that is named the way a container manager
 * names one ("docker:0123456789ab", "lxc:web", "machine:build"), else the innermost unit of systemd ("db.service").
 *
 * text: /proc/PID/cgroup
 * Returns printable text, which the caller frees; NULL if it names none, or without memory.
 */
char *nspace_container(const char *text);

/* A line of /proc/PID/mountinfo (proc(5)). The kernel escapes white space in its fields. */
struct nspace_mount {
	unsigned id;
	dev_t dev;
	bool whole; /* all of the file system is mounted, not a directory of it */
	bool tmpfs;
	ino_t ipcns;       /* it is the file of an IPC namespace, with this number: namespaces(7); else 0 */
	const char *point; /* where; not ended by a NUL */
	size_t point_len;
};

/** Takes the next line that can be understood. Returns false at the end. */
bool nspace_mount_next(const char **text, struct nspace_mount *ret);

/** Where a mount is, as the kernel knows it, "\040" being a blank. The caller frees it; NULL without memory. */
char *nspace_mount_path(const struct nspace_mount *m);

/**
 * Whether what a process has at /dev/shm can be taken for the shared memory of its namespace: a whole tmpfs, and none
 * that is mounted here in another place than one called shm. Else a process could mount our /run there, and have
 * its files removed as segments.
 *
 * theirs: its mountinfo; ours: that of this process
 * id, dev: of the mount that was opened
 */
bool nspace_is_shm(const char *theirs, const char *ours, unsigned id, dev_t dev);
