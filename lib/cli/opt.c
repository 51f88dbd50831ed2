#include "cli/opt.h"

#include "cli/diag.h"
#include "cli/units.h"
#include "ipc/io.h"
#include "ipc/nearest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CANDIDATES_MAX = 128, ALSO_MAX = 200 };

const char *opt_name(const struct opt *o)
{
	return o->type == OPT_ATTR ? ipc_attr_descs[o->attr].name : o->name;
}

const char *opt_help(const struct opt *o)
{
	return o->type == OPT_ATTR && !o->help ? ipc_attr_descs[o->attr].help : o->help;
}

const char *opt_metavar(const struct opt *o)
{
	if (o->type != OPT_ATTR)
		return o->metavar;
	switch (ipc_attr_descs[o->attr].unit) {
	case UNIT_BYTES:
		return "SIZE";
	case UNIT_MODE:
		return "MODE";
	case UNIT_UID:
		return "USER[:GROUP]";
	default:
		return "NUMBER";
	}
}

/* As it would be given: exact, in the largest unit that divides it. */
static void exact_size(uint64_t bytes, char text[UNITS_TEXT_MAX])
{
	static const char *const suffixes[] = { "", "K", "M", "G", NULL };
	size_t i = 0;

	for (; bytes % 1024 == 0 && suffixes[i + 1]; i++)
		bytes /= 1024;
	snprintf(text, UNITS_TEXT_MAX, "%" PRIu64 "%s", bytes, suffixes[i]);
}

const char *opt_default(const struct opt *o, char text[UNITS_TEXT_MAX])
{
	text[0] = '\0';
	if (o->type == OPT_UINT && *o->to.uint)
		snprintf(text, UNITS_TEXT_MAX, "%" PRIu64, *o->to.uint);
	else if (o->type == OPT_SIZE && *o->to.size)
		exact_size(*o->to.size, text);
	else if (o->type == OPT_DURATION && *o->to.nsec > 0)
		format_duration(*o->to.nsec, text);
	else if (o->type == OPT_CHOICE && o->choices[0] && *o->to.choice >= 0)
		snprintf(text, UNITS_TEXT_MAX, "%s", o->choices[*o->to.choice]);
	return text;
}

static int each_option(
	const struct opt *table, bool hidden, int (*fn)(const struct opt *o, void *arg), void *arg)
{
	for (const struct opt *o = table; o && o->type != OPT_END; o++) {
		int r = 0;
		if (o->type == OPT_INCLUDE)
			r = each_option(o->to.table, hidden, fn, arg);
		else if (hidden || !o->hidden)
			r = fn(o, arg);
		if (r)
			return r;
	}
	return 0;
}

int opt_each(const struct opt *table, int (*fn)(const struct opt *o, void *arg), void *arg)
{
	return each_option(table, false, fn, arg);
}

const char *opt_nearest(const char *word, const char *const *candidates)
{
	struct ipc_nearest n = { .word = word, .len = strlen(word) };

	for (; *candidates; candidates++)
		ipc_nearest_offer(&n, *candidates, strlen(*candidates));
	return n.best;
}

struct search {
	const char *word;
	size_t len;
	char letter;
	const struct opt *found;
	size_t matches;      /* of a prefix */
	char also[ALSO_MAX]; /* those matches, for a message */
	size_t names_len;
	const char *names[CANDIDATES_MAX];
};

static int search_name(const struct opt *o, void *arg)
{
	struct search *s = arg;
	const char *name = opt_name(o);

	if (!name || (o->hidden && (strlen(name) != s->len || strncmp(name, s->word, s->len) != 0)))
		return 0;
	if (s->names_len < CANDIDATES_MAX - 1)
		s->names[s->names_len++] = name;
	if (strncmp(name, s->word, s->len) != 0)
		return 0;
	if (!name[s->len]) {
		s->found = o;
		s->matches = 1;
		return 1; /* the whole name wins over names that it begins */
	}
	s->found = o;
	size_t used = strlen(s->also);
	snprintf(s->also + used, sizeof(s->also) - used, "%s--%s", s->matches++ ? ", " : "", name);
	return 0;
}

static int search_letter(const struct opt *o, void *arg)
{
	struct search *s = arg;

	if (!o->letter || o->letter != s->letter)
		return 0;
	s->found = o;
	return 1;
}

/* What a value of this type looks like, for who wrote another one. */
static const char *sample(const struct opt *o)
{
	switch (o->type) {
	case OPT_DURATION:
		return ", such as 250ms, 5m or 7d";
	case OPT_SIZE:
		return ", such as 512, 64K or 1M";
	default:
		return "";
	}
}

static int bad_value(const struct opt *o, const char *value, int error)
{
	AUTO_FREE char *text = shown(value);

	if (error == -ERANGE)
		return usage_error("--%s: '%s' is out of range", opt_name(o), text);
	if (error == -ENOENT)
		return usage_error("--%s: there is no user or group '%s'", opt_name(o), text);
	if (o->type == OPT_UINT)
		return usage_error("--%s: '%s' is not a whole number", opt_name(o), text);
	return usage_error("--%s: '%s' is not a %s%s", opt_name(o), text, opt_metavar(o), sample(o));
}

static int set_choice(const struct opt *o, const char *value)
{
	size_t len = strlen(value);
	int prefix = -1, prefixes = 0;

	for (int i = 0; o->choices[i]; i++) {
		if (strcmp(o->choices[i], value) == 0) {
			*o->to.choice = i;
			return CLI_OK;
		}
		if (len > 0 && strncmp(o->choices[i], value, len) == 0) {
			prefix = i;
			prefixes++;
		}
	}
	if (prefixes == 1) {
		*o->to.choice = prefix;
		return CLI_OK;
	}
	AUTO_FREE char *text = shown(value);
	const char *nearest = opt_nearest(value, o->choices);
	if (nearest)
		return usage_error("--%s: unknown word '%s'; did you mean '%s'?", opt_name(o), text, nearest);
	char words[200] = "";
	size_t used = 0;
	for (int i = 0; o->choices[i] && used < sizeof(words); i++)
		used += (size_t)snprintf(
			words + used, sizeof(words) - used, "%s%s", i ? ", " : "", o->choices[i]);
	return usage_error("--%s: unknown word '%s'; it takes one of %s", opt_name(o), text, words);
}

static int set_owner(const struct opt *o, const char *value)
{
	uid_t uid;
	gid_t gid;
	int r = parse_owner(value, &uid, &gid);

	if (r < 0)
		return r;
	if (uid != (uid_t)-1)
		ipc_attr_set(o->to.attrs, ATTR_UID, uid);
	if (gid != (gid_t)-1)
		ipc_attr_set(o->to.attrs, ATTR_GID, gid);
	return 0;
}

static int set_attr(const struct opt *o, const char *value)
{
	uint64_t n = 0;
	mode_t mode = 0;
	int r;

	switch (ipc_attr_descs[o->attr].unit) {
	case UNIT_BYTES:
		r = parse_size(value, &n);
		break;
	case UNIT_MODE:
		r = parse_mode(value, &mode);
		n = mode;
		break;
	case UNIT_UID:
		return set_owner(o, value);
	default:
		r = parse_uint(value, INT64_MAX, &n);
	}
	if (r == 0)
		ipc_attr_set(o->to.attrs, o->attr, n);
	return r;
}

static int set_integer(const struct opt *o, const char *value)
{
	bool negative = *value == '-';
	uint64_t n;
	int r = parse_uint(value + negative, INT64_MAX, &n);

	if (r == 0)
		*o->to.integer = negative ? -(int64_t)n : (int64_t)n;
	return r;
}

static int set_value(const struct opt *o, const char *value)
{
	int r = 0;

	switch (o->type) {
	case OPT_FLAG:
		*o->to.flag = true;
		break;
	case OPT_UINT:
		r = parse_uint(value, INT64_MAX, o->to.uint);
		break;
	case OPT_INT:
		r = set_integer(o, value);
		break;
	case OPT_SIZE:
		r = parse_size(value, o->to.size);
		break;
	case OPT_DURATION:
		r = parse_duration(value, o->to.nsec);
		break;
	case OPT_STRING:
		*o->to.string = value;
		break;
	case OPT_STRINGS:
		if (o->to.strings->len == OPT_STRINGS_MAX)
			return usage_error("--%s is given too often", opt_name(o));
		o->to.strings->from[o->to.strings->len] = o;
		o->to.strings->v[o->to.strings->len++] = value;
		break;
	case OPT_CHOICE:
		if (set_choice(o, value) != CLI_OK)
			return CLI_USAGE;
		break;
	case OPT_ATTR:
		r = set_attr(o, value);
		break;
	case OPT_INCLUDE:
	case OPT_END:
		break;
	}
	if (r < 0)
		return bad_value(o, value, r);
	if (o->given)
		*o->given = true;
	return CLI_OK;
}

static int unknown_option(const struct search *s, const char *arg)
{
	AUTO_FREE char *text = shown(arg);
	AUTO_FREE char *word = strndup(s->word, s->len);
	const char *nearest = word ? opt_nearest(word, s->names) : NULL;

	if (nearest)
		return usage_error("unknown option '%s'; did you mean '--%s'?", text, nearest);
	return usage_error("unknown option '%s'", text);
}

/* "--name", "--name=value" or "--name value"; *i moves behind what was read. */
static int parse_long(struct opt_parse *p, int argc, char **argv, int *i)
{
	const char *arg = argv[*i], *equals = strchr(arg, '=');
	struct search s = { .word = arg + 2, .len = equals ? (size_t)(equals - arg - 2) : strlen(arg + 2) };

	for (size_t t = 0; t < OPT_TABLES; t++)
		if (each_option(p->tables[t], true, search_name, &s))
			break;
	AUTO_FREE char *text = shown(arg);
	if (s.matches > 1)
		return usage_error("the option '%s' may mean several: %s", text, s.also);
	if (!s.found)
		return unknown_option(&s, arg);
	(*i)++;
	if (s.found->type == OPT_FLAG && equals)
		return usage_error("--%s takes no argument", opt_name(s.found));
	if (s.found->type == OPT_FLAG)
		return set_value(s.found, NULL);
	if (equals)
		return set_value(s.found, equals + 1);
	if (*i >= argc)
		return usage_error("--%s needs an argument: %s", opt_name(s.found), opt_metavar(s.found));
	return set_value(s.found, argv[(*i)++]);
}

/* "-x", bundles, "-xVALUE" and "-x VALUE". */
static int parse_short(struct opt_parse *p, int argc, char **argv, int *i)
{
	const char *letters = argv[(*i)++] + 1;

	for (; *letters; letters++) {
		struct search s = { .letter = *letters };
		for (size_t t = 0; t < OPT_TABLES && !s.found; t++)
			each_option(p->tables[t], true, search_letter, &s);
		if (!s.found) {
			AUTO_FREE char *text = shown((char[]){ '-', *letters, 0 });
			return usage_error("unknown option '%s'", text);
		}
		if (s.found->type == OPT_FLAG) {
			set_value(s.found, NULL);
			continue;
		}
		if (letters[1])
			return set_value(s.found, letters + 1);
		if (*i >= argc)
			return usage_error("-%c needs an argument: %s", *letters, opt_metavar(s.found));
		return set_value(s.found, argv[(*i)++]);
	}
	return CLI_OK;
}

int opt_parse(struct opt_parse *p, int argc, char **argv)
{
	int i = 0;
	bool verbatim = false;

	p->operands_len = 0;
	while (i < argc) {
		const char *arg = argv[i];
		bool option = arg[0] == '-' && arg[1] && !verbatim;
		if (option && strcmp(arg, "--") == 0) {
			verbatim = true;
			i++;
			continue;
		}
		if (option) {
			int r = arg[1] == '-' ? parse_long(p, argc, argv, &i)
					      : parse_short(p, argc, argv, &i);
			if (r != CLI_OK)
				return r;
			continue;
		}
		if (p->stop_at_operand)
			break;
		p->operands[p->operands_len++] = argv[i++];
		/* The program's own words follow; a "--" before them is ours. */
		if (p->operands_max >= 0 && p->operands_len == p->operands_max + 1)
			verbatim = true;
	}
	if (!p->stop_at_operand)
		p->operands[p->operands_len] = NULL;
	p->used = i;
	return CLI_OK;
}
