/* Who has what in a scene: its processes, the edges to the objects that are drawn, and what a server accepted. */
#include "ipc/scene_impl.h"

#include "ipc/io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t count_holders(const struct scene *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->len; i++)
		n += s->v[i].object.holders_len;
	return n;
}

static void add_edges(struct scene *s, const struct ipc_object *o, const struct scene_edge *template,
	const struct ipc_holder **holders)
{
	for (size_t i = 0; o && i < o->holders_len; i++) {
		const struct ipc_holder *h = &o->holders[i];
		struct scene_edge *e = &s->edges[s->edges_len];
		*e = *template;
		e->process = (size_t)h->pid;
		e->how = h->how;
		if (!e->connections) {
			e->reads = h->reads;
			e->writes = h->writes;
			e->blocked = strcmp(h->how, "blocked") == 0;
			e->bound = strcmp(h->how, "bound") == 0;
		}
		holders[s->edges_len++] = h;
	}
}

static void add_all_edges(struct scene *s, const struct ipc_holder **holders)
{
	for (size_t i = 0; i < s->len; i++) {
		const struct scene_object *o = &s->v[i];
		struct scene_edge e = { .object = o->rank };
		if (o->folded) {
			e = (struct scene_edge){ .object = o->server->rank, .connections = 1 };
			add_edges(s, scene_client_end(o), &e, holders);
		} else if (!o->left_out) {
			e.behind = o->turned;
			add_edges(s, &o->object, &e, holders);
			e.behind = !o->turned;
			add_edges(s, o->other ? &o->other->object : NULL, &e, holders);
		}
	}
}

static int by_pid(const void *a, const void *b)
{
	const struct ipc_holder *x = *(const struct ipc_holder *const *)a,
				*y = *(const struct ipc_holder *const *)b;
	int r = scene_order((uint64_t)x->pid, (uint64_t)y->pid);

	if (r == 0) /* what says more */
		r = scene_order(!x->command, !y->command);
	return r;
}

static int list_processes(struct scene *s, const struct ipc_holder **holders)
{
	qsort(holders, s->edges_len, sizeof(*holders), by_pid);
	s->processes = calloc(s->edges_len + 1, sizeof(*s->processes));
	if (!s->processes)
		return -ENOMEM;
	for (size_t i = 0; i < s->edges_len; i++) {
		const struct ipc_holder *h = holders[i];
		if (i == 0 || h->pid != holders[i - 1]->pid)
			s->processes[s->processes_len++] =
				(struct scene_process){ h->pid, h->uid, h->uid_known, h->command };
	}
	return 0;
}

static int by_own_pid(const void *key, const void *element)
{
	return scene_order(
		(uint64_t) * (const pid_t *)key, (uint64_t)((const struct scene_process *)element)->pid);
}

/* Of a process that is listed: all that have something are. */
static size_t process_index(const struct scene *s, pid_t pid)
{
	const struct scene_process *p =
		bsearch(&pid, s->processes, s->processes_len, sizeof(*s->processes), by_own_pid);

	return (size_t)(p - s->processes);
}

static int by_place(const void *a, const void *b)
{
	const struct scene_edge *x = a, *y = b;
	int r = scene_order(x->object, y->object);

	if (r == 0)
		r = scene_order(x->behind, y->behind);
	if (r == 0)
		r = scene_order(x->process, y->process);
	if (r == 0)
		r = scene_order(x->connections > 0, y->connections > 0);
	return r ? r : strcmp(x->how, y->how);
}

/* Of a process that waits, what it waits to do says more than what it may do. */
static void merge_edge(struct scene_edge *kept, const struct scene_edge *e)
{
	if (e->blocked && !kept->blocked)
		kept->reads = kept->writes = false;
	if (e->blocked || !kept->blocked) {
		kept->reads |= e->reads;
		kept->writes |= e->writes;
	}
	kept->blocked |= e->blocked;
	kept->bound |= e->bound;
	kept->connections += e->connections;
}

/* A process has an object once, whatever it has of it: a mapping and a descriptor, several connections. */
static void merge_edges(struct scene *s)
{
	size_t len = 0;

	qsort(s->edges, s->edges_len, sizeof(*s->edges), by_place);
	for (size_t i = 0; i < s->edges_len; i++) {
		const struct scene_edge *e = &s->edges[i];
		struct scene_edge *last = len ? &s->edges[len - 1] : NULL;
		if (last && last->object == e->object && last->behind == e->behind &&
			last->process == e->process && !last->connections == !e->connections)
			merge_edge(last, e);
		else
			s->edges[len++] = *e;
	}
	s->edges_len = len;
	for (size_t i = 0; i < len; i++)
		s->edges[i].behind |= s->edges[i].bound || (s->edges[i].reads && !s->edges[i].writes);
	qsort(s->edges, len, sizeof(*s->edges), by_place);
}

enum { CROWD = 6 }; /* so many processes with one end of a pipe were not connected by somebody on purpose */

static void mark_crowds(struct scene *s)
{
	for (size_t i = 0, n; i < s->edges_len; i += n) {
		struct scene_edge *e = &s->edges[i];
		for (n = 1; i + n < s->edges_len && e[n].object == e->object && e[n].behind == e->behind;)
			n++;
		for (size_t k = 0; n > CROWD && scene_is_nameless_channel(s->drawn[e->object]) && k < n; k++)
			e[k].faint = true;
	}
}

int scene_make_edges(struct scene *s)
{
	size_t max = count_holders(s);
	AUTO_FREE const struct ipc_holder **holders = calloc(max + 1, sizeof(*holders));

	s->edges = calloc(max + 1, sizeof(*s->edges));
	if (!holders || !s->edges)
		return -ENOMEM;
	add_all_edges(s, holders);
	int r = list_processes(s, holders);
	for (size_t i = 0; r == 0 && i < s->edges_len; i++)
		s->edges[i].process = process_index(s, (pid_t)s->edges[i].process);
	if (r == 0)
		merge_edges(s);
	if (r == 0)
		mark_crowds(s);
	return r;
}

int scene_make_links(struct scene *s)
{
	s->links = calloc(s->drawn_len + 1, sizeof(*s->links));
	if (!s->links)
		return -ENOMEM;
	for (size_t i = 0; i < s->drawn_len; i++) {
		const struct scene_object *server = s->drawn[i]->server;
		if (server && server->rank != SCENE_NONE)
			s->links[s->links_len++] = (struct scene_link){ i, server->rank };
	}
	return 0;
}
