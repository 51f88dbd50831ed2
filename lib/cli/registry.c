#include "cli/registry.h"

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
