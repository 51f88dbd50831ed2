#include "ipc/procfds.h"

#include "ipc/io.h"
#include "ipc/procfds_text.h"
#include "ipc/procscan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { FDINFO_MAX = 64 << 10, TEXT_SIZE = PATH_MAX + 1 };

struct walk {
	struct procfds *to;
	size_t room;
	struct procfds_mounts mounts;
	pid_t asked; /* whose mountinfo was read last */
};

/* --- one descriptor --- */

/* Takes over the path. */
static int add(struct walk *w, const struct procfds_entry *entry)
{
	if (w->to->len == w->room) {
		size_t room = w->room ? 2 * w->room : 256;
		struct procfds_entry *v = reallocarray(w->to->v, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		w->to->v = v;
		w->room = room;
	}
	w->to->v[w->to->len++] = *entry;
	return 0;
}

static int read_mounts(struct walk *w, const struct procscan_process *p)
{
	AUTO_FREE char *text = NULL;
	int r = procscan_read(p, "mountinfo", MOUNTINFO_MAX, &text, NULL);

	w->asked = p->pid;
	return r < 0 ? r : procfds_mounts_add(&w->mounts, text, false);
}

/* The mount of a descriptor: the caller's own, or one of the process's own mount namespace. Returns 0 or -errno. */
static int find_mount(
	struct walk *w, const struct procscan_process *p, const char *fdinfo, struct procfds_mount *ret)
{
	AUTO_FREE char *text = NULL;
	int id, r = procscan_read(p, fdinfo, FDINFO_MAX, &text, NULL);

	if (r == 0)
		r = procfds_mnt_id(text, &id);
	if (r < 0)
		return r;
	const struct procfds_mount *mount = procfds_mount_find(&w->mounts, id);
	if (!mount && w->asked != p->pid) {
		r = read_mounts(w, p);
		mount = r < 0 ? NULL : procfds_mount_find(&w->mounts, id);
	}
	if (!mount)
		return r < 0 ? r : -ESTALE; /* a mount that was detached since */
	*ret = *mount;
	return 0;
}

/*
 * Adds the file of the descriptor if it is a FIFO. The link is followed only where that can't hang, and
 * then with what the kernel knows already.
 */
static int look_at_file(struct walk *w, const struct procscan_process *p, const char *task,
	const struct procfds_entry *found, const char *path)
{
	char fd[80], fdinfo[80];
	struct procfds_mount mount;
	struct statx st;

	snprintf(fd, sizeof(fd), "%sfd/%d", task, found->fd);
	snprintf(fdinfo, sizeof(fdinfo), "%sfdinfo/%d", task, found->fd);
	int r = find_mount(w, p, fdinfo, &mount);
	if (r < 0 || !mount.local)
		return r == -ENOMEM ? r : 0;
	if (statx(p->dirfd, fd, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) < 0)
		return 0;
	if (!S_ISFIFO(st.stx_mode))
		return 0;
	struct procfds_entry entry = *found;
	entry.dev = makedev(st.stx_dev_major, st.stx_dev_minor);
	entry.ino = st.stx_ino;
	/* A live file may be called "x (deleted)": its link count tells, and not its name. */
	if (st.stx_nlink > 0 && mount.here && !(entry.path = strdup(path)))
		return -ENOMEM;
	r = add(w, &entry);
	if (r < 0)
		free(entry.path);
	return r;
}

/* What a process that is gone meanwhile, or one descriptor less, is no error. */
static int plain_error(int error)
{
	if (error == EPERM || error == EACCES)
		return -EACCES;
	return error == ENOMEM ? -ENOMEM : 0;
}

/* Looks at one descriptor. task: "", or "task/TID/" of a thread other than the first. */
static int look_at(
	struct walk *w, const struct procscan_process *p, const char *task, int dirfd, const char *name)
{
	struct procfds_entry entry = { .pid = p->pid, .fd = (int)strtol(name, NULL, 10) };
	char text[TEXT_SIZE];
	struct stat st;
	ssize_t len = readlinkat(dirfd, name, text, sizeof(text) - 1);

	if (len < 0)
		return plain_error(errno);
	text[len] = '\0';
	enum procfds_link link = procfds_link(text, (size_t)len, &entry.ino);
	if (link == LINK_OTHER || (link == LINK_PATH && !w->to->has_fifos))
		return 0;
	/* The permissions of the link itself are how it was opened; none for O_PATH, which holds nothing. */
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return plain_error(errno);
	entry.reads = (st.st_mode & S_IRUSR) != 0;
	entry.writes = (st.st_mode & S_IWUSR) != 0;
	if (!entry.reads && !entry.writes)
		return 0;
	if (link == LINK_PATH)
		return look_at_file(w, p, task, &entry, text);
	entry.type = link == LINK_PIPE ? PROCFDS_PIPE : PROCFDS_SOCKET;
	return add(w, &entry);
}

/* --- all of them --- */

/* Returns how many descriptors there are, or -errno. */
static int look_at_all(struct walk *w, const struct procscan_process *p, const char *task)
{
	char path[80];
	int r = 0, error = 0, n = 0;

	snprintf(path, sizeof(path), "%sfd", task);
	int fd = openat(p->dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		r = plain_error(errno);
		ipc_close(&fd);
		return r;
	}
	for (struct dirent *e; r == 0 && (e = ipc_readdir(dir, &error));) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		r = look_at(w, p, task, dirfd(dir), e->d_name);
	}
	closedir(dir);
	return r < 0 ? r : n;
}

/*
 * The main thread of a process can end before the others, and then has no descriptors any more: they have.
 * Returns as look_at_all().
 */
static int look_at_threads(struct walk *w, const struct procscan_process *p)
{
	int fd = openat(p->dirfd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0, error = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char name[48];

	if (!dir) {
		r = plain_error(errno);
		ipc_close(&fd);
		return r;
	}
	for (struct dirent *e;
		r == 0 && (e = ipc_readdir(dir, &error));) { /* the first that has any: they share them */
		if (e->d_name[0] == '.' || strtol(e->d_name, NULL, 10) == p->pid)
			continue;
		snprintf(name, sizeof(name), "task/%.16s/", e->d_name);
		r = look_at_all(w, p, name);
	}
	closedir(dir);
	return r;
}

static int match(const struct procscan_process *p, void *arg)
{
	int r = look_at_all(arg, p, "");

	/* What a main thread that has ended leaves is root's: its user may look at the others all the same. */
	if (r == 0 || r == -EACCES) {
		int others = look_at_threads(arg, p);
		r = r == 0 || others != 0 ? others : r;
	}
	return r < 0 ? r : 0;
}

static int by_object(const void *a, const void *b)
{
	const struct procfds_entry *x = a, *y = b;

	if (x->type != y->type)
		return x->type > y->type ? 1 : -1;
	if (x->ino != y->ino)
		return x->ino > y->ino ? 1 : -1;
	if (x->dev != y->dev)
		return x->dev > y->dev ? 1 : -1;
	if (x->pid != y->pid)
		return x->pid > y->pid ? 1 : -1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

/* Whether /proc leaves out processes, so that it can't be counted how many are not seen. */
static bool processes_are_hidden(const struct procfds_mounts *m)
{
	if (geteuid() != 0)
		for (size_t i = 0; i < m->len; i++)
			if (m->v[i].hides && m->v[i].here)
				return true;
	return (kill(1, 0) == 0 || errno == EPERM) && access("/proc/1", F_OK) < 0;
}

static void procfds_free(struct procfds *p)
{
	for (size_t i = 0; p && i < p->len; i++)
		free(p->v[i].path);
	if (p) {
		free(p->last->command);
		free(p->last);
		free(p->v);
	}
	free(p);
}

static int gather(struct walk *w)
{
	struct procscan_matcher matcher = { .match = match, .arg = w };
	int r = procfds_own_mounts(&w->mounts);

	if (r < 0)
		return r;
	bool hidden = processes_are_hidden(&w->mounts);
	r = procscan_walk(&matcher, 1);
	w->to->unseen = matcher.unseen + hidden;
	if (w->to->len > 0)
		qsort(w->to->v, w->to->len, sizeof(*w->to->v), by_object);
	return r;
}

void procfds_forget(struct ipc_ctx *ctx)
{
	procfds_free(ctx->procfds);
	ctx->procfds = NULL;
}

static struct procfds *procfds_new(bool fifos)
{
	struct procfds *p = calloc(1, sizeof(*p));

	if (p)
		p->last = calloc(1, sizeof(*p->last));
	if (p && !p->last) {
		free(p);
		return NULL;
	}
	if (p)
		p->has_fifos = fifos;
	return p;
}

static int get(struct ipc_ctx *ctx, bool fifos, const struct procfds **ret)
{
	if (!ctx->procfds || (fifos && !ctx->procfds->has_fifos)) {
		struct walk w = { .to = procfds_new(fifos) };
		if (!w.to)
			return -ENOMEM;
		int r = gather(&w);
		procfds_mounts_clear(&w.mounts);
		if (r < 0) {
			procfds_free(w.to);
			return r;
		}
		procfds_forget(ctx);
		ctx->procfds = w.to;
	}
	*ret = ctx->procfds;
	return 0;
}

int procfds_get(struct ipc_ctx *ctx, const struct procfds **ret)
{
	return get(ctx, false, ret);
}

int procfds_get_all(struct ipc_ctx *ctx, const struct procfds **ret)
{
	return get(ctx, true, ret);
}

/* --- looking up --- */

static bool is_before(const struct procfds_entry *e, const struct procfds_entry *key)
{
	if (e->type != key->type)
		return e->type < key->type;
	return e->ino != key->ino ? e->ino < key->ino : e->dev < key->dev;
}

static bool is_of(const struct procfds_entry *e, const struct procfds_entry *key)
{
	return e->type == key->type && e->ino == key->ino && e->dev == key->dev;
}

const struct procfds_entry *procfds_find(
	const struct procfds *p, enum procfds_type type, dev_t dev, ino_t ino, size_t *ret_len)
{
	const struct procfds_entry key = { .type = type, .dev = dev, .ino = ino };
	size_t low = 0, high = p->len, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (is_before(&p->v[middle], &key))
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < p->len && is_of(&p->v[low + n], &key))
		n++;
	*ret_len = n;
	return p->v + low;
}

static const char *how(const struct procfds_entry *e, bool reads, bool writes)
{
	if (e->type == PROCFDS_SOCKET)
		return "fd";
	return reads && writes ? "read+write" : reads ? "read" : "write";
}

/* What is to be said of a process. Returns 0 or -errno: -ESRCH if it has ended meanwhile. */
static int describe(const struct procfds *p, pid_t pid, const char *word, struct ipc_holder *ret)
{
	struct ipc_holder *last = p->last;

	if (last->pid != pid) {
		struct ipc_holder fresh;
		int r = procscan_describe_pid(pid, "", &fresh);
		if (r < 0)
			return r;
		free(last->command);
		*last = fresh;
	}
	*ret = *last;
	ret->command = strdup(last->command);
	snprintf(ret->how, sizeof(ret->how), "%s", word);
	return ret->command ? 0 : -ENOMEM;
}

int procfds_holders(
	const struct procfds *p, enum procfds_type type, dev_t dev, ino_t ino, struct ipc_object *ret)
{
	size_t len;
	const struct procfds_entry *e = procfds_find(p, type, dev, ino, &len);
	struct ipc_holder *v = len ? reallocarray(ret->holders, ret->holders_len + len, sizeof(*v)) : NULL;

	if (len && !v)
		return -ENOMEM;
	if (v)
		ret->holders = v;
	for (size_t i = 0, next; i < len; i = next) {
		bool reads = false, writes = false;
		for (next = i; next < len && e[next].pid == e[i].pid; next++) {
			reads = reads || e[next].reads;
			writes = writes || e[next].writes;
		}
		int r = describe(p, e[i].pid, how(e, reads, writes), &v[ret->holders_len]);
		if (r == -ENOMEM)
			return r;
		ret->holders_len += r == 0; /* else it has ended meanwhile */
	}
	ret->holders_known = p->unseen == 0;
	return 0;
}
