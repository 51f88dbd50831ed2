/*
 * What processes have open. Links are read, and not followed but for files of file systems that answer from this
 * machine: a file of a dead network file system would hang. Source: proc(5), /proc/pid/fd.
 */
#include "ipc/holders_walk.h"
#include "ipc/io.h"
#include "ipc/mqueuefs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { FILES_KNOWN = 1024, FDINFO_SIZE = 512, TEXT_SIZE = PATH_MAX + 1, NAME_SIZE = 80 };

/* --- POSIX queues: they are open on a mount of the kernel's own --- */

static int by_ino(const void *a, const void *b)
{
	const struct holders_queue *x = a, *y = b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

static int add_queue(struct holders_walk *w, const struct dirent *e)
{
	struct holders_queue *v = reallocarray(w->queues, w->queues_len + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	w->queues = v;
	v[w->queues_len] = (struct holders_queue){ .ino = e->d_ino, .name = strdup(e->d_name) };
	if (!v[w->queues_len].name)
		return -ENOMEM;
	w->queues_len++;
	return 0;
}

/* Where they can't be listed none is recognised. */
static int list_queues(struct holders_walk *w)
{
	int fd = ipc_mqueuefs_open(w->ctx), r = 0, error = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct stat st;

	w->queues_listed = true;
	if (!dir) {
		ipc_close(&fd);
		return 0;
	}
	if (fstat(dirfd(dir), &st) == 0)
		w->queues_dev = st.st_dev;
	for (struct dirent *e; r == 0 && (e = ipc_readdir(dir, &error));)
		if (e->d_name[0] != '.' || (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0))
			r = add_queue(w, e);
	closedir(dir);
	if (w->queues_len > 0)
		qsort(w->queues, w->queues_len, sizeof(*w->queues), by_ino);
	return r;
}

/* Whether a queue of this IPC namespace has that number, and the name that the link reads. */
static int seems_queue(struct holders_walk *w, ino_t ino, const char *path)
{
	const struct holders_queue key = { .ino = ino };
	int r = strchr(path + 1, '/') || w->queues_listed ? 0 : list_queues(w);

	if (r < 0 || w->queues_len == 0)
		return r;
	const struct holders_queue *q = bsearch(&key, w->queues, w->queues_len, sizeof(key), by_ino);
	return q && strcmp(q->name, path + 1) == 0;
}

/*
 * A descriptor whose mount is in no list. If it has the name and the number of a queue it is asked what it is: another
 * file that has both is none of a server's, which numbers its own. Then the mount is known by its queues.
 */
static int find_queue_mount(struct holders_walk *w, const struct procscan_process *p,
	const struct procfds_fdinfo *info, const char *fd, const char *path, struct procfds_mount *ret)
{
	struct statx st;
	int r = seems_queue(w, info->ino, path);

	if (r <= 0)
		return r < 0 ? r : -ESTALE;
	if (statx(p->dirfd, fd, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) < 0 ||
		makedev(st.stx_dev_major, st.stx_dev_minor) != w->queues_dev)
		return -ESTALE;
	*ret = (struct procfds_mount){
		.id = info->mnt_id, .dev = w->queues_dev, .local = true, .shared = true, .numbered = true
	};
	return procfds_mounts_put(&w->mounts, ret);
}

/* --- files that were asked already --- */

static struct holders_file *file_place(struct holders_walk *w, int mnt_id, ino_t ino)
{
	uint64_t hash = ((uint64_t)ino * 0x9e3779b97f4a7c15) ^ (uint64_t)(unsigned)mnt_id;

	return w->files ? &w->files[(hash >> 16) % FILES_KNOWN] : NULL;
}

/* Many processes have the same few files open: terminals, logs, what is shared. Returns 0 or -ENOENT. */
static int known_file(struct holders_walk *w, const struct procfds_mount *mount, ino_t ino, struct statx *ret)
{
	const struct holders_file *f = file_place(w, mount->id, ino);

	if (!f || !mount->numbered || !ino || f->mnt_id != mount->id || f->st.stx_ino != ino)
		return -ENOENT;
	*ret = f->st;
	return 0;
}

/* One that has the place of another takes it. Without memory each is asked. */
static void know_file(
	struct holders_walk *w, const struct procfds_mount *mount, ino_t ino, const struct statx *st)
{
	if (!mount->numbered || st->stx_ino != ino)
		return;
	if (!w->files)
		w->files = calloc(FILES_KNOWN, sizeof(*w->files));
	struct holders_file *f = file_place(w, mount->id, ino);
	if (f)
		*f = (struct holders_file){ .mnt_id = mount->id, .st = *st };
}

/* --- one descriptor --- */

static enum holders_type type_of(const struct statx *st)
{
	return S_ISFIFO(st->stx_mode) ? HELD_FIFO : HELD_FILE;
}

static int add_file(struct holders_walk *w, const struct holders_entry *found, const struct statx *st,
	const struct procfds_mount *mount, const char *path)
{
	struct holders_entry entry = *found;

	entry.type = type_of(st);
	entry.dev = makedev(st->stx_dev_major, st->stx_dev_minor);
	entry.ino = st->stx_ino;
	entry.unlinked = st->stx_nlink == 0;
	/* A live file may be called "x (deleted)": its link count tells, and not its name. */
	if (st->stx_nlink > 0 && mount->here && !(entry.path = strdup(path)))
		return -ENOMEM;
	return holders_walk_add(w, &entry);
}

static int ask_file(struct holders_walk *w, const struct procscan_process *p, const char *task,
	const struct procfds_fdinfo *info, const struct holders_entry *found, const char *path)
{
	char fd[NAME_SIZE];
	struct procfds_mount mount;
	struct statx st;

	snprintf(fd, sizeof(fd), "%sfd/%d", task, found->fd);
	int r = holders_walk_mount(w, p, info->mnt_id, 0, &mount);
	if (r == -ESTALE)
		r = find_queue_mount(w, p, info, fd, path, &mount);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || !mount.local)
		return holders_walk_unsure(w, r < 0 ? 0 : mount.dev, info->ino);
	if (mount.dev == w->internal)
		return 0;
	if (known_file(w, &mount, info->ino, &st) < 0) {
		if (statx(p->dirfd, fd, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) < 0)
			return holders_walk_error(errno); /* or it was closed */
		know_file(w, &mount, info->ino, &st);
	}
	/* What this process itself has open it has to look at it. */
	if (S_ISREG(st.stx_mode) && p->pid == w->self)
		return 0;
	if (!S_ISFIFO(st.stx_mode) && !(S_ISREG(st.stx_mode) && holders_walk_is_shared(w, &mount)))
		return 0;
	return add_file(w, found, &st, &mount, path);
}

static int look_at_file(struct holders_walk *w, const struct procscan_process *p, const char *task,
	struct holders_entry *found, const char *path)
{
	char name[NAME_SIZE], text[FDINFO_SIZE];
	struct procfds_fdinfo info;

	snprintf(name, sizeof(name), "%sfdinfo/%d", task, found->fd);
	ssize_t n = holders_walk_read(p, name, text, sizeof(text));
	if (n < 0)
		return holders_walk_error((int)-n);
	if (procfds_fdinfo(text, &info) < 0 || info.flags & O_PATH) /* O_PATH holds nothing */
		return 0;
	int mode = (int)info.flags & O_ACCMODE;
	found->reads = mode == O_RDONLY || mode == O_RDWR;
	found->writes = mode == O_WRONLY || mode == O_RDWR;
	return ask_file(w, p, task, &info, found, path);
}

/* The permissions of the link itself are how it was opened; none for O_PATH, which holds nothing. */
static int look_at_pipe(struct holders_walk *w, int dirfd, const char *name, struct holders_entry *found)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return holders_walk_error(errno);
	found->reads = (st.st_mode & S_IRUSR) != 0;
	found->writes = (st.st_mode & S_IWUSR) != 0;
	return found->reads || found->writes ? holders_walk_add(w, found) : 0;
}

static int look_at(struct holders_walk *w, const struct procscan_process *p, const char *task, int dirfd,
	const char *name)
{
	struct holders_entry entry = { .pid = p->pid, .how = HOW_FD, .fd = (int)strtol(name, NULL, 10) };
	char text[TEXT_SIZE];
	ssize_t len = readlinkat(dirfd, name, text, sizeof(text) - 1);

	if (len < 0)
		return holders_walk_error(errno);
	text[len] = '\0';
	enum procfds_link link = procfds_link(text, (size_t)len, &entry.ino);
	if (link == LINK_PATH)
		return w->sources & HOLDERS_FILES ? look_at_file(w, p, task, &entry, text) : 0;
	if (link == LINK_OTHER || !(w->sources & (link == LINK_PIPE ? HOLDERS_FDS : HOLDERS_SOCKETS)))
		return 0;
	if (link == LINK_PIPE) {
		entry.type = HELD_PIPE;
		return look_at_pipe(w, dirfd, name, &entry);
	}
	entry.type = HELD_SOCKET;
	entry.reads = entry.writes = true; /* a socket can't be opened as anything else */
	return holders_walk_add(w, &entry);
}

/* --- all of them --- */

struct table {
	struct holders_walk *w;
	const struct procscan_process *p;
	const char *task; /* "task/TID/", or "" */
	bool any;
};

static int look_at_one(int dirfd, const char *name, void *arg)
{
	struct table *t = arg;

	t->any = true;
	return look_at(t->w, t->p, t->task, dirfd, name);
}

/* Returns 1 if there is one, 0, or -errno. */
static int look_at_all(struct holders_walk *w, const struct procscan_process *p, const char *task)
{
	struct table t = { .w = w, .p = p, .task = task };
	char path[NAME_SIZE];

	snprintf(path, sizeof(path), "%sfd", task);
	int r = holders_walk_dir(p, path, look_at_one, &t);
	return r < 0 ? r : t.any;
}

int holders_look_at_fds(struct holders_walk *w, const struct procscan_process *p)
{
	return holders_walk_tables(w, p, look_at_all);
}
