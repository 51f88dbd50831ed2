#include "cli/ydoc.h"

#include "ipc/io.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

/* --- what is wrong -------------------------------------------------------------------------------- */

void ydoc_error(struct ydoc_errors *errors, struct ydoc_mark mark, const char *format, ...)
{
	va_list ap;

	if (errors->len == YDOC_ERRORS_MAX) {
		errors->more++;
		return;
	}
	if (errors->len == errors->room) {
		size_t room = errors->room ? 2 * errors->room : 16;
		struct ydoc_error *v = reallocarray(errors->v, room, sizeof(*v));
		if (!v) {
			errors->out_of_memory = true;
			return;
		}
		errors->v = v;
		errors->room = room;
	}
	char *text = NULL;
	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text) {
		errors->out_of_memory = true;
		return;
	}
	errors->v[errors->len++] = (struct ydoc_error){ mark, text };
}

static int by_place(const void *pa, const void *pb)
{
	const struct ydoc_mark *a = &((const struct ydoc_error *)pa)->mark,
			       *b = &((const struct ydoc_error *)pb)->mark;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->column > b->column) - (a->column < b->column);
}

void ydoc_errors_sort(struct ydoc_errors *errors)
{
	if (errors->len > 1)
		qsort(errors->v, errors->len, sizeof(*errors->v), by_place);
}

void ydoc_errors_clear(struct ydoc_errors *errors)
{
	for (size_t i = 0; i < errors->len; i++)
		free(errors->v[i].text);
	free(errors->v);
	*errors = (struct ydoc_errors){ 0 };
}

/* --- the tree ------------------------------------------------------------------------------------- */

void ydoc_clear(struct ydoc *d)
{
	while (d->owned) {
		struct ydoc_node *n = d->owned;
		d->owned = n->owned_next;
		free(n->text);
		free(n);
	}
	d->root = NULL;
}

/* A list or a map that is being read, and its last child. */
struct level {
	struct ydoc_node *node, *last;
	struct ydoc_node *key; /* that has been read, and its value not yet */
	bool skip; /* the key was no text, or there is one of its name: the value belongs to nobody */
};

struct reader {
	const char *text;
	size_t len;
	struct ydoc *doc;
	struct ydoc_errors *errors;
	struct level levels[YDOC_DEPTH_MAX];
	size_t depth;
	size_t documents;
	int error; /* -errno: the reading ends */
	bool ended;
};

static struct ydoc_mark place(const yaml_mark_t *m)
{
	return (struct ydoc_mark){ m->line + 1, m->column + 1 };
}

static struct ydoc_node *new_node(struct reader *r, enum ydoc_type type, const yaml_event_t *e)
{
	struct ydoc_node *n = calloc(1, sizeof(*n));

	if (!n) {
		r->error = -ENOMEM;
		return NULL;
	}
	n->type = type;
	n->mark = place(&e->start_mark);
	n->owned_next = r->doc->owned;
	r->doc->owned = n;
	return n;
}

static void append(struct level *l, struct ydoc_node *n)
{
	if (l->last)
		l->last->next = n;
	else
		l->node->first = n;
	l->last = n;
	l->node->count++;
}

/* A key: the value follows. */
static void take_key(struct reader *r, struct level *l, struct ydoc_node *n)
{
	l->key = n;
	l->skip = n->type != YDOC_TEXT;
	if (l->skip)
		ydoc_error(r->errors, n->mark, "a key must be a word, not a %s",
			n->type == YDOC_LIST ? "list" : "map");
}

static void take(struct reader *r, struct ydoc_node *n)
{
	struct level *l = r->depth ? &r->levels[r->depth - 1] : NULL;

	if (!l) {
		r->doc->root = n;
	} else if (l->node->type == YDOC_LIST) {
		append(l, n);
	} else if (!l->key) {
		take_key(r, l, n);
	} else {
		n->key = l->key;
		if (!l->skip)
			append(l, n);
		l->key = NULL;
	}
}

static bool refuse_extras(
	struct reader *r, const yaml_event_t *e, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		ydoc_error(r->errors, place(&e->start_mark), "anchors ('&') are not supported");
	if (tag)
		ydoc_error(r->errors, place(&e->start_mark), "tags ('!') are not supported");
	return anchor || tag;
}

static void on_text(struct reader *r, const yaml_event_t *e)
{
	const char *value = (const char *)e->data.scalar.value;
	struct ydoc_node *n = new_node(r, YDOC_TEXT, e);

	if (!n)
		return;
	refuse_extras(r, e, e->data.scalar.anchor, e->data.scalar.tag);
	n->len = e->data.scalar.length;
	n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	n->text = malloc(n->len + 1);
	if (!n->text) {
		r->error = -ENOMEM;
		return;
	}
	memcpy(n->text, value, n->len);
	n->text[n->len] = '\0';
	if (memchr(n->text, '\0', n->len))
		ydoc_error(r->errors, n->mark, "NUL is not allowed");
	take(r, n);
}

static void on_start(struct reader *r, enum ydoc_type type, const yaml_event_t *e)
{
	struct ydoc_node *n;

	if (r->depth == YDOC_DEPTH_MAX) {
		ydoc_error(r->errors, place(&e->start_mark), "more than %d levels deep", YDOC_DEPTH_MAX);
		r->ended = r->doc->broken = true;
		return;
	}
	n = new_node(r, type, e);
	if (!n)
		return;
	take(r, n);
	r->levels[r->depth++] = (struct level){ .node = n };
}

static int by_name(const void *pa, const void *pb)
{
	const struct ydoc_node *a = *(struct ydoc_node *const *)pa, *b = *(struct ydoc_node *const *)pb;
	int r = strcmp(a->key->text, b->key->text);

	if (r)
		return r;
	if (a->key->mark.line != b->key->mark.line)
		return a->key->mark.line < b->key->mark.line ? -1 : 1;
	return a->key->mark.column < b->key->mark.column ? -1 : 1;
}

/* A sorted copy, so that a map of any length is checked in little more than the time it takes to read it. */
static void check_duplicates(struct reader *r, const struct ydoc_node *map)
{
	size_t n = 0;

	if (map->count < 2)
		return;
	AUTO_FREE const struct ydoc_node **v = calloc(map->count, sizeof(*v));
	if (!v) {
		r->error = -ENOMEM;
		return;
	}
	for (const struct ydoc_node *c = map->first; c; c = c->next)
		v[n++] = c;
	qsort(v, n, sizeof(*v), by_name);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(v[i]->key->text, v[i - 1]->key->text) != 0)
			continue;
		AUTO_FREE char *key = ipc_escape_dup(v[i]->key->text, v[i]->key->len, 0);
		ydoc_error(r->errors, v[i]->key->mark, "'%s' is there already, in line %zu", key ? key : "?",
			v[i - 1]->key->mark.line);
	}
}

static void on_end(struct reader *r)
{
	const struct ydoc_node *n = r->levels[--r->depth].node;

	if (n->type == YDOC_MAP)
		check_duplicates(r, n);
}

static void on_alias(struct reader *r, const yaml_event_t *e)
{
	struct ydoc_node *n = new_node(r, YDOC_TEXT, e);

	ydoc_error(r->errors, place(&e->start_mark),
		"aliases ('*') are not supported; quote what begins with '*'");
	if (n)
		n->text = strdup("");
	if (n && n->text)
		take(r, n);
	else
		r->error = -ENOMEM;
}

static void on_document(struct reader *r, const yaml_event_t *e)
{
	if (++r->documents == 1)
		return;
	ydoc_error(r->errors, place(&e->start_mark), "a second document: a profile has one");
	r->ended = true;
}

static void on_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		on_text(r, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_extras(r, e, e->data.sequence_start.anchor, e->data.sequence_start.tag);
		on_start(r, YDOC_LIST, e);
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_extras(r, e, e->data.mapping_start.anchor, e->data.mapping_start.tag);
		on_start(r, YDOC_MAP, e);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		on_end(r);
		break;
	case YAML_ALIAS_EVENT:
		on_alias(r, e);
		break;
	case YAML_DOCUMENT_START_EVENT:
		on_document(r, e);
		break;
	case YAML_STREAM_END_EVENT:
		r->ended = true;
		break;
	default:
		break;
	}
}

/* --- what is no YAML ------------------------------------------------------------------------------ */

/* The character at a place, or NUL. */
static char at(const struct reader *r, struct ydoc_mark mark)
{
	const char *line = r->text, *end = r->text + r->len;

	for (size_t n = 1; n < mark.line; n++) {
		line = memchr(line, '\n', (size_t)(end - line));
		if (!line)
			return '\0';
		line++;
	}
	for (size_t n = 1; n < mark.column && line < end; n++)
		for (line++; line < end && ((unsigned char)*line & 0xc0) == 0x80;)
			line++;
	return line < end ? *line : '\0';
}

/* Where a byte is: libyaml counts bytes where it can't decode. */
static struct ydoc_mark mark_of(const struct reader *r, size_t offset)
{
	struct ydoc_mark mark = { 1, 1 };

	for (size_t i = 0; i < offset && i < r->len; i++) {
		if (r->text[i] == '\n')
			mark = (struct ydoc_mark){ mark.line + 1, 1 };
		else if (((unsigned char)r->text[i] & 0xc0) != 0x80)
			mark.column++;
	}
	return mark;
}

static void on_reader_error(struct reader *r, const yaml_parser_t *p)
{
	struct ydoc_mark mark = mark_of(r, p->problem_offset);

	if (p->problem_value == 0)
		ydoc_error(r->errors, mark, "NUL is not allowed");
	else if (p->problem_value > 0 && strstr(p->problem, "control"))
		ydoc_error(r->errors, mark, "the control character %#04x is not allowed",
			(unsigned)p->problem_value);
	else
		ydoc_error(r->errors, mark, "this is no UTF-8: %s", p->problem);
}

static void on_syntax_error(struct reader *r, const yaml_parser_t *p)
{
	struct ydoc_mark mark = place(&p->problem_mark);

	if (p->error == YAML_MEMORY_ERROR) {
		r->error = -ENOMEM;
	} else if (p->error == YAML_READER_ERROR) {
		on_reader_error(r, p);
	} else if (at(r, mark) == '\t') {
		ydoc_error(r->errors, mark, "a tab can't stand here; indent with spaces");
	} else if (p->context) {
		ydoc_error(r->errors, mark, "%s %s that began in line %zu", p->problem, p->context,
			p->context_mark.line + 1);
	} else {
		ydoc_error(r->errors, mark, "%s", p->problem ? p->problem : "this is no YAML");
	}
}

int ydoc_read(const char *text, size_t len, struct ydoc *ret, struct ydoc_errors *errors)
{
	struct reader r = { .text = text, .len = len, .doc = ret, .errors = errors };
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	while (!r.ended && r.error == 0) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			on_syntax_error(&r, &parser);
			ret->broken = true;
			break;
		}
		on_event(&r, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return errors->out_of_memory ? -ENOMEM : r.error;
}
