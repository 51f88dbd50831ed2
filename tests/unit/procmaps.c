#include "ipc/procmaps.h"

#include "ipc/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

static bool first(const char *text, struct procmaps_line *ret)
{
	return procmaps_next(&text, text + strlen(text), ret);
}

static void lines_are_read_up_to_their_names(void **state)
{
	const char *text =
		"00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/dbus daemon\n"
		"7f0000000000-7f0000001000 rw-s 00002000 00:19 18446744073709551615 /dev/shm/x (deleted)\n"
		"7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]\n"
		"7ffe00000000-7ffe00001000 rw-p 00000000 00:00 0 \n"
		"7fff00000000-7fff00001000 rw-s 00000000 00:01 32769 /SYSV0000162e (deleted)";
	const char *end = text + strlen(text);
	struct procmaps_line line;

	(void)state;
	assert_true(procmaps_next(&text, end, &line));
	assert_true(line.from == 0x400000 && line.to == 0x452000 && !line.shared);
	assert_true(line.dev == makedev(8, 2) && line.ino == 173521);
	assert_int_equal(line.path_len, strlen("/usr/bin/dbus daemon"));
	assert_memory_equal(line.path, "/usr/bin/dbus daemon", line.path_len);
	assert_false(procmaps_seems_deleted(&line));
	assert_true(procmaps_next(&text, end, &line));
	assert_true(line.shared && line.dev == makedev(0, 0x19) && line.ino == UINT64_MAX);
	assert_true(procmaps_seems_deleted(&line) && !procmaps_is_sysv(&line));
	assert_true(procmaps_next(&text, end, &line) && line.ino == 0 && line.path[0] == '[');
	assert_true(procmaps_next(&text, end, &line) && line.path_len == 0);
	assert_true(procmaps_next(&text, end, &line) && line.ino == 32769 && procmaps_is_sysv(&line));
	assert_false(procmaps_next(&text, end, &line));
}

static void what_is_no_line_is_left_out(void **state)
{
	static const char *const others[] = { "", "\n\n", "x", "400000-500000",
		"400000-500000 r-xp 0 08:02 7", "500000-400000 r-xp 0 08:02 7 /x",
		"400000-400000 r-xp 0 08:02 7 /x", "400000-500000 r-x 0 08:02 7 /x",
		"400000-500000 r-xx 0 08:02 7 /x", "400000-500000 r-xp 0 08:02 7f /x",
		"400000-500000 r-xp 0 100000000:02 7 /x", "400000-10000000000000000 r-xp 0 08:02 7 /x",
		"400000-500000 r-xp 0 08:02 18446744073709551616 /x", "-500000 r-xp 0 08:02 7 /x",
		"400000 -500000 r-xp 0 08:02 7 /x" };
	struct procmaps_line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(first(others[i], &line));
	assert_true(first("junk\n400000-500000 r-xp 0 08:02 7 /x\n", &line));
	assert_int_equal(line.ino, 7);
}

static void a_name_is_a_name_whatever_it_holds(void **state)
{
	struct procmaps_line line;

	(void)state;
	assert_true(
		first("400000-500000 r-xp 0 00:19 7 /a\\0127f00-7f01 rw-s 0 00:01 9 /SYSV00000000 (deleted)",
			&line));
	assert_true(line.ino == 7 && !procmaps_is_sysv(&line));
	assert_true(first("400000-500000 r-xp 0 00:19 7 /SYSV0000002g (deleted)", &line));
	assert_false(procmaps_is_sysv(&line));
	assert_true(first("400000-500000 r-xp 0 00:19 7 /SYSV0000002a", &line));
	assert_false(procmaps_is_sysv(&line));
	assert_true(first("400000-500000 r-xp 0 00:19 7 /d/SYSV0000002a (deleted)", &line));
	assert_false(procmaps_is_sysv(&line));
	assert_true(first("400000-500000 r-xp 0 00:19 7  (deleted)", &line));
	assert_false(procmaps_seems_deleted(&line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_up_to_their_names),
		cmocka_unit_test(what_is_no_line_is_left_out),
		cmocka_unit_test(a_name_is_a_name_whatever_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
