/* fifo: named pipes. */
#include "cli/common.h"

static int run_create(struct ipc_ctx *ctx, int argc, char **argv)
{
	(void)argc;
	return cli_create(ctx, argv[0], "fifo");
}

static const struct example create_examples[] = {
	{ "ipcctl fifo create /tmp/jobs", "A FIFO for its owner alone", NULL },
	{ "ipcctl fifo create --mode 0620 /run/events", "One that its group may write to", NULL },
	{ "ipcctl fifo create /tmp/tmp.XXXXXX", "One with a name of its own, which is printed", NULL },
	{ 0 },
};

static const struct command verbs[] = {
	{ .name = "create",
		.brief = "Create a FIFO",
		.operands = "FIFO",
		.opts = create_opts,
		.examples = create_examples,
		.run = run_create },
	{ 0 },
};

const struct command cmd_fifo = {
	.name = "fifo",
	.brief = "Create and use FIFOs (named pipes)",
	.class = "fifo",
	.verbs = verbs,
};
