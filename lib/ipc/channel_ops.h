/* What a mechanism that carries messages implements. Private to the core: commands call channel.h. */
#pragma once

#include "ipc/channel.h"

struct ipc_channel_ops {
	/* Fills in fd or id, message_max and tag. */
	int (*open)(
		struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned flags, struct ipc_channel *c);
	/* Returns also 1 for a message that was dropped because that was asked for: it does not count as sent. */
	int (*send)(struct ipc_channel *c, const void *buf, size_t len, int64_t tag,
		struct ipc_deadline deadline);
	ssize_t (*recv)(struct ipc_channel *c, void *buf, size_t size, const struct ipc_filter *filter,
		int64_t *ret_tag, struct ipc_deadline deadline);
	ssize_t (*peek)(struct ipc_channel *c, void *buf, size_t size, size_t position, int64_t *ret_tag);
	void (*close)(struct ipc_channel *c);
};
