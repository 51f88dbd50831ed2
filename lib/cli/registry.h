/* All commands, in the order of CMakeLists.txt. */
#pragma once

#include "cli/command.h"

extern const struct command *const cli_commands[]; /* ended by NULL */

/** The command of that name, or NULL. */
const struct command *registry_find(const char *name);

/** Says that there is no such command, and which one was probably meant. Returns CLI_USAGE. */
int registry_unknown(const char *word);
