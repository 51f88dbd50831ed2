/*
 * The window is a ring of pointers to pieces, found by number. A piece has an owner in the window and one in
 * each subscriber that is in the middle of it, so that it can leave the window and still be finished.
 */
#include "ipc/fanout.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
	WINDOW_FIRST = 64,
	GATHER = 64, /* pieces sent by one call */
	ROUNDS = 16, /* calls for one subscriber before others get their turn */
};

struct fanout_piece {
	size_t owners;
	size_t len;
	char data[];
};

static void release(struct fanout_piece *p)
{
	if (p && --p->owners == 0)
		free(p);
}

void fanout_init(struct fanout *f, enum fanout_slow slow, size_t limit)
{
	*f = (struct fanout){ .slow = slow, .limit = limit };
}

static struct fanout_piece **slot(const struct fanout *f, uint64_t number)
{
	return &f->window[number & (f->window_cap - 1)];
}

/* A piece counts with what it costs beside its bytes, so that many small ones are bounded too. */
static size_t cost(size_t len)
{
	return len + sizeof(struct fanout_piece) + sizeof(struct fanout_piece *);
}

static void drop_oldest(struct fanout *f)
{
	struct fanout_piece *p = *slot(f, f->first);

	f->held -= cost(p->len);
	f->first++;
	release(p);
}

void fanout_clear(struct fanout *f)
{
	assert(!f->subscribers);
	while (f->first < f->next)
		drop_oldest(f);
	free(f->window);
	f->window = NULL;
	f->window_cap = 0;
}

void fanout_join(struct fanout *f, struct fanout_subscriber *s, int fd, bool messages)
{
	*s = (struct fanout_subscriber){
		.fd = fd, .messages = messages, .next = f->next, .after = f->subscribers
	};
	if (f->subscribers)
		f->subscribers->prev = s;
	f->subscribers = s;
}

void fanout_leave(struct fanout *f, struct fanout_subscriber *s)
{
	if (!s->prev && f->subscribers != s)
		return;
	if (s->prev)
		s->prev->after = s->after;
	else
		f->subscribers = s->after;
	if (s->after)
		s->after->prev = s->prev;
	s->prev = s->after = NULL;
	if (s->next < f->first) {
		s->dropped += f->first - s->next;
		s->next = f->first;
	}
	release(s->half);
	s->half = NULL;
}

/* Forgets what everybody has (one that is in the middle of a piece owns it). */
static void trim(struct fanout *f)
{
	uint64_t oldest = f->next;

	for (const struct fanout_subscriber *s = f->subscribers; s; s = s->after)
		if (s->next < oldest)
			oldest = s->next;
	while (f->first < oldest)
		drop_oldest(f);
}

/* The largest piece always has its place in an empty window. */
static bool fits(const struct fanout *f, size_t len)
{
	return f->held == 0 || (f->held < f->limit && cost(len) <= f->limit - f->held);
}

bool fanout_has_room(struct fanout *f, size_t len)
{
	if (f->slow != FANOUT_BLOCK)
		return true;
	if (!f->subscribers)
		return false;
	if (!fits(f, len))
		trim(f);
	return fits(f, len);
}

/* Room for one more pointer: those that are there keep their numbers. */
static int grow_window(struct fanout *f)
{
	if (f->window_cap > 0 && f->next - f->first < f->window_cap)
		return 0;
	size_t cap = f->window_cap ? f->window_cap * 2 : WINDOW_FIRST;
	struct fanout_piece **larger = calloc(cap, sizeof(struct fanout_piece *));
	if (!larger)
		return -ENOMEM;
	for (uint64_t n = f->first; n < f->next; n++)
		larger[n & (cap - 1)] = *slot(f, n);
	free(f->window);
	f->window = larger;
	f->window_cap = cap;
	return 0;
}

static int add_piece(struct fanout *f, const void *data, size_t len)
{
	int r = grow_window(f);
	struct fanout_piece *p = r < 0 ? NULL : malloc(sizeof(*p) + len);

	if (!p)
		return -ENOMEM;
	p->owners = 1;
	p->len = len;
	if (len > 0)
		memcpy(p->data, data, len);
	*slot(f, f->next++) = p;
	f->held += cost(len);
	return 0;
}

int fanout_put(struct fanout *f, const void *data, size_t len)
{
	if (len > f->limit)
		return -EMSGSIZE;
	if (!fanout_has_room(f, len))
		return -EAGAIN;
	if (!fits(f, len) || !f->subscribers)
		trim(f);
	while (!fits(f, len))
		drop_oldest(f);
	if (f->subscribers)
		return add_piece(f, data, len);
	f->unheard++;
	f->first = ++f->next;
	return 0;
}

bool fanout_is_done(const struct fanout *f, const struct fanout_subscriber *s)
{
	return !s->half && s->next == f->next;
}

/* --- sending -------------------------------------------------------------------------------------- */

/* What has left the window is missed. */
static int catch_up(const struct fanout *f, struct fanout_subscriber *s)
{
	if (s->next >= f->first)
		return 0;
	if (f->slow == FANOUT_CLOSE)
		return -EOVERFLOW;
	s->dropped += f->first - s->next;
	s->next = f->first;
	return 0;
}

/* What is to be sent next, in one call: the rest of a piece, and those behind it. */
static size_t gather(const struct fanout *f, const struct fanout_subscriber *s, struct iovec v[GATHER])
{
	size_t n = 0, most = s->messages ? 1 : GATHER;
	uint64_t number = s->next > f->first ? s->next : f->first;

	if (s->half)
		v[n++] = (struct iovec){ s->half->data + s->sent, s->half->len - s->sent };
	/* Behind a half piece there may be a gap, which is counted when that piece is out. */
	if (s->half && s->next < f->first)
		return n;
	for (; n < most && number < f->next; number++) {
		struct fanout_piece *p = *slot(f, number);
		v[n++] = (struct iovec){ p->data, p->len };
	}
	return n;
}

/* Notes that len bytes are out, which are n pieces or a part of them. */
static void advance(const struct fanout *f, struct fanout_subscriber *s, size_t len, size_t n)
{
	s->bytes += len;
	for (size_t i = 0; i < n; i++) {
		struct fanout_piece *p = s->half ? s->half : *slot(f, s->next);
		size_t rest = p->len - s->sent;
		if (!s->half)
			s->next++;
		if (len < rest) {
			p->owners += !s->half;
			s->half = p;
			s->sent += len;
			return;
		}
		len -= rest;
		release(s->half);
		s->half = NULL;
		s->sent = 0;
		s->pieces++;
	}
}

static int send_some(const struct fanout *f, struct fanout_subscriber *s)
{
	struct iovec v[GATHER];
	struct msghdr m = { .msg_iov = v, .msg_iovlen = gather(f, s, v) };
	ssize_t n = sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n >= 0) {
		advance(f, s, (size_t)n, m.msg_iovlen);
		return 0;
	}
	s->blocked = errno == EAGAIN;
	return s->blocked || errno == EINTR ? 0 : -errno;
}

int fanout_send(struct fanout *f, struct fanout_subscriber *s)
{
	int r = 0;

	for (int i = 0; r == 0 && i < ROUNDS; i++) {
		if (!s->half || f->slow == FANOUT_CLOSE)
			r = catch_up(f, s);
		if (r < 0 || s->blocked || fanout_is_done(f, s))
			break;
		r = send_some(f, s);
	}
	return r;
}
