#include "cli/log_entry.h"

#include "ipc/io.h"
#include "ipc/timefmt.h"
#include "ipc/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *arg_since, *arg_until, *arg_user;
static struct opt_strings arg_objects, arg_events, arg_results, arg_pids;

static int64_t since = INT64_MIN, until = INT64_MAX;

const struct opt log_filter_opts[] = {
	{ OPT_STRING, 0, "since", "WHEN", "Only what was done after this: a time, or so long ago",
		{ .string = &arg_since } },
	{ OPT_STRING, 0, "until", "WHEN", "Only what was done before this", { .string = &arg_until } },
	{ OPT_STRING, 'u', "user", "USER", "Only what this user did", { .string = &arg_user } },
	{ OPT_STRINGS, 0, "pid", "PID", "Only what this process did", { .strings = &arg_pids } },
	{ OPT_STRINGS, 0, "object", "PATTERN", "Only what was done to these", { .strings = &arg_objects } },
	{ OPT_STRINGS, 0, "event", "EVENTS", "Only these events: create, send, deny ...",
		{ .strings = &arg_events } },
	{ OPT_STRINGS, 0, "result", "RESULTS", "Only what ended so: ok, failed, begin, or an errno's name",
		{ .strings = &arg_results } },
	{ 0 },
};

/* --- filters --------------------------------------------------------------------------------------- */

static int parse_when(const char *option, const char *text, int64_t *ret)
{
	struct timespec t;
	int64_t ago;

	if (!text)
		return CLI_OK;
	if (ipc_time_parse(text, strlen(text), &t) == 0) {
		*ret = ipc_time_ns(t);
		return CLI_OK;
	}
	if (parse_duration(text, &ago) == 0) {
		clock_gettime(CLOCK_REALTIME, &t);
		*ret = ipc_time_ns(t) - ago;
		return CLI_OK;
	}
	AUTO_FREE char *safe = shown(text);
	return usage_error(
		"--%s: '%s' is neither a time, such as 2026-01-31T12:00:00Z, nor a DURATION, such as 2h",
		option, safe);
}

/* Whether a word is in one of the lists, each of words between commas. */
static bool is_listed(const struct opt_strings *lists, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < lists->len; i++)
		for (const char *p = lists->v[i];; p += strcspn(p, ",") + 1) {
			if (strcspn(p, ",") == len && strncmp(p, word, len) == 0)
				return true;
			if (!p[strcspn(p, ",")])
				break;
		}
	return false;
}

static int check_events(void)
{
	const char *names[EVENT_TYPES + 1] = { NULL };

	for (unsigned i = 0; i < EVENT_TYPES; i++)
		names[i] = ipc_event_name(i);
	for (size_t i = 0; i < arg_events.len; i++)
		for (const char *p = arg_events.v[i];; p += strcspn(p, ",") + 1) {
			AUTO_FREE char *word = strndup(p, strcspn(p, ","));
			size_t k = 0;
			while (word && names[k] && strcmp(names[k], word) != 0)
				k++;
			if (word && !names[k]) {
				AUTO_FREE char *safe = shown(word);
				const char *nearest = opt_nearest(word, names);
				return nearest
					? usage_error("--event: there is no event '%s'; did you mean '%s'?",
						  safe, nearest)
					: usage_error("--event: there is no event '%s'", safe);
			}
			if (!p[strcspn(p, ",")])
				break;
		}
	return CLI_OK;
}

static int check_pids(void)
{
	uint64_t pid;

	for (size_t i = 0; i < arg_pids.len; i++)
		if (parse_uint(arg_pids.v[i], INT32_MAX, &pid) < 0) {
			AUTO_FREE char *safe = shown(arg_pids.v[i]);
			return usage_error("--pid: '%s' is not a PID", safe);
		}
	return CLI_OK;
}

int log_filter_prepare(void)
{
	int status = parse_when("since", arg_since, &since);

	if (status == CLI_OK)
		status = parse_when("until", arg_until, &until);
	if (status == CLI_OK)
		status = check_events();
	return status == CLI_OK ? check_pids() : status;
}

static bool match_time(const struct log_entry *e)
{
	struct timespec t;

	if (since == INT64_MIN && until == INT64_MAX)
		return true;
	return ipc_time_parse(e->time, strlen(e->time), &t) == 0 && ipc_time_ns(t) >= since &&
		ipc_time_ns(t) <= until;
}

/* The log may be another machine's: its names count, and numbers. */
static bool match_user(const struct log_entry *e)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRId64, e->uid);
	return !arg_user || strcmp(arg_user, e->user) == 0 || strcmp(arg_user, number) == 0;
}

static bool match_pid(const struct log_entry *e)
{
	for (size_t i = 0; i < arg_pids.len; i++)
		if (strtoll(arg_pids.v[i], NULL, 10) == e->pid)
			return true;
	return arg_pids.len == 0;
}

/* A name that is written out matches itself, whatever stands in it. */
static bool match_object(const struct log_entry *e)
{
	for (size_t i = 0; i < arg_objects.len; i++)
		if (strcmp(arg_objects.v[i], e->object) == 0 ||
			fnmatch(arg_objects.v[i], e->object, FNM_NOESCAPE) == 0)
			return true;
	return arg_objects.len == 0;
}

static bool match_result(const struct log_entry *e)
{
	bool failed = strcmp(e->result, "ok") != 0 && strcmp(e->result, "begin") != 0;

	return arg_results.len == 0 || is_listed(&arg_results, e->result) ||
		(failed && is_listed(&arg_results, "failed"));
}

bool log_entry_match(const struct log_entry *e)
{
	return match_time(e) && match_user(e) && match_pid(e) && match_object(e) && match_result(e) &&
		(arg_events.len == 0 || is_listed(&arg_events, e->event));
}

/* Names in the log are printable as they are, in a log of ours: then they are shown so. */
static char *shown_display(const char *text)
{
	char *safe = ipc_escape_dup(text, strlen(text), ESCAPE_DISPLAY);

	for (char *p = safe; p && *p; p++) /* what a display may show, and a line may not hold */
		if (*p == '\n' || *p == '\t')
			*p = '?';
	return safe ? safe : strdup("?");
}

/* --- a line ------------------------------------------------------------------------------------------ */

static bool take_text(const json_t *json, const char *key, const char **ret)
{
	*ret = json_string_value(json_object_get(json, key));
	return *ret != NULL;
}

bool log_entry_parse(const char *line, size_t len, struct log_entry *ret)
{
	struct log_entry e = { .json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL) };
	const json_t *pid = json_object_get(e.json, "pid"), *uid = json_object_get(e.json, "uid");
	bool good = take_text(e.json, "time", &e.time) && take_text(e.json, "object", &e.object) &&
		take_text(e.json, "event", &e.event) && take_text(e.json, "result", &e.result) &&
		take_text(e.json, "user", &e.user) && take_text(e.json, "command", &e.command) &&
		json_is_integer(pid) && json_is_integer(uid);

	if (!good) {
		json_decref(e.json);
		return false;
	}
	e.pid = json_integer_value(pid);
	e.uid = json_integer_value(uid);
	*ret = e;
	return true;
}

void log_entry_clear(struct log_entry *e)
{
	json_decref(e->json);
	*e = (struct log_entry){ 0 };
}

/* "mq:/jobs" as "[MQ]" and "/jobs"; the log is a file that anybody may have written. */
void log_entry_print(const struct log_entry *e)
{
	AUTO_FREE char *time = shown(e->time), *object = shown_display(e->object), *event = shown(e->event);
	AUTO_FREE char *user = shown(e->user), *result = shown(e->result);
	const char *colon = strchr(object, ':');
	size_t len = colon ? (size_t)(colon - object) : 0;

	printf("[%s] [", time);
	for (size_t i = 0; i < len; i++)
		putchar(toupper((unsigned char)object[i]));
	printf("] %s %s by %s (uid %" PRId64 ", pid %" PRId64 "): %s\n", event, colon ? colon + 1 : object,
		user, e->uid, e->pid, result);
}

/* --- a row -------------------------------------------------------------------------------------------- */

const struct column log_columns[LOG_COLUMNS] = {
	{ .name = "time", .unit = UNIT_TEXT },
	{ .name = "event", .unit = UNIT_TEXT },
	{ .name = "object", .unit = UNIT_TEXT, .flags = COLUMN_WRAP },
	{ .name = "user", .unit = UNIT_TEXT },
	{ .name = "pid", .unit = UNIT_PID },
	{ .name = "count", .unit = UNIT_COUNT },
	{ .name = "bytes", .unit = UNIT_COUNT },
	{ .name = "result", .unit = UNIT_TEXT },
};

/* A value as it stands in the line, made printable; "-" for none. */
static char *cell_of(const struct log_entry *e, const char *key)
{
	const json_t *v = json_object_get(e->json, key);
	char *text = NULL;

	if (json_is_string(v))
		return shown_display(json_string_value(v));
	if (!json_is_integer(v))
		return strdup("-");
	return asprintf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(v)) < 0 ? NULL : text;
}

void log_entry_row(const struct log_entry *e, char *ret[static LOG_COLUMNS])
{
	for (size_t i = 0; i < LOG_COLUMNS; i++)
		ret[i] = cell_of(e, log_columns[i].name);
}
