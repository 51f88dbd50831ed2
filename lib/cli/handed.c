#include "cli/handed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_FD = 3, FDS_MAX = 65536 };

/* A variable that is a positive number, or 0. */
static unsigned long number_of(const char *variable)
{
	const char *text = getenv(variable);
	char *end;

	if (!text || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	return *end || errno ? 0 : n;
}

/* None of them is for programs that are run: who serves one socket must not leave another to its handlers. */
static void keep_from_programs(unsigned long count)
{
	for (unsigned long i = 0; i < count && fcntl(FIRST_FD + (int)i, F_SETFD, FD_CLOEXEC) == 0; i++)
		;
}

int handed_find(struct ipc_ctx *ctx, const char *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	unsigned long count = number_of("LISTEN_FDS");
	size_t len = strlen(name);

	(void)ctx;
	if (number_of("LISTEN_PID") != (unsigned long)getpid() || !names || count > FDS_MAX)
		return -ENOENT;
	keep_from_programs(count);
	for (unsigned long i = 0; i < count; i++) {
		size_t n = strcspn(names, ":");
		int fd = FIRST_FD + (int)i;
		if (n == len && memcmp(names, name, n) == 0)
			return fcntl(fd, F_GETFD) < 0 ? -errno : fd;
		if (!names[n])
			break;
		names += n + 1;
	}
	return -ENOENT;
}
