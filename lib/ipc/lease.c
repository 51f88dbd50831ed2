#include "ipc/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { ASK_TRIES = 5, ASK_PAUSE_NS = 300000, OPEN_PAUSE_NS = 500000 };

int ipc_lease_take(int fd)
{
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

void ipc_lease_facts(int fd, struct ipc_facts *ret)
{
	int r = -EAGAIN;

	for (int try = 0; r == -EAGAIN && try < ASK_TRIES; try++) {
		if (try > 0)
			pause_before(try);
		r = ipc_lease_take(fd);
	}
	if (r == 0) {
		ipc_lease_drop(fd);
		ret->held = ANSWER_NO;
		ret->held_source = "the kernel grants a write lease: nobody has it open or mapped";
	} else if (r == -EAGAIN) {
		ret->held = ANSWER_YES;
		ret->held_source = "the kernel refuses a write lease: somebody has it open or mapped";
	} else if (r == -EACCES || r == -EPERM) {
		ret->held = ANSWER_UNKNOWN;
		ret->held_source = "only its owner may ask the kernel whether it is open";
	} else {
		ret->held = ANSWER_UNKNOWN;
		ret->held_source = "the kernel gives no leases here: whether it is open can't be known";
	}
}

void ipc_lease_refused(struct ipc_facts *ret)
{
	ret->held = ANSWER_YES;
	ret->held_source = "somebody holds a lease on it, and so has it open";
}

bool ipc_lease_open_again(int error, int *tries)
{
	struct timespec ts = { .tv_nsec = OPEN_PAUSE_NS };

	if (error != EAGAIN || (*tries)-- <= 0)
		return false;
	nanosleep(&ts, NULL);
	return true;
}
