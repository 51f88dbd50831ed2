/* A process that has an object, as output. */
#pragma once

#include "ipc/kind.h"

#include <jansson.h>

/** The JSON object of one: pid, user, command and how. NULL if there is no memory. */
json_t *holder_json(const struct ipc_holder *h);

/** Its user, made printable, or "?" if that is not known; valid until the next call. */
const char *holder_user(const struct ipc_holder *h);
