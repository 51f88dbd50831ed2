/* limits: the limits of the system, their use, and who uses most. */
#include "ipc/limits.h"
#include "cli/command.h"
#include "cli/json_out.h"
#include "cli/limit_out.h"
#include "cli/ns_opt.h"
#include "cli/table.h"
#include "ipc/io.h"

#include <errno.h>
#include <string.h>

enum { BY_TABLE, BY_PERCENT };
enum { COL_LIMIT, COL_SCOPE, COL_USE, COL_MAX, COL_PERCENT, COL_USER, COL_PROGRAM, COLS };

static const char *const orders[] = { "table", "percent", NULL };
static bool arg_json, arg_bytes, arg_no_headings, warn_given;
static uint64_t arg_warn;
static int arg_sort = BY_TABLE;

static const struct opt limits_opts[] = {
	{ OPT_UINT, 0, "warn", "PERCENT",
		"Show only what is used up to this part or more; status 6 if anything is",
		{ .uint = &arg_warn }, .given = &warn_given },
	{ OPT_CHOICE, 0, "sort", "ORDER", "Order by table or by percent", { .choice = &arg_sort },
		.choices = orders },
	{ OPT_FLAG, 'J', "json", NULL, "Print a JSON array", { .flag = &arg_json } },
	{ OPT_INCLUDE, .to = { .table = ns_opts } },
	{ OPT_FLAG, 0, "bytes", NULL, "Print sizes in bytes", { .flag = &arg_bytes } },
	{ OPT_FLAG, 0, "noheadings", NULL, "Print no headings", { .flag = &arg_no_headings } },
	{ 0 },
};

static const struct example limits_examples[] = {
	{ "ipcctl limits", "Each limit, its use, and who uses most", NULL },
	{ "ipcctl limits --warn 90", "For monitoring: what is nearly used up, and status 6", NULL },
	{ "ipcctl limits --sort percent mq sem", "What queues and semaphores run into first", NULL },
	{ "ipcctl limits -J", "The same with exact numbers and what helps, for jq", NULL },
	{ 0 },
};

static const struct column columns[COLS] = {
	[COL_LIMIT] = { .name = "limit", .unit = UNIT_TEXT },
	[COL_SCOPE] = { .name = "scope", .unit = UNIT_TEXT, .flags = COLUMN_WRAP },
	[COL_USE] = { .name = "use", .unit = UNIT_COUNT },
	[COL_MAX] = { .name = "max", .unit = UNIT_COUNT },
	[COL_PERCENT] = { .name = "percent", .unit = UNIT_COUNT },
	[COL_USER] = { .name = "user", .unit = UNIT_TEXT },
	[COL_PROGRAM] = { .name = "program", .unit = UNIT_TEXT, .flags = COLUMN_WRAP },
};

/* Of an object the table says which. */
static char *scope_text(const struct ipc_limit_use *u)
{
	bool named = ipc_limits[u->id].scope == SCOPE_OBJECT && u->object;

	return strdup(named ? u->object : ipc_limit_scope_name(ipc_limits[u->id].scope));
}

static int print_row(struct table *t, const struct ipc_limit_use *u)
{
	char *texts[COLS] = {
		[COL_LIMIT] = strdup(ipc_limits[u->id].name),
		[COL_SCOPE] = scope_text(u),
		[COL_USE] = limit_amount_text(u, &u->use, arg_bytes),
		[COL_MAX] = limit_amount_text(u, &u->max, arg_bytes),
		[COL_PERCENT] = limit_percent_text(u),
		[COL_USER] = strdup(limit_user_text(u)),
		[COL_PROGRAM] = limit_program_text(u),
	};

	return table_add_texts(t, texts);
}

static int print_table(const struct ipc_limits *limits)
{
	AUTO_TABLE struct table *t = NULL;
	struct columns shown_columns = { .len = COLS };

	for (size_t i = 0; i < COLS; i++)
		shown_columns.v[i] = &columns[i];
	int status = table_new(stdout, &shown_columns, arg_no_headings ? TABLE_NO_HEADINGS : 0, &t), r = 0;
	if (status != CLI_OK)
		return status;
	for (size_t i = 0; r == 0 && i < limits->len; i++)
		r = print_row(t, &limits->v[i]);
	if (r == 0)
		r = table_print(t);
	return r < 0 ? fail(NULL, r, "cannot print the limits") : CLI_OK;
}

static int print_json(const struct ipc_limits *limits)
{
	struct json_out json = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < limits->len; i++)
		r = json_out_add(&json, limit_json(&limits->v[i]));
	json_out_end(&json);
	return r < 0 ? fail(NULL, r, "cannot print the limits") : CLI_OK;
}

/* Without a percentage nothing is over anything. */
static bool is_over(const struct ipc_limit_use *u)
{
	return ipc_limit_has_percent(u) && ipc_limit_percent(u) >= arg_warn;
}

static void keep_those_over(struct ipc_limits *limits)
{
	size_t kept = 0;

	for (size_t i = 0; i < limits->len; i++) {
		struct ipc_limit_use u = limits->v[i];
		if (is_over(&u)) {
			limits->v[i] = limits->v[kept];
			limits->v[kept++] = u;
		} else {
			free(u.program);
			free(u.object);
			limits->v[i].program = limits->v[i].object = NULL;
		}
	}
	limits->len = kept;
}

/* The fullest first; what has no percentage comes last. Equal ones stay in the order of the table. */
static int by_percent(const void *a, const void *b)
{
	const struct ipc_limit_use *x = a, *y = b;
	bool has_x = ipc_limit_has_percent(x), has_y = ipc_limit_has_percent(y);
	uint64_t p = has_x ? ipc_limit_percent(x) : 0, q = has_y ? ipc_limit_percent(y) : 0;

	if (has_x != has_y)
		return has_x ? -1 : 1;
	if (p != q)
		return p > q ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static unsigned limits_of_class(const char *class)
{
	unsigned which = 0;

	for (unsigned i = 0; i < LIMITS; i++)
		if (ipc_limit_concerns_class(&ipc_limits[i], class))
			which |= BIT(i);
	return which;
}

static int unknown_kind(const char *word)
{
	const char *names[16] = { NULL };
	AUTO_FREE char *text = shown(word);
	size_t n = 0;

	for (const struct ipc_kind *k = NULL;
		n < ARRAY_SIZE(names) - 1 && (k = ipc_kind_next(NULL, k)) != NULL;)
		names[n++] = k->class;
	const char *nearest = opt_nearest(word, names);
	if (nearest)
		return usage_error("there is no kind '%s'; did you mean '%s'?", text, nearest);
	return usage_error("there is no kind '%s': it is mq, shm, sem, fifo, sock or pipe", text);
}

static int chosen(int argc, char **argv, unsigned *ret)
{
	unsigned which = cli_class ? limits_of_class(cli_class) : argc == 0 ? LIMITS_ALL : 0;

	for (int i = 0; i < argc; i++) {
		if (cli_class || !ipc_kind_next(argv[i], NULL))
			return cli_class ? usage_error("'ipcctl %s limits' takes no kind", cli_class)
					 : unknown_kind(argv[i]);
		which |= limits_of_class(argv[i]);
	}
	*ret = which;
	return CLI_OK;
}

static int run_limits(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_LIMITS struct ipc_limits limits = { 0 };
	unsigned which = 0;
	int status = chosen(argc, argv, &which);

	if (status == CLI_OK)
		status = ns_go(ctx);
	if (status != CLI_OK)
		return status;
	int r = ipc_limits_measure(ctx, which, LIMITS_WHO, &limits);
	if (r < 0)
		return fail(NULL, r, "cannot measure the limits");
	if (warn_given)
		keep_those_over(&limits);
	if (arg_sort == BY_PERCENT && limits.len > 0)
		qsort(limits.v, limits.len, sizeof(*limits.v), by_percent);
	status = arg_json ? print_json(&limits) : print_table(&limits);
	return status == CLI_OK && warn_given && limits.len > 0 ? CLI_NO : status;
}

const struct command cmd_limits = {
	.name = "limits",
	.brief = "Show the limits of the system, their use, and who uses most",
	.operands = "[KIND...]",
	.generic = true,
	.opts = limits_opts,
	.examples = limits_examples,
	.run = run_limits,
};
