#include "cli/sock_address.h"

#include "cli/common.h"
#include "ipc/io.h"

#include <errno.h>

static const char *const type_names[] = { "any", "stream", "dgram", "seqpacket", NULL };
static const int types[] = { 0, SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
static int arg_type; /* an index in both */

const struct opt sock_type_opts[] = {
	{ OPT_CHOICE, 0, "type", "TYPE", "Type of the socket; any: the one it turns out to have",
		{ .choice = &arg_type }, .choices = type_names },
	{ 0 },
};

int sock_type(void)
{
	return types[arg_type];
}

const char *sock_type_name(int type)
{
	for (size_t i = 1; i < ARRAY_SIZE(types); i++)
		if (types[i] == type)
			return type_names[i];
	return "unknown";
}

int sock_address_failed(const struct ipc_selector *sel, int r, const char *what, const char *name,
	const struct ipc_selector_error *error)
{
	if (error->why[0]) {
		AUTO_FREE char *why = shown(error->why); /* it quotes the address */
		return fail_plain(r == -EINVAL ? CLI_USAGE : CLI_NOT_FOUND, "cannot %s socket '%s': %s", what,
			name, why);
	}
	bool file = sel->form == FORM_PATH; /* what a kind has to say of ECONNREFUSED is about its file */
	int status =
		fail(r == -ECONNREFUSED && !file ? NULL : sel->kind, r, "cannot %s socket '%s'", what, name);
	if (r == -EPROTOTYPE)
		hint("without --type the type is found out");
	return status;
}

static bool may_come(int r)
{
	return r == -ENOENT || r == -ECONNREFUSED;
}

int sock_open(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, const char *name, int *ret_fd, int *ret_type)
{
	struct ipc_deadline deadline = cli_deadline();
	struct ipc_selector_error error;
	int r;

	for (;;) {
		r = sock_connect(ctx, sel, sock_type(), deadline, ret_type, &error);
		if (r == -EINTR)
			continue;
		if (!arg_wait || !may_come(r) || ipc_deadline_left(deadline) == 0)
			break;
		ipc_deadline_sleep(deadline, LOOK_INTERVAL_NS);
	}
	if (r >= 0) {
		*ret_fd = r;
		return CLI_OK;
	}
	if (arg_wait && may_come(r))
		return fail(
			sel->kind, ipc_deadline_error(deadline), "waited for a server at socket '%s'", name);
	return sock_address_failed(sel, r, "connect to", name, &error);
}
