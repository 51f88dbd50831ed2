/* Forms of names: any bytes are looked at in bounds, a pid that is found stands in the name, and a label is of the table. */
#include "ipc/recognise.h"
#include "ipc/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact)
{
	if (!fact)
		abort();
}

static bool is_known(const char *label)
{
	for (const char *l = NULL; (l = ipc_recognise_next(l)) != NULL;)
		if (strcmp(l, label) == 0)
			return true;
	return false;
}

static void look(const struct ipc_kind *kind, enum ipc_form form, char *name, size_t len)
{
	struct ipc_object o = { 0 };
	pid_t maker = -1;
	char digits[16];

	o.selector = (struct ipc_selector){ .kind = kind, .form = form, .name = name, .name_len = len };
	const char *label = ipc_recognise(&o, &maker);
	demand(maker >= 0 && (label || maker == 0));
	demand(!label || is_known(label));
	if (maker > 0) {
		int n = snprintf(digits, sizeof(digits), "%d", (int)maker);
		demand(memmem(name, len, digits, (size_t)n) != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum ipc_form forms[] = { FORM_POSIX, FORM_PATH, FORM_ABSTRACT };
	char *name = malloc(size ? size : 1); /* without a NUL behind it: what reads too far is found */

	demand(name != NULL);
	memcpy(name, data, size);
	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next(NULL, k)) != NULL;)
		for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
			if (k->forms & BIT(forms[i]))
				look(k, forms[i], name, size);
	free(name);
	return 0;
}
