#include "cli/table.h"

#include "cli/command.h"
#include "cli/top_text.h"
#include "ipc/io.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What is used of libsmartcols; its header says what each takes. */
#define FUNCTIONS(F)                                                                                         \
	F(new_table)                                                                                         \
	F(unref_table)                                                                                       \
	F(table_set_stream)                                                                                  \
	F(table_set_termforce)                                                                               \
	F(table_set_termwidth)                                                                               \
	F(table_enable_noheadings)                                                                           \
	F(table_enable_noencoding)                                                                           \
	F(table_enable_colors)                                                                               \
	F(table_new_column)                                                                                  \
	F(table_new_line)                                                                                    \
	F(line_refer_data)                                                                                   \
	F(line_get_cell)                                                                                     \
	F(cell_set_color)                                                                                    \
	F(print_table)

static struct {
	bool loaded;
#define F(name) typeof(&scols_##name) name;
	FUNCTIONS(F)
#undef F
} scols;

enum { HEADING_MAX = 32, WIDTH_MIN = 72, WRAP_MIN = 12 };

struct table {
	struct libscols_table *scols;
	struct columns columns;
	unsigned cell_flags;
	size_t rows;
	bool color;
	int terminal;            /* how wide it is, if the table is fitted into it; else 0 */
	int widths[COLUMNS_MAX]; /* what each column would take */
};

/* The library's own file, found where the dynamic linker looks and nowhere else. Returns false if it is not there. */
static bool load(void)
{
	if (scols.loaded)
		return true;
	void *library = dlopen("libsmartcols.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return false;
	scols.loaded = true;
#define F(function)                                                                                          \
	*(void **)&scols.function = dlsym(library, "scols_" #function);                                      \
	scols.loaded = scols.loaded && scols.function;
	FUNCTIONS(F)
#undef F
	return scols.loaded;
}

bool use_color(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");

	if (cli_color != COLOR_AUTO)
		return cli_color == COLOR_ALWAYS;
	return !(no_color && *no_color) && isatty(fileno(out));
}

int terminal_width(FILE *f)
{
	struct winsize size = { 0 };

	return isatty(fileno(f)) && ioctl(fileno(f), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static void measure(struct table *t, size_t i, const char *text)
{
	int width = t->terminal > 0 ? top_text_width(text) : 0;

	if (width > t->widths[i])
		t->widths[i] = width;
}

static int add_column(struct table *t, size_t column)
{
	const struct column *c = t->columns.v[column];
	char heading[HEADING_MAX];
	size_t i = 0;
	/* Below one, a hint is the part of the terminal's width that a column may take. */
	int flags = (column_is_number(c) ? SCOLS_FL_RIGHT : 0) | (c->flags & COLUMN_WRAP ? SCOLS_FL_WRAP : 0);

	for (; c->name[i] && i < sizeof(heading) - 1; i++)
		heading[i] = (char)toupper((unsigned char)c->name[i]);
	heading[i] = '\0';
	measure(t, column, heading);
	return scols.table_new_column(t->scols, heading, c->flags & COLUMN_WRAP ? 0.3 : 0, flags) ? 0
												  : -ENOMEM;
}

/*
 * The library would ask standard output, which is not always where the table goes. On a terminal that
 * is too narrow for the other columns a selector would be cut into scraps: there nothing is fitted.
 */
static void set_width(struct table *t, FILE *out)
{
	int width = terminal_width(out);

	t->terminal = width >= WIDTH_MIN ? width : 0;
	scols.table_set_termforce(t->scols, t->terminal > 0 ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	if (t->terminal > 0)
		scols.table_set_termwidth(t->scols, (size_t)t->terminal);
}

/* The same where many columns leave too little to those that would take several lines. */
static void keep_whole(struct table *t)
{
	int least = (int)t->columns.len - 1;

	for (size_t i = 0; i < t->columns.len; i++) {
		bool wraps = t->columns.v[i]->flags & COLUMN_WRAP;
		least += wraps && t->widths[i] > WRAP_MIN ? WRAP_MIN : t->widths[i];
	}
	if (t->terminal > 0 && least > t->terminal)
		scols.table_set_termforce(t->scols, SCOLS_TERMFORCE_NEVER);
}

static int set_up(struct table *t, FILE *out, unsigned flags)
{
	int r = 0;

	t->scols = scols.new_table();
	if (!t->scols)
		return -ENOMEM;
	t->color = use_color(out);
	scols.table_set_stream(t->scols, out);
	set_width(t, out);
	scols.table_enable_noencoding(t->scols, 1);
	scols.table_enable_noheadings(t->scols, (flags & TABLE_NO_HEADINGS) != 0);
	scols.table_enable_colors(t->scols, t->color);
	for (size_t i = 0; r == 0 && i < t->columns.len; i++)
		r = add_column(t, i);
	return r;
}

int table_new(FILE *out, const struct columns *columns, unsigned flags, struct table **ret)
{
	if (!load()) {
		fail_plain(CLI_FAILED, "cannot print a table: %s", dlerror());
		hint("install libsmartcols (libsmartcols1 on Debian), or use --names or --json");
		return CLI_FAILED;
	}
	use_utf8(); /* the library measures names by the locale */
	AUTO_TABLE struct table *t = calloc(1, sizeof(*t));
	if (!t)
		return fail(NULL, -ENOMEM, "cannot print a table");
	t->columns = *columns;
	t->cell_flags = flags & TABLE_BYTES ? CELL_EXACT : 0;
	int r = set_up(t, out, flags);
	if (r < 0)
		return fail(NULL, r, "cannot print a table");
	*ret = t;
	t = NULL; /* the caller owns it now */
	return CLI_OK;
}

/* Colours by their names, which the library knows. */
static const char *state_color(enum ipc_state state)
{
	static const char *const colors[STATES] = {
		[STATE_LIVE] = "green",
		[STATE_STALE] = "yellow",
		[STATE_UNKNOWN] = "magenta",
		[STATE_ORPHAN] = "red",
	};

	return colors[state];
}

static int add_cell(struct table *t, struct libscols_line *line, size_t i, const struct ipc_object *o)
{
	const struct column *c = t->columns.v[i];
	AUTO_CELL struct cell cell = column_cell(c, o);
	char *text = cell.text ? cell.text : cell_text(&cell, t->cell_flags);

	cell.text = NULL; /* the line owns it now */
	if (!text || scols.line_refer_data(line, i, text) < 0) {
		free(text);
		return -ENOMEM;
	}
	measure(t, i, text);
	const char *color = c->flags & COLUMN_STATE ? state_color(o->verdict.state) : NULL;
	if (t->color && color)
		scols.cell_set_color(scols.line_get_cell(line, i), color);
	return 0;
}

int table_add(struct table *t, const struct ipc_object *o)
{
	struct libscols_line *line = scols.table_new_line(t->scols, NULL);
	int r = line ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < t->columns.len; i++)
		r = add_cell(t, line, i, o);
	t->rows += r == 0;
	return r;
}

int table_add_texts(struct table *t, char **texts)
{
	struct libscols_line *line = scols.table_new_line(t->scols, NULL);
	int r = line ? 0 : -ENOMEM;

	for (size_t i = 0; i < t->columns.len; i++) {
		if (r == 0 && (!texts[i] || scols.line_refer_data(line, i, texts[i]) < 0))
			r = -ENOMEM;
		if (r < 0)
			free(texts[i]);
		else
			measure(t, i, texts[i]);
	}
	t->rows += r == 0;
	return r;
}

int table_print(struct table *t)
{
	keep_whole(t);
	return t->rows > 0 ? scols.print_table(t->scols) : 0;
}

void table_free(struct table *t)
{
	if (t && t->scols)
		scols.unref_table(t->scols);
	free(t);
}
