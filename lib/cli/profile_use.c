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

/* The same object by an absolute path, where it is one of a path; without following what the last name is. */
static int absolute(const struct ipc_selector *sel, struct ipc_selector *ret)
{
	int r = ipc_selector_copy(ret, sel);

	if (r < 0 || sel->form != FORM_PATH)
		return r;
	const char *slash = strrchr(sel->name, '/');
	AUTO_FREE char *dir = slash ? strndup(sel->name, (size_t)(slash - sel->name) + 1) : strdup(".");
	AUTO_FREE char *real = dir ? realpath(dir, NULL) : NULL;
	char *path = NULL;
	if (!real) /* what leads nowhere names nothing that could be removed */
		return 0;
	if (asprintf(&path, "%s/%s", strcmp(real, "/") == 0 ? "" : real, slash ? slash + 1 : sel->name) < 0)
		return -ENOMEM;
	free(ret->name);
	ret->name = path;
	ret->name_len = strlen(path);
	return 0;
}

const char *profile_layout_named(struct ipc_ctx *ctx, const char *name)
{
	const struct profile *p = NULL;

	return profile_current(ctx, &p) == CLI_OK && p ? profile_layout(p, name) : NULL;
}

const char *profile_layout_of(struct ipc_ctx *ctx, const char *operand)
{
	const struct profile_object *o = profile_operand(ctx, operand);

	return o && o->layout ? profile_layout_named(ctx, o->layout) : NULL;
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

/* The profile that protects an object, or NULL. */
static const struct profile *protector(struct ipc_ctx *ctx, const struct ipc_selector *sel)
{
	const struct profile *all[2] = { NULL, NULL };
	AUTO_SELECTOR struct ipc_selector whole = { 0 };

	/* Patterns of files are absolute. */
	if (absolute(sel, &whole) < 0)
		return NULL;
	profile_system(ctx, &all[0]);
	profile_current(ctx, &all[1]);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		for (size_t k = 0; all[i] && k < all[i]->protect_len; k++)
			if (ipc_selector_match(&all[i]->protect[k], &whole))
				return all[i];
	return NULL;
}

/* A profile that can't be read may protect anything. */
static bool protects(struct ipc_ctx *ctx, const struct ipc_selector *sel)
{
	const struct profile *p;

	return profile_system(ctx, &p) != CLI_OK || profile_current(ctx, &p) != CLI_OK || protector(ctx, sel);
}

int profile_say_protected(struct ipc_ctx *ctx, const struct ipc_object *o, const char *name)
{
	const struct profile *p = protector(ctx, &o->selector);
	AUTO_FREE char *path = shown(p ? p->path : "?");

	if (!p)
		return fail_plain(CLI_FAILED, "cannot remove %s '%s': what is protected can't be read",
			o->selector.kind->noun, name);
	fail_plain(CLI_FAILED, "cannot remove %s '%s': it is protected by '%s'", o->selector.kind->noun, name,
		path);
	hint("who may change that file can lift the protection");
	return CLI_FAILED;
}

void profile_offer(struct ipc_ctx *ctx)
{
	ctx->protects = protects;
	if (profile_named())
		ctx->lookup = lookup;
}
