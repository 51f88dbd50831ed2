#include "cli/registry.h"

#include "ipc/io.h"

#include <string.h>

#define COMMAND(name) extern const struct command cmd_##name;
#include "commands.gen.h"
#undef COMMAND

const struct command *const cli_commands[] = {
#define COMMAND(name) &cmd_##name,
#include "commands.gen.h"
#undef COMMAND
	NULL,
};

const struct command *registry_find(const char *name)
{
	for (size_t i = 0; cli_commands[i]; i++)
		if (strcmp(cli_commands[i]->name, name) == 0)
			return cli_commands[i];
	return NULL;
}

int registry_unknown(const char *word)
{
	const char *names[ARRAY_SIZE(cli_commands)] = { NULL };
	AUTO_FREE char *text = shown(word);

	for (size_t i = 0; cli_commands[i]; i++)
		names[i] = cli_commands[i]->name;
	const char *nearest = opt_nearest(word, names);
	return nearest ? usage_error("unknown command '%s'; did you mean '%s'?", text, nearest)
		       : usage_error("unknown command '%s'", text);
}
