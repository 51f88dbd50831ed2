/* Rules, and whom they admit. No socket is made. */
#include "ipc/access.h"

#include "ipc/io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { RULES_MAX = 4, OWN = 1000, OTHER = 1001, GROUP = 50, EXTRA = 60 };

static const gid_t extra_groups[] = { EXTRA, EXTRA + 1 };

/* "+uid=0": allow; "-all": deny. */
static void add(struct access_rules *rules, const char *const texts[RULES_MAX])
{
	const char *why;

	for (size_t i = 0; i < RULES_MAX && texts[i]; i++)
		assert_int_equal(access_add(rules, texts[i][0] == '+', texts[i] + 1, &why), 0);
}

static struct in6_addr address(const char *text)
{
	struct in6_addr a;

	assert_int_equal(inet_pton(AF_INET6, text, &a), 1);
	return a;
}

static struct access_identity local(uid_t uid)
{
	return (struct access_identity){ .ids_known = true,
		.uid = uid,
		.gid = GROUP,
		.groups = extra_groups,
		.groups_len = ARRAY_SIZE(extra_groups) };
}

static struct access_identity remote(const char *text)
{
	return (struct access_identity){ .has_addr = true, .addr = address(text) };
}

static void the_first_rule_that_matches_decides(void **state)
{
	static const struct {
		const char *rules[RULES_MAX];
		uid_t uid;
		bool admitted;
		int rule;
	} table[] = {
		{ { "+uid=1000", "-all" }, OWN, true, 0 },
		{ { "+uid=1000", "-all" }, OTHER, false, 1 },
		{ { "-uid=1000", "+all" }, OWN, false, 0 },
		{ { "-uid=1000", "+all" }, OTHER, true, 1 },
		{ { "+all", "-uid=1000" }, OWN, true, 0 },
		{ { "+uid=1000" }, OTHER, false, -1 },
		{ { "-uid=1000" }, OTHER, false, -1 }, /* what no rule matches is denied */
		{ { "+uid=root" }, 0, true, 0 },
		{ { "+uid=0" }, 0, true, 0 },
		{ { "+gid=50" }, OTHER, true, 0 },
		{ { "+gid=61" }, OTHER, true, 0 }, /* a supplementary one */
		{ { "-gid=61", "+all" }, OTHER, false, 0 },
		{ { "+gid=62" }, OTHER, false, -1 },
		{ { "+gid=root" }, OTHER, false, -1 },
		{ { "+gid=70", "-gid=60", "+uid=1001" }, OTHER, false, 1 },
		{ { "+addr=0.0.0.0/0", "+addr=::/0" }, OWN, false, -1 }, /* a Unix client has none */
		{ { "+uid=4294967294" }, 4294967294, true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct access_rules rules = { 0 };
		struct access_identity who = local(table[i].uid);
		int rule = 99;
		add(&rules, table[i].rules);
		if (access_decide(&rules, ACCESS_DEFAULT_ALLOW, OWN, &who, &rule) != table[i].admitted ||
			rule != table[i].rule)
			fail_msg("row %zu: rule %d", i, rule);
		access_clear(&rules);
		assert_null(rules.v);
	}
}

static void addresses_match_by_the_bits_that_count(void **state)
{
	static const struct {
		const char *rule, *addr;
		bool admitted;
	} table[] = {
		{ "+addr=10.1.2.3", "::ffff:10.1.2.3", true },
		{ "+addr=10.1.2.3", "::ffff:10.1.2.4", false },
		{ "+addr=10.1.2.3/32", "::ffff:10.1.2.3", true },
		{ "+addr=10.0.0.0/8", "::ffff:10.255.0.1", true },
		{ "+addr=10.0.0.0/8", "::ffff:11.0.0.1", false },
		{ "+addr=10.9.9.9/8", "::ffff:10.1.1.1", true }, /* host bits don't count */
		{ "+addr=192.168.4.0/22", "::ffff:192.168.7.255", true },
		{ "+addr=192.168.4.0/22", "::ffff:192.168.8.0", false },
		{ "+addr=192.168.0.1/31", "::ffff:192.168.0.0", true },
		{ "+addr=0.0.0.0/0", "::ffff:1.2.3.4", true },
		{ "+addr=0.0.0.0/0", "::1", false },
		{ "+addr=::/0", "::1", true },
		{ "+addr=::/0", "2001:db8::1", true },
		{ "+addr=::/0", "::ffff:1.2.3.4", false }, /* of IPv6 alone */
		{ "+addr=::ffff:0:0/96", "::ffff:1.2.3.4", true },
		{ "+addr=fe80::/10", "fe80::1", true },
		{ "+addr=fe80::/10", "febf:ffff::1", true },
		{ "+addr=fe80::/10", "fec0::1", false },
		{ "+addr=2001:db8::1", "2001:db8::1", true },
		{ "+addr=2001:db8::1/127", "2001:db8::", true },
		{ "+addr=2001:db8::1", "2001:db8::2", false },
		{ "+uid=0", "::ffff:10.1.2.3", false },
		{ "+all", "2001:db8::1", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct access_rules rules = { 0 };
		struct access_identity who = remote(table[i].addr);
		int rule;
		add(&rules, (const char *[RULES_MAX]){ table[i].rule });
		if (access_decide(&rules, ACCESS_DEFAULT_DENY, OWN, &who, &rule) != table[i].admitted)
			fail_msg("%s and %s", table[i].rule, table[i].addr);
		access_clear(&rules);
	}
}

static void without_rules_the_default_decides(void **state)
{
	const struct access_rules none = { 0 };
	struct access_identity own = local(OWN), other = local(OTHER), root = local(0),
			       far = remote("2001:db8::1"), lost = { .ids_lost = true };
	int rule = 99;

	(void)state;
	assert_true(access_decide(&none, ACCESS_DEFAULT_ALLOW, OWN, &other, &rule));
	assert_int_equal(rule, -1);
	assert_true(access_decide(&none, ACCESS_DEFAULT_ALLOW, OWN, &far, &rule));
	assert_true(access_decide(&none, ACCESS_DEFAULT_OWN_UID, OWN, &own, &rule));
	assert_false(access_decide(&none, ACCESS_DEFAULT_OWN_UID, OWN, &other, &rule));
	assert_false(access_decide(&none, ACCESS_DEFAULT_OWN_UID, OWN, &root, &rule));
	assert_false(access_decide(&none, ACCESS_DEFAULT_OWN_UID, OWN, &far, &rule));
	assert_false(access_decide(&none, ACCESS_DEFAULT_OWN_UID, OWN, &lost, &rule));
	assert_false(access_decide(&none, ACCESS_DEFAULT_OWN_UID, 0, &lost, &rule)); /* its uid field is 0 */
	assert_false(access_decide(&none, ACCESS_DEFAULT_DENY, OWN, &own, &rule));
}

/* Whoever closes before it is looked at must not get past a rule that names it. */
static void who_has_become_unknown_is_what_a_denial_names_and_nothing_that_is_admitted(void **state)
{
	static const struct {
		const char *rules[RULES_MAX];
		bool lost, remote, groups_lost;
	} table[] = {
		{ { "-uid=7", "+all" }, false, true, true },
		{ { "-gid=7", "+all" }, false, true, false },
		{ { "+uid=0", "+gid=0" }, false, false, false },
		{ { "+uid=1001" }, false, false, true },
		{ { "+gid=60" }, false, false, false },
		{ { "+gid=50" }, false, false, true },
		{ { "+uid=7", "+all" }, true, true, true },
		{ { "+addr=::1", "-uid=7", "-gid=7" }, true, true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct access_rules rules = { 0 };
		struct access_identity lost = remote("::1"), far = remote("::1"), partly = local(OTHER);
		int rule;
		lost.ids_lost = true;
		partly.groups_len = 0;
		partly.groups_lost = partly.has_addr = true;
		partly.addr = far.addr;
		add(&rules, table[i].rules);
		if (access_decide(&rules, ACCESS_DEFAULT_ALLOW, 0, &lost, &rule) != table[i].lost)
			fail_msg("row %zu: lost", i);
		if (access_decide(&rules, ACCESS_DEFAULT_ALLOW, 0, &far, &rule) != table[i].remote)
			fail_msg("row %zu: of another machine", i);
		if (access_decide(&rules, ACCESS_DEFAULT_ALLOW, 0, &partly, &rule) != table[i].groups_lost)
			fail_msg("row %zu: groups lost", i);
		access_clear(&rules);
	}
}

static void what_is_no_rule_is_refused_with_a_reason(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *why;
	} table[] = {
		{ "", -EINVAL, "a rule is" },
		{ "uid", -EINVAL, "a rule is" },
		{ "UID=0", -EINVAL, "a rule is" },
		{ "uid=", -EINVAL, "a user is missing" },
		{ "gid=", -EINVAL, "a group is missing" },
		{ "uid=4294967295", -EINVAL, "too large" },
		{ "uid=18446744073709551616", -EINVAL, "too large" },
		{ "gid=99999999999999999999999", -EINVAL, "too large" },
		{ "uid=-1", -ENOENT, "no such user" },
		{ "uid=0x10", -ENOENT, "no such user" },
		{ "uid=no such one", -ENOENT, "no such user" },
		{ "gid=no such one", -ENOENT, "no such group" },
		{ "all ", -EINVAL, "nothing may stand" },
		{ "all=1", -EINVAL, "nothing may stand" },
		{ "addr=", -EINVAL, "none of IPv4" },
		{ "addr=10.1.2", -EINVAL, "none of IPv4" },
		{ "addr=10.1.2.3/", -EINVAL, "behind the slash" },
		{ "addr=10.1.2.3/33", -EINVAL, "behind the slash" },
		{ "addr=10.1.2.3/-1", -EINVAL, "behind the slash" },
		{ "addr=10.1.2.3/8/9", -EINVAL, "behind the slash" },
		{ "addr=::1/129", -EINVAL, "behind the slash" },
		{ "addr=::1%lo", -EINVAL, "none of IPv4" },
		{ "addr=localhost", -EINVAL, "none of IPv4" },
		{ "addr=1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc", -EINVAL, "none of" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct access_rules rules = { 0 };
		const char *why = NULL;
		int r = access_add(&rules, true, table[i].text, &why);
		if (r != table[i].error || !why || !strstr(why, table[i].why))
			fail_msg("'%s': %d, %s", table[i].text, r, why);
		assert_int_equal(rules.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_rule_that_matches_decides),
		cmocka_unit_test(addresses_match_by_the_bits_that_count),
		cmocka_unit_test(without_rules_the_default_decides),
		cmocka_unit_test(who_has_become_unknown_is_what_a_denial_names_and_nothing_that_is_admitted),
		cmocka_unit_test(what_is_no_rule_is_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
