/*
 * A record as one line of JSON: `time`, `priority` or `type`, `size`, and `data`, or
 * `data_base64` for bytes that are not UTF-8.
 */
#pragma once

#include "ipc/buffer.h"
#include "ipc/record.h"

/* The JSON key of each kind of number, NULL for TAG_NONE. */
extern const char *const ipc_tag_keys[TAG_COUNT];

/* A byte of text becomes at most this many in JSON: `\u001b`. */
enum { JSON_FACTOR = 6, JSON_RECORD_OVERHEAD = 256 };

/**
 * Writes text as a JSON string with its quotes. What is not printable (utf8.h) is escaped, so that the
 * result is safe on a terminal; other characters stay as they are.
 *
 * dst: room for JSON_FACTOR * len + 2 bytes
 * text: must be valid UTF-8; may hold NUL
 * Returns the length; no NUL is written.
 */
size_t ipc_json_string(char *dst, const char *text, size_t len);

/* Parts of JSON text that is built piece by piece. Each returns where the next goes; no NUL is written. */

/** text as it is: what needs no escaping. */
char *ipc_json_put_text(char *out, const char *text);

/** A number in decimal: at most 20 bytes. */
char *ipc_json_put_integer(char *out, int64_t value);

/**
 * Writes a record as a JSON object and a newline.
 *
 * dst: room for JSON_FACTOR * r->len + JSON_RECORD_OVERHEAD bytes
 * A time that RFC 3339 can't express is left out. Returns the length.
 */
size_t ipc_json_record_write(char *dst, const struct ipc_record *r);

/* Why a text is no record: a constant phrase, and the byte of the text where that showed. */
struct ipc_json_problem {
	const char *text;
	size_t at;
};

/**
 * Reads a record from a JSON object.
 *
 * There must be exactly one of `data` and `data_base64`, and at most one of `priority` and `type`; a `size`
 * that differs from the bytes is an error; null is as if the key were absent; keys that are not known
 * are ignored, so that a stream with additions stays readable; a key given twice is refused.
 * data: where the bytes are put; ret->data points into it
 * Returns 0 or -errno: -EBADMSG with ret_problem set, -ENOMEM.
 */
int ipc_json_record_parse(const char *text, size_t len, struct ipc_buffer *data, struct ipc_record *ret,
	struct ipc_json_problem *ret_problem);
