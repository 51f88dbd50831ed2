/* sem: semaphores, and programs that run while they are held. */
#include "cli/common.h"
#include "cli/sem_open.h"
#include "cli/sem_print.h"
#include "cli/sem_repair.h"
#include "cli/sem_run.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <inttypes.h>
#include <stdio.h>

enum { STATUS_MAX = 255 };

static uint64_t arg_units = 1, arg_conflict_status = CLI_RUN_TIMEOUT, arg_total;
static bool arg_zero, arg_json, arg_force, arg_total_given;

static int run_create(struct ipc_ctx *ctx, int argc, char **argv)
{
	(void)argc;
	return cli_create(ctx, argv[0], "sem");
}

/* Opens the first operand and does something with it. what: in the message, "cannot what semaphore". */
static int with_sem(struct ipc_ctx *ctx, char **argv, int (*use)(struct ipc_sem *sem), const char *what)
{
	AUTO_SEM struct ipc_sem sem = SEM_CLOSED;
	AUTO_FREE char *name = shown(argv[0]);
	int r = semaphore_open_operand(ctx, argv[0], true, &sem);

	if (r != CLI_OK)
		return r;
	r = use(&sem);
	return r < 0 ? fail(sem.selector.kind, r, "cannot %s semaphore '%s'", what, name) : CLI_OK;
}

static int check_units(void)
{
	return arg_units == 0 ? usage_error("--units: a number from 1") : CLI_OK;
}

static int wait_for(struct ipc_sem *sem)
{
	return arg_zero ? ipc_sem_wait_zero(sem, cli_deadline())
			: ipc_sem_wait(sem, arg_units, cli_deadline());
}

static int run_wait(struct ipc_ctx *ctx, int argc, char **argv)
{
	(void)argc;
	int r = check_units();
	return r == CLI_OK ? with_sem(ctx, argv, wait_for, "wait for") : r;
}

static int post(struct ipc_sem *sem)
{
	return ipc_sem_post(sem, arg_units);
}

static int run_post(struct ipc_ctx *ctx, int argc, char **argv)
{
	(void)argc;
	int r = check_units();
	return r == CLI_OK ? with_sem(ctx, argv, post, "post") : r;
}

static int set(struct ipc_sem *sem)
{
	return ipc_sem_set(sem, arg_total);
}

static int run_set(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_FREE char *text = shown(argv[1]);

	(void)argc;
	if (parse_uint(argv[1], UINT64_MAX, &arg_total) < 0)
		return usage_error("'%s' is not a value for a semaphore", text);
	return with_sem(ctx, argv, set, "set");
}

static int run_holders(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SEM struct ipc_sem sem = SEM_CLOSED;
	AUTO_SEM_HOLDERS struct ipc_sem_holders holders = { 0 };
	AUTO_FREE char *name = shown(argv[0]);
	int r = semaphore_open_operand(ctx, argv[0], false, &sem);

	(void)argc;
	if (r != CLI_OK)
		return r;
	r = ipc_sem_holders(&sem, &holders);
	if (r == 0)
		r = semaphore_print_holders(&holders, arg_json);
	if (r == 0 && holders.unseen > 0 && cli_verbose)
		warn("%zu processes of others could not be looked at", holders.unseen);
	return r < 0 ? fail(sem.selector.kind, r, "cannot tell who holds semaphore '%s'", name) : CLI_OK;
}

static int run_get(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SEM struct ipc_sem sem = SEM_CLOSED;
	AUTO_SEM_HOLDERS struct ipc_sem_holders holders = { 0 };
	struct ipc_sem_state state;
	AUTO_FREE char *name = shown(argv[0]);
	int r = semaphore_open_operand(ctx, argv[0], false, &sem);

	(void)argc;
	if (r != CLI_OK)
		return r;
	r = ipc_sem_get(&sem, &state);
	if (r == 0 && (arg_json || cli_verbose))
		r = ipc_sem_holders(&sem, &holders);
	if (r < 0)
		return fail(sem.selector.kind, r, "cannot read semaphore '%s'", name);
	if (arg_json) {
		r = semaphore_print_json(&sem.selector, &state, &holders);
		return r < 0 ? fail(NULL, r, "cannot print semaphore '%s'", name) : CLI_OK;
	}
	printf("%" PRIu64 "\n", state.value);
	if (cli_verbose)
		semaphore_print_waiters(&state, &holders);
	return CLI_OK;
}

/* Before the program runs, a failure is ours; what is wrong with the call is said as everywhere. */
static int run_status(int status)
{
	if (status == CLI_TIMEOUT)
		return (int)arg_conflict_status;
	return status == CLI_USAGE ? CLI_USAGE : CLI_RUN_FAILED;
}

static int run_run(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SEM struct ipc_sem sem = SEM_CLOSED;
	struct ipc_sem_hold hold;
	AUTO_FREE char *name = shown(argv[0]);

	(void)argc;
	if (arg_conflict_status > STATUS_MAX)
		return usage_error("--conflict-status: an exit status is at most %d", STATUS_MAX);
	int r = check_units();
	if (r == CLI_OK)
		r = semaphore_open_operand(ctx, argv[0], true, &sem);
	if (r != CLI_OK)
		return run_status(r);
	r = ipc_sem_hold(&sem, arg_units, cli_deadline(), true, &hold);
	if (r < 0)
		return run_status(fail(sem.selector.kind, r, "cannot get semaphore '%s'", name));
	return semaphore_become(&sem, &hold, argv + 1);
}

static int run_repair(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SEM struct ipc_sem sem = SEM_CLOSED;
	struct ipc_sem_repair repair = { .total = SEM_TOTAL_RECORDED, .force = arg_force };
	AUTO_FREE char *name = shown(argv[0]);
	int r = semaphore_open_operand(ctx, argv[0], true, &sem);

	(void)argc;
	if (r != CLI_OK)
		return r;
	if (arg_total_given)
		repair.total = (int64_t)arg_total;
	r = ipc_sem_repair(&sem, &repair);
	r = semaphore_say_repair(&sem, name, r, &repair);
	ipc_sem_holders_clear(&repair.users);
	return r;
}

/* --- the table --- */

static const struct opt create_options[] = {
	{ OPT_ATTR, 0, .to = { .attrs = &arg_attrs }, .attr = ATTR_VALUE },
	{ OPT_ATTR, 0, .to = { .attrs = &arg_attrs }, .attr = ATTR_NSEMS },
	{ OPT_INCLUDE, .to = { .table = create_opts } },
	{ 0 },
};

/* Of every verb that opens one. */
static const struct opt open_options[] = {
	{ OPT_INCLUDE, .to = { .table = exist_opts } },
	{ OPT_INCLUDE, .to = { .table = wait_opts } },
	{ OPT_INCLUDE, .to = { .table = make_opts } },
	{ OPT_INCLUDE, .to = { .table = create_options } },
	{ 0 },
};

static const struct opt wait_options[] = {
	{ OPT_UINT, 0, "units", "NUMBER", "Take so many at once", { .uint = &arg_units } },
	{ OPT_FLAG, 0, "zero", NULL, "Wait until the value is 0, and take nothing", { .flag = &arg_zero } },
	{ OPT_INCLUDE, .to = { .table = open_options } },
	{ 0 },
};

static const struct opt post_options[] = {
	{ OPT_UINT, 0, "units", "NUMBER", "Add so many", { .uint = &arg_units } },
	{ OPT_INCLUDE, .to = { .table = open_options } },
	{ 0 },
};

static const struct opt look_options[] = {
	{ OPT_FLAG, 'J', "json", NULL, "Print JSON", { .flag = &arg_json } },
	{ OPT_INCLUDE, .to = { .table = open_options } },
	{ 0 },
};

static const struct opt run_options[] = {
	{ OPT_UINT, 0, "units", "NUMBER", "Hold so many", { .uint = &arg_units } },
	{ OPT_UINT, 0, "conflict-status", "NUMBER", "Exit status when it could not be had in time",
		{ .uint = &arg_conflict_status } },
	{ OPT_INCLUDE, .to = { .table = open_options } },
	{ 0 },
};

static const struct opt repair_options[] = {
	{ OPT_UINT, 0, "value", "NUMBER", "The value that it has when nobody holds it",
		{ .uint = &arg_total }, .given = &arg_total_given },
	{ OPT_FLAG, 'f', "force", NULL, "Set it even if somebody may have it", { .flag = &arg_force } },
	{ 0 },
};

static const struct example create_examples[] = {
	{ "ipcctl sem create /lock", "A lock: one unit, which one process at a time can have", NULL },
	{ "ipcctl sem create key:0x2a --value 4 --nsems 2", "A System V set of two, with 4 units each",
		NULL },
	{ 0 },
};

static const struct example wait_examples[] = {
	{ "ipcctl sem wait -t 5s /slots", "Take a unit, or give up after 5 seconds",
		"ipcctl sem create /slots" },
	{ "ipcctl sem wait --zero key:42#1", "Wait until nothing is left of the second of a set",
		"ipcctl sem create key:42 --value 0 --nsems 2" },
	{ 0 },
};

static const struct example post_examples[] = {
	{ "ipcctl sem post /slots", "Add a unit; somebody who waits gets it", "ipcctl sem create /slots" },
	{ "ipcctl sem post --create --value 0 /ready", "Signal an event, also to those who come later",
		NULL },
	{ 0 },
};

static const struct example get_examples[] = {
	{ "ipcctl sem get /slots", "How many units are left", "ipcctl sem create /slots" },
	{ "ipcctl sem get -J key:42", "And who waits for one, as JSON", "ipcctl sem create key:42" },
	{ 0 },
};

static const struct example set_examples[] = {
	{ "ipcctl sem set /slots 4", "Begin anew with 4 units", "ipcctl sem create /slots" },
	{ 0 },
};

static const struct example run_examples[] = {
	{ "ipcctl sem run --create /backup -- echo mine alone", "One at a time, whoever starts it", NULL },
	{ "ipcctl sem run --create --value 4 /jobs echo one of four", "At most 4 at once", NULL },
	{ "ipcctl sem run --nonblock --conflict-status 0 /backup true", "Leave quietly if it runs already",
		"ipcctl sem create /backup" },
	{ 0 },
};

static const struct example holders_examples[] = {
	{ "ipcctl sem holders /lock", "Who is running under it: pid, user, how, units, since, command",
		"ipcctl sem create /lock" },
	{ 0 },
};

static const struct example repair_examples[] = {
	{ "ipcctl sem repair /lock", "Give back what killed programs kept", "ipcctl sem create /lock" },
	{ "ipcctl sem repair --value 1 key:42", "The same for one that another program made: it was 1",
		"ipcctl sem create key:42" },
	{ 0 },
};

static const struct command verbs[] = {
	{ .name = "create",
		.brief = "Create a semaphore, or a System V set of them",
		.operands = "SEM",
		.opts = create_options,
		.examples = create_examples,
		.run = run_create },
	{ .name = "wait",
		.brief = "Take units, waiting until they are there",
		.operands = "SEM",
		.opts = wait_options,
		.examples = wait_examples,
		.run = run_wait },
	{ .name = "post",
		.brief = "Add units",
		.operands = "SEM",
		.opts = post_options,
		.examples = post_examples,
		.run = run_post },
	{ .name = "get",
		.brief = "Print the value",
		.operands = "SEM",
		.opts = look_options,
		.examples = get_examples,
		.run = run_get },
	{ .name = "set",
		.brief = "Set the value",
		.operands = "SEM VALUE",
		.opts = open_options,
		.examples = set_examples,
		.run = run_set },
	{ .name = "run",
		.brief = "Run a program that holds units until it ends, however it ends",
		.operands = "SEM COMMAND...",
		.opts = run_options,
		.examples = run_examples,
		.run = run_run },
	{ .name = "holders",
		.brief = "Tell who holds it, and who waits",
		.operands = "SEM",
		.opts = look_options,
		.examples = holders_examples,
		.run = run_holders },
	{ .name = "repair",
		.brief = "Give back what dead holders kept",
		.operands = "SEM",
		.opts = repair_options,
		.examples = repair_examples,
		.run = run_repair },
	{ 0 },
};

const struct command cmd_sem = {
	.name = "sem",
	.brief = "Count with semaphores, and run programs that hold them",
	.class = "sem",
	.verbs = verbs,
};
