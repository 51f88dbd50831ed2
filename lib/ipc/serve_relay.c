#include "ipc/serve_relay.h"

#include "ipc/io.h"

#include <errno.h>
#include <sys/socket.h>

static struct serve_relay *relay_of(const struct relayed *k)
{
	return k->client->server->mode_data;
}

static bool is_seen(const struct serve_relay *v)
{
	return v->tap || v->pass_fds || v->type != SOCK_STREAM;
}

static bool is_held(struct serve_relay *v)
{
	return v->held && v->held(v);
}

enum relay_way relay_way_of(const struct relayed *k, const struct conduit *c)
{
	return c == &k->paths[RELAY_UP].conduit ? RELAY_UP : RELAY_DOWN;
}

uint64_t relay_moved(const struct relayed *k, enum relay_way way)
{
	const struct relay_path *p = &k->paths[way];

	return is_seen(relay_of(k)) ? p->conduit.moved : p->flow.moved;
}

uint64_t relay_lost(const struct relayed *k, enum relay_way way)
{
	const struct relay_path *p = &k->paths[way];

	if (!p->error)
		return 0;
	return is_seen(relay_of(k)) ? p->conduit.len - p->conduit.sent : p->flow.held;
}

/* --- passing on ------------------------------------------------------------------------------------- */

static int pump(struct relayed *k);

/* One side has ended: the other is told, and whoever still sends where nobody reads is stopped. */
static void end_way(struct relayed *k, enum relay_way way, int error)
{
	struct relay_path *p = &k->paths[way];
	int in = way == RELAY_UP ? k->client->fd : k->fd, out = way == RELAY_UP ? k->fd : k->client->fd;

	p->ended = true;
	p->wants = 0;
	p->error = error;
	shutdown(out, SHUT_WR);
	if (error)
		shutdown(in, SHUT_RD);
	if (relay_of(k)->ended)
		relay_of(k)->ended(k, way);
}

static void step(struct relayed *k, enum relay_way way)
{
	struct relay_path *p = &k->paths[way];
	uint64_t before = relay_moved(k, way);
	int r = is_seen(relay_of(k)) ? conduit_step(&p->conduit) : flow_step(&p->flow);

	if (relay_moved(k, way) != before)
		server_touch(k->client);
	if (r < 0 || r & FLOW_ENDED)
		end_way(k, way, r < 0 ? r : 0);
	else
		p->wants = r;
	p->ready = r == 0;
}

/*
 * Waits at one side for what is wanted there. A hang-up is always told, again and again: so a side of which nothing
 * is wanted is left alone, unless its hang-up says that what the other side may still send has nobody to go to.
 */
static int watch(struct relayed *k, struct loop_watch *w, int fd, enum relay_way from, loop_watch_fn *fn)
{
	const struct relay_path *in = &k->paths[from], *out = &k->paths[!from];
	uint32_t events =
		(in->wants & FLOW_WANTS_IN ? EPOLLIN : 0u) | (out->wants & FLOW_WANTS_OUT ? EPOLLOUT : 0u);

	if (events || (in->ended && !out->ended))
		return loop_watch(&k->client->server->loop, w, fd, events, fn);
	loop_unwatch(&k->client->server->loop, w);
	return 0;
}

static void note(struct relayed *k, enum relay_way from, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		k->paths[from].ready = true;
	if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
		k->paths[!from].ready = true;
	/* It sends no more, and takes nothing any more: whatever the other one waits for, it is over. */
	if (events & EPOLLHUP && k->paths[from].ended && !k->paths[!from].ended &&
		!(k->paths[!from].wants & FLOW_WANTS_OUT))
		end_way(k, !from, -EPIPE);
}

static int on_client(struct loop_watch *w, uint32_t events)
{
	struct server_client *c = server_client_of_watch(w);
	struct relayed *k = c->data;

	note(k, RELAY_UP, events);
	return pump(k);
}

static int on_server(struct loop_watch *w, uint32_t events)
{
	struct relayed *k = (struct relayed *)((char *)w - offsetof(struct relayed, watch));

	note(k, RELAY_DOWN, events);
	return pump(k);
}

static int on_turn(struct loop_timer *t)
{
	struct server_client *c = server_client_of_timer(t);

	return pump(c->data);
}

static int pump(struct relayed *k)
{
	struct server_client *c = k->client;
	bool more = false;

	if (is_held(relay_of(k))) {
		loop_unwatch(&c->server->loop, &c->watch);
		loop_unwatch(&c->server->loop, &k->watch);
		return 0;
	}
	for (enum relay_way way = 0; way < RELAY_WAYS; way++) {
		if (!k->paths[way].ended && k->paths[way].ready)
			step(k, way);
		more = more || (!k->paths[way].ended && k->paths[way].ready);
	}
	if (k->paths[RELAY_UP].ended && k->paths[RELAY_DOWN].ended) {
		/* What the server did not take is a reset for the client, where that costs it no answer. */
		bool cut = k->paths[RELAY_UP].error && c->peer.remote.ss_family == AF_UNIX;
		server_release(c, cut ? SERVER_CLOSE : SERVER_LINGER);
		return 0;
	}
	int r = watch(k, &c->watch, c->fd, RELAY_UP, on_client);
	if (r >= 0)
		r = watch(k, &k->watch, k->fd, RELAY_DOWN, on_server);
	if (r < 0)
		server_release(c, SERVER_CLOSE);
	else if (more) /* but it is the turn of others */
		loop_timer(&c->server->loop, &c->timer, 0, on_turn);
	return 0;
}

/* Whatever happened meanwhile, each way finds out for itself. */
int serve_relay_go_on(struct server *s)
{
	struct server_client *next;

	for (struct server_client *c = s->clients; c; c = next) {
		struct relayed *k = c->begun ? c->data : NULL;
		next = c->next;
		if (!k || k->pending)
			continue;
		k->paths[RELAY_UP].ready = k->paths[RELAY_DOWN].ready = true;
		pump(k);
	}
	return 0;
}

/* --- connecting ------------------------------------------------------------------------------------- */

static void init_path(struct relayed *k, enum relay_way way, int in, int out)
{
	struct serve_relay *v = relay_of(k);
	unsigned flags = (v->type != SOCK_STREAM ? CONDUIT_MESSAGES : 0u) | (v->pass_fds ? CONDUIT_FDS : 0u);

	if (is_seen(v))
		conduit_init(&k->paths[way].conduit, in, out, flags, v->tap, k);
	else
		flow_init(&k->paths[way].flow, in, out);
	k->paths[way].ready = true;
}

static int connected(struct relayed *k)
{
	struct serve_relay *v = relay_of(k);

	k->pending = false;
	init_path(k, RELAY_UP, k->client->fd, k->fd);
	init_path(k, RELAY_DOWN, k->fd, k->client->fd);
	if (v->connected)
		v->connected(k);
	return pump(k);
}

static int connect_next(struct relayed *k, struct ipc_selector_error *error);

static void give_up(struct relayed *k, int r, const struct ipc_selector_error *error)
{
	struct serve_relay *v = relay_of(k);

	if (v->failed)
		v->failed(k->client, r, error);
	server_release(k->client, SERVER_CLOSE);
}

static int on_connected(struct loop_watch *w, uint32_t events)
{
	struct relayed *k = (struct relayed *)((char *)w - offsetof(struct relayed, watch));
	struct serve_relay *v = relay_of(k);
	struct ipc_selector_error error = { 0 };

	(void)events;
	int r = sock_connect_result(v->ctx, v->to, k->fd);
	if (r == -EAGAIN)
		return 0;
	if (r == 0)
		return connected(k);
	loop_unwatch(&k->client->server->loop, &k->watch);
	ipc_close(&k->fd);
	int next = connect_next(k, &error);
	if (next < 0)
		give_up(k, next == -EADDRNOTAVAIL && !error.why[0] ? r : next, &error);
	return 0;
}

/* Begins with the next address. Returns 0 if it is under way or stands, or -errno. */
static int connect_next(struct relayed *k, struct ipc_selector_error *error)
{
	struct serve_relay *v = relay_of(k);
	int r = sock_connect_start(v->ctx, v->to, v->type, &k->at, &k->pending, error);

	if (r < 0)
		return r;
	k->fd = r;
	if (!k->pending)
		return connected(k);
	return loop_watch(&k->client->server->loop, &k->watch, k->fd, EPOLLOUT, on_connected);
}

/* What the server tries again by itself: the backlog is full, or something ran out. */
static bool may_pass(int error)
{
	return error == -EAGAIN || error == -EMFILE || error == -ENFILE || error == -ENOMEM ||
		error == -ENOBUFS;
}

static int relay_begin(struct server_client *c)
{
	struct ipc_selector_error error = { 0 };
	struct relayed *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->client = c;
	k->fd = -1;
	k->pending = true;
	k->paths[RELAY_UP].flow = k->paths[RELAY_DOWN].flow = (struct flow)FLOW_NONE;
	c->data = k;
	int r = connect_next(k, &error);
	if (r >= 0)
		return 0;
	if (!may_pass(r)) {
		give_up(k, r, &error);
		return 0;
	}
	ipc_close(&k->fd);
	free(k);
	c->data = NULL;
	return r;
}

static void relay_end(struct server_client *c)
{
	struct relayed *k = c->data;
	struct serve_relay *v = relay_of(k);

	if (!k->pending) {
		struct sock_traffic traffic = { .sent_bytes = relay_moved(k, RELAY_UP),
			.received_bytes = relay_moved(k, RELAY_DOWN) };
		c->received = traffic.sent_bytes + relay_lost(k, RELAY_UP);
		c->sent = traffic.received_bytes;
		if (v->closed)
			v->closed(k);
		loop_unwatch(&c->server->loop, &k->watch);
		sock_disconnect(v->ctx, v->to, &k->fd, &traffic);
	}
	loop_unwatch(&c->server->loop, &k->watch);
	ipc_close(&k->fd);
	for (enum relay_way way = 0; way < RELAY_WAYS; way++) {
		flow_clear(&k->paths[way].flow);
		conduit_clear(&k->paths[way].conduit);
	}
	free(k);
	c->data = NULL;
}

const struct server_mode serve_relay_mode = {
	.begin = relay_begin,
	.end = relay_end,
};
