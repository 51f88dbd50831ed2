/* The parts of ipcctl-docs, which writes what comes from the table of commands. Not part of ipcctl. */
#pragma once

#include "cli/registry.h"

/** Calls fn for each command that has no verbs, and for each verb (parent is its command, else NULL). */
void docs_each(void (*fn)(const struct command *parent, const struct command *c, void *arg), void *arg);

/** "mq send", or "ls". Returns text. */
const char *docs_path(const struct command *parent, const struct command *c, char text[80]);

/** mdoc(7): the synopsis of a page, its options, its examples, or (command NULL) the list of commands. */
int docs_man(const char *part, const struct command *command);

/** The completion script of a shell: bash, zsh or fish. Returns 0, or -1 for another shell. */
int docs_completion(const char *shell);
