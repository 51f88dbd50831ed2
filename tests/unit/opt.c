#include "cli/opt.h"

#include "cli/diag.h"
#include "ipc/io.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORDS_MAX = 16 };

static bool flag, other, given;
static uint64_t number, size;
static int64_t integer, time_ns;
static const char *string;
static struct opt_strings strings;
static int choice;
static struct ipc_attrs attrs;
static const char *const choices[] = { "exists", "gone", "empty", NULL };

static const struct opt included[] = {
	{ OPT_INT, 'i', "integer", "NUMBER", "An integer", { .integer = &integer } },
	{ OPT_STRINGS, 'w', "word", "WORD", "Words", { .strings = &strings } },
	{ 0 },
};

static const struct opt table[] = {
	{ OPT_FLAG, 'f', "flag", NULL, "A flag", { .flag = &flag } },
	{ OPT_FLAG, 0, "flagship", NULL, "Begins as another", { .flag = &other } },
	{ OPT_UINT, 'n', "number", "NUMBER", "A number", { .uint = &number }, .given = &given },
	{ OPT_SIZE, 's', "size", "SIZE", "A size", { .size = &size } },
	{ OPT_DURATION, 't', "time", "DURATION", "A time", { .nsec = &time_ns } },
	{ OPT_STRING, 'o', "string", "WORD", "A text", { .string = &string } },
	{ OPT_CHOICE, 0, "choice", "WORD", "A word", { .choice = &choice }, .choices = choices },
	{ OPT_ATTR, 'm', .to = { .attrs = &attrs }, .attr = ATTR_MODE },
	{ OPT_INCLUDE, .to = { .table = included } },
	{ 0 },
};

static char *operands[WORDS_MAX + 1];
static struct opt_parse parsed;

/* Parses without a word: tests/ipcctl.bats looks at the messages. */
static int parse_silently(int argc, char **argv)
{
	AUTO_CLOSE int before = dup(2), null = open("/dev/null", O_WRONLY);

	dup2(null, 2);
	int r = opt_parse(&parsed, argc, argv);
	dup2(before, 2);
	return r;
}

/* Parses words, separated by spaces; "''" is an empty one. */
static int parse(const char *line, int operands_max)
{
	static char text[200];
	char *argv[WORDS_MAX] = { NULL };
	int argc = 0;

	flag = other = given = false;
	number = size = 0;
	integer = time_ns = 0;
	string = NULL;
	choice = 0;
	strings = (struct opt_strings){ 0 };
	attrs = (struct ipc_attrs){ 0 };
	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok(text, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "''") == 0 ? text + strlen(line) : word;
	parsed =
		(struct opt_parse){ .tables = { table }, .operands_max = operands_max, .operands = operands };
	return parse_silently(argc, argv);
}

static void accept(const char *line)
{
	if (parse(line, -1) != CLI_OK)
		fail_msg("'%s' is refused", line);
}

static void refuse(const char *line)
{
	if (parse(line, -1) != CLI_USAGE)
		fail_msg("'%s' is accepted", line);
}

static void every_spelling_means_the_same(void **state)
{
	(void)state;
	static const char *const lines[] = { "-n 5 -f", "-fn5", "-fn 5", "--number=5 --flag",
		"--number 5 --flag", "--num=5 -f", "-f -n5", "--nu 5 -f", "-n 4 -fn5" };

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		accept(lines[i]);
		if (number != 5 || !flag || !given || other || parsed.operands_len != 0)
			fail_msg("'%s'", lines[i]);
	}
}

static void the_whole_name_wins_over_names_it_begins(void **state)
{
	(void)state;
	accept("--flag");
	assert_true(flag && !other);
	accept("--flags");
	assert_true(!flag && other);
	refuse("--fla");
	refuse("--flag=yes");
}

static void values_are_checked(void **state)
{
	(void)state;
	static const char *const bad[] = { "-n", "-n x", "-n -1", "-n 5x", "-n ''", "-n 9223372036854775808",
		"--number=", "-s 5Q", "-s -1", "-t fast", "-t -1s", "-m 8", "-m 10000", "-i 5x", "-i --5",
		"-i -", "--choice rain", "--choice e", "--choice ''", "-x", "--unknown", "---flag", "-f-" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuse(bad[i]);
	accept("-i -7");
	assert_int_equal(integer, -7);
	accept("-s 4K -t 1.5s -o -- -m 640");
	assert_int_equal(size, 4096);
	assert_int_equal(time_ns, 1500000000);
	assert_string_equal(string, "--");
	assert_true(ipc_attr_given(&attrs, ATTR_MODE) && attrs.v[ATTR_MODE] == 0640);
	accept("--choice go");
	assert_int_equal(choice, 1);
}

static void operands_stand_anywhere_and_hyphens_end_options(void **state)
{
	(void)state;
	accept("a -f b - -n 3 -- -c --d --");
	assert_true(flag && number == 3);
	assert_int_equal(parsed.operands_len, 6);
	static const char *const expected[] = { "a", "b", "-", "-c", "--d", "--" };
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_string_equal(operands[i], expected[i]);
	assert_null(operands[6]);
}

static void behind_the_first_word_of_a_program_nothing_is_an_option(void **state)
{
	(void)state;
	/* "sem run SEM COMMAND...": one operand stands before the program. */
	assert_int_equal(parse("-f /l make -n 4 -- -x", 1), CLI_OK);
	assert_true(flag && !given);
	assert_int_equal(parsed.operands_len, 6);
	assert_string_equal(operands[4], "--");
	assert_int_equal(parse("/l -f -- make -n 4", 1), CLI_OK);
	assert_true(flag && !given);
	assert_int_equal(parsed.operands_len, 4);
	assert_string_equal(operands[1], "make");
	assert_int_equal(parse("/l -- -f", 1), CLI_OK);
	assert_false(flag);
}

static void repeated_words_are_kept_up_to_a_limit(void **state)
{
	(void)state;
	accept("-w a -wb --word=c");
	assert_int_equal(strings.len, 3);
	assert_string_equal(strings.v[2], "c");

	static char words[][3] = { "-w", "x" };
	char *argv[2 * (OPT_STRINGS_MAX + 1)];
	for (size_t i = 0; i < ARRAY_SIZE(argv); i++)
		argv[i] = words[i % 2];
	strings.len = 0;
	assert_int_equal(parse_silently(ARRAY_SIZE(argv), argv), CLI_USAGE);
}

static void sizes_are_shown_as_they_would_be_given(void **state)
{
	static const struct {
		uint64_t size;
		const char *text;
	} cases[] = { { 262144, "256K" }, { 1 << 20, "1M" }, { 1025, "1025" }, { 3ull << 40, "3072G" },
		{ 0, "" } };
	char text[UNITS_TEXT_MAX];
	uint64_t before = size;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size = cases[i].size;
		for (const struct opt *o = table; o->type; o++)
			if (o->type == OPT_SIZE)
				assert_string_equal(opt_default(o, text), cases[i].text);
	}
	size = before;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_means_the_same),
		cmocka_unit_test(the_whole_name_wins_over_names_it_begins),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(operands_stand_anywhere_and_hyphens_end_options),
		cmocka_unit_test(behind_the_first_word_of_a_program_nothing_is_an_option),
		cmocka_unit_test(repeated_words_are_kept_up_to_a_limit),
		cmocka_unit_test(sizes_are_shown_as_they_would_be_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
