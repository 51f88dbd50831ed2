/*
 * fifo write: standard input or operands into a FIFO. What was read from standard input and did not reach a
 * reader is told, in bytes, however it ends.
 */
#include "cli/fifo_verbs.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/transfer.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static bool arg_drop;

const struct opt fifo_write_opts[] = {
	{ OPT_FLAG, 0, "drop", NULL, "Drop a record rather than wait when nobody reads, and count those",
		{ .flag = &arg_drop } },
	{ 0 },
};

/* --- bytes ---------------------------------------------------------------------------------------- */

/* What was read and lies nowhere but with us or in a FIFO that nobody reads. */
static void tell_lost(const struct flow *f, const struct fifo_end *e, bool unread_lost)
{
	uint64_t unread = unread_lost ? fifo_unread(&e->c) : 0;

	warn("%" PRIu64 " bytes were written before that", f->moved);
	if (f->held > 0)
		warn("%zu bytes that were read from standard input were not written", f->held);
	if (unread > 0)
		warn("of those written nobody has read %" PRIu64, unread);
}

static int write_bytes(struct fifo_end *e)
{
	AUTO_FLOW struct flow f = FLOW_NONE;

	flow_widen(STDIN_FILENO);
	flow_widen(e->c.fd);
	flow_init(&f, STDIN_FILENO, e->c.fd);
	progress_start(NULL, STDIN_FILENO);
	int r = fifo_flow(&f);
	progress_finish();
	fifo_count(&e->c, f.moved, r == -EINTR ? 0 : r);
	if (r == 0)
		return CLI_OK;
	bool input = !f.out_failed && r != -EPIPE && r != -EINTR && r != -ETIMEDOUT && r != -EAGAIN;
	int status = CLI_FAILED;
	if (r != -EINTR)
		status = input ? fail(NULL, r, "cannot read standard input")
			       : fail(e->c.selector.kind, r, "cannot write to FIFO '%s'", e->name);
	if (r == -EPIPE || f.held > 0)
		tell_lost(&f, e, r == -EPIPE);
	return status;
}

/* --- records -------------------------------------------------------------------------------------- */

/* A line can't hold another one: who reads gets two records. */
static void warn_ambiguous(enum framing framing, int argc, char **argv)
{
	for (int i = 0; framing == FRAMING_LINE && i < argc; i++)
		if (strchr(argv[i], '\n')) {
			warn("a message holds the newline that separates messages; -F netstring and -F json "
			     "keep "
			     "them apart");
			return;
		}
}

static int write_records(struct fifo_end *e, enum framing framing, int argc, char **argv)
{
	const struct cli_tag none = { 0 };

	warn_ambiguous(framing, argc, argv);
	int status = argc > 0 ? cli_send_operands(&e->c, e->name, &none, argc, argv)
			      : cli_send_input(&e->c, e->name, &none);
	bool failed = status != CLI_OK && !cli_interrupted();
	uint64_t dropped = fifo_dropped(&e->c), unread = failed ? fifo_unread(&e->c) : 0;

	if (dropped > 0)
		warn("dropped %" PRIu64 " of %" PRIu64 " records", dropped, dropped + e->c.sent);
	if (unread > 0)
		warn("of those sent nobody has read %" PRIu64 " bytes", unread);
	return status;
}

int fifo_write(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_FIFO_END struct fifo_end e = FIFO_END_CLOSED;
	bool records = records_framing_given() || argc > 1 || arg_drop;
	enum framing framing;
	unsigned flags = CHANNEL_SEND | FIFO_CATCH | (arg_drop ? FIFO_LOOSE : 0);
	int r = records_framing(&framing);

	if (r == CLI_OK)
		r = fifo_end_open(ctx, argv[0], flags, framing, &e);
	if (r == CLI_OK)
		r = records ? write_records(&e, framing, argc - 1, argv + 1) : write_bytes(&e);
	fifo_end_close(&e);
	return cli_interrupts_end(r);
}
