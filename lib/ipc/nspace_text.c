#include "ipc/nspace_text.h"

#include "ipc/io.h"
#include "ipc/procfds_text.h"
#include "ipc/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

/* A part of the text. */
struct part {
	const char *p;
	size_t len;
};

static bool begins(struct part text, const char *with)
{
	size_t n = strlen(with);

	return text.len >= n && memcmp(text.p, with, n) == 0;
}

static bool is(struct part text, const char *word)
{
	return text.len == strlen(word) && begins(text, word);
}

static bool ends(struct part text, const char *with)
{
	size_t n = strlen(with);

	return text.len >= n && memcmp(text.p + text.len - n, with, n) == 0;
}

/* Up to a separator, which is taken off the text too. */
static struct part take(struct part *text, char separator)
{
	const char *at = text->len ? memchr(text->p, separator, text->len) : NULL;
	struct part head = { text->p, at ? (size_t)(at - text->p) : text->len };
	size_t used = head.len + (at != NULL);

	text->p += used;
	text->len -= used;
	return head;
}

static struct part take_line(const char **text)
{
	size_t len = strcspn(*text, "\n");
	struct part line = { *text, len };

	*text += len + ((*text)[len] == '\n');
	return line;
}

/* --- containers --- */

enum { ID_LEN = 64, ID_SHOWN = 12 };

/* How container managers name the control group of a container; the name is what is left of it. */
static const struct rule {
	const char *parent; /* the group above it; NULL: any */
	const char *prefix, *suffix;
	const char *manager;
	bool id; /* 64 hexadecimal digits, and a suffix is not needed */
} rules[] = {
	{ NULL, "docker-", ".scope", "docker", true },
	{ NULL, "cri-containerd-", ".scope", "containerd", true },
	{ NULL, "crio-", ".scope", "crio", true },
	{ NULL, "libpod-payload-", "", "podman", true },
	{ NULL, "libpod-", ".scope", "podman", true },
	{ NULL, "nerdctl-", ".scope", "nerdctl", true },
	{ NULL, "lxc.payload.", "", "lxc", false },
	{ NULL, "machine-", ".scope", "machine", false },
	{ NULL, "systemd-nspawn@", ".service", "machine", false },
	{ "docker", "", "", "docker", true },
	{ "pod", "", "", "kube", true },
	{ "", "", "", "container", true },
	{ "lxc", "", "", "lxc", false },
};

static bool is_id(struct part text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!((text.p[i] >= '0' && text.p[i] <= '9') || (text.p[i] >= 'a' && text.p[i] <= 'f')))
			return false;
	return text.len == ID_LEN;
}

/* Pods have their identifier in the name of the group: it is told by its beginning. */
static bool is_below(const struct rule *rule, struct part parent)
{
	if (!rule->parent || !*rule->parent)
		return true;
	return is(parent, rule->parent) || (strcmp(rule->parent, "pod") == 0 && begins(parent, "pod"));
}

static bool matches(const struct rule *rule, struct part parent, struct part group, struct part *ret)
{
	struct part name = group;
	bool suffixed = ends(group, rule->suffix);

	if (!is_below(rule, parent) || !begins(group, rule->prefix) || (!suffixed && !rule->id))
		return false;
	name.p += strlen(rule->prefix);
	name.len -= strlen(rule->prefix);
	if (name.len < (suffixed ? strlen(rule->suffix) : 0))
		return false;
	name.len -= suffixed ? strlen(rule->suffix) : 0;
	if (name.len == 0 || (rule->id && !is_id(name)))
		return false;
	*ret = name;
	return true;
}

/* The last of the groups, separated by colons, that systemd was not asked to make: "SLICE:cri-containerd:ID". */
static struct part last_word(struct part group)
{
	struct part word = group;

	while (group.len > 0)
		word = take(&group, ':');
	return word;
}

struct found {
	const struct rule *rule; /* NULL: a unit */
	struct part name;
};

/* What a path of groups tells: the innermost container, else the innermost unit. */
static void search_path(struct part path, struct found *container, struct found *unit)
{
	struct part parent = { "", 0 };

	while (path.len > 0) {
		struct part group = take(&path, '/'), name, word = last_word(group);
		for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
			if (matches(&rules[i], parent, group, &name) ||
				matches(&rules[i], parent, word, &name)) {
				*container = (struct found){ &rules[i], name };
				break;
			}
		}
		if (ends(group, ".service") || ends(group, ".scope"))
			*unit = (struct found){ NULL, group };
		parent = group;
	}
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* systemd's "\x2d" for what may not stand in a unit's name; a NUL stays as it is written. */
static size_t unescape_unit(struct part text, char *dst)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		int high = i + 3 < text.len && text.p[i] == '\\' && text.p[i + 1] == 'x' ? hex(text.p[i + 2])
											 : -1;
		int low = high >= 0 ? hex(text.p[i + 3]) : -1;
		if (low >= 0 && high + low > 0) {
			dst[len++] = (char)(16 * high + low);
			i += 3;
		} else {
			dst[len++] = text.p[i];
		}
	}
	return len;
}

static char *found_text(const struct found *f)
{
	AUTO_FREE char *raw = malloc(f->name.len + 1), *name = NULL;
	char *all = NULL;
	size_t len;

	if (!raw)
		return NULL;
	if (f->rule && !f->rule->id) {
		len = unescape_unit(f->name, raw);
	} else {
		len = f->rule ? ID_SHOWN : f->name.len;
		memcpy(raw, f->name.p, len);
	}
	name = ipc_escape_dup(raw, len, 0);
	if (!name)
		return NULL;
	int n = f->rule ? asprintf(&all, "%s:%s", f->rule->manager, name) : asprintf(&all, "%s", name);
	return n < 0 ? NULL : all;
}

char *nspace_container(const char *text)
{
	struct found container = { 0 }, unit = { 0 };

	while (*text) {
		struct part line = take_line(&text);
		take(&line, ':'); /* the hierarchy */
		take(&line, ':'); /* its controllers */
		if (!container.rule)
			search_path(line, &container, &unit);
	}
	if (container.rule)
		return found_text(&container);
	return unit.name.p ? found_text(&unit) : NULL;
}

/* --- mounts --- */

/* Digits alone; what is more than 32 bits is none of the kernel's. */
static bool take_number(struct part text, unsigned *ret)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		n = 10 * n + (uint64_t)(text.p[i] - '0');
		if (n > UINT32_MAX)
			return false;
	}
	*ret = (unsigned)n;
	return text.len > 0;
}

/* "ipc:[N]" */
static ino_t ipc_namespace(struct part root)
{
	static const char prefix[] = "ipc:[";
	enum { PREFIX_LEN = sizeof(prefix) - 1 };
	unsigned n;

	if (!begins(root, prefix) || !ends(root, "]"))
		return 0;
	return take_number((struct part){ root.p + PREFIX_LEN, root.len - PREFIX_LEN - 1 }, &n) ? n : 0;
}

static bool parse_mount(struct part line, struct nspace_mount *ret)
{
	unsigned parent, major_no, minor_no;
	struct nspace_mount m;
	struct part field, root;

	if (!take_number(take(&line, ' '), &m.id) || !take_number(take(&line, ' '), &parent) ||
		!take_number(take(&line, ':'), &major_no) || !take_number(take(&line, ' '), &minor_no))
		return false;
	m.dev = makedev(major_no, minor_no);
	root = take(&line, ' ');
	m.whole = is(root, "/");
	field = take(&line, ' ');
	m.point = field.p;
	m.point_len = field.len;
	do { /* optional fields, up to a dash */
		if (line.len == 0)
			return false;
		field = take(&line, ' ');
	} while (!is(field, "-"));
	field = take(&line, ' ');
	m.tmpfs = is(field, "tmpfs");
	m.ipcns = is(field, "nsfs") ? ipc_namespace(root) : 0;
	*ret = m;
	return true;
}

bool nspace_mount_next(const char **text, struct nspace_mount *ret)
{
	while (**text)
		if (parse_mount(take_line(text), ret))
			return true;
	return false;
}

char *nspace_mount_path(const struct nspace_mount *m)
{
	char *path = strndup(m->point, m->point_len);

	if (path)
		procfds_unescape(path);
	return path;
}

bool nspace_is_shm(const char *theirs, const char *ours, unsigned id, dev_t dev)
{
	struct nspace_mount m;
	bool found = false;

	while (!found && nspace_mount_next(&theirs, &m))
		found = m.id == id && m.dev == dev && m.tmpfs && m.whole;
	while (found && nspace_mount_next(&ours, &m))
		found = m.dev != dev || ends((struct part){ m.point, m.point_len }, "/shm");
	return found;
}
