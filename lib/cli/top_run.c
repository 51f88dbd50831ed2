#include "cli/top_run.h"

#include "cli/filter.h"
#include "cli/ns_opt.h"
#include "cli/object_out.h"
#include "cli/refusal.h"
#include "cli/select.h"
#include "cli/table.h"
#include "cli/top_keys.h"
#include "cli/top_view.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TICK_MS = 1000, DETAIL_LABEL = 16 };

struct top {
	struct top_view view;
	struct ipc_ctx *ctx;
	int argc;
	char **argv;
	unsigned want;
	struct top_screen *screen;
	bool quit;
	bool stale_look; /* something was done since: look again at once */
	int64_t rest_ns; /* since when nobody has looked */
	unsigned remove_flags;
	char filter_before[TOP_FILTER_MAX]; /* what Escape brings back */
};

/* --- what it shows ------------------------------------------------------------------------------ */

static int add_columns(const char *option, const char *word, size_t len, struct columns *ret)
{
	AUTO_FREE char *one = NULL;

	if (len == strlen(top_rate_column.name) && strncasecmp(word, top_rate_column.name, len) == 0) {
		if (ret->len == COLUMNS_MAX)
			return usage_error("%s: too many columns", option);
		ret->v[ret->len++] = &top_rate_column;
		return CLI_OK;
	}
	if (asprintf(&one, "+%.*s", (int)len, word) < 0)
		return fail(NULL, -ENOMEM, "cannot read the columns");
	return columns_parse(option, one, ret);
}

/* As columns_parse(), with the rate as one more. */
static int parse_columns(const char *option, const char *text, struct columns *ret)
{
	struct columns some = { 0 };
	int status = CLI_OK;

	if (*text == '+') {
		some = *ret;
		text++;
	}
	while (status == CLI_OK) {
		size_t len = strcspn(text, ",");
		status = add_columns(option, text, len, &some);
		if (!text[len])
			break;
		text += len + 1;
	}
	if (status == CLI_OK)
		*ret = some;
	return status;
}

/* Those of ls, with the rate behind what is used. */
static struct columns usual_columns(void)
{
	struct columns all = columns_with(COLUMN_TABLE), some = { 0 };

	for (size_t i = 0; i < all.len && some.len < COLUMNS_MAX - 1; i++) {
		some.v[some.len++] = all.v[i];
		if (all.v[i]->field && all.v[i]->id == FIELD_USED)
			some.v[some.len++] = &top_rate_column;
	}
	return some;
}

static int prepare(struct top *t, const struct top_options *o)
{
	struct columns sort = { 0 };
	bool reverse = o->sort && *o->sort == '-';
	int status = filter_prepare();

	t->view.interval_ns = o->interval_ns;
	t->view.columns = usual_columns();
	if (status == CLI_OK && ns_all() && !o->columns)
		status = columns_parse("--columns", "+ns,ns_pid,container", &t->view.columns);
	if (status == CLI_OK && o->columns)
		status = parse_columns("--columns", o->columns, &t->view.columns);
	if (status == CLI_OK && o->sort)
		status = parse_columns("--sort", o->sort + reverse, &sort);
	if (status == CLI_OK && sort.len > 1)
		status = usage_error("--sort takes one column");
	if (status != CLI_OK)
		return status;
	t->want = filter_want() | columns_want(&t->view.columns) | columns_want(&sort) | WANT_STATE;
	top_model_sort(&t->view.model, sort.len ? sort.v[0] : t->view.columns.v[0], reverse);
	return CLI_OK;
}

/* --- looking ------------------------------------------------------------------------------------ */

static int take(struct ipc_object *o, int error, void *arg)
{
	struct top *t = arg;

	(void)error; /* what could not be read is shown as such */
	if (t->screen && top_screen_is_ending(t->screen))
		return -EINTR; /* who ends the command need not wait for all of them */
	return filter_match(o) ? top_model_add(&t->view.model, o) : 0;
}

static int64_t until(int64_t since)
{
	return ipc_now_ns() - since;
}

/* What the messages are printed to while the screen is taken. Begins with NULL in *ret_text. */
static FILE *keep_messages(char **ret_text, size_t *ret_len)
{
	FILE *f = open_memstream(ret_text, ret_len);

	diag_keep(f);
	return f;
}

static void end_messages(FILE *f)
{
	diag_keep(NULL);
	if (f)
		fclose(f);
}

/* All that stat shows, but first what decides whether the object may go. */
static struct columns detail_columns(void)
{
	struct columns some = { 0 };
	const struct columns all = columns_with(COLUMN_JSON | COLUMN_STAT);

	columns_parse("detail", "object,kind,state,evidence,unseen,holders", &some);
	size_t first = some.len;
	for (size_t i = 0; i < all.len; i++) {
		bool there = false;
		for (size_t k = 0; k < first; k++)
			there = there || some.v[k] == all.v[i];
		if (!there && some.len < COLUMNS_MAX)
			some.v[some.len++] = all.v[i];
	}
	return some;
}

/* Whether an object was found in another namespace than its name leads to here: --all-ns. */
static bool is_elsewhere(const struct top *t, const struct ipc_object *o)
{
	return o->ns_pid != 0 && !t->ctx->ns;
}

static void update_detail(struct top *t)
{
	const struct top_row *row = top_model_selected(&t->view.model);
	const struct columns columns = detail_columns();
	AUTO_OBJECT struct ipc_object now = { 0 };
	const struct ipc_object *o = &now;
	char rate[RATE_TEXT_MAX], *text = NULL;
	size_t len = 0;
	int r = -ENOENT;

	if (!t->view.pane)
		return;
	if (row && is_elsewhere(t, &row->object))
		o = &row->object; /* as it was found */
	else if (row)
		r = ipc_stat(t->ctx, &row->object.selector, columns_want(&columns), &now);
	FILE *f = open_memstream(&text, &len);
	if (!f)
		return;
	if (row && o->selector.kind && object_print(f, &columns, o) == 0)
		fprintf(f, "%-*s %s (%s)\n", DETAIL_LABEL, "Rate:", top_rate_text(&row->rate, rate),
			top_rate_meaning(&row->rate));
	else if (row)
		fprintf(f, "%s\n", r == -ENOENT || r == -EIDRM ? "It is gone" : strerrordesc_np(-r));
	fclose(f);
	free(t->view.detail);
	t->view.detail = text;
}

/* What this process has cost so far. On a busy machine that is less than the time that passed. */
static int64_t cpu_ns(void)
{
	struct timespec t;

	return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) < 0 ? 0 : t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

static int look(struct top *t, unsigned flags)
{
	int64_t begun = ipc_now_ns(), cpu = cpu_ns();

	ipc_ctx_clear(t->ctx); /* nothing of the look before may answer for this one */
	top_model_begin(&t->view.model, begun);
	int status = ns_go(t->ctx);
	if (status == CLI_OK)
		status = select_objects(t->ctx, t->argc, t->argv, flags, t->want, take, t);
	if (top_model_end(&t->view.model) < 0)
		status = first_failure(status, fail(NULL, -ENOMEM, "cannot keep the list"));
	top_view_measure(&t->view);
	t->view.cost_ns = cpu_ns() - cpu;
	t->rest_ns = ipc_now_ns();
	t->stale_look = false;
	return status;
}

static void look_quietly(struct top *t)
{
	char *notes = NULL;
	size_t len = 0;
	FILE *f = keep_messages(&notes, &len);

	look(t, SELECT_CLASSES | SELECT_MISSING_OK);
	end_messages(f);
	free(t->view.notes);
	t->view.notes = notes;
	update_detail(t);
}

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
	hint("leave, and use 'ipcctl top --ns %d' or 'ipcctl rm --ns %d'", (int)row->object.ns_pid,
		(int)row->object.ns_pid);
}

static void report_refusal(struct top *t, const struct top_row *row, int error)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = keep_messages(&text, &len);

	if (is_elsewhere(t, &row->object))
		say_elsewhere(row);
	else
		refusal_say(t->ctx, &row->object, row->name, error);
	end_messages(f);
	free(t->view.report);
	t->view.report = text;
	t->view.pane_at = 0;
	t->view.mode = TOP_REPORT;
}

static void ask_to_remove(struct top *t)
{
	const struct top_row *row = top_model_selected(&t->view.model);

	t->remove_flags = 0;
	if (row && is_elsewhere(t, &row->object))
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
	update_detail(t);
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
	update_detail(t);
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
	update_detail(t);
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
	return may_look(t) && (t->stale_look || until(t->rest_ns) >= top_view_pace(&t->view));
}

static int wait_ms(const struct top *t)
{
	int64_t left = top_view_pace(&t->view) - until(t->rest_ns);
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
			look_quietly(t);
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
	int status = prepare(t, options);

	if (status != CLI_OK)
		return status;
	status = top_screen_check();
	if (status != CLI_OK)
		return status;
	use_utf8();
	/* What is wrong with the operands is said before the screen is taken. */
	status = look(t, SELECT_CLASSES);
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
