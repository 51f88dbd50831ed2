/* pipe: commands that are connected by unnamed pipes. */
#include "cli/command.h"
#include "cli/pipe_run.h"
#include "cli/pipe_words.h"
#include "ipc/io.h"

#include <stdio.h>

static const char *arg_sep = "::";
static uint64_t arg_size = 256 * 1024;
static bool arg_tee, arg_merge, arg_ring, arg_framing_given;
static int arg_framing;
static struct pipe_run_options arg_run = { .timeout_ns = WAIT_FOREVER, .kill_after_ns = 5 * NSEC_PER_SEC };

static const char *const framings[] = { "line", "nul", "json", NULL }; /* a record of JSON is a line */
static const char line_ends[] = { '\n', '\0', '\n' };

static int check_shape(struct pipeline *p)
{
	if (arg_tee + arg_merge + arg_ring > 1)
		return usage_error("--tee, --merge and --ring exclude each other");
	if (arg_framing_given && !arg_merge)
		return usage_error("--framing needs --merge");
	p->shape = arg_tee  ? PIPELINE_TEE
		: arg_merge ? PIPELINE_MERGE
		: arg_ring  ? PIPELINE_RING
			    : PIPELINE_CHAIN;
	return CLI_OK;
}

static int run_pipe(struct ipc_ctx *ctx, int argc, char **argv)
{
	struct pipeline p = { .pipe_size = arg_size, .line_end = line_ends[arg_framing] };
	int r = check_shape(&p);

	(void)ctx;
	if (r == CLI_OK)
		r = pipe_words_split(argc, argv, arg_sep, &p);
	if (r != CLI_OK)
		return r;
	AUTO_FREE struct pipeline_stage *stages = p.stages;
	return pipe_run(&p, &arg_run);
}

static const struct opt options[] = {
	{ OPT_DURATION, 't', "timeout", "DURATION", "How long all of it may take",
		{ .nsec = &arg_run.timeout_ns } },
	{ OPT_DURATION, 0, "kill-after", "DURATION",
		"How long stages that are told to end have for that, before they are killed",
		{ .nsec = &arg_run.kill_after_ns } },
	{ OPT_STRING, 0, "sep", "WORD",
		"The word between two stages, instead of ::", { .string = &arg_sep } },
	{ OPT_SIZE, 0, "size", "SIZE", "How much each pipe holds; less where the kernel refuses it",
		{ .size = &arg_size } },
	{ OPT_FLAG, 0, "tee", NULL, "Send the output of the first stage to all the others",
		{ .flag = &arg_tee } },
	{ OPT_FLAG, 0, "merge", NULL, "Bring the lines of all the others into the last stage, each whole",
		{ .flag = &arg_merge } },
	{ OPT_CHOICE, 'F', "framing", "FORMAT", "What --merge keeps whole", { .choice = &arg_framing },
		.choices = framings, .given = &arg_framing_given },
	{ OPT_FLAG, 0, "ring", NULL, "Make the output of the last stage the input of the first",
		{ .flag = &arg_ring } },
	{ OPT_FLAG, 0, "meter", NULL, "Show bytes, rate and which stage holds the line up",
		{ .flag = &arg_run.meter } },
	{ OPT_STRING, 0, "report", "FILE", "Write that as JSON, with how each stage ended",
		{ .string = &arg_run.report } },
	{ 0 },
};

static const struct example examples[] = {
	{ "ipcctl pipe printf 'b\\na\\n' :: sort :: head -n 1",
		"Three stages; the first failure is not hidden", NULL },
	{ "ipcctl pipe --tee cat data :: sha256sum :: wc -c", "Read once, for several", "echo hello >data" },
	{ "ipcctl pipe --merge seq 5 :: seq 6 9 :: sort -n", "The lines of two into one", NULL },
	{ "ipcctl pipe --report report.json cat data :: gzip :: wc -c", "Tell which of them was the slowest",
		"echo hello >data" },
	{ "ipcctl pipe -t 10s --ring ./client :: ./server",
		"What each of two programs says, the other one reads",
		"printf '#!/bin/sh\\necho question; read -r answer\\n' >client; "
		"printf '#!/bin/sh\\nread -r question; echo answer\\n' >server; chmod +x client server" },
	{ 0 },
};

const struct command cmd_pipe = {
	.name = "pipe",
	.brief = "Run commands that are connected by pipes",
	.operands = "COMMAND... :: COMMAND... [:: COMMAND...]...",
	.class = "pipe",
	.separator = "::",
	.opts = options,
	.examples = examples,
	.run = run_pipe,
};
