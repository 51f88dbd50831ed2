#include "cli/refusal.h"

#include "cli/diag.h"
#include "cli/holder_out.h"
#include "ipc/deadline.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* More would bury what the message is about: stat lists all. */
enum { HOLDERS_NAMED = 5, COMMAND_WIDTH = 60 };

/* ": 123 cat (fd), 124 php (fd, map) and 7 more". */
static void say_holders(FILE *f, const struct ipc_object *o)
{
	size_t named = 0, more = 0;

	for (size_t i = 0; i < o->holders_len; i += holder_ways(o, i)) {
		if (named == HOLDERS_NAMED) {
			more++;
			continue;
		}
		AUTO_FREE char *command = holder_command(&o->holders[i], COMMAND_WIDTH);
		AUTO_FREE char *how = holder_how(o, i);
		fprintf(f, "%s%d %s (%s)", named++ ? ", " : ": ", (int)o->holders[i].pid,
			command ? command : "?", how ? how : "?");
	}
	if (more > 0)
		fprintf(f, " and %zu more", more);
}

/*
 * Looks at an object that is in use. What was gathered about processes may be older than its holder, but many
 * refusals in a row, of what others hold unseen, are not worth a walk through /proc each.
 */
static int look_at_holders(struct ipc_ctx *ctx, const struct ipc_object *o, struct ipc_object *ret)
{
	static struct ipc_deadline next; /* when it is worth it again */
	int r = ipc_stat(ctx, &o->selector, WANT_HOLDERS | WANT_STATE, ret);

	if (ret->verdict.state != STATE_LIVE || ret->holders_len > 0 || ipc_deadline_left(next) > 0)
		return r;
	ipc_object_clear(ret);
	ipc_ctx_forget(ctx);
	r = ipc_stat(ctx, &o->selector, WANT_HOLDERS | WANT_STATE, ret);
	next = ipc_deadline_in(LOOK_AGAIN_NS);
	return r;
}

/* Who has it, for a message; else what the kernel says. The caller frees it. */
static char *culprits(struct ipc_ctx *ctx, const struct ipc_object *o, enum ipc_state state)
{
	AUTO_OBJECT struct ipc_object now = { 0 };
	char *text = NULL;
	size_t len = 0;
	int r = look_at_holders(ctx, o, &now);
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	say_holders(f, &now);
	const struct ipc_verdict *v = &now.verdict;
	const struct ipc_reason *reason = v->evidence;
	if (!reason->text || (state == STATE_UNKNOWN && v->unseen[0].text))
		reason = v->unseen;
	AUTO_FREE char *why = reason->text ? ipc_reason_text(reason) : NULL;
	bool still = (r == 0 || r == -EACCES) && now.verdict.state == state; /* it may have changed since */
	if (still && now.holders_len == 0 && why && state != STATE_ORPHAN)
		fprintf(f, ": %s", why);
	if ((!still || !why) && now.holders_len == 0 && state != STATE_ORPHAN)
		fputs(": so it was when it was to go, which has changed since", f);
	fclose(f);
	return text;
}

static int in_use(struct ipc_ctx *ctx, const struct ipc_object *o, const char *name, enum ipc_state state)
{
	AUTO_FREE char *who = culprits(ctx, o, state);
	const char *how = state == STATE_LIVE ? "is in use" : "may be in use";

	fail_plain(CLI_FAILED, "cannot remove %s '%s': it %s%s", o->selector.kind->noun, name, how,
		who ? who : "");
	hint("'ipcctl rm --force' removes it all the same, when it is named by itself");
	return CLI_FAILED;
}

/* What has lost its name and waits for those who have it. */
static int already_removed(struct ipc_ctx *ctx, const struct ipc_object *o, const char *name)
{
	AUTO_FREE char *who = culprits(ctx, o, STATE_ORPHAN);

	return fail_plain(CLI_FAILED,
		"cannot remove %s '%s': it has been removed, and goes when the last process lets go of it%s",
		o->selector.kind->noun, name, who ? who : "");
}

static bool is_orphan(struct ipc_ctx *ctx, const struct ipc_object *o)
{
	AUTO_OBJECT struct ipc_object now = { 0 };

	if (o->verdict.state != STATE_UNASKED)
		return o->verdict.state == STATE_ORPHAN;
	return ipc_stat(ctx, &o->selector, WANT_STATE, &now) == 0 && now.verdict.state == STATE_ORPHAN;
}

/* What has no name that could be taken away. */
static int unremovable(struct ipc_ctx *ctx, const struct ipc_object *o, const char *name)
{
	const struct ipc_kind *kind = o->selector.kind;
	AUTO_FREE char *who = culprits(ctx, o, o->verdict.state);

	if (is_orphan(ctx, o))
		return already_removed(ctx, o, name);
	return fail(kind, -EOPNOTSUPP, "cannot remove %s '%s'%s%s", kind->noun, name,
		who && *who ? ", which is in use" : "", who ? who : "");
}

int refusal_say(struct ipc_ctx *ctx, const struct ipc_object *o, const char *name, int error)
{
	const struct ipc_kind *kind = o->selector.kind;

	if (error == -EOPNOTSUPP)
		return unremovable(ctx, o, name);
	if (error == -EBUSY)
		return in_use(ctx, o, name, STATE_LIVE);
	if (error == -EADDRINUSE)
		return in_use(ctx, o, name, STATE_UNKNOWN);
	if (error == -ENOTEMPTY) {
		int64_t messages = ipc_object_get(o, "messages").number;
		if (messages > 0)
			fail_plain(CLI_FAILED, "cannot remove %s '%s': it holds %" PRId64 " unread message%s",
				kind->noun, name, messages, messages == 1 ? "" : "s");
		else
			fail_plain(CLI_FAILED, "cannot remove %s '%s': it may hold unread messages",
				kind->noun, name);
		hint("--discard throws them away");
		return CLI_FAILED;
	}
	if (error == -ESTALE)
		return fail_plain(CLI_FAILED, "%s '%s' was replaced by another one, which was left alone",
			kind->noun, name);
	if (error == -ECANCELED)
		return fail_plain(
			CLI_FAILED, "cannot remove %s '%s': it is not stale any more", kind->noun, name);
	if (error == -EALREADY)
		return already_removed(ctx, o, name);
	if (error == -EREMCHG)
		return fail_plain(CLI_FAILED,
			"%s '%s' was replaced by another one at the last moment, and that one was removed",
			kind->noun, name);
	return fail(kind, error, "cannot remove %s '%s'", kind->noun, name);
}
