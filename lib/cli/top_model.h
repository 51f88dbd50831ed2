/*
 * The objects that `top` shows: their order, which of them pass the filter, which is selected, and what changed since
 * the look before. It asks nobody: whoever gathers hands the objects in.
 */
#pragma once

#include "cli/column.h"
#include "cli/top_rate.h"

enum { TOP_FILTER_MAX = 200 };

struct top_row {
	struct ipc_object object;
	char *name;      /* the selector, printable */
	struct cell key; /* what it is ordered by */
	struct top_rate rate;
	bool fresh; /* it was not there at the look before */
};

struct top_rows {
	struct top_row *v;
	size_t len, room;
};

struct top_model {
	struct top_rows rows,
		next;  /* those that are shown, and those of a look that has not ended; by identity */
	size_t *shown; /* indices of rows: those that pass the filter, in order */
	size_t shown_len;
	int64_t looked_ns; /* when the look began; 0: there was none */
	int64_t next_ns;

	const struct column *sort;
	bool reverse;
	char filter[TOP_FILTER_MAX];

	size_t cursor;         /* which of those shown is selected */
	struct top_row chosen; /* what the selected one is known by, wherever it goes; name NULL: none */
};

/* The column of the rates, which are not known of one object alone. */
extern const struct column top_rate_column;

void top_model_clear(struct top_model *m);

/** Begins a look at the time now_ns of a monotonic clock. */
void top_model_begin(struct top_model *m, int64_t now_ns);

/** Adds an object and takes it over. Returns 0 or -ENOMEM. */
int top_model_add(struct top_model *m, struct ipc_object *o);

/**
 * Ends the look: what was added is what there is. The selection stays with its object; if that is gone, it falls on
 * what is in its place now. Returns 0, or -ENOMEM with everything as it was.
 */
int top_model_end(struct top_model *m);

/** Orders by a column; NULL: by name. */
void top_model_sort(struct top_model *m, const struct column *column, bool reverse);

/**
 * Shows only rows of which every word of text is in the object, owner, label or state, in either case; "" shows all.
 * What is too long is cut.
 */
void top_model_filter(struct top_model *m, const char *text);

/** The row at a place of those that are shown; NULL behind the last. */
const struct top_row *top_model_at(const struct top_model *m, size_t place);

/** The selected row; NULL when none is shown. */
const struct top_row *top_model_selected(const struct top_model *m);

/** Selects the row so many places down, or up, and no further than there are any. */
void top_model_move(struct top_model *m, int64_t by);

/** How many of all rows are in this state. */
size_t top_model_count(const struct top_model *m, enum ipc_state state);

/** The value of any column of a row, to be cleared with cell_clear(). */
struct cell top_cell(const struct column *c, const struct top_row *row);
