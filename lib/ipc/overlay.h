/*
 * Files that overlay mounts show elsewhere: there they have inodes of their own, so that the kernel does not know a socket
 * or a FIFO by its file in the upper layer. Source: Documentation/filesystems/overlayfs.rst.
 */
#pragma once

#include <stdbool.h>

/**
 * Whether a line of mountinfo is of an overlay mount to whose upper layer a file belongs. A layer that the line names
 * relative to some directory counts wherever it is.
 *
 * line: without its newline; changed
 * path: absolute, without symbolic links
 */
bool overlay_has(char *line, const char *path);

/** The same of all mounts that the process sees. False also where /proc does not tell. */
bool overlay_shows(const char *file);

/**
 * Whether a file is in a file system that other machines can have mounted, too: a socket or a FIFO there has a life of its
 * own on each of them. False also where /proc does not tell.
 */
bool overlay_is_remote(const char *file);
