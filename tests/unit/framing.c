#include "ipc/framing.h"
#include "ipc/io.h"
#include "ipc/json_record.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DECODER __attribute__((cleanup(ipc_decoder_free))) struct ipc_decoder

/* Feeds all of text, then the end, and expects these records and no more. */
static void gives(enum framing framing, const char *text, size_t len, const char *const *wanted)
{
	DECODER d;
	struct ipc_record r;

	ipc_decoder_init(&d, framing, 100);
	assert_int_equal(ipc_decoder_next(&d, &r), -EAGAIN);
	if (len > 0)
		assert_int_equal(ipc_decoder_feed(&d, text, len), len);
	ipc_decoder_fed(&d, 0);
	for (uint64_t n = 1; *wanted; wanted++, n++) {
		assert_int_equal(ipc_decoder_next(&d, &r), 1);
		assert_int_equal(r.len, strlen(*wanted));
		assert_memory_equal(r.data, *wanted, r.len);
		assert_int_equal(d.records, n);
	}
	assert_int_equal(ipc_decoder_next(&d, &r), 0);
	assert_int_equal(ipc_decoder_next(&d, &r), 0);
	assert_int_equal(ipc_decoder_left(&d), 0);
	assert_int_equal(d.consumed, len);
}

#define GIVES(framing, text, ...)                                                                            \
	gives(framing, text, sizeof(text) - 1, (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static void each_framing_finds_its_records(void **state)
{
	(void)state;

	GIVES(FRAMING_LINE, "");
	GIVES(FRAMING_LINE, "a\n\nbc\n", "a", "", "bc");
	GIVES(FRAMING_LINE, "a\r\nlast", "a\r", "last");
	GIVES(FRAMING_NUL, "a\nb\0\0c", "a\nb", "", "c");
	GIVES(FRAMING_NETSTRING, "");
	GIVES(FRAMING_NETSTRING, "0:,5:a\n,b:,12:hello world!,", "", "a\n,b:", "hello world!");
	GIVES(FRAMING_JSON, "");
	GIVES(FRAMING_JSON, "{\"data\":\"x\"}\n \t\r\n\n{\"data_base64\":\"Zm9v\"}\r\n  ", "x", "foo");
	GIVES(FRAMING_JSON, "{\"data\":\"no newline\"}", "no newline");
	GIVES(FRAMING_WHOLE, "", "");
	GIVES(FRAMING_WHOLE, "a\nb\n", "a\nb\n");
}

/* What is fed in two parts, whichever, gives the same. */
static void any_split_gives_the_same_records(void **state)
{
	(void)state;
	static const struct {
		enum framing framing;
		const char *text;
	} cases[] = {
		{ FRAMING_LINE, "one\n\ntwo\nthree" },
		{ FRAMING_NETSTRING, "3:one,0:,3:two,5:three," },
		{ FRAMING_JSON,
			"{\"data\":\"one\"}\n{\"data\":\"\"}\n\n{\"data\":\"two\"}\n{\"data\":\"three\"}" },
	};
	static const char *const wanted[] = { "one", "", "two", "three" };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].text);
		for (size_t split = 1; split < len; split++) {
			DECODER d;
			struct ipc_record r;
			size_t n = 0, fed = split;
			int result;
			ipc_decoder_init(&d, cases[i].framing, 5);
			ipc_decoder_feed(&d, cases[i].text, split);
			while ((result = ipc_decoder_next(&d, &r)) != 0) {
				if (result == -EAGAIN && fed < len) {
					fed += (size_t)ipc_decoder_feed(&d, cases[i].text + fed, 1);
					continue;
				}
				if (result == -EAGAIN) {
					ipc_decoder_fed(&d, 0);
					continue;
				}
				assert_int_equal(result, 1);
				assert_true(n < ARRAY_SIZE(wanted));
				assert_int_equal(r.len, strlen(wanted[n]));
				assert_memory_equal(r.data, wanted[n++], r.len);
			}
			assert_int_equal(n, ARRAY_SIZE(wanted));
		}
	}
}

/* The limit is 8 everywhere below. */
static void fails(enum framing framing, const char *text, size_t len, bool end, int code, const char *wanted)
{
	DECODER d;
	struct ipc_record r;
	char words[FRAMING_ERROR_SIZE];
	int result;

	ipc_decoder_init(&d, framing, 8);
	ipc_decoder_feed(&d, text, len);
	if (end)
		ipc_decoder_fed(&d, 0);
	while ((result = ipc_decoder_next(&d, &r)) == 1)
		;
	assert_int_equal(result, code);
	assert_int_equal(d.error.code, code);
	assert_string_equal(ipc_framing_explain(&d.error, 8, words), wanted);
	assert_int_equal(ipc_decoder_next(&d, &r), code); /* it stays */
}

#define FAILS(framing, text, code, wanted) fails(framing, text, sizeof(text) - 1, false, code, wanted)
#define FAILS_AT_END(framing, text, code, wanted) fails(framing, text, sizeof(text) - 1, true, code, wanted)

static void records_over_the_limit_are_measured(void **state)
{
	(void)state;

	FAILS(FRAMING_LINE, "12345678\n123456789\nx", -EMSGSIZE, "record 2 has 9 bytes, the limit is 8");
	FAILS(FRAMING_LINE, "1234567890", -EMSGSIZE, "record 1 has at least 10 bytes, the limit is 8");
	FAILS_AT_END(FRAMING_LINE, "1234567890", -EMSGSIZE, "record 1 has 10 bytes, the limit is 8");
	FAILS(FRAMING_NUL, "123456789\0", -EMSGSIZE, "record 1 has 9 bytes, the limit is 8");
	FAILS(FRAMING_NETSTRING, "1:x,100000000:", -EMSGSIZE, "record 2 has 100000000 bytes, the limit is 8");
	FAILS(FRAMING_NETSTRING, "9999999999999999999:", -EMSGSIZE,
		"record 1 has 9999999999999999999 bytes, the limit is 8");
	FAILS(FRAMING_JSON, "{\"data\":\"123456789\"}\n", -EMSGSIZE, "record 1 has 9 bytes, the limit is 8");
	FAILS_AT_END(FRAMING_WHOLE, "123456789", -EMSGSIZE, "record 1 has 9 bytes, the limit is 8");
	FAILS(FRAMING_WHOLE, "123456789", -EMSGSIZE, "record 1 has at least 9 bytes, the limit is 8");
}

static void malformed_netstrings_are_refused_with_their_place(void **state)
{
	(void)state;
	static const char left[] = "record 2: the input ends within it, 2 bytes are left over";

	FAILS(FRAMING_NETSTRING, "1:x,01:x,", -EBADMSG, "record 2: the length begins with 0, at byte 4");
	FAILS(FRAMING_NETSTRING, "00:,", -EBADMSG, "record 1: the length begins with 0, at byte 0");
	FAILS(FRAMING_NETSTRING, "99999999999999999999:", -EBADMSG,
		"record 1: the length has too many digits, at byte 19");
	FAILS(FRAMING_NETSTRING, "\n", -EBADMSG, "record 1: expected the length of a netstring, at byte 0");
	FAILS(FRAMING_NETSTRING, "1:x,-1:x,", -EBADMSG,
		"record 2: expected the length of a netstring, at byte 4");
	FAILS(FRAMING_NETSTRING, "1 :x,", -EBADMSG, "record 1: expected ':' after the length, at byte 1");
	FAILS(FRAMING_NETSTRING, "2:abc", -EBADMSG, "record 1: expected ',' behind the data, at byte 4");
	FAILS_AT_END(FRAMING_NETSTRING, "1:x,12", -EBADMSG, left);
	FAILS_AT_END(FRAMING_NETSTRING, "1:x,0:", -EBADMSG, left);
	FAILS_AT_END(FRAMING_NETSTRING, "1:x,5:ab", -EBADMSG,
		"record 2: the input ends within it, 4 bytes are left over");
}

static void malformed_json_is_refused(void **state)
{
	(void)state;
	static const char one[] =
		"record 1: there must be one of \"data\" and \"data_base64\", a string, at byte 0";
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "{}\n", one },
		{ "{\"data\":null}\n", one },
		{ "{\"data\":1}\n", one },
		{ "{\"data\":\"a\",\"data_base64\":\"Zg==\"}\n", one },
		{ "[]\n", "record 1: not a JSON object, at byte 0" },
		{ "\"x\"\n", "record 1: not valid JSON, at byte 3" },
		{ "{\"data\":\"a\",\"data\":\"b\"}\n", "record 1: a key is given twice, at byte 18" },
		{ "{\"data\":\"a\"} {}\n", "record 1: something follows the JSON object, at byte 14" },
		{ "{\"data\":\"a\"\n}\n", "record 1: the JSON text ends in the middle, at byte 11" },
		{ "{\"data\":\"\xff\"}\n", "record 1: not UTF-8, at byte 9" },
		{ "{\"data\":\"\\ud800\"}\n", "record 1: not valid JSON, at byte 16" },
		{ "{\"data_base64\":\"Zg=\"}\n",
			"record 1: \"data_base64\" is not padded base64, at byte 0" },
		{ "{\"data\":\"a\",\"size\":2}\n",
			"record 1: \"size\" differs from the size of the data, at byte 0" },
		{ "{\"data\":\"a\",\"size\":-1}\n",
			"record 1: \"size\" differs from the size of the data, at byte 0" },
		{ "{\"data\":\"a\",\"size\":\"1\"}\n", "record 1: \"size\" must be an integer, at byte 0" },
		{ "{\"data\":\"a\",\"priority\":1.0}\n",
			"record 1: \"priority\" must be an integer, at byte 0" },
		{ "{\"data\":\"a\",\"type\":\"1\"}\n", "record 1: \"type\" must be an integer, at byte 0" },
		{ "{\"data\":\"a\",\"type\":99999999999999999999}\n",
			"record 1: a number is too large, at byte 39" },
		{ "{\"data\":\"a\",\"type\":1,\"priority\":1}\n",
			"record 1: both \"priority\" and \"type\" are given, at byte 0" },
		{ "{\"data\":\"a\",\"time\":1}\n", "record 1: \"time\" must be an RFC 3339 time, at byte 0" },
		{ "{\"data\":\"a\",\"time\":\"now\"}\n",
			"record 1: \"time\" must be an RFC 3339 time, at byte 0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		fails(FRAMING_JSON, cases[i].text, strlen(cases[i].text), false, -EBADMSG, cases[i].wanted);
	FAILS_AT_END(FRAMING_JSON, "{\"data\":\"a\"}\n{\"da", -EBADMSG,
		"record 2: the JSON text ends in the middle, at byte 17");
}

static void deep_and_endless_json_is_refused(void **state)
{
	(void)state;
	enum { SIZE = 20000, LIMIT = 8 * 6 + 4096 };
	static char text[SIZE];
	DECODER d, small;
	struct ipc_record r;
	char words[FRAMING_ERROR_SIZE];

	memset(text, '[', sizeof(text));
	text[SIZE - 1] = '\n';
	ipc_decoder_init(&d, FRAMING_JSON, SIZE);
	assert_int_equal(ipc_decoder_feed(&d, text, SIZE), SIZE);
	assert_int_equal(ipc_decoder_next(&d, &r), -EBADMSG);
	assert_non_null(strstr(ipc_framing_explain(&d.error, SIZE, words), "nested too deeply"));
	ipc_decoder_init(&small, FRAMING_JSON, 8);
	ipc_decoder_feed(&small, text, LIMIT);
	assert_int_equal(ipc_decoder_next(&small, &r), -EAGAIN);
	ipc_decoder_feed(&small, text, 1);
	assert_int_equal(ipc_decoder_next(&small, &r), -EBADMSG);
	assert_non_null(strstr(ipc_framing_explain(&small.error, 8, words), "longer than any record"));
}

static void json_carries_number_time_and_any_text(void **state)
{
	(void)state;
	static const char text[] =
		"{\"x\":[{}],\"priority\":null,\"type\":-9223372036854775808,"
		"\"time\":\"1970-01-01T00:00:01.5Z\",\"size\":5,\"data\":\"a\\u0000\\n\xc3\xa4\"}\n"
		"{\"data\":\"\",\"priority\":9223372036854775807}\n";
	DECODER d;
	struct ipc_record r;

	ipc_decoder_init(&d, FRAMING_JSON, 5);
	ipc_decoder_feed(&d, text, sizeof(text) - 1);
	assert_int_equal(ipc_decoder_next(&d, &r), 1);
	assert_int_equal(r.len, 5);
	assert_memory_equal(r.data, "a\0\n\xc3\xa4", 5);
	assert_int_equal(r.tag, TAG_TYPE);
	assert_true(r.number == INT64_MIN);
	assert_true(r.has_time);
	assert_int_equal(r.time.tv_sec, 1);
	assert_int_equal(r.time.tv_nsec, 500000000);
	assert_int_equal(ipc_decoder_next(&d, &r), 1);
	assert_int_equal(r.len, 0);
	assert_int_equal(r.tag, TAG_PRIORITY);
	assert_true(r.number == INT64_MAX);
	assert_false(r.has_time);
}

/* Callers put a type before the data and a NUL behind it; the records that follow are unharmed. */
static void the_margin_of_a_record_is_free_to_use(void **state)
{
	(void)state;
	static const char *const texts[FRAMING_COUNT] = {
		[FRAMING_LINE] = "one\n\ntwo\nthree",
		[FRAMING_NUL] = "one",
		[FRAMING_NETSTRING] = "3:one,0:,3:two,5:three,",
		[FRAMING_JSON] =
			"{\"data\":\"one\"}\n{\"data\":\"\"}\n{\"data\":\"two\"}\n{\"data\":\"three\"}",
		[FRAMING_WHOLE] = "one",
	};
	static const char *const wanted[] = { "one", "", "two", "three" };

	for (int framing = 0; framing < FRAMING_COUNT; framing++) {
		DECODER d;
		struct ipc_record r;
		size_t n = 0;
		ipc_decoder_init(&d, (enum framing)framing, 5);
		ipc_decoder_feed(&d, texts[framing], strlen(texts[framing]));
		ipc_decoder_fed(&d, 0);
		while (ipc_decoder_next(&d, &r) == 1) {
			char *data = ipc_decoder_data(&d, &r);
			memset(data - BUFFER_MARGIN, 'X', BUFFER_MARGIN);
			data[r.len] = '\0';
			assert_string_equal(data, wanted[n++]);
		}
		assert_int_equal(d.error.code, 0);
		assert_true(n == 1 || n == ARRAY_SIZE(wanted));
	}
}

/* A buffer never grows beyond what the largest record needs. */
static void memory_is_bounded_by_the_limit(void **state)
{
	(void)state;
	enum { LIMIT = 300 * 1024 };
	static char zeros[64 * 1024];
	DECODER d;
	struct ipc_record r;
	int result;

	ipc_decoder_init(&d, FRAMING_LINE, LIMIT);
	while ((result = ipc_decoder_next(&d, &r)) == -EAGAIN)
		assert_true(ipc_decoder_feed(&d, zeros, sizeof(zeros)) > 0);
	assert_int_equal(result, -EMSGSIZE);
	assert_int_equal(d.in.cap, LIMIT + 1);
	assert_int_equal(d.error.size, LIMIT + 1);
	assert_int_equal(ipc_decoder_left(&d), LIMIT + 1);
}

/* The second record is only written when the first one has come out. */
static void a_record_is_given_out_as_soon_as_it_is_there(void **state)
{
	(void)state;
	AUTO_READER_FREE struct ipc_reader reader;
	struct ipc_record r;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	ipc_reader_init(&reader, fds[0], FRAMING_LINE, 100);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(write(fds[1], "x\nrest", 6), 6);
		assert_int_equal(ipc_reader_next(&reader, &r), 1);
		assert_int_equal(r.len, i == 0 ? 1 : 5);
	}
	close(fds[1]);
	assert_int_equal(ipc_reader_next(&reader, &r), 1);
	assert_int_equal(ipc_reader_next(&reader, &r), 0);
	close(fds[0]);
}

static void read_errors_are_returned(void **state)
{
	(void)state;
	AUTO_CLOSE int fd = open("/", O_RDONLY | O_CLOEXEC);
	AUTO_READER_FREE struct ipc_reader reader;
	struct ipc_record r;

	ipc_reader_init(&reader, fd, FRAMING_LINE, 100);
	assert_int_equal(ipc_reader_next(&reader, &r), -EISDIR);
	assert_int_equal(reader.d.error.code, 0);
}

static void no_memory_is_taken_for_what_is_only_announced(void **state)
{
	(void)state;
	DECODER d;
	char text[] = "9223372036854775:x";
	struct ipc_record r;

	ipc_decoder_init(&d, FRAMING_NETSTRING, SIZE_MAX);
	ipc_decoder_feed(&d, text, sizeof(text) - 1);
	assert_int_equal(ipc_decoder_next(&d, &r), -EAGAIN);
	assert_true(d.in.cap < 1 << 20);
}

static void framings_are_found_by_name(void **state)
{
	(void)state;

	for (int i = 0; i < FRAMING_COUNT; i++)
		assert_int_equal(ipc_framing_find(ipc_framings[i].name), i);
	assert_int_equal(ipc_framing_find("lines"), -EINVAL);
	assert_null(ipc_framings[FRAMING_COUNT].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_framing_finds_its_records),
		cmocka_unit_test(any_split_gives_the_same_records),
		cmocka_unit_test(records_over_the_limit_are_measured),
		cmocka_unit_test(malformed_netstrings_are_refused_with_their_place),
		cmocka_unit_test(malformed_json_is_refused),
		cmocka_unit_test(deep_and_endless_json_is_refused),
		cmocka_unit_test(json_carries_number_time_and_any_text),
		cmocka_unit_test(the_margin_of_a_record_is_free_to_use),
		cmocka_unit_test(memory_is_bounded_by_the_limit),
		cmocka_unit_test(a_record_is_given_out_as_soon_as_it_is_there),
		cmocka_unit_test(read_errors_are_returned),
		cmocka_unit_test(no_memory_is_taken_for_what_is_only_announced),
		cmocka_unit_test(framings_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
