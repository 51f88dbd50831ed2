/*
 * What makes objects of this form: many programs give what they create names that nobody else would
 * choose. A label is a hint for people, and a filter; it is never a proof, since anybody may choose
 * any name, and nothing is stale for its label. A pid in a name is a fact about its maker only as
 * far as its start time agrees.
 *
 * One table says it all; ipcctl-ls(1) prints it.
 */
#pragma once

#include "ipc/kind.h"

/*
 * A form of names. A pattern is literal but for these marks, each of which takes as many bytes as it can and at
 * least one, or exactly as many as the number in it says ("<hex8>"):
 *   <pid>   the maker's pid, a decimal number without leading zeros; it stands once
 *   <n>     decimal digits
 *   <hex>   hexadecimal digits
 *   <word>  letters, digits and underscores
 *   <any>   anything but a slash
 *   <path>  anything
 * A pattern that begins with a star and a slash is about the last parts of a path, as many as it has itself; one that
 * begins with "@" is about abstract sockets, one with "key:" about a System V key, printed as 0x and eight digits.
 */
struct recognise_form {
	const char *class;
	const char *pattern; /* NULL: fits decides alone */
	const char *label;
	const char *what; /* in prose, for the manual */
	bool (*fits)(const struct ipc_object *object);
};

/* The first that fits counts. Ended by a NULL class. */
extern const struct recognise_form recognise_forms[];

/**
 * The label for an object that was looked at, or NULL: a string constant.
 *
 * ret_maker: the pid in its name, 0 if there is none; may be NULL
 */
const char *ipc_recognise(const struct ipc_object *object, pid_t *ret_maker);

/** The pid of its maker that the form of its name tells, or 0. */
pid_t ipc_recognise_maker(const struct ipc_object *object);

/** The labels, each once and in the order of the alphabet: the one behind previous (NULL: the first), or NULL. */
const char *ipc_recognise_next(const char *previous);

/**
 * Whether text has the form of a pattern; linear in its length.
 *
 * text: len raw bytes
 * ret_maker: as above; untouched if it does not match
 */
bool recognise_match(const char *pattern, const char *text, size_t len, pid_t *ret_maker);
