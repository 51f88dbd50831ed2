/* Raw bytes that a command is to write: an operand, or standard input. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/**
 * Takes the operand's bytes, or without one reads standard input, with a NUL behind them that is not counted.
 *
 * room: of more than that only one byte more is read from standard input, so that memory stays bounded
 * ret: the caller frees it
 * Returns CLI_OK, or the exit status behind a message.
 */
int bytes_in(const char *operand, uint64_t room, char **ret, size_t *ret_len);
