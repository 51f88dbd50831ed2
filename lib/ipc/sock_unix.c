/* Unix sockets: paths, abstract names, and those without a name. Source: unix(7). */
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/limits.h"
#include "ipc/overlay.h"
#include "ipc/pathfile.h"
#include "ipc/sockaddr.h"
#include "ipc/sockdiag.h"
#include "ipc/sockfields.h"
#include "ipc/sockfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* --- which there are --- */

static int name_abstract(
	const struct ipc_kind *kind, const struct sockdiag_unix *s, ipc_name_fn *fn, void *arg)
{
	struct ipc_selector sel = { .kind = kind, .form = FORM_ABSTRACT, .name_len = s->name_len - 1 };
	char name[SOCKDIAG_NAME_MAX + 1];

	memcpy(name, s->name + 1, s->name_len); /* with the NUL behind it */
	sel.name = name;
	return fn(&sel, arg);
}

static int name_inode(const struct ipc_kind *kind, const struct sockdiag_unix *s, ipc_name_fn *fn, void *arg)
{
	struct ipc_selector sel = { .kind = kind, .form = FORM_INO, .number = (int64_t)s->ino };

	return fn(&sel, arg);
}

static int name_path(const struct ipc_kind *kind, char *path, ipc_name_fn *fn, void *arg)
{
	struct ipc_selector sel = { .kind = kind, .form = FORM_PATH, .name = path, .name_len = strlen(path) };

	return fn(&sel, arg);
}

static bool same_name(const struct sockdiag_unix *a, const struct sockdiag_unix *b)
{
	return a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0;
}

/* Sockets of different types may have one abstract name: it is listed once. */
static int list_abstract(const struct sockdiag *d, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < d->abstracts_len; i++)
		if (i == 0 || !same_name(d->abstracts[i - 1], d->abstracts[i]))
			r = name_abstract(kind, d->abstracts[i], fn, arg);
	return r;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_files(const struct sockfiles *files, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	AUTO_FREE char **paths = calloc(files->len + 1, sizeof(*paths));
	int r = paths ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < files->len; i++)
		paths[i] = files->v[i].path;
	if (r == 0)
		qsort(paths, files->len, sizeof(*paths), by_path);
	for (size_t i = 0; r >= 0 && i < files->len; i++)
		r = name_path(kind, paths[i], fn, arg);
	return r;
}

/* The files of sockets, dead ones too, and, if everything is asked for, what no name leads to. */
static int list_others(struct ipc_ctx *ctx, const struct sockdiag *d, const struct ipc_kind *kind,
	ipc_name_fn *fn, void *arg)
{
	AUTO_SOCKFILES struct sockfiles files = { 0 };
	int error = sockfiles_find(ctx, d, &files), r = error == -ENOSYS ? 0 : error;

	if (r == 0)
		r = list_files(&files, kind, fn, arg);
	for (size_t i = 0; ctx->all && d && r >= 0 && i < d->unixes_len; i++) {
		const struct sockdiag_unix *s = &d->unixes[i];
		bool named = sockdiag_is_bound(s) && (sockdiag_is_abstract(s) || sockfiles_has(&files, s));
		if (!named && s->ino) /* a connection that waits to be accepted has none yet */
			r = name_inode(kind, s, fn, arg);
	}
	return r < 0 ? r : error;
}

static int unix_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	const struct sockdiag *d = NULL;
	int error = sockdiag_unix_all(ctx, &d), r = 0;

	if (error == 0)
		r = list_abstract(d, kind, fn, arg);
	if (r >= 0)
		r = list_others(ctx, d, kind, fn, arg);
	return r < 0 ? r : error;
}

/* --- one of them --- */

static int set_peer(const struct sockdiag_unix *s, struct ipc_object *o)
{
	const struct ipc_selector peer = {
		.kind = o->selector.kind, .form = FORM_INO, .number = (int64_t)s->peer
	};
	AUTO_FREE char *text = s->peer ? ipc_selector_format(&peer) : NULL;

	if (s->peer && !text)
		return -ENOMEM;
	return text ? ipc_object_set_text(o, SOCKFIELD_PEER, text) : 0;
}

/* What the kernel's list tells of a socket; o has its selector already. */
static int describe(struct ipc_ctx *ctx, const struct sockdiag_unix *s, unsigned want, struct ipc_object *o)
{
	int r = sockfields_set_type(o, s->type);

	if (r == 0)
		r = set_peer(s, o);
	if (r < 0)
		return r;
	if (s->queues)
		sockfields_set_queues(o, s->listens, s->received, s->sent);
	if (o->selector.form != FORM_PATH) {
		o->ino = s->ino;
		o->common[FIELD_UID] = (struct ipc_value){ s->uid_known ? HAVE_VALUE : HAVE_UNKNOWN, s->uid };
	}
	return want & WANT_HOLDERS ? sockfields_set_holders(ctx, o, s->ino, sockdiag_is_bound(s)) : 0;
}

static int stat_path(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	const struct sockdiag *d = NULL;
	int r = pathfile_stat(sel, S_IFSOCK, ret);

	if (r < 0)
		return r;
	ret->common[FIELD_LAST_USED] =
		(struct ipc_value){ 0 }; /* using a socket leaves no trace on its file */
	if (sockdiag_unix_all(ctx, &d) < 0) {
		ret->extra[SOCKFIELD_TYPE].have = HAVE_UNKNOWN;
		return 0;
	}
	const struct sockdiag_unix *s = sockdiag_unix_of_file(d, ret->dev, ret->ino);
	return s ? describe(ctx, s, want, ret) : 0;
}

static int stat_listed(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	struct ipc_selector shown = *sel; /* the name is not ours */
	const struct sockdiag *d;
	int r = sockdiag_unix_all(ctx, &d);

	if (r == 0 && sel->form != FORM_ABSTRACT)
		r = sockfields_inode(ctx, sel, &shown);
	if (r < 0)
		return r;
	const struct sockdiag_unix *s = sel->form == FORM_ABSTRACT
		? sockdiag_unix_of_name(d, sel->name, sel->name_len)
		: sockdiag_unix_find(d, (ino_t)shown.number);
	if (!s)
		return -ENOENT;
	r = ipc_selector_copy(&ret->selector, &shown);
	return r < 0 ? r : describe(ctx, s, want, ret);
}

static int unix_stat(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	return sel->form == FORM_PATH ? stat_path(ctx, sel, want, ret) : stat_listed(ctx, sel, want, ret);
}

/* --- how it is connected --- */

/* A connection that was accepted has the name of its server. */
static const struct sockdiag_unix *find_server(const struct sockdiag *d, const struct sockdiag_unix *s)
{
	if (s->listens || sockdiag_is_bound(s))
		return NULL;
	if (s->bound_file)
		return sockdiag_unix_of_file(d, s->dev, s->file_ino);
	return sockdiag_is_abstract(s) ? sockdiag_unix_of_name(d, s->name + 1, s->name_len - 1) : NULL;
}

static int unix_links(struct ipc_ctx *ctx, const struct ipc_object *o, struct ipc_links *ret)
{
	const struct sockdiag_unix *s;
	const struct sockdiag *d;
	int r = sockdiag_unix_all(ctx, &d);

	if (r < 0)
		return r;
	if (o->selector.form == FORM_PATH)
		s = sockdiag_unix_of_file(d, o->dev, o->ino);
	else if (o->selector.form == FORM_ABSTRACT)
		s = sockdiag_unix_of_name(d, o->selector.name, o->selector.name_len);
	else
		s = sockdiag_unix_find(d, o->ino);
	if (!s)
		return -ENOENT;
	const struct sockdiag_unix *server = find_server(d, s);
	*ret = (struct ipc_links){
		.self = s->ino, .peer = s->peer, .server = server ? server->ino : 0, .listens = s->listens
	};
	return 0;
}

/* --- whether anybody has it --- */

/* The file may not be connected to; but who is bound to it is no secret within one network namespace. */
static void facts_of_denied(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	const struct sockdiag *d;

	if (sockdiag_unix_all(ctx, &d) == 0 && sockdiag_unix_of_file(d, object->dev, object->ino)) {
		ret->held = ipc_fact_of(ANSWER_YES, "the kernel lists a socket that is bound to it");
		return;
	}
	ret->held = ipc_fact_of(ANSWER_UNKNOWN,
		"it may not be connected to, so the kernel can't be asked whether a process is bound to it");
}

static void facts_of_file(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	enum sock_condition condition = SOCK_DENIED;
	int r = sock_probe_at(AT_FDCWD, object->selector.name, &condition);

	if (r < 0 || condition == SOCK_DENIED || condition == SOCK_ABSENT) {
		facts_of_denied(ctx, object, ret);
	} else if (condition == SOCK_LIVE) {
		ret->held =
			ipc_fact_of(ANSWER_YES, "a process is bound to it: the kernel finds a socket there");
	} else if (overlay_shows(object->selector.name)) {
		ret->held = ipc_fact_of(ANSWER_UNKNOWN,
			"an overlay mount shows it elsewhere, where a process may be bound to it");
	} else if (overlay_is_remote(object->selector.name)) {
		ret->held = ipc_fact_of(ANSWER_UNKNOWN,
			"other machines may have this file system, too: a process there may be bound to it");
	} else {
		ret->held =
			ipc_fact_of(ANSWER_NO, "no process is bound to it: the kernel refuses a connection");
		ret->spent = ipc_fact_of(ANSWER_YES,
			"nobody can bind to a file that is there, so it can't come to life again");
	}
}

static void unix_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	if (object->selector.form == FORM_PATH) {
		facts_of_file(ctx, object, ret);
		return;
	}
	ret->held =
		ipc_fact_of(ANSWER_YES, "a socket without a file is there as long as somebody has it open");
}

/* --- changing --- */

static int ask_whether_dead(int dirfd, const char *name, void *arg)
{
	enum sock_condition condition;
	int r = sock_probe_at(dirfd, name, &condition);

	(void)arg;
	if (r == 0 && condition == SOCK_STALE)
		return 0;
	return r == 0 && condition == SOCK_LIVE ? -EBUSY : -EADDRINUSE;
}

static int unix_remove(struct ipc_ctx *ctx, const struct ipc_object *object, bool force)
{
	(void)ctx;
	return pathfile_remove(object, force ? NULL : ask_whether_dead, NULL);
}

static int unix_set_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode)
{
	(void)ctx;
	return object->selector.form == FORM_PATH ? pathfile_set_mode(object, mode) : -EOPNOTSUPP;
}

static int unix_set_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	(void)ctx;
	return object->selector.form == FORM_PATH ? pathfile_set_owner(object, uid, gid) : -EOPNOTSUPP;
}

static int unix_await_change(struct ipc_ctx *ctx, const struct ipc_selector *sel,
	enum ipc_condition condition, struct ipc_deadline deadline)
{
	(void)ctx;
	return sel->form == FORM_PATH ? pathfile_await(sel, condition, deadline) : -EAGAIN;
}

static const struct ipc_hint hints[] = {
	{ EMFILE, "no descriptor is left to this process: raise its limit with 'ulimit -n N'", NULL,
		"socket socketpair accept accept4", BIT(LIMIT_NOFILE) },
	{ ENFILE, "the whole machine has too many files open: sysctl fs.file-max=N", NULL,
		"socket socketpair accept accept4", BIT(LIMIT_FILE_MAX) },
	{ EAGAIN, "the server accepts too slowly: its backlog is full", ipc_hint_never, "connect",
		BIT(LIMIT_BACKLOG) },
	{ ETOOMANYREFS,
		"descriptors that were sent and not received count too: 'ulimit -n N' raises their limit",
		NULL, "sendmsg", BIT(LIMIT_NOFILE) },
	{ EOPNOTSUPP, "a socket without a file goes when the last process closes it" },
	{ ECONNREFUSED,
		"nobody serves it: 'ipcctl stat' tells whether a file was left behind, and 'sock connect "
		"--wait' waits" },
	{ EMEDIUMTYPE, "the file of this name is no socket" },
	{ ELOOP,
		"the last part of the path is a symbolic link, which is not followed: name the socket "
		"itself" },
	{ 0 },
};

static const struct ipc_kind_ops ops = {
	.list = unix_list,
	.stat = unix_stat,
	.facts = unix_facts,
	.asks_kernel = true,
	.links = unix_links,
	.remove = unix_remove,
	.set_mode = unix_set_mode,
	.set_owner = unix_set_owner,
	.await_change = unix_await_change,
};

const struct ipc_kind ipc_kind_sock_unix = {
	.class = "sock",
	.api = "posix",
	.label = "Unix socket",
	.noun = "socket",
	.forms = BIT(FORM_PATH) | BIT(FORM_ABSTRACT) | BIT(FORM_INO) | BIT(FORM_FD) | BIT(FORM_SYSTEMD),
	.list_sources = HOLDERS_SOCKETS,
	.holder_sources = HOLDERS_SOCKETS,
	.fields = sockfields,
	.hints = hints,
	.ops = &ops,
};
