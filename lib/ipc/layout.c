#include "ipc/layout_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CHUNK_SIZE 16384u

struct layout_chunk {
	struct layout_chunk *next;
	_Alignas(max_align_t) char bytes[];
};

void *layout_alloc(struct layout_arena *arena, size_t size)
{
	size = (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
	if (size > arena->room - arena->used) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
		struct layout_chunk *chunk = calloc(1, sizeof(*chunk) + room);
		if (!chunk)
			return NULL;
		chunk->next = arena->chunks;
		*arena = (struct layout_arena){ .chunks = chunk, .room = room };
	}
	void *p = arena->chunks->bytes + arena->used;
	arena->used += size;
	return p;
}

void layout_arena_clear(struct layout_arena *arena)
{
	for (struct layout_chunk *next, *c = arena->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	*arena = (struct layout_arena){ 0 };
}

int layout_error(
	struct ipc_layout_error *err, int result, size_t line, size_t column, const char *format, ...)
{
	va_list args;

	if (!err)
		return -result;
	err->line = line;
	err->column = column;
	va_start(args, format);
	vsnprintf(err->why, sizeof(err->why), format, args);
	va_end(args);
	return -result;
}

int ipc_layout_parse(const char *text, size_t len, const char *want, struct ipc_layout **ret,
	struct ipc_layout_error *ret_err)
{
	AUTO_LAYOUT struct ipc_layout *layout = calloc(1, sizeof(*layout));
	AUTO_FREE struct layout_parser *p = calloc(1, sizeof(*p));
	int r = -ENOMEM;

	if (len > LAYOUT_TEXT_MAX)
		return layout_error(
			ret_err, EFBIG, 1, 1, "the text is longer than %u bytes", LAYOUT_TEXT_MAX);
	if (layout && p) {
		*p = (struct layout_parser){ .layout = layout,
			.err = ret_err,
			.pos = text,
			.end = text + len,
			.line_start = text,
			.line = 1,
			.first_of_line = true };
		r = layout_parse_text(p, want);
		layout_arena_clear(&p->scratch);
	}
	if (r == -ENOMEM)
		layout_error(ret_err, ENOMEM, 1, 1, "there is no memory for it");
	if (r < 0)
		return r;
	*ret = layout;
	layout = NULL; /* the caller owns it now */
	return 0;
}

void ipc_layout_free(struct ipc_layout *layout)
{
	if (!layout)
		return;
	layout_arena_clear(&layout->arena);
	free(layout);
}

struct ipc_member ipc_layout_whole(const struct ipc_layout *layout)
{
	return layout->whole;
}

size_t ipc_layout_size(const struct ipc_layout *layout)
{
	return layout->whole.size;
}

enum ipc_member_shape ipc_member_shape(const struct ipc_member *m)
{
	if (m->dim_count == 1 && m->base == MEMBER_CHAR)
		return SHAPE_TEXT;
	if (m->dim_count > 0)
		return SHAPE_ARRAY;
	return m->base == MEMBER_STRUCT ? SHAPE_STRUCT : SHAPE_SCALAR;
}

size_t ipc_member_count(const struct ipc_member *m)
{
	if (m->dim_count > 0)
		return m->dims[0];
	return m->base == MEMBER_STRUCT ? m->of->count : 0;
}

int ipc_member_child(const struct ipc_member *m, size_t i, struct ipc_member *ret)
{
	struct ipc_member child;

	if (i >= ipc_member_count(m))
		return -ERANGE;
	if (m->dim_count > 0) {
		child = *m;
		child.name = NULL;
		child.size = m->size / m->dims[0];
		child.offset = child.size * i;
		child.dims++;
		child.dim_count--;
	} else {
		child = m->of->members[i];
	}
	child.offset += m->offset;
	*ret = child;
	return 0;
}

bool ipc_member_atomic(const struct ipc_member *m, uint64_t base)
{
	bool fits = m->size == 1 || m->size == 2 || m->size == 4 || m->size == 8;

	return fits && (base + m->offset) % m->size == 0;
}

static int no_member(
	const struct ipc_member *m, const char *name, size_t len, size_t column, struct ipc_layout_error *err)
{
	struct ipc_nearest n = { .word = name, .len = len };

	for (size_t i = 0; i < m->of->count; i++)
		ipc_nearest_offer(&n, m->of->members[i].name, strlen(m->of->members[i].name));
	if (!n.best)
		return layout_error(err, ENOENT, 1, column, "no member '%.*s'", layout_shown(len), name);
	return layout_error(err, ENOENT, 1, column, "no member '%.*s', did you mean '%.*s'?",
		layout_shown(len), name, layout_shown(n.best_len), n.best);
}

/* Goes from m to its member at *at, and *at behind the name. */
static int step_name(struct ipc_member *m, const char *path, const char **at, struct ipc_layout_error *err)
{
	const char *name = *at;
	size_t len = 0, column = (size_t)(name - path) + 1;

	while (layout_is_word(name[len]))
		len++;
	if (len == 0 || !layout_is_letter(*name))
		return layout_error(err, EINVAL, 1, column, "expected the name of a member");
	if (ipc_member_shape(m) == SHAPE_ARRAY)
		return layout_error(err, EINVAL, 1, column, "this is an array: an index comes first");
	if (ipc_member_shape(m) != SHAPE_STRUCT)
		return layout_error(err, EINVAL, 1, column, "this is no structure and has no members");
	for (size_t i = 0; i < m->of->count; i++) {
		const char *known = m->of->members[i].name;
		if (strncmp(known, name, len) == 0 && known[len] == '\0') {
			*at = name + len;
			return ipc_member_child(m, i, m);
		}
	}
	return no_member(m, name, len, column, err);
}

/* Goes from m to its element, and *at behind the bracket. */
static int step_index(struct ipc_member *m, const char *path, const char **at, struct ipc_layout_error *err)
{
	const char *p = *at + 1;
	size_t index = 0, column = (size_t)(*at - path) + 1;

	if (m->dim_count == 0)
		return layout_error(err, EINVAL, 1, column, "this is no array");
	for (; *p >= '0' && *p <= '9'; p++)
		if (index < LAYOUT_SIZE_MAX)
			index = index * 10 + (size_t)(*p - '0');
	if (p == *at + 1 || *p != ']')
		return layout_error(err, EINVAL, 1, (size_t)(p - path) + 1, "expected an index: [0] to [%u]",
			m->dims[0] - 1);
	if (index >= m->dims[0])
		return layout_error(
			err, ERANGE, 1, column, "the index is past the end: [0] to [%u]", m->dims[0] - 1);
	*at = p + 1;
	return ipc_member_child(m, index, m);
}

int ipc_layout_find(const struct ipc_layout *layout, const char *path, struct ipc_member *ret,
	struct ipc_layout_error *ret_err)
{
	struct ipc_member m = layout->whole;
	const char *at = path;
	int r = step_name(&m, path, &at, ret_err);

	while (r == 0 && *at) {
		if (*at == '.') {
			at++;
			r = step_name(&m, path, &at, ret_err);
		} else if (*at == '[') {
			r = step_index(&m, path, &at, ret_err);
		} else {
			r = layout_error(ret_err, EINVAL, 1, (size_t)(at - path) + 1, "expected '.' or '['");
		}
	}
	if (r == 0)
		*ret = m;
	return r;
}
