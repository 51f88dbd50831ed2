#include "ipc/fanout.h"

#include "ipc/io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { LINE = 100, MANY = 20000 };

struct client {
	struct fanout_subscriber s;
	int fd; /* its own end */
};

static void connect_client(struct client *c, struct fanout *f, int type)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, type, 0, fds), 0);
	c->fd = fds[1];
	fanout_join(f, &c->s, fds[0], type == SOCK_SEQPACKET);
}

static void disconnect(struct client *c, struct fanout *f)
{
	fanout_leave(f, &c->s);
	close(c->s.fd);
	close(c->fd);
}

static const char *line(char text[LINE + 1], unsigned n)
{
	snprintf(text, LINE + 1, "%08u %090u\n", n, n);
	return text;
}

static int put_line(struct fanout *f, unsigned n)
{
	char text[LINE + 1];

	return fanout_put(f, line(text, n), LINE);
}

/* Reads what is there, adds it to text and returns the new length. */
static size_t drain(struct client *c, char *text, size_t len)
{
	ssize_t n;

	while ((n = recv(c->fd, text + len, 65536, MSG_DONTWAIT)) > 0)
		len += (size_t)n;
	c->s.blocked = false;
	return len;
}

/* Every line of a text is whole, and their numbers rise. Returns how many there are. */
static unsigned check_lines(const char *text, size_t len, unsigned *ret_last)
{
	char want[LINE + 1];
	unsigned last = 0, count = 0, n;

	assert_int_equal(len % LINE, 0);
	for (size_t at = 0; at < len; at += LINE, count++) {
		assert_int_equal(sscanf(text + at, "%8u", &n), 1);
		assert_memory_equal(text + at, line(want, n), LINE);
		assert_true(count == 0 || n > last);
		last = n;
	}
	if (ret_last)
		*ret_last = last;
	return count;
}

static char text[MANY * LINE + 65536];

static void everybody_gets_all_that_was_put_since_it_came(void **state)
{
	(void)state;
	struct client a, b;
	AUTO_FANOUT struct fanout f;

	fanout_init(&f, FANOUT_DROP, 4096);
	assert_int_equal(put_line(&f, 1), 0);
	assert_int_equal(f.unheard, 1);
	connect_client(&a, &f, SOCK_STREAM);
	assert_int_equal(put_line(&f, 2), 0);
	connect_client(&b, &f, SOCK_STREAM);
	assert_int_equal(put_line(&f, 3), 0);
	assert_int_equal(fanout_send(&f, &a.s), 0);
	assert_int_equal(fanout_send(&f, &b.s), 0);
	assert_true(fanout_is_done(&f, &a.s) && fanout_is_done(&f, &b.s));
	assert_int_equal(check_lines(text, drain(&a, text, 0), NULL), 2);
	assert_int_equal(check_lines(text, drain(&b, text, 0), NULL), 1);
	assert_int_equal(a.s.pieces, 2);
	assert_int_equal(b.s.bytes, LINE);
	disconnect(&a, &f);
	disconnect(&b, &f);
	assert_int_equal(put_line(&f, 4), 0);
	assert_int_equal(f.held, 0);
}

/* One that reads nothing misses records, and not a half one; another that reads has them all. */
static void dropping_tears_no_record_and_counts(void **state)
{
	(void)state;
	struct client idle, busy;
	AUTO_FANOUT struct fanout f;
	size_t len = 0;
	unsigned last;

	fanout_init(&f, FANOUT_DROP, 64 * 1024);
	connect_client(&idle, &f, SOCK_STREAM);
	connect_client(&busy, &f, SOCK_STREAM);
	/* A part of a record: so does a reader that stops in the middle. */
	setsockopt(idle.s.fd, SOL_SOCKET, SO_SNDBUF, &(int){ 4096 }, sizeof(int));
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(put_line(&f, i), 0);
		assert_true(f.held <= f.limit);
		assert_int_equal(fanout_send(&f, &idle.s), 0);
		assert_int_equal(fanout_send(&f, &busy.s), 0);
		len = drain(&busy, text, len);
	}
	assert_int_equal(check_lines(text, len, NULL), MANY);
	assert_int_equal(busy.s.dropped, 0);
	assert_true(idle.s.blocked);
	for (len = 0; !fanout_is_done(&f, &idle.s);) {
		len = drain(&idle, text, len);
		assert_int_equal(fanout_send(&f, &idle.s), 0);
	}
	len = drain(&idle, text, len);
	assert_int_equal(check_lines(text, len, &last), MANY - idle.s.dropped);
	assert_int_equal(last, MANY - 1);
	assert_int_equal(idle.s.pieces + idle.s.dropped, MANY);
	assert_true(idle.s.dropped > MANY / 2);
	disconnect(&idle, &f);
	disconnect(&busy, &f);
}

/* A record far over what a socket takes at once: it leaves the window half sent, and is finished. */
static void a_half_record_outlives_the_window(void **state)
{
	(void)state;
	enum { BIG = 1 << 20 };
	static char big[BIG], got[2 * BIG + 65536];
	struct client c;
	AUTO_FANOUT struct fanout f;
	size_t len = 0;

	fanout_init(&f, FANOUT_DROP, BIG);
	connect_client(&c, &f, SOCK_STREAM);
	for (int i = 0; i < 4; i++) {
		memset(big, 'a' + i, BIG);
		assert_int_equal(fanout_put(&f, big, BIG), 0);
		assert_int_equal(fanout_send(&f, &c.s), 0);
	}
	while (!fanout_is_done(&f, &c.s)) {
		len = drain(&c, got, len);
		assert_int_equal(fanout_send(&f, &c.s), 0);
	}
	len = drain(&c, got, len);
	assert_int_equal(len, 2 * BIG);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(got[i], i < BIG ? 'a' : 'd');
	assert_int_equal(c.s.dropped, 2);
	disconnect(&c, &f);
}

static void blocking_waits_for_the_slowest_and_for_somebody(void **state)
{
	(void)state;
	struct client slow, fast;
	AUTO_FANOUT struct fanout f;
	size_t len = 0;
	unsigned n = 0;

	fanout_init(&f, FANOUT_BLOCK, 32 * 1024);
	assert_int_equal(put_line(&f, 0), -EAGAIN);
	connect_client(&slow, &f, SOCK_STREAM);
	connect_client(&fast, &f, SOCK_STREAM);
	for (bool full = false; n < MANY; full = false) {
		while (n < MANY && !full) {
			int r = put_line(&f, n);
			full = r == -EAGAIN;
			n += r == 0;
			assert_int_equal(fanout_send(&f, &fast.s), 0);
			assert_int_equal(fanout_send(&f, &slow.s), 0);
			drain(&fast, text, len);
		}
		assert_true(n == MANY || !fanout_has_room(&f, LINE));
		len = drain(&slow, text, len);
		assert_int_equal(fanout_send(&f, &slow.s), 0);
	}
	while (!fanout_is_done(&f, &slow.s)) {
		len = drain(&slow, text, len);
		assert_int_equal(fanout_send(&f, &slow.s), 0);
	}
	len = drain(&slow, text, len);
	assert_int_equal(check_lines(text, len, NULL), MANY);
	assert_int_equal(slow.s.dropped, 0);
	disconnect(&slow, &f);
	disconnect(&fast, &f);
}

static void closing_gives_up_who_is_a_window_behind(void **state)
{
	(void)state;
	struct client idle, busy;
	AUTO_FANOUT struct fanout f;
	int r = 0;
	unsigned n = 0;

	fanout_init(&f, FANOUT_CLOSE, 16 * 1024);
	connect_client(&idle, &f, SOCK_STREAM);
	connect_client(&busy, &f, SOCK_STREAM);
	for (; r == 0 && n < MANY; n++) {
		assert_int_equal(put_line(&f, n), 0);
		assert_int_equal(fanout_send(&f, &busy.s), 0);
		drain(&busy, text, 0);
		r = fanout_send(&f, &idle.s);
	}
	assert_int_equal(r, -EOVERFLOW);
	disconnect(&idle, &f);
	assert_int_equal(put_line(&f, n), 0);
	assert_int_equal(fanout_send(&f, &busy.s), 0);
	assert_int_equal(busy.s.pieces, n + 1);
	disconnect(&busy, &f);
}

static void messages_keep_their_boundaries(void **state)
{
	(void)state;
	struct client c;
	AUTO_FANOUT struct fanout f;
	char got[16];

	fanout_init(&f, FANOUT_DROP, 4096);
	connect_client(&c, &f, SOCK_SEQPACKET);
	assert_int_equal(fanout_put(&f, "one", 3), 0);
	assert_int_equal(fanout_put(&f, "", 0), 0);
	assert_int_equal(fanout_put(&f, "three", 5), 0);
	assert_int_equal(fanout_send(&f, &c.s), 0);
	assert_int_equal(recv(c.fd, got, sizeof(got), 0), 3);
	assert_int_equal(recv(c.fd, got, sizeof(got), 0), 0);
	assert_int_equal(recv(c.fd, got, sizeof(got), 0), 5);
	disconnect(&c, &f);
}

static void a_piece_over_the_limit_is_refused_and_small_ones_are_bounded(void **state)
{
	(void)state;
	struct client c;
	AUTO_FANOUT struct fanout f;

	fanout_init(&f, FANOUT_DROP, 4096);
	connect_client(&c, &f, SOCK_STREAM);
	assert_int_equal(fanout_put(&f, text, 4097), -EMSGSIZE);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(fanout_put(&f, "", 0), 0);
	assert_true(f.next - f.first < 4096);
	struct client late;
	connect_client(&late, &f, SOCK_STREAM);
	late.s.next = 0; /* as if it had been there, and blocked, from the start */
	uint64_t missed = f.first;
	fanout_leave(&f, &late.s);
	assert_int_equal(late.s.dropped, missed);
	close(late.s.fd);
	close(late.fd);
	assert_int_equal(fanout_send(&f, &c.s), 0);
	close(c.fd);
	assert_int_equal(fanout_put(&f, "x", 1), 0);
	int r = 0;
	while (r == 0 && !fanout_is_done(&f, &c.s))
		r = fanout_send(&f, &c.s);
	assert_int_equal(r, -EPIPE);
	fanout_leave(&f, &c.s);
	fanout_leave(&f, &c.s);
	close(c.s.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_gets_all_that_was_put_since_it_came),
		cmocka_unit_test(dropping_tears_no_record_and_counts),
		cmocka_unit_test(a_half_record_outlives_the_window),
		cmocka_unit_test(blocking_waits_for_the_slowest_and_for_somebody),
		cmocka_unit_test(closing_gives_up_who_is_a_window_behind),
		cmocka_unit_test(messages_keep_their_boundaries),
		cmocka_unit_test(a_piece_over_the_limit_is_refused_and_small_ones_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
