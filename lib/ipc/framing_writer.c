#include "ipc/framing_writer.h"

#include "ipc/utf8.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRITE_SIZE = 128 * 1024, MARKS = 8192 };

/* Where a record's text ends in the buffer, and its number, which not every framing has in its text. */
struct ipc_writer_mark {
	uint64_t end : 60;
	uint64_t tag : 4;
	int64_t number;
};

int ipc_framing_encode(
	enum framing framing, const struct ipc_record *r, struct ipc_buffer *buffer, size_t *ret_len)
{
	const struct ipc_framing *f = &ipc_framings[framing];

	if (r->len > RECORD_MAX)
		return -EMSGSIZE;
	int result = ipc_buffer_grow(buffer, f->room(r->len));
	if (result == 0)
		*ret_len = f->encode(buffer->data, r);
	return result;
}

void ipc_writer_init(struct ipc_writer *w, int fd, enum framing framing, unsigned flags)
{
	*w = (struct ipc_writer){
		.framing = &ipc_framings[framing],
		.fd = fd,
		/* JSON is safe on a terminal as it is. */
		.escape = flags & WRITER_ESCAPE && !ipc_framings[framing].detached,
	};
}

void ipc_writer_free(struct ipc_writer *w)
{
	ipc_buffer_free(&w->out);
	ipc_buffer_free(&w->data);
	free(w->marks);
	w->marks = NULL;
	w->used = w->written = w->count = 0;
	w->margin_lent = false;
}

static void take_margin_back(struct ipc_writer *w)
{
	if (w->margin_lent)
		memcpy(w->place - BUFFER_MARGIN, w->saved, BUFFER_MARGIN);
	w->margin_lent = false;
}

static size_t first_unwritten(const struct ipc_writer *w)
{
	size_t i = 0;

	while (i < w->count && w->marks[i].end <= w->written)
		i++;
	return i;
}

static int write_some(struct ipc_writer *w)
{
	ssize_t n = write(w->fd, w->out.data + w->written, w->used - w->written);

	if (n >= 0) {
		w->written += (size_t)n;
		w->bytes += (size_t)n;
		return 0;
	}
	int r = -errno;
	if (r == -EAGAIN)
		poll(&(struct pollfd){ .fd = w->fd, .events = POLLOUT }, 1, -1);
	return r == -EINTR || r == -EAGAIN ? 0 : r;
}

int ipc_writer_flush(struct ipc_writer *w)
{
	int r = 0;

	take_margin_back(w);
	size_t out_before = w->written > 0 ? first_unwritten(w) : 0;
	while (r == 0 && w->written < w->used)
		r = write_some(w);
	if (r < 0) {
		w->records += first_unwritten(w) - out_before;
		return r;
	}
	w->records += w->count - out_before;
	w->used = w->written = w->count = 0;
	return 0;
}

static size_t text_room(const struct ipc_writer *w, size_t len)
{
	return w->framing->room(w->escape ? len * ESCAPE_FACTOR + 1 : len);
}

/* Makes room for a record of len bytes, by writing what is there if need be. */
static int make_room(struct ipc_writer *w, size_t len)
{
	take_margin_back(w);
	if (len > RECORD_MAX)
		return -EMSGSIZE;
	size_t room = text_room(w, len);
	/* What is escaped can't be read back: it is kept as it was received, for one record. */
	bool full = w->out.cap - w->used < room || w->count == MARKS || (w->escape && w->count > 0);
	if (full && w->count > 0) {
		int r = ipc_writer_flush(w);
		if (r < 0)
			return r;
	}
	if (!w->marks && !(w->marks = malloc(MARKS * sizeof(*w->marks))))
		return -ENOMEM;
	if (w->out.cap - w->used >= room && w->out.data)
		return 0;
	/* Room for the largest and the usual amount more: not one write(2) for each small record then. */
	return ipc_buffer_grow(&w->out, room + WRITE_SIZE);
}

/* Notes a record whose text of size bytes was just put behind the others. */
static void add_mark(struct ipc_writer *w, const struct ipc_record *r, size_t size)
{
	w->used += size;
	w->marks[w->count++] = (struct ipc_writer_mark){
		.end = w->used,
		.tag = r->tag,
		.number = r->number,
	};
}

static void encode(struct ipc_writer *w, const struct ipc_record *r)
{
	int separator = w->framing->separator;

	if (separator >= 0 && !w->ambiguous && r->len > 0)
		w->ambiguous = memchr(r->data, separator, r->len) != NULL;
	add_mark(w, r, w->framing->encode(w->out.data + w->used, r));
}

/* Escapes behind the place where the text goes, as far as any framing's beginning needs. */
static void encode_escaped(struct ipc_writer *w, const struct ipc_record *r)
{
	struct ipc_record shown = *r;
	size_t longest = r->len * ESCAPE_FACTOR + 1;
	char *text = w->out.data + w->used + w->framing->lead(longest);

	shown.data = text;
	shown.len = ipc_escape(text, r->data, r->len, ESCAPE_DISPLAY);
	encode(w, &shown);
}

int ipc_writer_put(struct ipc_writer *w, const struct ipc_record *r)
{
	if (w->escape) {
		char *place;
		int result = ipc_writer_reserve(w, r->len, &place);
		if (result < 0)
			return result;
		if (r->len > 0)
			memcpy(place, r->data, r->len);
		ipc_writer_commit(w, r);
		return 0;
	}
	int result = make_room(w, r->len);
	if (result == 0)
		encode(w, r);
	return result;
}

int ipc_writer_reserve(struct ipc_writer *w, size_t len, char **ret)
{
	bool apart = w->escape || w->framing->detached;
	int r = make_room(w, len);

	if (r == 0 && apart)
		r = ipc_buffer_grow(&w->data, len);
	if (r < 0)
		return r;
	w->place = apart ? w->data.data : w->out.data + w->used + w->framing->lead(len);
	w->margin_lent = true;
	memcpy(w->saved, w->place - BUFFER_MARGIN, BUFFER_MARGIN);
	*ret = w->place;
	return 0;
}

void ipc_writer_commit(struct ipc_writer *w, const struct ipc_record *r)
{
	struct ipc_record record = *r;

	assert(w->margin_lent);
	take_margin_back(w);
	record.data = w->place;
	w->received = r->len;
	if (w->escape)
		encode_escaped(w, &record);
	else
		encode(w, &record);
}

size_t ipc_writer_pending(const struct ipc_writer *w)
{
	return w->count - first_unwritten(w);
}

int ipc_writer_unwritten(struct ipc_writer *w, size_t *cursor, struct ipc_record *ret, bool *ret_torn)
{
	struct ipc_record record = { 0 };

	take_margin_back(w);
	if (*cursor == 0)
		*cursor = first_unwritten(w);
	if (*cursor >= w->count)
		return 0;
	const struct ipc_writer_mark *mark = &w->marks[*cursor];
	size_t from = *cursor > 0 ? w->marks[*cursor - 1].end : 0;
	if (w->escape) {
		record.data = w->data.data;
		record.len = w->received;
	} else {
		int r = w->framing->unpack(w->out.data + from, mark->end - from, &w->data, &record);
		if (r < 0)
			return r;
	}
	record.tag = (enum ipc_tag)mark->tag;
	record.number = mark->number;
	*ret = record;
	if (ret_torn)
		*ret_torn = w->written > from;
	(*cursor)++;
	return 1;
}
