/* What /proc says of mappings: any text is read safely and to its end, and no name makes a line. */
#include "ipc/procmaps.h"

#include "ipc/io.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact)
{
	if (!fact)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size ? size : 1); /* nothing behind it may be read */
	const char *before, *at = text, *end;
	struct procmaps_line line;
	size_t newlines = 0, lines = 0;

	demand(text);
	memcpy(text, data, size);
	end = text + size;
	for (size_t i = 0; i < size; i++)
		newlines += text[i] == '\n';
	while (before = at, procmaps_next(&at, end, &line)) {
		lines++;
		demand(at > before && at <= end);
		demand(line.from < line.to);
		demand(line.path >= before && line.path + line.path_len <= at);
		demand(!memchr(line.path, '\n', line.path_len));
		demand(line.path_len == 0 || line.path[0] != ' ');
		demand(!procmaps_is_sysv(&line) || (procmaps_seems_deleted(&line) && line.path[0] == '/'));
	}
	demand(at == end && lines <= newlines + 1);
	return 0;
}
