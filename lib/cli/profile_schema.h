/*
 * The keys of a profile: one table, from which the loader, ipcctl-profile(5) and the JSON Schema for editors come.
 */
#pragma once

#include "cli/opt.h"

enum profile_type {
	PROFILE_TEXT,
	PROFILE_COUNT, /* a whole number */
	PROFILE_SIZE,  /* bytes, with a suffix */
	PROFILE_DURATION,
	PROFILE_MODE,  /* octal, always */
	PROFILE_FLAG,  /* true or false */
	PROFILE_OWNER, /* USER[:GROUP] */
	PROFILE_GROUP,
	PROFILE_WORD,       /* one of words */
	PROFILE_TEXTS,      /* a list of texts, or one text */
	PROFILE_RULES,      /* a list of rules for clients, or one */
	PROFILE_PATTERNS,   /* a list of selectors, or one */
	PROFILE_SECTION,    /* a map with the keys of inner */
	PROFILE_NAMED,      /* a map of names of the user's, to maps with the keys of inner */
	PROFILE_NAMED_TEXT, /* a map of such names to texts */
};

struct profile_section;

/* What the loader does with a key is found by what stands here, never by the key's text. */
enum profile_use {
	USE_VERSION,
	USE_DEFAULTS,
	USE_LAYOUTS,
	USE_OBJECTS,
	USE_PROTECT,
	USE_AUDIT,
	USE_KIND,
	USE_NAME, /* what the object is called, in one of its forms */
	USE_KEY,
	USE_PATH,
	USE_ADDRESS,
	USE_LAYOUT,
	USE_EXTERNAL,
	USE_HANDLER,
	USE_ATTR, /* attr */
	USE_OPT,  /* opt */
	USE_AUDIT_FILE,
	USE_AUDIT_REQUIRED,
	USE_AUDIT_EACH,
	USE_AUDIT_MODE,
	USE_AUDIT_GROUP,
};

struct profile_key {
	const char *name;
	enum profile_type type;
	enum profile_use use;
	const char *help; /* capital first letter, no full stop */
	bool required;
	const char *const *words; /* PROFILE_WORD: ended by NULL */
	const struct profile_section *inner;
	const char *class; /* only objects of this class have it; NULL: any */
	enum ipc_attr attr;
	const struct opt *opt;
};

/* attrs: the attributes that `create` takes belong to it; opts: so do the options of `sock serve` that say how it serves */
struct profile_section {
	const char *name;
	const char *article; /* in messages: "an object" */
	const char *title; /* in the manual */
	const struct profile_key *keys; /* ended by a NULL name */
	bool attrs, opts;
};

extern const struct profile_section profile_top;

/** Calls fn for each key of a section, those that come from other tables included. Ends at a non-zero return. */
int profile_each_key(const struct profile_section *section,
	int (*fn)(const struct profile_key *key, void *arg), void *arg);

/** What stands for a value of this type in the manual: "SIZE". */
const char *profile_type_name(enum profile_type type);

/** What a value of this type looks like: "a whole number", "a SIZE, such as 512, 64K or 1M". */
const char *profile_type_text(enum profile_type type);
