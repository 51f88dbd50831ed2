/* Numbers as people write and read them: sizes, durations, modes, times. No sign, no overflow, no junk. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Parses a decimal number from 0 to max. Returns 0, -EINVAL, or -ERANGE. */
int parse_uint(const char *text, uint64_t max, uint64_t *ret);

/** Parses 10, 64K, 64KiB, 1M, 2G, 1T (1024) or 5KB (1000) as bytes. Returns 0, -EINVAL, or -ERANGE. */
int parse_size(const char *text, uint64_t *ret);

/** Parses 250ms, 2s, 1.5, 5m, 2h, 7d, 1w, also us and ns, as nanoseconds. Returns 0, -EINVAL, or -ERANGE. */
int parse_duration(const char *text, int64_t *ret);

/** Parses an octal mode of at most 07777. Returns 0, -EINVAL, or -ERANGE. */
int parse_mode(const char *text, mode_t *ret);

/**
 * Parses USER[:GROUP], :GROUP or numbers; what is not given becomes -1.
 * Returns 0, -EINVAL, or -ENOENT for an unknown name.
 */
int parse_owner(const char *text, uid_t *ret_uid, gid_t *ret_gid);

enum { UNITS_TEXT_MAX = 40 };

/** 1536 as "1.5K": three significant digits at most. Returns text. */
char *format_size(uint64_t bytes, char text[UNITS_TEXT_MAX]);

/** The largest unit that fits, with two parts at most: "3d4h", "12s", "0s". Returns text. */
char *format_age(int64_t ns, char text[UNITS_TEXT_MAX]);

/** Nanoseconds as parse_duration() reads them back, in the largest whole unit. Returns text. */
char *format_duration(int64_t ns, char text[UNITS_TEXT_MAX]);
