/* Who is at the other end, for people. */
#pragma once

#include "ipc/peer.h"

/** "user bob (1001), pid 17", "tcp:10.0.0.7:4711"; printable. The caller frees it; NULL if there is no memory. */
char *peer_text(const struct peer *p);
