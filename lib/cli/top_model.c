#include "cli/top_model.h"

#include "cli/accounts.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

const struct column top_rate_column = {
	"rate",
	UNIT_TEXT,
	"How fast it fills or empties, or what passes through it",
	COLUMN_TABLE,
};

static void row_clear(struct top_row *row)
{
	ipc_object_clear(&row->object);
	cell_clear(&row->key);
	free(row->name);
}

static void rows_clear(struct top_rows *rows)
{
	for (size_t i = 0; i < rows->len; i++)
		row_clear(&rows->v[i]);
	free(rows->v);
	*rows = (struct top_rows){ 0 };
}

void top_model_clear(struct top_model *m)
{
	rows_clear(&m->rows);
	rows_clear(&m->next);
	row_clear(&m->chosen);
	free(m->shown);
	*m = (struct top_model){ 0 };
}

struct cell top_cell(const struct column *c, const struct top_row *row)
{
	char text[RATE_TEXT_MAX];

	if (c != &top_rate_column)
		return column_cell(c, &row->object);
	struct ipc_value v = top_rate_key(&row->rate);
	char *copy = strdup(top_rate_text(&row->rate, text));
	/* A text for the eye, a number for the order. */
	return (struct cell){ v.have, UNIT_COUNT, v.number, copy };
}

static int sign(bool greater, bool less)
{
	return (int)greater - (int)less;
}

/* Which object it is, by what stays the same when others come and go. */
static int compare_identity(const struct top_row *a, const struct top_row *b)
{
	const struct ipc_object *x = &a->object, *y = &b->object;
	uintptr_t kind_x = (uintptr_t)x->selector.kind, kind_y = (uintptr_t)y->selector.kind;
	int64_t id_x = x->common[FIELD_ID].number, id_y = y->common[FIELD_ID].number;

	if (kind_x != kind_y)
		return sign(kind_x > kind_y, kind_x < kind_y);
	if (x->ns != y->ns)
		return sign(x->ns > y->ns, x->ns < y->ns);
	if (x->dev != y->dev)
		return sign(x->dev > y->dev, x->dev < y->dev);
	if (x->ino != y->ino)
		return sign(x->ino > y->ino, x->ino < y->ino);
	if (id_x != id_y)
		return sign(id_x > id_y, id_x < id_y);
	/* A file may have been renamed since; what has no other mark is known by its name. */
	return x->ino == 0 && x->common[FIELD_ID].have != HAVE_VALUE ? strcmp(a->name, b->name) : 0;
}

static int by_identity(const void *a, const void *b)
{
	return compare_identity(a, b);
}

void top_model_begin(struct top_model *m, int64_t now_ns)
{
	rows_clear(&m->next);
	m->next_ns = now_ns;
}

int top_model_add(struct top_model *m, struct ipc_object *o)
{
	struct top_rows *rows = &m->next;
	char *name = ipc_selector_format(&o->selector);

	if (!name)
		return -ENOMEM;
	if (rows->len == rows->room) {
		size_t room = rows->room ? 2 * rows->room : 64;
		struct top_row *v = reallocarray(rows->v, room, sizeof(*v));
		if (!v) {
			free(name);
			return -ENOMEM;
		}
		rows->v = v;
		rows->room = room;
	}
	rows->v[rows->len++] = (struct top_row){ .object = *o, .name = name };
	*o = (struct ipc_object){ 0 }; /* the row owns it now */
	return 0;
}

/* Both are ordered by identity: what changed between the two looks at each. */
static void compare_looks(struct top_model *m)
{
	int64_t ns = m->next_ns - m->looked_ns;
	size_t old = 0;

	for (size_t i = 0; i < m->next.len; i++) {
		struct top_row *row = &m->next.v[i], *before = NULL;
		while (old < m->rows.len && compare_identity(&m->rows.v[old], row) < 0)
			old++;
		if (old < m->rows.len && compare_identity(&m->rows.v[old], row) == 0)
			before = &m->rows.v[old];
		row->rate = top_rate_between(before ? &before->object : NULL, &row->object, ns);
		row->fresh = !before && m->looked_ns > 0;
	}
}

static bool contains(const char *text, const char *word, size_t len)
{
	for (; text && *text; text++)
		if (strncasecmp(text, word, len) == 0)
			return true;
	return false;
}

static bool passes(const struct top_model *m, const struct top_row *row)
{
	const char *state = ipc_state_name(row->object.verdict.state), *p = m->filter;
	struct ipc_value uid = row->object.common[FIELD_UID];
	const char *owner = uid.have == HAVE_VALUE ? user_name((uid_t)uid.number) : "?";

	while (*p) {
		size_t len = strcspn(p, " ");
		if (len > 0 && !contains(row->name, p, len) && !contains(owner, p, len) &&
			!contains(row->object.label, p, len) && !contains(state, p, len))
			return false;
		p += len + (p[len] == ' ');
	}
	return true;
}

static int compare_rows(const void *a, const void *b, void *arg)
{
	const struct top_model *m = arg;
	const struct top_row *x = &m->rows.v[*(const size_t *)a], *y = &m->rows.v[*(const size_t *)b];
	bool values = x->key.have == HAVE_VALUE && y->key.have == HAVE_VALUE;
	int order;

	if (values && x->key.unit == UNIT_COUNT && y->key.unit == UNIT_COUNT)
		order = sign(x->key.number > y->key.number, x->key.number < y->key.number);
	else
		order = cell_compare(&x->key, &y->key);
	if (order == 0)
		return strcmp(x->name, y->name);      /* so that equal ones do not change places */
	return m->reverse && values ? -order : order; /* what has no value stays at the end */
}

/* The chosen object, by its marks alone: nothing else of it is owned twice. */
static void choose(struct top_model *m)
{
	const struct top_row *row = top_model_at(m, m->cursor);
	char *name = row ? strdup(row->name) : NULL;

	if (row && !name)
		return;
	row_clear(&m->chosen);
	m->chosen = (struct top_row){ .name = name };
	if (!row)
		return;
	const struct ipc_object *o = &row->object;
	m->chosen.object = (struct ipc_object){ .dev = o->dev, .ino = o->ino, .ns = o->ns };
	m->chosen.object.selector.kind = o->selector.kind;
	m->chosen.object.common[FIELD_ID] = o->common[FIELD_ID];
}

/* Of several names of one file it is the one that was chosen. */
static size_t chosen_place(const struct top_model *m)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; m->chosen.name && i < m->shown_len; i++) {
		const struct top_row *row = &m->rows.v[m->shown[i]];
		if (compare_identity(&m->chosen, row) != 0)
			continue;
		if (strcmp(m->chosen.name, row->name) == 0)
			return i;
		if (found == SIZE_MAX)
			found = i;
	}
	return found;
}

static void find_chosen(struct top_model *m)
{
	size_t place = chosen_place(m), last = m->shown_len ? m->shown_len - 1 : 0;

	m->cursor = place != SIZE_MAX ? place : m->cursor > last ? last : m->cursor;
	choose(m);
}

/* What is shown, from the rows. There is room for all of them. */
static void arrange(struct top_model *m)
{
	m->shown_len = 0;
	for (size_t i = 0; i < m->rows.len; i++)
		if (passes(m, &m->rows.v[i]))
			m->shown[m->shown_len++] = i;
	if (m->shown_len > 0)
		qsort_r(m->shown, m->shown_len, sizeof(*m->shown), compare_rows, m);
	find_chosen(m);
}

static void set_keys(struct top_model *m)
{
	for (size_t i = 0; i < m->rows.len; i++) {
		cell_clear(&m->rows.v[i].key);
		if (m->sort)
			m->rows.v[i].key = top_cell(m->sort, &m->rows.v[i]);
	}
}

int top_model_end(struct top_model *m)
{
	size_t *shown = reallocarray(m->shown, m->next.len + 1, sizeof(*shown));

	if (!shown)
		return -ENOMEM;
	m->shown = shown;
	if (m->next.len > 0)
		qsort(m->next.v, m->next.len, sizeof(*m->next.v), by_identity);
	compare_looks(m);
	rows_clear(&m->rows);
	m->rows = m->next;
	m->looked_ns = m->next_ns;
	m->next = (struct top_rows){ 0 };
	set_keys(m);
	arrange(m);
	return 0;
}

void top_model_sort(struct top_model *m, const struct column *column, bool reverse)
{
	m->sort = column;
	m->reverse = reverse;
	set_keys(m);
	arrange(m);
}

void top_model_filter(struct top_model *m, const char *text)
{
	size_t len = strnlen(text, sizeof(m->filter) - 1);

	memcpy(m->filter, text, len);
	m->filter[len] = '\0';
	arrange(m);
}

const struct top_row *top_model_at(const struct top_model *m, size_t place)
{
	return place < m->shown_len ? &m->rows.v[m->shown[place]] : NULL;
}

const struct top_row *top_model_selected(const struct top_model *m)
{
	return top_model_at(m, m->cursor);
}

void top_model_move(struct top_model *m, int64_t by)
{
	int64_t last = (int64_t)m->shown_len - 1, to = (int64_t)m->cursor + by;

	m->cursor = last < 0 || to < 0 ? 0 : (size_t)(to > last ? last : to);
	choose(m);
}

size_t top_model_count(const struct top_model *m, enum ipc_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < m->rows.len; i++)
		n += m->rows.v[i].object.verdict.state == state;
	return n;
}
