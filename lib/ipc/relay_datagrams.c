#include "ipc/relay_datagrams.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { TURN = 64 }; /* datagrams before others get their turn */

struct relay_sender {
	struct relay_datagrams *v;
	uint64_t number;
	struct fdpass_info info; /* its address */
	struct dgram_socket out;
	int fd; /* connected to the server */
	struct loop_watch watch;
	struct relay_sender *previous, *next;
};

static int tap(struct relay_datagrams *v, enum relay_datagram_event what, const struct relay_sender *s,
	const char *data, size_t len, size_t fds)
{
	return v->tap ? v->tap(v, what, s->number, data, len, fds) : 0;
}

static void lose(struct relay_datagrams *v, bool answer, int error)
{
	if (v->lost)
		v->lost(v, answer, error);
}

/* --- answers -------------------------------------------------------------------------------------- */

static bool is_held(struct relay_datagrams *v)
{
	return v->held && v->held(v);
}

static int on_retry(struct loop_timer *t)
{
	struct relay_datagrams *v =
		(struct relay_datagrams *)((char *)t - offsetof(struct relay_datagrams, retry));
	uint64_t unanswered = v->in.unanswered;

	dgram_retry(&v->in);
	if (v->in.unanswered > unanswered)
		lose(v, true, -ETIMEDOUT);
	if (v->in.waiting > 0)
		loop_timer(&v->server->loop, t, LOOK_INTERVAL_NS, on_retry);
	server_hold(v->server, v->in.waiting > 0 && v->server->stopping < 2);
	return 0;
}

/* Descriptors can't wait: what they are to go with is sent at once, or lost. */
static void answer(
	struct relay_datagrams *v, struct relay_sender *s, const struct dgram *g, const struct fdpass *fds)
{
	ssize_t r;

	if (!dgram_can_answer(&s->info))
		r = -EDESTADDRREQ;
	else if (fds->len > 0)
		r = fdpass_send(v->fd, g->data, g->len, MSG_DONTWAIT, fds, &s->info.from, s->info.from_len);
	else
		r = dgram_answer(&v->in, &s->info, g->data, g->len);
	if (r < 0)
		lose(v, true, (int)r);
	else
		v->answered++;
	if (v->in.waiting > 0 && !v->retry.armed)
		loop_timer(&v->server->loop, &v->retry, LOOK_INTERVAL_NS, on_retry);
}

static int take_answers(struct relay_sender *s)
{
	struct relay_datagrams *v = s->v;
	struct dgram g;
	int r = 0;

	for (int i = 0; r >= 0 && i < TURN && !is_held(v); i++) {
		AUTO_FDPASS struct fdpass fds = { .len = 0 };
		r = dgram_receive(&s->out, v->pass_fds ? &fds : NULL, &g);
		if (r == -EAGAIN)
			return 0;
		if (r < 0 || g.info.fds_lost) {
			lose(v, true, r < 0 ? r : -EMFILE);
			return 0;
		}
		r = tap(v, RELAY_ANSWER, s, g.data, g.len, fds.len);
		if (r >= 0)
			answer(v, s, &g, &fds);
	}
	return r < 0 ? r : 0;
}

/* --- senders -------------------------------------------------------------------------------------- */

static int on_datagrams(struct server_listener *l);
static int send_kept(struct relay_datagrams *v);

static int on_sender(struct loop_watch *w, uint32_t events)
{
	struct relay_sender *s = (struct relay_sender *)((char *)w - offsetof(struct relay_sender, watch));
	struct relay_datagrams *v = s->v;
	int r = 0;

	if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		r = take_answers(s);
	if (r >= 0 && v->kept_by == s)
		r = send_kept(v);
	return r;
}

static int watch_sender(struct relay_sender *s)
{
	struct relay_datagrams *v = s->v;
	uint32_t events = (is_held(v) ? 0u : EPOLLIN) | (v->kept_by == s ? EPOLLOUT : 0u);

	return loop_watch(&v->server->loop, &s->watch, s->fd, events, on_sender);
}

static void unlink_sender(struct relay_sender *s)
{
	*(s->previous ? &s->previous->next : &s->v->senders) = s->next;
	if (s->next)
		s->next->previous = s->previous;
	s->previous = s->next = NULL;
}

static void link_first(struct relay_sender *s)
{
	s->next = s->v->senders;
	if (s->next)
		s->next->previous = s;
	s->v->senders = s;
}

static void forget(struct relay_sender *s)
{
	struct relay_datagrams *v = s->v;

	loop_unwatch(&v->server->loop, &s->watch);
	unlink_sender(s);
	v->senders_len--;
	dgram_clear(&s->out);
	ipc_close(&s->fd);
	free(s);
}

static int connect_sender(struct relay_sender *s)
{
	struct relay_datagrams *v = s->v;
	struct ipc_selector_error error = { 0 };
	int fd = sock_connect(v->ctx, v->to, SOCK_DGRAM, ipc_deadline_in(0), NULL, &error);

	if (fd < 0)
		return fd;
	loop_unwatch(&v->server->loop, &s->watch);
	ipc_close(&s->fd);
	s->fd = fd;
	int r = dgram_init(&s->out, fd);
	return r < 0 ? r : watch_sender(s);
}

static struct relay_sender *find_sender(const struct relay_datagrams *v, const struct fdpass_info *info)
{
	bool nameless = !dgram_can_answer(info);

	for (struct relay_sender *s = v->senders; s; s = s->next)
		if (nameless ? !dgram_can_answer(&s->info)
			     : s->info.from_len == info->from_len &&
					memcmp(&s->info.from, &info->from, info->from_len) == 0)
			return s;
	return NULL;
}

/* The one that was silent for the longest time makes room: its late answers have nowhere to go then. */
static int make_sender(struct relay_datagrams *v, const struct fdpass_info *info, struct relay_sender **ret)
{
	struct relay_sender *s = calloc(1, sizeof(*s)), *last = v->senders;

	if (!s)
		return -ENOMEM;
	while (last && last->next)
		last = last->next;
	int r = 0;
	if (last && v->senders_len >= v->server->options.max) {
		r = tap(v, RELAY_FORGOTTEN, last, NULL, 0, 0);
		forget(last);
	}
	s->v = v;
	s->fd = -1;
	s->info = *info;
	s->number = ++v->numbers;
	v->senders_len++;
	link_first(s);
	if (r >= 0)
		r = connect_sender(s);
	if (r < 0) {
		forget(s);
		return r;
	}
	*ret = s;
	return tap(v, RELAY_SENDER, s, NULL, 0, 0);
}

/* --- datagrams ------------------------------------------------------------------------------------ */

/* Reads from the senders, or not. */
static int listen_on(struct relay_datagrams *v)
{
	struct server_listener *l = &v->server->listeners[0];
	bool on = !v->kept_by && !is_held(v);

	if (l->fd < 0 || !l->watch.fn)
		return 0;
	return loop_watch(&v->server->loop, &l->watch, l->fd, on ? EPOLLIN : 0, l->watch.fn);
}

/* Sends to the server, which may be another by now. */
static ssize_t send_on(struct relay_sender *s, const char *data, size_t len, const struct fdpass *fds)
{
	ssize_t n = fdpass_send(s->fd, data, len, MSG_DONTWAIT, fds, NULL, 0);

	if ((n == -ECONNREFUSED || n == -ENOTCONN || n == -EPIPE || n == -ECONNRESET) &&
		connect_sender(s) == 0)
		n = fdpass_send(s->fd, data, len, MSG_DONTWAIT, fds, NULL, 0);
	if (n >= 0)
		s->v->passed++;
	return n;
}

static int keep(struct relay_sender *s, const struct dgram *g, struct fdpass *fds)
{
	struct relay_datagrams *v = s->v;

	if (g->len > v->kept_size) {
		char *larger = realloc(v->kept, g->len);
		if (!larger)
			return -ENOMEM;
		v->kept = larger;
		v->kept_size = g->len;
	}
	if (g->len > 0)
		memcpy(v->kept, g->data, g->len);
	v->kept_len = g->len;
	v->fds = *fds;
	fds->len = 0; /* v owns them now */
	v->kept_by = s;
	int r = watch_sender(s);
	return r < 0 ? r : listen_on(v);
}

static int send_kept(struct relay_datagrams *v)
{
	struct relay_sender *s = v->kept_by;
	ssize_t n = send_on(s, v->kept, v->kept_len, &v->fds);

	if (n == -EAGAIN)
		return 0;
	if (n < 0)
		lose(v, false, (int)n);
	fdpass_close(&v->fds);
	v->kept_by = NULL;
	int r = watch_sender(s);
	if (r >= 0 && v->server->stopping) {
		r = on_datagrams(&v->server->listeners[0]);
		server_hold(v->server, v->kept_by || v->in.waiting > 0);
	}
	return r < 0 ? r : listen_on(v);
}

/* Returns -errno only for what ends the server. */
static int pass(
	struct relay_datagrams *v, struct server_listener *l, const struct dgram *g, struct fdpass *fds)
{
	struct relay_sender *s = find_sender(v, &g->info);
	struct peer p;
	int r = 0;

	dgram_peer(&g->info, &p);
	if (!server_admits(l, &p))
		return 0;
	server_took(l, &p, g->len);
	if (!s)
		r = make_sender(v, &g->info, &s);
	if (!s) {
		lose(v, false, r);
		return 0;
	}
	unlink_sender(s);
	link_first(s);
	if (r >= 0)
		r = tap(v, RELAY_DATAGRAM, s, g->data, g->len, fds->len);
	if (r < 0)
		return r;
	ssize_t n = send_on(s, g->data, g->len, fds);
	if (n == -EAGAIN)
		return keep(s, g, fds);
	if (n < 0)
		lose(v, false, (int)n);
	return 0;
}

static int on_datagrams(struct server_listener *l)
{
	struct relay_datagrams *v = l->server->mode_data;
	struct dgram g;
	int r = 0;

	for (int i = 0; r >= 0 && i < TURN && !v->kept_by && !is_held(v); i++) {
		AUTO_FDPASS struct fdpass fds = { .len = 0 };
		r = dgram_receive(&v->in, v->pass_fds ? &fds : NULL, &g);
		if (r == -EAGAIN)
			return 0;
		if (r == -EMSGSIZE || (r > 0 && g.info.fds_lost)) {
			lose(v, false, r < 0 ? r : -EMFILE);
			r = 0;
		} else if (r > 0) {
			r = pass(v, l, &g, &fds);
		}
	}
	return r < 0 ? r : listen_on(v);
}

int relay_datagrams_go_on(struct relay_datagrams *v)
{
	int r = listen_on(v);

	for (struct relay_sender *s = v->senders; s && r >= 0; s = s->next)
		r = watch_sender(s);
	return r;
}

int relay_datagrams_start(struct relay_datagrams *v, struct server *s)
{
	v->server = s;
	v->fd = fcntl(s->listeners[0].fd, F_DUPFD_CLOEXEC, 0);
	return v->fd < 0 ? -errno : dgram_init(&v->in, v->fd);
}

void relay_datagrams_clear(struct relay_datagrams *v)
{
	if (!v->server)
		return;
	loop_timer_stop(&v->server->loop, &v->retry);
	if (v->kept_by)
		lose(v, false, -EAGAIN);
	while (v->senders) {
		(void)tap(v, RELAY_FORGOTTEN, v->senders, NULL, 0, 0);
		forget(v->senders);
	}
	fdpass_close(&v->fds);
	free(v->kept);
	v->kept = NULL;
	dgram_clear(&v->in);
	ipc_close(&v->fd);
}

/* What is queued at either side is still passed on. Asked again, nothing is waited for. */
static void asked(struct server *s)
{
	struct relay_datagrams *v = s->mode_data;

	if (!v->server || s->stopping > 1) {
		server_hold(s, false);
		return;
	}
	(void)on_datagrams(&s->listeners[0]);
	server_hold(s, v->kept_by || v->in.waiting > 0);
}

const struct server_mode relay_datagrams_mode = {
	.datagrams = on_datagrams,
	.asked = asked,
};
