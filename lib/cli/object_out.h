/* All that is known of one object as lines of text: what `stat` prints. */
#pragma once

#include "cli/column.h"

#include <stdio.h>

/**
 * Prints a line for each column that applies, and below them the holders, the evidence and what could not be seen.
 * Returns 0 or -ENOMEM; whether f took it is the caller's to ask.
 */
int object_print(FILE *f, const struct columns *columns, const struct ipc_object *o);

/** Prints one more line in the same form. name: with an underscore for a blank; "" continues the line above. */
void object_print_line(FILE *f, const char *name, const char *text);
