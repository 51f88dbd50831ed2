/* chown: owner and group of objects, by one command for every kind. */
#include "cli/select.h"
#include "cli/units.h"
#include "ipc/io.h"

static const struct example chown_examples[] = {
	{ "ipcctl chown \"$(id -un)\" shm:/cache", "Make it your own", ": >/dev/shm/cache" },
	{ 0 },
};

static int change(struct ipc_ctx *ctx, const char *text, uid_t uid, gid_t gid)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_OBJECT struct ipc_object object = { 0 };
	AUTO_FREE char *name = shown(text);
	int r = select_one(ctx, text, 0, &sel);

	if (r != CLI_OK)
		return r;
	const struct ipc_kind *kind = sel.kind;
	r = ipc_stat(ctx, &sel, 0, &object);
	if (r == 0 || object.selector.kind)
		r = ipc_set_owner(ctx, &object, uid, gid);
	return r < 0 ? fail(kind, r, "cannot change the owner of %s '%s'", kind->noun, name) : CLI_OK;
}

static int run_chown(struct ipc_ctx *ctx, int argc, char **argv)
{
	uid_t uid;
	gid_t gid;
	int status = CLI_OK;

	if (parse_owner(argv[0], &uid, &gid) < 0) {
		AUTO_FREE char *text = shown(argv[0]);
		return usage_error("there is no user or group '%s'", text);
	}
	for (int i = 1; i < argc; i++)
		status = first_failure(status, change(ctx, argv[i], uid, gid));
	return status;
}

const struct command cmd_chown = {
	.name = "chown",
	.brief = "Change the owner and the group of objects",
	.operands = "USER[:GROUP] SELECTOR...",
	.generic = true,
	.examples = chown_examples,
	.run = run_chown,
};
