/*
 * Stops a program before it does its Nth of some system calls, runs a shell command, and lets it go on:
 *
 *	interpose NAME[,NAME...] N COMMAND PROGRAM...
 *
 * The status is that of the program. If it ends before, it is 200: then there is no Nth one. Calls of every thread
 * count, of children none do.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_SUCH_CALL = 200 };

static const struct {
	const char *name;
	long number;
} calls[] = {
	{ "connect", SYS_connect },
	{ "fcntl", SYS_fcntl },
	{ "flock", SYS_flock },
	{ "mq_open", SYS_mq_open },
	{ "mq_unlink", SYS_mq_unlink },
	{ "msgctl", SYS_msgctl },
	{ "renameat2", SYS_renameat2 },
	{ "semctl", SYS_semctl },
	{ "shmctl", SYS_shmctl },
	{ "unlinkat", SYS_unlinkat },
};

/* Of fcntl(2) what is about leases counts; a walk through /proc has the others, too. */
static bool is_one_of(long number, long argument, const char *names)
{
	if (number == SYS_fcntl && argument != F_SETLEASE && argument != F_GETLEASE)
		return false;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const char *at = strstr(names, calls[i].name);
		if (calls[i].number == number && at && strchr(",", at[strlen(calls[i].name)]))
			return true;
	}
	return false;
}

static int die(const char *what)
{
	fprintf(stderr, "interpose: %s: %s\n", what, strerror(errno));
	return 1;
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Runs it up to the Nth of those calls. Returns 0, or the wait status of a program that has ended: then *ret_ended. */
static int run_up_to(pid_t pid, const char *names, int n, bool *ret_ended)
{
	struct __ptrace_syscall_info info;
	int status, signal = 0;

	*ret_ended = false;
	while (ptrace(PTRACE_SYSCALL, pid, NULL, signal) == 0 && waitpid(pid, &status, 0) == pid) {
		signal = 0;
		if (!WIFSTOPPED(status)) {
			*ret_ended = true;
			return status;
		}
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
			continue;
		}
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
			exit(die("PTRACE_GET_SYSCALL_INFO"));
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY &&
			is_one_of((long)info.entry.nr, (long)info.entry.args[1], names) && --n == 0)
			return 0;
	}
	exit(die("ptrace"));
}

int main(int argc, char **argv)
{
	bool ended;
	int status;

	if (argc < 5)
		return 2;
	pid_t pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(die("PTRACE_TRACEME"));
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return die("fork");
	if (!WIFSTOPPED(status))
		return exit_status(status);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	status = run_up_to(pid, argv[1], atoi(argv[2]), &ended);
	if (ended)
		return NO_SUCH_CALL;
	if (system(argv[3]) != 0)
		return die(argv[3]);
	if (ptrace(PTRACE_DETACH, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) != pid)
		return die("PTRACE_DETACH");
	return exit_status(status);
}
