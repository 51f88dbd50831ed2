#include "ipc/framing_writer.h"
#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { LONGEST = 3000 };

static int scratch_file(void)
{
	int fd = memfd_create("framing", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void holds(int fd, const char *wanted, size_t len)
{
	char got[4096];

	assert_true(len < sizeof(got));
	assert_int_equal(pread(fd, got, sizeof(got), 0), len);
	assert_memory_equal(got, wanted, len);
}

/* A record of len bytes, the same each time; without the byte that the framing can't carry. */
static struct ipc_record sample(enum framing framing, size_t len, char *buf)
{
	int separator = ipc_framings[framing].separator;
	uint32_t seed = (uint32_t)len * 2654435761U;

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		buf[i] = (char)(len % 3 ? seed >> 24 : (seed >> 24) % 96 + 32); /* some are text */
		if (separator >= 0 && buf[i] == (char)separator)
			buf[i] = 'x';
	}
	return (struct ipc_record){
		.data = buf,
		.len = len,
		.tag = len % 2 ? TAG_PRIORITY : TAG_NONE,
		.number = len % 2 ? (int64_t)len : 0,
		.has_time = len % 5 == 0,
		.time = { .tv_sec = len % 5 ? 0 : (time_t)len },
	};
}

static int write_samples(enum framing framing, int fd, bool in_place)
{
	AUTO_WRITER_FREE struct ipc_writer w;
	char buf[LONGEST];
	int r = 0;

	ipc_writer_init(&w, fd, framing, 0);
	for (size_t len = 0; r == 0 && len <= LONGEST; len++) {
		struct ipc_record record = sample(framing, len, buf);
		char *place;
		if (!in_place) {
			r = ipc_writer_put(&w, &record);
			continue;
		}
		r = ipc_writer_reserve(&w, LONGEST, &place);
		if (r == 0 && len % 7 == 0)
			r = ipc_writer_reserve(&w, LONGEST, &place);
		if (r < 0)
			break;
		memset(place - BUFFER_MARGIN, 'T', BUFFER_MARGIN); /* as msgrcv(2) puts the type */
		memcpy(place, record.data, len);
		ipc_writer_commit(&w, &record);
	}
	return r < 0 ? r : ipc_writer_flush(&w);
}

static void read_samples(enum framing framing, int fd)
{
	AUTO_READER_FREE struct ipc_reader reader;
	struct ipc_record r;
	char buf[LONGEST];

	ipc_reader_init(&reader, fd, framing, LONGEST);
	for (size_t len = 0; len <= LONGEST; len++) {
		struct ipc_record wanted = sample(framing, len, buf);
		assert_int_equal(ipc_reader_next(&reader, &r), 1);
		assert_int_equal(r.len, len);
		assert_memory_equal(r.data, wanted.data, len);
		if (framing != FRAMING_JSON)
			continue;
		assert_int_equal(r.tag, wanted.tag);
		assert_int_equal(r.number, wanted.number);
		assert_int_equal(r.has_time, wanted.has_time);
		assert_int_equal(r.time.tv_sec, wanted.time.tv_sec);
	}
	assert_int_equal(ipc_reader_next(&reader, &r), 0);
}

static void on_signal(int signo)
{
	(void)signo;
}

/* Through a pipe, with signals that interrupt both sides and ends that are non-blocking. */
static void pass_through_a_pipe(enum framing framing, bool in_place)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct itimerval every = { { 0, 500 }, { 0, 500 } }, off = { 0 };
	int fds[2], status;

	assert_int_equal(pipe2(fds, in_place ? O_NONBLOCK : 0), 0);
	sigaction(SIGALRM, &sa, NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[0]);
		setitimer(ITIMER_REAL, &every, NULL);
		_exit(write_samples(framing, fds[1], in_place) == 0 ? 0 : 1);
	}
	close(fds[1]);
	setitimer(ITIMER_REAL, &every, NULL);
	read_samples(framing, fds[0]);
	setitimer(ITIMER_REAL, &off, NULL);
	close(fds[0]);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static void records_of_every_length_pass_through_a_pipe(void **state)
{
	(void)state;

	for (int framing = 0; framing < FRAMING_WHOLE; framing++) {
		pass_through_a_pipe((enum framing)framing, false);
		pass_through_a_pipe((enum framing)framing, true);
	}
}

static void texts_are_as_the_framing_says(void **state)
{
	(void)state;
	static const struct {
		enum framing framing;
		const char *wanted;
	} cases[] = {
		{ FRAMING_LINE, "a\"\\\x1b\xc3\xa4\n\n\xff\n" },
		{ FRAMING_NETSTRING, "6:a\"\\\x1b\xc3\xa4,0:,1:\xff," },
		{ FRAMING_WHOLE, "a\"\\\x1b\xc3\xa4\xff" },
		{ FRAMING_JSON,
			"{\"time\":\"1970-01-01T00:00:01Z\",\"type\":-7,\"size\":6,"
			"\"data\":\"a\\\"\\\\\\u001b\xc3\xa4\"}\n"
			"{\"priority\":0,\"size\":0,\"data\":\"\"}\n{\"size\":1,\"data_base64\":\"/"
			"w==\"}\n" },
	};
	static const struct ipc_record records[] = {
		{ .data = "a\"\\\x1b\xc3\xa4",
			.len = 6,
			.tag = TAG_TYPE,
			.number = -7,
			.has_time = true,
			.time = { 1, 0 } },
		{ .data = NULL, .len = 0, .tag = TAG_PRIORITY },
		{ .data = "\xff", .len = 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_CLOSE int fd = scratch_file();
		AUTO_WRITER_FREE struct ipc_writer w;
		ipc_writer_init(&w, fd, cases[i].framing, 0);
		for (size_t n = 0; n < ARRAY_SIZE(records); n++)
			assert_int_equal(ipc_writer_put(&w, &records[n]), 0);
		holds(fd, "", 0);
		assert_int_equal(ipc_writer_flush(&w), 0);
		assert_int_equal(w.records, 3);
		assert_int_equal(w.bytes, strlen(cases[i].wanted));
		holds(fd, cases[i].wanted, strlen(cases[i].wanted));
	}
}

/* No byte that a terminal could act upon is ever in JSON, whatever the data. */
static void json_text_is_printable(void **state)
{
	(void)state;
	AUTO_CLOSE int fd = scratch_file();
	AUTO_WRITER_FREE struct ipc_writer w;
	struct ipc_record r = { .data = "\0\b\f\n\r\t\x7f\xc2\x9b\xe2\x80\xae\xf0\x9f\xbf\xbf\xef\xbf\xbf",
		.len = 19 };
	static const char wanted[] = "{\"size\":19,\"data\":\"\\u0000\\b\\f\\n\\r\\t\\u007f\\u009b\\u202e"
				     "\\ud83f\\udfff\\uffff\"}\n";

	ipc_writer_init(&w, fd, FRAMING_JSON, WRITER_ESCAPE);
	assert_int_equal(ipc_writer_put(&w, &r), 0);
	assert_int_equal(ipc_writer_flush(&w), 0);
	holds(fd, wanted, sizeof(wanted) - 1);
}

static void a_record_with_the_separator_is_noticed(void **state)
{
	(void)state;
	static const struct {
		enum framing framing;
		const char *data;
		bool ambiguous;
	} cases[] = {
		{ FRAMING_LINE, "a\n", true },
		{ FRAMING_LINE, "ab", false },
		{ FRAMING_NUL, "a\0", true },
		{ FRAMING_NUL, "a\n", false },
		{ FRAMING_NETSTRING, "a\n", false },
		{ FRAMING_JSON, "a\n", false },
		{ FRAMING_WHOLE, "a\n", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_WRITER_FREE struct ipc_writer w;
		ipc_writer_init(&w, -1, cases[i].framing, 0);
		assert_int_equal(
			ipc_writer_put(&w, &(struct ipc_record){ .data = cases[i].data, .len = 2 }), 0);
		assert_int_equal(w.ambiguous, cases[i].ambiguous);
	}
}

static void is_unwritten(struct ipc_writer *w, size_t *cursor, const char *data, int64_t number, bool torn)
{
	struct ipc_record r;
	bool is_torn;

	assert_int_equal(ipc_writer_unwritten(w, cursor, &r, &is_torn), 1);
	assert_int_equal(r.len, strlen(data));
	assert_memory_equal(r.data, data, r.len);
	assert_int_equal(r.number, number);
	assert_int_equal(r.tag, TAG_TYPE);
	assert_int_equal(is_torn, torn);
	memset((char *)(uintptr_t)r.data - BUFFER_MARGIN, 'T', BUFFER_MARGIN);
}

static void limit_files(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size == RLIM_INFINITY ? limit.rlim_max : size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A file of limited size takes the first record and a part of the second; the others come back. */
static void what_could_not_be_written_comes_back(void **state)
{
	(void)state;
	static const char *const data[] = { "first", "second\xff", "", "fourth" };

	signal(SIGXFSZ, SIG_IGN);
	for (int framing = 0; framing < FRAMING_WHOLE; framing++) {
		AUTO_CLOSE int fd = scratch_file();
		AUTO_WRITER_FREE struct ipc_writer w;
		struct ipc_record r;
		size_t cursor = 0;
		ipc_writer_init(&w, fd, (enum framing)framing, 0);
		for (int i = 0; i < 4; i++) {
			r = (struct ipc_record){
				.data = data[i], .len = strlen(data[i]), .tag = TAG_TYPE, .number = i + 1
			};
			assert_int_equal(ipc_writer_put(&w, &r), 0);
		}
		size_t room = ipc_framings[framing].detached ? 50 : 10;
		assert_int_equal(ipc_writer_pending(&w), 4);
		limit_files(room);
		int once = ipc_writer_flush(&w), again = ipc_writer_flush(&w);
		limit_files(RLIM_INFINITY);
		assert_int_equal(once, -EFBIG);
		assert_int_equal(again, -EFBIG); /* and nothing is counted twice */
		assert_int_equal(w.bytes, room);
		assert_int_equal(w.records, 1);
		assert_int_equal(ipc_writer_pending(&w), 3);
		for (int i = 1; i < 4; i++)
			is_unwritten(&w, &cursor, data[i], i + 1, i == 1);
		assert_int_equal(ipc_writer_unwritten(&w, &cursor, &r, NULL), 0);
	}
}

static void a_flush_goes_on_where_it_failed(void **state)
{
	(void)state;
	AUTO_CLOSE int fd = scratch_file();
	AUTO_CLOSE int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	AUTO_WRITER_FREE struct ipc_writer w;

	ipc_writer_init(&w, full, FRAMING_LINE, 0);
	assert_int_equal(ipc_writer_put(&w, &(struct ipc_record){ .data = "a", .len = 1 }), 0);
	assert_int_equal(ipc_writer_flush(&w), -ENOSPC);
	assert_int_equal(w.records, 0);
	w.fd = fd;
	assert_int_equal(ipc_writer_flush(&w), 0);
	assert_int_equal(w.records, 1);
	assert_int_equal(ipc_writer_pending(&w), 0);
	holds(fd, "a\n", 2);
}

/* A full buffer fails before a message is taken: reserve and put tell, and what is in stays in. */
static void failure_shows_before_a_record_is_taken(void **state)
{
	(void)state;
	AUTO_CLOSE int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	AUTO_WRITER_FREE struct ipc_writer w;
	size_t count = 0;
	char *place;
	int r;

	ipc_writer_init(&w, full, FRAMING_LINE, 0);
	while ((r = ipc_writer_put(&w, &(struct ipc_record){ .data = "x", .len = 1 })) == 0)
		count++;
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(ipc_writer_pending(&w), count);
	assert_int_equal(ipc_writer_reserve(&w, 1 << 20, &place), -ENOSPC);
	assert_int_equal(ipc_writer_pending(&w), count);
	assert_int_equal(ipc_writer_reserve(&w, SIZE_MAX / 2, &place), -EMSGSIZE);
}

static void a_terminal_gets_no_control_bytes(void **state)
{
	(void)state;
	AUTO_CLOSE int fd = scratch_file();
	AUTO_CLOSE int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	AUTO_WRITER_FREE struct ipc_writer w;
	struct ipc_record r = { .data = "\x1b[2J\ta\\b", .len = 8, .tag = TAG_TYPE, .number = 3 };
	static const char wanted[] = "\\x1b[2J\ta\\b\n";
	size_t cursor = 0;

	ipc_writer_init(&w, full, FRAMING_LINE, WRITER_ESCAPE);
	assert_int_equal(ipc_writer_put(&w, &r), 0);
	assert_int_equal(ipc_writer_put(&w, &r), -ENOSPC); /* one at a time */
	is_unwritten(&w, &cursor, "\x1b[2J\ta\\b", 3, false);
	w.fd = fd;
	assert_int_equal(ipc_writer_flush(&w), 0);
	holds(fd, wanted, sizeof(wanted) - 1);
}

static void netstrings_on_a_terminal_count_what_is_shown(void **state)
{
	(void)state;
	AUTO_CLOSE int fd = scratch_file();
	AUTO_WRITER_FREE struct ipc_writer w;

	ipc_writer_init(&w, fd, FRAMING_NETSTRING, WRITER_ESCAPE);
	assert_int_equal(ipc_writer_put(&w, &(struct ipc_record){ .data = "\x1b\x1b\x1b", .len = 3 }), 0);
	assert_int_equal(ipc_writer_flush(&w), 0);
	holds(fd, "12:\\x1b\\x1b\\x1b,", 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_every_length_pass_through_a_pipe),
		cmocka_unit_test(texts_are_as_the_framing_says),
		cmocka_unit_test(json_text_is_printable),
		cmocka_unit_test(a_record_with_the_separator_is_noticed),
		cmocka_unit_test(what_could_not_be_written_comes_back),
		cmocka_unit_test(a_flush_goes_on_where_it_failed),
		cmocka_unit_test(failure_shows_before_a_record_is_taken),
		cmocka_unit_test(a_terminal_gets_no_control_bytes),
		cmocka_unit_test(netstrings_on_a_terminal_count_what_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
