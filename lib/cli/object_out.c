#include "cli/object_out.h"

#include "cli/diag.h"
#include "cli/holder_out.h"
#include "ipc/io.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_WIDTH = 16 };

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

void object_print_line(FILE *f, const char *name, const char *text)
{
	print_label(f, name);
	fprintf(f, "%s\n", text);
}

static void print_reasons(FILE *f, const char *name, const struct ipc_reason *reasons)
{
	for (size_t i = 0; i < EVIDENCE_MAX && reasons[i].text; i++) {
		AUTO_FREE char *text = ipc_reason_text(&reasons[i]);
		print_label(f, i ? "" : name);
		fprintf(f, "%s\n", text ? text : "?");
	}
}

static void print_holders(FILE *f, const struct ipc_object *o)
{
	for (size_t i = 0; i < o->holders_len; i++) {
		const struct ipc_holder *h = &o->holders[i];
		AUTO_FREE char *command = h->command ? shown(h->command) : NULL;
		print_label(f, "");
		fprintf(f, "%d %s %s (%s)\n", (int)h->pid, holder_user(h), command ? command : "?", h->how);
	}
}

static int print_column(FILE *f, const struct column *c, const struct ipc_object *o)
{
	AUTO_CELL struct cell cell = column_cell(c, o);
	AUTO_FREE char *text = cell_text(&cell, CELL_LONG);

	if (cell.have == HAVE_ABSENT)
		return 0;
	if (!text)
		return -ENOMEM;
	print_label(f, c->name);
	fprintf(f, "%s\n", text);
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
			print_label(f, c->name);
			fprintf(f, "%s\n", o->selector.kind->label);
		} else {
			r = print_column(f, c, o);
		}
		if (strcmp(c->name, "holders") == 0)
			print_holders(f, o);
	}
	return r;
}
