#include "cli/command.h"

#include "cli/registry.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { INDENT = 2, HELP_COLUMN = 30, WIDTH = 80 };

const char *cli_class;
int cli_color;

static const char *const color_names[] = { "auto", "always", "never", NULL };
static bool arg_help, arg_version; /* looked for by main(), which sees them anywhere; here for help's sake */

const struct opt global_opts[] = {
	{ OPT_FLAG, 'q', "quiet", NULL, "Say nothing but errors", { .flag = &cli_quiet } },
	{ OPT_FLAG, 'v', "verbose", NULL, "Say more", { .flag = &cli_verbose } },
	{ OPT_CHOICE, 0, "color", "WHEN", "Colour: auto, always or never", { .choice = &cli_color },
		.choices = color_names },
	{ OPT_FLAG, 'h', "help", NULL, "Show this help", { .flag = &arg_help } },
	{ OPT_FLAG, 'V', "version", NULL, "Show the version", { .flag = &arg_version } },
	{ 0 },
};

const struct metavar metavars[] = {
	{ "QUEUE", "A message queue: /NAME (POSIX), key:KEY, id:N or ftok:PATH:PROJ (System V)", "mq" },
	{ "FROM", "The queue that messages are taken from", "mq" },
	{ "TO", "The queue that they are sent to", "mq" },
	{ "OBJECT", "Shared memory: /NAME (POSIX), key:KEY, id:N or ftok:PATH:PROJ (System V)", "shm" },
	{ "SEM",
		"A semaphore: /NAME (POSIX), key:KEY, id:N or ftok:PATH:PROJ (System V), with #N for one of "
		"a set",
		"sem" },
	{ "FIFO", "A FIFO: a path", "fifo" },
	{ "SERVER", "The socket that is connected to", "sock" },
	{ "SELECTOR", "An object, KIND:NAME, as ls prints it", "any" },
	{ "KIND", "A kind of object, e.g. mq, shm or sem", "kind" },
	{ "-", "The selectors that standard input holds, one a line", NULL },
	{ "DURATION", "A time: 250ms, 2s, 1.5, 5m, 2h, 7d, 1w", NULL },
	{ "SIZE", "A number of bytes: 10, 64K, 1M, 2G (1024), 5KB (1000)", NULL },
	{ "NUMBER", "A whole number", NULL },
	{ "MODE", "Permissions in octal, e.g. 0660", NULL },
	{ "USER[:GROUP]", "An owner, by name or number", "user" },
	{ "MESSAGE", "The bytes of a message", NULL },
	{ "DATA", "Bytes to write; standard input if there are none", NULL },
	{ "FIELD", "A member of the layout, e.g. pos[2].x", NULL },
	{ "FIELD=VALUE", "A member of the layout and its value", NULL },
	{ "LAYOUT", "C declarations, or @FILE.h", "file" },
	{ "NAME", "A name", NULL },
	{ "FORMAT", "How records are separated: line, nul, netstring, json or whole", NULL },
	{ "COMMAND", "A program and its arguments", "command" },
	{ "HANDLER", "A program and its arguments, run for each client", "command" },
	{ "ADDRESS", "A socket: a path, @NAME, tcp:HOST:PORT, fd:N or systemd:NAME", "sock" },
	{ "TYPE", "A type of socket: stream, dgram or seqpacket", NULL },
	{ "DUMP", "What a dump looks like: none, hex or json", NULL },
	{ "POLICY", "What happens to who is slow: block, drop or close", NULL },
	{ "RULE", "uid=USER, gid=GROUP, addr=ADDRESS[/BITS] or all", NULL },
	{ "WORD", "A word of the command line", NULL },
	{ "FILE", "A file", "file" },
	{ "PATH", "A file", "file" },
	{ "DIRECTORY", "A directory", "file" },
	{ "PROJ", "A number 1 to 255, or one character", NULL },
	{ "COLUMNS", "Names of columns, separated by commas", "columns" },
	{ "COLUMN", "The name of a column", "column" },
	{ "STATES", "States, separated by commas: live, idle, stale, unknown, orphan", "states" },
	{ "PATTERN", "A label, as LABEL shows it, or an fnmatch(3) pattern for labels", "label" },
	{ "ERROR", "An errno's name, or a message with its words: 'No space left on device'", NULL },
	{ "CALL", "A system call, e.g. semget, or a kind and a verb, e.g. mq create", NULL },
	{ "PERCENT", "A whole number of hundredths", NULL },
	{ "ORDER", "What comes first", NULL },
	{ "USER", "A user, by name or number", "user" },
	{ "CONDITION", "What is waited for", NULL },
	{ "LANGUAGE", "What a graph is written in: dot or mermaid", NULL },
	{ "WHEN", "auto, always or never", NULL },
	{ "TOPIC", "A command of ipcctl", "topic" },
	{ "VERB", "A verb of a command", NULL },
	{ 0 },
};

const struct command *command_find(const struct command *list, const char *word)
{
	for (; list && list->name; list++)
		if (strcmp(list->name, word) == 0)
			return list;
	return NULL;
}

void command_operands(const struct command *c, int *ret_min, int *ret_max)
{
	int depth = 0;

	*ret_min = *ret_max = 0;
	for (const char *p = c->operands ? c->operands : ""; *p; p++) {
		bool starts = p == c->operands || p[-1] == ' ' || p[-1] == '[';
		depth += (*p == '[') - (*p == ']');
		if (strncmp(p, "...", 3) == 0)
			*ret_max = -1;
		if (!starts || *p == '[' || *p == ' ' || *p == '|' || *p == '.')
			continue;
		*ret_min += depth == 0;
		if (*ret_max >= 0)
			(*ret_max)++;
	}
}

int command_program_at(const struct command *c)
{
	const char *at = c->operands ? strstr(c->operands, "COMMAND") : NULL;
	int n = 0;

	if (at && at > c->operands && at[-1] == '[') /* a command of ours: ipcctl help */
		at = NULL;
	if (!at && c->operands)
		at = strstr(c->operands, "HANDLER");
	if (!at)
		return -1;
	for (const char *p = c->operands; p < at; p++)
		n += *p == ' ';
	return n;
}

/* Prints text from the column where the line stands, broken at spaces before WIDTH. */
static void print_wrapped(const char *text, int column)
{
	int at = column;

	for (const char *p = text; *p;) {
		int word = (int)strcspn(p, " ");
		if (at > column && at + 1 + word > WIDTH) {
			printf("\n%*s", column, "");
			at = column;
		} else if (at > column) {
			putchar(' ');
			at++;
		}
		printf("%.*s", word, p);
		at += word;
		p += word;
		p += *p == ' ';
	}
	putchar('\n');
}

static void print_row(const char *left, const char *right)
{
	int n = printf("%*s%s", INDENT, "", left);

	if (n >= HELP_COLUMN - 1)
		printf("\n%*s", HELP_COLUMN, "");
	else
		printf("%*s", HELP_COLUMN - n, "");
	print_wrapped(right, HELP_COLUMN);
}

static int print_option(const struct opt *o, void *arg)
{
	char left[80], right[400], value[UNITS_TEXT_MAX];
	const char *metavar = opt_metavar(o);

	(void)arg;
	snprintf(left, sizeof(left), "%c%c%c --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
		o->letter ? ',' : ' ', opt_name(o), metavar ? " " : "", metavar ? metavar : "");
	opt_default(o, value);
	snprintf(right, sizeof(right), "%s%s%s%s", opt_help(o), *value ? " (default " : "", value,
		*value ? ")" : "");
	print_row(left, right);
	return 0;
}

static void print_usage_line(
	const char *before, const char *command, const char *verb, const struct command *c)
{
	printf("%sipcctl %s%s%s%s%s%s\n", before, command, verb ? " " : "", verb ? verb : "",
		c->opts ? " [OPTION...]" : "", c->operands ? " " : "", c->operands ? c->operands : "");
}

static void print_examples(const struct command *c)
{
	if (!c->examples)
		return;
	puts("\nExamples:");
	for (const struct example *e = c->examples; e->command; e++)
		printf("  %s\n      %s\n", e->command, e->help);
}

static void print_options(const struct command *c)
{
	if (c->opts) {
		puts("\nOptions:");
		opt_each(c->opts, print_option, NULL);
	}
	puts("\nEverywhere:");
	opt_each(global_opts, print_option, NULL);
}

/* The word, "ADDRESS" or "FIELD=VALUE", that begins at text: the longest of those that fit. */
static const struct metavar *find_metavar(const char *text)
{
	const struct metavar *best = NULL;

	for (const struct metavar *m = metavars; m->name; m++) {
		size_t len = strlen(m->name);
		if (strncmp(m->name, text, len) == 0 && !(text[len] >= 'A' && text[len] <= 'Z') &&
			(!best || len > strlen(best->name)))
			best = m;
	}
	return best;
}

static bool comes_before(const struct metavar *m, const char *operands, const char *end)
{
	for (const char *p = operands; p < end; p += strcspn(p, " [|") + 1)
		if (find_metavar(p) == m)
			return true;
	return false;
}

/* What the words in the operands stand for, in their order. */
static void print_operands(const struct command *c)
{
	bool heading = false;

	for (const char *p = c->operands ? c->operands : ""; *p; p += strspn(p, " [|")) {
		const struct metavar *m = find_metavar(p);
		if (m && !comes_before(m, c->operands, p)) {
			if (!heading)
				puts("\nOperands:");
			heading = true;
			print_row(m->name, m->help);
		}
		p += strcspn(p, " [|");
	}
}

static void print_verbs(const struct command *command)
{
	puts("\nVerbs:");
	for (const struct command *v = command->verbs; v->name; v++)
		print_row(v->name, v->brief);
	for (size_t i = 0; cli_commands[i]; i++)
		if (cli_commands[i]->generic && !command_find(command->verbs, cli_commands[i]->name))
			print_row(cli_commands[i]->name, cli_commands[i]->brief);
	printf("\nMore: ipcctl %s VERB --help, man ipcctl-%s\n", command->name, command->name);
}

void command_help(const struct command *command, const struct command *verb)
{
	const struct command *c = verb ? verb : command;

	if (!verb && command->verbs) {
		printf("Usage: ipcctl %s VERB [OPTION...] [OPERAND...]\n\n%s\n", command->name,
			command->brief);
		print_verbs(command);
		return;
	}
	print_usage_line("Usage: ", command->name, verb ? verb->name : NULL, c);
	putchar('\n');
	print_wrapped(c->brief, 0);
	print_operands(c);
	print_options(c);
	print_examples(c);
	printf("\nMore: man ipcctl-%s\n", command->name);
}

void command_overview(void)
{
	puts("Usage: ipcctl [OPTION...] COMMAND [VERB] [OPTION...] [OPERAND...]\n\n"
	     "Create, use, list and safely remove the objects of inter-process communication.\n\nCommands:");
	for (size_t i = 0; cli_commands[i]; i++)
		print_row(cli_commands[i]->name, cli_commands[i]->brief);
	puts("\nOptions:");
	opt_each(global_opts, print_option, NULL);
	puts("\nTry:\n"
	     "  ipcctl ls                          every object of this machine\n"
	     "  ipcctl mq send --create /jobs hi   make a queue and put a message into it\n"
	     "  ipcctl mq recv /jobs               take it out again\n"
	     "  ipcctl pipe ls / :: sort -r        a pipeline that hides no failure\n"
	     "  ipcctl sock serve ./s cat          a server that runs cat for each client\n"
	     "  ipcctl sock connect ./s hello      say hello to it, and print its answer\n"
	     "\nMore: ipcctl help COMMAND [VERB], man ipcctl");
}
