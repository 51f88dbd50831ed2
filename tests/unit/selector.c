#include "ipc/selector.h"

#include "ipc/ctx.h"
#include "ipc/io.h"
#include "ipc/kind.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ipc.h>

#include <cmocka.h>

static int parse(const char *text, const char *class, unsigned flags, struct ipc_selector *ret,
	struct ipc_selector_error *error)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;

	*error = (struct ipc_selector_error){ 0 };
	return ipc_selector_parse(&ctx, text, class, flags, ret, error);
}

/* What is printed of a text that names an object, "" of one that does not. */
static void check_printed(const char *text, const char *class, const char *expected)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	struct ipc_selector_error error;
	int r = parse(text, class, SELECTOR_CREATE, &sel, &error);
	AUTO_FREE char *printed = r == 0 ? ipc_selector_format(&sel) : strdup("");

	if (strcmp(printed, expected) != 0)
		fail_msg("'%s' (%s) is printed as '%s', not '%s'", text, class ? class : "any", printed,
			expected);
	if (r < 0 && !error.why[0])
		fail_msg("'%s' is refused without a reason", text);
}

static void names_are_printed_in_one_form(void **state)
{
	(void)state;
	static const struct {
		const char *text, *class, *expected;
	} cases[] = {
		{ "/jobs", "mq", "mq:/jobs" },
		{ "jobs", "shm", "shm:/jobs" },
		{ "mq:jobs", NULL, "mq:/jobs" },
		{ "mq:jobs", "mq", "mq:/jobs" },
		{ "mq:/a b", NULL, "mq:/a b" },
		{ "a*b", "mq", "mq:/a\\*b" },
		{ "mq:/a\\*b", NULL, "mq:/a\\*b" },
		{ "a\\nb", "mq", "mq:/a\\\\nb" }, /* a plain name is taken byte for byte */
		{ "mq:/a\\nb", NULL, "mq:/a\\nb" },
		{ "a\nb\033\377", "mq", "mq:/a\\nb\\x1b\\xff" },
		{ "mq:/\\x1B\\t\\?\\[\\]", NULL, "mq:/\\x1b\\t\\?\\[]" },
		{ "mq:mq:/x", NULL, "" },
		{ "mq:mq:x", NULL, "mq:/mq:x" },
		{ "-n", "mq", "mq:/-n" },
		{ "mq:/\303\274", NULL, "mq:/\303\274" },
		{ "mq:/\342\200\256x", NULL, "mq:/\\xe2\\x80\\xaex" }, /* turns the text behind it round */
		{ "key:0x2a", "sem", "sem:key:0x0000002a" },
		{ "key:0X2A", "sem", "sem:key:0x0000002a" },
		{ "key:42", "shm", "shm:key:0x0000002a" },
		{ "key:-1", "shm", "shm:key:0xffffffff" },
		{ "key:4294967295", "shm", "shm:key:0xffffffff" },
		{ "key:-2147483648", "shm", "shm:key:0x80000000" },
		{ "key:private", "mq", "mq:key:private" },
		{ "id:0", "mq", "mq:id:0" },
		{ "id:007", "mq", "mq:id:7" },
		{ "key:0x2a#3", "sem", "sem:key:0x0000002a#3" },
		{ "id:5#0", "sem", "sem:id:5#0" },
		{ "id:5#65535", "sem", "sem:id:5#65535" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_printed(cases[i].text, cases[i].class, cases[i].expected);
}

static void what_is_no_name_is_refused_with_a_reason(void **state)
{
	(void)state;
	static const struct {
		const char *text, *class;
	} cases[] = {
		{ "", "mq" }, { "/", "mq" }, { "mq:", NULL }, { "mq:/", NULL }, { "/a/b", "mq" },
		{ "//a", "mq" }, { "/.", "shm" }, { "..", "shm" }, { "mq:/a\\x00b", NULL },
		{ "mq:/a\\q", NULL }, { "mq:/a\\", NULL }, { "mq:/a\\x1", NULL },
		{ "shm:/a", "mq" }, /* the command is about another kind */
		{ "/a", NULL }, { "key:", "mq" }, { "key:0", "mq" }, { "key:0x0", "mq" }, { "key:0x", "mq" },
		{ "key:-0x1", "mq" }, { "key:+1", "mq" }, { "key: 1", "mq" }, { "key:1 ", "mq" },
		{ "key:1x", "mq" }, { "key:0x1g", "mq" }, { "key:4294967296", "mq" },
		{ "key:0x100000000", "mq" }, { "key:-2147483649", "mq" },
		{ "key:99999999999999999999999999", "mq" },
		{ "key:1#0", "mq" }, /* only semaphores have members */
		{ "key:1#", "sem" }, { "key:1#-1", "sem" }, { "key:1#65536", "sem" }, { "key:1#1#1", "sem" },
		{ "id:", "mq" }, { "id:-1", "mq" }, { "id:1.5", "mq" }, { "id:9223372036854775808", "mq" },
		{ "ftok:", "mq" }, { "ftok:/", "mq" }, { "ftok:/:", "mq" }, { "ftok:/:0", "mq" },
		{ "ftok:/:256", "mq" }, { "ftok:/:AB", "mq" }, { "ftok:/:A#0", "mq" },
		{ "ftok:/nonexistent/x:1", "mq" }, { "%word", "mq" }, /* without a profile */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_printed(cases[i].text, cases[i].class, "");
}

static void errors_point_at_the_place(void **state)
{
	(void)state;
	static const struct {
		const char *text, *class;
		size_t at;
	} cases[] = {
		{ "mq:/a\\q", NULL, 5 },
		{ "mq:key:12x", NULL, 7 },
		{ "key:12x", "mq", 4 },
		{ "id:x", "mq", 3 },
		{ "sem:id:1#x", NULL, 8 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_SELECTOR struct ipc_selector sel = { 0 };
		struct ipc_selector_error error;
		assert_int_equal(parse(cases[i].text, cases[i].class, 0, &sel, &error), -EINVAL);
		if (error.at != cases[i].at)
			fail_msg("'%s': %s at %zu, not %zu", cases[i].text, error.why, error.at, cases[i].at);
	}
}

static void private_keys_are_for_create(void **state)
{
	(void)state;
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	struct ipc_selector_error error;

	assert_int_equal(parse("key:private", "mq", 0, &sel, &error), -EINVAL);
	assert_int_equal(parse("key:private", "mq", SELECTOR_CREATE, &sel, &error), 0);
	assert_int_equal(sel.key, IPC_PRIVATE);
}

static void every_name_of_random_bytes_comes_back(void **state)
{
	(void)state;
	unsigned seed = 1;

	for (int i = 0; i < 20000; i++) {
		char name[12] = "/";
		size_t len = 1;
		while (len < 2 + (size_t)i % 10)
			name[len++] = (char)(1 + rand_r(&seed) % 255);
		if (memchr(name + 1, '/', len - 1) || strcmp(name, "/.") == 0)
			continue;
		AUTO_SELECTOR struct ipc_selector sel = { 0 }, again = { 0 };
		struct ipc_selector_error error;
		assert_int_equal(parse(name, "mq", 0, &sel, &error), 0);
		AUTO_FREE char *text = ipc_selector_format(&sel);
		assert_int_equal(parse(text, NULL, SELECTOR_GLOB, &again, &error), 0);
		assert_false(again.pattern);
		assert_int_equal(again.name_len, len);
		assert_memory_equal(again.name, name, len);
		assert_true(ipc_selector_match(&again, &sel));
	}
}

static void the_brackets_of_an_address_are_no_pattern(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool pattern;
	} cases[] = {
		{ "sock:tcp:[::1]:80", false },
		{ "sock:tcp:[fe80::1:2]:80", false },
		{ "sock:tcp:\\[::1]:80", false },
		{ "sock:tcp:[::1]:8?", true },
		{ "sock:tcp:[ab]:80", true },
		{ "sock:tcp:*:80", true },
		{ "sock:@[::1]:80", true },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_SELECTOR struct ipc_selector sel = { 0 };
		struct ipc_selector_error error;
		assert_int_equal(parse(cases[i].text, NULL, SELECTOR_GLOB, &sel, &error), 0);
		assert_int_equal(sel.pattern, cases[i].pattern);
	}
}

/* Whether a pattern, as one of those that the text makes, finds the name. */
static bool finds(const char *pattern, const char *class, const char *name)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_FREE struct ipc_selector *all = NULL;
	struct ipc_selector_error error;
	bool found = false;

	assert_int_equal(parse(name, "mq", 0, &sel, &error), 0);
	ssize_t n = ipc_selector_parse_any(&ctx, pattern, class, SELECTOR_GLOB, &all, &error);
	assert_true(n > 0);
	for (ssize_t i = 0; i < n; i++) {
		found = found || ipc_selector_match(&all[i], &sel);
		ipc_selector_clear(&all[i]);
	}
	return found;
}

static void patterns_match_as_fnmatch_does(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *class, *name;
		bool found;
	} cases[] = {
		{ "mq:*", NULL, "/jobs", true },
		{ "*", "mq", "/jobs", true },
		{ "*", NULL, "/jobs", true },
		{ "*", NULL, "/.hidden", true },
		{ "*", "mq", "key:0x2a", true },
		{ "key:*", "mq", "key:0x2a", true },
		{ "key:0x000000??", "mq", "key:0x2a", true },
		{ "mq:/j*", NULL, "/jobs", true },
		{ "j*", "mq", "/jobs", true },
		{ "mq:j*s", NULL, "/jobs", true },
		{ "mq:[ij]obs", NULL, "/jobs", true },
		{ "mq:[!j]obs", NULL, "/jobs", false },
		{ "mq:job?", NULL, "/jobs", true },
		{ "mq:job??", NULL, "/jobs", false },
		{ "shm:*", NULL, "/jobs", false },
		{ "mq:\\**", NULL, "/*x", true },
		{ "mq:\\**", NULL, "/jobs", false },
		{ "mq:\\x6a*", NULL, "/jobs", true },
		{ "mq:*\\n*", NULL, "/a\nb", true },
		{ "mq:*\\\\*", NULL, "/a\\b", true },
		{ "mq:*\\\\*", NULL, "/ab", false },
		{ "mq:/\\*", NULL, "/*", true },
		{ "mq:/\\*", NULL, "/jobs", false },
		{ "mq:/jobs", NULL, "/jobs", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (finds(cases[i].pattern, cases[i].class, cases[i].name) != cases[i].found)
			fail_msg("'%s' %s '%s'", cases[i].pattern, cases[i].found ? "does not find" : "finds",
				cases[i].name);
}

static void a_plain_name_is_one_of_each_kind(void **state)
{
	(void)state;
	struct ipc_ctx ctx = IPC_CTX_INIT;
	AUTO_FREE struct ipc_selector *all = NULL;
	struct ipc_selector_error error;
	size_t classes = 0;
	ssize_t n = ipc_selector_parse_any(&ctx, "/jobs", NULL, 0, &all, &error);

	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next(NULL, k)) != NULL;)
		classes += (k->forms & (BIT(FORM_POSIX) | BIT(FORM_PATH))) != 0;
	assert_int_equal(n, classes);
	for (ssize_t i = 0; i < n; i++)
		ipc_selector_clear(&all[i]);
	free(all);
	all = NULL;
	assert_int_equal(ipc_selector_parse_any(&ctx, "/jobs", "mq", 0, &all, &error), 1);
	assert_string_equal(all[0].kind->class, "mq");
	ipc_selector_clear(&all[0]);
	assert_int_equal(parse("/jobs", NULL, 0, &all[0], &error), -EDESTADDRREQ);
}

static void ftok_is_that_of_the_c_library(void **state)
{
	(void)state;
	int32_t key;

	for (int project = 1; project < 256; project += 2) {
		assert_int_equal(ipc_ftok("/proc", project, &key), 0);
		assert_int_equal(key, ftok("/proc", project));
	}
	assert_int_equal(ipc_ftok("/nonexistent/x", 1, &key), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_printed_in_one_form),
		cmocka_unit_test(what_is_no_name_is_refused_with_a_reason),
		cmocka_unit_test(errors_point_at_the_place),
		cmocka_unit_test(private_keys_are_for_create),
		cmocka_unit_test(every_name_of_random_bytes_comes_back),
		cmocka_unit_test(the_brackets_of_an_address_are_no_pattern),
		cmocka_unit_test(patterns_match_as_fnmatch_does),
		cmocka_unit_test(a_plain_name_is_one_of_each_kind),
		cmocka_unit_test(ftok_is_that_of_the_c_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
