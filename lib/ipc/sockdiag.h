/*
 * The kernel's lists of sockets, asked for over netlink: /proc/net/unix is text that a name can forge, and
 * the others say less. Source: sock_diag(7), linux/unix_diag.h, linux/inet_diag.h.
 */
#pragma once

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stddef.h>

/**
 * Calls fn for each socket of a list, in no order.
 *
 * request: a struct unix_diag_req or inet_diag_req_v2; its states choose
 * fn: gets an answer whose fixed part, of fixed bytes, is complete; a return other than 0 ends the walk with it
 * Returns what fn returned last (0 at the end of the list), or -errno: -EOPNOTSUPP if the kernel has no such list.
 */
int sockdiag_each(const void *request, size_t len, size_t fixed,
	int (*fn)(const struct nlmsghdr *answer, void *arg), void *arg);

/** An attribute behind the fixed part of an answer, or NULL. ret_len: its bytes. */
const void *sockdiag_attribute(const struct nlmsghdr *answer, size_t fixed, int type, size_t *ret_len);
