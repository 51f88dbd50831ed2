#include "cli/pipe_meter.h"

#include "cli/diag.h"
#include "cli/pipe_report.h"
#include "cli/progress.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LOOK_NS (200 * NSEC_PER_MSEC)
#define MARK_NS (2 * NSEC_PER_SEC)

enum { NOTE_SIZE = 100, NAME_MAX_SHOWN = 40 };

int pipe_meter_start(struct pipe_meter *m, struct pipeline *line, bool on)
{
	*m = (struct pipe_meter){ .line = line, .on = on && !cli_quiet, .start_ns = ipc_now_ns() };
	if (!m->on)
		return 0;
	m->marked_ns = m->start_ns;
	m->held = calloc(line->count, sizeof(*m->held));
	if (!m->held)
		return -ENOMEM;
	progress_start(NULL, -1); /* asked for: also where the data come by the terminal */
	return 0;
}

void pipe_meter_clear(struct pipe_meter *m)
{
	free(m->held);
	m->held = NULL;
}

int64_t pipe_meter_interval(const struct pipe_meter *m)
{
	return m->on ? LOOK_NS : WAIT_FOREVER;
}

/* What the first stage has written, or with --merge the last has read. */
static uint64_t passed(struct pipeline *p)
{
	pipeline_count(p);
	return p->shape == PIPELINE_MERGE ? p->stages[p->count - 1].read : p->stages[0].written;
}

static size_t holder_now(const struct pipe_meter *m)
{
	size_t most = m->line->count;
	int64_t longest = 0;

	for (size_t i = 0; i < m->line->count; i++) {
		int64_t held = m->line->stages[i].holding_ns - m->held[i];
		if (held > longest) {
			longest = held;
			most = i;
		}
	}
	return most;
}

static void mark(struct pipe_meter *m)
{
	for (size_t i = 0; i < m->line->count; i++)
		m->held[i] = m->line->stages[i].holding_ns;
	m->marked_ns = ipc_now_ns();
}

/* So much of a name that no character of UTF-8 is cut in two. */
static int shown_len(const char *name)
{
	size_t len = strnlen(name, NAME_MAX_SHOWN + 1);

	if (len > NAME_MAX_SHOWN)
		for (len = NAME_MAX_SHOWN; len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80; len--)
			;
	return (int)len;
}

void pipe_meter_look(struct pipe_meter *m)
{
	char note[NOTE_SIZE] = "";

	if (!m->on)
		return;
	size_t holder = holder_now(m);
	if (holder < m->line->count) {
		AUTO_FREE char *name = shown(m->line->stages[holder].argv[0]);
		snprintf(note, sizeof(note), "stage %zu '%.*s' holds it up", holder + 1, shown_len(name),
			name);
	}
	uint64_t bytes = passed(m->line);
	progress_note(note);
	progress_add(0, bytes - m->bytes);
	m->bytes = bytes;
	if (ipc_now_ns() - m->marked_ns >= MARK_NS)
		mark(m);
}

void pipe_meter_finish(struct pipe_meter *m)
{
	char bytes[UNITS_TEXT_MAX], rate[UNITS_TEXT_MAX], took[UNITS_TEXT_MAX], held[UNITS_TEXT_MAX];

	if (!m->on)
		return;
	progress_finish();
	uint64_t n = passed(m->line);
	int64_t ns = ipc_now_ns() - m->start_ns;
	double per_second = ns > 0 ? (double)n * (double)NSEC_PER_SEC / (double)ns : 0;
	size_t holder = pipe_report_holder(m->line);
	format_size(n, bytes);
	format_size((uint64_t)per_second, rate);
	snprintf(took, sizeof(took), "%.1f", (double)ns / (double)NSEC_PER_SEC);
	if (holder == m->line->count) {
		warn("%s in %s s, %s/s", bytes, took, rate);
		return;
	}
	AUTO_FREE char *name = shown(m->line->stages[holder].argv[0]);
	snprintf(held, sizeof(held), "%.1f",
		(double)m->line->stages[holder].holding_ns / (double)NSEC_PER_SEC);
	warn("%s in %s s, %s/s; stage %zu '%s' held it up for %s s", bytes, took, rate, holder + 1, name,
		held);
}
