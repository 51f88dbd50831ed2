#include "ipc/ledger.h"

#include "ipc/io.h"
#include "ipc/ledger_file.h"
#include "ipc/nspace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VERSION "1"
enum { FIELDS = 7, BOOT_LEN = 36 };

/* --- a line: "1 BOOT CLASS API PLACE NUMBER MADE SELECTOR" --- */

static const struct ipc_kind *find_kind(const char *class, const char *api)
{
	for (size_t i = 0; ipc_kinds[i]; i++)
		if (strcmp(ipc_kinds[i]->class, class) == 0 && strcmp(ipc_kinds[i]->api, api) == 0 &&
			ipc_kinds[i]->ops)
			return ipc_kinds[i];
	return NULL;
}

static bool is_boot_id(const char *text)
{
	return strlen(text) == BOOT_LEN && strspn(text, "0123456789abcdef-") == BOOT_LEN;
}

bool ledger_parse(const char *line, struct ledger_note *ret)
{
	struct ledger_note n = { 0 };
	char version[4], class[8], api[8];
	int at = 0;

	if (sscanf(line, "%3s %36s %7s %7s %" SCNu64 " %" SCNu64 " %" SCNd64 " %n", version, n.boot, class,
		    api, &n.place, &n.number, &n.made, &at) != FIELDS)
		return false;
	n.kind = find_kind(class, api);
	n.selector = line + at;
	if (strcmp(version, VERSION) != 0 || !is_boot_id(n.boot) || !n.kind || !*n.selector)
		return false;
	*ret = n;
	return true;
}

char *ledger_format(const struct ledger_note *note)
{
	char *line = NULL;
	int n = asprintf(&line, VERSION " %s %s %s %" PRIu64 " %" PRIu64 " %" PRId64 " %s\n", note->boot,
		note->kind->class, note->kind->api, note->place, note->number, note->made, note->selector);

	return n < 0 ? NULL : line;
}

/* --- identity --- */

/* One file, as it was read last. */
struct ledger {
	struct ledger_place place;
	int error; /* of opening it */
	struct stat st;
	char *text;                /* owned; lines end with NUL */
	struct ledger_note *notes; /* ordered by number; owned */
	size_t len;
	bool checked; /* it is as it was since ledger_forget() */
};

struct ledgers {
	struct ledger *v; /* owned */
	size_t len;
	char boot[BOOT_LEN + 1];
};

static int read_boot_id(char ret[static BOOT_LEN + 1])
{
	AUTO_FREE char *text = NULL;
	size_t len;
	int r = ipc_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &text, &len);

	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	if (!is_boot_id(text))
		return -EBADMSG;
	memcpy(ret, text, BOOT_LEN + 1);
	return 0;
}

/* The birth of a file is exact; else the kernel keeps a time that is not before. */
static int64_t time_of(const struct ipc_object *o, bool *ret_exact)
{
	*ret_exact = o->common[FIELD_CREATED].have == HAVE_VALUE;
	return o->common[*ret_exact ? FIELD_CREATED : FIELD_MODIFIED].number;
}

/* What is the same for all objects is asked once. Returns it, or NULL. */
static struct ledgers *ledgers_of(struct ipc_ctx *ctx)
{
	if (!ctx->ledgers) {
		struct ledgers *all = calloc(1, sizeof(*all));
		if (!all || read_boot_id(all->boot) < 0) {
			free(all);
			return NULL;
		}
		ctx->ledgers = all;
	}
	return ctx->ledgers;
}

static int identify(struct ipc_ctx *ctx, const struct ipc_object *o, struct ledger_note *ret)
{
	struct ledger_note n = { .kind = o->selector.kind };
	const struct ledgers *all = ledgers_of(ctx);
	bool exact;

	if (!all)
		return -ENOSYS;
	if (o->common[FIELD_ID].have == HAVE_VALUE) {
		n.place = nspace_ino(ctx);
		n.number = (uint64_t)o->common[FIELD_ID].number;
	} else if (o->dev != 0) {
		n.place = o->dev;
		n.number = o->ino;
	} else {
		return -EOPNOTSUPP;
	}
	n.made = time_of(o, &exact);
	memcpy(n.boot, all->boot, sizeof(n.boot));
	*ret = n;
	return 0;
}

static bool is_same(const struct ledger_note *noted, const struct ledger_note *n, bool exact)
{
	return noted->kind == n->kind && noted->place == n->place && noted->number == n->number &&
		strcmp(noted->boot, n->boot) == 0 &&
		(exact ? noted->made == n->made : noted->made <= n->made);
}

/* --- reading --- */

static int by_number(const void *a, const void *b)
{
	const struct ledger_note *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void drop(struct ledger *l)
{
	free(l->text);
	free(l->notes);
	l->text = NULL;
	l->notes = NULL;
	l->len = 0;
	l->st = (struct stat){ 0 };
}

/* Whole lines only: what has no newline is being written. */
static int parse_all(struct ledger *l, size_t size)
{
	size_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += l->text[i] == '\n';
	l->notes = calloc(lines + 1, sizeof(*l->notes));
	if (!l->notes)
		return -ENOMEM;
	for (char *p = l->text, *end; (end = memchr(p, '\n', size - (size_t)(p - l->text))); p = end + 1) {
		*end = '\0';
		if (ledger_parse(p, &l->notes[l->len]))
			l->len++;
	}
	qsort(l->notes, l->len, sizeof(*l->notes), by_number);
	return 0;
}

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
		a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int read_again(struct ledger *l, int fd, const struct stat *st)
{
	drop(l);
	l->text = malloc((size_t)st->st_size + 1);
	if (!l->text)
		return -ENOMEM;
	ssize_t n = ipc_read_full(fd, l->text, (size_t)st->st_size);
	if (n < 0)
		return (int)n;
	l->text[n] = '\0';
	l->st = *st;
	return parse_all(l, (size_t)n);
}

static void check(struct ledger *l)
{
	struct stat st;
	AUTO_CLOSE int fd = ledger_open(&l->place, &st);

	l->checked = true;
	l->error = fd < 0 ? fd : 0;
	if (fd < 0)
		drop(l);
	else if (!l->text || !is_unchanged(&st, &l->st))
		l->error = read_again(l, fd, &st);
}

static bool is_place(const struct ledger *l, const struct ledger_place *p)
{
	return l->place.owner == p->owner && l->place.path == p->path && strcmp(l->place.dir, p->dir) == 0;
}

static struct ledger *ledger_at(struct ipc_ctx *ctx, const struct ledger_place *place)
{
	struct ledgers *all = ledgers_of(ctx);

	for (size_t i = 0; all && i < all->len; i++)
		if (is_place(&all->v[i], place))
			return &all->v[i];
	struct ledger *v = all ? reallocarray(all->v, all->len + 1, sizeof(*v)) : NULL;
	if (!v)
		return NULL;
	all->v = v;
	v[all->len] = (struct ledger){ .place = *place };
	return &v[all->len++];
}

void ledger_forget(struct ipc_ctx *ctx)
{
	for (size_t i = 0; ctx->ledgers && i < ctx->ledgers->len; i++)
		ctx->ledgers->v[i].checked = false;
}

void ledger_clear(struct ipc_ctx *ctx)
{
	for (size_t i = 0; ctx->ledgers && i < ctx->ledgers->len; i++)
		drop(&ctx->ledgers->v[i]);
	free(ctx->ledgers ? ctx->ledgers->v : NULL);
	free(ctx->ledgers);
	ctx->ledgers = NULL;
}

static bool has(const struct ledger *l, const struct ledger_note *n, bool exact)
{
	size_t low = 0, high = l->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (l->notes[middle].number < n->number)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < l->len && l->notes[low].number == n->number; low++)
		if (is_same(&l->notes[low], n, exact))
			return true;
	return false;
}

/* Whether there is no ledger in that place, or none that could be believed; else there may be one. */
static bool is_none(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -ELOOP || error == -EPERM;
}

/* Asks the ledgers of one user. */
static enum ipc_answer ask_user(struct ipc_ctx *ctx, uid_t user, const struct ledger_note *n, bool exact)
{
	struct ledger_place places[LEDGER_PLACES];
	size_t len = ledger_places(ctx, user, places);
	enum ipc_answer answer = ANSWER_NO;

	for (size_t i = 0; i < len; i++) {
		struct ledger *l = ledger_at(ctx, &places[i]);
		if (l && !l->checked)
			check(l);
		if (!l || (l->error < 0 && !is_none(l->error)))
			answer = ANSWER_UNKNOWN;
		else if (has(l, n, exact))
			return ANSWER_YES;
	}
	return answer;
}

struct ipc_fact ledger_meant(struct ipc_ctx *ctx, const struct ipc_object *object)
{
	struct ipc_value owner = object->common[FIELD_UID];
	struct ledger_note n;
	bool exact, unknown = false;

	if (!ctx->ledger || identify(ctx, object, &n) < 0)
		return (struct ipc_fact){ .answer = ANSWER_NO };
	(void)time_of(object, &exact);
	const uid_t own = geteuid(),
		    users[] = { owner.have == HAVE_VALUE ? (uid_t)owner.number : own, own, 0 };
	for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
		if (i > 0 && (users[i] == users[i - 1] || users[i] == users[0]))
			continue; /* was asked */
		enum ipc_answer answer = ask_user(ctx, users[i], &n, exact);
		if (answer == ANSWER_YES)
			return ipc_fact_of(ANSWER_YES, "ipcctl made it, so that it stays");
		unknown = unknown || answer == ANSWER_UNKNOWN;
	}
	if (unknown)
		return ipc_fact_of(ANSWER_UNKNOWN, "whether its owner made it with ipcctl may not be read");
	return (struct ipc_fact){ .answer = ANSWER_NO };
}

/* --- writing --- */

static bool is_device_of(const char *path, uint64_t place)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_dev == place;
}

/* Whether the place that an object was made in is the one that names lead to here: else it can't be told if it is gone. */
static bool is_here(struct ipc_ctx *ctx, const struct ledger_note *noted, struct ipc_selector *sel)
{
	struct stat st;

	if (sel->form == FORM_KEY || sel->form == FORM_ID)
		return nspace_ino(ctx) == noted->place;
	if (sel->form != FORM_PATH)
		return is_device_of("/dev/shm", noted->place) || is_device_of("/dev/mqueue", noted->place);
	char *slash = strrchr(sel->name, '/');
	if (!slash)
		return true;
	slash[slash == sel->name] = '\0';
	return lstat(sel->name, &st) < 0 || st.st_dev == noted->place;
}

/* Whether a note is of this boot, and about an object that may still be there. */
static bool is_worth_keeping(struct ipc_ctx *ctx, const char *line, const char *boot)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_OBJECT struct ipc_object o = { 0 };
	struct ipc_selector_error error;
	struct ledger_note noted, now;

	if (!ledger_parse(line, &noted) || strcmp(noted.boot, boot) != 0)
		return false;
	if (ipc_selector_parse(ctx, noted.selector, NULL, 0, &sel, &error) < 0)
		return false;
	int r = ipc_stat(ctx, &sel, 0, &o);
	if (r < 0 && r != -ENOENT)
		return true;
	if (r == 0 && identify(ctx, &o, &now) == 0 && noted.place == now.place && noted.number == now.number)
		return true;
	return !is_here(ctx, &noted, &sel);
}

/* What is left of a ledger when all that is gone is dropped; and the older half of it too, if it is too much. */
static int compact(struct ipc_ctx *ctx, int fd, int dirfd, const struct ledger_place *place, const char *boot)
{
	AUTO_FREE char *text = malloc(LEDGER_MAX + 1);
	size_t kept = 0;
	ssize_t n = text ? pread(fd, text, LEDGER_MAX, 0) : -1;

	if (n < 0)
		return text ? -errno : -ENOMEM;
	for (char *p = text, *end; (end = memchr(p, '\n', (size_t)(text + n - p))); p = end + 1) {
		size_t len = (size_t)(end - p) + 1;
		*end = '\0';
		bool keep = is_worth_keeping(ctx, p, boot);
		*end = '\n';
		if (keep) {
			memmove(text + kept, p, len);
			kept += len;
		}
	}
	char *from = text;
	if (kept > LEDGER_MAX / 2) {
		from = memchr(text + kept / 2, '\n', kept - kept / 2);
		from = from ? from + 1 : text + kept;
	}
	return ledger_replace(dirfd, place, from, kept - (size_t)(from - text));
}

static int append(struct ipc_ctx *ctx, const struct ledger_place *place, const struct ledger_note *note)
{
	AUTO_FREE char *line = ledger_format(note);
	size_t len = line ? strlen(line) : 0;
	AUTO_CLOSE int dirfd = -1;

	if (!line || len > LEDGER_LINE_MAX)
		return line ? -ENAMETOOLONG : -ENOMEM;
	AUTO_CLOSE int fd = ledger_open_to_add(place, &dirfd);
	if (fd < 0)
		return fd;
	off_t size = lseek(fd, 0, SEEK_END);
	ssize_t n = write(fd, line, len);
	if (n < 0)
		return -errno;
	if ((size_t)n < len) { /* a full disk: half a line would spoil the next one */
		(void)!ftruncate(fd, size);
		return -ENOSPC;
	}
	if (size / LEDGER_STEP != (size + n) / LEDGER_STEP)
		(void)compact(ctx, fd, dirfd, place, note->boot);
	return 0;
}

/* The name, from wherever it is looked up. The caller frees it. */
static char *absolute_name(const struct ipc_selector *sel)
{
	struct ipc_selector whole = *sel;
	AUTO_FREE char *dir = NULL, *path = NULL;

	if (sel->form == FORM_PATH && sel->name[0] != '/') {
		dir = getcwd(NULL, 0);
		if (!dir || asprintf(&path, "%s/%s", dir, sel->name) < 0)
			return NULL;
		whole.name = path;
		whole.name_len = strlen(path);
	}
	return ipc_selector_format(&whole);
}

int ledger_add(struct ipc_ctx *ctx, const struct ipc_object *object)
{
	struct ledger_place places[LEDGER_PLACES];
	size_t len = ledger_places(ctx, geteuid(), places);
	struct ledger_note note;
	int r = -EOPNOTSUPP;

	if (!ctx->ledger)
		return 0;
	AUTO_FREE char *name = absolute_name(&object->selector);
	int known = name ? identify(ctx, object, &note) : -ENOMEM;
	for (size_t i = 0; known == 0 && i < len; i++) {
		note.selector = name;
		if (i > 0 && places[i].owner == 0 && r == 0)
			break; /* root's first one is there as long as the machine is up */
		int added = append(ctx, &places[i], &note);
		r = r == 0 ? 0 : added;
	}
	ctx->ledger_error = known < 0 ? known : r;
	return ctx->ledger_error;
}
