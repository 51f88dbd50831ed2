/*
 * Which was first, a process or an object? The kernel keeps the start of a process in clock ticks since the machine
 * booted, and the times of an object by the clock of the day, which can be set: by hand, by NTP on a board without a
 * battery, in a virtual machine that was resumed from a snapshot. What was made before the clock was set forward then
 * looks older than it is, and its own maker like a newcomer.
 *
 * So an object's time is turned into the latest time since boot at which it can have been. What helps is that the
 * root of devtmpfs is made with the kernel itself, so that its birth shows how far the clock was set since.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bootclock {
	int64_t now;    /* nanoseconds since boot (CLOCK_BOOTTIME) */
	int64_t offset; /* what has to be added for the time of the day, as the clock goes now */
	int64_t first;  /* the same as the clock went when the machine booted */
	bool first_known;
	int64_t tick; /* nanoseconds */
};

/** Reads the clocks. What can't be known is left unknown. */
void bootclock_read(struct bootclock *ret);

/**
 * Whether a process has certainly started later than an object had a time stamp.
 *
 * start: in clock ticks since boot (proc(5), /proc/pid/stat)
 * when: nanoseconds since 1970; of a stamp in whole seconds, the last nanosecond of it
 * survives: the object can be older than this boot, as files on disks can
 */
bool bootclock_started_later(const struct bootclock *c, uint64_t start, int64_t when, bool survives);

/** Whether it has certainly started earlier; when: of a stamp in whole seconds, the first nanosecond of it. */
bool bootclock_started_earlier(const struct bootclock *c, uint64_t start, int64_t when, bool survives);
