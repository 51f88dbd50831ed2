/* wait: until an object is there, gone, empty, readable, in use or idle. */
#include "cli/common.h"
#include "cli/ns_opt.h"
#include "cli/select.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <errno.h>

static int arg_for = CONDITION_EXISTS;

static const struct opt wait_command_opts[] = {
	{ OPT_CHOICE, 0, "for", "CONDITION", "What to wait for: exists, gone, empty, readable, live or idle",
		{ .choice = &arg_for }, .choices = ipc_condition_names },
	{ OPT_INCLUDE, .to = { .table = wait_opts } },
	{ OPT_INCLUDE, .to = { .table = ns_opts } },
	{ 0 },
};

static const struct example wait_examples[] = {
	{ "ipcctl wait shm:/cache -t 10s", "Until a server has made its segment", ": >/dev/shm/cache" },
	{ "ipcctl wait mq:/jobs --for empty -t 1m", "Until all messages have been taken",
		": >/dev/mqueue/jobs" },
	{ "ipcctl wait sock:./app.sock --for gone -t 10s", "Until a server has ended",
		"ipcctl sock serve -t 100ms ./app.sock >/dev/null 2>&1 &" },
	{ 0 },
};

/* What the object did not do in time. */
static const char *const expectations[CONDITIONS] = {
	[CONDITION_EXISTS] = "to exist",
	[CONDITION_GONE] = "to be gone",
	[CONDITION_EMPTY] = "to be empty",
	[CONDITION_READABLE] = "to be readable",
	[CONDITION_LIVE] = "to be in use",
	[CONDITION_IDLE] = "to be idle",
};

static int run_wait(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_FREE char *name = shown(argv[0]);
	char time[UNITS_TEXT_MAX];
	int r = ns_go(ctx);

	(void)argc;
	if (r == CLI_OK)
		r = cli_selector(ctx, argv[0], NULL, 0, &sel);
	if (r != CLI_OK)
		return r;
	const char *noun = sel.kind->noun, *expected = expectations[arg_for];
	r = ipc_wait(ctx, &sel, arg_for, cli_deadline());
	if (r == -ETIMEDOUT)
		return fail(sel.kind, r, "waited %s for %s '%s' %s", format_duration(cli_wait_ns(), time),
			noun, name, expected);
	if (r == -EOPNOTSUPP)
		return usage_error("a %s is never %s: it carries no messages", sel.kind->label,
			ipc_condition_names[arg_for]);
	if (r == -EADDRINUSE)
		return fail_plain(CLI_FAILED,
			"cannot wait for %s '%s' %s: whether it is in use can't be seen", noun, name,
			expected);
	return r < 0 ? fail(sel.kind, r, "cannot wait for %s '%s' %s", noun, name, expected) : CLI_OK;
}

const struct command cmd_wait = {
	.name = "wait",
	.brief = "Wait until an object is there, gone, empty, readable, in use or idle",
	.operands = "SELECTOR",
	.opts = wait_command_opts,
	.examples = wait_examples,
	.run = run_wait,
};
