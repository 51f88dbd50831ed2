/* Addresses of sockets: whatever is accepted has the right form, and what is refused says why and where. */
#include "ipc/sockaddr.h"
#include "ipc/ctx.h"
#include "ipc/io.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact)
{
	if (!fact)
		abort();
}

/* Asking the network would make the outcome depend on it: only addresses of digits are looked at. */
static bool needs_resolver(const struct ipc_selector *sel)
{
	const char *colon = strrchr(sel->name, ':');

	return sel->name[0] != '[' && colon && colon != sel->name &&
		sel->name[strspn(sel->name, "0123456789.")] != ':';
}

/* What was resolved prints as an address that is resolved to the same. */
static void print_and_resolve(struct ipc_ctx *ctx, const struct sock_address *a)
{
	AUTO_ADDRESSES struct sock_addresses again = ADDRESSES_NONE;
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	struct ipc_selector_error error = { 0 };
	AUTO_FREE char *name = sock_address_text(&a->sa, a->len), *text = NULL;

	demand(name && ipc_utf8_valid(name, strlen(name)));
	text = malloc(strlen(name) + 6);
	demand(text != NULL);
	memcpy(text, "sock:", 5);
	memcpy(text + 5, name, strlen(name) + 1);
	demand(ipc_selector_parse(ctx, text, NULL, 0, &sel, &error) == 0);
	demand(sock_address_resolve(ctx, &sel, &again, &error) == 0);
	demand(again.len == 1 && again.v[0].sa.ss_family == a->sa.ss_family);
	if (a->sa.ss_family == AF_UNIX)
		demand(again.v[0].len == a->len && memcmp(&again.v[0].sa, &a->sa, a->len) == 0);
}

static void check(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct sock_addresses *all)
{
	demand((all->fd >= 0) != (all->len > 0));
	for (size_t i = 0; i < all->len; i++) {
		const struct sock_address *a = &all->v[i];
		demand(a->len <= sizeof(a->sa));
		demand((a->base != NULL) == (sel->form == FORM_PATH));
		demand((a->dirfd >= 0) == (sel->form == FORM_PATH));
		if (sel->form != FORM_PATH)
			print_and_resolve(ctx, a);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	AUTO_FREE char *text = strndup((const char *)data, size);
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	struct ipc_selector_error error = { 0 };

	if (ipc_selector_parse(&ctx, text, "sock", 0, &sel, &error) < 0)
		return 0;
	if (sel.form == FORM_TCP && needs_resolver(&sel))
		return 0;
	int r = sock_address_resolve(&ctx, &sel, &all, &error);
	if (r == 0)
		check(&ctx, &sel, &all);
	if (r == -EINVAL || r == -EADDRNOTAVAIL) {
		demand(error.why[0] && memchr(error.why, '\0', sizeof(error.why)));
		demand(error.at <= strlen(text));
	}
	return 0;
}
