/* The bytes of a segment, written and printed as they are. What returns an exit status has said why. */
#pragma once

#include "cli/shm_segment.h"

/**
 * Writes the operand, or without one standard input, at --offset.
 *
 * text: with a closing NUL
 */
int segment_write(struct segment *s, const char *operand, bool text);

enum print_as { PRINT_BYTES, PRINT_TEXT, PRINT_HEX };

/**
 * Prints bytes at --offset.
 *
 * len: NULL: all that follow
 * as: as they are, as they are up to the first NUL, or as a hexadecimal dump
 */
int segment_print(struct segment *s, const uint64_t *len, enum print_as as);
