#include "cli/top_view.h"

#include "cli/top_keys.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/*
 * From the top: title, headings, list, pane, footer. The lower the screen, the fewer of them: the list comes first,
 * then the footer, which has the question or the line that is typed.
 */
enum { TITLE_FROM = 4, HEADINGS_FROM = 3, FOOTER_FROM = 2, PANE_FROM = 12, PANE_LIST_LEAST = 3 };
/* Looking may take this part of a processor. */
enum { LOOK_SHARE = 25 };
enum { HEADING_MAX = 32, DETAIL_INDENT = 17, HELP_NAMES = 14, AGE_WIDTH = 7 };

void top_view_clear(struct top_view *v)
{
	top_model_clear(&v->model);
	free(v->notes);
	free(v->detail);
	free(v->report);
	free(v->question);
	*v = (struct top_view){ 0 };
}

int64_t top_view_pace(const struct top_view *v)
{
	int64_t least = v->cost_ns * LOOK_SHARE;

	return v->interval_ns > least ? v->interval_ns : least;
}

/* --- the table ---------------------------------------------------------------------------------- */

static void heading(const struct top_view *v, const struct column *c, char text[HEADING_MAX])
{
	size_t i = 0;

	for (; c->name[i] && i < HEADING_MAX - 2; i++)
		text[i] = (char)toupper((unsigned char)c->name[i]);
	if (c == v->model.sort)
		text[i++] = v->model.reverse ? 'v' : '^';
	text[i] = '\0';
}

static int cell_width(const struct column *c, const struct top_row *row)
{
	AUTO_CELL struct cell cell = top_cell(c, row);
	AUTO_FREE char *text = cell_text(&cell, 0);

	return text ? top_text_width(text) : 1;
}

void top_view_measure(struct top_view *v)
{
	for (size_t i = 0; i < v->columns.len; i++) {
		const struct column *c = v->columns.v[i];
		int widest = (int)strlen(c->name) + (c == v->model.sort); /* with the mark of the order */
		if (c->unit == UNIT_DURATION && widest < AGE_WIDTH)
			widest = AGE_WIDTH; /* it grows while nobody looks */
		for (size_t k = 0; k < v->model.shown_len; k++) {
			int width = cell_width(c, top_model_at(&v->model, k));
			widest = width > widest ? width : widest;
		}
		v->natural[i] = widest;
	}
}

static bool is_right(const struct column *c)
{
	return c == &top_rate_column || column_is_number(c);
}

static void put_cell(struct top_screen *s, int y, int x, int width, const char *text, bool right, bool middle)
{
	AUTO_FREE char *fit = top_text_fit(text, width, middle);
	int gap = fit && right ? width - top_text_width(fit) : 0;

	if (fit)
		top_screen_put(s, y, x + gap, fit, width - gap);
}

static enum top_color state_color(enum ipc_state state)
{
	static const enum top_color colors[STATES] = {
		[STATE_LIVE] = TOP_GREEN,
		[STATE_STALE] = TOP_YELLOW,
		[STATE_UNKNOWN] = TOP_MAGENTA,
		[STATE_ORPHAN] = TOP_RED,
	};

	return colors[state];
}

static void draw_headings(
	const struct top_view *v, struct top_screen *s, const struct top_layout *l, int y, int width)
{
	char text[HEADING_MAX];

	top_screen_style(s, true, true, TOP_PLAIN);
	top_screen_fill(s, y, 0, "", width);
	for (size_t i = 0; i < l->len; i++) {
		const struct column *c = v->columns.v[l->which[i]];
		heading(v, c, text);
		put_cell(s, y, l->at[i], l->width[i], text, is_right(c), false);
	}
	/* What is out of sight is said, in the gaps that the table has there. */
	if (l->more_left)
		top_screen_put(s, y, l->width[0], "<", 1);
	if (l->more_right)
		top_screen_put(s, y, width - 1, ">", 1);
}

static void draw_row(const struct top_view *v, struct top_screen *s, const struct top_layout *l, size_t place,
	int y, int width)
{
	const struct top_row *row = top_model_at(&v->model, place);
	bool selected = place == v->model.cursor;

	top_screen_style(s, row->fresh, selected, TOP_PLAIN);
	if (selected)
		top_screen_fill(s, y, 0, "", width);
	for (size_t i = 0; i < l->len; i++) {
		const struct column *c = v->columns.v[l->which[i]];
		AUTO_CELL struct cell cell = top_cell(c, row);
		AUTO_FREE char *text = cell_text(&cell, 0);
		bool state = c->flags & COLUMN_STATE;
		top_screen_style(s, row->fresh, selected,
			state && !selected ? state_color(row->object.verdict.state) : TOP_PLAIN);
		put_cell(s, y, l->at[i], l->width[i], text ? text : "?", is_right(c), i == 0);
	}
}

/* So that the selected row is among those that are shown, and no line stays empty that need not. */
static void scroll_to_cursor(struct top_view *v, size_t height)
{
	size_t last = v->model.shown_len > height ? v->model.shown_len - height : 0;

	if (v->first > v->model.cursor)
		v->first = v->model.cursor;
	if (v->model.cursor >= v->first + height)
		v->first = v->model.cursor + 1 - height;
	if (v->first > last)
		v->first = last;
}

static void draw_empty(const struct top_view *v, struct top_screen *s, int y, int width)
{
	bool hidden = v->model.rows.len > 0;

	top_screen_style(s, false, false, TOP_PLAIN);
	top_screen_put(s, y, 0,
		hidden ? "No object passes the filter; Esc shows all" : "There are no objects", width);
}

static void draw_list(
	struct top_view *v, struct top_screen *s, const struct top_layout *l, int y, int height, int width)
{
	v->list_height = height;
	if (height <= 0)
		return;
	scroll_to_cursor(v, (size_t)height);
	if (v->model.shown_len == 0)
		draw_empty(v, s, y, width);
	for (int i = 0; i < height && v->first + (size_t)i < v->model.shown_len; i++)
		draw_row(v, s, l, v->first + (size_t)i, y + i, width);
}

/* --- the lines around it ------------------------------------------------------------------------ */

static void state_counts(const struct top_model *m, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (unsigned state = STATE_UNASKED + 1; state < STATES; state++) {
		size_t n = top_model_count(m, state);
		if (n > 0 && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%zu %s", used ? ", " : "", n,
				ipc_state_name(state));
	}
}

/* As it was asked for, else in tenths of a second. */
static void pace_text(const struct top_view *v, char text[UNITS_TEXT_MAX])
{
	int64_t pace = top_view_pace(v);

	if (pace == v->interval_ns)
		format_duration(pace, text);
	else
		snprintf(text, UNITS_TEXT_MAX, "%.1fs", (double)pace / NSEC_PER_SEC);
}

static void draw_title(const struct top_view *v, struct top_screen *s, int width)
{
	char states[120], pace[UNITS_TEXT_MAX], part[40] = "";
	const struct top_model *m = &v->model;
	AUTO_FREE char *text = NULL;

	state_counts(m, states, sizeof(states));
	pace_text(v, pace);
	if (*m->filter)
		snprintf(part, sizeof(part), "%zu of ", m->shown_len);
	int n = asprintf(&text, "%s%zu object%s%s%s; %s%s", part, m->rows.len, m->rows.len == 1 ? "" : "s",
		*states ? ": " : "", states, v->paused ? "paused" : "every ", v->paused ? "" : pace);
	if (n < 0)
		return;
	top_screen_style(s, v->paused, false, TOP_PLAIN);
	top_screen_put(s, 0, 0, text, width);
}

/* As many keys as there is room for, each whole. */
static void draw_keys(struct top_screen *s, int y, int width)
{
	int x = 0;

	for (const struct top_key *k = top_keys; k->action != ACTION_NONE; k++) {
		char name[16];
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(k->names, " "), k->names);
		int wide = (int)strlen(name) + 1 + (k->brief ? (int)strlen(k->brief) : 0);
		if (!k->brief || x + wide > width)
			continue;
		top_screen_style(s, true, false, TOP_CYAN);
		top_screen_put(s, y, x, name, width - x);
		top_screen_style(s, false, false, TOP_PLAIN);
		top_screen_put(s, y, x + (int)strlen(name) + 1, k->brief, width - x);
		x += wide + 2;
	}
}

/* The end of what is typed stays in sight. Returns where the cursor goes. */
static int draw_prompt(const struct top_view *v, struct top_screen *s, int y, int width, const char *prompt)
{
	char text[TOP_LINE_MAX + 300];
	const char *shown = text;

	snprintf(text, sizeof(text), "%s%s", prompt, v->line);
	while (top_text_width(shown) > width - 1 && *shown)
		shown++;
	while ((*shown & 0xc0) == 0x80)
		shown++;
	top_screen_style(s, true, false, TOP_PLAIN);
	top_screen_put(s, y, 0, shown, width);
	int end = top_text_width(shown);
	if (v->line_error) {
		top_screen_style(s, false, false, TOP_RED);
		top_screen_put(s, y, end + 2, v->line_error, width - end - 2);
	}
	return end;
}

/* The first line of what was said while looking, and how many there are. */
static void draw_notes(const struct top_view *v, struct top_screen *s, int y, int width)
{
	size_t first = strcspn(v->notes, "\n");
	size_t more = 0;
	AUTO_FREE char *text = NULL;

	for (const char *p = v->notes + first; *p; p++)
		more += *p == '\n' && p[1] && strncmp(p + 1, "hint: ", 6) != 0;
	int n = more ? asprintf(&text, "%.*s (and %zu more)", (int)first, v->notes, more)
		     : asprintf(&text, "%.*s", (int)first, v->notes);
	top_screen_style(s, true, false, TOP_YELLOW);
	if (n >= 0)
		top_screen_put(s, y, 0, text, width);
}

/* All of it, over the end of the list if one line is too short: it must be seen what is asked. y: of the last line. */
static void draw_question(const struct top_view *v, struct top_screen *s, int y, int width)
{
	AUTO_LINES struct top_lines lines = { 0 };

	if (top_text_wrap(v->question ? v->question : "?", width, 0, &lines) < 0)
		return;
	top_screen_style(s, true, false, TOP_YELLOW);
	for (size_t i = 0; i < lines.len; i++) {
		AUTO_FREE char *line = strndup(lines.v[i].start, lines.v[i].bytes);
		top_screen_fill(s, y + 1 - (int)(lines.len - i), 0, line ? line : "?", width);
	}
}

/* Returns the column of the cursor, or -1. */
static int draw_footer(const struct top_view *v, struct top_screen *s, int y, int width)
{
	switch (v->mode) {
	case TOP_FILTER:
		return draw_prompt(v, s, y, width, "Filter: ");
	case TOP_INTERVAL:
		return draw_prompt(v, s, y, width, "Interval: ");
	case TOP_ASK:
		draw_question(v, s, y, width);
		return -1;
	default:
		draw_keys(s, y, width);
		return -1;
	}
}

/* --- panes -------------------------------------------------------------------------------------- */

/* Text in a box of the screen, with a line above it that says what it is and how to move. */
static void draw_text(struct top_view *v, struct top_screen *s, int y, int height, int width,
	const char *title, const char *text, int indent)
{
	AUTO_LINES struct top_lines lines = { 0 };
	AUTO_FREE char *head = NULL;
	int room = height - 1;

	if (height <= 0)
		return;
	if (top_text_wrap(text ? text : "", width, width > 2 * indent ? indent : 0, &lines) < 0)
		return;
	size_t last = room > 0 && lines.len > (size_t)room ? lines.len - (size_t)room : 0;
	v->pane_at = v->pane_at > last ? last : v->pane_at;
	v->pane_height = room;
	size_t end = v->pane_at + (size_t)room < lines.len ? v->pane_at + (size_t)room : lines.len;
	int n = last > 0 ? asprintf(&head, "%s  (lines %zu to %zu of %zu: PgUp, PgDn)", title, v->pane_at + 1,
				   end, lines.len)
			 : asprintf(&head, "%s", title);
	top_screen_style(s, true, true, TOP_PLAIN);
	top_screen_fill(s, y, 0, n < 0 ? title : head, width);
	top_screen_style(s, false, false, TOP_PLAIN);
	for (size_t i = v->pane_at; i < end; i++) {
		const struct top_line *line = &lines.v[i];
		AUTO_FREE char *copy = strndup(line->start, line->bytes);
		int x = line->continued && width > 2 * indent ? indent : 0,
		    row = y + 1 + (int)(i - v->pane_at);
		top_screen_fill(s, row, 0, "", width);
		if (copy)
			top_screen_put(s, row, x, copy, width - x);
	}
}

static void draw_help(struct top_view *v, struct top_screen *s, int height, int width)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return;
	for (const struct top_key *k = top_keys; k->action != ACTION_NONE; k++)
		fprintf(f, "%-*s%s\n", HELP_NAMES, k->names, k->help);
	fprintf(f, "\n%-*s%s\n%-*s%s\n%-*s%s\n%-*s%s\n", HELP_NAMES, "RATE",
		"Messages or bytes a second more or less than before: the kernel counts what is in a queue, "
		"not "
		"what passes through it",
		HELP_NAMES, "", "\"busy\": it was used and holds as much as before", HELP_NAMES, "",
		"Without a sign: bytes that passed through a TCP socket", HELP_NAMES, "?",
		"In any column: it can't be seen, or not yet");
	fclose(f);
	draw_text(v, s, 0, height, width, "Keys  (any other key closes this)", text, HELP_NAMES);
}

static void draw_menu(const struct top_view *v, struct top_screen *s, int height, int width)
{
	int room = height - 1;
	size_t n = v->columns.len;
	size_t first = room > 0 && v->menu >= (size_t)room ? v->menu + 1 - (size_t)room : 0;
	char name[HEADING_MAX];
	enum { WIDE = HEADING_MAX };

	top_screen_style(s, true, true, TOP_PLAIN);
	top_screen_fill(s, 0, 0, "Order by", width < WIDE ? width : WIDE);
	for (size_t i = first; i < n && (int)(i - first) < room; i++) {
		heading(v, v->columns.v[i], name);
		top_screen_style(s, false, i == v->menu, TOP_PLAIN);
		top_screen_fill(s, 1 + (int)(i - first), 0, name, width < WIDE ? width : WIDE);
	}
}

static void draw_pane(struct top_view *v, struct top_screen *s, int y, int height, int width)
{
	const struct top_row *row = top_model_selected(&v->model);
	AUTO_FREE char *title = NULL;

	if (asprintf(&title, "%s  (Enter closes)", row ? row->name : "Nothing is selected") < 0)
		title = NULL;
	draw_text(v, s, y, height, width, title ? title : "", row ? v->detail : "", DETAIL_INDENT);
}

/* The lines that the list has, of those between the headings and the footer. */
static int list_height(const struct top_view *v, int room, int height)
{
	if (!v->pane)
		return room;
	if (height < PANE_FROM)
		return 0;
	int part = room / 3 > PANE_LIST_LEAST ? room / 3 : PANE_LIST_LEAST;
	int rows = v->model.shown_len < (size_t)part ? (int)v->model.shown_len : part;
	return rows > 0 ? rows : 1;
}

/* Whatever covers the list. Returns false if nothing does. */
static bool draw_cover(struct top_view *v, struct top_screen *s, int room, int width)
{
	if (v->mode == TOP_HELP)
		draw_help(v, s, room, width);
	else if (v->mode == TOP_REPORT)
		draw_text(v, s, 0, room, width, "Not removed  (any key goes on)", v->report, 0);
	else
		return false;
	return true;
}

void top_view_draw(struct top_view *v, struct top_screen *s)
{
	int height, width, y = 0, cursor = -1;

	top_screen_size(s, &height, &width);
	struct top_layout l = top_layout(v->natural, v->columns.len, v->from, width);
	int footer = height >= FOOTER_FROM || v->mode != TOP_LIST ? 1 : 0;
	v->more_right = l.more_right;
	top_screen_erase(s);
	if (!draw_cover(v, s, height - footer, width)) {
		bool notes = v->notes && *v->notes && height > TITLE_FROM;
		if (height >= TITLE_FROM)
			draw_title(v, s, width), y++;
		if (notes)
			draw_notes(v, s, y++, width);
		if (height >= HEADINGS_FROM)
			draw_headings(v, s, &l, y++, width);
		int list = list_height(v, height - footer - y, height);
		draw_list(v, s, &l, y, list, width);
		if (v->pane)
			draw_pane(v, s, y + list, height - footer - y - list, width);
		if (v->mode == TOP_SORT)
			draw_menu(v, s, height - footer, width);
	}
	if (footer)
		cursor = draw_footer(v, s, height - 1, width);
	top_screen_show(s, height - 1, cursor < width ? cursor : width - 1);
}
