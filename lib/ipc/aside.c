#include "ipc/aside.h"

#include "ipc/filefacts.h"
#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE ".ipcctl-rm"

enum { ASIDE_SIZE = sizeof(ASIDE) + NAME_MAX + 16, ASIDE_DIGITS = 8, ASIDE_TRIES = 8 };

/* On a tmpfs a number is given away again, so the birth counts, too, where the file system notes it. */
int ipc_aside_check(int dirfd, const char *name, const struct ipc_object *object)
{
	struct ipc_value born = object->common[FIELD_CREATED];
	struct ipc_object now = { 0 };
	struct statx st;

	if (statx(dirfd, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
		    STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
		return -errno;
	ipc_file_facts(&st, &now);
	if (now.dev != object->dev || now.ino != object->ino)
		return -ESTALE;
	bool same = born.have != HAVE_VALUE || now.common[FIELD_CREATED].have != HAVE_VALUE ||
		now.common[FIELD_CREATED].number == born.number;
	return same ? 0 : -ESTALE;
}

/* For a name that is too long for the prefix: the file may be swapped before the last step, which is noticed. */
static int remove_directly(int dirfd, const char *name, int looking)
{
	struct stat st;
	nlink_t before = fstat(looking, &st) == 0 ? st.st_nlink : 1;

	if (unlinkat(dirfd, name, 0) < 0)
		return -errno;
	return fstat(looking, &st) == 0 && st.st_nlink >= before ? -EREMCHG : 0;
}

/*
 * Moves the file to a name of its own. Others may have taken that one, so that it could never be removed:
 * then a random number is part of it.
 *
 * Returns 0 or -errno: -ENAMETOOLONG if there is no room for such a name.
 */
static int put_aside(int dirfd, const char *name, char aside[static ASIDE_SIZE])
{
	int n = snprintf(aside, ASIDE_SIZE, ASIDE ".%s", name);

	for (int i = 0; i < ASIDE_TRIES; i++) {
		uint32_t random;
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		if (renameat2(dirfd, name, dirfd, aside, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST || getrandom(&random, sizeof(random), 0) < 0)
			return -errno;
		n = snprintf(aside, ASIDE_SIZE, ASIDE "-%08" PRIx32 ".%s", random, name);
	}
	return -EEXIST;
}

const char *ipc_aside_original(const char *aside)
{
	const char *p = aside + sizeof(ASIDE) - 1;

	if (strncmp(aside, ASIDE, sizeof(ASIDE) - 1) != 0)
		return NULL;
	if (*p == '-' && strspn(p + 1, "0123456789abcdef") == ASIDE_DIGITS)
		p += 1 + ASIDE_DIGITS;
	return *p == '.' && p[1] ? p + 1 : NULL;
}

static int remove_aside(int dirfd, const char *name, const char *aside, const struct ipc_object *object,
	ipc_aside_fn *unused, void *arg)
{
	int r = ipc_aside_check(dirfd, aside, object);
	if (r == 0 && unused)
		r = unused(dirfd, aside, arg);
	if (r == 0 && unlinkat(dirfd, aside, 0) == 0)
		return 0;
	if (r == 0)
		r = -errno;
	if (renameat2(dirfd, aside, dirfd, name, RENAME_NOREPLACE) < 0)
		return -errno;
	return r;
}

int ipc_aside_remove(
	int dirfd, const char *name, const struct ipc_object *object, ipc_aside_fn *unused, void *arg)
{
	char aside[ASIDE_SIZE];
	AUTO_CLOSE int looking = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	int r = looking < 0 ? -errno : ipc_aside_check(looking, "", object);
	if (r < 0)
		return r;
	r = put_aside(dirfd, name, aside);
	if (r == -ENAMETOOLONG) {
		r = unused ? unused(dirfd, name, arg) : 0;
		return r < 0 ? r : remove_directly(dirfd, name, looking);
	}
	return r < 0 ? r : remove_aside(dirfd, name, aside, object, unused, arg);
}
