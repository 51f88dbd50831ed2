/*
 * A YAML document as a tree with the place of every node, read through libyaml's events.
 *
 * What a file of declarations has no use for, and what has made readers of YAML slow or surprising, is refused and
 * told with its place: anchors and aliases, tags, a second document, keys that are there twice, NUL. All that is wrong
 * is gathered; only what is no YAML at all, or too deep, ends the reading.
 *
 * Source of the format: yaml.org/spec/1.1, which libyaml reads.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* From 1; a column is a character. line 0: the file as a whole. */
struct ydoc_mark {
	size_t line, column;
};

enum ydoc_type { YDOC_TEXT, YDOC_LIST, YDOC_MAP };

struct ydoc_node {
	enum ydoc_type type;
	struct ydoc_mark mark;
	char *text; /* YDOC_TEXT, with a NUL behind it; owned */
	size_t len;
	bool plain;              /* it stands without quotes */
	struct ydoc_node *key;   /* in a map: a YDOC_TEXT */
	struct ydoc_node *first; /* of a list or a map: in the order of the file */
	struct ydoc_node *next;
	size_t count;
	struct ydoc_node *owned_next; /* how all are found again */
};

struct ydoc_error {
	struct ydoc_mark mark;
	char *text; /* printable; owned */
};

/* What is wrong with a file. */
struct ydoc_errors {
	struct ydoc_error *v; /* owned */
	size_t len, room;
	size_t more; /* beyond YDOC_ERRORS_MAX */
	bool out_of_memory;
};

enum { YDOC_ERRORS_MAX = 1000, YDOC_DEPTH_MAX = 32 };
#define YDOC_SIZE_MAX ((size_t)1 << 20)

struct ydoc {
	struct ydoc_node *root;  /* NULL: an empty document */
	struct ydoc_node *owned; /* all nodes */
	bool broken;             /* the rest could not be read */
};

/** Adds what is wrong at a place. */
__attribute__((format(printf, 3, 4))) void ydoc_error(
	struct ydoc_errors *errors, struct ydoc_mark mark, const char *format, ...);

/** Sorts by place. */
void ydoc_errors_sort(struct ydoc_errors *errors);
void ydoc_errors_clear(struct ydoc_errors *errors);

/**
 * Reads text of at most YDOC_SIZE_MAX bytes, in time that grows with its length alone.
 *
 * ret: what could be read, to be cleared with ydoc_clear(); whole if no error was added
 * Returns 0, also when errors were added, or -ENOMEM.
 */
int ydoc_read(const char *text, size_t len, struct ydoc *ret, struct ydoc_errors *errors);
void ydoc_clear(struct ydoc *d);

#define AUTO_YDOC __attribute__((cleanup(ydoc_clear), unused))
#define AUTO_YDOC_ERRORS __attribute__((cleanup(ydoc_errors_clear), unused))
