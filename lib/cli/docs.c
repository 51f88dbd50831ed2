/* Writes the parts of the man pages and completions that come from the table of commands. */
#include "cli/registry.h"

#include <stdio.h>
#include <string.h>

static int print_examples(void)
{
	for (size_t i = 0; cli_commands[i]; i++) {
		const struct command *c = cli_commands[i];
		const struct command *lists[] = { c, c->verbs };
		for (size_t l = 0; l < 2; l++)
			for (const struct command *v = lists[l]; v && v->name; v = l ? v + 1 : NULL)
				for (const struct example *e = v->examples; e && e->command; e++)
					printf("%s\t%s\n", e->setup ? e->setup : ":", e->command);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "examples") == 0)
		return print_examples();
	fprintf(stderr, "usage: ipcctl-docs examples\n");
	return 2;
}
