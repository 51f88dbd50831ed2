/* Structures as JSON: numbers are numbers, bool is true or false, text that is not UTF-8 is {"data_base64": ...}. */
#pragma once

#include "ipc/layout.h"

#include <stdio.h>

/**
 * Writes the member's value; what a floating number has no JSON for (infinity, NaN) is null.
 *
 * bytes: the whole structure
 * Returns 0 or -ENOMEM; errors of out are the caller's to look for.
 */
int layout_json_value(FILE *out, const struct ipc_member *m, const void *bytes);

/** Writes an object with a key for each member. Returns 0 or -ENOMEM. */
int layout_json_object(
	FILE *out, const struct ipc_member *members, const char *const *names, size_t len, const void *bytes);
