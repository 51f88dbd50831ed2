/*
 * The messages that answer a question about sockets. What they claim of their own lengths is checked, as if
 * anybody could have sent them. Private to sockdiag.c.
 */
#pragma once

#include "ipc/sockdiag.h"

#include <linux/netlink.h>

/* Called for each message of the kind asked for. A negative return ends the reading with that error. */
typedef int sockdiag_message_fn(const void *payload, size_t len, void *arg);

/**
 * Reads what one recv(2) brought.
 *
 * data: need not be aligned
 * Returns 1 when more is to come, 0 at the end of the answer, or -errno: the kernel's own; -EINTR if the list
 * changed while it was read; -EBADMSG for what is no answer.
 */
int sockdiag_read(const void *data, size_t len, sockdiag_message_fn *fn, void *arg);

/** One Unix socket. Returns 0 or -EBADMSG. */
int sockdiag_read_unix(const void *payload, size_t len, struct sockdiag_unix *ret);

/** One TCP socket. Returns 0 or -EBADMSG. */
int sockdiag_read_tcp(const void *payload, size_t len, struct sockdiag_tcp *ret);

/** What the kernel counted of a connection: the attribute INET_DIAG_INFO, shorter from older kernels. */
void sockdiag_read_info(const void *data, size_t len, struct sockdiag_tcp *ret);
