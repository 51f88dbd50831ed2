/* The parts of the command fifo. Each call says itself what went wrong and returns the exit status. */
#pragma once

#include "cli/common.h"
#include "cli/records.h"
#include "ipc/fifo_stream.h"
#include "ipc/flow.h"

/* --keep, -n and --drop. */
extern const struct opt fifo_read_opts[], fifo_write_opts[], fifo_serve_opts[];

/* A FIFO that is open, and what the user calls it. */
struct fifo_end {
	struct ipc_channel c;
	char *name; /* printable */
};

void fifo_end_close(struct fifo_end *e);

#define AUTO_FIFO_END __attribute__((cleanup(fifo_end_close), unused))
#define FIFO_END_CLOSED                                                                                      \
	{                                                                                                    \
		.c = CHANNEL_CLOSED                                                                          \
	}

/* Beside the flags of fifo_open(): catches signals (interrupt.h) from when it is opened on. */
enum { FIFO_CATCH = 1 << 16 };

/** Finds (--create, --wait) and opens a FIFO. Returns CLI_OK or the exit status. */
int fifo_end_open(
	struct ipc_ctx *ctx, const char *text, unsigned flags, enum framing framing, struct fifo_end *ret);

/** Moves bytes to the end of the input, with progress. Returns 0 or -errno: -EINTR for a signal that was caught. */
int fifo_flow(struct flow *f);

/** Says why reading records ended. r: what fifo_reader_next() returned. Returns the exit status. */
int fifo_read_failed(const struct fifo_end *e, const struct fifo_reader *reader, int r);

/* The verbs. */
int fifo_write(struct ipc_ctx *ctx, int argc, char **argv);
int fifo_read(struct ipc_ctx *ctx, int argc, char **argv);
int fifo_serve(struct ipc_ctx *ctx, int argc, char **argv);
