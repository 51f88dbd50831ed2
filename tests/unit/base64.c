#include "ipc/base64.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_examples_of_the_rfc(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};
	char buf[16];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		size_t len = strlen(pairs[i][0]);
		assert_int_equal(ipc_base64_encode(buf, pairs[i][0], len), strlen(pairs[i][1]));
		assert_int_equal(ipc_base64_length(len), strlen(pairs[i][1]));
		assert_memory_equal(buf, pairs[i][1], strlen(pairs[i][1]));
		assert_int_equal(ipc_base64_decode(buf, pairs[i][1], strlen(pairs[i][1])), len);
		assert_memory_equal(buf, pairs[i][0], len);
	}
}

static void any_bytes_come_back(void **state)
{
	(void)state;
	unsigned char in[300], back[300];
	char text[404];

	srandom(1);
	for (size_t len = 0; len <= sizeof(in); len++) {
		for (size_t i = 0; i < len; i++)
			in[i] = (unsigned char)random();
		size_t n = ipc_base64_encode(text, in, len);
		assert_int_equal(ipc_base64_decode(back, text, n), len);
		assert_memory_equal(in, back, len);
	}
}

static void what_is_not_strict_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"Z",
		"Zg",
		"Zg=",
		"Z===",
		"====",
		"=",
		"Zh==",
		"Zm9=",
		"Zm 9",
		"Zm9v\n",
		"Zg==Zg==",
		"Zm-_",
		"Z=8=",
		"Zm9v====",
		"Zm9vZ\xc3\xa4=",
	};
	char buf[16];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(ipc_base64_decode(buf, bad[i], strlen(bad[i])), -EINVAL);
	assert_int_equal(ipc_base64_decode(buf, "Zm\0v", 4), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_rfc),
		cmocka_unit_test(any_bytes_come_back),
		cmocka_unit_test(what_is_not_strict_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
