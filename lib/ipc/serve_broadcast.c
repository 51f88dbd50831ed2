#include "ipc/serve_broadcast.h"

#include "ipc/io.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CHUNK = 64 * 1024,
	LARGEST_TEXT = 8, /* a record's text in any framing is at most so many times its size */
	DISCARDS = 16,    /* reads of what a subscriber sends, before others get their turn */
};

struct subscriber {
	struct fanout_subscriber s; /* first: found from it */
	struct server_client *client;
	bool deaf; /* it has closed its sending side: there is nothing to be read from it */
	int error;
};

void serve_broadcast_init(
	struct serve_broadcast *b, int in, int framing, enum fanout_slow slow, size_t window)
{
	*b = (struct serve_broadcast){ .in = in, .records = framing >= 0 };
	fanout_init(&b->fanout, slow, window);
	if (b->records)
		ipc_decoder_init(&b->decoder, (enum framing)framing, window / LARGEST_TEXT);
}

void serve_broadcast_clear(struct serve_broadcast *b)
{
	fanout_clear(&b->fanout);
	if (b->records)
		ipc_decoder_free(&b->decoder);
	free(b->chunk);
	b->chunk = NULL;
}

uint64_t serve_broadcast_left_over(const struct serve_broadcast *b)
{
	if (b->records)
		return ipc_decoder_left(&b->decoder) + (b->piece ? b->decoder.consumed - b->taken : 0);
	return b->piece ? b->chunk_len : 0;
}

/* --- the input ------------------------------------------------------------------------------------ */

static int room_for_chunk(struct serve_broadcast *b, size_t size)
{
	if (size <= b->chunk_cap)
		return 0;
	char *larger = realloc(b->chunk, size);
	if (!larger)
		return -ENOMEM;
	b->chunk = larger;
	b->chunk_cap = size;
	return 0;
}

/* A record as subscribers get it: as a message of its own, or in its framing. Returns 1 or -errno. */
static int take_record(struct serve_broadcast *b, const struct ipc_record *record)
{
	const struct ipc_framing *framing = b->decoder.framing;

	if (b->messages) {
		b->piece = record->data;
		b->chunk_len = record->len;
		return 1;
	}
	int r = room_for_chunk(b, framing->room(record->len));
	if (r < 0)
		return r;
	b->chunk_len = framing->encode(b->chunk, record);
	b->piece = b->chunk;
	return 1;
}

/* The next record. Returns 1, 0 at the end, or -errno: -EAGAIN if none is there yet. */
static int next_record(struct serve_broadcast *b, bool *may_read)
{
	struct ipc_record record;
	int r = ipc_decoder_next(&b->decoder, &record);

	if (r == -EAGAIN && *may_read) {
		*may_read = false; /* another read(2) could wait */
		ssize_t n = ipc_decoder_read(&b->decoder, b->in);
		r = n < 0 ? (int)n : ipc_decoder_next(&b->decoder, &record);
	}
	return r == 1 ? take_record(b, &record) : r;
}

static int next_bytes(struct serve_broadcast *b, bool *may_read)
{
	int r = room_for_chunk(b, CHUNK);

	if (r < 0 || !*may_read)
		return r < 0 ? r : -EAGAIN;
	*may_read = false;
	ssize_t n = read(b->in, b->chunk, CHUNK);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	b->chunk_len = (size_t)n;
	b->piece = b->chunk;
	return 1;
}

/* Puts what is there, with one read(2) at most. Returns 0 at the end, 1 if there may be more, or -errno. */
static int put_pieces(struct serve_broadcast *b, bool may_read)
{
	for (;;) {
		int r = b->piece ? 1 : b->records ? next_record(b, &may_read) : next_bytes(b, &may_read);
		if (r <= 0)
			return r == -EAGAIN || r == -EINTR ? 1 : r;
		r = fanout_put(&b->fanout, b->piece, b->chunk_len);
		if (r == -EAGAIN)
			return 1;
		if (r < 0)
			return r;
		b->piece = NULL;
		b->taken = b->records ? b->decoder.consumed : b->taken + b->chunk_len;
	}
}

/* --- subscribers ---------------------------------------------------------------------------------- */

static int on_subscriber(struct loop_watch *w, uint32_t events);

static struct subscriber *subscriber_of(struct fanout_subscriber *s)
{
	return (struct subscriber *)s;
}

static void leave(struct subscriber *u, int error)
{
	u->error = error;
	server_release(u->client, error < 0 ? SERVER_CLOSE : SERVER_LINGER);
}

/* Sends what it takes, and waits for what it then waits for. It may be gone afterwards. */
static void serve_one(struct serve_broadcast *b, struct subscriber *u)
{
	struct server_client *c = u->client;
	uint64_t before = u->s.bytes;
	int r = fanout_send(&b->fanout, &u->s);

	if (u->s.bytes > before)
		server_touch(c);
	if (r == 0 && !fanout_is_done(&b->fanout, &u->s))
		r = loop_watch(&b->server->loop, &c->watch, c->fd, (u->deaf ? 0 : EPOLLIN) | EPOLLOUT,
			on_subscriber);
	else if (r == 0 && !b->ended)
		r = loop_watch(&b->server->loop, &c->watch, c->fd, u->deaf ? 0 : EPOLLIN, on_subscriber);
	else if (r == 0)
		return leave(u, 0);
	if (r < 0)
		leave(u, r);
}

static void serve_all(struct serve_broadcast *b)
{
	struct fanout_subscriber *after;

	for (struct fanout_subscriber *s = b->fanout.subscribers; s; s = after) {
		after = s->after;
		serve_one(b, subscriber_of(s));
	}
}

static int on_source(struct loop_watch *w, uint32_t events);

/* Whether there is nothing more in the input, as far as that can be known without reading. */
static bool is_at_end(const struct serve_broadcast *b, bool hung_up)
{
	struct stat st;
	int waiting = 0;

	if (fstat(b->in, &st) == 0 && S_ISREG(st.st_mode))
		return lseek(b->in, 0, SEEK_CUR) >= st.st_size;
	return hung_up && ioctl(b->in, FIONREAD, &waiting) == 0 && waiting == 0;
}

static void end_input(struct serve_broadcast *b, int error)
{
	b->ended = true;
	b->error = error;
	loop_unwatch(&b->server->loop, &b->source);
	server_stop(b->server);
}

/* While nobody is there and nothing is to be lost, only the end of the input is of interest. */
static int on_hang_up(struct loop_watch *w, uint32_t events)
{
	struct serve_broadcast *b =
		(struct serve_broadcast *)((char *)w - offsetof(struct serve_broadcast, source));

	loop_unwatch(&b->server->loop, w);
	if (is_at_end(b, events & EPOLLHUP))
		end_input(b, 0);
	return 0;
}

/* The input is waited for while somebody is there and there is room. */
static int watch_source(struct serve_broadcast *b)
{
	struct loop *l = &b->server->loop;
	bool waits = b->fanout.slow == FANOUT_BLOCK && !b->piece;

	if (b->ended)
		return 0;
	if (b->piece ? fanout_has_room(&b->fanout, b->chunk_len) : !waits || fanout_has_room(&b->fanout, 1))
		return loop_watch(l, &b->source, b->in, EPOLLIN, on_source);
	loop_unwatch(l, &b->source);
	if (!waits || b->fanout.subscribers)
		return 0;
	if (is_at_end(b, false))
		end_input(b, 0);
	return b->ended ? 0 : loop_watch(l, &b->source, b->in, 0, on_hang_up);
}

static int feed(struct serve_broadcast *b, bool may_read)
{
	int r = b->ended ? 1 : put_pieces(b, may_read);

	if (r <= 0) {
		b->ended = true;
		b->error = r;
		server_stop(b->server);
		return 0;
	}
	serve_all(b);
	return watch_source(b);
}

static int on_source(struct loop_watch *w, uint32_t events)
{
	(void)events;
	return feed((struct serve_broadcast *)((char *)w - offsetof(struct serve_broadcast, source)), true);
}

/* What it sends is for nobody, but unread it would make the end of its connection a reset. */
static void discard(struct subscriber *u)
{
	char buf[4096];
	ssize_t n = 1;

	for (int i = 0; i < DISCARDS && n > 0; i++)
		n = recv(u->client->fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		u->deaf = true;
}

static int on_subscriber(struct loop_watch *w, uint32_t events)
{
	struct server_client *c = server_client_of_watch(w);
	struct serve_broadcast *b = c->server->mode_data;
	struct subscriber *u = c->data;

	if (events & (EPOLLHUP | EPOLLERR)) {
		leave(u, -EPIPE);
		return 0;
	}
	if (events & EPOLLIN)
		discard(u);
	if (events & EPOLLOUT)
		u->s.blocked = false;
	serve_one(b, u);
	return b->piece ? feed(b, false) : watch_source(b);
}

static int on_again(struct loop_timer *t)
{
	return feed((struct serve_broadcast *)((char *)t - offsetof(struct serve_broadcast, again)), false);
}

static int broadcast_begin(struct server_client *c)
{
	struct serve_broadcast *b = c->server->mode_data;
	struct subscriber *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	b->server = c->server;
	b->messages = c->server->options.type == SOCK_SEQPACKET;
	u->client = c;
	c->data = u;
	fanout_join(&b->fanout, &u->s, c->fd, b->messages);
	int r = loop_watch(&c->server->loop, &c->watch, c->fd, EPOLLIN, on_subscriber);
	if (r == 0)
		r = watch_source(b);
	if (r == 0)
		return 0;
	fanout_leave(&b->fanout, &u->s);
	free(u);
	return r;
}

static void broadcast_end(struct server_client *c)
{
	struct serve_broadcast *b = c->server->mode_data;
	struct subscriber *u = c->data;

	c->sent = u->s.bytes;
	fanout_leave(&b->fanout, &u->s);
	if (b->left)
		b->left(c, &u->s, u->error);
	if (!b->ended) /* the others may have waited for it */
		loop_timer(&c->server->loop, &b->again, 0, on_again);
	free(u);
	c->data = NULL;
}

/* Asked to end: what is in the window is still delivered. */
static void broadcast_asked(struct server *s)
{
	struct serve_broadcast *b = s->mode_data;

	b->ended = true;
	if (!b->server)
		return;
	loop_unwatch(&s->loop, &b->source);
	serve_all(b);
}

const struct server_mode serve_broadcast_mode = {
	.begin = broadcast_begin,
	.end = broadcast_end,
	.asked = broadcast_asked,
};
