/* The limits that an object counts against, as `stat` shows them. */
#pragma once

#include "ipc/ctx.h"
#include "ipc/limits.h"

#include <jansson.h>
#include <stdio.h>

/* What was measured for the objects of one command; all zero before the first. */
struct limit_gauge {
	unsigned measured;
	struct ipc_limits limits;
};

void limit_gauge_clear(struct limit_gauge *g);

/** Measures what an object of that kind counts against, unless it was measured for another. Returns 0 or -ENOMEM. */
int limit_gauge_fill(struct limit_gauge *g, struct ipc_ctx *ctx, const struct ipc_object *o);

/** Prints a line for each limit of the object, "Limit: …"; limit_gauge_fill() comes before. Returns 0 or -ENOMEM. */
int limit_gauge_print(FILE *f, const struct limit_gauge *g, const struct ipc_object *o);

/** The same as an array of objects with the keys of ipcctl-limits(1). NULL: no memory. */
json_t *limit_gauge_json(const struct limit_gauge *g, const struct ipc_object *o);
