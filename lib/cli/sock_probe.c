#include "cli/sock_probe.h"

#include "cli/common.h"
#include "cli/sock_address.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdio.h>

const struct opt sock_probe_opts[] = {
	{ OPT_INCLUDE, .to = { .table = wait_opts } },
	{ 0 },
};

static const int probe_status[SOCK_CONDITIONS] = {
	[SOCK_LIVE] = CLI_OK,
	[SOCK_STALE] = CLI_NO,
	[SOCK_ABSENT] = CLI_NOT_FOUND,
	[SOCK_DENIED] = CLI_DENIED,
};

int sock_run_probe(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_FREE char *name = shown(argv[0]);
	struct ipc_selector_error error;
	enum sock_condition condition;
	int r = cli_selector(ctx, argv[0], "sock", 0, &sel);

	(void)argc;
	if (r != CLI_OK)
		return r;
	do
		r = sock_probe(ctx, &sel, cli_deadline(), &condition, &error);
	while (r == -EINTR);
	if (r < 0)
		return sock_address_failed(&sel, r, "probe", name, &error);
	puts(sock_condition_name(condition));
	/* An answer that does not arrive is none. */
	return output_flush() < 0 ? CLI_OK : probe_status[condition];
}

const struct example sock_probe_examples[] = {
	{ "ipcctl sock probe app.sock || echo 'nobody is there'", "Whether somebody listens", NULL },
	{ 0 },
};
