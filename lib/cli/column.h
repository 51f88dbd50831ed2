/*
 * What can be shown of an object, as data: the columns of `ls`, the lines of `stat`, the keys of -J,
 * and what --sort orders by. One table; the fields of the kinds are taken from their own.
 */
#pragma once

#include "ipc/kind.h"

#include <jansson.h>

/* A value of one object. */
struct cell {
	enum ipc_have have;
	enum ipc_unit unit;
	int64_t number; /* all but UNIT_TEXT and UNIT_LIST */
	char *text;     /* UNIT_TEXT and UNIT_LIST: printable; owned. Of others: what is shown instead */
};

void cell_clear(struct cell *cell);

#define AUTO_CELL __attribute__((cleanup(cell_clear), unused))

enum {
	COLUMN_TABLE = 1,  /* shown by default in a table */
	COLUMN_JSON = 2,   /* a key by default */
	COLUMN_STAT = 4,   /* shown and a key by default in stat alone */
	COLUMN_WRAP = 8,   /* may take several lines where the terminal is too narrow */
	COLUMN_STATE = 16, /* coloured by what it says */
};

/*
 * text, number: what computes the value of a column that is no field of the object; one of them, or none
 * json: what makes the key's value where it is more than the cell
 */
struct column {
	const char *name; /* the JSON key */
	enum ipc_unit unit;
	const char *help;
	unsigned flags; /* COLUMN_... */
	unsigned want;  /* WANT_...: what it costs */
	char *(*text)(const struct ipc_object *o);
	struct ipc_value (*number)(const struct ipc_object *o);
	json_t *(*json)(const struct ipc_object *o);
	bool field; /* one of the fields that all kinds may have: name, unit and help are in ipc_fields[] */
	enum ipc_field_id id;
};

enum { COLUMNS_MAX = 64 };

struct columns {
	size_t len;
	const struct column *v[COLUMNS_MAX];
};

/** All columns, in the order of the keys. Returns how many; *ret is ended by none. */
size_t columns_all(const struct column **ret);

/** Those that have any of these flags. */
struct columns columns_with(unsigned flags);

/**
 * Those that text names, separated by commas, in any case; a text that begins with `+` adds them to
 * those that *ret holds already. Returns CLI_OK, or CLI_USAGE behind a message.
 *
 * option: how the message calls the option
 */
int columns_parse(const char *option, const char *text, struct columns *ret);

/** Whether its values stand on the right of a column, one below the other. */
bool column_is_number(const struct column *c);

/** What has to be asked of an object to show these: WANT_... */
unsigned columns_want(const struct columns *columns);

/** The value of a column; to be cleared with cell_clear(). Text that found no memory is unknown. */
struct cell column_cell(const struct column *c, const struct ipc_object *o);

enum {
	CELL_EXACT = 1, /* sizes in bytes */
	CELL_LONG = 2,  /* a time with how long ago it was */
};

/** A cell as text: "-" for what does not apply, "?" for what could not be read. NULL: no memory. */
char *cell_text(const struct cell *cell, unsigned flags);

/** -1, 0 or 1; what has no value comes behind what has one. */
int cell_compare(const struct cell *a, const struct cell *b);

/** An object as JSON: a key that does not apply is left out, one that could not be read is null. NULL: no memory. */
json_t *columns_json(const struct columns *columns, const struct ipc_object *o);
