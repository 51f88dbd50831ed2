/* fifo read: a FIFO to standard output, as bytes or record by record. */
#include "cli/bytes_out.h"
#include "cli/fifo_verbs.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "ipc/flow.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

static bool arg_keep, count_given;
static uint64_t arg_count;

const struct opt fifo_read_opts[] = {
	{ OPT_FLAG, 0, "keep", NULL, "Stay when the last writer has left, for those that come later",
		{ .flag = &arg_keep } },
	{ OPT_UINT, 'n', "count", "NUMBER", "End after so many records", { .uint = &arg_count },
		&count_given },
	{ 0 },
};

/* --- bytes ---------------------------------------------------------------------------------------- */

/* Until there is something to read, or all writers have left. */
static int await_bytes(const struct fifo_end *e)
{
	struct pollfd p[] = { { .fd = e->c.fd, .events = POLLIN }, { .fd = STDOUT_FILENO } };
	struct ipc_deadline deadline = cli_deadline();

	for (;;) {
		int n = poll(p, ARRAY_SIZE(p), ipc_deadline_poll_ms(deadline));
		if (n < 0 && (errno != EINTR || cli_interrupted()))
			return -errno;
		if (n > 0)
			return p[0].revents ? 0 : -EPIPE;
		if (n == 0 && ipc_deadline_left(deadline) == 0)
			return ipc_deadline_error(deadline);
	}
}

static int bytes_failed(const struct fifo_end *e, int r, bool output, uint64_t lost)
{
	int status = CLI_FAILED;

	if (r == -EINTR)
		; /* the signal is what ends it */
	else if (output)
		status = fail(NULL, r, "cannot write standard output");
	else
		status = fail(e->c.selector.kind, r, "cannot read FIFO '%s'", e->name);
	if (lost > 0)
		warn("%" PRIu64 " bytes were read from FIFO '%s' and are lost", lost, e->name);
	return status;
}

static int copy_bytes(struct fifo_end *e)
{
	int r = 0;

	flow_widen(e->c.fd);
	flow_widen(STDOUT_FILENO);
	while (r == 0) {
		AUTO_FLOW struct flow f = FLOW_NONE;
		flow_init(&f, e->c.fd, STDOUT_FILENO);
		r = arg_keep ? await_bytes(e) : 0;
		if (r == 0)
			r = fifo_flow(&f);
		fifo_count(&e->c, f.moved, 0);
		bool output = r == -EPIPE || f.out_failed || flow_out_events(&f);
		if (r < 0)
			return bytes_failed(e, r, output, f.held);
		if (!arg_keep)
			return CLI_OK;
		r = fifo_await_writer(&e->c);
	}
	return bytes_failed(e, r, false, 0);
}

/* On a terminal control bytes are shown escaped. Returns 0 at the end, 1, or -errno. */
static int show_some(struct fifo_end *e, char *buf, size_t size, size_t *held, char *last)
{
	int r = await_bytes(e);
	ssize_t n = r < 0 ? r : read(e->c.fd, buf + *held, size - *held);

	if (n < 0)
		return r < 0 ? r : errno == EAGAIN || errno == EINTR ? 1 : -errno;
	size_t len = *held + (size_t)n, shown_len = len > 0 ? bytes_out(buf, len, n > 0) : 0;
	if (shown_len > 0)
		*last = buf[shown_len - 1];
	*held = len - shown_len;
	for (size_t i = 0; i < *held; i++)
		buf[i] = buf[shown_len + i];
	fifo_count(&e->c, (uint64_t)n, 0);
	r = output_flush();
	if (r < 0 || n > 0)
		return r < 0 ? r : 1;
	return arg_keep ? (r = fifo_await_writer(&e->c)) < 0 ? r : 1 : 0;
}

static int show_bytes(struct fifo_end *e)
{
	char buf[16 * 1024], last = '\n';
	size_t held = 0;
	int r;

	do
		r = show_some(e, buf, sizeof(buf), &held, &last);
	while (r > 0 && !cli_interrupted());
	bytes_out_end(last);
	return r < 0 ? bytes_failed(e, r, r == -EPIPE, held) : CLI_OK;
}

/* --- records -------------------------------------------------------------------------------------- */

struct printing {
	struct fifo_end *e;
	struct fifo_reader reader;
	struct ipc_writer w;
	bool json;
	uint64_t count, left; /* of -n; UINT64_MAX */
};

static int put(struct printing *p, const struct ipc_record *record)
{
	struct ipc_record r = *record;

	if (p->json && !r.has_time)
		r.has_time = clock_gettime(CLOCK_REALTIME, &r.time) == 0;
	p->e->c.received++;
	fifo_count(&p->e->c, r.len, 0);
	progress_add(1, r.len);
	return ipc_writer_put(&p->w, &r);
}

static int output_failed(struct printing *p, int error)
{
	size_t lost = ipc_writer_pending(&p->w);
	int status = fail(NULL, error, "cannot write standard output");

	if (lost > 0)
		warn("%zu record%s read from FIFO '%s' and lost", lost, lost == 1 ? " was" : "s were",
			p->e->name);
	return status;
}

/* The next record; what was printed is shown before a wait. Returns as fifo_reader_next(). */
static int next(struct printing *p, struct ipc_record *ret, int *ret_output)
{
	int r;

	do
		r = fifo_reader_next(&p->reader, ret, ipc_deadline_in(0), -1);
	while (r == -EINTR && !cli_interrupted());
	if (r != -EAGAIN)
		return r;
	*ret_output = ipc_writer_flush(&p->w);
	if (*ret_output < 0)
		return 0;
	struct ipc_deadline deadline = cli_deadline();
	do
		r = fifo_reader_next(&p->reader, ret, deadline, STDOUT_FILENO);
	while (r == -EINTR && !cli_interrupted());
	return r;
}

/* Half a record that a writer left behind is told, and the next writer awaited. */
static bool go_on(struct printing *p, int r)
{
	char text[FRAMING_ERROR_SIZE];

	if (r != -EBADMSG || p->reader.d.error.text || !arg_keep)
		return false;
	ipc_framing_explain(&p->reader.d.error, p->reader.d.max, text);
	if (!fifo_reader_again(&p->reader))
		return false;
	warn("a writer of FIFO '%s' left early: %s", p->e->name, text);
	return true;
}

static int print_all(struct printing *p)
{
	int r = 1, output = 0;

	while (p->left > 0 && (r == 1 || go_on(p, r))) {
		struct ipc_record record;
		r = next(p, &record, &output);
		if (r == 1) {
			output = put(p, &record);
			p->left -= p->left != UINT64_MAX;
		}
		if (output < 0)
			return output_failed(p, output);
	}
	output = ipc_writer_flush(&p->w);
	if (output < 0 || r == -EPIPE)
		return output_failed(p, output < 0 ? output : r);
	if (r < 0)
		return fifo_read_failed(p->e, &p->reader, r);
	if (p->left > 0 && count_given)
		return fail_plain(CLI_FAILED,
			"all writers have left FIFO '%s' after %" PRIu64 " of %" PRIu64 " records",
			p->e->name, p->count - p->left, p->count);
	return CLI_OK;
}

static int print_records(struct fifo_end *e, enum framing wire, bool json)
{
	struct printing p = { .e = e, .json = json || wire == FRAMING_JSON };

	p.count = p.left = count_given ? arg_count : UINT64_MAX;
	int r = fifo_reader_init(&p.reader, &e->c, wire, count_given);
	if (r < 0)
		return fail(NULL, r, "cannot read FIFO '%s'", e->name);
	records_writer_init(&p.w, json ? FRAMING_JSON : wire);
	progress_start("record", STDOUT_FILENO);
	int status = print_all(&p);
	progress_finish();
	records_warn_ambiguous(&p.w);
	ipc_writer_free(&p.w);
	fifo_reader_free(&p.reader);
	return status;
}

int fifo_read(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_FIFO_END struct fifo_end e = FIFO_END_CLOSED;
	bool json = false, records;
	enum framing wire = FRAMING_LINE;
	int r = records_wire(&wire, &json);

	(void)argc;
	records = records_framing_given() || json || count_given;
	if (r == CLI_OK)
		r = fifo_end_open(
			ctx, argv[0], CHANNEL_RECV | FIFO_CATCH | (arg_keep ? FIFO_LOOSE : 0), wire, &e);
	if (r == CLI_OK && records)
		r = print_records(&e, wire, json);
	else if (r == CLI_OK) {
		progress_start(NULL, STDOUT_FILENO);
		r = isatty(STDOUT_FILENO) ? show_bytes(&e) : copy_bytes(&e);
		progress_finish();
	}
	fifo_end_close(&e);
	return cli_interrupts_end(r);
}
