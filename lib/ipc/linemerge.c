#include "ipc/linemerge.h"

#include "ipc/io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 64 * 1024, ROUNDS = 64 };

static void end_all(struct linemerge *m)
{
	for (size_t i = 0; i < m->count; i++)
		ipc_close(&m->inputs[i].fd);
	ipc_close(&m->out);
	m->waits = LINEMERGE_ENDED;
}

void linemerge_clear(struct linemerge *m)
{
	end_all(m);
	for (size_t i = 0; i < m->count; i++)
		free(m->inputs[i].data);
	free(m->inputs);
	*m = (struct linemerge){ .out = -1, .waits = LINEMERGE_ENDED };
}

int linemerge_init(struct linemerge *m, const int *in, size_t count, int out, char line_end)
{
	int r = ipc_nonblocking(out);

	*m = (struct linemerge){ .out = out, .count = count, .current = count, .end = line_end };
	m->inputs = calloc(count, sizeof(*m->inputs));
	if (!m->inputs) {
		for (size_t i = 0; i < count; i++)
			close(in[i]);
		m->count = 0;
		r = -ENOMEM;
	}
	for (size_t i = 0; i < m->count; i++)
		m->inputs[i].fd = in[i];
	for (size_t i = 0; r == 0 && i < m->count; i++)
		r = ipc_nonblocking(in[i]);
	if (r < 0)
		linemerge_clear(m);
	return r;
}

static bool has_room(const struct linemerge_input *in)
{
	return in->fd >= 0 && in->len < ROOM;
}

size_t linemerge_poll(const struct linemerge *m, struct pollfd *fds)
{
	for (size_t i = 0; i < m->count; i++)
		fds[i] = (struct pollfd){ .fd = has_room(&m->inputs[i]) ? m->inputs[i].fd : -1,
			.events = POLLIN };
	fds[m->count] =
		(struct pollfd){ .fd = m->out, .events = m->waits == LINEMERGE_WAITS_OUT ? POLLOUT : 0 };
	return m->count + 1;
}

/* What its end leaves is a line. */
static void input_ended(struct linemerge_input *in, char end)
{
	ipc_close(&in->fd);
	if (in->len > in->whole || (in->inside && in->whole == in->start))
		in->data[in->len++] = end; /* there is room for it behind ROOM */
	in->whole = in->len;
}

/* Returns 0 or -errno. */
static int fill(struct linemerge_input *in, char end)
{
	if (!in->data && !(in->data = malloc(ROOM + 1)))
		return -ENOMEM;
	ssize_t n = read(in->fd, in->data + in->len, ROOM - in->len);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0) {
		input_ended(in, end);
		return 0;
	}
	const char *last = memrchr(in->data + in->len, end, (size_t)n);
	in->len += (size_t)n;
	in->bytes += (uint64_t)n;
	if (last)
		in->whole = (size_t)(last - in->data) + 1;
	return 0;
}

/* Whether something of it may go out when another line has ended. */
static bool is_ready(const struct linemerge_input *in)
{
	return in->whole > in->start || in->len == ROOM;
}

/* Each in its turn. */
static size_t choose(const struct linemerge *m)
{
	for (size_t i = 1; i <= m->count; i++) {
		size_t at = (m->last + i) % m->count;
		if (is_ready(&m->inputs[at]))
			return at;
	}
	return m->count;
}

/* Writes what may go out. Returns 0, 1 if out has no more room, or -errno. */
static int drain(struct linemerge *m, struct linemerge_input *in)
{
	size_t until = in->whole > in->start ? in->whole : in->len;

	while (in->start < until) {
		ssize_t n = write(m->out, in->data + in->start, until - in->start);
		if (n < 0)
			return errno == EAGAIN ? 1 : -errno;
		in->start += (size_t)n;
		m->bytes += (uint64_t)n;
	}
	in->inside = in->data[until - 1] != m->end;
	memmove(in->data, in->data + until, in->len - until);
	in->len -= until;
	in->start = in->whole = 0;
	return 0;
}

/* Returns 1 if something was moved or chosen, 0 if m->waits says what for, or -errno. */
static int move(struct linemerge *m)
{
	if (m->current == m->count) {
		m->current = choose(m);
		m->waits = LINEMERGE_WAITS_IN;
		if (m->current == m->count)
			return 0;
	}
	struct linemerge_input *in = &m->inputs[m->current];
	if (in->len == in->start) { /* inside of a long line */
		m->waits = LINEMERGE_WAITS_IN;
		return 0;
	}
	int r = drain(m, in);
	if (r != 0) {
		m->waits = LINEMERGE_WAITS_OUT;
		return r == 1 ? 0 : r;
	}
	if (!in->inside) {
		m->last = m->current;
		m->current = m->count;
	}
	return 1;
}

static bool all_ended(const struct linemerge *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->inputs[i].fd >= 0 || m->inputs[i].len > 0)
			return false;
	return true;
}

int linemerge_step(struct linemerge *m, const struct pollfd *fds)
{
	int r = 1;

	if (m->waits == LINEMERGE_ENDED)
		return 0;
	if (fds && (fds[m->count].revents & (POLLERR | POLLNVAL))) {
		end_all(m); /* nobody reads */
		return 0;
	}
	for (size_t i = 0; fds && i < m->count; i++) {
		r = fds[i].revents && has_room(&m->inputs[i]) ? fill(&m->inputs[i], m->end) : 0;
		if (r < 0)
			return r;
	}
	r = 1;
	for (int round = 0; r == 1 && round < ROUNDS; round++)
		r = move(m);
	if (r == -EPIPE || (r == 0 && all_ended(m))) {
		end_all(m);
		return 0;
	}
	return r;
}
