#include "ipc/maker.h"

#include "ipc/bootclock.h"
#include "ipc/deadline.h"
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/maker_owner.h"
#include "ipc/nspace.h"
#include "ipc/procid.h"
#include "ipc/procstat.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_MAX = 65536 };

/* What is asked of the system once, and serves for all objects. */
struct maker_view {
	struct bootclock clock;
	struct procid_view view;
	struct maker_processes all;
	bool asked, failed;
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

/* --- all processes of a user --- */

/* The processes of the machine, looked at when they are needed first. */
static const struct maker_processes *processes_of(struct ipc_ctx *ctx, struct maker_view *v)
{
	const struct holders *h;

	if (v->asked)
		return v->failed ? NULL : &v->all;
	v->asked = true;
	v->failed = holders_get(ctx, HOLDERS_PROCESSES, &h) < 0;
	for (size_t i = 0; !v->failed && i < h->processes_len; i++) {
		const struct holders_process *p = &h->processes[i];
		uint64_t since = maker_process_since(h->processes, h->processes_len, p);
		v->failed = maker_processes_add(&v->all, p, since) < 0;
	}
	if (v->failed)
		return NULL;
	v->all.hidden = h->hidden;
	v->all.whole = h->whole && !h->hidden;
	maker_processes_sort(&v->all);
	return &v->all;
}

/*
 * The first process from *at on that may know what was there then, or NULL. One that has ended since all were looked at
 * counts, since it may have forked another before; we ask about what we did not make.
 */
static const struct maker_process *next_older(
	const struct maker_view *v, uid_t owner, struct maker_time made, size_t *at)
{
	size_t len;
	const struct maker_process *p = maker_processes_of(&v->all, owner, &len);

	for (; *at < len; (*at)++) {
		if (bootclock_started_later(&v->clock, p[*at].since, made.when, made.survives))
			break; /* and so have all behind it */
		if (!v->view.trusted || p[*at].pid != getpid())
			return &p[(*at)++];
	}
	return NULL;
}

/*
 * A process that may have been forked by one that is gone, after the object was made; or NULL. ipcns: where it must be
 * to reach the object; 0: anywhere
 */
static const struct maker_process *find_heir(
	const struct maker_view *v, uid_t user, struct maker_time made, ino_t ipcns)
{
	/* A stamp in whole seconds is their end. */
	int64_t from = made.when - NSEC_PER_SEC + 1;
	size_t len;
	const struct maker_process *p = maker_processes_of(&v->all, user, &len);

	for (size_t i = 0; i < len; i++)
		if ((p[i].since == 0 ||
			    (p[i].adopted &&
				    !bootclock_started_later(
					    &v->clock, p[i].since, made.when, made.survives))) &&
			(!ipcns || !p[i].ipcns || p[i].ipcns == ipcns) &&
			!bootclock_started_earlier(&v->clock, p[i].start, from, made.survives))
			return &p[i];
	return NULL;
}

static struct ipc_fact may_be_heir(const struct maker_process *p)
{
	return ipc_fact_about(
		ANSWER_UNKNOWN, "process # was forked by one that is gone: it may go on with it", p->pid);
}

/* What it forked is in this pid namespace, or below it: others need not be seen. */
struct ipc_fact maker_heirs(struct ipc_ctx *ctx, struct ipc_fact gone, uid_t user, struct maker_time made)
{
	struct maker_view *v = view_of(ctx);
	const struct maker_processes *all = v ? processes_of(ctx, v) : NULL;
	const struct maker_process *p = all ? find_heir(v, user, made, nspace_ino(ctx)) : NULL;

	if (p)
		return may_be_heir(p);
	/* To an ordinary user his own are shown, but for those that were another's and have executed no program since. */
	if (!all || (all->hidden && (user != geteuid() || user == 0)))
		return ipc_fact_of(
			ANSWER_UNKNOWN, "what its maker forked may be a process that can't be seen");
	return gone;
}

struct ipc_fact maker_by_owner(struct ipc_ctx *ctx, uid_t owner, struct maker_time made)
{
	struct maker_view *v = view_of(ctx);
	const struct maker_processes *all = v ? processes_of(ctx, v) : NULL;
	size_t at = 0;

	if (!all)
		return ipc_fact_of(ANSWER_UNKNOWN, "whether its maker is there can't be told without /proc");
	const struct maker_process *p = next_older(v, owner, made, &at);
	if (p && p->since == 0 && bootclock_started_later(&v->clock, p->start, made.when, made.survives))
		return may_be_heir(p);
	if (p)
		return ipc_fact_about(
			ANSWER_UNKNOWN, "process # is its owner's, and as old: it may be its maker", p->pid);
	if (!all->whole)
		return ipc_fact_of(ANSWER_UNKNOWN, "its maker may be a process that can't be seen from here");
	return ipc_fact_of(ANSWER_NO, "its maker is gone: all processes of its owner are younger");
}

/* --- the pid in its name --- */

static bool is_in_our_namespace(pid_t pid)
{
	AUTO_FREE char *text = NULL;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return ipc_read_file(AT_FDCWD, path, STATUS_MAX, &text, NULL) == 0 && procstat_has_one_pid(text, pid);
}

struct ipc_fact maker_by_name(struct ipc_ctx *ctx, pid_t pid, uid_t owner, struct maker_time made)
{
	static const char *const texts[FATES] = {
		[FATE_GONE] = "its maker, process # by its name, is gone",
		[FATE_REUSED] = "its maker, process # by its name, is gone: that is a younger one",
		[FATE_THERE] = "its maker, process # by its name, is there",
	};
	enum fate fate = fate_of(ctx, pid, made);
	struct maker_view *v = view_of(ctx);
	const struct maker_processes *all = v ? processes_of(ctx, v) : NULL;
	const struct maker_process *p;
	size_t at = 0;
	const struct ipc_fact unknown = ipc_fact_about(
		ANSWER_UNKNOWN, "whether process # of its name is its maker can't be told", pid);

	if (!all || !texts[fate] || (answers[fate] == ANSWER_NO && !all->whole))
		return unknown;
	if (answers[fate] == ANSWER_NO && (p = find_heir(v, owner, made, 0)))
		return may_be_heir(p);
	while (answers[fate] == ANSWER_NO && (p = next_older(v, owner, made, &at)))
		if (!is_in_our_namespace(p->pid))
			return unknown;
	return ipc_fact_about(answers[fate], texts[fate], pid);
}
