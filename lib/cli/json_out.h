/* An array of JSON objects on standard output, one a line, written as they come: memory stays flat. */
#pragma once

#include <jansson.h>
#include <stddef.h>

struct json_out {
	size_t rows;
};

/** Writes one object and takes it over; NULL is one that found no memory. Returns 0 or -errno. */
int json_out_add(struct json_out *j, json_t *object);

/** Writes the end of the array; without rows, all of it. */
void json_out_end(struct json_out *j);
