#include "cli/change.h"

#include "cli/ns_opt.h"
#include "cli/select.h"
#include "ipc/io.h"

static int change_one(
	struct ipc_ctx *ctx, const char *operand, const char *what, change_fn *fn, const void *arg)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_OBJECT struct ipc_object object = { 0 };
	AUTO_FREE char *name = shown(operand);
	int r = select_one(ctx, operand, 0, &sel);

	if (r != CLI_OK)
		return r;
	const struct ipc_kind *kind = sel.kind;
	r = ipc_stat(ctx, &sel, 0, &object);
	if (r == 0 || object.selector.kind) /* one that can't be looked into can be changed by its owner */
		r = fn(ctx, &object, arg);
	return r < 0 ? fail(kind, r, "cannot change the %s of %s '%s'", what, kind->noun, name) : CLI_OK;
}

int change_objects(
	struct ipc_ctx *ctx, int argc, char **argv, const char *what, change_fn *fn, const void *arg)
{
	int status = ns_go(ctx);

	if (status != CLI_OK)
		return status;
	for (int i = 0; i < argc; i++)
		status = first_failure(status, change_one(ctx, argv[i], what, fn, arg));
	return status;
}
