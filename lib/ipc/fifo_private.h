/* Between the parts of what passes through a FIFO. */
#pragma once

#include "ipc/fifo_stream.h"

/* What a channel keeps in its scratch. */
struct fifo_state {
	int pin; /* O_PATH: the FIFO, to open an end of it again */
	bool loose;
	enum framing framing;
	struct ipc_buffer text; /* a record as it is written */
	uint64_t dropped;
};

static inline struct fifo_state *fifo_state(const struct ipc_channel *c)
{
	return (struct fifo_state *)(void *)c->scratch;
}

/** Opens an end of the FIFO that is pinned. Returns a descriptor or -errno: -ENXIO, -ENOSYS without /proc. */
int fifo_open_pinned(int pin, int flags);

extern const struct ipc_channel_ops ipc_fifo_channel_ops;

/* Writes one record: as struct ipc_channel_ops has it; 1 if it was dropped. */
int fifo_send(struct ipc_channel *c, const void *buf, size_t len, int64_t tag, struct ipc_deadline deadline);
