#include "cli/sem_open.h"

#include "cli/common.h"
#include "ipc/io.h"

#include <errno.h>

int semaphore_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, const char *text, bool change,
	struct ipc_sem *ret)
{
	AUTO_FREE char *name = shown(text);
	int r = ipc_sem_open(ctx, sel, change, ret);

	if (r == -EFBIG)
		return fail_plain(CLI_NOT_FOUND, "cannot open semaphore '%s': the set has no semaphore #%u",
			name, sel->member);
	return r < 0 ? fail(sel->kind, r, "cannot open semaphore '%s'", name) : CLI_OK;
}

int semaphore_open_operand(struct ipc_ctx *ctx, const char *operand, bool change, struct ipc_sem *ret)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	int status = cli_existing(ctx, operand, "sem", &sel);

	return status == CLI_OK ? semaphore_open(ctx, &sel, operand, change, ret) : status;
}
