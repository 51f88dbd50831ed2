#include "ipc/nspace.h"

#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/mqueuefs.h"
#include "ipc/nspace_text.h"
#include "ipc/procscan.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { TEXT_MAX = 4 << 20 };

/* --- finding --- */

struct entry {
	ino_t ino;
	pid_t pid;
	uint64_t start; /* of the oldest process: no later one of that number is meant */
	char *path;     /* without a process: where it is mounted; owned */
};

struct entries {
	ino_t own;
	struct entry *v; /* owned */
	size_t len;
};

static void entries_clear(struct entries *e)
{
	for (size_t i = 0; i < e->len; i++)
		free(e->v[i].path);
	free(e->v);
}

#define AUTO_ENTRIES __attribute__((cleanup(entries_clear), unused))

/* The namespace that a process is in. Returns 0 or -errno: -ESRCH, -EACCES. */
static int ino_of(int procdir, ino_t *ret)
{
	struct stat st;

	if (fstatat(procdir, "ns/ipc", &st, 0) == 0) {
		*ret = st.st_ino;
		return 0;
	}
	return errno == ENOENT ? -ESRCH : errno == EPERM ? -EACCES : -errno;
}

static struct entry *entry_of(struct entries *e, ino_t ino)
{
	for (size_t i = 0; i < e->len; i++)
		if (e->v[i].ino == ino)
			return &e->v[i];
	struct entry *v = reallocarray(e->v, e->len + 1, sizeof(*v));
	if (!v)
		return NULL;
	e->v = v;
	v[e->len] = (struct entry){ .ino = ino, .start = UINT64_MAX };
	return &v[e->len++];
}

static int match(const struct procscan_process *p, void *arg)
{
	struct entries *e = arg;
	uint64_t start = 0;
	ino_t ino = 0;
	int r = ino_of(p->dirfd, &ino);

	if (r < 0 || ino == e->own)
		return r;
	r = procscan_start_time(p, &start);
	if (r < 0)
		return r;
	struct entry *entry = entry_of(e, ino);
	if (!entry)
		return -ENOMEM;
	if (start < entry->start) { /* of two in one tick the first to be found stays */
		entry->start = start;
		entry->pid = p->pid;
	}
	return 0;
}

/* Those that no process is in, and that somebody keeps by a mount of their file: namespaces(7). */
static int find_mounted(struct entries *e)
{
	AUTO_FREE char *text = NULL;
	struct nspace_mount m;
	int r = ipc_read_file(AT_FDCWD, "/proc/self/mountinfo", TEXT_MAX, &text, NULL);

	for (const char *rest = text; r == 0 && nspace_mount_next(&rest, &m);) {
		if (!m.ipcns || m.ipcns == e->own)
			continue;
		struct entry *entry = entry_of(e, m.ipcns);
		if (!entry)
			return -ENOMEM;
		if (entry->pid || entry->path)
			continue;
		entry->path = nspace_mount_path(&m);
		r = entry->path ? 0 : -ENOMEM;
	}
	return r == -ENOMEM ? r : 0;
}

static int by_start(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->start != y->start ? (x->start > y->start) - (x->start < y->start)
				    : (x->pid > y->pid) - (x->pid < y->pid);
}

/* The namespaces beside that of this process, the oldest first. */
static int find(ino_t own, struct entries *ret, size_t *ret_unseen)
{
	AUTO_ENTRIES struct entries e = { .own = own };
	struct procscan_matcher matcher = { .match = match, .arg = &e };
	int r = procscan_walk(&matcher, 1);

	if (r == 0)
		r = find_mounted(&e);
	if (r < 0)
		return r == -ENOENT ? -ENOSYS : r;
	if (e.len > 0)
		qsort(e.v, e.len, sizeof(*e.v), by_start);
	*ret = e;
	e = (struct entries){ 0 }; /* the caller owns it now */
	*ret_unseen = matcher.unseen;
	return 0;
}

/* --- a process's /dev --- */

/* Nothing that a process put into its root directory leads out of it, or anywhere else. */
static int open_below(int root, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static int check_shm(int procdir, int shm)
{
	AUTO_FREE char *theirs = NULL, *ours = NULL;
	struct statx st;
	int r;

	if (statx(shm, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0)
		return -errno;
	if (!(st.stx_mask & STATX_MNT_ID))
		return -ENOSYS;
	r = ipc_read_file(procdir, "mountinfo", TEXT_MAX, &theirs, NULL);
	if (r == 0)
		r = ipc_read_file(AT_FDCWD, "/proc/self/mountinfo", TEXT_MAX, &ours, NULL);
	if (r < 0)
		return r;
	dev_t dev = makedev(st.stx_dev_major, st.stx_dev_minor);
	return nspace_is_shm(theirs, ours, (unsigned)st.stx_mnt_id, dev) ? 0 : -EMEDIUMTYPE;
}

static int open_shm(int procdir, int root)
{
	AUTO_CLOSE int shm = open_below(root, "dev/shm");
	int r = shm < 0 ? shm : check_shm(procdir, shm);

	if (r < 0)
		return r;
	r = shm;
	shm = -1; /* the caller owns it now */
	return r;
}

/* --- going there and back --- */

static void nspace_free(struct nspace *ns)
{
	if (!ns)
		return;
	ipc_close(&ns->home);
	ipc_close(&ns->shm);
	ipc_close(&ns->mqueue);
	free(ns->container);
	free(ns);
}

static void nspace_freep(struct nspace **ns)
{
	nspace_free(*ns);
}

#define AUTO_NSPACE __attribute__((cleanup(nspace_freep), unused))

static int open_process(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : errno == ENOENT ? -ESRCH : -errno;
}

/*
 * Its file, if that is one: what was mounted there may be covered by something else, as a FIFO, which is not to be opened, or
 * what a server has.
 */
static int open_mounted(const char *path, ino_t ino)
{
	struct stat st, own;
	char place[FD_PATH_SIZE];
	AUTO_CLOSE int fd = ipc_open_cached(AT_FDCWD, path, O_PATH | O_NOFOLLOW, 0);

	if (fd < 0 || ipc_stat_cached(fd, &st) < 0 || stat("/proc/self/ns/ipc", &own) < 0)
		return fd == -EACCES ? -EACCES : -ESRCH;
	if (st.st_dev != own.st_dev || st.st_ino != ino)
		return -ESRCH;
	ipc_fd_path(fd, place);
	int result = open(place, O_RDONLY | O_CLOEXEC);
	return result < 0 ? -errno : result;
}

static int open_namespace(const struct entry *entry, int procdir)
{
	if (entry->path)
		return open_mounted(entry->path, entry->ino);
	int fd = openat(procdir, "ns/ipc", O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : errno == ENOENT ? -ESRCH : errno == EPERM ? -EACCES : -errno;
}

static int find_way_back(struct nspace *ns)
{
	ns->home = open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC);
	return ns->home < 0 ? -errno : 0;
}

/* Without a process it has no /dev, and is known by its place. */
static int prepare_mounted(const char *path, struct nspace *ns)
{
	ns->shm = ns->mqueue = -ENOENT;
	ns->container = ipc_escape_dup(path, strlen(path), 0);
	return ns->container ? find_way_back(ns) : -ENOMEM;
}

/* What is to be had of the process before its namespace is entered: it can't change or vanish then. */
static int prepare(int procdir, struct nspace *ns)
{
	AUTO_CLOSE int root = openat(procdir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FREE char *groups = NULL;

	if (root < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	ns->shm = open_shm(procdir, root);
	ns->mqueue = open_below(root, "dev/mqueue");
	if (ipc_read_file(procdir, "cgroup", TEXT_MAX, &groups, NULL) == 0)
		ns->container = nspace_container(groups);
	return find_way_back(ns);
}

/* to_return: only if there is a way back. */
static int go(int nsfd, const struct nspace *ns, bool to_return)
{
	if (!ns->foreign)
		return 0;
	if (to_return && setns(ns->home, CLONE_NEWIPC) < 0)
		return -errno;
	return setns(nsfd, CLONE_NEWIPC) < 0 ? -errno : 0;
}

/* Who has a queue open can be seen only from within its namespace (holders_fds.c): then the walk has to be made again. */
static bool has_queues(struct ipc_ctx *ctx)
{
	int fd = ipc_mqueuefs_open(ctx), error = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int entries = 0;

	if (!dir) {
		ipc_close(&fd);
		return false;
	}
	while (ipc_readdir(dir, &error))
		entries++;
	closedir(dir);
	return entries > 2; /* beside . and .. */
}

/* The namespace that was found, not one that the process has entered since. */
static int enter(struct ipc_ctx *ctx, const struct entry *entry, bool to_return)
{
	AUTO_CLOSE int procdir = entry->path ? -1 : open_process(entry->pid);
	AUTO_NSPACE struct nspace *ns = calloc(1, sizeof(*ns));
	struct stat st;

	if (!ns)
		return -ENOMEM;
	*ns = (struct nspace){ .pid = entry->pid, .home = -1, .shm = -EBADF, .mqueue = -EBADF };
	if (procdir < 0 && !entry->path)
		return procdir;
	AUTO_CLOSE int nsfd = open_namespace(entry, procdir);
	if (nsfd < 0 || fstat(nsfd, &st) < 0)
		return nsfd < 0 ? nsfd : -errno;
	if (entry->ino && entry->ino != st.st_ino)
		return -ESRCH;
	ns->ino = st.st_ino;
	ns->foreign = ns->ino != nspace_ino(ctx);
	int r = entry->path ? prepare_mounted(entry->path, ns) : prepare(procdir, ns);
	if (r == 0)
		r = go(nsfd, ns, to_return);
	if (r < 0)
		return r;
	ctx->ns = ns;
	ns = NULL; /* the context owns it now */
	if (ctx->holders && ctx->ns->foreign && has_queues(ctx))
		holders_forget(ctx);
	return 0;
}

int nspace_enter(struct ipc_ctx *ctx, pid_t pid)
{
	const struct entry entry = { .pid = pid };
	int r = nspace_leave(ctx);

	return r < 0 ? r : enter(ctx, &entry, false);
}

int nspace_leave(struct ipc_ctx *ctx)
{
	if (!ctx->ns)
		return 0;
	if (ctx->holders && ctx->ns->foreign && has_queues(ctx))
		holders_forget(ctx);
	if (ctx->ns->foreign && setns(ctx->ns->home, CLONE_NEWIPC) < 0)
		return -errno;
	nspace_free(ctx->ns);
	ctx->ns = NULL;
	return 0;
}

/* --- all of them --- */

/* The file systems that were seen at /dev/shm. */
struct devices {
	dev_t *v; /* owned */
	size_t len;
};

/* Whether the directory is on one of them; adds it if not. Returns 1, 0 or -errno. */
static int seen_before(struct devices *d, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	for (size_t i = 0; i < d->len; i++)
		if (d->v[i] == st.st_dev)
			return 1;
	dev_t *v = reallocarray(d->v, d->len + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	d->v = v;
	v[d->len++] = st.st_dev;
	return 0;
}

/* By another process, if the first one has ended. Returns -ESRCH if there is none any more. */
static int enter_by_any(struct ipc_ctx *ctx, const struct entries *all, const struct entry *entry)
{
	int r = enter(ctx, entry, true);
	size_t unseen;

	if (r != -ESRCH)
		return r;
	AUTO_ENTRIES struct entries now = { 0 };
	int found = find(all->own, &now, &unseen);
	if (found < 0)
		return found;
	for (size_t i = 0; i < now.len; i++)
		if (now.v[i].ino == entry->ino)
			return enter(ctx, &now.v[i], true);
	return -ESRCH;
}

static int visit(struct ipc_ctx *ctx, const struct entries *all, const struct entry *entry,
	struct devices *devices, nspace_fn *fn, void *arg)
{
	const struct nspace unentered = { .ino = entry->ino, .pid = entry->pid };
	int r = enter_by_any(ctx, all, entry);

	if (r == -ESRCH)
		return 0;
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return fn(ctx, &unentered, r, arg);
	r = seen_before(devices, ctx->ns->shm);
	if (r == 1) {
		ipc_close(&ctx->ns->shm);
		ctx->ns->shm = -ENOENT;
	}
	if (r >= 0)
		r = fn(ctx, ctx->ns, 0, arg);
	int back = nspace_leave(ctx);
	return back < 0 ? back : r;
}

int nspace_visit_all(struct ipc_ctx *ctx, nspace_fn *fn, void *arg, size_t *ret_unseen)
{
	AUTO_ENTRIES struct entries all = { 0 };
	AUTO_CLOSE int own_shm = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct devices devices = { 0 };
	int r = nspace_leave(ctx);

	if (r == 0)
		r = find(nspace_ino(ctx), &all, ret_unseen);
	if (r == 0)
		r = seen_before(&devices, own_shm);
	for (size_t i = 0; r >= 0 && i < all.len; i++)
		r = visit(ctx, &all, &all.v[i], &devices, fn, arg);
	free(devices.v);
	return r;
}

/* --- the one that is worked in --- */

ino_t nspace_ino(struct ipc_ctx *ctx)
{
	struct stat st;

	if (ctx->ns)
		return ctx->ns->ino;
	if (ctx->own_ns == 0 && stat("/proc/self/ns/ipc", &st) == 0)
		ctx->own_ns = st.st_ino;
	return ctx->own_ns;
}

int nspace_describe(struct ipc_ctx *ctx, struct ipc_object *o)
{
	char *container = ctx->ns && ctx->ns->container ? strdup(ctx->ns->container) : NULL;

	if (!container && ctx->ns && ctx->ns->container)
		return -ENOMEM;
	free(o->container);
	o->container = container;
	o->ns = nspace_ino(ctx);
	o->ns_pid = ctx->ns ? ctx->ns->pid : 0;
	return 0;
}

static int reopen(int fd)
{
	if (fd < 0)
		return fd;
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return again < 0 ? -errno : again;
}

int nspace_shm(const struct nspace *ns)
{
	return reopen(ns->shm);
}

int nspace_mqueue(const struct nspace *ns)
{
	return reopen(ns->mqueue);
}
