#include "ipc/server.h"

#include "ipc/io.h"
#include "ipc/server_impl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
	ACCEPTS = 32,   /* in one go, so that clients get their turn */
	RETRY_MS = 200, /* until something may have become free */
};

unsigned server_peer_wants(const struct server *s)
{
	return s->want;
}

static unsigned wants_of(const struct access_rules *rules)
{
	unsigned want = 0;

	for (size_t i = 0; i < rules->len; i++) {
		if (rules->v[i].subject == ACCESS_GID)
			want |= PEER_GROUPS | PEER_OWNER;
		if (rules->v[i].subject == ACCESS_UID)
			want |= PEER_OWNER;
	}
	return want;
}

int server_init(struct server *s, struct ipc_ctx *ctx, const struct ipc_selector *selector,
	const struct server_options *options, const struct server_mode *mode)
{
	memset(s, 0, sizeof(*s));
	s->ctx = ctx;
	s->selector = selector;
	s->options = *options;
	s->mode = mode;
	s->want = wants_of(&options->rules);
	return loop_init(&s->loop);
}

/* --- accepting, or not ------------------------------------------------------------------------------ */

static int on_listener(struct loop_watch *w, uint32_t events);
static int on_retry(struct loop_timer *t);

static struct server_listener *listener_of(struct loop_watch *w)
{
	return (struct server_listener *)((char *)w - offsetof(struct server_listener, watch));
}

static bool may_accept(const struct server *s)
{
	return s->listening && !s->waiting && !s->retry.armed &&
		(s->options.type == SOCK_DGRAM || s->clients_len < s->options.max);
}

/* Waits for clients where one could be let in, and for nobody else: who waits in vain would spin. */
static int watch_listeners(struct server *s)
{
	bool on = may_accept(s);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < s->listeners_len; i++) {
		struct server_listener *l = &s->listeners[i];
		if (on)
			r = loop_watch(&s->loop, &l->watch, l->fd, EPOLLIN, on_listener);
		else
			loop_unwatch(&s->loop, &l->watch);
	}
	return r;
}

/* Something ran out: nobody is accepted until something may have become free. */
static void pause_accepting(struct server *s, const struct server_client *c, int error)
{
	if (s->reports.trouble && !s->retry.armed)
		s->reports.trouble(s, c, error);
	loop_timer(&s->loop, &s->retry, RETRY_MS * NSEC_PER_MSEC, on_retry);
	watch_listeners(s);
}

static void end_if_done(struct server *s)
{
	if (s->closed && s->clients_len == 0 && !s->held)
		loop_end(&s->loop);
}

/* --- clients ---------------------------------------------------------------------------------------- */

static bool same_user(const struct peer *a, const struct peer *b)
{
	if (a->who.ids_known != b->who.ids_known)
		return false;
	return a->who.ids_known ? a->who.uid == b->who.uid
				: memcmp(&a->who.addr, &b->who.addr, sizeof(a->who.addr)) == 0;
}

static uint64_t count_same(const struct server *s, const struct peer *p)
{
	uint64_t n = 0;

	for (const struct server_client *c = s->clients; c; c = c->next)
		n += same_user(&c->peer, p);
	return n;
}

/* Tells the observer. Returns 0, or what it refuses with. */
static int observe(
	struct server *s, enum ipc_event_type type, const struct peer *p, uint64_t bytes, int result)
{
	AUTO_FREE char *address = NULL;
	struct ipc_peer peer = { 0 };
	struct ipc_event event = { .type = type,
		.selector = s->selector,
		.count = 1,
		.bytes = bytes,
		.result = result,
		.peer = &peer };

	if (!s->ctx->observer)
		return 0;
	peer_describe(p, &peer, &address);
	int r = type == EVENT_CONNECT ? ipc_observe_before(s->ctx, &event) : 0;
	if (r < 0)
		return r;
	ipc_observe_after(s->ctx, &event);
	return 0;
}

static void deny(struct server *s, const struct peer *p, enum server_refusal refusal, int rule, int error)
{
	const struct server_denial d = { .refusal = refusal, .peer = p, .rule = rule, .error = error };

	observe(s, EVENT_DENY, p, 0, error);
	if (s->reports.denied)
		s->reports.denied(s, &d);
}

bool server_admits(struct server_listener *l, const struct peer *p)
{
	struct server *s = l->server;
	int rule = -1;

	if (access_decide(&s->options.rules, l->otherwise, geteuid(), &p->who, &rule))
		return true;
	deny(s, p, REFUSED_BY_RULE, rule, -EACCES);
	return false;
}

static int on_lonely(struct loop_timer *t)
{
	struct server *s = (struct server *)((char *)t - offsetof(struct server, lonely));

	return s->options.wait_ns == 0 ? -EAGAIN : -ETIMEDOUT;
}

static void be_lonely(struct server *s)
{
	if (s->listening && s->options.wait_ns >= 0 && s->clients_len == 0)
		loop_timer(&s->loop, &s->lonely, s->options.wait_ns, on_lonely);
}

void server_took(struct server_listener *l, const struct peer *p, uint64_t bytes)
{
	observe(l->server, EVENT_RECEIVE, p, bytes, 0);
	be_lonely(l->server); /* from now on */
}

static void unlink_client(struct server_client *c)
{
	struct server *s = c->server;

	*(c->previous ? &c->previous->next : &s->clients) = c->next;
	if (c->next)
		c->next->previous = c->previous;
	s->clients_len--;
}

static void link_client(struct server_client *c)
{
	struct server *s = c->server;

	loop_timer_stop(&s->loop, &s->lonely);
	c->next = s->clients;
	if (c->next)
		c->next->previous = c;
	s->clients = c;
	s->clients_len++;
}

void server_end_mode(struct server_client *c)
{
	struct server *s = c->server;

	if (!c->begun)
		return;
	c->begun = false;
	loop_unwatch(&s->loop, &c->watch);
	loop_timer_stop(&s->loop, &c->timer);
	loop_timer_stop(&s->loop, &c->idle);
	if (s->mode->end)
		s->mode->end(c);
	if (c->received)
		observe(s, EVENT_RECEIVE, &c->peer, c->received, 0);
	if (c->sent)
		observe(s, EVENT_SEND, &c->peer, c->sent, 0);
}

void server_free_client(struct server_client *c)
{
	struct server *s = c->server;

	loop_unwatch(&s->loop, &c->linger);
	loop_timer_stop(&s->loop, &c->idle);
	if (s->waiting == c)
		s->waiting = NULL;
	unlink_client(c);
	ipc_close(&c->fd);
	peer_clear(&c->peer);
	free(c);
	loop_timer_stop(&s->loop, &s->retry); /* something has become free */
	if (s->waiting)
		loop_timer(&s->loop, &s->retry, 0, on_retry);
	watch_listeners(s);
	be_lonely(s);
	end_if_done(s);
}

static int on_idle(struct loop_timer *t)
{
	struct server_client *c = (struct server_client *)((char *)t - offsetof(struct server_client, idle));
	struct server *s = c->server;

	if (s->reports.idle)
		s->reports.idle(s, c);
	server_release(c, SERVER_CLOSE);
	return 0;
}

void server_touch(struct server_client *c)
{
	struct server *s = c->server;

	if (s->options.idle_ns >= 0 && c->begun && !c->lingering)
		loop_timer(&s->loop, &c->idle, s->options.idle_ns, on_idle);
}

static bool ran_out(int error)
{
	return error == -EAGAIN || error == -EMFILE || error == -ENFILE || error == -ENOMEM ||
		error == -ENOBUFS;
}

/* Gives a client that was let in to the mode. */
static void begin(struct server_client *c)
{
	struct server *s = c->server;

	s->waiting = NULL;
	c->begun = true;
	server_touch(c);
	int r = s->mode->begin(c);
	if (r == 0)
		return; /* c may be gone already */
	loop_timer_stop(&s->loop, &c->idle);
	c->begun = false;
	if (ran_out(r)) {
		s->waiting = c;
		pause_accepting(s, c, r);
		return;
	}
	if (s->reports.trouble)
		s->reports.trouble(s, c, r);
	server_release(c, SERVER_CLOSE);
}

static int on_retry(struct loop_timer *t)
{
	struct server *s = (struct server *)((char *)t - offsetof(struct server, retry));

	if (s->waiting)
		begin(s->waiting);
	return watch_listeners(s);
}

/* --- closing ---------------------------------------------------------------------------------------- */

static void withdraw(struct server *s)
{
	struct ipc_event event = { .type = EVENT_REMOVE, .selector = s->selector, .count = 1 };

	for (size_t i = 0; i < s->listeners_len; i++) {
		struct server_listener *l = &s->listeners[i];
		if (l->fd < 0)
			continue;
		loop_unwatch(&s->loop, &l->watch);
		if (l->claim.dirfd >= 0) {
			event.result = claim_withdraw(&l->claim);
			ipc_observe_after(s->ctx, &event);
			s->withdrawn = event.result < 0 ? event.result : s->withdrawn;
		}
		if (l->owned)
			ipc_close(&l->fd);
		l->fd = -1;
	}
	s->listening = false;
}

/* Nobody comes in any more. */
static void close_doors(struct server *s)
{
	if (s->closed)
		return;
	s->closed = true;
	withdraw(s);
	if (s->mode->stopped)
		s->mode->stopped(s);
}

/* --- letting in ------------------------------------------------------------------------------------- */

/* Whether the one on the other side of p may come in; says so if not. */
static bool let_in(struct server_listener *l, const struct peer *p, uint64_t *ret_same)
{
	struct server *s = l->server;
	uint64_t same = 1;

	if (!server_admits(l, p))
		return false;
	/* Counting looks at all clients, so it is done where it matters. */
	if (s->options.max_per_uid < s->options.max || s->mode->blocking)
		same += count_same(s, p);
	if (same > s->options.max_per_uid) {
		deny(s, p, REFUSED_PER_USER, -1, -EACCES);
		return false;
	}
	int r = observe(s, EVENT_CONNECT, p, 0, 0);
	if (r < 0) {
		deny(s, p, REFUSED_BY_CALLER, -1, r);
		return false;
	}
	*ret_same = same;
	return true;
}

static int admit(struct server_listener *l, int *fd, const struct sockaddr_storage *sa, socklen_t len)
{
	struct server *s = l->server;
	AUTO_PEER struct peer p = { .remote = *sa, .remote_len = len };
	uint64_t same = 0;
	int r = peer_identify(*fd, sa, len, s->want, &p);

	if (r < 0) {
		deny(s, &p, REFUSED_UNKNOWN, -1, r);
		return 0;
	}
	if (!let_in(l, &p, &same))
		return 0;
	struct server_client *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->server = s;
	c->listener = l;
	c->number = ++s->clients_served;
	c->fd = *fd;
	*fd = -1; /* the client owns it now */
	c->peer = p;
	p.who.groups = NULL; /* and this */
	c->same = same;
	link_client(c);
	if (s->options.once)
		close_doors(s);
	begin(c);
	return 0;
}

/* Errors of one connection, after which the next may be fine. Source: accept(2), "Error handling". */
static bool is_fatal(int error)
{
	return error == EBADF || error == EINVAL || error == ENOTSOCK || error == EOPNOTSUPP ||
		error == EFAULT;
}

/* Returns 1 if there may be more, 0 if not, or -errno. */
static int accept_one(struct server_listener *l)
{
	struct server *s = l->server;
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	int flags = SOCK_CLOEXEC | (s->mode->blocking ? 0 : SOCK_NONBLOCK);
	AUTO_CLOSE int fd = accept4(l->fd, (struct sockaddr *)&sa, &len, flags);

	if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (fd < 0 && is_fatal(errno))
		return -errno;
	if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
		return 1;
	if (fd < 0) {
		pause_accepting(s, NULL, -errno);
		return 0;
	}
	int r = admit(l, &fd, &sa, len);
	if (r < 0)
		pause_accepting(s, NULL, r);
	return 1;
}

static int on_listener(struct loop_watch *w, uint32_t events)
{
	struct server_listener *l = listener_of(w);
	int r = 1;

	(void)events;
	if (l->server->options.type == SOCK_DGRAM)
		return l->server->mode->datagrams(l);
	for (int i = 0; r > 0 && i < ACCEPTS && may_accept(l->server); i++)
		r = accept_one(l);
	return r < 0 ? r : watch_listeners(l->server);
}

/* --- running and ending ----------------------------------------------------------------------------- */

static void hurry(struct server *s)
{
	struct server_client *next;

	for (struct server_client *c = s->clients; c; c = next) {
		next = c->next;
		if (c->begun && s->mode->hurry)
			s->mode->hurry(c);
		else
			server_release(c, SERVER_CLOSE);
	}
}

void server_stop(struct server *s)
{
	s->stopping++;
	close_doors(s);
	if (s->mode->asked)
		s->mode->asked(s);
	if (s->stopping > 1)
		hurry(s);
	end_if_done(s);
}

void server_hold(struct server *s, bool on)
{
	s->held = on;
	end_if_done(s);
}

int server_run(struct server *s)
{
	int r = watch_listeners(s);

	be_lonely(s);
	return r < 0 ? r : loop_run(&s->loop);
}

void server_clear(struct server *s)
{
	withdraw(s);
	while (s->clients) {
		struct server_client *c = s->clients;
		server_end_mode(c);
		server_free_client(c);
	}
	loop_timer_stop(&s->loop, &s->retry);
	loop_timer_stop(&s->loop, &s->lonely);
	free(s->listeners);
	s->listeners = NULL;
	s->listeners_len = 0;
	loop_clear(&s->loop);
}
