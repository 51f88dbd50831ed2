/* up: makes what a profile declares. */
#include "cli/command.h"
#include "cli/profile_state.h"
#include "cli/profile_use.h"

static const struct example up_examples[] = {
	{ "ipcctl up -P app.yaml", "Make what the profile declares and what is not there yet",
		"printf 'version: 1\\nobjects: { jobs: { kind: mq, name: /jobs } }\\n' >app.yaml" },
	{ 0 },
};

static int run_up(struct ipc_ctx *ctx, int argc, char **argv)
{
	const struct profile *p = NULL;
	int status = profile_needed(ctx, &p);

	(void)argc;
	(void)argv;
	return status == CLI_OK ? profile_up(ctx, p) : status;
}

const struct command cmd_up = {
	.name = "up",
	.brief = "Make the objects of a profile",
	.examples = up_examples,
	.run = run_up,
};
