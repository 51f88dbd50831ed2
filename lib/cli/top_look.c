#include "cli/top_impl.h"

#include "cli/filter.h"
#include "cli/ns_opt.h"
#include "cli/object_out.h"
#include "cli/select.h"
#include "ipc/io.h"
#include "ipc/nspace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { DETAIL_LABEL = 16 };

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

int top_prepare(struct top *t, const struct top_options *o)
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

FILE *top_keep_messages(char **ret_text, size_t *ret_len)
{
	FILE *f = open_memstream(ret_text, ret_len);

	diag_keep(f);
	return f;
}

void top_end_messages(FILE *f)
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

bool top_is_elsewhere(const struct top *t, const struct ipc_object *o)
{
	return o->ns != 0 && !t->ctx->ns && o->ns != nspace_ino(t->ctx);
}

void top_update_detail(struct top *t)
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
	if (row && top_is_elsewhere(t, &row->object))
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

int top_look(struct top *t, unsigned flags)
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

void top_look_quietly(struct top *t)
{
	char *notes = NULL;
	size_t len = 0;
	FILE *f = top_keep_messages(&notes, &len);

	top_look(t, SELECT_CLASSES | SELECT_MISSING_OK);
	top_end_messages(f);
	free(t->view.notes);
	t->view.notes = notes;
	top_update_detail(t);
}
