#include "ipc/selector.h"

#include "ipc/ctx.h"
#include "ipc/io.h"
#include "ipc/kind.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SELECTOR_MAX = 16384 }; /* longer than any path with every byte escaped */

/* The text being parsed: NAME with its escapes resolved, and what it may become. */
struct name {
	char *bytes; /* owned by ipc_selector_parse() */
	size_t len;
	const char *class; /* NULL: any */
	unsigned flags;
	struct ipc_selector_error *error;
};

__attribute__((format(printf, 3, 4))) static int refuse(
	struct ipc_selector_error *error, size_t at, const char *format, ...)
{
	va_list ap;

	error->at = at;
	va_start(ap, format);
	vsnprintf(error->why, sizeof(error->why), format, ap);
	va_end(ap);
	return -EINVAL;
}

/* The number with sign of text, all of it, or -EINVAL or -ERANGE. */
static int parse_integer(const char *text, int base, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = *text == '-';
	const char *digits = text + negative;
	uint64_t n = 0;

	if (base == 16) {
		if (digits[0] != '0' || (digits[1] | 0x20) != 'x')
			return -EINVAL;
		digits += 2;
	}
	if (!*digits)
		return -EINVAL;
	for (; *digits; digits++) {
		int d = *digits >= '0' && *digits <= '9' ? *digits - '0'
			: base == 16 && (*digits | 0x20) >= 'a' && (*digits | 0x20) <= 'f'
			? (*digits | 0x20) - 'a' + 10
			: -1;
		if (d < 0)
			return -EINVAL;
		n = n * (uint64_t)base + (uint64_t)d;
		if (n > (1ull << 62))
			return -ERANGE;
	}
	int64_t value = negative ? -(int64_t)n : (int64_t)n;
	if (value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int ipc_key_parse(const char *text, int32_t *ret)
{
	bool hex = text[0] == '0' && (text[1] | 0x20) == 'x';
	int64_t n;
	int r = parse_integer(text, hex ? 16 : 10, hex ? 0 : INT32_MIN, UINT32_MAX, &n);

	if (r < 0)
		return r;
	*ret = (int32_t)(uint32_t)n;
	return 0;
}

int ipc_ftok_project(const char *text)
{
	int64_t n;

	if (parse_integer(text, 10, 1, 255, &n) == 0)
		return (int)n;
	return text[0] && !text[1] && text[0] != '0' ? (unsigned char)text[0] : -EINVAL;
}

int ipc_ftok(const char *path, int project, int32_t *ret)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	uint32_t key = (uint32_t)(project & 0xff) << 24 | (uint32_t)(st.st_dev & 0xff) << 16 |
		(uint32_t)(st.st_ino & 0xffff);
	if (key == 0)
		return -EINVAL;
	*ret = (int32_t)key;
	return 0;
}

static int keep_name(const struct name *n, struct ipc_selector *s)
{
	s->name = malloc(n->len + 1);
	if (!s->name)
		return -ENOMEM;
	memcpy(s->name, n->bytes, n->len);
	s->name[n->len] = '\0';
	s->name_len = n->len;
	return 0;
}

static int parse_posix(const struct name *n, const char *rest, struct ipc_selector *s)
{
	(void)rest;
	if (n->len < 2)
		return refuse(n->error, 0, "a name needs something behind its slash");
	if (memchr(n->bytes + 1, '/', n->len - 1))
		return refuse(n->error, 0, "a POSIX name has no slash but the first");
	if (memchr(n->bytes, '\0', n->len))
		return refuse(n->error, 0, "a name can't hold a NUL byte");
	if (strcmp(n->bytes, "/.") == 0 || strcmp(n->bytes, "/..") == 0)
		return refuse(n->error, 0, "'.' and '..' are directories");
	return keep_name(n, s);
}

static int parse_path(const struct name *n, const char *rest, struct ipc_selector *s)
{
	(void)rest;
	if (n->len == 0)
		return refuse(n->error, 0, "an empty path");
	if (memchr(n->bytes, '\0', n->len))
		return refuse(n->error, 0, "a path can't hold a NUL byte");
	return keep_name(n, s);
}

static int parse_raw(const struct name *n, const char *rest, struct ipc_selector *s)
{
	(void)rest;
	return keep_name(n, s);
}

/*
 * Takes "#N" off the end of rest (a copy that may be written to), where the kinds have members.
 *
 * from: where in rest the mark may stand; before: how long the name is in front of rest
 */
static int take_member(const struct name *n, char *rest, size_t from, size_t before, struct ipc_selector *s)
{
	char *hash = strlen(rest) > from ? strchr(rest + from, '#') : NULL;
	int64_t number;

	if (!hash)
		return 0;
	if (!s->kind->members)
		return refuse(n->error, before + (size_t)(hash - rest), "only a semaphore has a member '#N'");
	if (parse_integer(hash + 1, 10, 0, UINT16_MAX, &number) < 0 || hash[1] == '-')
		return refuse(n->error, before + (size_t)(hash - rest),
			"'%.40s' is not the number of a semaphore", hash + 1);
	s->has_member = true;
	s->member = (unsigned)number;
	*hash = '\0';
	return 0;
}

static int parse_key(const struct name *n, const char *rest, struct ipc_selector *s)
{
	AUTO_FREE char *text = strdup(rest);

	if (!text)
		return -ENOMEM;
	int r = take_member(n, text, 0, strlen("key:"), s);
	if (r < 0)
		return r;
	if (strcmp(text, "private") == 0) {
		if (!(n->flags & SELECTOR_CREATE))
			return refuse(
				n->error, 4, "key:private makes an object and finds none; use its id:N");
		return 0;
	}
	r = ipc_key_parse(text, &s->key);
	if (r == -ERANGE)
		return refuse(n->error, 4, "the key '%.60s' does not fit 32 bits", text);
	if (r < 0)
		return refuse(n->error, 4, "'%.60s' is not a key: 0x162e, 5678 or -5678 is one", text);
	if (s->key == 0)
		return refuse(n->error, 4, "a key of 0 names no object; key:private makes one without a key");
	return 0;
}

static int parse_ftok(const struct name *n, const char *rest, struct ipc_selector *s)
{
	AUTO_FREE char *path = strdup(rest);
	char *colon = path ? strrchr(path, ':') : NULL;

	if (!path)
		return -ENOMEM;
	if (!colon || colon == path)
		return refuse(n->error, 5, "ftok: takes PATH:PROJ, for example ftok:./app.conf:65");
	int r = take_member(n, colon + 1, 1, strlen("ftok:") + (size_t)(colon + 1 - path), s);
	if (r < 0)
		return r;
	int project = ipc_ftok_project(colon + 1);
	if (project < 0)
		return refuse(n->error, 5 + (size_t)(colon + 1 - path),
			"'%.40s' is not a project: a number 1 to 255, or one character", colon + 1);
	*colon = '\0';
	r = ipc_ftok(path, project, &s->key);
	if (r == -EINVAL)
		return refuse(n->error, 0, "ftok makes the key 0 of '%.80s', which names no object", path);
	if (r < 0) {
		refuse(n->error, 5, "cannot make a key of '%.80s': %s", path, strerrordesc_np(-r));
		return r;
	}
	s->form = FORM_KEY;
	return 0;
}

static int parse_id(const struct name *n, const char *rest, struct ipc_selector *s)
{
	AUTO_FREE char *text = strdup(rest);

	if (!text)
		return -ENOMEM;
	int r = take_member(n, text, 0, strlen("id:"), s);
	if (r < 0)
		return r;
	if (*text == '-' || parse_integer(text, 10, 0, INT64_MAX, &s->number) < 0)
		return refuse(n->error, 3, "'%.60s' is not an identifier, which is a number", text);
	return 0;
}

/* How the forms begin, and which of them a prefix stands for; "/" is two, and the class decides. */
static const struct form {
	const char *prefix;
	enum ipc_form form;
	int (*parse)(const struct name *n, const char *rest, struct ipc_selector *s);
} forms[] = {
	{ "/", FORM_POSIX, parse_posix },
	{ "/", FORM_PATH, parse_path },
	{ "key:", FORM_KEY, parse_key },
	{ "ftok:", FORM_KEY, parse_ftok },
	{ "id:", FORM_ID, parse_id },
	{ "ino:", FORM_INO, parse_id },
	{ "fd:", FORM_FD, parse_id },
	{ "@", FORM_ABSTRACT, parse_raw },
	{ "tcp:", FORM_TCP, parse_raw },
	{ "systemd:", FORM_SYSTEMD, parse_raw },
};

static const char *form_prefix(enum ipc_form form)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (forms[i].form == form)
			return forms[i].prefix;
	return "";
}

static const struct ipc_kind *kind_with_form(const char *class, enum ipc_form form)
{
	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next(class, k)) != NULL;)
		if (k->forms & BIT(form))
			return k;
	return NULL;
}

/* A bare word is /word for the kinds with POSIX names, and a relative path for those in the file system. */
static int parse_bare(const struct name *n, struct ipc_selector *s)
{
	const struct ipc_kind *posix = kind_with_form(n->class, FORM_POSIX);

	if (!posix) {
		s->kind = kind_with_form(n->class, FORM_PATH);
		s->form = FORM_PATH;
		return s->kind ? parse_path(n, n->bytes, s)
			       : refuse(n->error, 0, "'%.60s' is no name of a %s", n->bytes, n->class);
	}
	AUTO_FREE char *slashed = malloc(n->len + 2);
	if (!slashed)
		return -ENOMEM;
	slashed[0] = '/';
	memcpy(slashed + 1, n->bytes, n->len);
	slashed[n->len + 1] = '\0';
	struct name with_slash = { slashed, n->len + 1, n->class, n->flags, n->error };
	s->kind = posix;
	s->form = FORM_POSIX;
	return parse_posix(&with_slash, slashed, s);
}

static int parse_name(const struct name *n, struct ipc_selector *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		const struct form *f = &forms[i];
		size_t len = strlen(f->prefix);
		if (strncmp(n->bytes, f->prefix, len) != 0)
			continue;
		s->kind = kind_with_form(n->class, f->form);
		if (!s->kind)
			continue;
		s->form = f->form;
		return f->parse(n, n->bytes + len, s);
	}
	if (n->len == 0)
		return refuse(n->error, 0, "an empty name");
	return parse_bare(n, s);
}

static bool is_wild(char c)
{
	return c == '*' || c == '?' || c == '[';
}

/* Whether text has an unescaped wildcard. escapes: backslashes mean something in it. */
static bool has_wildcard(const char *text, bool escapes)
{
	for (const char *p = text; *p; p++) {
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
			return bytes
				? refuse(error, (size_t)(run - text) + at, "an unknown escape in the name")
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
	if (!(kind->forms & BIT(FORM_POSIX)) || *pattern == '/')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (strncmp(pattern, forms[i].prefix, strlen(forms[i].prefix)) == 0)
			return false;
	return true;
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
		return refuse(
			error, 0, "'%.60s' names an object of a profile, and no profile is given", text);
	int r = ctx->lookup(ctx, text + 1, ret, &nearest);
	if (r == -ENOENT && nearest)
		refuse(error, 1, "the profile has no object '%.60s'; did you mean '%%%.40s'?", text + 1,
			nearest);
	else if (r == -ENOENT)
		refuse(error, 1, "the profile has no object '%.60s'", text + 1);
	return r;
}

/* Parses NAME of a known class (NULL: each kind is tried by the caller, and class is never NULL here). */
static int parse_of_class(const char *name, bool escapes, const char *class, unsigned flags,
	struct ipc_selector *ret, struct ipc_selector_error *error)
{
	AUTO_FREE char *bytes = strdup(name);
	struct name n = {
		.bytes = bytes, .len = strlen(name), .class = class, .flags = flags, .error = error
	};
	size_t at = 0;

	if (!bytes)
		return -ENOMEM;
	if (escapes) {
		ssize_t len = ipc_unescape(bytes, bytes, n.len, &at);
		if (len < 0)
			return refuse(error, at, "an unknown escape in the name");
		n.len = (size_t)len;
		bytes[len] = '\0';
	}
	AUTO_SELECTOR struct ipc_selector s = { 0 };
	int r = parse_name(&n, &s);
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
		return refuse(error, SELECTOR_MAX, "the name is too long");
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
		return refuse(
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
		refuse(error, 0, "'%.60s' may be of any kind: say which, for example %s:%.60s", text,
			ipc_kinds[0] ? ipc_kinds[0]->class : "mq", text);
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
		len = asprintf(&text, "%s%" PRId64 "%s", form_prefix(s->form), s->number, member);
	else {
		const char *prefix =
			s->form == FORM_POSIX || s->form == FORM_PATH ? "" : form_prefix(s->form);
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
	char *text = NULL;

	return name && asprintf(&text, "%s:%s", s->kind->class, name) >= 0 ? text : NULL;
}

bool ipc_selector_match(const struct ipc_selector *pattern, const struct ipc_selector *object)
{
	size_t len = 0;

	if (strcmp(pattern->kind->class, object->kind->class) != 0)
		return false;
	if (pattern->pattern) {
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
