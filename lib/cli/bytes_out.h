/* Raw bytes on standard output: exact, unless it is a terminal; or as a hexadecimal dump. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Writes bytes. On a terminal control bytes are shown escaped.
 *
 * more: others follow; a character that they would complete is left for them
 * Returns how many of them were written (at least 1 of more than 3).
 */
size_t bytes_out(const char *buf, size_t len, bool more);

/** Ends the line on a terminal, unless the last byte did. */
void bytes_out_end(char last);

/* A dump as hexdump -C prints it, piece by piece; repeated lines are one "*". */
struct hex_dump {
	uint64_t offset; /* of the next byte; set it first */
	unsigned char line[16], last[16];
	size_t len;
	bool any, repeating;
};

void hex_dump_add(struct hex_dump *d, const void *buf, size_t len);
void hex_dump_end(struct hex_dump *d);
