/*
 * A command or a verb as data. Parsing, operand counts, --help, synopses, man pages, completions and
 * the examples' tests come from this one table.
 */
#pragma once

#include "cli/diag.h"
#include "cli/opt.h"
#include "ipc/ctx.h"

/* tests/docs.bats runs setup (not shown) and then command; both see a private namespace. */
struct example {
	const char *command;
	const char *help;
	const char *setup;
};

struct command {
	const char *name;
	const char *brief;    /* capital first letter, no full stop */
	const char *operands; /* "QUEUE [MESSAGE...]": counts, --help and completions follow from it */
	const char *class;    /* the class of its objects: what `KIND:` may be left out of; NULL: any */
	/*
	 * The word between several programs, which are its operands. Where it does not come, and the first word
	 * is a generic command's name, that is meant: `ipcctl pipe ls`.
	 */
	const char *separator;
	bool generic; /* also reachable as `ipcctl CLASS NAME` for every class that has a command */
	const struct opt *opts;
	const struct example *examples;                         /* ended by a NULL command */
	const struct command *verbs;                            /* ended by a NULL name */
	int (*run)(struct ipc_ctx *ctx, int argc, char **argv); /* operands only; returns an exit status */
};

/* A word in the operands or behind an option: what it stands for and where its completions come from. */
struct metavar {
	const char *name;
	const char *help;
	const char *complete; /* a class of objects, "file", "user", "columns" …, or NULL */
};

extern const struct metavar metavars[]; /* ended by a NULL name */

/** How many operands a command takes at least and at most (-1: any number), as its text says. */
void command_operands(const struct command *c, int *ret_min, int *ret_max);

/** How many operands stand before the words of a program that is run, or -1 if it runs none. */
int command_program_at(const struct command *c);

/** Whether word is a command or verb of the list; NULL if none. */
const struct command *command_find(const struct command *list, const char *word);

/** Prints help to standard output. parent is NULL for a command, verb NULL for a command as a whole. */
void command_help(const struct command *command, const struct command *verb);

/** Prints what `ipcctl --help` shows. */
void command_overview(void);

/* Options that every command has. */
extern const struct opt global_opts[];

/*
 * While a command runs: the class of objects it is about ("ipcctl mq ls" is "ipcctl ls" for queues);
 * NULL when it is about any.
 */
extern const char *cli_class;

enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
extern int cli_color;
