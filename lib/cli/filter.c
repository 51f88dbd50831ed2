#include "cli/filter.h"

#include "cli/units.h"
#include "ipc/io.h"

#include <string.h>
#include <time.h>

enum { NOT_GIVEN = -1 };

static struct opt_strings arg_states;
static const char *arg_user;
static bool arg_stale;
static int64_t arg_older = NOT_GIVEN, arg_unused = NOT_GIVEN;

static unsigned states; /* BIT(STATE_...) */
static uid_t user;

const struct opt filter_opts[] = {
	{ OPT_STRINGS, 0, "state", "STATES", "Only these: live, idle, stale, unknown, orphan",
		{ .strings = &arg_states } },
	{ OPT_FLAG, 0, "stale", NULL, "The same as --state stale", { .flag = &arg_stale } },
	{ OPT_STRING, 'u', "user", "USER", "Only what this user owns", { .string = &arg_user } },
	{ OPT_DURATION, 0, "older-than", "DURATION", "Only what was created longer ago",
		{ .nsec = &arg_older } },
	{ OPT_DURATION, 0, "unused-for", "DURATION", "Only what was last used longer ago",
		{ .nsec = &arg_unused } },
	{ 0 },
};

static enum ipc_state state_named(const char *word, size_t len)
{
	for (unsigned s = STATE_UNASKED + 1; s < STATES; s++) {
		const char *name = ipc_state_name(s);
		if (strlen(name) == len && strncmp(name, word, len) == 0)
			return s;
	}
	return STATE_UNASKED;
}

static int unknown_state(const char *word, size_t len)
{
	const char *names[STATES + 1] = { NULL };
	AUTO_FREE char *copy = strndup(word, len);
	AUTO_FREE char *text = shown(copy ? copy : "?");

	for (unsigned s = STATE_UNASKED + 1; s < STATES; s++)
		names[s - 1] = ipc_state_name(s);
	const char *nearest = copy ? opt_nearest(copy, names) : NULL;
	if (nearest)
		return usage_error("--state: there is no state '%s'; did you mean '%s'?", text, nearest);
	return usage_error(
		"--state: there is no state '%s'; it is live, idle, stale, unknown or orphan", text);
}

static int parse_states(const char *list)
{
	for (;;) {
		size_t len = strcspn(list, ",");
		enum ipc_state state = state_named(list, len);
		if (state == STATE_UNASKED)
			return unknown_state(list, len);
		states |= BIT(state);
		if (!list[len])
			return CLI_OK;
		list += len + 1;
	}
}

static int parse_user(void)
{
	gid_t gid;
	int r = strchr(arg_user, ':') ? -1 : parse_owner(arg_user, &user, &gid);

	if (r == 0)
		return CLI_OK;
	AUTO_FREE char *text = shown(arg_user);
	return usage_error("--user: there is no user '%s'", text);
}

int filter_prepare(void)
{
	int r = CLI_OK;

	for (size_t i = 0; r == CLI_OK && i < arg_states.len; i++)
		r = parse_states(arg_states.v[i]);
	if (arg_stale)
		states |= BIT(STATE_STALE);
	if (r == CLI_OK && arg_user)
		r = parse_user();
	return r;
}

bool filter_given(void)
{
	return states || arg_user || arg_older != NOT_GIVEN || arg_unused != NOT_GIVEN;
}

unsigned filter_want(void)
{
	return states ? WANT_STATE : 0;
}

/* Whether the first of these times that the kernel records lies longer ago than limit. */
static bool longer_ago(const struct ipc_object *o, const enum ipc_field_id *fields, size_t n, int64_t limit)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	for (size_t i = 0; i < n; i++) {
		struct ipc_value v = o->common[fields[i]];
		if (v.have == HAVE_VALUE)
			return now.tv_sec * NSEC_PER_SEC + now.tv_nsec - v.number > limit;
	}
	return false;
}

bool filter_match(const struct ipc_object *o)
{
	/* What has no time of creation is at least as old as the last change of its attributes. */
	static const enum ipc_field_id older[] = { FIELD_CREATED, FIELD_MODIFIED, FIELD_LAST_USED };
	/* What was never used is unused since it was made. */
	static const enum ipc_field_id unused[] = { FIELD_LAST_USED, FIELD_CREATED, FIELD_MODIFIED };
	struct ipc_value uid = o->common[FIELD_UID];

	if (states && !(states & BIT(o->verdict.state)))
		return false;
	if (arg_user && (uid.have != HAVE_VALUE || (uid_t)uid.number != user))
		return false;
	if (arg_older != NOT_GIVEN && !longer_ago(o, older, ARRAY_SIZE(older), arg_older))
		return false;
	return arg_unused == NOT_GIVEN || longer_ago(o, unused, ARRAY_SIZE(unused), arg_unused);
}
