#include "cli/top_text.h"

#include "cli/diag.h"
#include "ipc/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void width_is_what_a_terminal_shows(void **state)
{
	(void)state;
	assert_int_equal(top_text_width(""), 0);
	assert_int_equal(top_text_width("mq:/jobs"), 8);
	assert_int_equal(top_text_width("\xc3\xa4\xe2\x82\xac"), 2);     /* ä€ */
	assert_int_equal(top_text_width("\xe6\x97\xa5\xe6\x9c\xac"), 4); /* two wide characters */
	assert_int_equal(top_text_width("e\xcc\x81"), 1);                /* e and an accent on it */
	assert_int_equal(top_text_width("\xff"), 1);                     /* no character at all */
}

static void check_fit(const char *text, int width, bool middle, const char *expected)
{
	AUTO_FREE char *fit = top_text_fit(text, width, middle);

	assert_string_equal(fit, expected);
	assert_true(top_text_width(fit) <= (width < 0 ? 0 : width));
}

static void what_does_not_fit_is_cut_and_says_so(void **state)
{
	(void)state;
	check_fit("shm:/abcdef", 11, true, "shm:/abcdef");
	check_fit("shm:/abcdef", 10, false, "shm:/abcd\xe2\x80\xa6");
	check_fit("sock:/run/user/bus", 9, true, "sock\xe2\x80\xa6/bus");
	check_fit("sock:/run/user/bus", 8, true,
		"sock\xe2\x80\xa6"
		"bus");
	check_fit("abc", 1, true, "\xe2\x80\xa6");
	check_fit("abc", 0, true, "");
	check_fit("abc", -1, false, "");
	/* A wide character is shown whole or not at all. */
	check_fit("\xe6\x97\xa5\xe6\x9c\xac", 3, false, "\xe6\x97\xa5\xe2\x80\xa6");
	check_fit("\xe6\x97\xa5\xe6\x9c\xac", 2, false, "\xe2\x80\xa6");
}

static void check_wrap(const char *text, int width, int indent, const char *expected)
{
	AUTO_LINES struct top_lines lines = { 0 };
	char all[200] = "";
	size_t used = 0;

	assert_int_equal(top_text_wrap(text, width, indent, &lines), 0);
	for (size_t i = 0; i < lines.len; i++) {
		if (lines.v[i].continued)
			all[used++] = '+';
		memcpy(all + used, lines.v[i].start, lines.v[i].bytes);
		used += lines.v[i].bytes;
		all[used++] = '|';
	}
	assert_string_equal(all, expected);
}

static void long_lines_go_on_below(void **state)
{
	(void)state;
	check_wrap("", 10, 0, "");
	check_wrap("one\ntwo\n", 10, 0, "one|two|");
	check_wrap("one\n\ntwo", 10, 0, "one||two|");
	check_wrap("one two three", 8, 0, "one two |+three|");
	check_wrap("one two three", 8, 4, "one two |+thre|+e|");
	check_wrap("abcdef", 4, 0, "abcd|+ef|");
	check_wrap("abcdef\nx", 6, 0, "abcdef|x|");
	check_wrap("\xe6\x97\xa5\xe6\x9c\xac", 1, 0, "\xe6\x97\xa5|+\xe6\x9c\xac|");
	check_wrap("abc", 0, 0, "a|+b|+c|");
}

static const int natural[] = { 30, 5, 5, 5 };

static struct top_layout layout(size_t from, int width)
{
	struct top_layout l = top_layout(natural, 4, from, width);
	int end = 0;

	/* Whatever the width: columns stand side by side, in their order, within the screen. */
	for (size_t i = 0; i < l.len; i++) {
		assert_true(l.at[i] >= end + (i > 0 ? TOP_GAP : 0));
		assert_true(l.width[i] > 0);
		end = l.at[i] + l.width[i];
		assert_true(end <= width);
		assert_true(i == 0 || l.which[i] > l.which[i - 1]);
	}
	return l;
}

static void columns_have_the_width_they_want_where_there_is_room(void **state)
{
	struct top_layout l = layout(0, 80);

	(void)state;
	assert_int_equal(l.len, 4);
	assert_int_equal(l.width[0], 30);
	assert_int_equal(l.at[1], 31);
	assert_false(l.more_left || l.more_right);
}

static void the_first_column_gives_way_before_others_are_out_of_sight(void **state)
{
	struct top_layout l = layout(0, 40);

	(void)state;
	assert_int_equal(l.len, 4);
	assert_int_equal(l.width[0], 22);
	l = layout(0, 16 + 3 * 6);
	assert_int_equal(l.len, 4);
	assert_int_equal(l.width[0], 16);
	l = layout(0, 16 + 3 * 6 - 1);
	assert_int_equal(l.len, 3);
	assert_int_equal(l.width[0], 21); /* what the others leave is its own */
	assert_true(l.more_right);
}

static void columns_out_of_sight_come_by_moving_others_out(void **state)
{
	struct top_layout l = layout(1, 28);

	(void)state;
	assert_int_equal(l.len, 3);
	assert_int_equal(l.which[0], 0);
	assert_int_equal(l.which[1], 2);
	assert_true(l.more_left);
	assert_false(l.more_right);
}

static void any_width_will_do(void **state)
{
	(void)state;
	for (int width = -1; width < 100; width++)
		for (size_t from = 0; from < 5; from++)
			layout(from, width);
	assert_int_equal(top_layout(natural, 0, 0, 80).len, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(width_is_what_a_terminal_shows),
		cmocka_unit_test(what_does_not_fit_is_cut_and_says_so),
		cmocka_unit_test(long_lines_go_on_below),
		cmocka_unit_test(columns_have_the_width_they_want_where_there_is_room),
		cmocka_unit_test(the_first_column_gives_way_before_others_are_out_of_sight),
		cmocka_unit_test(columns_out_of_sight_come_by_moving_others_out),
		cmocka_unit_test(any_width_will_do),
	};

	use_utf8();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
