/* How clients leave. */
#include "ipc/io.h"
#include "ipc/server.h"
#include "ipc/server_impl.h"

#include <errno.h>
#include <poll.h>

enum {
	LINGER_MS = 5000, /* for a client to read to the end */
	CHUNK = 16384,
	TURN = 32, /* reads before others get theirs */
};

static bool sends_no_more(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

/* Reads and throws away. Returns whether there is nothing more to come: 0 may be an empty message, too. */
static bool drain(struct server_client *c)
{
	char buf[CHUNK];
	bool ended = false;

	for (int i = 0; i < TURN; i++) {
		ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return false;
		if (n < 0 || (n == 0 && c->server->options.type == SOCK_STREAM))
			return true;
		ended = n == 0 && sends_no_more(c->fd);
	}
	return ended;
}

static int on_linger(struct loop_watch *w, uint32_t events)
{
	struct server_client *c =
		(struct server_client *)((char *)w - offsetof(struct server_client, linger));

	if (drain(c) || (events & (EPOLLERR | EPOLLHUP)))
		server_free_client(c);
	return 0;
}

static int on_linger_end(struct loop_timer *t)
{
	server_free_client((struct server_client *)((char *)t - offsetof(struct server_client, idle)));
	return 0;
}

void server_release(struct server_client *c, enum server_leave how)
{
	struct server *s = c->server;

	server_end_mode(c);
	c->lingering = how == SERVER_LINGER && s->stopping < 2 && !drain(c);
	if (c->lingering &&
		(shutdown(c->fd, SHUT_WR) < 0 ||
			loop_watch(&s->loop, &c->linger, c->fd, EPOLLIN | EPOLLRDHUP, on_linger) < 0))
		c->lingering = false;
	if (c->lingering)
		loop_timer(&s->loop, &c->idle, LINGER_MS * NSEC_PER_MSEC, on_linger_end);
	else
		server_free_client(c);
}
