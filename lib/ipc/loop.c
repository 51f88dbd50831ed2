#include "ipc/loop.h"

#include "ipc/io.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int loop_init(struct loop *l)
{
	memset(l, 0, sizeof(*l));
	l->signals.fd = -1;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	return l->epoll < 0 ? -errno : 0;
}

void loop_clear(struct loop *l)
{
	if (l->signals.fd >= 0) {
		loop_unwatch(l, &l->signals);
		ipc_close(&l->signals.fd);
		sigprocmask(SIG_SETMASK, &l->old_mask, NULL);
	}
	ipc_close(&l->epoll);
}

/* --- descriptors ------------------------------------------------------------------------------------ */

static void leave_always(struct loop *l, struct loop_watch *w)
{
	if (l->next_always == w)
		l->next_always = w->next;
	for (struct loop_watch **p = &l->always; *p; p = &(*p)->next)
		if (*p == w) {
			*p = w->next;
			return;
		}
}

int loop_watch(struct loop *l, struct loop_watch *w, int fd, uint32_t events, loop_watch_fn *fn)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	if ((w->added || w->always) && w->fd == fd && w->events == events) {
		w->fn = fn;
		return 0;
	}
	if ((w->added || w->always) && w->fd != fd)
		loop_unwatch(l, w);
	if (!w->always && epoll_ctl(l->epoll, w->added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e) < 0) {
		if (errno != EPERM)
			return -errno;
		w->always = true;
		w->next = l->always;
		l->always = w;
	}
	w->added = !w->always;
	w->fd = fd;
	w->events = events;
	w->fn = fn;
	return 0;
}

void loop_unwatch(struct loop *l, struct loop_watch *w)
{
	if (w->always)
		leave_always(l, w);
	if (w->added)
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	for (int i = 0; i < l->events_len; i++)
		if (l->events[i].data.ptr == w)
			l->events[i].data.ptr = NULL;
	w->added = w->always = false;
}

/* --- time ------------------------------------------------------------------------------------------- */

/* Most timers run as long as the last one that was set, so the place is looked for from the end. */
void loop_timer(struct loop *l, struct loop_timer *t, int64_t wait_ns, loop_timer_fn *fn)
{
	loop_timer_stop(l, t);
	/* Not 0, which would be due for ever: those that are set while others are called wait for the next turn. */
	t->at_ns = ipc_deadline_in(wait_ns > 0 ? wait_ns : 1).at_ns;
	t->fn = fn;
	t->armed = true;
	struct loop_timer *before = l->last;
	while (before && before->at_ns > t->at_ns)
		before = before->previous;
	t->previous = before;
	t->next = before ? before->next : l->first;
	*(before ? &before->next : &l->first) = t;
	*(t->next ? &t->next->previous : &l->last) = t;
}

void loop_timer_stop(struct loop *l, struct loop_timer *t)
{
	if (!t->armed)
		return;
	*(t->previous ? &t->previous->next : &l->first) = t->next;
	*(t->next ? &t->next->previous : &l->last) = t->previous;
	t->previous = t->next = NULL;
	t->armed = false;
}

/* Each of those that are due once: one that is set again for now must not keep the others waiting. */
static int run_timers(struct loop *l)
{
	int64_t now = l->first ? ipc_now_ns() : 0;
	int r = 0;

	while (r >= 0 && !l->ended && l->first && l->first->at_ns <= now) {
		struct loop_timer *t = l->first;
		loop_timer_stop(l, t);
		r = t->fn(t);
	}
	return r;
}

/* --- signals ---------------------------------------------------------------------------------------- */

static int read_signals(struct loop_watch *w, uint32_t events)
{
	struct loop *l = (struct loop *)((char *)w - offsetof(struct loop, signals));
	struct signalfd_siginfo info;
	int r = 0;

	(void)events;
	while (r >= 0 && read(w->fd, &info, sizeof(info)) == sizeof(info))
		r = l->on_signal(l, (int)info.ssi_signo, l->signal_arg);
	return r;
}

int loop_signals(struct loop *l, const int *signals, size_t len, loop_signal_fn *fn, void *arg)
{
	struct sigaction old;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < len; i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaddset(&set, signals[i]);
	AUTO_CLOSE int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	int r = loop_watch(l, &l->signals, fd, EPOLLIN, read_signals);
	if (r < 0) {
		l->signals.fd = -1;
		return r;
	}
	fd = -1; /* l owns it now */
	l->on_signal = fn;
	l->signal_arg = arg;
	sigprocmask(SIG_BLOCK, &set, &l->old_mask);
	return 0;
}

/* --- running ---------------------------------------------------------------------------------------- */

void loop_end(struct loop *l)
{
	l->ended = true;
}

/* Files that are always ready, and wanted. */
static bool any_always(const struct loop *l)
{
	for (const struct loop_watch *w = l->always; w; w = w->next)
		if (w->events)
			return true;
	return false;
}

static int run_always(struct loop *l)
{
	int r = 0;

	l->next_always = l->always;
	while (r >= 0 && !l->ended && l->next_always) {
		struct loop_watch *w = l->next_always;
		l->next_always = w->next;
		if (w->events)
			r = w->fn(w, w->events);
	}
	return r;
}

static int wait_events(struct loop *l)
{
	struct ipc_deadline until = { .at_ns = l->first ? l->first->at_ns : INT64_MAX };

	if (any_always(l))
		until.at_ns = 0;
	l->events_len = 0;
	int n = epoll_wait(l->epoll, l->events, LOOP_EVENTS, ipc_deadline_poll_ms(until));
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	l->events_len = n;
	return 0;
}

int loop_run(struct loop *l)
{
	int r = 0;

	l->ended = false;
	while (r >= 0 && !l->ended) {
		r = wait_events(l);
		for (int i = 0; r >= 0 && !l->ended && i < l->events_len; i++) {
			struct loop_watch *w = l->events[i].data.ptr;
			if (w)
				r = w->fn(w, l->events[i].events);
		}
		if (r >= 0 && !l->ended)
			r = run_always(l);
		if (r >= 0 && !l->ended)
			r = run_timers(l);
	}
	l->events_len = 0;
	return r < 0 ? r : 0;
}
