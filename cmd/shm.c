/* shm: create and use shared memory. Bytes: write and read; structures: get, set and watch. */
#include "cli/bytes_out.h"
#include "cli/common.h"
#include "cli/layout_json.h"
#include "cli/layout_opt.h"
#include "cli/units.h"
#include "ipc/io.h"
#include "ipc/sem.h"
#include "ipc/shmfields.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK = 256 * 1024, LOCKED_MAX = 64 * 1024 * 1024 };

static uint64_t arg_offset, arg_length;
static bool arg_length_given, arg_text, arg_hex, arg_json;
static const char *arg_if, *arg_until, *arg_lock;
static int64_t arg_interval = 10 * NSEC_PER_MSEC;

/* A segment in use: what its operand says, for messages, and itself, with the semaphore of --lock. */
struct use {
	struct ipc_shm shm;
	const struct ipc_kind *kind;
	char *name; /* printable; owned */
	struct ipc_sem lock;
	struct ipc_sem_hold hold;
	bool locked;
};

/* Takes the semaphore of --lock, if there is one. */
static int use_lock(struct use *u)
{
	AUTO_FREE char *name = shown(arg_lock ? arg_lock : "");
	int r = arg_lock ? ipc_sem_hold(&u->lock, 1, cli_deadline(), false, &u->hold) : 0;

	if (r < 0)
		return fail(u->lock.selector.kind, r, "waited for semaphore '%s'", name);
	u->locked = arg_lock != NULL;
	return CLI_OK;
}

/* Gives it back; status is what the access ended with. */
static int use_unlock(struct use *u, int status)
{
	AUTO_FREE char *name = shown(arg_lock ? arg_lock : "");
	int r = u->locked ? ipc_sem_release(&u->lock, &u->hold) : 0;

	if (r < 0 && r != -EIDRM) /* others wait: what fails for a moment is tried again */
		r = ipc_sem_release(&u->lock, &u->hold);
	u->locked = false;
	if (r < 0)
		return fail(u->lock.selector.kind, r, "cannot give back semaphore '%s'", name);
	return status;
}

static int use_open_lock(struct ipc_ctx *ctx, struct use *u)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_FREE char *name = shown(arg_lock ? arg_lock : "");
	int r = arg_lock ? cli_selector(ctx, arg_lock, "sem", 0, &sel) : CLI_OK;

	if (!arg_lock || r != CLI_OK)
		return r;
	r = ipc_sem_open(ctx, &sel, true, &u->lock);
	return r < 0 ? fail(sel.kind, r, "cannot open semaphore '%s'", name) : CLI_OK;
}

static void use_clear(struct use *u)
{
	use_unlock(u, CLI_OK);
	ipc_sem_close(&u->lock);
	ipc_shm_close(&u->shm);
	free(u->name);
}

#define AUTO_USE __attribute__((cleanup(use_clear), unused))
#define USE_NONE                                                                                             \
	{                                                                                                    \
		.shm = SHM_CLOSED, .lock = SEM_CLOSED                                                        \
	}

static int say_failed(const struct use *u, int error, const char *verb)
{
	if (error == -EBUSY) {
		fail_plain(0, "cannot %s segment '%s': It is changed all the time", verb, u->name);
		hint("hold the semaphore that its writers hold: --lock SEM");
		return CLI_FAILED;
	}
	if (error == -ENODATA)
		return fail_plain(
			CLI_FAILED, "cannot %s segment '%s': It was truncated meanwhile", verb, u->name);
	return fail(u->kind, error, "cannot %s segment '%s'", verb, u->name);
}

static int say_too_small(const struct use *u, const char *verb, uint64_t len, uint64_t offset)
{
	int64_t size = ipc_shm_size(&u->shm);

	if (size < 0)
		return say_failed(u, (int)size, verb);
	return fail_plain(CLI_FAILED,
		"cannot %s segment '%s': It has %" PRId64 " bytes; %" PRIu64 " at offset %" PRIu64
		" do not fit",
		verb, u->name, size, len, offset);
}

/* Whoever waits for a segment means one that is finished: most are made empty, and get their size next. */
static int await_size(const struct use *u, uint64_t need)
{
	if (!arg_wait)
		return CLI_OK;
	int r = ipc_shm_await_size(&u->shm, need, cli_deadline());
	if (r < 0)
		return fail(u->kind, r, "waited for segment '%s' to have %" PRIu64 " bytes", u->name, need);
	return CLI_OK;
}

/* Opens what the operand names. need: how many bytes are going to be used, as far as that is known. */
static int use_open(struct ipc_ctx *ctx, const char *text, unsigned access, uint64_t need, struct use *u)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };

	if (arg_create && !ipc_attr_given(&arg_attrs, ATTR_SIZE))
		return usage_error("how large? --create needs --size");
	int r = cli_existing(ctx, text, "shm", &sel);
	if (r != CLI_OK)
		return r;
	u->name = shown(text);
	u->kind = sel.kind;
	r = ipc_shm_open(ctx, &sel, access, &u->shm);
	if (r < 0)
		return fail(sel.kind, r, "cannot open segment '%s'", u->name);
	r = await_size(u, need);
	return r == CLI_OK ? use_open_lock(ctx, u) : r;
}

/* --- create, resize --- */

static int run_create(struct ipc_ctx *ctx, int argc, char **argv)
{
	(void)argc;
	if (!ipc_attr_given(&arg_attrs, ATTR_SIZE))
		return usage_error("how large? --size is missing");
	return cli_create(ctx, argv[0], "shm");
}

static int run_resize(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_USE struct use u = USE_NONE;
	uint64_t size;

	(void)argc;
	if (parse_size(argv[1], &size) < 0) {
		AUTO_FREE char *text = shown(argv[1]);
		return usage_error("'%s' is not a SIZE", text);
	}
	int r = use_open(ctx, argv[0], SHM_READ | SHM_WRITE, 0, &u);
	if (r != CLI_OK)
		return r;
	r = ipc_shm_resize(&u.shm, size);
	if (r == -EOPNOTSUPP) {
		fail(NULL, r, "cannot resize segment '%s'", u.name);
		hint("a System V segment keeps its size as long as it lives: create another");
		return CLI_FAILED;
	}
	return r < 0 ? say_failed(&u, r, "resize") : CLI_OK;
}

/* --- write, read --- */

/* Reads standard input up to one byte more than there is room for. */
static int read_input(uint64_t room, char **ret, size_t *ret_len)
{
	AUTO_FREE char *buf = NULL;
	size_t len = 0, cap = 0;

	while (len <= room) {
		if (len == cap) {
			cap = cap ? cap * 2 : CHUNK;
			char *larger = realloc(buf, cap);
			if (!larger)
				return fail(NULL, -ENOMEM, "cannot read standard input");
			buf = larger;
		}
		size_t want = cap - len;
		if (want > room + 1 - len)
			want = (size_t)(room + 1 - len);
		ssize_t n = ipc_read_full(0, buf + len, want);
		if (n < 0)
			return fail(NULL, (int)n, "cannot read standard input");
		len += (size_t)n;
		if ((size_t)n < want)
			break;
	}
	*ret = buf;
	*ret_len = len;
	buf = NULL; /* the caller owns it now */
	return CLI_OK;
}

/* The bytes that an operand or standard input are, with a NUL behind them that --text counts. */
static int gather(const char *operand, uint64_t room, char **ret, size_t *ret_len)
{
	int r = CLI_OK;

	if (operand) {
		*ret = strdup(operand);
		*ret_len = strlen(operand);
	} else {
		r = read_input(room, ret, ret_len);
	}
	if (r != CLI_OK)
		return r;
	char *larger = *ret ? realloc(*ret, *ret_len + 1) : NULL;
	if (!larger)
		return fail(NULL, -ENOMEM, "cannot write");
	larger[*ret_len] = '\0';
	*ret = larger;
	*ret_len += arg_text;
	return CLI_OK;
}

static int write_data(struct use *u, const char *data, size_t len)
{
	int r = ipc_shm_write(&u->shm, data, len, arg_offset);

	if (r == -EFBIG)
		return say_too_small(u, "write", len, arg_offset);
	return r < 0 ? say_failed(u, r, "write") : CLI_OK;
}

static int run_write(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_USE struct use u = USE_NONE;
	AUTO_FREE char *data = NULL;
	size_t len = 0;
	int r = use_open(
		ctx, argv[0], SHM_WRITE, arg_offset + (argc > 1 ? strlen(argv[1]) + arg_text : 1), &u);

	if (r != CLI_OK)
		return r;
	int64_t size = ipc_shm_size(&u.shm);
	if (size < 0)
		return say_failed(&u, (int)size, "write");
	uint64_t room = (uint64_t)size > arg_offset ? (uint64_t)size - arg_offset : 0;
	r = gather(argc > 1 ? argv[1] : NULL, room, &data, &len);
	if (r != CLI_OK)
		return r;
	r = use_lock(&u);
	return r == CLI_OK ? use_unlock(&u, write_data(&u, data, len)) : r;
}

/* One piece of output. Returns how much of it is done; *ret_end at the end of the text. */
static size_t print_piece(struct hex_dump *dump, const char *buf, size_t len, bool more, bool *ret_end)
{
	const char *nul = arg_text ? memchr(buf, '\0', len) : NULL;

	if (arg_hex) {
		hex_dump_add(dump, buf, len);
		return len;
	}
	*ret_end = nul != NULL;
	return bytes_out(buf, nul ? (size_t)(nul - buf) : len, more && !nul);
}

/* Under a lock all is read before any of it is printed, as far as that is reasonable: a reader of the output may be slow. */
static int print_range(struct use *u, uint64_t offset, uint64_t len)
{
	const size_t room = u->locked && len > CHUNK && len <= LOCKED_MAX ? (size_t)len : CHUNK;
	AUTO_FREE char *buf = malloc(room);
	struct hex_dump dump = { .offset = offset };
	char last = '\n';
	bool end = false;

	if (!buf)
		return fail(NULL, -ENOMEM, "cannot read segment '%s'", u->name);
	while (len > 0 && !end && !ferror(stdout)) {
		size_t want = len < room ? (size_t)len : room;
		ssize_t n = ipc_shm_read(&u->shm, buf, want, offset);
		if (n < 0 || (size_t)n < want)
			return say_failed(u, n < 0 ? (int)n : -ENODATA, "read");
		if (want == len && use_unlock(u, CLI_OK) != CLI_OK)
			return CLI_FAILED;
		size_t done = print_piece(&dump, buf, want, want < len, &end);
		if (done > 0)
			last = buf[done - 1];
		offset += done;
		len -= done;
	}
	if (arg_hex)
		hex_dump_end(&dump);
	else
		bytes_out_end(last);
	return CLI_OK;
}

static int run_read(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_USE struct use u = USE_NONE;

	(void)argc;
	if (arg_text && arg_hex)
		return usage_error("--text and --hex exclude each other");
	int r = use_open(ctx, argv[0], SHM_READ, arg_offset + (arg_length_given ? arg_length : 1), &u);
	if (r != CLI_OK)
		return r;
	int64_t size = ipc_shm_size(&u.shm);
	uint64_t rest = size > 0 && (uint64_t)size > arg_offset ? (uint64_t)size - arg_offset : 0;
	uint64_t len = arg_length_given ? arg_length : rest;
	if (size < 0 || len > rest || arg_offset > (uint64_t)size)
		return say_too_small(&u, "read", len, arg_offset);
	r = use_lock(&u);
	return r == CLI_OK ? use_unlock(&u, print_range(&u, arg_offset, len)) : r;
}

/* --- get, set, watch --- */

/* The members that a command is about, and room for the whole structure. */
struct picture {
	struct ipc_layout *layout; /* owned, as all below */
	struct ipc_member *members;
	const char **names; /* the array alone */
	size_t len;
	bool bare; /* one member was asked for by its name */
	unsigned char *bytes;
};

static void picture_clear(struct picture *p)
{
	free(p->members);
	free(p->names);
	free(p->bytes);
	ipc_layout_free(p->layout);
}

#define AUTO_PICTURE __attribute__((cleanup(picture_clear), unused))

static int picture_fill(struct picture *p, int argc, char **fields)
{
	struct ipc_member whole = ipc_layout_whole(p->layout);
	int r = CLI_OK;

	p->len = argc > 0 ? (size_t)argc : ipc_member_count(&whole);
	p->bare = argc == 1;
	p->members = calloc(p->len + 1, sizeof(*p->members));
	p->names = calloc(p->len + 1, sizeof(*p->names));
	p->bytes = calloc(1, ipc_layout_size(p->layout) + 1);
	if (!p->members || !p->names || !p->bytes)
		return fail(NULL, -ENOMEM, "cannot read the structure");
	for (size_t i = 0; r == CLI_OK && i < p->len; i++) {
		if (argc > 0) {
			p->names[i] = fields[i];
			r = layout_field(p->layout, fields[i], &p->members[i]);
		} else {
			ipc_member_child(&whole, i, &p->members[i]);
			p->names[i] = p->members[i].name;
		}
	}
	return r;
}

static int picture_init(struct picture *p, int argc, char **fields)
{
	int r = layout_load(&p->layout);

	return r == CLI_OK ? picture_fill(p, argc, fields) : r;
}

static int picture_read(struct use *u, const struct ipc_shm_fields *f, struct picture *p, bool once)
{
	int r = ipc_shm_fields_get(f, p->members, p->len, once, p->bytes);

	if (r == -ENODATA)
		return say_too_small(u, "read", ipc_shm_fields_end(f, p->members, p->len) - f->base, f->base);
	return r < 0 ? say_failed(u, r, "read") : CLI_OK;
}

static int picture_print(const struct picture *p)
{
	if (!arg_json)
		return layout_print(p->members, p->names, p->len, p->bytes, p->bare);
	int r = layout_json_object(stdout, p->members, p->names, p->len, p->bytes);
	putchar('\n');
	return r < 0 ? fail(NULL, r, "cannot print the structure") : CLI_OK;
}

static int run_get(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_PICTURE struct picture p = { 0 };
	AUTO_USE struct use u = USE_NONE;
	const struct ipc_shm_fields f = { &u.shm, arg_offset, arg_lock != NULL };
	int r = picture_init(&p, argc - 1, argv + 1);

	if (r == CLI_OK)
		r = use_open(ctx, argv[0], SHM_READ, ipc_shm_fields_end(&f, p.members, p.len), &u);
	if (r == CLI_OK)
		r = use_lock(&u);
	if (r == CLI_OK)
		r = use_unlock(&u, picture_read(&u, &f, &p, false));
	return r == CLI_OK ? picture_print(&p) : r;
}

/* What set is to do. */
struct changes {
	struct layout_value *values; /* owned, as all below */
	size_t len;
	struct layout_value condition;
	bool conditional;
};

static void changes_clear(struct changes *c)
{
	for (size_t i = 0; i < c->len; i++)
		layout_value_clear(&c->values[i]);
	free(c->values);
	layout_value_clear(&c->condition);
}

#define AUTO_CHANGES __attribute__((cleanup(changes_clear), unused))

static int changes_parse(struct changes *c, const struct ipc_layout *layout, int argc, char **argv)
{
	int r = CLI_OK;

	c->values = calloc((size_t)argc, sizeof(*c->values));
	if (!c->values)
		return fail(NULL, -ENOMEM, "cannot set fields");
	for (; r == CLI_OK && c->len < (size_t)argc; c->len += r == CLI_OK)
		r = layout_value(layout, argv[c->len], &c->values[c->len]);
	if (r == CLI_OK && arg_if) {
		r = layout_value(layout, arg_if, &c->condition);
		c->conditional = true;
	}
	return r;
}

/* Without a lock a condition can only be about the one word that is changed. */
static int changes_check(const struct changes *c, const struct ipc_shm_fields *f)
{
	const struct ipc_member *m = &c->values[0].member;

	if (!c->conditional || f->locked)
		return CLI_OK;
	if (c->len != 1 || m->offset != c->condition.member.offset || m->size != c->condition.member.size)
		return usage_error("--if must be about the one field that is set, unless there is a --lock");
	if (!ipc_member_atomic(m, f->base))
		return usage_error(
			"--if needs a field of 1, 2, 4 or 8 aligned bytes, unless there is a --lock");
	return CLI_OK;
}

static bool matches(const struct ipc_member *m, const void *present, void *arg)
{
	return layout_equal(m, present, arg);
}

/* Whether the condition holds under the lock: 1, 0, or -errno. */
static int condition_holds(const struct changes *c, const struct ipc_shm_fields *f)
{
	struct ipc_member m = c->condition.member;
	AUTO_FREE unsigned char *present = malloc(m.offset + m.size + 1);

	if (!present)
		return -ENOMEM;
	int r = ipc_shm_fields_get(f, &m, 1, false, present);
	return r < 0 ? r : layout_equal(&m, present + m.offset, c->condition.bytes);
}

/* 1 if all was set, 0 if the condition was not met, or -errno. */
static int changes_apply(const struct changes *c, const struct ipc_shm_fields *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->len; i++)
		r = ipc_shm_reserve(f->shm, f->base + c->values[i].member.offset, c->values[i].member.size);
	if (r == 0 && c->conditional && !f->locked)
		return ipc_shm_fields_swap(
			f, &c->values[0].member, c->values[0].bytes, matches, c->condition.bytes);
	if (r == 0 && c->conditional) {
		r = condition_holds(c, f);
		if (r <= 0)
			return r;
		r = 0;
	}
	for (size_t i = 0; r == 0 && i < c->len; i++)
		r = ipc_shm_fields_set(f, &c->values[i].member, c->values[i].bytes);
	return r < 0 ? r : 1;
}

static uint64_t changes_end(const struct changes *c, const struct ipc_shm_fields *f)
{
	uint64_t end = c->conditional ? ipc_shm_fields_end(f, &c->condition.member, 1) : 0;

	for (size_t i = 0; i < c->len; i++) {
		uint64_t one = ipc_shm_fields_end(f, &c->values[i].member, 1);
		end = one > end ? one : end;
	}
	return end;
}

static int set_fields(const struct use *u, const struct changes *c, const struct ipc_shm_fields *f)
{
	int r = changes_apply(c, f);

	if (r == -EFBIG || r == -ENODATA)
		return say_too_small(u, "set", changes_end(c, f) - f->base, f->base);
	if (r < 0)
		return say_failed(u, r, "set");
	return r == 1 ? CLI_OK : CLI_NO;
}

static int run_set(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_LAYOUT struct ipc_layout *layout = NULL;
	AUTO_CHANGES struct changes c = { 0 };
	AUTO_USE struct use u = USE_NONE;
	const struct ipc_shm_fields f = { &u.shm, arg_offset, arg_lock != NULL };
	int r = layout_load(&layout);

	if (r == CLI_OK)
		r = changes_parse(&c, layout, argc - 1, argv + 1);
	if (r == CLI_OK)
		r = changes_check(&c, &f);
	if (r == CLI_OK)
		r = use_open(ctx, argv[0], SHM_READ | SHM_WRITE, changes_end(&c, &f), &u);
	if (r == CLI_OK)
		r = use_lock(&u);
	return r == CLI_OK ? use_unlock(&u, set_fields(&u, &c, &f)) : r;
}

/* What watch waits for: a field, alone in a picture of its own. */
struct goal {
	struct layout_value value;
	struct picture picture;
	bool given;
};

static void goal_clear(struct goal *g)
{
	layout_value_clear(&g->value);
	free(g->picture.bytes); /* the rest belongs to others */
}

#define AUTO_GOAL __attribute__((cleanup(goal_clear), unused))

static int goal_init(struct goal *g, const struct ipc_layout *layout)
{
	if (!arg_until)
		return CLI_OK;
	int r = layout_value(layout, arg_until, &g->value);
	if (r != CLI_OK)
		return r;
	g->given = true;
	g->picture.members = &g->value.member;
	g->picture.len = 1;
	g->picture.bytes = calloc(1, ipc_layout_size(layout) + 1);
	return g->picture.bytes ? CLI_OK : fail(NULL, -ENOMEM, "cannot watch");
}

/* Whether it is reached: *ret. */
static int goal_look(struct goal *g, struct use *u, const struct ipc_shm_fields *f, bool *ret)
{
	const struct ipc_member *m = &g->value.member;

	*ret = false;
	if (!g->given)
		return CLI_OK;
	int r = picture_read(u, f, &g->picture, true);
	if (r == CLI_OK && layout_equal(m, g->picture.bytes + m->offset, g->value.bytes)) {
		r = picture_read(u, f, &g->picture, false);
		*ret = r == CLI_OK && layout_equal(m, g->picture.bytes + m->offset, g->value.bytes);
	}
	return r;
}

/* Prints the fields that changed since they were printed last, each on a line. *ret_changed: whether any did. */
static int print_changes(const struct picture *p, unsigned char *last, bool first, bool *ret_changed)
{
	int r = CLI_OK;

	*ret_changed = false;
	for (size_t i = 0; r == CLI_OK && i < p->len; i++) {
		const struct ipc_member *m = &p->members[i];
		if (!first && layout_equal(m, p->bytes + m->offset, last + m->offset))
			continue;
		*ret_changed = true;
		memcpy(last + m->offset, p->bytes + m->offset, m->size);
		if (!arg_json)
			r = layout_print(m, &p->names[i], 1, p->bytes, false);
	}
	if (*ret_changed && arg_json)
		r = picture_print(p);
	if (*ret_changed)
		output_flush();
	return r;
}

/* Looks, and if it saw a change, looks again as carefully as get does. */
static int look_for_changes(struct use *u, const struct ipc_shm_fields *f, struct picture *p,
	unsigned char *last, bool first, bool *ret_changed)
{
	bool same = !first;
	int r = CLI_OK;

	*ret_changed = false;
	if (!first)
		r = picture_read(u, f, p, true);
	for (size_t i = 0; r == CLI_OK && same && i < p->len; i++)
		same = memcmp(p->bytes + p->members[i].offset, last + p->members[i].offset,
			       p->members[i].size) == 0;
	if (r != CLI_OK || same)
		return r;
	r = picture_read(u, f, p, false);
	return r == CLI_OK ? print_changes(p, last, first, ret_changed) : r;
}

static int say_watch_over(const struct use *u, const struct goal *g, int error)
{
	AUTO_FREE char *until = shown(arg_until ? arg_until : "");

	if (g->given)
		return fail(u->kind, error, "waited for '%s' in segment '%s'", until, u->name);
	return fail(u->kind, error, "waited for a change of segment '%s'", u->name);
}

static int watch(struct use *u, const struct ipc_shm_fields *f, struct picture *p, struct goal *g)
{
	AUTO_FREE unsigned char *last = calloc(1, ipc_layout_size(p->layout) + 1);
	struct ipc_deadline deadline = cli_deadline();
	bool first = true, changed = false, reached = false;

	if (!last)
		return fail(NULL, -ENOMEM, "cannot watch segment '%s'", u->name);
	for (;;) {
		int r = use_lock(u);
		if (r == CLI_OK && p->len)
			r = look_for_changes(u, f, p, last, first, &changed);
		if (r == CLI_OK)
			r = goal_look(g, u, f, &reached);
		r = use_unlock(u, r);
		if (r != CLI_OK || reached || ferror(stdout))
			return r; /* main() says what is wrong with standard output */
		if (ipc_shm_removed(&u->shm))
			return say_watch_over(u, g, -EIDRM);
		if (changed && !g->given)
			deadline = cli_deadline(); /* of the next change */
		if (ipc_deadline_left(deadline) == 0)
			return say_watch_over(u, g, ipc_deadline_error(deadline));
		ipc_deadline_sleep(deadline, arg_interval);
		first = false;
	}
}

static int run_watch(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_PICTURE struct picture p = { 0 };
	AUTO_GOAL struct goal g = { 0 };
	AUTO_USE struct use u = USE_NONE;
	const struct ipc_shm_fields f = { &u.shm, arg_offset, arg_lock != NULL };
	int r = picture_init(&p, argc - 1, argv + 1);

	if (r == CLI_OK)
		r = goal_init(&g, p.layout);
	if (r != CLI_OK)
		return r;
	if (g.given && argc == 1)
		p.len = 0; /* it only waits */
	uint64_t end = ipc_shm_fields_end(&f, p.members, p.len);
	uint64_t goal_end = ipc_shm_fields_end(&f, g.picture.members, g.picture.len);
	r = use_open(ctx, argv[0], SHM_READ, end > goal_end ? end : goal_end, &u);
	return r == CLI_OK ? watch(&u, &f, &p, &g) : r;
}

/* --- options --- */

static const struct opt size_opts[] = {
	{ OPT_ATTR, 's', .to = { .attrs = &arg_attrs }, .attr = ATTR_SIZE },
	{ OPT_INCLUDE, .to = { .table = create_opts } },
	{ 0 },
};

/* Of every verb that opens a segment. */
static const struct opt open_opts[] = {
	{ OPT_INCLUDE, .to = { .table = wait_opts } },
	{ OPT_INCLUDE, .to = { .table = exist_opts } },
	{ OPT_INCLUDE, .to = { .table = make_opts } },
	{ OPT_INCLUDE, .to = { .table = size_opts } },
	{ 0 },
};

static const struct opt offset_opts[] = {
	{ OPT_SIZE, 'o', "offset", "SIZE", "Where to begin, in bytes", { .size = &arg_offset } },
	{ 0 },
};

static const struct opt lock_opts[] = {
	{ OPT_STRING, 0, "lock", "SEM", "Hold this semaphore during each access", { .string = &arg_lock } },
	{ 0 },
};

static const struct opt json_opts[] = {
	{ OPT_FLAG, 'J', "json", NULL, "Print JSON", { .flag = &arg_json } },
	{ 0 },
};

static const struct opt write_opts[] = {
	{ OPT_INCLUDE, .to = { .table = offset_opts } },
	{ OPT_FLAG, 0, "text", NULL, "Write a closing NUL, as C programs expect", { .flag = &arg_text } },
	{ OPT_INCLUDE, .to = { .table = lock_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

static const struct opt read_opts[] = {
	{ OPT_INCLUDE, .to = { .table = offset_opts } },
	{ OPT_SIZE, 'l', "length", "SIZE", "How many bytes; all that follow, unless told",
		{ .size = &arg_length }, .given = &arg_length_given },
	{ OPT_FLAG, 0, "text", NULL, "Read up to the first NUL", { .flag = &arg_text } },
	{ OPT_FLAG, 'x', "hex", NULL, "Print offsets and bytes in hexadecimal", { .flag = &arg_hex } },
	{ OPT_INCLUDE, .to = { .table = lock_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

static const struct opt get_opts[] = {
	{ OPT_INCLUDE, .to = { .table = layout_opts } },
	{ OPT_INCLUDE, .to = { .table = offset_opts } },
	{ OPT_INCLUDE, .to = { .table = json_opts } },
	{ OPT_INCLUDE, .to = { .table = lock_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

static const struct opt set_opts[] = {
	{ OPT_INCLUDE, .to = { .table = layout_opts } },
	{ OPT_STRING, 0, "if", "FIELD=VALUE", "Only if the field has this value; status 6 if it has not",
		{ .string = &arg_if } },
	{ OPT_INCLUDE, .to = { .table = offset_opts } },
	{ OPT_INCLUDE, .to = { .table = lock_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

static const struct opt watch_opts[] = {
	{ OPT_INCLUDE, .to = { .table = layout_opts } },
	{ OPT_STRING, 0, "until", "FIELD=VALUE", "End when the field has this value",
		{ .string = &arg_until } },
	{ OPT_DURATION, 'i', "interval", "DURATION", "How often to look", { .nsec = &arg_interval } },
	{ OPT_INCLUDE, .to = { .table = offset_opts } },
	{ OPT_INCLUDE, .to = { .table = json_opts } },
	{ OPT_INCLUDE, .to = { .table = lock_opts } },
	{ OPT_INCLUDE, .to = { .table = open_opts } },
	{ 0 },
};

/* --- examples --- */

#define TEXT "'int id; char text[900]; bool ready;'"
#define FLAG "'int id; bool ready;'"
#define MAKE "ipcctl shm create key:5678 --size 1024"

static const struct example create_examples[] = {
	{ "ipcctl shm create /state --size 64K", "A POSIX segment", NULL },
	{ "ipcctl shm create key:5678 --size 1024 --mode 0666", "A System V segment that everybody may write",
		NULL },
	{ "ipcctl shm create /work.XXXXXX --size 1M", "One with a name of its own, which is printed", NULL },
	{ 0 },
};

static const struct example write_examples[] = {
	{ "ipcctl shm write key:5678 hello --text", "Write text as a C program reads it", MAKE },
	{ "ipcctl shm write /state --create --size 64K < /etc/hostname",
		"Write a file into a segment, which is made if it is not there", NULL },
	{ 0 },
};

static const struct example read_examples[] = {
	{ "ipcctl shm read key:5678 --text", "Read text that a C program wrote",
		MAKE " && ipcctl shm write key:5678 hello --text" },
	{ "ipcctl shm read key:5678 --hex --length 64", "Look at the first bytes", MAKE },
	{ 0 },
};

static const struct example resize_examples[] = {
	{ "ipcctl shm resize /state 1M", "Make a POSIX segment larger or smaller",
		"ipcctl shm create /state --size 64K" },
	{ 0 },
};

static const struct example get_examples[] = {
	{ "ipcctl shm get key:5678 --layout " TEXT, "The fields of a C structure", MAKE },
	{ "ipcctl shm get key:5678 --layout " TEXT " text", "The value of one", MAKE },
	{ "ipcctl shm get key:5678 --layout " TEXT " -J", "All of it as JSON", MAKE },
	{ 0 },
};

static const struct example set_examples[] = {
	{ "ipcctl shm set key:5678 --layout " FLAG " id=42 ready=true", "Change two fields", MAKE },
	{ "ipcctl shm set /lock --layout 'int owner;' owner=42 --if owner=0",
		"Change a field unless another was faster: one compare and swap",
		"ipcctl shm create /lock --size 4" },
	{ "ipcctl shm set key:5678 --lock /guard --layout " FLAG " id=42",
		"Change it while no other has the semaphore", MAKE " && ipcctl sem create /guard" },
	{ 0 },
};

static const struct example watch_examples[] = {
	{ "ipcctl shm watch key:5678 --layout " FLAG " --until ready=true",
		"Wait until a writer says that its data are ready",
		MAKE " && ipcctl shm set key:5678 --layout " FLAG " ready=true" },
	{ 0 },
};

static const struct command verbs[] = {
	{ .name = "create",
		.brief = "Create a segment",
		.operands = "OBJECT",
		.opts = size_opts,
		.examples = create_examples,
		.run = run_create },
	{ .name = "write",
		.brief = "Write bytes into a segment, from an operand or standard input",
		.operands = "OBJECT [DATA]",
		.opts = write_opts,
		.examples = write_examples,
		.run = run_write },
	{ .name = "read",
		.brief = "Print the bytes of a segment",
		.operands = "OBJECT",
		.opts = read_opts,
		.examples = read_examples,
		.run = run_read },
	{ .name = "resize",
		.brief = "Change the size of a POSIX segment",
		.operands = "OBJECT SIZE",
		.opts = open_opts,
		.examples = resize_examples,
		.run = run_resize },
	{ .name = "get",
		.brief = "Print fields of a C structure in a segment",
		.operands = "OBJECT [FIELD...]",
		.opts = get_opts,
		.examples = get_examples,
		.run = run_get },
	{ .name = "set",
		.brief = "Change fields of a C structure in a segment",
		.operands = "OBJECT FIELD=VALUE...",
		.opts = set_opts,
		.examples = set_examples,
		.run = run_set },
	{ .name = "watch",
		.brief = "Print the fields of a C structure and each change, or wait for one",
		.operands = "OBJECT [FIELD...]",
		.opts = watch_opts,
		.examples = watch_examples,
		.run = run_watch },
	{ 0 },
};

const struct command cmd_shm = {
	.name = "shm",
	.brief = "Create and use shared memory",
	.class = "shm",
	.verbs = verbs,
};
