#include "cli/pipe_report.h"

#include "cli/diag.h"
#include "ipc/io.h"
#include "ipc/timefmt.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { INDENT = 2 };

static const char *const shapes[] = {
	[PIPELINE_CHAIN] = "chain",
	[PIPELINE_TEE] = "tee",
	[PIPELINE_MERGE] = "merge",
	[PIPELINE_RING] = "ring",
};

size_t pipe_report_holder(const struct pipeline *line)
{
	size_t most = line->count;

	for (size_t i = 0; i < line->count; i++)
		if (line->stages[i].holding_ns > (most < line->count ? line->stages[most].holding_ns : 0))
			most = i;
	return most;
}

static json_t *seconds(int64_t ns)
{
	/* Microseconds are all that is meant. */
	return json_real((double)(ns / 1000) / 1e6);
}

/* A word that is no UTF-8 as messages show it. */
static json_t *text(const char *bytes)
{
	json_t *json = json_string(bytes);
	AUTO_FREE char *printable = json ? NULL : shown(bytes);

	return json ? json : json_string(printable);
}

static json_t *words(char *const *argv)
{
	json_t *all = json_array();

	for (; *argv; argv++)
		json_array_append_new(all, text(*argv));
	return all;
}

static json_t *number_or_null(bool known, int64_t n)
{
	return known ? json_integer(n) : json_null();
}

/* Real-time signals have no names but these: signal(7). */
static json_t *signal_json(int signo)
{
	const char *name = sigabbrev_np(signo);

	return name ? json_sprintf("SIG%s", name) : json_sprintf("SIGRTMIN+%d", signo - SIGRTMIN);
}

/* Whether the bytes between stage i and the next ones passed through us. */
static bool counted(const struct pipeline *p, size_t i, bool output)
{
	bool ring = p->shape == PIPELINE_RING, last = i == p->count - 1;

	if (p->shape == PIPELINE_TEE)
		return output == (i == 0);
	if (p->shape == PIPELINE_MERGE)
		return output != last;
	return ring || (output ? !last : i > 0);
}

static json_t *stage_json(const struct pipeline *p, size_t i)
{
	const struct pipeline_stage *s = &p->stages[i];
	bool killed = s->ended && WIFSIGNALED(s->status);
	json_t *json = json_object();

	json_object_set_new(json, "stage", json_integer((json_int_t)i + 1));
	json_object_set_new(json, "command", words(s->argv));
	json_object_set_new(json, "status", number_or_null(s->ended, supervise_wait_status(s->status)));
	json_object_set_new(json, "signal", killed ? signal_json(WTERMSIG(s->status)) : json_null());
	json_object_set_new(json, "forgiven", json_boolean(pipeline_forgiven(p, i)));
	json_object_set_new(json, "seconds", s->ended ? seconds(s->end_ns - s->start_ns) : json_null());
	json_object_set_new(json, "bytes_in", number_or_null(counted(p, i, false), (int64_t)s->read));
	json_object_set_new(json, "bytes_out", number_or_null(counted(p, i, true), (int64_t)s->written));
	json_object_set_new(json, "held_up_seconds", seconds(s->holding_ns));
	return json;
}

static json_t *report_json(const struct pipe_report *r)
{
	const struct pipeline *p = r->line;
	char started[TIME_TEXT_SIZE] = "";
	size_t holder = pipe_report_holder(p);
	json_t *json = json_object(), *stages = json_array();

	(void)ipc_time_format(r->started, started);
	json_object_set_new(json, "shape", json_string(shapes[p->shape]));
	json_object_set_new(json, "started", *started ? json_string(started) : json_null());
	json_object_set_new(json, "seconds", seconds(ipc_now_ns() - r->start_ns));
	json_object_set_new(json, "status", json_integer(r->status));
	json_object_set_new(json, "timed_out", json_boolean(r->timed_out));
	json_object_set_new(json, "pipe_size", json_integer((json_int_t)p->smallest));
	json_object_set_new(json, "held_up_by", number_or_null(holder < p->count, (int64_t)holder + 1));
	for (size_t i = 0; i < p->count; i++)
		json_array_append_new(stages, stage_json(p, i));
	json_object_set_new(json, "stages", stages);
	return json;
}

int pipe_report_write(const struct pipe_report *r, int fd)
{
	json_t *json = report_json(r);
	AUTO_FREE char *report =
		json ? json_dumps(json, JSON_INDENT(INDENT) | JSON_REAL_PRECISION(15)) : NULL;

	json_decref(json);
	if (!report)
		return -ENOMEM;
	size_t len = strlen(report);
	report[len] = '\n'; /* in place of the NUL, which is not needed any more */
	return ipc_write_full(fd, report, len + 1);
}
