#include "ipc/recording.h"

#include "ipc/io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static int read_text(const char *text, struct recording *ret, struct recording_error *error)
{
	AUTO_CLOSE int fd = memfd_create("recording", MFD_CLOEXEC);

	assert_int_equal(ipc_write_full(fd, text, strlen(text)), 0);
	lseek(fd, 0, SEEK_SET);
	return recording_read(fd, ret, error);
}

static void an_event_is_a_line_with_the_keys_of_the_manual(void **state)
{
	(void)state;
	char text[512];
	struct recording_event e = {
		.time = { 1763640000, 500000000 },
		.has_time = true,
		.connection = 3,
		.type = RECORDING_DATA,
		.from = RECORDING_SERVER,
		.data = "a\n\"",
		.len = 3,
		.fds = 1,
	};

	text[recording_write(text, &e)] = '\0';
	assert_string_equal(text,
		"{\"time\":\"2025-11-20T12:00:00.500Z\",\"connection\":3,\"event\":\"data\","
		"\"from\":\"server\",\"size\":3,\"fds\":1,\"data\":\"a\\n\\\"\"}\n");
	e = (struct recording_event){ .connection = 1, .type = RECORDING_DATA, .data = "\xff", .len = 1 };
	text[recording_write(text, &e)] = '\0';
	assert_string_equal(text,
		"{\"connection\":1,\"event\":\"data\",\"from\":\"client\",\"size\":1,"
		"\"data_base64\":\"/w==\"}\n");
	e = (struct recording_event){ .connection = 1, .type = RECORDING_CLOSE };
	text[recording_write(text, &e)] = '\0';
	assert_string_equal(text, "{\"connection\":1,\"event\":\"close\"}\n");
}

static void connections_that_overlap_are_told_apart(void **state)
{
	(void)state;
	AUTO_RECORDING struct recording r = { 0 };
	struct recording_error error;

	assert_int_equal(
		read_text("{\"connection\":1,\"event\":\"connect\"}\n"
			  "{\"connection\":2,\"event\":\"connect\",\"unknown\":[]}\n\n"
			  "{\"connection\":1,\"event\":\"data\",\"from\":\"client\",\"data\":\"one\"}\n"
			  "{\"connection\":2,\"event\":\"data\",\"from\":\"server\",\"data\":\"two\"}\n"
			  "{\"connection\":1,\"event\":\"end\",\"from\":\"client\"}\n"
			  "{\"connection\":1,\"event\":\"close\"}\n",
			&r, &error),
		0);
	assert_int_equal(r.len, 2);
	assert_int_equal(r.v[0].len, 2);
	assert_memory_equal(r.v[0].steps[0].data, "one", 3);
	assert_true(r.v[0].steps[1].end && r.v[0].closed);
	assert_int_equal(r.v[1].len, 1);
	assert_int_equal(r.v[1].steps[0].from, RECORDING_SERVER);
	assert_false(r.v[1].closed);
}

#define BEGIN "{\"connection\":2,\"event\":\"connect\"}\n"

static void what_is_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t line;
		const char *wrong;
	} cases[] = {
		{ "\n[]\n", 2, "not a JSON object" },
		{ "{\"connection\":1,\"connection\":1,\"event\":\"connect\"}", 1, "not a JSON object" },
		{ "{\"connection\":0,\"event\":\"connect\"}", 1, "\"connection\" must be a number from 1" },
		{ "{\"connection\":1,\"event\":\"open\"}", 1,
			"\"event\" must be \"connect\", \"data\", \"end\" or \"close\"" },
		{ "{\"connection\":1,\"event\":\"end\"}", 1, "\"from\" must be \"client\" or \"server\"" },
		{ "{\"connection\":1,\"event\":\"data\",\"from\":\"client\"}", 1,
			"there must be one of \"data\" and \"data_base64\", a string" },
		{ "{\"connection\":1,\"event\":\"data\",\"from\":\"client\",\"data\":\"x\",\"size\":2}", 1,
			"\"size\" differs from the size of the data" },
		{ "{\"connection\":1,\"event\":\"data\",\"from\":\"client\",\"data_base64\":\"x\"}", 1,
			"\"data_base64\" is not padded base64" },
		{ "{\"connection\":1,\"event\":\"data\",\"from\":\"client\",\"data\":\"\",\"fds\":254}", 1,
			"\"fds\" must be a number up to 253" },
		{ "{\"time\":\"now\",\"connection\":1,\"event\":\"close\"}", 1,
			"\"time\" must be an RFC 3339 time" },
		{ BEGIN BEGIN, 2, "the connection began before" },
		{ BEGIN "{\"connection\":1,\"event\":\"connect\"}", 2,
			"the number of a new connection must be higher than those before" },
		{ BEGIN "{\"connection\":2,\"event\":\"close\"}\n{\"connection\":2,\"event\":\"close\"}", 3,
			"the connection was closed before" },
		{ "{\"connection\":2,\"event\":\"end\",\"from\":\"server\"}\n"
		  "{\"connection\":2,\"event\":\"data\",\"from\":\"server\",\"data\":\"\"}",
			2, "that side had ended before" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_RECORDING struct recording r = { 0 };
		struct recording_error error = { 0 };
		assert_int_equal(read_text(cases[i].text, &r, &error), -EBADMSG);
		assert_int_equal(error.line, cases[i].line);
		assert_string_equal(error.text, cases[i].wrong);
		assert_int_equal(r.len, 0);
	}
}

static void memory_is_bounded(void **state)
{
	(void)state;
	enum { LONG = RECORDING_LINE_MAX + 1 };
	AUTO_RECORDING struct recording r = { 0 };
	struct recording_error error = { 0 };
	const char *text;
	AUTO_FREE char *line = malloc(LONG + 1);

	memset(line, ' ', LONG);
	line[LONG] = '\0';
	assert_int_equal(read_text(line, &r, &error), -EMSGSIZE);
	assert_int_equal(error.line, 1);
	static const char step[] = "{\"connection\":1,\"event\":\"data\",\"from\":\"client\",\"data\":\"x\"}";
	r.bytes = RECORDING_BYTES_MAX - 150; /* as if much had been read */
	assert_int_equal(recording_add(&r, step, strlen(step), &text), 0);
	assert_int_equal(recording_add(&r, step, strlen(step), &text), -EFBIG);
	assert_string_equal(text, "the recording is too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_a_line_with_the_keys_of_the_manual),
		cmocka_unit_test(connections_that_overlap_are_told_apart),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
