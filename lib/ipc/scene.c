#include "ipc/scene_impl.h"

#include "ipc/io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void scene_clear(struct scene *s)
{
	for (size_t i = 0; i < s->len; i++)
		ipc_object_clear(&s->v[i].object);
	free(s->v);
	free(s->drawn);
	free(s->processes);
	free(s->edges);
	free(s->links);
	*s = (struct scene){ 0 };
}

/* --- what is in it --- */

int scene_add(
	struct scene *s, struct ipc_object *object, const struct ipc_links *links, enum scene_choice choice)
{
	if (s->len == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		struct scene_object *v = reallocarray(s->v, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		s->v = v;
		s->room = room;
	}
	s->v[s->len++] = (struct scene_object){
		.object = *object,
		.links = links ? *links : (struct ipc_links){ 0 },
		.choice = choice,
		.rank = SCENE_NONE,
	};
	*object = (struct ipc_object){ 0 }; /* the scene owns it now */
	return 0;
}

int scene_look(struct ipc_ctx *ctx, struct scene *s, struct ipc_object *object, enum scene_choice choice)
{
	struct ipc_links links = { 0 };
	int r = ipc_links(ctx, object, &links);

	return r == -ENOMEM ? r : scene_add(s, object, r == 0 ? &links : NULL, choice);
}

/* --- what it lacks --- */

struct completion {
	struct ipc_ctx *ctx;
	struct scene *scene;
};

static int take(struct ipc_object *object, int error, void *arg)
{
	struct completion *c = arg;

	(void)error; /* what could not be read is drawn as such */
	return scene_look(c->ctx, c->scene, object, SCENE_BESIDE);
}

static bool has_sockets(const struct scene *s, const struct ipc_kind *kind)
{
	for (size_t i = 0; i < s->len; i++)
		if (s->v[i].links.self && strcmp(s->v[i].object.selector.kind->class, kind->class) == 0)
			return true;
	return false;
}

static int by_number(const void *a, const void *b)
{
	return scene_order(*(const ino_t *)a, *(const ino_t *)b);
}

static int add_peer(struct completion *c, const struct ipc_kind *kind, ino_t peer, unsigned want)
{
	const struct ipc_selector sel = { .kind = kind, .form = FORM_INO, .number = (int64_t)peer };
	AUTO_OBJECT struct ipc_object object = { 0 };
	int r = ipc_stat(c->ctx, &sel, want, &object);

	if (r < 0 && !object.selector.kind)
		return r == -ENOMEM ? r : 0; /* closed meanwhile */
	return scene_look(c->ctx, c->scene, &object, SCENE_BESIDE);
}

static int add_peers(struct completion *c, unsigned want)
{
	struct scene *s = c->scene;
	size_t len = s->len;
	AUTO_FREE ino_t *known = calloc(len + 1, sizeof(*known));
	int r = 0;

	if (!known)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++)
		known[i] = s->v[i].links.self;
	qsort(known, len, sizeof(*known), by_number);
	for (size_t i = 0; r == 0 && i < len; i++) {
		ino_t peer = s->v[i].links.peer;
		if (peer && !bsearch(&peer, known, len, sizeof(peer), by_number))
			r = add_peer(c, s->v[i].object.selector.kind, peer, want);
	}
	return r;
}

int scene_complete(struct ipc_ctx *ctx, struct scene *s, unsigned want, bool partial)
{
	struct completion c = { ctx, s };
	int r = 0;

	for (size_t i = 0; partial && r == 0 && ipc_kinds[i]; i++)
		if (has_sockets(s, ipc_kinds[i]))
			r = ipc_list(ctx, ipc_kinds[i], want, take, &c);
	return r < 0 ? r : add_peers(&c, want);
}

/* --- what is one --- */

static unsigned kind_order(const struct ipc_kind *kind)
{
	unsigned i = 0;

	while (ipc_kinds[i] && ipc_kinds[i] != kind)
		i++;
	return i;
}

static int compare_names(const struct ipc_object *x, const struct ipc_object *y)
{
	const struct ipc_selector *a = &x->selector, *b = &y->selector;
	size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
	int r = scene_order(kind_order(a->kind), kind_order(b->kind));

	if (r == 0)
		r = scene_order(a->form, b->form);
	if (r == 0)
		r = scene_order((uint64_t)a->number, (uint64_t)b->number);
	if (r == 0)
		r = scene_order((uint32_t)a->key, (uint32_t)b->key);
	if (r == 0 && len > 0)
		r = memcmp(a->name, b->name, len);
	if (r == 0)
		r = scene_order(a->name_len, b->name_len);
	if (r == 0)
		r = scene_order(x->ns_pid != 0, y->ns_pid != 0); /* the caller's own namespace comes first */
	return r ? r : scene_order(x->ns, y->ns);
}

static int by_selector(const void *a, const void *b)
{
	const struct scene_object *x = a, *y = b;
	int r = compare_names(&x->object, &y->object);

	return r ? r : scene_order(y->choice, x->choice);
}

/* By the number of the socket; of several names of one the best comes first. */
static int by_socket(const void *a, const void *b)
{
	const struct scene_object *x = *(struct scene_object *const *)a,
				  *y = *(struct scene_object *const *)b;
	int r = scene_order(x->links.self, y->links.self);

	if (r == 0)
		r = scene_order(x->object.selector.form == FORM_INO, y->object.selector.form == FORM_INO);
	return r ? r : by_selector(x, y);
}

struct sockets {
	struct scene_object **v; /* ordered by number, each once; owned */
	size_t len;
};

static struct scene_object *find_socket(const struct sockets *all, ino_t ino)
{
	size_t from = 0, to = all->len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (all->v[middle]->links.self < ino)
			from = middle + 1;
		else
			to = middle;
	}
	return ino && from < all->len && all->v[from]->links.self == ino ? all->v[from] : NULL;
}

/* One stands for both. */
static void merge(struct scene_object *kept, struct scene_object *gone)
{
	if (gone->choice > kept->choice)
		kept->choice = gone->choice;
	gone->left_out = true;
}

static void merge_names(struct scene *s)
{
	struct scene_object *kept = s->v;

	for (size_t i = 1; i < s->len; i++)
		if (compare_names(&kept->object, &s->v[i].object) == 0)
			merge(kept, &s->v[i]);
		else
			kept = &s->v[i];
}

static int index_sockets(struct scene *s, struct sockets *ret)
{
	size_t len = 0;

	ret->v = calloc(s->len + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < s->len; i++)
		if (s->v[i].links.self && !s->v[i].left_out)
			ret->v[len++] = &s->v[i];
	qsort(ret->v, len, sizeof(*ret->v), by_socket);
	for (size_t i = 0; i < len; i++)
		if (ret->len > 0 && ret->v[ret->len - 1]->links.self == ret->v[i]->links.self)
			merge(ret->v[ret->len - 1], ret->v[i]);
		else
			ret->v[ret->len++] = ret->v[i];
	return 0;
}

/* Both ends of a connection become one, and what is sent one way alone has what it is sent to as its server. */
static void join(const struct sockets *all)
{
	for (size_t i = 0; i < all->len; i++) {
		struct scene_object *o = all->v[i], *peer = find_socket(all, o->links.peer);
		if (o->left_out)
			continue;
		o->server = find_socket(all, o->links.server);
		o->turned = o->server != NULL;
		if (!peer || peer == o)
			continue;
		if (peer->links.peer != o->links.self) {
			o->server = peer;
			continue;
		}
		o->other = peer;
		if (!o->server)
			o->server = find_socket(all, peer->links.server);
		merge(o, peer);
	}
}

/* --- what is drawn --- */

static bool has_process(const struct ipc_object *o, pid_t pid)
{
	for (size_t i = 0; i < o->holders_len; i++)
		if (o->holders[i].pid == pid)
			return true;
	return false;
}

/* Whether a process of the second has it and not one of the first. */
static bool has_others(const struct ipc_object *all, const struct ipc_object *o)
{
	for (size_t i = 0; i < o->holders_len; i++)
		if (!has_process(all, o->holders[i].pid))
			return true;
	return false;
}

static bool joins_processes(const struct scene_object *o)
{
	const struct ipc_object *first = &o->object, *second = o->other ? &o->other->object : first;
	const struct ipc_object *any = first->holders_len > 0 ? first : second;

	for (size_t i = 1; i < first->holders_len; i++)
		if (first->holders[i].pid != first->holders[0].pid)
			return true;
	for (size_t i = 0; i < second->holders_len; i++)
		if (second->holders[i].pid != any->holders[0].pid)
			return true;
	return false;
}

/* What has no name, and is of use only between processes. */
bool scene_is_nameless_channel(const struct scene_object *o)
{
	const struct ipc_selector *sel = &o->object.selector;

	return sel->form == FORM_INO && (o->links.self || sel->kind->hidden);
}

static bool is_of_use(const struct scene_object *o)
{
	if (scene_is_nameless_channel(o))
		return joins_processes(o);
	return o->object.holders_len > 0 || (o->other && o->other->object.holders_len > 0) ||
		o->object.verdict.state == STATE_LIVE;
}

/* The end that its server's processes have. */
static const struct ipc_object *server_end(const struct scene_object *o)
{
	return o->turned ? &o->object : o->other ? &o->other->object : NULL;
}

const struct ipc_object *scene_client_end(const struct scene_object *o)
{
	return !o->turned ? &o->object : o->other ? &o->other->object : NULL;
}

/* Whether an edge from the client to the server says as much. A server is not the client of another one here. */
static bool can_fold(const struct scene_object *o)
{
	const struct ipc_object *own = server_end(o), *client = scene_client_end(o);

	return o->choice != SCENE_NAMED && o->server && !o->server->server && scene_is_nameless_channel(o) &&
		client && has_others(&o->server->object, client) &&
		!(own && has_others(&o->server->object, own));
}

static bool is_chosen(const struct scene_object *o)
{
	return !o->left_out && o->choice != SCENE_BESIDE;
}

/* Unless they are asked for, those without a name are there for the others' sake. */
static void set_aside_nameless(struct scene *s)
{
	for (size_t i = 0; i < s->len; i++)
		if (s->v[i].choice == SCENE_CHOSEN && scene_is_nameless_channel(&s->v[i]))
			s->v[i].choice = SCENE_BESIDE;
}

static void decide(struct scene *s, unsigned flags)
{
	if (!(flags & (SCENE_ALL | SCENE_NAMELESS)))
		set_aside_nameless(s);
	for (size_t i = 0; i < s->len; i++)
		if (s->v[i].left_out || (s->v[i].server && !is_chosen(s->v[i].server)))
			s->v[i].server = NULL;
	for (size_t i = 0; i < s->len; i++)
		if (s->v[i].choice == SCENE_BESIDE && !s->v[i].server)
			s->v[i].left_out = true;
	for (size_t i = 0; !(flags & SCENE_ALL) && i < s->len; i++)
		if (!s->v[i].left_out && can_fold(&s->v[i])) {
			s->v[i].folded = true;
			s->v[i].server->choice = SCENE_NAMED; /* the edge needs it */
		}
	for (size_t i = 0; !(flags & SCENE_ALL) && i < s->len; i++)
		if (!s->v[i].folded && s->v[i].choice != SCENE_NAMED && !is_of_use(&s->v[i]))
			s->v[i].left_out = true;
}

static int rank_objects(struct scene *s)
{
	s->drawn = calloc(s->len + 1, sizeof(struct scene_object *));
	if (!s->drawn)
		return -ENOMEM;
	for (size_t i = 0; i < s->len; i++) /* they are in order by now */
		if (!s->v[i].left_out && !s->v[i].folded) {
			s->v[i].rank = s->drawn_len;
			s->drawn[s->drawn_len++] = &s->v[i];
		}
	return 0;
}

int scene_finish(struct scene *s, unsigned flags)
{
	struct sockets sockets = { 0 };
	int r = 0;

	if (s->len > 0)
		qsort(s->v, s->len, sizeof(*s->v), by_selector);
	merge_names(s);
	r = index_sockets(s, &sockets);
	if (r == 0)
		join(&sockets);
	free(sockets.v);
	if (r == 0)
		decide(s, flags);
	if (r == 0)
		r = rank_objects(s);
	if (r == 0)
		r = scene_make_edges(s);
	return r < 0 ? r : scene_make_links(s);
}
