#include "ipc/semmark.h"

#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { OWNER_MAX = 48, ENVIRON_MAX = 8 << 20 };

static size_t format_owner(char text[OWNER_MAX], pid_t pid, uint64_t start)
{
	return (size_t)snprintf(text, OWNER_MAX, "%d:%" PRIu64 " ", (int)pid, start);
}

char *semmark_add(const char *old, const struct procid *self, int id, unsigned number, unsigned units)
{
	char owner[OWNER_MAX], *text;
	size_t len = format_owner(owner, self->pid, self->start);
	bool mine = old && strncmp(old, owner, len) == 0;

	if (asprintf(&text, "%s%s%s%d#%u*%u", owner, mine ? old + len : "", mine ? " " : "", id, number,
		    units) < 0)
		return NULL;
	return text;
}

/* Reads a number that ends at the character `end`; NULL if it is none. */
static const char *read_number(const char *p, char end, uint64_t *ret)
{
	char *stop;

	if (*p < '0' || *p > '9')
		return NULL;
	errno = 0;
	*ret = strtoull(p, &stop, 10);
	return errno == 0 && *stop == end ? stop + 1 : NULL;
}

static uint64_t sum_units(const char *p, int id, unsigned number)
{
	uint64_t sum = 0, i, n, units;

	while (p && *p) {
		const char *space = strchr(p, ' ');
		p = read_number(p, '#', &i);
		p = p ? read_number(p, '*', &n) : NULL;
		p = p ? read_number(p, space ? ' ' : '\0', &units) : NULL;
		if (!p)
			break; /* nonsense: what was understood until here counts */
		if (i == (uint64_t)id && n == number && units <= INT_MAX)
			sum += units;
		p = space ? space + 1 : NULL;
	}
	return sum;
}

uint64_t semmark_units(const char *env, size_t len, pid_t pid, uint64_t start, int id, unsigned number)
{
	static const char name[] = SEMMARK_VARIABLE "=";
	char owner[OWNER_MAX];
	size_t owner_len = format_owner(owner, pid, start);

	for (const char *p = env; p < env + len; p += strlen(p) + 1) {
		if (strncmp(p, name, sizeof(name) - 1) != 0)
			continue;
		p += sizeof(name) - 1;
		return strncmp(p, owner, owner_len) == 0 ? sum_units(p + owner_len, id, number) : 0;
	}
	return 0;
}

int semmark_look(const struct procscan_process *p, int id, unsigned number, uint64_t *ret)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	uint64_t start = 0;
	int r = procscan_read(p, "environ", ENVIRON_MAX, &text, &len);

	if (r < 0)
		return r;
	*ret = 0;
	if (!memmem(text, len, SEMMARK_VARIABLE, sizeof(SEMMARK_VARIABLE) - 1))
		return 0; /* nearly all of them: no need to look further */
	r = procscan_same_namespace(p, "ipc");
	if (r <= 0)
		return r;
	r = procscan_start_time(p, &start);
	if (r == 0)
		*ret = semmark_units(text, len, p->pid, start, id, number);
	return r;
}
