/* The generated parts of the man pages, in mdoc(7). */
#include "cli/docs.h"
#include "cli/units.h"
#include "ipc/limits.h"
#include "ipc/recognise.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Text as roff wants it: no backslash, and no line that begins with a control character, is its own. */
static void put_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++)
		fputs(*text == '\\' ? "\\e" : (char[]){ *text, 0 }, stdout);
}

/* The same as words of a macro line, where a double quote would begin an argument. */
static void put_words(const char *text)
{
	for (; *text; text++)
		fputs(*text == '\\'             ? "\\e"
				: *text == '"'  ? "\\(dq"
				: *text == '\'' ? "\\(aq"
				: *text == '-'  ? "\\-"
						: (char[]){ *text, 0 },
			stdout);
}

/* One operand, "QUEUE", "[MESSAGE...]", "[COMMAND [VERB]]" or "[:: COMMAND...]..."; len bytes of text. */
static void put_operand(const char *text, size_t len)
{
	bool word = false,
	     group = memmem(text, len, "]...", 4) != NULL; /* and not up to the end of the line */

	putchar('.');
	for (const char *p = text; p < text + len; p++) {
		if (*p == '[') {
			fputs(p == text ? "" : " ", stdout);
			fputs(group ? "Oo " : "Op ", stdout);
			word = false;
		} else if (*p == ']') {
			fputs(group ? " Oc" : "", stdout);
		} else if (*p == ' ') {
			fputs(p[1] == '[' ? "" : " ", stdout);
			word = word && p[1] == '[';
		} else if (*p == '.') {
			fputs(" ...", stdout);
			p += 2;
		} else if (*p == '|') {
			fputs(" | ", stdout);
			word = false;
		} else {
			if (!word)
				fputs("Ar ", stdout);
			word = true;
			putchar(*p);
		}
	}
	putchar('\n');
}

static void put_operands(const char *operands)
{
	const char *start = operands;
	int depth = 0;

	for (const char *p = operands;; p++) {
		depth += (*p == '[') - (*p == ']');
		if (*p && (*p != ' ' || depth > 0))
			continue;
		if (p > start)
			put_operand(start, (size_t)(p - start));
		if (!*p)
			break;
		start = p + 1;
	}
}

static int put_synopsis_option(const struct opt *o, void *arg)
{
	const char *metavar = opt_metavar(o);

	(void)arg;
	if (o->letter)
		printf(".Op Fl %c", o->letter);
	else
		printf(".Op Fl \\-%s", opt_name(o));
	if (metavar)
		printf(" Ar %s", metavar);
	putchar('\n');
	return 0;
}

static void put_synopsis(const struct command *parent, const struct command *c)
{
	char path[80];

	printf(".Nm ipcctl %s\n", docs_path(parent, c, path));
	opt_each(c->opts, put_synopsis_option, NULL);
	if (c->operands)
		put_operands(c->operands);
}

static int put_option(const struct opt *o, void *arg)
{
	const char *metavar = opt_metavar(o);
	char value[UNITS_TEXT_MAX];

	(void)arg;
	fputs(".It ", stdout);
	if (o->letter)
		printf("Fl %c , ", o->letter);
	printf("Fl \\-%s", opt_name(o));
	if (metavar)
		printf(" Ar %s", metavar);
	putchar('\n');
	put_text(opt_help(o));
	if (*opt_default(o, value))
		printf(" (default %s)", value);
	puts(".");
	if (o->type != OPT_CHOICE)
		return 0;
	fputs("One of", stdout);
	for (size_t i = 0; o->choices[i]; i++)
		printf("%s\n.Cm %s", i ? " ," : "", o->choices[i]);
	puts(" .");
	return 0;
}

static void put_options(const struct command *parent, const struct command *c)
{
	char path[80];

	if (!c->opts)
		return;
	if (parent)
		printf(".Ss ipcctl %s\n", docs_path(parent, c, path));
	puts(".Bl -tag -width Ds");
	opt_each(c->opts, put_option, NULL);
	puts(".El");
}

static void put_examples(const struct command *parent, const struct command *c)
{
	static bool below_heading = true; /* where mdoc(7) wants no paragraph macro */

	(void)parent;
	for (const struct example *e = c->examples; e && e->command; e++) {
		if (!below_heading)
			puts(".Pp");
		below_heading = false;
		put_text(e->help);
		fputs(":\n.Dl ", stdout);
		put_words(e->command);
		putchar('\n');
	}
}

static int put_commands(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; cli_commands[i]; i++) {
		printf(".It Xr ipcctl-%s 1\n", cli_commands[i]->name);
		put_text(cli_commands[i]->brief);
		puts(".");
	}
	puts(".El");
	return 0;
}

static int put_globals(void)
{
	puts(".Bl -tag -width Ds");
	opt_each(global_opts, put_option, NULL);
	puts(".El");
	return 0;
}

/* What follows it in the same words and has the same label, f included; ended by a NULL class. */
static const struct recognise_form *put_alike(const struct recognise_form *f)
{
	const struct recognise_form *first = f;

	for (; f->class && strcmp(f->label, first->label) == 0 && strcmp(f->what, first->what) == 0; f++) {
		if (!f->pattern)
			continue;
		fputs(f == first ? ":\n" : " ,\n", stdout);
		printf(".Li %s:", f->class);
		put_words(f->pattern);
	}
	puts(f[-1].pattern ? " ." : ".");
	return f;
}

/* What ls can recognise, by label. */
static void put_labels(const struct command *parent, const struct command *c)
{
	(void)parent;
	(void)c;
	puts(".Bl -tag -width Ds");
	for (const char *label = NULL; (label = ipc_recognise_next(label)) != NULL;) {
		printf(".It Cm %s\n", label);
		for (const struct recognise_form *f = recognise_forms; f->class;) {
			if (strcmp(f->label, label) != 0) {
				f++;
				continue;
			}
			put_text(f->what);
			f = put_alike(f);
		}
	}
	puts(".El");
}

/* Each limit: its scope, and what is counted. */
static void put_limits(const struct command *parent, const struct command *c)
{
	(void)parent;
	(void)c;
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < LIMITS; i++) {
		const struct ipc_limit *l = &ipc_limits[i];
		printf(".It Cm %s\n", l->name);
		printf("%s;\nof each %s.\n", l->what, ipc_limit_scope_name(l->scope));
	}
	puts(".El");
}

static const struct {
	const char *name;
	void (*put)(const struct command *parent, const struct command *c);
} parts[] = {
	{ "synopsis", put_synopsis },
	{ "options", put_options },
	{ "examples", put_examples },
	{ "limits", put_limits },
	{ "labels", put_labels },
};

int docs_man(const char *part, const struct command *command)
{
	if (!command)
		return strcmp(part, "commands") == 0   ? put_commands()
			: strcmp(part, "globals") == 0 ? put_globals()
						       : -1;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (strcmp(parts[i].name, part) != 0)
			continue;
		if (!command->verbs)
			parts[i].put(NULL, command);
		for (const struct command *v = command->verbs; v && v->name; v++)
			parts[i].put(command, v);
		return 0;
	}
	return -1;
}
