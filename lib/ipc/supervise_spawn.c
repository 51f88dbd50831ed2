/*
 * Starting a program without copying the memory of this one: as after vfork(2), the child runs in it until it has
 * become the program, on a stack of its own. So it makes system calls and touches nothing but its
 * arguments; and no handler of ours may run in it, so all signals are blocked until it has none.
 *
 * Unlike vfork(2) the parent does not wait in the kernel's own way, in which it could not be stopped: Ctrl-Z at that
 * moment would stop the child alone, and both for ever, since the shell waits for us to stop. It waits for the
 * word that the kernel clears when the child has let go of the memory. Source: set_tid_address(2).
 */
#include "ipc/io.h"
#include "ipc/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <paths.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_SIZE = 64 * 1024, FDS = 3 };

/* What runs in the child is not instrumented: the marks it would leave on memory would stay behind. */
#define IN_CHILD __attribute__((no_sanitize("address")))

/* All that the child needs, prepared by the parent. */
struct birth {
	char *const *argv;
	char *const *env;
	const char *path;  /* where to look for it */
	char **shell_argv; /* for a script without "#!" */
	const struct supervise_options *options;
	pid_t parent;
	int error;          /* the child's errno, when it could not become the program */
	_Atomic int inside; /* not 0 while the child uses our memory */
};

static const char *path_of(char *const *env)
{
	for (; env && *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return _PATH_DEFPATH;
}

/* One directory of a PATH with the name behind it. *path moves on, and becomes NULL behind the last. */
IN_CHILD static bool next_candidate(const char **path, const char *name, char ret[PATH_MAX])
{
	const char *dir = *path, *end = dir;
	size_t len = 0;

	while (*end && *end != ':')
		end++;
	*path = *end ? end + 1 : NULL;
	for (; dir < end && len < PATH_MAX - 2; dir++)
		ret[len++] = *dir;
	if (dir < end)
		return false;
	if (len > 0) /* an empty directory is the current one */
		ret[len++] = '/';
	for (; *name && len < PATH_MAX - 1; name++)
		ret[len++] = *name;
	ret[len] = '\0';
	return !*name;
}

/* Returns only if it failed: errno. A script without "#!" is one of the shell, as in execvp(3). */
IN_CHILD static int execute(const struct birth *b, const char *file)
{
	execve(file, b->argv, b->env);
	if (errno != ENOEXEC)
		return errno;
	b->shell_argv[1] = (char *)file;
	execve(_PATH_BSHELL, b->shell_argv, b->env);
	return errno;
}

IN_CHILD static int search_and_execute(const struct birth *b)
{
	const char *name = b->argv[0], *path = b->path;
	char file[PATH_MAX];
	int error = ENOENT;

	if (!*name)
		return ENOENT;
	for (const char *p = name; *p; p++)
		if (*p == '/')
			return execute(b, name);
	while (path) {
		if (!next_candidate(&path, name, file))
			continue;
		int e = execute(b, file);
		if (e == EACCES) {
			/* Another directory may have one that is permitted. In one that is closed there is none. */
			if (faccessat(AT_FDCWD, file, F_OK, 0) == 0)
				error = EACCES;
		} else if (e != ENOENT && e != ENOTDIR && e != ESTALE && e != ENODEV && e != ETIMEDOUT)
			return e;
	}
	return error;
}

IN_CHILD static int place_descriptors(const int wanted[FDS])
{
	int from[FDS];

	/* Away from where another one goes, first. */
	for (int i = 0; i < FDS; i++) {
		from[i] = wanted[i];
		if (from[i] >= 0 && from[i] < FDS && from[i] != i)
			from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FDS);
		if (from[i] < 0 && wanted[i] >= 0)
			return errno;
	}
	for (int i = 0; i < FDS; i++) {
		if (from[i] < 0)
			continue;
		if ((from[i] == i ? fcntl(i, F_SETFD, 0) : dup2(from[i], i)) < 0)
			return errno;
	}
	return 0;
}

IN_CHILD static void default_signals(bool no_handlers)
{
	struct sigaction sa, dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int signo = 1; signo <= SIGRTMAX; signo++)
		if (signo == SIGPIPE ||
			(!no_handlers && sigaction(signo, NULL, &sa) == 0 && sa.sa_handler != SIG_IGN &&
				sa.sa_handler != SIG_DFL))
			sigaction(signo, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

IN_CHILD static int become(const struct birth *b)
{
	const struct supervise_options *o = b->options;

	if (o->death_signal) {
		prctl(PR_SET_PDEATHSIG, o->death_signal);
		/* Killed before that: nobody would tell us. 0: it is in another pid namespace. */
		pid_t parent = getppid();
		if (parent != b->parent && parent != 0)
			return ESRCH;
	}
	if (o->own_group && setpgid(0, 0) < 0)
		return errno;
	int error = place_descriptors(o->fds);
	if (error)
		return error;
	if (o->dir && chdir(o->dir) < 0)
		return errno;
	default_signals(o->no_handlers);
	return search_and_execute(b);
}

IN_CHILD static int be_born(void *arg)
{
	struct birth *b = arg;

	b->error = become(b);
	_exit(127);
}

/* errno is the child's as well: nothing here sets it before it has left. */
static void wait_outside(struct birth *b, const sigset_t *mask)
{
	static const int stops[] = { SIGTSTP, SIGTTIN, SIGTTOU };
	sigset_t open;

	sigemptyset(&open);
	for (size_t i = 0; i < ARRAY_SIZE(stops); i++) {
		struct sigaction sa;
		if (!sigismember(mask, stops[i]) && sigaction(stops[i], NULL, &sa) == 0 &&
			sa.sa_handler == SIG_DFL)
			sigaddset(&open, stops[i]);
	}
	sigprocmask(SIG_UNBLOCK, &open, NULL);
	while (b->inside)
		syscall(SYS_futex, &b->inside, FUTEX_WAIT, 1, NULL, NULL, 0);
}

static int reap_failed(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static void keep_statuses(void)
{
	struct sigaction sa, dfl = { .sa_handler = SIG_DFL };

	if (sigaction(SIGCHLD, NULL, &sa) == 0 && (sa.sa_handler == SIG_IGN || (sa.sa_flags & SA_NOCLDWAIT)))
		sigaction(SIGCHLD, &dfl, NULL);
}

int supervise_spawn(char *const argv[], const struct supervise_options *options, struct supervised *ret)
{
	struct birth b = { .argv = argv, .options = options, .parent = getpid(), .inside = 1 };
	struct supervised made = SUPERVISED_NONE;
	AUTO_FREE char *stack = malloc(STACK_SIZE);
	size_t argc = 0;
	sigset_t all, mask;

	b.env = options->env ? options->env : environ;
	b.path = path_of(b.env);
	while (argv[argc])
		argc++;
	AUTO_FREE char **shell_argv = calloc(argc + 2, sizeof(*shell_argv));
	if (!stack || !shell_argv)
		return -ENOMEM;
	shell_argv[0] = (char *)"sh";
	memcpy(shell_argv + 2, argv + 1, (argc > 0 ? argc - 1 : 0) * sizeof(*argv));
	b.shell_argv = shell_argv;
	if (argc == 0)
		return -ENOENT;
	keep_statuses();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	/* Kernels that do not know CLONE_PIDFD (5.2) take no notice of it. malloc(3) aligns as stacks must be. */
	made.pid = clone(be_born, stack + STACK_SIZE, CLONE_VM | CLONE_CHILD_CLEARTID | CLONE_PIDFD | SIGCHLD,
		&b, &made.pidfd, NULL, &b.inside);
	int r = made.pid >= 0 ? 0 : errno == EAGAIN ? -EUSERS : -errno;
	if (r == 0) {
		wait_outside(&b, &mask);
		r = -b.error;
	}
	if (made.pid > 0 && r < 0)
		reap_failed(made.pid);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (r < 0) {
		ipc_close(&made.pidfd);
		return r;
	}
	*ret = made;
	return 0;
}

static int executable(const char *file)
{
	struct stat st;

	if (faccessat(AT_FDCWD, file, X_OK, AT_EACCESS) < 0)
		return errno == EACCES ? -EACCES : -ENOENT;
	return stat(file, &st) == 0 && S_ISREG(st.st_mode) ? 0 : -EACCES;
}

int supervise_find(const char *name, const struct supervise_options *options)
{
	const char *path = path_of(options->env ? options->env : environ);
	char file[PATH_MAX];
	int error = -ENOENT;

	if (!*name)
		return -ENOENT;
	if (strchr(name, '/'))
		return executable(name);
	while (path) {
		if (!next_candidate(&path, name, file))
			continue;
		int r = executable(file);
		if (r == 0)
			return 0;
		if (r == -EACCES && faccessat(AT_FDCWD, file, F_OK, 0) == 0)
			error = -EACCES;
	}
	return error;
}
