#include "ipc/pipeline.h"

#include "ipc/io.h"
#include "ipc/linemerge.h"
#include "ipc/spread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_SIGPIPE = 128 + SIGPIPE, SIZE_MAX_ASKED = 1 << 30 };

/* What becomes a program's input and output; -1: as ours. */
struct pipeline_ends {
	int in, out;
};

static void clear_ends(struct pipeline *p)
{
	for (size_t i = 0; p->ends && i < p->count; i++) {
		ipc_close(&p->ends[i].in);
		ipc_close(&p->ends[i].out);
	}
	free(p->ends);
	p->ends = NULL;
}

void pipeline_clear(struct pipeline *p)
{
	clear_ends(p);
	for (size_t i = 0; i < p->spread_count; i++)
		spread_clear(&p->spreads[i]);
	if (p->merge)
		linemerge_clear(p->merge);
	free(p->spreads);
	free(p->merge);
	free(p->fds);
	p->spreads = NULL;
	p->spread_count = 0;
	p->merge = NULL;
	p->fds = NULL;
	for (size_t i = 0; i < p->count; i++)
		ipc_close(&p->stages[i].program.pidfd);
}

/* --- pipes --- */

/* Half, and half of that, where the kernel refuses: over pipe-max-size or over what a user may have in all. */
static size_t set_size(int fd, size_t wanted)
{
	int size = fcntl(fd, F_GETPIPE_SZ);
	size_t usual = size > 0 ? (size_t)size : 0;

	if (wanted > SIZE_MAX_ASKED)
		wanted = SIZE_MAX_ASKED;
	while (wanted > 0) {
		size = fcntl(fd, F_SETPIPE_SZ, (int)wanted);
		if (size >= 0)
			return (size_t)size;
		if (wanted <= usual)
			break;
		wanted = wanted / 2 > usual ? wanted / 2 : usual;
	}
	return usual;
}

static int make_pipe(struct pipeline *p, int *ret_in, int *ret_out)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	size_t size = set_size(fds[1], p->pipe_size);
	if (p->smallest == 0 || size < p->smallest)
		p->smallest = size;
	*ret_in = fds[0];
	*ret_out = fds[1];
	return 0;
}

/* From one stage to others through this process. */
static int connect_spread(struct pipeline *p, size_t from, size_t first, size_t count)
{
	struct spread *s = &p->spreads[p->spread_count];
	int in = -1, r = make_pipe(p, &in, &p->ends[from].out);
	size_t made = 0;
	AUTO_FREE int *out = calloc(count, sizeof(*out));

	if (r == 0 && !out)
		r = -ENOMEM;
	for (; r == 0 && made < count; made += r == 0)
		r = make_pipe(p, &p->ends[first + made].in, &out[made]);
	if (r == 0) {
		p->spread_count++;
		return spread_init(s, in, out, count);
	}
	ipc_close(&in);
	while (made > 0)
		close(out[--made]);
	return r;
}

static int connect_merge(struct pipeline *p)
{
	size_t sources = p->count - 1, made = 0;
	int out = -1, r = make_pipe(p, &p->ends[sources].in, &out);
	AUTO_FREE int *in = calloc(sources, sizeof(*in));

	p->merge = calloc(1, sizeof(*p->merge));
	if (r == 0 && (!in || !p->merge))
		r = -ENOMEM;
	for (; r == 0 && made < sources; made += r == 0)
		r = make_pipe(p, &in[made], &p->ends[made].out);
	/* One input for all would give each of them a part. */
	for (size_t i = 1; r == 0 && i < sources; i++) {
		p->ends[i].in = open("/dev/null", O_RDONLY | O_CLOEXEC);
		r = p->ends[i].in < 0 ? -errno : 0;
	}
	if (r == 0)
		return linemerge_init(p->merge, in, sources, out, p->line_end);
	ipc_close(&out);
	while (made > 0)
		close(in[--made]);
	free(p->merge);
	p->merge = NULL;
	return r;
}

static int connect_line(struct pipeline *p)
{
	size_t links = p->shape == PIPELINE_RING ? p->count : p->count - 1;
	int r = 0;

	for (size_t i = 0; r == 0 && i < links; i++) {
		size_t next = (i + 1) % p->count;
		r = p->measured ? connect_spread(p, i, next, 1)
				: make_pipe(p, &p->ends[next].in, &p->ends[i].out);
	}
	return r;
}

static int connect_all(struct pipeline *p)
{
	p->ends = calloc(p->count, sizeof(*p->ends));
	p->spreads = calloc(p->count, sizeof(*p->spreads));
	p->fds = calloc(2 * p->count + 2, sizeof(*p->fds)); /* wake, and two for each link, or all for one */
	for (size_t i = 0; p->ends && i < p->count; i++)
		p->ends[i] = (struct pipeline_ends){ -1, -1 };
	if (!p->ends || !p->spreads || !p->fds)
		return -ENOMEM;
	p->passes_on = p->measured || p->shape == PIPELINE_TEE || p->shape == PIPELINE_MERGE;
	if (p->shape == PIPELINE_TEE)
		return connect_spread(p, 0, 1, p->count - 1);
	return p->shape == PIPELINE_MERGE ? connect_merge(p) : connect_line(p);
}

/* --- programs --- */

int pipeline_start(struct pipeline *p, size_t *ret_stage)
{
	int r = connect_all(p);

	if (r < 0)
		*ret_stage = p->count;
	for (size_t i = 0; r == 0 && i < p->count; i++) {
		struct pipeline_stage *s = &p->stages[i];
		struct supervise_options o = SUPERVISE_DEFAULTS;
		o.fds[0] = p->ends[i].in;
		o.fds[1] = p->ends[i].out;
		o.death_signal = SIGKILL;
		s->start_ns = ipc_now_ns();
		r = supervise_spawn(s->argv, &o, &s->program);
		s->started = r == 0;
		if (r < 0)
			*ret_stage = i;
		ipc_close(&p->ends[i].in);
		ipc_close(&p->ends[i].out);
	}
	clear_ends(p);
	return r;
}

size_t pipeline_reap(struct pipeline *p)
{
	size_t running = 0;

	for (size_t i = 0; i < p->count; i++) {
		struct pipeline_stage *s = &p->stages[i];
		if (!s->started || s->ended)
			continue;
		int r = supervise_reap(&s->program, ipc_deadline_in(0), &s->status);
		s->ended = r == 1 || r == -ECHILD; /* then nobody will ever know how */
		if (s->ended)
			s->end_ns = ipc_now_ns();
		else
			running++;
	}
	return running;
}

bool pipeline_stopped(const struct pipeline *p)
{
	bool any = false;

	for (size_t i = 0; i < p->count; i++) {
		const struct pipeline_stage *s = &p->stages[i];
		if (!s->started || s->ended)
			continue;
		int signo = supervise_stopped(&s->program);
		if (signo == 0 || signo == SIGSTOP)
			return false;
		any = true;
	}
	return any;
}

int pipeline_kill(struct pipeline *p, int signal, size_t *ret_stage)
{
	int first = 0;

	for (size_t i = 0; i < p->count; i++) {
		if (!p->stages[i].started || p->stages[i].ended)
			continue;
		int r = supervise_kill(&p->stages[i].program, signal, false);
		if (r < 0 && first == 0) {
			first = r;
			if (ret_stage)
				*ret_stage = i;
		}
	}
	return first;
}

/* --- bytes that pass through us --- */

/* Whether stage i has what it needs to go on. */
static bool has_input(const struct pipeline *p, size_t i)
{
	if (i == 0 && p->shape == PIPELINE_CHAIN)
		return true;
	const struct spread *s = &p->spreads[i == 0 ? p->count - 1 : i - 1];
	return s->waits != SPREAD_WAITS_IN;
}

/* Whether somebody waits for the output of stage i. */
static bool has_room(const struct pipeline *p, size_t i)
{
	return i == p->spread_count || p->spreads[i].waits == SPREAD_WAITS_IN;
}

static bool holds_up(const struct pipeline *p, size_t i)
{
	if (p->stages[i].ended)
		return false;
	if (p->shape == PIPELINE_TEE) {
		const struct spread *s = &p->spreads[0];
		return i == 0 ? s->waits == SPREAD_WAITS_IN
			      : s->sinks[i - 1].out >= 0 && s->sinks[i - 1].blocked;
	}
	if (p->shape == PIPELINE_MERGE) {
		const struct linemerge *m = p->merge;
		return i == m->count ? m->waits == LINEMERGE_WAITS_OUT
				     : m->waits == LINEMERGE_WAITS_IN && m->inputs[i].fd >= 0;
	}
	return has_input(p, i) && has_room(p, i);
}

static void charge(struct pipeline *p, int64_t ns)
{
	for (size_t i = 0; p->measured && i < p->count; i++)
		if (holds_up(p, i))
			p->stages[i].holding_ns += ns;
}

void pipeline_count(struct pipeline *p)
{
	for (size_t i = 0; p->merge && i < p->merge->count; i++)
		p->stages[i].written = p->merge->inputs[i].bytes;
	if (p->merge)
		p->stages[p->merge->count].read = p->merge->bytes;
	for (size_t i = 0; i < p->spread_count; i++) {
		const struct spread *s = &p->spreads[i];
		p->stages[i].written = s->bytes;
		for (size_t k = 0; k < s->count; k++)
			p->stages[(i + 1 + k) % p->count].read = s->sinks[k].bytes;
	}
}

bool pipeline_holds(const struct pipeline *p)
{
	for (size_t i = 0; i < p->spread_count; i++)
		if (p->spreads[i].waits == SPREAD_WAITS_OUT)
			return true;
	return p->merge && p->merge->waits == LINEMERGE_WAITS_OUT;
}

static size_t gather_fds(const struct pipeline *p, int wake)
{
	size_t n = 0;

	p->fds[n++] = (struct pollfd){ .fd = wake, .events = POLLIN };
	for (size_t i = 0; i < p->spread_count; i++)
		n += spread_poll(&p->spreads[i], &p->fds[n]);
	if (p->merge)
		n += linemerge_poll(p->merge, &p->fds[n]);
	return n;
}

/* Returns how many could go on at once, or -errno. */
static int step_all(struct pipeline *p)
{
	size_t n = 1;
	int busy = 0;

	for (size_t i = 0; i < p->spread_count; i++) {
		int r = spread_step(&p->spreads[i], &p->fds[n]);
		if (r < 0)
			return r;
		busy += r;
		n += p->spreads[i].count + 1;
	}
	if (!p->merge)
		return busy;
	int r = linemerge_step(p->merge, &p->fds[n]);
	return r < 0 ? r : busy + r;
}

int pipeline_wait(struct pipeline *p, int wake, struct ipc_deadline deadline)
{
	int busy = 1; /* the last call may have ended, for a signal, when there was more to do at once */
	size_t running = 0;

	for (size_t i = 0; i < p->count; i++)
		running += p->stages[i].started && !p->stages[i].ended;
	for (;;) {
		size_t n = gather_fds(p, wake);
		int64_t before = p->measured ? ipc_now_ns() : 0;
		int r = poll(p->fds, n, busy ? 0 : ipc_deadline_poll_ms(deadline));
		if (r < 0 && errno != EINTR)
			return -errno;
		if (p->measured)
			charge(p, ipc_now_ns() - before);
		if (r >= 0) {
			busy = step_all(p);
			if (busy < 0)
				return busy;
		}
		if (r < 0 || p->fds[0].revents || ipc_deadline_left(deadline) == 0)
			return 0;
		if (running == 0 && !busy && !pipeline_holds(p))
			return 0;
	}
}

/* --- statuses --- */

/* By the signal, or as a shell reports it that ran the program. */
static bool ended_by_sigpipe(const struct pipeline_stage *s)
{
	return supervise_wait_status(s->status) == STATUS_SIGPIPE;
}

static bool is_upstream(const struct pipeline *p, size_t stage, size_t of)
{
	if (p->shape == PIPELINE_TEE)
		return stage == 0 && of > 0;
	if (p->shape == PIPELINE_MERGE)
		return stage < p->count - 1 && of == p->count - 1;
	return p->shape == PIPELINE_RING ? stage != of : stage < of;
}

bool pipeline_forgiven(const struct pipeline *p, size_t stage)
{
	if (!p->stages[stage].ended || !ended_by_sigpipe(&p->stages[stage]))
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (is_upstream(p, stage, i) && p->stages[i].ended && p->stages[i].status == 0)
			return true;
	return false;
}

int pipeline_status(const struct pipeline *p, size_t *ret_stage)
{
	for (size_t i = p->count; i-- > 0;) {
		const struct pipeline_stage *s = &p->stages[i];
		if (!s->ended || s->status == 0 || pipeline_forgiven(p, i))
			continue;
		if (ret_stage)
			*ret_stage = i;
		return supervise_wait_status(s->status);
	}
	if (ret_stage)
		*ret_stage = p->count;
	return 0;
}
