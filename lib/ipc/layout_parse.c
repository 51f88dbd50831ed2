/* From tokens to structures: declarations, and where the C ABI puts what they declare. */
#include "ipc/layout_private.h"

#include <errno.h>
#include <string.h>

/* Reads `__attribute__((packed))`, `__packed`, or with bare the word `packed`. Returns whether there was one. */
static int packing(struct layout_parser *p, bool bare)
{
	int r;

	if (layout_token_is(&p->token, "__packed") || (bare && layout_token_is(&p->token, "packed"))) {
		r = layout_next(p);
		return r < 0 ? r : 1;
	}
	if (!layout_token_is(&p->token, "__attribute__"))
		return 0;
	r = layout_next(p);
	for (int i = 0; r == 0 && i < 2; i++)
		r = layout_expect(p, "(");
	if (r == 0 && !layout_token_is(&p->token, "packed") && !layout_token_is(&p->token, "__packed__"))
		return layout_complain(p, &p->token, "the only attribute that is understood is packed");
	if (r == 0)
		r = layout_next(p);
	for (int i = 0; r == 0 && i < 2; i++)
		r = layout_expect(p, ")");
	return r < 0 ? r : 1;
}

static int add_typedef(struct layout_parser *p, const struct layout_token *at, struct ipc_member m)
{
	struct ipc_member *copy = layout_alloc(&p->scratch, sizeof(*copy));

	if (layout_symbol_find(p, SPACE_TYPES, at->text, at->len))
		return layout_complain(p, at, "a second type called '%.*s'", layout_shown(at->len), at->text);
	struct layout_symbol *s = layout_symbol_add(p, SPACE_TYPES, at->text, at->len);
	if (!copy || !s)
		return -ENOMEM;
	*copy = m;
	s->what = copy;
	return 0;
}

static int bound(struct layout_parser *p, uint32_t *ret)
{
	struct layout_token t = p->token;
	int64_t value;

	if (layout_token_is(&t, "]"))
		return layout_complain(p, &t, "an array without a bound has no size here");
	int r = layout_expression(p, &value);
	if (r < 0)
		return r;
	if (value == 0)
		return layout_complain(p, &t, "an array of no elements");
	if (value < 0)
		return layout_complain(p, &t, "a negative bound");
	if ((uint64_t)value > LAYOUT_SIZE_MAX)
		return layout_complain(p, &t, "the array is larger than 2 GiB");
	*ret = (uint32_t)value;
	return layout_expect(p, "]");
}

/* Reads the bounds behind a name; those of a typedef come after them. */
static int bounds(struct layout_parser *p, struct ipc_member *m)
{
	uint32_t dims[LAYOUT_DEPTH_MAX];
	unsigned n = 0;

	while (layout_token_is(&p->token, "[")) {
		if (n + m->dim_count == LAYOUT_DEPTH_MAX)
			return layout_complain(p, &p->token, "more than %u dimensions", LAYOUT_DEPTH_MAX);
		int r = layout_next(p);
		if (r == 0)
			r = bound(p, &dims[n]);
		if (r < 0)
			return r;
		n++;
	}
	if (n == 0)
		return 0;
	uint32_t *all = layout_alloc(&p->layout->arena, (n + m->dim_count) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	memcpy(all, dims, n * sizeof(*all));
	if (m->dim_count)
		memcpy(all + n, m->dims, m->dim_count * sizeof(*all));
	m->dims = all;
	m->dim_count += n;
	return 0;
}

/* Reads a name with its bounds. type is that of the declaration, ret the one of this name. */
static int declarator(struct layout_parser *p, const struct ipc_member *type, struct layout_token *ret_name,
	struct ipc_member *ret)
{
	struct layout_token t = p->token;
	struct ipc_member m = *type;

	if (layout_token_is(&t, "*"))
		return layout_complain(p, &t, "pointers mean nothing in another process");
	if (layout_token_is(&t, "("))
		return layout_complain(p, &t, "functions and pointers mean nothing in another process");
	if (layout_token_is(&t, ":"))
		return layout_complain(p, &t, "bit-fields are not supported: their layout is not fixed");
	if (t.type != TOKEN_WORD || layout_is_reserved(&t))
		return layout_expected(p, "a name");
	if (layout_symbol_find(p, SPACE_DEFINES, t.text, t.len))
		return layout_complain(
			p, &t, "the macro '%.*s' is not expanded here", layout_shown(t.len), t.text);
	int r = layout_next(p);
	if (r == 0)
		r = bounds(p, &m);
	if (r < 0)
		return r;
	if (layout_token_is(&p->token, ":"))
		return layout_complain(
			p, &p->token, "bit-fields are not supported: their layout is not fixed");
	if (layout_token_is(&p->token, "="))
		return layout_complain(p, &p->token, "a layout holds no values");
	if (layout_token_is(&p->token, "("))
		return layout_complain(p, &p->token, "functions mean nothing in another process");
	*ret_name = t;
	*ret = m;
	return 0;
}

/* The ; behind a declaration; the last one of the text can be missing. */
static int end_of_declaration(struct layout_parser *p, const struct layout_scope *in)
{
	if (in->file && p->token.type == TOKEN_END)
		return 0;
	return layout_token_is(&p->token, ";") ? layout_next(p) : layout_expected(p, "';'");
}

/* typedef struct { ... } Name; */
static int name_structure(struct layout_parser *p, const struct layout_token *t)
{
	char *name = layout_copy_name(p, t);

	if (!name)
		return -ENOMEM;
	p->last->name = name;
	return 0;
}

/* A member, with the packing that can stand behind its name. */
static int member(struct layout_parser *p, struct layout_scope *in, const struct layout_token *name,
	struct ipc_member m)
{
	int packed = packing(p, false);

	return packed < 0 ? packed : layout_add_member(p, in, name, m, packed > 0);
}

static int declarators(
	struct layout_parser *p, struct layout_scope *in, bool is_typedef, const struct ipc_member *type)
{
	for (;;) {
		struct layout_token name;
		struct ipc_member m;
		int r = declarator(p, type, &name, &m);
		if (r == 0 && is_typedef && type->of == p->last && p->last && *p->last->name == '\0')
			r = name_structure(p, &name);
		if (r == 0)
			r = is_typedef ? add_typedef(p, &name, m) : member(p, in, &name, m);
		if (r < 0)
			return r;
		if (!layout_token_is(&p->token, ","))
			return 0;
		r = layout_next(p);
		if (r < 0)
			return r;
	}
}

static int declaration(struct layout_parser *p, struct layout_scope *in);

/* Packing behind the }. There `packed` alone is C's way to declare something of that name. */
static int packing_behind(struct layout_parser *p, const struct layout_scope *in, bool is_typedef)
{
	bool bare = false;

	if (layout_token_is(&p->token, "packed")) {
		struct layout_token t;
		int r = layout_peek(p, &t);
		if (r < 0)
			return r;
		bare = t.type == TOKEN_WORD ||
			(in->file && !is_typedef && (t.type == TOKEN_END || layout_token_is(&t, ";")));
	}
	return packing(p, bare);
}

/* Reads { members } and what is behind; s gets complete. */
static int structure_body(struct layout_parser *p, const struct layout_scope *in, bool is_typedef,
	bool packed, struct ipc_layout_struct *s)
{
	struct layout_scope inner = {
		.space = SPACE_MEMBERS + ++p->spaces, .depth = in->depth + 1, .packed = packed
	};
	int r;

	inner.last = &inner.first;
	if (in->depth == LAYOUT_DEPTH_MAX)
		return layout_complain(
			p, &p->token, "more than %u structures within each other", LAYOUT_DEPTH_MAX);
	p->open++;
	r = layout_next(p);
	while (r == 0 && !layout_token_is(&p->token, "}"))
		r = p->token.type == TOKEN_END ? layout_expected(p, "'}'") : declaration(p, &inner);
	if (r < 0)
		return r;
	if (!inner.first)
		return layout_complain(p, &p->token, "a structure without members");
	p->open--;
	r = layout_next(p);
	while (r == 0 && (r = packing_behind(p, in, is_typedef)) > 0) {
		inner.packed = true;
		r = 0;
	}
	if (r == 0)
		r = layout_place(p, &inner, s);
	if (r == 0)
		p->last = s;
	return r;
}

static struct ipc_layout_struct *new_structure(struct layout_parser *p, const struct layout_token *tag)
{
	struct ipc_layout_struct *s = layout_alloc(&p->layout->arena, sizeof(*s));
	struct layout_symbol *symbol;

	if (!s)
		return NULL;
	s->name = "";
	if (tag->type == TOKEN_WORD) {
		s->name = layout_copy_name(p, tag);
		symbol = layout_symbol_add(p, SPACE_TAGS, tag->text, tag->len);
		if (!s->name || !symbol)
			return NULL;
		symbol->what = s;
	}
	return s;
}

static int unknown_structure(struct layout_parser *p, const struct layout_token *tag)
{
	struct ipc_nearest n = { .word = tag->text, .len = tag->len };

	layout_nearest_symbols(p, SPACE_TAGS, &n);
	if (!n.best)
		return layout_complain(p, tag, "unknown structure '%.*s'", layout_shown(tag->len), tag->text);
	return layout_complain(p, tag, "unknown structure '%.*s', did you mean '%.*s'?",
		layout_shown(tag->len), tag->text, layout_shown(n.best_len), n.best);
}

/* Finds or makes the structure that `struct TAG` means; one that is unknown can only be declared. */
static int find_structure(struct layout_parser *p, const struct layout_token *tag, bool is_typedef,
	struct ipc_layout_struct **ret)
{
	bool begins = layout_token_is(&p->token, "{");
	struct layout_symbol *symbol = NULL;

	if (tag->type == TOKEN_WORD)
		symbol = layout_symbol_find(p, SPACE_TAGS, tag->text, tag->len);
	struct ipc_layout_struct *s = symbol ? (struct ipc_layout_struct *)symbol->what : NULL;
	if (s && begins && s->begun)
		return layout_complain(
			p, tag, "a second structure called '%.*s'", layout_shown(tag->len), tag->text);
	if (!s && !begins && layout_token_is(&p->token, "*"))
		return layout_complain(p, &p->token, "pointers mean nothing in another process");
	if (!s && !begins && !is_typedef && !layout_token_is(&p->token, ";"))
		return unknown_structure(p, tag);
	if (!s)
		s = new_structure(p, tag);
	if (!s)
		return -ENOMEM;
	*ret = s;
	return 0;
}

/* Reads what begins with `struct`. packed: the word stood in front of it. */
static int structure(struct layout_parser *p, const struct layout_scope *in, bool is_typedef, bool packed,
	struct ipc_member *ret, bool *ret_defined)
{
	struct layout_token tag = { 0 };
	struct ipc_layout_struct *s = NULL;
	int r = layout_next(p);

	while (r == 0 && (r = packing(p, true)) > 0) {
		packed = true;
		r = 0;
	}
	if (r < 0)
		return r;
	if (p->token.type == TOKEN_WORD && !layout_is_reserved(&p->token)) {
		tag = p->token;
		r = layout_next(p);
	}
	bool begins = layout_token_is(&p->token, "{");
	if (r == 0 && !begins && tag.type != TOKEN_WORD)
		r = layout_expected(p, "a name or '{'");
	if (r == 0 && !begins && packed)
		r = layout_complain(p, &tag, "packing is said where the structure has its members");
	if (r == 0)
		r = find_structure(p, &tag, is_typedef, &s);
	if (r < 0)
		return r;
	if (begins) {
		s->begun = true;
		r = structure_body(p, in, is_typedef, packed, s);
	}
	*ret = (struct ipc_member){ .base = MEMBER_STRUCT, .of = s };
	*ret_defined = begins;
	return r;
}

static int skip_qualifiers(struct layout_parser *p)
{
	int r = 0;

	while (r == 0 && layout_is_qualifier(&p->token))
		r = layout_next(p);
	return r;
}

/* Reads a type. ret_defined: it is a structure whose members stood here. */
static int specifiers(struct layout_parser *p, const struct layout_scope *in, bool is_typedef,
	struct ipc_member *ret, bool *ret_defined)
{
	int r = skip_qualifiers(p);
	bool packed = false;

	*ret_defined = false;
	if (r == 0 && layout_token_is(&p->token, "packed")) {
		struct layout_token t;
		r = layout_peek(p, &t);
		packed = r == 0 && layout_token_is(&t, "struct");
		if (packed)
			r = layout_next(p);
	}
	if (r == 0)
		r = layout_token_is(&p->token, "struct")
			? structure(p, in, is_typedef, packed, ret, ret_defined)
			: layout_simple_type(p, ret);
	return r < 0 ? r : skip_qualifiers(p);
}

/* Reads one declaration of members, of types, or of both, with its semicolon. */
static int declaration(struct layout_parser *p, struct layout_scope *in)
{
	bool is_typedef = in->file && layout_token_is(&p->token, "typedef"), defined;
	struct layout_token first = p->token;
	struct ipc_member type;
	int r = is_typedef ? layout_next(p) : 0;

	if (r == 0 && layout_token_is(&p->token, ";"))
		return layout_next(p);
	if (r == 0)
		r = specifiers(p, in, is_typedef, &type, &defined);
	if (r < 0)
		return r;
	bool ends = layout_token_is(&p->token, ";") || (in->file && p->token.type == TOKEN_END);
	if (!ends || is_typedef || type.base != MEMBER_STRUCT)
		r = declarators(p, in, is_typedef, &type);
	else if (defined && *type.of->name == '\0')
		r = layout_add_unnamed(p, in, &first, type);
	else if (!in->file)
		r = layout_expected(p, "a name");
	return r < 0 ? r : end_of_declaration(p, in);
}

/* `packed;` outside any structure packs what follows. Returns whether it stood here. */
static int packed_text(struct layout_parser *p)
{
	struct layout_token t;
	int r;

	if (!layout_token_is(&p->token, "packed"))
		return 0;
	r = layout_peek(p, &t);
	if (r < 0 || !layout_token_is(&t, ";"))
		return r;
	p->pack = 1;
	r = layout_next(p);
	if (r == 0)
		r = layout_next(p);
	return r < 0 ? r : 1;
}

/* The structure of that name; a typedef of one will do too. */
static int wanted_structure(struct layout_parser *p, const char *want, const struct ipc_layout_struct **ret)
{
	struct ipc_nearest n = { .word = want, .len = strlen(want) };
	struct layout_symbol *s = layout_symbol_find(p, SPACE_TAGS, want, n.len);
	if (s && ((const struct ipc_layout_struct *)s->what)->complete) {
		*ret = s->what;
		return 0;
	}
	s = layout_symbol_find(p, SPACE_TYPES, want, n.len);
	const struct ipc_member *type = s ? s->what : NULL;
	if (type && type->base == MEMBER_STRUCT && type->dim_count == 0 && type->of->complete) {
		*ret = type->of;
		return 0;
	}
	layout_nearest_symbols(p, SPACE_TAGS, &n);
	layout_nearest_symbols(p, SPACE_TYPES, &n);
	if (!n.best)
		return layout_error(p->err, ENOENT, 1, 1, "no structure of this name");
	return layout_error(p->err, ENOENT, 1, 1, "no structure of this name, did you mean '%.*s'?",
		layout_shown(n.best_len), n.best);
}

static int bare_structure(
	struct layout_parser *p, const struct layout_scope *file, const struct ipc_layout_struct **ret)
{
	struct ipc_layout_struct *s = layout_alloc(&p->layout->arena, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->name = "";
	*ret = s;
	return layout_place(p, file, s);
}

/* Whether a declaration that begins so has a ; behind its }, as a function has not. */
static bool ends_with_semicolon(const struct layout_token *t)
{
	static const char *const words[] = { "struct", "union", "enum", "typedef" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (layout_token_is(t, words[i]))
			return true;
	return false;
}

/* Goes from the mistake in a declaration to what stands behind it. */
static int skip_declaration(struct layout_parser *p, bool semicolon)
{
	unsigned depth = p->open;
	bool done = false;
	int r = 0;

	p->open = 0;
	while (r == 0 && !done && p->token.type != TOKEN_END) {
		bool closes = layout_token_is(&p->token, "}");
		depth += layout_token_is(&p->token, "{");
		depth -= closes && depth > 0;
		done = depth == 0 && (layout_token_is(&p->token, ";") || (closes && !semicolon));
		r = layout_next(p);
	}
	return r;
}

/* Whether the structure that is wanted was begun: then what is wrong is the mistake in it and not its name. */
static bool is_begun(struct layout_parser *p, const char *want)
{
	const struct layout_symbol *s = layout_symbol_find(p, SPACE_TAGS, want, strlen(want));

	return s && ((const struct ipc_layout_struct *)s->what)->begun;
}

/*
 * One declaration of the text. Where one structure is wanted, those beside it may hold what no layout
 * can: a header has pointers and functions in it. ret_mistake gets the one within what is wanted.
 */
static int declaration_of_text(struct layout_parser *p, struct layout_scope *file, const char *want,
	struct ipc_layout_error *ret_mistake)
{
	bool semicolon = ends_with_semicolon(&p->token);
	int r = packed_text(p);

	if (r == 0)
		r = declaration(p, file);
	if (r != -EINVAL || !want || !p->err)
		return r;
	if (ret_mistake->line == 0 && is_begun(p, want))
		*ret_mistake = *p->err;
	return skip_declaration(p, semicolon);
}

/* The structure that is the layout: the one wanted, that of the bare members, or the last one. */
static int choose_structure(struct layout_parser *p, const char *want, const struct layout_scope *file,
	const struct ipc_layout_error *mistake, const struct ipc_layout_struct **ret)
{
	*ret = p->last;
	if (!want && file->first)
		return bare_structure(p, file, ret);
	if (!want)
		return p->last ? 0 : layout_complain(p, &p->token, "there are no members");
	int r = wanted_structure(p, want, ret);
	if (r != -ENOENT || mistake->line == 0)
		return r;
	*p->err = *mistake;
	return -EINVAL;
}

int layout_parse_text(struct layout_parser *p, const char *want)
{
	struct layout_scope file = { .file = true, .space = SPACE_MEMBERS };
	struct ipc_layout_error mistake = { 0 };
	const struct ipc_layout_struct *s;
	int r = layout_next(p);

	if (want && strncmp(want, "struct ", 7) == 0)
		want += 7;
	file.last = &file.first;
	while (r >= 0 && p->token.type != TOKEN_END)
		r = declaration_of_text(p, &file, want, &mistake);
	if (r >= 0)
		r = choose_structure(p, want, &file, &mistake, &s);
	if (r < 0)
		return r;
	p->layout->whole = (struct ipc_member){
		.name = s->name, .size = s->size, .align = s->align, .base = MEMBER_STRUCT, .of = s
	};
	return 0;
}
