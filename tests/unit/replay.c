#include "ipc/replay.h"

#include "ipc/flow.h"
#include "ipc/io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int client, server;
static struct recording recorded;
static struct replay r;

/* Words that begin with '>' were sent by the client, others by the server; a lone sign is the end. */
static void record(int type, const char *const *steps)
{
	char line[256];
	const char *text;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, type, 0, fds), 0);
	client = fds[0];
	server = fds[1];
	for (; *steps; steps++) {
		const char *from = **steps == '>' ? "client" : "server";
		int n = (*steps)[1]
			? snprintf(line, sizeof(line),
				  "{\"connection\":1,\"event\":\"data\",\"from\":\"%s\",\"data\":\"%s\"}",
				  from, *steps + 1)
			: snprintf(line, sizeof(line), "{\"connection\":1,\"event\":\"end\",\"from\":\"%s\"}",
				  from);
		assert_int_equal(recording_add(&recorded, line, (size_t)n, &text), 0);
	}
	replay_init(&r, server, type == SOCK_SEQPACKET, &recorded.v[0]);
}

static int tear_down(void **state)
{
	(void)state;
	recording_clear(&recorded);
	close(client);
	close(server);
	return 0;
}

static void say(const char *text)
{
	assert_int_equal(send(client, text, strlen(text), 0), strlen(text));
}

/* What has come from the server: text, or "" for nothing yet, or NULL for its end. */
static void hears(const char *want)
{
	char got[64];
	ssize_t n = recv(client, got, sizeof(got) - 1, MSG_DONTWAIT);

	if (!want) {
		assert_int_equal(n, 0);
		return;
	}
	got[n > 0 ? n : 0] = '\0';
	assert_true(n != 0);
	assert_string_equal(got, want);
}

static void answers_come_when_the_client_has_said_as_much(void **state)
{
	(void)state;
	record(SOCK_STREAM,
		(const char *const[]){ "<hello", ">PING", "<PONG", ">QU", ">IT", "<bye", "<", ">", NULL });
	assert_int_equal(replay_step(&r), FLOW_WANTS_IN);
	hears("hello");
	say("PI");
	assert_int_equal(replay_step(&r), FLOW_WANTS_IN);
	hears("");
	say("NGQUI");
	assert_int_equal(replay_step(&r), FLOW_WANTS_IN);
	hears("PONG");
	say("T");
	assert_int_equal(replay_step(&r), FLOW_WANTS_IN);
	hears("bye");
	hears(NULL);
	shutdown(client, SHUT_WR);
	assert_int_equal(replay_step(&r), FLOW_ENDED);
	assert_false(r.different || r.more || r.short_of);
	assert_int_equal(r.received, 8);
}

static void another_client_is_noticed_and_served(void **state)
{
	(void)state;
	record(SOCK_STREAM, (const char *const[]){ ">PING", "<PONG", ">", NULL });
	say("PUNG?");
	assert_int_equal(replay_step(&r), FLOW_WANTS_IN);
	hears("PONG");
	assert_true(r.different && r.more);
	assert_int_equal(r.differs, 1);
	shutdown(client, SHUT_WR);
	assert_int_equal(replay_step(&r), FLOW_ENDED);
}

static void a_client_that_ends_early_hears_the_rest(void **state)
{
	(void)state;
	record(SOCK_STREAM, (const char *const[]){ ">PING", "<PONG", ">MORE", "<done", NULL });
	say("PING");
	shutdown(client, SHUT_WR);
	assert_int_equal(replay_step(&r), FLOW_ENDED);
	hears("PONGdone");
	assert_true(r.short_of);
	assert_false(r.different);
}

static void messages_are_steps(void **state)
{
	(void)state;
	record(SOCK_SEQPACKET, (const char *const[]){ ">one", "<1", "<2", ">two", "<3", NULL });
	say("one");
	assert_int_equal(replay_step(&r), FLOW_WANTS_IN);
	hears("1");
	hears("2");
	assert_false(r.different);
	say("twoo");
	assert_int_equal(replay_step(&r), FLOW_ENDED);
	hears("3");
	assert_true(r.different);
	assert_int_equal(r.differs, 6);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_come_when_the_client_has_said_as_much),
		TEST(another_client_is_noticed_and_served),
		TEST(a_client_that_ends_early_hears_the_rest),
		TEST(messages_are_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
