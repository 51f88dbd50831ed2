/* Answers about sockets, from a kernel that can't be trusted: nothing beyond their end is read. */
#include "ipc/sockdiag_parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact)
{
	if (!fact)
		abort();
}

static void read_one(const void *payload, size_t len)
{
	struct sockdiag_unix u, untouched;
	struct sockdiag_tcp t;

	memset(&u, 0x5a, sizeof(u));
	memset(&untouched, 0x5a, sizeof(untouched));
	int r = sockdiag_read_unix(payload, len, &u);
	demand(r == 0 || r == -EBADMSG);
	demand(r == 0 || memcmp(&u, &untouched, sizeof(u)) == 0);
	if (r == 0) {
		demand(u.name_len <= SOCKDIAG_NAME_MAX && u.name[u.name_len] == '\0');
		demand(u.name_len == 0 || !u.name[0] || strlen((char *)u.name) == u.name_len);
	}
	r = sockdiag_read_tcp(payload, len, &t);
	demand(r == 0 || r == -EBADMSG);
	if (r == 0)
		demand(t.local.ss_family == AF_INET || t.local.ss_family == AF_INET6);
}

static int take(const void *payload, size_t len, void *arg)
{
	(*(size_t *)arg)++;
	/* A copy of its own, so that reading behind its end is noticed. */
	void *exact = malloc(len ? len : 1);
	demand(exact);
	memcpy(exact, payload, len);
	read_one(exact, len);
	free(exact);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t messages = 0;
	void *exact = malloc(size ? size : 1);

	demand(exact);
	memcpy(exact, data, size);
	int r = sockdiag_read(exact, size, take, &messages);
	demand(r <= 1 && messages <= size / sizeof(struct nlmsghdr));
	read_one(exact, size);
	free(exact);
	return 0;
}
