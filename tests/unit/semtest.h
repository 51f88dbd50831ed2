/* What the tests of semaphores share: a directory of their own, on a /dev/shm of their own where possible. */
#pragma once

#include "ipc/semfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static inline void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd >= 0) {
		if (write(fd, text, strlen(text)) < 0)
			perror(path);
		close(fd);
	}
}

/* A small private tmpfs at /dev/shm; false where namespaces are denied. */
static inline bool private_shm(void)
{
	char map[64];
	unsigned uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWNS) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			return false;
		write_text("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		write_text("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		write_text("/proc/self/gid_map", map);
	}
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("tmpfs", "/dev/shm", "tmpfs", 0, "size=1m,mode=1777") == 0;
}

/* Kept for the whole program. */
static int dirfd_;
static bool is_private;

/* A directory to make semaphores in. */
static inline int semtest_setup(void **state)
{
	static char path[] = "/tmp/semtest.XXXXXX";

	(void)state;
	is_private = private_shm();
	dirfd_ = open(is_private ? "/dev/shm" : mkdtemp(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	alarm(600); /* a test that hangs has failed */
	return dirfd_ < 0;
}

static inline int semtest_teardown(void **state)
{
	char path[32];
	char link[256] = "";

	(void)state;
	unlinkat(dirfd_, "sem.x", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dirfd_);
	if (!is_private && readlink(path, link, sizeof(link) - 1) > 0)
		rmdir(link);
	return 0;
}

/* A new semaphore of that value called sem.x, open. */
static inline struct semfile fresh(uint32_t value)
{
	struct semfile f;

	unlinkat(dirfd_, "sem.x", 0);
	assert_int_equal(semfile_create(dirfd_, "sem.x", 0600, (uid_t)-1, (gid_t)-1, value), 0);
	assert_int_equal(semfile_open(dirfd_, "sem.x", O_RDWR, &f), 0);
	return f;
}

static inline uint32_t value_of(const struct semfile *f)
{
	struct semfile_state state;

	assert_int_equal(semfile_get(f, &state), 0);
	return state.value;
}

static inline struct ipc_deadline never(void)
{
	return ipc_deadline_in(WAIT_FOREVER);
}

static inline struct ipc_deadline now(void)
{
	return ipc_deadline_in(0);
}
