/* The use of a limit as output: one row of `limits`, a line of `stat`, JSON. */
#pragma once

#include "ipc/limits.h"

#include <jansson.h>

/**
 * A use or a maximum: "?" if it is not known, "unlimited", and a "+" behind what may be more. Bytes as sizes
 * unless exact. NULL: no memory. The caller frees it.
 */
char *limit_amount_text(const struct ipc_limit_use *u, const struct ipc_amount *a, bool exact);

/** "91%", or "-" where there is none. NULL: no memory. The caller frees it. */
char *limit_percent_text(const struct ipc_limit_use *u);

/** Who uses most, printable: "-" if nobody does, "?" if it can't be told. Valid until the next name is asked for. */
const char *limit_user_text(const struct ipc_limit_use *u);

/** The program that uses most, printable: "(ended)" if it is gone; else as above. NULL: no memory. The caller frees it. */
char *limit_program_text(const struct ipc_limit_use *u);

/** "RLIMIT_MSGQUEUE of user ann: 655360 of 819200 bytes (80%)". NULL: no memory. The caller frees it. */
char *limit_sentence(const struct ipc_limit_use *u);

/** "ann uses most of it, 655360: python3 (4711)", or NULL if that is not known. The caller frees it. */
char *limit_culprit(const struct ipc_limit_use *u);

/** All that is known, as an object with the keys of ipcctl-limits(1). NULL: no memory. */
json_t *limit_json(const struct ipc_limit_use *u);
