/*
 * A table on standard output or beside it: on a terminal and in colours through libsmartcols, which is loaded when the
 * first such table is made. Commands that print none do not pay for it, and work without it.
 */
#pragma once

#include "cli/column.h"

#include <stdio.h>

struct table;

enum {
	TABLE_NO_HEADINGS = 1,
	TABLE_BYTES = 2, /* exact numbers of bytes */
};

/**
 * Starts a table with these columns. Its width is that of the terminal if out is one.
 *
 * ret: to be freed with table_free()
 * Returns CLI_OK, or the exit status behind a message: the library is needed and missing, or memory.
 */
int table_new(FILE *out, const struct columns *columns, unsigned flags, struct table **ret);

/** Adds a row. Returns 0 or -ENOMEM. */
int table_add(struct table *t, const struct ipc_object *o);

/** Adds a row of texts, one for each column, and takes them over. NULL: there was no memory for it. Returns 0 or -ENOMEM. */
int table_add_texts(struct table *t, char **texts);

/** Prints the rows; a table without rows prints nothing. Returns 0 or -errno. */
int table_print(struct table *t);

/** Accepts NULL. */
void table_free(struct table *t);

static inline void table_freep(struct table **t)
{
	table_free(*t);
}

#define AUTO_TABLE __attribute__((cleanup(table_freep), unused))

/** Whether to use colour on out: --color, NO_COLOR and the terminal decide. */
bool use_color(FILE *out);

/** The columns of the terminal that f is; 0 if it is none. */
int terminal_width(FILE *f);
