#include "ipc/holders_walk.h"

#include "ipc/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { SMALL = 512 };

/* --- what is found --- */

int holders_walk_add(struct holders_walk *w, const struct holders_entry *entry)
{
	if (w->to->len == w->room) {
		size_t room = w->room ? 2 * w->room : 256;
		struct holders_entry *v = reallocarray(w->to->v, room, sizeof(*v));
		if (!v) {
			free(entry->path);
			return -ENOMEM;
		}
		w->to->v = v;
		w->room = room;
	}
	w->to->v[w->to->len++] = *entry;
	return 0;
}

int holders_walk_unsure(struct holders_walk *w, dev_t dev, ino_t ino)
{
	if (w->to->unsure_len == w->unsure_room) {
		size_t room = w->unsure_room ? 2 * w->unsure_room : 64;
		struct holders_unsure *v = reallocarray(w->to->unsure, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		w->to->unsure = v;
		w->unsure_room = room;
	}
	w->to->unsure[w->to->unsure_len++] = (struct holders_unsure){ .ino = ino, .dev = dev };
	return 0;
}

/* --- reading --- */

int holders_walk_error(int error)
{
	if (error == EPERM || error == EACCES)
		return -EACCES;
	/* What was not seen for want of these is there all the same. */
	return error == ENOMEM || error == EMFILE || error == ENFILE ? -error : 0;
}

ssize_t holders_walk_read(const struct procscan_process *p, const char *name, char *buf, size_t size)
{
	AUTO_CLOSE int fd = openat(p->dirfd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (n < 0)
		return errno == EPERM ? -EACCES : errno == ENOENT ? -ESRCH : -errno;
	buf[n] = '\0';
	return n;
}

ino_t holders_walk_ipcns(const struct procscan_process *p, const char *prefix)
{
	char name[TASK_PREFIX_SIZE + 8];
	struct stat st;

	snprintf(name, sizeof(name), "%sns/ipc", prefix);
	return fstatat(p->dirfd, name, &st, 0) < 0 ? 0 : st.st_ino;
}

/* A directory has a link for each directory in it. Source: proc_task_getattr() in fs/proc/base.c. */
static bool has_one_thread(const struct procscan_process *p)
{
	enum { LINKS_OF_ITS_OWN = 2 };
	struct stat st;

	return fstatat(p->dirfd, "task", &st, 0) == 0 && st.st_nlink == LINKS_OF_ITS_OWN + 1;
}

/* What ends it: 0 if the process has gone. */
static int end_of_directory(int error)
{
	int r = error ? holders_walk_error(-error) : 0;

	return r == 0 && error && error != -ENOENT && error != -ESRCH ? -EACCES : r;
}

int holders_walk_dir(const struct procscan_process *p, const char *name, holders_dir_fn *fn, void *arg)
{
	int r = 0, error = 0, fd = openat(p->dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		r = holders_walk_error(errno);
		ipc_close(&fd);
		return r;
	}
	for (struct dirent *e; r == 0 && (e = ipc_readdir(dir, &error));)
		if (e->d_name[0] != '.')
			r = fn(dirfd(dir), e->d_name, arg);
	closedir(dir);
	return r ? r : end_of_directory(error);
}

struct threads {
	struct holders_walk *w;
	const struct procscan_process *p;
	holders_thread_fn *fn;
};

static int one_thread(int dirfd, const char *name, void *arg)
{
	const struct threads *t = arg;
	char prefix[TASK_PREFIX_SIZE];

	(void)dirfd;
	if (strtol(name, NULL, 10) == t->p->pid)
		return 0;
	snprintf(prefix, sizeof(prefix), "task/%.16s/", name);
	return t->fn(t->w, t->p, prefix);
}

int holders_walk_threads(struct holders_walk *w, const struct procscan_process *p, holders_thread_fn *fn)
{
	struct threads t = { w, p, fn };

	return has_one_thread(p) ? 0 : holders_walk_dir(p, "task", one_thread, &t);
}

/*
 * A thread can have a table of its own: unshare(2), CLONE_FILES. Where the kernel does not say that it has one that was
 * looked at it is looked at, too.
 */
static int own_table(struct holders_walk *w, const struct procscan_process *p, const char *prefix)
{
	pid_t tid = (pid_t)strtol(prefix + strlen("task/"), NULL, 10);
	bool same = w->table_of && syscall(SYS_kcmp, w->table_of, tid, KCMP_FILES, 0, 0) == 0;
	int r = same ? 0 : w->table(w, p, prefix);

	if (r > 0 && !w->table_of)
		w->table_of = tid;
	return r < 0 ? r : 0;
}

int holders_walk_tables(struct holders_walk *w, const struct procscan_process *p, holders_thread_fn *fn)
{
	int r = fn(w, p, "");

	w->table = fn;
	w->table_of = r > 0 ? p->pid : 0;
	if (r < 0 && r != -EACCES)
		return r;
	/*
	 * The main thread of a process can end before the others, and then has no descriptors any more: they have. What
	 * it leaves is root's: its user may look at the others all the same.
	 */
	int others = holders_walk_threads(w, p, own_table);
	return r >= 0 || others < 0 || w->table_of ? others : r;
}

/* --- mounts --- */

/* What the kernel keeps to itself: the mount of a file without a name in any directory tells. */
static int add_internal(struct holders_walk *w)
{
	AUTO_CLOSE int fd = memfd_create("", MFD_CLOEXEC);
	AUTO_CLOSE int huge = memfd_create("", MFD_CLOEXEC | MFD_HUGETLB);
	struct procscan_process self = { .dirfd = AT_FDCWD };
	char path[64], text[SMALL];
	struct procfds_fdinfo info;
	struct stat st;

	if (huge >= 0 && fstat(huge, &st) == 0)
		w->huge = st.st_dev;
	w->internal = makedev(0, 1); /* as it is since there is such a thing */
	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	w->internal = st.st_dev;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (holders_walk_read(&self, path, text, sizeof(text)) < 0 || procfds_fdinfo(text, &info) < 0)
		return 0;
	return procfds_mounts_put(
		&w->mounts, &(struct procfds_mount){ .id = info.mnt_id, .dev = st.st_dev, .local = true });
}

/*
 * The mount namespace that a process is in, if what it sees is all of it: its root is where the namespace begins, as seen
 * from here. Else 0.
 */
static ino_t mount_namespace(const struct procscan_process *p)
{
	char root[4];
	struct stat st;
	ssize_t n = readlinkat(p->dirfd, "root", root, sizeof(root));

	if (n != 1 || root[0] != '/' || fstatat(p->dirfd, "ns/mnt", &st, 0) < 0)
		return 0;
	return st.st_ino;
}

static int remember(struct holders_walk *w, ino_t namespace)
{
	ino_t *v = reallocarray(w->asked, w->asked_len + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	w->asked = v;
	v[w->asked_len++] = namespace;
	return 0;
}

int holders_walk_mounts(struct holders_walk *w)
{
	struct procscan_process self = { .dirfd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC) };
	struct stat st;
	int r = procfds_own_mounts(&w->mounts);

	w->self = getpid();
	ino_t namespace = self.dirfd < 0 ? 0 : mount_namespace(&self);

	ipc_close(&self.dirfd);
	if (r == 0 && namespace)
		r = remember(w, namespace);
	if (r == 0)
		r = add_internal(w);
	if (stat("/dev/shm", &st) == 0)
		w->shm_dev = st.st_dev;
	return r;
}

static bool was_asked(const struct holders_walk *w, ino_t namespace)
{
	for (size_t i = 0; i < w->asked_len; i++)
		if (w->asked[i] == namespace)
			return true;
	return false;
}

/* Reads the mounts that the process sees, unless that was done. Returns 0 or -errno. */
static int ask_mounts(struct holders_walk *w, const struct procscan_process *p)
{
	AUTO_FREE char *text = NULL;
	ino_t namespace = w->asked_own ? 0 : mount_namespace(p);

	if (w->asked_own || (namespace && was_asked(w, namespace)))
		return 0;
	w->asked_own = true;
	int r = procscan_read(p, "mountinfo", MOUNTINFO_MAX, &text, NULL);
	if (r == 0)
		r = procfds_mounts_add(&w->mounts, text, false);
	return r == 0 && namespace ? remember(w, namespace) : r;
}

static const struct procfds_mount *find_mount(const struct holders_walk *w, int id, dev_t dev)
{
	return id < 0 ? procfds_mount_of(&w->mounts, dev) : procfds_mount_find(&w->mounts, id);
}

int holders_walk_mount(struct holders_walk *w, const struct procscan_process *p, int id, dev_t dev,
	struct procfds_mount *ret)
{
	const struct procfds_mount *mount = find_mount(w, id, dev);
	int r = mount ? 0 : ask_mounts(w, p);

	if (!mount && r == 0)
		mount = find_mount(w, id, dev);
	if (!mount)
		return r == -ENOMEM ? r : -ESTALE; /* also of a process whose main thread has ended */
	*ret = *mount;
	return 0;
}

bool holders_walk_is_shared(const struct holders_walk *w, const struct procfds_mount *mount)
{
	return mount->shared || (w->shm_dev && mount->dev == w->shm_dev);
}

void holders_walk_clear(struct holders_walk *w)
{
	procfds_mounts_clear(&w->mounts);
	for (size_t i = 0; i < w->queues_len; i++)
		free(w->queues[i].name);
	free(w->queues);
	free(w->ranges);
	free(w->files);
	free(w->asked);
}
