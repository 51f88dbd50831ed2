#include "ipc/deadline.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum { POLL_CHUNK_MS = 24 * 60 * 60 * 1000, ALARM_REPEAT_MS = 5 };

int64_t ipc_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

struct ipc_deadline ipc_deadline_in(int64_t wait_ns)
{
	struct ipc_deadline d = { .at_ns = wait_ns < 0 ? INT64_MAX : 0 };

	if (wait_ns > 0 && __builtin_add_overflow(ipc_now_ns(), wait_ns, &d.at_ns))
		d.at_ns = INT64_MAX;
	return d;
}

struct ipc_deadline ipc_deadline_within(struct ipc_deadline d, int64_t wait_ns)
{
	struct ipc_deadline other = ipc_deadline_in(wait_ns);

	return other.at_ns < d.at_ns ? other : d;
}

int64_t ipc_deadline_left(struct ipc_deadline d)
{
	if (d.at_ns == INT64_MAX || d.at_ns == 0)
		return d.at_ns;
	int64_t left = d.at_ns - ipc_now_ns();
	return left > 0 ? left : 0;
}

bool ipc_deadline_never(struct ipc_deadline d)
{
	return d.at_ns == INT64_MAX;
}

bool ipc_deadline_nonblock(struct ipc_deadline d)
{
	return d.at_ns == 0;
}

int ipc_deadline_error(struct ipc_deadline d)
{
	return ipc_deadline_nonblock(d) ? -EAGAIN : -ETIMEDOUT;
}

int ipc_deadline_poll_ms(struct ipc_deadline d)
{
	if (ipc_deadline_never(d))
		return -1;
	int64_t ms = (ipc_deadline_left(d) + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	return ms > POLL_CHUNK_MS ? POLL_CHUNK_MS : (int)ms;
}

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NSEC_PER_SEC, .tv_nsec = ns % NSEC_PER_SEC };
}

struct timespec ipc_deadline_timespec(struct ipc_deadline d)
{
	return timespec_of(ipc_deadline_left(d));
}

struct timespec ipc_deadline_realtime(struct ipc_deadline d)
{
	struct timespec now;
	int64_t left = ipc_deadline_left(d);

	if (left == 0)
		return (struct timespec){ 0 };
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t at = now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
	if (__builtin_add_overflow(at, left, &at))
		at = INT64_MAX;
	return timespec_of(at);
}

int ipc_deadline_sleep(struct ipc_deadline d, int64_t ns)
{
	int64_t left = ipc_deadline_left(d);
	struct timespec ts = timespec_of(left < ns ? left : ns);

	return nanosleep(&ts, NULL) < 0 ? -errno : 0;
}

static void on_alarm(int signo)
{
	(void)signo; /* its arrival is all: the system call it interrupts returns EINTR */
}

int ipc_alarm_start(struct ipc_alarm *a, struct ipc_deadline d)
{
	struct sigaction sa = { .sa_handler = on_alarm }; /* no SA_RESTART: EINTR is the point */
	struct sigevent ev = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGALRM,
		.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid),
	};
	struct itimerspec when = {
		.it_value = ipc_deadline_timespec(d),
		.it_interval = timespec_of(ALARM_REPEAT_MS * NSEC_PER_MSEC),
	};

	a->armed = false;
	if (ipc_deadline_never(d))
		return 0;
	if (when.it_value.tv_sec == 0 && when.it_value.tv_nsec == 0)
		when.it_value.tv_nsec = 1; /* 0 would disarm it */
	if (sigaction(SIGALRM, &sa, NULL) < 0 || timer_create(CLOCK_MONOTONIC, &ev, &a->timer) < 0)
		return -errno;
	if (timer_settime(a->timer, 0, &when, NULL) < 0) {
		int r = -errno;
		timer_delete(a->timer);
		return r;
	}
	a->armed = true;
	return 0;
}

void ipc_alarm_stop(struct ipc_alarm *a)
{
	if (a->armed)
		timer_delete(a->timer);
	a->armed = false;
}
