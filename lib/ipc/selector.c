#include "ipc/selector.h"

#include "ipc/ctx.h"
#include "ipc/io.h"
#include "ipc/kind.h"
#include "ipc/selector_impl.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SELECTOR_MAX = 16384 }; /* longer than any path with every byte escaped */

static bool is_wild(char c)
{
	return c == '*' || c == '?' || c == '[';
}

/* The brackets of an IPv6 address are no wildcards: what stands behind "tcp:[::1]", or text. */
static const char *behind_address(const char *text)
{
	static const char begin[] = "tcp:[";
	const char *address = text + sizeof(begin) - 1;

	if (strncmp(text, begin, sizeof(begin) - 1) != 0)
		return text;
	size_t len = strspn(address, "0123456789abcdefABCDEF:.");
	return memchr(address, ':', len) && strncmp(address + len, "]:", 2) == 0 ? address + len : text;
}

/* Whether text has an unescaped wildcard. escapes: backslashes mean something in it. */
static bool has_wildcard(const char *text, bool escapes)
{
	for (const char *p = behind_address(text); *p; p++) {
		if (escapes && *p == '\\' && p[1])
			p++;
		else if (is_wild(*p))
			return true;
	}
	return false;
}

struct pattern {
	char *text;
	size_t len;
};

static void append_literal(struct pattern *p, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (strchr("*?[]\\", bytes[i]) && bytes[i])
			p->text[p->len++] = '\\';
		p->text[p->len++] = bytes[i];
	}
}

/* Makes an fnmatch(3) pattern of text: wildcards stay, all else stands for itself. */
static int make_pattern(const char *text, bool escapes, struct ipc_selector_error *error, struct pattern *ret)
{
	struct pattern p = { .text = malloc(2 * strlen(text) + 2) }; /* all escaped, a slash, a NUL */
	const char *run = text;

	if (!p.text)
		return -ENOMEM;
	for (const char *c = text;; c++) {
		if (escapes && *c == '\\' && c[1]) {
			c++;
			continue;
		}
		if (*c && !is_wild(*c) && *c != ']')
			continue;
		size_t at = 0;
		ssize_t n = c - run;
		AUTO_FREE char *bytes = strndup(run, (size_t)n);
		if (bytes && escapes)
			n = ipc_unescape(bytes, bytes, (size_t)n, &at);
		if (!bytes || n < 0) {
			free(p.text);
			return bytes ? ipc_selector_refuse(error, (size_t)(run - text) + at,
					       "an unknown escape in the name")
				     : -ENOMEM;
		}
		append_literal(&p, bytes, (size_t)n);
		if (!*c)
			break;
		p.text[p.len++] = *c;
		run = c + 1;
	}
	p.text[p.len] = '\0';
	*ret = p;
	return 0;
}

/* A pattern for what has the form of a bare word matches behind the slash that such names have. */
static bool wants_slash(const struct ipc_kind *kind, const char *pattern)
{
	return (kind->forms & BIT(FORM_POSIX)) && !ipc_selector_has_form(pattern);
}

static int parse_pattern(const struct ipc_kind *kind, const char *text, bool escapes,
	struct ipc_selector_error *error, struct ipc_selector *s)
{
	struct pattern p = { 0 };
	int r = make_pattern(text, escapes, error, &p);

	if (r < 0)
		return r;
	if (wants_slash(kind, p.text)) {
		memmove(p.text + 1, p.text, p.len + 1); /* make_pattern() left room for it */
		p.text[0] = '/';
		p.len++;
	}
	*s = (struct ipc_selector){
		.kind = kind, .form = FORM_POSIX, .pattern = true, .name = p.text, .name_len = p.len
	};
	return 0;
}

/* What stands before NAME: *text is moved behind "KIND:" if it begins with one. Returns its class or NULL. */
static const char *take_class(const char **text)
{
	const char *colon = strchr(*text, ':');

	for (const struct ipc_kind *k = NULL; colon && (k = ipc_kind_next(NULL, k)) != NULL;) {
		size_t len = strlen(k->class);
		if (len == (size_t)(colon - *text) && strncmp(*text, k->class, len) == 0) {
			*text = colon + 1;
			return k->class;
		}
	}
	return NULL;
}

static int resolve_profile(
	struct ipc_ctx *ctx, const char *text, char **ret, struct ipc_selector_error *error)
{
	const char *nearest = NULL;

	if (!ctx->lookup)
		return ipc_selector_refuse(
			error, 0, "'%.60s' names an object of a profile, and no profile is given", text);
	int r = ctx->lookup(ctx, text + 1, ret, &nearest);
	if (r == -ENOENT && nearest)
		ipc_selector_refuse(error, 1, "the profile has no object '%.60s'; did you mean '%%%.40s'?",
			text + 1, nearest);
	else if (r == -ENOENT)
		ipc_selector_refuse(error, 1, "the profile has no object '%.60s'", text + 1);
	return r;
}

/* Parses NAME of a known class (NULL: each kind is tried by the caller, and class is never NULL here). */
static int parse_of_class(const char *name, bool escapes, const char *class, unsigned flags,
	struct ipc_selector *ret, struct ipc_selector_error *error)
{
	AUTO_FREE char *bytes = strdup(name);
	struct ipc_selector_text n = {
		.bytes = bytes, .len = strlen(name), .class = class, .flags = flags, .error = error
	};
	size_t at = 0;

	if (!bytes)
		return -ENOMEM;
	if (escapes) {
		ssize_t len = ipc_unescape(bytes, bytes, n.len, &at);
		if (len < 0)
			return ipc_selector_refuse(error, at, "an unknown escape in the name");
		n.len = (size_t)len;
		bytes[len] = '\0';
	}
	AUTO_SELECTOR struct ipc_selector s = { 0 };
	int r = ipc_selector_parse_text(&n, &s);
	if (r < 0)
		return r;
	*ret = s;
	s = (struct ipc_selector){ 0 }; /* the caller owns it now */
	return 0;
}

/* Where NAME begins, which class it is of, and whether escapes are to be resolved in it. */
struct split {
	char *owned; /* what a profile gave instead of the text */
	const char *text, *name;
	const char *class;
	bool escapes;
};

static int split_text(struct ipc_ctx *ctx, const char *text, const char *class, struct split *ret,
	struct ipc_selector_error *error)
{
	*ret = (struct split){ .text = text };
	if (strlen(text) > SELECTOR_MAX)
		return ipc_selector_refuse(error, SELECTOR_MAX, "the name is too long");
	if (text[0] == '%') {
		int r = resolve_profile(ctx, text, &ret->owned, error);
		if (r < 0)
			return r;
		ret->text = ret->owned;
	}
	ret->name = ret->text;
	const char *said = take_class(&ret->name);
	ret->escapes = said != NULL;
	ret->class = said ? said : class;
	if (said && class && strcmp(said, class) != 0)
		return ipc_selector_refuse(
			error, 0, "'%.60s' is of kind %s, and this command is about %s", text, said, class);
	return 0;
}

int ipc_selector_parse(struct ipc_ctx *ctx, const char *text, const char *class, unsigned flags,
	struct ipc_selector *ret, struct ipc_selector_error *error)
{
	struct split sp;
	int r = split_text(ctx, text, class, &sp, error);
	AUTO_FREE char *owned = sp.owned;

	if (r == 0 && !sp.class) {
		ipc_selector_refuse(error, 0, "'%.60s' may be of any kind: say which, for example %s:%.60s",
			text, ipc_kinds[0] ? ipc_kinds[0]->class : "mq", text);
		return -EDESTADDRREQ;
	}
	if (r < 0)
		return r;
	if ((flags & SELECTOR_GLOB) && has_wildcard(sp.name, sp.escapes))
		r = parse_pattern(ipc_kind_next(sp.class, NULL), sp.name, sp.escapes, error, ret);
	else
		r = parse_of_class(sp.name, sp.escapes, sp.class, flags, ret, error);
	if (r == -EINVAL)
		error->at += (size_t)(sp.name - sp.text); /* the offset was one in NAME */
	return r;
}

static ssize_t parse_patterns(
	const struct split *sp, struct ipc_selector *all, struct ipc_selector_error *error)
{
	ssize_t n = 0;

	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next(sp->class, k)) != NULL; n++) {
		int r = parse_pattern(k, sp->name, sp->escapes, error, &all[n]);
		if (r < 0) {
			while (n > 0)
				ipc_selector_clear(&all[--n]);
			return r;
		}
	}
	return n;
}

static ssize_t parse_literals(
	const struct split *sp, unsigned flags, struct ipc_selector *all, struct ipc_selector_error *error)
{
	/* What some class takes for more than a bare word is no bare word of another: "key:1" is no path. */
	bool formed = ipc_selector_has_form(sp->name);
	const char *done[16] = { NULL };
	size_t classes = 0;
	ssize_t n = 0;
	int r = -EINVAL;

	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next(sp->class, k)) != NULL;) {
		bool again = false;
		for (size_t i = 0; i < classes; i++)
			again = again || strcmp(done[i], k->class) == 0;
		if (again || classes == ARRAY_SIZE(done))
			continue;
		done[classes++] = k->class;
		if (!sp->class && formed && !ipc_selector_class_has_form(k->class, sp->name))
			continue;
		r = parse_of_class(sp->name, sp->escapes, k->class, flags, &all[n], error);
		n += r == 0;
	}
	return n > 0 ? n : r;
}

ssize_t ipc_selector_parse_any(struct ipc_ctx *ctx, const char *text, const char *class, unsigned flags,
	struct ipc_selector **ret, struct ipc_selector_error *error)
{
	struct split sp;
	ssize_t n = split_text(ctx, text, class, &sp, error);
	AUTO_FREE char *owned = sp.owned;
	size_t kinds = 1;

	if (n < 0)
		return n;
	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next(NULL, k)) != NULL;)
		kinds++;
	AUTO_FREE struct ipc_selector *all = calloc(kinds, sizeof(*all));
	if (!all)
		return -ENOMEM;
	bool glob = (flags & SELECTOR_GLOB) && has_wildcard(sp.name, sp.escapes);
	n = glob ? parse_patterns(&sp, all, error) : parse_literals(&sp, flags, all, error);
	if (n < 0)
		return n;
	*ret = all;
	all = NULL; /* the caller owns it now */
	return n;
}

/* NAME before it is escaped: bytes that may hold anything. */
static char *raw_name(const struct ipc_selector *s, size_t *ret_len)
{
	char *text = NULL;
	char member[16] = "";
	int len;

	if (s->has_member)
		snprintf(member, sizeof(member), "#%u", s->member);
	if (s->form == FORM_KEY && s->key == 0)
		len = asprintf(&text, "key:private%s", member);
	else if (s->form == FORM_KEY)
		len = asprintf(&text, "key:0x%08" PRIx32 "%s", (uint32_t)s->key, member);
	else if (s->form == FORM_ID || s->form == FORM_INO || s->form == FORM_FD)
		len = asprintf(&text, "%s%" PRId64 "%s", ipc_selector_prefix(s->form), s->number, member);
	else {
		const char *prefix =
			s->form == FORM_POSIX || s->form == FORM_PATH ? "" : ipc_selector_prefix(s->form);
		size_t n = strlen(prefix);
		text = malloc(n + s->name_len + 1);
		if (text) {
			memcpy(text, prefix, n);
			memcpy(text + n, s->name, s->name_len + 1);
		}
		len = (int)(n + s->name_len);
	}
	*ret_len = (size_t)len;
	return len < 0 ? NULL : text;
}

char *ipc_selector_name(const struct ipc_selector *s)
{
	size_t len = 0;

	if (s->pattern)
		return strdup(s->name);
	AUTO_FREE char *raw = raw_name(s, &len);
	return raw ? ipc_escape_dup(raw, len, ESCAPE_GLOB) : NULL;
}

char *ipc_selector_format(const struct ipc_selector *s)
{
	AUTO_FREE char *name = ipc_selector_name(s);
	size_t class = strlen(s->kind->class), len = name ? strlen(name) : 0;
	char *text = name ? malloc(class + len + 2) : NULL;

	if (!text)
		return NULL;
	char *p = mempcpy(text, s->kind->class, class);
	*p = ':';
	memcpy(p + 1, name, len + 1);
	return text;
}

bool ipc_selector_match(const struct ipc_selector *pattern, const struct ipc_selector *object)
{
	size_t len = 0;

	if (strcmp(pattern->kind->class, object->kind->class) != 0)
		return false;
	if (pattern->pattern) {
		if (strcmp(pattern->name, "*") == 0)
			return true; /* a whole class: of thousands of objects, mostly */
		if (*pattern->name == '/' && !object->name)
			return false; /* a key or a number */
		AUTO_FREE char *raw = raw_name(object, &len);
		return raw && fnmatch(pattern->name, raw, 0) == 0;
	}
	if (pattern->form == FORM_ID && object->form == FORM_KEY)
		return pattern->number ==
			object->number; /* an object with a key is printed by it and has an id too */
	if (pattern->form != object->form || pattern->key != object->key)
		return false;
	if (pattern->form == FORM_KEY)
		return pattern->key != 0;
	return pattern->number == object->number && pattern->name_len == object->name_len &&
		(pattern->name_len == 0 || memcmp(pattern->name, object->name, pattern->name_len) == 0);
}

int ipc_selector_copy(struct ipc_selector *ret, const struct ipc_selector *from)
{
	char *name = NULL;

	if (from->name) {
		name = malloc(from->name_len + 1);
		if (!name)
			return -ENOMEM;
		memcpy(name, from->name, from->name_len + 1);
	}
	*ret = *from;
	ret->name = name;
	return 0;
}

void ipc_selector_clear(struct ipc_selector *s)
{
	free(s->name);
	*s = (struct ipc_selector){ 0 };
}
