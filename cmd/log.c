/* log: shows the audit log. */
#include "cli/audit_opt.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/log_entry.h"
#include "cli/log_read.h"
#include "cli/table.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdio.h>

static bool arg_follow, arg_json, arg_lines;

static const struct opt log_opts[] = {
	{ OPT_FLAG, 'f', "follow", NULL, "Go on when the log grows, also when it is rotated",
		{ .flag = &arg_follow } },
	{ OPT_INCLUDE, .to = { .table = log_filter_opts } },
	{ OPT_FLAG, 'l', "lines", NULL, "A line each, as a sentence", { .flag = &arg_lines } },
	{ OPT_FLAG, 'J', "json", NULL, "The lines as they are: a JSON object each", { .flag = &arg_json } },
	{ 0 },
};

#define LOGGED "ipcctl mq send --audit ipc.log --create /jobs hello"

static const struct example log_examples[] = {
	{ "ipcctl log ipc.log", "What was done, as a table", LOGGED },
	{ "ipcctl log --lines --since 2h --result failed ipc.log", "What failed in the last two hours",
		LOGGED },
	{ "ipcctl log -J --object 'mq:*' --event send ipc.log", "Who sent to queues, as JSON", LOGGED },
	{ 0 },
};

static int print_entry(struct table *t, const struct log_entry *e, const char *line)
{
	char *texts[LOG_COLUMNS];

	if (t) {
		log_entry_row(e, texts);
		return table_add_texts(t, texts);
	}
	if (arg_json)
		puts(line);
	else
		log_entry_print(e);
	return arg_follow ? output_flush() : 0;
}

/* Of what can't be read only the first line is named: a file that is no log at all has many. */
struct strange {
	size_t first, count;
};

static int read_all(struct log_reader *r, struct table *t, struct strange *strange)
{
	const char *line;
	ssize_t n;

	while ((n = log_reader_next(r, &line)) >= 0) {
		AUTO_LOG_ENTRY struct log_entry e = { 0 };
		if (!log_entry_parse(line, (size_t)n, &e)) {
			strange->first = strange->count++ ? strange->first : r->number;
			continue;
		}
		int error = log_entry_match(&e) ? print_entry(t, &e, line) : 0;
		if (error < 0)
			return error;
	}
	return n == -ENODATA ? 0 : (int)n;
}

static int new_table(struct table **ret)
{
	struct columns columns = { .len = LOG_COLUMNS };

	for (size_t i = 0; i < LOG_COLUMNS; i++)
		columns.v[i] = &log_columns[i];
	return table_new(stdout, &columns, 0, ret);
}

static int show(struct log_reader *r, const char *name)
{
	AUTO_TABLE struct table *t = NULL;
	struct strange strange = { 0 };
	/* A table is as wide as its widest row, and has no end before that is known. */
	int status = arg_json || arg_lines || arg_follow ? CLI_OK : new_table(&t);

	if (status != CLI_OK)
		return status;
	int error = read_all(r, t, &strange);
	if (error == 0 && t)
		error = table_print(t);
	if (strange.count)
		warn("'%s': %zu lines are none of an audit log, the first of them line %zu", name,
			strange.count, strange.first);
	if (r->half)
		warn("'%s': the last line is torn, and was left out", name);
	if (error == -EINTR)
		return cli_interrupts_end(CLI_OK);
	return error < 0 ? fail(NULL, error, "cannot read the audit log '%s'", name) : CLI_OK;
}

static int run_log(struct ipc_ctx *ctx, int argc, char **argv)
{
	struct log_reader r = { 0 };
	const char *path = argc ? argv[0] : NULL;
	int status = log_filter_prepare();

	if (status == CLI_OK && !path)
		status = audit_target(ctx, &path);
	if (status != CLI_OK)
		return status;
	if (!path)
		return usage_error("which log? Say a file, or --audit, or set IPCCTL_AUDIT");
	AUTO_FREE char *name = shown(path);
	int error = log_reader_open(&r, path, arg_follow);
	if (error < 0)
		return fail(NULL, error, "cannot read the audit log '%s'", name);
	if (arg_follow)
		cli_interrupts_catch();
	status = show(&r, name);
	log_reader_close(&r);
	return status;
}

const struct command cmd_log = {
	.name = "log",
	.brief = "Show the audit log",
	.operands = "[LOG]",
	.opts = log_opts,
	.examples = log_examples,
	.run = run_log,
};
