#include "cli/common.h"

#include "cli/limit_error.h"
#include "cli/units.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int64_t arg_timeout = WAIT_FOREVER;
static bool arg_nonblock, create_given;
bool arg_exclusive, arg_create, arg_wait;
struct ipc_attrs arg_attrs;

const struct opt wait_opts[] = {
	{ OPT_DURATION, 't', "timeout", "DURATION", "Give up a wait after this time",
		{ .nsec = &arg_timeout } },
	{ OPT_FLAG, 0, "nonblock", NULL, "Fail rather than wait", { .flag = &arg_nonblock } },
	{ 0 },
};

const struct opt exist_opts[] = {
	{ OPT_FLAG, 0, "wait", NULL, "Wait until the object exists", { .flag = &arg_wait } },
	{ 0 },
};

const struct opt create_opts[] = {
	{ OPT_ATTR, 'm', .to = { .attrs = &arg_attrs }, .attr = ATTR_MODE },
	{ OPT_ATTR, 0, .to = { .attrs = &arg_attrs }, .attr = ATTR_UID },
	{ OPT_FLAG, 'x', "exclusive", NULL, "Fail if the object exists", { .flag = &arg_exclusive } },
	{ 0 },
};

const struct opt make_opts[] = {
	{ OPT_FLAG, 0, "create", NULL, "Create the object first if it is not there", { .flag = &arg_create },
		.given = &create_given },
	{ 0 },
};

int64_t cli_wait_ns(void)
{
	return arg_nonblock ? 0 : arg_timeout;
}

struct ipc_deadline cli_deadline(void)
{
	return ipc_deadline_in(cli_wait_ns());
}

int cli_selector(
	struct ipc_ctx *ctx, const char *text, const char *class, unsigned flags, struct ipc_selector *ret)
{
	struct ipc_selector_error error = { 0 };
	int r = ipc_selector_parse(ctx, text, class ? class : cli_class, flags, ret, &error);

	return r < 0 ? fail_selector(r, text, &error) : CLI_OK;
}

/* An attribute as its option takes it. */
static const char *attr_text(enum ipc_attr attr, uint64_t value, char text[UNITS_TEXT_MAX])
{
	snprintf(text, UNITS_TEXT_MAX, ipc_attr_descs[attr].unit == UNIT_MODE ? "%04" PRIo64 : "%" PRIu64,
		value);
	return text;
}

static int say_mismatches(
	const char *name, const struct ipc_kind *kind, const struct ipc_mismatch *m, size_t len)
{
	char wanted[UNITS_TEXT_MAX], found[UNITS_TEXT_MAX];

	for (size_t i = 0; i < len; i++)
		fail_plain(CLI_FAILED, "%s '%s' exists with %s %s, not %s", kind->noun, name,
			ipc_attr_descs[m[i].attr].name,
			attr_text(m[i].attr, (uint64_t)m[i].found.number, found),
			attr_text(m[i].attr, m[i].wanted, wanted));
	return CLI_FAILED;
}

/* An attribute that this kind has not (the value of --queue-bytes for a POSIX queue), or ATTR_COUNT. */
static enum ipc_attr foreign_attr(const struct ipc_kind *kind)
{
	for (unsigned i = 0; i < ATTR_COUNT; i++)
		if (ipc_attr_given(&arg_attrs, i) && !(kind->attrs & BIT(i)))
			return i;
	return ATTR_COUNT;
}

void hint_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *dir = slash && slash > path ? strndup(path, (size_t)(slash - path)) : NULL;
	struct stat st;

	if (!dir || stat(dir, &st) == 0 || errno != ENOENT)
		return;
	AUTO_FREE char *name = shown(dir);
	hint("there is no directory '%s'", name);
}

static int create(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, const char *text, struct ipc_selector *ret)
{
	struct ipc_mismatch mismatches[ATTR_COUNT];
	size_t len = 0;
	AUTO_FREE char *name = shown(text);
	enum ipc_attr foreign = foreign_attr(sel->kind);

	if (foreign != ATTR_COUNT)
		return usage_error(
			"--%s: a %s has no such attribute", ipc_attr_descs[foreign].name, sel->kind->label);
	int r = ipc_create(ctx, sel, &arg_attrs, arg_exclusive, ret, mismatches, &len);
	if (r == -EEXIST && len > 0)
		return say_mismatches(name, sel->kind, mismatches, len);
	if (r == 1 && ctx->ledger_error < 0 && cli_verbose)
		warn("that '%s' was made here could not be noted: %s", name, strerror(-ctx->ledger_error));
	if (r >= 0)
		return CLI_OK;
	const struct ipc_hint *help = ipc_kind_hint_of(sel->kind, r, &arg_attrs);
	int status = fail(NULL, r, "cannot create %s '%s'", sel->kind->noun, name);
	if (help)
		hint("%s", help->text);
	if (r == -ENOENT && sel->form == FORM_PATH)
		hint_directory(sel->name);
	if (help && help->limits)
		limit_hint(ctx, help->limits);
	return status;
}

static bool same_name(const struct ipc_selector *a, const struct ipc_selector *b)
{
	AUTO_FREE char *x = ipc_selector_format(a), *y = ipc_selector_format(b);

	return x && y && strcmp(x, y) == 0;
}

int cli_create(struct ipc_ctx *ctx, const char *text, const char *class)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 }, made = { 0 };
	int r = cli_selector(ctx, text, class, SELECTOR_CREATE, &sel);

	if (r == CLI_OK)
		r = create(ctx, &sel, text, &made);
	if (r != CLI_OK || same_name(&sel, &made))
		return r;
	AUTO_FREE char *name = ipc_selector_format(&made);
	return name && puts(name) >= 0 ? CLI_OK : fail(NULL, -ENOMEM, "cannot print the name of '%s'", text);
}

static int wait_until_there(struct ipc_ctx *ctx, const struct ipc_selector *sel, const char *text)
{
	AUTO_FREE char *name = shown(text);
	int r = ipc_wait(ctx, sel, CONDITION_EXISTS, cli_deadline());

	return r < 0 ? fail(sel->kind, r, "waited for %s '%s' to exist", sel->kind->noun, name) : CLI_OK;
}

/* What says how an object is made does nothing where none is. (arg_create may be about another operand.) */
static int check_create(void)
{
	if (create_given)
		return CLI_OK;
	if (arg_exclusive)
		return usage_error("--exclusive needs --create");
	for (unsigned i = 0; i < ATTR_COUNT; i++)
		if (ipc_attr_given(&arg_attrs, i))
			return usage_error("--%s needs --create", ipc_attr_descs[i].name);
	return CLI_OK;
}

int cli_existing(struct ipc_ctx *ctx, const char *text, const char *class, struct ipc_selector *ret)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	int r = check_create();

	if (r == CLI_OK)
		r = cli_selector(ctx, text, class, arg_create ? SELECTOR_CREATE : 0, &sel);
	if (r == CLI_OK && arg_create) {
		AUTO_SELECTOR struct ipc_selector made = { 0 };
		r = create(ctx, &sel, text, &made);
		if (r == CLI_OK) {
			*ret = made;
			made = (struct ipc_selector){ 0 }; /* the caller owns it now */
		}
		return r;
	}
	if (r == CLI_OK && arg_wait)
		r = wait_until_there(ctx, &sel, text);
	if (r == CLI_OK) {
		*ret = sel;
		sel = (struct ipc_selector){ 0 }; /* the caller owns it now */
	}
	return r;
}
