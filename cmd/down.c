/* down: removes what up made. */
#include "cli/command.h"
#include "cli/profile_state.h"
#include "cli/profile_use.h"

static bool arg_dry, arg_force, arg_discard;

static const struct opt down_opts[] = {
	{ OPT_FLAG, 'n', "dry-run", NULL, "Show what would be removed, and remove nothing",
		{ .flag = &arg_dry } },
	{ OPT_FLAG, 0, "discard", NULL, "Also queues that hold unread messages", { .flag = &arg_discard } },
	{ OPT_FLAG, 'f', "force", NULL, "Also what is in use or may be", { .flag = &arg_force } },
	{ 0 },
};

static const struct example down_examples[] = {
	{ "ipcctl down -P app.yaml", "Remove what 'up' made, unless it is in use",
		"printf 'version: 1\\nobjects: { jobs: { kind: mq, name: /jobs } }\\n' >app.yaml; "
		"ipcctl up -P app.yaml" },
	{ 0 },
};

static int run_down(struct ipc_ctx *ctx, int argc, char **argv)
{
	const struct profile *p = NULL;
	int status = profile_needed(ctx, &p);

	(void)argc;
	(void)argv;
	if (status != CLI_OK)
		return status;
	return profile_down(
		ctx, p, (arg_force ? REMOVE_FORCE : 0) | (arg_discard ? REMOVE_DISCARD : 0), arg_dry);
}

const struct command cmd_down = {
	.name = "down",
	.brief = "Remove the objects that up made",
	.opts = down_opts,
	.examples = down_examples,
	.run = run_down,
};
