#include "ipc/base64.h"

#include <errno.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t ipc_base64_encode(char *dst, const void *buf, size_t len)
{
	const unsigned char *in = buf;
	char *out = dst;

	for (; len >= 3; in += 3, len -= 3) {
		uint32_t bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
		*out++ = alphabet[bits >> 18];
		*out++ = alphabet[bits >> 12 & 63];
		*out++ = alphabet[bits >> 6 & 63];
		*out++ = alphabet[bits & 63];
	}
	if (len > 0) {
		uint32_t bits = (uint32_t)in[0] << 16 | (len > 1 ? (uint32_t)in[1] << 8 : 0);
		*out++ = alphabet[bits >> 18];
		*out++ = alphabet[bits >> 12 & 63];
		*out++ = len > 1 ? alphabet[bits >> 6 & 63] : '=';
		*out++ = '=';
	}
	return (size_t)(out - dst);
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Decodes the count characters (2 to 4) of one group that are not padding into count - 1 bytes. */
static int decode_group(unsigned char *out, const char *text, int count)
{
	uint32_t bits = 0;

	for (int i = 0; i < count; i++) {
		int value = value_of(text[i]);
		if (value < 0)
			return -EINVAL;
		bits |= (uint32_t)value << (18 - 6 * i);
	}
	for (int i = 0; i < count - 1; i++)
		out[i] = (unsigned char)(bits >> (16 - 8 * i));
	uint32_t unused = (1U << (24 - 8 * (count - 1))) - 1;
	return bits & unused ? -EINVAL : 0;
}

ssize_t ipc_base64_decode(void *dst, const char *text, size_t len)
{
	unsigned char *out = dst;
	size_t size = len / 4 * 3;
	int last = 4; /* characters of the last group that are not padding */

	if (len % 4 != 0)
		return -EINVAL;
	if (len == 0)
		return 0;
	while (last > 2 && text[len - 4 + (size_t)last - 1] == '=')
		last--;
	for (size_t i = 0; i + 4 < len; i += 4, out += 3)
		if (decode_group(out, text + i, 4) < 0)
			return -EINVAL;
	if (decode_group(out, text + len - 4, last) < 0)
		return -EINVAL;
	return (ssize_t)size - (4 - last);
}
