/* A process that has an object, as output. */
#pragma once

#include "ipc/kind.h"

#include <jansson.h>

/** The JSON object of one: pid, user, command and how. NULL if there is no memory. */
json_t *holder_json(const struct ipc_holder *h);

/** Its user, made printable, or "?" if that is not known; valid until the next call. */
const char *holder_user(const struct ipc_holder *h);

/**
 * The same with what is held or waited for.
 *
 * units: 0 if they are not known; since_ns: CLOCK_REALTIME, 0 if it is not known
 */
json_t *holder_json_units(const struct ipc_holder *h, uint64_t units, int64_t since_ns);

/** Prints a line: pid, user, how, units, since, command; what is not known is "-". */
void holder_print(const struct ipc_holder *h, uint64_t units, int64_t since_ns);
