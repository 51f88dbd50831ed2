/* help: what --help shows, in the order people think of it. */
#include "cli/registry.h"
#include "ipc/io.h"

#include <stdio.h>

static const struct example help_examples[] = {
	{ "ipcctl help mq send", "What one verb does, and its options", NULL },
	{ 0 },
};

static int no_verb(const char *command, const char *word)
{
	AUTO_FREE char *text = shown(word);

	return usage_error("'%s' has no verb '%s'", command, text);
}

static int run_help(struct ipc_ctx *ctx, int argc, char **argv)
{
	const struct command *command = argc > 0 ? registry_find(argv[0]) : NULL;
	const struct command *verb = argc > 1 && command ? command_find(command->verbs, argv[1]) : NULL;

	(void)ctx;
	if (argc == 0) {
		command_overview();
		return CLI_OK;
	}
	if (!command)
		return registry_unknown(argv[0]);
	if (argc > 1 && !verb) {
		verb = registry_find(argv[1]); /* "help mq ls" */
		if (!verb || !verb->generic || !command->class)
			return no_verb(argv[0], argv[1]);
		command = verb;
		verb = NULL;
	}
	command_help(command, verb);
	return CLI_OK;
}

const struct command cmd_help = {
	.name = "help",
	.brief = "Show what a command does",
	.operands = "[TOPIC [VERB]]",
	.examples = help_examples,
	.run = run_help,
};
