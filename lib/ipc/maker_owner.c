#include "ipc/maker_owner.h"

#include <errno.h>
#include <stdlib.h>

enum { UIDS = 4 };

static bool is_among(const uid_t *uids, size_t n, uid_t uid)
{
	for (size_t i = 0; i < n; i++)
		if (uids[i] == uid)
			return true;
	return false;
}

int maker_processes_add(struct maker_processes *p, pid_t pid, const uid_t uids[UIDS], uint64_t start)
{
	for (size_t i = 0; i < UIDS; i++) {
		if (is_among(uids, i, uids[i]))
			continue;
		/* Doubled whenever the length is a power of two. */
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
