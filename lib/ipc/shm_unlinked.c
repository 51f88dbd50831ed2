/*
 * POSIX segments that have lost their name and still hold memory, since processes have them open or mapped: files of
 * /dev/shm without a link. They are found by who has them (holders.h), looked at through one of those processes, and
 * go with the last of them (unlink(2)). Listing them walks /proc: they are named only if ctx->unlinked asks for it.
 */
#include "ipc/filefacts.h"
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/procmaps.h"
#include "ipc/shm_private.h"
#include "ipc/shmdir.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { SOURCES = HOLDERS_FILES | HOLDERS_MAPS, MAPS_MAX = 256 << 20, PATH_SIZE = 96 };

enum { FIELD_FORMER_NAME };

static const struct ipc_field fields[] = {
	[FIELD_FORMER_NAME] = { "former_name", UNIT_TEXT, "Name that it had before it was unlinked" },
	{ 0 },
};

/* The file system of /dev/shm. Returns 0 or -errno. */
static int shm_device(struct ipc_ctx *ctx, dev_t *ret)
{
	AUTO_CLOSE int dirfd = ipc_shmdir_open(ctx);
	struct stat st;

	if (dirfd < 0)
		return dirfd;
	if (fstat(dirfd, &st) < 0)
		return -errno;
	*ret = st.st_dev;
	return 0;
}

static int unlinked_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	const struct holders *h;
	ino_t last = 0;
	dev_t dev;

	if (!ctx->unlinked || shm_device(ctx, &dev) < 0)
		return 0; /* who lists the segments with a name says why */
	int r = holders_get(ctx, SOURCES, &h);
	for (size_t i = 0; r >= 0 && i < h->len; i++) {
		const struct holders_entry *e = &h->v[i];
		struct ipc_selector sel = { .kind = kind, .form = FORM_INO, .number = (int64_t)e->ino };
		if (e->type != HELD_FILE || !e->unlinked || e->dev != dev || e->ino == last)
			continue;
		last = e->ino;
		r = fn(&sel, arg);
	}
	return r;
}

/* --- through a process that has it --- */

/* A segment, and who has it. */
struct found {
	dev_t dev;
	ino_t ino;
	const struct holders *holders;
	const struct holders_entry *v;
	size_t len;
};

static int find(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct found *ret)
{
	struct found f = { .ino = (ino_t)sel->number };
	int r = shm_device(ctx, &f.dev);

	if (r == 0)
		r = holders_get(ctx, SOURCES, &f.holders);
	if (r < 0)
		return r;
	f.v = holders_find(f.holders, HELD_FILE, f.dev, f.ino, &f.len);
	for (size_t i = 0; i < f.len; i++) {
		if (f.v[i].unlinked) {
			*ret = f;
			return 0;
		}
	}
	return -ENOENT;
}

/* The name that the kernel remembers, which the process may have chosen to deceive: "/dev/shm/NAME (deleted)". */
static int set_former_name(const char *path, size_t len, struct ipc_object *ret)
{
	static const char tail[] = " (deleted)";
	const size_t tail_len = sizeof(tail) - 1;
	const char *name = memrchr(path, '/', len);

	if (!name || len < tail_len || memcmp(path + len - tail_len, tail, tail_len) != 0)
		return 0;
	len -= (size_t)(name - path) + tail_len;
	if (len < 2 || name[1] == '#') /* "#N": it never had one (O_TMPFILE) */
		return 0;
	AUTO_FREE char *text = ipc_escape_dup(name, len, 0);
	return text ? ipc_object_set_text(ret, FIELD_FORMER_NAME, text) : -ENOMEM;
}

/* The first mapping of the file in that process, as a path below /proc/PID. Returns 0 or -errno. */
static int find_mapping(const struct holders_entry *e, char path[static PATH_SIZE], struct ipc_object *o)
{
	AUTO_FREE char *text = NULL;
	struct procmaps_line line;
	size_t len;

	snprintf(path, PATH_SIZE, "/proc/%d/maps", (int)e->pid);
	int r = ipc_read_file(AT_FDCWD, path, MAPS_MAX, &text, &len);
	if (r < 0)
		return r;
	for (const char *at = text; procmaps_next(&at, text + len, &line);) {
		if (line.dev != e->dev || line.ino != e->ino)
			continue;
		snprintf(path, PATH_SIZE, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)e->pid, line.from,
			line.to);
		return o ? set_former_name(line.path, line.path_len, o) : 0;
	}
	return -ESRCH;
}

static int find_descriptor(const struct holders_entry *e, char path[static PATH_SIZE], struct ipc_object *o)
{
	char text[PATH_MAX];

	snprintf(path, PATH_SIZE, "/proc/%d/fd/%d", (int)e->pid, e->fd);
	ssize_t len = o ? readlink(path, text, sizeof(text)) : 0;
	return len > 0 ? set_former_name(text, (size_t)len, o) : 0;
}

/*
 * A descriptor that only names the file (O_PATH): whatever the process has there by now, it is not opened.
 * o: gets the former name; may be NULL
 */
static int open_through(const struct holders_entry *e, struct ipc_object *o, struct statx *ret)
{
	char path[PATH_SIZE];
	struct statx st;
	int r = e->how == HOW_MAP ? find_mapping(e, path, o) : find_descriptor(e, path, o);

	if (r < 0)
		return r;
	AUTO_CLOSE int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
		return -errno;
	if (!S_ISREG(st.stx_mode) || makedev(st.stx_dev_major, st.stx_dev_minor) != e->dev ||
		st.stx_ino != e->ino)
		return -ESRCH;
	*ret = st;
	r = fd;
	fd = -1; /* the caller owns it now */
	return r;
}

/* By the first process that lets it be looked at: a descriptor is found faster than a mapping, and tells the name as it is. */
static int open_any(const struct found *f, struct ipc_object *o, struct statx *ret)
{
	static const enum holders_how order[] = { HOW_FD, HOW_MAP };
	int r = -ENOENT;

	for (size_t k = 0; k < ARRAY_SIZE(order); k++)
		for (size_t i = 0; r < 0 && r != -ENOMEM && i < f->len; i++)
			if (f->v[i].how == order[k])
				r = open_through(&f->v[i], o, ret);
	return r;
}

int ipc_shm_unlinked_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, int access)
{
	struct found f;
	struct statx st;
	char path[FD_PATH_SIZE];
	int r = find(ctx, sel, &f);

	if (r < 0)
		return r;
	AUTO_CLOSE int named = open_any(&f, NULL, &st);
	if (named < 0)
		return named == -EPERM ? -EACCES : named;
	ipc_fd_path(named, path);
	int fd = open(path, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* --- what is to be said of it --- */

/* Only the text of a mapping may be read: at least so much was there when it was made. */
static void fill_extent(const struct found *f, struct ipc_object *ret)
{
	static const enum ipc_field_id unknown[] = { FIELD_UID, FIELD_GID, FIELD_MODE, FIELD_USED,
		FIELD_CREATED, FIELD_MODIFIED, FIELD_LAST_USED };
	uint64_t size = 0;

	for (size_t i = 0; i < f->len; i++)
		if (f->v[i].how == HOW_MAP && f->v[i].size > size)
			size = f->v[i].size;
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		ret->common[unknown[i]].have = HAVE_UNKNOWN;
	ret->dev = f->dev;
	ret->ino = f->ino;
	if (size > 0)
		ipc_object_set(ret, FIELD_SIZE, (int64_t)size);
	else
		ret->common[FIELD_SIZE].have = HAVE_UNKNOWN;
}

static int unlinked_stat(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	struct found f;
	struct statx st;
	int r = find(ctx, sel, &f);

	if (r < 0)
		return r;
	AUTO_CLOSE int fd = open_any(&f, ret, &st);
	if (fd >= 0) {
		ipc_file_facts(&st, ret);
		ipc_object_set(ret, FIELD_SIZE, (int64_t)st.stx_size);
		ipc_object_set(ret, FIELD_USED, (int64_t)st.stx_blocks * 512);
	} else {
		fill_extent(&f, ret);
	}
	if (want & WANT_HOLDERS)
		r = holders_add(f.holders, HELD_FILE, f.dev, f.ino, ret);
	return r < 0 ? r : ipc_selector_copy(&ret->selector, sel);
}

static void unlinked_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	(void)ctx, (void)object;
	ret->named = ipc_fact_of(ANSWER_NO, "its name is gone: it goes when nobody has it any more");
	ret->held = ipc_fact_of(ANSWER_YES, "a process has it open or mapped");
}

static const struct ipc_kind_ops ops = {
	.list = unlinked_list,
	.stat = unlinked_stat,
	.facts = unlinked_facts,
};

const struct ipc_kind ipc_kind_shm_unlinked = {
	.class = "shm",
	.api = "posix",
	.label = "POSIX shared memory object without a name",
	.noun = "segment",
	.namespaced = true,
	.forms = BIT(FORM_INO),
	.fields = fields,
	.ops = &ops,
};
