#include "cli/top_impl.h"

#include "cli/refusal.h"
#include "cli/select.h"
#include "cli/table.h"
#include "cli/top_keys.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { TICK_MS = 1000 };

/* --- removing ----------------------------------------------------------------------------------- */

static void ask(struct top *t, const char *what)
{
	const struct top_row *row = top_model_selected(&t->view.model);
	char *question = NULL;

	if (!row ||
		asprintf(&question, "%s %s %s? [y/N]", what, row->object.selector.kind->noun, row->name) < 0)
		return;
	free(t->view.question);
	t->view.question = question;
	t->view.mode = TOP_ASK;
}

/* Unread messages are thrown away only if that is said: by a question of its own. */
static void ask_to_discard(struct top *t)
{
	t->remove_flags = REMOVE_DISCARD;
	ask(t, "It may hold unread messages. Throw them away and remove");
}

static void say_elsewhere(const struct top_row *row)
{
	fail_plain(CLI_FAILED, "cannot remove %s '%s' from here: it belongs to another IPC namespace",
		row->object.selector.kind->noun, row->name);
	if (row->object.ns_pid)
		hint("leave, and use 'ipcctl top --ns %d' or 'ipcctl rm --ns %d'", (int)row->object.ns_pid,
			(int)row->object.ns_pid);
}

static void report_refusal(struct top *t, const struct top_row *row, int error)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = top_keep_messages(&text, &len);

	if (top_is_elsewhere(t, &row->object))
		say_elsewhere(row);
	else
		refusal_say(t->ctx, &row->object, row->name, error);
	top_end_messages(f);
	free(t->view.report);
	t->view.report = text;
	t->view.pane_at = 0;
	t->view.mode = TOP_REPORT;
}

static void ask_to_remove(struct top *t)
{
	const struct top_row *row = top_model_selected(&t->view.model);

	t->remove_flags = 0;
	if (row && top_is_elsewhere(t, &row->object))
		report_refusal(t, row, -EREMOTE);
	else
		ask(t, "Remove");
}

/* The rules of `rm`: proved again now, and another object that has the name by now is left alone. */
static void remove_selected(struct top *t)
{
	const struct top_row *row = top_model_selected(&t->view.model);

	t->view.mode = TOP_LIST;
	if (!row)
		return;
	int r = ipc_remove(t->ctx, &row->object, t->remove_flags);
	if (r == -ENOTEMPTY && !(t->remove_flags & REMOVE_DISCARD))
		ask_to_discard(t);
	else if (r < 0 && r != -ENOENT && r != -EIDRM)
		report_refusal(t, row, r);
	t->stale_look = true;
}

/* --- keys --------------------------------------------------------------------------------------- */

static void set_filter(struct top *t, const char *text)
{
	top_model_filter(&t->view.model, text);
	top_view_measure(&t->view);
}

static void begin_line(struct top *t, enum top_mode mode, const char *text)
{
	t->view.mode = mode;
	t->view.line_error = NULL;
	snprintf(t->view.line, sizeof(t->view.line), "%s", text);
}

static void begin_filter(struct top *t)
{
	snprintf(t->filter_before, sizeof(t->filter_before), "%s", t->view.model.filter);
	begin_line(t, TOP_FILTER, t->view.model.filter);
}

static void begin_interval(struct top *t)
{
	char text[UNITS_TEXT_MAX];

	begin_line(t, TOP_INTERVAL, format_duration(t->view.interval_ns, text));
}

static void begin_menu(struct top *t)
{
	t->view.mode = TOP_SORT;
	for (size_t i = 0; i < t->view.columns.len; i++)
		if (t->view.columns.v[i] == t->view.model.sort)
			t->view.menu = i;
}

static void move(struct top *t, int64_t by)
{
	size_t before = t->view.model.cursor;

	top_model_move(&t->view.model, by);
	if (t->view.model.cursor == before)
		return;
	t->view.pane_at = 0;
	top_update_detail(t);
}

static void page(struct top *t, int direction)
{
	int height = t->view.pane ? t->view.pane_height : t->view.list_height;
	int64_t by = direction * (height > 1 ? height - 1 : 1);

	if (!t->view.pane)
		move(t, by);
	else if (by < 0 && t->view.pane_at < (size_t)-by)
		t->view.pane_at = 0;
	else
		t->view.pane_at += (size_t)by; /* the picture ends it where the text does */
}

static void toggle_pane(struct top *t)
{
	t->view.pane = !t->view.pane;
	t->view.pane_at = 0;
	top_update_detail(t);
}

static void cancel(struct top *t)
{
	if (t->view.pane)
		toggle_pane(t);
	else
		set_filter(t, "");
}

static void order_by(struct top *t, const struct column *column, bool reverse)
{
	top_model_sort(&t->view.model, column, reverse);
	top_view_measure(&t->view); /* the mark of the order has moved */
}

static void open_help(struct top *t)
{
	t->view.mode = TOP_HELP;
	t->view.pane_at = 0;
}

static void act(struct top *t, enum top_action action)
{
	switch (action) {
	case ACTION_HELP:
		return open_help(t);
	case ACTION_QUIT:
		t->quit = true;
		return;
	case ACTION_FILTER:
		return begin_filter(t);
	case ACTION_SORT:
		return begin_menu(t);
	case ACTION_REVERSE:
		return order_by(t, t->view.model.sort, !t->view.model.reverse);
	case ACTION_DETAIL:
		return toggle_pane(t);
	case ACTION_REMOVE:
		return ask_to_remove(t);
	case ACTION_PAUSE:
		t->view.paused = !t->view.paused;
		return;
	case ACTION_INTERVAL:
		return begin_interval(t);
	case ACTION_LOOK:
		t->stale_look = true;
		return top_screen_redraw(t->screen);
	case ACTION_UP:
		return move(t, -1);
	case ACTION_DOWN:
		return move(t, 1);
	case ACTION_PAGE_UP:
		return page(t, -1);
	case ACTION_PAGE_DOWN:
		return page(t, 1);
	case ACTION_FIRST:
		return move(t, INT32_MIN);
	case ACTION_LAST:
		return move(t, INT32_MAX);
	case ACTION_LEFT:
		t->view.from -= t->view.from > 0;
		return;
	case ACTION_RIGHT:
		t->view.from += t->view.more_right;
		return;
	case ACTION_CANCEL:
		return cancel(t);
	case ACTION_NONE:
		return;
	}
}

static void type_filter(struct top *t, const struct top_event *event)
{
	enum top_edit edit = top_edit(t->view.line, sizeof(t->view.line), event);

	if (edit == EDIT_CHANGED)
		set_filter(t, t->view.line);
	if (edit == EDIT_CANCELLED)
		set_filter(t, t->filter_before);
	if (edit == EDIT_ACCEPTED || edit == EDIT_CANCELLED)
		t->view.mode = TOP_LIST;
	top_update_detail(t);
}

static void type_interval(struct top *t, const struct top_event *event)
{
	enum top_edit edit = top_edit(t->view.line, sizeof(t->view.line), event);
	int64_t ns;

	if (edit == EDIT_CHANGED)
		t->view.line_error = NULL;
	if (edit == EDIT_CANCELLED)
		t->view.mode = TOP_LIST;
	if (edit != EDIT_ACCEPTED)
		return;
	if (parse_duration(t->view.line, &ns) < 0 || ns < TOP_INTERVAL_LEAST_MS * (NSEC_PER_SEC / 1000)) {
		t->view.line_error = "a duration from 100ms on, as 2s or 1m";
		return;
	}
	t->view.interval_ns = ns;
	t->view.mode = TOP_LIST;
}

static void choose_column(struct top *t, const struct top_event *event)
{
	enum top_action action = top_action_of(event);
	size_t last = t->view.columns.len - 1;

	if (action == ACTION_UP && t->view.menu > 0)
		t->view.menu--;
	else if (action == ACTION_DOWN && t->view.menu < last)
		t->view.menu++;
	else if (action == ACTION_FIRST || action == ACTION_LAST)
		t->view.menu = action == ACTION_FIRST ? 0 : last;
	else if (action == ACTION_DETAIL)
		order_by(t, t->view.columns.v[t->view.menu], t->view.model.reverse);
	if (action == ACTION_DETAIL || action == ACTION_CANCEL || action == ACTION_QUIT)
		t->view.mode = TOP_LIST;
}

/* A text that covers the list: it can be moved, and any other key closes it. */
static void read_text(struct top *t, const struct top_event *event)
{
	enum top_action action = top_action_of(event);
	size_t step = action == ACTION_UP || action == ACTION_DOWN ? 1 : (size_t)t->view.pane_height;

	if (action == ACTION_DOWN || action == ACTION_PAGE_DOWN)
		t->view.pane_at += step;
	else if (action == ACTION_UP || action == ACTION_PAGE_UP)
		t->view.pane_at -= t->view.pane_at < step ? t->view.pane_at : step;
	else
		t->view.mode = TOP_LIST;
	if (t->view.mode == TOP_LIST)
		t->view.pane_at = 0;
}

static void answer(struct top *t, const struct top_event *event)
{
	if (event->type == TOP_CHAR && (event->code == 'y' || event->code == 'Y'))
		remove_selected(t);
	else
		t->view.mode = TOP_LIST;
}

static void press(struct top *t, const struct top_event *event)
{
	switch (t->view.mode) {
	case TOP_LIST:
		return act(t, top_action_of(event));
	case TOP_FILTER:
		return type_filter(t, event);
	case TOP_INTERVAL:
		return type_interval(t, event);
	case TOP_SORT:
		return choose_column(t, event);
	case TOP_HELP:
	case TOP_REPORT:
		return read_text(t, event);
	case TOP_ASK:
		return answer(t, event);
	}
}

/* --- the loop ----------------------------------------------------------------------------------- */

/* While a question is open nothing moves below it: the answer is about what was asked. */
static bool may_look(const struct top *t)
{
	return t->view.mode != TOP_ASK && (!t->view.paused || t->stale_look);
}

static bool is_due(const struct top *t)
{
	return may_look(t) && (t->stale_look || top_since(t->rest_ns) >= top_view_pace(&t->view));
}

static int wait_ms(const struct top *t)
{
	int64_t left = top_view_pace(&t->view) - top_since(t->rest_ns);
	int64_t ms = left / (NSEC_PER_SEC / 1000) + 1;

	if (t->view.paused)
		return -1; /* not even the ages go on */
	return !may_look(t) || ms > TICK_MS ? TICK_MS : ms < 0 ? 0 : (int)ms;
}

/* Returns the signal that ended it, or 0. */
static int loop(struct top *t)
{
	while (!t->quit) {
		if (is_due(t))
			top_look_quietly(t);
		top_view_draw(&t->view, t->screen);
		struct top_event event = top_screen_wait(t->screen, wait_ms(t));
		if (event.type == TOP_SIGNAL)
			return (int)event.code;
		if (event.type == TOP_GONE)
			return SIGHUP;
		if (event.type == TOP_KEY || event.type == TOP_CHAR)
			press(t, &event);
	}
	return 0;
}

static int run(struct top *t, const struct top_options *options)
{
	int status = top_prepare(t, options);

	if (status != CLI_OK)
		return status;
	status = top_screen_check();
	if (status != CLI_OK)
		return status;
	use_utf8();
	/* What is wrong with the operands is said before the screen is taken. */
	status = top_look(t, SELECT_CLASSES);
	if (status != CLI_OK && t->view.model.rows.len == 0)
		return status;
	status = top_screen_open(use_color(stdout), &t->screen);
	if (status != CLI_OK)
		return status;
	t->stale_look = false;
	int signo = loop(t);
	top_screen_close(t->screen);
	if (signo) {
		signal(signo, SIG_DFL);
		raise(signo);
	}
	return CLI_OK;
}

int top_run(struct ipc_ctx *ctx, int argc, char **argv, const struct top_options *options)
{
	struct top t = { .ctx = ctx, .argc = argc, .argv = argv };
	int status = run(&t, options);

	top_view_clear(&t.view);
	return status;
}
