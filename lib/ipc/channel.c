#include "ipc/channel.h"

#include "ipc/channel_ops.h"
#include "ipc/kind.h"

#include <errno.h>
#include <poll.h>

int ipc_channel_open(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned flags, struct ipc_channel *ret)
{
	return ipc_channel_open_within(ctx, sel, flags, ipc_deadline_in(WAIT_FOREVER), ret);
}

int ipc_channel_open_within(struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned flags,
	struct ipc_deadline opening, struct ipc_channel *ret)
{
	struct ipc_channel c = CHANNEL_CLOSED;
	struct ipc_event event = { .type = flags & CHANNEL_SEND ? EVENT_SEND : EVENT_RECEIVE,
		.selector = sel };
	int r;

	if (!sel->kind->channel)
		return -EOPNOTSUPP;
	c.ctx = ctx;
	c.opening = opening;
	c.sends = flags & CHANNEL_SEND && !(flags & CHANNEL_RECV);
	r = ipc_observe_before(ctx, &event);
	if (r < 0)
		return r;
	r = ipc_selector_copy(&c.selector, sel);
	if (r == 0)
		r = sel->kind->channel->open(ctx, sel, flags, &c);
	if (r < 0) {
		ipc_selector_clear(&c.selector);
		event.result = r;
		return ipc_observe_after(ctx, &event);
	}
	c.ops = sel->kind->channel;
	c.tag = sel->kind->tag;
	*ret = c;
	return 0;
}

/* Running out of time or messages is an answer, not a failure of the channel. */
static bool is_failure(ssize_t r)
{
	return r < 0 && r != -EAGAIN && r != -ETIMEDOUT && r != -EINTR;
}

int ipc_channel_send(
	struct ipc_channel *c, const void *buf, size_t len, int64_t tag, struct ipc_deadline deadline)
{
	int r = c->ops->send(c, buf, len, tag, deadline);

	if (r == 0) {
		c->sent++;
		c->bytes += len;
	} else if (r > 0) {
		r = 0; /* dropped, as was asked for */
	} else if (is_failure(r) && c->error == 0) {
		c->error = r;
	}
	return r;
}

ssize_t ipc_channel_recv(struct ipc_channel *c, void *buf, size_t size, const struct ipc_filter *filter,
	int64_t *ret_tag, struct ipc_deadline deadline)
{
	ssize_t n = c->ops->recv(c, buf, size, filter, ret_tag, deadline);

	if (n >= 0) {
		c->received++;
		c->bytes += (uint64_t)n;
	} else if (is_failure(n) && c->error == 0) {
		c->error = (int)n;
	}
	return n;
}

ssize_t ipc_channel_peek(struct ipc_channel *c, void *buf, size_t size, size_t position, int64_t *ret_tag)
{
	return c->ops->peek ? c->ops->peek(c, buf, size, position, ret_tag) : -EOPNOTSUPP;
}

int ipc_channel_await(struct ipc_channel *c, unsigned what, struct ipc_deadline deadline)
{
	struct pollfd p = { .fd = c->fd, .events = what & CHANNEL_SEND ? POLLOUT : POLLIN };
	struct timespec ts = ipc_deadline_timespec(deadline);

	if (c->fd < 0)
		return -EOPNOTSUPP;
	int n = ppoll(&p, 1, ipc_deadline_never(deadline) ? NULL : &ts, NULL);
	if (n < 0)
		return -errno;
	return n == 0 ? ipc_deadline_error(deadline) : 0;
}

bool ipc_channel_can_peek(const struct ipc_channel *c)
{
	return c->ops->peek != NULL;
}

void ipc_channel_close(struct ipc_channel *c)
{
	struct ipc_channel closed = CHANNEL_CLOSED;

	if (!c->ops)
		return;
	struct ipc_event event = { .type = c->sent || c->sends ? EVENT_SEND : EVENT_RECEIVE,
		.selector = &c->selector,
		.count = c->sent + c->received,
		.bytes = c->bytes,
		.result = c->error };
	c->ops->close(c);
	ipc_observe_after(c->ctx, &event);
	ipc_selector_clear(&c->selector);
	*c = closed;
}
