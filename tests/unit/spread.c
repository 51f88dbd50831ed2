#include "ipc/spread.h"

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

enum { SINKS_MAX = 4, SIZE = 1 << 20 };

struct reader {
	int fd; /* -1: it has ended, or reads no more */
	bool gave_up;
	size_t len;
	char data[SIZE];
};

static char sent[SIZE];
static struct reader readers[SINKS_MAX];

/* Reads some of it; at times it gives up. */
static void take_some(struct reader *r)
{
	if (r->fd < 0)
		return;
	if (rand() % 200 == 0) {
		r->gave_up = true;
		ipc_close(&r->fd);
		return;
	}
	size_t room = SIZE - r->len, some = 1 + (size_t)rand() % 90000;
	char more;
	ssize_t n = room ? read(r->fd, r->data + r->len, some < room ? some : room) : read(r->fd, &more, 1);
	if (n < 0)
		assert_int_equal(errno, EAGAIN);
	else if (n == 0)
		ipc_close(&r->fd);
	else
		r->len += room ? (size_t)n : SIZE; /* more than was sent */
}

static void spread_once(unsigned seed)
{
	struct spread s;
	struct pollfd fds[SINKS_MAX + 1];
	int source[2], out[SINKS_MAX], pair[2];
	size_t count, len = 0;

	srand(seed);
	count = 1 + (size_t)rand() % SINKS_MAX;
	assert_int_equal(pipe2(source, O_NONBLOCK | O_CLOEXEC), 0);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(pipe2(pair, O_NONBLOCK | O_CLOEXEC), 0);
		fcntl(pair[0], F_SETPIPE_SZ, 4096 << rand() % 6); /* of all sizes */
		readers[i].fd = pair[0];
		readers[i].len = 0;
		readers[i].gave_up = false;
		out[i] = pair[1];
	}
	assert_int_equal(spread_init(&s, source[0], out, count), 0);
	if (rand() % 3 == 0)
		fcntl(s.sinks[(size_t)rand() % count].stage[1], F_SETPIPE_SZ,
			4096); /* the kernel refused more: it gets less at once */
	if (rand() % 3 == 0)
		s.refused = true;
	while (s.waits != SPREAD_ENDED) {
		size_t left = SIZE - len, some = (size_t)rand() % 100000;
		ssize_t n = source[1] < 0 ? 0 : write(source[1], sent + len, some < left ? some : left);
		len += n > 0 ? (size_t)n : 0;
		if (len == SIZE || (n < 0 && errno == EPIPE))
			ipc_close(&source[1]);
		poll(fds, spread_poll(&s, fds), 0);
		assert_true(spread_step(&s, fds) >= 0);
		for (size_t i = 0; i < count; i++)
			if (rand() % 2)
				take_some(&readers[i]);
	}
	for (size_t i = 0; i < count; i++) {
		while (readers[i].fd >= 0)
			take_some(&readers[i]);
		assert_memory_equal(readers[i].data, sent, readers[i].len);
		if (!readers[i].gave_up)
			assert_int_equal(readers[i].len, SIZE);
	}
	ipc_close(&source[1]);
	spread_clear(&s);
}

static void each_gets_every_byte_whoever_is_slow_or_gives_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		sent[i] = (char)(i * 31 >> 4 ^ i >> 12);
	for (unsigned seed = 0; seed < 150; seed++)
		spread_once(seed);
}

static void the_source_hears_that_nobody_reads(void **state)
{
	(void)state;
	struct spread s;
	struct pollfd fds[2];
	int source[2], sink[2];

	assert_int_equal(pipe2(source, O_CLOEXEC), 0);
	assert_int_equal(pipe2(sink, O_CLOEXEC), 0);
	assert_int_equal(spread_init(&s, source[0], &sink[1], 1), 0);
	close(sink[0]);
	assert_int_equal(poll(fds, spread_poll(&s, fds), 0), 1); /* also while nothing has come */
	assert_int_equal(spread_step(&s, fds), 0);
	assert_int_equal(s.waits, SPREAD_ENDED);
	assert_int_equal(write(source[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	spread_clear(&s);
	close(source[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_gets_every_byte_whoever_is_slow_or_gives_up),
		cmocka_unit_test(the_source_hears_that_nobody_reads),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
