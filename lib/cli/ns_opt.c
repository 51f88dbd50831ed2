#include "cli/ns_opt.h"

#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>

static bool arg_all, ns_given;
static uint64_t arg_ns;

const struct opt ns_opts[] = {
	{ OPT_UINT, 0, "ns", "PID", "Act in the IPC namespace of this process", { .uint = &arg_ns },
		.given = &ns_given },
	{ 0 },
};

const struct opt all_ns_opts[] = {
	{ OPT_FLAG, 0, "all-ns", NULL, "Go through the IPC namespaces of all processes",
		{ .flag = &arg_all } },
	{ OPT_INCLUDE, .to = { .table = ns_opts } },
	{ 0 },
};

static const char privilege_hint[] = "it takes CAP_SYS_ADMIN, here and there: run it as root; for a "
				     "container of your own, inside its user "
				     "namespace ('podman unshare', 'nsenter -U -t PID')";

bool ns_all(void)
{
	return arg_all;
}

int ns_go(struct ipc_ctx *ctx)
{
	if (arg_all && ns_given)
		return usage_error("--ns and --all-ns exclude each other");
	if (!ns_given)
		return CLI_OK;
	if (arg_ns == 0 || arg_ns > INT_MAX)
		return usage_error("--ns: %" PRIu64 " is no process identifier", arg_ns);
	int r = nspace_enter(ctx, (pid_t)arg_ns);
	if (r == -ESRCH && kill((pid_t)arg_ns, 0) < 0 && errno == EPERM)
		r = -EACCES; /* /proc leaves out what may not be looked at: hidepid */
	if (r == -ESRCH)
		return fail_plain(CLI_NOT_FOUND, "cannot find process %" PRIu64, arg_ns);
	if (r == 0)
		return CLI_OK;
	int status = fail(NULL, r, "cannot enter the IPC namespace of process %" PRIu64, arg_ns);
	if (r == -EPERM || r == -EACCES)
		hint("%s", privilege_hint);
	return status;
}

int ns_cannot_enter(const struct nspace *ns, int error)
{
	int status = ns->pid ? fail(NULL, error, "cannot enter IPC namespace %ju of process %d",
				       (uintmax_t)ns->ino, (int)ns->pid)
			     : fail(NULL, error, "cannot enter IPC namespace %ju", (uintmax_t)ns->ino);

	if (error == -EPERM || error == -EACCES)
		hint("%s", privilege_hint);
	return status;
}

void ns_tell_unseen(size_t unseen)
{
	if (unseen > 0)
		warn("%zu process%s may not be looked at, and may be in other IPC namespaces", unseen,
			unseen == 1 ? "" : "es");
}
