/*
 * What carries messages or bytes, behind one interface. The calls here wrap a mechanism's own
 * operations, keep count, and report the sums to the observer when the channel is closed.
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/deadline.h"
#include "ipc/record.h"
#include "ipc/selector.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ipc_channel_ops;

enum {
	CHANNEL_SEND = 1,
	CHANNEL_RECV = 2,
};

struct ipc_channel {
	const struct ipc_channel_ops *ops; /* NULL: closed */
	struct ipc_ctx *ctx;
	struct ipc_selector selector;   /* owned */
	int fd;                         /* what poll(2) can wait on, or -1 */
	int id;                         /* a System V identifier */
	size_t message_max;             /* longest message; 0: a stream of bytes */
	enum ipc_tag tag;               /* which number goes with a message */
	uint64_t sent, received, bytes; /* so far */
	int error;                      /* the first failure, for the observer */
	bool sends;                     /* opened for sending alone */
	bool ends;                      /* fd tells with an error when nobody receives any more */
	struct ipc_deadline opening;    /* how long opening it may wait for the other side */
	char *scratch;                  /* the mechanism's own */
};

/* The kernel puts the type of a System V message immediately before its bytes. */
enum { CHANNEL_MARGIN = 8 };

#define CHANNEL_CLOSED                                                                                       \
	{                                                                                                    \
		.fd = -1, .id = -1                                                                           \
	}

/* Which message recv takes: any, the first of a type, or the first of any other type (System V). */
struct ipc_filter {
	enum { FILTER_ANY, FILTER_TYPE, FILTER_EXCEPT } how;
	int64_t number; /* FILTER_TYPE: as msgrcv(2), negative: the lowest type up to its absolute value */
};

/**
 * Opens an object for sending or receiving.
 *
 * ret: to be closed with ipc_channel_close()
 * Returns 0 or -errno: -EOPNOTSUPP if that kind carries nothing.
 */
int ipc_channel_open(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned flags, struct ipc_channel *ret);

/**
 * The same where opening waits for the other side, as it does for a FIFO.
 *
 * flags: also those of the mechanism's own
 * Returns also -EAGAIN or -ETIMEDOUT if nobody came in time, -EINTR at a signal.
 */
int ipc_channel_open_within(struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned flags,
	struct ipc_deadline opening, struct ipc_channel *ret);

/**
 * Sends one message.
 *
 * tag: its priority or type; ignored where there is none
 * Returns 0 or -errno: -EMSGSIZE over message_max, -EINVAL for a tag out of range, -EAGAIN or
 * -ETIMEDOUT if there was no room in time, -EINTR at a signal.
 */
int ipc_channel_send(
	struct ipc_channel *c, const void *buf, size_t len, int64_t tag, struct ipc_deadline deadline);

/**
 * Receives one message.
 *
 * buf: size bytes, at least message_max; the CHANNEL_MARGIN bytes before it may be overwritten too
 * filter: NULL for any; -EOPNOTSUPP where the kind can't choose
 * ret_tag: may be NULL
 * Returns its length or -errno: -EAGAIN or -ETIMEDOUT if there was none in time, -EINTR at a signal;
 * -EMSGSIZE if it does not fit, and it was left where it is: if message_max has grown, try again with
 * that much room.
 */
ssize_t ipc_channel_recv(struct ipc_channel *c, void *buf, size_t size, const struct ipc_filter *filter,
	int64_t *ret_tag, struct ipc_deadline deadline);

/**
 * Reads the message at a position (0: the next) and leaves it there; never waits.
 *
 * buf: as for ipc_channel_recv()
 * Returns its length or -errno: -EAGAIN if there are not so many, -EMSGSIZE as ipc_channel_recv(), -EOPNOTSUPP where the kernel can't.
 */
ssize_t ipc_channel_peek(struct ipc_channel *c, void *buf, size_t size, size_t position, int64_t *ret_tag);

/**
 * Waits until there is room for a message (CHANNEL_SEND) or a message (CHANNEL_RECV). Another process
 * may be faster and take it.
 *
 * Returns 0 or -errno: -EAGAIN or -ETIMEDOUT, -EINTR at a signal, -EOPNOTSUPP where the kernel can't wait.
 */
int ipc_channel_await(struct ipc_channel *c, unsigned what, struct ipc_deadline deadline);

/** Whether messages of this kind can be looked at without taking them. */
bool ipc_channel_can_peek(const struct ipc_channel *c);

/** Closes, reports to the observer, and makes *c CHANNEL_CLOSED. A closed one is left alone. */
void ipc_channel_close(struct ipc_channel *c);

#define AUTO_CHANNEL __attribute__((cleanup(ipc_channel_close), unused))
