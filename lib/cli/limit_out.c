#include "cli/limit_out.h"

#include "cli/accounts.h"
#include "cli/diag.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_bytes(const struct ipc_limit_use *u)
{
	return strcmp(ipc_limits[u->id].unit, "bytes") == 0;
}

char *limit_amount_text(const struct ipc_limit_use *u, const struct ipc_amount *a, bool exact)
{
	char text[UNITS_TEXT_MAX];
	char *all = NULL;

	if (a->have != HAVE_VALUE)
		return strdup(a->have == HAVE_ABSENT ? "-" : "?");
	if (a->unlimited)
		return strdup("unlimited");
	if (is_bytes(u) && !exact)
		format_size(a->number, text);
	else
		snprintf(text, sizeof(text), "%" PRIu64, a->number);
	return asprintf(&all, "%s%s", text, a->least ? "+" : "") < 0 ? NULL : all;
}

char *limit_percent_text(const struct ipc_limit_use *u)
{
	char *all = NULL;

	if (!ipc_limit_has_percent(u))
		return strdup("-");
	return asprintf(&all, "%" PRIu64 "%%", ipc_limit_percent(u)) < 0 ? NULL : all;
}

const char *limit_user_text(const struct ipc_limit_use *u)
{
	bool used = u->use.have == HAVE_UNKNOWN || u->use.number > 0;

	return u->uid_known ? user_name(u->uid) : used ? "?" : "-";
}

char *limit_program_text(const struct ipc_limit_use *u)
{
	bool used = u->use.have == HAVE_UNKNOWN || u->use.number > 0;
	const char *without = u->ended ? "(ended)" : used ? "?" : "-";

	return u->program ? shown(u->program) : strdup(without);
}

/* Whose limit it is, where not everybody's: " of user ann". Returns text. */
static const char *whose(const struct ipc_limit_use *u, char *text, size_t size)
{
	AUTO_FREE char *program = limit_program_text(u);

	*text = '\0';
	if (ipc_limits[u->id].scope == SCOPE_USER && u->uid_known)
		snprintf(text, size, " of user %s", user_name(u->uid));
	else if (ipc_limits[u->id].scope == SCOPE_PROCESS && u->pid > 0)
		snprintf(text, size, " of process %d (%s)", (int)u->pid, program ? program : "?");
	else if (ipc_limits[u->id].scope == SCOPE_OBJECT && u->object)
		snprintf(text, size, " of %s", u->object);
	return text;
}

char *limit_sentence(const struct ipc_limit_use *u)
{
	AUTO_FREE char *use = limit_amount_text(u, &u->use, true), *max = limit_amount_text(u, &u->max, true);
	AUTO_FREE char *percent = limit_percent_text(u);
	char of[400];
	char *all = NULL;

	if (!use || !max || !percent)
		return NULL;
	bool has = ipc_limit_has_percent(u);
	int n = asprintf(&all, "%s%s: %s of %s %s%s%s%s", ipc_limits[u->id].name, whose(u, of, sizeof(of)),
		use, max, ipc_limits[u->id].unit, has ? " (" : "", has ? percent : "", has ? ")" : "");
	return n < 0 ? NULL : all;
}

char *limit_culprit(const struct ipc_limit_use *u)
{
	AUTO_FREE char *program = limit_program_text(u);
	struct ipc_limit_use of_user = *u;
	char *all = NULL;
	char pid[24] = "";

	of_user.use = (struct ipc_amount){ .have = HAVE_VALUE, .number = u->uid_use };
	AUTO_FREE char *use = limit_amount_text(&of_user, &of_user.use, true);
	if (!program || !use || !u->uid_known || u->uid_use == 0)
		return NULL;
	if (ipc_limits[u->id].scope == SCOPE_PROCESS)
		return asprintf(&all, "user %s", user_name(u->uid)) < 0 ? NULL : all;
	if (u->pid > 0)
		snprintf(pid, sizeof(pid), " (process %d)", (int)u->pid);
	bool named = u->program || u->ended;
	if (!named && ipc_limits[u->id].scope == SCOPE_USER)
		return NULL; /* the sentence has it all */
	int n = asprintf(&all, "user %s: %s%s%s%s", user_name(u->uid), use, named ? ", mostly program " : "",
		named ? program : "", named ? pid : "");
	return n < 0 ? NULL : all;
}

static int set(json_t *o, const char *key, json_t *value)
{
	return json_object_set_new(o, key, value);
}

static json_t *amount_json(const struct ipc_amount *a)
{
	return a->have == HAVE_VALUE && a->number <= INT64_MAX ? json_integer((json_int_t)a->number)
							       : json_null();
}

static void add_who(json_t *o, const struct ipc_limit_use *u)
{
	AUTO_FREE char *program = u->program ? shown(u->program) : NULL;

	set(o, "uid", u->uid_known ? json_integer(u->uid) : json_null());
	set(o, "user", u->uid_known ? json_string(user_name(u->uid)) : json_null());
	if (u->uid_known)
		set(o, "user_use",
			amount_json(&(struct ipc_amount){ .have = HAVE_VALUE, .number = u->uid_use }));
	if (u->pid > 0)
		set(o, "pid", json_integer(u->pid));
	set(o, "program", program ? json_string(program) : json_null());
}

json_t *limit_json(const struct ipc_limit_use *u)
{
	const struct ipc_limit *l = &ipc_limits[u->id];
	json_t *o = json_object();

	if (!o)
		return NULL;
	set(o, "limit", json_string(l->name));
	set(o, "scope", json_string(ipc_limit_scope_name(l->scope)));
	set(o, "unit", json_string(l->unit));
	set(o, "what", json_string(l->what));
	if (u->object)
		set(o, l->scope == SCOPE_FILESYSTEM ? "path" : "object", json_string(u->object));
	set(o, "use", amount_json(&u->use));
	set(o, "at_least", json_boolean(u->use.least));
	if (!u->max.unlimited)
		set(o, "max", amount_json(&u->max));
	set(o, "unlimited", u->max.have == HAVE_VALUE ? json_boolean(u->max.unlimited) : json_null());
	if (ipc_limit_has_percent(u))
		set(o, "percent", json_integer((json_int_t)(ipc_limit_percent(u) & INT64_MAX)));
	set(o, "exhausted", json_boolean(ipc_limit_exhausted(u)));
	add_who(o, u);
	set(o, "help", json_string(l->help));
	return o;
}
