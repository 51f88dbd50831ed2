/*
 * UTF-8, and bytes from outside made safe to show.
 *
 * Printable is what a terminal shows as it stands. Not printable are the control characters (C0, DEL,
 * C1), what reorders or hides the text around it (bidirectional controls, zero-width and other
 * invisible format characters, the byte order mark), line and paragraph separators, and
 * noncharacters: with them a name could look like another one. Unassigned characters pass.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * The character at the start of buf: strict, so no surrogates, no overlong forms, none over U+10FFFF.
 *
 * Returns the number of its bytes (1 to 4), or 0 if there is no valid character.
 */
size_t ipc_utf8_next(const void *buf, size_t len, uint32_t *ret);

/** Whether all of buf is UTF-8. NUL is a character like others. */
bool ipc_utf8_valid(const void *buf, size_t len);

bool ipc_utf8_printable(uint32_t c);

enum {
	/* Also `*`, `?` and `[`, which would be a pattern in a selector. */
	ESCAPE_GLOB = 1 << 0,
	/* For data on a terminal: newline, tab and backslash stay as they are. Can't be read back. */
	ESCAPE_DISPLAY = 1 << 1,
};

/* A byte becomes at most this many. */
enum { ESCAPE_FACTOR = 4 };

/**
 * Makes bytes printable: `\n`, `\t`, `\r`, `\\`, `\*` … as the flags say, and for each byte of
 * what is not printable or not UTF-8 `\xNN`, lower case.
 *
 * dst: room for ESCAPE_FACTOR * len + 1 bytes; a NUL that is not counted ends it
 * Returns the length.
 */
size_t ipc_escape(char *dst, const void *buf, size_t len, unsigned flags);

/** The same in new memory, which the caller frees; NULL if there is none. */
char *ipc_escape_dup(const void *buf, size_t len, unsigned flags);

/**
 * The inverse of ipc_escape (without ESCAPE_DISPLAY). Accepts `\n \t \r \\ \* \? \[ \] \xNN`, hex
 * digits of either case; bytes that are no escape stand for themselves.
 *
 * dst: room for len bytes; may be text itself
 * ret_bad: where the escape that is none begins, set for -EINVAL only; may be NULL
 * Returns the length or -EINVAL; the result can hold NUL.
 */
ssize_t ipc_unescape(char *dst, const char *text, size_t len, size_t *ret_bad);
