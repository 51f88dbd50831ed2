/* Names, constant expressions, and the directives of the preprocessor. */
#include "ipc/layout_private.h"

#include <errno.h>
#include <string.h>

static struct layout_symbol **head_of(struct layout_parser *p, unsigned space, const char *name, size_t len)
{
	uint32_t hash = 2166136261u ^ space; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	return &p->heads[(hash ^ hash >> 15) % SYMBOL_HEADS];
}

struct layout_symbol *layout_symbol_find(
	struct layout_parser *p, unsigned space, const char *name, size_t len)
{
	for (struct layout_symbol *s = *head_of(p, space, name, len); s; s = s->next)
		if (s->space == space && s->len == len && memcmp(s->name, name, len) == 0)
			return s->gone ? NULL : s;
	return NULL;
}

struct layout_symbol *layout_symbol_add(struct layout_parser *p, unsigned space, const char *name, size_t len)
{
	struct layout_symbol **head = head_of(p, space, name, len), *s;

	for (s = *head; s; s = s->next)
		if (s->space == space && s->len == len && memcmp(s->name, name, len) == 0)
			return s;
	s = layout_alloc(&p->scratch, sizeof(*s));
	if (!s)
		return NULL;
	*s = (struct layout_symbol){
		.next = *head, .older = p->newest, .space = space, .name = name, .len = len
	};
	*head = p->newest = s;
	return s;
}

static int word_value(struct layout_parser *p, const struct layout_token *t, int64_t *ret)
{
	struct layout_symbol *s = layout_symbol_find(p, SPACE_DEFINES, t->text, t->len);

	if (layout_token_is(t, "sizeof"))
		return layout_complain(p, t, "sizeof is not understood: write the number");
	if (!s)
		return layout_complain(p, t, "'%.*s' is not #defined", layout_shown(t->len), t->text);
	if (s->value == NUMBER_MALFORMED)
		return layout_complain(
			p, t, "'%.*s' is not #defined as an integer", layout_shown(t->len), t->text);
	*ret = s->value;
	return 0;
}

static int number(struct layout_parser *p, const struct layout_token *t, int64_t *ret)
{
	if (t->value == NUMBER_MALFORMED)
		return layout_complain(p, t, "'%.*s' is not an integer", layout_shown(t->len), t->text);
	if (t->value == NUMBER_TOO_LARGE)
		return layout_complain(p, t, "this number is too large");
	*ret = t->value;
	return 0;
}

static int expression(struct layout_parser *p, unsigned lowest, unsigned depth, int64_t *ret);

static int operand(struct layout_parser *p, unsigned depth, int64_t *ret)
{
	bool negative = false;
	int64_t value = 0;
	int r = 0;

	for (; r == 0 && (layout_token_is(&p->token, "-") || layout_token_is(&p->token, "+"));
		r = layout_next(p))
		negative ^= layout_token_is(&p->token, "-");
	if (r < 0)
		return r;
	struct layout_token t = p->token;
	if (layout_token_is(&t, "(")) {
		if (depth == LAYOUT_DEPTH_MAX)
			return layout_complain(p, &t, "more than %u levels of parentheses", LAYOUT_DEPTH_MAX);
		r = layout_next(p);
		if (r == 0)
			r = expression(p, 0, depth + 1, &value);
		if (r == 0)
			r = layout_expect(p, ")");
	} else if (t.type == TOKEN_WORD || t.type == TOKEN_NUMBER) {
		r = t.type == TOKEN_WORD ? word_value(p, &t, &value) : number(p, &t, &value);
		if (r == 0)
			r = layout_next(p);
	} else {
		return layout_expected(p, "an integer");
	}
	if (r == 0)
		*ret = negative ? -value : value;
	return r;
}

/* How tightly the operator at p->token binds; 0 for what is none. << is two signs to the lexer. */
static int operator_rank(struct layout_parser *p, unsigned *ret)
{
	struct layout_token second;
	int r = 0;

	*ret = 0;
	if (p->token.type != TOKEN_SIGN)
		return 0;
	if (*p->token.text == '*' || *p->token.text == '/')
		*ret = 3;
	else if (*p->token.text == '+' || *p->token.text == '-')
		*ret = 2;
	else if (*p->token.text == '<' && (r = layout_peek(p, &second)) == 0 && layout_token_is(&second, "<"))
		*ret = 1;
	return r;
}

/* a stays within +-LAYOUT_NUMBER_MAX, so that no step of any expression can overflow. */
static int apply(struct layout_parser *p, const struct layout_token *op, int64_t *a, int64_t b)
{
	int64_t value = *a;
	bool overflow = false;

	switch (*op->text) {
	case '*':
		overflow = __builtin_mul_overflow(value, b, &value);
		break;
	case '/':
		if (b == 0)
			return layout_complain(p, op, "division by zero");
		value /= b;
		break;
	case '+':
		value += b;
		break;
	case '-':
		value -= b;
		break;
	default:
		overflow = b < 0 || b > 40 || __builtin_mul_overflow(value, (int64_t)1 << b, &value);
	}
	if (overflow || value > LAYOUT_NUMBER_MAX || value < -LAYOUT_NUMBER_MAX)
		return layout_complain(p, op, "this number is too large");
	*a = value;
	return 0;
}

static int expression(struct layout_parser *p, unsigned lowest, unsigned depth, int64_t *ret)
{
	int64_t value = 0;
	int r = operand(p, depth, &value);

	while (r == 0) {
		unsigned rank;
		int64_t right = 0;
		struct layout_token op = p->token;
		r = operator_rank(p, &rank);
		if (r < 0)
			return r;
		if (rank <= lowest)
			break;
		if (rank == 1)
			r = layout_next(p);
		if (r == 0)
			r = layout_next(p);
		if (r == 0)
			r = expression(p, rank, depth, &right);
		if (r == 0)
			r = apply(p, &op, &value, right);
	}
	if (r == 0)
		*ret = value;
	return r;
}

int layout_expression(struct layout_parser *p, int64_t *ret)
{
	return expression(p, 0, 0, ret);
}

static bool at_end_of_line(const struct layout_parser *p)
{
	return p->token.type == TOKEN_LINE_END || p->token.type == TOKEN_END;
}

/* Tokens up to the end of the line that mean nothing here. */
static int skip_line(struct layout_parser *p)
{
	int r = 0;

	while (r == 0 && !at_end_of_line(p))
		r = layout_next(p);
	return r;
}

/* What a name stands for, if that is an integer that can be a bound. */
static int define_value(struct layout_parser *p, int64_t *ret)
{
	struct ipc_layout_error *err = p->err;
	int64_t value = 0;

	p->err = NULL;
	int r = layout_expression(p, &value);
	p->err = err;
	if (r == 0 && at_end_of_line(p) && value >= 0)
		*ret = value;
	return r == -EINVAL ? 0 : r;
}

/* Read at once, as everything before it is known; what is no integer matters only where it is used. */
static int define(struct layout_parser *p)
{
	struct layout_token name = p->token;
	int64_t value = NUMBER_MALFORMED;

	if (name.type != TOKEN_WORD)
		return layout_expected(p, "a name");
	bool call = p->pos < p->end && *p->pos == '(';
	int r = layout_next(p);
	if (r == 0 && !call && !at_end_of_line(p))
		r = define_value(p, &value);
	if (r == 0)
		r = skip_line(p);
	if (r < 0)
		return r;
	struct layout_symbol *s = layout_symbol_add(p, SPACE_DEFINES, name.text, name.len);
	if (!s)
		return -ENOMEM;
	s->value = value;
	s->gone = false;
	return 0;
}

static int undef(struct layout_parser *p)
{
	struct layout_symbol *s;

	if (p->token.type != TOKEN_WORD)
		return layout_expected(p, "a name");
	s = layout_symbol_find(p, SPACE_DEFINES, p->token.text, p->token.len);
	if (s)
		s->gone = true;
	return layout_next(p);
}

static int pack_push(struct layout_parser *p)
{
	if (p->packs == LAYOUT_DEPTH_MAX)
		return layout_complain(p, &p->token, "more than %u levels of #pragma pack", LAYOUT_DEPTH_MAX);
	p->pack_stack[p->packs++] = p->pack;
	return layout_next(p);
}

static int pack_pop(struct layout_parser *p)
{
	if (p->packs == 0)
		return layout_complain(p, &p->token, "#pragma pack(pop) without a push");
	p->pack = p->pack_stack[--p->packs];
	return layout_next(p);
}

static int pack_value(struct layout_parser *p)
{
	struct layout_token t = p->token;
	int64_t value;
	int r = layout_expression(p, &value);

	if (r < 0)
		return r;
	if (value < 0 || value > 16 || (value & (value - 1)) != 0)
		return layout_complain(p, &t, "a packing is 1, 2, 4, 8 or 16");
	p->pack = (unsigned)value;
	return 0;
}

/* pack(), pack(N), pack(push), pack(push, N), pack(pop); other pragmas change no layout. */
static int pragma(struct layout_parser *p)
{
	int r;

	if (!layout_token_is(&p->token, "pack"))
		return skip_line(p);
	if (p->open > 0)
		return layout_complain(p, &p->token, "#pragma pack stands within a structure");
	r = layout_next(p);
	if (r == 0)
		r = layout_expect(p, "(");
	if (r < 0)
		return r;
	bool push = layout_token_is(&p->token, "push");
	if (layout_token_is(&p->token, ")")) {
		p->pack = 0;
	} else if (layout_token_is(&p->token, "pop")) {
		r = pack_pop(p);
	} else if (push) {
		r = pack_push(p);
		push = r == 0 && layout_token_is(&p->token, ",");
		if (push)
			r = layout_next(p);
	} else {
		push = true;
	}
	if (r == 0 && push)
		r = pack_value(p);
	return r < 0 ? r : layout_expect(p, ")");
}

/* Reads what #if, #ifdef and #ifndef ask; within a part that is skipped the answer is not needed. */
static int branch_begin(struct layout_parser *p, const struct layout_token *directive)
{
	bool outer = p->branches && p->skipping[p->branches - 1], taken = false;
	int64_t value = 0;
	int r = 0;

	if (p->branches == ARRAY_SIZE(p->skipping))
		return layout_complain(p, directive, "more than %zu levels of #if", ARRAY_SIZE(p->skipping));
	if (outer) {
		r = skip_line(p);
	} else if (layout_token_is(directive, "if")) {
		r = layout_expression(p, &value);
		taken = value != 0;
	} else if (p->token.type == TOKEN_WORD) {
		taken = layout_symbol_find(p, SPACE_DEFINES, p->token.text, p->token.len) != NULL;
		taken ^= layout_token_is(directive, "ifndef");
		r = layout_next(p);
	} else {
		r = layout_expected(p, "a name");
	}
	if (r < 0)
		return r;
	p->branch_taken[p->branches] = taken;
	p->branch_else[p->branches] = false;
	p->skipping[p->branches++] = outer || !taken;
	return 0;
}

static int branch_change(struct layout_parser *p, const struct layout_token *directive)
{
	unsigned i = p->branches - 1;
	bool outer = p->branches > 1 && p->skipping[i - 1];

	if (p->branches == 0)
		return layout_complain(
			p, directive, "#%.*s without #if", (int)directive->len, directive->text);
	if (layout_token_is(directive, "endif")) {
		p->branches--;
		return skip_line(p); /* `#endif GUARD` is usual */
	}
	if (layout_token_is(directive, "elif") && !outer)
		return layout_complain(p, directive, "#elif is not understood: use #else and #if");
	if (p->branch_else[i])
		return layout_complain(p, directive, "a second #else");
	p->branch_else[i] = !layout_token_is(directive, "elif");
	p->skipping[i] = outer || p->branch_taken[i];
	return skip_line(p);
}

static int obey(struct layout_parser *p)
{
	struct layout_token t = p->token;
	bool skipping = p->branches && p->skipping[p->branches - 1];
	int r = t.type == TOKEN_LINE_END || t.type == TOKEN_END ? 0 : layout_next(p);

	if (r < 0)
		return r;
	if (layout_token_is(&t, "if") || layout_token_is(&t, "ifdef") || layout_token_is(&t, "ifndef"))
		return branch_begin(p, &t);
	if (layout_token_is(&t, "else") || layout_token_is(&t, "elif") || layout_token_is(&t, "endif"))
		return branch_change(p, &t);
	if (skipping || layout_token_is(&t, "include"))
		return skip_line(p);
	if (layout_token_is(&t, "define"))
		return define(p);
	if (layout_token_is(&t, "undef"))
		return undef(p);
	if (layout_token_is(&t, "pragma"))
		return pragma(p);
	if (layout_token_is(&t, "error"))
		return layout_complain(p, &t, "the text itself reports an error here");
	if (t.type == TOKEN_WORD)
		return layout_complain(p, &t, "unknown directive '#%.*s'", layout_shown(t.len), t.text);
	return 0;
}

int layout_directive(struct layout_parser *p)
{
	int r;

	p->directive = true;
	r = layout_next(p);
	if (r == 0)
		r = obey(p);
	if (r == 0 && !at_end_of_line(p))
		r = layout_expected(p, "the end of the line");
	p->directive = false;
	return r;
}
