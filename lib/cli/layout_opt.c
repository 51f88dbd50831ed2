#include "cli/layout_opt.h"

#include "ipc/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *arg_layout, *arg_struct;

const struct opt layout_opts[] = {
	{ OPT_STRING, 0, "layout", "LAYOUT", "The structure: C declarations, or @FILE.h",
		{ .string = &arg_layout } },
	{ OPT_STRING, 0, "struct", "NAME", "Which structure of the layout, unless the last one",
		{ .string = &arg_struct } },
	{ 0 },
};

bool layout_given(void)
{
	return arg_layout != NULL;
}

/* The line of text that is wrong, and a mark below the column. */
static void point_at(const char *text, size_t len, const struct ipc_layout_error *error)
{
	const char *line = text, *end = text + len;

	for (size_t n = 1; n < error->line; n++) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		if (!newline)
			return;
		line = newline + 1;
	}
	const char *stop = memchr(line, '\n', (size_t)(end - line));
	size_t length = (size_t)((stop ? stop : end) - line);
	size_t before = error->column > 0 && error->column - 1 < length ? error->column - 1 : length;
	AUTO_FREE char *shown_before = ipc_escape_dup(line, before, 0);
	AUTO_FREE char *shown_rest = ipc_escape_dup(line + before, length - before, 0);
	if (shown_before && shown_rest)
		dprintf(2, "  %s%s\n  %*s^\n", shown_before, shown_rest, (int)strlen(shown_before), "");
}

static int say_bad_layout(
	const char *where, const char *text, size_t len, const struct ipc_layout_error *error)
{
	AUTO_FREE char *name = shown(where);

	fail_plain(0, "%s:%zu:%zu: %s", name, error->line, error->column, error->why);
	point_at(text, len, error);
	return CLI_USAGE;
}

static int parse(const char *where, const char *text, size_t len, struct ipc_layout **ret)
{
	struct ipc_layout_error error = { .line = 1, .column = 1 };
	int r = ipc_layout_parse(text, len, arg_struct, ret, &error);

	if (r == -ENOENT) {
		AUTO_FREE char *name = shown(arg_struct ? arg_struct : "");
		return usage_error("--struct: '%s': %s", name, error.why);
	}
	if (r == -EINVAL || r == -EFBIG)
		return say_bad_layout(where, text, len, &error);
	return r < 0 ? fail(NULL, r, "cannot read the layout") : CLI_OK;
}

int layout_load(struct ipc_layout **ret)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;

	if (!arg_layout)
		return usage_error("which structure? --layout is missing");
	if (arg_layout[0] != '@')
		return parse("--layout", arg_layout, strlen(arg_layout), ret);
	const char *path = arg_layout + 1;
	AUTO_FREE char *name = shown(path);
	int r = ipc_read_file(AT_FDCWD, path, LAYOUT_TEXT_MAX, &text, &len);
	if (r < 0)
		return fail(NULL, r, "cannot read the layout '%s'", name);
	return parse(path, text, len, ret);
}

int layout_field(const struct ipc_layout *layout, const char *path, struct ipc_member *ret)
{
	struct ipc_layout_error error = { .line = 1, .column = 1 };
	AUTO_FREE char *name = shown(path);

	if (ipc_layout_find(layout, path, ret, &error) == 0)
		return CLI_OK;
	return usage_error("field '%s': %s", name, error.why);
}

void layout_value_clear(struct ipc_member_value *v)
{
	free(v->bytes);
	*v = (struct ipc_member_value){ 0 };
}

int layout_value(const struct ipc_layout *layout, const char *text, struct ipc_member_value *ret)
{
	AUTO_LAYOUT_VALUE struct ipc_member_value v = { 0 };
	struct ipc_layout_error error = { .line = 1, .column = 1 };
	const char *equals = strchr(text, '=');
	AUTO_FREE char *safe = shown(text), *path = NULL;

	if (!equals || equals == text)
		return usage_error("'%s' is not FIELD=VALUE", safe);
	path = strndup(text, (size_t)(equals - text));
	if (!path)
		return fail(NULL, -ENOMEM, "cannot read '%s'", safe);
	int r = layout_field(layout, path, &v.member);
	if (r != CLI_OK)
		return r;
	v.bytes = malloc(v.member.size ? v.member.size : 1);
	if (!v.bytes)
		return fail(NULL, -ENOMEM, "cannot read '%s'", safe);
	r = ipc_member_parse(&v.member, equals + 1, strlen(equals + 1), v.bytes, &error);
	if (r == -ENOMEM)
		return fail(NULL, r, "cannot read '%s'", safe);
	if (r < 0) {
		AUTO_FREE char *name = shown(path);
		error.column += (size_t)(equals + 1 - text);
		fail_plain(0, "cannot set field '%s': %s", name, error.why);
		point_at(text, strlen(text), &error);
		return CLI_USAGE;
	}
	*ret = v;
	v = (struct ipc_member_value){ 0 }; /* the caller owns it now */
	return CLI_OK;
}

static void put(const char *text, size_t len, bool exact)
{
	AUTO_FREE char *safe = NULL;

	if (!exact)
		safe = ipc_escape_dup(text, len, 0);
	if (exact || !safe)
		fwrite(text, 1, len, stdout);
	else
		fputs(safe, stdout);
}

int layout_print(
	const struct ipc_member *members, const char *const *names, size_t len, const void *bytes, bool bare)
{
	for (size_t i = 0; i < len; i++) {
		AUTO_FREE char *text = NULL;
		size_t text_len = 0;
		const unsigned char *own = (const unsigned char *)bytes + members[i].offset;
		int r = ipc_member_format(&members[i], own, &text, &text_len);
		if (r < 0)
			return fail(NULL, r, "cannot print field '%s'", names[i]);
		if (!bare)
			printf("%s=", names[i]);
		put(text, text_len, bare && !isatty(1));
		putchar('\n');
	}
	return CLI_OK;
}
