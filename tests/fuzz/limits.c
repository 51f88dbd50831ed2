/* Numbers of limits: any text is read safely, and what is accepted is what stands there. */
#include "ipc/limits_text.h"

#include "ipc/io.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact)
{
	if (!fact)
		abort();
}

/* A number that was read stands in the text. */
static void stands_there(const char *text, uint64_t n)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, n);
	demand(strstr(text, digits) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size + 1);
	uint64_t n, m;
	uint32_t uid;

	demand(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	for (unsigned column = 0; column < 4; column++)
		if (limits_sysctl(text, column, &n) == 0)
			stands_there(text, n);
	if (limits_soft(text, "Max open files", &n) == 0 && n != UINT64_MAX)
		stands_there(text, n);
	if (limits_real_uid(text, &uid) == 0)
		stands_there(text, uid);
	if (limits_sysctl(text, 0, &n) == 0 && limits_sysctl(text, 1, &m) == 0) {
		uint64_t percent = limits_percent(n, m);
		demand(m == 0 || (n >= m) == (percent >= 100) || percent == 100);
	}
	return 0;
}
