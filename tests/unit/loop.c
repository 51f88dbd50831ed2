/* Waiting for many things at once. */
#include "ipc/loop.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop loop;
static char seen[64];

static int make(void **state)
{
	(void)state;
	seen[0] = '\0';
	return loop_init(&loop);
}

static int clear(void **state)
{
	(void)state;
	loop_clear(&loop);
	return 0;
}

static void note(const char *what)
{
	size_t len = strlen(seen);

	snprintf(seen + len, sizeof(seen) - len, "%s", what);
}

/* --- time --- */

struct named_timer {
	struct loop_timer t;
	const char *name;
	bool last;
};

static int on_timer(struct loop_timer *t)
{
	struct named_timer *n = (struct named_timer *)t;

	note(n->name);
	if (n->last)
		loop_end(&loop);
	return 0;
}

static void timers_come_in_their_order(void **state)
{
	static const int64_t ms[] = { 7, 1, 3, 3, 0, 9, 5 };
	struct named_timer all[] = { { .name = "7" }, { .name = "1" }, { .name = "3" }, { .name = "3" },
		{ .name = "0" }, { .name = "9", .last = true }, { .name = "5" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		loop_timer(&loop, &all[i].t, ms[i] * NSEC_PER_MSEC, on_timer);
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(seen, "0133579");
}

static void a_timer_that_is_stopped_or_set_again_comes_once_or_never(void **state)
{
	struct named_timer never = { .name = "never" }, again = { .name = "again" },
			   end = { .name = "end", .last = true };

	(void)state;
	loop_timer(&loop, &never.t, 0, on_timer);
	loop_timer(&loop, &again.t, 0, on_timer);
	loop_timer(&loop, &again.t, NSEC_PER_MSEC, on_timer);
	loop_timer(&loop, &end.t, 5 * NSEC_PER_MSEC, on_timer);
	loop_timer_stop(&loop, &never.t);
	loop_timer_stop(&loop, &never.t);
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(seen, "againend");
	assert_null(loop.first);
	assert_null(loop.last);
}

static int fail_with_it(struct loop_timer *t)
{
	(void)t;
	return -ENOSPC;
}

static void what_a_callback_returns_ends_the_loop(void **state)
{
	struct loop_timer t = { 0 };

	(void)state;
	loop_timer(&loop, &t, 0, fail_with_it);
	assert_int_equal(loop_run(&loop), -ENOSPC);
}

static unsigned turns;

static int again_and_again(struct loop_timer *t)
{
	turns++;
	loop_timer(&loop, t, 0, again_and_again);
	return 0;
}

static void a_timer_that_is_always_due_keeps_nobody_waiting(void **state)
{
	struct loop_timer busy = { 0 };
	struct named_timer end = { .name = "end", .last = true };

	(void)state;
	loop_timer(&loop, &busy, 0, again_and_again);
	loop_timer(&loop, &end.t, NSEC_PER_MSEC, on_timer);
	assert_int_equal(loop_run(&loop), 0);
	assert_true(turns > 0);
	loop_timer_stop(&loop, &busy);
}

/* --- descriptors --- */

struct named_pipe {
	struct loop_watch w;
	int fds[2];
	struct named_pipe *other;
};

static void open_pipe(struct named_pipe *p)
{
	memset(p, 0, sizeof(*p));
	assert_int_equal(pipe2(p->fds, O_CLOEXEC | O_NONBLOCK), 0);
}

static void close_pipe(struct named_pipe *p)
{
	loop_unwatch(&loop, &p->w);
	close(p->fds[0]);
	close(p->fds[1]);
}

/* Whoever is called first takes the other one away, whose event has come already. */
static int take_the_other_away(struct loop_watch *w, uint32_t events)
{
	struct named_pipe *p = (struct named_pipe *)w;

	assert_true(events & EPOLLIN);
	note("x");
	loop_unwatch(&loop, &p->other->w);
	loop_end(&loop);
	return 0;
}

static void a_watch_that_was_ended_is_not_called_any_more(void **state)
{
	struct named_pipe a, b;

	(void)state;
	open_pipe(&a);
	open_pipe(&b);
	a.other = &b;
	b.other = &a;
	assert_int_equal(loop_watch(&loop, &a.w, a.fds[0], EPOLLIN, take_the_other_away), 0);
	assert_int_equal(loop_watch(&loop, &b.w, b.fds[0], EPOLLIN, take_the_other_away), 0);
	assert_int_equal(write(a.fds[1], "a", 1), 1);
	assert_int_equal(write(b.fds[1], "b", 1), 1);
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(seen, "x");
	close_pipe(&a);
	close_pipe(&b);
}

static int now_for_writing(struct loop_watch *w, uint32_t events)
{
	struct named_pipe *p = (struct named_pipe *)w;

	note(events & EPOLLOUT ? "out" : "in");
	if (events & EPOLLOUT) {
		loop_end(&loop);
		return 0;
	}
	return loop_watch(&loop, &p->w, p->fds[1], EPOLLOUT, now_for_writing);
}

static void a_watch_may_change_what_it_waits_for(void **state)
{
	struct named_pipe p;

	(void)state;
	open_pipe(&p);
	assert_int_equal(write(p.fds[1], "a", 1), 1);
	assert_int_equal(loop_watch(&loop, &p.w, p.fds[0], EPOLLIN, now_for_writing), 0);
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(seen, "inout");
	close_pipe(&p);
}

static int count_to_three(struct loop_watch *w, uint32_t events)
{
	(void)events;
	note("f");
	if (strlen(seen) == 3) {
		loop_unwatch(&loop, w);
		loop_end(&loop);
	}
	return 0;
}

static void a_regular_file_is_always_ready(void **state)
{
	struct loop_watch w = { 0 };
	AUTO_CLOSE int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(loop_watch(&loop, &w, fd, EPOLLIN, count_to_three), 0);
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(seen, "fff");
	assert_null(loop.always);
	assert_int_equal(loop_watch(&loop, &w, -1, EPOLLIN, count_to_three), -EBADF);
}

/* --- signals --- */

static int on_signal(struct loop *l, int signal, void *arg)
{
	assert_ptr_equal(arg, seen);
	note(signal == SIGUSR1 ? "1" : "?");
	loop_end(l);
	return 0;
}

static void signals_are_events_and_the_ignored_ones_stay_so(void **state)
{
	static const int both[] = { SIGUSR1, SIGUSR2 };
	sigset_t mask;

	(void)state;
	signal(SIGUSR2, SIG_IGN);
	assert_int_equal(loop_signals(&loop, both, ARRAY_SIZE(both), on_signal, seen), 0);
	raise(SIGUSR2);
	raise(SIGUSR1);
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(seen, "1");
	loop_clear(&loop);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	assert_false(sigismember(&mask, SIGUSR1));
	signal(SIGUSR2, SIG_DFL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(timers_come_in_their_order),
		TEST(a_timer_that_is_stopped_or_set_again_comes_once_or_never),
		TEST(what_a_callback_returns_ends_the_loop),
		TEST(a_timer_that_is_always_due_keeps_nobody_waiting),
		TEST(a_watch_that_was_ended_is_not_called_any_more),
		TEST(a_watch_may_change_what_it_waits_for),
		TEST(a_regular_file_is_always_ready),
		TEST(signals_are_events_and_the_ignored_ones_stay_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
