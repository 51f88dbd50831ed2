#include "ipc/sockfiles.h"

#include "ipc/claim.h"
#include "ipc/dirwalk.h"
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/procfds_text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEARCH_MAX = 10000 }; /* entries of one directory that are looked through for a renamed file */

/* --- the list --- */

static int by_ino(const void *a, const void *b)
{
	uint32_t x = (uint32_t)((const struct sockfile *)a)->ino,
		 y = (uint32_t)((const struct sockfile *)b)->ino;

	return (x > y) - (x < y);
}

/* Takes over the path. */
static int add(struct sockfiles *files, dev_t dev, ino_t ino, char *path)
{
	if (files->len == files->room) {
		size_t room = files->room ? 2 * files->room : 64;
		struct sockfile *v = reallocarray(files->v, room, sizeof(*v));
		if (!v) {
			free(path);
			return -ENOMEM;
		}
		files->v = v;
		files->room = room;
	}
	files->v[files->len++] = (struct sockfile){ dev, ino, path };
	return 0;
}

/* Whether one of the first len, which are in order, is the file. */
static bool is_among(const struct sockfiles *files, size_t len, const struct sockdiag_unix *s)
{
	const struct sockfile key = { .ino = s->file_ino };
	const struct sockfile *at = len > 0 ? bsearch(&key, files->v, len, sizeof(key), by_ino) : NULL;

	if (!at || !s->bound_file)
		return false;
	while (at > files->v && by_ino(at - 1, &key) == 0)
		at--;
	for (; at < files->v + len && by_ino(at, &key) == 0; at++)
		if (sockdiag_is_file(s, at->dev, at->ino))
			return true;
	return false;
}

bool sockfiles_has(const struct sockfiles *files, const struct sockdiag_unix *s)
{
	return is_among(files, files->len, s);
}

void sockfiles_clear(struct sockfiles *files)
{
	for (size_t i = 0; i < files->len; i++)
		free(files->v[i].path);
	free(files->v);
	*files = (struct sockfiles){ 0 };
}

/* --- where a file is --- */

/* Adds directory/name if that is the file. Returns 1, 0 if it is not, or -ENOMEM. */
static int try_name(
	struct sockfiles *files, const struct sockdiag_unix *s, const char *directory, const char *name)
{
	AUTO_FREE char *path = NULL;
	struct stat st;

	if (asprintf(&path, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	AUTO_CLOSE int fd = ipc_open_cached(AT_FDCWD, path, O_PATH | O_NOFOLLOW, 0);
	if (fd < 0 || ipc_stat_cached(fd, &st) < 0 || !S_ISSOCK(st.st_mode) ||
		!sockdiag_is_file(s, st.st_dev, st.st_ino))
		return 0;
	int r = add(files, st.st_dev, st.st_ino, path);
	path = NULL; /* the list owns it now */
	return r < 0 ? r : 1;
}

/* Looks for the file by its inode: it was renamed. */
static int search(struct sockfiles *files, const struct sockdiag_unix *s, const char *directory)
{
	AUTO_CLOSE int at = ipc_open_cached(AT_FDCWD, directory, O_PATH | O_DIRECTORY, 0);
	bool here = at >= 0 && procfds_fd_is_local(files->mounts, at);
	int fd = here ? openat(at, ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC) : -1;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int r = 0;

	if (!dir) {
		ipc_close(&fd);
		return 0;
	}
	for (int n = 0; r == 0 && n < SEARCH_MAX && (e = readdir(dir)); n++)
		if ((uint32_t)e->d_ino == s->file_ino && (e->d_type == DT_SOCK || e->d_type == DT_UNKNOWN))
			r = try_name(files, s, directory, e->d_name);
	closedir(dir);
	return r;
}

/* Looks for the file at path, or where a file that was bound there is by now. */
static int try_path(struct sockfiles *files, const struct sockdiag_unix *s, const char *path)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (!slash || (size_t)(slash - path) >= sizeof(directory))
		return 0;
	snprintf(directory, sizeof(directory), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	int r = try_name(files, s, directory, slash + 1);
	const char *final = claim_final_name(slash + 1);
	if (r == 0 && final)
		r = try_name(files, s, directory, final);
	return r == 0 ? search(files, s, directory) : r;
}

static ssize_t read_link(const char *path, char text[static PATH_MAX])
{
	ssize_t n = readlink(path, text, PATH_MAX - 1);

	if (n < 0 || text[0] != '/')
		return -1;
	text[n] = '\0';
	return n;
}

/* "/proc/self/fd/N/REST": the N, and where REST begins; or NULL. */
static const char *through_descriptor(const char *name, int *ret)
{
	static const char prefix[] = "/proc/self/fd/";
	char *end;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	long fd = strtol(name + sizeof(prefix) - 1, &end, 10);
	if (end == name + sizeof(prefix) - 1 || *end != '/' || fd < 0 || fd > INT_MAX)
		return NULL;
	*ret = (int)fd;
	return end + 1;
}

/* A name that means something to the process alone that has the socket: its directory is asked for there. */
static int try_holder(struct sockfiles *files, const struct sockdiag_unix *s, const char *name, pid_t pid)
{
	char link[64], directory[PATH_MAX];
	AUTO_FREE char *path = NULL;
	int fd = -1;
	const char *rest = through_descriptor(name, &fd);

	if (rest)
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)pid, fd);
	else
		snprintf(link, sizeof(link), "/proc/%d/cwd", (int)pid);
	if (read_link(link, directory) < 0)
		return 0;
	if (asprintf(&path, "%s/%s", directory, rest ? rest : name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	return try_path(files, s, path);
}

static int try_holders(
	struct ipc_ctx *ctx, struct sockfiles *files, const struct sockdiag_unix *s, const char *name)
{
	const struct holders *h;
	size_t len = 0;
	int r = holders_get(ctx, HOLDERS_SOCKETS, &h);
	const struct holders_entry *e = r < 0 ? NULL : holders_find(h, HELD_SOCKET, 0, s->ino, &len);

	for (size_t i = 0; r == 0 && i < len; i++)
		if (i == 0 || e[i].pid != e[i - 1].pid)
			r = try_holder(files, s, name, e[i].pid);
	return r == -ENOMEM ? r : 0;
}

static int find(struct ipc_ctx *ctx, struct sockfiles *files, const struct sockdiag_unix *s)
{
	const char *name = (const char *)s->name;
	int fd, r;

	if (name[0] != '/' || through_descriptor(name, &fd))
		r = try_holders(ctx, files, s, name);
	else
		r = try_path(files, s, name);
	return r < 0 ? r : 0;
}

/* Adds the files that were not found in a directory. Those of a server that may be dead are not looked for: that could hang. */
static int find_others(struct ipc_ctx *ctx, const struct sockdiag *d, struct sockfiles *ret)
{
	struct procfds_mounts mounts = { 0 };
	size_t found = ret->len;
	int r = procfds_own_mounts(&mounts);

	ret->mounts = &mounts;
	for (size_t i = 0; r == 0 && i < d->unixes_len; i++) {
		const struct sockdiag_unix *s = &d->unixes[i];
		if (s->bound_file && s->name_len > 0 && sockdiag_is_bound(s) && !is_among(ret, found, s) &&
			procfds_is_local(&mounts, s->dev))
			r = find(ctx, ret, s);
	}
	ret->mounts = NULL;
	procfds_mounts_clear(&mounts);
	return r;
}

int sockfiles_find(struct ipc_ctx *ctx, const struct sockdiag *d, struct sockfiles *ret)
{
	const struct dirwalk *w;
	int r = dirwalk_get(ctx, &w);

	for (size_t i = 0; r == 0 && i < w->len; i++) {
		if (w->v[i].type != S_IFSOCK)
			continue;
		char *path = strdup(w->v[i].path);
		r = path ? add(ret, w->v[i].dev, w->v[i].ino, path) : -ENOMEM;
	}
	if (ret->len > 0)
		qsort(ret->v, ret->len, sizeof(*ret->v), by_ino);
	if (d && r == 0)
		r = find_others(ctx, d, ret);
	if (ret->len > 0)
		qsort(ret->v, ret->len, sizeof(*ret->v), by_ino);
	return r;
}
