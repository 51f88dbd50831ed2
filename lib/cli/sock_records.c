/*
 * A conversation in records: of messages (datagrams, sequential packets), whose boundaries the socket keeps, or of
 * framed records on a stream. Both directions at once and in one loop; standard output alone is waited for where it
 * is written to.
 */
#include "cli/common.h"
#include "cli/progress.h"
#include "cli/records.h"
#include "cli/sock_duplex.h"
#include "ipc/fdpass.h"
#include "ipc/flow.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A record of this size is refused before it is read whole: no socket takes it as one message. */
enum { MESSAGE_MAX = 64 * 1024 * 1024, TURNS = 64 };

struct talk {
	struct sock_duplex d; /* first: it is what the callbacks get */
	bool messages;        /* the socket keeps boundaries */
	enum framing framing; /* of what is printed */
	enum framing wire;    /* of standard input, and on a stream */
	struct ipc_reader input;
	struct ipc_decoder from_peer; /* of a stream */
	struct ipc_writer out;
	int next;                  /* operand */
	bool has_record;           /* current is to be sent */
	struct ipc_record current; /* points to an operand, or into input */
	struct ipc_buffer text;    /* of a stream: the record in its framing */
	size_t text_len, text_sent;
	bool told;  /* how much of standard input was not sent */
	bool reset; /* the peer went without reading all */
};

/* --- sending -------------------------------------------------------------------------------------- */

static int input_failed(struct talk *k, int r)
{
	char what[256];

	k->told = true;
	snprintf(what, sizeof(what), "send to socket '%.200s'", k->d.t->name);
	return records_read_failed(&k->input, r, what);
}

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

/* The next record of standard input. Returns 1, 0 at its end, -EAGAIN if it must be waited for, or -errno. */
static int next_of_input(struct talk *k)
{
	for (;;) {
		int r = ipc_decoder_next(&k->input.d, &k->current);
		if (r != -EAGAIN)
			return r;
		if (!is_readable(STDIN_FILENO))
			return -EAGAIN;
		ssize_t n = ipc_decoder_read(&k->input.d, STDIN_FILENO);
		if (n < 0 && n != -EINTR)
			return (int)n;
	}
}

static int next_record(struct talk *k)
{
	if (k->d.t->messages_len == 0)
		return next_of_input(k);
	if (k->next == k->d.t->messages_len)
		return 0;
	const char *text = k->d.t->messages[k->next++];
	k->current = (struct ipc_record){ .data = text, .len = strlen(text) };
	return 1;
}

static int encode(struct talk *k)
{
	const struct ipc_framing *f = &ipc_framings[k->wire];
	int r = ipc_buffer_grow(&k->text, f->room(k->current.len));

	if (r < 0)
		return r;
	k->text_len = f->encode(k->text.data, &k->current);
	k->text_sent = 0;
	return 0;
}

/* Sends what is to be sent of the present record. Returns 0 when all of it is out, or -errno. */
static int send_current(struct talk *k)
{
	const char *data = k->messages ? k->current.data : k->text.data;
	size_t len = k->messages ? k->current.len : k->text_len;

	do {
		ssize_t n = fdpass_send(
			k->d.t->fd, data + k->text_sent, len - k->text_sent, MSG_DONTWAIT, NULL, NULL, 0);
		if (n < 0)
			return (int)n;
		if (!k->messages)
			k->text_sent += (size_t)n;
	} while (!k->messages && k->text_sent < len);
	k->has_record = false;
	k->text_sent = 0;
	k->d.t->traffic.sent_count++;
	k->d.t->traffic.sent_bytes += k->current.len;
	progress_add(1, k->current.len);
	return 0;
}

/* How much was read from standard input and has not been sent. */
static uint64_t unsent(const struct talk *k)
{
	if (k->d.t->messages_len > 0)
		return 0;
	return (k->has_record ? k->current.len : 0) + ipc_decoder_left(&k->input.d);
}

static void say_unsent(struct talk *k)
{
	k->told = true;
	if (k->d.t->messages_len > 0)
		warn("%" PRIu64 " of %d messages were sent", k->d.t->traffic.sent_count,
			k->d.t->messages_len);
	else
		warn("%" PRIu64 " bytes were read from standard input and not sent, behind %" PRIu64
		     " record%s that %s",
			unsent(k), k->d.t->traffic.sent_count, k->d.t->traffic.sent_count == 1 ? "" : "s",
			k->d.t->traffic.sent_count == 1 ? "was" : "were");
}

static int not_sent(struct talk *k, int error)
{
	int status;

	if (error == -EMSGSIZE || error == -ENOBUFS) {
		status = fail_plain(CLI_FAILED,
			"cannot send to socket '%s': a message of %zu bytes is more than the socket takes",
			k->d.t->name, k->current.len);
		hint("the limit for messages is set by 'sysctl net.core.wmem_max'");
	} else {
		status = fail(NULL, error, "cannot send to socket '%s'", k->d.t->name);
	}
	say_unsent(k);
	return status;
}

/* *ret_wants: FLOW_WANTS_..., 0 if there is more. Returns CLI_OK or the exit status. */
static int push(struct sock_duplex *d, int *ret_wants)
{
	struct talk *k = (struct talk *)d;
	*ret_wants = 0;
	for (int i = 0; i < TURNS; i++) {
		int r = k->has_record ? 1 : next_record(k);
		if (r == 0) {
			k->d.sent = true;
			return k->d.t->type == SOCK_DGRAM ? CLI_OK : sock_talk_close_sending(k->d.t);
		}
		if (r == -EAGAIN) {
			*ret_wants = FLOW_WANTS_IN;
			return CLI_OK;
		}
		if (r < 0)
			return input_failed(k, r);
		if (!k->has_record && !k->messages)
			r = encode(k);
		k->has_record = true;
		if (r >= 0)
			r = send_current(k);
		if (r == -EAGAIN) {
			*ret_wants = FLOW_WANTS_OUT;
			return CLI_OK;
		}
		if (r < 0 && sock_talk_is_lost(r) && k->d.t->type != SOCK_DGRAM) {
			k->d.lost = r; /* what it answered before that is still to be read */
			k->d.sent = true;
			return CLI_OK;
		}
		if (r < 0)
			return not_sent(k, r);
	}
	return CLI_OK;
}

/* --- receiving ------------------------------------------------------------------------------------ */

static void stamp(struct talk *k, struct ipc_record *r)
{
	if (k->framing == FRAMING_JSON)
		r->has_time = clock_gettime(CLOCK_REALTIME, &r->time) == 0;
	k->d.t->traffic.received_count++;
	k->d.t->traffic.received_bytes += r->len;
	progress_add(1, r->len);
}

/* Receives a message into where it is written from. Returns 1, 0 at the end, or -errno; *ret_output: of writing. */
static int take_message(struct talk *k, bool *ret_output)
{
	struct fdpass_info info = { 0 };
	char *place;
	ssize_t n = fdpass_next_size(k->d.t->fd);

	if (n < 0)
		return (int)n;
	int r = ipc_writer_reserve(&k->out, (size_t)n, &place);
	*ret_output = r < 0;
	if (r < 0)
		return r;
	n = fdpass_recv(k->d.t->fd, place, (size_t)n, MSG_DONTWAIT, NULL, &info);
	if (n < 0)
		return (int)n;
	if (n == 0 && !info.is_message && k->d.t->type == SOCK_SEQPACKET)
		return 0;
	struct ipc_record record = { .data = place, .len = (size_t)n };
	stamp(k, &record);
	ipc_writer_commit(&k->out, &record);
	return 1;
}

static int take_record(struct talk *k, bool *ret_output)
{
	struct ipc_record record;
	int r;

	while ((r = ipc_decoder_next(&k->from_peer, &record)) == -EAGAIN) {
		ssize_t n = ipc_decoder_read(&k->from_peer, k->d.t->fd);
		if (n < 0 && n != -EINTR)
			return (int)n;
	}
	if (r <= 0)
		return r;
	stamp(k, &record);
	r = ipc_writer_put(&k->out, &record);
	*ret_output = r < 0;
	return r < 0 ? r : 1;
}

static int receive_failed(struct talk *k, int error)
{
	char text[FRAMING_ERROR_SIZE];

	if (k->d.lost)
		return CLI_OK; /* the same, once more */
	if (k->from_peer.error.code)
		return fail_plain(CLI_FAILED, "cannot receive from socket '%s': %s", k->d.t->name,
			ipc_framing_explain(&k->from_peer.error, k->from_peer.max, text));
	if (error == -ECONNRESET && k->d.t->type != SOCK_DGRAM && k->d.t->traffic.sent_count > 0)
		k->d.lost = error;
	return k->d.lost ? CLI_OK : fail(NULL, error, "cannot receive from socket '%s'", k->d.t->name);
}

static int flush(struct talk *k)
{
	int r = ipc_writer_flush(&k->out);

	return r < 0 ? sock_talk_output_failed(r) : CLI_OK;
}

static int pull(struct sock_duplex *d, int *ret_wants)
{
	struct talk *k = (struct talk *)d;
	bool output = false;
	int r = 1;

	*ret_wants = 0;
	for (int i = 0; r == 1 && i < TURNS; i++) {
		if (k->d.t->limited && k->d.t->traffic.received_count >= k->d.t->replies) {
			r = 0;
			break;
		}
		r = k->messages ? take_message(k, &output) : take_record(k, &output);
		/* Of a message socket the kernel tells this before what came earlier, and once. */
		if (r == -ECONNRESET && k->d.t->type == SOCK_SEQPACKET && !k->reset) {
			k->reset = true;
			k->d.lost = r;
			r = 1;
		}
	}
	if (r < 0 && output)
		return sock_talk_output_failed(r);
	if (r == -EAGAIN)
		*ret_wants = FLOW_WANTS_IN;
	if (r <= 0 && r != -EAGAIN && r != -EINTR)
		k->d.received = true;
	int status = flush(k);
	if (status == CLI_OK && k->d.received && r < 0)
		status = receive_failed(k, r);
	return status;
}

/* --- both ----------------------------------------------------------------------------------------- */

static uint64_t duplex_unsent(const struct sock_duplex *d)
{
	return unsent((const struct talk *)d);
}

static int run(struct talk *k)
{
	k->d.received = k->d.t->limited ? k->d.t->replies == 0 : k->d.t->type == SOCK_DGRAM;
	int status = sock_duplex_run(&k->d);

	if (status == CLI_OK && k->d.lost)
		status = k->has_record ? not_sent(k, k->d.lost)
				       : sock_talk_not_taken(k->d.t, k->d.lost, unsent(k));
	else if (status != CLI_OK && !k->told && unsent(k) > 0)
		say_unsent(k);
	records_warn_ambiguous(&k->out);
	return status;
}

int sock_converse_records(struct sock_talk *t)
{
	struct talk k = { .d = { .t = t, .push = push, .pull = pull, .unsent = duplex_unsent },
		.messages = t->type != SOCK_STREAM };
	int r = records_framing(&k.framing);

	if (r != CLI_OK)
		return r;
	/* --json is about what is printed: JSON records come in only if --framing says so. */
	k.wire = records_framing_given() ? k.framing : FRAMING_LINE;
	ipc_reader_init(&k.input, STDIN_FILENO, k.wire, MESSAGE_MAX);
	ipc_decoder_init(&k.from_peer, k.wire, MESSAGE_MAX);
	records_writer_init(&k.out, k.framing);
	progress_start("message", t->messages_len > 0 ? STDOUT_FILENO : STDIN_FILENO);
	r = run(&k);
	progress_finish();
	t->traffic.error = k.d.lost;
	ipc_reader_free(&k.input);
	ipc_decoder_free(&k.from_peer);
	ipc_writer_free(&k.out);
	ipc_buffer_free(&k.text);
	return r;
}
