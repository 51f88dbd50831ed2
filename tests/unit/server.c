/* Who is let in, and what the observer is told. Clients are processes of the test's own. */
#include "ipc/server.h"

#include "ipc/io.h"
#include "ipc/kind.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { EVENTS_MAX = 32, GAVE_UP = 200 };

struct seen {
	struct ipc_observer observer;
	size_t len;
	enum ipc_event_type types[EVENTS_MAX];
	int results[EVENTS_MAX];
	bool known[EVENTS_MAX];
	uid_t uids[EVENTS_MAX];
	pid_t pids[EVENTS_MAX];
	uint64_t bytes[EVENTS_MAX];
	int refuse; /* what a connection is refused with */
	struct server *server;
	size_t stop_after; /* connections and denials */
	size_t clients;
};

static void take_down(struct ipc_observer *self, const struct ipc_event *event)
{
	struct seen *v = (struct seen *)self;

	assert_true(v->len < EVENTS_MAX);
	v->types[v->len] = event->type;
	v->results[v->len] = event->result;
	v->bytes[v->len] = event->bytes;
	if (event->peer) {
		v->known[v->len] = event->peer->known;
		v->uids[v->len] = event->peer->uid;
		v->pids[v->len] = event->peer->pid;
	}
	v->len++;
	if ((event->type == EVENT_CONNECT || event->type == EVENT_DENY) && ++v->clients == v->stop_after)
		server_stop(v->server);
}

static int permit(struct ipc_observer *self, const struct ipc_event *event)
{
	struct seen *v = (struct seen *)self;

	return event->type == EVENT_CONNECT ? v->refuse : 0;
}

/* The index of the n-th event of a type. */
static size_t event_of(const struct seen *v, enum ipc_event_type type, size_t n)
{
	for (size_t i = 0; i < v->len; i++)
		if (v->types[i] == type && n-- == 0)
			return i;
	fail_msg("no such event");
	return 0;
}

static size_t count_of(const struct seen *v, enum ipc_event_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < v->len; i++)
		n += v->types[i] == type;
	return n;
}

struct scene {
	struct ipc_ctx ctx;
	struct ipc_selector selector;
	struct server_options options;
	struct server_mode mode;
	struct seen seen;
	struct server server;
	char name[32];
	int begins, peak, now; /* of the mode */
	int refusals;          /* so often the mode can't begin, for want of descriptors */
};

static struct scene *scene;

static int mode_begin(struct server_client *c)
{
	if (scene->refusals > 0) {
		scene->refusals--;
		return -EMFILE;
	}
	scene->begins++;
	scene->now++;
	if (scene->now > scene->peak)
		scene->peak = scene->now;
	assert_int_equal(send(c->fd, "in", 2, MSG_NOSIGNAL), 2);
	c->sent = 2;
	c->received = 5;
	server_release(c, SERVER_CLOSE);
	return 0;
}

static void mode_end(struct server_client *c)
{
	(void)c;
	scene->now--;
}

static int make(void **state)
{
	static unsigned number;

	(void)state;
	scene = calloc(1, sizeof(*scene));
	snprintf(scene->name, sizeof(scene->name), "unit-server.%d.%u", (int)getpid(), number++);
	scene->ctx = (struct ipc_ctx){ .observer = &scene->seen.observer };
	scene->seen.observer = (struct ipc_observer){ .before = permit, .after = take_down };
	scene->seen.server = &scene->server;
	scene->selector = (struct ipc_selector){ .kind = ipc_kind_next("sock", NULL),
		.form = FORM_ABSTRACT,
		.name = scene->name,
		.name_len = strlen(scene->name) };
	scene->options = (struct server_options){ .type = SOCK_STREAM,
		.backlog = 16,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.max = 10,
		.max_per_uid = 10,
		.idle_ns = WAIT_FOREVER,
		.wait_ns = 10 * NSEC_PER_SEC };
	scene->mode = (struct server_mode){ .begin = mode_begin, .end = mode_end };
	return 0;
}

static int clear(void **state)
{
	(void)state;
	access_clear(&scene->options.rules);
	ipc_ctx_clear(&scene->ctx);
	free(scene);
	return 0;
}

/* What a client does: how many bytes came before the end. */
static int be_client(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char buf[16];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), got = 0;
	ssize_t n;

	memcpy(sun.sun_path + 1, scene->name, strlen(scene->name));
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(scene->name));
	if (connect(fd, (struct sockaddr *)&sun, len) < 0)
		return GAVE_UP;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		got += (int)n;
	return n == 0 ? got : GAVE_UP;
}

/* Serves so many clients. Returns what server_run() did; ret_got: the bytes they got, in the sum. */
static int serve(size_t clients, int *ret_got)
{
	struct ipc_selector_error error = { 0 };
	int status;

	scene->seen.stop_after = clients;
	assert_int_equal(
		server_init(&scene->server, &scene->ctx, &scene->selector, &scene->options, &scene->mode), 0);
	assert_int_equal(server_listen(&scene->server, &error), 0);
	for (size_t i = 0; i < clients; i++)
		if (fork() == 0)
			_exit(be_client());
	int r = server_run(&scene->server);
	server_clear(&scene->server);
	*ret_got = 0;
	while (wait(&status) > 0)
		*ret_got += WEXITSTATUS(status);
	return r;
}

static void add_rule(bool allow, const char *text)
{
	const char *why;

	assert_int_equal(access_add(&scene->options.rules, allow, text, &why), 0);
}

static void a_connection_is_reported_with_its_peer_and_its_bytes(void **state)
{
	int got;

	(void)state;
	assert_int_equal(serve(1, &got), 0);
	assert_int_equal(got, 2);
	const struct seen *v = &scene->seen;
	assert_int_equal(v->types[0], EVENT_CREATE);
	size_t i = event_of(v, EVENT_CONNECT, 0);
	assert_int_equal(v->results[i], 0);
	assert_true(v->known[i]);
	assert_int_equal(v->uids[i], geteuid());
	assert_true(v->pids[i] > 1);
	assert_int_equal(v->bytes[event_of(v, EVENT_SEND, 0)], 2);
	assert_int_equal(v->bytes[event_of(v, EVENT_RECEIVE, 0)], 5);
	assert_int_equal(count_of(v, EVENT_DENY), 0);
}

static void a_denial_is_reported_with_its_peer_and_the_client_gets_the_end(void **state)
{
	int got;

	(void)state;
	add_rule(false, "all");
	assert_int_equal(serve(2, &got), 0);
	assert_int_equal(got, 0);
	const struct seen *v = &scene->seen;
	assert_int_equal(count_of(v, EVENT_DENY), 2);
	assert_int_equal(count_of(v, EVENT_CONNECT), 0);
	size_t i = event_of(v, EVENT_DENY, 0);
	assert_int_equal(v->results[i], -EACCES);
	assert_true(v->known[i]);
	assert_int_equal(v->uids[i], geteuid());
	assert_int_equal(scene->begins, 0);
}

static void an_observer_that_refuses_is_heeded(void **state)
{
	int got;

	(void)state;
	scene->seen.refuse = -EROFS;
	assert_int_equal(serve(1, &got), 0);
	assert_int_equal(got, 0);
	assert_int_equal(scene->seen.results[event_of(&scene->seen, EVENT_DENY, 0)], -EROFS);
	assert_int_equal(scene->begins, 0);
}

static void more_of_one_user_than_may_be_are_refused(void **state)
{
	int got;

	(void)state;
	scene->options.max_per_uid = 0;
	assert_int_equal(serve(3, &got), 0);
	assert_int_equal(got, 0);
	assert_int_equal(count_of(&scene->seen, EVENT_DENY), 3);
}

static void who_is_in_when_something_runs_out_is_served_when_it_is_there_again(void **state)
{
	int got;

	(void)state;
	scene->refusals = 2;
	assert_int_equal(serve(3, &got), 0);
	assert_int_equal(got, 6);
	assert_int_equal(scene->begins, 3);
	assert_int_equal(count_of(&scene->seen, EVENT_CONNECT), 3); /* and nobody twice */
}

static void a_server_that_waits_in_vain_says_so(void **state)
{
	int got;

	(void)state;
	scene->options.wait_ns = NSEC_PER_MSEC;
	assert_int_equal(serve(0, &got), -ETIMEDOUT);
}

static void once_is_one_client(void **state)
{
	int got;

	(void)state;
	scene->options.once = true;
	assert_int_equal(serve(1, &got), 0);
	assert_int_equal(got, 2);
	assert_int_equal(scene->server.clients_served, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_connection_is_reported_with_its_peer_and_its_bytes),
		TEST(a_denial_is_reported_with_its_peer_and_the_client_gets_the_end),
		TEST(an_observer_that_refuses_is_heeded),
		TEST(more_of_one_user_than_may_be_are_refused),
		TEST(who_is_in_when_something_runs_out_is_served_when_it_is_there_again),
		TEST(a_server_that_waits_in_vain_says_so),
		TEST(once_is_one_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
