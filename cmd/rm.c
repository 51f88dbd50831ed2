/*
 * rm: removes what its operands and filters name, each proved again just before it goes.
 *
 * Names given one by one are removed at once. All else is bulk: it is shown and asked about first,
 * and never forced. The status is that of the first failure.
 */
#include "cli/ask.h"
#include "cli/filter.h"
#include "cli/plan.h"
#include "cli/select.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool arg_yes, arg_dry, arg_force, arg_discard, arg_if_exists;

static const struct opt rm_opts[] = {
	{ OPT_FLAG, 'y', "yes", NULL, "Do not ask", { .flag = &arg_yes } },
	{ OPT_FLAG, 'n', "dry-run", NULL, "Show what would be removed, and remove nothing",
		{ .flag = &arg_dry } },
	{ OPT_FLAG, 0, "discard", NULL, "Also queues that hold unread messages", { .flag = &arg_discard } },
	{ OPT_FLAG, 'f', "force", NULL,
		"Also what is in use or may be; only for objects that are named one by one",
		{ .flag = &arg_force } },
	{ OPT_FLAG, 0, "if-exists", NULL, "A name that leads to nothing is no error",
		{ .flag = &arg_if_exists } },
	{ OPT_INCLUDE, .to = { .table = filter_opts } },
	{ OPT_INCLUDE, .to = { .table = select_opts } },
	{ 0 },
};

static const struct example rm_examples[] = {
	{ "ipcctl rm mq:/jobs shm:/cache", "Remove two objects", ": >/dev/mqueue/jobs >/dev/shm/cache" },
	{ "ipcctl rm -n --user root --unused-for 7d", "Show what root left unused for a week", NULL },
	{ "ipcctl rm --stale -y", "Remove the files that dead servers left", NULL },
	{ "ipcctl rm -y 'shm:/app.*'", "Remove every segment of that name, without a question",
		": >/dev/shm/app.1" },
	{ "ipcctl ls --names --state idle sem | ipcctl rm -y -", "Remove what a list names", NULL },
	{ 0 },
};

/* Who has it, for a message: "123 cat, 124 php"; else what the kernel says. The caller frees it. */
static char *culprits(struct ipc_ctx *ctx, const struct ipc_object *o, enum ipc_state state)
{
	AUTO_OBJECT struct ipc_object now = { 0 };
	char *text = NULL;
	size_t len = 0;
	int r = ipc_stat(ctx, &o->selector, WANT_HOLDERS | WANT_STATE, &now);
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	for (size_t i = 0; i < now.holders_len; i++) {
		AUTO_FREE char *command = shown(now.holders[i].command ? now.holders[i].command : "?");
		fprintf(f, "%s%d %s", i ? ", " : ": ", (int)now.holders[i].pid, command);
	}
	const char *why = now.verdict.evidence[0] ? now.verdict.evidence[0] : now.verdict.unseen[0];
	bool still = (r == 0 || r == -EACCES) && now.verdict.state == state; /* it may have changed since */
	if (still && now.holders_len == 0 && why)
		fprintf(f, ": %s", why);
	fclose(f);
	return text;
}

static int in_use(struct ipc_ctx *ctx, const struct victim *v, enum ipc_state state)
{
	AUTO_FREE char *who = culprits(ctx, &v->object, state);
	const char *how = state == STATE_LIVE ? "is in use" : "may be in use";

	fail_plain(CLI_FAILED, "cannot remove %s '%s': it %s%s", v->object.selector.kind->noun, v->name, how,
		who ? who : "");
	hint("'ipcctl rm --force' removes it all the same, when it is named by itself");
	return CLI_FAILED;
}

/* What has no name that could be taken away. */
static int unremovable(struct ipc_ctx *ctx, const struct victim *v)
{
	const struct ipc_kind *kind = v->object.selector.kind;
	AUTO_FREE char *who = culprits(ctx, &v->object, v->object.verdict.state);

	return fail(kind, -EOPNOTSUPP, "cannot remove %s '%s'%s%s", kind->noun, v->name,
		who && *who ? ", which is in use" : "", who ? who : "");
}

/* Says why an object stays. Returns the exit status. */
static int refused(struct ipc_ctx *ctx, const struct victim *v, int error)
{
	const struct ipc_kind *kind = v->object.selector.kind;

	if (error == -EOPNOTSUPP)
		return unremovable(ctx, v);
	if (error == -EBUSY)
		return in_use(ctx, v, STATE_LIVE);
	if (error == -EADDRINUSE)
		return in_use(ctx, v, STATE_UNKNOWN);
	if (error == -ENOTEMPTY) {
		int64_t messages = ipc_object_get(&v->object, "messages").number;
		if (messages > 0)
			fail_plain(CLI_FAILED, "cannot remove %s '%s': it holds %" PRId64 " unread message%s",
				kind->noun, v->name, messages, messages == 1 ? "" : "s");
		else
			fail_plain(CLI_FAILED, "cannot remove %s '%s': it may hold unread messages",
				kind->noun, v->name);
		hint("--discard throws them away");
		return CLI_FAILED;
	}
	if (error == -ESTALE)
		return fail_plain(CLI_FAILED, "%s '%s' was replaced by another one, which was left alone",
			kind->noun, v->name);
	if (error == -EALREADY)
		return fail_plain(CLI_FAILED,
			"cannot remove %s '%s': it has been removed, and goes when the last process detaches "
			"it",
			kind->noun, v->name);
	if (error == -EREMCHG)
		return fail_plain(CLI_FAILED,
			"%s '%s' was replaced by another one at the last moment, and that one was removed",
			kind->noun, v->name);
	return fail(kind, error, "cannot remove %s '%s'", kind->noun, v->name);
}

static unsigned remove_flags(void)
{
	return (arg_force ? REMOVE_FORCE : 0) | (arg_discard ? REMOVE_DISCARD : 0);
}

/* Leaves in the plan what can go, and reports the rest. */
static int sift(struct ipc_ctx *ctx, struct plan *p)
{
	size_t kept = 0;
	int status = CLI_OK;

	for (size_t i = 0; i < p->len; i++) {
		int r = ipc_remove_refusal(&p->victims[i].object, remove_flags());
		if (r == 0) {
			p->victims[kept++] = p->victims[i];
			continue;
		}
		status = first_failure(status, refused(ctx, &p->victims[i], r));
		victim_clear(&p->victims[i]);
	}
	p->len = kept;
	return status;
}

static int remove_all(struct ipc_ctx *ctx, const struct plan *p, bool bulk)
{
	int status = CLI_OK;

	for (size_t i = 0; i < p->len; i++) {
		const struct victim *v = &p->victims[i];
		int r = ipc_remove(ctx, &v->object, remove_flags());
		bool gone = r == -ENOENT || r == -EIDRM;
		if (r < 0 && !(gone && (bulk || arg_if_exists)))
			status = first_failure(status, refused(ctx, v, r));
		else if (r == 0 && cli_verbose)
			warn("removed %s '%s'", v->object.selector.kind->noun, v->name);
	}
	return status;
}

/* Shows the plan on the terminal and asks. Returns CLI_OK to go on. */
static int confirm(const struct plan *p)
{
	int status = plan_show(p, stderr);

	if (status != CLI_OK)
		return status;
	int answer = ask("Remove %zu object%s? [y/N] ", p->len, p->len == 1 ? "" : "s");
	if (answer < 0)
		return usage_error("there is no terminal to ask on: nothing was removed without --yes");
	return answer > 0 ? CLI_OK : fail_plain(CLI_FAILED, "nothing was removed");
}

static bool is_bulk(struct ipc_ctx *ctx, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "-") == 0 || !select_is_literal(ctx, argv[i]))
			return true;
	return argc == 0;
}

static int check_call(int argc, bool bulk)
{
	int r = filter_prepare();

	if (r != CLI_OK)
		return r;
	if (argc == 0 && !filter_given())
		return usage_error("say what to remove: it takes selectors or filters");
	if (bulk && arg_force)
		return usage_error("--force is only for objects that are named one by one");
	return CLI_OK;
}

static int run_rm(struct ipc_ctx *ctx, int argc, char **argv)
{
	bool bulk = is_bulk(ctx, argc, argv);
	AUTO_PLAN struct plan plan = { .missing_ok = arg_if_exists };
	int status = check_call(argc, bulk);

	if (status != CLI_OK)
		return status;
	bool shown = arg_dry || (bulk && !arg_yes);
	plan.want = filter_want() | (bulk || arg_dry ? WANT_STATE : 0) | (shown ? WANT_USED : 0);
	status = plan_gather(ctx, argc, argv, &plan);
	if (bulk || arg_dry)
		status = first_failure(status, sift(ctx, &plan));
	if (arg_dry)
		return first_failure(status, plan_show(&plan, stdout));
	if (plan.len == 0)
		return status;
	int r = bulk && !arg_yes ? confirm(&plan) : CLI_OK;
	return first_failure(status, r == CLI_OK ? remove_all(ctx, &plan, bulk) : r);
}

const struct command cmd_rm = {
	.name = "rm",
	.brief = "Remove objects, safely",
	.operands = "[SELECTOR|-...]",
	.generic = true,
	.opts = rm_opts,
	.examples = rm_examples,
	.run = run_rm,
};
