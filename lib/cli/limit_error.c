#include "cli/limit_error.h"

#include "cli/accounts.h"
#include "cli/command.h"
#include "cli/json_out.h"
#include "cli/limit_out.h"
#include "cli/object_out.h"
#include "cli/opt.h"
#include "ipc/io.h"
#include "ipc/limits.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { ERRNO_MAX = 4095, WORDS_MAX = 4, CALLS_MAX = 64, CALL_SIZE = 32 };

/* What is asked. */
struct question {
	int error;        /* as the hints have it */
	const char *name; /* as it is called */
	const char *message;
	const char *class; /* NULL: any */
	const char *api;   /* the same */
	const char *calls[WORDS_MAX];
	size_t calls_len;
	char found[CALL_SIZE]; /* the call that was found in the text */
};

/* What a program meets that stores to a segment for which there is no room: not an errno, but asked for all the same. */
static const char bus_error[] = "Bus error", bus_name[] = "SIGBUS";

/* --- which error --- */

static bool set_error(struct question *q, int error)
{
	q->error = error;
	q->name = strerrorname_np(error);
	q->message = strerrordesc_np(error);
	return q->name && q->message;
}

/* The error whose words are in the text; the longest ones, since some begin like others. */
static int error_in_words(const char *text)
{
	size_t most = 0;
	int found = 0;

	for (int i = 1; i <= ERRNO_MAX; i++) {
		const char *words = strerrordesc_np(i);
		if (words && strlen(words) > most && strcasestr(text, words)) {
			most = strlen(words);
			found = i;
		}
	}
	return found;
}

static int error_by_name(const char *text)
{
	uint64_t number;

	if (parse_uint(text, ERRNO_MAX, &number) == 0 && strerrorname_np((int)number))
		return (int)number;
	for (int i = 1; i <= ERRNO_MAX; i++) {
		const char *name = strerrorname_np(i);
		if (name && strcasecmp(name, text) == 0)
			return i;
	}
	return 0;
}

static bool find_error(const char *text, struct question *q)
{
	int error = error_by_name(text);

	if (strcasecmp(text, bus_name) == 0 || strcasestr(text, bus_error)) {
		q->error = ENOSPC;
		q->name = bus_name;
		q->message = bus_error;
		q->class = "shm";
		q->api = "posix";
		return true;
	}
	error = error ? error : error_in_words(text);
	return error > 0 && set_error(q, error);
}

/* --- of which call --- */

/* Calls fn for each call that a hint is about. Ends at a return other than 0. */
static int each_call(int (*fn)(const char *call, void *arg), void *arg)
{
	char call[CALL_SIZE];
	int r = 0;

	for (size_t i = 0; r == 0 && ipc_kinds[i]; i++)
		for (const struct ipc_hint *h = ipc_kinds[i]->hints; r == 0 && h && h->error; h++)
			for (const char *p = h->calls; r == 0 && p && *p;) {
				size_t len = strcspn(p, " ");
				snprintf(call, sizeof(call), "%.*s", (int)len, p);
				r = fn(call, arg);
				p += len + (p[len] == ' ');
			}
	return r;
}

struct search {
	const char *text;
	char *found; /* CALL_SIZE */
};

static int is_call(const char *call, void *arg)
{
	const struct search *s = arg;

	return strcmp(call, s->text) == 0;
}

/* Verbs are words of every language: only names of calls, which no sentence has, are looked for in a text. */
static int is_in_text(const char *call, void *arg)
{
	struct search *s = arg;
	const char *at = strstr(s->text, call);
	size_t len = strlen(call);

	if (!at || (at > s->text && (isalnum((unsigned char)at[-1]) || at[-1] == '_')))
		return 0;
	if (at[len] != ':' && at[len] != '(')
		return 0;
	snprintf(s->found, CALL_SIZE, "%s", call);
	return 1;
}

struct calls {
	const char *names[CALLS_MAX + 1];
	char texts[CALLS_MAX][CALL_SIZE];
	size_t len;
};

static int gather(const char *call, void *arg)
{
	struct calls *c = arg;

	if (c->len == CALLS_MAX)
		return 1;
	snprintf(c->texts[c->len], CALL_SIZE, "%s", call);
	c->names[c->len] = c->texts[c->len];
	c->len++;
	return 0;
}

static int unknown_call(const char *word)
{
	AUTO_FREE char *text = shown(word);
	struct calls calls = { .len = 0 };

	each_call(gather, &calls);
	const char *nearest = opt_nearest(word, calls.names);
	if (nearest)
		return usage_error(
			"--error: nothing is known of a call '%s'; did you mean '%s'?", text, nearest);
	return usage_error("--error: nothing is known of a call '%s': name a system call, or a kind", text);
}

static int find_calls(const char *error, int argc, char **argv, struct question *q)
{
	struct search s = { .text = error, .found = q->found };

	if (cli_class)
		q->class = cli_class;
	for (int i = 0; i < argc; i++) {
		s.text = argv[i];
		if (ipc_kind_next(argv[i], NULL))
			q->class = argv[i];
		else if (q->calls_len == WORDS_MAX)
			return usage_error("--error: too many words");
		else if (each_call(is_call, &s) == 0)
			return unknown_call(argv[i]);
		else
			q->calls[q->calls_len++] = argv[i];
	}
	if (argc == 0 && each_call(is_in_text, &s))
		q->calls[q->calls_len++] = q->found;
	if (q->calls_len == 0 && !q->class)
		return usage_error("--error: say of which call: stat --error ENOSPC semget, for example");
	return CLI_OK;
}

/* --- the answer --- */

static bool answers(const struct ipc_kind *kind, const struct ipc_hint *h, const struct question *q)
{
	if (h->error != q->error || (q->class && strcmp(kind->class, q->class) != 0) ||
		(q->api && strcmp(kind->api, q->api) != 0))
		return false;
	for (size_t i = 0; i < q->calls_len; i++)
		if (!ipc_hint_is_about(h, q->calls[i]))
			return false;
	return true;
}

/* Calls fn for each hint that answers. */
static void each_answer(const struct question *q, void (*fn)(const struct ipc_hint *h, void *arg), void *arg)
{
	for (size_t i = 0; ipc_kinds[i]; i++)
		for (const struct ipc_hint *h = ipc_kinds[i]->hints; h && h->error; h++)
			if (answers(ipc_kinds[i], h, q))
				fn(h, arg);
}

static void add_limits(const struct ipc_hint *h, void *arg)
{
	unsigned *which = arg;

	*which |= h->limits;
}

/* The command that shows what could go. */
static char *what_there_is(const struct ipc_limit_use *u)
{
	const struct ipc_limit *l = &ipc_limits[u->id];
	size_t class_len = strcspn(l->kinds, "/");
	char *text = NULL;
	int n = -1;

	if (l->scope == SCOPE_PROCESS && u->pid > 0)
		n = asprintf(&text, "what it has open: ls -l /proc/%d/fd", (int)u->pid);
	else if (l->scope == SCOPE_OBJECT && u->object)
		n = asprintf(&text, "who has it: ipcctl stat %s", u->object);
	else if (l->of_object && u->uid_known)
		n = asprintf(&text, "what there is: ipcctl ls -u %s %.*s", user_name(u->uid), (int)class_len,
			l->kinds);
	return n < 0 ? NULL : text;
}

static void print_exhausted(const struct ipc_limit_use *u)
{
	const struct ipc_limit *l = &ipc_limits[u->id];
	AUTO_FREE char *sentence = limit_sentence(u), *culprit = limit_culprit(u), *what = what_there_is(u);
	AUTO_FREE char *more = NULL;

	object_print_line(stdout, "exhausted", sentence ? sentence : l->name);
	if (culprit)
		object_print_line(stdout, "", culprit);
	if (what)
		object_print_line(stdout, "", what);
	if (asprintf(&more, "more room: %s", l->help) < 0)
		more = NULL;
	object_print_line(stdout, "", more ? more : l->help);
}

static bool any_exhausted(const struct ipc_limits *limits)
{
	for (size_t i = 0; i < limits->len; i++)
		if (ipc_limit_exhausted(&limits->v[i]))
			return true;
	return false;
}

/* Hints that stand in several kinds are printed once. */
struct advice {
	const char *printed[8];
	size_t len;
	bool exhausted; /* what is only about limits has been said */
	json_t *json;
};

static void advise(const struct ipc_hint *h, void *arg)
{
	struct advice *a = arg;

	for (size_t i = 0; i < a->len; i++)
		if (a->printed[i] == h->text || strcmp(a->printed[i], h->text) == 0)
			return;
	if (a->len == ARRAY_SIZE(a->printed) || (a->exhausted && h->limits))
		return;
	if (a->json)
		json_array_append_new(a->json, json_string(h->text));
	else
		object_print_line(stdout, a->len ? "" : "cause", h->text);
	a->printed[a->len++] = h->text;
}

static void print_calls(const struct question *q)
{
	char text[WORDS_MAX * (CALL_SIZE + 1) + CALL_SIZE];
	int n = snprintf(text, sizeof(text), "%s", q->class ? q->class : "");

	for (size_t i = 0; i < q->calls_len && n >= 0 && (size_t)n < sizeof(text); i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%s", n ? " " : "", q->calls[i]);
	object_print_line(stdout, "of", text);
}

static void print_answer(const struct question *q, const struct ipc_limits *limits)
{
	struct advice a = { .exhausted = any_exhausted(limits) };
	char text[160];
	size_t calm = 0;

	snprintf(text, sizeof(text), "%s (%s)", q->message, q->name);
	object_print_line(stdout, "error", text);
	print_calls(q);
	for (size_t i = 0; i < limits->len; i++)
		if (ipc_limit_exhausted(&limits->v[i]))
			print_exhausted(&limits->v[i]);
	for (size_t i = 0; i < limits->len; i++) {
		AUTO_FREE char *sentence = limit_sentence(&limits->v[i]);
		if (!ipc_limit_exhausted(&limits->v[i]) && sentence)
			object_print_line(stdout, calm++ ? "" : "not exhausted", sentence);
	}
	each_answer(q, advise, &a);
	if (a.len == 0 && limits->len == 0)
		object_print_line(stdout, "cause", "no limit that is known: see the manual page of the call");
	else if (!a.exhausted && limits->len > 0)
		object_print_line(stdout, "now",
			"no limit is exhausted: one may have been for a moment, for another user, or in "
			"another container, or the request alone asks for more than is left");
}

static json_t *answer_json(const struct question *q, const struct ipc_limits *limits)
{
	json_t *o = json_object(), *calls = json_array(), *uses = json_array();
	struct advice a = { .json = json_array() };

	for (size_t i = 0; calls && i < q->calls_len; i++)
		json_array_append_new(calls, json_string(q->calls[i]));
	for (size_t i = 0; uses && i < limits->len; i++)
		json_array_append_new(uses, limit_json(&limits->v[i]));
	if (a.json)
		each_answer(q, advise, &a);
	json_object_set_new(o, "error", json_string(q->name));
	json_object_set_new(o, "message", json_string(q->message));
	json_object_set_new(o, "kind", q->class ? json_string(q->class) : json_null());
	json_object_set_new(o, "calls", calls);
	json_object_set_new(o, "exhausted", json_boolean(any_exhausted(limits)));
	json_object_set_new(o, "limits", uses);
	json_object_set_new(o, "causes", a.json);
	return o;
}

int limit_explain(struct ipc_ctx *ctx, const char *error, int argc, char **argv, bool json)
{
	AUTO_LIMITS struct ipc_limits limits = { 0 };
	AUTO_FREE char *text = shown(error);
	struct question q = { 0 };
	unsigned which = 0;

	if (!find_error(error, &q))
		return usage_error(
			"--error: '%s' is no error: say ENOSPC, or 'No space left on device'", text);
	int status = find_calls(error, argc, argv, &q);
	if (status != CLI_OK)
		return status;
	each_answer(&q, add_limits, &which);
	int r = which ? ipc_limits_measure(ctx, which, LIMITS_WHO, &limits) : 0;
	if (r < 0)
		return fail(NULL, r, "cannot measure the limits");
	if (!json) {
		print_answer(&q, &limits);
		return CLI_OK;
	}
	struct json_out out = { 0 };
	r = json_out_add(&out, answer_json(&q, &limits));
	json_out_end(&out);
	return r < 0 ? fail(NULL, r, "cannot explain the error") : CLI_OK;
}

void limit_hint(struct ipc_ctx *ctx, unsigned which)
{
	AUTO_LIMITS struct ipc_limits limits = { 0 };

	if (ipc_limits_measure(ctx, which, LIMITS_WHO, &limits) < 0)
		return; /* what failed has been said */
	for (size_t i = 0; i < limits.len; i++) {
		const struct ipc_limit_use *u = &limits.v[i];
		AUTO_FREE char *sentence = limit_sentence(u), *culprit = limit_culprit(u);
		if (ipc_limit_exhausted(u) && sentence)
			hint("%s%s%s", sentence, culprit ? "; most by " : "", culprit ? culprit : "");
	}
}
