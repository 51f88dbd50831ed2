#include "ipc/json_record.h"

#include "ipc/base64.h"
#include "ipc/io.h"
#include "ipc/timefmt.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

const char *const ipc_tag_keys[TAG_COUNT] = {
	[TAG_PRIORITY] = "priority",
	[TAG_TYPE] = "type",
};

static char *put_unit(char *out, uint32_t unit)
{
	static const char digits[] = "0123456789abcdef";

	*out++ = '\\';
	*out++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*out++ = digits[unit >> shift & 15];
	return out;
}

/* Writes a character that can't stand in the string as it is. */
static char *put_escaped(char *out, uint32_t c)
{
	static const char characters[] = "\"\\\n\t\r\b\f", letters[] = "\"\\ntrbf";
	const char *found = c > 0 && c < 0x80 ? memchr(characters, (int)c, sizeof(characters) - 1) : NULL;

	if (found) {
		*out++ = '\\';
		*out++ = letters[found - characters];
		return out;
	}
	if (c < 0x10000)
		return put_unit(out, c);
	out = put_unit(out, 0xd800 + ((c - 0x10000) >> 10));
	return put_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

size_t ipc_json_string(char *dst, const char *text, size_t len)
{
	char *out = dst;

	*out++ = '"';
	for (size_t i = 0; i < len;) {
		size_t from = i;
		while (i < len && plain((unsigned char)text[i]))
			i++;
		memcpy(out, text + from, i - from);
		out += i - from;
		if (i == len)
			break;
		uint32_t c = '?';
		size_t size = ipc_utf8_next(text + i, len - i, &c);
		if (size > 1 && ipc_utf8_printable(c)) {
			memcpy(out, text + i, size);
			out += size;
		} else {
			out = put_escaped(out, c);
		}
		i += size > 0 ? size : 1;
	}
	*out++ = '"';
	return (size_t)(out - dst);
}

char *ipc_json_put_text(char *out, const char *text)
{
	size_t len = strlen(text);

	memcpy(out, text, len);
	return out + len;
}

char *ipc_json_put_integer(char *out, int64_t value)
{
	char digits[20], *p = digits + sizeof(digits);
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		*--p = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		*out++ = '-';
	size_t len = (size_t)(digits + sizeof(digits) - p);
	memcpy(out, p, len);
	return out + len;
}

size_t ipc_json_record_write(char *dst, const struct ipc_record *r)
{
	char time[TIME_TEXT_SIZE], *out = dst;

	*out++ = '{';
	if (r->has_time && ipc_time_format(r->time, time) > 0) {
		out = ipc_json_put_text(out, "\"time\":\"");
		out = ipc_json_put_text(out, time);
		out = ipc_json_put_text(out, "\",");
	}
	if (r->tag != TAG_NONE) {
		*out++ = '"';
		out = ipc_json_put_text(out, ipc_tag_keys[r->tag]);
		out = ipc_json_put_text(out, "\":");
		out = ipc_json_put_integer(out, r->number);
		*out++ = ',';
	}
	out = ipc_json_put_text(out, "\"size\":");
	out = ipc_json_put_integer(out, (int64_t)r->len);
	if (ipc_utf8_valid(r->data, r->len)) {
		out = ipc_json_put_text(out, ",\"data\":");
		out += ipc_json_string(out, r->data, r->len);
	} else {
		out = ipc_json_put_text(out, ",\"data_base64\":\"");
		out += ipc_base64_encode(out, r->data, r->len);
		*out++ = '"';
	}
	out = ipc_json_put_text(out, "}\n");
	return (size_t)(out - dst);
}

static const char *phrase_of(const json_error_t *e)
{
	switch (json_error_code(e)) {
	case json_error_premature_end_of_input:
		return "the JSON text ends in the middle";
	case json_error_end_of_input_expected:
		return "something follows the JSON object";
	case json_error_duplicate_key:
		return "a key is given twice";
	case json_error_numeric_overflow:
		return "a number is too large";
	case json_error_stack_overflow:
		return "nested too deeply";
	case json_error_invalid_utf8:
		return "not UTF-8";
	default:
		return "not valid JSON";
	}
}

/* Reads an optional number. Returns 1, 0 if the key is absent or null, -1 if it is no integer. */
static int read_integer(const json_t *object, const char *key, int64_t *ret)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_integer(value))
		return -1;
	*ret = json_integer_value(value);
	return 1;
}

static const char *read_tag(const json_t *object, struct ipc_record *r)
{
	for (enum ipc_tag tag = TAG_NONE + 1; tag < TAG_COUNT; tag++) {
		int n = read_integer(object, ipc_tag_keys[tag], &r->number);
		if (n < 0)
			return tag == TAG_TYPE ? "\"type\" must be an integer"
					       : "\"priority\" must be an integer";
		if (n > 0 && r->tag != TAG_NONE)
			return "both \"priority\" and \"type\" are given";
		if (n > 0)
			r->tag = tag;
	}
	return NULL;
}

static const char *read_time(const json_t *object, struct ipc_record *r)
{
	const json_t *value = json_object_get(object, "time");

	if (!value || json_is_null(value))
		return NULL;
	if (!json_is_string(value) ||
		ipc_time_parse(json_string_value(value), json_string_length(value), &r->time) < 0)
		return "\"time\" must be an RFC 3339 time";
	r->has_time = true;
	return NULL;
}

static const char *check_size(const json_t *object, const struct ipc_record *r)
{
	int64_t size = 0;
	int n = read_integer(object, "size", &size);

	if (n < 0)
		return "\"size\" must be an integer";
	if (n > 0 && (size < 0 || (uint64_t)size != r->len))
		return "\"size\" differs from the size of the data";
	return NULL;
}

/* Reads the bytes. Returns 0, -EBADMSG with ret_phrase set, or -ENOMEM. */
static int read_data(
	const json_t *object, struct ipc_buffer *data, struct ipc_record *r, const char **ret_phrase)
{
	const json_t *text = json_object_get(object, "data");
	const json_t *base64 = json_object_get(object, "data_base64");
	const json_t *value = text && !json_is_null(text) ? text : base64;

	*ret_phrase = "there must be one of \"data\" and \"data_base64\", a string";
	if (!json_is_string(value) || (value == text && base64 && !json_is_null(base64)))
		return -EBADMSG;
	size_t len = json_string_length(value);
	if (ipc_buffer_grow(data, len) < 0)
		return -ENOMEM;
	r->data = data->data;
	r->len = len;
	if (value == text) {
		memcpy(data->data, json_string_value(value), len);
		return 0;
	}
	*ret_phrase = "\"data_base64\" is not padded base64";
	ssize_t n = ipc_base64_decode(data->data, json_string_value(value), len);
	if (n < 0)
		return -EBADMSG;
	r->len = (size_t)n;
	return 0;
}

int ipc_json_record_parse(const char *text, size_t len, struct ipc_buffer *data, struct ipc_record *ret,
	struct ipc_json_problem *ret_problem)
{
	struct ipc_record r = { 0 };
	json_error_t error;
	const char *phrase = NULL;

	json_auto_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (!object && json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	if (!object) {
		*ret_problem = (struct ipc_json_problem){ phrase_of(&error), (size_t)error.position };
		return -EBADMSG;
	}
	if (!json_is_object(object)) {
		*ret_problem = (struct ipc_json_problem){ "not a JSON object", 0 };
		return -EBADMSG;
	}
	int result = read_data(object, data, &r, &phrase);
	if (result == -ENOMEM)
		return result;
	if (result == 0)
		phrase = read_tag(object, &r);
	if (!phrase)
		phrase = read_time(object, &r);
	if (!phrase)
		phrase = check_size(object, &r);
	if (phrase) {
		*ret_problem = (struct ipc_json_problem){ phrase, 0 };
		return -EBADMSG;
	}
	*ret = r;
	return 0;
}
