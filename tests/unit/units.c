#include "cli/units.h"

#include "ipc/deadline.h"
#include "ipc/io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void sizes_have_units_and_neither_sign_nor_junk(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int result;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0, 0 },
		{ "10", 0, 10 },
		{ "10B", 0, 10 },
		{ "64K", 0, 65536 },
		{ "64KiB", 0, 65536 },
		{ "5KB", 0, 5000 },
		{ "1M", 0, 1 << 20 },
		{ "1MB", 0, 1000000 },
		{ "2G", 0, 2ull << 30 },
		{ "3T", 0, 3ull << 40 },
		{ "0010", 0, 10 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "9223372036854775808", -ERANGE, 0 },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "8388607T", 0, 8388607ull << 40 },
		{ "8388608T", -ERANGE, 0 },
		{ "99999999999999999999999999999", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "K", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "1 K", -EINVAL, 0 },
		{ "1.5K", -EINVAL, 0 },
		{ "1k", -EINVAL, 0 },
		{ "1Kb", -EINVAL, 0 },
		{ "1KiBx", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t bytes = 12345;
		int r = parse_size(cases[i].text, &bytes);
		if (r != cases[i].result || bytes != (r < 0 ? 12345 : cases[i].bytes))
			fail_msg("'%s': %d, %llu", cases[i].text, r, (unsigned long long)bytes);
	}
}

static void durations_are_exact(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int result;
		int64_t ns;
	} cases[] = {
		{ "0", 0, 0 },
		{ "2", 0, 2 * NSEC_PER_SEC },
		{ "2s", 0, 2 * NSEC_PER_SEC },
		{ "1.5", 0, 1500 * NSEC_PER_MSEC },
		{ "1.5h", 0, 5400 * NSEC_PER_SEC },
		{ "0.1", 0, 100 * NSEC_PER_MSEC },
		{ "0.000000001", 0, 1 },
		{ "0.0000000019", 0, 1 },
		{ "250ms", 0, 250 * NSEC_PER_MSEC },
		{ "0.5ms", 0, 500000 },
		{ "5m", 0, 300 * NSEC_PER_SEC },
		{ "2h", 0, 7200 * NSEC_PER_SEC },
		{ "7d", 0, 7 * 86400 * NSEC_PER_SEC },
		{ "1w", 0, 7 * 86400 * NSEC_PER_SEC },
		{ "15us", 0, 15000 },
		{ "9223372036854775807ns", 0, INT64_MAX },
		{ "9223372036854775808ns", -ERANGE, 0 },
		{ "9223372036s", 0, 9223372036 * NSEC_PER_SEC },
		{ "9223372037s", -ERANGE, 0 },
		{ "15250w", 0, 15250LL * 7 * 86400 * NSEC_PER_SEC },
		{ "15251w", -ERANGE, 0 },
		{ "99999999999999999999w", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ ".5", -EINVAL, 0 },
		{ "1.", -EINVAL, 0 },
		{ "1.s", -EINVAL, 0 },
		{ "1..5", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "1 s", -EINVAL, 0 },
		{ "1s ", -EINVAL, 0 },
		{ "1S", -EINVAL, 0 },
		{ "1h30m", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "inf", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t ns = 12345;
		int r = parse_duration(cases[i].text, &ns);
		if (r != cases[i].result || ns != (r < 0 ? 12345 : cases[i].ns))
			fail_msg("'%s': %d, %lld", cases[i].text, r, (long long)ns);
	}
}

static void modes_are_octal(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "8", "0608", "-1", " 600", "600 ", "0x1", "rw", "10000",
		"77777777777" };
	mode_t mode = 1;

	assert_int_equal(parse_mode("0600", &mode), 0);
	assert_int_equal(mode, 0600);
	assert_int_equal(parse_mode("7777", &mode), 0);
	assert_int_equal(mode, 07777);
	assert_int_equal(parse_mode("00000007", &mode), 0);
	assert_int_equal(mode, 7);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_true(parse_mode(bad[i], &mode) < 0);
	assert_int_equal(mode, 7);
}

static void numbers_end_at_their_limit(void **state)
{
	(void)state;
	uint64_t n = 1;

	assert_int_equal(parse_uint("255", 255, &n), 0);
	assert_int_equal(n, 255);
	assert_int_equal(parse_uint("256", 255, &n), -ERANGE);
	assert_int_equal(parse_uint("18446744073709551615", UINT64_MAX, &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(parse_uint("18446744073709551616", UINT64_MAX, &n), -ERANGE);
	assert_int_equal(parse_uint("5", 3, &n), -ERANGE);
	assert_int_equal(parse_uint("", 3, &n), -EINVAL);
	assert_int_equal(parse_uint("1x", 3, &n), -EINVAL);
}

static void owners_are_names_or_numbers(void **state)
{
	(void)state;
	static const char *const bad[] = { "", ":", "0:", "nobody-of-this-name", ":nobody-of-this-name",
		"4294967295", "-1", "0:0:0", "1x" };
	uid_t uid = 7;
	gid_t gid = 7;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (parse_owner(bad[i], &uid, &gid) == 0)
			fail_msg("'%s' is taken for an owner", bad[i]);
	assert_int_equal(uid, 7);
	assert_int_equal(parse_owner("root", &uid, &gid), 0);
	assert_true(uid == 0 && gid == (gid_t)-1);
	assert_int_equal(parse_owner(":0", &uid, &gid), 0);
	assert_true(uid == (uid_t)-1 && gid == 0);
	assert_int_equal(parse_owner("4294967294:12", &uid, &gid), 0);
	assert_true(uid == 4294967294 && gid == 12);
}

static void sizes_are_shown_with_two_or_three_digits(void **state)
{
	(void)state;
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0B" },
		{ 1023, "1023B" },
		{ 1024, "1K" },
		{ 1536, "1.5K" },
		{ 10239, "10K" },
		{ 1048575, "1M" },
		{ 1048576, "1M" },
		{ 5ull << 30, "5G" },
		{ UINT64_MAX, "16E" },
	};
	char text[UNITS_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(format_size(cases[i].bytes, text), cases[i].text);
}

static void ages_have_two_parts_at_most(void **state)
{
	(void)state;
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "0s" }, { 59, "59s" }, { 60, "1m" }, { 61, "1m1s" }, { 3600, "1h" }, { 3661, "1h1m" },
		{ 86400 * 3 + 3600 * 4 + 59, "3d4h" }, { 86400 * 8, "1w1d" },
		{ -5, "0s" }, /* a clock that was set back */
	};
	char text[UNITS_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(format_age(cases[i].seconds * NSEC_PER_SEC, text), cases[i].text);
}

static void durations_that_are_shown_read_back(void **state)
{
	(void)state;
	static const int64_t ns[] = { 0, 1, 999, 1000, 1500, 1000000, NSEC_PER_SEC, 90 * NSEC_PER_SEC,
		3600 * NSEC_PER_SEC, 86400 * NSEC_PER_SEC, 604800 * NSEC_PER_SEC, INT64_MAX };
	char text[UNITS_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		int64_t again = -1;
		assert_int_equal(parse_duration(format_duration(ns[i], text), &again), 0);
		assert_true(again == ns[i]);
	}
	assert_string_equal(format_duration(2 * NSEC_PER_SEC, text), "2s");
	assert_string_equal(format_duration(250 * NSEC_PER_MSEC, text), "250ms");
	assert_string_equal(format_duration(1500 * NSEC_PER_MSEC, text), "1500ms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_have_units_and_neither_sign_nor_junk),
		cmocka_unit_test(durations_are_exact),
		cmocka_unit_test(modes_are_octal),
		cmocka_unit_test(numbers_end_at_their_limit),
		cmocka_unit_test(owners_are_names_or_numbers),
		cmocka_unit_test(sizes_are_shown_with_two_or_three_digits),
		cmocka_unit_test(ages_have_two_parts_at_most),
		cmocka_unit_test(durations_that_are_shown_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
