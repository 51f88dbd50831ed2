#include "ipc/record_out.h"

#include "ipc/utf8.h"

#include <errno.h>
#include <string.h>

/* One write(2) for each small record would cost more than the record. */
enum { FLUSH_SIZE = 64 * 1024 };

void record_out_init(struct record_out *o, int fd, enum framing framing, bool escape)
{
	*o = (struct record_out){
		.framing = &ipc_framings[framing],
		/* JSON is safe on a terminal as it is. */
		.escape = escape && !ipc_framings[framing].detached,
	};
	outlet_init(&o->outlet, fd);
}

void record_out_clear(struct record_out *o)
{
	if (o->loop)
		loop_unwatch(o->loop, &o->watch);
	outlet_clear(&o->outlet);
}

static int encode(struct record_out *o, const struct ipc_record *r)
{
	int separator = o->framing->separator;
	size_t longest = o->escape ? r->len * ESCAPE_FACTOR + 1 : r->len;
	struct ipc_record shown = *r;
	char *place = r->len > RECORD_MAX ? NULL : outlet_room(&o->outlet, o->framing->room(longest));

	if (!place)
		return -ENOMEM;
	if (separator >= 0 && !o->ambiguous && r->len > 0)
		o->ambiguous = memchr(r->data, separator, r->len) != NULL;
	if (o->escape) {
		char *text = place + o->framing->lead(longest);
		shown.len = ipc_escape(text, r->data, r->len, ESCAPE_DISPLAY);
		shown.data = text;
	}
	outlet_added(&o->outlet, o->framing->encode(place, &shown));
	o->records++;
	return 0;
}

static int on_output(struct loop_watch *w, uint32_t events);

int record_out_flush(struct record_out *o)
{
	int r = outlet_flush(&o->outlet);

	if (r == -EAGAIN)
		r = loop_watch(o->loop, &o->watch, o->outlet.fd, EPOLLOUT, on_output);
	else if (o->loop)
		loop_unwatch(o->loop, &o->watch);
	if (r < 0)
		o->error = r;
	return r;
}

static int on_output(struct loop_watch *w, uint32_t events)
{
	struct record_out *o = (struct record_out *)((char *)w - offsetof(struct record_out, watch));
	int r = record_out_flush(o);

	(void)events;
	if (r == 0 && o->ready && !record_out_is_full(o))
		r = o->ready(o, o->arg);
	return r;
}

int record_out_put(struct record_out *o, struct loop *loop, const void *data, size_t len)
{
	struct ipc_record r = { .data = data, .len = len };

	o->loop = loop;
	if (o->timed)
		r.has_time = clock_gettime(CLOCK_REALTIME, &r.time) == 0;
	int result = encode(o, &r);
	if (result == 0)
		return outlet_waiting(&o->outlet) < FLUSH_SIZE ? 0 : record_out_flush(o);
	o->error = result;
	return result;
}

int record_out_text(struct record_out *o, struct loop *loop, const char *text, size_t len)
{
	int r = outlet_put(&o->outlet, text, len);

	o->loop = loop;
	if (r == 0)
		return record_out_flush(o);
	o->error = r;
	return r;
}
