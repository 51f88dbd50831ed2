#include "ipc/serve_replay.h"

#include "ipc/flow.h"
#include "ipc/io.h"

#include <errno.h>

void serve_replay_clear(struct serve_replay *r)
{
	recording_clear(&r->recording);
}

static int on_client(struct loop_watch *w, uint32_t events);

/* Plays on as far as it goes, and waits for what comes next. */
static int play(struct server_client *c)
{
	struct serve_replay *p = c->server->mode_data;
	struct replay *r = c->data;
	uint64_t received = r->received, sent = r->sent;
	int result = replay_step(r);

	if (r->received > received || r->sent > sent)
		server_touch(c);
	if (result == FLOW_WANTS_IN || result == FLOW_WANTS_OUT)
		result = loop_watch(&c->server->loop, &c->watch, c->fd,
			result == FLOW_WANTS_IN ? EPOLLIN : EPOLLOUT, on_client);
	if (result == 0)
		return 0;
	int error = result < 0 ? result : 0;
	p->unlike += r->different || r->more || r->short_of || error;
	if (p->played)
		p->played(c, r, error);
	server_release(c, error ? SERVER_CLOSE : SERVER_LINGER);
	return 0;
}

static int on_client(struct loop_watch *w, uint32_t events)
{
	(void)events;
	return play(server_client_of_watch(w));
}

static int replay_begin(struct server_client *c)
{
	struct server *s = c->server;
	struct serve_replay *p = s->mode_data;
	struct replay *r = p->next < p->recording.len ? calloc(1, sizeof(*r)) : NULL;

	if (!r)
		return p->next < p->recording.len ? -ENOMEM : -ENODATA;
	replay_init(r, c->fd, s->options.type == SOCK_SEQPACKET, &p->recording.v[p->next++]);
	c->data = r;
	if (p->next == p->recording.len && !s->stopping)
		server_stop(s);
	return play(c);
}

static void replay_end(struct server_client *c)
{
	struct replay *r = c->data;

	c->received = r->received;
	c->sent = r->sent;
	free(r);
	c->data = NULL;
}

const struct server_mode serve_replay_mode = {
	.begin = replay_begin,
	.end = replay_end,
};
