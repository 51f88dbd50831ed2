#include "cli/sem_repair.h"

#include "cli/diag.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>

static int refuse_repair(const char *name, const struct ipc_sem_repair *repair)
{
	fail_plain(CLI_FAILED, "cannot repair semaphore '%s': somebody has it", name);
	for (size_t i = 0; i < repair->users.len; i++) {
		const struct ipc_holder *p = &repair->users.v[i].process;
		AUTO_FREE char *command = shown(p->command ? p->command : "-");
		hint("process %d (%s), %s", (int)p->pid, p->how, command);
	}
	hint("-f sets it all the same; what recorded holders have is left to them");
	return CLI_FAILED;
}

int semaphore_say_repair(
	const struct ipc_sem *sem, const char *name, int r, const struct ipc_sem_repair *repair)
{
	bool gave = repair->recovered.holders > 0;

	if (gave)
		warn("gave back %" PRIu64 " of semaphore '%s' that %" PRIu32 " dead holders kept",
			repair->recovered.units, name, repair->recovered.holders);
	if (r == -ENODATA && gave)
		return CLI_OK;
	if (r == -ENODATA) {
		fail_plain(CLI_FAILED,
			"cannot repair semaphore '%s': what its value should be is not recorded", name);
		hint("give the value that it has when nobody holds it: --value NUMBER");
		return CLI_FAILED;
	}
	if (r == -EBUSY)
		return refuse_repair(name, repair);
	if (r == -EADDRINUSE) {
		fail_plain(CLI_FAILED, "cannot repair semaphore '%s': whether somebody has it can't be known",
			name);
		hint("its owner or root may know; -f sets it all the same");
		return CLI_FAILED;
	}
	if (r < 0)
		return fail(sem->selector.kind, r, "cannot repair semaphore '%s'", name);
	if (repair->after != repair->before)
		warn("set semaphore '%s' from %" PRIu64 " to %" PRIu64, name, repair->before, repair->after);
	else if (!gave)
		warn("semaphore '%s' is as it should be", name);
	return CLI_OK;
}
