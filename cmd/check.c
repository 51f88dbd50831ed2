/* check: whether the objects of a profile are there, and as it declares them. */
#include "cli/command.h"
#include "cli/profile_state.h"
#include "cli/profile_use.h"

static bool arg_syntax;

static const struct opt check_opts[] = {
	{ OPT_FLAG, 0, "syntax", NULL, "Check the file alone", { .flag = &arg_syntax } },
	{ 0 },
};

#define PROFILE "printf 'version: 1\\nobjects: { jobs: { kind: mq, name: /jobs } }\\n' >app.yaml"

static const struct example check_examples[] = {
	{ "ipcctl check --syntax -P app.yaml", "Whether a profile is well written", PROFILE },
	{ "ipcctl check -P app.yaml", "Whether what it declares is there, and as declared",
		PROFILE "; ipcctl up -P app.yaml" },
	{ 0 },
};

static int run_check(struct ipc_ctx *ctx, int argc, char **argv)
{
	const struct profile *p = NULL;
	int status = profile_needed(ctx, &p);

	(void)argc;
	(void)argv;
	if (status != CLI_OK || arg_syntax)
		return status;
	return profile_compare(ctx, p, true, CLI_NO);
}

const struct command cmd_check = {
	.name = "check",
	.brief = "Compare a profile with what is there",
	.opts = check_opts,
	.examples = check_examples,
	.run = run_check,
};
