#include "ipc/overlay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static bool has(const char *type, const char *upper, const char *path)
{
	char line[512];

	snprintf(line, sizeof(line),
		"36 25 0:31 / /o/me rw,relatime shared:1 - %s overlay "
		"rw,lowerdir=/o/lo,upperdir=%s,workdir=/o/wo",
		type, upper);
	return overlay_has(line, path);
}

static void what_is_in_an_upper_layer_is_told(void **state)
{
	char none[] = "36 25 0:31 / /o/me ro - overlay overlay ro,lowerdir=/o/up:/o/lo";

	(void)state;
	assert_true(has("overlay", "/o/up", "/o/up/s"));
	assert_true(has("overlay", "/o/up", "/o/up/a/b/s"));
	assert_false(has("overlay", "/o/up", "/o/upper/s"));
	assert_false(has("overlay", "/o/up", "/o/me/s"));
	assert_false(has("ext4", "/o/up", "/o/up/s"));
	assert_false(overlay_has(none, "/o/up/s"));
}

static void names_are_escaped(void **state)
{
	(void)state;
	assert_true(has("overlay", "/o/a\\040b\\054c", "/o/a b,c/s"));
	assert_true(has("overlay", "/o/\\0", "/o/\\0/s"));
	assert_false(has("overlay", "", "/o/up/s"));
}

static void a_relative_layer_may_be_anywhere(void **state)
{
	(void)state;
	assert_true(has("overlay", "0123/diff", "/var/lib/docker/overlay2/0123/diff/run/s"));
	assert_false(has("overlay", "0123/diff", "/var/lib/docker/overlay2/90123/diff/run/s"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_an_upper_layer_is_told),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(a_relative_layer_may_be_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
