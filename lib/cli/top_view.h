/* What `top` shows, and the picture of it. */
#pragma once

#include "cli/top_model.h"
#include "cli/top_screen.h"
#include "cli/top_text.h"

enum top_mode {
	TOP_LIST,
	TOP_FILTER,   /* a filter is typed */
	TOP_INTERVAL, /* an interval is typed */
	TOP_SORT,     /* a column is chosen */
	TOP_HELP,
	TOP_ASK,    /* whether to remove */
	TOP_REPORT, /* what was said of a removal */
};

enum { TOP_LINE_MAX = TOP_FILTER_MAX };

struct top_view {
	struct top_model model;
	struct columns columns;
	int natural[COLUMNS_MAX]; /* the width that each column wants */
	enum top_mode mode;
	bool paused, pane; /* pane: the detail is shown */
	int64_t interval_ns;
	int64_t cost_ns;         /* of the processor's time, the last look */
	char *notes;             /* what was said while looking; owned */
	char *detail;            /* of the selected object; owned */
	char *report;            /* owned */
	char *question;          /* owned */
	char line[TOP_LINE_MAX]; /* what is being typed */
	const char *line_error;  /* what is wrong with it; NULL: nothing */
	size_t menu;             /* the column that is about to be chosen */
	size_t first;            /* the row at the top of the list */
	size_t from;             /* columns moved out to the left */
	size_t pane_at;          /* the line at the top of the detail, the help or the report */
	/* What the last picture had room for. */
	int list_height, pane_height;
	bool more_right;
};

void top_view_clear(struct top_view *v);

/** Measures the columns: to be called when the rows have changed. */
void top_view_measure(struct top_view *v);

/** Draws all of it. */
void top_view_draw(struct top_view *v, struct top_screen *s);

/** The time between two looks: the interval, or more where looking costs much. */
int64_t top_view_pace(const struct top_view *v);
