/*
 * What passes through a FIFO: bytes, or records in one of the framings, that lie in it one behind the other.
 *
 * Writers that use this never tear each other's records, whatever their length: up to PIPE_BUF bytes the kernel
 * writes them whole; longer ones are written under a lock on the FIFO itself, which the writers of short ones
 * share, and into an empty FIFO that holds all of it, so that not even SIGKILL can come in between (KERNEL).
 * Only one that is longer than the largest FIFO that this user may have can be torn, and only by a signal
 * that kills.
 */
#pragma once

#include "ipc/channel.h"
#include "ipc/framing.h"

#include <stdbool.h>

/* The longest record, so that whoever writes can't make a reader take all memory. Bytes pass at any length. */
#define FIFO_RECORD_MAX ((size_t)64 << 20)

/* How a FIFO is opened, beside CHANNEL_SEND or CHANNEL_RECV. */
enum {
	/*
	 * CHANNEL_SEND: does not wait for a reader, and drops a record that can't be written in time: without a limit
	 * at once. CHANNEL_RECV: does not wait for a writer, and does not end with the last one.
	 */
	FIFO_LOOSE = 1 << 8,
};

/**
 * Opens a FIFO as a channel, and waits for the other side until opening ends.
 *
 * flags: CHANNEL_SEND or CHANNEL_RECV, and FIFO_LOOSE
 * framing: of what ipc_channel_send() writes
 * ret: its fd is non-blocking, and -1 while a FIFO_LOOSE writer has no reader
 * Returns 0 or -errno: -ELOOP, -EMEDIUMTYPE; -EKEYREJECTED for another user's file in a sticky directory that
 * others may write; -EAGAIN, -ETIMEDOUT if nobody came; -EINTR at a signal.
 */
int fifo_open(struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned flags, enum framing framing,
	struct ipc_deadline opening, struct ipc_channel *ret);

/** Records that a FIFO_LOOSE writer dropped. */
uint64_t fifo_dropped(const struct ipc_channel *c);

/** Counts bytes that were moved through c->fd itself, and how that ended, for the observer. */
void fifo_count(struct ipc_channel *c, uint64_t bytes, int error);

/** Bytes that lie in the FIFO, written and not read yet. */
uint64_t fifo_unread(const struct ipc_channel *c);

/* --- reading --- */

/* Use the functions; d may be read. */
struct fifo_reader {
	struct ipc_channel *c;
	struct ipc_decoder d;
	bool exact;    /* takes nothing out of the FIFO but what it gives out */
	bool stay;     /* a new writer may come behind the last one */
	bool ended;    /* the last writer has left */
	int peek[2];   /* a pipe for a copy of what comes next, with exact */
	size_t copied; /* bytes of the decoder that are in the FIFO still */
};

/**
 * Begins to read records.
 *
 * c: opened with CHANNEL_RECV; it stays the caller's. With FIFO_LOOSE the reader stays behind the last writer
 * exact: for who stops before the end: what follows the last record stays in the FIFO. It takes that no other
 * process reads it at the same time
 * Returns 0 or -errno.
 */
int fifo_reader_init(struct fifo_reader *r, struct ipc_channel *c, enum framing framing, bool exact);
void fifo_reader_free(struct fifo_reader *r);

#define AUTO_FIFO_READER __attribute__((cleanup(fifo_reader_free), unused))

/**
 * Gets the next record, valid until the next call.
 *
 * watch: also ends the wait, with -EPIPE, when nobody reads this descriptor any more; -1: none
 * Returns 1; 0 when the last writer has left; or -errno: -EAGAIN, -ETIMEDOUT, -EINTR, -EPIPE, what read(2) said;
 * -EBUSY if another process took what an exact reader was about to take;
 * -EMSGSIZE, -EBADMSG for what makes no sense (r->d.error says more). When the input ended within a record and
 * the reader stays, it may be called again, behind fifo_reader_again().
 */
int fifo_reader_next(struct fifo_reader *r, struct ipc_record *ret, struct ipc_deadline deadline, int watch);

/** Forgets half a record that a writer left. Returns false if the reader can't go on behind its error. */
bool fifo_reader_again(struct fifo_reader *r);

/**
 * Opens the reading end anew, so that it does not count as ended when all writers have left; there is a
 * reader all the while. Returns 0 or -errno.
 */
int fifo_await_writer(struct ipc_channel *c);
