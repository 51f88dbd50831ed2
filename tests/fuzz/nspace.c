/* What /proc says of control groups and mounts: any text is read safely, and what comes out is printable. */
#include "ipc/nspace_text.h"

#include "ipc/io.h"
#include "ipc/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact)
{
	if (!fact)
		abort();
}

static void container(const char *text, size_t size)
{
	AUTO_FREE char *name = nspace_container(text);
	uint32_t c;

	if (!name)
		return;
	demand(*name && strlen(name) <= 16 + ESCAPE_FACTOR * size);
	for (const char *p = name; *p;) {
		size_t n = ipc_utf8_next(p, strlen(p), &c);
		demand(n > 0 && ipc_utf8_printable(c));
		p += n;
	}
}

static void mounts(const char *text)
{
	const char *rest = text, *end = text + strlen(text);
	struct nspace_mount m;

	while (nspace_mount_next(&rest, &m)) {
		demand(m.point >= text && m.point + m.point_len <= end);
		AUTO_FREE char *path = nspace_mount_path(&m);
		demand(!path || strlen(path) <= m.point_len);
		demand(!memchr(m.point, ' ', m.point_len) && !memchr(m.point, '\n', m.point_len));
		if (nspace_is_shm(text, text, m.id, m.dev))
			demand(m.point_len > 0);
	}
	demand(rest == end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size + 1);

	demand(text);
	memcpy(text, data, size);
	text[size] = '\0';
	container(text, size);
	mounts(text);
	return 0;
}
