/*
 * One policy of time limits for the whole tool.
 *
 * A limit is given as a duration in nanoseconds ("wait_ns": WAIT_FOREVER, 0 for "do not wait", or a
 * time), becomes a point on CLOCK_MONOTONIC once, at the start of a wait, and is asked from there
 * on. So a wait that is interrupted and begun again does not last longer, and a clock that somebody
 * sets changes nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define WAIT_FOREVER (-1LL)
#define NSEC_PER_SEC 1000000000LL
#define NSEC_PER_MSEC 1000000LL

struct ipc_deadline {
	int64_t at_ns; /* CLOCK_MONOTONIC; INT64_MAX: never; 0: do not wait at all */
};

/** Starts a limit of wait_ns nanoseconds from now (WAIT_FOREVER, 0, or a time). */
struct ipc_deadline ipc_deadline_in(int64_t wait_ns);

/*
 * Waiting by looking: how often, where no event tells of a change; and how long one wait for an event may last,
 * since the look before it may have missed something.
 */
#define LOOK_INTERVAL_NS (20 * NSEC_PER_MSEC)
#define LOOK_AGAIN_NS (200 * NSEC_PER_MSEC)

/** The sooner of d and wait_ns nanoseconds from now. */
struct ipc_deadline ipc_deadline_within(struct ipc_deadline d, int64_t wait_ns);

/** Nanoseconds that are left: never negative, INT64_MAX when there is no limit. */
int64_t ipc_deadline_left(struct ipc_deadline d);

bool ipc_deadline_never(struct ipc_deadline d);

/** Whether the caller asked not to wait at all: such a call reports -EAGAIN, not -ETIMEDOUT. */
bool ipc_deadline_nonblock(struct ipc_deadline d);

/** -EAGAIN for a limit of 0, -ETIMEDOUT for any other: what a wait that did not succeed returns. */
int ipc_deadline_error(struct ipc_deadline d);

/** The limit as poll(2) takes it: milliseconds rounded up, -1 for none. At most a day: poll again. */
int ipc_deadline_poll_ms(struct ipc_deadline d);

/** The time left as a relative timespec, for semtimedop(2), ppoll(2) and futex(2). */
struct timespec ipc_deadline_timespec(struct ipc_deadline d);

/** The limit as an absolute CLOCK_REALTIME time, for mq_timedsend(3) and mq_timedreceive(3). */
struct timespec ipc_deadline_realtime(struct ipc_deadline d);

/** Sleeps for at most ns nanoseconds and not past the deadline. Returns 0, or -EINTR at a signal. */
int ipc_deadline_sleep(struct ipc_deadline d, int64_t ns);

/** CLOCK_MONOTONIC now, in nanoseconds. */
int64_t ipc_now_ns(void);

/*
 * For calls that neither poll(2) nor a timed variant can wait for (msgrcv(2), flock(2), open(2) of
 * a FIFO): from the deadline on a signal interrupts the calling thread again and again, so that the
 * call returns EINTR. Again and again because a single one can arrive just before the call begins.
 */
struct ipc_alarm {
	timer_t timer;
	bool armed;
};

/** Arms the alarm for d; does nothing when there is no limit. Returns 0 or -errno. */
int ipc_alarm_start(struct ipc_alarm *a, struct ipc_deadline d);
void ipc_alarm_stop(struct ipc_alarm *a);
