/* A line of a ledger: any text is read safely, and what is taken for a note is written and read back as the same. */
#include "ipc/ledger.h"

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
	AUTO_FREE char *line = malloc(size + 1);
	struct ledger_note n, back;

	if (!line)
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (!ledger_parse(line, &n))
		return 0;
	AUTO_FREE char *again = ledger_format(&n);
	demand(again && again[strlen(again) - 1] == '\n');
	again[strlen(again) - 1] = '\0';
	demand(ledger_parse(again, &back));
	demand(back.kind == n.kind && back.place == n.place && back.number == n.number &&
		back.made == n.made);
	demand(strcmp(back.boot, n.boot) == 0 && strcmp(back.selector, n.selector) == 0);
	return 0;
}
