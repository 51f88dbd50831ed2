/*
 * The audit log: an observer that writes one line of JSON for each use of an object that it is told of, DESIGN "JSON
 * keys". Each line is one write(2) to a file opened with O_APPEND, so that lines of many processes never mix.
 *
 * Such a log is written by those whom it is about: it proves little against them. ipcctl-log(1) says what does.
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/selector.h"

/* What the caller knows and the core does not ask for. */
struct audit_options {
	const char *target;  /* a path, "journal:" or "syslog:"; kept by the caller */
	const char *command; /* "ipcctl mq send" */
	const char *user;    /* the name of the real user, or its number; printable */
	bool required; /* what can't be recorded is refused, and announced by a line before it is done */
	bool each;     /* a line for each message */
	mode_t mode;   /* of a new file */
	gid_t gid;     /* of a new file; -1: the caller's */
	/* Why a line is missing, the first time; negative errno. Not with required. */
	void (*failed)(int error, void *arg);
	void *arg;
};

struct audit;

/**
 * Opens a log, made if it is not there, and makes it ctx->observer.
 *
 * ret: to be closed with audit_close() when nothing more is observed
 * Returns 0 or -errno: -ELOOP for a symbolic link, -EKEYREJECTED for a file of another user, -EMEDIUMTYPE for what is
 * no regular file, -ENOENT and -ECONNREFUSED where the journal or syslog is not there. Without options->required the
 * log is made all the same, and what could not be opened is tried again with the first line.
 */
int audit_open(struct ipc_ctx *ctx, const struct audit_options *options, struct audit **ret);
void audit_close(struct ipc_ctx *ctx, struct audit *a);
