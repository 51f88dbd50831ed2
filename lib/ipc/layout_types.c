/* The types that C's words name, and what to say about those that are none. */
#include "ipc/layout_private.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>

/* Sizes and alignment from the compiler; _Alignof can differ from the alignment within a structure. */
#define SIZES(type)                                                                                          \
	sizeof(type),                                                                                        \
		offsetof(                                                                                    \
			struct {                                                                             \
				char c;                                                                      \
				type x;                                                                      \
			},                                                                                   \
			x)

static const struct {
	const char *name;
	enum ipc_member_base base;
	uint8_t size, align;
} named_types[] = {
	{ "bool", MEMBER_BOOL, SIZES(bool) },
	{ "int8_t", MEMBER_SIGNED, SIZES(int8_t) },
	{ "int16_t", MEMBER_SIGNED, SIZES(int16_t) },
	{ "int32_t", MEMBER_SIGNED, SIZES(int32_t) },
	{ "int64_t", MEMBER_SIGNED, SIZES(int64_t) },
	{ "uint8_t", MEMBER_UNSIGNED, SIZES(uint8_t) },
	{ "uint16_t", MEMBER_UNSIGNED, SIZES(uint16_t) },
	{ "uint32_t", MEMBER_UNSIGNED, SIZES(uint32_t) },
	{ "uint64_t", MEMBER_UNSIGNED, SIZES(uint64_t) },
	{ "size_t", MEMBER_UNSIGNED, SIZES(size_t) },
	{ "ssize_t", MEMBER_SIGNED, SIZES(ssize_t) },
	{ "intptr_t", MEMBER_SIGNED, SIZES(intptr_t) },
	{ "uintptr_t", MEMBER_UNSIGNED, SIZES(uintptr_t) },
	{ "ptrdiff_t", MEMBER_SIGNED, SIZES(ptrdiff_t) },
	{ "pid_t", MEMBER_SIGNED, SIZES(pid_t) },
	{ "uid_t", MEMBER_UNSIGNED, SIZES(uid_t) },
	{ "gid_t", MEMBER_UNSIGNED, SIZES(gid_t) },
	{ "mode_t", MEMBER_UNSIGNED, SIZES(mode_t) },
	{ "key_t", MEMBER_SIGNED, SIZES(key_t) },
	{ "off_t", MEMBER_SIGNED, SIZES(off_t) },
	{ "time_t", MEMBER_SIGNED, SIZES(time_t) },
};

/* The words that make types together, each counted in two bits: any order, some optional. */
enum {
	W_SIGNED = 1,
	W_UNSIGNED = 1 << 2,
	W_SHORT = 1 << 4,
	W_LONG = 1 << 6,
	W_INT = 1 << 8,
	W_CHAR = 1 << 10,
	W_FLOAT = 1 << 12,
	W_DOUBLE = 1 << 14,
	W_BOOL = 1 << 16,
};

static const struct {
	const char *name;
	unsigned weight;
} words[] = {
	{ "signed", W_SIGNED },
	{ "unsigned", W_UNSIGNED },
	{ "short", W_SHORT },
	{ "long", W_LONG },
	{ "int", W_INT },
	{ "char", W_CHAR },
	{ "float", W_FLOAT },
	{ "double", W_DOUBLE },
	{ "_Bool", W_BOOL },
};

static const struct {
	unsigned words, optional;
	enum ipc_member_base base;
	uint8_t size, align;
} word_types[] = {
	{ W_BOOL, 0, MEMBER_BOOL, SIZES(bool) },
	{ W_CHAR, 0, MEMBER_CHAR, SIZES(char) },
	{ W_SIGNED | W_CHAR, 0, MEMBER_SIGNED, SIZES(signed char) },
	{ W_UNSIGNED | W_CHAR, 0, MEMBER_UNSIGNED, SIZES(unsigned char) },
	{ W_SHORT, W_SIGNED | W_INT, MEMBER_SIGNED, SIZES(short) },
	{ W_UNSIGNED | W_SHORT, W_INT, MEMBER_UNSIGNED, SIZES(unsigned short) },
	{ 0, W_SIGNED | W_INT, MEMBER_SIGNED, SIZES(int) },
	{ W_UNSIGNED, W_INT, MEMBER_UNSIGNED, SIZES(unsigned) },
	{ W_LONG, W_SIGNED | W_INT, MEMBER_SIGNED, SIZES(long) },
	{ W_UNSIGNED | W_LONG, W_INT, MEMBER_UNSIGNED, SIZES(unsigned long) },
	{ 2 * W_LONG, W_SIGNED | W_INT, MEMBER_SIGNED, SIZES(long long) },
	{ W_UNSIGNED | 2 * W_LONG, W_INT, MEMBER_UNSIGNED, SIZES(unsigned long long) },
	{ W_FLOAT, 0, MEMBER_FLOAT, SIZES(float) },
	{ W_DOUBLE, 0, MEMBER_FLOAT, SIZES(double) },
};

/* What C programmers write, and why it is not taken. */
static const struct {
	const char *word, *why;
} refused[] = {
	{ "union", "unions are not supported: declare the one member that is in use" },
	{ "enum", "enumerations are not supported: write int" },
	{ "void", "void is no value" },
	{ "string", "unknown type 'string': text is 'char name[N]'" },
	{ "packed", "'packed' stands before or behind 'struct', or alone: 'packed;'" },
	{ "__attribute__", "an attribute stands behind 'struct', behind '}' or behind a name" },
	{ "_Alignas", "_Alignas is not supported: declare the padding" },
	{ "alignas", "alignas is not supported: declare the padding" },
	{ "_Atomic", "_Atomic is not supported: it can change size and alignment" },
	{ "extern", "'extern' has no meaning in a structure" },
	{ "static", "'static' has no meaning in a structure" },
	{ "wchar_t", "wchar_t is not supported: write int" },
	{ "sem_t", "sem_t is opaque: declare a char array of its size" },
	{ "pthread_mutex_t", "pthread_mutex_t is opaque: declare a char array of its size" },
};

bool layout_is_qualifier(const struct layout_token *t)
{
	return layout_token_is(t, "const") || layout_token_is(t, "volatile");
}

static unsigned word_weight(const struct layout_token *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (layout_token_is(t, words[i].name))
			return words[i].weight;
	return 0;
}

bool layout_is_reserved(const struct layout_token *t)
{
	static const char *const other[] = { "struct", "union", "enum", "typedef", "void" };

	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		if (layout_token_is(t, other[i]))
			return true;
	return layout_is_qualifier(t) || word_weight(t) != 0;
}

void layout_nearest_symbols(struct layout_parser *p, unsigned space, struct ipc_nearest *n)
{
	for (const struct layout_symbol *s = p->newest; s; s = s->older)
		if (s->space == space && !s->gone)
			ipc_nearest_offer(n, s->name, s->len);
}

static int unknown_type(struct layout_parser *p)
{
	const struct layout_token *t = &p->token;
	struct ipc_nearest n = { .word = t->text, .len = t->len };
	int shown = layout_shown(t->len);

	if (t->type != TOKEN_WORD)
		return layout_expected(p, "a type");
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (layout_token_is(t, refused[i].word))
			return layout_complain(p, t, "%s", refused[i].why);
	if (layout_symbol_find(p, SPACE_TAGS, t->text, t->len))
		return layout_complain(p, t, "unknown type '%.*s', did you mean 'struct %.*s'?", shown,
			t->text, shown, t->text);
	if (layout_symbol_find(p, SPACE_DEFINES, t->text, t->len))
		return layout_complain(p, t, "the macro '%.*s' is not expanded here", shown, t->text);
	layout_nearest_symbols(p, SPACE_TYPES, &n);
	for (size_t i = 0; i < ARRAY_SIZE(named_types); i++)
		ipc_nearest_offer(&n, named_types[i].name, strlen(named_types[i].name));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		ipc_nearest_offer(&n, words[i].name, strlen(words[i].name));
	ipc_nearest_offer(&n, "struct", 6);
	ipc_nearest_offer(&n, "const", 5);
	if (!n.best)
		return layout_complain(p, t, "unknown type '%.*s'", shown, t->text);
	return layout_complain(p, t, "unknown type '%.*s', did you mean '%.*s'?", shown, t->text,
		layout_shown(n.best_len), n.best);
}

/* A type of one word: a typedef of the text, or one of the names that C's headers define. */
static bool named_type(struct layout_parser *p, struct ipc_member *type)
{
	const struct layout_token *t = &p->token;
	struct layout_symbol *s = NULL;

	if (t->type == TOKEN_WORD)
		s = layout_symbol_find(p, SPACE_TYPES, t->text, t->len);
	if (s) {
		*type = *(const struct ipc_member *)s->what;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(named_types); i++)
		if (layout_token_is(t, named_types[i].name)) {
			*type = (struct ipc_member){ .base = named_types[i].base,
				.size = named_types[i].size,
				.align = named_types[i].align };
			return true;
		}
	return false;
}

static int word_type(struct layout_parser *p, struct ipc_member *type)
{
	struct layout_token first = p->token;
	unsigned sum = 0, weight;

	while ((weight = word_weight(&p->token)) != 0 || layout_is_qualifier(&p->token)) {
		if (weight && sum / weight % 4 == 3)
			break;
		sum += weight;
		int r = layout_next(p);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(word_types); i++)
		if ((sum & ~word_types[i].optional) == word_types[i].words) {
			*type = (struct ipc_member){ .base = word_types[i].base,
				.size = word_types[i].size,
				.align = word_types[i].align };
			return 0;
		}
	if (sum == W_LONG + W_DOUBLE)
		return layout_complain(
			p, &first, "long double is not supported: its form differs between machines");
	return layout_complain(p, &first, "these words make no type together");
}

int layout_simple_type(struct layout_parser *p, struct ipc_member *ret)
{
	if (word_weight(&p->token))
		return word_type(p, ret);
	if (!named_type(p, ret))
		return unknown_type(p);
	return layout_next(p);
}
