#include "cli/plan.h"

#include "cli/accounts.h"
#include "cli/column.h"
#include "cli/filter.h"
#include "cli/select.h"
#include "cli/table.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void victim_clear(struct victim *v)
{
	ipc_object_clear(&v->object);
	free(v->name);
}

void plan_clear(struct plan *p)
{
	for (size_t i = 0; i < p->len; i++)
		victim_clear(&p->victims[i]);
	free(p->victims);
}

/* Takes the object over if it passes the filters. */
static int add(struct ipc_object *o, int error, void *arg)
{
	struct plan *p = arg;

	(void)error; /* who may not read an object may still be allowed to remove it */
	if (!filter_match(o))
		return 0;
	if (p->len == p->room) {
		size_t room = p->room ? 2 * p->room : 16;
		struct victim *victims = reallocarray(p->victims, room, sizeof(*victims));
		if (!victims)
			return -ENOMEM;
		p->victims = victims;
		p->room = room;
	}
	char *name = ipc_selector_format(&o->selector);
	if (!name)
		return -ENOMEM;
	p->victims[p->len++] = (struct victim){ *o, name };
	*o = (struct ipc_object){ 0 }; /* the plan owns it now */
	return 0;
}

/* A name that stands for itself, whatever characters are in it. */
static int add_name(struct ipc_ctx *ctx, const char *text, struct plan *p)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_OBJECT struct ipc_object object = { 0 };
	bool missing_ok = p->flags & SELECT_MISSING_OK;
	int status = select_one(ctx, text, p->flags & SELECT_MISSING_OK, &sel);

	if (status == CLI_NOT_FOUND && missing_ok)
		return CLI_OK;
	if (status != CLI_OK)
		return status;
	const struct ipc_kind *kind = sel.kind;
	int r = ipc_stat(ctx, &sel, p->want, &object);
	if ((r == -ENOENT || r == -EIDRM) && missing_ok)
		return CLI_OK;
	if (r == 0 || (r == -EACCES && object.selector.kind))
		r = add(&object, r, p);
	AUTO_FREE char *name = shown(text);
	return r < 0 ? fail(kind, r, "cannot find %s '%s'", kind->noun, name) : CLI_OK;
}

/* One selector a line, as `ls --names` prints them: no newline is ever part of one. */
static int add_lines(struct ipc_ctx *ctx, struct plan *p)
{
	AUTO_FREE char *line = NULL;
	size_t size = 0;
	int status = CLI_OK;

	for (ssize_t n; (n = getline(&line, &size, stdin)) > 0;) {
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		if (strlen(line) != (size_t)n)
			status = first_failure(status, usage_error("a line holds a NUL byte"));
		else if (n > 0)
			status = first_failure(status, add_name(ctx, line, p));
	}
	return ferror(stdin) ? first_failure(status, fail(NULL, -errno, "cannot read standard input"))
			     : status;
}

static int gather(struct ipc_ctx *ctx, int argc, char **argv, struct plan *p)
{
	AUTO_FREE char **patterns = calloc((size_t)argc + 1, sizeof(*patterns));
	int len = 0, status = CLI_OK;

	if (!patterns)
		return fail(NULL, -ENOMEM, "cannot read the operands");
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "-") == 0)
			status = first_failure(status, add_lines(ctx, p));
		else if (select_is_literal(ctx, argv[i], p->flags))
			status = first_failure(status, add_name(ctx, argv[i], p));
		else
			patterns[len++] = argv[i];
	}
	if (argc == 0 || len > 0)
		status = first_failure(status, select_objects(ctx, len, patterns, p->flags, p->want, add, p));
	return status;
}

static int by_name(const void *a, const void *b)
{
	const struct victim *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* What two operands name is in it once. */
static void sort_out(struct plan *p)
{
	size_t kept = 0;

	if (p->len > 0)
		qsort(p->victims, p->len, sizeof(*p->victims), by_name);
	for (size_t i = 0; i < p->len; i++) {
		if (kept > 0 && strcmp(p->victims[kept - 1].name, p->victims[i].name) == 0)
			victim_clear(&p->victims[i]);
		else
			p->victims[kept++] = p->victims[i];
	}
	p->len = kept;
}

int plan_gather(struct ipc_ctx *ctx, int argc, char **argv, struct plan *p)
{
	int status = gather(ctx, argc, argv, p);

	sort_out(p);
	return status;
}

/* What an object takes: its use where that is known, else its size. */
static uint64_t weight(const struct ipc_object *o)
{
	struct ipc_value used = o->common[FIELD_USED], size = o->common[FIELD_SIZE];

	return (uint64_t)(used.have == HAVE_VALUE ? used.number : size.have == HAVE_VALUE ? size.number : 0);
}

/* The uid, or -1 where it could not be seen. */
static int64_t owner_of(const struct ipc_object *o)
{
	struct ipc_value uid = o->common[FIELD_UID];

	return uid.have == HAVE_VALUE ? uid.number : -1;
}

static int by_label_and_owner(const void *a, const void *b)
{
	const struct ipc_object *const *x = a, *const *y = b;
	int64_t m = owner_of(*x), n = owner_of(*y);
	int order = !(*x)->label - !(*y)->label;

	if (order == 0 && (*x)->label)
		order = strcmp((*x)->label, (*y)->label);
	return order ? order : (m > n) - (m < n);
}

/* label: NULL where no object has one */
static void say_total(const char *label, const char *who, size_t count, uint64_t bytes)
{
	char size[UNITS_TEXT_MAX];

	fprintf(stderr, "%s%s%s: %zu object%s, %s\n", label ? label : "", label ? ", " : "", who, count,
		count == 1 ? "" : "s", format_size(bytes, size));
}

/* A line for each label and owner, and one for all if there are several. */
static int say_totals(const struct plan *p)
{
	AUTO_FREE const struct ipc_object **sorted = calloc(p->len + 1, sizeof(*sorted));
	uint64_t all = 0, bytes = 0;
	size_t count = 0, lines = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < p->len; i++)
		sorted[i] = &p->victims[i].object;
	qsort(sorted, p->len, sizeof(*sorted), by_label_and_owner);
	const char *none = p->len > 0 && sorted[0]->label ? "-" : NULL; /* those with a label come first */
	for (size_t i = 0; i < p->len; i++) {
		int64_t uid = owner_of(sorted[i]);
		count++;
		bytes += weight(sorted[i]);
		if (i + 1 < p->len && by_label_and_owner(&sorted[i], &sorted[i + 1]) == 0)
			continue;
		say_total(sorted[i]->label ? sorted[i]->label : none, uid >= 0 ? user_name((uid_t)uid) : "?",
			count, bytes);
		all += bytes;
		bytes = 0;
		count = 0;
		lines++;
	}
	if (lines != 1)
		say_total(NULL, "total", p->len, all);
	return 0;
}

int plan_show(const struct plan *p, FILE *out)
{
	struct columns columns = columns_with(COLUMN_TABLE);
	AUTO_TABLE struct table *table = NULL;
	int status = p->len > 0 ? table_new(out, &columns, 0, &table) : CLI_OK;
	int r = 0;

	if (status != CLI_OK)
		return status;
	for (size_t i = 0; r == 0 && i < p->len; i++)
		r = table_add(table, &p->victims[i].object);
	if (r == 0 && table)
		r = table_print(table);
	fflush(out);
	if (r == 0)
		r = say_totals(p);
	return r < 0 ? fail(NULL, r, "cannot show what would be removed") : CLI_OK;
}
