/* Text that has to fit: measured and cut by what a terminal shows of it. */
#pragma once

#include "cli/column.h"

#include <stdbool.h>
#include <stddef.h>

/** The columns that printable text takes, by the locale. */
int top_text_width(const char *text);

/**
 * What of text fits into width columns. What is cut has a "…" where it was: in the middle, or at the end. Returns
 * memory that the caller frees, NULL if there is none.
 */
char *top_text_fit(const char *text, int width, bool middle);

struct top_line {
	const char *start; /* within the text */
	size_t bytes;
	bool continued; /* it goes on with the line before */
};

struct top_lines {
	struct top_line *v; /* owned */
	size_t len;
};

/** Breaks text into lines of at most width columns (continued ones of width - indent). Returns 0 or -ENOMEM. */
int top_text_wrap(const char *text, int width, int indent, struct top_lines *ret);

void top_lines_clear(struct top_lines *lines);

#define AUTO_LINES __attribute__((cleanup(top_lines_clear), unused))

enum { TOP_GAP = 1, TOP_OBJECT_MIN = 16 };

/* Which columns of a table are shown, and where. The first always is; the others can be moved out to the left. */
struct top_layout {
	size_t len;
	size_t which[COLUMNS_MAX];
	int at[COLUMNS_MAX], width[COLUMNS_MAX];
	bool more_left, more_right; /* some are out of sight */
};

/**
 * Finds places.
 *
 * natural: the width that each of the n columns wants; from: how many behind the first are moved out to the left
 * width: of the terminal
 */
struct top_layout top_layout(const int *natural, size_t n, size_t from, int width);
