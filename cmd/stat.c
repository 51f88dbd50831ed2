/* stat: all there is to know of an object. */
#include "cli/column.h"
#include "cli/json_out.h"
#include "cli/ns_opt.h"
#include "cli/object_out.h"
#include "cli/select.h"

#include <stdio.h>

static bool arg_json;

static const struct opt stat_opts[] = {
	{ OPT_FLAG, 'J', "json", NULL, "Print a JSON array", { .flag = &arg_json } },
	{ OPT_INCLUDE, .to = { .table = ns_opts } },
	{ OPT_INCLUDE, .to = { .table = select_opts } },
	{ 0 },
};

static const struct example stat_examples[] = {
	{ "ipcctl stat mq:/jobs", "Attributes, state and what proves it", ": >/dev/mqueue/jobs" },
	{ "ipcctl stat /tmp/events", "A FIFO or a socket, whichever is there", "mkfifo /tmp/events" },
	{ "ipcctl stat /jobs", "Every object of that name", ": >/dev/mqueue/jobs" },
	{ "ipcctl stat -J 'shm:/app*'", "The same as JSON, for a pattern", NULL },
	{ 0 },
};

struct report {
	struct columns columns;
	struct json_out json;
	size_t printed;
};

static int print_object(struct report *r, const struct ipc_object *o)
{
	if (r->printed++)
		putchar('\n');
	return object_print(stdout, &r->columns, o);
}

static int take(struct ipc_object *o, int error, void *arg)
{
	struct report *r = arg;

	(void)error; /* what could not be read is shown as such */
	return arg_json ? json_out_add(&r->json, columns_json(&r->columns, o)) : print_object(r, o);
}

static int run_stat(struct ipc_ctx *ctx, int argc, char **argv)
{
	struct report r = { .columns = columns_with(COLUMN_JSON | COLUMN_STAT) };
	int status = ns_go(ctx);

	if (status != CLI_OK)
		return status;
	status = select_objects(ctx, argc, argv, 0, columns_want(&r.columns), take, &r);

	if (arg_json)
		json_out_end(&r.json);
	return status;
}

const struct command cmd_stat = {
	.name = "stat",
	.brief = "Show all there is to know of objects",
	.operands = "SELECTOR...",
	.generic = true,
	.opts = stat_opts,
	.examples = stat_examples,
	.run = run_stat,
};
