#include "cli/profile_use.h"

#include "cli/diag.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *arg_profile;

#define SYSTEM_PROFILE "/etc/ipcctl.yaml"

/* A profile that is read once. */
struct source {
	struct profile *profile;
	bool read;
	int status;
};

static struct source current, machine;

static const char *profile_named(void)
{
	const char *path = arg_profile ? arg_profile : getenv("IPCCTL_PROFILE");

	return path && *path ? path : NULL;
}

/* "FILE:LINE:COLUMN: what", as compilers write it, so that editors find the place. */
static int say_errors(const char *path, const struct ydoc_errors *errors)
{
	AUTO_FREE char *name = shown(path);

	for (size_t i = 0; i < errors->len; i++)
		fail_plain(CLI_USAGE, "%s:%zu:%zu: %s", name, errors->v[i].mark.line,
			errors->v[i].mark.column, errors->v[i].text);
	if (errors->more)
		fail_plain(CLI_USAGE, "%s: %zu more errors", name, errors->more);
	return CLI_USAGE;
}

static int read_profile(struct ipc_ctx *ctx, const char *path, struct profile **ret)
{
	AUTO_YDOC_ERRORS struct ydoc_errors errors = { 0 };
	int r = profile_read(ctx, path, ret, &errors);

	if (r == 0)
		return CLI_OK;
	if (errors.len)
		return say_errors(path, &errors);
	AUTO_FREE char *name = shown(path);
	if (r == -EFBIG)
		return fail_plain(CLI_FAILED, "cannot read profile '%s': it is over 1 MiB", name);
	if (r == -EINVAL)
		return fail_plain(CLI_FAILED, "cannot read profile '%s': it is no regular file", name);
	return fail(NULL, r, "cannot read profile '%s'", name);
}

static int read_once(struct ipc_ctx *ctx, const char *path, struct source *s, const struct profile **ret)
{
	if (!s->read)
		s->status = read_profile(ctx, path, &s->profile);
	s->read = true;
	*ret = s->profile;
	return s->status;
}

int profile_current(struct ipc_ctx *ctx, const struct profile **ret)
{
	const char *path = profile_named();

	*ret = NULL;
	return path ? read_once(ctx, path, &current, ret) : CLI_OK;
}

int profile_system(struct ipc_ctx *ctx, const struct profile **ret)
{
	*ret = NULL;
	return access(SYSTEM_PROFILE, F_OK) == 0 ? read_once(ctx, SYSTEM_PROFILE, &machine, ret) : CLI_OK;
}

int profile_needed(struct ipc_ctx *ctx, const struct profile **ret)
{
	int status = profile_current(ctx, ret);

	if (status == CLI_OK && !*ret)
		return usage_error("which profile? Say -P FILE, or set IPCCTL_PROFILE");
	return status;
}

const struct profile_object *profile_operand(struct ipc_ctx *ctx, const char *text)
{
	const struct profile *p = NULL;
	const char *nearest;

	if (text[0] != '%' || profile_current(ctx, &p) != CLI_OK || !p)
		return NULL;
	return profile_find(p, text + 1, &nearest);
}

static int lookup(struct ipc_ctx *ctx, const char *word, char **ret, const char **ret_nearest)
{
	const struct profile *p = NULL;

	if (profile_current(ctx, &p) != CLI_OK)
		return -ECANCELED; /* it was told */
	const struct profile_object *o = profile_find(p, word, ret_nearest);
	if (!o)
		return -ENOENT;
	*ret = strdup(o->selector);
	return *ret ? 0 : -ENOMEM;
}

void profile_offer(struct ipc_ctx *ctx)
{
	if (profile_named())
		ctx->lookup = lookup;
}
