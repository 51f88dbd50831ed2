#include "ipc/utf8.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t put(uint32_t c, char *out)
{
	static const uint32_t limits[] = { 0x80, 0x800, 0x10000 };
	size_t size = 1;

	while (size < 4 && c >= limits[size - 1])
		size++;
	if (size == 1) {
		out[0] = (char)c;
		return 1;
	}
	for (size_t i = size - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((0xf00U >> size) | c);
	return size;
}

static void every_character_but_surrogates_is_valid(void **state)
{
	(void)state;

	for (uint32_t c = 0; c < 0x200000; c++) {
		bool valid = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		char text[8];
		uint32_t back = 0;
		size_t size = put(c, text);
		assert_int_equal(ipc_utf8_next(text, size, &back), valid ? size : 0);
		if (valid)
			assert_int_equal(back, c);
		assert_int_equal(ipc_utf8_valid(text, size), valid);
		if (size > 1)
			assert_false(ipc_utf8_valid(text, size - 1)); /* cut off */
	}
}

static void overlong_and_broken_forms_are_invalid(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xfe",
		"\x80",
		"\xc3(",
		"\xe2\x82(",
		"a\x80",
		"12345678\xff",
		"1234567\xc3",
		"\xed\xa0\x80",
		"\xf8\x88\x80\x80\x80",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(ipc_utf8_valid(bad[i], strlen(bad[i])));
	assert_true(ipc_utf8_valid("", 0));
	assert_true(ipc_utf8_valid("1234567\xc3\xa4 12345678 \xe2\x82\xac", 22));
	assert_true(ipc_utf8_valid("a\0b", 3));
}

static void escapes(const char *in, size_t len, unsigned flags, const char *wanted)
{
	char out[256];

	assert_int_equal(ipc_escape(out, in, len, flags), strlen(wanted));
	assert_string_equal(out, wanted);
}

static void what_is_not_printable_is_escaped(void **state)
{
	(void)state;
	static const struct {
		const char *in, *wanted;
	} cases[] = {
		{ "plain \xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xa7",
			"plain \xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xa7" },
		{ "a\nb\tc\rd", "a\\nb\\tc\\rd" }, { "\x1b[31m\x7f\x07", "\\x1b[31m\\x7f\\x07" },
		{ "back\\slash", "back\\\\slash" }, { "\xff\xc3", "\\xff\\xc3" },
		{ "\xc2\x9b", "\\xc2\\x9b" },                   /* C1: CSI */
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },          /* right-to-left override */
		{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6" },          /* left-to-right isolate */
		{ "\xe2\x80\x8b", "\\xe2\\x80\\x8b" },          /* zero-width space */
		{ "\xe2\x80\x8e", "\\xe2\\x80\\x8e" },          /* left-to-right mark */
		{ "\xe2\x80\xa8", "\\xe2\\x80\\xa8" },          /* line separator */
		{ "\xef\xbb\xbf", "\\xef\\xbb\\xbf" },          /* byte order mark */
		{ "\xef\xbf\xbf", "\\xef\\xbf\\xbf" },          /* noncharacter */
		{ "\xf3\xa0\x80\xa1", "\\xf3\\xa0\\x80\\xa1" }, /* tag */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		escapes(cases[i].in, strlen(cases[i].in), 0, cases[i].wanted);
	escapes("a\0b", 3, 0, "a\\x00b");
	escapes("*?[]", 4, 0, "*?[]");
	escapes("*?[]\\", 5, ESCAPE_GLOB, "\\*\\?\\[]\\\\");
	escapes("C:\\x\n\t\r\x1b", 8, ESCAPE_DISPLAY, "C:\\x\n\t\\r\\x1b");
}

static void escaped_text_has_no_raw_control_and_comes_back(void **state)
{
	(void)state;
	unsigned char in[64];
	char text[sizeof(in) * ESCAPE_FACTOR + 1], back[sizeof(text)];

	srandom(2);
	for (int round = 0; round < 200000; round++) {
		size_t len = (size_t)random() % sizeof(in);
		for (size_t i = 0; i < len; i++) /* few values, so that sequences are met */
			in[i] = random() % 3 ? (unsigned char)random()
					     : (unsigned char)"\\x1b*[n\xe2\x80\xae\xc2\x9b"[random() % 11];
		unsigned flags = random() % 2 ? ESCAPE_GLOB : 0;
		size_t n = ipc_escape(text, in, len, flags);
		assert_int_equal(strlen(text), n);
		for (size_t i = 0, size; i < n; i += size) {
			uint32_t c;
			size = ipc_utf8_next(text + i, n - i, &c);
			assert_true(size > 0 && ipc_utf8_printable(c));
		}
		assert_int_equal(ipc_unescape(back, text, n, NULL), len);
		assert_memory_equal(back, in, len);
		assert_int_equal(ipc_unescape(text, text, n, NULL), len);
		assert_memory_equal(text, in, len);
	}
}

static void what_is_no_escape_is_refused_with_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t at;
	} bad[] = {
		{ "\\", 0 },
		{ "abc\\", 3 },
		{ "\\a", 0 },
		{ "a\\x", 1 },
		{ "\\x1", 0 },
		{ "\\xg0", 0 },
		{ "\\\\\\x0g", 2 },
		{ "\\X41", 0 },
		{ "ok\\n\\0", 4 },
		{ "\\x \xc3", 0 },
	};
	char out[16];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		size_t at = 99;
		assert_int_equal(ipc_unescape(out, bad[i].text, strlen(bad[i].text), &at), -EINVAL);
		assert_int_equal(at, bad[i].at);
	}
	assert_int_equal(ipc_unescape(out, "\\", 2, NULL), -EINVAL); /* a NUL is no letter */
	assert_int_equal(ipc_unescape(out, "\\x4A\\x4a\\]", 10, NULL), 3);
	assert_memory_equal(out, "JJ]", 3);
}

static void a_copy_can_be_had(void **state)
{
	(void)state;
	char *text = ipc_escape_dup("a\n", 2, 0);

	assert_string_equal(text, "a\\n");
	free(text);
	assert_null(ipc_escape_dup("", SIZE_MAX / 2, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_but_surrogates_is_valid),
		cmocka_unit_test(overlong_and_broken_forms_are_invalid),
		cmocka_unit_test(what_is_not_printable_is_escaped),
		cmocka_unit_test(escaped_text_has_no_raw_control_and_comes_back),
		cmocka_unit_test(what_is_no_escape_is_refused_with_its_place),
		cmocka_unit_test(a_copy_can_be_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
