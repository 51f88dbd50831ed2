#include "cli/common.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/transfer.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int too_long(const struct ipc_channel *c, const char *name, size_t len)
{
	const struct ipc_kind *kind = c->selector.kind;
	const char *help = ipc_kind_hint(kind, EMSGSIZE, NULL);
	int status =
		fail_plain(CLI_FAILED, "cannot send to %s '%s': the message has %zu bytes, the limit is %zu",
			kind->noun, name, len, c->message_max);

	if (help)
		hint("%s", help);
	return status;
}

static int send_bytes(struct ipc_channel *c, const char *name, int64_t number, const char *data, size_t len)
{
	struct ipc_deadline deadline = cli_deadline();
	int r;

	if (c->message_max && len > c->message_max)
		return too_long(c, name, len);
	do
		r = ipc_channel_send(c, data, len, number, deadline);
	while (r == -EINTR && !cli_interrupted());
	if (r == -EINTR)
		return CLI_FAILED; /* the signal is what ends it */
	return r < 0 ? fail(c->selector.kind, r, "cannot send to %s '%s'", c->selector.kind->noun, name)
		     : CLI_OK;
}

/* C programs read text up to its NUL: one inside would hide the rest. */
static int check_text(const char *name, const char *data, size_t len)
{
	if (memchr(data, '\0', len))
		return fail_plain(CLI_FAILED,
			"cannot send to '%s': text can't hold a NUL; send it without --text", name);
	return CLI_OK;
}

int cli_send_message(
	struct ipc_channel *c, const char *name, const struct cli_tag *tag, const void *data, size_t len)
{
	int r = arg_text ? check_text(name, data, len) : CLI_OK;

	if (r != CLI_OK || !arg_text)
		return r != CLI_OK ? r : send_bytes(c, name, tag->number, data, len);
	AUTO_FREE char *text = malloc(len + 1);
	if (!text)
		return fail(NULL, -ENOMEM, "cannot send to '%s'", name);
	memcpy(text, data, len);
	text[len] = '\0';
	return send_bytes(c, name, tag->number, text, len + 1);
}

int cli_send_operands(
	struct ipc_channel *c, const char *name, const struct cli_tag *tag, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		int r = cli_send_message(c, name, tag, argv[i], strlen(argv[i]));
		if (r != CLI_OK && i > 0)
			warn("%d of %d messages were sent", i, argc);
		if (r != CLI_OK)
			return r;
	}
	return CLI_OK;
}

/* The number for a record: what the options say, or its own if the queue has that sort of number. */
static int number_of(const struct ipc_channel *c, const char *name, const struct cli_tag *tag,
	const struct ipc_record *record, int64_t *ret)
{
	*ret = tag->number;
	if (tag->given || record->tag == TAG_NONE || c->tag == TAG_NONE)
		return CLI_OK; /* a stream has no place for any number */
	if (record->tag != c->tag)
		return fail_plain(CLI_FAILED,
			"cannot send to '%s': a record says \"%s\", and a %s has none; choose a number for "
			"all "
			"with an option, or use mq move",
			name, record->tag == TAG_TYPE ? "type" : "priority", c->selector.kind->label);
	if (record->tag == TAG_TYPE && record->number < 1)
		return fail_plain(
			CLI_FAILED, "cannot send to '%s': a record's \"type\" is a number from 1", name);
	if (record->tag == TAG_PRIORITY && (record->number < 0 || record->number > PRIORITY_MAX))
		return fail_plain(CLI_FAILED, "cannot send to '%s': a record's \"priority\" is 0 to %d", name,
			PRIORITY_MAX);
	*ret = record->number;
	return CLI_OK;
}

/* The byte behind a record in the reader's buffer is ours: the NUL of --text goes there. */
static int send_record(struct ipc_channel *c, const char *name, const struct cli_tag *tag,
	struct ipc_reader *reader, const struct ipc_record *record)
{
	int64_t number;
	size_t len = record->len;
	int r = number_of(c, name, tag, record, &number);

	if (r == CLI_OK && arg_text)
		r = check_text(name, record->data, len);
	if (r != CLI_OK)
		return r;
	if (!arg_text)
		return send_bytes(c, name, number, record->data, len);
	char *data = ipc_decoder_data(&reader->d, record), saved = data[len];
	data[len] = '\0';
	r = send_bytes(c, name, number, data, len + 1);
	data[len] = saved;
	return r;
}

/*
 * The next record of standard input. While it is waited for, a stream that nobody reads any more is noticed: what
 * was read from standard input would have nowhere to go. Returns as ipc_reader_next(); -EINTR for a signal that
 * was caught.
 */
static int next_record(struct ipc_channel *c, struct ipc_reader *reader, struct ipc_record *ret)
{
	struct pollfd p[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = c->ends ? c->fd : -1 } };

	for (;;) {
		if (cli_interrupted())
			return -EINTR;
		ssize_t r = ipc_decoder_next(&reader->d, ret);
		if (r != -EAGAIN)
			return (int)r;
		int n = poll(p, ARRAY_SIZE(p), -1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0 && !p[0].revents)
			return -EPIPE;
		r = ipc_decoder_read(&reader->d, STDIN_FILENO);
		if (r < 0 && r != -EAGAIN)
			return (int)r;
	}
}

/* What was read and did not get through exists nowhere any more. */
static void tell_lost(const struct ipc_reader *reader, uint64_t sent, uint64_t sent_bytes)
{
	uint64_t lost = reader->d.fed - sent_bytes;

	if (sent > 0)
		warn("%" PRIu64 " %s sent before that", sent, sent == 1 ? "record was" : "records were");
	if (lost > 0)
		warn("%" PRIu64 " bytes that were read from standard input were not sent", lost);
}

static int send_input(struct ipc_channel *c, const char *name, const struct cli_tag *tag)
{
	AUTO_READER_FREE struct ipc_reader reader;
	AUTO_FREE char *what = NULL;
	enum framing framing;
	uint64_t sent = 0, sent_bytes = 0;
	int r = records_framing(&framing);

	ipc_reader_init(&reader, STDIN_FILENO, framing, c->message_max - (arg_text ? 1 : 0));
	if (r == CLI_OK && asprintf(&what, "send to %s '%s'", c->selector.kind->noun, name) < 0)
		r = fail(NULL, -ENOMEM, "cannot start");
	while (r == CLI_OK) {
		struct ipc_record record;
		int got = next_record(c, &reader, &record);
		if (got == 0)
			return CLI_OK;
		if (got == -EPIPE || got == -EINTR) { /* the signal is what ends it */
			r = got == -EPIPE ? fail(c->selector.kind, got, "cannot %s", what) : CLI_FAILED;
			break;
		}
		if (got < 0)
			return records_read_failed(&reader, got, what);
		r = send_record(c, name, tag, &reader, &record);
		if (r != CLI_OK)
			break;
		sent++;
		sent_bytes = reader.d.consumed;
		progress_add(1, record.len);
	}
	tell_lost(&reader, sent, sent_bytes);
	return r;
}

int cli_send_input(struct ipc_channel *c, const char *name, const struct cli_tag *tag)
{
	progress_start("message", STDIN_FILENO);
	int r = send_input(c, name, tag);
	progress_finish();
	return r;
}
