/* run: a program with the objects of a profile, which go when it ends. */
#include "cli/command.h"
#include "cli/profile_state.h"
#include "cli/profile_use.h"

static const struct example run_examples[] = {
	{ "ipcctl run -P app.yaml ipcctl mq send %jobs hello", "A queue for as long as the program runs",
		"printf 'version: 1\\nobjects: { jobs: { kind: mq, name: /jobs } }\\n' >app.yaml" },
	{ 0 },
};

static int run_run(struct ipc_ctx *ctx, int argc, char **argv)
{
	const struct profile *p = NULL;
	int status = profile_needed(ctx, &p);

	(void)argc;
	return status == CLI_OK ? profile_run(ctx, p, argv) : CLI_RUN_FAILED;
}

const struct command cmd_run = {
	.name = "run",
	.brief = "Run a program with the objects of a profile",
	.operands = "COMMAND...",
	.examples = run_examples,
	.run = run_run,
};
