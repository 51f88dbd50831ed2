#include "ipc/verdict.h"

#include "ipc/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/*
 * Facts are letters here, in the order of the names: y, n or ? for yes, no and unknown. An answer says its name and
 * its letter, so that what a verdict tells is "held:n used:y".
 */
enum { HELD, NAMED, SPENT, USED, MAKER, USERS, MEANT, FACTS };

static const char *const sentences[FACTS][3] = {
	[HELD] = { "held:?", "held:n", "held:y" },
	[NAMED] = { "named:?", "named:n", "named:y" },
	[SPENT] = { "spent:?", "spent:n", "spent:y" },
	[USED] = { "used:?", "used:n", "used:y" },
	[MAKER] = { "maker:?", "maker:n", "maker:y" },
	[USERS] = { "users:?", "users:n", "users:y" },
	[MEANT] = { "meant:?", "meant:n", "meant:y" },
};

static struct ipc_fact fact(int which, char letter)
{
	enum ipc_answer answer = letter == 'y' ? ANSWER_YES : letter == 'n' ? ANSWER_NO : ANSWER_UNKNOWN;

	return ipc_fact_of(answer, sentences[which][answer]);
}

static struct ipc_verdict verdict(const char letters[FACTS])
{
	struct ipc_facts facts = {
		.held = fact(HELD, letters[HELD]),
		.named = fact(NAMED, letters[NAMED]),
		.spent = fact(SPENT, letters[SPENT]),
		.used = fact(USED, letters[USED]),
		.maker = fact(MAKER, letters[MAKER]),
		.users = fact(USERS, letters[USERS]),
		.meant = fact(MEANT, letters[MEANT]),
	};

	return ipc_verdict(&facts);
}

static const struct {
	const char *facts; /* held named spent used maker users meant */
	enum ipc_state state;
	const char *evidence, *unseen;
} rows[] = {
	/* its name is gone: whatever else */
	{ "ynnynnn", STATE_ORPHAN, "named:n held:y", "" },
	{ "nnyynnn", STATE_ORPHAN, "named:n held:n", "" },
	{ "?n?????", STATE_ORPHAN, "named:n", "held:?" },
	{ "nnnynyn", STATE_ORPHAN, "named:n held:n", "" },
	/* held: nothing else matters */
	{ "yynynnn", STATE_LIVE, "held:y", "" },
	{ "y?yynnn", STATE_LIVE, "held:y", "" },
	{ "yynnnny", STATE_LIVE, "held:y", "" },
	{ "yy????n", STATE_LIVE, "held:y", "users:?" },
	/* the recorded user is there, held or not */
	{ "yynynyn", STATE_LIVE, "held:y users:y", "" },
	{ "nynynyn", STATE_LIVE, "users:y", "" },
	{ "?ynynyn", STATE_LIVE, "users:y", "held:?" },
	{ "nynyyyy", STATE_LIVE, "users:y", "" },
	/* it can't be seen whether anybody has it */
	{ "?ynynnn", STATE_UNKNOWN, "", "held:?" },
	{ "?yyynnn", STATE_UNKNOWN, "", "held:?" },
	{ "?ynnnny", STATE_UNKNOWN, "", "held:?" },
	{ "?y?????", STATE_UNKNOWN, "", "held:?" },
	/* spent: it does not matter who made it */
	{ "nyynyyy", STATE_LIVE, "users:y", "" },
	{ "nyynyny", STATE_STALE, "held:n spent:y", "" },
	{ "nyy????", STATE_STALE, "held:n spent:y", "" },
	/* left behind: all four are proved */
	{ "nynynnn", STATE_STALE, "held:n used:y maker:n users:n meant:n", "" },
	{ "n??ynnn", STATE_STALE, "held:n used:y maker:n users:n meant:n", "" },
	/* one of the four speaks against it */
	{ "nynnnnn", STATE_IDLE, "held:n used:n", "" },
	{ "nynyynn", STATE_IDLE, "held:n maker:y", "" },
	{ "nynynny", STATE_IDLE, "held:n meant:y", "" },
	{ "nynnyny", STATE_IDLE, "held:n used:n maker:y meant:y", "" },
	/* one of the four is unknown */
	{ "nyn?nnn", STATE_IDLE, "held:n", "used:?" },
	{ "nyny?nn", STATE_IDLE, "held:n", "maker:?" },
	{ "nynyn?n", STATE_IDLE, "held:n", "users:?" },
	{ "nynynn?", STATE_IDLE, "held:n", "meant:?" },
	{ "nyn????", STATE_IDLE, "held:n", "used:? maker:? users:? meant:?" },
	{ "nynn??y", STATE_IDLE, "held:n used:n meant:y", "maker:? users:?" },
};

static char *join(const struct ipc_reason *reasons, char *to, size_t size)
{
	to[0] = '\0';
	for (size_t i = 0; i < EVIDENCE_MAX && reasons[i].text; i++) {
		if (i > 0)
			strncat(to, " ", size - strlen(to) - 1);
		strncat(to, reasons[i].text, size - strlen(to) - 1);
	}
	return to;
}

static void each_row_has_its_state_and_its_evidence(void **state)
{
	char text[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ipc_verdict v = verdict(rows[i].facts);
		if (v.state != rows[i].state)
			print_error("%s is %s\n", rows[i].facts, ipc_state_name(v.state));
		assert_int_equal(v.state, rows[i].state);
		assert_string_equal(join(v.evidence, text, sizeof(text)), rows[i].evidence);
		assert_string_equal(join(v.unseen, text, sizeof(text)), rows[i].unseen);
	}
}

/* What the words of DESIGN.md come to, said once more, for all 2,187 combinations. */
static enum ipc_state expected(const char *f)
{
	if (f[NAMED] == 'n')
		return STATE_ORPHAN;
	if (f[HELD] == 'y' || f[USERS] == 'y')
		return STATE_LIVE;
	if (f[HELD] == '?')
		return STATE_UNKNOWN;
	if (f[SPENT] == 'y')
		return STATE_STALE;
	return strncmp(f + USED, "ynnn", 4) == 0 ? STATE_STALE : STATE_IDLE;
}

static void no_combination_is_stale_unless_all_of_it_is_proved(void **state)
{
	char letters[FACTS + 1] = "", text[200];
	unsigned combinations = 1;

	(void)state;
	for (int i = 0; i < FACTS; i++)
		combinations *= 3;
	for (unsigned n = 0; n < combinations; n++) {
		unsigned rest = n;
		for (int i = 0; i < FACTS; i++, rest /= 3)
			letters[i] = "?ny"[rest % 3];
		struct ipc_verdict v = verdict(letters);
		assert_int_equal(v.state, expected(letters));
		join(v.evidence, text, sizeof(text));
		assert_null(strchr(text, '?'));
		if (v.state != STATE_UNKNOWN)
			assert_true(text[0]); /* no state without a reason */
		join(v.unseen, text, sizeof(text));
		assert_true(!strstr(text, ":y") && !strstr(text, ":n"));
		if (v.state == STATE_UNKNOWN)
			assert_non_null(strstr(text, "held:?"));
	}
}

static void a_fact_without_a_text_decides_and_says_nothing(void **state)
{
	struct ipc_facts facts = {
		.held = ipc_fact_of(ANSWER_NO, "held"),
		.used = ipc_fact_of(ANSWER_YES, "used"),
		.maker = ipc_fact_about(ANSWER_NO, "process # is gone", 4711),
		.users = { ANSWER_NO, { 0 } },
		.meant = { ANSWER_NO, { 0 } },
	};
	char text[200];

	(void)state;
	struct ipc_verdict v = ipc_verdict(&facts);
	assert_int_equal(v.state, STATE_STALE);
	assert_string_equal(join(v.evidence, text, sizeof(text)), "held used process # is gone");
	v = ipc_verdict(&(struct ipc_facts){ 0 });
	assert_int_equal(v.state, STATE_UNKNOWN);
	assert_null(v.unseen[0].text);
}

static void assert_reads(const char *text, int64_t number, const char *expected_text)
{
	struct ipc_reason reason = { text, number };
	AUTO_FREE char *made = ipc_reason_text(&reason);

	assert_string_equal(made, expected_text);
}

static void a_reason_has_its_number_where_the_mark_is(void **state)
{
	(void)state;
	assert_reads("its maker, process #, is gone", 4711, "its maker, process 4711, is gone");
	assert_reads("#", INT64_MIN, "-9223372036854775808");
	assert_reads("nobody has it", 7, "nobody has it");
	assert_reads("100 % of # %s %n", 1, "100 % of 1 %s %n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_has_its_state_and_its_evidence),
		cmocka_unit_test(no_combination_is_stale_unless_all_of_it_is_proved),
		cmocka_unit_test(a_fact_without_a_text_decides_and_says_nothing),
		cmocka_unit_test(a_reason_has_its_number_where_the_mark_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
