#include "ipc/utf8.h"

#include "ipc/io.h"

#include <errno.h>
#include <string.h>

/* What is not printable beside the noncharacters at the end of each plane, in order. */
static const struct range {
	uint32_t first, last;
} unprintable[] = {
	{ 0x0000, 0x001f },   /* C0 */
	{ 0x007f, 0x009f },   /* DEL, C1 */
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x061c, 0x061c },   /* Arabic letter mark, a bidirectional control */
	{ 0x180e, 0x180e },   /* Mongolian vowel separator */
	{ 0x200b, 0x200f },   /* zero width; left-to-right and right-to-left marks */
	{ 0x2028, 0x202e },   /* line and paragraph separator; embeddings and overrides */
	{ 0x2060, 0x206f },   /* invisible operators, isolates, deprecated format characters */
	{ 0xd800, 0xdfff },   /* surrogates */
	{ 0xfdd0, 0xfdef },   /* noncharacters */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xfff9, 0xfffb },   /* interlinear annotations */
	{ 0xe0000, 0xe007f }, /* tags */
};

bool ipc_utf8_printable(uint32_t c)
{
	if (c >= 0x20 && c < 0x7f)
		return true;
	if (c > 0x10ffff || (c & 0xfffe) == 0xfffe)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(unprintable); i++)
		if (c <= unprintable[i].last)
			return c < unprintable[i].first;
	return true;
}

size_t ipc_utf8_next(const void *buf, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = buf;

	if (len == 0)
		return 0;
	if (p[0] < 0x80) {
		*ret = p[0];
		return 1;
	}
	size_t size = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	if (size == 0 || len < size)
		return 0;
	uint32_t c = p[0] & (0x7fU >> size);
	for (size_t i = 1; i < size; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fU);
	}
	if (c < least[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return size;
}

bool ipc_utf8_valid(const void *buf, size_t len)
{
	const char *p = buf, *end = len > 0 ? p + len : p; /* buf may be NULL then */
	uint32_t c;

	while (p < end) {
		uint64_t word;
		while ((size_t)(end - p) >= sizeof(word)) {
			memcpy(&word, p, sizeof(word));
			if (word & 0x8080808080808080U)
				break;
			p += sizeof(word);
		}
		if (p == end)
			break;
		size_t size = ipc_utf8_next(p, (size_t)(end - p), &c);
		if (size == 0)
			return false;
		p += size;
	}
	return true;
}

/* The letter that stands behind a backslash for c, or 0. */
static char letter_of(uint32_t c, unsigned flags)
{
	if (c == '\r')
		return 'r';
	if (flags & ESCAPE_GLOB && (c == '*' || c == '?' || c == '['))
		return (char)c;
	if (flags & ESCAPE_DISPLAY)
		return 0;
	if (c == '\\')
		return '\\';
	return c == '\n' ? 'n' : c == '\t' ? 't' : 0;
}

static char *put_hex(char *out, const unsigned char *in, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = '\\';
		*out++ = 'x';
		*out++ = digits[in[i] >> 4];
		*out++ = digits[in[i] & 15];
	}
	return out;
}

size_t ipc_escape(char *dst, const void *buf, size_t len, unsigned flags)
{
	const unsigned char *in = buf;
	char *out = dst;

	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t size = ipc_utf8_next(in + i, len - i, &c);
		char letter = size > 0 ? letter_of(c, flags) : 0;
		bool keep = flags & ESCAPE_DISPLAY && (c == '\n' || c == '\t');
		if (letter) {
			*out++ = '\\';
			*out++ = letter;
		} else if (size > 0 && (keep || ipc_utf8_printable(c))) {
			memcpy(out, in + i, size);
			out += size;
		} else {
			out = put_hex(out, in + i, size > 0 ? size : 1);
		}
		i += size > 0 ? size : 1;
	}
	*out = '\0';
	return (size_t)(out - dst);
}

char *ipc_escape_dup(const void *buf, size_t len, unsigned flags)
{
	size_t room;

	if (__builtin_mul_overflow(len, (size_t)ESCAPE_FACTOR, &room) ||
		__builtin_add_overflow(room, (size_t)1, &room))
		return NULL;
	char *text = malloc(room);
	if (text)
		ipc_escape(text, buf, len, flags);
	return text;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads the escape at text, whose first byte is a backslash. Returns its length, or 0 if it is none. */
static size_t read_escape(const char *text, size_t len, char *ret)
{
	static const char letters[] = "ntr\\*?[]", meanings[] = "\n\t\r\\*?[]";

	if (len < 2)
		return 0;
	const char *found = memchr(letters, text[1], sizeof(letters) - 1);
	if (found) {
		*ret = meanings[found - letters];
		return 2;
	}
	if (text[1] != 'x' || len < 4)
		return 0;
	int high = hex_value(text[2]), low = hex_value(text[3]);
	if (high < 0 || low < 0)
		return 0;
	*ret = (char)(high << 4 | low);
	return 4;
}

ssize_t ipc_unescape(char *dst, const char *text, size_t len, size_t *ret_bad)
{
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		char c = text[i];
		size_t size = c == '\\' ? read_escape(text + i, len - i, &c) : 1;
		if (size == 0) {
			if (ret_bad)
				*ret_bad = i;
			return -EINVAL;
		}
		dst[used++] = c;
		i += size;
	}
	return (ssize_t)used;
}
