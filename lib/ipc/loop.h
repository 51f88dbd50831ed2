/*
 * Waiting for many things at once: descriptors, points in time, signals. Whoever waits is called back, and
 * may begin and end any wait meanwhile, its own and others' too.
 */
#pragma once

#include "ipc/deadline.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>

struct loop;
struct loop_watch;
struct loop_timer;

/** events: as of epoll(7). A negative return ends loop_run() with it. */
typedef int loop_watch_fn(struct loop_watch *w, uint32_t events);
typedef int loop_timer_fn(struct loop_timer *t); /* and so does one here */
typedef int loop_signal_fn(struct loop *l, int signal, void *arg);

/* A descriptor that is waited for. Fields are set by loop_watch(); it is part of what its fn finds around it. */
struct loop_watch {
	int fd; /* not owned */
	uint32_t events;
	loop_watch_fn *fn;
	bool added;              /* to the epoll set */
	bool always;             /* a file that epoll(7) does not take, since it is always ready */
	struct loop_watch *next; /* of those that are always ready */
};

/* A point in time that is waited for. */
struct loop_timer {
	int64_t at_ns; /* CLOCK_MONOTONIC */
	loop_timer_fn *fn;
	struct loop_timer *previous, *next; /* by time */
	bool armed;
};

enum { LOOP_EVENTS = 64 };

struct loop {
	int epoll;
	bool ended;
	struct loop_timer *first, *last;
	struct loop_watch *always, *next_always; /* the latter: whose turn is next, while they are called */
	struct loop_watch signals;               /* a signalfd(2) */
	loop_signal_fn *on_signal;
	void *signal_arg;
	sigset_t old_mask;
	/* What epoll_wait(2) gave last: a watch that ends is struck out. */
	struct epoll_event events[LOOP_EVENTS];
	int events_len;
};

/** Begins. l must stay where it is. Returns 0 or -errno. */
int loop_init(struct loop *l);

/** Gives back what it has; watches and timers are their owners' to end before. */
void loop_clear(struct loop *l);

/**
 * Waits for events on a descriptor, or for others than until now; 0 keeps it and reports errors and hang-ups alone,
 * as epoll(7) always does. w must be zero before the first time. Returns 0 or -errno.
 */
int loop_watch(struct loop *l, struct loop_watch *w, int fd, uint32_t events, loop_watch_fn *fn);

/** Ends it, before the descriptor is closed; nothing if it was not begun. */
void loop_unwatch(struct loop *l, struct loop_watch *w);

/** Calls fn once, wait_ns nanoseconds from now; one that waits already waits anew. */
void loop_timer(struct loop *l, struct loop_timer *t, int64_t wait_ns, loop_timer_fn *fn);
void loop_timer_stop(struct loop *l, struct loop_timer *t);

/**
 * Takes signals as events instead of as interruptions. They are blocked until loop_clear(). Those that are
 * ignored stay so. Returns 0 or -errno.
 */
int loop_signals(struct loop *l, const int *signals, size_t len, loop_signal_fn *fn, void *arg);

/** Makes loop_run() return 0 when the present callback has ended. */
void loop_end(struct loop *l);

/** Runs until loop_end(). Returns 0 or -errno, what a callback returned included. */
int loop_run(struct loop *l);
