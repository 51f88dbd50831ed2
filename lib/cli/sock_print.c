#include "cli/sock_print.h"

#include "cli/bytes_out.h"
#include "cli/diag.h"
#include "cli/progress.h"
#include "ipc/flow.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TERMINAL_CHUNK = 4096 };

/* A client whose bytes are printed. */
struct sock_printed {
	struct server_client *client;
	struct flow flow;
	struct sock_printed *next; /* of those that wait for standard output */
	bool waiting;
	/* On a terminal: what came, and the beginning of a character whose rest has not. */
	char text[TERMINAL_CHUNK];
	size_t text_len;
	char last;
};

static int step(struct sock_printed *p);

static int on_client(struct loop_watch *w, uint32_t events)
{
	struct server_client *c = server_client_of_watch(w);

	(void)events;
	return step(c->data);
}

static int on_turn(struct loop_timer *t)
{
	struct server_client *c = server_client_of_timer(t);

	return step(c->data);
}

/* Some may wait again at once, behind those that have not had their turn. */
static int on_output(struct loop_watch *w, uint32_t events)
{
	struct sock_printer *printer =
		(struct sock_printer *)((char *)w - offsetof(struct sock_printer, out));
	struct sock_printed *all = printer->waiting;
	int r = 0;

	(void)events;
	printer->waiting = NULL;
	while (all && r >= 0) {
		struct sock_printed *p = all;
		all = p->next;
		p->waiting = false;
		r = step(p);
	}
	if (!printer->waiting)
		loop_unwatch(&printer->server->loop, w);
	return r;
}

static int wait_for_output(struct sock_printer *printer, struct sock_printed *p)
{
	struct sock_printed **end = &printer->waiting;

	/* Its turn may have come twice, by the timer and by what the client sent. */
	loop_timer_stop(&printer->server->loop, &p->client->timer);
	if (p->waiting)
		return 0;
	while (*end)
		end = &(*end)->next;
	p->next = NULL;
	p->waiting = true;
	*end = p;
	/* A client that hangs up meanwhile is noticed when there is room for what it sent. */
	loop_unwatch(&printer->server->loop, &p->client->watch);
	return loop_watch(&printer->server->loop, &printer->out, STDOUT_FILENO, EPOLLOUT, on_output);
}

/* Errors of a connection; all others are those of standard output. */
static bool is_clients(int error)
{
	return error == -ECONNRESET || error == -ETIMEDOUT || error == -EHOSTUNREACH ||
		error == -ENETUNREACH || error == -ENETDOWN || error == -EHOSTDOWN;
}

/* Nothing that comes could be printed any more: the server ends. */
static int output_failed(struct sock_printer *printer, int error)
{
	printer->error = error;
	for (struct server_client *c = printer->server->clients; c; c = c->next)
		if (c->begun && c->data)
			printer->lost += ((struct sock_printed *)c->data)->flow.held;
	return error;
}

/* --- on a terminal ---------------------------------------------------------------------------------- */

static int print_text(struct sock_printed *p)
{
	struct sock_printer *printer = p->client->server->mode_data;
	ssize_t n = read(p->client->fd, p->text + p->text_len, sizeof(p->text) - p->text_len);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return FLOW_WANTS_IN;
	if (n < 0)
		return -errno;
	p->flow.moved += (uint64_t)n;
	p->text_len += (size_t)n;
	if (n > 0)
		p->last = p->text[p->text_len - 1];
	size_t done = p->text_len > 0 ? bytes_out(p->text, p->text_len, n > 0) : 0;
	p->text_len -= done;
	memmove(p->text, p->text + done, p->text_len);
	if (n == 0 && p->flow.moved > 0)
		bytes_out_end(p->last);
	int r = output_flush();
	if (r < 0)
		return output_failed(printer, r);
	return n == 0 ? FLOW_ENDED : FLOW_WANTS_IN;
}

/* --- a client --------------------------------------------------------------------------------------- */

static int begin(struct server_client *c)
{
	struct sock_printer *printer = c->server->mode_data;
	AUTO_FREE struct sock_printed *p = calloc(1, sizeof(*p));

	printer->server = c->server;
	if (!p)
		return -ENOMEM;
	p->client = c;
	flow_init(&p->flow, c->fd, STDOUT_FILENO);
	int r = loop_watch(&c->server->loop, &c->watch, c->fd, EPOLLIN, on_client);
	if (r < 0)
		return r;
	c->data = p;
	p = NULL; /* the client owns it now */
	return 0;
}

static void end(struct server_client *c)
{
	struct sock_printer *printer = c->server->mode_data;
	struct sock_printed *p = c->data;

	for (struct sock_printed **w = &printer->waiting; p->waiting && *w; w = &(*w)->next)
		if (*w == p) {
			*w = p->next;
			break;
		}
	c->received = p->flow.moved + p->flow.held;
	flow_clear(&p->flow);
	free(p);
	c->data = NULL;
}

static int go_on(struct sock_printer *printer, struct sock_printed *p, int wants)
{
	struct loop *l = &printer->server->loop;

	if (wants & FLOW_WANTS_OUT)
		return wait_for_output(printer, p);
	if (!(wants & FLOW_WANTS_IN)) /* there was more, but it is the turn of others */
		loop_timer(l, &p->client->timer, 0, on_turn);
	return loop_watch(l, &p->client->watch, p->client->fd, EPOLLIN, on_client);
}

static int step(struct sock_printed *p)
{
	struct server_client *c = p->client;
	struct sock_printer *printer = c->server->mode_data;
	uint64_t before = p->flow.moved + p->flow.held;
	int r = printer->terminal ? print_text(p) : flow_step(&p->flow);

	uint64_t bytes = p->flow.moved + p->flow.held - before;
	if (bytes > 0) {
		progress_add(0, bytes);
		server_touch(c);
	}
	if (printer->error)
		return printer->error;
	if (r < 0 && !is_clients(r))
		return output_failed(printer, r);
	if (r < 0 || (r & FLOW_ENDED)) {
		server_release(c, r < 0 ? SERVER_CLOSE : SERVER_LINGER);
		return 0;
	}
	return go_on(printer, p, r);
}

const struct server_mode sock_print_mode = {
	.begin = begin,
	.end = end,
};
