#include "ipc/serve_job.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHUNK = 16 * 1024, HURRY_MS = 2000 };

static void finish(struct serve_job *j)
{
	loop_unwatch(j->loop, &j->end);
	loop_unwatch(j->loop, &j->out);
	loop_timer_stop(j->loop, &j->timer);
}

void serve_job_clear(struct serve_job *j)
{
	finish(j);
	ipc_close(&j->pipe);
	ipc_close(&j->child.pidfd);
	free(j->output);
	j->output = NULL;
	j->output_len = j->output_size = 0;
}

/* --- what it prints ------------------------------------------------------------------------------- */

static int make_room(struct serve_job *j)
{
	size_t size = j->output_size ? j->output_size * 2 : CHUNK;

	if (j->output_len < j->output_size)
		return 0;
	if (size > SERVE_JOB_OUTPUT_MAX)
		return -EMSGSIZE;
	char *larger = realloc(j->output, size);
	if (!larger)
		return -ENOMEM;
	j->output = larger;
	j->output_size = size;
	return 0;
}

/* Reads what is there. What there is no room for is read too, so that the program is not held up. */
static void gather(struct serve_job *j)
{
	char rest[CHUNK];
	ssize_t n = 1;

	while (j->pipe >= 0 && n > 0) {
		if (j->output_error == 0)
			j->output_error = make_room(j);
		bool room = j->output_error == 0;
		n = read(j->pipe, room ? j->output + j->output_len : rest,
			room ? j->output_size - j->output_len : sizeof(rest));
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0 && room)
			j->output_len += (size_t)n;
	}
	if (n == 0) {
		loop_unwatch(j->loop, &j->out);
		ipc_close(&j->pipe);
	}
}

static int on_output(struct loop_watch *w, uint32_t events)
{
	(void)events;
	gather((struct serve_job *)((char *)w - offsetof(struct serve_job, out)));
	return 0;
}

/* --- its end -------------------------------------------------------------------------------------- */

/* Whoever is left of its group may still have the pipe open: what they print comes too late. */
static int look(struct serve_job *j)
{
	int status = 0;
	int r = supervise_reap(&j->child, ipc_deadline_in(0), &status);

	if (r == 0)
		return 0;
	gather(j);
	finish(j);
	return j->fn(j, r < 0 ? 0 : status);
}

static int on_end(struct loop_watch *w, uint32_t events)
{
	struct serve_job *j = (struct serve_job *)((char *)w - offsetof(struct serve_job, end));

	(void)events;
	loop_unwatch(j->loop, w); /* before its descriptor is closed */
	return look(j);
}

/* Without a descriptor for it (kernels before 5.2) it is looked at now and then. */
static int on_look(struct loop_timer *t)
{
	struct serve_job *j = (struct serve_job *)((char *)t - offsetof(struct serve_job, timer));

	if (j->hurried)
		supervise_kill(&j->child, SIGKILL, true);
	loop_timer(j->loop, t, LOOK_INTERVAL_NS, on_look);
	return look(j);
}

void serve_job_hurry(struct serve_job *j)
{
	supervise_kill(&j->child, j->hurried ? SIGKILL : SIGTERM, true);
	supervise_kill(&j->child, SIGCONT, true);
	j->hurried = true;
	loop_timer(j->loop, &j->timer, HURRY_MS * NSEC_PER_MSEC, on_look);
}

void serve_job_kill(struct serve_job *j)
{
	int status;

	finish(j);
	supervise_kill(&j->child, SIGKILL, true);
	while (supervise_reap(&j->child, ipc_deadline_in(WAIT_FOREVER), &status) == -EINTR)
		;
}

/* --- its start ------------------------------------------------------------------------------------ */

static int input_of(const void *data, size_t len, int *ret)
{
	AUTO_CLOSE int fd = memfd_create("message", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : ipc_write_full(fd, data, len);

	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r < 0)
		return r;
	*ret = fd;
	fd = -1; /* the caller owns it now */
	return 0;
}

static int watch(struct serve_job *j)
{
	int r = 0;

	if (j->pipe >= 0)
		r = loop_watch(j->loop, &j->out, j->pipe, EPOLLIN, on_output);
	if (r == 0 && j->child.pidfd >= 0)
		r = loop_watch(j->loop, &j->end, j->child.pidfd, EPOLLIN, on_end);
	else if (r == 0)
		loop_timer(j->loop, &j->timer, LOOK_INTERVAL_NS, on_look);
	return r;
}

int serve_job_start(struct serve_job *j, struct loop *loop, char *const *argv, char *const *env,
	const void *data, size_t len, bool gather_output, serve_job_fn *fn)
{
	struct supervise_options options = SUPERVISE_DEFAULTS;
	AUTO_CLOSE int in = -1, out = -1;
	int fds[2];
	int r = input_of(data, len, &in);

	j->pipe = -1;
	j->loop = loop;
	j->fn = fn;
	j->child = (struct supervised)SUPERVISED_NONE;
	if (r == 0 && gather_output) {
		r = pipe2(fds, O_CLOEXEC) < 0 ? -errno : 0;
		if (r == 0) {
			j->pipe = fds[0];
			out = fds[1];
			r = fcntl(j->pipe, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
		}
	}
	options.fds[0] = in;
	options.fds[1] = out;
	options.env = env;
	options.own_group = true;
	if (r == 0)
		r = supervise_spawn(argv, &options, &j->child);
	if (r == 0)
		r = watch(j);
	if (r < 0 && j->child.pid)
		serve_job_kill(j);
	if (r < 0)
		serve_job_clear(j);
	return r;
}
