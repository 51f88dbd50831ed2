#include "ipc/kind.h"

#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/ledger.h"
#include "ipc/nspace.h"
#include "ipc/recognise.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define KIND(name) extern const struct ipc_kind ipc_kind_##name;
#include "kinds.gen.h"
#undef KIND

const struct ipc_kind *const ipc_kinds[] = {
#define KIND(name) &ipc_kind_##name,
#include "kinds.gen.h"
#undef KIND
	NULL,
};

/* How often a condition is looked at that the kernel can't wait for, and how often in a row it may be unknown. */
enum { UNKNOWN_TRIES = 25, UNIQUE_TRIES = 100, CREATE_TRIES = 4 };

const struct ipc_field ipc_fields[FIELD_COMMON] = {
	[FIELD_KEY] = { "key", UNIT_KEY, "System V key" },
	[FIELD_ID] = { "id", UNIT_COUNT, "System V identifier" },
	[FIELD_UID] = { "uid", UNIT_UID, "User id of the owner" },
	[FIELD_GID] = { "gid", UNIT_GID, "Group id of the owner" },
	[FIELD_MODE] = { "mode", UNIT_MODE, "Permissions" },
	[FIELD_SIZE] = { "size", UNIT_BYTES, "What it can hold" },
	[FIELD_USED] = { "used", UNIT_BYTES, "What it holds now" },
	[FIELD_CREATED] = { "created", UNIT_TIME, "When it was created" },
	[FIELD_MODIFIED] = { "modified", UNIT_TIME, "When its attributes or contents last changed" },
	[FIELD_LAST_USED] = { "last_used", UNIT_TIME, "When it was last used" },
	[FIELD_CREATOR_PID] = { "creator_pid", UNIT_PID, "Process that created it" },
	[FIELD_LAST_PID] = { "last_pid", UNIT_PID, "Process that last used it" },
};

const char *const ipc_condition_names[CONDITIONS + 1] = {
	[CONDITION_EXISTS] = "exists",
	[CONDITION_GONE] = "gone",
	[CONDITION_EMPTY] = "empty",
	[CONDITION_READABLE] = "readable",
	[CONDITION_LIVE] = "live",
	[CONDITION_IDLE] = "idle",
};

const struct ipc_kind *ipc_kind_next(const char *class, const struct ipc_kind *previous)
{
	size_t i = 0;

	while (previous && ipc_kinds[i] != previous)
		i++;
	for (i += previous != NULL; ipc_kinds[i]; i++)
		if (!class || strcmp(ipc_kinds[i]->class, class) == 0)
			return ipc_kinds[i];
	return NULL;
}

size_t ipc_kind_fields(const struct ipc_kind *kind)
{
	size_t n = 0;

	while (kind->fields && kind->fields[n].name)
		n++;
	return n;
}

const struct ipc_hint *ipc_kind_hint_of(const struct ipc_kind *kind, int error, const struct ipc_attrs *attrs)
{
	for (const struct ipc_hint *h = kind ? kind->hints : NULL; h && h->error; h++)
		if (h->error == abs(error) && (!h->applies || h->applies(attrs)))
			return h;
	return NULL;
}

const char *ipc_kind_hint(const struct ipc_kind *kind, int error, const struct ipc_attrs *attrs)
{
	const struct ipc_hint *h = ipc_kind_hint_of(kind, error, attrs);

	return h ? h->text : NULL;
}

bool ipc_hint_never(const struct ipc_attrs *attrs)
{
	(void)attrs;
	return false;
}

bool ipc_hint_is_about(const struct ipc_hint *hint, const char *call)
{
	size_t len = strlen(call);

	for (const char *p = hint->calls; p; p = strchr(p, ' ')) {
		p += *p == ' ';
		if (strncmp(p, call, len) == 0 && (p[len] == ' ' || p[len] == '\0'))
			return true;
	}
	return false;
}

void ipc_object_clear(struct ipc_object *o)
{
	ipc_selector_clear(&o->selector);
	free(o->list);
	for (size_t i = 0; i < EXTRA_MAX; i++)
		free(o->texts[i]);
	for (size_t i = 0; i < o->holders_len; i++)
		free(o->holders[i].command);
	free(o->holders);
	free(o->container);
	*o = (struct ipc_object){ 0 };
}

int ipc_object_set_text(struct ipc_object *o, unsigned index, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(o->texts[index]);
	o->texts[index] = copy;
	ipc_object_set_extra(o, index, 0);
	return 0;
}

struct ipc_value ipc_object_get(const struct ipc_object *o, const char *field)
{
	size_t extras = ipc_kind_fields(o->selector.kind);

	for (size_t i = 0; i < FIELD_COMMON; i++)
		if (strcmp(ipc_fields[i].name, field) == 0)
			return o->common[i];
	for (size_t i = 0; i < extras; i++)
		if (strcmp(o->selector.kind->fields[i].name, field) == 0)
			return o->extra[i];
	return (struct ipc_value){ 0 };
}

static void ask_state(struct ipc_ctx *ctx, struct ipc_object *o)
{
	struct ipc_facts facts = { .named.answer = ANSWER_YES };

	/* Without a selector nothing was found, for want of permission. */
	if (o->selector.kind && o->selector.kind->ops->facts)
		o->selector.kind->ops->facts(ctx, o, &facts);
	/* Only what would be stale has to be asked about. */
	if (o->selector.kind && facts.held.answer == ANSWER_NO)
		facts.meant = ledger_meant(ctx, o);
	o->verdict = ipc_verdict(&facts);
}

/* A number, or a descriptor, can be that of any kind of its class that has numbers: the form does not say which. */
static bool is_shared_form(const struct ipc_selector *sel)
{
	return sel->form == FORM_INO || sel->form == FORM_FD || sel->form == FORM_SYSTEMD;
}

static int ask_kinds(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	struct ipc_selector other = *sel; /* the name is not ours */
	int r = sel->kind->ops->stat(ctx, sel, want, ret);

	for (const struct ipc_kind *k = NULL; r == -ENOENT && is_shared_form(sel);) {
		k = ipc_kind_next(sel->kind->class, k);
		if (!k)
			break;
		other.kind = k;
		if (k != sel->kind && k->forms & BIT(FORM_INO))
			r = k->ops->stat(ctx, &other, want, ret);
	}
	return r;
}

/* Says where an object is that is not the same everywhere. Returns error, or -ENOMEM. */
static int in_namespace(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct ipc_object *o, int error)
{
	int r = sel->kind->namespaced ? nspace_describe(ctx, o) : 0;

	return r < 0 ? r : error;
}

/* Those that were found may not be all: a list says so. */
static void tell_unseen(struct ipc_object *o)
{
	if (o->selector.kind && o->holders_len > 0 && !o->holders_known && !o->verdict.unseen[0].text)
		o->verdict.unseen[0].text = "it can't be seen whether other processes have it, too";
}

static void announce(struct ipc_ctx *ctx, const struct ipc_kind *kind, unsigned want, unsigned others)
{
	holders_want(ctx,
		others | (want & WANT_HOLDERS ? kind->holder_sources : 0) |
			(want & WANT_STATE ? kind->state_sources : 0));
}

void ipc_announce(struct ipc_ctx *ctx, const struct ipc_kind *kind, unsigned want)
{
	announce(ctx, kind, want, kind->list_sources);
}

static int look(struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	struct ipc_object o = { 0 };
	int r;

	announce(ctx, sel->kind, want, 0);
	r = sel->kind->namespaced || !ctx->ns ? ask_kinds(ctx, sel, want, &o) : -EREMOTE;

	if (r == 0 || r == -EACCES)
		r = in_namespace(ctx, sel, &o, r);
	if (r < 0 && r != -EACCES) {
		ipc_object_clear(&o);
		return r;
	}
	if (want & WANT_HOLDERS && o.selector.kind && o.selector.kind->ops->holders &&
		o.selector.kind->ops->holders(ctx, &o) == -ENOMEM) {
		ipc_object_clear(&o);
		return -ENOMEM;
	}
	o.label = ipc_recognise(&o, NULL);
	if (want & WANT_STATE)
		ask_state(ctx, &o);
	if (want & WANT_HOLDERS)
		tell_unseen(&o);
	*ret = o;
	return r;
}

struct listing {
	struct ipc_ctx *ctx;
	unsigned want;
	ipc_object_fn *fn;
	void *arg;
};

static int list_one(const struct ipc_selector *sel, void *arg)
{
	struct listing *l = arg;
	AUTO_OBJECT struct ipc_object o = { 0 };
	int r = look(l->ctx, sel, l->want, &o);

	if (r == -ENOENT || r == -EIDRM)
		return 0; /* removed since it was named */
	if (r == -ELOOP || r == -EMEDIUMTYPE)
		return 0; /* replaced by what is no object of this kind */
	if (r < 0 && r != -EACCES)
		return r;
	if (!o.selector.kind) {
		int copied = ipc_selector_copy(&o.selector, sel);
		if (copied < 0)
			return copied;
		o.label = ipc_recognise(&o, NULL);
	}
	return l->fn(&o, r, l->arg);
}

int ipc_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, unsigned want, ipc_object_fn *fn, void *arg)
{
	struct listing l = { ctx, want, fn, arg };

	if (ctx->ns && !kind->namespaced)
		return 0;
	ipc_announce(ctx, kind, want);
	bool outer = ctx->attributes_only; /* what is called for each may list others */
	ctx->attributes_only = want == 0;
	int r = kind->ops->list ? kind->ops->list(ctx, kind, list_one, &l) : 0;
	ctx->attributes_only = outer;
	return r;
}

int ipc_stat(struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	return look(ctx, sel, want, ret);
}

int ipc_links(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_links *ret)
{
	const struct ipc_kind_ops *ops = object->selector.kind->ops;

	return ops->links ? ops->links(ctx, object, ret) : -EOPNOTSUPP;
}

/* Which of the attributes asked for an existing object does not have. What can't be read does not disagree. */
static size_t compare(const struct ipc_attrs *attrs, const struct ipc_object *o, struct ipc_mismatch *ret)
{
	size_t n = 0;

	for (unsigned i = 0; i < ATTR_COUNT; i++) {
		if (!ipc_attr_given(attrs, i) || !ipc_attr_descs[i].field)
			continue;
		struct ipc_value v = ipc_object_get(o, ipc_attr_descs[i].field);
		if (v.have == HAVE_VALUE && (uint64_t)v.number != attrs->v[i])
			ret[n++] = (struct ipc_mismatch){ .attr = i, .wanted = attrs->v[i], .found = v };
	}
	return n;
}

static int create_or_compare(struct ipc_ctx *ctx, const struct ipc_selector *sel,
	const struct ipc_attrs *attrs, bool exclusive, struct ipc_selector *ret,
	struct ipc_mismatch *mismatches, size_t *len)
{
	AUTO_OBJECT struct ipc_object o = { 0 };
	int r = sel->kind->ops->create(ctx, sel, attrs, ret);

	if (r == 0)
		return 1;
	if (r != -EEXIST || exclusive)
		return r;
	r = look(ctx, sel, 0, &o);
	if (r < 0 && !o.selector.kind) /* not even that it is there could be seen */
		return r;
	*len = compare(attrs, &o, mismatches);
	if (*len > 0)
		return -EEXIST;
	return ipc_selector_copy(ret, &o.selector);
}

static bool wants_unique(const struct ipc_selector *sel)
{
	static const char marks[] = "XXXXXX";
	size_t len = sizeof(marks) - 1;

	return sel->name && sel->name_len > len && memcmp(sel->name + sel->name_len - len, marks, len) == 0;
}

/* Replaces the marks at the end of a name by letters that nobody can guess. */
static int make_unique(const struct ipc_selector *template, struct ipc_selector *ret)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char random[6];
	int r = ipc_selector_copy(ret, template);

	if (r == 0 && getrandom(random, sizeof(random), 0) < 0)
		r = -errno;
	for (size_t i = 0; r == 0 && i < sizeof(random); i++)
		ret->name[ret->name_len - sizeof(random) + i] = letters[random[i] % (sizeof(letters) - 1)];
	return r;
}

static int create_unique(struct ipc_ctx *ctx, const struct ipc_selector *template,
	const struct ipc_attrs *attrs, struct ipc_selector *ret)
{
	int r = -EEXIST;

	for (int i = 0; r == -EEXIST && i < UNIQUE_TRIES; i++) {
		AUTO_SELECTOR struct ipc_selector sel = { 0 };
		r = make_unique(template, &sel);
		if (r == 0)
			r = sel.kind->ops->create(ctx, &sel, attrs, ret);
	}
	return r == 0 ? 1 : r;
}

/* An object that goes between "it exists" and our look at it is made after all. */
static int create_again(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	bool exclusive, struct ipc_selector *ret, struct ipc_mismatch *mismatches, size_t *len)
{
	int r = -ENOENT;

	if (wants_unique(sel))
		return create_unique(ctx, sel, attrs, ret);
	for (int i = 0; r == -ENOENT && i < CREATE_TRIES; i++)
		r = create_or_compare(ctx, sel, attrs, exclusive, ret, mismatches, len);
	return r;
}

/* That it is meant to stay is noted as far as it can be: the object is as good without. */
static void note_made(struct ipc_ctx *ctx, const struct ipc_selector *made)
{
	AUTO_OBJECT struct ipc_object o = { 0 };

	if (ctx->ledger)
		(void)look(ctx, made, 0, &o);
	if (o.selector.kind) /* it was seen, though some of it may not be read */
		(void)ledger_add(ctx, &o);
}

int ipc_create(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	bool exclusive, struct ipc_selector *ret, struct ipc_mismatch *ret_mismatches, size_t *ret_len)
{
	AUTO_SELECTOR struct ipc_selector made = { 0 };
	struct ipc_event event = { .type = EVENT_CREATE, .selector = sel };
	int r;

	*ret_len = 0;
	if (!sel->kind->ops->create || (ctx->ns && !sel->kind->namespaced))
		return -EOPNOTSUPP;
	r = ipc_observe_before(ctx, &event);
	if (r < 0)
		return r;
	r = create_again(ctx, sel, attrs, exclusive, &made, ret_mismatches, ret_len);
	if (r == 1)
		note_made(ctx, &made);
	event.count = r == 1;
	event.result = r < 0 ? r : 0;
	if (r == 1)
		event.selector = &made;
	if (r != 0)
		ipc_observe_after(ctx, &event);
	if (r >= 0 && ret) {
		*ret = made;
		made = (struct ipc_selector){ 0 }; /* the caller owns it now */
	}
	return r;
}

bool ipc_object_same(const struct ipc_object *a, const struct ipc_object *b)
{
	const struct ipc_value *x = &a->common[FIELD_CREATED], *y = &b->common[FIELD_CREATED];

	if (x->have == HAVE_VALUE && y->have == HAVE_VALUE && x->number != y->number)
		return false; /* file systems give a number again at once */
	return a->dev == b->dev && a->ino == b->ino &&
		a->common[FIELD_ID].number == b->common[FIELD_ID].number;
}

/* The object was there and its state is unknown: because another one has its name by now? */
static int why_unknown(struct ipc_ctx *ctx, const struct ipc_object *object)
{
	AUTO_OBJECT struct ipc_object now = { 0 };
	int r = look(ctx, &object->selector, 0, &now);

	if (r < 0 && !now.selector.kind)
		return r;
	return ipc_object_same(object, &now) ? -EADDRINUSE : -ESTALE;
}

/* What has no name in any directory or table of names goes with its last user, and not before. */
static bool has_removable_name(const struct ipc_selector *sel)
{
	return BIT(sel->form) & (BIT(FORM_POSIX) | BIT(FORM_KEY) | BIT(FORM_ID) | BIT(FORM_PATH));
}

int ipc_remove_refusal(const struct ipc_object *object, unsigned flags)
{
	struct ipc_value messages = ipc_object_get(object, "messages");
	bool empty = messages.have == HAVE_ABSENT || (messages.have == HAVE_VALUE && messages.number == 0);

	if (!has_removable_name(&object->selector) || !object->selector.kind->ops->remove)
		return -EOPNOTSUPP;
	if (object->verdict.state == STATE_ORPHAN)
		return -EALREADY;
	if (!(flags & REMOVE_FORCE) && object->verdict.state == STATE_LIVE)
		return -EBUSY;
	if (!(flags & REMOVE_FORCE) && object->verdict.state == STATE_UNKNOWN)
		return -EADDRINUSE;
	return empty || flags & REMOVE_DISCARD ? 0 : -ENOTEMPTY;
}

static int may_remove(struct ipc_ctx *ctx, const struct ipc_object *object, unsigned flags)
{
	AUTO_OBJECT struct ipc_object now = { 0 };

	if (object->selector.kind->ops->asks_kernel)
		ipc_ctx_forget_kernel(ctx);
	else
		ipc_ctx_forget(ctx);
	int r = look(ctx, &object->selector, WANT_STATE, &now);
	if (r < 0 && !now.selector.kind)
		return r;
	if (!ipc_object_same(object, &now))
		return -ESTALE;
	r = ipc_remove_refusal(&now, flags);
	if (r == -EADDRINUSE)
		return why_unknown(ctx, object);
	/* Who asked for what is stale did not ask for what somebody came back to. */
	bool was_stale = object->verdict.state == STATE_STALE && !(flags & REMOVE_FORCE);
	return r == 0 && was_stale && now.verdict.state != STATE_STALE ? -ECANCELED : r;
}

int ipc_remove(struct ipc_ctx *ctx, const struct ipc_object *object, unsigned flags)
{
	struct ipc_event event = { .type = EVENT_REMOVE, .selector = &object->selector, .count = 1 };
	int r;

	if (!object->selector.kind->ops->remove || !has_removable_name(&object->selector))
		return -EOPNOTSUPP;
	r = ipc_observe_before(ctx, &event);
	if (r < 0)
		return r;
	r = may_remove(ctx, object, flags);
	if (r == 0)
		r = object->selector.kind->ops->remove(ctx, object, (flags & REMOVE_FORCE) != 0);
	event.result = r;
	return ipc_observe_after(ctx, &event);
}

int ipc_set_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode)
{
	struct ipc_event event = { .type = EVENT_CHANGE, .selector = &object->selector, .count = 1 };
	int r;

	if (!object->selector.kind->ops->set_mode)
		return -EOPNOTSUPP;
	r = ipc_observe_before(ctx, &event);
	if (r < 0)
		return r;
	event.result = object->selector.kind->ops->set_mode(ctx, object, mode);
	return ipc_observe_after(ctx, &event);
}

int ipc_set_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid)
{
	struct ipc_event event = { .type = EVENT_CHANGE, .selector = &object->selector, .count = 1 };
	int r;

	if (!object->selector.kind->ops->set_owner)
		return -EOPNOTSUPP;
	r = ipc_observe_before(ctx, &event);
	if (r < 0)
		return r;
	/* The ledger of the present owner is not believed about what is another's. */
	bool meant = uid != (uid_t)-1 && ledger_meant(ctx, object).answer == ANSWER_YES;
	event.result = object->selector.kind->ops->set_owner(ctx, object, uid, gid);
	if (event.result == 0 && meant)
		(void)ledger_add(ctx, object);
	return ipc_observe_after(ctx, &event);
}

static bool has_field(const struct ipc_kind *kind, const char *name)
{
	size_t n = ipc_kind_fields(kind);

	for (size_t i = 0; i < n; i++)
		if (strcmp(kind->fields[i].name, name) == 0)
			return true;
	return false;
}

/* Whether a condition holds now: 1, 0 or -errno. */
static int holds(struct ipc_ctx *ctx, const struct ipc_selector *sel, enum ipc_condition condition)
{
	AUTO_OBJECT struct ipc_object o = { 0 };
	unsigned want = condition == CONDITION_LIVE || condition == CONDITION_IDLE ? WANT_STATE : 0;

	ipc_ctx_forget(ctx);
	int r = look(ctx, sel, want, &o);
	if (condition == CONDITION_EXISTS || condition == CONDITION_GONE) {
		bool there = r == 0 || (r == -EACCES && o.selector.kind);
		if (!there && r != -ENOENT)
			return r;
		return there == (condition == CONDITION_EXISTS);
	}
	if (r < 0)
		return r;
	if (want && o.verdict.state == STATE_UNKNOWN)
		return -EADDRINUSE;
	if (want)
		return (o.verdict.state == STATE_LIVE) == (condition == CONDITION_LIVE);
	return (ipc_object_get(&o, "messages").number > 0) == (condition == CONDITION_READABLE);
}

int ipc_wait(struct ipc_ctx *ctx, const struct ipc_selector *sel, enum ipc_condition condition,
	struct ipc_deadline deadline)
{
	const struct ipc_kind_ops *ops = sel->kind->ops;

	if ((condition == CONDITION_EMPTY || condition == CONDITION_READABLE) &&
		!has_field(sel->kind, "messages"))
		return -EOPNOTSUPP;
	for (int unknown = 0;;) {
		int r = holds(ctx, sel, condition);
		unknown = r == -EADDRINUSE ? unknown + 1 : 0;
		if (r != 0 && (unknown == 0 || unknown == UNKNOWN_TRIES))
			return r < 0 ? r : 0;
		if (ipc_deadline_left(deadline) == 0)
			return ipc_deadline_error(deadline);
		r = ops->await_change ? ops->await_change(ctx, sel, condition, deadline) : -EAGAIN;
		if (r == -EAGAIN)
			r = ipc_deadline_sleep(deadline, LOOK_INTERVAL_NS);
		if (r < 0 && r != -EINTR && r != -ETIMEDOUT)
			return r;
	}
}
