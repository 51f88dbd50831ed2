#include "ipc/buffer.h"

#include <errno.h>
#include <stdlib.h>

int ipc_buffer_grow(struct ipc_buffer *b, size_t cap)
{
	size_t size;

	if (b->data && cap <= b->cap)
		return 0;
	if (__builtin_add_overflow(cap, BUFFER_MARGIN + 1, &size))
		return -ENOMEM;
	char *memory = realloc(b->data ? b->data - BUFFER_MARGIN : NULL, size);
	if (!memory)
		return -ENOMEM;
	b->data = memory + BUFFER_MARGIN;
	b->cap = cap;
	return 0;
}

void ipc_buffer_free(struct ipc_buffer *b)
{
	if (b->data)
		free(b->data - BUFFER_MARGIN);
	*b = (struct ipc_buffer){ 0 };
}
