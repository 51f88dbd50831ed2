#include "ipc/serve_messages.h"

#include "ipc/conduit.h"
#include "ipc/io.h"

#include <errno.h>
#include <string.h>

/* Reads before others get their turn. */
enum { TURN = 64, BUFFER_FIRST = 16 * 1024 };

/* --- echo ----------------------------------------------------------------------------------------- */

static int echo(struct server_client *c);

static int on_echo(struct loop_watch *w, uint32_t events)
{
	(void)events;
	return echo(server_client_of_watch(w));
}

static int on_echo_turn(struct loop_timer *t)
{
	return echo(server_client_of_timer(t));
}

static int echo(struct server_client *c)
{
	struct conduit *k = c->data;
	struct loop *l = &c->server->loop;
	uint64_t count = k->count;
	int r = conduit_step(k);

	if (k->count > count)
		server_touch(c);
	if (r == 0) /* there was more, but it is the turn of others */
		loop_timer(l, &c->timer, 0, on_echo_turn);
	if (r >= 0 && !(r & FLOW_ENDED))
		r = loop_watch(l, &c->watch, c->fd, r & FLOW_WANTS_OUT ? EPOLLOUT : EPOLLIN, on_echo);
	if (r != 0)
		server_release(c, r < 0 ? SERVER_CLOSE : SERVER_LINGER);
	return 0;
}

static int echo_begin(struct server_client *c)
{
	struct conduit *k = malloc(sizeof(*k));

	if (!k)
		return -ENOMEM;
	conduit_init(k, c->fd, c->fd, CONDUIT_MESSAGES, NULL, NULL);
	c->data = k;
	return echo(c);
}

static void echo_end(struct server_client *c)
{
	struct conduit *k = c->data;

	c->received = c->sent = k->moved;
	conduit_clear(k);
	free(k);
	c->data = NULL;
}

const struct server_mode serve_echo_messages_mode = {
	.begin = echo_begin,
	.end = echo_end,
};

/* --- printing ------------------------------------------------------------------------------------- */

struct message_client {
	struct server_client *client;
	struct message_client *next; /* of those that wait */
	bool waits;
	char *buffer;
	size_t size;
	struct ipc_decoder decoder; /* of a stream */
};

enum { GOT_NOTHING, GOT_RECORD, GOT_PART };

static int print(struct server_client *c);

static int on_print(struct loop_watch *w, uint32_t events)
{
	(void)events;
	return print(server_client_of_watch(w));
}

static int on_print_turn(struct loop_timer *t)
{
	return print(server_client_of_timer(t));
}

static int make_room(struct message_client *m, size_t size)
{
	size = size < BUFFER_FIRST ? BUFFER_FIRST : size;
	if (size <= m->size)
		return 0;
	char *larger = size > CONDUIT_MESSAGE_MAX ? NULL : realloc(m->buffer, size);
	if (!larger)
		return size > CONDUIT_MESSAGE_MAX ? -EMSGSIZE : -ENOMEM;
	m->buffer = larger;
	m->size = size;
	return 0;
}

/* The next record of a stream, or what there is of it. */
static int receive_record(struct message_client *m, struct ipc_record *ret)
{
	int r = ipc_decoder_next(&m->decoder, ret);

	if (r != -EAGAIN)
		return r == 1 ? GOT_RECORD : r;
	ssize_t n = ipc_decoder_read(&m->decoder, m->client->fd);
	if (n < 0)
		return n == -EINTR ? GOT_PART : (int)n;
	m->client->received += (size_t)n;
	if (n > 0)
		server_touch(m->client);
	return GOT_PART;
}

/* The next message. Returns GOT_..., GOT_NOTHING at the end, or -errno of the connection. */
static int receive(struct message_client *m, struct ipc_record *ret)
{
	struct fdpass_info info;
	ssize_t n = fdpass_next_size(m->client->fd);
	int r = n < 0 ? (int)n : make_room(m, (size_t)n);

	if (r < 0)
		return r;
	n = fdpass_recv(m->client->fd, m->buffer, m->size, MSG_DONTWAIT, NULL, &info);
	if (n < 0)
		return (int)n;
	if (info.cut)
		return -EMSGSIZE;
	m->client->received += (size_t)n;
	server_touch(m->client);
	*ret = (struct ipc_record){ .data = m->buffer, .len = (size_t)n };
	return info.is_message ? GOT_RECORD : GOT_NOTHING;
}

/* Whoever has messages while nothing can be printed is looked at again when something can. */
static int wait_for_output(struct serve_messages *s, struct message_client *m)
{
	loop_unwatch(&s->server->loop, &m->client->watch);
	m->waits = true;
	m->next = s->waiting;
	s->waiting = m;
	return 0;
}

static void release(struct server_client *c, int error)
{
	struct serve_messages *s = c->server->mode_data;
	const struct message_client *m = c->data;
	const struct ipc_decoder *d = s->wire >= 0 && m->decoder.error.code ? &m->decoder : NULL;

	s->malformed = d && c->server->options.once;
	if (s->left)
		s->left(c, error, d);
	server_release(c, error < 0 ? SERVER_CLOSE : SERVER_LINGER);
}

/* Returns -errno only if nothing can be printed any more. */
static int print(struct server_client *c)
{
	struct serve_messages *s = c->server->mode_data;
	struct message_client *m = c->data;
	struct loop *l = &c->server->loop;
	struct ipc_record record;
	int r = GOT_PART;

	for (int i = 0; r > 0 && i < TURN; i++) {
		if (record_out_is_full(s->out)) {
			server_hold(s->server, true);
			return wait_for_output(s, m);
		}
		r = s->wire >= 0 ? receive_record(m, &record) : receive(m, &record);
		int unput = r == GOT_RECORD ? record_out_put(s->out, l, record.data, record.len) : 0;
		if (unput < 0)
			return unput;
	}
	int failed = record_out_flush(s->out);
	if (failed < 0)
		return failed;
	if (record_out_waits(s->out))
		server_hold(s->server, true);
	if (r > 0)
		loop_timer(l, &c->timer, 0, on_print_turn);
	if (r > 0 || r == -EAGAIN)
		r = loop_watch(l, &c->watch, c->fd, EPOLLIN, on_print) < 0 ? -ENOMEM : 1;
	if (r <= 0)
		release(c, r);
	return 0;
}

static int on_ready(struct record_out *o, void *arg)
{
	struct serve_messages *s = arg;
	struct message_client *all = s->waiting;
	int r = 0;

	s->waiting = NULL;
	while (all && r == 0) {
		struct message_client *m = all;
		all = m->next;
		m->waits = false;
		r = print(m->client);
	}
	if (r == 0 && !record_out_waits(o))
		server_hold(s->server, false);
	return r;
}

static int print_begin(struct server_client *c)
{
	struct serve_messages *s = c->server->mode_data;
	struct message_client *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	s->server = c->server;
	s->out->ready = on_ready;
	s->out->arg = s;
	m->client = c;
	c->data = m;
	if (s->wire >= 0)
		ipc_decoder_init(&m->decoder, (enum framing)s->wire, CONDUIT_MESSAGE_MAX);
	else
		(void)setsockopt(c->fd, SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int));
	int r = loop_watch(&c->server->loop, &c->watch, c->fd, EPOLLIN, on_print);
	if (r < 0)
		free(m);
	return r;
}

static void print_end(struct server_client *c)
{
	struct serve_messages *s = c->server->mode_data;
	struct message_client *m = c->data;

	for (struct message_client **p = &s->waiting; m->waits && *p; p = &(*p)->next)
		if (*p == m) {
			*p = m->next;
			break;
		}
	free(m->buffer);
	if (s->wire >= 0)
		ipc_decoder_free(&m->decoder);
	free(m);
	c->data = NULL;
}

/* Asked again: what could not be printed is not waited for. */
static void print_asked(struct server *s)
{
	if (s->stopping > 1)
		server_hold(s, false);
}

const struct server_mode serve_print_messages_mode = {
	.begin = print_begin,
	.end = print_end,
	.asked = print_asked,
};
