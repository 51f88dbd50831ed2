#include "ipc/nearest.h"

#include "ipc/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void the_nearest_word_is_found(void **state)
{
	(void)state;
	static const char *const words[] = { "create", "recv", "send", "sender", "x", "Mode", "slow",
		"allow" };
	static const struct {
		const char *word, *best;
	} table[] = {
		{ "creat", "create" },
		{ "craete", "create" },
		{ "crate", "create" },
		{ "cre", "create" },
		{ "reciev", "recv" },
		{ "rcv", "recv" },
		{ "sedn", "send" },
		{ "alow", "allow" }, /* and not "slow", which is as near */
		{ "sende", "send" },
		{ "mode", "Mode" },
		{ "mdoe", "Mode" },
		{ "x", "x" },
		{ "y", NULL },
		{ "", NULL },
		{ "crt", NULL },
		{ "other", NULL },
		{ "ab", NULL },
		{ "createeee", NULL },
		{ "sned", "send" },
		{ "c", NULL },
		{ "cr", "create" },
		{ "a word that is longer than any candidate there can be", NULL },
	};
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ipc_nearest n = { .word = table[i].word, .len = strlen(table[i].word) };
		for (size_t k = 0; k < ARRAY_SIZE(words); k++)
			ipc_nearest_offer(&n, words[k], strlen(words[k]));
		if (!n.best != !table[i].best || (n.best && strcmp(n.best, table[i].best) != 0))
			fail_msg("'%s' gives '%s'", table[i].word, n.best);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_word_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
