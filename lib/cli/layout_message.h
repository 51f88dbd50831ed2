/* Messages that are C structures: recv and peek print their fields, send builds one of FIELD=VALUE. */
#pragma once

#include "cli/layout_opt.h"

/** Loads the structure if --layout is given, else *ret is NULL. Returns CLI_OK, or the exit status behind a message. */
int layout_message_load(struct ipc_layout **ret);

/**
 * The text that is printed for a message: a JSON object and a newline, or a line name=value for each member.
 *
 * data: at least ipc_layout_size() bytes; what is behind them is left out
 * ret: the caller frees it
 * Returns 0 or -ENOMEM.
 */
int layout_message_text(
	const struct ipc_layout *layout, const void *data, bool json, char **ret, size_t *ret_len);

/**
 * Makes a message of FIELD=VALUE operands; what is not named is zero.
 *
 * ret: ipc_layout_size() bytes, the caller frees them
 * Returns CLI_OK, or the exit status behind a message.
 */
int layout_message_build(const struct ipc_layout *layout, int argc, char **argv, char **ret);
