/* Escapes, base64 and times: any input is read safely, and what is read is written back as the same. */
#include "ipc/base64.h"
#include "ipc/timefmt.h"
#include "ipc/utf8.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                                     \
	do {                                                                                                 \
		if (!(condition))                                                                            \
			abort();                                                                             \
	} while (0)

static void escape(const char *in, size_t size, unsigned flags)
{
	char *text = ipc_escape_dup(in, size, flags), *back = malloc(size + 1);
	size_t bad = size;

	CHECK(text && back);
	size_t len = strlen(text);
	CHECK(ipc_utf8_valid(text, len));
	CHECK(flags & ESCAPE_DISPLAY || ipc_unescape(text, text, len, NULL) == (ssize_t)size);
	CHECK(flags & ESCAPE_DISPLAY || memcmp(text, in, size) == 0);
	ssize_t n = ipc_unescape(back, in, size, &bad);
	CHECK(n >= 0 ? (size_t)n <= size : bad < size && in[bad] == '\\');
	free(back);
	free(text);
}

static void base64(const char *in, size_t size)
{
	char *bytes = malloc(size + 1), *text = malloc(size + 1);
	ssize_t n = ipc_base64_decode(bytes, in, size);

	CHECK(n < 0 || (ipc_base64_encode(text, bytes, (size_t)n) == size && memcmp(text, in, size) == 0));
	free(bytes);
	free(text);
}

static void time_text(const char *in, size_t size)
{
	struct timespec t, back;
	char text[TIME_TEXT_SIZE];

	if (ipc_time_parse(in, size, &t) < 0)
		return;
	int len = ipc_time_format(t, text);
	if (len < 0) /* an offset moved it out of the years that are written */
		return;
	CHECK(ipc_time_parse(text, (size_t)len, &back) == 0);
	CHECK(back.tv_sec == t.tv_sec && back.tv_nsec == t.tv_nsec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *in = (const char *)data;

	escape(in, size, 0);
	escape(in, size, ESCAPE_GLOB);
	escape(in, size, ESCAPE_DISPLAY);
	base64(in, size);
	time_text(in, size);
	return 0;
}
