#include "ipc/aside.h"

#include "ipc/filefacts.h"
#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/aside.XXXXXX";
static int dirfd_of_it = -1;

static int setup(void **state)
{
	(void)state;
	dirfd_of_it = mkdtemp(dir) ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	return dirfd_of_it < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	close(dirfd_of_it);
	return rmdir(dir);
}

/* Makes a file, and looks at it. */
static struct ipc_object made(void)
{
	struct ipc_object o = { 0 };
	struct statx st;

	close(openat(dirfd_of_it, "f", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(
		statx(dirfd_of_it, "f", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &st), 0);
	ipc_file_facts(&st, &o);
	return o;
}

static void what_was_looked_at_is_removed(void **state)
{
	struct ipc_object o = made();

	(void)state;
	assert_int_equal(ipc_aside_remove(dirfd_of_it, "f", &o, NULL, NULL), 0);
	assert_int_equal(faccessat(dirfd_of_it, "f", F_OK, 0), -1);
	/* When it was made need not be known. */
	o = made();
	o.common[FIELD_CREATED].have = HAVE_ABSENT;
	assert_int_equal(ipc_aside_remove(dirfd_of_it, "f", &o, NULL, NULL), 0);
}

static void a_file_that_got_the_number_of_the_one_looked_at_stays(void **state)
{
	struct ipc_object o = made();

	(void)state;
	if (o.common[FIELD_CREATED].have == HAVE_VALUE) { /* else the file system has no births */
		o.common[FIELD_CREATED].number--;
		assert_int_equal(ipc_aside_remove(dirfd_of_it, "f", &o, NULL, NULL), -ESTALE);
		o.common[FIELD_CREATED].number++;
	}
	o.ino++;
	assert_int_equal(ipc_aside_remove(dirfd_of_it, "f", &o, NULL, NULL), -ESTALE);
	o.ino--;
	o.dev++;
	assert_int_equal(ipc_aside_remove(dirfd_of_it, "f", &o, NULL, NULL), -ESTALE);
	assert_int_equal(unlinkat(dirfd_of_it, "f", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_looked_at_is_removed),
		cmocka_unit_test(a_file_that_got_the_number_of_the_one_looked_at_stays),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
