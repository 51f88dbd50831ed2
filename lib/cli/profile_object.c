#include "cli/profile_load.h"

#include "ipc/access.h"
#include "ipc/io.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* An object while its keys are read: they come in any order, and what its kind is decides about the others. */
struct draft {
	struct profile_object o;
	const char *class;
	const struct ydoc_node *kind;
	enum profile_use naming; /* by which of the keys it is named */
	const struct ydoc_node *name;
	char *text;                              /* what that key says; owned */
	struct ydoc_mark attr_marks[ATTR_COUNT]; /* line 0: not there */
	struct ydoc_mark class_mark;             /* of the first key that only class_wanted has */
	const char *class_wanted, *class_key;
};

void profile_object_clear(struct profile_object *o)
{
	free(o->word);
	free(o->selector);
	ipc_selector_clear(&o->sel);
	free(o->layout);
	for (size_t i = 0; i < o->settings_len; i++)
		free(o->settings[i].value);
	free(o->settings);
	for (char **word = o->handler; word && *word; word++)
		free(*word);
	free(o->handler);
	*o = (struct profile_object){ 0 };
}

static void draft_clear(struct draft *d)
{
	profile_object_clear(&d->o);
	free(d->text);
}

/* --- the keys of an object ------------------------------------------------------------------------- */

static void take_name(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *value,
	struct draft *d)
{
	if (d->name) {
		ydoc_error(l->errors, value->key->mark,
			"'%s': the object has a '%s' already; one of them names it", key->name,
			d->name->key->text);
		return;
	}
	d->name = value;
	d->naming = key->use;
	d->text = profile_text(l, profile_type_text(key->type), value);
}

static void add_setting(struct profile_loader *l, struct draft *d, const struct opt *opt, char *value)
{
	struct profile_setting *v =
		reallocarray(d->o.settings, d->o.settings_len + 1, sizeof(*d->o.settings));

	if (!v) {
		l->no_memory = true;
		free(value);
		return;
	}
	d->o.settings = v;
	v[d->o.settings_len++] = (struct profile_setting){ opt, value };
}

struct rules {
	struct draft *draft;
	const struct profile_key *key;
};

static void take_rule(struct profile_loader *l, const struct ydoc_node *node, char *text, void *arg)
{
	const struct rules *rules = arg;
	struct access_rules scratch = { 0 };
	const char *why = NULL;
	int r = access_add(&scratch, true, text, &why);

	access_clear(&scratch);
	if (r == -ENOMEM)
		l->no_memory = true;
	if (r < 0 && r != -ENOMEM) {
		AUTO_FREE char *safe = ipc_escape_dup(text, strlen(text), 0);
		ydoc_error(l->errors, node->mark, "%s: '%s': %s", rules->key->name, safe ? safe : "?", why);
	}
	if (r < 0)
		free(text);
	else
		add_setting(l, rules->draft, rules->key->opt, text);
}

/* A value of an option of `sock serve`: checked here, set when it serves. */
static void take_option(struct profile_loader *l, const struct profile_key *key,
	const struct ydoc_node *value, struct draft *d)
{
	uint64_t number;
	bool on = false;

	switch (key->type) {
	case PROFILE_RULES:
		profile_texts(l, key, value, take_rule, &(struct rules){ d, key });
		return;
	case PROFILE_FLAG:
		if (profile_flag(l, key, value, &on) && on)
			add_setting(l, d, key->opt, NULL);
		return;
	case PROFILE_WORD:
		if (profile_word(l, key, value) < 0)
			return;
		break;
	case PROFILE_TEXT:
		break;
	default:
		if (!profile_number(l, key, value, &number))
			return;
	}
	char *text = profile_text(l, profile_type_text(key->type), value);
	if (text)
		add_setting(l, d, key->opt, text);
}

static void take_word(struct profile_loader *l, const struct ydoc_node *node, char *text, void *arg)
{
	struct draft *d = arg;
	size_t len = 0;

	(void)node;
	while (d->o.handler && d->o.handler[len])
		len++;
	if (len == 0 && strchr(text, '/'))
		text = profile_path(l, text);
	char **v = reallocarray(d->o.handler, len + 2, sizeof(*v));
	if (!v || !text) {
		l->no_memory = true;
		free(text);
		return;
	}
	v[len] = text;
	v[len + 1] = NULL;
	d->o.handler = v;
}

static void take_key(
	struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *value, void *arg)
{
	struct draft *d = arg;
	int word;

	if (key->class && !d->class_wanted) {
		d->class_wanted = key->class;
		d->class_key = value->key->text;
		d->class_mark = value->key->mark;
	}
	switch (key->use) {
	case USE_KIND:
		d->kind = value;
		word = profile_word(l, key, value);
		d->class = word < 0 ? NULL : key->words[word];
		break;
	case USE_NAME:
	case USE_KEY:
	case USE_PATH:
	case USE_ADDRESS:
		take_name(l, key, value, d);
		break;
	case USE_LAYOUT:
		d->o.layout = profile_text(l, "the name of a layout", value);
		d->o.layout_mark = value->mark;
		break;
	case USE_EXTERNAL:
		profile_flag(l, key, value, &d->o.external);
		break;
	case USE_HANDLER:
		profile_texts(l, key, value, take_word, d);
		break;
	case USE_ATTR:
		d->attr_marks[key->attr] = value->key->mark;
		profile_attr(l, key, value, &d->o.attrs);
		break;
	case USE_OPT:
		take_option(l, key, value, d);
		break;
	default:
		break;
	}
}

/* --- its name -------------------------------------------------------------------------------------- */

/* The key's value as a selector is written: with the key's own prefix, and paths of the file's. Takes the text. */
static char *selector_text(struct profile_loader *l, enum profile_use naming, char *text)
{
	char *whole = NULL;

	if (naming == USE_PATH)
		return profile_path(l, text);
	if (naming != USE_KEY)
		return text;
	if (strncmp(text, "ftok:", 5) == 0) {
		char *path = profile_path(l, strdup(text + 5));
		if (!path || asprintf(&whole, "ftok:%s", path) < 0)
			whole = NULL;
		free(path);
	} else if (asprintf(&whole, "key:%s", text) < 0) {
		whole = NULL;
	}
	l->no_memory = l->no_memory || !whole;
	free(text);
	return whole;
}

/* Whether the text has a form that this key may have: each form is written in one way. */
static bool fits(enum profile_use naming, const struct ipc_selector *sel)
{
	switch (naming) {
	case USE_KEY:
		return sel->form == FORM_KEY;
	case USE_PATH:
		return sel->form == FORM_PATH;
	case USE_ADDRESS:
		return sel->form == FORM_TCP;
	default:
		return sel->form == FORM_POSIX || sel->form == FORM_ABSTRACT;
	}
}

static const char *expected(enum profile_use naming)
{
	switch (naming) {
	case USE_KEY:
		return "a key: a number, or ftok:PATH:PROJ";
	case USE_PATH:
		return "a path";
	case USE_ADDRESS:
		return "tcp:HOST:PORT";
	default:
		return "/name, or @name of a socket";
	}
}

static void bad_name(struct profile_loader *l, const struct draft *d, const char *text, const char *why)
{
	AUTO_FREE char *safe = ipc_escape_dup(text, strlen(text), 0);

	if (why)
		ydoc_error(
			l->errors, d->name->mark, "%s: '%s': %s", d->name->key->text, safe ? safe : "?", why);
	else
		ydoc_error(l->errors, d->name->mark, "%s: expected %s, not '%s'", d->name->key->text,
			expected(d->naming), safe ? safe : "?");
}

/*
 * Finds out what the object is. The file that a key is made of may come into being later: then the kind is known,
 * and the key when it is used.
 */
static bool find_name(struct profile_loader *l, struct draft *d)
{
	AUTO_FREE char *said = strdup(d->text);
	struct ipc_selector_error error = { 0 };

	d->text = selector_text(l, d->naming, d->text);
	if (!d->text || !said)
		return false;
	if (d->text[0] == '%') {
		bad_name(l, d, said, NULL);
		return false;
	}
	int r = ipc_selector_parse(l->ctx, d->text, d->class, 0, &d->o.sel, &error);
	if (r == 0 && !fits(d->naming, &d->o.sel)) {
		bad_name(l, d, said, NULL);
		return false;
	}
	if (r == -ENOENT && d->naming == USE_KEY) {
		for (const struct ipc_kind *k = ipc_kind_next(d->class, NULL); k;
			k = ipc_kind_next(d->class, k))
			if (k->forms & BIT(FORM_KEY))
				d->o.sel.kind = k;
		d->o.later = true;
		return d->o.sel.kind && asprintf(&d->o.selector, "%s:%s", d->class, d->text) >= 0;
	}
	if (r < 0) {
		bad_name(l, d, said, error.why[0] ? error.why : strerror(-r));
		return false;
	}
	d->o.selector = ipc_selector_format(&d->o.sel);
	return d->o.selector != NULL;
}

/* --- what goes together ------------------------------------------------------------------------------ */

static void check_attrs(struct profile_loader *l, struct draft *d)
{
	const struct ipc_kind *kind = d->o.sel.kind;
	unsigned has = kind->attrs;

	/* A server makes its socket with these. */
	if (d->o.settings_len || strcmp(d->class, "sock") == 0)
		has |= BIT(ATTR_MODE) | BIT(ATTR_UID) | BIT(ATTR_GID);
	for (unsigned i = 0; i < ATTR_COUNT; i++) {
		if (d->attr_marks[i].line && !(has & BIT(i)))
			ydoc_error(l->errors, d->attr_marks[i], "a %s has no '%s'", kind->label,
				ipc_attr_descs[i].name);
		if (!d->o.external && !ipc_attr_given(&d->o.attrs, i) && ipc_attr_given(&l->defaults, i) &&
			(has & BIT(i)))
			ipc_attr_set(&d->o.attrs, i, l->defaults.v[i]);
	}
}

static void check_draft(struct profile_loader *l, struct draft *d, const struct ydoc_node *node)
{
	if (d->class && d->class_wanted && strcmp(d->class, d->class_wanted) != 0)
		ydoc_error(l->errors, d->class_mark, "'%s' is for kind '%s', not '%s'", d->class_key,
			d->class_wanted, d->class);
	if (!d->name)
		ydoc_error(l->errors, node->key->mark,
			"object '%s' has no name: one of 'name', 'key', 'path', 'address'", node->key->text);
	if (!d->class || !d->text || !find_name(l, d))
		return;
	check_attrs(l, d);
}

static void add_object(struct profile_loader *l, struct draft *d)
{
	struct profile *p = l->profile;
	struct profile_object *v = reallocarray(p->objects, p->objects_len + 1, sizeof(*v));

	if (!v) {
		l->no_memory = true;
		return;
	}
	p->objects = v;
	v[p->objects_len++] = d->o;
	d->o = (struct profile_object){ 0 };
}

static void read_object(
	struct profile_loader *l, const struct profile_section *section, const struct ydoc_node *node)
{
	struct draft d = { 0 };

	if (!profile_is_word(node->key->text)) {
		AUTO_FREE char *word = ipc_escape_dup(node->key->text, node->key->len, 0);
		ydoc_error(l->errors, node->key->mark,
			"'%s' is no word: letters, digits, '_', '-' and '.' are allowed", word ? word : "?");
	}
	profile_walk(l, section, node, take_key, &d);
	if (node->type == YDOC_MAP)
		check_draft(l, &d, node);
	d.o.word = strdup(node->key->text);
	d.o.mark = node->key->mark;
	l->no_memory = l->no_memory || !d.o.word;
	add_object(l, &d);
	draft_clear(&d);
}

static int by_selector(const void *pa, const void *pb)
{
	const struct profile_object *a = *(struct profile_object *const *)pa,
				    *b = *(struct profile_object *const *)pb;
	int r = strcmp(a->selector ? a->selector : "", b->selector ? b->selector : "");

	return r ? r : (a > b) - (a < b);
}

static void check_twice(struct profile_loader *l)
{
	struct profile *p = l->profile;
	AUTO_FREE struct profile_object **v = calloc(p->objects_len + 1, sizeof(*v));

	if (!v) {
		l->no_memory = true;
		return;
	}
	for (size_t i = 0; i < p->objects_len; i++)
		v[i] = &p->objects[i];
	qsort(v, p->objects_len, sizeof(*v), by_selector);
	for (size_t i = 1; i < p->objects_len; i++)
		if (v[i]->selector && v[i - 1]->selector && strcmp(v[i]->selector, v[i - 1]->selector) == 0)
			ydoc_error(l->errors, v[i]->mark, "'%s' and '%s' in line %zu are the same object, %s",
				v[i]->word, v[i - 1]->word, v[i - 1]->mark.line, v[i]->selector);
}

void profile_objects(
	struct profile_loader *l, const struct profile_section *section, const struct ydoc_node *node)
{
	if (node->type != YDOC_MAP) {
		ydoc_error(l->errors, node->mark, "expected a map, WORD: { kind: ... }, not %s",
			profile_node_text(node));
		return;
	}
	for (const struct ydoc_node *n = node->first; n; n = n->next)
		read_object(l, section, n);
	check_twice(l);
}
