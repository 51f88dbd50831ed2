#include "ipc/timefmt.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void every_day_agrees_with_the_c_library(void **state)
{
	(void)state;
	const time_t first = -62135596800, last = 253402300799; /* years 1 to 9999 */

	for (time_t t = first; t <= last; t += 86400 - 1) {
		struct timespec at = { .tv_sec = t }, back;
		char text[TIME_TEXT_SIZE], wanted[64];
		struct tm tm;
		assert_non_null(gmtime_r(&t, &tm));
		snprintf(wanted, sizeof(wanted), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
			tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		assert_int_equal(ipc_time_format(at, text), 20);
		assert_string_equal(text, wanted);
		assert_int_equal(ipc_time_parse(text, 20, &back), 0);
		assert_int_equal(back.tv_sec, t);
	}
}

static void only_the_digits_needed(void **state)
{
	(void)state;
	static const struct {
		long nsec;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 1, "1970-01-01T00:00:00.000000001Z" },
		{ 1000, "1970-01-01T00:00:00.000001Z" },
		{ 120000000, "1970-01-01T00:00:00.120Z" },
		{ 999999999, "1970-01-01T00:00:00.999999999Z" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct timespec t = { .tv_nsec = cases[i].nsec }, back;
		char text[TIME_TEXT_SIZE];
		assert_int_equal(ipc_time_format(t, text), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
		assert_int_equal(ipc_time_parse(text, strlen(text), &back), 0);
		assert_int_equal(back.tv_sec, 0);
		assert_int_equal(back.tv_nsec, cases[i].nsec);
	}
}

static void times_out_of_range_are_refused(void **state)
{
	(void)state;
	static const struct timespec bad[] = {
		{ .tv_sec = -62135596801 },
		{ .tv_sec = 253402300800 },
		{ .tv_sec = INT64_MAX },
		{ .tv_sec = INT64_MIN },
		{ .tv_nsec = -1 },
		{ .tv_nsec = 1000000000 },
	};
	char text[TIME_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(ipc_time_format(bad[i], text), -ERANGE);
}

static void offsets_and_other_forms_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		time_t sec;
		long nsec;
	} cases[] = {
		{ "1970-01-01T02:00:00+02:00", 0, 0 },
		{ "1969-12-31t18:30:00.5-05:30", 0, 500000000 },
		{ "1970-01-01 00:00:00z", 0, 0 },
		{ "2016-12-31T23:59:60Z", 1483228800, 0 },
		{ "2024-02-29T00:00:00Z", 1709164800, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct timespec t;
		assert_int_equal(ipc_time_parse(cases[i].text, strlen(cases[i].text), &t), 0);
		assert_int_equal(t.tv_sec, cases[i].sec);
		assert_int_equal(t.tv_nsec, cases[i].nsec);
	}
}

static void what_is_no_time_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"2024",
		"2024-02-30T00:00:00Z",
		"2023-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2024-13-01T00:00:00Z",
		"2024-00-01T00:00:00Z",
		"2024-01-00T00:00:00Z",
		"0000-01-01T00:00:00Z",
		"2024-01-01T24:00:00Z",
		"2024-01-01T00:60:00Z",
		"2024-01-01T00:00:61Z",
		"2024-01-01T00:00:00",
		"2024-01-01T00:00:00.Z",
		"2024-01-01T00:00:00.1234567890Z",
		"2024-01-01T00:00:00Z ",
		"2024-01-01T00:00:00+24:00",
		"2024-01-01T00:00:00+0200",
		" 2024-01-01T00:00:00Z",
		"2024-1-01T00:00:00Z",
		"2024-01-01T00:00:00+02:0",
		"+024-01-01T00:00:00Z",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct timespec t = { .tv_sec = 7 };
		assert_int_equal(ipc_time_parse(bad[i], strlen(bad[i]), &t), -EINVAL);
		assert_int_equal(t.tv_sec, 7);
	}
}

static void a_time_that_somebody_chose_does_not_overflow(void **state)
{
	const time_t most = (time_t)(((uint64_t)1 << (8 * sizeof(time_t) - 1)) - 1);

	(void)state;
	assert_int_equal(ipc_time_ns((struct timespec){ .tv_sec = 1, .tv_nsec = 5 }), 1000000005);
	assert_int_equal(ipc_time_ns((struct timespec){ .tv_sec = -1, .tv_nsec = 5 }), -999999995);
	assert_true(ipc_time_ns((struct timespec){ .tv_sec = most, .tv_nsec = 999999999 }) == INT64_MAX);
	assert_true(
		ipc_time_ns((struct timespec){ .tv_sec = 9223372036, .tv_nsec = 999999999 }) == INT64_MAX);
	assert_true(ipc_time_ns((struct timespec){ .tv_sec = -most }) == INT64_MIN / 2);
	assert_true(ipc_time_ns((struct timespec){ .tv_sec = -9000000000 }) == INT64_MIN / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_agrees_with_the_c_library),
		cmocka_unit_test(only_the_digits_needed),
		cmocka_unit_test(times_out_of_range_are_refused),
		cmocka_unit_test(offsets_and_other_forms_are_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(a_time_that_somebody_chose_does_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
