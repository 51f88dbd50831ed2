/* top: a live ls on the terminal. */
#include "cli/filter.h"
#include "cli/ns_opt.h"
#include "cli/select.h"
#include "cli/top_run.h"
#include "ipc/deadline.h"

static bool arg_all;
static struct top_options arg_options = { .interval_ns = 2 * NSEC_PER_SEC };

static const char *const own_columns[] = { "rate", NULL };

static const struct opt top_opts[] = {
	{ OPT_FLAG, 'a', "all", NULL, "Also unnamed pipes and connected sockets", { .flag = &arg_all } },
	{ OPT_DURATION, 'd', "interval", "DURATION", "How often to look",
		{ .nsec = &arg_options.interval_ns } },
	{ OPT_STRING, 'o', "columns", "COLUMNS",
		"Show these columns, named as the JSON keys, and rate; +COLUMNS adds to those shown by "
		"default",
		{ .string = &arg_options.columns }, .choices = own_columns },
	{ OPT_STRING, 0, "output", "COLUMNS", .to = { .string = &arg_options.columns }, .hidden = true },
	{ OPT_STRING, 0, "sort", "COLUMN", "Order by this column; -COLUMN turns the order round",
		{ .string = &arg_options.sort }, .choices = own_columns },
	{ OPT_INCLUDE, .to = { .table = all_ns_opts } },
	{ OPT_INCLUDE, .to = { .table = filter_opts } },
	{ OPT_INCLUDE, .to = { .table = select_opts } },
	{ 0 },
};

static const struct example top_examples[] = {
	{ "ipcctl top", "Every queue, segment, semaphore, FIFO and socket, live", NULL },
	{ "ipcctl top --sort=-rate mq", "The busiest queues first", NULL },
	{ "ipcctl top -d 500ms --stale", "What is left behind, twice a second", NULL },
	{ 0 },
};

static int run_top(struct ipc_ctx *ctx, int argc, char **argv)
{
	if (arg_options.interval_ns < TOP_INTERVAL_LEAST_MS * (NSEC_PER_SEC / 1000))
		return usage_error("--interval: at least %dms", TOP_INTERVAL_LEAST_MS);
	ctx->all = arg_all;
	return top_run(ctx, argc, argv, &arg_options);
}

const struct command cmd_top = {
	.name = "top",
	.brief = "Watch objects live on the terminal",
	.operands = "[SELECTOR|KIND...]",
	.generic = true,
	.opts = top_opts,
	.examples = top_examples,
	.run = run_top,
};
