/*
 * Names of objects. A selector is KIND:NAME, where the form of NAME picks POSIX or System V; what is
 * printed parses back to the same object. DESIGN: "Names".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ipc_ctx;
struct ipc_kind;

enum ipc_form {
	FORM_POSIX,    /* /name */
	FORM_KEY,      /* key:KEY, also from ftok:PATH:PROJ */
	FORM_ID,       /* id:N */
	FORM_INO,      /* ino:N */
	FORM_PATH,     /* a path in the file system */
	FORM_ABSTRACT, /* @name */
	FORM_TCP,      /* tcp:HOST:PORT */
	FORM_FD,       /* fd:N */
	FORM_SYSTEMD,  /* systemd:NAME */
	FORM_COUNT,
};

struct ipc_selector {
	const struct ipc_kind *kind;
	enum ipc_form form;
	bool pattern; /* name is an fnmatch(3) pattern for the printed NAME of objects of this kind */
	bool has_member;
	unsigned member; /* number within a System V semaphore set */
	int32_t key;     /* FORM_KEY; 0 is key:private */
	int64_t number;  /* FORM_ID, FORM_INO, FORM_FD */
	char *name;      /* the others: raw bytes, with a NUL behind them; owned */
	size_t name_len;
};

/* Why a text is no selector, and where. why is complete English and needs no errno beside it. */
struct ipc_selector_error {
	size_t at; /* offset in the text */
	char why[160];
};

enum {
	SELECTOR_GLOB = 1,   /* unescaped * ? [ make a pattern: the command line of ls, stat, rm, monitor */
	SELECTOR_CREATE = 2, /* key:private is allowed */
};

/**
 * Parses text as the name of an object of one class.
 *
 * class: the class a command is about ("mq"), or NULL when the text must say it with its KIND:
 * flags: SELECTOR_...
 * ret: to be cleared with ipc_selector_clear()
 * error: filled in when the return is negative
 * Returns 0 or -errno: -EINVAL for what is no selector, -ENOENT for an unknown %word or ftok path,
 * -EDESTADDRREQ if text names no class and class is NULL, -ENOMEM.
 */
int ipc_selector_parse(struct ipc_ctx *ctx, const char *text, const char *class, unsigned flags,
	struct ipc_selector *ret, struct ipc_selector_error *error);

/**
 * Parses text for every kind that knows a name of its form: "/jobs" may be a queue, a segment and a semaphore.
 *
 * class: only kinds of this class; NULL: any
 * ret: an array with one selector a kind; the caller clears each and frees the array
 * Returns how many there are, or -errno as ipc_selector_parse().
 */
ssize_t ipc_selector_parse_any(struct ipc_ctx *ctx, const char *text, const char *class, unsigned flags,
	struct ipc_selector **ret, struct ipc_selector_error *error);

/** The text that parses back to the same object, "KIND:NAME" with escapes, or NULL; the caller frees it. */
char *ipc_selector_format(const struct ipc_selector *s);

/** NAME alone, escaped; the caller frees it. NULL if there is no memory. */
char *ipc_selector_name(const struct ipc_selector *s);

/** Whether the object with the selector object is what pattern (a pattern, or literal) names. */
bool ipc_selector_match(const struct ipc_selector *pattern, const struct ipc_selector *object);

/** Copies from to *ret, which must be clear or zero. Returns 0 or -ENOMEM. */
int ipc_selector_copy(struct ipc_selector *ret, const struct ipc_selector *from);

void ipc_selector_clear(struct ipc_selector *s);

#define AUTO_SELECTOR __attribute__((cleanup(ipc_selector_clear), unused))

/**
 * The System V key that ftok(3) makes of path and project, with the rule that no key is 0.
 *
 * Returns 0 or -errno: what stat(2) said, or -EINVAL when the key would be 0.
 */
int ipc_ftok(const char *path, int project, int32_t *ret);

/**
 * Parses a key: 0x…, decimal, or the negative decimal that languages with signed keys print.
 * Returns 0, -EINVAL, or -ERANGE when it does not fit 32 bits.
 */
int ipc_key_parse(const char *text, int32_t *ret);

/** Parses PROJ: a number 1 to 255, else one character. Returns 1 to 255 or -EINVAL. */
int ipc_ftok_project(const char *text);
