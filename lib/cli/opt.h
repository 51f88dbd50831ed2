/*
 * Options as a table: variable, type, spelling, metavariable, help; the variable's first value is the
 * default. Parsing, --help, man pages and completions all come from the tables.
 */
#pragma once

#include "cli/units.h"
#include "ipc/attr.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum opt_type {
	OPT_END,
	OPT_FLAG, /* no argument; sets a bool */
	OPT_UINT, /* a whole number */
	OPT_INT,  /* a number that may be negative */
	OPT_SIZE,
	OPT_DURATION,
	OPT_STRING,
	OPT_STRINGS, /* may be given again; all are kept */
	OPT_CHOICE,  /* one word of .choices; sets its index */
	OPT_ATTR,    /* the attribute .attr of create; its spelling and help come from ipc_attr_descs */
	OPT_INCLUDE, /* the options of another table */
};

enum { OPT_STRINGS_MAX = 64 };

struct opt;

/* Several options may share one list, whose order is that of the command line: from tells which each was. */
struct opt_strings {
	size_t len;
	const char *v[OPT_STRINGS_MAX];
	const struct opt *from[OPT_STRINGS_MAX];
};

struct opt {
	enum opt_type type;
	char letter; /* 0: none */
	const char *name;
	const char *metavar; /* of the closed list in metavar.h; NULL for a flag */
	const char *help;    /* capital first letter, no full stop */
	union {
		bool *flag;
		uint64_t *uint;
		int64_t *integer;
		uint64_t *size;
		int64_t *nsec;
		const char **string;
		struct opt_strings *strings;
		int *choice;
		struct ipc_attrs *attrs;
		const struct opt *table;
	} to;
	bool *given;                /* set when the option is there; may be NULL */
	const char *const *choices; /* ended by NULL; beside OPT_CHOICE what completions offer, too */
	enum ipc_attr attr;         /* OPT_ATTR */
	bool hidden; /* parsed, and named nowhere: another spelling, or refused with a reason */
};

/** The spelling of an option without its hyphens. */
const char *opt_name(const struct opt *o);
const char *opt_metavar(const struct opt *o);
const char *opt_help(const struct opt *o);

/** The default, from its variable's present value, or "" where there is none worth saying. Returns text. */
const char *opt_default(const struct opt *o, char text[UNITS_TEXT_MAX]);

/**
 * Calls fn for each option of a table that is not hidden, those of included tables in their place. Ends at a non-zero
 * return.
 */
int opt_each(const struct opt *table, int (*fn)(const struct opt *o, void *arg), void *arg);

enum { OPT_TABLES = 3 };

struct opt_parse {
	const struct opt *tables[OPT_TABLES]; /* NULL ones are skipped; earlier ones win */
	int operands_max; /* behind so many operands all the rest are operands; -1: options may stand anywhere */
	char **operands; /* filled in: room for argc + 1 */
	int operands_len;
	int used;             /* how many of argv were read */
	bool stop_at_operand; /* end before the first operand instead of gathering them */
};

/**
 * Parses argv (its first element is the first argument, not the program's name).
 *
 * Returns CLI_OK, or CLI_USAGE behind a message.
 */
int opt_parse(struct opt_parse *p, int argc, char **argv);

/** The candidate that was probably meant by word, or NULL. candidates is ended by NULL. */
const char *opt_nearest(const char *word, const char *const *candidates);
