#include "cli/select.h"

#include "cli/ns_opt.h"
#include "ipc/dirwalk.h"
#include "ipc/io.h"
#include "ipc/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static struct opt_strings arg_dirs;

const struct opt select_opts[] = {
	{ OPT_STRINGS, 0, "dir", "DIRECTORY",
		"Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR",
		{ .strings = &arg_dirs } },
	{ 0 },
};

/* What one operand may mean: a name or a pattern for each kind that has such names. */
struct operand {
	const char *text;
	struct ipc_selector *selectors;
	size_t len;
	size_t found; /* so far */
	bool class;
};

struct selection {
	struct ipc_ctx *ctx;
	struct operand *operands;
	size_t len;
	unsigned flags, want;
	ipc_object_fn *fn;
	void *arg;
};

static void selection_clear(struct selection *s)
{
	for (size_t i = 0; i < s->len; i++) {
		for (size_t k = 0; k < s->operands[i].len; k++)
			ipc_selector_clear(&s->operands[i].selectors[k]);
		free(s->operands[i].selectors);
	}
	free(s->operands);
}

#define AUTO_SELECTION __attribute__((cleanup(selection_clear), unused))

static bool is_class(const char *text)
{
	const struct ipc_kind *kind = ipc_kind_next(text, NULL);

	return kind && (!cli_class || strcmp(cli_class, text) == 0);
}

static int parse_operand(struct selection *s, const char *text)
{
	struct ipc_selector_error error = { 0 };
	struct operand *o = &s->operands[s->len];
	bool class = s->flags & SELECT_CLASSES && is_class(text);
	ssize_t n = ipc_selector_parse_any(
		s->ctx, class ? "*" : text, class ? text : cli_class, SELECTOR_GLOB, &o->selectors, &error);

	if (n < 0)
		return fail_selector((int)n, text, &error);
	if (o->selectors[0].pattern)
		use_utf8();
	if (o->selectors[0].pattern && strncmp(o->selectors[0].name, "ino:", 4) == 0)
		s->ctx->unlinked = true; /* what has no name is asked for */
	o->text = text;
	o->class = class;
	o->len = (size_t)n;
	s->len++;
	return CLI_OK;
}

static bool is_pattern(const struct operand *o)
{
	return o->selectors[0].pattern;
}

static bool matches(const struct operand *o, const struct ipc_selector *object)
{
	for (size_t k = 0; is_pattern(o) && k < o->len; k++)
		if (ipc_selector_match(&o->selectors[k], object))
			return true;
	return false;
}

/* Whether listing finds this object: by how many patterns. */
static size_t is_listed(const struct selection *s, const struct ipc_selector *object)
{
	size_t n = s->len == 0;

	for (size_t i = 0; i < s->len; i++) {
		bool found = matches(&s->operands[i], object);
		s->operands[i].found += found;
		n += found;
	}
	return n;
}

static bool is_of_class(const struct ipc_selector *sel, const char *class)
{
	return strcmp(sel->kind->class, class) == 0;
}

/* Whether a pattern may mean objects of this kind; those that are hidden only if it says their class. */
static bool asks_for(const struct operand *o, const struct ipc_kind *kind, bool hidden)
{
	size_t n = 0;

	for (size_t k = 0; k < o->len; k++)
		n += is_of_class(&o->selectors[k], kind->class);
	return is_pattern(o) && n > 0 && (!hidden || n == o->len);
}

static bool wants_kind(const struct selection *s, const struct ipc_kind *kind)
{
	bool hidden = kind->hidden && !s->ctx->all;

	if (s->len == 0)
		return cli_class ? strcmp(cli_class, kind->class) == 0 : !hidden;
	for (size_t i = 0; i < s->len; i++)
		if (asks_for(&s->operands[i], kind, hidden))
			return true;
	return false;
}

static int list_one(struct ipc_object *object, int error, void *arg)
{
	struct selection *s = arg;

	return is_listed(s, &object->selector) ? s->fn(object, error, s->arg) : 0;
}

static void announce_kind(struct selection *s, const struct ipc_kind *kind)
{
	ipc_announce(s->ctx, kind, s->want);
	if (s->flags & SELECT_LIMITS)
		ipc_limits_announce(s->ctx, ipc_limits_of_kind(kind), 0);
}

/* All that will be looked at, before anything is. */
static void announce(struct selection *s)
{
	for (size_t i = 0; ipc_kinds[i]; i++)
		if (wants_kind(s, ipc_kinds[i]))
			announce_kind(s, ipc_kinds[i]);
	for (size_t i = 0; i < s->len; i++)
		for (size_t k = 0; !is_pattern(&s->operands[i]) && k < s->operands[i].len; k++)
			announce_kind(s, s->operands[i].selectors[k].kind);
}

static int list_patterns(struct selection *s)
{
	int status = CLI_OK;

	for (size_t i = 0; ipc_kinds[i]; i++) {
		if (!wants_kind(s, ipc_kinds[i]))
			continue;
		int r = ipc_list(s->ctx, ipc_kinds[i], s->want, list_one, s);
		if (r < 0)
			status = first_failure(
				status, fail(ipc_kinds[i], r, "cannot list every %s", ipc_kinds[i]->label));
	}
	return status;
}

/* Looks at one name, which may be of several kinds. Returns 1 if it is there, 0 if not, or -errno. */
static int look(struct selection *s, const struct ipc_selector *sel, bool several)
{
	AUTO_OBJECT struct ipc_object object = { 0 };
	int r = ipc_stat(s->ctx, sel, s->want, &object);

	if (r == -ENOENT || r == -EIDRM)
		return 0;
	if (several && (r == -EMEDIUMTYPE || r == -ELOOP || r == -ENOTDIR || r == -EREMOTE))
		return 0; /* a file of another kind has this name */
	if (r < 0 && !object.selector.kind)
		return r;
	if (s->len > 1 && is_listed(s, &object.selector))
		return 1; /* a pattern beside it covers it */
	r = s->fn(&object, r, s->arg);
	return r < 0 ? r : 1;
}

/* The kind that was probably meant by what stands before the colon, or by all of it; NULL: none. */
static const char *nearest_class(const char *text)
{
	enum { CLASSES_MAX = 16 };
	const char *names[CLASSES_MAX + 1] = { NULL };
	AUTO_FREE char *word = strndup(text, strcspn(text, ":"));
	size_t n = 0;

	for (const struct ipc_kind *k = NULL; n < CLASSES_MAX && (k = ipc_kind_next(NULL, k)) != NULL;)
		names[n++] = k->class;
	const char *nearest = word ? opt_nearest(word, names) : NULL;
	/* The names are short, and so is the way from one to any other word: what begins alike counts. */
	return nearest && *nearest == *word ? nearest : NULL;
}

/* The kind by its name in the language of people: "queue", "Segments". */
static const char *class_of_noun(const char *text)
{
	size_t len = strcspn(text, ":");

	if (len > 1 && text[len - 1] == 's')
		len--;
	for (size_t i = 0; ipc_kinds[i]; i++)
		if (strlen(ipc_kinds[i]->noun) == len && strncasecmp(ipc_kinds[i]->noun, text, len) == 0)
			return ipc_kinds[i]->class;
	return NULL;
}

/* The kind whose file has this path, of several that whose files' names begin with more of it; NULL: none. */
static const struct ipc_kind *kind_of_file(const char *path)
{
	const struct ipc_kind *best = NULL;
	size_t most = 0;

	for (size_t i = 0; ipc_kinds[i]; i++) {
		size_t len = ipc_kinds[i]->files ? strlen(ipc_kinds[i]->files) : 0;
		if (len <= most || strncmp(path, ipc_kinds[i]->files, len) != 0 || !path[len] ||
			strchr(path + len, '/'))
			continue;
		best = ipc_kinds[i];
		most = len;
	}
	return best;
}

/* What ls(1) and ipcs(1) call an object is not what it is called here. */
static void hint_other_name(const char *text)
{
	const struct ipc_kind *kind = kind_of_file(text);
	AUTO_FREE char *name = shown(kind ? text + strlen(kind->files) : text);

	if (kind)
		hint("did you mean '%s:/%s'?", kind->class, name);
	else if (strncasecmp(text, "0x", 2) == 0 && text[2] &&
		!text[2 + strspn(text + 2, "0123456789abcdefABCDEF")])
		hint("did you mean 'key:%s'?", name);
	else if (*text && !text[strspn(text, "0123456789")])
		hint("did you mean 'key:%s' or 'id:%s'?", name, name);
}

/* A plain name that no object has. */
static int nowhere(const char *text)
{
	AUTO_FREE char *name = shown(text);

	fail_plain(CLI_NOT_FOUND, "cannot find '%s': no object of any kind has this name", name);
	const char *meant = class_of_noun(text), *nearest = meant ? meant : nearest_class(text);
	if (is_class(text))
		hint("all of a kind are '%s:*'", name);
	else if (nearest)
		hint("did you mean '%s%s'?", nearest, name + strcspn(name, ":"));
	else
		hint_other_name(text);
	return CLI_NOT_FOUND;
}

static int missing(const struct selection *s, const struct operand *o)
{
	AUTO_FREE char *name = shown(o->text);
	const struct ipc_kind *kind = o->selectors[0].kind;

	if (s->flags & SELECT_MISSING_OK)
		return CLI_OK;
	if (is_pattern(o))
		return fail_plain(CLI_NOT_FOUND, "nothing matches '%s'", name);
	if (o->len != 1)
		return nowhere(o->text);
	int status = fail(NULL, -ENOENT, "cannot find %s '%s'", kind->noun, name);
	hint_other_name(o->text);
	return status;
}

static int look_at_names(struct selection *s, struct operand *o)
{
	int status = CLI_OK;

	for (size_t k = 0; k < o->len; k++) {
		AUTO_FREE char *name = shown(o->text);
		int r = look(s, &o->selectors[k], o->len > 1);
		if (r < 0)
			status = first_failure(status,
				fail(o->selectors[k].kind, r, "cannot look at %s '%s'",
					o->selectors[k].kind->noun, name));
		o->found += r != 0;
	}
	return status;
}

static int tell_missing(const struct selection *s, const struct operand *o)
{
	bool may_be_empty = is_pattern(o) && (o->class || !(s->flags & SELECT_MATCHES));

	return may_be_empty || o->found > 0 ? CLI_OK : missing(s, o);
}

/* In the namespace that the context is in. A name that is not here may be in another one. */
static int select_here(struct selection *s)
{
	int status = list_patterns(s);

	for (size_t i = 0; i < s->len; i++) {
		if (!is_pattern(&s->operands[i]))
			status = first_failure(status, look_at_names(s, &s->operands[i]));
		if (!ns_all())
			status = first_failure(status, tell_missing(s, &s->operands[i]));
	}
	return status;
}

struct tour {
	struct selection *selection;
	int status;
};

static int select_there(struct ipc_ctx *ctx, const struct nspace *ns, int error, void *arg)
{
	struct tour *t = arg;

	(void)ctx;
	t->status =
		first_failure(t->status, error < 0 ? ns_cannot_enter(ns, error) : select_here(t->selection));
	return 0;
}

/* In all the others, for what every namespace has its own of. */
static int select_elsewhere(struct selection *s)
{
	struct tour tour = { s, CLI_OK };
	size_t unseen = 0;
	int r = nspace_visit_all(s->ctx, select_there, &tour, &unseen);

	if (r < 0)
		tour.status =
			first_failure(tour.status, fail(NULL, r, "cannot go through all IPC namespaces"));
	ns_tell_unseen(unseen);
	return tour.status;
}

/* Tells the core where to look; what was asked for has to be there. Returns CLI_OK or the exit status. */
static int choose_dirs(struct ipc_ctx *ctx)
{
	static const char *usual[] = { "/run", "/tmp", NULL, NULL };
	static const char *chosen[OPT_STRINGS_MAX + 1];
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	for (size_t i = 0; i < arg_dirs.len; i++) {
		AUTO_CLOSE int fd = open(arg_dirs.v[i], O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0) {
			int r = -errno;
			AUTO_FREE char *name = shown(arg_dirs.v[i]);
			return fail(NULL, r, "cannot look into directory '%s'", name);
		}
		chosen[i] = arg_dirs.v[i];
	}
	usual[2] = runtime && *runtime == '/' ? runtime : NULL;
	ctx->dirs = arg_dirs.len > 0 ? chosen : usual;
	return CLI_OK;
}

/* A list that is not all there is says so. Returns the exit status. */
static int tell_cut(const struct ipc_ctx *ctx)
{
	if (ctx->dirwalk && ctx->dirwalk->error < 0)
		return fail(NULL, ctx->dirwalk->error, "cannot look for FIFOs and socket files everywhere");
	if (ctx->dirwalk && ctx->dirwalk->cut)
		warn("a directory has too many entries: not all FIFOs and socket files were found; --dir "
		     "chooses others");
	return CLI_OK;
}

int select_objects(struct ipc_ctx *ctx, int argc, char **argv, unsigned flags, unsigned want,
	ipc_object_fn *fn, void *arg)
{
	AUTO_SELECTION struct selection s = { ctx, NULL, 0, flags, want, fn, arg };
	int status = CLI_OK;

	s.operands = calloc((size_t)argc + 1, sizeof(*s.operands));
	if (!s.operands)
		return fail(NULL, -ENOMEM, "cannot read the operands");
	status = choose_dirs(ctx);
	if (status != CLI_OK)
		return status;
	for (int i = 0; i < argc; i++)
		status = first_failure(status, parse_operand(&s, argv[i]));
	if (argc > 0 && s.len == 0)
		return status;
	announce(&s);
	status = first_failure(status, select_here(&s));
	status = first_failure(status, tell_cut(ctx));
	if (ns_all())
		status = first_failure(status, select_elsewhere(&s));
	for (size_t i = 0; ns_all() && i < s.len; i++)
		status = first_failure(status, tell_missing(&s, &s.operands[i]));
	return status;
}

bool select_is_literal(struct ipc_ctx *ctx, const char *text, unsigned flags)
{
	struct ipc_selector_error error = { 0 };
	AUTO_FREE struct ipc_selector *selectors = NULL;
	bool literal = !(flags & SELECT_CLASSES && is_class(text));
	ssize_t n = ipc_selector_parse_any(ctx, text, cli_class, SELECTOR_GLOB, &selectors, &error);

	for (ssize_t i = 0; i < n; i++) {
		literal = literal && !selectors[i].pattern;
		ipc_selector_clear(&selectors[i]);
	}
	return literal;
}

/* Names the objects that a plain name may mean. */
static int refuse_plain(struct ipc_ctx *ctx, const char *text, unsigned flags)
{
	AUTO_FREE char *name = shown(text), *list = NULL;
	AUTO_FREE struct ipc_selector *selectors = NULL;
	struct ipc_selector_error error = { 0 };
	ssize_t n = ipc_selector_parse_any(ctx, text, NULL, 0, &selectors, &error);
	size_t len = 0, found = 0;
	FILE *f = open_memstream(&list, &len);

	for (ssize_t i = 0; i < n; i++) {
		AUTO_OBJECT struct ipc_object object = { 0 };
		AUTO_FREE char *candidate = ipc_selector_format(&selectors[i]);
		int r = ipc_stat(ctx, &selectors[i], 0, &object);
		if (f && candidate && (r == 0 || r == -EACCES))
			fprintf(f, "%s%s", found++ ? " or " : "", candidate);
		ipc_selector_clear(&selectors[i]);
	}
	if (f)
		fclose(f);
	if (n < 0)
		return fail_selector((int)n, text, &error);
	if (found == 0 && flags & SELECT_MISSING_OK)
		return CLI_NOT_FOUND;
	if (found == 0)
		return nowhere(text);
	return usage_error("'%s' may be of any kind: say %s", name, list);
}

int select_one(struct ipc_ctx *ctx, const char *text, unsigned flags, struct ipc_selector *ret)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	struct ipc_selector_error error = { 0 };
	int r = ipc_selector_parse(ctx, text, cli_class, 0, &sel, &error);

	if (r == -EDESTADDRREQ)
		return refuse_plain(ctx, text, flags);
	if (r < 0)
		return fail_selector(r, text, &error);
	if (sel.has_member) {
		AUTO_FREE char *name = shown(text);
		return usage_error(
			"'%s' is one semaphore of a set, and only the whole set can be meant here", name);
	}
	*ret = sel;
	sel = (struct ipc_selector){ 0 }; /* the caller owns it now */
	return CLI_OK;
}
