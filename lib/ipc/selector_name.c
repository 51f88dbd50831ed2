/* The forms of NAME: what each looks like, and what it stands for. */
#include "ipc/io.h"
#include "ipc/kind.h"
#include "ipc/selector_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int ipc_selector_refuse(struct ipc_selector_error *error, size_t at, const char *format, ...)
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

static int keep_name(const struct ipc_selector_text *n, struct ipc_selector *s)
{
	s->name = malloc(n->len + 1);
	if (!s->name)
		return -ENOMEM;
	memcpy(s->name, n->bytes, n->len);
	s->name[n->len] = '\0';
	s->name_len = n->len;
	return 0;
}

static int parse_posix(const struct ipc_selector_text *n, const char *rest, struct ipc_selector *s)
{
	(void)rest;
	if (n->len < 2)
		return ipc_selector_refuse(n->error, 0, "a name needs something behind its slash");
	if (memchr(n->bytes + 1, '/', n->len - 1))
		return ipc_selector_refuse(n->error, 0, "a POSIX name has no slash but the first");
	if (memchr(n->bytes, '\0', n->len))
		return ipc_selector_refuse(n->error, 0, "a name can't hold a NUL byte");
	if (strcmp(n->bytes, "/.") == 0 || strcmp(n->bytes, "/..") == 0)
		return ipc_selector_refuse(n->error, 0, "'.' and '..' are directories");
	return keep_name(n, s);
}

static int parse_path(const struct ipc_selector_text *n, const char *rest, struct ipc_selector *s)
{
	(void)rest;
	if (n->len == 0)
		return ipc_selector_refuse(n->error, 0, "an empty path");
	if (memchr(n->bytes, '\0', n->len))
		return ipc_selector_refuse(n->error, 0, "a path can't hold a NUL byte");
	return keep_name(n, s);
}

/* The name begins behind the prefix. */
static int parse_raw(const struct ipc_selector_text *n, const char *rest, struct ipc_selector *s)
{
	size_t prefix = (size_t)(rest - n->bytes);
	struct ipc_selector_text behind = { n->bytes + prefix, n->len - prefix, n->class, n->flags,
		n->error };

	return keep_name(&behind, s);
}

/*
 * Takes "#N" off the end of rest (a copy that may be written to), where the kinds have members.
 *
 * from: where in rest the mark may stand; before: how long the name is in front of rest
 */
static int take_member(
	const struct ipc_selector_text *n, char *rest, size_t from, size_t before, struct ipc_selector *s)
{
	char *hash = strlen(rest) > from ? strchr(rest + from, '#') : NULL;
	int64_t number;

	if (!hash)
		return 0;
	if (!s->kind->members)
		return ipc_selector_refuse(
			n->error, before + (size_t)(hash - rest), "only a semaphore has a member '#N'");
	if (parse_integer(hash + 1, 10, 0, UINT16_MAX, &number) < 0 || hash[1] == '-')
		return ipc_selector_refuse(n->error, before + (size_t)(hash - rest),
			"'%.40s' is not the number of a semaphore", hash + 1);
	s->has_member = true;
	s->member = (unsigned)number;
	*hash = '\0';
	return 0;
}

static int parse_key(const struct ipc_selector_text *n, const char *rest, struct ipc_selector *s)
{
	AUTO_FREE char *text = strdup(rest);

	if (!text)
		return -ENOMEM;
	int r = take_member(n, text, 0, strlen("key:"), s);
	if (r < 0)
		return r;
	if (strcmp(text, "private") == 0) {
		if (!(n->flags & SELECTOR_CREATE))
			return ipc_selector_refuse(
				n->error, 4, "key:private makes an object and finds none; use its id:N");
		return 0;
	}
	r = ipc_key_parse(text, &s->key);
	if (r == -ERANGE)
		return ipc_selector_refuse(n->error, 4, "the key '%.60s' does not fit 32 bits", text);
	if (r < 0)
		return ipc_selector_refuse(
			n->error, 4, "'%.60s' is not a key: 0x162e, 5678 or -5678 is one", text);
	if (s->key == 0)
		return ipc_selector_refuse(
			n->error, 4, "a key of 0 names no object; key:private makes one without a key");
	return 0;
}

static int parse_ftok(const struct ipc_selector_text *n, const char *rest, struct ipc_selector *s)
{
	AUTO_FREE char *path = strdup(rest);
	char *colon = path ? strrchr(path, ':') : NULL;

	if (!path)
		return -ENOMEM;
	if (!colon || colon == path)
		return ipc_selector_refuse(
			n->error, 5, "ftok: takes PATH:PROJ, for example ftok:./app.conf:65");
	int r = take_member(n, colon + 1, 1, strlen("ftok:") + (size_t)(colon + 1 - path), s);
	if (r < 0)
		return r;
	int project = ipc_ftok_project(colon + 1);
	if (project < 0)
		return ipc_selector_refuse(n->error, 5 + (size_t)(colon + 1 - path),
			"'%.40s' is not a project: a number 1 to 255, or one character", colon + 1);
	*colon = '\0';
	r = ipc_ftok(path, project, &s->key);
	if (r == -EINVAL)
		return ipc_selector_refuse(
			n->error, 0, "ftok makes the key 0 of '%.80s', which names no object", path);
	if (r < 0) {
		ipc_selector_refuse(
			n->error, 5, "cannot make a key of '%.80s': %s", path, strerrordesc_np(-r));
		return r;
	}
	s->form = FORM_KEY;
	return 0;
}

static int parse_id(const struct ipc_selector_text *n, const char *rest, struct ipc_selector *s)
{
	AUTO_FREE char *text = strdup(rest);

	if (!text)
		return -ENOMEM;
	int r = take_member(n, text, 0, strlen("id:"), s);
	if (r < 0)
		return r;
	if (*text == '-' || parse_integer(text, 10, 0, INT64_MAX, &s->number) < 0)
		return ipc_selector_refuse(
			n->error, 3, "'%.60s' is not an identifier, which is a number", text);
	return 0;
}

/* How the forms begin, and which of them a prefix stands for; "/" is two, and the class decides. */
static const struct form {
	const char *prefix;
	enum ipc_form form;
	int (*parse)(const struct ipc_selector_text *n, const char *rest, struct ipc_selector *s);
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

const char *ipc_selector_prefix(enum ipc_form form)
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
static int parse_bare(const struct ipc_selector_text *n, struct ipc_selector *s)
{
	const struct ipc_kind *posix = kind_with_form(n->class, FORM_POSIX);

	if (!posix) {
		s->kind = kind_with_form(n->class, FORM_PATH);
		s->form = FORM_PATH;
		return s->kind
			? parse_path(n, n->bytes, s)
			: ipc_selector_refuse(n->error, 0, "'%.60s' is no name of a %s", n->bytes, n->class);
	}
	AUTO_FREE char *slashed = malloc(n->len + 2);
	if (!slashed)
		return -ENOMEM;
	slashed[0] = '/';
	memcpy(slashed + 1, n->bytes, n->len);
	slashed[n->len + 1] = '\0';
	struct ipc_selector_text with_slash = { slashed, n->len + 1, n->class, n->flags, n->error };
	s->kind = posix;
	s->form = FORM_POSIX;
	return parse_posix(&with_slash, slashed, s);
}

int ipc_selector_parse_text(const struct ipc_selector_text *n, struct ipc_selector *s)
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
		return ipc_selector_refuse(n->error, 0, "an empty name");
	return parse_bare(n, s);
}

bool ipc_selector_class_has_form(const char *class, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (strncmp(text, forms[i].prefix, strlen(forms[i].prefix)) == 0 &&
			kind_with_form(class, forms[i].form))
			return true;
	return false;
}

bool ipc_selector_has_form(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (strncmp(text, forms[i].prefix, strlen(forms[i].prefix)) == 0)
			return true;
	return false;
}
