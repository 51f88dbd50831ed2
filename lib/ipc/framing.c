#include "ipc/framing.h"

#include "ipc/json_record.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_SIZE = 128 * 1024, /* what the buffer begins with: one read(2) takes that much */
	LENGTH_DIGITS = 19,     /* of a netstring: more could overflow */
	NETSTRING_OVERHEAD = LENGTH_DIGITS + 2,
	JSON_LINE_OVERHEAD = 4096, /* for the other keys, known or not */
};

static int malformed(struct ipc_decoder *d, size_t at, const char *text)
{
	d->error = (struct ipc_framing_error){
		.code = -EBADMSG, .text = text, .record = d->records + 1, .offset = d->consumed + at
	};
	return d->error.code;
}

static int cut_short(struct ipc_decoder *d)
{
	d->error = (struct ipc_framing_error){
		.code = -EBADMSG, .record = d->records + 1, .offset = d->fed, .size = ipc_decoder_left(d)
	};
	return d->error.code;
}

static int too_long(struct ipc_decoder *d, uint64_t size, bool at_least)
{
	d->error = (struct ipc_framing_error){ .code = -EMSGSIZE,
		.record = d->records + 1,
		.offset = d->consumed,
		.size = size,
		.at_least = at_least };
	return d->error.code;
}

static int out_of_memory(struct ipc_decoder *d)
{
	d->error = (struct ipc_framing_error){
		.code = -ENOMEM, .record = d->records + 1, .offset = d->consumed
	};
	return d->error.code;
}

static void consume(struct ipc_decoder *d, size_t size)
{
	d->start += size;
	d->consumed += size;
	d->scanned = 0;
}

/* Gives out a record of len bytes at data, whose text has size bytes. */
static int give(struct ipc_decoder *d, const char *data, size_t len, size_t size, struct ipc_record *ret)
{
	*ret = (struct ipc_record){ .data = data, .len = len };
	consume(d, size);
	d->records++;
	return 1;
}

/* Looks for the separator in what was not searched yet. NULL if it is not there. */
static const char *find_separator(struct ipc_decoder *d, int separator)
{
	const char *from = d->in.data + d->start;
	size_t have = d->end - d->start;

	if (have == d->scanned)
		return NULL;
	const char *found = memchr(from + d->scanned, separator, have - d->scanned);
	if (!found)
		d->scanned = have;
	return found;
}

static int separated_decode(struct ipc_decoder *d, struct ipc_record *ret)
{
	const char *sep = find_separator(d, d->framing->separator);
	const char *from = d->in.data + d->start;
	size_t len = sep ? (size_t)(sep - from) : d->end - d->start;

	if (len > d->max)
		return too_long(d, len, !sep && !d->at_end);
	if (sep)
		return give(d, from, len, len + 1, ret);
	if (!d->at_end)
		return -EAGAIN;
	return len > 0 ? give(d, from, len, len, ret) : 0;
}

static size_t separated_room(size_t len)
{
	return len + 1;
}

static size_t separated_encode(char *dst, const struct ipc_record *r, char separator)
{
	if (r->len > 0 && r->data != dst)
		memcpy(dst, r->data, r->len);
	dst[r->len] = separator;
	return r->len + 1;
}

static size_t line_encode(char *dst, const struct ipc_record *r)
{
	return separated_encode(dst, r, '\n');
}

static size_t nul_encode(char *dst, const struct ipc_record *r)
{
	return separated_encode(dst, r, '\0');
}

static int separated_unpack(const char *text, size_t len, struct ipc_buffer *data, struct ipc_record *ret)
{
	(void)data;
	ret->data = text;
	ret->len = len - 1;
	return 0;
}

static size_t no_lead(size_t len)
{
	(void)len;
	return 0;
}

/* Reads "LEN:". Returns its size, -EAGAIN if it is not all there, or -EBADMSG. */
static int read_length(struct ipc_decoder *d, uint64_t *ret)
{
	const char *from = d->in.data + d->start;
	size_t have = d->end - d->start;
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < have && from[i] >= '0' && from[i] <= '9'; i++) {
		if (i == LENGTH_DIGITS)
			return malformed(d, i, "the length has too many digits");
		if (i == 1 && from[0] == '0')
			return malformed(d, 0, "the length begins with 0");
		value = value * 10 + (uint64_t)(from[i] - '0');
	}
	if (i == have)
		return -EAGAIN;
	if (i == 0)
		return malformed(d, i, "expected the length of a netstring");
	if (from[i] != ':')
		return malformed(d, i, "expected ':' after the length");
	*ret = value;
	return (int)i + 1;
}

static int netstring_decode(struct ipc_decoder *d, struct ipc_record *ret)
{
	size_t have = d->end - d->start;
	uint64_t len;

	if (have == 0)
		return d->at_end ? 0 : -EAGAIN;
	int lead = read_length(d, &len);
	if (lead == -EAGAIN)
		return d->at_end ? cut_short(d) : -EAGAIN;
	if (lead < 0)
		return lead;
	if (len > d->max)
		return too_long(d, len, false);
	size_t comma = (size_t)lead + len;
	if (have <= comma)
		return d->at_end ? cut_short(d) : -EAGAIN;
	const char *from = d->in.data + d->start;
	if (from[comma] != ',')
		return malformed(d, comma, "expected ',' behind the data");
	return give(d, from + lead, len, comma + 1, ret);
}

static size_t netstring_room(size_t len)
{
	return len + NETSTRING_OVERHEAD;
}

static size_t netstring_lead(size_t len)
{
	size_t digits = 1;

	for (; len >= 10; len /= 10)
		digits++;
	return digits + 1;
}

static size_t netstring_encode(char *dst, const struct ipc_record *r)
{
	size_t lead = netstring_lead(r->len), rest = r->len;

	if (r->len > 0)
		memmove(dst + lead, r->data, r->len); /* received where a longer length had room */
	dst[lead - 1] = ':';
	for (size_t i = lead - 1; i > 0; i--, rest /= 10)
		dst[i - 1] = (char)('0' + rest % 10);
	dst[lead + r->len] = ',';
	return lead + r->len + 1;
}

static int netstring_unpack(const char *text, size_t len, struct ipc_buffer *data, struct ipc_record *ret)
{
	const char *colon = memchr(text, ':', len);

	(void)data;
	if (!colon)
		return -EBADMSG;
	ret->data = colon + 1;
	ret->len = len - (size_t)(colon - text) - 2;
	return 0;
}

static size_t json_line_max(size_t max)
{
	return max * JSON_FACTOR + JSON_LINE_OVERHEAD;
}

static bool blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
			return false;
	return true;
}

static int json_give(struct ipc_decoder *d, size_t len, size_t size, struct ipc_record *ret)
{
	const char *text = d->in.data + d->start;
	struct ipc_json_problem problem = { 0 };
	struct ipc_record record = { 0 };
	int r = ipc_json_record_parse(text, len, &d->data, &record, &problem);

	if (r == -ENOMEM)
		return out_of_memory(d);
	if (r < 0)
		return malformed(d, problem.at, problem.text);
	if (record.len > d->max)
		return too_long(d, record.len, false);
	give(d, record.data, record.len, size, ret);
	*ret = record;
	return 1;
}

/* A line is an object; blank lines are passed over, as files of such lines often have one at their end. */
static int json_decode(struct ipc_decoder *d, struct ipc_record *ret)
{
	for (;;) {
		const char *sep = find_separator(d, '\n');
		const char *from = d->in.data + d->start;
		size_t len = sep ? (size_t)(sep - from) : d->end - d->start;
		if (len > json_line_max(d->max))
			return malformed(d, len, "the line is longer than any record allowed can be");
		if (!sep && !d->at_end)
			return -EAGAIN;
		if (len > 0 && !blank(from, len))
			return json_give(d, len, len + (sep != NULL), ret);
		consume(d, len + (sep != NULL));
		if (!sep)
			return 0;
	}
}

static size_t json_room(size_t len)
{
	return len * JSON_FACTOR + JSON_RECORD_OVERHEAD;
}

static int json_unpack(const char *text, size_t len, struct ipc_buffer *data, struct ipc_record *ret)
{
	struct ipc_json_problem problem;

	return ipc_json_record_parse(text, len, data, ret, &problem);
}

/* No input at all is one message too, of 0 bytes. */
static int whole_decode(struct ipc_decoder *d, struct ipc_record *ret)
{
	size_t len = d->end - d->start;

	if (len > d->max)
		return too_long(d, len, !d->at_end);
	if (!d->at_end)
		return -EAGAIN;
	return d->records == 0 ? give(d, d->in.data + d->start, len, len, ret) : 0;
}

static size_t whole_encode(char *dst, const struct ipc_record *r)
{
	if (r->len > 0 && r->data != dst)
		memcpy(dst, r->data, r->len);
	return r->len;
}

static int whole_unpack(const char *text, size_t len, struct ipc_buffer *data, struct ipc_record *ret)
{
	(void)data;
	ret->data = text;
	ret->len = len;
	return 0;
}

const struct ipc_framing ipc_framings[FRAMING_COUNT + 1] = {
	[FRAMING_LINE] = { "line", "A line is a record", '\n', false, separated_room, no_lead,
		separated_decode, line_encode, separated_unpack },
	[FRAMING_NUL] = { "nul", "A NUL byte ends each record", '\0', false, separated_room, no_lead,
		separated_decode, nul_encode, separated_unpack },
	[FRAMING_NETSTRING] = { "netstring", "LENGTH:BYTES, for each record; any bytes", -1, false,
		netstring_room, netstring_lead, netstring_decode, netstring_encode, netstring_unpack },
	[FRAMING_JSON] = { "json", "A line with a JSON object is a record; any bytes", -1, true, json_room,
		no_lead, json_decode, ipc_json_record_write, json_unpack },
	[FRAMING_WHOLE] = { "whole", "All of it is one record, byte for byte", -1, false, separated_room,
		no_lead, whole_decode, whole_encode, whole_unpack },
};

int ipc_framing_find(const char *name)
{
	for (int i = 0; i < FRAMING_COUNT; i++)
		if (strcmp(ipc_framings[i].name, name) == 0)
			return i;
	return -EINVAL;
}

const char *ipc_framing_explain(
	const struct ipc_framing_error *e, size_t max_record, char ret[FRAMING_ERROR_SIZE])
{
	if (e->code == -EMSGSIZE)
		snprintf(ret, FRAMING_ERROR_SIZE,
			"record %" PRIu64 " has %s%" PRIu64 " bytes, the limit is %zu", e->record,
			e->at_least ? "at least " : "", e->size, max_record);
	else if (e->code == -EBADMSG && e->text)
		snprintf(ret, FRAMING_ERROR_SIZE, "record %" PRIu64 ": %s, at byte %" PRIu64, e->record,
			e->text, e->offset);
	else if (e->code == -EBADMSG)
		snprintf(ret, FRAMING_ERROR_SIZE,
			"record %" PRIu64 ": the input ends within it, %" PRIu64 " bytes are left over",
			e->record, e->size);
	else
		snprintf(ret, FRAMING_ERROR_SIZE, "record %" PRIu64 ": %s", e->record,
			strerrordesc_np(-e->code));
	return ret;
}

void ipc_decoder_init(struct ipc_decoder *d, enum framing framing, size_t max_record)
{
	*d = (struct ipc_decoder){
		.framing = &ipc_framings[framing],
		.max = max_record < RECORD_MAX ? max_record : RECORD_MAX,
	};
}

void ipc_decoder_free(struct ipc_decoder *d)
{
	ipc_buffer_free(&d->in);
	ipc_buffer_free(&d->data);
}

/* Doubles the buffer. The longest text that is not an error fits, and one byte to see that it is one. */
static int make_larger(struct ipc_decoder *d)
{
	size_t limit = d->framing->detached ? json_line_max(d->max) + 1 : d->framing->room(d->max);
	size_t cap = d->in.cap > 0 ? d->in.cap * 2 : READ_SIZE;

	if (cap > limit && limit > d->in.cap)
		cap = limit > READ_SIZE ? limit : READ_SIZE;
	return ipc_buffer_grow(&d->in, cap) < 0 ? out_of_memory(d) : 0;
}

int ipc_decoder_room(struct ipc_decoder *d, char **ret, size_t *ret_len)
{
	if (d->start > 0) {
		memmove(d->in.data, d->in.data + d->start, d->end - d->start);
		d->end -= d->start;
		d->start = 0;
	}
	if (d->end == d->in.cap) {
		int r = make_larger(d);
		if (r < 0)
			return r;
	}
	*ret = d->in.data + d->end;
	*ret_len = d->in.cap - d->end;
	return 0;
}

void ipc_decoder_fed(struct ipc_decoder *d, size_t len)
{
	d->end += len;
	d->fed += len;
	d->at_end |= len == 0;
}

ssize_t ipc_decoder_feed(struct ipc_decoder *d, const void *buf, size_t len)
{
	size_t room;
	char *to;
	int r = ipc_decoder_room(d, &to, &room);

	if (r < 0)
		return r;
	if (room > len)
		room = len;
	if (room > 0)
		memcpy(to, buf, room);
	ipc_decoder_fed(d, room);
	return (ssize_t)room;
}

ssize_t ipc_decoder_read(struct ipc_decoder *d, int fd)
{
	size_t room;
	ssize_t n;
	char *to;
	int r = ipc_decoder_room(d, &to, &room);

	if (r < 0)
		return r;
	do
		n = read(fd, to, room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	ipc_decoder_fed(d, (size_t)n);
	return n;
}

int ipc_decoder_next(struct ipc_decoder *d, struct ipc_record *ret)
{
	if (d->error.code < 0)
		return d->error.code;
	if (!d->in.data) {
		if (!d->at_end)
			return -EAGAIN;
		if (make_larger(d) < 0)
			return d->error.code;
	}
	return d->framing->decode(d, ret);
}

char *ipc_decoder_data(struct ipc_decoder *d, const struct ipc_record *r)
{
	struct ipc_buffer *b = d->framing->detached ? &d->data : &d->in;

	return b->data + (r->data - b->data);
}

void ipc_reader_init(struct ipc_reader *r, int fd, enum framing framing, size_t max_record)
{
	ipc_decoder_init(&r->d, framing, max_record);
	r->fd = fd;
}

void ipc_reader_free(struct ipc_reader *r)
{
	ipc_decoder_free(&r->d);
}

int ipc_reader_next(struct ipc_reader *r, struct ipc_record *ret)
{
	int result;

	while ((result = ipc_decoder_next(&r->d, ret)) == -EAGAIN) {
		ssize_t n = ipc_decoder_read(&r->d, r->fd);
		if (n == -EAGAIN)
			poll(&(struct pollfd){ .fd = r->fd, .events = POLLIN }, 1, -1);
		else if (n < 0)
			return (int)n;
	}
	return result;
}
