#include "ipc/procid.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Forks a child that tells who it is and then does something; the parent gets its identity. */
static pid_t start(struct procid *ret, void (*then)(void))
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct procid id;
		prctl(PR_SET_NAME, "a) R 1\n");
		if (procid_self(&id) < 0 || write(fds[1], &id, sizeof(id)) != sizeof(id))
			_exit(1);
		then();
		_exit(0);
	}
	assert_int_equal(read(fds[0], ret, sizeof(*ret)), sizeof(*ret));
	close(fds[0]);
	close(fds[1]);
	return pid;
}

static void wait_for_signal(void)
{
	pause();
}

static void nothing(void)
{
}

static void *sleep_on(void *arg)
{
	while (pause() < 0)
		;
	return arg;
}

/* The main thread ends, the other one stays. */
static void leave_a_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, sleep_on, NULL);
	pthread_exit(NULL);
}

static enum procid_state judge(const struct procid *id)
{
	struct procid_view view = procid_look();

	assert_true(view.trusted);
	return procid_judge(&view, id);
}

static void the_living_live_whatever_they_are_called(void **state)
{
	(void)state;
	struct procid id, other;
	pid_t pid = start(&id, wait_for_signal);

	assert_int_equal(id.pid, pid);
	assert_int_equal(judge(&id), PROCID_ALIVE);
	other = id;
	other.start++;
	assert_int_equal(judge(&other), PROCID_DEAD);
	other = id;
	other.pidns++;
	assert_int_equal(judge(&other), PROCID_UNKNOWN);
	other = id;
	other.timens++;
	assert_int_equal(judge(&other), PROCID_UNKNOWN);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(judge(&id), PROCID_DEAD);
}

static void a_zombie_is_dead(void **state)
{
	(void)state;
	struct procid id;
	siginfo_t info;
	pid_t pid = start(&id, nothing);

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(judge(&id), PROCID_DEAD);
	waitpid(pid, NULL, 0);
	assert_int_equal(judge(&id), PROCID_DEAD);
}

static char state_of(pid_t pid)
{
	char path[64], text[512] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	return strrchr(text, ')')[2];
}

static void a_main_thread_that_ended_first_is_not_the_process(void **state)
{
	(void)state;
	struct procid id;
	pid_t pid = start(&id, leave_a_thread);

	while (state_of(pid) != 'Z')
		usleep(1000);
	assert_int_equal(judge(&id), PROCID_ALIVE);
	kill(pid, SIGKILL);
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(judge(&id), PROCID_DEAD);
	waitpid(pid, NULL, 0);
}

static void impossible_pids_are_unknown(void **state)
{
	(void)state;
	const pid_t pids[] = { 0, -1, -2147483647 - 1 };
	struct procid id;

	assert_int_equal(procid_self(&id), 0);
	for (size_t i = 0; i < sizeof(pids) / sizeof(*pids); i++) {
		id.pid = pids[i];
		assert_int_equal(judge(&id), PROCID_UNKNOWN);
	}
}

/* As after "unshare --pid --fork" without --mount-proc: /proc shows strangers under our pids. */
static void a_proc_of_another_namespace_is_not_trusted(void **state)
{
	(void)state;
	pid_t pid = fork();

	if (pid == 0) {
		if (unshare(CLONE_NEWPID) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
			_exit(77);
		pid_t inner = fork();
		if (inner == 0)
			_exit(procid_look().trusted ? 1 : 0);
		int status;
		waitpid(inner, &status, 0);
		_exit(WEXITSTATUS(status));
	}
	int status;
	waitpid(pid, &status, 0);
	if (WEXITSTATUS(status) == 77) {
		print_message("namespaces are denied here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_living_live_whatever_they_are_called),
		cmocka_unit_test(a_zombie_is_dead),
		cmocka_unit_test(a_main_thread_that_ended_first_is_not_the_process),
		cmocka_unit_test(impossible_pids_are_unknown),
		cmocka_unit_test(a_proc_of_another_namespace_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
