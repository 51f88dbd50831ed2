#include "ipc/recording.h"

#include "ipc/base64.h"
#include "ipc/framing.h"
#include "ipc/io.h"
#include "ipc/json_record.h"
#include "ipc/timefmt.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const event_names[] = {
	[RECORDING_CONNECT] = "connect",
	[RECORDING_DATA] = "data",
	[RECORDING_END] = "end",
	[RECORDING_CLOSE] = "close",
};

static const char *const side_names[] = { [RECORDING_CLIENT] = "client", [RECORDING_SERVER] = "server" };

const char *recording_side_name(enum recording_side side)
{
	return side_names[side];
}

/* Steps and connections count with what they take beside their data, so that many empty ones are bounded. */
enum {
	STEP_COST = sizeof(struct recording_step) * 2,
	CONNECTION_COST = sizeof(struct recording_connection) * 2
};

/* --- writing -------------------------------------------------------------------------------------- */

static char *put_word(char *out, const char *key, const char *word)
{
	out = ipc_json_put_text(out, key);
	*out++ = '"';
	out = ipc_json_put_text(out, word);
	*out++ = '"';
	return out;
}

static char *put_data(char *out, const struct recording_event *e)
{
	out = ipc_json_put_text(out, ",\"size\":");
	out = ipc_json_put_integer(out, (int64_t)e->len);
	if (e->fds > 0) {
		out = ipc_json_put_text(out, ",\"fds\":");
		out = ipc_json_put_integer(out, (int64_t)e->fds);
	}
	if (ipc_utf8_valid(e->data, e->len)) {
		out = ipc_json_put_text(out, ",\"data\":");
		return out + ipc_json_string(out, e->data, e->len);
	}
	out = ipc_json_put_text(out, ",\"data_base64\":\"");
	out += ipc_base64_encode(out, e->data, e->len);
	*out++ = '"';
	return out;
}

size_t recording_write(char *dst, const struct recording_event *e)
{
	char time[TIME_TEXT_SIZE], *out = dst;

	*out++ = '{';
	if (e->has_time && ipc_time_format(e->time, time) > 0) {
		out = put_word(out, "\"time\":", time);
		*out++ = ',';
	}
	out = ipc_json_put_text(out, "\"connection\":");
	out = ipc_json_put_integer(out, (int64_t)e->connection);
	out = put_word(out, ",\"event\":", event_names[e->type]);
	if (e->type == RECORDING_DATA || e->type == RECORDING_END)
		out = put_word(out, ",\"from\":", side_names[e->from]);
	if (e->type == RECORDING_DATA)
		out = put_data(out, e);
	out = ipc_json_put_text(out, "}\n");
	return (size_t)(out - dst);
}

/* --- one line ------------------------------------------------------------------------------------- */

/* A line that was understood; its data is in a buffer of its own. */
struct line {
	struct recording_event e;
	struct ipc_buffer data;
};

/* The index of a word in a list, or -1. */
static int word_of(const json_t *value, const char *const *words, int count)
{
	for (int i = 0; json_is_string(value) && i < count; i++)
		if (strcmp(json_string_value(value), words[i]) == 0)
			return i;
	return -1;
}

static bool read_number(const json_t *value, uint64_t least, uint64_t most, uint64_t *ret)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*ret = (uint64_t)json_integer_value(value);
	return *ret >= least && *ret <= most;
}

static const char *read_event(const json_t *object, struct recording_event *e)
{
	int event = word_of(json_object_get(object, "event"), event_names, RECORDING_EVENTS);
	int from = word_of(json_object_get(object, "from"), side_names, RECORDING_SIDES);

	if (event < 0)
		return "\"event\" must be \"connect\", \"data\", \"end\" or \"close\"";
	e->type = (enum recording_event_type)event;
	if (from < 0 && (e->type == RECORDING_DATA || e->type == RECORDING_END))
		return "\"from\" must be \"client\" or \"server\"";
	e->from = from < 0 ? RECORDING_CLIENT : (enum recording_side)from;
	if (!read_number(json_object_get(object, "connection"), 1, INT64_MAX, &e->connection))
		return "\"connection\" must be a number from 1";
	return NULL;
}

static const char *read_time(const json_t *object, struct recording_event *e)
{
	const json_t *value = json_object_get(object, "time");

	if (!value)
		return NULL;
	e->has_time = true;
	return json_is_string(value) &&
			ipc_time_parse(json_string_value(value), json_string_length(value), &e->time) == 0
		? NULL
		: "\"time\" must be an RFC 3339 time";
}

/* Reads data or data_base64. Returns 0, -EBADMSG with ret_text set, or -ENOMEM. */
static int read_data(const json_t *object, struct line *l, const char **ret_text)
{
	const json_t *text = json_object_get(object, "data"),
		     *base64 = json_object_get(object, "data_base64");
	const json_t *value = text ? text : base64;

	*ret_text = "there must be one of \"data\" and \"data_base64\", a string";
	if (!json_is_string(value) || (text && base64))
		return -EBADMSG;
	size_t len = json_string_length(value);
	if (ipc_buffer_grow(&l->data, len) < 0)
		return -ENOMEM;
	l->e.data = l->data.data;
	l->e.len = len;
	if (text) {
		memcpy(l->data.data, json_string_value(value), len);
	} else {
		ssize_t n = ipc_base64_decode(l->data.data, json_string_value(value), len);
		*ret_text = "\"data_base64\" is not padded base64";
		if (n < 0)
			return -EBADMSG;
		l->e.len = (size_t)n;
	}
	*ret_text = "the data is larger than 1M";
	return l->e.len > RECORDING_DATA_MAX ? -EBADMSG : 0;
}

static const char *check_data(const json_t *object, struct recording_event *e)
{
	const json_t *size = json_object_get(object, "size"), *fds = json_object_get(object, "fds");
	uint64_t n = 0;

	if (size && (!read_number(size, 0, RECORDING_DATA_MAX, &n) || n != e->len))
		return "\"size\" differs from the size of the data";
	n = 0;
	if (fds && !read_number(fds, 0, 253, &n))
		return "\"fds\" must be a number up to 253";
	e->fds = (unsigned)n;
	return NULL;
}

static int parse_line(const char *text, size_t len, struct line *l, const char **ret_text)
{
	json_error_t error;
	json_auto_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (!object && json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	*ret_text = "not a JSON object";
	if (!json_is_object(object))
		return -EBADMSG;
	const char *wrong = read_event(object, &l->e);
	if (!wrong)
		wrong = read_time(object, &l->e);
	if (!wrong && l->e.type == RECORDING_DATA) {
		int r = read_data(object, l, ret_text);
		if (r < 0)
			return r;
		wrong = check_data(object, &l->e);
	}
	*ret_text = wrong;
	return wrong ? -EBADMSG : 0;
}

/* --- a recording ---------------------------------------------------------------------------------- */

void recording_clear(struct recording *r)
{
	for (size_t i = 0; i < r->len; i++) {
		for (size_t k = 0; k < r->v[i].len; k++)
			free(r->v[i].steps[k].data);
		free(r->v[i].steps);
	}
	free(r->v);
	*r = (struct recording){ 0 };
}

/* Whether a list that doubles is full at this length. */
static bool is_full(size_t len)
{
	return (len & (len - 1)) == 0;
}

static int spend(struct recording *r, size_t bytes)
{
	if (bytes > RECORDING_BYTES_MAX - r->bytes)
		return -EFBIG;
	r->bytes += bytes;
	return 0;
}

static int add_connection(struct recording *r, uint64_t number)
{
	int result = spend(r, CONNECTION_COST);

	if (result < 0)
		return result;
	if (is_full(r->len)) {
		void *larger = realloc(r->v, (r->len ? r->len * 2 : 1) * sizeof(*r->v));
		if (!larger)
			return -ENOMEM;
		r->v = larger;
	}
	r->v[r->len++] = (struct recording_connection){ .number = number };
	return 0;
}

static int add_step(struct recording *r, struct recording_connection *c, const struct recording_event *e)
{
	int result = spend(r, STEP_COST + e->len);

	if (result < 0)
		return result;
	if (is_full(c->len)) {
		void *larger = realloc(c->steps, (c->len ? c->len * 2 : 1) * sizeof(*c->steps));
		if (!larger)
			return -ENOMEM;
		c->steps = larger;
	}
	char *data = malloc(e->len + 1);
	if (!data)
		return -ENOMEM;
	if (e->len > 0)
		memcpy(data, e->data, e->len);
	c->steps[c->len++] = (struct recording_step){
		.from = e->from,
		.end = e->type == RECORDING_END,
		.data = data,
		.len = e->len,
		.fds = e->fds,
	};
	return 0;
}

/* Numbers rise as connections begin, so that finding one among many is quick. */
static struct recording_connection *find(const struct recording *r, uint64_t number)
{
	size_t low = 0, high = r->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->v[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->len && r->v[low].number == number ? &r->v[low] : NULL;
}

static int add_event(struct recording *r, const struct recording_event *e, const char **ret_text)
{
	struct recording_connection *c = find(r, e->connection);

	*ret_text = "the connection began before";
	if (c && e->type == RECORDING_CONNECT)
		return -EBADMSG;
	*ret_text = "the connection was closed before";
	if (c && c->closed)
		return -EBADMSG;
	*ret_text = "that side had ended before";
	if (c && c->ended[e->from] && e->type != RECORDING_CLOSE)
		return -EBADMSG;
	*ret_text = "the number of a new connection must be higher than those before";
	if (!c && r->len > 0 && e->connection < r->v[r->len - 1].number)
		return -EBADMSG;
	*ret_text = "the recording is too large";
	if (!c) {
		int result = add_connection(r, e->connection);
		if (result < 0)
			return result;
		c = &r->v[r->len - 1];
	}
	if (e->type == RECORDING_CLOSE)
		c->closed = true;
	if (e->type == RECORDING_END)
		c->ended[e->from] = true;
	return e->type == RECORDING_DATA || e->type == RECORDING_END ? add_step(r, c, e) : 0;
}

int recording_add(struct recording *r, const char *line, size_t len, const char **ret_text)
{
	struct line l = { .e = { .data = NULL } };
	int result = parse_line(line, len, &l, ret_text);

	if (result == 0)
		result = add_event(r, &l.e, ret_text);
	ipc_buffer_free(&l.data);
	return result;
}

int recording_read(int fd, struct recording *ret, struct recording_error *ret_error)
{
	AUTO_READER_FREE struct ipc_reader reader;
	AUTO_RECORDING struct recording r = { 0 };
	struct ipc_record line;
	struct recording_error error = { 0, "the line is too long" };
	int result;

	ipc_reader_init(&reader, fd, FRAMING_LINE, RECORDING_LINE_MAX);
	while ((result = ipc_reader_next(&reader, &line)) == 1) {
		error.line++;
		if (line.len > 0)
			result = recording_add(&r, line.data, line.len, &error.text);
		if (result < 0)
			break;
	}
	if (result == -EMSGSIZE)
		error.line++;
	if (result < 0) {
		*ret_error = error;
		return result;
	}
	*ret = r;
	r = (struct recording){ 0 }; /* the caller owns it now */
	return 0;
}

int recording_load(const char *path, struct recording *ret, struct recording_error *ret_error)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : recording_read(fd, ret, ret_error);
}
