/*
 * rm: removes what its operands and filters name, each proved again just before it goes.
 *
 * Names given one by one are removed at once. All else is bulk: it is shown and asked about first,
 * and never forced. The status is that of the first failure.
 */
#include "cli/ask.h"
#include "cli/filter.h"
#include "cli/ns_opt.h"
#include "cli/plan.h"
#include "cli/refusal.h"
#include "cli/select.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool arg_yes, arg_dry, arg_force, arg_discard, arg_if_exists, arg_all_ns;

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
	{ OPT_INCLUDE, .to = { .table = ns_opts } },
	{ OPT_FLAG, 0, "all-ns", .to = { .flag = &arg_all_ns }, .hidden = true },
	{ OPT_INCLUDE, .to = { .table = select_opts } },
	{ 0 },
};

static const struct example rm_examples[] = {
	{ "ipcctl rm mq:/jobs shm:/cache", "Remove two objects", ": >/dev/mqueue/jobs >/dev/shm/cache" },
	{ "ipcctl rm -n --user root --unused-for 7d shm", "Show what segments root left unused for a week",
		NULL },
	{ "ipcctl rm --stale -y", "Remove what is proved to be left behind", NULL },
	{ "ipcctl rm -n --label python --older-than 1d", "Show what Python programs left",
		": >/dev/shm/psm_0123abcd" },
	{ "ipcctl rm -n --stale --ns $$", "Show what is stale where that process runs, as in a container",
		NULL },
	{ "ipcctl rm -y 'shm:/app.*'", "Remove every segment of that name, without a question",
		": >/dev/shm/app.1" },
	{ "ipcctl ls --names --state idle sem | ipcctl rm -y -", "Remove what a list names", NULL },
	{ 0 },
};

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
		status =
			first_failure(status, refusal_say(ctx, &p->victims[i].object, p->victims[i].name, r));
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
			status = first_failure(status, refusal_say(ctx, &v->object, v->name, r));
		else if (r == 0 && cli_verbose)
			warn("removed %s '%s'", v->object.selector.kind->noun, v->name);
	}
	return status;
}

static int cannot_ask(void)
{
	return usage_error("there is no terminal to ask on: nothing was removed without --yes");
}

/* A script that lacks --yes fails at its first run, not when there is something to remove for the first time. */
static int say_nothing(void)
{
	if (!ask_possible())
		return cannot_ask();
	warn("there is nothing to remove");
	return CLI_OK;
}

/* Shows the plan on the terminal and asks. Returns CLI_OK to go on. */
static int confirm(const struct plan *p)
{
	int status = plan_show(p, stderr);

	if (status != CLI_OK)
		return status;
	int answer = ask("Remove %zu object%s? [y/N] ", p->len, p->len == 1 ? "" : "s");
	if (answer < 0)
		return cannot_ask();
	return answer > 0 ? CLI_OK : fail_plain(CLI_FAILED, "nothing was removed");
}

static bool is_bulk(struct ipc_ctx *ctx, int argc, char **argv, unsigned flags)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "-") == 0 || !select_is_literal(ctx, argv[i], flags))
			return true;
	return argc == 0;
}

static int check_call(int argc, bool bulk)
{
	if (arg_all_ns)
		return usage_error(
			"--all-ns only lists: to remove in another IPC namespace, say which with --ns PID");
	if (argc == 0 && !filter_given())
		return usage_error("say what to remove: it takes selectors or filters");
	if (bulk && arg_force)
		return usage_error("--force is only for objects that are named one by one");
	return CLI_OK;
}

static int run_rm(struct ipc_ctx *ctx, int argc, char **argv)
{
	int status = filter_prepare();

	if (status != CLI_OK)
		return status;
	/* Filters narrow a kind. Without any, a word that is one may as well be a name, and all of a kind is 'shm:*'. */
	unsigned flags =
		(filter_given() ? SELECT_CLASSES : SELECT_MATCHES) | (arg_if_exists ? SELECT_MISSING_OK : 0);
	bool bulk = is_bulk(ctx, argc, argv, flags);
	AUTO_PLAN struct plan plan = { .flags = flags };

	status = check_call(argc, bulk);
	if (status == CLI_OK)
		status = ns_go(ctx);
	if (status != CLI_OK)
		return status;
	/* They can't be removed: named only if they were asked for, to be told what would free them. */
	ctx->unlinked = filter_given() && !filter_admits(STATE_IDLE) && filter_admits(STATE_ORPHAN);
	bool shown = arg_dry || (bulk && !arg_yes);
	plan.want = filter_want() | (bulk || arg_dry ? WANT_STATE : 0) | (shown ? WANT_USED : 0);
	status = plan_gather(ctx, argc, argv, &plan);
	if (bulk || arg_dry)
		status = first_failure(status, sift(ctx, &plan));
	if (arg_dry)
		return first_failure(status, plan_show(&plan, stdout));
	if (plan.len == 0)
		return bulk && !arg_yes && status == CLI_OK ? say_nothing() : status;
	int r = bulk && !arg_yes ? confirm(&plan) : CLI_OK;
	return first_failure(status, r == CLI_OK ? remove_all(ctx, &plan, bulk) : r);
}

const struct command cmd_rm = {
	.name = "rm",
	.brief = "Remove objects, safely",
	.operands = "[SELECTOR|KIND|-...]",
	.generic = true,
	.opts = rm_opts,
	.examples = rm_examples,
	.run = run_rm,
};
