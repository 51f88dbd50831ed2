#include "ipc/lease.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { MQUEUE_MAGIC = 0x19800202 }; /* ipc/mqueue.c */

/* All pauses of a command: less than a second. */
enum { PAUSES_MAX = 1000 };

enum { ASK_TRIES = 5, ASK_PAUSE_NS = 300000, OPEN_PAUSE_NS = 500000, GRACE_NS = 200000 };

/*
 * An overlay has inodes of its own, and what is mapped is the file below, of which they know nothing: the lease would be
 * granted. Others may do the same; these keep the counts that the lease rests on. Source: backing_file_mmap() in
 * fs/backing-file.c, check_conflicting_open() in fs/locks.c.
 */
static bool knows_its_users(int fd)
{
	static const unsigned types[] = { TMPFS_MAGIC, RAMFS_MAGIC, MQUEUE_MAGIC, EXT4_SUPER_MAGIC,
		XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC };
	struct statfs st;

	if (fstatfs(fd, &st) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((unsigned)st.f_type == types[i])
			return true;
	return false;
}

int ipc_lease_take(int fd)
{
	if (!knows_its_users(fd))
		return -EOPNOTSUPP;
	/* Whoever opens the file makes the kernel send a signal; the usual one, SIGIO, would kill us. */
	if (fcntl(fd, F_SETSIG, SIGURG) < 0)
		return -errno;
	return fcntl(fd, F_SETLEASE, F_WRLCK) < 0 ? -errno : 0;
}

void ipc_lease_drop(int fd)
{
	fcntl(fd, F_SETLEASE, F_UNLCK);
}

bool ipc_lease_wanted(int fd)
{
	return fcntl(fd, F_GETLEASE) != F_WRLCK;
}

/* Longer each time, and not the same for two who ask in step. */
static void pause_before(int try)
{
	struct timespec ts = { .tv_nsec = (long)try * ASK_PAUSE_NS + getpid() % 97 * 1000L };

	nanosleep(&ts, NULL);
}

/* Whether there is patience for one more pause, and takes it. */
static bool take_pause(struct ipc_ctx *ctx)
{
	if (!ctx)
		return true;
	if (ctx->lease_pauses >= PAUSES_MAX)
		return false;
	ctx->lease_pauses++;
	return true;
}

static struct ipc_fact out_of_patience(void)
{
	return ipc_fact_of(ANSWER_UNKNOWN,
		"so many objects are held that it was not waited whether somebody has this one for a moment "
		"only");
}

/* Takes the lease, a few times if it is refused: another who asks looks like a holder. Returns 0 or -errno. */
static int take_patiently(struct ipc_ctx *ctx, int fd, int *ret_tries)
{
	int r = ipc_lease_take(fd), try = 1;

	for (; r == -EAGAIN && try < ASK_TRIES && take_pause(ctx); try++) {
		pause_before(try);
		r = ipc_lease_take(fd);
	}
	*ret_tries = try;
	return r;
}

void ipc_lease_facts(struct ipc_ctx *ctx, int fd, struct ipc_facts *ret)
{
	int try, r = take_patiently(ctx, fd, &try);

	if (r == 0) {
		ipc_lease_drop(fd);
		ret->held = ipc_fact_of(
			ANSWER_NO, "the kernel grants a write lease: nobody has it open or mapped");
	} else if (r == -EAGAIN && try == ASK_TRIES) {
		ret->held = ipc_fact_of(
			ANSWER_YES, "the kernel refuses a write lease: somebody has it open or mapped");
	} else if (r == -EAGAIN) {
		ret->held = out_of_patience();
	} else if (r == -EACCES || r == -EPERM) {
		ret->held =
			ipc_fact_of(ANSWER_UNKNOWN, "only its owner may ask the kernel whether it is open");
	} else {
		ret->held = ipc_fact_of(
			ANSWER_UNKNOWN, "the kernel gives no leases here: whether it is open can't be known");
	}
}

int ipc_lease_hold(int fd)
{
	struct timespec grace = { .tv_nsec = GRACE_NS };
	int try, r = take_patiently(NULL, fd, &try);

	if (r < 0)
		return r == -EAGAIN ? -EBUSY : -EADDRINUSE;
	nanosleep(&grace, NULL);
	if (!ipc_lease_wanted(fd))
		return 0;
	ipc_lease_drop(fd);
	return -EBUSY;
}

void ipc_lease_refused(struct ipc_ctx *ctx, struct ipc_facts *ret)
{
	ret->held = ctx->lease_pauses < PAUSES_MAX
		? ipc_fact_of(ANSWER_YES, "somebody holds a lease on it, and so has it open")
		: out_of_patience();
}

bool ipc_lease_open_again(struct ipc_ctx *ctx, int error, int *tries)
{
	struct timespec ts = { .tv_nsec = OPEN_PAUSE_NS };

	if (error != EAGAIN || (*tries)-- <= 0 || !take_pause(ctx))
		return false;
	nanosleep(&ts, NULL);
	return true;
}
