/*
 * What /proc/PID/maps says, as text. Its last column is a name that a process chose: of all else only a newline in
 * it is escaped, so that it can hold anything but never begins a line.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct procmaps_line {
	uint64_t from, to; /* addresses */
	bool shared;
	dev_t dev;
	ino_t ino;        /* 0: it is no file's */
	const char *path; /* as the kernel wrote it, with what it appends; no NUL behind it */
	size_t path_len;
};

/**
 * Reads the next line and moves *text behind it. What is no line of a map is left out.
 *
 * ret: path points into the text
 * Returns false at the end. Source: proc(5), /proc/pid/maps.
 */
bool procmaps_next(const char **text, const char *end, struct procmaps_line *ret);

/**
 * Whether the name is the one that the kernel gives System V segments. It says nothing by itself: a file can be called so.
 * Source: newseg() in ipc/shm.c.
 */
bool procmaps_is_sysv(const struct procmaps_line *line);

/** Whether the kernel appended that the name is gone, or a name ends so. */
bool procmaps_seems_deleted(const struct procmaps_line *line);
