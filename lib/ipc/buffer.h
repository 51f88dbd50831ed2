/*
 * Growing memory with a margin.
 *
 * msgsnd(2) and msgrcv(2) want the type of a message immediately before its bytes, and C programs
 * want a NUL behind them. So there are BUFFER_MARGIN bytes before the data and one behind it that
 * belong to the buffer too: a message can be sent from, and received into, the place where it lies.
 */
#pragma once

#include <stddef.h>

enum { BUFFER_MARGIN = 8 };

/* All zero is an empty buffer. */
struct ipc_buffer {
	char *data;
	size_t cap; /* bytes at data, the margin not counted */
};

/**
 * Makes room for cap bytes; what is there is kept, and a smaller cap changes nothing.
 *
 * Returns 0 or -ENOMEM, and then the buffer is as it was.
 */
int ipc_buffer_grow(struct ipc_buffer *b, size_t cap);

void ipc_buffer_free(struct ipc_buffer *b);

#define AUTO_BUFFER_FREE __attribute__((cleanup(ipc_buffer_free)))
