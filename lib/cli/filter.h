/* Which objects are meant, beside their names: the options that ls and rm share. */
#pragma once

#include "cli/command.h"
#include "ipc/kind.h"

extern const struct opt filter_opts[];

/**
 * Reads what the options hold; to be called once before the others.
 * Returns CLI_OK, or CLI_USAGE behind a message.
 */
int filter_prepare(void);

/** Whether any filter was given. */
bool filter_given(void);

/** What has to be asked of an object to decide: WANT_... */
unsigned filter_want(void);

/** Whether an object of this state could pass. */
bool filter_admits(enum ipc_state state);

/** Whether an object passes all filters. One that a filter asks about and that could not be read does not. */
bool filter_match(const struct ipc_object *o);
