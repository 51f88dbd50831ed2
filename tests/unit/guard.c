#include "ipc/guard.h"

#include "ipc/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What the guard finds out about itself, and sends through the descriptor it keeps. */
struct report {
	pid_t pid;
	pid_t session;
	char name[16];
	char directory[64];
	int descriptors;
	int hangup_ignored;
	int blocked;
};

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	for (struct dirent *e; (e = readdir(dir));)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n - 1; /* the directory itself */
}

static void report(void *arg)
{
	struct report r = { .pid = getpid(), .session = getsid(0), .descriptors = count_descriptors() };
	struct sigaction sa;
	sigset_t set;

	prctl(PR_GET_NAME, r.name);
	if (!getcwd(r.directory, sizeof(r.directory)))
		r.directory[0] = '\0';
	sigaction(SIGHUP, NULL, &sa);
	r.hangup_ignored = sa.sa_handler == SIG_IGN;
	sigprocmask(SIG_SETMASK, NULL, &set);
	r.blocked = sigismember(&set, SIGUSR1);
	ipc_write_full(*(int *)arg, &r, sizeof(r));
}

static struct guard_task task_for(int *fd)
{
	return (struct guard_task){ .undo = report, .arg = fd, .fds = { *fd }, .fd_count = 1 };
}

/* Becomes another program with a guard behind it. */
static void guarded_exec(int *fd)
{
	struct guard_task task = task_for(fd);
	struct guard g = GUARD_NONE;
	sigset_t set;

	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (guard_start(&task, &g) < 0 || waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		_exit(1);
	execl("/bin/sh", "sh", "-c", "exec sleep 600", (char *)NULL);
	_exit(1);
}

static void the_guard_acts_when_the_holder_dies(void **state)
{
	(void)state;
	int fds[2];
	struct report r;

	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	pid_t pid = fork();
	if (pid == 0)
		guarded_exec(&fds[1]);
	close(fds[1]);
	char path[64], name[16] = "";
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	while (strcmp(name, "sleep\n") != 0) {
		AUTO_CLOSE int fd = open(path, O_RDONLY);
		memset(name, 0, sizeof(name));
		assert_true(read(fd, name, sizeof(name) - 1) > 0);
	}
	/* execve(2) was no death: nothing is reported, and the pipe is still open in the guard */
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(read(fds[0], &r, sizeof(r)), -1);
	assert_int_equal(errno, EAGAIN);
	fcntl(fds[0], F_SETFL, 0);
	kill(pid, SIGKILL);
	assert_int_equal(ipc_read_full(fds[0], &r, sizeof(r)), sizeof(r));
	waitpid(pid, NULL, 0);
	assert_string_equal(r.name, "ipcctl-guard");
	assert_string_equal(r.directory, "/");
	assert_int_equal(r.descriptors, 3); /* the pipe, the pidfd, the line to the holder */
	assert_int_not_equal(r.session, getsid(0));
	assert_int_not_equal(r.session, r.pid);
	assert_false(r.hangup_ignored);
	assert_false(r.blocked);
	assert_int_equal(ipc_read_full(fds[0], &r, 1), 0);
	close(fds[0]);
}

static void a_dismissed_guard_does_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		int fds[2];
		struct report r;

		assert_int_equal(pipe(fds), 0);
		pid_t pid = fork();
		if (pid == 0) {
			struct guard_task task = task_for(&fds[1]);
			struct guard g = GUARD_NONE;
			if (guard_start(&task, &g) < 0)
				_exit(1);
			guard_dismiss(&g);
			_exit(0); /* at once: the guard may see the death together with its dismissal */
		}
		close(fds[1]);
		assert_int_equal(ipc_read_full(fds[0], &r, sizeof(r)), 0);
		int status;
		waitpid(pid, &status, 0);
		assert_int_equal(status, 0);
		close(fds[0]);
	}
}

static void a_holder_that_reaps_no_children_gets_one_too(void **state)
{
	(void)state;
	int fds[2];
	struct report r;

	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct guard_task task = task_for(&fds[1]);
		struct guard g = GUARD_NONE;
		signal(SIGCHLD, SIG_IGN);
		_exit(guard_start(&task, &g) == 0 ? 0 : 1);
	}
	close(fds[1]);
	assert_int_equal(ipc_read_full(fds[0], &r, sizeof(r)), sizeof(r));
	int status;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_guard_acts_when_the_holder_dies),
		cmocka_unit_test(a_dismissed_guard_does_nothing),
		cmocka_unit_test(a_holder_that_reaps_no_children_gets_one_too),
	};

	alarm(300);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
