/* shm: create and use shared memory. Bytes: write and read; structures: get, set and watch. */
#include "cli/common.h"
#include "cli/layout_opt.h"
#include "cli/shm_bytes.h"
#include "cli/shm_fields.h"
#include "cli/shm_watch.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <errno.h>
#include <string.h>

static uint64_t arg_length;
static bool arg_length_given, arg_text, arg_hex, arg_json;
static const char *arg_if, *arg_until;
static int64_t arg_interval = 10 * NSEC_PER_MSEC;

static int run_create(struct ipc_ctx *ctx, int argc, char **argv)
{
	(void)argc;
	if (!ipc_attr_given(&arg_attrs, ATTR_SIZE))
		return usage_error("how large? --size is missing");
	return cli_create(ctx, argv[0], "shm");
}

static int run_write(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SEGMENT struct segment s = SEGMENT_CLOSED;
	const char *data = argc > 1 ? argv[1] : NULL;
	int r = segment_open(ctx, argv[0], SHM_WRITE, arg_offset + (data ? strlen(data) + arg_text : 1), &s);

	return r == CLI_OK ? segment_write(&s, data, arg_text) : r;
}

static int run_read(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SEGMENT struct segment s = SEGMENT_CLOSED;
	const uint64_t *length = arg_length_given ? &arg_length : NULL;

	(void)argc;
	if (arg_text && arg_hex)
		return usage_error("--text and --hex exclude each other");
	int r = segment_open(ctx, argv[0], SHM_READ, arg_offset + (length ? *length : 1), &s);
	return r == CLI_OK ? segment_print(&s, length,
				     arg_text          ? PRINT_TEXT
					     : arg_hex ? PRINT_HEX
						       : PRINT_BYTES)
			   : r;
}

static int run_resize(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SEGMENT struct segment s = SEGMENT_CLOSED;
	uint64_t size;

	(void)argc;
	if (parse_size(argv[1], &size) < 0) {
		AUTO_FREE char *text = shown(argv[1]);
		return usage_error("'%s' is not a SIZE", text);
	}
	int r = segment_open(ctx, argv[0], SHM_READ | SHM_WRITE, 0, &s);
	if (r != CLI_OK)
		return r;
	r = ipc_shm_resize(&s.shm, size);
	if (r == -EOPNOTSUPP) {
		fail(NULL, r, "cannot resize segment '%s'", s.name);
		hint("a System V segment keeps its size as long as it lives: create another");
		return CLI_FAILED;
	}
	return r < 0 ? segment_failed(&s, r, "resize") : CLI_OK;
}

static int run_get(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_PICTURE struct picture p = { 0 };
	AUTO_SEGMENT struct segment s = SEGMENT_CLOSED;
	const struct ipc_shm_fields f = segment_fields(&s);
	int r = picture_init(&p, argc - 1, argv + 1);

	if (r == CLI_OK)
		r = segment_open(ctx, argv[0], SHM_READ, ipc_shm_fields_end(&f, p.members, p.len), &s);
	if (r == CLI_OK)
		r = segment_lock(&s);
	if (r == CLI_OK)
		r = segment_unlock(&s, segment_read_picture(&s, &p, false));
	return r == CLI_OK ? picture_print(&p, arg_json) : r;
}

static int run_set(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_LAYOUT struct ipc_layout *layout = NULL;
	AUTO_CHANGES struct changes c = { 0 };
	AUTO_SEGMENT struct segment s = SEGMENT_CLOSED;
	const struct ipc_shm_fields f = segment_fields(&s);
	int r = layout_load(&layout);

	if (r == CLI_OK)
		r = changes_parse(layout, argc - 1, argv + 1, arg_if, &s, &c);
	if (r == CLI_OK)
		r = segment_open(ctx, argv[0], SHM_READ | SHM_WRITE, changes_end(&c, &f), &s);
	return r == CLI_OK ? segment_change(&s, &c) : r;
}

static int run_watch(struct ipc_ctx *ctx, int argc, char **argv)
{
	const struct watch_how how = { arg_until, arg_interval, arg_json };

	return segment_watch(ctx, argv[0], argc - 1, argv + 1, &how);
}

/* --- options --- */

static const struct opt write_opts[] = {
	{ OPT_INCLUDE, .to = { .table = segment_offset_opts } },
	{ OPT_FLAG, 0, "text", NULL, "Write a closing NUL, as C programs expect", { .flag = &arg_text } },
	{ OPT_INCLUDE, .to = { .table = segment_access_opts } },
	{ 0 },
};

static const struct opt read_opts[] = {
	{ OPT_INCLUDE, .to = { .table = segment_offset_opts } },
	{ OPT_SIZE, 'l', "length", "SIZE", "How many bytes; all that follow, unless told",
		{ .size = &arg_length }, .given = &arg_length_given },
	{ OPT_FLAG, 0, "text", NULL, "Read up to the first NUL", { .flag = &arg_text } },
	{ OPT_FLAG, 0, "hex", NULL, "Print offsets and bytes in hexadecimal", { .flag = &arg_hex } },
	{ OPT_INCLUDE, .to = { .table = segment_access_opts } },
	{ 0 },
};

static const struct opt json_opts[] = {
	{ OPT_FLAG, 'J', "json", NULL, "Print JSON", { .flag = &arg_json } },
	{ 0 },
};

static const struct opt get_opts[] = {
	{ OPT_INCLUDE, .to = { .table = layout_opts } },
	{ OPT_INCLUDE, .to = { .table = segment_offset_opts } },
	{ OPT_INCLUDE, .to = { .table = json_opts } },
	{ OPT_INCLUDE, .to = { .table = segment_access_opts } },
	{ 0 },
};

static const struct opt set_opts[] = {
	{ OPT_INCLUDE, .to = { .table = layout_opts } },
	{ OPT_STRING, 0, "if", "FIELD=VALUE", "Only if the field has this value; status 6 if it has not",
		{ .string = &arg_if } },
	{ OPT_INCLUDE, .to = { .table = segment_offset_opts } },
	{ OPT_INCLUDE, .to = { .table = segment_access_opts } },
	{ 0 },
};

static const struct opt watch_opts[] = {
	{ OPT_INCLUDE, .to = { .table = layout_opts } },
	{ OPT_STRING, 0, "until", "FIELD=VALUE", "End when the field has this value",
		{ .string = &arg_until } },
	{ OPT_DURATION, 'i', "interval", "DURATION", "How often to look", { .nsec = &arg_interval } },
	{ OPT_INCLUDE, .to = { .table = segment_offset_opts } },
	{ OPT_INCLUDE, .to = { .table = json_opts } },
	{ OPT_INCLUDE, .to = { .table = segment_access_opts } },
	{ 0 },
};

/* --- examples --- */

#define TEXT "'int id; char text[90];'"
#define FLAG "'int id; bool ok;'"
#define MAKE "ipcctl shm create key:5678 --size 1024"

static const struct example create_examples[] = {
	{ "ipcctl shm create /state --size 64K", "A POSIX segment", NULL },
	{ "ipcctl shm create key:5678 --size 1024 --mode 0666", "A System V segment that everybody may write",
		NULL },
	{ "ipcctl shm create /work.XXXXXX --size 1M", "One with a name of its own, which is printed", NULL },
	{ 0 },
};

static const struct example write_examples[] = {
	{ "ipcctl shm write key:5678 hello --text", "Write text as a C program reads it", MAKE },
	{ "ipcctl shm write /state --create --size 64K < /etc/hostname",
		"Write a file into a segment, which is made if it is not there", NULL },
	{ 0 },
};

static const struct example read_examples[] = {
	{ "ipcctl shm read key:5678 --text", "Read text that a C program wrote",
		MAKE " && ipcctl shm write key:5678 hello --text" },
	{ "ipcctl shm read key:5678 --hex --length 64", "Look at the first bytes", MAKE },
	{ 0 },
};

static const struct example resize_examples[] = {
	{ "ipcctl shm resize /state 1M", "Make a POSIX segment larger or smaller",
		"ipcctl shm create /state --size 64K" },
	{ 0 },
};

static const struct example get_examples[] = {
	{ "ipcctl shm get key:5678 --layout " TEXT, "The fields of a C structure", MAKE },
	{ "ipcctl shm get key:5678 --layout " TEXT " text", "The value of one", MAKE },
	{ "ipcctl shm get key:5678 --layout " TEXT " -J", "All of it as JSON", MAKE },
	{ 0 },
};

static const struct example set_examples[] = {
	{ "ipcctl shm set key:5678 --layout " FLAG " id=42 ok=true", "Change two fields", MAKE },
	{ "ipcctl shm set /lock --layout 'int owner;' owner=42 --if owner=0",
		"Change a field unless another was faster: one compare and swap",
		"ipcctl shm create /lock --size 4" },
	{ "ipcctl shm set key:5678 --lock /guard --layout 'int id;' id=42",
		"Change it while no other has the semaphore", MAKE " && ipcctl sem create /guard" },
	{ 0 },
};

static const struct example watch_examples[] = {
	{ "ipcctl shm watch key:5678 --layout 'bool ok;' --until ok=true",
		"Wait until a writer says that its data are ready",
		MAKE " && ipcctl shm set key:5678 --layout 'bool ok;' ok=true" },
	{ 0 },
};

static const struct command verbs[] = {
	{ .name = "create",
		.brief = "Create a segment",
		.operands = "OBJECT",
		.opts = segment_size_opts,
		.examples = create_examples,
		.run = run_create },
	{ .name = "write",
		.brief = "Write bytes into a segment, from an operand or standard input",
		.operands = "OBJECT [DATA]",
		.opts = write_opts,
		.examples = write_examples,
		.run = run_write },
	{ .name = "read",
		.brief = "Print the bytes of a segment",
		.operands = "OBJECT",
		.opts = read_opts,
		.examples = read_examples,
		.run = run_read },
	{ .name = "resize",
		.brief = "Change the size of a POSIX segment",
		.operands = "OBJECT SIZE",
		.opts = segment_open_opts,
		.examples = resize_examples,
		.run = run_resize },
	{ .name = "get",
		.brief = "Print fields of a C structure in a segment",
		.operands = "OBJECT [FIELD...]",
		.opts = get_opts,
		.examples = get_examples,
		.run = run_get },
	{ .name = "set",
		.brief = "Change fields of a C structure in a segment",
		.operands = "OBJECT FIELD=VALUE...",
		.opts = set_opts,
		.examples = set_examples,
		.run = run_set },
	{ .name = "watch",
		.brief = "Print the fields of a C structure and each change, or wait for one",
		.operands = "OBJECT [FIELD...]",
		.opts = watch_opts,
		.examples = watch_examples,
		.run = run_watch },
	{ 0 },
};

const struct command cmd_shm = {
	.name = "shm",
	.brief = "Create and use shared memory",
	.class = "shm",
	.verbs = verbs,
};
