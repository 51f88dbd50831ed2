/* What the files of the layout module share; see layout.h for what they do together. */
#pragma once

#include "ipc/layout.h"
#include "ipc/nearest.h"

#include <locale.h>

/** Memory that is freed all at once. Zeroed is an empty one. */
struct layout_arena {
	struct layout_chunk *chunks;
	size_t used, room; /* of the newest chunk */
};

/** Zeroed memory for anything, or NULL. */
void *layout_alloc(struct layout_arena *arena, size_t size);
void layout_arena_clear(struct layout_arena *arena);

/** A structure. Until it is complete only its name is valid. */
struct ipc_layout_struct {
	const char *name; /* the tag, else the first typedef, else "" */
	size_t size, align;
	size_t count;
	struct ipc_member *members; /* their offsets count from the start of this structure */
	unsigned depth;             /* of structures within: 1 if it has none */
	bool begun, complete;
};

struct ipc_layout {
	struct layout_arena arena;
	struct ipc_member whole;
};

/** Fills err (which may be NULL) and returns -result. Only printable ASCII may go into the text. */
__attribute__((format(printf, 5, 6))) int layout_error(
	struct ipc_layout_error *err, int result, size_t line, size_t column, const char *format, ...);

/** As much of a name as a message shows: for "%.*s" with the text. */
int layout_shown(size_t len);

/** Whether c can begin an identifier, or with digits go on in one. */
bool layout_is_letter(char c);
bool layout_is_word(char c);

enum layout_token_type { TOKEN_END, TOKEN_LINE_END, TOKEN_WORD, TOKEN_NUMBER, TOKEN_SIGN };

/** The value of a TOKEN_NUMBER that is none, or is over LAYOUT_NUMBER_MAX. */
#define NUMBER_MALFORMED (-1)
#define NUMBER_TOO_LARGE (-2)
#define LAYOUT_NUMBER_MAX ((int64_t)1 << 40)

struct layout_token {
	enum layout_token_type type;
	const char *text;
	size_t len;
	size_t line, column;
	int64_t value; /* of a number */
	bool first;    /* of its line */
};

/** The names of C live in rooms of their own; members in one for each structure, counted from SPACE_MEMBERS. */
enum { SPACE_DEFINES, SPACE_TYPES, SPACE_TAGS, SPACE_MEMBERS };

struct layout_symbol {
	struct layout_symbol *next; /* of the same hash */
	struct layout_symbol *older;
	unsigned space;
	const char *name;
	size_t len;
	void *what;    /* of a type or a tag */
	int64_t value; /* of a #define: the number, or NUMBER_MALFORMED */
	bool gone;     /* by #undef */
};

#define SYMBOL_HEADS 4096u

struct layout_parser {
	struct ipc_layout *layout;
	struct layout_arena scratch; /* what only reading needs */
	struct ipc_layout_error *err;
	/* the lexer: what is next, and where the line began */
	const char *pos, *end, *line_start;
	size_t line;
	bool first_of_line;
	bool directive; /* within one: the end of the line is a token */
	struct layout_token token;
	/* the preprocessor */
	bool branch_taken[32], branch_else[32], skipping[32];
	unsigned branches;
	unsigned pack, pack_stack[LAYOUT_DEPTH_MAX], packs; /* 0: none */
	unsigned open;                                      /* structures whose } is still to come */
	/* names */
	struct layout_symbol *heads[SYMBOL_HEADS];
	struct layout_symbol *newest;
	unsigned spaces;
	/* the result so far */
	size_t members;
	struct ipc_layout_struct *last;
};

/** Reports a mistake at a token. Returns -EINVAL. */
#define layout_complain(p, t, ...) layout_error((p)->err, EINVAL, (t)->line, (t)->column, __VA_ARGS__)

/** Reads the next token into p->token, obeying directives on the way. Returns 0 or -errno. */
int layout_next(struct layout_parser *p);

/** What comes behind p->token, without going there. Directives are not obeyed: # is a sign. */
int layout_peek(struct layout_parser *p, struct layout_token *ret);

bool layout_token_is(const struct layout_token *t, const char *text);

/** Reports that something else was expected than what came. Returns -EINVAL. */
int layout_expected(struct layout_parser *p, const char *what);

/** Goes past the sign or word given, or reports that it was expected. */
int layout_expect(struct layout_parser *p, const char *text);

/** Reads a constant expression that begins at p->token; p->token is what follows it. */
int layout_expression(struct layout_parser *p, int64_t *ret);

struct layout_symbol *layout_symbol_find(
	struct layout_parser *p, unsigned space, const char *name, size_t len);

/** Adds a name, or finds the one that is there; NULL without memory. */
struct layout_symbol *layout_symbol_add(
	struct layout_parser *p, unsigned space, const char *name, size_t len);

/** Obeys one directive; p->token is its #. Afterwards the lexer stands at the end of its line. */
int layout_directive(struct layout_parser *p);

bool layout_is_qualifier(const struct layout_token *t);

/** Whether a word belongs to C's declarations and so can be no name. */
bool layout_is_reserved(const struct layout_token *t);

/** Offers all names of one room to a search for the nearest. */
void layout_nearest_symbols(struct layout_parser *p, unsigned space, struct ipc_nearest *n);

/** Reads a type that is no structure, or a typedef, into ret: size is that of one element. */
int layout_simple_type(struct layout_parser *p, struct ipc_member *ret);

/** Reads the whole text, and fills p->layout->whole with the structure wanted. */
int layout_parse_text(struct layout_parser *p, const char *want);

/** A member that was read and has no place yet: packing can be said behind the last one. */
struct layout_node {
	struct layout_node *next;
	struct ipc_member m;
	struct layout_token at;
	unsigned pack;
	bool unnamed; /* a structure whose members count as its parent's */
};

/** The structure that is being read. */
struct layout_scope {
	struct layout_node *first, **last;
	size_t count;
	unsigned space, depth, nested;
	bool packed;
	bool file; /* outside any structure */
};

/** A copy of a token's text that lives with the layout, or NULL. */
char *layout_copy_name(struct layout_parser *p, const struct layout_token *t);

/** Adds a member whose type, bounds aside, is m, and whose name is at. Returns 0 or -errno. */
int layout_add_member(struct layout_parser *p, struct layout_scope *in, const struct layout_token *at,
	struct ipc_member m, bool packed);

/** Adds the members of m, a structure without a name, as if they were the outer one's. */
int layout_add_unnamed(
	struct layout_parser *p, struct layout_scope *in, const struct layout_token *at, struct ipc_member m);

/** Gives the members of a scope their places as the C ABI does, and completes s. */
int layout_place(struct layout_parser *p, const struct layout_scope *in, struct ipc_layout_struct *s);

/** The escapes that text within braces has, and how one begins with a backslash. */
#define LAYOUT_ESCAPES 7
struct layout_escape {
	char letter, byte;
};
extern const struct layout_escape layout_escapes[LAYOUT_ESCAPES];
extern const char layout_hex_digits[];

/** Numbers in text look the same whatever the locale of the program: between these it is C's. */
locale_t layout_locale_enter(locale_t *ret_old);
void layout_locale_leave(locale_t c, locale_t old);
