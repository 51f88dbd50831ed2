/* ls: one table of every object. */
#include "cli/column.h"
#include "cli/filter.h"
#include "cli/json_out.h"
#include "cli/ns_opt.h"
#include "cli/select.h"
#include "cli/table.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool arg_all, arg_json, arg_names, arg_no_headings, arg_bytes;
static const char *arg_columns, *arg_sort;

static const struct opt ls_opts[] = {
	{ OPT_FLAG, 'a', "all", NULL, "Also unnamed pipes and connected sockets", { .flag = &arg_all } },
	{ OPT_STRING, 'o', "columns", "COLUMNS",
		"Show these columns, named as the JSON keys; +COLUMNS adds to those shown by default",
		{ .string = &arg_columns } },
	/* As lsipc(1) and lsfd(1) have it. */
	{ OPT_STRING, 0, "output", "COLUMNS", .to = { .string = &arg_columns }, .hidden = true },
	{ OPT_STRING, 0, "sort", "COLUMN", "Order by this column; -COLUMN turns the order round",
		{ .string = &arg_sort } },
	{ OPT_FLAG, 0, "names", NULL, "Print the selectors alone, one a line", { .flag = &arg_names } },
	{ OPT_FLAG, 'J', "json", NULL, "Print a JSON array", { .flag = &arg_json } },
	{ OPT_FLAG, 0, "bytes", NULL, "Print sizes in bytes", { .flag = &arg_bytes } },
	{ OPT_FLAG, 0, "noheadings", NULL, "Print no headings", { .flag = &arg_no_headings } },
	{ OPT_INCLUDE, .to = { .table = filter_opts } },
	{ OPT_INCLUDE, .to = { .table = all_ns_opts } },
	{ OPT_INCLUDE, .to = { .table = select_opts } },
	{ 0 },
};

static const struct example ls_examples[] = {
	{ "ipcctl ls", "Every queue, segment, semaphore, FIFO and socket", NULL },
	{ "ipcctl ls mq 'shm:/app*'", "All queues, and the segments whose names begin with /app",
		": >/dev/shm/app.1" },
	{ "ipcctl ls --sort=-size -o object,owner,size shm", "Who has the largest segments", NULL },
	{ "ipcctl ls --names --state idle --unused-for 7d mq", "Names for a script, or for rm -", NULL },
	{ "ipcctl ls --all -o +peer sock pipe", "Connected sockets and pipes too", NULL },
	{ "ipcctl ls --label postgresql --label 'py*'", "What is PostgreSQL's, Python's and PyTorch's",
		": >/dev/shm/psm_0123abcd" },
	{ "ipcctl ls --state orphan shm", "Memory that has no name any more, and how many hold it", NULL },
	{ "ipcctl ls --all-ns", "Also what belongs to other IPC namespaces, as of containers", NULL },
	{ "ipcctl ls -J -u root", "What root owns, for jq", NULL },
	{ 0 },
};

/* One object with what it is ordered by. */
struct row {
	struct ipc_object object;
	struct cell key;
};

struct listing {
	struct columns columns;
	struct columns sort; /* none or one */
	bool reverse;
	struct table *table;
	struct json_out json;
	struct row *rows; /* with --sort */
	size_t len, room;
};

static int show(struct listing *l, const struct ipc_object *o)
{
	if (arg_names) {
		AUTO_FREE char *name = ipc_selector_format(&o->selector);
		return name && puts(name) >= 0 ? 0 : name ? 0 : -ENOMEM;
	}
	return arg_json ? json_out_add(&l->json, columns_json(&l->columns, o)) : table_add(l->table, o);
}

static int keep(struct listing *l, struct ipc_object *o)
{
	if (l->len == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		struct row *rows = reallocarray(l->rows, room, sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		l->rows = rows;
		l->room = room;
	}
	struct row *row = &l->rows[l->len++];
	row->object = *o;
	*o = (struct ipc_object){ 0 }; /* the row owns it now */
	row->key = column_cell(l->sort.v[0], &row->object);
	return 0;
}

static int take(struct ipc_object *o, int error, void *arg)
{
	struct listing *l = arg;

	(void)error; /* what could not be read is shown as such */
	if (!filter_match(o))
		return 0;
	return l->sort.len > 0 ? keep(l, o) : show(l, o);
}

static int compare_rows(const void *a, const void *b, void *arg)
{
	const struct row *x = a, *y = b;
	const struct listing *l = arg;
	int order = cell_compare(&x->key, &y->key);

	/* What has no value stays at the end either way. */
	return l->reverse && x->key.have == HAVE_VALUE && y->key.have == HAVE_VALUE ? -order : order;
}

static int show_sorted(struct listing *l)
{
	int r = 0;

	if (l->len > 0)
		qsort_r(l->rows, l->len, sizeof(*l->rows), compare_rows, l);
	for (size_t i = 0; i < l->len; i++) {
		if (r == 0)
			r = show(l, &l->rows[i].object);
		ipc_object_clear(&l->rows[i].object);
		cell_clear(&l->rows[i].key);
	}
	free(l->rows);
	return r;
}

static int prepare(struct listing *l)
{
	int r = filter_prepare();

	l->columns = columns_with(arg_json ? COLUMN_JSON : COLUMN_TABLE);
	if (r == CLI_OK && ns_all() && !arg_json && !arg_columns)
		r = columns_parse("--columns", "+ns,ns_pid,container", &l->columns);
	if (r == CLI_OK && arg_columns)
		r = columns_parse("--columns", arg_columns, &l->columns);
	if (r == CLI_OK && arg_sort) {
		l->reverse = *arg_sort == '-';
		r = columns_parse("--sort", arg_sort + l->reverse, &l->sort);
		if (r == CLI_OK && l->sort.len != 1)
			r = usage_error("--sort takes one column");
	}
	if (r == CLI_OK && arg_json && arg_names)
		r = usage_error("--names and --json exclude each other");
	if (r == CLI_OK && ns_all() && arg_names)
		r = usage_error("--names and --all-ns exclude each other: names mean other objects "
				"elsewhere; --ns lists one namespace");
	if (r == CLI_OK && !arg_json && !arg_names)
		r = table_new(stdout, &l->columns,
			(arg_no_headings ? TABLE_NO_HEADINGS : 0) | (arg_bytes ? TABLE_BYTES : 0), &l->table);
	return r;
}

static int run_ls(struct ipc_ctx *ctx, int argc, char **argv)
{
	struct listing l = { 0 };
	int status = prepare(&l);

	if (status != CLI_OK)
		return status;
	AUTO_TABLE struct table *table = l.table;
	ctx->all = arg_all;
	ctx->holders_counted = !arg_json; /* a table has their number */
	status = ns_go(ctx);
	if (status != CLI_OK)
		return status;
	unsigned want = filter_want() | columns_want(&l.sort) | (arg_names ? 0 : columns_want(&l.columns));
	/* They cost a walk through /proc, which is made only if a column or a filter needs it, too. */
	ctx->unlinked = filter_admits(STATE_ORPHAN) && (arg_all || want & (WANT_HOLDERS | WANT_STATE));
	status = select_objects(ctx, argc, argv, SELECT_CLASSES, want, take, &l);
	int r = show_sorted(&l);
	if (r == 0 && table)
		r = table_print(table);
	if (arg_json)
		json_out_end(&l.json);
	return r < 0 ? first_failure(status, fail(NULL, r, "cannot print the list")) : status;
}

const struct command cmd_ls = {
	.name = "ls",
	.brief = "List objects",
	.operands = "[SELECTOR|KIND...]",
	.generic = true,
	.opts = ls_opts,
	.examples = ls_examples,
	.run = run_ls,
};
