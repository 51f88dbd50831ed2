/* chown: owner and group of objects, by one command for every kind. */
#include "cli/change.h"
#include "cli/ns_opt.h"
#include "cli/units.h"
#include "ipc/io.h"

static const struct example chown_examples[] = {
	{ "ipcctl chown \"$(id -un)\" shm:/cache", "Make it your own", ": >/dev/shm/cache" },
	{ 0 },
};

struct owner {
	uid_t uid;
	gid_t gid;
};

static int set_owner(struct ipc_ctx *ctx, const struct ipc_object *object, const void *arg)
{
	const struct owner *owner = arg;

	return ipc_set_owner(ctx, object, owner->uid, owner->gid);
}

static int run_chown(struct ipc_ctx *ctx, int argc, char **argv)
{
	struct owner owner;

	if (parse_owner(argv[0], &owner.uid, &owner.gid) < 0) {
		AUTO_FREE char *text = shown(argv[0]);
		return usage_error("there is no user or group '%s'", text);
	}
	return change_objects(ctx, argc - 1, argv + 1, "owner", set_owner, &owner);
}

const struct command cmd_chown = {
	.name = "chown",
	.brief = "Change the owner and the group of objects",
	.operands = "USER[:GROUP] SELECTOR...",
	.generic = true,
	.opts = ns_opts,
	.examples = chown_examples,
	.run = run_chown,
};
