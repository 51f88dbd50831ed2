#include "cli/sock_dump.h"

#include "cli/diag.h"
#include "ipc/io.h"
#include "ipc/timefmt.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	ROW = 16,
	HEAD_SIZE = 160,
	ROW_SIZE = 128, /* more than a row of the longest number and offset needs */
};

void sock_dump_init(struct sock_dump *d, enum dump_format format)
{
	*d = (struct sock_dump){ .format = format };
	record_out_init(&d->out, STDOUT_FILENO, FRAMING_WHOLE, false);
}

void sock_dump_clear(struct sock_dump *d)
{
	record_out_clear(&d->out);
	free(d->line);
	d->line = NULL;
	d->size = 0;
	d->out.error = -ECANCELED; /* nothing more is written */
}

static int make_room(struct sock_dump *d, size_t size)
{
	if (size <= d->size)
		return 0;
	char *larger = realloc(d->line, size);
	if (!larger)
		return -ENOMEM;
	d->line = larger;
	d->size = size;
	return 0;
}

/* --- in hexadecimal ------------------------------------------------------------------------------- */

static char sign_of(const struct recording_event *e)
{
	return e->from == RECORDING_CLIENT ? '>' : '<';
}

/* What happened, and when: "#3 > 2026-11-20T12:00:00.5Z 14 bytes". */
static size_t put_head(char *out, const struct recording_event *e)
{
	char time[TIME_TEXT_SIZE] = "", fds[32] = "";
	int n;

	if (e->has_time && ipc_time_format(e->time, time) < 0)
		time[0] = '\0';
	if (e->fds > 0)
		snprintf(fds, sizeof(fds), ", %u %s", e->fds, e->fds == 1 ? "descriptor" : "descriptors");
	if (e->type == RECORDING_DATA)
		n = snprintf(out, HEAD_SIZE, "#%" PRIu64 " %c %s %zu %s%s\n", e->connection, sign_of(e), time,
			e->len, e->len == 1 ? "byte" : "bytes", fds);
	else if (e->type == RECORDING_END)
		n = snprintf(out, HEAD_SIZE, "#%" PRIu64 " %c %s end\n", e->connection, sign_of(e), time);
	else
		n = snprintf(out, HEAD_SIZE, "#%" PRIu64 "   %s %s\n", e->connection, time,
			e->type == RECORDING_CONNECT ? "connect" : "close");
	return n > 0 ? (size_t)n : 0;
}

/* "#3 > 00000010  68 65 6c 6c 6f                                    |hello|" */
static size_t put_row(char *out, const struct recording_event *e, size_t at, uint64_t offset)
{
	size_t len = e->len - at < ROW ? e->len - at : ROW;
	int n = snprintf(
		out, ROW_SIZE, "#%" PRIu64 " %c %08" PRIx64 " ", e->connection, sign_of(e), offset + at);
	char *p = out + (n > 0 ? n : 0);

	for (size_t i = 0; i < ROW; i++) {
		static const char digits[] = "0123456789abcdef";
		unsigned char c = i < len ? (unsigned char)e->data[at + i] : 0;
		if (i % 8 == 0)
			*p++ = ' ';
		*p++ = i < len ? digits[c >> 4] : ' ';
		*p++ = i < len ? digits[c & 15] : ' ';
		*p++ = ' ';
	}
	*p++ = ' ';
	*p++ = '|';
	for (size_t i = 0; i < len; i++) {
		char c = e->data[at + i];
		*p++ = (char)(c >= 0x20 && c < 0x7f ? c : '.');
	}
	*p++ = '|';
	*p++ = '\n';
	return (size_t)(p - out);
}

static int write_hex(struct sock_dump *d, const struct recording_event *e, uint64_t offset, size_t *ret_len)
{
	int r = make_room(d, HEAD_SIZE + (e->len / ROW + 1) * ROW_SIZE);

	if (r < 0)
		return r;
	size_t len = put_head(d->line, e);
	for (size_t at = 0; e->type == RECORDING_DATA && at < e->len; at += ROW)
		len += put_row(d->line + len, e, at, offset);
	*ret_len = len;
	return 0;
}

/* --- as a recording ------------------------------------------------------------------------------- */

static int write_json(struct sock_dump *d, const struct recording_event *e, size_t *ret_len)
{
	if (e->len > RECORDING_DATA_MAX)
		return -EMSGSIZE;
	int r = make_room(d, 6 * e->len + RECORDING_ROOM);
	if (r == 0)
		*ret_len = recording_write(d->line, e);
	return r;
}

int sock_dump_event(
	struct sock_dump *d, struct loop *loop, const struct recording_event *event, uint64_t offset)
{
	struct recording_event e = *event;
	size_t len = 0;

	if (d->out.error < 0)
		return d->out.error;
	e.has_time = clock_gettime(CLOCK_REALTIME, &e.time) == 0;
	int r = d->format == DUMP_JSON ? write_json(d, &e, &len) : write_hex(d, &e, offset, &len);
	if (r == 0)
		return record_out_text(&d->out, loop, d->line, len);
	d->out.error = r;
	return r;
}

int sock_dump_end(const struct sock_dump *d)
{
	int error = d->out.error;

	if (error == -EPIPE)
		return fail_plain(128 + SIGPIPE, "nobody reads the dump any more: the relay has ended");
	if (error == -EMSGSIZE)
		return fail_plain(CLI_FAILED, "a message is larger than the %dM that a recording can hold",
			RECORDING_DATA_MAX >> 20);
	if (error < 0)
		return fail(NULL, error, "cannot write the dump");
	if (record_out_waits(&d->out))
		return fail_plain(CLI_FAILED, "%zu bytes of the dump could not be written",
			outlet_waiting(&d->out.outlet));
	return CLI_OK;
}
