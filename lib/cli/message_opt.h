/* Which messages, how many, and with which number: options of the verbs that pass messages. */
#pragma once

#include "cli/transfer.h"

/* -p, --priority and --type of a message that is sent. */
extern const struct opt message_tag_opts[];

/* --type and --except of messages that are received. */
extern const struct opt message_choose_opts[];

/* -n, --drain, -f. */
extern const struct opt message_amount_opts[];

/** What the options say of the number, for a kind. Returns CLI_OK, or CLI_USAGE behind a message. */
int message_tag(const struct ipc_kind *kind, struct cli_tag *ret);

/**
 * What the options say of the messages wanted, for a kind.
 *
 * all: without options all there are are meant, else one
 * Returns CLI_OK, or CLI_USAGE behind a message.
 */
int message_amount(const struct ipc_kind *kind, bool all, struct cli_amount *ret);
