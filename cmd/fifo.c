/* fifo: named pipes. */
#include "cli/fifo_verbs.h"

/* What every verb that opens a FIFO takes. */
static const struct opt open_opts[] = {
	{ OPT_INCLUDE, .to = { .table = wait_opts } },
	{ OPT_INCLUDE, .to = { .table = exist_opts } },
	{ OPT_INCLUDE, .to = { .table = make_opts } },
	{ OPT_INCLUDE, .to = { .table = create_opts } },
	{ 0 },
};

static const struct opt write_opts[] = {
	{ OPT_INCLUDE, .to = { .table = record_stream_opts } },
	{ OPT_INCLUDE, .to = { .table = fifo_write_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

static const struct opt read_opts[] = {
	{ OPT_INCLUDE, .to = { .table = record_stream_opts } },
	{ OPT_INCLUDE, .to = { .table = record_json_opts } },
	{ OPT_INCLUDE, .to = { .table = fifo_read_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

static const struct opt serve_opts[] = {
	{ OPT_INCLUDE, .to = { .table = record_opts } },
	{ OPT_INCLUDE, .to = { .table = fifo_serve_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

static int run_create(struct ipc_ctx *ctx, int argc, char **argv)
{
	(void)argc;
	return cli_create(ctx, argv[0], "fifo");
}

#define MAKE "ipcctl fifo create /tmp/jobs"
#define READER "; cat /tmp/jobs >/dev/null &"
#define WRITER "; (printf '%s\\n' one two >/tmp/jobs) &"

static const struct example create_examples[] = {
	{ "ipcctl fifo create /tmp/jobs", "A FIFO for its owner alone", NULL },
	{ "ipcctl fifo create --mode 0620 ./events", "One that its group may write to", NULL },
	{ "ipcctl fifo create /tmp/tmp.XXXXXX", "One with a name of its own, which is printed", NULL },
	{ 0 },
};

static const struct example write_examples[] = {
	{ "ipcctl fifo write /tmp/jobs 'first one' 'second one'", "Two lines, for whoever reads",
		MAKE READER },
	{ "date | ipcctl fifo write --create -t 5s /tmp/jobs", "Wait at most 5 seconds for a reader",
		MAKE READER },
	{ "printf 'x\\n' | ipcctl fifo write -F line --drop /tmp/jobs", "Don't wait when nobody reads",
		MAKE },
	{ 0 },
};

static const struct example read_examples[] = {
	{ "ipcctl fifo read /tmp/jobs", "All that is written until the last writer leaves", MAKE WRITER },
	{ "ipcctl fifo read -n 1 -J /tmp/jobs", "One line, as JSON", MAKE WRITER },
	{ "ipcctl fifo read --keep -t 1s /tmp/jobs || test $? = 4",
		"What all writers write, until none has written for a second", MAKE WRITER },
	{ 0 },
};

static const struct example serve_examples[] = {
	{ "ipcctl fifo serve -n 2 /tmp/jobs sh -c 'echo \"got: $(cat)\"'",
		"A program for each line, two of them", MAKE WRITER },
	{ 0 },
};

static const struct command verbs[] = {
	{ .name = "create",
		.brief = "Create a FIFO",
		.operands = "FIFO",
		.opts = create_opts,
		.examples = create_examples,
		.run = run_create },
	{ .name = "write",
		.brief = "Write standard input, or the operands as records",
		.operands = "FIFO [MESSAGE...]",
		.opts = write_opts,
		.examples = write_examples,
		.run = fifo_write },
	{ .name = "read",
		.brief = "Print what is written, until the last writer has left",
		.operands = "FIFO",
		.opts = read_opts,
		.examples = read_examples,
		.run = fifo_read },
	{ .name = "serve",
		.brief = "Run a program for each record, which is its standard input",
		.operands = "FIFO COMMAND...",
		.opts = serve_opts,
		.examples = serve_examples,
		.run = fifo_serve },
	{ 0 },
};

const struct command cmd_fifo = {
	.name = "fifo",
	.brief = "Create and use FIFOs (named pipes)",
	.class = "fifo",
	.verbs = verbs,
};
