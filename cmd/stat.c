/* stat: all there is to know of an object. */
#include "cli/column.h"
#include "cli/holder_out.h"
#include "cli/json_out.h"
#include "cli/select.h"
#include "ipc/io.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_WIDTH = 16 };

static bool arg_json;

static const struct opt stat_opts[] = {
	{ OPT_FLAG, 'J', "json", NULL, "Print a JSON array", { .flag = &arg_json } },
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

/* "last_used" as "Last used:", padded. An empty name continues the line above. */
static void print_label(const char *name)
{
	char label[LABEL_WIDTH + 1] = "";
	size_t i = 0;

	for (; name[i] && i < LABEL_WIDTH - 1; i++)
		label[i] = (char)(name[i] == '_' ? ' ' : i == 0 ? toupper((unsigned char)name[i]) : name[i]);
	if (i > 0)
		label[i] = ':';
	printf("%-*s ", LABEL_WIDTH, label);
}

static void print_texts(const char *name, const char *const *texts)
{
	for (size_t i = 0; i < EVIDENCE_MAX && texts[i]; i++) {
		print_label(i ? "" : name);
		puts(texts[i]);
	}
}

static void print_holders(const struct ipc_object *o)
{
	for (size_t i = 0; i < o->holders_len; i++) {
		const struct ipc_holder *h = &o->holders[i];
		AUTO_FREE char *command = h->command ? shown(h->command) : NULL;
		print_label("");
		printf("%d %s %s (%s)\n", (int)h->pid, holder_user(h), command ? command : "?", h->how);
	}
}

static int print_column(const struct column *c, const struct ipc_object *o)
{
	AUTO_CELL struct cell cell = column_cell(c, o);
	AUTO_FREE char *text = cell_text(&cell, CELL_LONG);

	if (cell.have == HAVE_ABSENT)
		return 0;
	if (!text)
		return -ENOMEM;
	print_label(c->name);
	puts(text);
	return 0;
}

static int print_object(struct report *r, const struct ipc_object *o)
{
	int result = 0;

	if (r->printed++)
		putchar('\n');
	for (size_t i = 0; result == 0 && i < r->columns.len; i++) {
		const struct column *c = r->columns.v[i];
		if (strcmp(c->name, "evidence") == 0) {
			print_texts(c->name, o->verdict.evidence);
		} else if (strcmp(c->name, "unseen") == 0) {
			print_texts(c->name, o->verdict.unseen);
		} else if (strcmp(c->name, "kind") == 0) {
			print_label(c->name);
			puts(o->selector.kind->label);
		} else {
			result = print_column(c, o);
		}
		if (strcmp(c->name, "holders") == 0)
			print_holders(o);
	}
	return result;
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
	int status = select_objects(ctx, argc, argv, 0, columns_want(&r.columns), take, &r);

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
