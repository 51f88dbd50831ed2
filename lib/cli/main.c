/*
 * From the command line to a command, and from its return to the exit status.
 *
 * Standard output is checked once, here: a command that printed into a full disk has failed.
 */
#include "cli/handed.h"
#include "cli/registry.h"
#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum { NAMES_MAX = 96, SIGNAL_STATUS = 128 };

/* What the command line leads to. */
struct call {
	const struct command *command, *verb;
	const char *class; /* "ipcctl mq ls" */
};

/* A descriptor 0, 1 or 2 that is closed would be taken by the next file opened; reads and writes must fail instead. */
static void keep_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

/* The words that may stand behind a command: its own verbs, and what every kind has. Ended by NULL. */
static void verb_names(const struct command *command, const char *names[NAMES_MAX])
{
	size_t n = 0;

	for (const struct command *v = command->verbs; v->name && n < NAMES_MAX - 1; v++)
		names[n++] = v->name;
	for (size_t i = 0; command->class && cli_commands[i] && n < NAMES_MAX - 1; i++)
		if (cli_commands[i]->generic)
			names[n++] = cli_commands[i]->name;
	names[n] = NULL;
}

static int unknown_verb(const struct command *command, const char *word)
{
	const char *names[NAMES_MAX];
	AUTO_FREE char *text = shown(word);

	verb_names(command, names);
	const char *nearest = opt_nearest(word, names);
	return nearest ? usage_error("unknown verb '%s'; did you mean '%s'?", text, nearest)
		       : usage_error("unknown verb '%s'", text);
}

static int missing_verb(const struct command *command)
{
	const char *names[NAMES_MAX];
	char list[240] = "";
	size_t len = 0;

	verb_names(command, names);
	for (size_t i = 0; names[i] && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", names[i]);
	return usage_error("which verb? One of %s", list);
}

/* "ls" of "ipcctl mq ls": a command of its own, for one class. */
static const struct command *generic_verb(const struct command *command, const char *word)
{
	const struct command *c = registry_find(word);

	return command->class && c && c->generic ? c : NULL;
}

/* Whether --help or --version stands among the options read so far. */
static bool asked(const char *name)
{
	for (const struct opt *o = global_opts; o->type != OPT_END; o++)
		if (strcmp(o->name, name) == 0)
			return *o->to.flag;
	return false;
}

static int answer_version(void)
{
	puts("ipcctl " IPCCTL_VERSION);
	return CLI_OK;
}

static int answer_help(const struct call *call)
{
	if (!call->command)
		command_overview();
	else
		command_help(call->command, call->verb);
	return CLI_OK;
}

static int wrong_count(const struct command *c, int got)
{
	int min, max;

	command_operands(c, &min, &max);
	if (got < min)
		return usage_error("something is missing: it takes %s", c->operands);
	return max == 0 ? usage_error("it takes no operands")
			: usage_error("too many operands: it takes %s", c->operands);
}

static int run_call(struct ipc_ctx *ctx, const struct call *call, int argc, char **argv)
{
	const struct command *c = call->verb ? call->verb : call->command;
	AUTO_FREE char **operands = calloc((size_t)argc + 1, sizeof(*operands));
	struct opt_parse p = { .tables = { c->opts, global_opts }, .operands = operands };
	int min, max;

	if (!operands)
		return fail(NULL, -ENOMEM, "cannot start");
	p.operands_max = command_program_at(c);
	int r = opt_parse(&p, argc, argv);
	if (r != CLI_OK)
		return r;
	if (asked("help"))
		return answer_help(call);
	if (asked("version"))
		return answer_version();
	command_operands(c, &min, &max);
	if (p.operands_len < min || (max >= 0 && p.operands_len > max))
		return wrong_count(c, p.operands_len);
	cli_class = call->class;
	return c->run(ctx, p.operands_len, operands);
}

/* Reads the global options that stand before the next word. *argc and *argv move to that word. */
static int take_globals(int *argc, char ***argv)
{
	struct opt_parse p = { .tables = { global_opts }, .operands_max = -1, .stop_at_operand = true };
	int r = opt_parse(&p, *argc, *argv);

	*argc -= p.used;
	*argv += p.used;
	return r;
}

/* "ipcctl pipe ls", where "ipcctl pipe ls :: wc -l" runs a program. */
static const struct command *generic_instead(const struct command *command, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!command->separator || strcmp(argv[i], command->separator) == 0)
			return NULL;
	return argc > 0 ? generic_verb(command, argv[0]) : NULL;
}

static void call_generic(struct call *call, const struct command *generic)
{
	call->class = call->command->class;
	call->command = generic;
	diag_add_command(generic->name);
}

static int find_verb(struct call *call, int *argc, char ***argv)
{
	int r = take_globals(argc, argv);

	if (r != CLI_OK)
		return r;
	if (*argc == 0)
		return asked("help") ? CLI_OK : missing_verb(call->command);
	const char *word = (*argv)[0];
	const struct command *generic = NULL;
	call->verb = command_find(call->command->verbs, word);
	if (!call->verb)
		generic = generic_verb(call->command, word);
	if (!call->verb && !generic)
		return unknown_verb(call->command, word);
	(*argc)--;
	(*argv)++;
	if (generic)
		call_generic(call, generic);
	else
		diag_add_command(call->verb->name);
	return CLI_OK;
}

static int dispatch(struct ipc_ctx *ctx, int argc, char **argv)
{
	struct call call = { 0 };
	int r = take_globals(&argc, &argv);

	if (r != CLI_OK)
		return r;
	if (asked("version"))
		return answer_version();
	if (argc == 0 && asked("help"))
		return answer_help(&call);
	if (argc == 0) {
		command_overview();
		return CLI_USAGE;
	}
	call.command = registry_find(argv[0]);
	if (!call.command)
		return registry_unknown(argv[0]);
	argc--;
	argv++;
	diag_add_command(call.command->name);
	if (call.command->verbs) {
		r = find_verb(&call, &argc, &argv);
		if (r != CLI_OK)
			return r;
		if (argc == 0 && call.command->verbs && !call.verb)
			return answer_help(&call);
	}
	const struct command *generic = generic_instead(call.command, argc, argv);
	if (generic) {
		call_generic(&call, generic);
		argc--;
		argv++;
	}
	return run_call(ctx, &call, argc, argv);
}

/* What was printed must have arrived. A reader that went away is no error of ours: end as others do. */
static int finish_output(int status)
{
	bool bad = ferror(stdout);
	int r = output_flush();

	if (close(1) < 0 && r == 0 && errno != EBADF)
		r = -errno; /* a network file system may say so only now */
	if (r == 0 && !bad)
		return status;
	if (r == -EPIPE)
		return status && status != CLI_NO ? status : SIGNAL_STATUS + SIGPIPE; /* an answer was lost */
	return fail(NULL, r < 0 ? r : -EIO, "cannot write standard output");
}

/* A file size limit is an error to be told, too. A handler, unlike SIG_IGN, does not outlive exec. */
static void on_file_size(int signo)
{
	(void)signo;
}

int main(int argc, char **argv)
{
	struct ipc_ctx ctx = { .handed = handed_find, .ledger = true };

	keep_standard_descriptors();
	if (getauxval(AT_SECURE))
		return fail_plain(
			CLI_FAILED, "refusing to run with privileges that its caller lacks (set-user-ID?)");
	/* Not inherited by programs that are run: see supervise. A closed pipe is an error to be told. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, on_file_size);
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	ctx.runtime_dir = runtime && *runtime == '/' ? runtime : NULL;
	int status = dispatch(&ctx, argc - 1, argv + 1);
	ipc_ctx_clear(&ctx);
	return finish_output(status);
}
