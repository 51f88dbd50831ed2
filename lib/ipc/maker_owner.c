#include "ipc/maker_owner.h"

#include "ipc/io.h"
#include "ipc/procfds_text.h"
#include "ipc/procscan.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_MAX = 65536, UIDS = 4 };

static bool is_among(const uid_t *uids, size_t n, uid_t uid)
{
	for (size_t i = 0; i < n; i++)
		if (uids[i] == uid)
			return true;
	return false;
}

int maker_processes_add(struct maker_processes *p, pid_t pid, const uid_t uids[UIDS], uint64_t start)
{
	/* Doubled whenever the length is a power of two. */
	for (size_t i = 0; i < UIDS; i++) {
		if (is_among(uids, i, uids[i]))
			continue;
		if ((p->len & (p->len - 1)) == 0) {
			struct maker_process *v = reallocarray(p->v, p->len ? 2 * p->len : 1, sizeof(*v));
			if (!v)
				return -ENOMEM;
			p->v = v;
		}
		p->v[p->len++] = (struct maker_process){ uids[i], start, pid };
	}
	return 0;
}

static int by_user_and_start(const void *a, const void *b)
{
	const struct maker_process *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid > y->uid ? 1 : -1;
	return (x->start > y->start) - (x->start < y->start);
}

void maker_processes_sort(struct maker_processes *p)
{
	if (p->len > 0)
		qsort(p->v, p->len, sizeof(*p->v), by_user_and_start);
}

const struct maker_process *maker_processes_of(const struct maker_processes *p, uid_t uid, size_t *ret_len)
{
	size_t low = 0, high = p->len, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (p->v[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < p->len && p->v[low + n].uid == uid)
		n++;
	*ret_len = n;
	return p->v + low;
}

void maker_processes_clear(struct maker_processes *p)
{
	free(p->v);
	*p = (struct maker_processes){ 0 };
}

/* --- from /proc --- */

static int match(const struct procscan_process *process, void *arg)
{
	struct maker_processes *p = arg;
	AUTO_FREE char *text = NULL;
	uid_t uids[UIDS];
	uint64_t start;
	int r = procscan_read(process, "status", STATUS_MAX, &text, NULL);

	if (r == 0)
		r = procscan_start_time(process, &start);
	if (r < 0) {
		p->whole = p->whole && r == -ESRCH;
		return r;
	}
	/* A newline in the name of the command, in the line before, is escaped there. */
	const char *line = strstr(text, "\nUid:\t");
	if (!line || sscanf(line, "\nUid:\t%u\t%u\t%u\t%u", &uids[0], &uids[1], &uids[2], &uids[3]) != UIDS) {
		p->whole = false;
		return 0;
	}
	return maker_processes_add(p, process->pid, uids, start);
}

/* Whether /proc leaves out processes of others. */
static bool is_hiding(void)
{
	struct procfds_mounts m = { 0 };
	bool hides = procfds_own_mounts(&m) < 0;

	for (size_t i = 0; i < m.len; i++)
		hides = hides || (m.v[i].hides && m.v[i].here && geteuid() != 0);
	procfds_mounts_clear(&m);
	return hides || ((kill(1, 0) == 0 || errno == EPERM) && access("/proc/1", F_OK) < 0);
}

int maker_processes_gather(struct maker_processes *ret)
{
	struct maker_processes p = { .whole = procscan_is_complete() && !is_hiding() };
	struct procscan_matcher matcher = { .match = match, .arg = &p };
	int r = procscan_walk(&matcher, 1);

	if (r < 0) {
		maker_processes_clear(&p);
		return r;
	}
	maker_processes_sort(&p);
	*ret = p;
	return 0;
}
