#include "ipc/dgram.h"

#include "ipc/io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static int server, client, other;
static struct sockaddr_un server_address;
static socklen_t server_len;

/* An abstract name of this test's own, given by the kernel (autobind). */
static int bound(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa.sun_family)), 0);
	return fd;
}

static int set_up(void **state)
{
	(void)state;
	server = bound();
	client = bound();
	other = bound();
	server_len = sizeof(server_address);
	getsockname(server, (struct sockaddr *)&server_address, &server_len);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(server);
	close(client);
	close(other);
	return 0;
}

static ssize_t say(int fd, const char *data, size_t len)
{
	return sendto(fd, data, len, MSG_DONTWAIT, (struct sockaddr *)&server_address, server_len);
}

static void each_has_its_sender(void **state)
{
	(void)state;
	struct dgram_socket s;
	struct dgram d;
	struct peer p;
	AUTO_CLOSE int nameless = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(dgram_init(&s, server), 0);
	assert_int_equal(dgram_receive(&s, NULL, &d), -EAGAIN);
	assert_int_equal(say(client, "a", 1), 1);
	assert_int_equal(dgram_receive(&s, NULL, &d), 1);
	assert_true(dgram_can_answer(&d.info));
	dgram_peer(&d.info, &p);
	assert_true(p.who.ids_known && p.who.groups_lost && !p.who.ids_lost);
	assert_int_equal(p.who.uid, getuid());
	assert_int_equal(p.pid, getpid());
	assert_int_equal(say(nameless, "bc", 2), 2);
	assert_int_equal(say(nameless, "", 0), 0);
	assert_int_equal(dgram_receive(&s, NULL, &d), 1);
	assert_int_equal(d.len, 2);
	assert_false(dgram_can_answer(&d.info));
	assert_int_equal(dgram_receive(&s, NULL, &d), 1);
	assert_int_equal(d.len, 0);
	d.info.has_sender = false;
	dgram_peer(&d.info, &p);
	assert_true(p.who.ids_lost && !p.who.ids_known);
	dgram_clear(&s);
}

static void a_large_one_is_whole(void **state)
{
	(void)state;
	enum { BIG = 200000 };
	static char big[BIG];
	struct dgram_socket s;
	struct dgram d;

	memset(big, 'x', BIG);
	assert_int_equal(dgram_init(&s, server), 0);
	assert_int_equal(say(client, big, BIG), BIG);
	assert_int_equal(dgram_receive(&s, NULL, &d), 1);
	assert_int_equal(d.len, BIG);
	assert_memory_equal(d.data, big, BIG);
	dgram_clear(&s);
}

/* One that reads nothing: its answers wait, another's don't, and all come in order. */
static void answers_wait_for_who_does_not_read(void **state)
{
	(void)state;
	enum { MANY = 200 };
	struct dgram_socket s;
	struct dgram d = { 0 }, quick = { 0 };
	char text[16], got[16];

	assert_int_equal(dgram_init(&s, server), 0);
	assert_int_equal(say(client, "?", 1), 1);
	assert_int_equal(say(other, "?", 1), 1);
	assert_int_equal(dgram_receive(&s, NULL, &d), 1);
	assert_int_equal(dgram_receive(&s, NULL, &quick), 1);
	for (int i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_int_equal(dgram_answer(&s, &d.info, text, strlen(text)), 0);
	}
	assert_true(s.waiting > 0 && s.answered + s.waiting == MANY);
	size_t waiting = s.waiting;
	assert_int_equal(dgram_answer(&s, &quick.info, "now", 3), 0);
	assert_int_equal(s.waiting, waiting);
	assert_int_equal(recv(other, got, sizeof(got), MSG_DONTWAIT), 3);
	for (int i = 0; i < MANY; i++) {
		if (i % 7 == 0)
			dgram_retry(&s);
		ssize_t n = recv(client, got, sizeof(got) - 1, MSG_DONTWAIT);
		if (n < 0) {
			dgram_retry(&s);
			n = recv(client, got, sizeof(got) - 1, MSG_DONTWAIT);
		}
		assert_true(n > 0);
		got[n] = '\0';
		snprintf(text, sizeof(text), "%d", i);
		assert_string_equal(got, text);
	}
	assert_int_equal(s.waiting, 0);
	assert_int_equal(s.answered, MANY + 1);
	dgram_clear(&s);
}

static void what_waits_is_bounded(void **state)
{
	(void)state;
	static char big[100000];
	struct dgram_socket s;
	struct dgram d;
	int r = 0, n = 0;

	assert_int_equal(dgram_init(&s, server), 0);
	assert_int_equal(say(client, "?", 1), 1);
	assert_int_equal(dgram_receive(&s, NULL, &d), 1);
	for (; r == 0 && n < 10000; n++)
		r = dgram_answer(&s, &d.info, big, sizeof(big));
	assert_int_equal(r, -ENOBUFS);
	assert_true(s.waiting * sizeof(big) <= 8 << 20);
	close(client);
	client = -1;
	dgram_retry(&s);
	assert_int_equal(s.waiting, 0);
	assert_true(s.unanswered > 0);
	assert_int_equal(dgram_answer(&s, &d.info, "x", 1), -ECONNREFUSED);
	dgram_clear(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_has_its_sender),
		TEST(a_large_one_is_whole),
		TEST(answers_wait_for_who_does_not_read),
		TEST(what_waits_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
