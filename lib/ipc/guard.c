#include "ipc/guard.h"

#include "ipc/deadline.h"
#include "ipc/io.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MSG_DISMISS = 'd', RETRY_NS = 10 * 1000 * 1000 };

/* What only the guard has open, beside the task's descriptors. */
struct post {
	int holder; /* pidfd */
	int fd;     /* our end of the line to the caller */
};

/* close_range(2) came with Linux 5.9. The limit may be a million descriptors, so only those that are open. */
static void close_span(unsigned from, unsigned to)
{
	const struct dirent *entry;

	if (from > to || syscall(SYS_close_range, from, to, 0) == 0)
		return;
	DIR *open_ones = opendir("/proc/self/fd");
	while (open_ones && (entry = readdir(open_ones)) != NULL) {
		unsigned long fd = strtoul(entry->d_name, NULL, 10);
		if (entry->d_name[0] != '.' && fd >= from && fd <= to && fd != (unsigned)dirfd(open_ones))
			close((int)fd);
	}
	if (open_ones)
		closedir(open_ones);
}

static void close_others(const struct guard_task *task, const struct post *post)
{
	int keep[GUARD_FDS_MAX + 2] = { post->holder, post->fd };
	size_t count = 2;
	unsigned from = 0;

	for (size_t i = 0; i < task->fd_count; i++)
		keep[count++] = task->fds[i];
	for (size_t done = 0; done < count; done++) {
		size_t low = done;
		for (size_t i = done + 1; i < count; i++)
			if (keep[i] < keep[low])
				low = i;
		unsigned fd = (unsigned)keep[low];
		keep[low] = keep[done];
		if (fd > from)
			close_span(from, fd - 1);
		from = fd + 1;
	}
	close_span(from, UINT_MAX);
}

static void default_signals(void)
{
	sigset_t none;

	for (int signo = 1; signo <= SIGRTMAX; signo++)
		signal(signo, SIG_DFL); /* refused for SIGKILL and SIGSTOP, which is well */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Returns when the holder has died: true, or when the guard is sent away: false. */
static bool watch(const struct post *post)
{
	struct pollfd fds[] = { { .fd = post->holder, .events = POLLIN },
		{ .fd = post->fd, .events = POLLIN } };

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0) {
			/* It must not leave before its time: whatever is scarce now, later is another try. */
			if (errno != EINTR)
				(void)ipc_deadline_sleep(ipc_deadline_in(WAIT_FOREVER), RETRY_NS);
			continue;
		}
		/* First, because who was sent away may see the death, too. */
		char message = 0;
		ssize_t n = recv(post->fd, &message, 1, MSG_DONTWAIT);
		if (n == 1 && message == MSG_DISMISS)
			return false;
		if (fds[0].revents)
			return true;
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			fds[1].fd = -1; /* closed by execve(2), or by death, of which the pidfd tells */
	}
}

static void stand_guard(const struct guard_task *task, const struct post *post)
{
	char ready = 0;
	ssize_t n;

	prctl(PR_SET_NAME, "ipcctl-guard");
	default_signals();
	close_others(task, post);
	if (chdir("/") < 0)
		return;
	while ((n = send(post->fd, &ready, 1, MSG_NOSIGNAL)) < 0 && errno == EINTR)
		;
	/* A caller that does not hear that we are ready has done nothing that would have to be undone. */
	if (n == 1 && watch(post))
		task->undo(task->arg);
}

/* In the child: a session of its own, and a grandchild that leads none, so that it never gets a terminal. */
static void detach(const struct guard_task *task, const struct post *post)
{
	setsid();
	pid_t pid = fork();
	if (pid != 0)
		_exit(pid < 0 ? errno : 0);
	stand_guard(task, post);
	_exit(0);
}

static int wait_child(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno == ECHILD)
			return 0; /* SIGCHLD is ignored, so the kernel reaped it; readiness is told apart */
		if (errno != EINTR)
			return -errno;
	}
	if (WIFEXITED(status))
		return -WEXITSTATUS(status);
	return -ECHILD;
}

static int wait_ready(int fd)
{
	char ready;
	ssize_t n;

	do
		n = recv(fd, &ready, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 1 ? 0 : -ECHILD;
}

int guard_start(const struct guard_task *task, struct guard *ret)
{
	int pair[2];

	if (task->fd_count > GUARD_FDS_MAX)
		return -EINVAL;
	/* Opened here and inherited: opened by the guard it might be another process's by then. */
	AUTO_CLOSE int holder = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (holder < 0)
		return -errno;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	AUTO_CLOSE int mine = pair[0];
	AUTO_CLOSE int theirs = pair[1];
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		detach(task, &(struct post){ holder, theirs });
	ipc_close(&theirs);
	int r = wait_child(pid);
	if (r == 0)
		r = wait_ready(mine);
	if (r < 0)
		return r;
	ret->fd = mine;
	mine = -1; /* the caller owns it now */
	return 0;
}

void guard_dismiss(struct guard *g)
{
	const char message = MSG_DISMISS;

	if (g->fd >= 0)
		send(g->fd, &message, 1, MSG_NOSIGNAL);
	ipc_close(&g->fd);
}
