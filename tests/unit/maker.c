#include "ipc/maker.h"

#include "ipc/deadline.h"
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/maker_owner.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int add(struct maker_processes *p, pid_t pid, const uid_t uids[4], uint64_t since)
{
	struct holders_process new = { .pid = pid };

	memcpy(new.uids, uids, sizeof(new.uids));
	return maker_processes_add(p, &new, since);
}

static void the_oldest_process_of_a_user_comes_first(void **state)
{
	struct maker_processes p = { 0 };
	size_t len;

	(void)state;
	assert_int_equal(add(&p, 10, (uid_t[]){ 5, 5, 5, 5 }, 300), 0);
	assert_int_equal(add(&p, 11, (uid_t[]){ 0, 5, 7, 5 }, 100), 0);
	assert_int_equal(add(&p, 12, (uid_t[]){ 5, 0, 0, 0 }, 200), 0);
	maker_processes_sort(&p);
	assert_int_equal(p.len, 6); /* each user of a process once */
	const struct maker_process *v = maker_processes_of(&p, 5, &len);
	assert_int_equal(len, 3);
	assert_true(v[0].pid == 11 && v[1].pid == 12 && v[2].pid == 10);
	v = maker_processes_of(&p, 7, &len);
	assert_true(len == 1 && v[0].pid == 11);
	maker_processes_of(&p, 6, &len);
	assert_int_equal(len, 0);
	maker_processes_of(&p, UINT32_MAX, &len);
	assert_int_equal(len, 0);
	maker_processes_clear(&p);
	maker_processes_of(&p, 5, &len);
	assert_int_equal(len, 0);
}

static void a_copy_knows_what_its_original_knew(void **state)
{
	/* By pid, which says nothing of age: numbers come round. */
	const struct holders_process all[] = {
		{ .pid = 10, .start = 500, .forked = true, .original = 30 },
		{ .pid = 20, .start = 600, .forked = true, .original = 10 }, { .pid = 30, .start = 400 },
		{ .pid = 40, .start = 450, .forked = true }, /* that one has gone */
		{ .pid = 50, .start = 460, .forked = true, .original = 40 },
		{ .pid = 60, .start = 470, .forked = true, .original = 61 }, /* not among them */
		{ .pid = 70,
			.start = 480,
			.forked = true,
			.original = 20 }, /* younger: another has the number */
		{ .pid = 80,
			.start = 490,
			.forked = true,
			.original = 80 }, /* never so, and no endless loop */
	};
	const uint64_t since[] = { 400, 400, 400, 0, 0, 0, 0, 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(maker_process_since(all, ARRAY_SIZE(all), &all[i]), since[i]);
}

static struct maker_time now(void)
{
	return maker_second(time(NULL));
}

static void a_process_is_there_until_it_was_waited_for_or_is_dead(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	pid_t pid = fork();
	siginfo_t info;

	(void)state;
	if (pid == 0)
		for (;;)
			pause();
	assert_int_equal(maker_by_pid(&ctx, pid, now()).answer, ANSWER_YES);
	assert_int_equal(maker_user(&ctx, pid, now()).answer, ANSWER_YES);
	/* A moment at which it was not there yet: it is another process. */
	assert_int_equal(maker_by_pid(&ctx, pid, maker_second(time(NULL) - 60)).answer, ANSWER_NO);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(maker_by_pid(&ctx, pid, now()).answer, ANSWER_NO); /* a zombie */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	struct ipc_fact gone = maker_by_pid(&ctx, pid, now());
	assert_int_equal(gone.answer, ANSWER_NO);
	assert_int_equal(gone.why.number, pid);
	ipc_ctx_clear(&ctx);
}

static void of_a_pid_that_is_not_shown_nothing_is_known(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;

	(void)state;
	assert_int_equal(maker_by_pid(&ctx, 0, now()).answer, ANSWER_UNKNOWN);
	assert_int_equal(maker_user(&ctx, 0, now()).answer, ANSWER_UNKNOWN);
	assert_int_equal(maker_by_pid(&ctx, -1, now()).answer, ANSWER_UNKNOWN);
	assert_int_equal(maker_user(&ctx, getpid(), now()).answer, ANSWER_NO); /* to ask is no use */
	ipc_ctx_clear(&ctx);
}

static void we_may_have_made_what_is_younger_than_us(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;

	(void)state;
	assert_int_equal(maker_by_owner(&ctx, getuid(), now()).answer, ANSWER_UNKNOWN);
	ipc_ctx_clear(&ctx);
}

static void of_two_users_the_one_that_is_there_counts(void **state)
{
	const struct ipc_fact yes = ipc_fact_of(ANSWER_YES, "yes"), no = ipc_fact_of(ANSWER_NO, "no"),
			      unknown = ipc_fact_of(ANSWER_UNKNOWN, "unknown"),
			      silent = { .answer = ANSWER_NO };
	const struct {
		struct ipc_fact a, b;
		const char *text;
	} rows[] = {
		{ yes, no, "yes" },
		{ no, yes, "yes" },
		{ unknown, yes, "yes" },
		{ yes, unknown, "yes" },
		{ no, unknown, "unknown" },
		{ unknown, no, "unknown" },
		{ no, silent, "no" },
		{ silent, no, "no" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(maker_of_two(rows[i].a, rows[i].b).why.text, rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_process_of_a_user_comes_first),
		cmocka_unit_test(a_copy_knows_what_its_original_knew),
		cmocka_unit_test(a_process_is_there_until_it_was_waited_for_or_is_dead),
		cmocka_unit_test(of_a_pid_that_is_not_shown_nothing_is_known),
		cmocka_unit_test(we_may_have_made_what_is_younger_than_us),
		cmocka_unit_test(of_two_users_the_one_that_is_there_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
