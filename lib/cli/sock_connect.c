/*
 * A connection that passes bytes, in both directions at once and in one loop.
 *
 * When standard input ends the sending side is closed, and what comes is printed until the peer closes its own:
 * neither end of the one means anything for the other. A peer that sends no more may still read, so sending goes
 * on; only where it is known that it is gone (POLLHUP), or where a person types, sending ends with it.
 */
#include "cli/sock_connect.h"

#include "cli/bytes_out.h"
#include "cli/common.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/records.h"
#include "cli/sock_address.h"
#include "cli/sock_duplex.h"
#include "ipc/fdpass.h"
#include "ipc/flow.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, SIGNAL_STATUS = 128 };

static bool arg_keep_open, replies_given;
static uint64_t arg_replies;

const struct opt sock_connect_opts[] = {
	{ OPT_INCLUDE, .to = { .table = sock_type_opts } },
	{ OPT_FLAG, 0, "keep-open", NULL, "Do not close the sending side at the end of the input",
		{ .flag = &arg_keep_open } },
	{ OPT_UINT, 0, "replies", "NUMBER",
		"End after so many replies, which datagrams are not waited for otherwise",
		{ .uint = &arg_replies }, &replies_given },
	{ OPT_INCLUDE, .to = { .table = record_stream_opts } },
	{ OPT_INCLUDE, .to = { .table = record_json_opts } },
	{ OPT_INCLUDE, .to = { .table = wait_opts } },
	{ OPT_INCLUDE, .to = { .table = exist_opts } },
	{ 0 },
};

/* --- what both sorts of conversation say ---------------------------------------------------------- */

int sock_talk_timed_out(const struct sock_talk *t)
{
	int r = ipc_deadline_error(ipc_deadline_in(cli_wait_ns()));

	return fail(NULL, r, "waited for socket '%s'", t->name);
}

bool sock_talk_is_lost(int error)
{
	static const int lost[] = { EPIPE, ECONNRESET, ECONNREFUSED, ECONNABORTED, ENOTCONN, ETIMEDOUT,
		EHOSTUNREACH, ENETUNREACH, ENETDOWN, ENETRESET, EHOSTDOWN };

	for (size_t i = 0; i < ARRAY_SIZE(lost); i++)
		if (lost[i] == -error)
			return true;
	return false;
}

int sock_talk_close_sending(const struct sock_talk *t)
{
	/* A peer that is gone will be noticed where its answer is read. */
	if (t->keep_open || shutdown(t->fd, SHUT_WR) == 0 || errno == ENOTCONN)
		return CLI_OK;
	return fail(NULL, -errno, "cannot tell socket '%s' the end of the input", t->name);
}

int sock_talk_unread(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? 0 : -error;
}

int sock_talk_not_taken(const struct sock_talk *t, int error, uint64_t held)
{
	int status = fail(NULL, error, "cannot send to socket '%s'", t->name);

	if (held > 0)
		warn("%" PRIu64 " %s read from standard input and not sent", held,
			held == 1 ? "byte was" : "bytes were");
	if (t->traffic.sent_bytes > 0)
		warn("%" PRIu64 " %s sent, and not all of them need to have been read", t->traffic.sent_bytes,
			t->traffic.sent_bytes == 1 ? "byte was" : "bytes were");
	return status;
}

int sock_talk_output_failed(int error)
{
	if (error == -EPIPE)
		return SIGNAL_STATUS + SIGPIPE;
	return fail(NULL, error, "cannot write standard output");
}

/* --- bytes ---------------------------------------------------------------------------------------- */

struct stream {
	struct sock_duplex d; /* first: it is what the callbacks get */
	struct flow up, down;
	char *text; /* the operands, as they are sent */
	size_t text_len, text_sent;
	bool from_input, from_terminal, to_terminal;
	char last; /* byte on the terminal */
};

/* The operands, each with a newline. */
static int join_operands(struct stream *s)
{
	size_t len = 0;

	for (int i = 0; i < s->d.t->messages_len; i++)
		len += strlen(s->d.t->messages[i]) + 1;
	s->text = malloc(len + 1);
	if (!s->text)
		return -ENOMEM;
	for (int i = 0; i < s->d.t->messages_len; i++) {
		size_t n = strlen(s->d.t->messages[i]);
		memcpy(s->text + s->text_len, s->d.t->messages[i], n);
		s->text[s->text_len + n] = '\n';
		s->text_len += n + 1;
	}
	return 0;
}

/* Sends a piece of the operands. Returns what flow_step() does. */
static int send_text(struct stream *s)
{
	if (s->text_sent < s->text_len) {
		ssize_t n = fdpass_send(s->d.t->fd, s->text + s->text_sent, s->text_len - s->text_sent,
			MSG_DONTWAIT, NULL, NULL, 0);
		if (n == -EAGAIN)
			return FLOW_WANTS_OUT;
		if (n < 0)
			return (int)n;
		s->text_sent += (size_t)n;
		s->d.t->traffic.sent_bytes += (uint64_t)n;
	}
	return s->text_sent < s->text_len ? 0 : FLOW_ENDED;
}

static int send_input(struct stream *s)
{
	int r = flow_step(&s->up);

	progress_add(0, s->up.moved - s->d.t->traffic.sent_bytes);
	s->d.t->traffic.sent_bytes = s->up.moved;
	return r;
}

/* Sends what can be sent. *ret_wants: FLOW_WANTS_... Returns CLI_OK or the exit status. */
static int push(struct sock_duplex *d, int *ret_wants)
{
	struct stream *s = (struct stream *)d;
	int r = s->from_input ? send_input(s) : send_text(s);

	*ret_wants = r > 0 ? r & (FLOW_WANTS_IN | FLOW_WANTS_OUT) : 0;
	if (r == -EINTR || r == 0)
		return CLI_OK;
	if (r < 0 && !sock_talk_is_lost(r))
		return fail(NULL, r, "cannot read standard input");
	if (r < 0) { /* what it answered before that is still to be read */
		s->d.lost = r;
		s->d.sent = true;
	}
	if (r > 0 && r & FLOW_ENDED) {
		s->d.sent = true;
		return sock_talk_close_sending(s->d.t);
	}
	return CLI_OK;
}

/* A terminal gets what comes with control bytes escaped. Returns what flow_step() does. */
static int show(struct stream *s)
{
	char buf[CHUNK];
	ssize_t n = read(s->d.t->fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EAGAIN ? FLOW_WANTS_IN : -errno;
	if (n == 0) {
		bytes_out_end(s->last);
		return FLOW_ENDED;
	}
	for (size_t done = 0; done < (size_t)n;)
		done += bytes_out(buf + done, (size_t)n - done, false);
	s->last = buf[n - 1];
	s->d.t->traffic.received_bytes += (uint64_t)n;
	return output_flush();
}

static int print(struct stream *s)
{
	int r = flow_step(&s->down);

	progress_add(0, s->down.moved - s->d.t->traffic.received_bytes);
	s->d.t->traffic.received_bytes = s->down.moved;
	return r;
}

static int receive_failed(struct stream *s, int error)
{
	if (error == -EPIPE || !sock_talk_is_lost(error))
		return sock_talk_output_failed(error);
	if (s->d.lost) /* the same, once more */
		return CLI_OK;
	if (error == -ECONNRESET && s->d.t->traffic.sent_bytes > 0)
		return sock_talk_not_taken(s->d.t, error, s->up.held);
	return fail(NULL, error, "cannot receive from socket '%s'", s->d.t->name);
}

/* Prints what has come. */
static int pull(struct sock_duplex *d, int *ret_wants)
{
	struct stream *s = (struct stream *)d;
	int r = s->to_terminal ? show(s) : print(s);

	*ret_wants = r > 0 ? r & (FLOW_WANTS_IN | FLOW_WANTS_OUT) : 0;
	if (r == -EINTR || r == 0)
		return CLI_OK;
	if (r < 0) {
		s->d.received = true;
		return receive_failed(s, r);
	}
	s->d.received = r & FLOW_ENDED;
	if (s->d.received && s->from_terminal)
		s->d.sent = true;
	return CLI_OK;
}

static uint64_t unsent(const struct sock_duplex *d)
{
	return ((const struct stream *)d)->up.held;
}

static int run(struct stream *s)
{
	int status = sock_duplex_run(&s->d);

	if (status == CLI_OK && s->d.lost)
		return sock_talk_not_taken(s->d.t, s->d.lost, s->up.held);
	if (status != CLI_OK && !s->d.lost && s->up.held > 0)
		warn("%zu %s read from standard input and not sent", s->up.held,
			s->up.held == 1 ? "byte was" : "bytes were");
	return status;
}

static int converse_bytes(struct sock_talk *t)
{
	AUTO_FREE char *text = NULL;
	struct stream s = { .d = { .t = t, .push = push, .pull = pull, .unsent = unsent },
		.from_input = t->messages_len == 0,
		.last = '\n' };
	int r = s.from_input ? 0 : join_operands(&s);

	text = s.text;
	if (r < 0)
		return fail(NULL, r, "cannot take the operands");
	s.from_terminal = s.from_input && isatty(STDIN_FILENO);
	s.to_terminal = isatty(STDOUT_FILENO);
	flow_init(&s.up, STDIN_FILENO, t->fd);
	flow_init(&s.down, t->fd, STDOUT_FILENO);
	if (s.from_input)
		flow_widen(STDIN_FILENO);
	flow_widen(STDOUT_FILENO);
	progress_start(NULL, s.from_input && !s.to_terminal ? STDIN_FILENO : STDOUT_FILENO);
	r = run(&s);
	progress_finish();
	t->traffic.sent_count = t->traffic.sent_bytes > 0;
	t->traffic.received_count = t->traffic.received_bytes > 0;
	t->traffic.error = s.d.lost;
	flow_clear(&s.up);
	flow_clear(&s.down);
	return r;
}

static int converse(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct sock_talk *t)
{
	enum framing framing;
	int r = records_framing(&framing);

	if (r == CLI_OK)
		r = sock_open(ctx, sel, t->name, &t->fd, &t->type);
	if (r != CLI_OK)
		return r;
	if (t->messages_len == 0)
		cli_interrupts_catch(); /* what was read and not sent is told */
	bool framed = records_framing_given() || framing == FRAMING_JSON;
	if (t->type == SOCK_STREAM && !framed && replies_given)
		r = usage_error("--replies counts messages, and socket '%s' carries bytes; --framing makes "
				"records of them",
			t->name);
	else if (t->type == SOCK_STREAM && !framed)
		r = converse_bytes(t);
	else
		r = sock_converse_records(t);
	sock_disconnect(ctx, sel, &t->fd, &t->traffic);
	return cli_interrupts_end(r);
}

int sock_run_connect(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_FREE char *name = shown(argv[0]);
	struct sock_talk t = { .name = name,
		.fd = -1,
		.messages_len = argc - 1,
		.messages = argv + 1,
		.keep_open = arg_keep_open,
		.replies = arg_replies,
		.limited = replies_given };
	int r = cli_selector(ctx, argv[0], "sock", 0, &sel);

	return r == CLI_OK ? converse(ctx, &sel, &t) : r;
}

const struct example sock_connect_examples[] = {
	{ "ipcctl sock connect --wait app.sock 'hello'", "Send a line and print the answer",
		"socat UNIX-LISTEN:app.sock EXEC:cat &" },
	{ "ipcctl sock connect --wait -t 5s tcp:127.0.0.1:7007 </etc/hostname",
		"Send standard input over TCP, and wait at most 5 seconds each time",
		"socat TCP-LISTEN:7007,bind=127.0.0.1 EXEC:cat &" },
	{ "ipcctl sock connect --wait @jobs 'job 7'", "A datagram, if that is what the socket takes",
		"socat -u ABSTRACT-RECVFROM:jobs OPEN:/dev/null &" },
	{ 0 },
};
