#include "ipc/ctx.h"

#include "ipc/dirwalk.h"
#include "ipc/holders.h"
#include "ipc/ledger.h"
#include "ipc/maker.h"
#include "ipc/nspace.h"
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

void ipc_ctx_forget_kernel(struct ipc_ctx *ctx)
{
	ctx->holders_wanted = 0;
	ctx->lease_pauses = 0;
	sockdiag_forget(ctx);
	maker_forget(ctx);
	ledger_forget(ctx);
}

void ipc_ctx_forget(struct ipc_ctx *ctx)
{
	holders_forget(ctx);
	ipc_ctx_forget_kernel(ctx);
}

void ipc_ctx_clear(struct ipc_ctx *ctx)
{
	ipc_sysv_table_free(ctx->sysv);
	ctx->sysv = NULL;
	dirwalk_free(ctx->dirwalk);
	ctx->dirwalk = NULL;
	ledger_clear(ctx);
	ipc_ctx_forget(ctx);
	nspace_leave(ctx);
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
