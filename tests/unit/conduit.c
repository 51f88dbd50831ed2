#include "ipc/conduit.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* client: ours; relay: the two in the middle; server: ours */
static int client, relay[2], server;

static int set_up(int type)
{
	int left[2], right[2];

	if (socketpair(AF_UNIX, type, 0, left) < 0 || socketpair(AF_UNIX, type, 0, right) < 0)
		return -1;
	client = left[0];
	relay[0] = left[1];
	relay[1] = right[0];
	server = right[1];
	return 0;
}

static int set_up_stream(void **state)
{
	(void)state;
	return set_up(SOCK_STREAM);
}

static int set_up_messages(void **state)
{
	(void)state;
	return set_up(SOCK_SEQPACKET);
}

static int tear_down(void **state)
{
	(void)state;
	close(client);
	close(relay[0]);
	close(relay[1]);
	close(server);
	return 0;
}

static int append(struct conduit *c, const char *data, size_t len, size_t fds, void *arg)
{
	(void)c;
	(void)fds;
	strncat(arg, data, len);
	strcat(arg, "|");
	return 0;
}

static int refuse(struct conduit *c, const char *data, size_t len, size_t fds, void *arg)
{
	(void)c;
	(void)data;
	(void)len;
	(void)fds;
	(void)arg;
	return -ENOSPC;
}

static void messages_pass_one_by_one_and_are_seen(void **state)
{
	(void)state;
	AUTO_CONDUIT struct conduit c = CONDUIT_NONE;
	char seen[64] = "", buf[16];

	conduit_init(&c, relay[0], relay[1], CONDUIT_MESSAGES, append, seen);
	assert_int_equal(conduit_step(&c), FLOW_WANTS_IN);
	assert_int_equal(send(client, "one", 3, 0), 3);
	assert_int_equal(send(client, "", 0, 0), 0);
	assert_int_equal(send(client, "two", 3, 0), 3);
	assert_int_equal(conduit_step(&c), FLOW_WANTS_IN);
	assert_int_equal(c.count, 3);
	shutdown(client, SHUT_WR);
	assert_int_equal(conduit_step(&c), FLOW_ENDED);
	assert_string_equal(seen, "one||two|");
	assert_int_equal(recv(server, buf, sizeof(buf), MSG_DONTWAIT), 3);
	assert_int_equal(recv(server, buf, sizeof(buf), MSG_DONTWAIT), 0);
	assert_int_equal(recv(server, buf, sizeof(buf), MSG_DONTWAIT), 3);
	assert_int_equal(recv(server, buf, sizeof(buf), MSG_DONTWAIT), -1);
}

static void a_large_message_is_not_cut(void **state)
{
	(void)state;
	enum { BIG = 300000 };
	static char big[BIG], got[BIG + 1];
	AUTO_CONDUIT struct conduit c = CONDUIT_NONE;

	memset(big, 'x', BIG);
	conduit_init(&c, relay[0], relay[1], CONDUIT_MESSAGES, NULL, NULL);
	assert_int_equal(fdpass_send(client, big, BIG, 0, NULL, NULL, 0), BIG);
	assert_int_equal(conduit_step(&c), FLOW_WANTS_IN);
	assert_int_equal(recv(server, got, sizeof(got), MSG_DONTWAIT), BIG);
	assert_memory_equal(big, got, BIG);
}

/* The reader stops: bytes wait in the conduit, in order, and nothing is lost. */
static void bytes_wait_for_the_reader(void **state)
{
	(void)state;
	enum { SIZE = 4 << 20 };
	static char sent[SIZE], got[SIZE + 70000];
	AUTO_CONDUIT struct conduit c = CONDUIT_NONE;
	size_t out = 0, in = 0;
	int r = 0;

	for (size_t i = 0; i < SIZE; i++)
		sent[i] = (char)(i * 31 >> 5);
	conduit_init(&c, relay[0], relay[1], 0, NULL, NULL);
	while (in < SIZE) {
		ssize_t n = out < SIZE ? send(client, sent + out, SIZE - out, MSG_DONTWAIT) : 0;
		out += n > 0 ? (size_t)n : 0;
		if (out == SIZE)
			shutdown(client, SHUT_WR);
		while ((r = conduit_step(&c)) == 0)
			;
		assert_true(r > 0);
		n = recv(server, got + in, 1 + in % 70000, MSG_DONTWAIT);
		in += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(conduit_step(&c), FLOW_ENDED);
	assert_int_equal(c.moved, SIZE);
	assert_memory_equal(sent, got, SIZE);
}

static void descriptors_pass_only_when_asked_for(void **state)
{
	(void)state;
	AUTO_FDPASS struct fdpass p = { .len = 1, .fds = { open("/dev/null", O_RDONLY | O_CLOEXEC) } };
	AUTO_FDPASS struct fdpass got = { .len = 0 };
	char buf[16];

	for (unsigned flags = 0; flags <= CONDUIT_FDS; flags += CONDUIT_FDS) {
		AUTO_CONDUIT struct conduit c = CONDUIT_NONE;
		conduit_init(&c, relay[0], relay[1], flags, NULL, NULL);
		assert_int_equal(fdpass_send(client, "x", 1, 0, &p, NULL, 0), 1);
		assert_int_equal(conduit_step(&c), FLOW_WANTS_IN);
		assert_int_equal(fdpass_recv(server, buf, sizeof(buf), MSG_DONTWAIT, &got, NULL), 1);
		assert_int_equal(got.len, flags & CONDUIT_FDS ? 1 : 0);
	}
}

static void what_the_tap_refuses_is_not_sent(void **state)
{
	(void)state;
	AUTO_CONDUIT struct conduit c = CONDUIT_NONE;
	char byte;

	conduit_init(&c, relay[0], relay[1], 0, refuse, NULL);
	assert_int_equal(send(client, "x", 1, 0), 1);
	assert_int_equal(conduit_step(&c), -ENOSPC);
	assert_int_equal(recv(server, &byte, 1, MSG_DONTWAIT), -1);
}

static void a_reader_that_has_gone_is_told(void **state)
{
	(void)state;
	AUTO_CONDUIT struct conduit c = CONDUIT_NONE;

	conduit_init(&c, relay[0], relay[1], 0, NULL, NULL);
	shutdown(server, SHUT_RD);
	assert_int_equal(send(client, "x", 1, 0), 1);
	assert_int_equal(conduit_step(&c), -EPIPE);
}

#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_pass_one_by_one_and_are_seen, set_up_messages),
		TEST(a_large_message_is_not_cut, set_up_messages),
		TEST(bytes_wait_for_the_reader, set_up_stream),
		TEST(descriptors_pass_only_when_asked_for, set_up_stream),
		TEST(what_the_tap_refuses_is_not_sent, set_up_stream),
		TEST(a_reader_that_has_gone_is_told, set_up_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
