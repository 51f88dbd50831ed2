/* What /proc says of descriptors: any text is read safely, and no name passes for a pipe or a socket. */
#include "ipc/procfds_text.h"

#include "ipc/io.h"

#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact)
{
	if (!fact)
		abort();
}

/* What is taken for a pipe or a socket is exactly the text that the kernel writes for its number. */
static void link_text(const char *in, size_t size)
{
	ino_t ino = 0;
	enum procfds_link link = procfds_link(in, size, &ino);
	size_t zeros = 0;
	char text[64];

	demand((link == LINK_PATH) == (size > 0 && in[0] == '/'));
	if (link != LINK_PIPE && link != LINK_SOCKET)
		return;
	const char *word = link == LINK_PIPE ? "pipe:[" : "socket:[";
	int n = snprintf(text, sizeof(text), "%s%ju]", word, (uintmax_t)ino);
	demand(size >= (size_t)n);
	zeros = size - (size_t)n; /* leading ones change no number */
	demand(memcmp(in, word, strlen(word)) == 0);
	demand(memcmp(in + strlen(word) + zeros, text + strlen(word), (size_t)n - strlen(word)) == 0);
}

static void mounts(const char *text)
{
	struct procfds_mounts m = { 0 };

	for (int here = 0; here < 2; here++) {
		AUTO_FREE char *copy = strdup(text);
		demand(copy && procfds_mounts_add(&m, copy, here) == 0);
	}
	for (size_t i = 0; i < m.len; i++) {
		const struct procfds_mount *found = procfds_mount_find(&m, m.v[i].id);
		demand(found && found->id == m.v[i].id && !found->here); /* known from the first time */
		demand(i == 0 || m.v[i - 1].id <= m.v[i].id);
	}
	procfds_mounts_clear(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size + 1);
	struct procfds_fdinfo info = { .mnt_id = -1 };

	demand(text);
	memcpy(text, data, size);
	text[size] = '\0';
	AUTO_FREE char *exact = malloc(size ? size : 1); /* nothing behind it may be read */
	demand(exact);
	memcpy(exact, data, size);
	link_text(exact, size);
	demand(procfds_fdinfo(text, &info) == 0 ? info.mnt_id >= 0 : info.mnt_id == -1);
	demand(procfds_socket_carries(text) >= -1 && procfds_socket_carries(text) <= UINT32_MAX);
	demand(procfds_ring_carries(text) >= -1 && procfds_ring_carries(text) <= (int64_t)size);
	mounts(text);
	return 0;
}
