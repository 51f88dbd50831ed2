#include "ipc/layout.h"

#include <errno.h>
#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

/*
 * The compiler is the judge: each structure is declared here and read from its own text, and every
 * place and size must agree.
 */
struct place {
	const char *path;
	size_t offset, size;
};

struct judged {
	const char *name, *text;
	size_t size, align;
	struct place places[14];
};

#define DECLARE(name, ...)                                                                                   \
	struct name {                                                                                        \
		__VA_ARGS__                                                                                  \
	};                                                                                                   \
	static const char name##_text[] = "struct " #name " { " #__VA_ARGS__ " };";
#define DECLARE_PACKED(name, ...)                                                                            \
	struct __attribute__((packed)) name {                                                                \
		__VA_ARGS__                                                                                  \
	};                                                                                                   \
	static const char name##_text[] = "struct __attribute__((packed)) " #name " { " #__VA_ARGS__ " };";
/* Needs the structures that outer names, so its text has theirs in front. */
#define PLACE(name, path)                                                                                    \
	{                                                                                                    \
#path, offsetof(struct name, path), sizeof(((struct name *)0)->path)                         \
	}
#define JUDGED(name, ...)                                                                                    \
	{                                                                                                    \
#name, name##_text, sizeof(struct name), _Alignof(struct name),                              \
		{                                                                                            \
			__VA_ARGS__                                                                          \
		}                                                                                            \
	}

/* clang-format off */
DECLARE(shared, int processId; char message[900]; bool dataReady;)
DECLARE(chars, char a; signed char b; unsigned char c; char d[3]; _Bool e;)
DECLARE(fixed, int8_t a; int16_t b; int32_t c; int64_t d; uint8_t e; uint16_t f; uint32_t g; uint64_t h;)
DECLARE(widen, char a; short b; char c; int d; char e; long f; char g; long long h; char i;)
DECLARE(spelled, unsigned a; unsigned int b; long unsigned int c; long long unsigned d; int long signed e; short unsigned f; int unsigned long long g; signed h;)
DECLARE(floats, float a; char b; double c; char d; float e[3]; double f[2];)
DECLARE(system_types, char a; size_t b; char c; ssize_t d; pid_t e; uid_t f; gid_t g; mode_t h; off_t i; time_t j; key_t k; intptr_t l; uintptr_t m; ptrdiff_t n;)
DECLARE(arrays, char a[5]; short b[3]; char c; int d[2][3]; char e[2][7]; double f[1];)
DECLARE(many, int a, b[3]; char c, d, e[2]; long f, g;)
DECLARE(qualified, const int a; volatile char b; int const c; volatile unsigned long const d; const volatile double e;)
DECLARE(tail, double a; char b;)
DECLARE(short_tail, short a; char b;)
DECLARE(inner, char a; struct { char b; int c; } d; char e;)
DECLARE(inner_array, char a; struct { short b; char c; } d[3]; char e;)
DECLARE(deep, char a; struct { char b; struct { char c; struct { double d; char e; } f; } g[2]; } h; char i;)
DECLARE(anonymous, char a; struct { char b; long c; }; char d;)
DECLARE(anonymous_deep, char a; struct { char b; struct { long c; char e; }; short f; }; char d;)
DECLARE(tagged_inner, char a; struct pair { short b; int c; } d; struct pair e[2]; char f;)
DECLARE(expression, char a[2 * 3 + 1]; int b[(1 << 4) - 6]; char c[0x10]; char d[010]; short e[10 / 3]; char f[2 + 3 * 4u]; char g[- -3];)
DECLARE_PACKED(packed_one, char a; int b; double c; short d; char e;)
DECLARE_PACKED(packed_inner, char a; struct { char b; int c; } d; char e; long f;)
DECLARE_PACKED(packed_array, char a; struct { char b; long c[2]; } d[2]; short e[3];)
DECLARE_PACKED(packed_anonymous, char a; struct { char b; long c; }; int d;)
DECLARE(packed_within, char a; struct __attribute__((packed)) { char b; int c; } d; int e; struct { char f; long g; } __attribute__((packed)) h; char i;)
DECLARE(packed_member, char a; int b __attribute__((packed)); char c; double d __attribute__((__packed__)); int e;)
DECLARE(packed_bools, bool a[3]; struct __attribute__((packed)) { bool b; uint64_t c; bool d; } e[2]; uint16_t f;)
DECLARE(one_char, char a;)
DECLARE(one_long, long long a;)
#define ROWS 3
#define COLUMNS (ROWS * 2 + 1)
DECLARE(defined, char a[ROWS][COLUMNS]; int b[COLUMNS - ROWS];)
#pragma pack(push, 1)
DECLARE(pragma_one, char a; long b; struct { char c; int d; } e; short f;)
#pragma pack(2)
DECLARE(pragma_two, char a; long b; struct { char c; int d; } e; short f; char g;)
#pragma pack(pop)
#pragma pack(4)
DECLARE(pragma_four, char a; double b; struct { char c; short d; } e; long f; char g;)
DECLARE_PACKED(pragma_packed, char a; double b; short c;)
#pragma pack()
DECLARE(pragma_none, char a; long b; short c;)
struct later_s { char a; uint32_t b; };
typedef struct { struct later_s a[2]; char b; } later_t;
typedef uint16_t grid_t[2][3];
DECLARE(named, char a; struct later_s b; later_t c[2]; grid_t d; grid_t e[2];)
/* clang-format on */

/* What stands before a text: the directives and declarations above, as they are seen by the compiler. */
static const struct {
	const char *name, *before;
} preludes[] = {
	{ "defined", "#define ROWS 3\n#define COLUMNS (ROWS * 2 + 1)\n" },
	{ "pragma_one", "#pragma pack(push, 1)\n" },
	{ "pragma_two", "#pragma pack(push, 1)\n#pragma pack(2)\n" },
	{ "pragma_four", "#pragma pack(4)\n" },
	{ "pragma_packed", "#pragma pack(4)\n" },
	{ "pragma_none",
		"#pragma pack(push, 1)\n#pragma pack(2)\n#pragma pack(pop)\n#pragma pack(4)\n#pragma "
		"pack()\n" },
	{ "named",
		"struct later_s { char a; uint32_t b; };\n"
		"typedef struct { struct later_s a[2]; char b; } later_t;\n"
		"typedef uint16_t grid_t[2][3];\n" },
};

#define P(path) PLACE(CASE, path)
static const struct judged judged[] = {
#define CASE shared
	JUDGED(shared, P(processId), P(message), P(dataReady)),
#undef CASE
#define CASE chars
	JUDGED(chars, P(a), P(b), P(c), P(d), P(d[2]), P(e)),
#undef CASE
#define CASE fixed
	JUDGED(fixed, P(a), P(b), P(c), P(d), P(e), P(f), P(g), P(h)),
#undef CASE
#define CASE widen
	JUDGED(widen, P(a), P(b), P(c), P(d), P(e), P(f), P(g), P(h), P(i)),
#undef CASE
#define CASE spelled
	JUDGED(spelled, P(a), P(b), P(c), P(d), P(e), P(f), P(g), P(h)),
#undef CASE
#define CASE floats
	JUDGED(floats, P(a), P(b), P(c), P(d), P(e), P(e[1]), P(f), P(f[1])),
#undef CASE
#define CASE system_types
	JUDGED(system_types, P(a), P(b), P(d), P(e), P(f), P(g), P(h), P(i), P(j), P(k), P(l), P(m), P(n)),
#undef CASE
#define CASE arrays
	JUDGED(arrays, P(a), P(b), P(b[2]), P(c), P(d), P(d[1]), P(d[1][2]), P(e), P(e[1]), P(e[1][6]), P(f),
		P(f[0])),
#undef CASE
#define CASE many
	JUDGED(many, P(a), P(b), P(c), P(d), P(e), P(f), P(g)),
#undef CASE
#define CASE qualified
	JUDGED(qualified, P(a), P(b), P(c), P(d), P(e)),
#undef CASE
#define CASE tail
	JUDGED(tail, P(a), P(b)),
#undef CASE
#define CASE short_tail
	JUDGED(short_tail, P(a), P(b)),
#undef CASE
#define CASE inner
	JUDGED(inner, P(a), P(d), P(d.b), P(d.c), P(e)),
#undef CASE
#define CASE inner_array
	JUDGED(inner_array, P(a), P(d), P(d[0]), P(d[2].b), P(d[2].c), P(e)),
#undef CASE
#define CASE deep
	JUDGED(deep, P(a), P(h), P(h.b), P(h.g), P(h.g[1]), P(h.g[1].c), P(h.g[1].f.d), P(h.g[1].f.e), P(i)),
#undef CASE
#define CASE anonymous
	JUDGED(anonymous, P(a), P(b), P(c), P(d)),
#undef CASE
#define CASE anonymous_deep
	JUDGED(anonymous_deep, P(a), P(b), P(c), P(e), P(f), P(d)),
#undef CASE
#define CASE tagged_inner
	JUDGED(tagged_inner, P(a), P(d), P(d.c), P(e), P(e[1].c), P(f)),
#undef CASE
#define CASE expression
	JUDGED(expression, P(a), P(b), P(c), P(d), P(e), P(f), P(g)),
#undef CASE
#define CASE packed_one
	JUDGED(packed_one, P(a), P(b), P(c), P(d), P(e)),
#undef CASE
#define CASE packed_inner
	JUDGED(packed_inner, P(a), P(d), P(d.c), P(e), P(f)),
#undef CASE
#define CASE packed_array
	JUDGED(packed_array, P(a), P(d), P(d[1].c[1]), P(e), P(e[2])),
#undef CASE
#define CASE packed_anonymous
	JUDGED(packed_anonymous, P(a), P(b), P(c), P(d)),
#undef CASE
#define CASE packed_within
	JUDGED(packed_within, P(a), P(d), P(d.c), P(e), P(h), P(h.g), P(i)),
#undef CASE
#define CASE packed_member
	JUDGED(packed_member, P(a), P(b), P(c), P(d), P(e)),
#undef CASE
#define CASE packed_bools
	JUDGED(packed_bools, P(a), P(e), P(e[1].c), P(e[1].d), P(f)),
#undef CASE
#define CASE one_char
	JUDGED(one_char, P(a)),
#undef CASE
#define CASE one_long
	JUDGED(one_long, P(a)),
#undef CASE
#define CASE defined
	JUDGED(defined, P(a), P(a[2]), P(b), P(b[3])),
#undef CASE
#define CASE pragma_one
	JUDGED(pragma_one, P(a), P(b), P(e), P(e.d), P(f)),
#undef CASE
#define CASE pragma_two
	JUDGED(pragma_two, P(a), P(b), P(e), P(e.d), P(f), P(g)),
#undef CASE
#define CASE pragma_four
	JUDGED(pragma_four, P(a), P(b), P(e), P(e.d), P(f), P(g)),
#undef CASE
#define CASE pragma_packed
	JUDGED(pragma_packed, P(a), P(b), P(c)),
#undef CASE
#define CASE pragma_none
	JUDGED(pragma_none, P(a), P(b), P(c)),
#undef CASE
#define CASE named
	JUDGED(named, P(a), P(b), P(b.b), P(c), P(c[1].a[1].b), P(c[1].b), P(d), P(d[1]), P(d[1][2]), P(e),
		P(e[1]), P(e[1][1]), P(e[1][1][2])),
#undef CASE
};

static struct ipc_layout *must_parse(const char *text, const char *want)
{
	struct ipc_layout *layout = NULL;
	struct ipc_layout_error err;

	if (ipc_layout_parse(text, strlen(text), want, &layout, &err) < 0)
		fail_msg("%s\n%zu:%zu: %s", text, err.line, err.column, err.why);
	return layout;
}

static struct ipc_member must_find(const struct ipc_layout *layout, const char *path)
{
	struct ipc_member m = { 0 };
	struct ipc_layout_error err;

	if (ipc_layout_find(layout, path, &m, &err) < 0)
		fail_msg("%s: %zu: %s", path, err.column, err.why);
	return m;
}

static void compare(const struct judged *j, const char *text, const char *want)
{
	AUTO_LAYOUT struct ipc_layout *layout = must_parse(text, want);
	struct ipc_member whole = ipc_layout_whole(layout);

	if (ipc_layout_size(layout) != j->size || whole.size != j->size || whole.align != j->align)
		fail_msg("%s: size %zu align %zu, the compiler has %zu, %zu", j->name, whole.size,
			whole.align, j->size, j->align);
	for (const struct place *p = j->places; p < j->places + ARRAY_SIZE(j->places) && p->path; p++) {
		struct ipc_member m = must_find(layout, p->path);
		if (m.offset != p->offset || m.size != p->size)
			fail_msg("%s.%s: %zu, %zu bytes, the compiler has %zu, %zu", j->name, p->path,
				m.offset, m.size, p->offset, p->size);
	}
}

static const char *prelude(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(preludes); i++)
		if (strcmp(preludes[i].name, name) == 0)
			return preludes[i].before;
	return "";
}

/* Takes the members out of `struct NAME { members };`, keeping packing as a word in front. */
static void bare_members(const struct judged *j, char *ret, size_t room)
{
	const char *begin = strchr(j->text, '{') + 1, *end = strrchr(j->text, '}');
	bool packed = strncmp(j->text, "struct __attribute__", 20) == 0;

	snprintf(ret, room, "%s%.*s", prelude(j->name), (int)(end - begin), begin);
	if (packed) /* that word would pack what is nested too */
		snprintf(ret, room, "%sstruct packed x {%.*s}", prelude(j->name), (int)(end - begin), begin);
}

static void layouts_agree_with_the_compiler(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(judged); i++) {
		char text[1024];
		snprintf(text, sizeof(text), "%s%s", prelude(judged[i].name), judged[i].text);
		compare(&judged[i], text, judged[i].name);
		compare(&judged[i], text, NULL);
		bare_members(&judged[i], text, sizeof(text));
		compare(&judged[i], text, NULL);
	}
}

static const struct {
	const char *text, *want;
	size_t size;
} ways[] = {
	{ "char a; int b", NULL, 8 },
	{ "char a;;int b;;", NULL, 8 },
	{ "struct { char a; int b; }", NULL, 8 },
	{ "struct A { char a; int b; }", NULL, 8 },
	{ "typedef struct { char a; int b; } A;", "A", 8 },
	{ "typedef struct A_s { char a; int b; } A, B[2];", "struct A_s", 8 },
	{ "typedef struct s s; struct s { char a; int b; }; struct t { s x[3]; }", "s", 8 },
	{ "struct s; typedef struct s T; struct s { char a; int b; }; T x;", NULL, 8 },
	{ "struct A { char a; }; struct B { char a; int b; };", NULL, 8 },
	{ "struct A { char a; int b; }; struct B { char a; };", "A", 8 },
	{ "struct A { int b; }; char a; struct A x;", NULL, 8 },
	{ "struct A { int b; } x; char y;", NULL, 8 },
	{ "packed; char a; int b;", NULL, 5 },
	{ "packed struct A { char a; int b; };", "A", 5 },
	{ "struct packed A { char a; int b; };", "A", 5 },
	{ "struct packed { char a; int b; };", NULL, 5 },
	{ "struct A { char a; int b; } packed;", NULL, 5 },
	{ "struct A { char a; int b; } packed", NULL, 5 },
	{ "typedef packed struct { char a; int b; } A;", "A", 5 },
	{ "typedef struct { char a; int b; } packed A;", "A", 5 },
	{ "typedef struct { char a; int b; } __packed A;", "A", 5 },
	{ "typedef struct { char a; int b; } __attribute__((packed)) A;", "A", 5 },
	{ "typedef struct { char a; int b; } packed;", "packed", 8 },
	{ "struct { char a; int b; } packed, other;", NULL, 16 },
	{ "char a; struct { int b; } packed;", NULL, 5 },
	{ "char a; struct { int c; } packed b;", NULL, 5 },
	{ "/* struct x { */ char a; // };\nint /**/ b;", NULL, 8 },
	{ "// a \\\n int c;\nchar a; int b;", NULL, 8 },
	{ "#pragma once\n#include <stdint.h>\n#ifndef A_H\n#define A_H\nchar a; int b;\n#endif /* "
	  "A_H */\n",
		NULL, 8 },
	{ "#ifdef __cplusplus\nextern \"C\" {\n#endif\nchar a; int b;\n#ifdef __cplusplus\n}\n#endif", NULL,
		8 },
	{ "#define X\n#ifdef X\nchar a;\n#else\nlong a;\n#endif\n#undef X\n#ifndef X\nint b;\n#endif", NULL,
		8 },
	{ "#if 0\n#if 1\n#elif\n#else\nshort\n#endif\nlong x;\n#else\nchar a; int b;\n#endif", NULL, 8 },
	{ "#define N 3\n#define M (N * 2) // six\n#define F(x) x\n#define S \"text\"\nchar a[N + M - "
	  "1];",
		NULL, 8 },
	{ "#define N 3\n#define N \\\n 8\nchar a[N];", NULL, 8 },
	{ "#define N 3\r\nchar a; \r\nchar b[N];\r\nint c;\r\n", NULL, 8 },
	{ "#pragma pack(push)\n#pragma pack(1)\nchar a; int b;\n#pragma pack(pop)", NULL, 5 },
	{ "#pragma pack(push, 2)\nchar a; int b;\n#pragma pack(pop)\n", NULL, 6 },
	{ "struct { char a; } x; struct { char a; } y[7];", NULL, 8 },
	{ "typedef unsigned char byte; typedef byte two[2]; two a[3][1]; byte b, c;", NULL, 8 },
	{ "int a, struct_, const_; int size_t;", NULL, 16 },
};

/* Different ways to write one structure; all of them have its size. */
static void the_same_can_be_written_in_many_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		AUTO_LAYOUT struct ipc_layout *layout = must_parse(ways[i].text, ways[i].want);
		if (ipc_layout_size(layout) != ways[i].size)
			fail_msg("%s: %zu, not %zu", ways[i].text, ipc_layout_size(layout), ways[i].size);
	}
}

static const struct {
	const char *text;
	size_t line, column;
	const char *why;
} mistakes[] = {
	{ "", 1, 1, "there are no members" },
	{ " \n // nothing\n", 3, 1, "there are no members" },
	{ "strng a;", 1, 1, "unknown type 'strng'" },
	{ "int a;\n  uint23_t b;", 2, 3, "unknown type 'uint23_t', did you mean 'uint32_t'?" },
	{ "flot x;", 1, 1, "unknown type 'flot', did you mean 'float'?" },
	{ "string a;", 1, 1, "unknown type 'string': text is 'char name[N]'" },
	{ "struct A { int a; }; A b;", 1, 22, "unknown type 'A', did you mean 'struct A'?" },
	{ "struct Point { int a; }; struct Piont b;", 1, 33,
		"unknown structure 'Piont', did you mean 'Point'?" },
	{ "struct A b;", 1, 8, "unknown structure 'A'" },
	{ "struct A { int a; struct A b; };", 1, 28, "structure 'A' is not complete here" },
	{ "int *a;", 1, 5, "pointers mean nothing in another process" },
	{ "struct A { struct A *next; };", 1, 21, "pointers mean nothing in another process" },
	{ "struct A *next;", 1, 10, "pointers mean nothing in another process" },
	{ "int (*f)(void);", 1, 5, "functions and pointers mean nothing in another process" },
	{ "int f(void);", 1, 6, "functions mean nothing in another process" },
	{ "int a : 3;", 1, 7, "bit-fields are not supported: their layout is not fixed" },
	{ "int a; int : 0;", 1, 12, "bit-fields are not supported: their layout is not fixed" },
	{ "union { int a; float b; } c;", 1, 1,
		"unions are not supported: declare the one member that is in use" },
	{ "enum e a;", 1, 1, "enumerations are not supported: write int" },
	{ "void a;", 1, 1, "void is no value" },
	{ "int a = 3;", 1, 7, "a layout holds no values" },
	{ "int a; char a;", 1, 13, "a second member called 'a'" },
	{ "struct A { int a;\n struct { int b, a; }; };", 2, 2, "a second member called 'a'" },
	{ "struct A { };", 1, 12, "a structure without members" },
	{ "struct A { int a; }; struct A { int b; };", 1, 29, "a second structure called 'A'" },
	{ "struct A { struct A { int b; } c; };", 1, 19, "a second structure called 'A'" },
	{ "typedef int a; typedef int a;", 1, 28, "a second type called 'a'" },
	{ "char a[];", 1, 8, "an array without a bound has no size here" },
	{ "char a[0];", 1, 8, "an array of no elements" },
	{ "char a[3 - 4];", 1, 8, "a negative bound" },
	{ "char a[N];", 1, 8, "'N' is not #defined" },
	{ "#define N x\nchar a[N];", 2, 8, "'N' is not #defined as an integer" },
	{ "#define N (3\nchar a[N];", 2, 8, "'N' is not #defined as an integer" },
	{ "#define N 3 4\nchar a[N];", 2, 8, "'N' is not #defined as an integer" },
	{ "#define N\nchar a[N];", 2, 8, "'N' is not #defined as an integer" },
	{ "#define N(x) 3\nchar a[N];", 2, 8, "'N' is not #defined as an integer" },
	{ "#define N 3\n#undef N\nchar a[N];", 3, 8, "'N' is not #defined" },
	{ "#define TIGHT __attribute__((packed))\nstruct A { int a; } TIGHT;", 2, 21,
		"the macro 'TIGHT' is not expanded here" },
	{ "#define u32 uint32_t\nu32 a;", 2, 1, "the macro 'u32' is not expanded here" },
	{ "char a[sizeof(int)];", 1, 8, "sizeof is not understood: write the number" },
	{ "char a[4 / 0];", 1, 10, "division by zero" },
	{ "char a[08];", 1, 8, "'08' is not an integer" },
	{ "char a[1.5];", 1, 8, "'1.5' is not an integer" },
	{ "char a[0x];", 1, 8, "'0x' is not an integer" },
	{ "char a[99999999999999999999];", 1, 8, "this number is too large" },
	{ "char a[1 << 99];", 1, 10, "this number is too large" },
	{ "char a[1 < 2];", 1, 10, "expected ']' before '<'" },
	{ "char a[1000000 * 1000000 * 1000000];", 1, 26, "this number is too large" },
	{ "char a[2147483649];", 1, 8, "the array is larger than 2 GiB" },
	{ "char a[65536][65536];", 1, 6, "the array is larger than 2 GiB" },
	{ "double a[268435457];", 1, 8, "the array is larger than 2 GiB" },
	{ "char a[2147483648], b;", 1, 21, "the structure is larger than 2 GiB" },
	{ "char a[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1];", 1, 55, "more than 16 dimensions" },
	{ "char a[((((((((((((((((((1))))))))))))))))))];", 1, 24, "more than 16 levels of parentheses" },
	{ "int", 1, 4, "expected a name, but the text ends here" },
	{ "int;", 1, 4, "expected a name before ';'" },
	{ "int a", 1, 0, NULL },
	{ "struct A { int a }", 1, 18, "expected ';' before '}'" },
	{ "struct A { int a;", 1, 18, "expected '}', but the text ends here" },
	{ "struct A { int a; struct B { int b; }; };", 1, 38, "expected a name before ';'" },
	{ "struct", 1, 7, "expected a name or '{', but the text ends here" },
	{ "struct ; int a;", 1, 8, "expected a name or '{' before ';'" },
	{ "int a int b;", 1, 7, "expected ';' before 'int'" },
	{ "int a, ;", 1, 8, "expected a name before ';'" },
	{ "int int;", 1, 1, "these words make no type together" },
	{ "unsigned float a;", 1, 1, "these words make no type together" },
	{ "signed unsigned a;", 1, 1, "these words make no type together" },
	{ "long long long long a;", 1, 1, "these words make no type together" },
	{ "long double a;", 1, 1, "long double is not supported: its form differs between machines" },
	{ "uint32_t int a;", 1, 10, "expected a name before 'int'" },
	{ "int 3a;", 1, 5, "expected a name before '3a'" },
	{ "int a$;", 1, 6, "expected ';' before '$'" },
	{ "int \xc3\xa4;", 1, 5, "expected a name before the byte \\xc3" },
	{ "int a; \x01", 1, 8, "expected a type before the byte \\x01" },
	{ "}", 1, 1, "expected a type before '}'" },
	{ "/* int a;", 1, 1, "this comment has no end" },
	{ "int a;\n#define N 3 /* b\n", 2, 13, "this comment has no end" },
	{ "packed int a;", 1, 1, "'packed' stands before or behind 'struct', or alone: 'packed;'" },
	{ "struct A { int a; }; packed struct A b;", 1, 36,
		"packing is said where the structure has its members" },
	{ "int a __attribute__((aligned(8)));", 1, 22, "the only attribute that is understood is packed" },
	{ "__attribute__((packed)) int a;", 1, 1,
		"an attribute stands behind 'struct', behind '}' or behind a name" },
	{ "#pragma pack(3)\nint a;", 1, 14, "a packing is 1, 2, 4, 8 or 16" },
	{ "#pragma pack(pop)\nint a;", 1, 14, "#pragma pack(pop) without a push" },
	{ "#pragma pack(1\nint a;", 1, 15, "expected ')', but the line ends here" },
	{ "struct A {\n#pragma pack(1)\nint a; };", 2, 9, "#pragma pack stands within a structure" },
	{ "#ifdef X\nint a;", 2, 7, "#endif is missing" },
	{ "int a;\n#endif\n", 2, 2, "#endif without #if" },
	{ "#if 1\n#elif 2\n#endif", 2, 2, "#elif is not understood: use #else and #if" },
	{ "#if 0\n#else\n#else\n#endif", 3, 2, "a second #else" },
	{ "#if defined(X)\n#endif", 1, 5, "'defined' is not #defined" },
	{ "#ifdef 3\n#endif", 1, 8, "expected a name before '3'" },
	{ "#defin N 3\nint a;", 1, 2, "unknown directive '#defin'" },
	{ "#error no\n", 1, 2, "the text itself reports an error here" },
	{ "int a; # define N 3", 1, 8, "expected a type before '#'" },
	{ "#undef N N\n", 1, 10, "expected the end of the line before 'N'" },
	{ "typedef int A; struct x { A a, b[2], *c; };", 1, 38, "pointers mean nothing in another process" },
	{ "struct x { typedef int A; };", 1, 12, "unknown type 'typedef'" },
};

static void mistakes_are_shown_with_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct ipc_layout *layout = NULL;
		struct ipc_layout_error err = { 0 };
		int r = ipc_layout_parse(mistakes[i].text, strlen(mistakes[i].text), NULL, &layout, &err);
		if (!mistakes[i].why) { /* the last semicolon alone can be missing */
			assert_int_equal(r, 0);
			ipc_layout_free(layout);
			continue;
		}
		if (r != -EINVAL || err.line != mistakes[i].line || err.column != mistakes[i].column ||
			strcmp(err.why, mistakes[i].why) != 0)
			fail_msg("%s\ngives %d, %zu:%zu: %s", mistakes[i].text, r, err.line, err.column,
				err.why);
		assert_null(layout);
		/* NULL for the error is fine */
		assert_int_equal(
			ipc_layout_parse(mistakes[i].text, strlen(mistakes[i].text), NULL, &layout, NULL),
			-EINVAL);
	}
}

static void the_structure_wanted_must_be_there(void **state)
{
	(void)state;
	static const char text[] =
		"struct Point { int x; }; typedef struct { char c; } Other; typedef int number;";
	struct ipc_layout *layout = NULL;
	struct ipc_layout_error err;
	static const struct {
		const char *want, *why;
	} missing[] = {
		{ "Pint", "no structure of this name, did you mean 'Point'?" },
		{ "struct Othr", "no structure of this name, did you mean 'Other'?" },
		{ "number", "no structure of this name, did you mean 'number'?" },
		{ "\x1b[31m", "no structure of this name" },
		{ "", "no structure of this name" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		assert_int_equal(
			ipc_layout_parse(text, strlen(text), missing[i].want, &layout, &err), -ENOENT);
		assert_string_equal(err.why, missing[i].why);
		assert_null(layout);
	}
}

/* Builds N repetitions of a text between two others and reads them. */
static int parse_repeated(
	const char *before, const char *each, size_t n, const char *after, struct ipc_layout_error *err)
{
	size_t len = strlen(each), room = strlen(before) + (len + 12) * n + strlen(after) + 1;
	AUTO_FREE char *text = malloc(room);
	AUTO_LAYOUT struct ipc_layout *layout = NULL;
	size_t used = (size_t)snprintf(text, room, "%s", before);

	for (size_t i = 0; i < n; i++) {
		const char *percent = strchr(each, '%');
		if (percent) /* the place of a number */
			used += (size_t)snprintf(text + used, room - used, "%.*s%zu%s", (int)(percent - each),
				each, i, percent + 1);
		else
			used += (size_t)snprintf(text + used, room - used, "%s", each);
	}
	used += (size_t)snprintf(text + used, room - used, "%s", after);
	return ipc_layout_parse(text, used, NULL, &layout, err);
}

static void limits_hold(void **state)
{
	(void)state;
	struct ipc_layout_error err;

	assert_int_equal(parse_repeated("int a;", " ", 65530, "", &err), 0);
	assert_int_equal(parse_repeated("int a;", " ", 65531, "", &err), -EFBIG);
	assert_string_equal(err.why, "the text is longer than 65536 bytes");
	assert_int_equal(parse_repeated("int ", "a%,", 9999, "b;", &err), 0);
	assert_int_equal(parse_repeated("int ", "a%,", 10000, "b;", &err), -EINVAL);
	assert_string_equal(err.why, "more than 10000 members");
	/* a structure whose members count as the outer one's counts them again */
	assert_int_equal(parse_repeated("struct A { struct { int ", "a%,", 5000, "b; }; };", &err), -EINVAL);
	assert_string_equal(err.why, "more than 10000 members");
	assert_int_equal(parse_repeated("", "struct {", 16,
				 "int a; } a; } a; } a; } a; } a; } a; } a; } a; } a; } a;"
				 " } a; } a; } a; } a; } a; };",
				 &err),
		0);
	assert_int_equal(parse_repeated("", "struct {", 17, "int a;", &err), -EINVAL);
	assert_string_equal(err.why, "more than 16 structures within each other");
	/* the same depth by names */
	assert_int_equal(parse_repeated("struct s0 { int a; };", "", 0, "", &err), 0);
	AUTO_FREE char *chain = malloc(4096);
	for (int depth = 15; depth <= 16; depth++) {
		size_t used = (size_t)snprintf(chain, 4096, "struct s0 { int a; };");
		for (int i = 1; i <= depth; i++)
			used += (size_t)snprintf(
				chain + used, 4096 - used, "struct s%d { struct s%d a; };", i, i - 1);
		struct ipc_layout *layout = NULL;
		assert_int_equal(
			ipc_layout_parse(chain, used, NULL, &layout, &err), depth == 15 ? 0 : -EINVAL);
		ipc_layout_free(layout);
	}
	assert_string_equal(err.why, "more than 16 structures within each other");
	assert_int_equal(parse_repeated("", "#if 1\n", 33, "", &err), -EINVAL);
	assert_int_equal(parse_repeated("", "#pragma pack(push)\n", 17, "", &err), -EINVAL);
	assert_int_equal(parse_repeated("int a;", "#pragma pack(push)\n", 0, "char b[2147483640];", &err), 0);
	assert_int_equal(
		parse_repeated("int a;", "#pragma pack(push)\n", 0, "char b[2147483645];", &err), -EINVAL);
}

static void a_nul_in_the_text_is_a_mistake(void **state)
{
	(void)state;
	struct ipc_layout *layout = NULL;
	struct ipc_layout_error err;

	assert_int_equal(ipc_layout_parse("int a;\0int b;", 13, NULL, &layout, &err), -EINVAL);
	assert_int_equal(err.column, 7);
	assert_string_equal(err.why, "expected a type before the byte \\x00");
}

static void paths_that_lead_nowhere(void **state)
{
	(void)state;
	AUTO_LAYOUT struct ipc_layout *layout = must_parse(
		"struct { int x, y; } pos[3]; char message[9]; int grid[2][3]; int message2;", NULL);
	static const struct {
		const char *path;
		int result;
		size_t column;
		const char *why;
	} wrong[] = {
		{ "", -EINVAL, 1, "expected the name of a member" },
		{ ".", -EINVAL, 1, "expected the name of a member" },
		{ "[0]", -EINVAL, 1, "expected the name of a member" },
		{ "3", -EINVAL, 1, "expected the name of a member" },
		{ "mesage", -ENOENT, 1, "no member 'mesage', did you mean 'message'?" },
		{ "quite_else", -ENOENT, 1, "no member 'quite_else'" },
		{ "po", -ENOENT, 1, "no member 'po', did you mean 'pos'?" },
		{ "pos.x", -EINVAL, 5, "this is an array: an index comes first" },
		{ "pos[3].x", -ERANGE, 4, "the index is past the end: [0] to [2]" },
		{ "pos[99999999999999999999].x", -ERANGE, 4, "the index is past the end: [0] to [2]" },
		{ "pos[].x", -EINVAL, 5, "expected an index: [0] to [2]" },
		{ "pos[-1].x", -EINVAL, 5, "expected an index: [0] to [2]" },
		{ "pos[1", -EINVAL, 6, "expected an index: [0] to [2]" },
		{ "pos[1]x", -EINVAL, 7, "expected '.' or '['" },
		{ "pos[1].", -EINVAL, 8, "expected the name of a member" },
		{ "pos[1].z", -ENOENT, 8, "no member 'z'" },
		{ "pos[1].x.y", -EINVAL, 10, "this is no structure and has no members" },
		{ "pos[1].x[0]", -EINVAL, 9, "this is no array" },
		{ "message.x", -EINVAL, 9, "this is no structure and has no members" },
		{ "message[9]", -ERANGE, 8, "the index is past the end: [0] to [8]" },
		{ "message[0][0]", -EINVAL, 11, "this is no array" },
		{ "grid[1][3]", -ERANGE, 8, "the index is past the end: [0] to [2]" },
		{ "grid x", -EINVAL, 5, "expected '.' or '['" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct ipc_member m = { .offset = 77 };
		struct ipc_layout_error err;
		int r = ipc_layout_find(layout, wrong[i].path, &m, &err);
		if (r != wrong[i].result || err.column != wrong[i].column ||
			strcmp(err.why, wrong[i].why) != 0)
			fail_msg("%s gives %d, %zu: %s", wrong[i].path, r, err.column, err.why);
		assert_int_equal(m.offset, 77);
	}
}

static void children_are_iterated(void **state)
{
	(void)state;
	AUTO_LAYOUT struct ipc_layout *layout = must_parse(
		"struct named { int id; struct { short x; char tag[3]; } pos[2]; char grid[2][4]; };", NULL);
	struct ipc_member whole = ipc_layout_whole(layout), m, e;

	assert_string_equal(whole.name, "named");
	assert_int_equal(ipc_member_shape(&whole), SHAPE_STRUCT);
	assert_int_equal(ipc_member_count(&whole), 3);
	assert_int_equal(ipc_member_child(&whole, 3, &m), -ERANGE);
	assert_int_equal(ipc_member_child(&whole, 0, &m), 0);
	assert_string_equal(m.name, "id");
	assert_int_equal(ipc_member_shape(&m), SHAPE_SCALAR);
	assert_int_equal(ipc_member_count(&m), 0);
	assert_int_equal(ipc_member_child(&whole, 1, &m), 0);
	assert_int_equal(ipc_member_shape(&m), SHAPE_ARRAY);
	assert_int_equal(ipc_member_count(&m), 2);
	assert_int_equal(ipc_member_child(&m, 1, &e), 0);
	assert_null(e.name);
	assert_int_equal(e.offset, 10);
	assert_int_equal(e.size, 6);
	assert_int_equal(ipc_member_child(&e, 1, &m), 0);
	assert_string_equal(m.name, "tag");
	assert_int_equal(m.offset, 12);
	assert_int_equal(ipc_member_shape(&m), SHAPE_TEXT);
	assert_int_equal(ipc_member_child(&whole, 2, &m), 0);
	assert_int_equal(ipc_member_shape(&m), SHAPE_ARRAY);
	assert_int_equal(ipc_member_child(&m, 1, &e), 0);
	assert_int_equal(ipc_member_shape(&e), SHAPE_TEXT);
	assert_int_equal(e.size, 4);
}

static void what_one_access_can_hold(void **state)
{
	(void)state;
	AUTO_LAYOUT struct ipc_layout *layout =
		must_parse("char a; int b __attribute__((packed)); char c[3], d[8]; long e; struct { int x, "
			   "y; } f; char g[2];",
			NULL);
	static const struct {
		const char *path;
		uint64_t base;
		bool atomic;
	} table[] = {
		{ "a", 0, true },
		{ "a", 3, true },
		{ "b", 0, false },
		{ "b", 3, true },
		{ "c", 0, false },
		{ "d", 0, true },
		{ "d", 4, false },
		{ "e", 0, true },
		{ "e", 16, true },
		{ "e", 12, false },
		{ "f", 0, true },
		{ "f.x", 4, true },
		{ "g", 1, false },
		{ "g[1]", 1, true },
	};
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ipc_member m = must_find(layout, table[i].path);
		if (ipc_member_atomic(&m, table[i].base) != table[i].atomic)
			fail_msg("%s at %zu, %zu bytes, from %d", table[i].path, m.offset, m.size,
				(int)table[i].base);
	}
}

/* Reads a value into bytes that lie askew, and formats those. */
static int there_and_back(const char *type, const char *text, char **ret, struct ipc_layout_error *err)
{
	AUTO_LAYOUT struct ipc_layout *layout = must_parse(type, NULL);
	struct ipc_member m;
	unsigned char bytes[300];

	assert_int_equal(ipc_member_child(&(struct ipc_member){ 0 }, 0, &m), -ERANGE);
	struct ipc_member whole = ipc_layout_whole(layout);
	assert_int_equal(ipc_member_child(&whole, ipc_member_count(&whole) - 1, &m), 0);
	assert_true(m.size <= sizeof(bytes) - 2);
	memset(bytes, 0xa5, sizeof(bytes));
	int r = ipc_member_parse(&m, text, strlen(text), bytes + 1, err);
	assert_int_equal(bytes[0], 0xa5);
	for (size_t i = r < 0 ? 1 : m.size + 1; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], 0xa5);
	return r < 0 ? r : ipc_member_format(&m, bytes + 1, ret, NULL);
}

static const struct {
	const char *type, *text, *printed;
} values[] = {
	{ "bool a", "true", "true" },
	{ "bool a", "0", "false" },
	{ "_Bool a", "1", "true" },
	{ "char a", "x", "x" },
	{ "char a", "7", "7" },
	{ "char a", "", "" },
	{ "char a", "\\", "\\" },
	{ "char a", "\\n", "\n" },
	{ "char a", "\\x41", "A" },
	{ "char a", "\\0", "" },
	{ "signed char a", "-128", "-128" },
	{ "unsigned char a", "255", "255" },
	{ "int8_t a", "-0x80", "-128" },
	{ "uint8_t a", "0xfF", "255" },
	{ "int16_t a", "-32768", "-32768" },
	{ "uint16_t a", "+65535", "65535" },
	{ "int a", "-2147483648", "-2147483648" },
	{ "int a", "010", "10" },
	{ "uint32_t a", "0xffffffff", "4294967295" },
	{ "int64_t a", "-9223372036854775808", "-9223372036854775808" },
	{ "long long a", "9223372036854775807", "9223372036854775807" },
	{ "uint64_t a", "18446744073709551615", "18446744073709551615" },
	{ "uint64_t a", "-0", "0" },
	{ "float a", "0.1", "0.1" },
	{ "float a", "16777216", "16777216" },
	{ "float a", "3.4028234663852886e38", "3.4028235e+38" },
	{ "float a", "1e-45", "1.4013e-45" },
	{ "double a", "0.1", "0.1" },
	{ "double a", "0.30000000000000004", "0.30000000000000004" },
	{ "double a", "1000000", "1000000" },
	{ "double a", "-0", "-0" },
	{ "double a", "1e300", "1e+300" },
	{ "double a", "123456789012345678", "1.2345678901234568e+17" },
	{ "double a", "0x1.8p1", "3" },
	{ "double a", "-inf", "-inf" },
	{ "double a", "nan", "nan" },
	{ "double a", "5e-324", "4.94065645841247e-324" },
	{ "char a[8]", "", "" },
	{ "char a[8]", "seven77", "seven77" },
	{ "char a[8]", "\"a\\n", "\"a\\n" },
	{ "char a[8]", "\xc3\xa4 \n", "\xc3\xa4 \n" },
	{ "int a[3]", "1, -2,0x3", "{1, -2, 3}" },
	{ "int a[3]", " { 1 , 2 , 3 , } ", "{1, 2, 3}" },
	{ "int a[3]", "{}", "{0, 0, 0}" },
	{ "int a[3]", "7", "{7, 0, 0}" },
	{ "int a[2][2]", "{{1, 2}, {3}}", "{{1, 2}, {3, 0}}" },
	{ "bool a[2]", "true,0", "{true, false}" },
	{ "double a[2]", "0.5,-1e9", "{0.5, -1000000000}" },
	{ "char a[2][4]", "{\"abc\", \"d\\n\\\"\\\\\"}", "{\"abc\", \"d\\n\\\"\\\\\"}" },
	{ "char a[2][2]", "{\"ab\", \"\\x1b\\0\"}", "{\"ab\", \"\\x1b\"}" },
	{ "char a[1][3]", "{\"'\xc3\"}", "{\"'\xc3\"}" },
	{ "struct { char c; int x; char s[4]; } a", "{'x', 3, \"abc\"}", "{c='x', x=3, s=\"abc\"}" },
	{ "struct { char c; int x; char s[4]; } a", "{ .x = 3 , s=\"\" }", "{c='\\0', x=3, s=\"\"}" },
	{ "struct { char c; char d; } a", "{c='\\'', d=\\n}", "{c='\\'', d='\\n'}" },
	{ "struct { char c; char d; } a", "{c='\"', d=a}", "{c='\"', d='a'}" },
	{ "struct { char c; struct { int x, y; } p[2]; } a", "{p={{1, 2}, {y=4}}}",
		"{c='\\0', p={{x=1, y=2}, {x=0, y=4}}}" },
	{ "struct { char c; int x; } a[2]", "{{x=1}, {a, 2}}", "{{c='\\0', x=1}, {c='a', x=2}}" },
	{ "char before; struct { char c; struct { double d; int x[2]; } s; } a", "{s={d=1.5, x={1, 2}}}",
		"{c='\\0', s={d=1.5, x={1, 2}}}" },
	{ "struct { bool t; } a", "{true}", "{t=true}" },
	{ "struct { char a; struct { int b; }; } a", "{b=3}", "{a='\\0', b=3}" },
};

static void values_read_and_print(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		AUTO_FREE char *printed = NULL, *again = NULL;
		struct ipc_layout_error err = { 0 };
		int r = there_and_back(values[i].type, values[i].text, &printed, &err);
		if (r < 0 || strcmp(printed, values[i].printed) != 0)
			fail_msg("%s = '%s' gives '%s', %d: %zu: %s", values[i].type, values[i].text, printed,
				r, err.column, err.why);
		r = there_and_back(values[i].type, printed, &again, &err);
		if (r < 0 || strcmp(printed, again) != 0)
			fail_msg("%s: '%s' reads back as '%s', %d: %s", values[i].type, printed, again, r,
				err.why);
	}
}

static const struct {
	const char *type, *text;
	int result;
	size_t column;
	const char *why;
} refused[] = {
	{ "bool a", "yes", -EINVAL, 1, "expected true, false, 1 or 0" },
	{ "bool a", "2", -EINVAL, 1, "expected true, false, 1 or 0" },
	{ "bool a", "", -EINVAL, 1, "expected true, false, 1 or 0" },
	{ "char a", "ab", -EINVAL, 1, "expected one byte, or an escape such as \\n or \\x1b" },
	{ "char a", "\\q", -EINVAL, 1, "expected one byte, or an escape such as \\n or \\x1b" },
	{ "char a", "\\x4", -EINVAL, 1, "expected one byte, or an escape such as \\n or \\x1b" },
	{ "int a", "", -EINVAL, 1, "expected an integer" },
	{ "int a", "-", -EINVAL, 1, "expected an integer" },
	{ "int a", " 3", -EINVAL, 1, "expected an integer" },
	{ "int a", "3 ", -EINVAL, 1, "expected an integer" },
	{ "int a", "0x", -EINVAL, 1, "expected an integer" },
	{ "int a", "3.0", -EINVAL, 1, "expected an integer" },
	{ "int a", "--3", -EINVAL, 1, "expected an integer" },
	{ "int a", "ff", -EINVAL, 1, "expected an integer" },
	{ "int a", "2147483648", -ERANGE, 1, "out of range: -2147483648 to 2147483647" },
	{ "int a", "-2147483649", -ERANGE, 1, "out of range: -2147483648 to 2147483647" },
	{ "int a", "0xffffffff", -ERANGE, 1, "out of range: -2147483648 to 2147483647" },
	{ "int8_t a", "128", -ERANGE, 1, "out of range: -128 to 127" },
	{ "uint8_t a", "256", -ERANGE, 1, "out of range: 0 to 255" },
	{ "uint8_t a", "-1", -ERANGE, 1, "out of range: 0 to 255" },
	{ "unsigned long a", "18446744073709551616", -ERANGE, 1, "out of range: 0 to 18446744073709551615" },
	{ "long a", "-9223372036854775809", -ERANGE, 1,
		"out of range: -9223372036854775808 to 9223372036854775807" },
	{ "double a", "1e999", -ERANGE, 1, "out of range for double" },
	{ "float a", "1e39", -ERANGE, 1, "out of range for float" },
	{ "double a", "", -EINVAL, 1, "expected a number" },
	{ "double a", " 1", -EINVAL, 1, "expected a number" },
	{ "double a", "1,5", -EINVAL, 1, "expected a number" },
	{ "double a", "1x", -EINVAL, 1, "expected a number" },
	{ "char a[4]", "four", -ERANGE, 4, "the text is longer than 3 bytes and the NUL behind them" },
	{ "char a[1]", "f", -ERANGE, 1, "the text is longer than 0 bytes and the NUL behind them" },
	{ "int a[2]", "", -EINVAL, 1, "expected a value" },
	{ "int a[2]", "1, 2, 3", -ERANGE, 7, "more than 2 values" },
	{ "int a[2]", "{1, 2, 3}", -ERANGE, 8, "more than 2 values" },
	{ "int a[2]", "{1 2}", -EINVAL, 4, "expected ',' or '}'" },
	{ "int a[2]", "{1, 2", -EINVAL, 6, "expected ',' or '}'" },
	{ "int a[2]", "{1, 2} 3", -EINVAL, 8, "expected the end of the value" },
	{ "int a[2]", "1, x", -EINVAL, 4, "expected an integer" },
	{ "int a[2]", "1,,2", -EINVAL, 3, "expected a value" },
	{ "int a[2][2]", "{1}", -EINVAL, 2, "expected '{'" },
	{ "int a[2][2]", "1, 2", -EINVAL, 1, "expected '{'" },
	{ "char a[1][2]", "{abc}", -EINVAL, 2, "expected text in double quotes" },
	{ "char a[1][2]", "{\"abc\"}", -ERANGE, 5, "the text is longer than 2 bytes" },
	{ "char a[1][2]", "{\"a", -EINVAL, 2, "these quotes have no end" },
	{ "char a[1][2]", "{\"\\q\"}", -EINVAL, 3, "unknown escape" },
	{ "char a[1][2]", "{\"\\", -EINVAL, 3, "unknown escape" },
	{ "struct { int x, y; } a", "1", -EINVAL, 1, "expected '{'" },
	{ "struct { int x, y; } a", "{z=1}", -EINVAL, 2, "no member of this name" },
	{ "struct { int x, y; } a", "{y=1, x=2}", -EINVAL, 7, "this member comes twice, or out of order" },
	{ "struct { int x, y; } a", "{x=1, x=2}", -EINVAL, 7, "this member comes twice, or out of order" },
	{ "struct { int x, y; } a", "{1, 2, 3}", -ERANGE, 8, "more than 2 values" },
	{ "struct { int x, y; } a", "{.x 1}", -EINVAL, 3, "expected a name and '='" },
	{ "struct { int x, y; } a", "{x=}", -EINVAL, 4, "expected a value" },
	{ "struct { char c; } a", "{''}", -EINVAL, 2, "expected one byte in single quotes" },
	{ "struct { char c; } a", "{'ab'}", -EINVAL, 2, "expected one byte in single quotes" },
	{ "struct { char c; } a", "{'", -EINVAL, 2, "expected one byte in single quotes" },
};

static void values_that_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		AUTO_FREE char *printed = NULL;
		struct ipc_layout_error err = { 0 };
		int r = there_and_back(refused[i].type, refused[i].text, &printed, &err);
		if (r != refused[i].result || err.column != refused[i].column ||
			strcmp(err.why, refused[i].why) != 0)
			fail_msg("%s = '%s' gives %d, '%s', %zu: %s", refused[i].type, refused[i].text, r,
				printed, err.column, err.why);
	}
}

static void text_with_a_nul_or_without_one(void **state)
{
	(void)state;
	AUTO_LAYOUT struct ipc_layout *layout = must_parse("char a[4]; char b;", NULL);
	struct ipc_member m = must_find(layout, "a");
	char bytes[5] = "abcd";
	AUTO_FREE char *text = NULL;
	size_t len;

	assert_int_equal(ipc_member_parse(&m, "a\0b", 3, bytes, NULL), -EINVAL);
	assert_memory_equal(bytes, "abcd", 5);
	assert_int_equal(ipc_member_format(&m, bytes, &text, &len), 0); /* all four bytes, and no more */
	assert_int_equal(len, 4);
	assert_string_equal(text, "abcd");
}

static void any_bits_are_a_value(void **state)
{
	(void)state;
	AUTO_LAYOUT struct ipc_layout *layout = must_parse("bool a; double d; float f;", NULL);
	struct ipc_member a = must_find(layout, "a"), d = must_find(layout, "d"), f = must_find(layout, "f");
	struct ipc_scalar s;
	unsigned char bytes[8];

	for (int i = 0; i < 256; i++) {
		bytes[0] = (unsigned char)i;
		assert_int_equal(ipc_member_scalar(&a, bytes, &s), 0);
		assert_true(s.b == (i != 0));
	}
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(ipc_member_scalar(&d, bytes, &s), 0);
	assert_true(isnan(s.d));
	assert_int_equal(ipc_member_scalar(&f, bytes, &s), 0);
	assert_true(isnan(s.d));
	struct ipc_member whole = ipc_layout_whole(layout);
	assert_int_equal(ipc_member_scalar(&whole, bytes, &s), -EINVAL);
}

/* A number of bits no human chose: a linear congruential generator. */
static uint64_t bits(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed ^ *seed >> 29;
}

static void floating_values_read_back_exactly(void **state)
{
	(void)state;
	AUTO_LAYOUT struct ipc_layout *layout = must_parse("float f; double d;", NULL);
	struct ipc_member f = must_find(layout, "f"), d = must_find(layout, "d");
	uint64_t seed = 1;

	for (int i = 0; i < 20000; i++) {
		const struct ipc_member *m = i % 2 ? &f : &d;
		unsigned char bytes[8], again[8];
		uint64_t value = bits(&seed);
		struct ipc_scalar s;
		AUTO_FREE char *text = NULL;
		memcpy(bytes, &value, sizeof(bytes));
		ipc_member_scalar(m, bytes, &s);
		if (isnan(s.d))
			continue;
		assert_int_equal(ipc_member_format(m, bytes, &text, NULL), 0);
		assert_int_equal(ipc_member_parse(m, text, strlen(text), again, NULL), 0);
		assert_memory_equal(bytes, again, m->size);
	}
}

/* Makes a locale with a decimal comma, as the machine may have none, and enters it. */
static bool enter_comma_locale(const char *dir)
{
	char command[256];

	snprintf(command, sizeof(command), "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >%s/log 2>&1", dir,
		dir);
	if (system(command) != 0)
		return false;
	setenv("LOCPATH", dir, 1);
	return setlocale(LC_ALL, "de_DE.UTF-8") && strcmp(localeconv()->decimal_point, ",") == 0;
}

static void a_locale_with_a_decimal_comma_changes_nothing(void **state)
{
	(void)state;
	AUTO_FREE char *printed = NULL;
	char dir[] = "/tmp/layout.XXXXXX", command[64];

	assert_non_null(mkdtemp(dir));
	bool entered = enter_comma_locale(dir);
	int r = there_and_back("double a", "1.5", &printed, NULL);
	setlocale(LC_ALL, "C");
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	if (!entered)
		skip(); /* no sources of locales: Debian's package locales has them */
	assert_int_equal(r, 0);
	assert_string_equal(printed, "1.5");
}

/* The structure that the whole thing is for, as a C program fills it. */
static void a_program_and_its_text_agree(void **state)
{
	(void)state;
	AUTO_LAYOUT struct ipc_layout *layout =
		must_parse("int processId; char message[900]; bool dataReady;", NULL);
	struct shared data = { .processId = 4711, .message = "hello", .dataReady = true };
	struct ipc_member m = must_find(layout, "message");
	AUTO_FREE char *text = NULL, *all = NULL;

	assert_int_equal(ipc_layout_size(layout), 908);
	assert_int_equal(ipc_member_format(&m, (char *)&data + m.offset, &text, NULL), 0);
	assert_string_equal(text, "hello");
	assert_int_equal(ipc_member_parse(&m, "bye", 3, (char *)&data + m.offset, NULL), 0);
	m = must_find(layout, "processId");
	assert_int_equal(ipc_member_parse(&m, "-1", 2, (char *)&data + m.offset, NULL), 0);
	assert_string_equal(data.message, "bye");
	assert_int_equal(data.processId, -1);
	m = ipc_layout_whole(layout);
	assert_int_equal(ipc_member_format(&m, &data, &all, NULL), 0);
	assert_string_equal(all, "{processId=-1, message=\"bye\", dataReady=true}");
	assert_int_equal(ipc_member_parse(&m, "{dataReady=false}", 17, &data, NULL), 0);
	assert_int_equal(data.processId, 0);
	assert_false(data.dataReady);
}

/* What a real header has beside the structure that is wanted does not matter; what is in it does. */
static void what_stands_beside_the_structure_wanted_may_be_anything(void **state)
{
	static const char header[] = "struct list { struct list *next; };\n"
				     "typedef struct { void (*call)(int); } calls;\n"
				     "enum color { RED, GREEN };\n"
				     "union both { int a; float b; };\n"
				     "int count(struct list *all, int n);\n"
				     "static int two(void) { if (1) { return 2; } return 3; }\n"
				     "struct wanted { int id; char text[8]; };\n"
				     "struct broken { int id;\n\tchar *text; };\n";
	AUTO_LAYOUT struct ipc_layout *layout = NULL;
	struct ipc_layout_error err = { 0 };

	(void)state;
	assert_int_equal(ipc_layout_parse(header, strlen(header), "wanted", &layout, &err), 0);
	assert_int_equal(ipc_layout_size(layout), 12);
	ipc_layout_free(layout);
	layout = NULL;
	assert_int_equal(ipc_layout_parse(header, strlen(header), "struct broken", &layout, &err), -EINVAL);
	assert_int_equal(err.line, 9);
	assert_int_equal(err.column, 7);
	assert_int_equal(ipc_layout_parse(header, strlen(header), "wantd", &layout, &err), -ENOENT);
	assert_non_null(strstr(err.why, "did you mean 'wanted'"));
	assert_int_equal(ipc_layout_parse(header, strlen(header), NULL, &layout, &err), -EINVAL);
	assert_int_equal(err.line, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts_agree_with_the_compiler),
		cmocka_unit_test(the_same_can_be_written_in_many_ways),
		cmocka_unit_test(mistakes_are_shown_with_their_place),
		cmocka_unit_test(the_structure_wanted_must_be_there),
		cmocka_unit_test(what_stands_beside_the_structure_wanted_may_be_anything),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(a_nul_in_the_text_is_a_mistake),
		cmocka_unit_test(paths_that_lead_nowhere),
		cmocka_unit_test(children_are_iterated),
		cmocka_unit_test(what_one_access_can_hold),
		cmocka_unit_test(values_read_and_print),
		cmocka_unit_test(values_that_are_refused),
		cmocka_unit_test(text_with_a_nul_or_without_one),
		cmocka_unit_test(any_bits_are_a_value),
		cmocka_unit_test(floating_values_read_back_exactly),
		cmocka_unit_test(a_locale_with_a_decimal_comma_changes_nothing),
		cmocka_unit_test(a_program_and_its_text_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
