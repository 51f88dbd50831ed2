/* TCP sockets. Source: tcp(7). */
#include "ipc/kind_ops.h"

#include <errno.h>

static int none(struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	(void)ctx;
	(void)sel;
	(void)want;
	(void)ret;
	return -ENOENT;
}

static const struct ipc_kind_ops ops = { .stat = none };

const struct ipc_kind ipc_kind_sock_tcp = {
	.class = "sock",
	.api = "posix",
	.label = "TCP socket",
	.noun = "socket",
	.forms = BIT(FORM_TCP),
	.ops = &ops,
};
