#include "cli/column.h"

#include "cli/accounts.h"
#include "cli/diag.h"
#include "cli/holder_out.h"
#include "cli/opt.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static char *text_object(const struct ipc_object *o)
{
	return ipc_selector_format(&o->selector);
}

static char *text_kind(const struct ipc_object *o)
{
	return strdup(o->selector.kind->class);
}

static char *text_api(const struct ipc_object *o)
{
	return strdup(o->selector.kind->api);
}

static char *text_name(const struct ipc_object *o)
{
	return ipc_selector_name(&o->selector);
}

static char *text_state(const struct ipc_object *o)
{
	const char *name = ipc_state_name(o->verdict.state);

	return name ? strdup(name) : NULL;
}

static char *text_owner(const struct ipc_object *o)
{
	struct ipc_value uid = o->common[FIELD_UID];

	return uid.have == HAVE_VALUE ? strdup(user_name((uid_t)uid.number)) : NULL;
}

static char *text_group(const struct ipc_object *o)
{
	struct ipc_value gid = o->common[FIELD_GID];

	return gid.have == HAVE_VALUE ? strdup(group_name((gid_t)gid.number)) : NULL;
}

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* How many processes were found: one may have it in several ways. Without memory some count more than once. */
static int64_t processes(const struct ipc_object *o)
{
	AUTO_FREE pid_t *pids = calloc(o->holders_len + 1, sizeof(*pids));
	int64_t n = 0;

	if (!pids)
		return (int64_t)o->holders_len;
	for (size_t i = 0; i < o->holders_len; i++)
		pids[i] = o->holders[i].pid;
	qsort(pids, o->holders_len, sizeof(*pids), by_number);
	for (size_t i = 0; i < o->holders_len; i++)
		n += i == 0 || pids[i] != pids[i - 1];
	return n;
}

/* How many have it, or at least do. */
static struct ipc_value number_holders(const struct ipc_object *o)
{
	int64_t n = processes(o);

	if (!holder_all_found(o) && n == 0)
		n = ipc_object_get(o, "attaches").number > 0;
	return (struct ipc_value){ n > 0 || holder_all_found(o) ? HAVE_VALUE : HAVE_UNKNOWN, n };
}

/* "3+": three were seen, and there may be others. */
static char *at_least(const struct ipc_object *o, struct ipc_value v)
{
	char *text = NULL;

	if (v.have != HAVE_VALUE || holder_all_found(o))
		return NULL;
	return asprintf(&text, "%" PRId64 "+", v.number) < 0 ? NULL : text;
}

static json_t *json_holders(const struct ipc_object *o)
{
	json_t *all;

	if (o->holders_len == 0 && !holder_all_found(o))
		return json_null();
	all = json_array();
	for (size_t i = 0; all && i < o->holders_len; i++)
		json_array_append_new(all, holder_json(&o->holders[i]));
	return all;
}

/* Since the last use that the kernel records, else since creation. */
static struct ipc_value number_age(const struct ipc_object *o)
{
	static const enum ipc_field_id fields[] = { FIELD_LAST_USED, FIELD_CREATED, FIELD_MODIFIED };
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct ipc_value v = o->common[fields[i]];
		int64_t age = now.tv_sec * NSEC_PER_SEC + now.tv_nsec - v.number;
		if (v.have == HAVE_VALUE)
			return (struct ipc_value){ HAVE_VALUE, age > 0 ? age : 0 };
	}
	return (struct ipc_value){ 0 };
}

static char *text_label(const struct ipc_object *o)
{
	return o->label ? strdup(o->label) : NULL;
}

static struct ipc_value number_ns(const struct ipc_object *o)
{
	if (!o->selector.kind->namespaced)
		return (struct ipc_value){ 0 };
	return (struct ipc_value){ o->ns ? HAVE_VALUE : HAVE_UNKNOWN, (int64_t)o->ns };
}

static struct ipc_value number_ns_pid(const struct ipc_object *o)
{
	return (struct ipc_value){ o->ns_pid ? HAVE_VALUE : HAVE_ABSENT, o->ns_pid };
}

static char *text_container(const struct ipc_object *o)
{
	return o->container ? strdup(o->container) : NULL;
}

static char *join(const struct ipc_reason *reasons, const char *separator)
{
	char *all = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&all, &len);

	if (!f)
		return NULL;
	for (size_t i = 0; i < EVIDENCE_MAX && reasons[i].text; i++) {
		AUTO_FREE char *text = ipc_reason_text(&reasons[i]);
		fprintf(f, "%s%s", i ? separator : "", text ? text : "?");
	}
	fclose(f);
	return all;
}

static char *text_evidence(const struct ipc_object *o)
{
	return join(o->verdict.evidence, "; ");
}

static char *text_unseen(const struct ipc_object *o)
{
	return join(o->verdict.unseen, "; ");
}

static json_t *json_texts(const struct ipc_reason *reasons)
{
	json_t *all = json_array();

	for (size_t i = 0; all && i < EVIDENCE_MAX && reasons[i].text; i++) {
		AUTO_FREE char *text = ipc_reason_text(&reasons[i]);
		json_array_append_new(all, text ? json_string(text) : NULL);
	}
	return all;
}

static json_t *json_evidence(const struct ipc_object *o)
{
	return json_texts(o->verdict.evidence);
}

static json_t *json_unseen(const struct ipc_object *o)
{
	return json_texts(o->verdict.unseen);
}

#define FIELD(which, shown, costs)                                                                           \
	{                                                                                                    \
		.field = true, .id = FIELD_##which, .flags = COLUMN_JSON | (shown), .want = (costs)          \
	}

static const struct column generic[] = {
	{ "object", UNIT_TEXT, "The selector, which every command takes",
		COLUMN_TABLE | COLUMN_JSON | COLUMN_WRAP, .text = text_object },
	{ "kind", UNIT_TEXT, "What kind of object it is", COLUMN_JSON, .text = text_kind },
	{ "api", UNIT_TEXT, "posix, sysv or linux", COLUMN_JSON, .text = text_api },
	{ "name", UNIT_TEXT, "The selector without its kind", COLUMN_JSON, .text = text_name },
	FIELD(KEY, 0, 0),
	FIELD(ID, 0, 0),
	{ "owner", UNIT_TEXT, "Name of the owner", COLUMN_TABLE | COLUMN_JSON, .text = text_owner },
	FIELD(UID, 0, 0),
	{ "group", UNIT_TEXT, "Name of the owner's group", COLUMN_JSON, .text = text_group },
	FIELD(GID, 0, 0),
	FIELD(MODE, COLUMN_TABLE, 0),
	FIELD(SIZE, COLUMN_TABLE, 0),
	FIELD(USED, COLUMN_TABLE, WANT_USED),
	FIELD(CREATED, 0, 0),
	FIELD(MODIFIED, 0, 0),
	FIELD(LAST_USED, 0, 0),
	FIELD(CREATOR_PID, 0, 0),
	FIELD(LAST_PID, 0, 0),
	{ "holders", UNIT_COUNT, "How many processes have it now", COLUMN_TABLE | COLUMN_JSON,
		WANT_HOLDERS | WANT_STATE, .number = number_holders, .json = json_holders },
	{ "age", UNIT_DURATION, "Time since its last use, else since its creation", COLUMN_TABLE,
		.number = number_age },
	{ "state", UNIT_TEXT, "live, idle, stale, unknown or orphan",
		COLUMN_TABLE | COLUMN_JSON | COLUMN_STATE, WANT_STATE, .text = text_state },
	{ "label", UNIT_TEXT, "What makes names of this form", COLUMN_TABLE | COLUMN_JSON,
		.text = text_label },
	{ "ns", UNIT_COUNT, "The IPC namespace that it belongs to", COLUMN_JSON, .number = number_ns },
	{ "ns_pid", UNIT_PID, "A process of another IPC namespace, for --ns", COLUMN_JSON,
		.number = number_ns_pid },
	{ "container", UNIT_TEXT, "The container of that process, as its control group tells", COLUMN_JSON,
		.text = text_container },
	{ "evidence", UNIT_TEXT, "What proves the state", COLUMN_STAT, WANT_STATE, .text = text_evidence,
		.json = json_evidence },
	{ "unseen", UNIT_TEXT, "What could not be seen", COLUMN_STAT, WANT_STATE, .text = text_unseen,
		.json = json_unseen },
};

static struct column all_columns[COLUMNS_MAX];
static size_t all_len;

static const struct column *find(const char *name, size_t len)
{
	for (size_t i = 0; i < all_len; i++) {
		const char *p = all_columns[i].name;
		size_t at = 0;
		while (at < len && (p[at] | 0x20) == ((name[at] == '-' ? '_' : name[at]) | 0x20) && p[at])
			at++;
		if (at == len && !p[at])
			return &all_columns[i];
	}
	return NULL;
}

static void add_column(const struct column *c)
{
	assert(all_len < COLUMNS_MAX);
	all_columns[all_len] = *c;
	if (c->field) {
		all_columns[all_len].name = ipc_fields[c->id].name;
		all_columns[all_len].unit = ipc_fields[c->id].unit;
		all_columns[all_len].help = ipc_fields[c->id].help;
	}
	all_len++;
}

/* The fields of a kind that no other kind had before. */
static void add_fields(const struct ipc_kind *kind)
{
	for (const struct ipc_field *f = kind->fields; f && f->name; f++) {
		const struct column c = { f->name, f->unit, f->help, COLUMN_JSON };
		if (!find(f->name, strlen(f->name)))
			add_column(&c);
	}
}

size_t columns_all(const struct column **ret)
{
	if (all_len == 0) {
		for (size_t i = 0; i < ARRAY_SIZE(generic); i++)
			add_column(&generic[i]);
		for (size_t i = 0; ipc_kinds[i]; i++)
			add_fields(ipc_kinds[i]);
	}
	*ret = all_columns;
	return all_len;
}

struct columns columns_with(unsigned flags)
{
	struct columns some = { 0 };
	const struct column *all;
	size_t n = columns_all(&all);

	for (size_t i = 0; i < n; i++)
		if (all[i].flags & flags)
			some.v[some.len++] = &all[i];
	return some;
}

static int unknown_column(const char *option, const char *name, size_t len)
{
	const char *names[COLUMNS_MAX + 1] = { NULL };
	AUTO_FREE char *word = strndup(name, len);
	AUTO_FREE char *text = shown(word ? word : "?");
	char list[600] = "";
	size_t used = 0;

	for (size_t i = 0; i < all_len; i++) {
		names[i] = all_columns[i].name;
		used += (size_t)snprintf(
			list + used, sizeof(list) - used, "%s%s", i ? ", " : "", all_columns[i].name);
		if (used >= sizeof(list))
			used = sizeof(list) - 1;
	}
	const char *nearest = word ? opt_nearest(word, names) : NULL;
	if (nearest)
		return usage_error("%s: there is no column '%s'; did you mean '%s'?", option, text, nearest);
	fail_plain(CLI_USAGE, "%s: there is no column '%s'", option, text);
	hint("the columns are %s", list);
	return CLI_USAGE;
}

static bool has(const struct columns *columns, size_t len, const struct column *c)
{
	for (size_t i = 0; i < len; i++)
		if (columns->v[i] == c)
			return true;
	return false;
}

int columns_parse(const char *option, const char *text, struct columns *ret)
{
	struct columns some = { 0 };
	const struct column *all;

	columns_all(&all);
	if (*text == '+') {
		some = *ret;
		text++;
	}
	size_t given = some.len;
	for (;;) {
		size_t len = strcspn(text, ",");
		const struct column *c = find(text, len);
		if (!c)
			return unknown_column(option, text, len);
		if (some.len == COLUMNS_MAX)
			return usage_error("%s: too many columns", option);
		if (!has(&some, given, c)) /* what is added to may have it */
			some.v[some.len++] = c;
		if (!text[len])
			break;
		text += len + 1;
	}
	*ret = some;
	return CLI_OK;
}

bool column_is_number(const struct column *c)
{
	return c->unit == UNIT_COUNT || c->unit == UNIT_BYTES || c->unit == UNIT_PID || c->unit == UNIT_UID ||
		c->unit == UNIT_GID || c->unit == UNIT_DURATION;
}

unsigned columns_want(const struct columns *columns)
{
	unsigned want = 0;

	for (size_t i = 0; i < columns->len; i++)
		want |= columns->v[i]->want;
	return want;
}

static char *list_text(const struct ipc_object *o)
{
	char *all = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&all, &len);

	if (!f)
		return NULL;
	for (size_t i = 0; i < o->list_len; i++)
		fprintf(f, "%s%" PRId64, i ? "," : "", o->list[i]);
	fclose(f);
	return all;
}

/* The value of a field that only some kinds have. ret_text: of a text, owned by the object. */
static struct ipc_value own_field(const struct column *c, const struct ipc_object *o, const char **ret_text)
{
	const struct ipc_field *fields = o->selector.kind->fields;

	for (size_t i = 0; fields && fields[i].name; i++)
		if (strcmp(fields[i].name, c->name) == 0) {
			*ret_text = o->texts[i];
			return o->extra[i];
		}
	return (struct ipc_value){ 0 };
}

/* Whether a text that is not there does not apply or could not be read. */
static enum ipc_have without_text(const struct column *c, const struct ipc_object *o)
{
	if (c->text == text_owner)
		return o->common[FIELD_UID].have;
	if (c->text == text_group)
		return o->common[FIELD_GID].have;
	if (c->text == text_label || c->text == text_container)
		return HAVE_ABSENT;
	return HAVE_UNKNOWN;
}

/* Of a queue whose bytes can't be counted without disturbing it: how many messages they are. */
static char *messages_text(const struct ipc_object *o)
{
	struct ipc_value messages = ipc_object_get(o, "messages");
	char *text = NULL;

	if (messages.have != HAVE_VALUE)
		return NULL;
	return asprintf(&text, "%" PRId64 " msg", messages.number) < 0 ? NULL : text;
}

struct cell column_cell(const struct column *c, const struct ipc_object *o)
{
	struct cell cell = { .unit = c->unit };
	struct ipc_value v = { 0 };
	const char *own = NULL;

	if (c->text) {
		cell.text = c->text(o);
		cell.have = cell.text ? HAVE_VALUE : without_text(c, o);
		return cell;
	}
	v = c->number ? c->number(o) : c->field ? o->common[c->id] : own_field(c, o, &own);
	cell.have = v.have;
	if (own && v.have == HAVE_VALUE) {
		cell.text = strdup(own);
		cell.have = cell.text ? HAVE_VALUE : HAVE_UNKNOWN;
	}
	if (v.have == HAVE_UNKNOWN && c->field && c->id == FIELD_USED)
		cell.text = messages_text(o);
	if (c->number == number_holders)
		cell.text = at_least(o, v);
	cell.number = c->unit == UNIT_KEY ? (int64_t)(uint32_t)v.number : v.number; /* never negative here */
	if (v.have == HAVE_VALUE && c->unit == UNIT_LIST) {
		cell.text = list_text(o);
		cell.have = cell.text ? HAVE_VALUE : HAVE_UNKNOWN;
	}
	return cell;
}
