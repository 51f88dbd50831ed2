#include "ipc/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_is_spent_is_stale_only_if_nobody_has_it(void **state)
{
	struct ipc_facts facts = { .held = ANSWER_NO,
		.held_source = "held",
		.named = ANSWER_YES,
		.spent = ANSWER_YES,
		.spent_source = "spent" };

	(void)state;
	struct ipc_verdict v = ipc_verdict(&facts);
	assert_int_equal(v.state, STATE_STALE);
	assert_string_equal(v.evidence[0], "held");
	assert_string_equal(v.evidence[1], "spent");
	facts.held = ANSWER_UNKNOWN;
	v = ipc_verdict(&facts);
	assert_int_equal(v.state, STATE_UNKNOWN);
	assert_null(v.evidence[0]);
	assert_string_equal(v.unseen[0], "held");
	facts.held = ANSWER_YES;
	v = ipc_verdict(&facts);
	assert_int_equal(v.state, STATE_LIVE);
	assert_null(v.evidence[1]);
	facts = (struct ipc_facts){ .held = ANSWER_NO, .named = ANSWER_YES, .spent = ANSWER_UNKNOWN };
	assert_int_equal(ipc_verdict(&facts).state, STATE_IDLE);
	facts.named = ANSWER_NO;
	assert_int_equal(ipc_verdict(&facts).state, STATE_ORPHAN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_spent_is_stale_only_if_nobody_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
