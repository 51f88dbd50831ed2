#include "ipc/maker_owner.h"

#include "ipc/holders.h"

#include <errno.h>
#include <stdlib.h>

enum { UIDS = 4, GENERATIONS_MAX = 100 };

static bool is_among(const uid_t *uids, size_t n, uid_t uid)
{
	for (size_t i = 0; i < n; i++)
		if (uids[i] == uid)
			return true;
	return false;
}

static int by_pid(const void *key, const void *element)
{
	pid_t pid = *(const pid_t *)key, other = ((const struct holders_process *)element)->pid;

	return (pid > other) - (pid < other);
}

static const struct holders_process *find(const struct holders_process *all, size_t len, pid_t pid)
{
	return len ? bsearch(&pid, all, len, sizeof(*all), by_pid) : NULL;
}

uint64_t maker_process_since(
	const struct holders_process *all, size_t len, const struct holders_process *process)
{
	const struct holders_process *p = process;

	for (int i = 0; p && p->forked && i < GENERATIONS_MAX; i++) {
		const struct holders_process *original = find(all, len, p->original);
		p = original && original->start <= p->start ? original : NULL;
	}
	return p && !p->forked ? p->start : 0;
}

int maker_processes_add(struct maker_processes *p, const struct holders_process *new, uint64_t since)
{
	for (size_t i = 0; i < UIDS; i++) {
		if (is_among(new->uids, i, new->uids[i]))
			continue;
		/* Doubled whenever the length is a power of two. */
		if ((p->len & (p->len - 1)) == 0) {
			struct maker_process *v = reallocarray(p->v, p->len ? 2 * p->len : 1, sizeof(*v));
			if (!v)
				return -ENOMEM;
			p->v = v;
		}
		p->v[p->len++] = (struct maker_process){ .uid = new->uids[i],
			.pid = new->pid,
			.start = new->start,
			.since = since,
			.adopted = new->adopted,
			.ipcns = new->ipcns };
	}
	return 0;
}

static int by_user_and_since(const void *a, const void *b)
{
	const struct maker_process *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid > y->uid ? 1 : -1;
	return (x->since > y->since) - (x->since < y->since);
}

void maker_processes_sort(struct maker_processes *p)
{
	if (p->len > 0)
		qsort(p->v, p->len, sizeof(*p->v), by_user_and_since);
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
