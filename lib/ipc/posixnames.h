/* POSIX objects are files of one directory: their names, so that they can be listed in an order. */
#pragma once

#include "ipc/kind_ops.h"

struct posixnames {
	char **v; /* each with its slash; owned */
	size_t len, room;
};

/** Adds the object whose file, or what its file has behind a prefix, is called so. Returns 0 or -ENOMEM. */
int posixnames_add(struct posixnames *names, const char *file);

/** Calls fn for each, in the order of their bytes, as a list does. Returns what fn returned last. */
int posixnames_each(struct posixnames *names, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg);

void posixnames_clear(struct posixnames *names);

#define AUTO_POSIXNAMES __attribute__((cleanup(posixnames_clear), unused))
