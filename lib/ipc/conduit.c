#include "ipc/conduit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { READ_SIZE = 128 * 1024, STEP_SIZE = 1 << 20 };

void conduit_init(struct conduit *c, int in, int out, unsigned flags, conduit_tap_fn *tap, void *arg)
{
	*c = (struct conduit){
		.in = in,
		.out = out,
		.messages = flags & CONDUIT_MESSAGES,
		.pass_fds = flags & CONDUIT_FDS,
		.tap = tap,
		.arg = arg,
	};
	if (c->messages)
		(void)setsockopt(in, SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int));
}

void conduit_clear(struct conduit *c)
{
	if (c->fds)
		fdpass_close(c->fds);
	free(c->fds);
	free(c->buffer);
	c->fds = NULL;
	c->buffer = NULL;
	c->size = 0;
}

static int make_room(struct conduit *c, size_t size)
{
	if (c->pass_fds && !c->fds && !(c->fds = calloc(1, sizeof(*c->fds))))
		return -ENOMEM;
	if (size <= c->size)
		return 0;
	if (size > CONDUIT_MESSAGE_MAX)
		return -EMSGSIZE;
	char *larger = realloc(c->buffer, size);
	if (!larger)
		return -ENOMEM;
	c->buffer = larger;
	c->size = size;
	return 0;
}

/* The kernel keeps a message until there is room for all of it. */
static int room_for_next(struct conduit *c)
{
	int r = make_room(c, READ_SIZE);

	if (r < 0 || !c->messages)
		return r;
	ssize_t n = fdpass_next_size(c->in);
	return n < 0 ? (int)n : make_room(c, (size_t)n);
}

static int read_next(struct conduit *c)
{
	struct fdpass_info info;
	int r = room_for_next(c);

	if (r < 0)
		return r;
	ssize_t n = fdpass_recv(c->in, c->buffer, c->size, MSG_DONTWAIT, c->fds, &info);
	if (n < 0)
		return (int)n;
	if (info.fds_lost)
		return -EMFILE;
	if (info.cut) /* another one reads from this socket too, and took what was measured */
		return -EMSGSIZE;
	c->in_ended = n == 0 && !info.is_message;
	c->held = !c->in_ended;
	c->len = (size_t)n;
	c->sent = 0;
	return c->held && c->tap ? c->tap(c, c->buffer, c->len, c->fds ? c->fds->len : 0, c->arg) : 0;
}

static int send_held(struct conduit *c)
{
	ssize_t n = fdpass_send(c->out, c->buffer + c->sent, c->len - c->sent, MSG_DONTWAIT, c->fds, NULL, 0);

	if (n < 0)
		return (int)n;
	if (c->fds)
		fdpass_close(c->fds);
	c->sent += (size_t)n;
	c->moved += (size_t)n;
	if (c->sent < c->len)
		return 0;
	c->held = false;
	c->count++;
	return 0;
}

int conduit_step(struct conduit *c)
{
	uint64_t until = c->moved + STEP_SIZE, many = c->count + 1024;

	while (c->moved < until && c->count < many) {
		if (!c->held && c->in_ended)
			return FLOW_ENDED;
		bool sending = c->held;
		int r = sending ? send_held(c) : read_next(c);
		if (r == -EAGAIN)
			return sending ? FLOW_WANTS_OUT : FLOW_WANTS_IN;
		if (r < 0)
			return r;
	}
	return 0;
}
