/* The numbers in what the kernel says of limits: /proc/sys and /proc/PID/limits. Any text is read safely. */
#pragma once

#include <stdint.h>

/**
 * One of the numbers of a file in /proc/sys, separated by blanks.
 *
 * column: which one, from 0
 * Returns 0, -ERANGE if it is over UINT64_MAX, or -EBADMSG if there is no such number, or a negative one.
 */
int limits_sysctl(const char *text, unsigned column, uint64_t *ret);

/**
 * The soft limit in a line of /proc/PID/limits (proc(5)).
 *
 * name: as it stands there, "Max open files"
 * ret: UINT64_MAX for "unlimited"
 * Returns 0 or -EBADMSG.
 */
int limits_soft(const char *text, const char *name, uint64_t *ret);

/** The first of the numbers behind "Uid:" in /proc/PID/status: the real user. Returns 0 or -EBADMSG. */
int limits_real_uid(const char *text, uint32_t *ret);

/** Real use in percent, rounded down, without overflow; UINT64_MAX at most. A max of 0 is all used: 100. */
uint64_t limits_percent(uint64_t use, uint64_t max);
