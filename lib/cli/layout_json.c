#include "cli/layout_json.h"

#include "ipc/base64.h"
#include "ipc/json_record.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static int put_string(FILE *out, const char *text, size_t len)
{
	AUTO_FREE char *json = malloc(JSON_FACTOR * len + 2);

	if (!json)
		return -ENOMEM;
	fwrite(json, 1, ipc_json_string(json, text, len), out);
	return 0;
}

static int put_text(FILE *out, const char *text, size_t len)
{
	if (ipc_utf8_valid(text, len))
		return put_string(out, text, len);
	AUTO_FREE char *base64 = malloc(ipc_base64_length(len));
	if (!base64)
		return -ENOMEM;
	fprintf(out, "{\"data_base64\": \"%.*s\"}", (int)ipc_base64_encode(base64, text, len), base64);
	return 0;
}

static int put_scalar(FILE *out, const struct ipc_member *m, const unsigned char *bytes)
{
	struct ipc_scalar scalar;
	AUTO_FREE char *text = NULL;

	if (m->base == MEMBER_CHAR)
		return put_text(out, (const char *)bytes, bytes[0] ? 1 : 0);
	int r = ipc_member_scalar(m, bytes, &scalar);
	if (r == 0)
		r = ipc_member_format(m, bytes, &text, NULL);
	if (r < 0)
		return r;
	fputs(m->base == MEMBER_FLOAT && !isfinite(scalar.d) ? "null" : text, out);
	return 0;
}

static int put_children(FILE *out, const struct ipc_member *m, const void *bytes, bool named)
{
	size_t count = ipc_member_count(m);

	fputc(named ? '{' : '[', out);
	for (size_t i = 0; i < count; i++) {
		struct ipc_member child;
		int r = ipc_member_child(m, i, &child);
		if (i > 0)
			fputs(", ", out);
		if (r == 0 && named)
			r = put_string(out, child.name, strlen(child.name));
		if (r == 0 && named)
			fputs(": ", out);
		if (r == 0)
			r = layout_json_value(out, &child, bytes);
		if (r < 0)
			return r;
	}
	fputc(named ? '}' : ']', out);
	return 0;
}

int layout_json_value(FILE *out, const struct ipc_member *m, const void *bytes)
{
	const unsigned char *own = (const unsigned char *)bytes + m->offset;

	switch (ipc_member_shape(m)) {
	case SHAPE_STRUCT:
		return put_children(out, m, bytes, true);
	case SHAPE_ARRAY:
		return put_children(out, m, bytes, false);
	case SHAPE_TEXT:
		return put_text(out, (const char *)own, strnlen((const char *)own, m->size));
	default:
		return put_scalar(out, m, own);
	}
}

int layout_json_object(
	FILE *out, const struct ipc_member *members, const char *const *names, size_t len, const void *bytes)
{
	int r = 0;

	fputc('{', out);
	for (size_t i = 0; r == 0 && i < len; i++) {
		if (i > 0)
			fputs(", ", out);
		r = put_string(out, names[i], strlen(names[i]));
		if (r == 0)
			fputs(": ", out);
		if (r == 0)
			r = layout_json_value(out, &members[i], bytes);
	}
	fputc('}', out);
	return r;
}
