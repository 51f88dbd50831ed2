#include "cli/audit_opt.h"

#include "cli/accounts.h"
#include "cli/diag.h"
#include "cli/profile_use.h"
#include "ipc/audit.h"
#include "ipc/io.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

const char *arg_audit;
bool arg_audit_each;

static struct audit *current;

static const char *why(int error)
{
	return error == -ELOOP           ? "it is a symbolic link"
		: error == -EKEYREJECTED ? "it belongs to another user, or has a second name"
		: error == -EMEDIUMTYPE  ? "it is no regular file"
					 : strerror(-error);
}

static void failed(int error, void *arg)
{
	const struct audit_options *o = arg;
	AUTO_FREE char *name = shown(o->target);

	if (o->required)
		fail_plain(CLI_FAILED, "cannot write the audit log '%s': %s", name, why(error));
	else
		warn("what is done is not recorded: cannot write the audit log '%s': %s", name, why(error));
}

/* The nearest to the call wins: the command line, the environment, the profile, the machine. */
static int choose(struct ipc_ctx *ctx, struct audit_options *o)
{
	const char *asked = arg_audit ? arg_audit : getenv("IPCCTL_AUDIT");
	const struct profile *p = NULL, *system = NULL;
	int status = profile_current(ctx, &p);

	if (status == CLI_OK)
		status = profile_system(ctx, &system);
	if (status != CLI_OK)
		return status;
	const struct profile_audit *declared = p && p->audit.target ? &p->audit
		: system && system->audit.target                    ? &system->audit
								    : NULL;
	if (declared)
		*o = (struct audit_options){ declared->target, .required = declared->required,
			.each = declared->each, .mode = declared->mode, .gid = declared->gid };
	/* What the machine's administrator requires is not avoided by a word of the caller. */
	if (asked && *asked && !(declared && declared->required))
		o->target = asked;
	return CLI_OK;
}

int audit_target(struct ipc_ctx *ctx, const char **ret)
{
	struct audit_options o = { 0 };
	int status = choose(ctx, &o);

	*ret = o.target;
	return status;
}

static int start(struct ipc_ctx *ctx)
{
	static struct audit_options options;
	int status;

	options = (struct audit_options){ .mode = 0600, .gid = (gid_t)-1 };
	ctx->observer = NULL;
	status = choose(ctx, &options);
	if (status != CLI_OK || !options.target)
		return status;
	options.each = options.each || arg_audit_each;
	options.command = diag_command();
	options.user = user_name(getuid());
	options.failed = failed;
	options.arg = &options;
	int r = audit_open(ctx, &options, &current);
	return r < 0 ? (failed(r, &options), status_of(r)) : CLI_OK;
}

/*
 * Until the first use of an object nothing is read or opened: what only looks is not recorded, and works where
 * recording does not. What is started takes this one's place.
 */
static struct starter {
	struct ipc_observer observer; /* first: it is what the calls get */
	struct ipc_ctx *ctx;
	bool broken;
} starter;

static int start_before(struct ipc_observer *self, const struct ipc_event *event)
{
	struct ipc_ctx *ctx = starter.ctx;

	starter.broken = starter.broken || start(ctx) != CLI_OK;
	if (starter.broken)
		ctx->observer = self; /* so is all that follows */
	return starter.broken ? -ENOTRECOVERABLE : ipc_observe_before(ctx, event);
}

static void start_after(struct ipc_observer *self, const struct ipc_event *event)
{
	if (!starter.broken && start_before(self, event) == 0)
		ipc_observe_after(starter.ctx, event);
}

void audit_begin(struct ipc_ctx *ctx)
{
	starter = (struct starter){ { start_before, start_after, NULL }, ctx, false };
	ctx->observer = &starter.observer;
}

void audit_end(struct ipc_ctx *ctx)
{
	audit_close(ctx, current);
	current = NULL;
	ctx->observer = NULL;
}
