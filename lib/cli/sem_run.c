#include "cli/sem_run.h"

#include "cli/diag.h"
#include "ipc/io.h"
#include "ipc/supervise.h"

#include <errno.h>

static int note_hold(struct ipc_sem *sem, const struct ipc_sem_hold *hold)
{
	AUTO_FREE char *text = NULL;
	const char *variable = ipc_sem_note(sem, hold, getenv(ipc_sem_note_name), &text);

	if (!variable || (text && setenv(variable, text, 1) < 0))
		return -ENOMEM;
	return 0;
}

int semaphore_become(struct ipc_sem *sem, struct ipc_sem_hold *hold, char **argv)
{
	AUTO_FREE char *program = shown(argv[0]);
	int r = note_hold(sem, hold), status = CLI_RUN_FAILED;

	if (r == 0) {
		r = supervise_exec(argv);
		status = supervise_exec_status(r);
	}
	ipc_sem_release(sem, hold);
	fail(NULL, r, "cannot run '%s'", program);
	return status;
}
