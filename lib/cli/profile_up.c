#include "cli/profile_state.h"

#include "cli/common.h"
#include "cli/plan.h"
#include "cli/refusal.h"
#include "ipc/guard.h"
#include "ipc/io.h"
#include "ipc/ledger.h"
#include "ipc/procid.h"
#include "ipc/supervise.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- up -------------------------------------------------------------------------------------------- */

/* What this call made, by identity. */
struct made {
	struct ipc_object *v; /* owned */
	size_t len;
};

static void made_clear(struct made *m)
{
	for (size_t i = 0; i < m->len; i++)
		ipc_object_clear(&m->v[i]);
	free(m->v);
}

static int make_one(struct ipc_ctx *ctx, const struct profile_object *o, struct made *made)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 }, named = { 0 };
	struct ipc_mismatch mismatches[ATTR_COUNT];
	size_t len = 0;
	int r = profile_selector(ctx, o, &sel);

	if (r == 0)
		r = ipc_create(ctx, &sel, &o->attrs, false, &named, mismatches, &len);
	if (r == 1) {
		struct ipc_object *object = &made->v[made->len++];
		r = ipc_stat(ctx, &named, 0, object);
		if (cli_verbose)
			warn("made %s '%s'", o->sel.kind->noun, o->selector);
		if (r == 0 && ctx->ledger_error < 0)
			warn("'%s' was made, and 'down' will not know it: %s", o->selector,
				strerror(-ctx->ledger_error));
	}
	if (r >= 0)
		return CLI_OK;
	int status = fail(NULL, r, "%%%s: cannot create %s '%s'", o->word, o->sel.kind->noun, o->selector);
	const struct ipc_hint *help = ipc_kind_hint_of(o->sel.kind, r, &o->attrs);
	if (help)
		hint("%s", help->text);
	if (r == -ENOENT && o->sel.form == FORM_PATH)
		hint_directory(o->sel.name);
	return status;
}

static void take_back(struct ipc_ctx *ctx, const struct made *made)
{
	for (size_t i = made->len; i-- > 0;) {
		const struct ipc_object *object = &made->v[i];
		AUTO_FREE char *name = ipc_selector_format(&object->selector);
		int r = object->selector.kind ? ipc_remove(ctx, object, 0) : -ENOENT;
		if (r < 0 && r != -ENOENT && r != -EIDRM && name)
			refusal_say(ctx, object, name, r);
	}
	if (made->len)
		warn("what was made was taken back");
}

static int up(struct ipc_ctx *ctx, const struct profile *p, const char *origin)
{
	struct made made = { .v = calloc(p->objects_len + 1, sizeof(*made.v)) };
	int status = profile_compare(ctx, p, false, CLI_FAILED);

	if (status != CLI_OK || !made.v) {
		free(made.v);
		return made.v ? fail_plain(status, "nothing was changed")
			      : fail(NULL, -ENOMEM, "cannot start");
	}
	ctx->origin = origin;
	for (size_t i = 0; i < p->objects_len && status == CLI_OK; i++)
		if (profile_is_ours(&p->objects[i]))
			status = make_one(ctx, &p->objects[i], &made);
	ctx->origin = NULL;
	if (status != CLI_OK)
		take_back(ctx, &made);
	made_clear(&made);
	return status;
}

int profile_up(struct ipc_ctx *ctx, const struct profile *p)
{
	char origin[PROFILE_ORIGIN_SIZE];

	profile_origin(p, "", origin);
	return up(ctx, p, origin);
}

/* --- down ------------------------------------------------------------------------------------------ */

struct taking {
	unsigned flags;    /* REMOVE_... */
	struct plan *plan; /* NULL: it is done; else it is only shown */
	bool own;          /* what somebody else made is none of our business */
};

static int take_down(struct ipc_ctx *ctx, const struct profile_object *o, const struct taking *t)
{
	AUTO_PROFILE_STATE struct profile_state s = { 0 };

	ipc_ctx_forget(ctx);
	profile_look(ctx, o, WANT_STATE | (t->plan ? WANT_USED : 0), &s);
	if (s.error == -ENOENT)
		return CLI_OK;
	if (s.error < 0 && s.error != -EACCES)
		return profile_say_state(o, &s, CLI_FAILED);
	if (ledger_made(ctx, &s.object) != ANSWER_YES) {
		if (!t->own)
			warn("%%%s: %s '%s' was not made by 'up', and stays", o->word, o->sel.kind->noun,
				o->selector);
		return CLI_OK;
	}
	int r = ipc_remove_refusal(ctx, &s.object, t->flags);
	if (r == 0 && t->plan)
		return plan_add(t->plan, &s.object);
	if (r == 0)
		r = ipc_remove(ctx, &s.object, t->flags);
	if (r == 0 && cli_verbose)
		warn("removed %s '%s'", o->sel.kind->noun, o->selector);
	return r < 0 && r != -ENOENT && r != -EIDRM ? refusal_say(ctx, &s.object, o->selector, r) : CLI_OK;
}

/* In the opposite order of their making. */
static int take_all_down(
	struct ipc_ctx *ctx, const struct profile *p, const char *origin, const struct taking *t)
{
	int status = CLI_OK;

	ctx->origin = origin;
	for (size_t i = p->objects_len; i-- > 0;) {
		int r = profile_is_ours(&p->objects[i]) ? take_down(ctx, &p->objects[i], t) : CLI_OK;
		status = status == CLI_OK ? r : status;
	}
	ctx->origin = NULL;
	return status;
}

int profile_down(struct ipc_ctx *ctx, const struct profile *p, unsigned remove_flags, bool dry)
{
	char origin[PROFILE_ORIGIN_SIZE];
	AUTO_PLAN struct plan plan = { 0 };

	profile_origin(p, "", origin);
	int status = take_all_down(
		ctx, p, origin, &(struct taking){ .flags = remove_flags, .plan = dry ? &plan : NULL });
	if (!dry)
		return status;
	int r = plan_show(&plan, stdout);
	return status == CLI_OK ? r : status;
}

/* --- run ------------------------------------------------------------------------------------------- */

/* What was made for one program goes with it, whoever still has it. */
static const struct taking with_program = { .flags = REMOVE_FORCE | REMOVE_DISCARD, .own = true };

/* How long a program that was told to end, since ipcctl was killed, may take. */
#define LAST_WORDS_NS (10 * NSEC_PER_SEC)
#define LOOK_NS (10 * NSEC_PER_MSEC)

static const int passed_on[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };

/* What the guard knows. */
struct run {
	struct ipc_ctx *ctx;
	const struct profile *profile;
	char origin[PROFILE_ORIGIN_SIZE];
	struct procid *program; /* shared with the guard, which was there first; pid 0: not started */
};

static bool runs(const struct procid_view *view, const struct procid *program)
{
	uint64_t start;

	return program->pid && procid_find(view, program->pid, &start) == PROCID_ALIVE &&
		start == program->start;
}

/* In the guard, when ipcctl was killed: the kernel has sent SIGTERM to the program. */
static void clean_up(void *arg)
{
	const struct run *run = arg;
	struct ipc_deadline patience = ipc_deadline_in(LAST_WORDS_NS);

	const struct procid_view view = procid_look();
	while (runs(&view, run->program) && ipc_deadline_left(patience) > 0)
		(void)ipc_deadline_sleep(patience, LOOK_NS);
	if (runs(&view, run->program))
		kill(run->program->pid, SIGKILL);
	(void)take_all_down(run->ctx, run->profile, run->origin, &with_program);
}

/* Signals that end a program are passed on; those of the terminal reach it by themselves. */
static int wait_for(struct supervised *program)
{
	sigset_t set;
	siginfo_t info;
	int status = 0, r;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	while ((r = supervise_reap(program, ipc_deadline_in(0), &status)) == 0) {
		int signo = sigwaitinfo(&set, &info);
		if (signo > 0 && signo != SIGCHLD && info.si_code <= 0)
			(void)supervise_kill(program, signo, false);
	}
	return r < 0 ? fail(NULL, r, "cannot wait for the program") : supervise_wait_status(status);
}

static void catch_signals(sigset_t *before)
{
	struct sigaction old;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++)
		if (sigaction(passed_on[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaddset(&set, passed_on[i]);
	signal(SIGCHLD, SIG_DFL); /* ignored, it would not come */
	sigprocmask(SIG_BLOCK, &set, before);
}

static int run_program(struct run *run, char **argv)
{
	struct supervise_options options = SUPERVISE_DEFAULTS;
	struct supervised program = SUPERVISED_NONE;
	const struct procid_view view = procid_look();
	AUTO_FREE char *name = shown(argv[0]);

	options.death_signal = SIGTERM;
	if (setenv("IPCCTL_PROFILE", run->profile->path, 1) < 0)
		return fail_plain(CLI_RUN_FAILED, "cannot run '%s': no memory", name);
	int r = supervise_spawn(argv, &options, &program);
	if (r < 0) {
		fail(NULL, r, "cannot run '%s'", name);
		return supervise_exec_status(r);
	}
	if (procid_find(&view, program.pid, &run->program->start) == PROCID_ALIVE)
		run->program->pid = program.pid;
	return wait_for(&program);
}

/* Each run has an origin of its own: what another made of the same profile is not its to remove. */
static void choose_origin(struct run *run)
{
	struct procid self = { .pid = getpid() };
	char text[64];

	(void)procid_self(&self);
	snprintf(text, sizeof(text), "%d %" PRIu64, (int)self.pid, self.start);
	profile_origin(run->profile, text, run->origin);
}

int profile_run(struct ipc_ctx *ctx, const struct profile *p, char **argv)
{
	struct run run = { .ctx = ctx, .profile = p };
	struct guard guard = GUARD_NONE;
	sigset_t before;

	run.program =
		mmap(NULL, sizeof(*run.program), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run.program == MAP_FAILED)
		return fail_plain(CLI_RUN_FAILED, "cannot start: %s", strerror(errno));
	choose_origin(&run);
	catch_signals(&before);
	int r = guard_start(&(struct guard_task){ .undo = clean_up, .arg = &run }, &guard);
	if (r < 0 && r != -ENOSYS) {
		fail(NULL, r, "cannot start a guard for what is made");
		return CLI_RUN_FAILED;
	}
	int status = up(ctx, p, run.origin) == CLI_OK ? run_program(&run, argv) : CLI_RUN_FAILED;
	if (take_all_down(ctx, p, run.origin, &with_program) != CLI_OK && status == CLI_OK)
		status = CLI_RUN_FAILED;
	guard_dismiss(&guard);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
