/* Points in time as text: RFC 3339, in UTC, without asking for a time zone. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Room for the longest text, "2026-11-20T09:15:10.123456789Z", and its NUL. */
enum { TIME_TEXT_SIZE = 31 };

/**
 * Writes t as "2026-11-20T09:15:10Z", with 3, 6 or 9 digits of a second where they are not all 0.
 *
 * Returns the length, or -ERANGE for a year that has not four digits (or nanoseconds out of range).
 */
int ipc_time_format(struct timespec t, char ret[TIME_TEXT_SIZE]);

/**
 * Reads an RFC 3339 time: `T`, `t` or a space in the middle, up to 9 digits of a second, then `Z`
 * or an offset such as +02:00. A leap second (:60) is the second that follows it.
 *
 * Returns 0 or -EINVAL: also for days that are not in the calendar, and for year 0.
 */
int ipc_time_parse(const char *text, size_t len, struct timespec *ret);

/**
 * t in nanoseconds. The owner of a file sets its times to anything (utimensat(2)), so what lies
 * before 1824 or after 2262 becomes the nearest that fits, and the age of no such time overflows.
 */
int64_t ipc_time_ns(struct timespec t);
