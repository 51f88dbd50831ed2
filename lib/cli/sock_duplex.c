#include "cli/sock_duplex.h"

#include "cli/common.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "ipc/flow.h"
#include "ipc/io.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/*
 * What is polled: only what is waited for, since a hang-up of anything else would end each wait at once. Of
 * standard output it is to be known that nobody reads it any more, and of a peer that sends no more that it is gone.
 */
static void fill_polled(const struct sock_duplex *d, int up, int down, struct pollfd p[3])
{
	short socket = (short)((up & FLOW_WANTS_OUT ? POLLOUT : 0) | (down & FLOW_WANTS_IN ? POLLIN : 0));

	p[0] = (struct pollfd){ .fd = up & FLOW_WANTS_IN ? STDIN_FILENO : -1, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = socket || d->received ? d->t->fd : -1, .events = socket };
	p[2] = (struct pollfd){ .fd = d->received ? -1 : STDOUT_FILENO,
		.events = down & FLOW_WANTS_OUT ? POLLOUT : 0 };
}

/* The peer has sent all, and is gone: nothing whole is left to be sent. */
static void peer_is_gone(struct sock_duplex *d)
{
	const struct sock_traffic *traffic = &d->t->traffic;

	d->sent = true;
	d->lost = traffic->sent_count > 0 || traffic->sent_bytes > 0 ? sock_talk_unread(d->t->fd) : 0;
	if (!d->lost && d->unsent(d) > 0)
		d->lost = -EPIPE;
}

/* Waits until one of the directions can go on, or only looks. Returns CLI_OK or the exit status. */
static int await(struct sock_duplex *d, int up, int down, bool look)
{
	struct pollfd p[3];
	bool for_peer = !(up & FLOW_WANTS_IN) && !(down & FLOW_WANTS_OUT);
	struct ipc_deadline deadline = ipc_deadline_in(look ? 0 : for_peer ? cli_wait_ns() : WAIT_FOREVER);
	int n;

	fill_polled(d, up, down, p);
	progress_look();
	do
		n = poll(p, ARRAY_SIZE(p), ipc_deadline_poll_ms(deadline));
	while (n < 0 ? errno == EINTR && !cli_interrupted() : n == 0 && ipc_deadline_left(deadline) > 0);
	if (n < 0 && errno == EINTR)
		return CLI_FAILED; /* the signal is what ends it */
	if (n < 0)
		return fail(NULL, -errno, "cannot wait for socket '%s'", d->t->name);
	if (n == 0 && !look)
		return sock_talk_timed_out(d->t);
	if (p[2].revents & (POLLERR | POLLHUP | POLLNVAL) && !(p[2].revents & POLLOUT))
		return sock_talk_output_failed(-EPIPE);
	d->can_send = !up || p[0].revents || p[1].revents & (POLLOUT | POLLERR | POLLHUP);
	d->can_read = !down || p[1].revents & (POLLIN | POLLERR | POLLHUP) || p[2].revents;
	if (d->received && up == FLOW_WANTS_IN && !p[0].revents && p[1].revents & POLLHUP)
		peer_is_gone(d);
	return CLI_OK;
}

int sock_duplex_run(struct sock_duplex *d)
{
	int up = 0, down = FLOW_WANTS_IN, status = CLI_OK;

	d->can_send = true;
	for (;;) {
		if (!d->sent && d->can_send)
			status = d->push(d, &up);
		if (status == CLI_OK && !d->received && d->can_read)
			status = d->pull(d, &down);
		if (status != CLI_OK || (d->sent && d->received))
			return status;
		bool more = (!d->sent && !up) || (!d->received && !down);
		if (cli_interrupted())
			return CLI_FAILED;
		status = await(d, d->sent ? 0 : up, d->received ? 0 : down, more);
		if (status != CLI_OK)
			return status;
	}
}
