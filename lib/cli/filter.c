#include "cli/filter.h"

#include "cli/units.h"
#include "ipc/io.h"
#include "ipc/recognise.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NOT_GIVEN = -1 };

static struct opt_strings arg_states, arg_labels, arg_holders;
static const char *arg_user;
static bool arg_stale;
static int64_t arg_older = NOT_GIVEN, arg_unused = NOT_GIVEN;

static unsigned states; /* BIT(STATE_...) */
static uid_t user;
static pid_t holders[OPT_STRINGS_MAX];

const struct opt filter_opts[] = {
	{ OPT_STRINGS, 0, "state", "STATES", "Only these: live, idle, stale, unknown, orphan",
		{ .strings = &arg_states } },
	{ OPT_FLAG, 0, "stale", NULL, "The same as --state stale", { .flag = &arg_stale } },
	{ OPT_STRING, 'u', "user", "USER", "Only what this user owns", { .string = &arg_user } },
	{ OPT_DURATION, 0, "older-than", "DURATION", "Only what was created longer ago",
		{ .nsec = &arg_older } },
	{ OPT_DURATION, 0, "unused-for", "DURATION", "Only what was last used longer ago",
		{ .nsec = &arg_unused } },
	{ OPT_STRINGS, 0, "label", "PATTERN", "Only what has this label, or one that the pattern matches",
		{ .strings = &arg_labels } },
	{ OPT_STRINGS, 0, "holder", "PID", "Only what this process has", { .strings = &arg_holders } },
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

static bool is_labelled(const char *label, const char *pattern)
{
	return label && fnmatch(pattern, label, 0) == 0;
}

/* A label that nothing can have is a slip of the pen, which finds nothing and says nothing. */
static int check_label(const char *pattern)
{
	enum { LABELS_MAX = 128 };
	const char *labels[LABELS_MAX + 1] = { NULL };
	size_t n = 0;

	for (const char *l = NULL; (l = ipc_recognise_next(l)) != NULL && n < LABELS_MAX;) {
		if (is_labelled(l, pattern))
			return CLI_OK;
		labels[n++] = l;
	}
	AUTO_FREE char *text = shown(pattern);
	const char *nearest = opt_nearest(pattern, labels);
	if (nearest)
		return usage_error("--label: there is no label '%s'; did you mean '%s'?", text, nearest);
	return usage_error("--label: there is no label '%s'; ipcctl-ls(1) has the list", text);
}

/* What a process has that may not be looked at would seem to be nothing. */
static int parse_holder(const char *text, pid_t *ret)
{
	AUTO_FREE char *name = shown(text);
	char path[32], *end;
	long pid = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || pid <= 0 || pid > INT_MAX)
		return usage_error("--holder: '%s' is no process identifier", name);
	snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
	DIR *dir = opendir(path);
	int r = dir ? 0 : -errno;
	if (dir)
		closedir(dir);
	if (r == -ENOENT && kill((pid_t)pid, 0) < 0 && errno == EPERM)
		r = -EACCES; /* /proc leaves out what may not be looked at: hidepid */
	if (r == -ENOENT || r == -ESRCH)
		return fail_plain(CLI_NOT_FOUND, "--holder: there is no process %ld", pid);
	if (r < 0)
		return fail(NULL, r, "--holder: cannot look at process %ld", pid);
	*ret = (pid_t)pid;
	return CLI_OK;
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
	for (size_t i = 0; r == CLI_OK && i < arg_labels.len; i++)
		r = check_label(arg_labels.v[i]);
	for (size_t i = 0; r == CLI_OK && i < arg_holders.len; i++)
		r = parse_holder(arg_holders.v[i], &holders[i]);
	return r;
}

bool filter_given(void)
{
	return states || arg_user || arg_labels.len > 0 || arg_holders.len > 0 || arg_older != NOT_GIVEN ||
		arg_unused != NOT_GIVEN;
}

unsigned filter_want(void)
{
	return (states ? WANT_STATE : 0) | (arg_holders.len > 0 ? WANT_HOLDERS : 0);
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

static bool has_label(const struct ipc_object *o)
{
	for (size_t i = 0; i < arg_labels.len; i++)
		if (is_labelled(o->label, arg_labels.v[i]))
			return true;
	return arg_labels.len == 0;
}

static bool has_holder(const struct ipc_object *o)
{
	for (size_t i = 0; i < arg_holders.len; i++)
		for (size_t k = 0; k < o->holders_len; k++)
			if (o->holders[k].pid == holders[i])
				return true;
	return arg_holders.len == 0;
}

bool filter_admits(enum ipc_state state)
{
	return !states || states & BIT(state);
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
	if (!has_label(o) || !has_holder(o))
		return false;
	if (arg_user && (uid.have != HAVE_VALUE || (uid_t)uid.number != user))
		return false;
	if (arg_older != NOT_GIVEN && !longer_ago(o, older, ARRAY_SIZE(older), arg_older))
		return false;
	return arg_unused == NOT_GIVEN || longer_ago(o, unused, ARRAY_SIZE(unused), arg_unused);
}
