#include "ipc/linemerge.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { INPUTS = 3, TEXT_MAX = 1 << 20, LINE_MAX_LEN = 200000 };

struct source {
	char letter;
	char *text; /* lines of the letter alone; the last one may lack its end */
	size_t len, sent;
	int fd;
	size_t seen; /* bytes of text that came out again */
};

static void make_text(struct source *s, char end)
{
	size_t want = (size_t)(rand() % TEXT_MAX);

	s->text = malloc(TEXT_MAX + LINE_MAX_LEN + 2);
	assert_non_null(s->text);
	while (s->len < want) {
		size_t most = rand() % 4 ? 300 : LINE_MAX_LEN, len = (size_t)rand() % most;
		memset(s->text + s->len, s->letter, len + 1); /* none is empty: it would be nobody's */
		s->len += len + 1;
		s->text[s->len++] = end;
	}
	if (s->len > 0 && rand() % 2)
		s->len--;
}

/* Writes some more of it; closes the pipe at the end. */
static void feed(struct source *s)
{
	size_t left = s->len - s->sent, some = (size_t)rand() % 100000;

	if (s->fd < 0)
		return;
	ssize_t n = write(s->fd, s->text + s->sent, some < left ? some : left);
	if (n < 0)
		assert_int_equal(errno, EAGAIN);
	else
		s->sent += (size_t)n;
	if (s->sent == s->len)
		ipc_close(&s->fd);
}

/* What came out is that of whose letter it begins with, to the end of a line, and nothing else. */
static void check(struct source *sources, const char *out, size_t len, char end)
{
	while (len > 0) {
		struct source *s = sources;
		while (s < sources + INPUTS && s->letter != *out)
			s++;
		assert_true(s < sources + INPUTS);
		const char *stop = memchr(out, end, len);
		assert_non_null(stop);
		size_t line = (size_t)(stop - out);
		assert_true(s->seen + line <= s->len);
		assert_memory_equal(out, s->text + s->seen, line);
		s->seen += line + 1;
		out += line + 1;
		len -= line + 1;
	}
	for (struct source *s = sources; s < sources + INPUTS; s++)
		assert_int_equal(s->seen, s->len + (s->len > 0 && s->text[s->len - 1] != end));
}

static void merge_once(unsigned seed, char end)
{
	struct source sources[INPUTS] = { 0 };
	struct linemerge m;
	struct pollfd fds[INPUTS + 1];
	int in[INPUTS], pair[2];
	static char out[INPUTS * (TEXT_MAX + LINE_MAX_LEN + 2)];
	size_t len = 0;

	srand(seed);
	for (int i = 0; i < INPUTS; i++) {
		assert_int_equal(pipe2(pair, O_NONBLOCK | O_CLOEXEC), 0);
		in[i] = pair[0];
		sources[i].fd = pair[1];
		sources[i].letter = (char)('a' + i);
		make_text(&sources[i], end);
	}
	assert_int_equal(pipe2(pair, O_NONBLOCK | O_CLOEXEC), 0);
	assert_int_equal(linemerge_init(&m, in, INPUTS, pair[1], end), 0);
	while (m.waits != LINEMERGE_ENDED) {
		feed(&sources[rand() % INPUTS]);
		poll(fds, linemerge_poll(&m, fds), 0);
		assert_true(linemerge_step(&m, fds) >= 0);
		ssize_t n = rand() % 3 ? read(pair[0], out + len, 1 + (size_t)rand() % 70000) : 0;
		len += n > 0 ? (size_t)n : 0;
	}
	len += (size_t)ipc_read_full(pair[0], out + len, sizeof(out) - len);
	check(sources, out, len, end);
	assert_int_equal(m.bytes, len);
	linemerge_clear(&m);
	close(pair[0]);
	for (int i = 0; i < INPUTS; i++)
		free(sources[i].text);
}

static void lines_are_whole_and_in_order_whatever_comes_when(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 40; seed++)
		merge_once(seed, seed % 4 ? '\n' : '\0');
}

static void it_ends_when_nobody_reads(void **state)
{
	(void)state;
	struct linemerge m;
	struct pollfd fds[2];
	int source[2], sink[2];

	assert_int_equal(pipe2(source, O_CLOEXEC), 0);
	assert_int_equal(pipe2(sink, O_CLOEXEC), 0);
	assert_int_equal(linemerge_init(&m, &source[0], 1, sink[1], '\n'), 0);
	close(sink[0]);
	assert_int_equal(poll(fds, linemerge_poll(&m, fds), 0), 1); /* also while nothing has come */
	assert_int_equal(linemerge_step(&m, fds), 0);
	assert_int_equal(m.waits, LINEMERGE_ENDED);
	assert_int_equal(write(source[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	linemerge_clear(&m);
	close(source[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_whole_and_in_order_whatever_comes_when),
		cmocka_unit_test(it_ends_when_nobody_reads),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
