#include "ipc/dirwalk.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* LEVELS: a file in the directory itself is on the first. ENTRIES: for each directory that is searched. */
enum { LEVELS = 4, ENTRIES = 500 * 1000 };

/* Which directory it is, and on which mount. */
struct place {
	dev_t dev;
	ino_t ino;
	bool mount_known;
	uint64_t mount;
};

/* A directory that is searched. */
struct root {
	struct place place;
	const char *path;
	int fd;
};

struct walk {
	struct dirwalk *found;
	size_t room;
	struct root *roots;
	size_t roots_len;
	size_t budget;
	char path[PATH_MAX];
	size_t path_len;
};

/* What may not be read, or is gone meanwhile, is left out; any other error is one of the list. */
static void note(struct walk *w, int error)
{
	static const int usual[] = { -EACCES, -EPERM, -ENOENT, -ENOTDIR, -ELOOP, -ESTALE };

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (error == usual[i])
			return;
	if (w->found->error == 0)
		w->found->error = error;
}

/* Without setting off an automount, and without asking the server of what is mounted there: either could hang. */
static int look(int dirfd, const char *name, struct place *ret, mode_t *ret_mode)
{
	struct statx st;
	int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC | AT_EMPTY_PATH;

	if (statx(dirfd, name, flags, STATX_TYPE | STATX_INO | STATX_MNT_ID, &st) < 0)
		return -errno;
	*ret = (struct place){ .dev = makedev(st.stx_dev_major, st.stx_dev_minor),
		.ino = st.stx_ino,
		.mount_known = (st.stx_mask & STATX_MNT_ID) != 0, /* Linux 5.8 */
		.mount = st.stx_mnt_id };
	*ret_mode = st.stx_mode;
	return 0;
}

static bool same_directory(const struct place *a, const struct place *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

static bool same_mount(const struct place *a, const struct place *b)
{
	return a->dev == b->dev && (!a->mount_known || !b->mount_known || a->mount == b->mount);
}

static int add(struct walk *w, mode_t mode, const struct place *place)
{
	struct dirwalk *found = w->found;

	if (found->len == w->room) {
		size_t room = w->room ? 2 * w->room : 64;
		struct dirwalk_entry *v = reallocarray(found->v, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		found->v = v;
		w->room = room;
	}
	char *path = strdup(w->path);
	if (!path)
		return -ENOMEM;
	found->v[found->len++] = (struct dirwalk_entry){ mode & S_IFMT, place->dev, place->ino, path };
	return 0;
}

/* Appends a name to the path. Returns false if that would be no path any more. */
static bool path_push(struct walk *w, const char *name)
{
	size_t len = strlen(name), slash = w->path_len > 0 && w->path[w->path_len - 1] != '/';

	if (w->path_len + slash + len >= sizeof(w->path))
		return false;
	if (slash)
		w->path[w->path_len++] = '/';
	memcpy(w->path + w->path_len, name, len + 1);
	w->path_len += len;
	return true;
}

static bool is_root(const struct walk *w, const struct place *place)
{
	for (size_t i = 0; i < w->roots_len; i++)
		if (same_directory(&w->roots[i].place, place))
			return true;
	return false;
}

static int walk_directory(struct walk *w, int fd, const struct place *here, int levels);

/*
 * A directory below: if it is still what was looked at, and no root, which has a walk of its own. Not opened before that is
 * known: another may be mounted there by now.
 */
static int enter(struct walk *w, int parent, const char *name, const struct place *seen, int levels)
{
	struct place place;
	mode_t mode;

	if (levels == 0 || is_root(w, seen))
		return 0;
	AUTO_CLOSE int fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r = fd < 0 ? -errno : look(fd, "", &place, &mode);
	if (r == 0 && (!same_directory(seen, &place) || !same_mount(seen, &place)))
		return 0;
	int directory = r < 0 ? r : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (directory < 0) {
		note(w, r < 0 ? r : -errno);
		return 0;
	}
	return walk_directory(w, directory, &place, levels);
}

static int take(struct walk *w, int dirfd, const struct dirent *e, const struct place *here, int levels)
{
	struct place place;
	mode_t mode;
	size_t before = w->path_len;
	int r = 0;

	if (e->d_type != DT_FIFO && e->d_type != DT_SOCK && e->d_type != DT_DIR && e->d_type != DT_UNKNOWN)
		return 0;
	if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
		return 0;
	int looked = look(dirfd, e->d_name, &place, &mode);
	if (looked < 0)
		note(w, looked);
	if (looked < 0 || !same_mount(here, &place))
		return 0;
	if (path_push(w, e->d_name)) {
		if (S_ISFIFO(mode) || S_ISSOCK(mode))
			r = add(w, mode, &place);
		else if (S_ISDIR(mode))
			r = enter(w, dirfd, e->d_name, &place, levels - 1);
	}
	w->path_len = before;
	w->path[before] = '\0';
	return r;
}

/* fd: taken over. */
static int walk_directory(struct walk *w, int fd, const struct place *here, int levels)
{
	DIR *dir = fdopendir(fd);
	int r = 0, unreadable = 0;

	if (!dir) {
		r = -errno;
		ipc_close(&fd);
		return r;
	}
	for (struct dirent *e; r == 0 && (e = ipc_readdir(dir, &unreadable));) {
		if (w->budget == 0) {
			w->found->cut = true;
			break;
		}
		w->budget--;
		r = take(w, dirfd(dir), e, here, levels);
	}
	if (unreadable < 0)
		note(w, unreadable);
	closedir(dir);
	return r;
}

/* Opens those of the directories that are not the same as an earlier one. */
static void open_roots(struct walk *w, const char *const *dirs)
{
	for (size_t i = 0; dirs[i]; i++) {
		struct place place;
		mode_t mode;
		/* The directory itself may be a link: it was chosen by whoever asks. */
		AUTO_CLOSE int fd = open(dirs[i], O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
		int r = fd < 0 ? -errno : look(fd, "", &place, &mode);
		if (r < 0)
			note(w, r);
		if (r < 0 || is_root(w, &place))
			continue;
		w->roots[w->roots_len++] = (struct root){ place, dirs[i], fd };
		fd = -1; /* the walk owns it now */
	}
}

static int walk_roots(struct walk *w)
{
	int r = 0;

	for (size_t i = 0; i < w->roots_len; i++) {
		struct root *root = &w->roots[i];
		w->budget = ENTRIES;
		w->path_len = 0;
		if (strchr("/.", *root->path) == NULL)
			path_push(w, "."); /* what is found is to read as a path: not "tcp:" */
		if (r == 0 && path_push(w, root->path))
			r = walk_directory(w, root->fd, &root->place, LEVELS);
		else
			ipc_close(&root->fd);
	}
	return r;
}

static int walk(const char *const *dirs, struct dirwalk *ret)
{
	struct walk w = { .found = ret };
	size_t count = 0;

	while (dirs && dirs[count])
		count++;
	if (count == 0)
		return 0;
	AUTO_FREE struct root *roots = calloc(count, sizeof(*roots));
	if (!roots)
		return -ENOMEM;
	w.roots = roots;
	open_roots(&w, dirs);
	return walk_roots(&w);
}

int dirwalk_get(struct ipc_ctx *ctx, const struct dirwalk **ret)
{
	if (!ctx->dirwalk) {
		struct dirwalk *found = calloc(1, sizeof(*found));
		int r = found ? walk(ctx->dirs, found) : -ENOMEM;
		if (r < 0) {
			dirwalk_free(found);
			return r;
		}
		ctx->dirwalk = found;
	}
	*ret = ctx->dirwalk;
	return 0;
}

void dirwalk_free(struct dirwalk *w)
{
	for (size_t i = 0; w && i < w->len; i++)
		free(w->v[i].path);
	if (w)
		free(w->v);
	free(w);
}
