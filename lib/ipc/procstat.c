#include "ipc/procstat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* By their numbers in proc(5). */
enum {
	FIELD_STATE = 3,
	FIELD_PARENT = 4,
	FIELD_FLAGS = 9,
	FIELD_THREADS = 20,
	FIELD_START = 22,
	FIELD_STACK = 28
};

int procstat_parse(const char *text, struct procstat *ret)
{
	const char *open = strchr(text, '('), *p = strrchr(text, ')');
	uint64_t fields[FIELD_STACK + 1] = { 0 };

	if (!open || !p || p < open || p[1] != ' ' || p[2] == '\0')
		return -EBADMSG;
	struct procstat s = {
		.name_at = (size_t)(open + 1 - text), .name_len = (size_t)(p - open - 1), .state = p[2]
	};
	p += 2;
	int field = FIELD_STATE + 1;
	for (; field <= FIELD_STACK && (p = strchr(p, ' ')) != NULL; field++)
		fields[field] = strtoull(++p, NULL, 10);
	if (field <= FIELD_START)
		return -EBADMSG;
	s.parent = (pid_t)fields[FIELD_PARENT];
	s.flags = fields[FIELD_FLAGS];
	s.threads = fields[FIELD_THREADS];
	s.start = fields[FIELD_START];
	s.stack = fields[FIELD_STACK];
	*ret = s;
	return 0;
}

bool procstat_has_ended(const struct procstat *s)
{
	return s->state == 'X' || (s->state == 'Z' && s->threads <= 1);
}

bool procstat_is_kernel_thread(const struct procstat *s)
{
	enum { PF_KTHREAD = 0x00200000 };

	return s->flags & PF_KTHREAD;
}

bool procstat_has_one_pid(const char *status, pid_t pid)
{
	static const char key[] = "\nNSpid:\t";
	const char *line = strstr(status, key);
	char *end;

	return line && strtol(line + sizeof(key) - 1, &end, 10) == pid && *end == '\n';
}
