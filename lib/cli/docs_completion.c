/*
 * The tables of the completions for bash, zsh and fish: what may stand where. What finds out where the
 * cursor is stands in completions/frame/, and man/update.sh puts the two together.
 */
#include "cli/column.h"
#include "cli/docs.h"
#include "ipc/io.h"
#include "ipc/recognise.h"

#include <stdio.h>
#include <string.h>

/* Text within single quotes of a shell. */
static void put_quoted(const char *text)
{
	for (; *text; text++)
		fputs(*text == '\'' ? "'\\''" : (char[]){ *text, 0 }, stdout);
}

static const struct metavar *find_metavar(const char *name, size_t len)
{
	for (const struct metavar *m = metavars; m->name; m++)
		if (strlen(m->name) == len && strncmp(m->name, name, len) == 0)
			return m;
	return NULL;
}

static void put_labels(void)
{
	for (const char *l = NULL; (l = ipc_recognise_next(l)) != NULL;)
		printf(" %s", l);
}

static void put_states(void)
{
	for (unsigned state = STATE_UNASKED + 1; state < STATES; state++)
		printf(" %s", ipc_state_name(state));
}

static void put_columns(void)
{
	const struct column *all;
	size_t n = columns_all(&all);

	for (size_t i = 0; i < n; i++)
		printf(" %s", all[i].name);
}

/*
 * Words that are known beforehand, and what the shells do with them: "words" offers them, "list" several with
 * commas between them, "order" one, which a '-' may stand before.
 */
struct words {
	const char *complete; /* of the metavariable */
	const char *how;
	void (*put)(void);
};

static const struct words *find_words(const char *complete)
{
	static const struct words all[] = {
		{ "label", "words", put_labels },
		{ "states", "list", put_states },
		{ "columns", "list", put_columns },
		{ "column", "order", put_columns },
	};

	for (size_t i = 0; complete && i < ARRAY_SIZE(all); i++)
		if (strcmp(all[i].complete, complete) == 0)
			return &all[i];
	return NULL;
}

static void put_words(const struct opt *o, const struct words *words)
{
	if (words)
		words->put();
	for (size_t i = 0; o->choices && o->choices[i]; i++)
		printf(" %s", o->choices[i]);
}

/* Where the candidates for an option's argument come from: "words a b", "file", "mq", or "none". */
static void put_source(const struct opt *o)
{
	const char *metavar = opt_metavar(o);
	const struct metavar *m = find_metavar(metavar, strlen(metavar));
	const struct words *words = find_words(m ? m->complete : NULL);

	if (words || o->type == OPT_CHOICE) {
		fputs(words ? words->how : "words", stdout);
		put_words(o, words);
	} else {
		fputs(m && m->complete ? m->complete : "none", stdout);
	}
}

/* The sources for the operands, one word each ("any+kind" for either); the last one is for all that follow. */
static void put_operand_sources(const struct command *c)
{
	const char *p = c->operands ? c->operands : "";

	while (*p) {
		size_t len = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
		if (len == 0) {
			p++;
			continue;
		}
		if (strncmp(p, "USER[:GROUP]", 12) == 0)
			len = 12;
		const struct metavar *m = find_metavar(p, len);
		bool or = p > c->operands && p[-1] == '|';
		if (! or || (m && m->complete)) /* the other one may still be known */
			printf("%s%s", or ? "+" : " ", m && m->complete ? m->complete : "none");
		p += len;
	}
	if (c->operands && !strstr(c->operands, "..."))
		fputs(" end", stdout);
}

struct visit {
	const char *path; /* of the verb whose options are visited; NULL: of all */
};

static int put_bash_option(const struct opt *o, void *arg)
{
	(void)arg;
	printf(" --%s%s", opt_name(o), opt_metavar(o) ? "=" : "");
	return 0;
}

static void put_bash_options(const struct command *parent, const struct command *c, void *arg)
{
	char path[80];

	(void)arg;
	printf("\t'%s') echo '", docs_path(parent, c, path));
	opt_each(c->opts, put_bash_option, NULL);
	puts("' ;;");
}

/* One line a source and verb, with every spelling of the option. */
static int put_argument_case(const struct opt *o, void *arg)
{
	const struct visit *v = arg;

	if (!opt_metavar(o))
		return 0;
	printf("\t'%s --%s'", v->path, opt_name(o));
	if (o->letter)
		printf(" | '%s -%c'", v->path, o->letter);
	fputs(") echo '", stdout);
	put_source(o);
	puts("' ;;");
	return 0;
}

static void put_argument_cases(const struct command *parent, const struct command *c, void *arg)
{
	char path[80];
	struct visit v = { .path = docs_path(parent, c, path) };

	(void)arg;
	opt_each(c->opts, put_argument_case, &v);
}

static void put_operand_case(const struct command *parent, const struct command *c, void *arg)
{
	char path[80];

	(void)arg;
	printf("\t'%s') echo '", docs_path(parent, c, path));
	put_operand_sources(c);
	puts("' ;;");
}

static void put_verbs(const struct command *c)
{
	for (const struct command *v = c->verbs; v->name; v++)
		printf(" %s", v->name);
	for (size_t i = 0; c->class && cli_commands[i]; i++)
		if (cli_commands[i]->generic && !command_find(c->verbs, cli_commands[i]->name))
			printf(" %s", cli_commands[i]->name);
}

/* The words for the kinds of objects, each once. */
static void put_classes(void)
{
	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next(NULL, k)) != NULL;)
		if (ipc_kind_next(k->class, NULL) == k)
			printf(" %s", k->class);
}

/* The tables, as functions of a POSIX-like shell: bash and zsh read the same. */
static void put_tables(void)
{
	fputs("_ipcctl_commands() { echo '", stdout);
	for (size_t i = 0; cli_commands[i]; i++)
		printf(" %s", cli_commands[i]->name);
	fputs("'; }\n\n_ipcctl_kinds() { echo '", stdout);
	put_classes();
	puts("'; }\n\n_ipcctl_verbs() {\n\tcase \"$1\" in");
	for (size_t i = 0; cli_commands[i]; i++) {
		if (!cli_commands[i]->verbs)
			continue;
		printf("\t%s) echo '", cli_commands[i]->name);
		put_verbs(cli_commands[i]);
		puts("' ;;");
	}
	fputs("\tesac\n}\n\n# Commands that any kind has as a verb too.\n_ipcctl_generic() { echo '", stdout);
	for (size_t i = 0; cli_commands[i]; i++)
		if (cli_commands[i]->generic)
			printf(" %s", cli_commands[i]->name);
	fputs("'; }\n\n_ipcctl_globals() { echo '", stdout);
	opt_each(global_opts, put_bash_option, NULL);
	puts("'; }\n\n_ipcctl_options() {\n\tcase \"$1\" in");
	docs_each(put_bash_options, NULL);
	puts("\tesac\n}\n\n# What an option takes: words, or where candidates come from.\n"
	     "_ipcctl_argument() {\n\tcase \"$1 $2\" in");
	docs_each(put_argument_cases, NULL);
	puts("\t*' --color') echo 'words auto always never' ;;\n\tesac\n}\n\n"
	     "# What each operand is; the last word is for all that follow.\n"
	     "_ipcctl_operands() {\n\tcase \"$1\" in");
	docs_each(put_operand_case, NULL);
	puts("\tesac\n}\n");
}

/* Shared by bash and zsh: where the cursor stands, and the names of objects. */
static void put_fish_source(const char *source)
{
	if (strcmp(source, "file") == 0)
		fputs(" -rF", stdout);
	else if (strcmp(source, "user") == 0)
		fputs(" -xa '(__fish_complete_users)'", stdout);
	else if (strcmp(source, "command") == 0)
		fputs(" -xa '(__fish_complete_command)'", stdout);
	else if (strcmp(source, "topic") == 0)
		fputs(" -xa '(__ipcctl_topics)'", stdout);
	else if (strcmp(source, "kind") == 0) {
		fputs(" -xa '", stdout);
		put_classes();
		putchar('\'');
	} else if (strcmp(source, "none") == 0)
		fputs(" -x", stdout);
	else if (strcmp(source, "fifo") == 0 || strcmp(source, "sock") == 0) /* files may be meant, too */
		printf(" -rFa '(__ipcctl_names %s)'", source);
	else
		printf(" -xa '(__ipcctl_names %s)'", source);
}

static int put_fish_option(const struct opt *o, void *arg)
{
	const struct visit *v = arg;
	const char *metavar = opt_metavar(o);
	const struct metavar *m = metavar ? find_metavar(metavar, strlen(metavar)) : NULL;
	const struct words *words = find_words(m ? m->complete : NULL);

	if (v->path)
		printf("complete -c ipcctl -n '__ipcctl_at \"%s\"'", v->path);
	else
		fputs("complete -c ipcctl", stdout);
	if (o->letter)
		printf(" -s %c", o->letter);
	printf(" -l %s -d '", opt_name(o));
	put_quoted(opt_help(o));
	putchar('\'');
	if (words && strcmp(words->how, "words") != 0) {
		printf(" -xa '(__ipcctl_%s", words->how);
		put_words(o, words);
		fputs(")'", stdout);
	} else if (words || o->type == OPT_CHOICE) {
		fputs(" -xa '", stdout);
		put_words(o, words);
		putchar('\'');
	} else if (metavar) {
		put_fish_source(m && m->complete ? m->complete : "none");
	}
	putchar('\n');
	return 0;
}

static void put_fish_operands(const char *path, const struct command *c)
{
	int operand = 0;
	const char *p = c->operands ? c->operands : "";

	while (*p) {
		size_t len = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
		const struct metavar *m = find_metavar(p, len);
		if (len == 0) {
			p++;
			continue;
		}
		if (m && m->complete) {
			printf("complete -c ipcctl -n '__ipcctl_at \"%s\" %d%s'", path, operand,
				strncmp(p + len, "...", 3) == 0 ? " more" : "");
			put_fish_source(m->complete);
			putchar('\n');
		}
		operand++;
		p += len;
	}
}

static void put_fish_verb(const struct command *parent, const struct command *c, void *arg)
{
	char path[80];
	struct visit v = { .path = docs_path(parent, c, path) };

	(void)arg;
	opt_each(c->opts, put_fish_option, &v);
	put_fish_operands(path, c);
}

static void put_fish_word(const char *condition, const struct command *c)
{
	printf("complete -c ipcctl -n '%s' -a %s -d '", condition, c->name);
	put_quoted(c->brief);
	puts("'");
}

static void put_fish_topics(void)
{
	puts("function __ipcctl_topics");
	for (size_t i = 0; cli_commands[i]; i++)
		printf("\techo %s\n", cli_commands[i]->name);
	puts("end\n");
}

static void put_fish(void)
{
	char condition[80];
	struct visit everywhere = { 0 };

	put_fish_topics();
	opt_each(global_opts, put_fish_option, &everywhere);
	for (size_t i = 0; cli_commands[i]; i++) {
		const struct command *c = cli_commands[i];
		put_fish_word("__ipcctl_needs_command", c);
		snprintf(condition, sizeof(condition), "__ipcctl_needs_verb %s", c->name);
		for (const struct command *v = c->verbs; v && v->name; v++)
			put_fish_word(condition, v);
		for (size_t g = 0; c->verbs && c->class && cli_commands[g]; g++) {
			if (!cli_commands[g]->generic || command_find(c->verbs, cli_commands[g]->name))
				continue;
			char path[80];
			struct visit v = { .path = docs_path(c, cli_commands[g], path) };
			put_fish_word(condition, cli_commands[g]);
			opt_each(cli_commands[g]->opts, put_fish_option, &v);
			printf("complete -c ipcctl -n '__ipcctl_at \"%s\" 0 more' -xa '(__ipcctl_names "
			       "%s)'\n",
				path, c->class);
		}
	}
	docs_each(put_fish_verb, NULL);
}

int docs_completion(const char *shell)
{
	static const struct {
		const char *name;
		void (*put)(void);
	} shells[] = { { "bash", put_tables }, { "zsh", put_tables }, { "fish", put_fish } };

	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
		if (strcmp(shells[i].name, shell) == 0) {
			shells[i].put();
			return 0;
		}
	}
	return -1;
}
