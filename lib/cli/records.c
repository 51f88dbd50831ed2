#include "cli/records.h"

#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

static const char *const framing_names[] = {
	[FRAMING_LINE] = "line",
	[FRAMING_NUL] = "nul",
	[FRAMING_NETSTRING] = "netstring",
	[FRAMING_JSON] = "json",
	[FRAMING_WHOLE] = "whole",
	[FRAMING_COUNT] = NULL,
};

static int arg_framing = FRAMING_LINE, arg_stream_framing = -1;
static bool framing_given, arg_json;
bool arg_text;

const struct opt record_opts[] = {
	{ OPT_CHOICE, 'F', "framing", "FORMAT", "How records are separated", { .choice = &arg_framing },
		&framing_given, framing_names },
	{ 0 },
};

const struct opt record_stream_opts[] = {
	{ OPT_CHOICE, 'F', "framing", "FORMAT",
		"Carry records, separated like this; else a stream is plain bytes",
		{ .choice = &arg_stream_framing }, &framing_given, framing_names },
	{ 0 },
};

const struct opt record_json_opts[] = {
	{ OPT_FLAG, 'J', "json", NULL, "Print records as JSON, one object a line", { .flag = &arg_json } },
	{ 0 },
};

const struct opt record_text_opts[] = {
	{ OPT_FLAG, 0, "text", NULL, "Messages are text that ends with a NUL, as C programs send it",
		{ .flag = &arg_text } },
	{ 0 },
};

static enum framing framing_of(void)
{
	return (enum framing)(arg_stream_framing >= 0 ? arg_stream_framing : arg_framing);
}

bool records_framing_given(void)
{
	return framing_given;
}

bool records_asked_for(void)
{
	return framing_given || arg_json;
}

int records_framing(enum framing *ret)
{
	if (arg_json && framing_given && framing_of() != FRAMING_JSON)
		return usage_error(
			"--json and --framing %s contradict each other", framing_names[framing_of()]);
	*ret = arg_json ? FRAMING_JSON : framing_of();
	return CLI_OK;
}

int records_wire(enum framing *ret, bool *ret_json)
{
	*ret = framing_of();
	*ret_json = arg_json;
	return CLI_OK;
}

void records_writer_init(struct ipc_writer *w, enum framing framing)
{
	ipc_writer_init(w, STDOUT_FILENO, framing, isatty(STDOUT_FILENO) ? WRITER_ESCAPE : 0);
}

void records_warn_ambiguous(const struct ipc_writer *w)
{
	if (w->ambiguous)
		warn("a message holds the %s that separates messages; -F netstring and -F json keep them "
		     "apart",
			w->framing->separator == '\n' ? "newline" : "NUL");
}

int records_output_lost(const struct ipc_writer *w)
{
	struct pollfd p = { .fd = w->fd };

	return poll(&p, 1, 0) > 0 && p.revents & POLLERR ? -EPIPE : 0;
}

int records_read_failed(const struct ipc_reader *reader, int r, const char *what)
{
	char text[FRAMING_ERROR_SIZE];
	int status;

	if (reader->d.error.code)
		status = fail_plain(CLI_FAILED, "cannot %s: standard input: %s", what,
			ipc_framing_explain(&reader->d.error, reader->d.max, text));
	else
		status = fail(NULL, r, "cannot read standard input");
	if (reader->d.records > 0)
		warn("%" PRIu64 " %s sent before that", reader->d.records,
			reader->d.records == 1 ? "record was" : "records were");
	if (ipc_decoder_left(&reader->d) > 0)
		warn("%" PRIu64 " bytes that were read from standard input were not sent",
			ipc_decoder_left(&reader->d));
	return status;
}
