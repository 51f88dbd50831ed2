#include "ipc/io.h"
#include "ipc/limits_private.h"
#include "ipc/procstat.h"
#include "ipc/timefmt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STAT_MAX = 4096 };

/* A clock that goes on in steps: what started in the second in which it was seen, may have been it. */
enum { SLACK_NS = 2000000000 };

int limits_tally_add(struct limits_tally *t, const struct limits_entry *e)
{
	if (t->len == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		struct limits_entry *v = reallocarray(t->v, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		t->v = v;
		t->room = room;
	}
	t->v[t->len++] = *e;
	return 0;
}

void limits_tally_clear(struct limits_tally *t)
{
	free(t->v);
	*t = (struct limits_tally){ 0 };
}

static uint64_t sum_of(const struct limits_entry *v, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		if (__builtin_add_overflow(sum, v[i].amount, &sum))
			return UINT64_MAX;
	return sum;
}

uint64_t limits_tally_sum(const struct limits_tally *t)
{
	return sum_of(t->v, t->len);
}

static int by_user(const void *a, const void *b)
{
	const struct limits_entry *x = a, *y = b;

	if (x->uid_known != y->uid_known)
		return x->uid_known ? -1 : 1;
	return (x->uid > y->uid) - (x->uid < y->uid);
}

void limits_tally_order(struct limits_tally *t)
{
	if (t->len > 0)
		qsort(t->v, t->len, sizeof(*t->v), by_user);
}

size_t limits_tally_user(const struct limits_tally *t, size_t first, uint64_t *ret_sum)
{
	size_t n = first;

	while (n < t->len && by_user(&t->v[n], &t->v[first]) == 0)
		n++;
	*ret_sum = sum_of(&t->v[first], n - first);
	return n - first;
}

int limits_tally_most(struct limits_tally *t, unsigned flags, struct ipc_limit_use *ret)
{
	size_t most = 0, most_len = 0;

	limits_tally_order(t);
	for (size_t i = 0, n; i < t->len; i += n) {
		uint64_t sum;
		n = limits_tally_user(t, i, &sum);
		if (t->v[i].uid_known && sum > ret->uid_use) {
			ret->uid_known = true;
			ret->uid = t->v[i].uid;
			ret->uid_use = sum;
			most = i;
			most_len = n;
		}
	}
	return flags & LIMITS_WHO && most_len > 0 ? limits_tally_program(&t->v[most], most_len, ret) : 0;
}

/* --- programs --- */

/* When the machine was started, on the clock that objects' times are on. */
static int64_t boot_time_ns(void)
{
	struct timespec now, up;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return ipc_time_ns(now) - ipc_time_ns(up);
}

int limits_program_of(pid_t pid, int64_t seen_ns, char **ret)
{
	AUTO_FREE char *text = NULL;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	int r = ipc_read_file(AT_FDCWD, path, STAT_MAX, &text, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : -ESRCH;
	struct procstat s;
	if (procstat_parse(text, &s) < 0)
		return -ESRCH;
	int64_t ticks = (int64_t)s.start, hz = sysconf(_SC_CLK_TCK);
	int64_t start = boot_time_ns() + ticks / hz * NSEC_PER_SEC + ticks % hz * (NSEC_PER_SEC / hz);
	if (seen_ns > 0 && start > seen_ns + SLACK_NS)
		return -ESRCH; /* the number is another process's by now */
	*ret = strndup(text + s.name_at, s.name_len);
	return *ret ? 0 : -ENOMEM;
}

static int by_process(const void *a, const void *b)
{
	const struct limits_entry *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->other != y->other)
		return x->other < y->other ? -1 : 1;
	if (x->label != y->label)
		return strcmp(x->label ? x->label : "", y->label ? y->label : "");
	return (x->seen_ns > y->seen_ns) - (x->seen_ns < y->seen_ns);
}

/* What one process, or what makes names of one form, uses. */
struct share {
	char *program; /* owned; NULL: not known */
	bool ended;
	pid_t pid;
	uint64_t amount;
};

static int by_program(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (!x->program || !y->program)
		return (x->program == NULL) - (y->program == NULL);
	return strcmp(x->program, y->program);
}

static int by_amount(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	/* Of equals rather one that has a name. */
	if (x->amount != y->amount)
		return x->amount > y->amount ? -1 : 1;
	return (x->program == NULL) - (y->program == NULL);
}

static int name_share(const struct limits_entry *e, struct share *s)
{
	int r = e->pid > 0 ? limits_program_of(e->pid, e->seen_ns, &s->program) : -ESRCH;

	s->pid = r == 0 ? e->pid : 0;
	if (r == -ESRCH && e->other > 0) {
		r = limits_program_of(e->other, 0, &s->program);
		s->pid = r == 0 ? e->other : 0;
	}
	s->ended = r == -ESRCH && e->pid > 0;
	if (r == -ESRCH && e->label) {
		s->program = strdup(e->label);
		return s->program ? 0 : -ENOMEM;
	}
	return r == -ESRCH ? 0 : r;
}

/* Entries with the same process and label are one share. Returns how many, or -ENOMEM. */
static ssize_t share_out(const struct limits_entry *v, size_t len, struct share *shares)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		bool same = i > 0 && v[i].pid == v[i - 1].pid && v[i].other == v[i - 1].other &&
			v[i].label == v[i - 1].label;
		int r = same ? 0 : name_share(&v[i], &shares[n]);
		if (r < 0)
			return r;
		n += !same;
		shares[n - 1].amount += v[i].amount;
	}
	return (ssize_t)n;
}

/* Adds up shares of one name, which are in a row. Returns how many are left. */
static size_t join(struct share *shares, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (n > 0 && by_program(&shares[n - 1], &shares[i]) == 0) {
			shares[n - 1].amount += shares[i].amount;
			shares[n - 1].ended = shares[n - 1].ended || shares[i].ended;
			free(shares[i].program);
		} else {
			shares[n++] = shares[i];
		}
	}
	return n;
}

int limits_tally_program(struct limits_entry *v, size_t len, struct ipc_limit_use *ret)
{
	AUTO_FREE struct share *shares = calloc(len, sizeof(*shares));

	if (!shares)
		return -ENOMEM;
	qsort(v, len, sizeof(*v), by_process);
	ssize_t r = share_out(v, len, shares);
	size_t n = r < 0 ? len : (size_t)r;
	if (r > 0) {
		qsort(shares, n, sizeof(*shares), by_program);
		n = join(shares, n);
		qsort(shares, n, sizeof(*shares), by_amount);
		ret->program = shares[0].program;
		ret->pid = shares[0].pid;
		ret->ended = shares[0].ended;
		ret->program_use = shares[0].amount;
		shares[0].program = NULL; /* *ret owns it now */
	}
	for (size_t i = 0; i < n; i++)
		free(shares[i].program);
	return r < 0 ? (int)r : 0;
}
