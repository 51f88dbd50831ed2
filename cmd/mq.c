/* mq: message queues, POSIX and System V. */
#include "cli/common.h"
#include "cli/interrupt.h"
#include "cli/layout_message.h"
#include "cli/message_opt.h"
#include "ipc/io.h"

static uint64_t arg_count; /* of peek */
static bool count_given;

static const struct opt queue_opts[] = {
	{ OPT_ATTR, 0, .to = { .attrs = &arg_attrs }, .attr = ATTR_MAX_MESSAGES },
	{ OPT_ATTR, 0, .to = { .attrs = &arg_attrs }, .attr = ATTR_MESSAGE_SIZE },
	{ OPT_ATTR, 0, .to = { .attrs = &arg_attrs }, .attr = ATTR_QUEUE_BYTES },
	{ OPT_INCLUDE, .to = { .table = create_opts } },
	{ 0 },
};

/* What every verb that opens a queue takes. */
static const struct opt open_opts[] = {
	{ OPT_INCLUDE, .to = { .table = wait_opts } },
	{ OPT_INCLUDE, .to = { .table = exist_opts } },
	{ OPT_INCLUDE, .to = { .table = make_opts } },
	{ OPT_INCLUDE, .to = { .table = queue_opts } },
	{ 0 },
};

static const struct opt send_opts[] = {
	{ OPT_INCLUDE, .to = { .table = message_tag_opts } },
	{ OPT_INCLUDE, .to = { .table = record_opts } },
	{ OPT_INCLUDE, .to = { .table = record_text_opts } },
	{ OPT_INCLUDE, .to = { .table = layout_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

static const struct opt print_opts[] = {
	{ OPT_INCLUDE, .to = { .table = record_opts } },
	{ OPT_INCLUDE, .to = { .table = record_json_opts } },
	{ OPT_INCLUDE, .to = { .table = record_text_opts } },
	{ OPT_INCLUDE, .to = { .table = layout_opts } },
	{ 0 },
};

static const struct opt recv_opts[] = {
	{ OPT_INCLUDE, .to = { .table = message_amount_opts } },
	{ OPT_INCLUDE, .to = { .table = message_choose_opts } },
	{ OPT_INCLUDE, .to = { .table = print_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

static const struct opt peek_opts[] = {
	{ OPT_UINT, 'n', "count", "NUMBER", "How many messages, unless all", { .uint = &arg_count },
		&count_given },
	{ OPT_INCLUDE, .to = { .table = print_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

static const struct opt move_opts[] = {
	{ OPT_INCLUDE, .to = { .table = message_amount_opts } },
	{ OPT_INCLUDE, .to = { .table = message_choose_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

/* --- a queue that is named and opened ------------------------------------------------------------ */

static int open_queue(
	struct ipc_ctx *ctx, const char *text, unsigned flags, struct ipc_channel *ret, char **ret_name)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	int r = cli_existing(ctx, text, "mq", &sel);

	if (r != CLI_OK)
		return r;
	*ret_name = shown(text);
	r = ipc_channel_open(ctx, &sel, flags, ret);
	return r < 0 ? fail(sel.kind, r, "cannot open queue '%s'", *ret_name) : CLI_OK;
}

/* The kind that a name means, before anything is opened or made. */
static int kind_of(struct ipc_ctx *ctx, const char *text, const struct ipc_kind **ret)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	int r = cli_selector(ctx, text, "mq", SELECTOR_CREATE, &sel);

	*ret = sel.kind;
	return r;
}

static int run_create(struct ipc_ctx *ctx, int argc, char **argv)
{
	(void)argc;
	return cli_create(ctx, argv[0], "mq");
}

/* --- send ----------------------------------------------------------------------------------------- */

static int run_send(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_CHANNEL struct ipc_channel c = CHANNEL_CLOSED;
	AUTO_FREE char *name = NULL;
	const struct ipc_kind *kind;
	struct cli_tag tag = { 0 };
	AUTO_LAYOUT struct ipc_layout *layout = NULL;
	AUTO_FREE char *bytes = NULL;
	int r = kind_of(ctx, argv[0], &kind);

	if (r == CLI_OK)
		r = message_tag(kind, &tag);
	if (r == CLI_OK)
		r = layout_message_load(&layout);
	if (r == CLI_OK && layout && (argc == 1 || arg_text))
		return usage_error(arg_text ? "--layout and --text contradict each other"
					    : "--layout takes operands, FIELD=VALUE");
	if (r == CLI_OK && layout)
		r = layout_message_build(layout, argc - 1, argv + 1, &bytes);
	if (r == CLI_OK && argc > 1 && records_framing_given())
		return usage_error("--framing is about standard input, and the messages are operands");
	if (r == CLI_OK)
		r = open_queue(ctx, argv[0], CHANNEL_SEND, &c, &name);
	if (r != CLI_OK)
		return r;
	if (layout)
		return cli_send_message(&c, name, &tag, bytes, ipc_layout_size(layout));
	if (argc > 1)
		return cli_send_operands(&c, name, &tag, argc - 1, argv + 1);
	cli_interrupts_catch(); /* what was read and not sent is told */
	r = cli_send_input(&c, name, &tag);
	ipc_channel_close(&c);
	return cli_interrupts_end(r);
}

/* --- recv, peek, move ----------------------------------------------------------------------------- */

/* How messages are printed, before one is looked at. */
static int print_of(struct cli_print *ret)
{
	int r = records_framing(&ret->framing);

	if (r == CLI_OK)
		r = layout_message_load(&ret->layout);
	if (r != CLI_OK || !ret->layout)
		return r;
	if (arg_text)
		return usage_error("--layout and --text contradict each other");
	if (records_framing_given() && ret->framing != FRAMING_JSON)
		return usage_error("--layout prints lines, or JSON with --json: no other framing");
	return CLI_OK;
}

static int run_recv(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_CHANNEL struct ipc_channel c = CHANNEL_CLOSED;
	AUTO_FREE char *name = NULL;
	const struct ipc_kind *kind;
	struct cli_amount amount;
	AUTO_PRINT struct cli_print print = { 0 };
	int r = kind_of(ctx, argv[0], &kind);

	(void)argc;
	if (r == CLI_OK)
		r = message_amount(kind, false, &amount);
	if (r == CLI_OK)
		r = print_of(&print);
	if (r == CLI_OK)
		r = open_queue(ctx, argv[0], CHANNEL_RECV, &c, &name);
	if (r == CLI_OK)
		r = cli_receive(&c, name, &amount, &print);
	ipc_channel_close(&c);
	return cli_interrupts_end(r);
}

static int run_peek(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_CHANNEL struct ipc_channel c = CHANNEL_CLOSED;
	AUTO_FREE char *name = NULL;
	AUTO_PRINT struct cli_print print = { 0 };
	int r = print_of(&print);

	(void)argc;
	if (r == CLI_OK)
		r = open_queue(ctx, argv[0], CHANNEL_RECV, &c, &name);
	if (r != CLI_OK)
		return r;
	if (ipc_channel_can_peek(&c))
		return cli_peek(&c, name, count_given ? arg_count : UINT64_MAX, &print);
	r = fail_plain(CLI_FAILED,
		"cannot peek into queue '%s': the kernel shows no message of a %s without taking it", name,
		c.selector.kind->label);
	hint("how many there are: ipcctl stat 'mq:%s'", name);
	return r;
}

static int run_move(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_CHANNEL struct ipc_channel from = CHANNEL_CLOSED, to = CHANNEL_CLOSED;
	AUTO_FREE char *from_name = NULL, *to_name = NULL;
	const struct ipc_kind *kind;
	struct cli_amount amount;
	bool create = arg_create;
	int r = kind_of(ctx, argv[0], &kind);

	(void)argc;
	if (r == CLI_OK)
		r = message_amount(kind, true, &amount);
	arg_create = false; /* it is about where they go */
	if (r == CLI_OK)
		r = open_queue(ctx, argv[0], CHANNEL_SEND | CHANNEL_RECV, &from, &from_name);
	arg_create = create;
	if (r == CLI_OK)
		r = open_queue(ctx, argv[1], CHANNEL_SEND, &to, &to_name);
	if (r == CLI_OK)
		r = cli_move(&from, from_name, &to, to_name, &amount);
	ipc_channel_close(&from);
	ipc_channel_close(&to);
	return cli_interrupts_end(r);
}

/* --- the table ------------------------------------------------------------------------------------ */

#define MAKE "ipcctl mq create /jobs"
#define MAKE_SYSV "ipcctl mq create key:0x2a"

static const struct example create_examples[] = {
	{ "ipcctl mq create /jobs --max-messages 8 --message-size 1K", "A POSIX queue", NULL },
	{ "ipcctl mq create key:0x2a --mode 0660", "A System V queue that the group may use too", NULL },
	{ "ipcctl mq create /tmp.XXXXXX", "A queue with a name of its own, which is printed", NULL },
	{ 0 },
};

static const struct example send_examples[] = {
	{ "ipcctl mq send /jobs 'first one' 'second one'", "Two messages", MAKE },
	{ "printf '%s\\n' one two | ipcctl mq send --create /jobs", "Each line is a message", NULL },
	{ "ipcctl mq send --layout 'int id; char text[8];' /jobs id=7 text=hi", "A C structure", MAKE },
	{ "ipcctl mq send --text --type 3 key:0x2a hello", "As a C program sends a string", MAKE_SYSV },
	{ 0 },
};

static const struct example recv_examples[] = {
	{ "ipcctl mq recv /jobs", "Take one message and print it", MAKE "; ipcctl mq send /jobs hello" },
	{ "ipcctl mq recv --drain -J /jobs", "All there are, with priority and time, as JSON",
		MAKE "; ipcctl mq send /jobs hello" },
	{ "ipcctl mq recv -t 5s --type 3 key:0x2a", "Wait at most 5 seconds for a message of type 3",
		MAKE_SYSV "; ipcctl mq send --type 3 key:0x2a hello" },
	{ 0 },
};

static const struct example peek_examples[] = {
	{ "ipcctl mq peek key:0x2a", "Print all messages and leave them there",
		MAKE_SYSV "; ipcctl mq send key:0x2a hello" },
	{ 0 },
};

static const struct example move_examples[] = {
	{ "ipcctl mq move --create /jobs /later", "All messages to another queue, which is made if need be",
		MAKE "; ipcctl mq send /jobs hello" },
	{ "ipcctl mq move -n 1 key:0x2a /jobs", "One message from System V to POSIX",
		MAKE "; " MAKE_SYSV "; ipcctl mq send key:0x2a hello" },
	{ 0 },
};

static const struct command verbs[] = {
	{ .name = "create",
		.brief = "Create a queue",
		.operands = "QUEUE",
		.opts = queue_opts,
		.examples = create_examples,
		.run = run_create },
	{ .name = "send",
		.brief = "Send messages: the operands, or else the records of standard input",
		.operands = "QUEUE [MESSAGE...]",
		.opts = send_opts,
		.examples = send_examples,
		.run = run_send },
	{ .name = "recv",
		.brief = "Receive messages and print them: one unless told otherwise",
		.operands = "QUEUE",
		.opts = recv_opts,
		.examples = recv_examples,
		.run = run_recv },
	{ .name = "peek",
		.brief = "Print messages without taking them, where the kernel can (System V)",
		.operands = "QUEUE",
		.opts = peek_opts,
		.examples = peek_examples,
		.run = run_peek },
	{ .name = "move",
		.brief = "Pass messages on to another queue without losing one",
		.operands = "FROM TO",
		.opts = move_opts,
		.examples = move_examples,
		.run = run_move },
	{ 0 },
};

const struct command cmd_mq = {
	.name = "mq",
	.brief = "Create and use message queues",
	.class = "mq",
	.verbs = verbs,
};
