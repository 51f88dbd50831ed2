/*
 * C structures by their text: where each member lies, and values from and to text.
 *
 * The text is what a C programmer would write: members alone (`int id; char name[16];`), or the
 * declarations of a header (`struct Name { ... };`, `typedef struct { ... } Name;`). Sizes, alignment
 * and padding are those of the C ABI that ipcctl was built for, and values are in its byte order.
 *
 * What is understood:
 * - bool, char, and the integer and floating types of C in all their spellings (long double aside);
 *   int8_t to uint64_t, size_t, ssize_t, intptr_t, uintptr_t, ptrdiff_t, pid_t, uid_t, gid_t, mode_t,
 *   key_t, off_t, time_t;
 * - several declarators (`int a, b[2][3];`), const and volatile, nested structures, typedef of any of
 *   them; the members of a structure without tag and name count as those of what is around it, which
 *   can be the text itself; the last `;` of the text may be missing;
 * - comments, `#define NAME NUMBER`, `#undef`, `#include` (skipped), `#ifdef`, `#ifndef`, `#if NUMBER`,
 *   `#else`, `#endif`, `#pragma pack`; array bounds are integers, such names, and + - * / << of them;
 * - packing: `__attribute__((packed))` where C has it, the same as a bare word (`packed struct A {...}`,
 *   `struct packed A {...}`, `struct A {...} packed;` outside any structure), and `packed;` in front,
 *   which packs everything that follows. As in C, packing does not reach into a nested structure.
 *
 * What has no meaning in memory that processes share (pointers), or no layout that can be relied on
 * (bit-fields, unions, flexible arrays), is refused with the place and the reason.
 *
 * Pure: text and bytes in, structures and text out.
 */
#pragma once

#include "ipc/io.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The longest text, the deepest nesting (of structures and of parentheses), and the most members. */
#define LAYOUT_TEXT_MAX 65536u
#define LAYOUT_DEPTH_MAX 16u
#define LAYOUT_MEMBERS_MAX 10000u
/** The most bytes that a structure can have: 2 GiB. */
#define LAYOUT_SIZE_MAX ((uint64_t)1 << 31)

/** Where a text is wrong and why. Both count from 1; a column is a byte. why is printable ASCII. */
struct ipc_layout_error {
	size_t line, column;
	char why[160];
};

/** What one value is. A char is a character; signed char and unsigned char are numbers. */
enum ipc_member_base {
	MEMBER_BOOL,
	MEMBER_CHAR,
	MEMBER_SIGNED,
	MEMBER_UNSIGNED,
	MEMBER_FLOAT, /* float or double: by the size */
	MEMBER_STRUCT,
};

/** What a member is as a whole: how to go on with it. */
enum ipc_member_shape {
	SHAPE_SCALAR, /* one bool, character or number */
	SHAPE_TEXT,   /* char[N]: text up to its NUL, or all N bytes */
	SHAPE_ARRAY,  /* elements: children 0 to count - 1, without names */
	SHAPE_STRUCT, /* members: children with names */
};

struct ipc_layout;
struct ipc_layout_struct;

/**
 * A member, an element, or the whole structure. A plain value, to be copied; what it points to
 * belongs to the layout and lives as long as that.
 */
struct ipc_member {
	const char *name; /* NULL for an element of an array; the whole: the structure's name, or "" */
	size_t offset;    /* bytes from the start of the whole structure */
	size_t size;      /* bytes, of all elements together */
	size_t align;     /* what its type asks for, in bytes; a packed member can lie elsewhere */
	enum ipc_member_base base;
	unsigned dim_count; /* 0: no array */
	const uint32_t *dims;
	const struct ipc_layout_struct *of; /* of MEMBER_STRUCT */
};

/** One value, in the member of the union that base tells; MEMBER_CHAR is in u. */
struct ipc_scalar {
	enum ipc_member_base base;
	union {
		bool b;
		int64_t i;
		uint64_t u;
		double d;
	};
};

/**
 * Reads declarations. The layout is the structure called want (a tag or a typedef; `struct X` is
 * accepted too), or with want NULL that of the bare members, if the text has any, else the last
 * structure in it. Beside the one called want the text may hold what no layout can: pointers,
 * functions, unions.
 *
 * text: len bytes, needs no NUL; not used after the return
 * ret: the caller frees it with ipc_layout_free
 * ret_err: what is wrong, set whenever this fails; may be NULL
 * Returns 0 or -errno: -EINVAL for a text that is wrong, -EFBIG for one over LAYOUT_TEXT_MAX,
 * -ENOENT if it has no structure called want, -ENOMEM.
 */
int ipc_layout_parse(const char *text, size_t len, const char *want, struct ipc_layout **ret,
	struct ipc_layout_error *ret_err);

/** Frees a layout and all members of it; NULL is fine. */
void ipc_layout_free(struct ipc_layout *layout);

static inline void ipc_layout_freep(struct ipc_layout **layout)
{
	ipc_layout_free(*layout);
}

#define AUTO_LAYOUT __attribute__((cleanup(ipc_layout_freep)))

/** The whole structure as a member: size is sizeof, align is _Alignof, the children are its members. */
struct ipc_member ipc_layout_whole(const struct ipc_layout *layout);

/** sizeof the structure, its padding at the end included. */
size_t ipc_layout_size(const struct ipc_layout *layout);

/**
 * Finds a member by its path: `dataReady`, `pos[2].x`, `grid[1][2]`, `message` (the whole text),
 * `message[0]` (one character). An index is decimal.
 *
 * ret_err: the column is the place in path; may be NULL
 * Returns 0 or -errno: -ENOENT if there is no such member (why names the nearest), -ERANGE for an
 * index past the end, -EINVAL for anything that is no path.
 */
int ipc_layout_find(const struct ipc_layout *layout, const char *path, struct ipc_member *ret,
	struct ipc_layout_error *ret_err);

enum ipc_member_shape ipc_member_shape(const struct ipc_member *m);

/** How many children: members of a structure, elements of an array, characters of a text, 0 of a scalar. */
size_t ipc_member_count(const struct ipc_member *m);

/**
 * Child number i, with its offset from the start of the whole structure.
 *
 * Returns 0, or -ERANGE if i is not below ipc_member_count.
 */
int ipc_member_child(const struct ipc_member *m, size_t i, struct ipc_member *ret);

/**
 * Whether one access of the machine reads or writes the member whole: 1, 2, 4 or 8 bytes, at an
 * offset that is a multiple of them. Holds for text, arrays and structures of such a size too.
 * base: where the structure begins in a page-aligned mapping, in bytes
 */
bool ipc_member_atomic(const struct ipc_member *m, uint64_t base);

/**
 * Reads one value from the m->size bytes at bytes (which are the member's own, not the whole
 * structure's, and need no alignment). A bool is true unless all its bits are 0.
 *
 * Returns 0, or -EINVAL if m is no scalar.
 */
int ipc_member_scalar(const struct ipc_member *m, const void *bytes, struct ipc_scalar *ret);

/**
 * Writes a value as text. Alone: a bool is `true` or `false`; a number is decimal, and a floating
 * one has the fewest digits that read back as the same value; a char is that byte (none for NUL);
 * a char[N] is its bytes up to the first NUL, raw. An array is `{1, 2, 3}`, a structure
 * `{x=1, name="bob", c='a'}`, on one line; there the bytes of text below 0x20, 0x7f, quotes and the
 * backslash are escaped (`\n`, `\x1b`, `\"`), and bytes from 0x80 on stand as they are.
 * ipc_member_parse reads it back, a char[N] alone aside that has no NUL.
 *
 * bytes: the m->size bytes of the member; no alignment needed
 * ret: text with a NUL behind it; the caller frees it; ret_len (may be NULL) does not count the NUL
 * Returns 0 or -errno: -ENOMEM.
 */
int ipc_member_format(const struct ipc_member *m, const void *bytes, char **ret, size_t *ret_len);

/** Whether the bytes of two of them mean the same: text up to its NUL, and padding counts nothing. */
bool ipc_member_equal(const struct ipc_member *m, const void *a, const void *b);

/* A member and a value for it. */
struct ipc_member_value {
	struct ipc_member member;
	unsigned char *bytes; /* member.size of them */
};

/**
 * Reads a value from text: the opposite of ipc_member_format.
 *
 * - bool: true, false, 1, 0. Integers: decimal or 0x hexadecimal with a sign, within the range of
 *   the type (010 is ten). Floating: as strtod(3) in the C locale; what overflows is refused.
 * - char: the byte itself, nothing (NUL), or an escape: `\n` `\t` `\r` `\0` `\\` `\'` `\"` `\xHH`.
 * - char[N]: the bytes as they are, the rest NUL. Text of N bytes has no room for a NUL and is
 *   refused, since C programs read up to it; so is a NUL inside.
 * - arrays: `{1, 2, 3}`, or at the outside `1, 2, 3`; structures: `{1, 2.5, "text"}` or
 *   `{x=1, .y=2}` in the order of declaration. What is left out is zero, as in a C initializer. Within
 *   them text is quoted as in C ("..." of N bytes fits here too, so that what was read can be
 *   written again), and a char stands in single quotes or alone.
 *
 * text: len bytes, needs no NUL
 * out: m->size bytes, untouched on failure; all of them are written, padding as zeros
 * ret_err: what is wrong, the column within text; may be NULL
 * Returns 0 or -errno: -EINVAL for what is no such value, -ERANGE for one that does not fit.
 */
int ipc_member_parse(const struct ipc_member *m, const char *text, size_t len, void *out,
	struct ipc_layout_error *ret_err);
