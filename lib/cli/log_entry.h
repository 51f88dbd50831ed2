/* A line of the audit log: read, chosen and printed. */
#pragma once

#include "cli/column.h"
#include "cli/command.h"

#include <jansson.h>

extern const struct opt log_filter_opts[];

/** Reads what the filters hold. Returns CLI_OK, or CLI_USAGE behind a message. */
int log_filter_prepare(void);

/* What a line says. Texts belong to json. */
struct log_entry {
	json_t *json;
	const char *time, *object, *event, *result, *user, *command;
	int64_t pid, uid;
};

/** Reads a line without its newline. Returns whether it is one of the log. */
bool log_entry_parse(const char *line, size_t len, struct log_entry *ret);
void log_entry_clear(struct log_entry *e);

#define AUTO_LOG_ENTRY __attribute__((cleanup(log_entry_clear), unused))

/** Whether the filters let it pass. */
bool log_entry_match(const struct log_entry *e);

/** Prints it as a sentence: "[2026-01-31T12:00:00Z] [MQ] send /jobs by alice (uid 1000, pid 449): ok". */
void log_entry_print(const struct log_entry *e);

/** The texts of a row of the table, which the caller frees, and their columns. */
enum { LOG_COLUMNS = 8 };
extern const struct column log_columns[LOG_COLUMNS];
void log_entry_row(const struct log_entry *e, char *ret[static LOG_COLUMNS]);
