#include "ipc/ctx.h"

#include "ipc/dirwalk.h"
#include "ipc/openers.h"
#include "ipc/procfds.h"
#include "ipc/sockdiag.h"
#include "ipc/sysv.h"

static const char *const event_names[EVENT_TYPES] = {
	[EVENT_CREATE] = "create",
	[EVENT_REMOVE] = "remove",
	[EVENT_OPEN] = "open",
	[EVENT_ATTACH] = "attach",
	[EVENT_SEND] = "send",
	[EVENT_RECEIVE] = "receive",
	[EVENT_CHANGE] = "change",
	[EVENT_CONNECT] = "connect",
	[EVENT_DENY] = "deny",
};

const char *ipc_event_name(enum ipc_event_type type)
{
	return event_names[type];
}

void ipc_ctx_forget(struct ipc_ctx *ctx)
{
	procfds_forget(ctx);
	openers_forget(ctx);
	sockdiag_forget(ctx);
}

void ipc_ctx_clear(struct ipc_ctx *ctx)
{
	ipc_sysv_table_free(ctx->sysv);
	ctx->sysv = NULL;
	dirwalk_free(ctx->dirwalk);
	ctx->dirwalk = NULL;
	ipc_ctx_forget(ctx);
}

int ipc_observe_before(struct ipc_ctx *ctx, const struct ipc_event *event)
{
	if (!ctx->observer || !ctx->observer->before)
		return 0;
	return ctx->observer->before(ctx->observer, event);
}

int ipc_observe_after(struct ipc_ctx *ctx, const struct ipc_event *event)
{
	if (ctx->observer)
		ctx->observer->after(ctx->observer, event);
	return event->result;
}
