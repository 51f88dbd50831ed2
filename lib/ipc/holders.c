#include "ipc/holders.h"

#include "ipc/holders_walk.h"
#include "ipc/io.h"
#include "ipc/procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATUS_SIZE = 2048, STAT_SIZE = 1024 };

/* --- the walk --- */

/* "Uid:\t…": the name of the program stands before it in one line, its newlines escaped. */
static bool read_uids(const char *status, uid_t uids[static 4])
{
	const char *line = strstr(status, "\nUid:\t");

	return line && sscanf(line, "\nUid:\t%u\t%u\t%u\t%u", &uids[0], &uids[1], &uids[2], &uids[3]) == 4;
}

static int add_process(struct holders_walk *w, const struct procscan_process *p)
{
	struct holders *h = w->to;
	struct holders_process new = { .pid = p->pid };
	struct procscan_life life = { 0 };
	char status[STATUS_SIZE];

	ssize_t n = holders_walk_read(p, "status", status, sizeof(status));
	h->hidden = h->hidden || n == -EACCES;
	int r = n < 0 ? (int)n : procscan_life(p, &life);
	if (r < 0)
		return holders_walk_error(-r) == -EACCES ? 0 : holders_walk_error(-r);
	if (life.ended || !read_uids(status, new.uids))
		return 0; /* it has gone */
	new.start = life.start;
	new.forked = life.forked;
	new.original = life.original;
	new.adopted = life.adopted;
	new.ipcns = holders_walk_ipcns(p, "");
	struct holders_process *v = reallocarray(h->processes, h->processes_len + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	h->processes = v;
	v[h->processes_len++] = new;
	return 0;
}

/* What has ended and was not waited for has nothing, and a thread of the kernel has nothing either. */
bool holders_has_nothing(const struct procscan_process *p)
{
	char text[STAT_SIZE];
	struct procstat s;
	ssize_t n = holders_walk_read(p, "stat", text, sizeof(text));

	if (n < 0 || procstat_parse(text, &s) < 0)
		return n == -ESRCH;
	return procstat_is_kernel_thread(&s) || procstat_has_ended(&s);
}

/* Each part looks, whatever the others may. */
static int match(const struct procscan_process *p, void *arg)
{
	static const struct {
		unsigned sources;
		int (*look)(struct holders_walk *w, const struct procscan_process *p);
	} parts[] = {
		{ HOLDERS_FDS | HOLDERS_SOCKETS | HOLDERS_FILES, holders_look_at_fds },
		{ HOLDERS_MAPS, holders_look_at_maps },
		{ HOLDERS_BLOCKED, holders_look_at_threads }, /* by what the others found */
	};
	struct holders_walk *w = arg;
	bool unseen = false;

	w->first = w->to->len;
	w->ranges_len = 0;
	w->asked_own = false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		int r = w->sources & parts[i].sources ? parts[i].look(w, p) : 0;
		if (r < 0 && r != -EACCES && r != -ESRCH)
			return r;
		unseen = unseen || r == -EACCES;
	}
	int r = w->sources & HOLDERS_PROCESSES ? add_process(w, p) : 0;
	return r == 0 && unseen && !holders_has_nothing(p) ? -EACCES : r;
}

static int by_object(const void *a, const void *b)
{
	const struct holders_entry *x = a, *y = b;

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

static int by_pid(const void *a, const void *b)
{
	pid_t x = ((const struct holders_process *)a)->pid, y = ((const struct holders_process *)b)->pid;

	return (x > y) - (x < y);
}

static int by_number(const void *a, const void *b)
{
	ino_t x = ((const struct holders_unsure *)a)->ino, y = ((const struct holders_unsure *)b)->ino;

	return (x > y) - (x < y);
}

static void put_in_order(struct holders *h)
{
	if (h->len > 0)
		qsort(h->v, h->len, sizeof(*h->v), by_object);
	if (h->processes_len > 0)
		qsort(h->processes, h->processes_len, sizeof(*h->processes), by_pid);
	if (h->unsure_len > 0)
		qsort(h->unsure, h->unsure_len, sizeof(*h->unsure), by_number);
}

/* Whether the mount that is /proc, and not one that it covers, leaves out the processes of others. */
static bool mount_hides(const struct procfds_mounts *m)
{
	struct statx st;
	bool told = statx(AT_FDCWD, "/proc", AT_NO_AUTOMOUNT, STATX_MNT_ID, &st) == 0 &&
		st.stx_mask & STATX_MNT_ID; /* since Linux 5.8 */

	for (size_t i = 0; i < m->len; i++)
		if (m->v[i].hides && m->v[i].here && (!told || (uint64_t)m->v[i].id == st.stx_mnt_id))
			return true;
	return false;
}

/* Whether /proc leaves out processes, so that it can't be counted how many are not seen. */
static bool processes_are_hidden(const struct procfds_mounts *m)
{
	if (geteuid() != 0 && mount_hides(m))
		return true;
	return (kill(1, 0) == 0 || errno == EPERM) && access("/proc/1", F_OK) < 0;
}

static int gather(struct holders_walk *w)
{
	struct procscan_matcher matcher = { .match = match, .arg = w };
	int r = holders_walk_mounts(w);

	if (r < 0)
		return r;
	bool hidden = processes_are_hidden(&w->mounts);
	/* A kernel that does not tell about system calls leaves all open. */
	bool mute = w->sources & HOLDERS_BLOCKED && access("/proc/self/syscall", F_OK) < 0;
	for (size_t i = 0; i < ARRAY_SIZE(w->to->blocked_unknown); i++)
		w->to->blocked_unknown[i] = mute;
	r = procscan_walk(&matcher, 1);
	w->to->unseen = matcher.unseen + hidden;
	w->to->hidden = w->to->hidden || hidden;
	w->to->whole = procscan_is_complete();
	put_in_order(w->to);
	return r;
}

/* --- what was said of processes --- */

struct holders_names {
	struct ipc_holder
		*v; /* by pid, those behind a full place behind it; pid 0: free; owned with the commands */
	size_t len, room; /* a power of two, more than len */
};

static struct ipc_holder *name_place(const struct holders_names *n, pid_t pid)
{
	size_t at = (size_t)pid & (n->room - 1);

	while (n->v[at].pid && n->v[at].pid != pid)
		at = (at + 1) & (n->room - 1);
	return &n->v[at];
}

static int make_room(struct holders_names *n)
{
	struct holders_names larger = { .len = n->len, .room = n->room ? 2 * n->room : 64 };

	if (2 * n->len < n->room)
		return 0;
	larger.v = calloc(larger.room, sizeof(*larger.v));
	if (!larger.v)
		return -ENOMEM;
	for (size_t i = 0; i < n->room; i++)
		if (n->v[i].pid)
			*name_place(&larger, n->v[i].pid) = n->v[i];
	free(n->v);
	*n = larger;
	return 0;
}

static void names_free(struct holders_names *n)
{
	for (size_t i = 0; n && i < n->room; i++)
		free(n->v[i].command);
	if (n)
		free(n->v);
	free(n);
}

/* What is to be said of a process. Returns 0 or -errno: -ESRCH if it has ended meanwhile. */
static int describe(const struct holders *h, pid_t pid, const char *word, struct ipc_holder *ret)
{
	if (h->counted) {
		*ret = (struct ipc_holder){ .pid = pid };
		snprintf(ret->how, sizeof(ret->how), "%s", word);
		return 0;
	}
	int r = make_room(h->names);
	struct ipc_holder *known = r < 0 ? NULL : name_place(h->names, pid);

	if (r == 0 && !known->pid) {
		struct ipc_holder fresh;
		r = procscan_describe_pid(pid, "", &fresh);
		if (r == 0) {
			*known = fresh;
			h->names->len++;
		}
	}
	if (r < 0)
		return r;
	*ret = *known;
	ret->command = strdup(known->command);
	snprintf(ret->how, sizeof(ret->how), "%s", word);
	return ret->command ? 0 : -ENOMEM;
}

/* --- having it --- */

static void holders_free(struct holders *h)
{
	while (h) {
		struct holders *older = h->older;
		for (size_t i = 0; i < h->len; i++)
			free(h->v[i].path);
		free(h->v);
		free(h->processes);
		free(h->unsure);
		names_free(h->names);
		free(h);
		h = older;
	}
}

static struct holders *holders_new(unsigned sources)
{
	struct holders *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->sources = sources;
	h->names = calloc(1, sizeof(*h->names));
	if (!h->names) {
		free(h);
		return NULL;
	}
	return h;
}

void holders_want(struct ipc_ctx *ctx, unsigned sources)
{
	ctx->holders_wanted |= sources;
}

int holders_get(struct ipc_ctx *ctx, unsigned sources, const struct holders **ret)
{
	if (!ctx->holders || sources & ~ctx->holders->sources) {
		sources |= ctx->holders_wanted;
		if (sources & HOLDERS_FDS)
			sources |= HOLDERS_SOCKETS;
		struct holders_walk w = { .ctx = ctx, .to = holders_new(sources), .sources = sources };
		if (!w.to)
			return -ENOMEM;
		w.to->counted = ctx->holders_counted;
		int r = gather(&w);
		holders_walk_clear(&w);
		if (r < 0) {
			holders_free(w.to);
			return r;
		}
		w.to->older = ctx->holders; /* a list may be in the middle of it */
		ctx->holders = w.to;
		ctx->holders_wanted |= sources; /* who asks again asks for all of it */
	}
	*ret = ctx->holders;
	return 0;
}

void holders_forget(struct ipc_ctx *ctx)
{
	holders_free(ctx->holders);
	ctx->holders = NULL;
}

/* --- looking up --- */

static bool is_before(const struct holders_entry *e, const struct holders_entry *key)
{
	if (e->type != key->type)
		return e->type < key->type;
	return e->ino != key->ino ? e->ino < key->ino : e->dev < key->dev;
}

static bool is_of(const struct holders_entry *e, const struct holders_entry *key)
{
	return e->type == key->type && e->ino == key->ino && e->dev == key->dev;
}

const struct holders_entry *holders_find(
	const struct holders *h, enum holders_type type, dev_t dev, ino_t ino, size_t *ret_len)
{
	const struct holders_entry key = { .type = type, .dev = dev, .ino = ino };
	size_t low = 0, high = h->len, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (is_before(&h->v[middle], &key))
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < h->len && is_of(&h->v[low + n], &key))
		n++;
	*ret_len = n;
	return h->v + low;
}

/* Whether somebody has a file open that may be this one: by its number, or without any. */
static bool may_be_open(const struct holders *h, dev_t dev, ino_t ino)
{
	size_t low = 0, high = h->unsure_len;

	if (high > 0 && h->unsure[0].ino == 0)
		return true;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (h->unsure[middle].ino < ino)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < h->unsure_len && h->unsure[low].ino == ino; low++)
		if (h->unsure[low].dev == 0 || h->unsure[low].dev == dev)
			return true;
	return false;
}

bool holders_complete(const struct holders *h, enum holders_type type, dev_t dev, ino_t ino)
{
	bool is_file = type == HELD_FIFO || type == HELD_FILE;

	return h->unseen == 0 && h->whole && !h->blocked_unknown[type] &&
		!(is_file && may_be_open(h, dev, ino));
}

struct ipc_reason holders_in_flight(struct ipc_ctx *ctx)
{
	struct holders *h = ctx->holders;

	if (!h)
		return holders_flight(ctx);
	if (!h->flight_asked)
		h->flight = holders_flight(ctx);
	h->flight_asked = true;
	return h->flight;
}

/* How one process has it. */
struct ways {
	bool has[HOW_BLOCKED + 1];
	bool reads[HOW_BLOCKED + 1], writes[HOW_BLOCKED + 1];
};

static struct ways ways_of(const struct holders_entry *e, size_t n)
{
	struct ways w = { 0 };

	for (size_t i = 0; i < n; i++) {
		bool told = e[i].type != HELD_SOCKET; /* all sockets are open for both */
		w.has[e[i].how] = true;
		w.reads[e[i].how] |= told && e[i].reads;
		w.writes[e[i].how] |= told && e[i].writes;
	}
	return w;
}

static const char *word(enum holders_type type, enum holders_how how, const struct ways *w)
{
	static const char *const words[] = {
		[HOW_FD] = "fd", [HOW_MAP] = "map", [HOW_ATTACH] = "attach", [HOW_BLOCKED] = "blocked"
	};

	if (how == HOW_FD && (type == HELD_PIPE || type == HELD_FIFO))
		return w->reads[how] && w->writes[how] ? "read+write" : w->reads[how] ? "read" : "write";
	return words[how];
}

/* Returns 0 or -ENOMEM. */
static int add_ways(
	const struct holders *h, const struct holders_entry *e, const struct ways *w, struct ipc_object *o)
{
	for (enum holders_how how = HOW_FD; how <= HOW_BLOCKED; how++) {
		if (!w->has[how])
			continue;
		struct ipc_holder *v = reallocarray(o->holders, o->holders_len + 1, sizeof(*v));
		if (!v)
			return -ENOMEM;
		o->holders = v;
		int r = describe(h, e->pid, word(e->type, how, w), &v[o->holders_len]);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			continue; /* it has ended meanwhile */
		v[o->holders_len].reads = w->reads[how];
		v[o->holders_len++].writes = w->writes[how];
	}
	return 0;
}

int holders_add(const struct holders *h, enum holders_type type, dev_t dev, ino_t ino, struct ipc_object *ret)
{
	size_t len;
	const struct holders_entry *e = holders_find(h, type, dev, ino, &len);
	int r = 0;

	for (size_t i = 0, next; r == 0 && i < len; i = next) {
		for (next = i; next < len && e[next].pid == e[i].pid;)
			next++;
		struct ways w = ways_of(e + i, next - i);
		r = add_ways(h, &e[i], &w, ret);
	}
	if (r == 0)
		ret->holders_known = holders_complete(h, type, dev, ino);
	return r;
}

int holders_of(struct ipc_ctx *ctx, unsigned sources, enum holders_type type, dev_t dev, ino_t ino,
	struct ipc_object *ret)
{
	const struct holders *h;
	int r = holders_get(ctx, sources, &h);

	if (r == 0)
		r = holders_add(h, type, dev, ino, ret);
	/* Nobody has it: that is what a descriptor in flight makes wrong. A file has leases, which count these. */
	if (r == 0 && type == HELD_FIFO && ret->holders_known && ret->holders_len == 0)
		ret->holders_known = !holders_in_flight(ctx).text;
	return r == -ENOMEM ? r : 0;
}
