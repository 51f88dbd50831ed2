#include "ipc/limits.h"
#include "ipc/limits_text.h"

#include "ipc/io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void numbers_of_sysctls_are_read_by_their_place(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
		int result;
		uint64_t number;
	} rows[] = {
		{ "32000\n", 0, 0, 32000 },
		{ "32000\t1024000000\t500\t32000\n", 3, 0, 32000 },
		{ "32000\t1024000000\t500\t32000\n", 1, 0, 1024000000 },
		{ "  1   2  ", 1, 0, 2 },
		{ "18446744073692774399\n", 0, 0, 18446744073692774399u },
		{ "18446744073709551615\n", 0, 0, UINT64_MAX },
		{ "18446744073709551616\n", 0, -ERANGE, 0 },
		{ "99999999999999999999999999999999\n", 0, -ERANGE, 0 },
		{ "1\t2\n", 2, -EBADMSG, 0 },
		{ "1\n2\n", 1, -EBADMSG, 0 },
		{ "-1\n", 0, -EBADMSG, 0 },
		{ "0x10\n", 0, -EBADMSG, 0 },
		{ "12a\n", 0, -EBADMSG, 0 },
		{ "\n", 0, -EBADMSG, 0 },
		{ "", 0, -EBADMSG, 0 },
		{ "", 3, -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t n = 77;
		assert_int_equal(limits_sysctl(rows[i].text, rows[i].column, &n), rows[i].result);
		assert_int_equal(n, rows[i].result == 0 ? rows[i].number : 77);
	}
}

static const char limits[] =
	"Limit                     Soft Limit           Hard Limit           Units     \n"
	"Max cpu time              unlimited            unlimited            seconds   \n"
	"Max open files            1024                 524288               files     \n"
	"Max msgqueue size         819200               819200               bytes     \n";

static void soft_limits_are_read_by_their_names(void **state)
{
	uint64_t n = 77;

	(void)state;
	assert_int_equal(limits_soft(limits, "Max open files", &n), 0);
	assert_int_equal(n, 1024);
	assert_int_equal(limits_soft(limits, "Max msgqueue size", &n), 0);
	assert_int_equal(n, 819200);
	assert_int_equal(limits_soft(limits, "Max cpu time", &n), 0);
	assert_true(n == UINT64_MAX);
	n = 77;
	assert_int_equal(limits_soft(limits, "Max open", &n), -EBADMSG);
	assert_int_equal(limits_soft(limits, "Max files", &n), -EBADMSG);
	assert_int_equal(limits_soft("", "Max open files", &n), -EBADMSG);
	assert_int_equal(limits_soft("Max open files", "Max open files", &n), -EBADMSG);
	assert_int_equal(limits_soft("Max open files  -1 ", "Max open files", &n), -EBADMSG);
	assert_int_equal(n, 77);
}

static void the_real_user_is_the_first_of_four(void **state)
{
	uint32_t uid = 77;

	(void)state;
	assert_int_equal(limits_real_uid("Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t1\t1\t1\t1\n", &uid), 0);
	assert_int_equal(uid, 1000);
	/* A name stands on the first line, and its newlines are escaped there. */
	assert_int_equal(limits_real_uid("Name:\tUid: 5\nUid:\t4294967295\t0\t0\t0\n", &uid), 0);
	assert_true(uid == UINT32_MAX);
	assert_int_equal(limits_real_uid("Uid:\t4294967296\n", &uid), -EBADMSG);
	assert_int_equal(limits_real_uid("Uid:\n", &uid), -EBADMSG);
	assert_int_equal(limits_real_uid("", &uid), -EBADMSG);
}

static void percentages_are_rounded_down_and_never_overflow(void **state)
{
	static const struct {
		uint64_t use, max, percent;
	} rows[] = {
		{ 0, 1, 0 },
		{ 0, 0, 100 },
		{ 5, 0, 100 },
		{ 1, 3, 33 },
		{ 2, 3, 66 },
		{ 899, 1000, 89 },
		{ 900, 1000, 90 },
		{ 1000, 1000, 100 },
		{ 1005, 1000, 100 },
		{ 1010, 1000, 101 },
		{ UINT64_MAX, 1, UINT64_MAX },
		{ UINT64_MAX, UINT64_MAX, 100 },
		{ UINT64_MAX / 2, UINT64_MAX, 49 },
		{ 1, UINT64_MAX, 0 },
		{ 18446744073692774399u / 4 * 3, 18446744073692774399u, 74 },
		{ (uint64_t)INT64_MAX, (uint64_t)INT64_MAX - 1, 100 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_true(limits_percent(rows[i].use, rows[i].max) == rows[i].percent);
}

static void a_queue_is_charged_its_messages_and_its_tree(void **state)
{
	(void)state;
	assert_int_equal(ipc_limit_queue_charge(10, 8192), 82880);
	assert_int_equal(ipc_limit_queue_charge(1, 1), 97);
	assert_int_equal(ipc_limit_queue_charge(32768, 1), 32768 * 97);
	/* Beyond that many priorities there are no more nodes. */
	assert_int_equal(ipc_limit_queue_charge(32769, 1), 32768 * 97 + 49);
	assert_int_equal(ipc_limit_queue_charge(0, 8192), 0);
	assert_true(ipc_limit_queue_charge(UINT64_MAX, 8192) == UINT64_MAX);
	assert_true(ipc_limit_queue_charge(2, UINT64_MAX) == UINT64_MAX);
}

static struct ipc_limit_use use_of(enum ipc_limit_id id, uint64_t use, uint64_t max)
{
	return (struct ipc_limit_use){ .id = id,
		.use = { .have = HAVE_VALUE, .number = use },
		.max = { .have = HAVE_VALUE, .number = max } };
}

static void exhausted_is_what_has_no_room_for_the_next(void **state)
{
	struct ipc_limit_use u = use_of(LIMIT_SEMMNI, 9, 10);

	(void)state;
	assert_false(ipc_limit_exhausted(&u));
	u.use.number = 10;
	assert_true(ipc_limit_exhausted(&u));
	u.use.number = 11;
	assert_true(ipc_limit_exhausted(&u));
	u.max.unlimited = true;
	assert_false(ipc_limit_exhausted(&u));
	u.max = (struct ipc_amount){ .have = HAVE_UNKNOWN };
	assert_false(ipc_limit_exhausted(&u));
	u = use_of(LIMIT_MSGQUEUE, 819200, 819200 + 2000);
	assert_true(ipc_limit_exhausted(&u)); /* no queue of the usual size is that small */
	u = use_of(LIMIT_SHM_SIZE, 4096, 8191);
	assert_true(ipc_limit_exhausted(&u));
}

/* What the table says has to be whole: everything else relies on it. */
static void every_limit_has_what_it_needs(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LIMITS; i++) {
		const struct ipc_limit *l = &ipc_limits[i];
		bool concerns = false;
		assert_true(l->name && l->unit && l->what && l->kinds && l->help);
		assert_non_null(ipc_limit_scope_name(l->scope));
		assert_true(l->of_object || l->of_processes);
		assert_true((l->scope == SCOPE_OBJECT) == (l->max_of_object != NULL));
		for (size_t k = 0; ipc_kinds[k]; k++)
			concerns = concerns || ipc_limit_concerns(l, ipc_kinds[k]);
		assert_true(concerns);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(l->name, ipc_limits[k].name);
	}
}

static void kinds_are_whole_words(void **state)
{
	const struct ipc_limit l = { .kinds = "mq/sysv shm/posix" };

	(void)state;
	assert_true(ipc_limit_concerns_class(&l, "mq"));
	assert_true(ipc_limit_concerns_class(&l, "shm"));
	assert_false(ipc_limit_concerns_class(&l, "sem"));
	assert_false(ipc_limit_concerns_class(&l, "m"));
	assert_false(ipc_limit_concerns_class(&l, "hm"));
	assert_false(ipc_limit_concerns(&l, NULL));
	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next("mq", k)) != NULL;)
		assert_int_equal(ipc_limit_concerns(&l, k), strcmp(k->api, "sysv") == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_sysctls_are_read_by_their_place),
		cmocka_unit_test(soft_limits_are_read_by_their_names),
		cmocka_unit_test(the_real_user_is_the_first_of_four),
		cmocka_unit_test(percentages_are_rounded_down_and_never_overflow),
		cmocka_unit_test(a_queue_is_charged_its_messages_and_its_tree),
		cmocka_unit_test(exhausted_is_what_has_no_room_for_the_next),
		cmocka_unit_test(every_limit_has_what_it_needs),
		cmocka_unit_test(kinds_are_whole_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
