/*
 * fifo serve: a handler for each record. A record leaves the FIFO when its handler is started, so that those that
 * were not begun when a signal ends this are still there for another reader.
 */
#include "cli/fifo_verbs.h"
#include "cli/select.h"
#include "ipc/io.h"
#include "ipc/supervise.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 1024, SAME_NS = 500 * 1000 * 1000 };

static bool count_given;
static uint64_t arg_count, arg_jobs = 1;

const struct opt fifo_serve_opts[] = {
	{ OPT_UINT, 'j', "jobs", "NUMBER", "How many handlers may run at once", { .uint = &arg_jobs } },
	{ OPT_UINT, 'n', "count", "NUMBER", "End after so many records", { .uint = &arg_count },
		&count_given },
	{ 0 },
};

struct job {
	struct supervised p;
	uint64_t record; /* its number */
};

struct serving {
	struct fifo_end *e;
	char **handler;
	struct fifo_reader reader;
	struct job *jobs;
	size_t running;
	uint64_t begun, left; /* records */
	int signals;          /* a signalfd */
	int signal;           /* the one that ends it, or 0 */
	int64_t signal_ns;
	bool stopping;
	int status;
	struct ipc_deadline deadline; /* of the wait for the next record */
};

/* --- handlers ------------------------------------------------------------------------------------- */

/* A file in memory: a handler may read it as it likes, or not at all, and nobody waits for anybody. */
static int input_of(const struct ipc_record *record)
{
	AUTO_CLOSE int fd = memfd_create("record", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	int r = ipc_write_full(fd, record->data, record->len);
	if (r < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return r < 0 ? r : -errno;
	int input = fd;
	fd = -1; /* the caller owns it now */
	return input;
}

static void begin(struct serving *s, const struct ipc_record *record)
{
	struct supervise_options options = SUPERVISE_DEFAULTS;
	struct job *job = s->jobs;
	char number[24];

	while (job->p.pid != 0)
		job++;
	job->record = ++s->begun;
	s->left -= s->left != UINT64_MAX;
	s->e->c.received++;
	fifo_count(&s->e->c, record->len, 0);
	snprintf(number, sizeof(number), "%" PRIu64, job->record);
	AUTO_CLOSE int input = input_of(record);
	options.fds[0] = input;
	options.own_group = true;
	int r = input < 0 ? input : setenv("IPCCTL_RECORD", number, 1) < 0 ? -errno : 0;
	if (r == 0)
		r = supervise_spawn(s->handler, &options, &job->p);
	if (r == 0) {
		s->running++;
		return;
	}
	AUTO_FREE char *name = shown(s->handler[0]);
	fail(NULL, r, "cannot run '%s' for record %" PRIu64 ", whose %zu bytes are lost", name, job->record,
		record->len);
	s->status = input < 0 ? CLI_FAILED : supervise_exec_status(r);
	s->stopping = true;
}

static void tell_end(struct serving *s, const struct job *job, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (s->status == CLI_OK)
		s->status = CLI_FAILED;
	if (WIFEXITED(status))
		fail_plain(CLI_FAILED, "the handler of record %" PRIu64 " ended with status %d", job->record,
			WEXITSTATUS(status));
	else
		fail_plain(CLI_FAILED, "the handler of record %" PRIu64 " was ended by SIG%s", job->record,
			sigabbrev_np(WTERMSIG(status)) ?: "?");
}

static void reap(struct serving *s)
{
	for (size_t i = 0; i < arg_jobs; i++) {
		int status;
		if (s->jobs[i].p.pid == 0 || supervise_reap(&s->jobs[i].p, ipc_deadline_in(0), &status) != 1)
			continue;
		s->running--;
		tell_end(s, &s->jobs[i], status);
		s->deadline = cli_deadline();
	}
}

/* --- signals -------------------------------------------------------------------------------------- */

static int catch_signals(void)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++) {
		struct sigaction old;
		if (sigaction(caught[i], NULL, &old) == 0 &&
			(old.sa_handler != SIG_IGN || caught[i] == SIGCHLD))
			sigaddset(&set, caught[i]);
	}
	signal(SIGCHLD, SIG_DFL); /* ignored, it would leave nothing to reap */
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/* The first one lets the running handlers end, a second one ends them. */
static void take_signals(struct serving *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (s->signal && ipc_now_ns() - s->signal_ns > SAME_NS) {
			for (size_t i = 0; i < arg_jobs; i++)
				supervise_kill(&s->jobs[i].p, SIGTERM, true);
			continue;
		}
		if (!s->signal)
			s->signal_ns = ipc_now_ns();
		s->signal = (int)info.ssi_signo;
		s->stopping = true;
	}
}

/* --- the loop ------------------------------------------------------------------------------------- */

/* Takes a record and starts its handler. Returns whether the next one is to be waited for. */
static bool take_record(struct serving *s)
{
	struct ipc_record record;
	int r = fifo_reader_next(&s->reader, &record, ipc_deadline_in(0), -1);

	if (r == 1) {
		begin(s, &record);
		s->deadline = cli_deadline();
		return false;
	}
	if (r == -EAGAIN)
		return true;
	if (r == -EINTR)
		return false;
	s->status = first_failure(s->status, fifo_read_failed(s->e, &s->reader, r));
	s->stopping = !fifo_reader_again(&s->reader);
	return false;
}

static void wait_for_more(struct serving *s, bool input)
{
	struct pollfd p[] = {
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = input ? s->e->c.fd : -1, .events = POLLIN },
	};
	int n = poll(p, ARRAY_SIZE(p), input ? ipc_deadline_poll_ms(s->deadline) : -1);

	if (n > 0 && p[0].revents)
		take_signals(s);
	if (n == 0 && input && ipc_deadline_left(s->deadline) == 0) {
		s->status = first_failure(s->status,
			fail(NULL, ipc_deadline_error(s->deadline), "no record came to FIFO '%s'",
				s->e->name));
		s->stopping = true;
	}
}

static void serve(struct serving *s)
{
	s->deadline = cli_deadline();
	while (s->running > 0 || (!s->stopping && s->left > 0)) {
		bool may_begin = !s->stopping && s->left > 0 && s->running < arg_jobs;
		if (may_begin && !take_record(s))
			continue;
		wait_for_more(s, may_begin);
		reap(s);
	}
}

/* What a writer has written and no handler got. */
static void tell_lost(const struct serving *s)
{
	uint64_t half = ipc_decoder_left(&s->reader.d) - s->reader.copied, unread = fifo_unread(&s->e->c);

	if (half > 0)
		warn("%" PRIu64 " bytes of a record that was not complete were read and are lost", half);
	if (unread > 0)
		warn("%" PRIu64
		     " bytes are left in FIFO '%s', and are lost unless another reader has it open",
			unread, s->e->name);
}

static int end_by_signal(const struct serving *s)
{
	sigset_t set;

	if (!s->signal || s->status != CLI_OK)
		return s->status;
	ipc_channel_close(&s->e->c); /* reports before the end */
	signal(s->signal, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, s->signal);
	raise(s->signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return CLI_FAILED;
}

static int serve_fifo(struct fifo_end *e, enum framing framing, char **handler)
{
	struct serving s = { .e = e, .handler = handler, .left = count_given ? arg_count : UINT64_MAX };
	AUTO_FREE struct job *jobs = calloc(arg_jobs, sizeof(*jobs));
	AUTO_CLOSE int signals = catch_signals();
	int r = jobs ? fifo_reader_init(&s.reader, &e->c, framing, true) : -ENOMEM;

	if (r == 0 && signals < 0)
		r = signals;
	if (r < 0)
		return fail(NULL, r, "cannot serve FIFO '%s'", e->name);
	for (size_t i = 0; i < arg_jobs; i++)
		jobs[i].p = (struct supervised)SUPERVISED_NONE;
	s.jobs = jobs;
	s.signals = signals;
	serve(&s);
	tell_lost(&s);
	fifo_reader_free(&s.reader);
	return end_by_signal(&s);
}

int fifo_serve(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_FIFO_END struct fifo_end e = FIFO_END_CLOSED;
	enum framing framing;
	int r = records_framing(&framing);

	(void)argc;
	if (r == CLI_OK && (arg_jobs == 0 || arg_jobs > JOBS_MAX))
		return usage_error("--jobs: a number 1 to %d", JOBS_MAX);
	if (r == CLI_OK)
		r = fifo_end_open(ctx, argv[0], CHANNEL_RECV | FIFO_LOOSE, framing, &e);
	if (r != CLI_OK)
		return r;
	if (setenv("IPCCTL_FIFO", e.c.selector.name, 1) < 0)
		return fail(NULL, -errno, "cannot serve FIFO '%s'", e.name);
	return serve_fifo(&e, framing, argv + 1);
}
