/*
 * A message that was taken exists nowhere else until it is printed. So what can fail fails before one is
 * taken; what was taken and could not be printed is put back; and a signal ends the command only when all
 * that was taken is out.
 *
 * The first message behind a pause is shown at once. Those that follow it are gathered, and an alarm ends a
 * wait that lasts, so that they are shown too: a busy stream costs one system call a message. Asking for more
 * without waiting, or with a time limit, was measured: both made POSIX queues slower by half, since sender
 * and receiver then switch at each message.
 */
#include "cli/common.h"
#include "cli/interrupt.h"
#include "cli/layout_message.h"
#include "cli/progress.h"
#include "cli/transfer.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How long output is held back for more, when messages come one upon the other. */
enum { HOLD_NS = 1000 * 1000 };

struct receiver {
	struct ipc_channel *c;
	const char *name;
	const struct ipc_filter *filter;
	struct ipc_writer w;
	struct ipc_deadline limit; /* of the present wait */
	struct ipc_alarm alarm;    /* while gathering: ends a wait that lasts */
	bool gathering;
	uint64_t taken, printed;
	const struct cli_print *print;
	bool timed; /* records say when they were received */
	/* With --text and --layout something else is printed than was taken, which is kept, for one message. */
	bool apart;
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

	if (error == -EBADMSG)
		fail_plain(CLI_FAILED, "a message in %s '%s' has %zu bytes, and the structure %zu", noun,
			v->name, v->raw_len, ipc_layout_size(v->print->layout));
	else
		fail(NULL, error, "cannot write standard output");
	return CLI_FAILED;
}

/* The same when messages were taken that are not out. */
static int give_back(struct receiver *v, int error)
{
	const char *noun = v->c->selector.kind->noun;
	struct outcome o = { 0 };

	put_back(v, &o);
	output_failed(v, error);
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
	progress_add(1, record.len);
	return 0;
}

/* Prints the fields of a structure. Returns 0 or -errno: -EBADMSG if there are not so many bytes. */
static int print_fields(struct receiver *v, const char *data, size_t len)
{
	AUTO_FREE char *text = NULL;
	size_t text_len = 0;
	bool json = v->print->framing == FRAMING_JSON;

	if (len < ipc_layout_size(v->print->layout))
		return -EBADMSG;
	int r = layout_message_text(v->print->layout, data, json, &text, &text_len);
	if (r == 0 && !json && v->printed > 0)
		r = ipc_write_full(v->w.fd, "\n", 1); /* between messages */
	if (r == 0)
		r = ipc_write_full(v->w.fd, text, text_len);
	v->printed += r == 0;
	return r;
}

static int print_text(struct receiver *v, const char *data, size_t len, int64_t number)
{
	struct ipc_record record = record_of(v, data, strnlen(data, len), number);

	return ipc_writer_put(&v->w, &record);
}

/* The same where what is printed is not what was received. */
static int take_apart(struct receiver *v, struct ipc_deadline deadline, bool *ret_output)
{
	size_t size = v->c->message_max;
	int r = ipc_buffer_grow(&v->raw, size);

	*ret_output = false;
	if (r < 0)
		return r;
	ssize_t n = ipc_channel_recv(v->c, v->raw.data, size, v->filter, &v->raw_number, deadline);
	if (n == -EMSGSIZE && v->c->message_max > size)
		return take_apart(v, deadline, ret_output);
	if (n < 0)
		return (int)n;
	*ret_output = true;
	v->raw_held = true;
	v->raw_len = (size_t)n;
	progress_add(1, v->raw_len);
	return v->print->layout ? print_fields(v, v->raw.data, v->raw_len)
				: print_text(v, v->raw.data, v->raw_len, v->raw_number);
}

static int flush(struct receiver *v)
{
	int r = ipc_writer_flush(&v->w);

	if (r == 0)
		v->raw_held = false;
	return r;
}

/* Behind a pause a message is shown at once, and from then on those that follow are gathered. */
static int show(struct receiver *v, bool more)
{
	if (v->gathering && !v->apart)
		return 0;
	int r = flush(v);
	if (r < 0 || !more || v->gathering)
		return r;
	v->gathering = ipc_alarm_start(&v->alarm, ipc_deadline_in(HOLD_NS)) == 0;
	return 0;
}

/* The alarm went: a wait lasted. What was gathered is shown; if there was nothing, the stream rests. */
static int rest(struct receiver *v)
{
	progress_look();
	if (pending(v) > 0)
		return flush(v);
	ipc_alarm_stop(&v->alarm);
	v->gathering = false;
	return 0;
}

/* The next message, or what an interrupted wait is good for. Returns 0 or -errno; *ret_output as take(). */
static int step(struct receiver *v, const struct cli_amount *amount, bool *ret_output)
{
	int r = v->apart ? take_apart(v, v->limit, ret_output) : take(v, v->limit, ret_output);

	if (*ret_output && r < 0)
		return r;
	if (r < 0 && r != -EINTR)
		return r;
	*ret_output = true;
	if (r == -EINTR)
		return rest(v);
	v->taken++;
	if (ipc_deadline_nonblock(v->limit))
		return v->apart ? flush(v) : 0;
	v->limit = cli_deadline();
	return show(v, v->taken < amount->count);
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
	bool output = true;
	bool at_once = amount->drain && cli_wait_ns() == WAIT_FOREVER;
	int r = records_output_lost(&v->w);

	v->limit = at_once ? ipc_deadline_in(0) : cli_deadline();
	while (r == 0 && v->taken < amount->count && !cli_interrupted())
		r = step(v, amount, &output);
	if (r < 0 && output)
		return give_back(v, r);
	int written = flush(v);
	if (written < 0)
		return give_back(v, written);
	return r < 0 ? receive_failed(v, amount, r) : CLI_OK;
}

static struct receiver receiver_of(
	struct ipc_channel *c, const char *name, const struct cli_print *print, bool timed)
{
	struct receiver v = { .c = c, .name = name, .print = print };

	v.apart = arg_text || print->layout;
	v.timed = timed && print->framing == FRAMING_JSON;
	records_writer_init(&v.w, print->framing);
	return v;
}

int cli_receive(struct ipc_channel *c, const char *name, const struct cli_amount *amount,
	const struct cli_print *print)
{
	struct receiver v = receiver_of(c, name, print, true);

	v.filter = &amount->filter;
	cli_interrupts_catch();
	progress_start("message", STDOUT_FILENO);
	int status = receive_all(&v, amount);
	progress_finish();
	ipc_alarm_stop(&v.alarm);
	records_warn_ambiguous(&v.w);
	ipc_writer_free(&v.w);
	ipc_buffer_free(&v.raw);
	return status;
}

/* --- without taking ------------------------------------------------------------------------------- */

static int show_peeked(struct receiver *v, int64_t number)
{
	struct ipc_record record = record_of(v, v->raw.data, v->raw_len, number);

	if (v->print->layout)
		return print_fields(v, v->raw.data, v->raw_len);
	return arg_text ? print_text(v, v->raw.data, v->raw_len, number) : ipc_writer_put(&v->w, &record);
}

/* Returns CLI_TIMEOUT when there are not so many. */
static int peek_one(struct receiver *v, size_t position)
{
	const char *noun = v->c->selector.kind->noun;
	int64_t number = 0;
	size_t size = v->c->message_max;
	int r = ipc_buffer_grow(&v->raw, size);

	if (r < 0)
		return fail(NULL, r, "cannot peek into %s '%s'", noun, v->name);
	ssize_t n = ipc_channel_peek(v->c, v->raw.data, size, position, &number);
	if (n == -EMSGSIZE && v->c->message_max > size)
		return peek_one(v, position);
	if (n == -EAGAIN)
		return CLI_TIMEOUT;
	if (n < 0)
		return fail(v->c->selector.kind, (int)n, "cannot peek into %s '%s'", noun, v->name);
	v->raw_len = (size_t)n;
	r = show_peeked(v, number);
	return r < 0 ? output_failed(v, r) : CLI_OK;
}

int cli_peek(struct ipc_channel *c, const char *name, uint64_t count, const struct cli_print *print)
{
	struct receiver v = receiver_of(c, name, print, false);
	int r = CLI_OK;

	for (uint64_t i = 0; r == CLI_OK && i < count; i++)
		r = peek_one(&v, i);
	if (r == CLI_TIMEOUT)
		r = CLI_OK; /* there are no more */
	int written = r == CLI_OK ? ipc_writer_flush(&v.w) : 0;
	if (written < 0)
		r = fail(NULL, written, "cannot write standard output");
	records_warn_ambiguous(&v.w);
	ipc_writer_free(&v.w);
	ipc_buffer_free(&v.raw);
	return r;
}
