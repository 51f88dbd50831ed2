#include "ipc/supervise.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

enum { STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127 };

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
