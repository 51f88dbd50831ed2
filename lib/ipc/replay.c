#include "ipc/replay.h"

#include "ipc/fdpass.h"
#include "ipc/flow.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { READ_SIZE = 64 * 1024 };

void replay_init(struct replay *r, int fd, bool messages, const struct recording_connection *c)
{
	*r = (struct replay){ .fd = fd, .messages = messages, .c = c };
	if (messages)
		(void)setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int));
}

static void next_step(struct replay *r)
{
	r->step++;
	r->done = 0;
}

static int play(struct replay *r, const struct recording_step *s)
{
	if (s->end) {
		shutdown(r->fd, SHUT_WR);
		next_step(r);
		return 0;
	}
	ssize_t n = fdpass_send(r->fd, s->data + r->done, s->len - r->done, MSG_DONTWAIT, NULL, NULL, 0);
	if (n < 0)
		return (int)n;
	r->done += (size_t)n;
	r->sent += (uint64_t)n;
	if (r->done == s->len)
		next_step(r);
	return 0;
}

static void compare(struct replay *r, const char *data, const char *recorded, size_t len)
{
	for (size_t i = 0; i < len && !r->different; i++)
		if (data[i] != recorded[i]) {
			r->different = true;
			r->differs = r->received + i;
		}
}

/* Bytes may come in other portions than they were recorded in. */
static void take_bytes(struct replay *r, const char *data, size_t len)
{
	const struct recording_step *s = &r->c->steps[r->step];
	size_t n = len < s->len - r->done ? len : s->len - r->done;

	compare(r, data, s->data + r->done, n);
	r->done += n;
	r->received += n;
	if (r->done == s->len)
		next_step(r);
}

/* Of a message over READ_SIZE the beginning is compared, and its length. */
static void take_message(struct replay *r, const char *data, size_t len)
{
	const struct recording_step *s = &r->c->steps[r->step];
	size_t n = len < s->len ? len : s->len;

	n = n < READ_SIZE ? n : READ_SIZE;
	compare(r, data, s->data, n);
	if (len != s->len && !r->different) {
		r->different = true;
		r->differs = r->received + n;
	}
	r->received += len;
	next_step(r);
}

/* The client's end is a step like others, where it was recorded. */
static int client_ended(struct replay *r, const struct recording_step *s)
{
	r->client_ended = true;
	if (!s->end)
		r->short_of = true;
	next_step(r);
	return 0;
}

/*
 * On a stream no more is read than the step has: what follows it stays for the steps behind. What the client
 * sends instead of an end that was recorded is more than that.
 */
static int listen_to(struct replay *r, const struct recording_step *s)
{
	char buffer[READ_SIZE];
	struct fdpass_info info;
	size_t left = s->end ? sizeof(buffer) : s->len - r->done;
	bool exact = !r->messages && left < sizeof(buffer);

	if (r->client_ended)
		return client_ended(r, s);
	if (!s->end && !r->messages && left == 0) {
		next_step(r);
		return 0;
	}
	int flags = r->messages ? MSG_DONTWAIT | MSG_TRUNC : MSG_DONTWAIT;
	ssize_t n = fdpass_recv(r->fd, buffer, exact ? left : sizeof(buffer), flags, NULL, &info);
	if (n < 0)
		return (int)n;
	if (n == 0 && !info.is_message)
		return client_ended(r, s);
	if (s->end) {
		r->more = true;
		r->received += (uint64_t)n;
		return 0;
	}
	if (r->messages)
		take_message(r, buffer, (size_t)n);
	else
		take_bytes(r, buffer, (size_t)n);
	return 0;
}

int replay_step(struct replay *r)
{
	while (r->step < r->c->len) {
		const struct recording_step *s = &r->c->steps[r->step];
		bool server = s->from == RECORDING_SERVER;
		int result = server ? play(r, s) : listen_to(r, s);
		if (result == -EAGAIN)
			return server ? FLOW_WANTS_OUT : FLOW_WANTS_IN;
		if (result < 0)
			return result;
	}
	return FLOW_ENDED;
}
