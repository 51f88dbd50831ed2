#include "ipc/fifo_stream.h"
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind.h"
#include "ipc/procscan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/fifo.XXXXXX";
static struct ipc_selector sel;

static int setup(void **state)
{
	(void)state;
	AUTO_CLOSE int fd = mkstemp(path); /* a name that is free */
	assert_true(fd >= 0 && unlink(path) == 0 && mkfifo(path, 0600) == 0);
	sel = (struct ipc_selector){
		.kind = ipc_kind_next("fifo", NULL), .form = FORM_PATH, .name = path, .name_len = strlen(path)
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

/* What is gathered from /proc, made up. */
struct view {
	size_t unseen;
	bool blocked, part;
	const char *flight;
};

static enum ipc_state state_with(struct view view, const char *reason)
{
	struct ipc_ctx ctx = IPC_CTX_INIT; /* it frees what was gathered */
	AUTO_OBJECT struct ipc_object o = { 0 };
	const struct holders *h;

	assert_int_equal(holders_get(&ctx, HOLDERS_FILES | HOLDERS_BLOCKED, &h), 0);
	ctx.holders->unseen = view.unseen;
	ctx.holders->blocked_unknown[HELD_FIFO] = view.blocked;
	ctx.holders->whole = !view.part;
	ctx.holders->flight_asked = true;
	ctx.holders->flight = (struct ipc_reason){ .text = view.flight };
	assert_int_equal(ipc_stat(&ctx, &sel, WANT_STATE | WANT_HOLDERS, &o), 0);
	assert_int_equal(o.holders_known, o.verdict.state == STATE_IDLE);
	if (reason)
		assert_string_equal(o.verdict.unseen[0].text, reason);
	ipc_ctx_clear(&ctx);
	return o.verdict.state;
}

static void idle_is_what_every_process_was_asked_about(void **state)
{
	(void)state;
	assert_int_equal(state_with((struct view){ 0 }, NULL), STATE_IDLE);
	assert_int_equal(state_with((struct view){ .unseen = 1 },
				 "a process may not be looked at, which may have it open"),
		STATE_UNKNOWN);
	assert_int_equal(state_with((struct view){ .unseen = 2 },
				 "# processes may not be looked at: one may have it open"),
		STATE_UNKNOWN);
	assert_int_equal(state_with((struct view){ .blocked = true },
				 "a process waits to open a FIFO, and it can't be seen which"),
		STATE_UNKNOWN);
	assert_int_equal(state_with((struct view){ .part = true },
				 "a process outside of this pid namespace may have it open"),
		STATE_UNKNOWN);
	assert_int_equal(
		state_with((struct view){ .flight = "in a message" }, "in a message"), STATE_UNKNOWN);
}

/* Both ends in one process: the reader does not wait for a writer. */
static void open_both(
	struct ipc_ctx *ctx, enum framing framing, struct ipc_channel *in, struct ipc_channel *out)
{
	struct ipc_deadline now = ipc_deadline_in(0);

	assert_int_equal(fifo_open(ctx, &sel, CHANNEL_RECV | FIFO_LOOSE, framing, now, in), 0);
	assert_int_equal(fifo_open(ctx, &sel, CHANNEL_SEND, framing, now, out), 0);
}

static void records_come_out_as_they_went_in(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	AUTO_CHANNEL struct ipc_channel in = CHANNEL_CLOSED, out = CHANNEL_CLOSED;
	AUTO_FIFO_READER struct fifo_reader reader;
	struct ipc_deadline now = ipc_deadline_in(0);
	static char large[100 * 1000];
	struct ipc_record record;

	(void)state;
	memset(large, 'x', sizeof(large));
	open_both(&ctx, FRAMING_NETSTRING, &in, &out);
	assert_int_equal(fifo_reader_init(&reader, &in, FRAMING_NETSTRING, true), 0);
	assert_int_equal(fifo_reader_next(&reader, &record, now, -1), -EAGAIN);
	assert_int_equal(ipc_channel_send(&out, "a\0b", 3, 0, now), 0);
	assert_int_equal(ipc_channel_send(&out, "", 0, 0, now), 0);
	assert_int_equal(ipc_channel_send(&out, large, sizeof(large), 0, now), -EAGAIN); /* not empty */
	assert_int_equal(fifo_unread(&out), 6 + 3);
	assert_int_equal(fifo_reader_next(&reader, &record, now, -1), 1);
	assert_int_equal(record.len, 3);
	assert_memory_equal(record.data, "a\0b", 3);
	assert_int_equal(fifo_unread(&out), 3); /* exact: the next one is still there */
	assert_int_equal(fifo_reader_next(&reader, &record, now, -1), 1);
	assert_int_equal(record.len, 0);
	assert_int_equal(ipc_channel_send(&out, large, sizeof(large), 0, now), 0);
	assert_int_equal(fifo_reader_next(&reader, &record, now, -1), 1);
	assert_int_equal(record.len, sizeof(large));
	assert_int_equal(out.sent, 3);
}

static void another_reader_is_noticed(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	AUTO_CHANNEL struct ipc_channel in = CHANNEL_CLOSED, out = CHANNEL_CLOSED;
	AUTO_FIFO_READER struct fifo_reader reader;
	struct ipc_deadline now = ipc_deadline_in(0);
	struct ipc_record record;
	char stolen[2];

	(void)state;
	open_both(&ctx, FRAMING_LINE, &in, &out);
	assert_int_equal(fifo_reader_init(&reader, &in, FRAMING_LINE, true), 0);
	assert_int_equal(ipc_channel_send(&out, "a", 1, 0, now), 0);
	assert_int_equal(ipc_channel_send(&out, "b", 1, 0, now), 0);
	assert_int_equal(fifo_reader_next(&reader, &record, now, -1), 1);
	assert_int_equal(read(in.fd, stolen, sizeof(stolen)), 2); /* "b\n", which was looked at */
	assert_int_equal(fifo_reader_next(&reader, &record, now, -1), -EBUSY);
}

static void nobody_reads(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	AUTO_CHANNEL struct ipc_channel in = CHANNEL_CLOSED, out = CHANNEL_CLOSED;
	struct ipc_deadline now = ipc_deadline_in(0);

	(void)state;
	assert_int_equal(fifo_open(&ctx, &sel, CHANNEL_SEND, FRAMING_LINE, now, &out), -EAGAIN);
	assert_int_equal(fifo_open(&ctx, &sel, CHANNEL_RECV, FRAMING_LINE, now, &in), -EAGAIN);
	assert_int_equal(
		fifo_open(&ctx, &sel, CHANNEL_SEND, FRAMING_LINE, ipc_deadline_in(NSEC_PER_MSEC), &out),
		-ETIMEDOUT);
	assert_int_equal(fifo_open(&ctx, &sel, CHANNEL_SEND | FIFO_LOOSE, FRAMING_LINE, now, &out), 0);
	assert_int_equal(ipc_channel_send(&out, "x", 1, 0, ipc_deadline_in(WAIT_FOREVER)), 0);
	assert_int_equal(fifo_dropped(&out), 1);
	assert_int_equal(out.sent, 0);
	assert_int_equal(fifo_open(&ctx, &sel, CHANNEL_RECV | FIFO_LOOSE, FRAMING_LINE, now, &in), 0);
	assert_int_equal(ipc_channel_send(&out, "x", 1, 0, now), 0);
	assert_int_equal(out.sent, 1);
}

struct witness {
	struct ipc_observer observer;
	enum ipc_event_type type;
	uint64_t count, bytes;
	unsigned times;
};

static void witness_after(struct ipc_observer *self, const struct ipc_event *event)
{
	struct witness *w = (struct witness *)self;

	w->type = event->type;
	w->count = event->count;
	w->bytes = event->bytes;
	w->times++;
}

static void the_observer_is_told_the_sums_once(void **state)
{
	struct witness w = { .observer = { .after = witness_after } };
	struct ipc_ctx ctx = { .observer = &w.observer };
	struct ipc_channel in = CHANNEL_CLOSED, out = CHANNEL_CLOSED;
	struct ipc_deadline now = ipc_deadline_in(0);

	(void)state;
	open_both(&ctx, FRAMING_LINE, &in, &out);
	assert_int_equal(w.times, 0);
	assert_int_equal(ipc_channel_send(&out, "one", 3, 0, now), 0);
	assert_int_equal(ipc_channel_send(&out, "three", 5, 0, now), 0);
	fifo_count(&in, 10, 0);
	ipc_channel_close(&out);
	assert_true(w.times == 1 && w.type == EVENT_SEND && w.count == 2 && w.bytes == 8);
	ipc_channel_close(&in);
	assert_true(w.times == 2 && w.type == EVENT_RECEIVE && w.bytes == 10);
	open_both(&ctx, FRAMING_LINE, &in, &out);
	fifo_count(&out, 7, 0);
	ipc_channel_close(&out);
	assert_true(w.times == 3 && w.type == EVENT_SEND && w.bytes == 7);
	ipc_channel_close(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_is_what_every_process_was_asked_about),
		cmocka_unit_test(records_come_out_as_they_went_in),
		cmocka_unit_test(another_reader_is_noticed),
		cmocka_unit_test(nobody_reads),
		cmocka_unit_test(the_observer_is_told_the_sums_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
