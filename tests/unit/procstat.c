#include "ipc/procstat.h"

#include "ipc/io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define FIELDS " 1 2 3 4 5 2097152 7 8 9 10 11 12 13 14 15 16 3 18 7777 20 21 22 23 24 140737 26\n"

static void fields_count_from_the_last_parenthesis(void **state)
{
	static const char *const names[] = { "sh", "", "a b", "a) R 1", "((", "))", "a) Z 1 1\n(" };
	struct procstat s;
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		strcpy(text, "42 (");
		strcat(strcat(strcat(text, names[i]), ") S"), FIELDS);
		assert_int_equal(procstat_parse(text, &s), 0);
		assert_int_equal(s.name_len, strlen(names[i]));
		assert_memory_equal(text + s.name_at, names[i], s.name_len);
		assert_int_equal(s.state, 'S');
		assert_int_equal(s.parent, 1);
		assert_int_equal(s.flags, 2097152);
		assert_int_equal(s.threads, 3);
		assert_int_equal(s.start, 7777);
		assert_int_equal(s.stack, 140737);
		assert_true(procstat_is_kernel_thread(&s));
	}
}

static void what_is_cut_off_or_none_is_refused(void **state)
{
	static const char *const others[] = { "", "42", "42 sh S 1", "42 )sh( S" FIELDS, "42 (sh)",
		"42 (sh) ", "42 (sh)S" FIELDS, "42 (sh) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18" };
	struct procstat s = { .start = 5 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_equal(procstat_parse(others[i], &s), -EBADMSG);
	assert_int_equal(s.start, 5);
}

static void a_zombie_whose_threads_go_on_has_not_ended(void **state)
{
	(void)state;
	assert_true(procstat_has_ended(&(struct procstat){ .state = 'Z', .threads = 1 }));
	assert_false(procstat_has_ended(&(struct procstat){ .state = 'Z', .threads = 2 }));
	assert_true(procstat_has_ended(&(struct procstat){ .state = 'X', .threads = 2 }));
	assert_false(procstat_has_ended(&(struct procstat){ .state = 'S', .threads = 1 }));
}

static void a_process_of_another_namespace_has_two_pids(void **state)
{
	(void)state;
	assert_true(procstat_has_one_pid("Name:\tsh\nPid:\t42\nNSpid:\t42\nNSpgid:\t1\n", 42));
	assert_false(procstat_has_one_pid("Name:\tsh\nNSpid:\t42\t1\n", 42));
	assert_false(procstat_has_one_pid("Name:\tsh\nNSpid:\t42\n", 1));
	assert_false(procstat_has_one_pid("Name:\tsh\nNSpid:\t42", 42)); /* cut off */
	assert_false(procstat_has_one_pid("Name:\tNSpid:\t42\n", 42));
	assert_false(procstat_has_one_pid("", 42));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_count_from_the_last_parenthesis),
		cmocka_unit_test(what_is_cut_off_or_none_is_refused),
		cmocka_unit_test(a_zombie_whose_threads_go_on_has_not_ended),
		cmocka_unit_test(a_process_of_another_namespace_has_two_pids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
