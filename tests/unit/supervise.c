#include "ipc/supervise.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WORDS(...) ((char **)(const char *[]){ __VA_ARGS__, NULL })
#define SHELL(script) WORDS("sh", "-c", script)

static void on_signal(int signo)
{
	(void)signo;
}

static struct supervised start(char *const argv[], const struct supervise_options *options)
{
	struct supervised p = SUPERVISED_NONE;

	assert_int_equal(supervise_spawn(argv, options, &p), 0);
	assert_true(p.pid > 0);
	return p;
}

/* The exit status, as a shell has it. */
static int end_of(struct supervised *p)
{
	int status, r;

	while ((r = supervise_reap(p, ipc_deadline_in(WAIT_FOREVER), &status)) == -EINTR)
		;
	assert_int_equal(r, 1);
	assert_int_equal(p->pid, 0);
	assert_int_equal(p->pidfd, -1);
	return supervise_wait_status(status);
}

static int run(char *const argv[], const struct supervise_options *options)
{
	struct supervised p = start(argv, options);

	return end_of(&p);
}

/* What a script prints on its standard output. */
static void output_of(char *const argv[], struct supervise_options *options, char text[static 4096])
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	options->fds[1] = fds[1];
	struct supervised p = start(argv, options);
	close(fds[1]);
	ssize_t n = ipc_read_full(fds[0], text, 4095);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fds[0]);
	assert_int_equal(end_of(&p), 0);
}

static void statuses_are_those_of_a_shell(void **state)
{
	(void)state;
	struct supervise_options o = SUPERVISE_DEFAULTS;

	assert_int_equal(run(SHELL("exit 0"), &o), 0);
	assert_int_equal(run(SHELL("exit 7"), &o), 7);
	assert_int_equal(run(SHELL("kill -TERM $$"), &o), 128 + SIGTERM);
	assert_int_equal(run(SHELL("kill -KILL $$"), &o), 128 + SIGKILL);
	assert_int_equal(supervise_exec_status(-ENOENT), 127);
	assert_int_equal(supervise_exec_status(-EACCES), 126);
	assert_int_equal(supervise_exec_status(-ENOEXEC), 126);
}

static void make_file(const char *dir, const char *name, const char *text, mode_t mode)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(ipc_write_full(fd, text, strlen(text)), 0);
	close(fd);
}

static void what_cannot_be_executed_is_an_error_of_the_call(void **state)
{
	(void)state;
	char dir[] = "/tmp/supervise.XXXXXX", path[300], first[320], command[340];
	struct supervise_options o = SUPERVISE_DEFAULTS;
	struct supervised p = SUPERVISED_NONE;

	assert_non_null(mkdtemp(dir));
	make_file(dir, "plain", "exit 0\n", 0600);
	make_file(dir, "script", "exit $#\n", 0700);
	make_file(dir, "true", "exit 1\n", 0600);
	snprintf(path, sizeof(path), "%s/plain", dir);
	assert_int_equal(supervise_spawn(WORDS(path), &o, &p), -EACCES);
	assert_int_equal(supervise_find(path, &o), -EACCES);
	assert_int_equal(supervise_spawn(WORDS(dir), &o, &p), -EACCES);
	assert_int_equal(supervise_find(dir, &o), -EACCES);
	assert_int_equal(supervise_spawn(WORDS("/nowhere/program"), &o, &p), -ENOENT);
	assert_int_equal(supervise_find("/nowhere/program", &o), -ENOENT);
	assert_int_equal(supervise_spawn(WORDS("no-such-program"), &o, &p), -ENOENT);
	assert_int_equal(supervise_find("no-such-program", &o), -ENOENT);
	assert_int_equal(supervise_spawn(WORDS(""), &o, &p), -ENOENT);
	assert_int_equal(supervise_spawn((char *[]){ NULL }, &o, &p), -ENOENT);
	assert_int_equal(p.pid, 0);

	/* A script without "#!" is the shell's, and what may not be executed hides nothing behind it in PATH. */
	snprintf(first, sizeof(first), "PATH=/nowhere:%s:/usr/bin:/bin", dir);
	o.env = WORDS(first);
	assert_int_equal(run(WORDS("script", "a", "b"), &o), 2);
	assert_int_equal(run(WORDS("true"), &o), 0);
	assert_int_equal(supervise_find("true", &o), 0);
	assert_int_equal(supervise_spawn(WORDS("plain"), &o, &p), -EACCES);
	assert_int_equal(supervise_find("plain", &o), -EACCES);

	/* Who may not search a directory finds nothing there. */
	if (geteuid() != 0) {
		assert_int_equal(chmod(dir, 0), 0);
		assert_int_equal(supervise_spawn(WORDS("plain"), &o, &p), -ENOENT);
		assert_int_equal(supervise_find("plain", &o), -ENOENT);
		assert_int_equal(chmod(dir, 0700), 0);
	}

	o.env = NULL;
	o.dir = "/nowhere";
	assert_int_equal(supervise_spawn(WORDS("true"), &o, &p), -ENOENT);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left to be reaped */
	assert_int_equal(errno, ECHILD);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void environment_and_directory_are_as_told(void **state)
{
	(void)state;
	char text[4096];
	struct supervise_options o = SUPERVISE_DEFAULTS;

	o.dir = "/usr";
	o.env = WORDS("A=b c", "PATH=/usr/bin:/bin");
	output_of(SHELL("echo \"$A\"; pwd; echo \"${HOME-none}\""), &o, text);
	assert_string_equal(text, "b c\n/usr\nnone\n");
}

/* One bit for each signal, 1 for signal 1; of "SigIgn:" and the like in /proc/PID/status. */
static unsigned long long signals_of(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	assert_non_null(at);
	return strtoull(at + strlen(key), NULL, 16);
}

static void signals_are_as_they_were_at_the_start(void **state)
{
	(void)state;
	char text[4096];
	struct sigaction handler = { .sa_handler = on_signal };
	struct supervise_options o = SUPERVISE_DEFAULTS;
	sigset_t usr1;

	signal(SIGPIPE, SIG_IGN); /* ours: not for the program */
	signal(SIGCHLD, SIG_IGN); /* would lose statuses */
	signal(SIGHUP, SIG_IGN);  /* nohup(1) */
	sigaction(SIGTERM, &handler, NULL);
	sigaction(SIGRTMAX, &handler, NULL);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	output_of(WORDS("cat", "/proc/self/status"), &o, text);
	assert_int_equal(signals_of(text, "SigIgn:\t"), 1ULL << (SIGHUP - 1));
	assert_int_equal(signals_of(text, "SigCgt:\t"), 0);
	assert_int_equal(signals_of(text, "SigBlk:\t"), 0);

	/* And nothing changed here. */
	struct sigaction now;
	sigset_t mask;
	sigaction(SIGTERM, NULL, &now);
	assert_ptr_equal(now.sa_handler, on_signal);
	sigaction(SIGPIPE, NULL, &now);
	assert_ptr_equal(now.sa_handler, SIG_IGN);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	assert_true(sigismember(&mask, SIGUSR1));
	assert_false(sigismember(&mask, SIGUSR2));
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGRTMAX, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}

static void umask_and_open_files_are_left_alone(void **state)
{
	(void)state;
	char text[4096];
	struct supervise_options o = SUPERVISE_DEFAULTS;
	int ours = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int passed = open("/dev/null", O_RDONLY); /* as one that the caller handed over */
	char script[200];

	assert_true(ours > 2 && passed > 2);
	umask(027);
	snprintf(script, sizeof(script),
		"umask; test ! -e /proc/self/fd/%d && test -e /proc/self/fd/%d && echo right", ours, passed);
	output_of(SHELL(script), &o, text);
	assert_string_equal(text, "0027\nright\n");
	umask(022);
	close(ours);
	close(passed);
}

/* A file with one letter, at the descriptor fd. */
static void place_file(int fd, char letter)
{
	int made = memfd_create("letter", MFD_CLOEXEC);

	assert_true(made > 2);
	assert_int_equal(write(made, &letter, 1), 1);
	if (made != fd) {
		assert_int_equal(dup3(made, fd, O_CLOEXEC), fd);
		close(made);
	}
}

/* In a process of its own, whose 0 to 4 are files a to e: a program gets those of fds as its 0, 1 and 2. */
static int letters_arrive(const int fds[3])
{
	struct supervise_options o = SUPERVISE_DEFAULTS;
	struct supervised p = SUPERVISED_NONE;
	char check[400], letters[4] = "";
	int status;

	for (int i = 0; i < 5; i++)
		place_file(i, (char)('a' + i));
	for (int i = 0; i < 3; i++) {
		o.fds[i] = fds[i];
		letters[i] = (char)('a' + (fds[i] < 0 ? i : fds[i]));
		if (fds[i] < 0)
			fcntl(i, F_SETFD, 0);
	}
	snprintf(check, sizeof(check),
		"p=$$; for i in 0 1 2; do s=$s$(exec 3</proc/$p/fd/$i; cat <&3); done; test \"$s\" = %s || "
		"exit 2; "
		"test ! -e /proc/$p/fd/3 && test ! -e /proc/$p/fd/4",
		letters);
	if (supervise_spawn(SHELL(check), &o, &p) < 0)
		return 98;
	if (supervise_reap(&p, ipc_deadline_in(WAIT_FOREVER), &status) != 1)
		return 97;
	for (int i = 0; i < 5; i++) { /* ours are as they were */
		char c;
		if (pread(i, &c, 1, 0) != 1 || c != 'a' + i)
			return 96;
	}
	return supervise_wait_status(status);
}

static void every_order_of_descriptors_arrives(void **state)
{
	(void)state;

	for (int a = -1; a < 4; a++)
		for (int b = -1; b < 4; b++)
			for (int c = -1; c < 4; c++) {
				int status;
				pid_t pid = fork();
				if (pid == 0)
					_exit(letters_arrive((int[]){ a, b, c }));
				assert_int_equal(waitpid(pid, &status, 0), pid);
				if (status != 0)
					fail_msg("descriptors %d %d %d: status %#x", a, b, c, status);
			}
}

static void looking_waiting_and_ending(void **state)
{
	(void)state;
	struct supervise_options o = SUPERVISE_DEFAULTS;
	int status = 12345;

	struct supervised p = start(WORDS("sleep", "1000"), &o);
	assert_true(fcntl(p.pidfd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(supervise_reap(&p, ipc_deadline_in(0), &status), 0);
	assert_int_equal(supervise_reap(&p, ipc_deadline_in(20 * NSEC_PER_MSEC), &status), -ETIMEDOUT);
	assert_int_equal(status, 12345);
	assert_int_equal(supervise_kill(&p, SIGINT, false), 0);
	assert_int_equal(supervise_reap(&p, ipc_deadline_in(60 * NSEC_PER_SEC), &status), 1);
	assert_int_equal(supervise_wait_status(status), 128 + SIGINT);
	assert_int_equal(supervise_kill(&p, SIGINT, false), 0); /* of one that has ended */

	/* A kernel without pidfd_open(2). */
	p = start(WORDS("sleep", "1000"), &o);
	ipc_close(&p.pidfd);
	assert_int_equal(supervise_reap(&p, ipc_deadline_in(20 * NSEC_PER_MSEC), &status), -ETIMEDOUT);
	assert_int_equal(supervise_kill(&p, SIGTERM, false), 0);
	assert_int_equal(supervise_reap(&p, ipc_deadline_in(60 * NSEC_PER_SEC), &status), 1);
	assert_int_equal(supervise_wait_status(status), 128 + SIGTERM);
}

static void a_group_of_its_own_ends_whole(void **state)
{
	(void)state;
	int fds[2];
	char byte;
	struct supervise_options o = SUPERVISE_DEFAULTS;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	o.own_group = true;
	o.fds[1] = fds[1];
	struct supervised p = start(SHELL("sleep 1000 & echo; wait"), &o);
	close(fds[1]);
	assert_int_equal(getpgid(p.pid), p.pid);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(supervise_kill(&p, SIGTERM, true), 0);
	assert_int_equal(end_of(&p), 128 + SIGTERM);
	assert_int_equal(read(fds[0], &byte, 1), 0); /* sleep has gone, too: nobody has the pipe */
	close(fds[0]);
}

/* Whoever starts a program and is killed takes it along, if that was asked for. */
static void death_of_the_parent_reaches_it(void **state)
{
	(void)state;
	int fds[2];
	char byte;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid_t parent = fork();
	if (parent == 0) {
		struct supervise_options o = SUPERVISE_DEFAULTS;
		struct supervised p = SUPERVISED_NONE;
		o.fds[1] = fds[1];
		o.death_signal = SIGKILL;
		if (supervise_spawn(SHELL("trap '' TERM HUP; echo; exec sleep 1000"), &o, &p) < 0)
			_exit(1);
		pause();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	assert_int_equal(read(fds[0], &byte, 1), 0);
	close(fds[0]);
}

/* The handler must not run in the child, which has our memory: it would count signals that others got. */
static volatile sig_atomic_t wrong_process;
static pid_t own_pid;

static void count_alarm(int signo)
{
	(void)signo;
	wrong_process |= getpid() != own_pid;
}

static void a_storm_of_signals_harms_nobody(void **state)
{
	(void)state;
	struct sigaction sa = { .sa_handler = count_alarm, .sa_flags = SA_RESTART };
	const struct itimerspec every = { { 0, 50 * 1000 }, { 0, 50 * 1000 } };
	struct supervise_options o = SUPERVISE_DEFAULTS;
	timer_t timer;

	own_pid = getpid();
	sigaction(SIGALRM, &sa, NULL);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
	timer_settime(timer, 0, &every, NULL);
	for (int i = 0; i < 200; i++) {
		struct supervised p = SUPERVISED_NONE;
		assert_int_equal(run(WORDS("true"), &o), 0);
		assert_int_equal(supervise_spawn(WORDS("/nowhere/x"), &o, &p), -ENOENT);
	}
	timer_delete(timer);
	assert_int_equal(wrong_process, 0);
}

static int start_many(void)
{
	struct supervise_options o = SUPERVISE_DEFAULTS;

	for (int i = 0; i < 50; i++) {
		struct supervised p = SUPERVISED_NONE;
		int status;
		if (supervise_spawn(WORDS("true"), &o, &p) < 0 ||
			supervise_reap(&p, ipc_deadline_in(WAIT_FOREVER), &status) != 1 || status != 0)
			return 1;
	}
	return 0;
}

/* Ctrl-Z between clone(2) and execve(2): whoever starts the program stops with it, or the shell would wait for ever. */
static void it_can_be_stopped_at_any_moment(void **state)
{
	(void)state;
	int status, stops = 0;
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		alarm(60);
		_exit(start_many());
	}
	setpgid(pid, pid);
	alarm(60); /* in case that it never stops */
	do {
		kill(-pid, SIGTSTP);
		assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
		stops += WIFSTOPPED(status);
		kill(-pid, SIGCONT);
	} while (WIFSTOPPED(status));
	alarm(0);
	assert_int_equal(status, 0);
	assert_true(stops > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses_are_those_of_a_shell),
		cmocka_unit_test(what_cannot_be_executed_is_an_error_of_the_call),
		cmocka_unit_test(environment_and_directory_are_as_told),
		cmocka_unit_test(signals_are_as_they_were_at_the_start),
		cmocka_unit_test(umask_and_open_files_are_left_alone),
		cmocka_unit_test(every_order_of_descriptors_arrives),
		cmocka_unit_test(looking_waiting_and_ending),
		cmocka_unit_test(a_group_of_its_own_ends_whole),
		cmocka_unit_test(death_of_the_parent_reaches_it),
		cmocka_unit_test(a_storm_of_signals_harms_nobody),
		cmocka_unit_test(it_can_be_stopped_at_any_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
