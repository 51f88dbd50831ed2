#include "cli/top_model.h"

#include "ipc/deadline.h"
#include "ipc/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A segment; ino is what it is known by. */
static struct ipc_object segment(const char *name, ino_t ino, int64_t used)
{
	struct ipc_object o = { .dev = 7, .ino = ino };

	for (size_t i = 0; ipc_kinds[i]; i++)
		if (strcmp(ipc_kinds[i]->class, "shm") == 0 && strcmp(ipc_kinds[i]->api, "posix") == 0)
			o.selector.kind = ipc_kinds[i];
	o.selector.form = FORM_POSIX;
	o.selector.name = strdup(name);
	o.selector.name_len = strlen(name);
	ipc_object_set(&o, FIELD_UID, 0);
	ipc_object_set(&o, FIELD_SIZE, used);
	ipc_object_set(&o, FIELD_USED, used);
	o.verdict.state = STATE_IDLE;
	return o;
}

/* A System V queue with so many messages in it. */
static struct ipc_object queue(int id, int64_t messages, int64_t bytes, int64_t last_used)
{
	struct ipc_object o = { 0 };

	for (size_t i = 0; ipc_kinds[i]; i++)
		if (strcmp(ipc_kinds[i]->class, "mq") == 0 && strcmp(ipc_kinds[i]->api, "sysv") == 0)
			o.selector.kind = ipc_kinds[i];
	o.selector.form = FORM_ID;
	o.selector.number = id;
	ipc_object_set(&o, FIELD_ID, id);
	ipc_object_set(&o, FIELD_USED, bytes);
	ipc_object_set(&o, FIELD_LAST_USED, last_used);
	assert_string_equal(o.selector.kind->fields[0].name, "messages");
	ipc_object_set_extra(&o, 0, messages);
	o.verdict.state = STATE_LIVE;
	return o;
}

static void add(struct top_model *m, struct ipc_object o)
{
	assert_int_equal(top_model_add(m, &o), 0);
	assert_null(o.selector.kind); /* the model owns it now */
}

static void look_at_three(struct top_model *m, int64_t now)
{
	top_model_begin(m, now);
	add(m, segment("/c", 3, 10));
	add(m, segment("/a", 1, 30));
	add(m, segment("/b", 2, 20));
	assert_int_equal(top_model_end(m), 0);
}

/* The names that are shown, in order, the selected one in brackets. */
static void check(const struct top_model *m, const char *expected)
{
	char all[200] = "";

	for (size_t i = 0; i < m->shown_len; i++) {
		const struct top_row *row = top_model_at(m, i);
		bool selected = row == top_model_selected(m);
		size_t used = strlen(all);
		if (i > 0)
			all[used++] = ' ';
		snprintf(all + used, sizeof(all) - used, "%s%s%s", selected ? "[" : "", row->name + 4,
			selected ? "]" : "");
	}
	assert_string_equal(all, expected);
}

static const struct column *column(const char *name)
{
	struct columns c = { 0 };

	assert_int_equal(columns_parse("test", name, &c), 0);
	return c.v[0];
}

static void rows_are_in_order_of_any_column_either_way(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	look_at_three(&m, 1);
	check(&m, "[/a] /b /c");
	top_model_sort(&m, column("size"), false);
	check(&m, "/c /b [/a]");
	top_model_sort(&m, column("size"), true);
	check(&m, "[/a] /b /c");
	top_model_sort(&m, column("object"), true);
	check(&m, "/c /b [/a]");
	top_model_clear(&m);
}

static void equal_rows_keep_their_places_and_what_has_no_value_stays_at_the_end(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	top_model_begin(&m, 1);
	struct ipc_object none = segment("/0", 9, 0);
	none.common[FIELD_SIZE] = (struct ipc_value){ 0 };
	add(&m, none);
	add(&m, segment("/y", 1, 5));
	add(&m, segment("/x", 2, 5));
	assert_int_equal(top_model_end(&m), 0);
	top_model_sort(&m, column("size"), false);
	check(&m, "/x /y [/0]");
	top_model_sort(&m, column("size"), true);
	check(&m, "/x /y [/0]");
	top_model_clear(&m);
}

static void the_selection_stays_with_its_object(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	look_at_three(&m, 1);
	top_model_move(&m, 1);
	check(&m, "/a [/b] /c");
	top_model_begin(&m, 2);
	add(&m, segment("/b", 2, 20));
	add(&m, segment("/A", 5, 1));
	add(&m, segment("/a", 1, 30));
	assert_int_equal(top_model_end(&m), 0);
	check(&m, "/A /a [/b]");
	top_model_begin(&m, 3); /* renamed: it is the same one */
	add(&m, segment("/0", 2, 20));
	add(&m, segment("/b", 6, 20)); /* and this is another one with its name */
	assert_int_equal(top_model_end(&m), 0);
	check(&m, "[/0] /b");
	top_model_clear(&m);
}

static void where_the_selected_one_is_gone_the_next_is_selected(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	look_at_three(&m, 1);
	top_model_move(&m, 1);
	top_model_begin(&m, 2);
	add(&m, segment("/a", 1, 30));
	add(&m, segment("/c", 3, 10));
	assert_int_equal(top_model_end(&m), 0);
	check(&m, "/a [/c]");
	top_model_begin(&m, 3);
	add(&m, segment("/a", 1, 30));
	assert_int_equal(top_model_end(&m), 0);
	check(&m, "[/a]");
	top_model_begin(&m, 4);
	assert_int_equal(top_model_end(&m), 0);
	check(&m, "");
	assert_null(top_model_selected(&m));
	look_at_three(&m, 5);
	check(&m, "[/a] /b /c");
	top_model_clear(&m);
}

static void the_selection_does_not_leave_the_list(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	top_model_move(&m, 1);
	assert_null(top_model_selected(&m));
	look_at_three(&m, 1);
	top_model_move(&m, -1);
	check(&m, "[/a] /b /c");
	top_model_move(&m, INT32_MAX);
	check(&m, "/a /b [/c]");
	top_model_move(&m, INT32_MIN);
	check(&m, "[/a] /b /c");
	top_model_clear(&m);
}

static void of_two_names_of_one_file_the_chosen_one_stays_chosen(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	for (int64_t now = 1; now < 4; now++) {
		top_model_begin(&m, now);
		add(&m, segment("/one", 1, 1));
		add(&m, segment("/two", 1, 1));
		assert_int_equal(top_model_end(&m), 0);
		if (now == 1)
			top_model_move(&m, 1);
		check(&m, "/one [/two]");
	}
	top_model_clear(&m);
}

static void every_word_of_a_filter_must_be_somewhere(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	top_model_begin(&m, 1);
	add(&m, segment("/alpha", 1, 1));
	struct ipc_object beta = segment("/beta", 2, 1);
	beta.verdict.state = STATE_STALE;
	beta.label = "NCCL";
	add(&m, beta);
	assert_int_equal(top_model_end(&m), 0);
	top_model_filter(&m, "ALP");
	check(&m, "[/alpha]");
	top_model_filter(&m, "stale");
	check(&m, "[/beta]");
	top_model_filter(&m, "nccl  root ");
	check(&m, "[/beta]");
	top_model_filter(&m, "nccl alpha");
	check(&m, "");
	top_model_filter(&m, "");
	check(&m, "[/alpha] /beta");
	assert_int_equal(top_model_count(&m, STATE_STALE), 1);
	top_model_clear(&m);
}

static void a_filter_holds_for_the_next_looks_and_may_be_too_long(void **state)
{
	struct top_model m = { 0 };
	char text[3 * TOP_FILTER_MAX];

	(void)state;
	top_model_filter(&m, "b");
	look_at_three(&m, 1);
	check(&m, "[/b]");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	top_model_filter(&m, text);
	check(&m, "");
	top_model_clear(&m);
}

static void look_at_queue(struct top_model *m, int64_t seconds, struct ipc_object o)
{
	top_model_begin(m, seconds * NSEC_PER_SEC);
	add(m, o);
	assert_int_equal(top_model_end(m), 0);
}

static void check_rate(const struct top_model *m, const char *expected)
{
	char text[RATE_TEXT_MAX];

	assert_string_equal(top_rate_text(&top_model_at(m, 0)->rate, text), expected);
}

static void a_queue_fills_and_empties_at_a_rate(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	look_at_queue(&m, 1, queue(4, 10, 100, 1));
	check_rate(&m, "?");
	look_at_queue(&m, 3, queue(4, 40, 4196, 2));
	check_rate(&m, "+15 msg/s");
	assert_true(top_model_at(&m, 0)->rate.bytes_known);
	assert_true(top_model_at(&m, 0)->rate.bytes_per_second == 2048);
	look_at_queue(&m, 5, queue(4, 39, 4196, 3));
	check_rate(&m, "-0.5 msg/s");
	look_at_queue(&m, 7, queue(4, 39, 4196, 4)); /* as much came as went */
	check_rate(&m, "busy");
	look_at_queue(&m, 9, queue(4, 39, 4196, 4));
	check_rate(&m, "0");
	look_at_queue(&m, 11, queue(5, 100, 0, 9)); /* another one */
	check_rate(&m, "?");
	assert_true(top_model_at(&m, 0)->fresh);
	top_model_clear(&m);
}

static void what_holds_bytes_alone_has_a_rate_of_bytes(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	look_at_queue(&m, 1, segment("/s", 1, 0));
	look_at_queue(&m, 3, segment("/s", 1, 4096));
	check_rate(&m, "+2K/s");
	look_at_queue(&m, 4, segment("/s", 1, 3072));
	check_rate(&m, "-1K/s");
	struct ipc_object unread = segment("/s", 1, 0);
	unread.common[FIELD_USED].have = HAVE_UNKNOWN;
	look_at_queue(&m, 5, unread);
	check_rate(&m, "-");
	top_model_clear(&m);
}

static void the_fastest_come_first_whichever_way(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	top_model_sort(&m, &top_rate_column, true);
	for (int64_t now = 1; now < 3; now++) {
		top_model_begin(&m, now * NSEC_PER_SEC);
		add(&m, segment("/up", 1, now * 100));
		add(&m, segment("/down", 2, 9000 - now * 1000));
		add(&m, segment("/still", 3, 7));
		assert_int_equal(top_model_end(&m), 0);
	}
	check(&m, "[/down] /up /still");
	top_model_clear(&m);
}

static void a_look_that_never_ended_changes_nothing(void **state)
{
	struct top_model m = { 0 };

	(void)state;
	look_at_three(&m, 1);
	top_model_begin(&m, 2);
	add(&m, segment("/x", 8, 1));
	check(&m, "[/a] /b /c");
	look_at_three(&m, 3);
	check(&m, "[/a] /b /c");
	top_model_clear(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_in_order_of_any_column_either_way),
		cmocka_unit_test(equal_rows_keep_their_places_and_what_has_no_value_stays_at_the_end),
		cmocka_unit_test(the_selection_stays_with_its_object),
		cmocka_unit_test(where_the_selected_one_is_gone_the_next_is_selected),
		cmocka_unit_test(the_selection_does_not_leave_the_list),
		cmocka_unit_test(of_two_names_of_one_file_the_chosen_one_stays_chosen),
		cmocka_unit_test(every_word_of_a_filter_must_be_somewhere),
		cmocka_unit_test(a_filter_holds_for_the_next_looks_and_may_be_too_long),
		cmocka_unit_test(a_queue_fills_and_empties_at_a_rate),
		cmocka_unit_test(what_holds_bytes_alone_has_a_rate_of_bytes),
		cmocka_unit_test(the_fastest_come_first_whichever_way),
		cmocka_unit_test(a_look_that_never_ended_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
