/* What a value looks like: to people, in JSON, and beside another one. */
#include "cli/column.h"

#include "cli/units.h"
#include "ipc/io.h"
#include "ipc/timefmt.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void cell_clear(struct cell *cell)
{
	free(cell->text);
	*cell = (struct cell){ 0 };
}

static const char *time_text(int64_t ns, char text[TIME_TEXT_SIZE])
{
	/* Whole seconds are enough for people, and all that System V has. */
	struct timespec t = { .tv_sec = ns / NSEC_PER_SEC };

	return ipc_time_format(t, text) < 0 ? "?" : text;
}

static char *long_time(int64_t ns)
{
	char text[TIME_TEXT_SIZE], age[UNITS_TEXT_MAX];
	struct timespec now;
	char *all = NULL;

	clock_gettime(CLOCK_REALTIME, &now);
	int64_t past = now.tv_sec * NSEC_PER_SEC + now.tv_nsec - ns;
	const char *ago = past < 0 ? "to come" : format_age(past, age), *word = past < 0 ? "" : " ago";
	return asprintf(&all, "%s (%s%s)", time_text(ns, text), ago, word) < 0 ? NULL : all;
}

static char *long_size(int64_t bytes)
{
	char text[UNITS_TEXT_MAX];
	char *all = NULL;

	if (bytes < 1024)
		return asprintf(&all, "%" PRId64, bytes) < 0 ? NULL : all;
	return asprintf(&all, "%" PRId64 " (%s)", bytes, format_size((uint64_t)bytes, text)) < 0 ? NULL : all;
}

static const char *number_text(enum ipc_unit unit, int64_t n, unsigned flags, char text[UNITS_TEXT_MAX])
{
	static_assert((int)UNITS_TEXT_MAX >= (int)TIME_TEXT_SIZE, "a time needs room");

	if (unit == UNIT_BYTES && !(flags & CELL_EXACT))
		return format_size((uint64_t)n, text);
	if (unit == UNIT_TIME)
		return time_text(n, text);
	if (unit == UNIT_DURATION)
		return format_age(n, text);
	if (unit == UNIT_MODE)
		snprintf(text, UNITS_TEXT_MAX, "%04" PRIo64, (uint64_t)n);
	else if (unit == UNIT_KEY)
		snprintf(text, UNITS_TEXT_MAX, "0x%08" PRIx32, (uint32_t)n);
	else
		snprintf(text, UNITS_TEXT_MAX, "%" PRId64, n);
	return text;
}

char *cell_text(const struct cell *cell, unsigned flags)
{
	char text[UNITS_TEXT_MAX];

	if (cell->text)
		return strdup(cell->text);
	if (cell->have != HAVE_VALUE)
		return strdup(cell->have == HAVE_ABSENT ? "-" : "?");
	if (flags & CELL_LONG && cell->unit == UNIT_TIME)
		return long_time(cell->number);
	if (flags & CELL_LONG && cell->unit == UNIT_BYTES)
		return long_size(cell->number);
	return strdup(number_text(cell->unit, cell->number, flags, text));
}

int cell_compare(const struct cell *a, const struct cell *b)
{
	if (a->have != HAVE_VALUE || b->have != HAVE_VALUE)
		return (b->have == HAVE_VALUE) - (a->have == HAVE_VALUE);
	if (a->text && b->text && (a->unit == UNIT_TEXT || a->unit == UNIT_LIST)) {
		int order = strcmp(a->text, b->text);
		return (order > 0) - (order < 0);
	}
	return (a->number > b->number) - (a->number < b->number);
}

static json_t *json_list(const struct ipc_object *o)
{
	json_t *all = json_array();

	for (size_t i = 0; all && i < o->list_len; i++)
		json_array_append_new(all, json_integer(o->list[i]));
	return all;
}

/* A time with all its digits. */
static json_t *json_time(int64_t ns)
{
	struct timespec t = { .tv_sec = ns / NSEC_PER_SEC, .tv_nsec = ns % NSEC_PER_SEC };
	char text[TIME_TEXT_SIZE];

	return ns < 0 || ipc_time_format(t, text) < 0 ? json_null() : json_string(text);
}

static json_t *cell_json(const struct cell *cell, const struct ipc_object *o)
{
	char text[UNITS_TEXT_MAX];

	if (cell->have == HAVE_UNKNOWN)
		return json_null();
	switch (cell->unit) {
	case UNIT_TEXT:
		return json_string(cell->text);
	case UNIT_LIST:
		return json_list(o);
	case UNIT_TIME:
		return json_time(cell->number);
	case UNIT_DURATION:
		return json_real((double)cell->number / NSEC_PER_SEC);
	case UNIT_MODE:
	case UNIT_KEY:
		return json_string(number_text(cell->unit, cell->number, 0, text));
	default:
		return json_integer(cell->number);
	}
}

json_t *columns_json(const struct columns *columns, const struct ipc_object *o)
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < columns->len; i++) {
		const struct column *c = columns->v[i];
		AUTO_CELL struct cell cell = column_cell(c, o);
		if (cell.have == HAVE_ABSENT)
			continue;
		if (json_object_set_new(object, c->name, c->json ? c->json(o) : cell_json(&cell, o)) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}
