#include "cli/profile_load.h"

#include "ipc/io.h"
#include "ipc/layout.h"
#include "ipc/nearest.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the sections ---------------------------------------------------------------------------------- */

static void take_default(
	struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *value, void *arg)
{
	(void)arg;
	if (key->use == USE_ATTR)
		profile_attr(l, key, value, &l->defaults);
}

static void take_audit(
	struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *value, void *arg)
{
	struct profile_audit *a = arg;
	struct ipc_attrs attrs = { 0 };
	uint64_t mode;

	switch (key->use) {
	case USE_AUDIT_FILE:
		a->target = profile_text(l, "a path, journal: or syslog:", value);
		if (a->target && strcmp(a->target, "journal:") != 0 && strcmp(a->target, "syslog:") != 0)
			a->target = profile_path(l, a->target);
		break;
	case USE_AUDIT_REQUIRED:
		profile_flag(l, key, value, &a->required);
		break;
	case USE_AUDIT_EACH:
		profile_flag(l, key, value, &a->each);
		break;
	case USE_AUDIT_MODE:
		if (profile_number(l, key, value, &mode))
			a->mode = (mode_t)mode;
		break;
	case USE_AUDIT_GROUP:
		profile_attr(l, key, value, &attrs);
		if (ipc_attr_given(&attrs, ATTR_GID))
			a->gid = (gid_t)attrs.v[ATTR_GID];
		break;
	default:
		break;
	}
}

static void read_layout(struct profile_loader *l, const struct ydoc_node *n)
{
	struct profile *p = l->profile;
	char *text = profile_text(l, "a structure in C, or @FILE.h", n);

	if (!profile_is_word(n->key->text)) {
		AUTO_FREE char *word = ipc_escape_dup(n->key->text, n->key->len, 0);
		ydoc_error(l->errors, n->key->mark,
			"'%s' is no word: letters, digits, '_', '-' and '.' are allowed", word ? word : "?");
	}
	if (text && text[0] == '@') {
		char *path = profile_path(l, strdup(text + 1));
		free(text);
		if (!path || asprintf(&text, "@%s", path) < 0)
			text = NULL;
		free(path);
	} else if (text) {
		struct ipc_layout_error error = { .line = 1, .column = 1 };
		struct ipc_layout *layout = NULL;
		if (ipc_layout_parse(text, strlen(text), NULL, &layout, &error) < 0)
			ydoc_error(l->errors, n->mark, "layout '%s', line %zu, column %zu: %s", n->key->text,
				error.line, error.column, error.why);
		ipc_layout_free(layout);
	}
	struct profile_layout *v = reallocarray(p->layouts, p->layouts_len + 1, sizeof(*v));
	char *name = strdup(n->key->text);
	if (!v || !name) {
		l->no_memory = true;
		free(text);
		free(name);
		return;
	}
	p->layouts = v;
	v[p->layouts_len++] = (struct profile_layout){ name, text };
}

static void read_layouts(struct profile_loader *l, const struct ydoc_node *node)
{
	if (node->type != YDOC_MAP) {
		ydoc_error(l->errors, node->mark, "expected a map, NAME: \"int a; char b[8];\", not %s",
			profile_node_text(node));
		return;
	}
	for (const struct ydoc_node *n = node->first; n; n = n->next)
		read_layout(l, n);
}

static void take_pattern(struct profile_loader *l, const struct ydoc_node *node, char *text, void *arg)
{
	struct profile *p = l->profile;
	struct ipc_selector_error error = { 0 };
	struct ipc_selector sel = { 0 };

	(void)arg;
	int r = text[0] == '%' ? -EINVAL
			       : ipc_selector_parse(l->ctx, text, NULL, SELECTOR_GLOB, &sel, &error);
	if (r < 0) {
		AUTO_FREE char *safe = ipc_escape_dup(text, strlen(text), 0);
		ydoc_error(l->errors, node->mark, "protect: '%s': %s", safe ? safe : "?",
			error.why[0] ? error.why : "expected KIND:NAME, such as \"shm:/postgres*\"");
		free(text);
		return;
	}
	free(text);
	/* "run/x*" is below the file's directory; a pattern without a directory is of any name. */
	bool file = sel.form == FORM_PATH || (sel.pattern && sel.kind->forms & BIT(FORM_PATH));
	if (file && sel.name[0] != '@' && (strchr(sel.name, '/') || !sel.pattern)) {
		sel.name = profile_path(l, sel.name);
		sel.name_len = sel.name ? strlen(sel.name) : 0;
	}
	struct ipc_selector *v = reallocarray(p->protect, p->protect_len + 1, sizeof(*v));
	if (!v) {
		l->no_memory = true;
		ipc_selector_clear(&sel);
		return;
	}
	p->protect = v;
	v[p->protect_len++] = sel;
}

/* The objects come last: they refer to the other sections, which stand where they like. */
struct sections {
	const struct profile_section *object;
	const struct ydoc_node *objects;
};

static void take_section(
	struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *value, void *arg)
{
	struct sections *s = arg;

	switch (key->use) {
	case USE_VERSION:
		profile_word(l, key, value);
		break;
	case USE_DEFAULTS:
		profile_walk(l, key->inner, value, take_default, NULL);
		break;
	case USE_LAYOUTS:
		read_layouts(l, value);
		break;
	case USE_OBJECTS:
		s->object = key->inner;
		s->objects = value;
		break;
	case USE_PROTECT:
		profile_texts(l, key, value, take_pattern, NULL);
		break;
	case USE_AUDIT:
		profile_walk(l, key->inner, value, take_audit, &l->profile->audit);
		break;
	default:
		break;
	}
}

static void check_layouts(struct profile_loader *l)
{
	const struct profile *p = l->profile;

	for (size_t i = 0; i < p->objects_len; i++) {
		const struct profile_object *o = &p->objects[i];
		if (!o->layout || profile_layout(p, o->layout))
			continue;
		struct ipc_nearest n = { .word = o->layout, .len = strlen(o->layout) };
		for (size_t k = 0; k < p->layouts_len; k++)
			ipc_nearest_offer(&n, p->layouts[k].name, strlen(p->layouts[k].name));
		AUTO_FREE char *safe = ipc_escape_dup(o->layout, strlen(o->layout), 0);
		ydoc_error(l->errors, o->layout_mark, "there is no layout '%s'%s%.*s%s", safe ? safe : "?",
			n.best ? "; did you mean '" : "", (int)n.best_len, n.best ? n.best : "",
			n.best ? "'?" : "");
	}
}

static int load(struct profile_loader *l, const char *text, size_t len)
{
	AUTO_YDOC struct ydoc doc = { 0 };
	struct sections s = { 0 };
	int r = ydoc_read(text, len, &doc, l->errors);

	if (r < 0)
		return r;
	/* What could not be read to its end would be told of as missing. */
	if (doc.broken)
		return -EINVAL;
	if (!doc.root)
		ydoc_error(l->errors, (struct ydoc_mark){ 1, 1 },
			"there is nothing in it; it begins with 'version: 1'");
	else
		profile_walk(l, &profile_top, doc.root, take_section, &s);
	if (s.objects)
		profile_objects(l, s.object, s.objects);
	check_layouts(l);
	if (l->no_memory || l->errors->out_of_memory)
		return -ENOMEM;
	return l->errors->len ? -EINVAL : 0;
}

/* --- the file --------------------------------------------------------------------------------------- */

/* A regular file: a FIFO or a device that stands under the name would be waited for. */
static int read_file(const char *path, char **ret, size_t *ret_len)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > (off_t)YDOC_SIZE_MAX)
		return -EFBIG;
	AUTO_FREE char *text = malloc(YDOC_SIZE_MAX + 1);
	if (!text)
		return -ENOMEM;
	ssize_t n = ipc_read_full(fd, text, YDOC_SIZE_MAX + 1);
	if (n < 0 || n > (ssize_t)YDOC_SIZE_MAX)
		return n < 0 ? (int)n : -EFBIG;
	*ret_len = (size_t)n;
	*ret = text;
	text = NULL;
	return 0;
}

static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? strdup("/") : slash ? strndup(path, (size_t)(slash - path)) : NULL;
}

int profile_read(struct ipc_ctx *ctx, const char *path, struct profile **ret, struct ydoc_errors *errors)
{
	struct profile_loader l = { .ctx = ctx, .errors = errors };
	AUTO_FREE char *text = NULL, *dir = NULL;
	size_t len = 0;
	int r = read_file(path, &text, &len);

	if (r < 0)
		return r;
	l.profile = calloc(1, sizeof(*l.profile));
	if (!l.profile)
		return -ENOMEM;
	l.profile->audit = (struct profile_audit){ .mode = 0600, .gid = (gid_t)-1 };
	l.profile->path = realpath(path, NULL);
	l.dir = dir = l.profile->path ? directory_of(l.profile->path) : NULL;
	r = l.profile->path ? l.dir ? load(&l, text, len) : -ENOMEM : -errno;
	ydoc_errors_sort(errors);
	if (r < 0)
		profile_free(l.profile);
	else
		*ret = l.profile;
	return r;
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->objects_len; i++)
		profile_object_clear(&p->objects[i]);
	for (size_t i = 0; i < p->layouts_len; i++) {
		free(p->layouts[i].name);
		free(p->layouts[i].text);
	}
	for (size_t i = 0; i < p->protect_len; i++)
		ipc_selector_clear(&p->protect[i]);
	free(p->objects);
	free(p->layouts);
	free(p->protect);
	free(p->audit.target);
	free(p->path);
	free(p);
}

const struct profile_object *profile_find(const struct profile *p, const char *word, const char **ret_nearest)
{
	struct ipc_nearest n = { .word = word, .len = strlen(word) };

	for (size_t i = 0; i < p->objects_len; i++) {
		if (strcmp(p->objects[i].word, word) == 0)
			return &p->objects[i];
		ipc_nearest_offer(&n, p->objects[i].word, strlen(p->objects[i].word));
	}
	*ret_nearest = n.best;
	return NULL;
}

const char *profile_layout(const struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->layouts_len; i++)
		if (strcmp(p->layouts[i].name, name) == 0)
			return p->layouts[i].text;
	return NULL;
}
