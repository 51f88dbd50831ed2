#include "cli/object_out.h"

#include "cli/diag.h"
#include "cli/holder_out.h"
#include "cli/table.h"
#include "cli/top_text.h"
#include "ipc/io.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* On a terminal lines are folded, and what continues one stands a little to the right of it. */
enum { LABEL_WIDTH = 16, TEXT_INDENT = LABEL_WIDTH + 1, FOLD_INDENT = 2, FOLD_MIN = 24, COMMAND_WIDTH = 160 };

/* "last_used" as "Last used:", padded. An empty name continues the line above. */
static void print_label(FILE *f, const char *name)
{
	char label[LABEL_WIDTH + 1] = "";
	size_t i = 0;

	for (; name[i] && i < LABEL_WIDTH - 1; i++)
		label[i] = (char)(name[i] == '_' ? ' ' : i == 0 ? toupper((unsigned char)name[i]) : name[i]);
	if (i > 0)
		label[i] = ':';
	fprintf(f, "%-*s ", LABEL_WIDTH, label);
}

/* As many columns as the text may take; 0: any number. */
static int text_width(FILE *f)
{
	int width = terminal_width(f) - TEXT_INDENT;

	return width >= FOLD_MIN ? width : 0;
}

static int without_blanks(const struct top_line *line)
{
	size_t n = line->bytes;

	while (n > 0 && line->start[n - 1] == ' ')
		n--;
	return (int)n;
}

void object_print_line(FILE *f, const char *name, const char *text)
{
	AUTO_LINES struct top_lines lines = { 0 };
	int width = text_width(f);

	print_label(f, name);
	if (width > 0)
		use_utf8();
	if (width == 0 || top_text_wrap(text, width, FOLD_INDENT, &lines) < 0 || lines.len == 0)
		fputs(text, f);
	for (size_t i = 0; i < lines.len; i++)
		fprintf(f, "%s%*s%.*s", i ? "\n" : "", i ? TEXT_INDENT + FOLD_INDENT : 0, "",
			without_blanks(&lines.v[i]), lines.v[i].start);
	fputc('\n', f);
}

static void print_reasons(FILE *f, const char *name, const struct ipc_reason *reasons)
{
	for (size_t i = 0; i < EVIDENCE_MAX && reasons[i].text; i++) {
		AUTO_FREE char *text = ipc_reason_text(&reasons[i]);
		object_print_line(f, i ? "" : name, text ? text : "?");
	}
}

static int print_holders(FILE *f, const struct ipc_object *o)
{
	for (size_t i = 0; i < o->holders_len; i += holder_ways(o, i)) {
		const struct ipc_holder *h = &o->holders[i];
		AUTO_FREE char *command = holder_command(h, COMMAND_WIDTH), *how = holder_how(o, i);
		AUTO_FREE char *text = NULL;
		if (!command || !how ||
			asprintf(&text, "%d %s %s (%s)", (int)h->pid, holder_user(h), command, how) < 0)
			return -ENOMEM;
		object_print_line(f, "", text);
	}
	return 0;
}

static int print_column(FILE *f, const struct column *c, const struct ipc_object *o)
{
	AUTO_CELL struct cell cell = column_cell(c, o);
	AUTO_FREE char *text = cell_text(&cell, CELL_LONG);

	if (cell.have == HAVE_ABSENT)
		return 0;
	if (!text)
		return -ENOMEM;
	object_print_line(f, c->name, text);
	return 0;
}

int object_print(FILE *f, const struct columns *columns, const struct ipc_object *o)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < columns->len; i++) {
		const struct column *c = columns->v[i];
		if (strcmp(c->name, "evidence") == 0) {
			print_reasons(f, c->name, o->verdict.evidence);
		} else if (strcmp(c->name, "unseen") == 0) {
			print_reasons(f, c->name, o->verdict.unseen);
		} else if (strcmp(c->name, "kind") == 0) {
			object_print_line(f, c->name, o->selector.kind->label);
		} else {
			r = print_column(f, c, o);
		}
		if (r == 0 && strcmp(c->name, "holders") == 0)
			r = print_holders(f, o);
	}
	return r;
}
