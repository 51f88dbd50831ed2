#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void on_signal(int signo)
{
	(void)signo;
}

/* A pipe's reader takes a little at a time while a timer interrupts the writer: both loops see
 * short counts and EINTR, and every byte arrives. */
static void whole_through_short_counts_and_signals(void **state)
{
	(void)state;
	enum { SIZE = 1 << 20 };
	static unsigned char sent[SIZE], got[SIZE];
	int fds[2];
	struct sigaction sa = { .sa_handler = on_signal };
	struct itimerval every = { { 0, 500 }, { 0, 500 } }, off = { 0 };

	for (size_t i = 0; i < SIZE; i++)
		sent[i] = (unsigned char)(i * 31 >> 3);
	assert_int_equal(pipe(fds), 0);
	sigaction(SIGALRM, &sa, NULL);
	pid_t pid = fork();
	if (pid == 0) {
		setitimer(ITIMER_REAL, &every, NULL);
		_exit(ipc_write_full(fds[1], sent, SIZE) == 0 ? 0 : 1);
	}
	close(fds[1]);
	setitimer(ITIMER_REAL, &every, NULL);
	ssize_t n = ipc_read_full(fds[0], got, SIZE);
	setitimer(ITIMER_REAL, &off, NULL);
	int status;
	waitpid(pid, &status, 0);
	close(fds[0]);
	assert_int_equal(status, 0);
	assert_int_equal(n, SIZE);
	assert_memory_equal(sent, got, SIZE);
}

static void read_stops_at_end_of_file(void **state)
{
	(void)state;
	int fds[2];
	char buf[8];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "abc", 3), 3);
	close(fds[1]);
	assert_int_equal(ipc_read_full(fds[0], buf, sizeof(buf)), 3);
	close(fds[0]);
}

static void write_reports_a_full_disk(void **state)
{
	(void)state;
	int fd = open("/dev/full", O_WRONLY);

	assert_int_equal(ipc_write_full(fd, "x", 1), -ENOSPC);
	close(fd);
}

static void file_over_the_limit_is_refused(void **state)
{
	(void)state;
	char *text = NULL;

	assert_int_equal(ipc_read_file(AT_FDCWD, "/dev/zero", 100000, &text, NULL), -EFBIG);
	assert_null(text);
	assert_int_equal(ipc_read_file(AT_FDCWD, "/proc/self/status", 100000, &text, NULL), 0);
	assert_non_null(strstr(text, "Pid:"));
	free(text);
}

static void directory_that_fails_is_not_at_its_end(void **state)
{
	(void)state;
	DIR *dir = opendir("/");
	int r = 0, n = 0;

	while (ipc_readdir(dir, &r))
		n++;
	assert_true(n > 2);
	assert_int_equal(r, 0);
	rewinddir(dir);
	int gone = open("/dev/null", O_RDONLY);
	dup2(gone, dirfd(dir)); /* no directory any more */
	close(gone);
	assert_null(ipc_readdir(dir, &r));
	assert_int_equal(r, -ENOTDIR);
	closedir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_through_short_counts_and_signals),
		cmocka_unit_test(read_stops_at_end_of_file),
		cmocka_unit_test(write_reports_a_full_disk),
		cmocka_unit_test(file_over_the_limit_is_refused),
		cmocka_unit_test(directory_that_fails_is_not_at_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
