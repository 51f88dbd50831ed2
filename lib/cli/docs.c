/*
 * ipcctl-docs: writes what comes from the table of commands. man/update.sh puts its output into the
 * man pages and completions/, and tests/docs.bats compares what is committed with what it writes.
 *
 *   ipcctl-docs man PART [COMMAND]   synopsis, options, examples, labels, limits or commands, in mdoc(7)
 *   ipcctl-docs completion SHELL     bash, zsh or fish
 *   ipcctl-docs examples             every example: what sets it up, a tab, the command
 *   ipcctl-docs verbs                every command and verb, one a line
 */
#include "cli/docs.h"

#include <stdio.h>
#include <string.h>

void docs_each(void (*fn)(const struct command *parent, const struct command *c, void *arg), void *arg)
{
	for (size_t i = 0; cli_commands[i]; i++) {
		const struct command *c = cli_commands[i];
		if (!c->verbs)
			fn(NULL, c, arg);
		for (const struct command *v = c->verbs; v && v->name; v++)
			fn(c, v, arg);
	}
}

const char *docs_path(const struct command *parent, const struct command *c, char text[80])
{
	snprintf(text, 80, "%s%s%s", parent ? parent->name : "", parent ? " " : "", c->name);
	return text;
}

static void print_examples(const struct command *parent, const struct command *c, void *arg)
{
	(void)parent;
	(void)arg;
	for (const struct example *e = c->examples; e && e->command; e++)
		printf("%s\t%s\n", e->setup ? e->setup : ":", e->command);
}

static void print_path(const struct command *parent, const struct command *c, void *arg)
{
	char path[80];

	(void)arg;
	puts(docs_path(parent, c, path));
}

static int usage(void)
{
	fputs("usage: ipcctl-docs man PART [COMMAND] | completion SHELL | examples | verbs\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const struct command *command = argc > 3 ? registry_find(argv[3]) : NULL;

	if (argc >= 3 && strcmp(argv[1], "man") == 0 && (argc == 3 || command))
		return docs_man(argv[2], command) < 0 ? usage() : 0;
	if (argc == 3 && strcmp(argv[1], "completion") == 0)
		return docs_completion(argv[2]) < 0 ? usage() : 0;
	if (argc == 2 && strcmp(argv[1], "examples") == 0)
		docs_each(print_examples, NULL);
	else if (argc == 2 && strcmp(argv[1], "verbs") == 0)
		docs_each(print_path, NULL);
	else
		return usage();
	return 0;
}
