#include "cli/profile_load.h"

#include "ipc/io.h"
#include "ipc/nearest.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *profile_node_text(const struct ydoc_node *node)
{
	return node->type == YDOC_MAP ? "a map" : node->type == YDOC_LIST ? "a list" : "text";
}

/* --- keys ----------------------------------------------------------------------------------------- */

struct key_search {
	const char *word;
	struct profile_key found; /* name NULL: none */
	struct ipc_nearest nearest;
};

static int search_key(const struct profile_key *key, void *arg)
{
	struct key_search *s = arg;

	if (strcmp(key->name, s->word) == 0) {
		s->found = *key;
		return 1;
	}
	ipc_nearest_offer(&s->nearest, key->name, strlen(key->name));
	return 0;
}

static void unknown_key(struct profile_loader *l, const struct profile_section *section,
	const struct ydoc_node *key, const struct key_search *s)
{
	AUTO_FREE char *word = ipc_escape_dup(key->text, key->len, 0);

	if (s->nearest.best)
		ydoc_error(l->errors, key->mark, "unknown key '%s'; did you mean '%.*s'?", word ? word : "?",
			(int)s->nearest.best_len, s->nearest.best);
	else
		ydoc_error(l->errors, key->mark, "unknown key '%s': %s has none of that name",
			word ? word : "?", section->article);
}

struct missing {
	struct profile_loader *l;
	const struct profile_section *section;
	const struct ydoc_node *map;
};

static int check_there(const struct profile_key *key, void *arg)
{
	const struct missing *m = arg;

	if (!key->required)
		return 0;
	for (const struct ydoc_node *n = m->map->first; n; n = n->next)
		if (strcmp(n->key->text, key->name) == 0)
			return 0;
	ydoc_error(m->l->errors, m->map->key ? m->map->key->mark : m->map->mark, "%s needs the key '%s'",
		m->section->article, key->name);
	return 0;
}

void profile_walk(struct profile_loader *l, const struct profile_section *section,
	const struct ydoc_node *map,
	void (*take)(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *value,
		void *arg),
	void *arg)
{
	if (map->type != YDOC_MAP) {
		ydoc_error(
			l->errors, map->mark, "expected a map, KEY: VALUE, not %s", profile_node_text(map));
		return;
	}
	for (const struct ydoc_node *n = map->first; n; n = n->next) {
		struct key_search s = { .word = n->key->text,
			.nearest = { .word = n->key->text, .len = n->key->len } };
		if (profile_each_key(section, search_key, &s))
			take(l, &s.found, n, arg);
		else
			unknown_key(l, section, n->key, &s);
	}
	profile_each_key(section, check_there, &(struct missing){ l, section, map });
}

/* --- text and variables --------------------------------------------------------------------------- */

/* Where a character of a text stands in the file, as far as that can be told. */
static struct ydoc_mark mark_in(const struct ydoc_node *node, size_t offset)
{
	struct ydoc_mark mark = node->mark;

	if (!node->plain || memchr(node->text, '\n', node->len))
		return mark;
	for (size_t i = 0; i < offset; i++)
		mark.column += ((unsigned char)node->text[i] & 0xc0) != 0x80;
	return mark;
}

static bool is_variable(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = name[i];
		bool letter = c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return len > 0;
}

/* What stands for "${...}", whose inside is of len bytes: from the environment, or the default that it names. */
static const char *variable(struct profile_loader *l, const struct ydoc_node *node, const char *inside,
	size_t len, size_t *ret_len)
{
	const char *otherwise = memmem(inside, len, ":-", 2);
	size_t name_len = otherwise ? (size_t)(otherwise - inside) : len;
	struct ydoc_mark mark = mark_in(node, (size_t)(inside - node->text) - 2);

	if (!is_variable(inside, name_len)) {
		ydoc_error(
			l->errors, mark, "expected ${NAME} or ${NAME:-TEXT}; '$${' stands for '${' itself");
		return NULL;
	}
	AUTO_FREE char *name = strndup(inside, name_len);
	const char *value = name ? getenv(name) : NULL;
	if (value && (*value || !otherwise)) {
		*ret_len = strlen(value);
		return value;
	}
	if (!otherwise) {
		ydoc_error(l->errors, mark, "the variable '%s' is not set", name ? name : "?");
		return NULL;
	}
	*ret_len = len - name_len - 2;
	return otherwise + 2;
}

static bool expand(struct profile_loader *l, const struct ydoc_node *node, FILE *out)
{
	const char *p = node->text, *end = p + node->len;
	bool good = true;

	while (p < end) {
		const char *dollar = memmem(p, (size_t)(end - p), "${", 2);
		if (!dollar)
			break;
		bool literal = dollar > p && dollar[-1] == '$';
		fwrite(p, 1, (size_t)(dollar - p) - literal, out);
		p = dollar + 2;
		if (literal) {
			fputs("${", out);
			continue;
		}
		const char *close = memchr(p, '}', (size_t)(end - p));
		if (!close) {
			ydoc_error(l->errors, mark_in(node, (size_t)(dollar - node->text)),
				"'${' has no '}'; '$${' stands for '${' itself");
			return false;
		}
		size_t len = 0;
		const char *value = variable(l, node, p, (size_t)(close - p), &len);
		if (value)
			fwrite(value, 1, len, out);
		good = good && value;
		p = close + 1;
	}
	fwrite(p, 1, (size_t)(end - p), out);
	return good;
}

char *profile_text(struct profile_loader *l, const char *what, const struct ydoc_node *node)
{
	char *text = NULL;
	size_t len = 0;

	if (node->type != YDOC_TEXT) {
		ydoc_error(l->errors, node->mark, "expected %s, not %s", what, profile_node_text(node));
		return NULL;
	}
	FILE *f = open_memstream(&text, &len);
	if (!f) {
		l->no_memory = true;
		return NULL;
	}
	bool good = expand(l, node, f);
	if (fclose(f) != 0) {
		l->no_memory = true;
		good = false;
	}
	if (good && node->plain && node->len == 0) {
		ydoc_error(l->errors, node->mark, "expected %s; there is nothing", what);
		good = false;
	}
	if (good)
		return text;
	free(text);
	return NULL;
}

/* --- typed values --------------------------------------------------------------------------------- */

static void bad_value(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node,
	const char *text, int error)
{
	AUTO_FREE char *safe = ipc_escape_dup(text, strlen(text), 0);
	const char *word = safe ? safe : "?";

	if (error == -ERANGE)
		ydoc_error(l->errors, node->mark, "%s: '%s' is out of range", key->name, word);
	else if (error == -ENOENT)
		ydoc_error(l->errors, node->mark, "%s: there is no user or group '%s'", key->name, word);
	else
		ydoc_error(l->errors, node->mark, "%s: expected %s, not '%s'", key->name,
			profile_type_text(key->type), word);
}

bool profile_number(
	struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node, uint64_t *ret)
{
	AUTO_FREE char *text = profile_text(l, profile_type_text(key->type), node);
	mode_t mode = 0;
	int64_t ns = 0;
	int r;

	if (!text)
		return false;
	if (key->type == PROFILE_SIZE) {
		r = parse_size(text, ret);
	} else if (key->type == PROFILE_DURATION) {
		r = parse_duration(text, &ns);
		*ret = (uint64_t)ns;
	} else if (key->type == PROFILE_MODE) {
		r = parse_mode(text, &mode);
		*ret = mode;
	} else {
		r = parse_uint(text, INT64_MAX, ret);
	}
	if (r < 0)
		bad_value(l, key, node, text, r);
	return r == 0;
}

bool profile_flag(
	struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node, bool *ret)
{
	AUTO_FREE char *text = profile_text(l, profile_type_text(PROFILE_FLAG), node);

	if (!text)
		return false;
	*ret = strcmp(text, "true") == 0;
	if (*ret || strcmp(text, "false") == 0)
		return true;
	bad_value(l, key, node, text, -EINVAL);
	return false;
}

int profile_word(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node)
{
	AUTO_FREE char *text = profile_text(l, profile_type_text(PROFILE_WORD), node);
	char words[200] = "";
	size_t used = 0;

	if (!text)
		return -1;
	for (int i = 0; key->words[i]; i++) {
		if (strcmp(key->words[i], text) == 0)
			return i;
		if (used < sizeof(words))
			used += (size_t)snprintf(
				words + used, sizeof(words) - used, "%s%s", i ? ", " : "", key->words[i]);
	}
	AUTO_FREE char *safe = ipc_escape_dup(text, strlen(text), 0);
	const char *nearest = opt_nearest(text, key->words);
	if (nearest)
		ydoc_error(l->errors, node->mark, "%s: unknown word '%s'; did you mean '%s'?", key->name,
			safe ? safe : "?", nearest);
	else
		ydoc_error(l->errors, node->mark, "%s: expected %s%s, not '%s'", key->name,
			key->words[1] ? "one of " : "", words, safe ? safe : "?");
	return -1;
}

static void take_owner(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node,
	struct ipc_attrs *attrs)
{
	AUTO_FREE char *text = profile_text(l, profile_type_text(key->type), node), *group = NULL;
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;

	if (!text)
		return;
	/* A group alone is what parse_owner() knows as ":GROUP". */
	if (key->type == PROFILE_GROUP && asprintf(&group, ":%s", text) < 0) {
		l->no_memory = true;
		return;
	}
	int r = parse_owner(group ? group : text, &uid, &gid);
	if (r < 0)
		bad_value(l, key, node, text, r);
	else if (uid != (uid_t)-1)
		ipc_attr_set(attrs, ATTR_UID, uid);
	if (r == 0 && gid != (gid_t)-1)
		ipc_attr_set(attrs, ATTR_GID, gid);
}

void profile_attr(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node,
	struct ipc_attrs *attrs)
{
	uint64_t n;

	if (key->type == PROFILE_OWNER || key->type == PROFILE_GROUP)
		take_owner(l, key, node, attrs);
	else if (profile_number(l, key, node, &n))
		ipc_attr_set(attrs, key->attr, n);
}

void profile_texts(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node,
	void (*fn)(struct profile_loader *l, const struct ydoc_node *node, char *text, void *arg), void *arg)
{
	const char *what = profile_type_text(key->type);

	if (node->type == YDOC_MAP) {
		ydoc_error(l->errors, node->mark, "%s: expected %s, not a map", key->name, what);
		return;
	}
	if (node->type == YDOC_LIST && !node->first)
		ydoc_error(l->errors, node->mark, "%s: the list is empty", key->name);
	for (const struct ydoc_node *n = node->type == YDOC_LIST ? node->first : node; n;
		n = node->type == YDOC_LIST ? n->next : NULL) {
		char *text = profile_text(l, node->type == YDOC_LIST ? "text" : what, n);
		if (text)
			fn(l, n, text, arg);
	}
}

char *profile_path(struct profile_loader *l, char *text)
{
	char *path = NULL;

	if (text && text[0] == '/')
		return text;
	/* "./run/x" and "run/x" are the same file: one form, so that they are seen to be. */
	const char *rest = text;
	while (rest && rest[0] == '.' && rest[1] == '/')
		for (rest += 2; *rest == '/';)
			rest++;
	if (text && asprintf(&path, "%s/%s", strcmp(l->dir, "/") == 0 ? "" : l->dir, rest) < 0)
		path = NULL;
	l->no_memory = l->no_memory || (text && !path);
	free(text);
	return path;
}

bool profile_is_word(const char *text)
{
	return *text &&
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
		strlen(text);
}
