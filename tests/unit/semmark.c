#include "ipc/semmark.h"

#include "ipc/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct procid self = { .pid = 4242, .start = 998877 };

static uint64_t units(const char *note, pid_t pid, uint64_t start, int id, unsigned number)
{
	char env[512];
	size_t len = (size_t)snprintf(env, sizeof(env), "PATH=/bin%cIPCCTL_HELD=%s%cHOME=/", 0, note, 0);

	return semmark_units(env, len + 1, pid, start, id, number);
}

static void what_is_noted_is_found_again(void **state)
{
	(void)state;
	AUTO_FREE char *one = semmark_add(NULL, &self, 7, 0, 1);
	AUTO_FREE char *two = semmark_add(one, &self, 7, 3, 20);
	AUTO_FREE char *three = semmark_add(two, &self, 7, 0, 4);

	assert_string_equal(three, "4242:998877 7#0*1 7#3*20 7#0*4");
	assert_int_equal(units(three, 4242, 998877, 7, 0), 5);
	assert_int_equal(units(three, 4242, 998877, 7, 3), 20);
	assert_int_equal(units(three, 4242, 998877, 70, 0), 0);
	assert_int_equal(units(three, 4242, 998877, 7, 1), 0);
}

/* A child inherits the note, and a pid is used again: both hold nothing. */
static void another_process_holds_nothing(void **state)
{
	(void)state;
	AUTO_FREE char *note = semmark_add(NULL, &self, 7, 0, 1);

	assert_int_equal(units(note, 4243, 998877, 7, 0), 0);
	assert_int_equal(units(note, 4242, 998878, 7, 0), 0);
	assert_int_equal(units(note, 424, 998877, 7, 0), 0);
}

static void a_child_begins_a_note_of_its_own(void **state)
{
	(void)state;
	const struct procid child = { .pid = 5000, .start = 999000 };
	AUTO_FREE char *mine = semmark_add(NULL, &self, 7, 0, 1);
	AUTO_FREE char *its = semmark_add(mine, &child, 9, 1, 2);

	assert_string_equal(its, "5000:999000 9#1*2");
}

static void nonsense_is_not_believed(void **state)
{
	(void)state;
	static const char *const notes[] = { "", "4242:998877", "4242:998877 ", "4242:998877 7#0*",
		"4242:998877 7#0", "4242:998877 -7#0*1", "4242:998877 7#0*1x",
		"4242:998877 7#0*99999999999999999999", "4242:998877 7#0*4294967296", "4242:998877  7#0*1",
		"4242:998877 7 #0*1", "x4242:998877 7#0*1" };

	for (size_t i = 0; i < ARRAY_SIZE(notes); i++)
		assert_int_equal(units(notes[i], 4242, 998877, 7, 0), 0);
	assert_int_equal(units("4242:998877 7#0*3 nonsense 7#0*3", 4242, 998877, 7, 0), 3);
	assert_int_equal(semmark_units("", 1, 4242, 998877, 7, 0), 0);
	assert_int_equal(semmark_units("IPCCTL_HELD=", 13, 4242, 998877, 7, 0), 0);
	assert_int_equal(units("IPCCTL_HELD=4242:998877 7#0*3", 4242, 998877, 7, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_noted_is_found_again),
		cmocka_unit_test(another_process_holds_nothing),
		cmocka_unit_test(a_child_begins_a_note_of_its_own),
		cmocka_unit_test(nonsense_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
