/*
 * Each socket is duplicated: so what was queued when the server was asked to stop is still taken, and answers
 * can go out, when its path has been withdrawn.
 */
#include "ipc/serve_datagrams.h"

#include "ipc/io.h"
#include "ipc/serve_job.h"

#include <errno.h>
#include <fcntl.h>

enum {
	TURN = 64, /* datagrams before others get their turn */
	LAST_TURNS =
		1024, /* ... that are taken when the server was asked to stop: who goes on sending is not waited for */
};

struct datagram_source {
	struct dgram_socket socket;
	struct server_listener *listener;
	int fd; /* a duplicate */
};

/* --- when to read, and when to end ---------------------------------------------------------------- */

static bool has_room(const struct serve_datagrams *d)
{
	return (!d->out || !record_out_is_full(d->out)) && d->jobs_len < d->server->options.max;
}

static size_t answers_waiting(const struct serve_datagrams *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->sources_len; i++)
		n += d->sources[i].socket.waiting;
	return n;
}

/* The server is not to end before all of this is done with. */
static void hold(struct serve_datagrams *d)
{
	bool waits = answers_waiting(d) > 0 || (d->out && record_out_waits(d->out));

	server_hold(d->server, d->jobs_len > 0 || (waits && d->server->stopping < 2));
}

static int pump(struct serve_datagrams *d, struct datagram_source *s, int turns);

/* Reads again, or does not: a listener that was withdrawn has no socket to be waited for. */
static int rest(struct serve_datagrams *d, bool on)
{
	int r = 0;

	d->resting = on;
	for (size_t i = 0; r >= 0 && i < d->sources_len; i++) {
		struct server_listener *l = d->sources[i].listener;
		if (l->fd >= 0 && l->watch.fn)
			r = loop_watch(&d->server->loop, &l->watch, l->fd, on ? 0 : EPOLLIN, l->watch.fn);
		else if (l->fd < 0 && !on && !d->server->options.once)
			r = pump(d, &d->sources[i], LAST_TURNS);
	}
	return r < 0 ? r : 0;
}

/* Something has become free. */
static int go_on(struct serve_datagrams *d)
{
	int r = d->resting && has_room(d) ? rest(d, false) : 0;

	hold(d);
	return r;
}

/* --- answers -------------------------------------------------------------------------------------- */

static int on_retry(struct loop_timer *t)
{
	struct serve_datagrams *d =
		(struct serve_datagrams *)((char *)t - offsetof(struct serve_datagrams, retry));

	for (size_t i = 0; i < d->sources_len; i++) {
		struct dgram_socket *s = &d->sources[i].socket;
		uint64_t before = s->unanswered;
		dgram_retry(s);
		if (s->unanswered > before && d->trouble)
			d->trouble(d->server, DATAGRAM_UNANSWERED, NULL, -EAGAIN);
	}
	if (answers_waiting(d) > 0)
		loop_timer(&d->server->loop, t, LOOK_INTERVAL_NS, on_retry);
	hold(d);
	return 0;
}

static void tell(
	struct serve_datagrams *d, enum datagram_trouble what, const struct fdpass_info *info, int error)
{
	struct peer p;

	dgram_peer(info, &p);
	if (d->trouble)
		d->trouble(d->server, what, &p, error);
}

static void answer(struct serve_datagrams *d, struct datagram_source *s, const struct fdpass_info *to,
	const void *data, size_t len)
{
	int r = dgram_can_answer(to) ? dgram_answer(&s->socket, to, data, len) : 0;

	if (!dgram_can_answer(to))
		tell(d, DATAGRAM_NO_ADDRESS, to, 0);
	else if (r < 0)
		tell(d, DATAGRAM_UNANSWERED, to, r);
	if (s->socket.waiting > 0 && !d->retry.armed)
		loop_timer(&d->server->loop, &d->retry, LOOK_INTERVAL_NS, on_retry);
}

/* --- programs ------------------------------------------------------------------------------------- */

struct datagram_job {
	struct serve_job job;
	struct serve_datagrams *d;
	struct datagram_source *source;
	struct fdpass_info to;
	struct datagram_job *previous, *next;
};

static void free_job(struct datagram_job *j)
{
	struct serve_datagrams *d = j->d;

	*(j->previous ? &j->previous->next : &d->jobs) = j->next;
	if (j->next)
		j->next->previous = j->previous;
	d->jobs_len--;
	serve_job_clear(&j->job);
	free(j);
}

static int on_job_end(struct serve_job *job, int status)
{
	struct datagram_job *j = (struct datagram_job *)job;
	struct serve_datagrams *d = j->d;

	if (d->ended)
		d->ended(d->server, status);
	if (job->output_error)
		tell(d, DATAGRAM_LONG_ANSWER, &j->to, job->output_error);
	else if (job->output_len > 0)
		answer(d, j->source, &j->to, job->output, job->output_len);
	free_job(j);
	return go_on(d);
}

static int run(
	struct serve_datagrams *d, struct datagram_source *s, const struct dgram *g, const struct peer *p)
{
	struct serve_variables v;
	struct datagram_job *j = calloc(1, sizeof(*j));

	if (!j)
		return -ENOMEM;
	serve_program_env(d->program, p, 1, &v);
	int r = serve_job_start(&j->job, &d->server->loop, d->program->argv, d->program->env, g->data, g->len,
		dgram_can_answer(&g->info), on_job_end);
	if (r < 0) {
		free(j);
		return r;
	}
	j->d = d;
	j->source = s;
	j->to = g->info;
	j->next = d->jobs;
	if (j->next)
		j->next->previous = j;
	d->jobs = j;
	d->jobs_len++;
	return 0;
}

/* --- datagrams ------------------------------------------------------------------------------------ */

/* Returns -errno only for what ends the server. */
static int take(struct serve_datagrams *d, struct datagram_source *s, const struct dgram *g)
{
	struct peer p;
	int r = 0;

	dgram_peer(&g->info, &p);
	if (!server_admits(s->listener, &p))
		return 0;
	server_took(s->listener, &p, g->len);
	d->taken++;
	if (d->program) {
		r = run(d, s, g, &p);
		if (r < 0)
			tell(d, DATAGRAM_NO_PROGRAM, &g->info, r);
		r = 0;
	} else if (d->out) {
		r = record_out_put(d->out, &d->server->loop, g->data, g->len);
	} else {
		answer(d, s, &g->info, g->data, g->len);
	}
	if (r == 0 && d->server->options.once && !d->server->stopping)
		server_stop(d->server);
	return r;
}

static int pump(struct serve_datagrams *d, struct datagram_source *s, int turns)
{
	struct dgram g;
	int r = 0;

	for (int i = 0; r == 0 && i < turns; i++) {
		if (!has_room(d)) {
			r = rest(d, true);
			break;
		}
		if (d->server->options.once && d->taken > 0)
			break;
		r = dgram_receive(&s->socket, NULL, &g);
		if (r == -EMSGSIZE)
			tell(d, DATAGRAM_TOO_LARGE, &g.info, r);
		if (r == -EAGAIN || r == -EMSGSIZE || r == -EINTR) {
			i = r == -EAGAIN ? turns : i;
			r = 0;
			continue;
		}
		r = r < 0 ? r : take(d, s, &g);
	}
	if (d->out && r >= 0)
		r = record_out_flush(d->out);
	hold(d);
	return r;
}

static int on_datagrams(struct server_listener *l)
{
	struct serve_datagrams *d = l->server->mode_data;

	return pump(d, &d->sources[l - l->server->listeners], TURN);
}

static int on_ready(struct record_out *o, void *arg)
{
	(void)o;
	return go_on(arg);
}

int serve_datagrams_start(struct serve_datagrams *d, struct server *s)
{
	d->server = s;
	d->sources = calloc(s->listeners_len, sizeof(*d->sources));
	if (!d->sources)
		return -ENOMEM;
	for (; d->sources_len < s->listeners_len; d->sources_len++) {
		struct datagram_source *u = &d->sources[d->sources_len];
		u->listener = &s->listeners[d->sources_len];
		u->fd = fcntl(u->listener->fd, F_DUPFD_CLOEXEC, 0);
		int r = u->fd < 0 ? -errno : dgram_init(&u->socket, u->fd);
		if (r < 0) {
			ipc_close(&u->fd);
			return r;
		}
	}
	if (d->out) {
		d->out->ready = on_ready;
		d->out->arg = d;
	}
	return 0;
}

void serve_datagrams_clear(struct serve_datagrams *d)
{
	if (d->server)
		loop_timer_stop(&d->server->loop, &d->retry);
	while (d->jobs) {
		serve_job_kill(&d->jobs->job);
		free_job(d->jobs);
	}
	for (size_t i = 0; i < d->sources_len; i++) {
		dgram_clear(&d->sources[i].socket);
		ipc_close(&d->sources[i].fd);
	}
	free(d->sources);
	d->sources = NULL;
	d->sources_len = 0;
}

/* What is queued is still taken. Asked again, programs are to end and nothing is waited for. */
static void asked(struct server *s)
{
	struct serve_datagrams *d = s->mode_data;

	for (size_t i = 0; s->stopping == 1 && !s->options.once && i < d->sources_len; i++)
		pump(d, &d->sources[i], LAST_TURNS);
	for (struct datagram_job *j = d->jobs; s->stopping > 1 && j; j = j->next)
		serve_job_hurry(&j->job);
	hold(d);
}

const struct server_mode serve_datagrams_mode = {
	.datagrams = on_datagrams,
	.asked = asked,
};
