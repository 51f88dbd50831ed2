/* Messages on standard error and the exit statuses. The only place that knows either. */
#pragma once

#include "ipc/kind.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_NOT_FOUND = 3, /* no such object, or nobody there */
	CLI_TIMEOUT = 4,   /* timed out, or would have blocked */
	CLI_DENIED = 5,
	CLI_NO = 6,            /* the answer is no */
	CLI_RUN_TIMEOUT = 124, /* of the verbs that run a program, as timeout(1) and env(1) do */
	CLI_RUN_FAILED = 125,
	CLI_RUN_CANNOT = 126,
	CLI_RUN_NOT_FOUND = 127,
};

/** The exit status for a negative errno. */
int status_of(int error);

/**
 * Says what failed and why, "ipcctl mq send: cannot open queue '/jobs': No such file or directory",
 * and a hint where the kind or the system has one.
 *
 * kind: whose hints apply; may be NULL
 * error: negative errno
 * Returns the exit status.
 */
__attribute__((format(printf, 3, 4))) int fail(
	const struct ipc_kind *kind, int error, const char *format, ...);

/** Says what is wrong with the call and where help is. Returns CLI_USAGE. */
__attribute__((format(printf, 1, 2))) int usage_error(const char *format, ...);

/** Says something that is no failure; nothing with --quiet. */
__attribute__((format(printf, 1, 2))) void warn(const char *format, ...);

/** A message of its own wording, without an errno behind it. Returns status. */
__attribute__((format(printf, 2, 3))) int fail_plain(int status, const char *format, ...);

/** Adds "hint: …" below a message. */
__attribute__((format(printf, 1, 2))) void hint(const char *format, ...);

/** The same for a selector that could not be parsed: points at the place. Returns the exit status. */
int fail_selector(int error, const char *text, const struct ipc_selector_error *why);

/** Printable form of untrusted bytes for messages; valid until the scope of AUTO_FREE ends. Never NULL. */
char *shown(const char *bytes);

/**
 * Keeps messages and hints, a line each and without the command in front, for a command that shows them in a place
 * of its own. f: stays the caller's; NULL: standard error again
 */
void diag_keep(FILE *f);

/** Adds a word to what stands before the colon: "ipcctl", "ipcctl mq", "ipcctl mq send". */
void diag_add_command(const char *word);

/**
 * Flushes standard output, and keeps why that failed the first time: what is lost is said once, by main().
 * Returns 0 or that -errno.
 */
int output_flush(void);

/* Of the global options. */
extern bool cli_quiet, cli_verbose;

/**
 * Makes the C library take text as UTF-8, whatever the caller's language: what measures names and
 * what matches patterns ("?" is a character) must agree in every command.
 */
void use_utf8(void);
