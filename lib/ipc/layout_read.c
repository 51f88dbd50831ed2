/* Values of members from text. */
#include "ipc/layout_private.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void store(void *bytes, size_t size, uint64_t value)
{
	uint8_t u8 = (uint8_t)value;
	uint16_t u16 = (uint16_t)value;
	uint32_t u32 = (uint32_t)value;
	const void *from = size == 1 ? (const void *)&u8
		: size == 2          ? (const void *)&u16
		: size == 4          ? (const void *)&u32
				     : (const void *)&value;

	memcpy(bytes, from, size);
}

/* What is being read. Everything is read twice: once to check it, with out NULL, then to store it. */
struct reader {
	const char *text, *at, *end;
	struct ipc_layout_error *err;
	unsigned char *out;
	size_t base; /* the offset of out[0] in the structure */
};

#define complain(in, result, at, ...)                                                                        \
	layout_error((in)->err, result, 1, (size_t)((at) - (in)->text) + 1, __VA_ARGS__)

static void put(struct reader *in, const struct ipc_member *m, const void *bytes, size_t len)
{
	if (in->out)
		memcpy(in->out + (m->offset - in->base), bytes, len);
}

static bool equals(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

static int read_bool(struct reader *in, const struct ipc_member *m, const char *text, size_t len)
{
	unsigned char value[sizeof(bool)] = { 0 };
	bool yes = equals(text, len, "true") || equals(text, len, "1");

	if (!yes && !equals(text, len, "false") && !equals(text, len, "0"))
		return complain(in, EINVAL, text, "expected true, false, 1 or 0");
	store(value, sizeof(value), yes);
	put(in, m, value, m->size);
	return 0;
}

static int digit_of(char c)
{
	const char *digit = c ? strchr(layout_hex_digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;

	return digit ? (int)(digit - layout_hex_digits) : 16;
}

/* The digits of a number. Returns -EINVAL for what is none, -ERANGE if 64 bits can't hold it. */
static int read_digits(const char *text, size_t len, uint64_t *ret)
{
	bool hex = len > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
	uint64_t value = 0;
	bool overflow = false;

	if (len == 0)
		return -EINVAL;
	for (size_t i = hex ? 2 : 0; i < len; i++) {
		int digit = digit_of(text[i]);
		if (digit >= (hex ? 16 : 10))
			return -EINVAL;
		overflow |= __builtin_mul_overflow(value, hex ? 16 : 10, &value);
		overflow |= __builtin_add_overflow(value, (uint64_t)digit, &value);
	}
	*ret = value;
	return overflow ? -ERANGE : 0;
}

static int read_integer(struct reader *in, const struct ipc_member *m, const char *text, size_t len)
{
	bool sign = len > 0 && (*text == '-' || *text == '+'), negative = sign && *text == '-';
	bool is_signed = m->base == MEMBER_SIGNED;
	uint64_t most = UINT64_MAX >> (64 - m->size * 8 + is_signed), value;
	int r = read_digits(text + sign, len - sign, &value);

	if (r == -EINVAL)
		return complain(in, EINVAL, text, "expected an integer");
	if (r < 0 || value > (negative ? (is_signed ? most + 1 : 0) : most)) {
		if (is_signed)
			return complain(
				in, ERANGE, text, "out of range: -%" PRIu64 " to %" PRIu64, most + 1, most);
		return complain(in, ERANGE, text, "out of range: 0 to %" PRIu64, most);
	}
	unsigned char bytes[8];
	store(bytes, m->size, negative ? 0 - value : value);
	put(in, m, bytes, m->size);
	return 0;
}

static int read_float(struct reader *in, const struct ipc_member *m, const char *text, size_t len)
{
	char buf[1100], *end = buf; /* more than the digits that any double has */
	float f = 0;
	double d = 0;
	bool single = m->size == sizeof(f);

	if (len == 0 || len >= sizeof(buf) || !strchr("+-.0123456789iInN", *text) || *text == '\0')
		return complain(in, EINVAL, text, "expected a number");
	memcpy(buf, text, len);
	buf[len] = '\0';
	locale_t old, c = layout_locale_enter(&old);
	errno = 0;
	if (single)
		f = strtof(buf, &end);
	else
		d = strtod(buf, &end);
	bool overflow = errno == ERANGE && isinf(single ? (double)f : d);
	layout_locale_leave(c, old);
	if (end != buf + len)
		return complain(in, EINVAL, text, "expected a number");
	if (overflow)
		return complain(in, ERANGE, text, "out of range for %s", single ? "float" : "double");
	put(in, m, single ? (const void *)&f : (const void *)&d, m->size);
	return 0;
}

/* Reads one character, or an escape, of text that has len bytes. Returns how many it took, 0 for no escape. */
static size_t read_escape(const char *text, size_t len, char *ret)
{
	if (len == 0)
		return 0;
	if (*text != '\\') {
		*ret = *text;
		return 1;
	}
	if (len >= 4 && text[1] == 'x' && digit_of(text[2]) < 16 && digit_of(text[3]) < 16) {
		*ret = (char)(digit_of(text[2]) << 4 | digit_of(text[3]));
		return 4;
	}
	for (size_t i = 0; len >= 2 && i < LAYOUT_ESCAPES; i++)
		if (text[1] == layout_escapes[i].letter) {
			*ret = layout_escapes[i].byte;
			return 2;
		}
	return 0;
}

static int read_char(struct reader *in, const struct ipc_member *m, const char *text, size_t len)
{
	char c = '\0';

	if (len == 1)
		c = *text;
	else if (len > 1 && read_escape(text, len, &c) != len)
		return complain(in, EINVAL, text, "expected one byte, or an escape such as \\n or \\x1b");
	put(in, m, &c, 1);
	return 0;
}

static int read_scalar(struct reader *in, const struct ipc_member *m, const char *text, size_t len)
{
	switch (m->base) {
	case MEMBER_BOOL:
		return read_bool(in, m, text, len);
	case MEMBER_CHAR:
		return read_char(in, m, text, len);
	case MEMBER_FLOAT:
		return read_float(in, m, text, len);
	default:
		return read_integer(in, m, text, len);
	}
}

static void skip_blanks(struct reader *in)
{
	while (in->at < in->end && (*in->at == ' ' || (*in->at >= '\t' && *in->at <= '\r')))
		in->at++;
}

static bool next_is(const struct reader *in, char c)
{
	return in->at < in->end && *in->at == c;
}

/* "text" within braces. */
static int read_quoted(struct reader *in, const struct ipc_member *m)
{
	const char *begin = in->at;
	size_t len = 0;

	if (!next_is(in, '"'))
		return complain(in, EINVAL, in->at, "expected text in double quotes");
	for (in->at++; in->at < in->end && *in->at != '"'; len++) {
		char c;
		size_t n = read_escape(in->at, (size_t)(in->end - in->at), &c);
		if (n == 0)
			return complain(in, EINVAL, in->at, "unknown escape");
		if (len == m->size)
			return complain(in, ERANGE, in->at, "the text is longer than %zu bytes", m->size);
		if (in->out)
			in->out[m->offset - in->base + len] = (unsigned char)c;
		in->at += n;
	}
	if (in->at == in->end)
		return complain(in, EINVAL, begin, "these quotes have no end");
	in->at++;
	return 0;
}

/* One scalar within braces: up to the comma or the brace behind it; a character can have quotes. */
static int read_word(struct reader *in, const struct ipc_member *m)
{
	const char *begin = in->at;
	char c;

	if (m->base == MEMBER_CHAR && next_is(in, '\'')) {
		size_t n = read_escape(begin + 1, (size_t)(in->end - begin) - 1, &c);
		in->at += 1 + n;
		if (n == 0 || begin[1] == '\'' || !next_is(in, '\''))
			return complain(in, EINVAL, begin, "expected one byte in single quotes");
		in->at++;
		return read_scalar(in, m, begin + 1, n);
	}
	while (in->at < in->end && !strchr(",{} \t\n\v\f\r", *in->at))
		in->at++;
	if (in->at == begin)
		return complain(in, EINVAL, begin, "expected a value");
	return read_scalar(in, m, begin, (size_t)(in->at - begin));
}

/* Goes past `name =` or `.name =`, if that comes next, and sets *i to the member's number. */
static int read_name(struct reader *in, const struct ipc_member *m, size_t *i)
{
	const char *begin = in->at + next_is(in, '.'), *p = begin, *end;

	while (p < in->end && layout_is_word(*p))
		p++;
	for (end = p; p < in->end && *p == ' ';)
		p++;
	if (p == in->end || *p != '=' || end == begin) {
		return begin == in->at ? 0 : complain(in, EINVAL, begin, "expected a name and '='");
	}
	for (size_t k = *i; k < m->of->count; k++)
		if (equals(begin, (size_t)(end - begin), m->of->members[k].name)) {
			*i = k;
			in->at = p + 1;
			skip_blanks(in);
			return 0;
		}
	for (size_t k = 0; k < *i; k++)
		if (equals(begin, (size_t)(end - begin), m->of->members[k].name))
			return complain(in, EINVAL, begin, "this member comes twice, or out of order");
	return complain(in, EINVAL, begin, "no member of this name");
}

static int read_list(struct reader *in, const struct ipc_member *m, bool braces);

static int read_value(struct reader *in, const struct ipc_member *m)
{
	switch (ipc_member_shape(m)) {
	case SHAPE_SCALAR:
		return read_word(in, m);
	case SHAPE_TEXT:
		return read_quoted(in, m);
	default:
		return read_list(in, m, true);
	}
}

/* Reads `{value, value}`, or with braces false the inside of it up to the end. */
static int read_list(struct reader *in, const struct ipc_member *m, bool braces)
{
	bool is_struct = ipc_member_shape(m) == SHAPE_STRUCT;
	int r = 0;

	if (braces && !next_is(in, '{'))
		return complain(in, EINVAL, in->at, "expected '{'");
	in->at += braces;
	for (size_t i = 0; r == 0; i++) {
		struct ipc_member child;
		skip_blanks(in);
		if (braces ? next_is(in, '}') : in->at == in->end)
			break;
		if (is_struct)
			r = read_name(in, m, &i);
		if (r == 0 && ipc_member_child(m, i, &child) < 0)
			r = complain(in, ERANGE, in->at, "more than %zu values", ipc_member_count(m));
		if (r == 0)
			r = read_value(in, &child);
		if (r < 0)
			return r;
		skip_blanks(in);
		if (!next_is(in, ','))
			break;
		in->at++;
	}
	if (!braces)
		return r;
	if (!next_is(in, '}'))
		return complain(in, EINVAL, in->at, "expected ',' or '}'");
	in->at++;
	return 0;
}

/* The text of a char[N], as it is. */
static int read_raw(struct reader *in, const struct ipc_member *m)
{
	size_t len = (size_t)(in->end - in->at);
	const char *nul = len ? memchr(in->at, '\0', len) : NULL;

	if (nul)
		return complain(in, EINVAL, nul, "there is a NUL in the text");
	if (len >= m->size)
		return complain(in, ERANGE, in->at + m->size - 1,
			"the text is longer than %zu bytes and the NUL behind them", m->size - 1);
	if (len)
		put(in, m, in->at, len);
	return 0;
}

static int read_outer(struct reader *in, const struct ipc_member *m)
{
	enum ipc_member_shape shape = ipc_member_shape(m);

	if (shape == SHAPE_SCALAR)
		return read_scalar(in, m, in->at, (size_t)(in->end - in->at));
	if (shape == SHAPE_TEXT)
		return read_raw(in, m);
	skip_blanks(in);
	if (in->at == in->end)
		return complain(in, EINVAL, in->at, "expected a value");
	int r = read_list(in, m, shape == SHAPE_STRUCT || next_is(in, '{') || m->dim_count > 1);
	skip_blanks(in);
	if (r == 0 && in->at < in->end)
		return complain(in, EINVAL, in->at, "expected the end of the value");
	return r;
}

int ipc_member_parse(
	const struct ipc_member *m, const char *text, size_t len, void *out, struct ipc_layout_error *ret_err)
{
	struct reader in = { .text = text, .at = text, .end = text + len, .err = ret_err, .base = m->offset };
	int r = read_outer(&in, m);

	if (r < 0)
		return r;
	memset(out, 0, m->size);
	in.at = text;
	in.out = out;
	return read_outer(&in, m);
}
