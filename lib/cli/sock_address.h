/* Sockets that the verbs of sock name and connect to. */
#pragma once

#include "cli/command.h"
#include "ipc/sockaddr.h"

/* --type; 0: found out. */
extern const struct opt sock_type_opts[];

/** SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET if --type was given, else 0. */
int sock_type(void);

/** The word for a type, "stream". */
const char *sock_type_name(int type);

/**
 * Connects within the time that -t and --nonblock give; with --wait that long until somebody is there.
 *
 * name: the operand, printable
 * Returns CLI_OK, or the exit status behind a message.
 */
int sock_open(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, const char *name, int *ret_fd, int *ret_type);

/**
 * Says why something could not be done with an address: "cannot connect to socket '/x': …".
 *
 * error: as filled in by sock_address_resolve()
 * Returns the exit status.
 */
int sock_address_failed(const struct ipc_selector *sel, int r, const char *what, const char *name,
	const struct ipc_selector_error *error);
