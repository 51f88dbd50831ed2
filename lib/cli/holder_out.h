/* A process that has an object, as output. */
#pragma once

#include "ipc/kind.h"

#include <jansson.h>

/** The JSON object of one: pid, user, command and how. NULL if there is no memory. */
json_t *holder_json(const struct ipc_holder *h);

/** Whether nobody else can have the object than the holders that were found. */
bool holder_all_found(const struct ipc_object *o);

/** Its user, made printable, or "?" if that is not known; valid until the next call. */
const char *holder_user(const struct ipc_holder *h);

/**
 * Its command as part of a line: printable, and cut off with "…" after width columns. The caller frees it; NULL if
 * there is no memory.
 */
char *holder_command(const struct ipc_holder *h, int width);

/** How many of the holders from i on are the same process, which has the object in several ways. */
size_t holder_ways(const struct ipc_object *o, size_t i);

/** The ways that a process has the object, as "fd, map"; i: its first holder. The caller frees it, or NULL. */
char *holder_how(const struct ipc_object *o, size_t i);

/**
 * The JSON object of a holder with what is held or waited for.
 *
 * units: 0 if they are not known; since_ns: CLOCK_REALTIME, 0 if it is not known
 */
json_t *holder_json_units(const struct ipc_holder *h, uint64_t units, int64_t since_ns);

/** Prints a line: pid, user, how, units, since, command; what is not known is "-". */
void holder_print(const struct ipc_holder *h, uint64_t units, int64_t since_ns);
