#include "cli/profile_schema.h"

#include "cli/sock_serve.h"
#include "ipc/io.h"

#include <string.h>

static const char *const classes[] = { "mq", "shm", "sem", "fifo", "sock", NULL };
static const char *const versions[] = { "1", NULL };

static const struct profile_key default_keys[] = {
	{ 0 },
};

static const struct profile_section defaults = {
	.name = "defaults",
	.article = "'defaults'",
	.title = "Keys of defaults",
	.keys = default_keys,
	.attrs = true,
};

static const struct profile_key object_keys[] = {
	{ "kind", PROFILE_WORD, USE_KIND, "What it is", .required = true, .words = classes },
	{ "name", PROFILE_TEXT, USE_NAME, "Name of a POSIX object, /name; of an abstract socket, @name" },
	{ "key", PROFILE_TEXT, USE_KEY, "Key of a System V object: a number, or ftok:PATH:PROJ" },
	{ "path", PROFILE_TEXT, USE_PATH, "File of a FIFO or a socket" },
	{ "address", PROFILE_TEXT, USE_ADDRESS, "TCP endpoint, tcp:HOST:PORT", .class = "sock" },
	{ "layout", PROFILE_TEXT, USE_LAYOUT, "Which of the layouts its bytes have" },
	{ "external", PROFILE_FLAG, USE_EXTERNAL,
		"Somebody else makes and removes it: up, down and check leave it alone" },
	{ "handler", PROFILE_TEXTS, USE_HANDLER, "Program with its arguments that serves each client",
		.class = "sock" },
	{ 0 },
};

static const struct profile_section object = {
	.name = "object",
	.article = "an object",
	.title = "Keys of an object",
	.keys = object_keys,
	.attrs = true,
	.opts = true,
};

static const struct profile_key audit_keys[] = {
	{ "file", PROFILE_TEXT, USE_AUDIT_FILE,
		"Where lines go: a path, journal: or syslog:", .required = true },
	{ "required", PROFILE_FLAG, USE_AUDIT_REQUIRED, "Refuse what can't be recorded" },
	{ "each", PROFILE_FLAG, USE_AUDIT_EACH, "A line for each message" },
	{ "mode", PROFILE_MODE, USE_AUDIT_MODE, "Permissions of a new file, octal; 0600 unless told" },
	{ "group", PROFILE_GROUP, USE_AUDIT_GROUP, "Group of a new file" },
	{ 0 },
};

static const struct profile_section audit = {
	.name = "audit",
	.article = "'audit'",
	.title = "Keys of audit",
	.keys = audit_keys,
};

static const struct profile_key top_keys[] = {
	{ "version", PROFILE_WORD, USE_VERSION, "Version of this format, 1", .required = true,
		.words = versions },
	{ "defaults", PROFILE_SECTION, USE_DEFAULTS, "Attributes of all objects that have such ones",
		.inner = &defaults },
	{ "layouts", PROFILE_NAMED_TEXT, USE_LAYOUTS, "Structures in C, by name: text, or @FILE.h" },
	{ "objects", PROFILE_NAMED, USE_OBJECTS, "The objects, by the word that names each as %word",
		.inner = &object },
	{ "protect", PROFILE_PATTERNS, USE_PROTECT, "Selectors of what rm and down leave alone" },
	{ "audit", PROFILE_SECTION, USE_AUDIT, "The record of every use", .inner = &audit },
	{ 0 },
};

const struct profile_section profile_top = {
	.name = "profile",
	.article = "a profile",
	.title = "Keys of the file",
	.keys = top_keys,
};

static const enum profile_type unit_types[] = {
	[UNIT_COUNT] = PROFILE_COUNT,
	[UNIT_BYTES] = PROFILE_SIZE,
	[UNIT_UID] = PROFILE_OWNER,
	[UNIT_GID] = PROFILE_GROUP,
	[UNIT_MODE] = PROFILE_MODE,
};

/* What says how one call behaves is no property of the socket. */
static const char *const not_options[] = { "once", "ready-fd", "timeout", "nonblock", "json", "replay",
	"broadcast", "slow" };

static bool is_option(const struct opt *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(not_options); i++)
		if (strcmp(not_options[i], o->name) == 0)
			return false;
	return true;
}

static enum profile_type option_type(const struct opt *o)
{
	switch (o->type) {
	case OPT_FLAG:
		return PROFILE_FLAG;
	case OPT_UINT:
		return PROFILE_COUNT;
	case OPT_SIZE:
		return PROFILE_SIZE;
	case OPT_DURATION:
		return PROFILE_DURATION;
	case OPT_CHOICE:
		return PROFILE_WORD;
	case OPT_STRINGS:
		return PROFILE_RULES;
	default:
		return PROFILE_TEXT;
	}
}

struct visit {
	int (*fn)(const struct profile_key *key, void *arg);
	void *arg;
};

static int visit_option(const struct opt *o, void *arg)
{
	const struct visit *v = arg;

	if (o->type == OPT_ATTR || !is_option(o))
		return 0;
	const struct profile_key key = {
		.name = o->name,
		.type = option_type(o),
		.use = USE_OPT,
		.help = o->help,
		.words = o->choices,
		.class = "sock",
		.opt = o,
	};
	return v->fn(&key, v->arg);
}

int profile_each_key(
	const struct profile_section *section, int (*fn)(const struct profile_key *key, void *arg), void *arg)
{
	int r = 0;

	for (const struct profile_key *k = section->keys; r == 0 && k->name; k++)
		r = fn(k, arg);
	for (unsigned i = 0; r == 0 && section->attrs && i < ATTR_COUNT; i++) {
		const struct ipc_attr_desc *d = &ipc_attr_descs[i];
		const struct profile_key key = { .name = d->name,
			.type = unit_types[d->unit],
			.use = USE_ATTR,
			.help = d->help,
			.attr = i };
		r = fn(&key, arg);
	}
	if (r == 0 && section->opts)
		r = opt_each(sock_serve_opts, visit_option, &(struct visit){ fn, arg });
	return r;
}

static const struct {
	const char *name, *text;
} types[] = {
	[PROFILE_TEXT] = { "TEXT", "text" },
	[PROFILE_COUNT] = { "NUMBER", "a whole number" },
	[PROFILE_SIZE] = { "SIZE", "a SIZE, such as 512, 64K or 1M" },
	[PROFILE_DURATION] = { "DURATION", "a DURATION, such as 250ms, 5m or 7d" },
	[PROFILE_MODE] = { "MODE", "an octal mode, such as 0660" },
	[PROFILE_FLAG] = { "true | false", "true or false" },
	[PROFILE_OWNER] = { "USER[:GROUP]", "USER[:GROUP]" },
	[PROFILE_GROUP] = { "GROUP", "a group" },
	[PROFILE_WORD] = { "WORD", "a word" },
	[PROFILE_TEXTS] = { "WORDS", "a list of words" },
	[PROFILE_RULES] = { "RULES", "a list of rules: uid=USER, gid=GROUP, addr=ADDRESS[/BITS], all" },
	[PROFILE_PATTERNS] = { "SELECTORS", "a list of selectors, such as \"shm:/postgres*\"" },
	[PROFILE_SECTION] = { "KEYS", "a map" },
	[PROFILE_NAMED] = { "KEYS", "a map" },
	[PROFILE_NAMED_TEXT] = { "TEXTS", "a map" },
};

const char *profile_type_name(enum profile_type type)
{
	return types[type].name;
}

const char *profile_type_text(enum profile_type type)
{
	return types[type].text;
}
