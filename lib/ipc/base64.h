/* Base64 as in RFC 4648, section 4: the standard alphabet, always padded. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Characters that len bytes become; no NUL is counted or written. */
static inline size_t ipc_base64_length(size_t len)
{
	return len / 3 * 4 + (len % 3 ? 4 : 0);
}

/** Writes ipc_base64_length(len) characters to dst and returns how many these are. */
size_t ipc_base64_encode(char *dst, const void *buf, size_t len);

/**
 * Decodes strictly: no white space, full padding, and the bits that padding leaves over are zero,
 * so that no two texts mean the same bytes.
 *
 * dst: room for len / 4 * 3 bytes
 * Returns the number of bytes, or -EINVAL.
 */
ssize_t ipc_base64_decode(void *dst, const char *text, size_t len);
