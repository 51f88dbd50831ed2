#include "ipc/bootclock.h"

#include "ipc/deadline.h"
#include "ipc/io.h"
#include "ipc/procfds_text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

/* PROC_TIME_INIT_INO (include/linux/proc_ns.h): elsewhere the time since boot is that of no machine. */
static const ino_t first_timens = 0xeffffffa;

/*
 * Clocks are read one behind the other, ticks are coarse, and NTP sets a clock by fractions of a second. What is
 * closer than this is not told apart.
 */
static const int64_t margin = NSEC_PER_SEC;

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec t = { 0 };

	clock_gettime(clock, &t);
	return t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

/*
 * A line of mountinfo: "24 27 0:6 /null /dev/null rw …", and behind " - " the type of the file system. The nodes are
 * in it because containers have no more of it than these.
 */
static bool is_made_at_boot(const char *line, dev_t *ret_dev, char path[static 64])
{
	static const char *const roots[] = { "/", "/null", "/zero", "/full", "/random", "/urandom" };
	unsigned major_no, minor_no;
	char root[16];

	if (!strstr(line, " - devtmpfs ") ||
		sscanf(line, "%*d %*d %u:%u %15s %63s ", &major_no, &minor_no, root, path) != 4)
		return false;
	*ret_dev = makedev(major_no, minor_no);
	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		if (strcmp(root, roots[i]) == 0)
			return !strchr(path, '\\');
	return false;
}

/* When the file system of devices was made, by the clock as it went then. */
static bool read_birth_of_devices(int64_t *ret)
{
	AUTO_FREE char *text = NULL;
	char path[64], *rest;
	struct statx st;
	dev_t dev;

	if (ipc_read_file(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text, NULL) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!is_made_at_boot(line, &dev, path) ||
			statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BTIME, &st) < 0)
			continue;
		if (!(st.stx_mask & STATX_BTIME) || makedev(st.stx_dev_major, st.stx_dev_minor) != dev)
			continue;
		*ret = st.stx_btime.tv_sec * NSEC_PER_SEC + st.stx_btime.tv_nsec;
		return true;
	}
	return false;
}

void bootclock_read(struct bootclock *ret)
{
	struct bootclock c = { .now = nanoseconds(CLOCK_BOOTTIME),
		.tick = NSEC_PER_SEC / sysconf(_SC_CLK_TCK) };
	struct stat st;

	c.offset = nanoseconds(CLOCK_REALTIME) - c.now;
	bool first = stat("/proc/self/ns/time", &st) < 0 || st.st_ino == first_timens;
	c.first_known = first && read_birth_of_devices(&c.first);
	*ret = c;
}

/*
 * The times since boot that a time stamp can mean, from the earliest to the latest. Either the clock went then as it goes now, or as it went at
 * boot; what would lie before the boot of what does not survive one, or in the future, was not so.
 */
static bool times_of(
	const struct bootclock *c, int64_t when, bool survives, int64_t *ret_earliest, int64_t *ret_latest)
{
	int64_t by_now, by_first;

	if (__builtin_sub_overflow(when, c->offset, &by_now) ||
		__builtin_sub_overflow(when, c->first, &by_first))
		return false;
	bool now_can_be = by_now >= -margin || (survives && c->first_known);
	bool first_can_be =
		c->first_known && by_first <= c->now + margin && (survives || by_first >= -margin);

	if (!now_can_be && !first_can_be)
		return false;
	*ret_earliest = !now_can_be || (first_can_be && by_first < by_now) ? by_first : by_now;
	*ret_latest = !now_can_be || (first_can_be && by_first > by_now) ? by_first : by_now;
	return true;
}

/* The same of a process. */
static bool start_of(const struct bootclock *c, uint64_t start, int64_t *ret)
{
	return start <= INT64_MAX && !__builtin_mul_overflow((int64_t)start, c->tick, ret);
}

bool bootclock_started_later(const struct bootclock *c, uint64_t start, int64_t when, bool survives)
{
	int64_t from, to, started;

	return times_of(c, when, survives, &from, &to) && start_of(c, start, &started) && started > to &&
		(uint64_t)started - (uint64_t)to > (uint64_t)margin;
}

bool bootclock_started_earlier(const struct bootclock *c, uint64_t start, int64_t when, bool survives)
{
	int64_t from, to, started;

	return times_of(c, when, survives, &from, &to) && start_of(c, start, &started) && started < from &&
		(uint64_t)from - (uint64_t)started > (uint64_t)margin;
}
