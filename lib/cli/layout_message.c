#include "cli/layout_message.h"

#include "cli/layout_json.h"
#include "ipc/io.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int layout_message_load(struct ipc_layout **ret)
{
	*ret = NULL;
	return layout_given() ? layout_load(ret) : CLI_OK;
}

static int put_member(FILE *out, const struct ipc_member *m, const char *data)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	int r = ipc_member_format(m, data + m->offset, &text, &len);

	if (r < 0)
		return r;
	AUTO_FREE char *safe = ipc_escape_dup(text, len, 0);
	if (!safe)
		return -ENOMEM;
	fprintf(out, "%s=%s\n", m->name, safe);
	return 0;
}

static int put_message(FILE *out, const struct ipc_layout *layout, const char *data, bool json)
{
	struct ipc_member whole = ipc_layout_whole(layout), m;
	int r = 0;

	if (json) {
		r = layout_json_value(out, &whole, data);
		fputc('\n', out);
		return r;
	}
	for (size_t i = 0; r == 0 && i < ipc_member_count(&whole); i++) {
		r = ipc_member_child(&whole, i, &m);
		if (r == 0)
			r = put_member(out, &m, data);
	}
	return r;
}

int layout_message_text(
	const struct ipc_layout *layout, const void *data, bool json, char **ret, size_t *ret_len)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return -ENOMEM;
	int r = put_message(out, layout, data, json);
	if (fclose(out) != 0)
		r = -ENOMEM;
	if (r < 0)
		return r;
	*ret = text;
	*ret_len = len;
	text = NULL; /* the caller owns it now */
	return 0;
}

int layout_message_build(const struct ipc_layout *layout, int argc, char **argv, char **ret)
{
	AUTO_FREE char *bytes = calloc(1, ipc_layout_size(layout) + 1);

	if (!bytes)
		return fail(NULL, -ENOMEM, "cannot build the message");
	for (int i = 0; i < argc; i++) {
		AUTO_LAYOUT_VALUE struct ipc_member_value value = { 0 };
		int r = layout_value(layout, argv[i], &value);
		if (r != CLI_OK)
			return r;
		memcpy(bytes + value.member.offset, value.bytes, value.member.size);
	}
	*ret = bytes;
	bytes = NULL; /* the caller owns it now */
	return CLI_OK;
}
