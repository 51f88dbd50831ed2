#include "ipc/supervise.h"

#include "ipc/io.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127, STATUS_SIGNAL = 128 };

int supervise_exec(char *const argv[])
{
	struct sigaction dfl = { .sa_handler = SIG_DFL }, pipe_action;
	sigset_t none, mask;

	sigemptyset(&none);
	sigaction(SIGPIPE, &dfl, &pipe_action);
	sigprocmask(SIG_SETMASK, &none, &mask);
	execvp(argv[0], argv);
	int r = -errno;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGPIPE, &pipe_action, NULL);
	return r;
}

int supervise_exec_status(int error)
{
	return error == -ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

int supervise_wait_status(int status)
{
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Returns 1 if it has ended, 0 if not, or -errno. */
static int look(struct supervised *p, int *ret_status, int flags)
{
	int status;
	pid_t pid;

	do
		pid = waitpid(p->pid, &status, flags);
	while (pid < 0 && errno == EINTR && (flags & WNOHANG)); /* only a wait may end early */
	if (pid == 0)
		return 0;
	if (pid < 0)
		return -errno;
	ipc_close(&p->pidfd);
	p->pid = 0;
	*ret_status = status;
	return 1;
}

/* Waits until there may be something to reap. Returns 0 or -errno. */
static int wait_end(const struct supervised *p, struct ipc_deadline deadline)
{
	struct pollfd fd = { .fd = p->pidfd, .events = POLLIN };

	if (p->pidfd < 0)
		return ipc_deadline_sleep(deadline, LOOK_INTERVAL_NS);
	return poll(&fd, 1, ipc_deadline_poll_ms(deadline)) < 0 ? -errno : 0;
}

int supervise_reap(struct supervised *p, struct ipc_deadline deadline, int *ret_status)
{
	if (ipc_deadline_never(deadline))
		return look(p, ret_status, 0);
	for (;;) {
		int r = look(p, ret_status, WNOHANG);
		if (r != 0 || ipc_deadline_nonblock(deadline))
			return r;
		if (ipc_deadline_left(deadline) == 0)
			return -ETIMEDOUT;
		r = wait_end(p, deadline);
		if (r < 0)
			return r;
	}
}

int supervise_stopped(const struct supervised *p)
{
	siginfo_t info = { 0 };

	if (p->pid <= 0 || waitid(P_PID, (id_t)p->pid, &info, WSTOPPED | WNOHANG | WNOWAIT) < 0)
		return 0;
	return info.si_pid == p->pid ? info.si_status : 0;
}

int supervise_kill(const struct supervised *p, int signal, bool group)
{
	int r;

	if (p->pid == 0)
		return 0;
	/* Without a pidfd the pid is still its own: it is not reaped. */
	if (group)
		r = kill(-p->pid, signal);
	else if (p->pidfd >= 0)
		r = (int)syscall(SYS_pidfd_send_signal, p->pidfd, signal, NULL, 0);
	else
		r = kill(p->pid, signal);
	return r < 0 && errno != ESRCH ? -errno : 0;
}
