/* The lines of an audit log, also while it grows and is rotated. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct log_reader {
	const char *path;
	FILE *f;
	dev_t dev;
	ino_t ino;
	char *line; /* owned */
	size_t size;
	size_t number; /* of the line, from 1, in this file */
	bool follow;   /* wait for more at the end */
	bool half;     /* what is left at the end has no newline: it is being written, or its writer died */
};

/** Opens a log. path: kept by the caller. Returns 0 or -errno: -EISDIR. */
int log_reader_open(struct log_reader *r, const char *path, bool follow);
void log_reader_close(struct log_reader *r);

/**
 * The next line without its newline; with follow it is waited for, also when the file was renamed or emptied.
 *
 * Returns its length, -ENODATA at the end, or -errno: -EINTR at a signal.
 */
ssize_t log_reader_next(struct log_reader *r, const char **ret);
