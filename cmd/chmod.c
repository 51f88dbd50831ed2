/* chmod: permissions of objects, by one command for every kind. */
#include "cli/change.h"
#include "cli/ns_opt.h"
#include "cli/units.h"
#include "ipc/io.h"

static const struct example chmod_examples[] = {
	{ "ipcctl chmod 0660 mq:/jobs", "Let the group in", ": >/dev/mqueue/jobs" },
	{ 0 },
};

static int set_mode(struct ipc_ctx *ctx, const struct ipc_object *object, const void *arg)
{
	return ipc_set_mode(ctx, object, *(const mode_t *)arg);
}

static int run_chmod(struct ipc_ctx *ctx, int argc, char **argv)
{
	mode_t mode;

	if (parse_mode(argv[0], &mode) < 0 || mode > 0777) {
		AUTO_FREE char *text = shown(argv[0]);
		return usage_error("'%s' is not a mode: octal, at most 0777", text);
	}
	return change_objects(ctx, argc - 1, argv + 1, "mode", set_mode, &mode);
}

const struct command cmd_chmod = {
	.name = "chmod",
	.brief = "Change the permissions of objects",
	.operands = "MODE SELECTOR...",
	.generic = true,
	.opts = ns_opts,
	.examples = chmod_examples,
	.run = run_chmod,
};
