/* chmod: permissions of objects, by one command for every kind. */
#include "cli/select.h"
#include "cli/units.h"
#include "ipc/io.h"

static const struct example chmod_examples[] = {
	{ "ipcctl chmod 0660 mq:/jobs", "Let the group in", ": >/dev/mqueue/jobs" },
	{ 0 },
};

static int change(struct ipc_ctx *ctx, const char *text, mode_t mode)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_OBJECT struct ipc_object object = { 0 };
	AUTO_FREE char *name = shown(text);
	int r = select_one(ctx, text, 0, &sel);

	if (r != CLI_OK)
		return r;
	const struct ipc_kind *kind = sel.kind;
	r = ipc_stat(ctx, &sel, 0, &object);
	if (r == 0 || object.selector.kind)
		r = ipc_set_mode(ctx, &object, mode);
	return r < 0 ? fail(kind, r, "cannot change the mode of %s '%s'", kind->noun, name) : CLI_OK;
}

static int run_chmod(struct ipc_ctx *ctx, int argc, char **argv)
{
	mode_t mode;
	int status = CLI_OK;

	if (parse_mode(argv[0], &mode) < 0 || mode > 0777) {
		AUTO_FREE char *text = shown(argv[0]);
		return usage_error("'%s' is not a mode: octal, at most 0777", text);
	}
	for (int i = 1; i < argc; i++)
		status = first_failure(status, change(ctx, argv[i], mode));
	return status;
}

const struct command cmd_chmod = {
	.name = "chmod",
	.brief = "Change the permissions of objects",
	.operands = "MODE SELECTOR...",
	.generic = true,
	.examples = chmod_examples,
	.run = run_chmod,
};
