#include "cli/pipe_run.h"

#include "cli/diag.h"
#include "cli/pipe_meter.h"
#include "cli/pipe_report.h"
#include "ipc/io.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_SIGNAL = 128 };

#define SETTLE_NS (10 * NSEC_PER_MSEC)

/* Those that would end us while stages still run. Ctrl-Z and the like stop us with the stages, as they should. */
static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };

struct run {
	struct pipeline *line;
	const struct pipe_run_options *o;
	struct pipe_meter meter;
	struct pipe_report report;
	sigset_t mask; /* as it was */
	int signals;   /* signalfd(2) */
	struct ipc_deadline limit, kill_at;
	int caught; /* the signal that we end by, if the stages end by it, too; or 0 */
	bool starting;
	bool children_changed; /* since they were looked at */
	bool ending;           /* the stages were told to end */
	bool failed;           /* it is our own failure, and status says which */
	bool abandoned;        /* a stage that can't be ended is not waited for */
	int status;
};

/* --- signals --- */

/* Blocked, and read from a descriptor. Those that are ignored (nohup(1)) stay ignored. */
static int take_signals(struct run *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction old;
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaddset(&set, signals[i]);
	}
	signal(SIGCHLD, SIG_DFL); /* ignored, it would not come */
	sigprocmask(SIG_BLOCK, &set, &r->mask);
	r->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return r->signals < 0 ? -errno : 0;
}

static void end_stages(struct run *r)
{
	if (r->ending)
		return;
	r->ending = true;
	r->kill_at = ipc_deadline_in(r->o->kill_after_ns);
	(void)pipeline_kill(r->line, SIGTERM, NULL);
	(void)pipeline_kill(r->line, SIGCONT, NULL); /* one that is stopped could not end */
}

/*
 * A program may stop itself when Ctrl-Z is pressed, and nobody else (one that reads keys as they come). Then the shell
 * must see us stopped, too: one with jobs, which has made us the first of a group. The news may be old: after
 * Ctrl-Z and fg it is read when all go on already, or are about to.
 */
static void stop_with_them(struct run *r)
{
	bool changed = r->children_changed;

	r->children_changed = false;
	if (!changed || r->ending || getpgrp() != getpid() || !pipeline_stopped(r->line))
		return;
	ipc_deadline_sleep(ipc_deadline_in(WAIT_FOREVER), SETTLE_NS);
	if (pipeline_stopped(r->line))
		raise(SIGTSTP); /* until the shell's SIGCONT, which the stages get as well */
}

static void on_signal(struct run *r, const struct signalfd_siginfo *s)
{
	int signo = (int)s->ssi_signo;

	if (signo == SIGCHLD) {
		r->children_changed = true;
		return;
	}
	if (signo == SIGTERM || signo == SIGHUP) {
		r->caught = signo;
		end_stages(r);
		return;
	}
	if (!r->caught)
		r->caught = signo;
	/* The terminal's come to the stages, too: to those that were there. */
	if (s->ssi_code != SI_KERNEL || r->starting)
		(void)pipeline_kill(r->line, signo, NULL);
}

static void read_signals(struct run *r)
{
	struct signalfd_siginfo s;

	while (read(r->signals, &s, sizeof(s)) == (ssize_t)sizeof(s))
		on_signal(r, &s);
}

/* The caller shall see that a signal ended it: a shell stops its script at Ctrl-C then. */
static void end_as_they_did(const struct run *r, int status)
{
	bool told = r->caught == SIGTERM || r->caught == SIGHUP;

	if (!r->caught || (!told && status != STATUS_SIGNAL + r->caught))
		return;
	prctl(PR_SET_DUMPABLE, 0); /* a core of ours helps nobody */
	raise(r->caught);
}

/* --- messages --- */

static int own_failure(struct run *r, int error, const char *what)
{
	r->failed = true;
	r->status = CLI_RUN_FAILED;
	fail(NULL, error, "%s", what);
	return error;
}

static void cannot_run(struct run *r, size_t stage, int error)
{
	AUTO_FREE char *name = shown(r->line->stages[stage].argv[0]);

	r->failed = true;
	/* Those are no fault of the program's. */
	r->status = error == -EUSERS || error == -ENOMEM ? CLI_RUN_FAILED : supervise_exec_status(error);
	fail(NULL, error, "cannot run stage %zu '%s'", stage + 1, name);
}

/*
 * Which stage failed: what a shell's pipe hides. The last one's own status is ours, and needs no words; ends by
 * a signal that came from us or to us neither.
 */
static void say_end(const struct run *r, size_t i)
{
	const struct pipeline_stage *s = &r->line->stages[i];
	bool killed = WIFSIGNALED(s->status);

	if (!s->ended || s->status == 0 || pipeline_forgiven(r->line, i))
		return;
	if (!cli_verbose && (r->ending || r->caught || (!killed && i == r->line->count - 1)))
		return;
	AUTO_FREE char *name = shown(s->argv[0]);
	if (killed) {
		const char *what = sigdescr_np(WTERMSIG(s->status));
		warn("stage %zu '%s' was ended by signal %d: %s", i + 1, name, WTERMSIG(s->status),
			what ? what : "Unknown signal");
	} else {
		warn("stage %zu '%s' ended with status %d", i + 1, name, WEXITSTATUS(s->status));
	}
}

/* --- running --- */

/* Before anything runs: one that isn't there is no reason to have begun. */
static bool find_all(struct run *r)
{
	const struct supervise_options o = SUPERVISE_DEFAULTS;

	for (size_t i = 0; i < r->line->count; i++) {
		int error = supervise_find(r->line->stages[i].argv[0], &o);
		if (error < 0) {
			cannot_run(r, i, error);
			return false;
		}
	}
	return true;
}

static void start(struct run *r)
{
	size_t stage = r->line->count;

	if (!find_all(r))
		return;
	int error = pipeline_start(r->line, &stage);
	r->starting = true;
	read_signals(r);
	r->starting = false;
	if (error == 0)
		return;
	if (stage < r->line->count)
		cannot_run(r, stage, error);
	else
		own_failure(r, error, "cannot connect the stages");
	end_stages(r);
}

/* One that became another user's (sudo(8)) goes on: to wait for it would be to wait in silence. */
static void kill_stages(struct run *r)
{
	size_t stage = 0;
	int error = pipeline_kill(r->line, SIGKILL, &stage);

	r->kill_at = ipc_deadline_in(WAIT_FOREVER);
	if (error == 0)
		return;
	AUTO_FREE char *name = shown(r->line->stages[stage].argv[0]);
	fail(NULL, error, "cannot end stage %zu '%s', which goes on", stage + 1, name);
	r->failed = r->abandoned = true;
	r->status = CLI_RUN_FAILED;
}

static void look_at_clock(struct run *r)
{
	if (!r->ending && ipc_deadline_left(r->limit) == 0) {
		r->report.timed_out = true;
		end_stages(r);
	} else if (r->ending && ipc_deadline_left(r->kill_at) == 0) {
		kill_stages(r);
	}
	pipe_meter_look(&r->meter);
}

static void run_to_end(struct run *r)
{
	while (!r->abandoned && (pipeline_reap(r->line) > 0 || (pipeline_holds(r->line) && !r->ending))) {
		stop_with_them(r);
		struct ipc_deadline until = r->ending ? r->kill_at : r->limit;
		until = ipc_deadline_within(until, pipe_meter_interval(&r->meter));
		int error = pipeline_wait(r->line, r->signals, until);
		if (error < 0 && !r->failed) {
			own_failure(r, error, "cannot pass bytes on from stage to stage");
			end_stages(r);
		}
		read_signals(r);
		look_at_clock(r);
	}
}

static int final_status(struct run *r)
{
	int status = pipeline_status(r->line, NULL);

	if (r->failed)
		return r->status;
	if (r->report.timed_out) {
		fail(NULL, -ETIMEDOUT, "the stages were ended");
		return CLI_RUN_TIMEOUT;
	}
	for (size_t i = 0; i < r->line->count; i++)
		say_end(r, i);
	return status;
}

static int write_report(struct run *r, int *fd, int status)
{
	if (*fd < 0)
		return status;
	r->report.status = status;
	pipeline_count(r->line);
	int error = pipe_report_write(&r->report, *fd);
	if (close(*fd) < 0 && error == 0)
		error = -errno;
	*fd = -1;
	if (error == 0)
		return status;
	AUTO_FREE char *name = shown(r->o->report);
	fail(NULL, error, "cannot write report '%s'", name);
	return status ? status : CLI_RUN_FAILED;
}

static int open_report(const char *path)
{
	int fd = ipc_open_output(path);
	AUTO_FREE char *name = shown(path);

	if (fd < 0)
		fail(NULL, fd, "cannot write report '%s'", name);
	return fd;
}

int pipe_run(struct pipeline *p, const struct pipe_run_options *o)
{
	AUTO_CLOSE int report = o->report ? open_report(o->report) : -1;
	struct run r = { .line = p, .o = o, .signals = -1, .limit = ipc_deadline_in(o->timeout_ns) };

	if (o->report && report < 0)
		return CLI_RUN_FAILED;
	p->measured = o->meter || o->report;
	r.report.line = p;
	r.report.start_ns = ipc_now_ns();
	clock_gettime(CLOCK_REALTIME, &r.report.started);
	int error = take_signals(&r);
	if (error == 0)
		error = pipe_meter_start(&r.meter, p, o->meter);
	if (error == 0)
		start(&r);
	else
		own_failure(&r, error, "cannot start");
	run_to_end(&r);
	pipe_meter_finish(&r.meter);
	int status = write_report(&r, &report, final_status(&r));
	ipc_close(&r.signals);
	sigprocmask(SIG_SETMASK, &r.mask, NULL);
	end_as_they_did(&r, status);
	pipe_meter_clear(&r.meter);
	pipeline_clear(p);
	return status;
}
