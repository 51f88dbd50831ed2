/* stat: all there is to know of an object. */
#include "cli/column.h"
#include "cli/json_out.h"
#include "cli/limit_error.h"
#include "cli/limit_stat.h"
#include "cli/ns_opt.h"
#include "cli/object_out.h"
#include "cli/select.h"

#include <stdio.h>

static bool arg_json;
static const char *arg_error;

static const struct opt stat_opts[] = {
	{ OPT_FLAG, 'J', "json", NULL, "Print a JSON array", { .flag = &arg_json } },
	{ OPT_STRING, 0, "error", "ERROR",
		"Explain why a call fails: the name or the words of an error, and a system call or a kind",
		{ .string = &arg_error } },
	{ OPT_INCLUDE, .to = { .table = ns_opts } },
	{ OPT_INCLUDE, .to = { .table = select_opts } },
	{ 0 },
};

static const struct example stat_examples[] = {
	{ "ipcctl stat mq:/jobs", "Attributes, state and what proves it", ": >/dev/mqueue/jobs" },
	{ "ipcctl stat /tmp/events", "A FIFO or a socket, whichever is there", "mkfifo /tmp/events" },
	{ "ipcctl stat /jobs", "Every object of that name", ": >/dev/mqueue/jobs" },
	{ "ipcctl stat -J 'shm:/app*'", "The same as JSON, for a pattern", ": >/dev/shm/app.1" },
	{ "ipcctl stat --error 'No space left on device' semget", "Which limit is exhausted, and by whom",
		NULL },
	{ "ipcctl stat --error EMFILE mq create", "The same for a command of ipcctl", NULL },
	{ 0 },
};

struct report {
	struct ipc_ctx *ctx;
	struct limit_gauge gauge;
	struct columns columns;
	struct json_out json;
	size_t printed;
};

static int print_object(struct report *r, const struct ipc_object *o)
{
	if (r->printed++)
		putchar('\n');
	int result = object_print(stdout, &r->columns, o);
	return result < 0 ? result : limit_gauge_print(stdout, &r->gauge, o);
}

static json_t *object_json(const struct report *r, const struct ipc_object *o)
{
	json_t *all = columns_json(&r->columns, o), *limits = limit_gauge_json(&r->gauge, o);

	if (all && json_object_set_new(all, "limit", limits) == 0)
		return all;
	json_decref(all);
	return NULL;
}

static int take(struct ipc_object *o, int error, void *arg)
{
	struct report *r = arg;
	int result = limit_gauge_fill(&r->gauge, r->ctx, o);

	(void)error; /* what could not be read is shown as such */
	if (result < 0)
		return result;
	return arg_json ? json_out_add(&r->json, object_json(r, o)) : print_object(r, o);
}

static int run_stat(struct ipc_ctx *ctx, int argc, char **argv)
{
	struct report r = { .ctx = ctx, .columns = columns_with(COLUMN_JSON | COLUMN_STAT) };
	int status = arg_error || argc > 0 ? ns_go(ctx)
					   : usage_error("something is missing: it takes SELECTOR...");

	if (status != CLI_OK)
		return status;
	if (arg_error)
		return limit_explain(ctx, arg_error, argc, argv, arg_json);
	ctx->unlinked = true;
	status = select_objects(
		ctx, argc, argv, SELECT_MATCHES | SELECT_LIMITS, columns_want(&r.columns), take, &r);
	if (arg_json)
		json_out_end(&r.json);
	limit_gauge_clear(&r.gauge);
	return status;
}

const struct command cmd_stat = {
	.name = "stat",
	.brief = "Show all there is to know of objects, or why a call fails",
	.operands = "[SELECTOR|CALL...]",
	.generic = true,
	.opts = stat_opts,
	.examples = stat_examples,
	.run = run_stat,
};
