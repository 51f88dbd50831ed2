/* Unnamed pipes, which only the processes that have them open can reach. Source: pipe(7). */
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/limits.h"
#include "ipc/timefmt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static int pipe_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	const struct holders *h;
	int r = holders_get(ctx, HOLDERS_FDS, &h);

	for (size_t i = 0; r >= 0 && i < h->len; i++) {
		const struct holders_entry *e = &h->v[i];
		struct ipc_selector sel = { .kind = kind, .form = FORM_INO, .number = (int64_t)e->ino };
		if (e->type == HELD_PIPE && (i == 0 || e[-1].type != e->type || e[-1].ino != e->ino))
			r = fn(&sel, arg);
	}
	return r;
}

/*
 * What the pipe's own inode tells, through the descriptor of a process that has it: asking is no opening, and no
 * server has to answer. That process may have put something else there meanwhile.
 */
static void ask_inode(const struct holders_entry *e, struct ipc_object *ret)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)e->pid, e->fd);
	if (stat(path, &st) < 0 || !S_ISFIFO(st.st_mode) || st.st_ino != e->ino)
		return;
	int64_t read = ipc_time_ns(st.st_atim), written = ipc_time_ns(st.st_mtim);
	ipc_object_set(ret, FIELD_UID, st.st_uid);
	ipc_object_set(ret, FIELD_GID, st.st_gid);
	ipc_object_set(ret, FIELD_MODE, st.st_mode & 07777);
	ipc_object_set(ret, FIELD_LAST_USED, read > written ? read : written);
}

static int pipe_stat(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	static const enum ipc_field_id unknown[] = { FIELD_UID, FIELD_GID, FIELD_MODE, FIELD_SIZE,
		FIELD_USED };
	const struct holders *h;
	size_t len;

	(void)want;
	int r = holders_get(ctx, HOLDERS_FDS, &h);

	if (r < 0)
		return r;
	const struct holders_entry *e = holders_find(h, HELD_PIPE, 0, (ino_t)sel->number, &len);
	if (len == 0)
		return -ENOENT;
	ret->ino = e->ino;
	/* How much it can hold, and holds, is told to who opens it alone, and that another side would notice. */
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		ret->common[unknown[i]].have = HAVE_UNKNOWN;
	ask_inode(e, ret);
	return ipc_selector_copy(&ret->selector, sel);
}

static int pipe_holders(struct ipc_ctx *ctx, struct ipc_object *o)
{
	return holders_of(ctx, HOLDERS_FDS, HELD_PIPE, 0, o->ino, o);
}

static void pipe_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	(void)ctx, (void)object;
	ret->held = ipc_fact_of(ANSWER_YES, "a process has it open");
}

static const struct ipc_hint hints[] = {
	{ EMFILE, "no descriptor is left to this process: raise its limit with 'ulimit -n N'", NULL,
		"pipe pipe2", BIT(LIMIT_NOFILE) },
	{ ENFILE,
		"the whole machine has too many files open, sysctl fs.file-max=N, or this user has all of "
		"fs.pipe-user-pages-hard",
		NULL, "pipe pipe2", BIT(LIMIT_FILE_MAX) | BIT(LIMIT_PIPE_HARD) },
	{ EPERM,
		"a pipe is made larger than fs.pipe-max-size, or this user has all of "
		"fs.pipe-user-pages-soft, by "
		"root alone",
		NULL, "fcntl F_SETPIPE_SZ", BIT(LIMIT_PIPE_SOFT) | BIT(LIMIT_PIPE_HARD) },
	{ EOPNOTSUPP, "an unnamed pipe goes when the last process closes it" },
	{ 0 },
};

static const struct ipc_kind_ops ops = {
	.list = pipe_list, .stat = pipe_stat, .holders = pipe_holders, .facts = pipe_facts
};

const struct ipc_kind ipc_kind_pipe = {
	.class = "pipe",
	.api = "posix",
	.label = "unnamed pipe",
	.noun = "pipe",
	.forms = BIT(FORM_INO),
	.list_sources = HOLDERS_FDS,
	.holder_sources = HOLDERS_FDS,
	.hidden = true,
	.hints = hints,
	.ops = &ops,
};
