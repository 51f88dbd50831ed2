/* The parts of the loader of profiles, private to profile*.c. */
#pragma once

#include "cli/profile.h"
#include "cli/profile_schema.h"

struct profile_loader {
	struct ipc_ctx *ctx;
	char *dir; /* of the file, absolute */
	struct ydoc_errors *errors;
	struct profile *profile;
	struct ipc_attrs defaults;
	bool no_memory;
};

/** What a node is, in words: "a list". */
const char *profile_node_text(const struct ydoc_node *node);

/**
 * Calls take for each pair of a map, with its key in the section; tells of keys that are none, and of those that
 * are missing.
 */
void profile_walk(struct profile_loader *l, const struct profile_section *section,
	const struct ydoc_node *map,
	void (*take)(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *value,
		void *arg),
	void *arg);

/** The text of a node with its variables filled in, which the caller frees; NULL behind an error. */
char *profile_text(struct profile_loader *l, const char *what, const struct ydoc_node *node);

/** A number: of a count, a size, a duration in nanoseconds or a mode. Returns whether it is one. */
bool profile_number(
	struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node, uint64_t *ret);
bool profile_flag(
	struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node, bool *ret);

/** One of key's words; its index, or -1. */
int profile_word(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node);

/** An attribute of create, owner and group included. */
void profile_attr(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node,
	struct ipc_attrs *attrs);

/** Calls fn for each text of a list, or for the one that stands there instead. text is fn's to free. */
void profile_texts(struct profile_loader *l, const struct profile_key *key, const struct ydoc_node *node,
	void (*fn)(struct profile_loader *l, const struct ydoc_node *node, char *text, void *arg), void *arg);

/** A path as the file means it: relative ones begin at its directory. Takes text, returns new text or NULL. */
char *profile_path(struct profile_loader *l, char *text);

/** Reads the objects, each with the keys of section. */
void profile_objects(
	struct profile_loader *l, const struct profile_section *section, const struct ydoc_node *node);
void profile_object_clear(struct profile_object *o);

/** Whether a word can stand behind '%', or name a layout: letters, digits, '_', '-' and '.'. */
bool profile_is_word(const char *text);
