/* What processes have mapped and attached. Source: proc(5), /proc/pid/maps. */
#include "ipc/holders_walk.h"
#include "ipc/io.h"
#include "ipc/procmaps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MAPS_MAX = 256 << 20 };

/*
 * Whether the file has no name any more. Root can ask through the mapping. Else the text tells, unless a name ends
 * like that: if the file is there under all of it, that is its name.
 */
static bool is_unlinked(
	const struct procscan_process *p, const struct procmaps_line *line, const struct procfds_mount *mount)
{
	char name[64], path[PATH_MAX];
	struct statx st;

	if (!procmaps_seems_deleted(line))
		return false;
	snprintf(name, sizeof(name), "map_files/%llx-%llx", (unsigned long long)line->from,
		(unsigned long long)line->to);
	if (statx(p->dirfd, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) == 0)
		return st.stx_nlink == 0;
	if (!mount->here || line->path_len >= sizeof(path))
		return true;
	memcpy(path, line->path, line->path_len);
	path[line->path_len] = '\0';
	struct stat there;
	AUTO_CLOSE int fd = ipc_open_cached(AT_FDCWD, path, O_PATH | O_NOFOLLOW, 0);
	return fd < 0 || ipc_stat_cached(fd, &there) < 0 || there.st_dev != line->dev ||
		there.st_ino != line->ino;
}

static int add_range(struct holders_walk *w, const struct procmaps_line *line)
{
	if (w->ranges_len == w->ranges_room) {
		size_t room = w->ranges_room ? 2 * w->ranges_room : 16;
		struct holders_range *v = reallocarray(w->ranges, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		w->ranges = v;
		w->ranges_room = room;
	}
	w->ranges[w->ranges_len++] = (struct holders_range){ line->from, line->to, line->dev, line->ino };
	return 0;
}

static int add_file(struct holders_walk *w, const struct procscan_process *p,
	const struct procmaps_line *line, const struct procfds_mount *mount)
{
	struct holders_entry *last = w->to->len > w->first ? &w->to->v[w->to->len - 1] : NULL;
	struct holders_entry entry = { .type = HELD_FILE,
		.how = HOW_MAP,
		.dev = line->dev,
		.ino = line->ino,
		.pid = p->pid,
		.fd = -1,
		.size = line->to - line->from };
	int r = add_range(w, line);

	if (r < 0)
		return r;
	if (last && last->how == HOW_MAP && last->dev == line->dev && last->ino == line->ino) {
		last->size += entry.size;
		return 0;
	}
	entry.unlinked = is_unlinked(p, line, mount);
	return holders_walk_add(w, &entry);
}

/* One entry for each: the kernel counts them alike. */
static int add_segment(struct holders_walk *w, const struct procscan_process *p,
	const struct procmaps_line *line, ino_t ipcns)
{
	return holders_walk_add(w,
		&(struct holders_entry){ .type = HELD_SYSV_SHM,
			.how = HOW_ATTACH,
			.dev = (dev_t)ipcns,
			.ino = line->ino,
			.pid = p->pid,
			.fd = -1,
			.size = line->to - line->from });
}

static int look_at_line(struct holders_walk *w, const struct procscan_process *p, const char *prefix,
	const struct procmaps_line *line)
{
	struct procfds_mount mount;

	if (line->path_len == 0 || line->path[0] != '/')
		return 0;
	if (w->internal && (line->dev == w->internal || line->dev == w->huge)) {
		if (!procmaps_is_sysv(line))
			return 0; /* nobody can reach it by a name */
		ino_t ipcns = holders_walk_ipcns(p, prefix);
		return ipcns ? add_segment(w, p, line, ipcns) : 0;
	}
	if (line->ino == 0)
		return 0;
	int r = holders_walk_mount(w, p, -1, line->dev, &mount);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return holders_walk_is_shared(w, &mount) ? add_file(w, p, line, &mount) : 0;
}

/* Returns 1 if there was a map, 0, or -errno. */
static int look_at(struct holders_walk *w, const struct procscan_process *p, const char *prefix)
{
	AUTO_FREE char *text = NULL;
	char name[TASK_PREFIX_SIZE + 8];
	struct procmaps_line line;
	size_t len;

	snprintf(name, sizeof(name), "%smaps", prefix);
	int r = procscan_read(p, name, MAPS_MAX, &text, &len);
	if (r < 0) /* too long a text: others can be seen all the same */
		return r == -ESRCH ? 0 : r == -EFBIG ? -EACCES : r;
	for (const char *at = text; r == 0 && procmaps_next(&at, text + len, &line);)
		r = look_at_line(w, p, prefix, &line);
	return r < 0 ? r : len > 0;
}

int holders_look_at_maps(struct holders_walk *w, const struct procscan_process *p)
{
	int r = look_at(w, p, "");

	if (r == 0 || r == -EACCES) { /* its main thread may have ended before the others */
		int others = holders_walk_threads(w, p, look_at);
		r = r == 0 || others != 0 ? others : r;
	}
	return r < 0 ? r : 0;
}
