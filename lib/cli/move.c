/*
 * From channel to channel, so that no message is lost. Where messages can be looked at first (System V),
 * one is sent on and then taken away: whoever kills us in between leaves it in both. Elsewhere it is
 * taken when there is room for it on the other side, sent, and put back if that fails; only SIGKILL
 * between those two calls can lose it.
 */
#include "cli/common.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/transfer.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* A priority is a type less one: priorities begin at 0, types at 1. */

struct mover {
	struct ipc_channel *from, *to;
	const char *from_name, *to_name;
	const struct cli_amount *amount;
	struct ipc_buffer buffer, second;
	struct ipc_record record; /* the message that is on its way */
	uint64_t moved, twice;
};

static int cannot_send(const struct mover *m, int r)
{
	return fail(
		m->to->selector.kind, r, "cannot send to %s '%s'", m->to->selector.kind->noun, m->to_name);
}

static int cannot_receive(const struct mover *m, int r)
{
	return fail(m->from->selector.kind, r, "cannot receive from %s '%s'", m->from->selector.kind->noun,
		m->from_name);
}

/* The number the message gets on the other side, or -ERANGE. */
static int64_t number_for(const struct mover *m, int64_t number)
{
	if (m->from->tag == m->to->tag)
		return number;
	if (m->to->tag == TAG_TYPE)
		return number + 1;
	return number - 1 <= PRIORITY_MAX ? number - 1 : -ERANGE;
}

/* Whether the other side takes the message that was looked at. */
static int check(const struct mover *m)
{
	if (m->to->message_max && m->record.len > m->to->message_max)
		return fail_plain(CLI_FAILED,
			"cannot move to '%s': a message in '%s' has %zu bytes, the limit is %zu", m->to_name,
			m->from_name, m->record.len, m->to->message_max);
	if (number_for(m, m->record.number) < 0)
		return fail_plain(CLI_FAILED,
			"cannot move to '%s': a message in '%s' has the type %" PRId64
			", and the largest that becomes a priority is %d",
			m->to_name, m->from_name, m->record.number, PRIORITY_MAX + 1);
	return CLI_OK;
}

static int send_on(struct mover *m, const struct ipc_record *r, struct ipc_deadline deadline)
{
	return ipc_channel_send(m->to, r->data, r->len, number_for(m, r->number), deadline);
}

/* What could not be sent goes back to where it came from. While that is full, neither place has room: wait. */
static void put_back(const struct mover *m, const struct ipc_record *record)
{
	int r;

	do
		r = ipc_channel_send(
			m->from, record->data, record->len, record->number, ipc_deadline_in(WAIT_FOREVER));
	while (r == -EINTR);
	if (r < 0)
		fail(m->from->selector.kind, r, "1 message is lost, not put back into %s '%s'",
			m->from->selector.kind->noun, m->from_name);
}

/* --- looking first ------------------------------------------------------------------------------- */

static int peek_at(struct mover *m, struct ipc_buffer *b, size_t position, struct ipc_record *ret)
{
	for (;;) {
		size_t size = m->from->message_max;
		int r = ipc_buffer_grow(b, size);
		if (r < 0)
			return r;
		ssize_t n = ipc_channel_peek(m->from, b->data, size, position, &ret->number);
		if (n == -EMSGSIZE && m->from->message_max > size)
			continue;
		ret->data = b->data;
		ret->len = n < 0 ? 0 : (size_t)n;
		return n < 0 ? (int)n : 0;
	}
}

static bool is_wanted(const struct ipc_filter *f, int64_t number)
{
	if (f->how == FILTER_TYPE && f->number > 0)
		return number == f->number;
	if (f->how == FILTER_TYPE)
		return number <= -f->number;
	return f->how == FILTER_ANY || number != f->number;
}

/* The message that msgrcv(2) would take: the first that is wanted, or of a negative type the lowest. */
static int find_next(struct mover *m)
{
	const struct ipc_filter *f = &m->amount->filter;
	bool lowest = f->how == FILTER_TYPE && f->number < 0;
	int64_t best = INT64_MAX;
	size_t at = 0;
	int r = 0;

	for (size_t i = 0; r == 0; i++) {
		struct ipc_record seen;
		r = peek_at(m, &m->second, i, &seen);
		if (r < 0 || !is_wanted(f, seen.number) || seen.number >= best)
			continue;
		best = seen.number;
		at = i;
		if (!lowest)
			break;
	}
	if (best == INT64_MAX)
		return r;
	return peek_at(m, &m->buffer, at, &m->record);
}

/* Takes away what was sent. If somebody was faster, what comes instead was not sent yet. */
static int take_sent(struct mover *m)
{
	struct ipc_filter same = { FILTER_TYPE, m->record.number };
	struct ipc_record taken = { .number = m->record.number };
	size_t size = m->from->message_max;
	int r = ipc_buffer_grow(&m->second, size);

	if (r < 0)
		return r;
	ssize_t n;
	do
		n = ipc_channel_recv(m->from, m->second.data, size, &same, &taken.number, ipc_deadline_in(0));
	while (n == -EINTR);
	if (n == -EAGAIN) {
		m->twice++;
		return 0;
	}
	if (n < 0) {
		fail_plain(0,
			"1 message is in both queues: it was sent to '%s' and could not be taken from '%s'",
			m->to_name, m->from_name);
		return (int)n;
	}
	taken.data = m->second.data;
	taken.len = (size_t)n;
	if (taken.len == m->record.len && memcmp(taken.data, m->record.data, taken.len) == 0)
		return 0;
	m->twice++;
	do
		r = send_on(m, &taken, ipc_deadline_in(WAIT_FOREVER));
	while (r == -EINTR);
	if (r < 0)
		put_back(m, &taken);
	return r;
}

static int wait_to_look(const struct mover *m, struct ipc_deadline deadline)
{
	if (m->amount->drain)
		return -EAGAIN;
	if (ipc_deadline_left(deadline) == 0)
		return ipc_deadline_error(deadline);
	return ipc_deadline_sleep(deadline, LOOK_INTERVAL_NS);
}

/* Looks until there is a message. Returns 0 or -errno. */
static int await_next(struct mover *m)
{
	struct ipc_deadline deadline = cli_deadline();
	int r;

	do {
		r = find_next(m);
		if (r == -EAGAIN)
			r = wait_to_look(m, deadline);
		else
			return r;
	} while (r == 0);
	return r;
}

static int pass_looked_at(struct mover *m, int *ret_status)
{
	int r = await_next(m);

	if (r < 0) {
		if (r != -EINTR && r != -EOPNOTSUPP && !(m->amount->drain && r == -EAGAIN))
			*ret_status = cannot_receive(m, r);
		return r;
	}
	*ret_status = check(m);
	if (*ret_status != CLI_OK)
		return -EMSGSIZE;
	r = send_on(m, &m->record, cli_deadline());
	if (r == 0) {
		r = take_sent(m);
		if (r < 0)
			*ret_status = cannot_receive(m, r);
	} else if (r != -EINTR) {
		*ret_status = cannot_send(m, r);
	}
	return r;
}

/* --- taking first -------------------------------------------------------------------------------- */

/* Waits for a message and for room, so that what is taken can be sent at once. */
static int await_both(struct mover *m, int *ret_status)
{
	int r = ipc_channel_await(
		m->from, CHANNEL_RECV, m->amount->drain ? ipc_deadline_in(0) : cli_deadline());

	if (r < 0) {
		bool drained = m->amount->drain && r == -EAGAIN;
		if (r != -EINTR && !drained)
			*ret_status = cannot_receive(m, r);
		return r;
	}
	r = ipc_channel_await(m->to, CHANNEL_SEND, cli_deadline());
	if (r == -EOPNOTSUPP)
		return 0;
	if (r < 0 && r != -EINTR)
		*ret_status = cannot_send(m, r);
	return r;
}

static int pass_taken(struct mover *m, int *ret_status)
{
	int r = await_both(m, ret_status);

	if (r == 0)
		r = ipc_buffer_grow(&m->buffer, m->from->message_max);
	if (r < 0)
		return r;
	ssize_t n = ipc_channel_recv(m->from, m->buffer.data, m->from->message_max, &m->amount->filter,
		&m->record.number, ipc_deadline_in(0));
	if (n == -EAGAIN)
		return -EINTR; /* somebody was faster: again */
	if (n < 0) {
		*ret_status = cannot_receive(m, (int)n);
		return (int)n;
	}
	m->record.data = m->buffer.data;
	m->record.len = (size_t)n;
	/* Back at the end of its queue it would be out of order: only who is to stop gives up. */
	do
		r = send_on(m, &m->record, cli_deadline());
	while (r == -EINTR && !cli_interrupted());
	if (r == 0)
		return 0;
	put_back(m, &m->record);
	if (r != -EINTR)
		*ret_status = cannot_send(m, r);
	return r;
}

/* Not known before it is taken is how long a message is. So the longest must fit. */
static int check_limits(const struct mover *m)
{
	if (m->to->message_max == 0 || m->from->message_max <= m->to->message_max)
		return CLI_OK;
	return fail_plain(CLI_FAILED,
		"cannot move to '%s': it takes messages of %zu bytes, and '%s' may hold longer ones, of %zu",
		m->to_name, m->to->message_max, m->from_name, m->from->message_max);
}

static int move_all(struct mover *m)
{
	bool look = ipc_channel_can_peek(m->from);
	int status = look ? CLI_OK : check_limits(m);

	while (status == CLI_OK && m->moved < m->amount->count && !cli_interrupted()) {
		int r = look ? pass_looked_at(m, &status) : pass_taken(m, &status);
		if (look && r == -EOPNOTSUPP) { /* a kernel that can't after all */
			look = false;
			status = check_limits(m);
			continue;
		}
		if (r < 0 && r != -EINTR)
			return status;
		if (r < 0)
			continue;
		m->moved++;
		progress_add(1, m->record.len);
	}
	return status;
}

/* A queue moved onto itself would never become empty. */
static bool is_same(const struct ipc_channel *a, const struct ipc_channel *b)
{
	AUTO_OBJECT struct ipc_object x = { 0 }, y = { 0 };

	return a->selector.kind == b->selector.kind && ipc_stat(a->ctx, &a->selector, 0, &x) >= 0 &&
		ipc_stat(b->ctx, &b->selector, 0, &y) >= 0 && ipc_object_same(&x, &y);
}

int cli_move(struct ipc_channel *from, const char *from_name, struct ipc_channel *to, const char *to_name,
	const struct cli_amount *amount)
{
	struct mover m = {
		.from = from, .from_name = from_name, .to = to, .to_name = to_name, .amount = amount
	};

	if (is_same(from, to))
		return usage_error("'%s' and the queue that messages are moved to are the same", from_name);
	cli_interrupts_catch();
	progress_start("message", -1);
	int status = move_all(&m);
	progress_finish();
	if (m.twice > 0)
		warn("another process took messages from '%s' meanwhile: %" PRIu64 " may be in both",
			from_name, m.twice);
	if (status != CLI_OK && m.moved > 0)
		warn("%" PRIu64 " message%s moved", m.moved, m.moved == 1 ? " was" : "s were");
	ipc_buffer_free(&m.buffer);
	ipc_buffer_free(&m.second);
	return status;
}
