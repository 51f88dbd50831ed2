#include "ipc/maker.h"

#include "ipc/bootclock.h"
#include "ipc/deadline.h"
#include "ipc/maker_owner.h"
#include "ipc/procid.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* What is asked of the system once, and serves for all objects. */
struct maker_view {
	struct bootclock clock;
	struct procid_view view;
	struct maker_processes all;
	bool gathered, failed;
};

static struct maker_view *view_of(struct ipc_ctx *ctx)
{
	if (!ctx->maker) {
		ctx->maker = calloc(1, sizeof(*ctx->maker));
		if (!ctx->maker)
			return NULL;
		bootclock_read(&ctx->maker->clock);
		ctx->maker->view = procid_look();
	}
	return ctx->maker;
}

void maker_forget(struct ipc_ctx *ctx)
{
	if (ctx->maker)
		maker_processes_clear(&ctx->maker->all);
	free(ctx->maker);
	ctx->maker = NULL;
}

struct maker_time maker_second(int64_t seconds)
{
	return (struct maker_time){ .when = seconds * NSEC_PER_SEC + NSEC_PER_SEC - 1 };
}

/* --- one process --- */

enum fate { FATE_UNKNOWN, FATE_HIDDEN, FATE_GONE, FATE_REUSED, FATE_THERE, FATES };

static enum fate fate_of(struct ipc_ctx *ctx, pid_t pid, struct maker_time when)
{
	const struct maker_view *v = view_of(ctx);
	uint64_t start;

	if (pid <= 0)
		return FATE_HIDDEN;
	if (!v)
		return FATE_UNKNOWN;
	switch (procid_find(&v->view, pid, &start)) {
	case PROCID_DEAD:
		return FATE_GONE;
	case PROCID_UNKNOWN:
		return FATE_UNKNOWN;
	case PROCID_ALIVE:
		break;
	}
	return bootclock_started_later(&v->clock, start, when.when, when.survives) ? FATE_REUSED : FATE_THERE;
}

static const enum ipc_answer answers[FATES] = {
	[FATE_GONE] = ANSWER_NO,
	[FATE_REUSED] = ANSWER_NO,
	[FATE_THERE] = ANSWER_YES,
};

struct ipc_fact maker_by_pid(struct ipc_ctx *ctx, pid_t pid, struct maker_time made)
{
	static const char *const texts[FATES] = {
		[FATE_UNKNOWN] = "whether process # is its maker can't be told",
		[FATE_HIDDEN] = "its maker is a process outside of this pid namespace",
		[FATE_GONE] = "its maker, process #, is gone",
		[FATE_REUSED] = "its maker is gone: process # is a younger one",
		[FATE_THERE] = "its maker, process #, is there",
	};
	enum fate fate = fate_of(ctx, pid, made);

	return ipc_fact_about(answers[fate], texts[fate], pid);
}

struct ipc_fact maker_user(struct ipc_ctx *ctx, pid_t pid, struct maker_time used)
{
	static const char *const texts[FATES] = {
		[FATE_UNKNOWN] = "whether process # is the one that used it can't be told",
		[FATE_HIDDEN] = "it was used by a process outside of this pid namespace",
		[FATE_GONE] = "process #, which used it last, is gone",
		[FATE_REUSED] = "who used it last is gone: process # is a younger one",
		[FATE_THERE] = "process #, which used it last, is there",
	};
	enum fate fate = fate_of(ctx, pid, used);

	/* To ask who used it last is to use it, for some: that is us. */
	if (pid == getpid())
		return (struct ipc_fact){ .answer = ANSWER_NO };
	return ipc_fact_about(answers[fate], texts[fate], pid);
}

struct ipc_fact maker_of_two(struct ipc_fact a, struct ipc_fact b)
{
	if (a.answer == ANSWER_YES || b.answer == ANSWER_YES)
		return a.answer == ANSWER_YES ? a : b;
	if (a.answer == ANSWER_UNKNOWN || b.answer == ANSWER_UNKNOWN)
		return a.answer == ANSWER_UNKNOWN ? a : b;
	return a.why.text ? a : b;
}

/* --- all processes of its owner --- */

/*
 * A process that may have been there, or NULL. One that has ended and waits for its parent to notice makes nothing
 * any more.
 */
static const struct maker_process *find_older(const struct maker_view *v, uid_t owner, struct maker_time made)
{
	size_t len;
	const struct maker_process *p = maker_processes_of(&v->all, owner, &len);
	uint64_t start;

	for (size_t i = 0; i < len; i++) {
		if (bootclock_started_later(&v->clock, p[i].start, made.when, made.survives))
			break; /* and so have all behind it */
		if (procid_find(&v->view, p[i].pid, &start) != PROCID_DEAD)
			return &p[i];
	}
	return NULL;
}

struct ipc_fact maker_by_owner(struct ipc_ctx *ctx, uid_t owner, struct maker_time made)
{
	struct maker_view *v = view_of(ctx);

	if (v && !v->gathered) {
		v->failed = maker_processes_gather(&v->all) < 0;
		v->gathered = true;
	}
	if (!v || v->failed)
		return ipc_fact_of(ANSWER_UNKNOWN, "whether its maker is there can't be told without /proc");
	const struct maker_process *p = find_older(v, owner, made);
	if (p)
		return ipc_fact_about(
			ANSWER_UNKNOWN, "process # is as old, and of its owner: it may be its maker", p->pid);
	if (!v->all.whole)
		return ipc_fact_of(ANSWER_UNKNOWN, "its maker may be a process that can't be seen from here");
	return ipc_fact_of(ANSWER_NO, "its maker is gone: all processes of its owner are younger");
}
