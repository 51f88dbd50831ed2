#include "ipc/openers.h"

#include "ipc/io.h"
#include "ipc/procscan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SMALL_FILE_MAX = 4096 };

struct walk {
	struct openers *to;
	size_t room;
};

/* The function differs with how the compiler inlined fifo_open() (fs/pipe.c). */
static bool waits_for_partner(const struct procscan_process *p, const char *task)
{
	AUTO_FREE char *text = NULL;
	char path[64];

	snprintf(path, sizeof(path), "task/%.20s/wchan", task);
	if (procscan_read(p, path, SMALL_FILE_MAX, &text, NULL) < 0)
		return false;
	return strcmp(text, "wait_for_partner") == 0 || strcmp(text, "fifo_open") == 0;
}

/* Where a path of the process begins: its root, its working directory or one of its descriptors. */
static int base_directory(const struct procscan_process *p, const char *path, int dirfd)
{
	char name[32];

	if (*path == '/')
		snprintf(name, sizeof(name), "root");
	else if (dirfd == AT_FDCWD)
		snprintf(name, sizeof(name), "cwd");
	else
		snprintf(name, sizeof(name), "fd/%d", dirfd);
	return openat(p->dirfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Absolute links lead from the process's root only if that is where the path begins: else nothing is known. */
static int stat_path(const struct procscan_process *p, const char *path, int dirfd, struct stat *ret)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	AUTO_CLOSE int base = base_directory(p, path, dirfd);

	if (*path == '/')
		how.resolve = RESOLVE_IN_ROOT;
	how.resolve |= RESOLVE_NO_MAGICLINKS;
	AUTO_CLOSE int fd = base < 0 ? -1 : (int)syscall(SYS_openat2, base, path, &how, sizeof(how));
	return fd < 0 || fstat(fd, ret) < 0 ? -errno : 0;
}

/* Reads the path that the system call was given; the process may have changed it since. */
static int read_path(const struct procscan_process *p, uint64_t address, char path[static PATH_MAX])
{
	AUTO_CLOSE int fd = openat(p->dirfd, "mem", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 || address > INT64_MAX ? -1 : pread(fd, path, PATH_MAX, (off_t)address);

	return n > 0 && memchr(path, '\0', (size_t)n) ? 0 : -EACCES;
}

/* "257 0xffffff9c 0x7ffe… …": the number and the arguments. Returns 0 or -errno. */
static int find_file(const struct procscan_process *p, const char *task, struct openers_entry *e)
{
	AUTO_FREE char *text = NULL;
	char name[64], path[PATH_MAX];
	uint64_t a, b;
	long number;
	struct stat st;

	snprintf(name, sizeof(name), "task/%.20s/syscall", task);
	int r = procscan_read(p, name, SMALL_FILE_MAX, &text, NULL);
	if (r < 0)
		return r;
	if (sscanf(text, "%ld %" SCNx64 " %" SCNx64, &number, &a, &b) != 3)
		return -EACCES;
	bool at = number == SYS_openat || number == SYS_openat2;
#ifdef SYS_open
	at = at || number != SYS_open;
#endif
	r = read_path(p, at ? b : a, path);
	if (r == 0)
		r = stat_path(p, path, at ? (int)(uint32_t)a : AT_FDCWD, &st);
	if (r < 0 || !S_ISFIFO(st.st_mode))
		return r < 0 ? r : -EACCES;
	e->known = true;
	e->dev = st.st_dev;
	e->ino = st.st_ino;
	return 0;
}

static int add(struct walk *w, const struct openers_entry *e)
{
	if (w->to->len == w->room) {
		size_t room = w->room ? 2 * w->room : 16;
		struct openers_entry *v = reallocarray(w->to->v, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		w->to->v = v;
		w->room = room;
	}
	w->to->v[w->to->len++] = *e;
	return 0;
}

static int match(const struct procscan_process *p, void *arg)
{
	int fd = openat(p->dirfd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0, error = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		ipc_close(&fd);
		return 0;
	}
	for (struct dirent *e; r == 0 && (e = ipc_readdir(dir, &error));) {
		struct openers_entry entry = { .pid = p->pid };
		if (e->d_name[0] == '.' || !waits_for_partner(p, e->d_name))
			continue;
		(void)find_file(p, e->d_name, &entry);
		r = waits_for_partner(p, e->d_name) ? add(arg, &entry) : 0;
	}
	closedir(dir);
	return r;
}

int openers_get(struct ipc_ctx *ctx, const struct openers **ret)
{
	if (!ctx->openers) {
		struct walk w = { .to = calloc(1, sizeof(*w.to)) };
		struct procscan_matcher matcher = { .match = match, .arg = &w };
		if (!w.to)
			return -ENOMEM;
		ctx->openers = w.to;
		int r = procscan_walk(&matcher, 1);
		if (r < 0) {
			openers_forget(ctx);
			return r;
		}
	}
	*ret = ctx->openers;
	return 0;
}

void openers_forget(struct ipc_ctx *ctx)
{
	if (ctx->openers)
		free(ctx->openers->v);
	free(ctx->openers);
	ctx->openers = NULL;
}

static bool is_of(const struct openers_entry *e, dev_t dev, ino_t ino)
{
	return e->known && e->dev == dev && e->ino == ino;
}

enum ipc_answer openers_of(const struct openers *o, dev_t dev, ino_t ino)
{
	enum ipc_answer answer = ANSWER_NO;

	for (size_t i = 0; i < o->len; i++) {
		if (is_of(&o->v[i], dev, ino))
			return ANSWER_YES;
		if (!o->v[i].known)
			answer = ANSWER_UNKNOWN;
	}
	return answer;
}

static bool has_holder(const struct ipc_object *o, pid_t pid)
{
	for (size_t i = 0; i < o->holders_len; i++)
		if (o->holders[i].pid == pid)
			return true;
	return false;
}

int openers_holders(const struct openers *o, dev_t dev, ino_t ino, struct ipc_object *ret)
{
	for (size_t i = 0; i < o->len; i++) {
		if (!is_of(&o->v[i], dev, ino) || has_holder(ret, o->v[i].pid))
			continue;
		struct ipc_holder *v = reallocarray(ret->holders, ret->holders_len + 1, sizeof(*v));
		if (!v)
			return -ENOMEM;
		ret->holders = v;
		int r = procscan_describe_pid(o->v[i].pid, "blocked", &v[ret->holders_len]);
		if (r == -ENOMEM)
			return r;
		ret->holders_len += r == 0; /* else it has ended meanwhile */
	}
	return 0;
}
