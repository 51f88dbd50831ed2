/* Selectors: whatever text is accepted, what is printed of it parses back to the same object. */
#include "ipc/selector.h"
#include "ipc/ctx.h"
#include "ipc/io.h"
#include "ipc/kind.h"
#include "ipc/utf8.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact)
{
	if (!fact)
		abort();
}

static bool same(const struct ipc_selector *a, const struct ipc_selector *b)
{
	return a->kind == b->kind && a->form == b->form && a->pattern == b->pattern && a->key == b->key &&
		a->number == b->number && a->has_member == b->has_member && a->member == b->member &&
		a->name_len == b->name_len &&
		(a->name_len == 0 || memcmp(a->name, b->name, a->name_len) == 0);
}

static bool printable(const char *text)
{
	size_t len = strlen(text), at = 0, n;
	uint32_t c;

	for (; at < len; at += n) {
		n = ipc_utf8_next(text + at, len - at, &c);
		if (n == 0 || !ipc_utf8_printable(c))
			return false;
	}
	return true;
}

/* As on the command line, where nothing is a pattern and key:private may be made. */
static void print_and_parse(struct ipc_ctx *ctx, const struct ipc_selector *sel)
{
	AUTO_SELECTOR struct ipc_selector again = { 0 };
	struct ipc_selector_error error = { 0 };
	AUTO_FREE char *text = ipc_selector_format(sel);

	demand(text && printable(text));
	demand(ipc_selector_parse(ctx, text, NULL, SELECTOR_CREATE, &again, &error) == 0);
	demand(same(sel, &again));
	demand(sel->key == 0 || ipc_selector_match(sel, &again));
	/* What is printed holds no wildcard, so a list can be given back to ls and rm. */
	ipc_selector_clear(&again);
	demand(ipc_selector_parse(ctx, text, NULL, SELECTOR_CREATE | SELECTOR_GLOB, &again, &error) == 0);
	demand(same(sel, &again));
}

static void check_error(const char *text, const struct ipc_selector_error *error)
{
	demand(error->why[0] && memchr(error->why, '\0', sizeof(error->why)));
	demand(error->at <= strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	AUTO_FREE char *text = strndup((const char *)data, size);

	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next(NULL, k)) != NULL;) {
		AUTO_SELECTOR struct ipc_selector sel = { 0 };
		struct ipc_selector_error error = { 0 };
		int r = ipc_selector_parse(&ctx, text, k->class, SELECTOR_CREATE, &sel, &error);
		if (r == 0)
			print_and_parse(&ctx, &sel);
		else
			check_error(text, &error);
	}
	struct ipc_selector *all = NULL;
	struct ipc_selector_error error = { 0 };
	ssize_t n = ipc_selector_parse_any(&ctx, text, NULL, SELECTOR_GLOB, &all, &error);
	for (ssize_t i = 0; i < n; i++) {
		AUTO_FREE char *name = ipc_selector_format(&all[i]);
		demand(name != NULL);
		if (!all[i].pattern)
			print_and_parse(&ctx, &all[i]);
		ipc_selector_clear(&all[i]);
	}
	free(all);
	if (n < 0)
		check_error(text, &error);
	ipc_ctx_clear(&ctx);
	return 0;
}
