/* Where lines of the audit log go: a file, the journal, syslog. Private to audit*.c. */
#pragma once

#include "ipc/audit.h"

struct audit_sink;

/* A line is text without a newline; fields are what the journal keeps beside it. */
struct audit_line {
	const char *text; /* with a newline behind it, which len counts */
	size_t len;
	const char *object, *event, *result;
};

struct audit_sink_ops {
	int (*open)(struct audit_sink *s);
	int (*write)(struct audit_sink *s, const struct audit_line *line);
};

struct audit_sink {
	const struct audit_sink_ops *ops;
	const struct audit_options *options;
	int fd;    /* -1: not open */
	bool torn; /* what stands at the file's end is half a line */
	dev_t dev; /* of the open file */
	ino_t ino;
};

/** The sink for a target. */
const struct audit_sink_ops *audit_sink_of(const char *target);
