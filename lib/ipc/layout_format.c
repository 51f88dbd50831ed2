/* Values of members as they are, and to text. */
#include "ipc/io.h"
#include "ipc/layout_private.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const struct layout_escape layout_escapes[LAYOUT_ESCAPES] = {
	{ 'n', '\n' },
	{ 't', '\t' },
	{ 'r', '\r' },
	{ '0', '\0' },
	{ '\\', '\\' },
	{ '\'', '\'' },
	{ '"', '"' },
};

const char layout_hex_digits[] = "0123456789abcdef";

/* Text that grows; once there is no memory it stays as it is. */
struct text {
	char *bytes;
	size_t len, room;
	bool failed;
};

static void add(struct text *t, const char *bytes, size_t len)
{
	if (len >= t->room - t->len && !t->failed) {
		size_t room = (t->len + len) * 2 + 64;
		char *larger = realloc(t->bytes, room);
		if (larger) {
			t->bytes = larger;
			t->room = room;
		}
		t->failed = larger == NULL;
	}
	if (t->failed)
		return;
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
	t->bytes[t->len] = '\0';
}

static void add_string(struct text *t, const char *s)
{
	add(t, s, strlen(s));
}

locale_t layout_locale_enter(locale_t *ret_old)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);

	*ret_old = uselocale(c);
	return c;
}

void layout_locale_leave(locale_t c, locale_t old)
{
	uselocale(old);
	if (c)
		freelocale(c);
}

static void format_float(struct text *t, double d, bool single)
{
	char buf[40];
	locale_t old, c = layout_locale_enter(&old);

	if (isfinite(d) && fabs(d) < 1e15 && d == (double)(int64_t)d) {
		snprintf(buf, sizeof(buf), "%.0f", d);
	} else {
		int digits = single ? 6 : 15, most = single ? 9 : 17;
		do
			snprintf(buf, sizeof(buf), "%.*g", digits, d);
		while (isfinite(d) && digits++ < most &&
			(single ? strtof(buf, NULL) : strtod(buf, NULL)) != d);
	}
	layout_locale_leave(c, old);
	add_string(t, buf);
}

static void add_quoted(struct text *t, const unsigned char *bytes, size_t len, char quote)
{
	add(t, &quote, 1);
	for (size_t i = 0; i < len; i++) {
		char c = (char)bytes[i],
		     escape[4] = { '\\', 'x', layout_hex_digits[bytes[i] >> 4],
			     layout_hex_digits[bytes[i] & 15] };
		size_t n = bytes[i] < 0x20 || bytes[i] == 0x7f ? 4 : 1;
		for (size_t e = 0; e < LAYOUT_ESCAPES; e++)
			if (layout_escapes[e].byte == c && (e + 2 < LAYOUT_ESCAPES || c == quote)) {
				escape[1] = layout_escapes[e].letter;
				n = 2;
			}
		add(t, n == 1 ? &c : escape, n);
	}
	add(t, &quote, 1);
}

static void format_scalar(struct text *t, const struct ipc_member *m, const unsigned char *bytes, bool inside)
{
	char buf[32] = "";
	struct ipc_scalar s;

	if (ipc_member_scalar(m, bytes, &s) < 0)
		return;
	if (s.base == MEMBER_BOOL)
		add_string(t, s.b ? "true" : "false");
	else if (s.base == MEMBER_FLOAT)
		format_float(t, s.d, m->size == sizeof(float));
	else if (s.base == MEMBER_CHAR && inside)
		add_quoted(t, bytes, 1, '\'');
	else if (s.base == MEMBER_CHAR)
		add(t, (const char *)bytes, *bytes != '\0');
	else if (s.base == MEMBER_SIGNED)
		add(t, buf, (size_t)snprintf(buf, sizeof(buf), "%" PRId64, s.i));
	else
		add(t, buf, (size_t)snprintf(buf, sizeof(buf), "%" PRIu64, s.u));
}

static void format(struct text *t, const struct ipc_member *m, const unsigned char *bytes, bool inside)
{
	enum ipc_member_shape shape = ipc_member_shape(m);
	struct ipc_member child;

	if (shape == SHAPE_SCALAR) {
		format_scalar(t, m, bytes, inside);
		return;
	}
	if (shape == SHAPE_TEXT) {
		size_t len = strnlen((const char *)bytes, m->size);
		if (inside)
			add_quoted(t, bytes, len, '"');
		else
			add(t, (const char *)bytes, len);
		return;
	}
	add_string(t, "{");
	for (size_t i = 0; !t->failed && ipc_member_child(m, i, &child) == 0; i++) {
		add_string(t, i ? ", " : "");
		if (shape == SHAPE_STRUCT) {
			add_string(t, child.name);
			add_string(t, "=");
		}
		format(t, &child, bytes + (child.offset - m->offset), true);
	}
	add_string(t, "}");
}

int ipc_member_format(const struct ipc_member *m, const void *bytes, char **ret, size_t *ret_len)
{
	struct text t = { 0 };

	add_string(&t, "");
	format(&t, m, bytes, false);
	if (t.failed) {
		free(t.bytes);
		return -ENOMEM;
	}
	*ret = t.bytes;
	if (ret_len)
		*ret_len = t.len;
	return 0;
}

bool ipc_member_equal(const struct ipc_member *m, const void *a, const void *b)
{
	AUTO_FREE char *x = NULL, *y = NULL;
	size_t x_len = 0, y_len = 0;

	if (memcmp(a, b, m->size) == 0)
		return true;
	return ipc_member_format(m, a, &x, &x_len) == 0 && ipc_member_format(m, b, &y, &y_len) == 0 &&
		x_len == y_len && memcmp(x, y, x_len) == 0;
}

/* An integer of 1 to 8 bytes, in the lowest bits of the result. */
static uint64_t load(const void *bytes, size_t size)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (size) {
	case 1:
		memcpy(&u8, bytes, size);
		return u8;
	case 2:
		memcpy(&u16, bytes, size);
		return u16;
	case 4:
		memcpy(&u32, bytes, size);
		return u32;
	default:
		memcpy(&u64, bytes, size);
		return u64;
	}
}

int ipc_member_scalar(const struct ipc_member *m, const void *bytes, struct ipc_scalar *ret)
{
	struct ipc_scalar s = { .base = m->base };
	float f;

	if (ipc_member_shape(m) != SHAPE_SCALAR)
		return -EINVAL;
	if (m->base == MEMBER_FLOAT && m->size == sizeof(f)) {
		memcpy(&f, bytes, sizeof(f));
		s.d = (double)f;
	} else if (m->base == MEMBER_FLOAT) {
		memcpy(&s.d, bytes, sizeof(s.d));
	} else if (m->base == MEMBER_SIGNED) {
		size_t unused = 64 - m->size * 8;
		s.i = (int64_t)(load(bytes, m->size) << unused) >> unused;
	} else if (m->base == MEMBER_BOOL) {
		s.b = load(bytes, m->size) != 0;
	} else {
		s.u = load(bytes, m->size);
	}
	*ret = s;
	return 0;
}
