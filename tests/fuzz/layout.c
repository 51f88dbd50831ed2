/*
 * A text, and behind a NUL the values to read into what it declares. What is accepted must be
 * consistent: members lie within the whole, and what is printed reads back and prints the same.
 */
#include "ipc/layout.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_error(const struct ipc_layout_error *err)
{
	require(err->line > 0 && err->column > 0);
	require(memchr(err->why, '\0', sizeof(err->why)) != NULL && *err->why);
	for (const char *c = err->why; *c; c++)
		require(*c >= 0x20 && *c < 0x7f);
}

/* Goes through the members, down to the leaves of the first and last elements. */
static void check_members(const struct ipc_member *m, unsigned depth)
{
	size_t count = ipc_member_count(m), end = m->offset;
	enum ipc_member_shape shape = ipc_member_shape(m);
	struct ipc_member child;

	require(m->size > 0 && m->size <= LAYOUT_SIZE_MAX && depth < 300);
	require(ipc_member_child(m, count, &child) < 0);
	for (size_t i = 0; i < count; i = shape != SHAPE_STRUCT && i == 0 && count > 1 ? count - 1 : i + 1) {
		require(ipc_member_child(m, i, &child) == 0);
		require(child.offset >= end && child.offset + child.size <= m->offset + m->size);
		end = child.offset + child.size;
		if (depth < 40)
			check_members(&child, depth + 1);
	}
	ipc_member_atomic(m, 0);
}

static void check_values(const struct ipc_member *m, const char *text, size_t len)
{
	AUTO_FREE char *bytes = malloc(m->size), *first = NULL, *second = NULL;
	struct ipc_layout_error err = { 0 };
	size_t first_len, second_len;

	require(bytes != NULL);
	if (ipc_member_parse(m, text, len, bytes, &err) < 0) {
		check_error(&err);
		for (size_t i = 0; i < m->size; i++) /* any bytes are values too */
			bytes[i] = len ? text[i % len] : 0;
	}
	require(ipc_member_format(m, bytes, &first, &first_len) == 0);
	if (ipc_member_parse(m, first, first_len, bytes, &err) < 0) {
		require(ipc_member_shape(m) == SHAPE_TEXT && first_len == m->size);
		return;
	}
	require(ipc_member_format(m, bytes, &second, &second_len) == 0);
	require(first_len == second_len && memcmp(first, second, first_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *nul = size ? memchr(data, '\0', size) : NULL;
	size_t len = nul ? (size_t)(nul - text) : size, rest = nul ? size - len - 1 : 0;
	AUTO_LAYOUT struct ipc_layout *layout = NULL, *wanted = NULL;
	struct ipc_layout_error err = { 0 };
	struct ipc_member child;

	if (ipc_layout_parse(text, len, "A", &wanted, &err) < 0)
		check_error(&err);
	if (ipc_layout_parse(text, len, NULL, &layout, &err) < 0) {
		check_error(&err);
		return 0;
	}
	struct ipc_member whole = ipc_layout_whole(layout);
	require(whole.offset == 0 && whole.size % whole.align == 0);
	check_members(&whole, 0);
	if (nul && whole.size <= 4096) {
		check_values(&whole, nul + 1, rest);
		for (size_t i = 0; ipc_member_child(&whole, i, &child) == 0; i++) {
			check_values(&child, nul + 1, rest);
			require(ipc_layout_find(layout, child.name, &child, &err) == 0);
		}
	}
	AUTO_FREE char *path = strndup(nul ? nul + 1 : "", rest);
	require(path != NULL);
	if (ipc_layout_find(layout, path, &child, &err) < 0)
		check_error(&err);
	return 0;
}
