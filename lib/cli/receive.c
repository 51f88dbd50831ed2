/*
 * A message that was taken exists nowhere else until it is printed. So what can fail fails before one is
 * taken; what was taken and could not be printed is put back; and a signal ends the command only when all
 * that was taken is out. Output is gathered while there are messages, and written when there is none: a
 * busy stream costs one system call a message, and an idle one is shown at once. Waiting a moment for more
 * was tried, with a timer and by looking again: it made POSIX queues slower, never faster.
 */
#include "cli/common.h"
#include "cli/interrupt.h"
#include "cli/transfer.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct receiver {
	struct ipc_channel *c;
	const char *name;
	const struct ipc_filter *filter;
	struct ipc_writer w;
	uint64_t taken;
	bool timed; /* records say when they were received */
	/* With --text less is printed than was taken: what was taken is kept, for one message. */
	struct ipc_buffer raw;
	size_t raw_len;
	bool raw_held;
	int64_t raw_number;
};

static size_t pending(const struct receiver *v)
{
	return ipc_writer_pending(&v->w) + v->raw_held;
}

/* How a failure to print ends. */
struct outcome {
	uint64_t back, lost;
	int error; /* why the first was lost */
};

static void put_one(struct ipc_channel *c, const char *data, size_t len, int64_t number, struct outcome *o)
{
	int r = o->error ? o->error : ipc_channel_send(c, data, len, number, ipc_deadline_in(0));

	if (r == 0) {
		o->back++;
		return;
	}
	o->lost++;
	o->error = r;
}

static void put_back(struct receiver *v, struct outcome *o)
{
	AUTO_CHANNEL struct ipc_channel c = CHANNEL_CLOSED;
	struct ipc_record record;
	size_t cursor = 0;

	o->error = ipc_channel_open(v->c->ctx, &v->c->selector, CHANNEL_SEND, &c);
	if (v->raw_held) {
		put_one(&c, v->raw.data, v->raw_len, v->raw_number, o);
		return;
	}
	while (ipc_writer_unwritten(&v->w, &cursor, &record, NULL) > 0)
		put_one(&c, record.data, record.len, record.number, o);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? " was" : "s were";
}

static int output_failed(struct receiver *v, int error)
{
	const char *noun = v->c->selector.kind->noun;
	struct outcome o = { 0 };

	put_back(v, &o);
	fail(NULL, error, "cannot write standard output");
	if (o.back > 0)
		warn("%" PRIu64 " message%s put back into %s '%s'", o.back, plural(o.back), noun, v->name);
	if (o.lost > 0)
		fail(v->c->selector.kind, o.error, "%" PRIu64 " message%s lost, not put back into %s '%s'",
			o.lost, plural(o.lost), noun, v->name);
	return CLI_FAILED;
}

static struct ipc_record record_of(struct receiver *v, const char *data, size_t len, int64_t number)
{
	struct ipc_record r = { .data = data, .len = len, .tag = v->c->tag, .number = number };

	if (v->timed)
		r.has_time = clock_gettime(CLOCK_REALTIME, &r.time) == 0;
	return r;
}

/* Receives into where it will be written from. Returns 0 or -errno; *ret_output tells whose error it is. */
static int take(struct receiver *v, struct ipc_deadline deadline, bool *ret_output)
{
	int64_t number = 0;
	size_t size = v->c->message_max;
	char *place;
	int r = ipc_writer_reserve(&v->w, size, &place);

	*ret_output = r < 0;
	if (r < 0)
		return r;
	ssize_t n = ipc_channel_recv(v->c, place, size, v->filter, &number, deadline);
	if (n == -EMSGSIZE && v->c->message_max > size)
		return take(v, deadline, ret_output);
	if (n < 0)
		return (int)n;
	struct ipc_record record = record_of(v, place, (size_t)n, number);
	ipc_writer_commit(&v->w, &record);
	return 0;
}

/* The same where what is printed is not what was received. */
static int take_text(struct receiver *v, struct ipc_deadline deadline, bool *ret_output)
{
	size_t size = v->c->message_max;
	int r = ipc_buffer_grow(&v->raw, size);

	*ret_output = false;
	if (r < 0)
		return r;
	ssize_t n = ipc_channel_recv(v->c, v->raw.data, size, v->filter, &v->raw_number, deadline);
	if (n == -EMSGSIZE && v->c->message_max > size)
		return take_text(v, deadline, ret_output);
	if (n < 0)
		return (int)n;
	*ret_output = true;
	v->raw_held = true;
	v->raw_len = (size_t)n;
	struct ipc_record record = record_of(v, v->raw.data, strnlen(v->raw.data, v->raw_len), v->raw_number);
	return ipc_writer_put(&v->w, &record);
}

static int flush(struct receiver *v)
{
	int r = ipc_writer_flush(&v->w);

	if (r == 0)
		v->raw_held = false;
	return r;
}

static int take_next(struct receiver *v, struct ipc_deadline deadline, bool *ret_output)
{
	return arg_text ? take_text(v, deadline, ret_output) : take(v, deadline, ret_output);
}

/* The next message while there is output to be written: if there is none, that is written instead. */
static int step_gathering(struct receiver *v, bool *ret_output)
{
	int r = take_next(v, ipc_deadline_in(0), ret_output);

	v->taken += r == 0;
	if (*ret_output || r != -EAGAIN)
		return r;
	*ret_output = true;
	return flush(v);
}

/* The next message while there is nothing to be written. */
static int step_waiting(struct receiver *v, bool drain, bool *ret_output)
{
	bool at_once = drain && cli_wait_ns() == WAIT_FOREVER;
	int r = records_output_lost(&v->w);

	*ret_output = true;
	if (r < 0)
		return r;
	r = take_next(v, at_once ? ipc_deadline_in(0) : cli_deadline(), ret_output);
	if (r < 0)
		return r;
	v->taken++;
	if (!arg_text)
		return 0;
	*ret_output = true;
	return flush(v);
}

/* What ended it: nothing more to come is an answer where that was asked for. */
static int receive_failed(struct receiver *v, const struct cli_amount *amount, int r)
{
	const struct ipc_kind *kind = v->c->selector.kind;

	if (amount->drain && (r == -EAGAIN || r == -ETIMEDOUT))
		return CLI_OK;
	if (v->taken > 0 && amount->count != UINT64_MAX)
		return fail(kind, r, "cannot receive from %s '%s' after %" PRIu64 " of %" PRIu64 " messages",
			kind->noun, v->name, v->taken, amount->count);
	return fail(kind, r, "cannot receive from %s '%s'", kind->noun, v->name);
}

static int receive_all(struct receiver *v, const struct cli_amount *amount)
{
	bool output = false;
	int r = 0;

	while (r == 0 && v->taken < amount->count && !cli_interrupted()) {
		r = pending(v) > 0 ? step_gathering(v, &output) : step_waiting(v, amount->drain, &output);
		if (r == -EINTR && !output)
			r = 0;
	}
	if (r < 0 && output)
		return output_failed(v, r);
	int written = flush(v);
	if (written < 0)
		return output_failed(v, written);
	return r < 0 ? receive_failed(v, amount, r) : CLI_OK;
}

int cli_receive(
	struct ipc_channel *c, const char *name, const struct cli_amount *amount, enum framing framing)
{
	struct receiver v = {
		.c = c, .name = name, .filter = &amount->filter, .timed = framing == FRAMING_JSON
	};

	cli_interrupts_catch();
	records_writer_init(&v.w, framing);
	int status = receive_all(&v, amount);
	records_warn_ambiguous(&v.w);
	ipc_writer_free(&v.w);
	ipc_buffer_free(&v.raw);
	return status;
}

/* --- without taking ------------------------------------------------------------------------------- */

static int peek_one(struct receiver *v, size_t position)
{
	int64_t number = 0;
	size_t size = v->c->message_max;
	char *place;
	int r = ipc_writer_reserve(&v->w, size, &place);

	if (r < 0)
		return fail(NULL, r, "cannot write standard output");
	ssize_t n = ipc_channel_peek(v->c, place, size, position, &number);
	if (n == -EMSGSIZE && v->c->message_max > size)
		return peek_one(v, position);
	if (n == -EAGAIN)
		return CLI_TIMEOUT;
	if (n < 0)
		return fail(v->c->selector.kind, (int)n, "cannot peek into %s '%s'",
			v->c->selector.kind->noun, v->name);
	size_t len = arg_text ? strnlen(place, (size_t)n) : (size_t)n;
	struct ipc_record record = record_of(v, place, len, number);
	ipc_writer_commit(&v->w, &record);
	return CLI_OK;
}

int cli_peek(struct ipc_channel *c, const char *name, uint64_t count, enum framing framing)
{
	struct receiver v = { .c = c, .name = name };
	int r = CLI_OK;

	records_writer_init(&v.w, framing);
	for (uint64_t i = 0; r == CLI_OK && i < count; i++)
		r = peek_one(&v, i);
	if (r == CLI_TIMEOUT)
		r = CLI_OK; /* there are no more */
	int written = ipc_writer_flush(&v.w);
	if (written < 0 && r == CLI_OK)
		r = fail(NULL, written, "cannot write standard output");
	records_warn_ambiguous(&v.w);
	ipc_writer_free(&v.w);
	return r;
}
