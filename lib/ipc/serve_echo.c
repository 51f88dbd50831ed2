#include "ipc/serve_echo.h"

#include "ipc/flow.h"
#include "ipc/io.h"

#include <errno.h>

static int step(struct server_client *c);

static int on_ready(struct loop_watch *w, uint32_t events)
{
	(void)events;
	return step(server_client_of_watch(w));
}

static int on_turn(struct loop_timer *t)
{
	return step(server_client_of_timer(t));
}

static int step(struct server_client *c)
{
	struct flow *f = c->data;
	uint64_t moved = f->moved;
	size_t held = f->held;
	struct loop *l = &c->server->loop;
	int r = flow_step(f);

	if (f->moved != moved || f->held != held)
		server_touch(c);
	if (r < 0 || (r & FLOW_ENDED)) {
		server_release(c, r < 0 ? SERVER_CLOSE : SERVER_LINGER);
		return 0;
	}
	if (r == 0) /* there was more, but it is the turn of others */
		loop_timer(l, &c->timer, 0, on_turn);
	uint32_t events = (r & FLOW_WANTS_IN ? EPOLLIN : 0u) | (r & FLOW_WANTS_OUT ? EPOLLOUT : 0u);
	r = loop_watch(l, &c->watch, c->fd, events, on_ready);
	if (r < 0)
		server_release(c, SERVER_CLOSE);
	return 0;
}

static int echo_begin(struct server_client *c)
{
	AUTO_FREE struct flow *f = malloc(sizeof(*f));

	if (!f)
		return -ENOMEM;
	flow_init(f, c->fd, c->fd);
	int r = loop_watch(&c->server->loop, &c->watch, c->fd, EPOLLIN, on_ready);
	if (r < 0)
		return r;
	c->data = f;
	f = NULL; /* the client owns it now */
	return 0;
}

static void echo_end(struct server_client *c)
{
	struct flow *f = c->data;

	c->received = f->moved + f->held;
	c->sent = f->moved;
	flow_clear(f);
	free(f);
	c->data = NULL;
}

const struct server_mode serve_echo_mode = {
	.begin = echo_begin,
	.end = echo_end,
};
