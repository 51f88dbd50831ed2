#include "cli/pipe_words.h"

#include "cli/diag.h"
#include "ipc/io.h"

#include <errno.h>
#include <string.h>

static int check(int argc, char **argv, const char *sep, size_t *ret_count)
{
	AUTO_FREE char *sep_text = shown(sep);
	AUTO_FREE char *first = shown(argv[0]);
	size_t count = 1;
	bool empty = true;

	if (!*sep)
		return usage_error("--sep: an empty word separates nothing");
	for (int i = 0; i < argc; i++) {
		bool separates = strcmp(argv[i], sep) == 0;
		if (separates && empty)
			return usage_error(
				"stage %zu has no words: a command stands before each '%s'", count, sep_text);
		count += separates;
		empty = separates;
	}
	if (empty)
		return usage_error(
			"stage %zu has no words: a command stands behind each '%s'", count, sep_text);
	if (count < 2)
		return usage_error("'%s' alone is no pipe: put '%s' between two commands", first, sep_text);
	*ret_count = count;
	return CLI_OK;
}

int pipe_words_split(int argc, char **argv, const char *sep, struct pipeline *p)
{
	size_t count = 0;
	int r = check(argc, argv, sep, &count);

	if (r != CLI_OK)
		return r;
	p->stages = calloc(count, sizeof(*p->stages));
	if (!p->stages) {
		fail(NULL, -ENOMEM, "cannot start");
		return CLI_RUN_FAILED;
	}
	p->count = count;
	char **word = argv;
	for (size_t i = 0; i < count; i++) {
		p->stages[i] = (struct pipeline_stage){ .argv = word, .program = SUPERVISED_NONE };
		while (*word && strcmp(*word, sep) != 0)
			word++;
		*word++ = NULL;
	}
	return CLI_OK;
}
