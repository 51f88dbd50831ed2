#include "ipc/scene.h"

#include "ipc/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct ipc_object object(const char *class, enum ipc_form form, int64_t number)
{
	return (struct ipc_object){
		.selector = { .kind = ipc_kind_next(class, NULL), .form = form, .number = number }
	};
}

static void add_holder(struct ipc_object *o, pid_t pid, const char *how)
{
	o->holders = reallocarray(o->holders, o->holders_len + 1, sizeof(*o->holders));
	assert_non_null(o->holders);
	struct ipc_holder *h = &o->holders[o->holders_len++];
	*h = (struct ipc_holder){ .pid = pid, .command = strdup("x") };
	h->reads = strcmp(how, "read") == 0;
	h->writes = strcmp(how, "write") == 0;
	snprintf(h->how, sizeof(h->how), "%s", how);
}

static void add(struct scene *s, struct ipc_object o, struct ipc_links links, enum scene_choice choice)
{
	assert_int_equal(scene_add(s, &o, links.self ? &links : NULL, choice), 0);
	assert_null(o.holders);
}

static struct ipc_object sock(int64_t ino, pid_t pid, const char *how)
{
	struct ipc_object o = object("sock", FORM_INO, ino);

	if (pid)
		add_holder(&o, pid, how);
	return o;
}

static struct ipc_object named(const char *name, pid_t pid)
{
	struct ipc_object o = object("sock", FORM_ABSTRACT, 0);

	o.selector.name = strdup(name);
	o.selector.name_len = strlen(name);
	add_holder(&o, pid, "bound");
	return o;
}

static void a_pipe_has_its_writer_before_and_its_reader_behind_it(void **state)
{
	AUTO_SCENE struct scene s = { 0 };
	struct ipc_object o = object("pipe", FORM_INO, 7);

	(void)state;
	add_holder(&o, 30, "read");
	add_holder(&o, 20, "write");
	add(&s, o, (struct ipc_links){ 0 }, SCENE_CHOSEN);
	assert_int_equal(scene_finish(&s, SCENE_NAMELESS), 0);
	assert_int_equal(s.drawn_len, 1);
	assert_int_equal(s.processes_len, 2);
	assert_int_equal(s.edges_len, 2);
	assert_int_equal(s.processes[s.edges[0].process].pid, 20);
	assert_true(s.edges[0].writes && !s.edges[0].reads && !s.edges[0].behind);
	assert_int_equal(s.processes[s.edges[1].process].pid, 30);
	assert_true(s.edges[1].reads && !s.edges[1].writes && s.edges[1].behind);
}

static void what_a_process_waits_to_do_says_more_than_what_it_may_do(void **state)
{
	AUTO_SCENE struct scene s = { 0 };
	struct ipc_object o = object("mq", FORM_ID, 7);

	(void)state;
	for (int i = 0; i < 3; i++) {
		add_holder(&o, 20, i == 1 ? "blocked" : "fd");
		o.holders[i].reads = true;
		o.holders[i].writes = i != 1;
	}
	add(&s, o, (struct ipc_links){ 0 }, SCENE_CHOSEN);
	assert_int_equal(scene_finish(&s, SCENE_NAMELESS), 0);
	assert_int_equal(s.edges_len, 1);
	assert_true(s.edges[0].reads && !s.edges[0].writes && s.edges[0].blocked && s.edges[0].behind);
}

static void what_joins_nobody_is_left_out_unless_it_was_named_or_all_is_wanted(void **state)
{
	for (int i = 0; i < 3; i++) {
		AUTO_SCENE struct scene s = { 0 };
		struct ipc_object o = object("pipe", FORM_INO, 7);

		(void)state;
		add_holder(&o, 20, "read");
		add_holder(&o, 20, "write");
		add(&s, o, (struct ipc_links){ 0 }, i == 1 ? SCENE_NAMED : SCENE_CHOSEN);
		add(&s, object("mq", FORM_ID, 1), (struct ipc_links){ 0 }, SCENE_CHOSEN);
		assert_int_equal(scene_finish(&s, i == 2 ? SCENE_ALL : SCENE_NAMELESS), 0);
		assert_int_equal(s.drawn_len, i);
		assert_int_equal(s.processes_len, i > 0);
	}
}

static void what_has_no_name_is_drawn_for_the_sake_of_what_has_one(void **state)
{
	AUTO_SCENE struct scene s = { 0 };
	struct ipc_object pipe = object("pipe", FORM_INO, 7), orphan = object("shm", FORM_INO, 8);
	const struct ipc_links client = { .self = 12, .peer = 13 },
			       own = { .self = 13, .peer = 12, .server = 1 };
	const struct ipc_links pair = { .self = 20, .peer = 21 };

	(void)state;
	add_holder(&pipe, 20, "write");
	add_holder(&pipe, 30, "read");
	add_holder(&orphan, 20, "map");
	add(&s, pipe, (struct ipc_links){ 0 }, SCENE_CHOSEN);
	add(&s, orphan, (struct ipc_links){ 0 }, SCENE_CHOSEN); /* not there to join processes */
	add(&s, named("a", 5), (struct ipc_links){ .self = 1, .listens = true }, SCENE_CHOSEN);
	add(&s, sock(12, 6, "fd"), client, SCENE_CHOSEN);
	add(&s, sock(13, 5, "fd"), own, SCENE_CHOSEN);
	add(&s, sock(20, 8, "fd"), pair, SCENE_CHOSEN);
	add(&s, sock(21, 9, "fd"), (struct ipc_links){ .self = 21, .peer = 20 }, SCENE_CHOSEN);
	assert_int_equal(scene_finish(&s, 0), 0);
	assert_int_equal(s.drawn_len, 2);
	assert_int_equal(s.processes_len, 3); /* 5, 6 as its client, 20 */
	assert_int_equal(s.edges_len, 3);
}

static void a_pair_is_one_object(void **state)
{
	AUTO_SCENE struct scene s = { 0 };

	(void)state;
	add(&s, sock(12, 3, "fd"), (struct ipc_links){ .self = 12, .peer = 11 }, SCENE_BESIDE);
	add(&s, sock(11, 2, "fd"), (struct ipc_links){ .self = 11, .peer = 12 }, SCENE_CHOSEN);
	add(&s, sock(13, 2, "fd"), (struct ipc_links){ .self = 13, .peer = 14 }, SCENE_CHOSEN);
	add(&s, sock(14, 2, "fd"), (struct ipc_links){ .self = 14, .peer = 13 }, SCENE_CHOSEN);
	assert_int_equal(scene_finish(&s, SCENE_NAMELESS), 0);
	assert_int_equal(s.drawn_len, 1);
	assert_int_equal(s.drawn[0]->object.selector.number, 11);
	assert_int_equal(s.drawn[0]->other->object.selector.number, 12);
	assert_int_equal(s.edges_len, 2);
	assert_true(!s.edges[0].behind && s.edges[1].behind);
	assert_int_equal(s.processes[s.edges[1].process].pid, 3);
}

/* Two connections of process 2, one of process 3 and one that process 9 was given, to the server of process 1. */
static void add_server(struct scene *s, enum scene_choice server, enum scene_choice connections)
{
	add(s, named("server", 1), (struct ipc_links){ .self = 5, .listens = true }, server);
	for (int64_t i = 0; i < 4; i++) {
		ino_t client = (ino_t)(10 + i), own = (ino_t)(30 - i);
		add(s, sock((int64_t)client, i < 2 ? 2 : 3, "fd"),
			(struct ipc_links){ .self = client, .peer = own }, connections);
		add(s, sock((int64_t)own, i < 3 ? 1 : 9, "fd"),
			(struct ipc_links){ .self = own, .peer = client, .server = 5 }, connections);
	}
}

static const struct scene_edge *edge_of(const struct scene *s, size_t drawn, pid_t pid)
{
	for (size_t i = 0; i < s->edges_len; i++)
		if (s->edges[i].object == drawn && s->processes[s->edges[i].process].pid == pid)
			return &s->edges[i];
	return NULL;
}

static void clients_are_edges_to_their_server_where_its_own_processes_have_the_connection(void **state)
{
	for (enum scene_choice choice = SCENE_BESIDE; choice <= SCENE_CHOSEN; choice++) {
		AUTO_SCENE struct scene s = { 0 };

		(void)state;
		add_server(&s, SCENE_CHOSEN, choice);
		assert_int_equal(scene_finish(&s, SCENE_NAMELESS), 0);
		assert_int_equal(s.drawn_len, 2);
		assert_int_equal(s.drawn[1]->object.selector.form, FORM_ABSTRACT);
		assert_int_equal(edge_of(&s, 1, 2)->connections, 2);
		assert_int_equal(edge_of(&s, 1, 3)->connections, 1);
		assert_true(edge_of(&s, 1, 1)->bound && edge_of(&s, 1, 1)->behind);
		assert_false(edge_of(&s, 0, 3)->behind);
		assert_true(edge_of(&s, 0, 9)->behind);
		assert_int_equal(s.links_len, 1);
		assert_true(s.links[0].from == 0 && s.links[0].to == 1);
	}
}

static void all_connections_are_drawn_if_all_is_wanted_or_the_server_was_not_chosen(void **state)
{
	AUTO_SCENE struct scene all = { 0 }, other = { 0 };

	(void)state;
	add_server(&all, SCENE_CHOSEN, SCENE_CHOSEN);
	assert_int_equal(scene_finish(&all, SCENE_ALL), 0);
	assert_int_equal(all.drawn_len, 5);
	assert_int_equal(all.links_len, 4);
	add_server(&other, SCENE_BESIDE, SCENE_CHOSEN);
	assert_int_equal(scene_finish(&other, SCENE_NAMELESS), 0);
	assert_int_equal(other.drawn_len, 4);
	assert_int_equal(other.links_len, 0);
}

static void what_sends_one_way_is_a_client_of_what_it_sends_to(void **state)
{
	AUTO_SCENE struct scene s = { 0 };

	(void)state;
	add(&s, named("log", 1), (struct ipc_links){ .self = 5 }, SCENE_CHOSEN);
	add(&s, sock(6, 2, "fd"), (struct ipc_links){ .self = 6, .peer = 5 }, SCENE_CHOSEN);
	add(&s, sock(7, 1, "fd"), (struct ipc_links){ .self = 7, .peer = 5 }, SCENE_CHOSEN); /* its own */
	assert_int_equal(scene_finish(&s, SCENE_NAMELESS), 0);
	assert_int_equal(s.drawn_len, 1);
	assert_int_equal(s.edges_len, 2);
	assert_int_equal(edge_of(&s, 0, 2)->connections, 1);
}

static void one_object_under_two_names_is_drawn_once(void **state)
{
	AUTO_SCENE struct scene s = { 0 };

	(void)state;
	add(&s, sock(5, 1, "bound"), (struct ipc_links){ .self = 5 }, SCENE_NAMED);
	add(&s, named("log", 1), (struct ipc_links){ .self = 5 }, SCENE_CHOSEN);
	for (int i = 0; i < 2; i++) {
		struct ipc_object o = object("shm", FORM_ID, 3);
		add_holder(&o, 4, i ? "attach" : "blocked");
		add_holder(&o, 4, "attach");
		add(&s, o, (struct ipc_links){ 0 }, SCENE_CHOSEN);
	}
	assert_int_equal(scene_finish(&s, SCENE_NAMELESS), 0);
	assert_int_equal(s.drawn_len, 2);
	assert_int_equal(s.edges_len, 2);
}

static void a_crowd_at_one_end_of_a_pipe_is_faint(void **state)
{
	for (int n = 6; n < 8; n++) {
		AUTO_SCENE struct scene s = { 0 };
		struct ipc_object o = object("pipe", FORM_INO, 7);

		(void)state;
		add_holder(&o, 1, "read");
		for (int i = 0; i < n; i++)
			add_holder(&o, 10 + i, "write");
		add(&s, o, (struct ipc_links){ 0 }, SCENE_CHOSEN);
		assert_int_equal(scene_finish(&s, SCENE_NAMELESS), 0);
		assert_int_equal(edge_of(&s, 0, 10)->faint, n == 7);
		assert_false(edge_of(&s, 0, 1)->faint);
	}
}

static void an_empty_scene_is_empty(void **state)
{
	AUTO_SCENE struct scene s = { 0 };

	(void)state;
	assert_int_equal(scene_finish(&s, SCENE_ALL), 0);
	assert_true(s.drawn_len == 0 && s.processes_len == 0 && s.edges_len == 0 && s.links_len == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_has_its_writer_before_and_its_reader_behind_it),
		cmocka_unit_test(what_a_process_waits_to_do_says_more_than_what_it_may_do),
		cmocka_unit_test(what_joins_nobody_is_left_out_unless_it_was_named_or_all_is_wanted),
		cmocka_unit_test(what_has_no_name_is_drawn_for_the_sake_of_what_has_one),
		cmocka_unit_test(a_pair_is_one_object),
		cmocka_unit_test(
			clients_are_edges_to_their_server_where_its_own_processes_have_the_connection),
		cmocka_unit_test(all_connections_are_drawn_if_all_is_wanted_or_the_server_was_not_chosen),
		cmocka_unit_test(what_sends_one_way_is_a_client_of_what_it_sends_to),
		cmocka_unit_test(one_object_under_two_names_is_drawn_once),
		cmocka_unit_test(a_crowd_at_one_end_of_a_pipe_is_faint),
		cmocka_unit_test(an_empty_scene_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
