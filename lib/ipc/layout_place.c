/* Where the C ABI puts the members of a structure. */
#include "ipc/layout_private.h"

#include <errno.h>
#include <string.h>

char *layout_copy_name(struct layout_parser *p, const struct layout_token *t)
{
	char *name = layout_alloc(&p->layout->arena, t->len + 1);

	if (name)
		memcpy(name, t->text, t->len);
	return name;
}

static uint64_t round_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) & ~(align - 1);
}

/* Gives each member its place. Sizes are below 2^31 and so are places: 64 bits can't overflow. */
int layout_place(struct layout_parser *p, const struct layout_scope *in, struct ipc_layout_struct *s)
{
	uint64_t end = 0, widest = 1;
	size_t n = 0;

	s->members = layout_alloc(&p->layout->arena, in->count * sizeof(*s->members));
	if (!s->members)
		return -ENOMEM;
	for (const struct layout_node *node = in->first; node; node = node->next) {
		uint64_t align = in->packed ? 1 : node->m.align;
		if (node->pack && node->pack < align)
			align = node->pack;
		if (align > widest)
			widest = align;
		end = round_up(end, align);
		size_t parts = node->unnamed ? node->m.of->count : 1;
		for (size_t i = 0; i < parts; i++) {
			s->members[n] = node->unnamed ? node->m.of->members[i] : node->m;
			s->members[n++].offset += end;
		}
		end += node->m.size;
		if (round_up(end, widest) > LAYOUT_SIZE_MAX)
			return layout_complain(p, &node->at, "the structure is larger than 2 GiB");
	}
	s->count = n;
	s->align = widest;
	s->size = round_up(end, widest);
	s->depth = in->nested + 1;
	s->complete = true;
	return 0;
}

/* Enters a name into the structure; a second one of it is refused. */
static int claim(struct layout_parser *p, struct layout_scope *in, const char *name, size_t len,
	const struct layout_token *at)
{
	struct layout_symbol *s = layout_symbol_find(p, in->space, name, len);

	if (s)
		return layout_complain(p, at, "a second member called '%.*s'", layout_shown(len), name);
	if (++p->members > LAYOUT_MEMBERS_MAX)
		return layout_complain(p, at, "more than %u members", LAYOUT_MEMBERS_MAX);
	in->count++;
	return layout_symbol_add(p, in->space, name, len) ? 0 : -ENOMEM;
}

/* Notes that a member has so many levels of structures. */
static int deepen(
	struct layout_parser *p, struct layout_scope *in, const struct layout_token *at, unsigned levels)
{
	if (levels >= LAYOUT_DEPTH_MAX)
		return layout_complain(p, at, "more than %u structures within each other", LAYOUT_DEPTH_MAX);
	if (levels > in->nested)
		in->nested = levels;
	return 0;
}

/* Multiplies the size of one element by the bounds; checks what can only be checked in use. */
static int complete_type(struct layout_parser *p, const struct layout_token *at, struct ipc_member *m)
{
	uint64_t size = m->size;

	if (m->base == MEMBER_STRUCT) {
		if (!m->of->complete)
			return layout_complain(p, at, "structure '%.*s' is not complete here",
				layout_shown(strlen(m->of->name)), m->of->name);
		size = m->of->size;
		m->align = m->of->align;
	}
	for (unsigned i = 0; i < m->dim_count; i++) {
		size *= m->dims[i];
		if (size > LAYOUT_SIZE_MAX)
			return layout_complain(p, at, "the array is larger than 2 GiB");
	}
	m->size = size;
	return 0;
}

static struct layout_node *append(
	struct layout_parser *p, struct layout_scope *in, const struct layout_token *at)
{
	struct layout_node *node = layout_alloc(&p->scratch, sizeof(*node));

	if (!node)
		return NULL;
	node->at = *at;
	*in->last = node;
	in->last = &node->next;
	return node;
}

/* A structure without a name within another: its members are the other one's. */
int layout_add_unnamed(
	struct layout_parser *p, struct layout_scope *in, const struct layout_token *at, struct ipc_member m)
{
	int r = complete_type(p, at, &m);

	if (r == 0)
		r = deepen(p, in, at, m.of->depth - 1); /* it is no level of its own */
	for (size_t i = 0; r == 0 && i < m.of->count; i++)
		r = claim(p, in, m.of->members[i].name, strlen(m.of->members[i].name), at);
	if (r < 0)
		return r;
	struct layout_node *node = append(p, in, at);
	if (!node)
		return -ENOMEM;
	node->m = m;
	node->pack = p->pack;
	node->unnamed = true;
	return 0;
}

int layout_add_member(struct layout_parser *p, struct layout_scope *in, const struct layout_token *at,
	struct ipc_member m, bool packed)
{
	int r = complete_type(p, at, &m);

	if (r == 0 && m.base == MEMBER_STRUCT)
		r = deepen(p, in, at, m.of->depth);
	if (r == 0)
		r = claim(p, in, at->text, at->len, at);
	if (r < 0)
		return r;
	struct layout_node *node = append(p, in, at);
	m.name = layout_copy_name(p, at);
	if (!node || !m.name)
		return -ENOMEM;
	node->m = m;
	node->pack = packed ? 1 : p->pack;
	return 0;
}
