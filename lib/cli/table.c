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

/*
 * What is neither coloured nor fitted into a terminal, as in a pipe, needs nothing but the columns' widths. It is printed
 * here: of a list of thousands of objects the library's measuring and padding would be most of the cost.
 */
struct table {
	FILE *out;
	struct libscols_table *scols; /* NULL: it is plain */
	char **texts;                 /* of a plain one: row by row; owned, with the texts */
	size_t room;                  /* rows */
	bool headings;
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

/* Names are UTF-8 whatever the locale; most have only ASCII, for which no locale has to be loaded. */
static int width_of(const char *text)
{
	size_t len = 0;

	while ((signed char)text[len] > 0)
		len++;
	if (!text[len])
		return (int)len;
	use_utf8();
	return top_text_width(text);
}

static void measure(struct table *t, size_t i, const char *text)
{
	int width = t->terminal > 0 || !t->scols ? width_of(text) : 0;

	if (width > t->widths[i])
		t->widths[i] = width;
}

static const char *heading_of(const struct column *c, char heading[HEADING_MAX])
{
	size_t i = 0;

	for (; c->name[i] && i < HEADING_MAX - 1; i++)
		heading[i] = (char)toupper((unsigned char)c->name[i]);
	heading[i] = '\0';
	return heading;
}

static int add_column(struct table *t, size_t column)
{
	const struct column *c = t->columns.v[column];
	char text[HEADING_MAX];
	const char *heading = heading_of(c, text);
	/* Below one, a hint is the part of the terminal's width that a column may take. */
	int flags = (column_is_number(c) ? SCOLS_FL_RIGHT : 0) | (c->flags & COLUMN_WRAP ? SCOLS_FL_WRAP : 0);

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

static int set_up(struct table *t)
{
	int r = 0;

	use_utf8(); /* the library measures names by the locale */
	t->scols = scols.new_table();
	if (!t->scols)
		return -ENOMEM;
	scols.table_set_stream(t->scols, t->out);
	set_width(t, t->out);
	scols.table_enable_noencoding(t->scols, 1);
	scols.table_enable_noheadings(t->scols, !t->headings);
	scols.table_enable_colors(t->scols, t->color);
	for (size_t i = 0; r == 0 && i < t->columns.len; i++)
		r = add_column(t, i);
	return r;
}

static int no_library(void)
{
	fail_plain(CLI_FAILED, "cannot print a table: %s", dlerror());
	hint("install libsmartcols (libsmartcols1 on Debian), or use --names or --json");
	return CLI_FAILED;
}

int table_new(FILE *out, const struct columns *columns, unsigned flags, struct table **ret)
{
	bool plain = !use_color(out) && terminal_width(out) == 0;

	if (!plain && !load())
		return no_library();
	AUTO_TABLE struct table *t = calloc(1, sizeof(*t));
	if (!t)
		return fail(NULL, -ENOMEM, "cannot print a table");
	t->out = out;
	t->columns = *columns;
	t->cell_flags = flags & TABLE_BYTES ? CELL_EXACT : 0;
	t->headings = !(flags & TABLE_NO_HEADINGS);
	t->color = use_color(out);
	int r = plain ? 0 : set_up(t);
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

static char *text_of(const struct table *t, size_t i, const struct ipc_object *o)
{
	AUTO_CELL struct cell cell = column_cell(t->columns.v[i], o);
	char *text = cell.text;

	if (!text)
		return cell_text(&cell, t->cell_flags);
	cell.text = NULL; /* the caller owns it now */
	return text;
}

static void free_texts(char **texts, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(texts[i]);
}

static int keep_row(struct table *t, char **texts)
{
	if (t->rows == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		char **v = reallocarray(t->texts, room, t->columns.len * sizeof(*v));
		if (!v) {
			free_texts(texts, t->columns.len);
			return -ENOMEM;
		}
		t->texts = v;
		t->room = room;
	}
	memcpy(t->texts + t->rows * t->columns.len, texts, t->columns.len * sizeof(*texts));
	return 0;
}

/* o: NULL: it has no state that could be coloured */
static int hand_over(struct table *t, char **texts, const struct ipc_object *o)
{
	struct libscols_line *line = scols.table_new_line(t->scols, NULL);
	const char *color = t->color && o ? state_color(o->verdict.state) : NULL;

	for (size_t i = 0; i < t->columns.len; i++) {
		if (!line || scols.line_refer_data(line, i, texts[i]) < 0) {
			free_texts(texts + i, t->columns.len - i);
			return -ENOMEM;
		}
		if (color && t->columns.v[i]->flags & COLUMN_STATE)
			scols.cell_set_color(scols.line_get_cell(line, i), color);
	}
	return 0;
}

static int add_row(struct table *t, char **texts, const struct ipc_object *o)
{
	for (size_t i = 0; i < t->columns.len; i++) {
		if (!texts[i]) {
			free_texts(texts, t->columns.len);
			return -ENOMEM;
		}
		measure(t, i, texts[i]);
	}
	int r = t->scols ? hand_over(t, texts, o) : keep_row(t, texts);
	t->rows += r == 0;
	return r;
}

int table_add(struct table *t, const struct ipc_object *o)
{
	char *texts[COLUMNS_MAX];

	for (size_t i = 0; i < t->columns.len; i++)
		texts[i] = text_of(t, i, o);
	return add_row(t, texts, o);
}

int table_add_texts(struct table *t, char **texts)
{
	return add_row(t, texts, NULL);
}

/* --- without the library --- */

static void print_blanks(FILE *f, int n)
{
	static const char blanks[] = "                                ";

	for (; n > 0; n -= (int)sizeof(blanks) - 1)
		fwrite_unlocked(blanks, 1, n < (int)sizeof(blanks) ? (size_t)n : sizeof(blanks) - 1, f);
}

/* Behind the last column there is nothing, not even blanks. */
static void print_row(const struct table *t, const char *const *texts)
{
	for (size_t i = 0; i < t->columns.len; i++) {
		bool right = column_is_number(t->columns.v[i]), last = i + 1 == t->columns.len;
		int blanks = t->widths[i] - width_of(texts[i]);
		if (right)
			print_blanks(t->out, blanks);
		fputs_unlocked(texts[i], t->out);
		if (!right && !last)
			print_blanks(t->out, blanks);
		putc_unlocked(last ? '\n' : ' ', t->out);
	}
}

static void print_plain(struct table *t)
{
	const char *headings[COLUMNS_MAX];
	char texts[COLUMNS_MAX][HEADING_MAX];

	for (size_t i = 0; i < t->columns.len; i++) {
		headings[i] = heading_of(t->columns.v[i], texts[i]);
		measure(t, i, headings[i]);
	}
	if (t->headings)
		print_row(t, headings);
	for (size_t i = 0; i < t->rows; i++)
		print_row(t, (const char *const *)t->texts + i * t->columns.len);
}

int table_print(struct table *t)
{
	if (t->rows == 0)
		return 0;
	if (!t->scols) {
		print_plain(t); /* what could not be written is said once, by main() */
		return 0;
	}
	keep_whole(t);
	return scols.print_table(t->scols);
}

void table_free(struct table *t)
{
	if (!t)
		return;
	if (t->scols)
		scols.unref_table(t->scols);
	free_texts(t->texts, t->texts ? t->rows * t->columns.len : 0);
	free(t->texts);
	free(t);
}
