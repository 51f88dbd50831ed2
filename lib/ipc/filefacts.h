/* What the file of an object tells of it. */
#pragma once

#include "ipc/kind.h"

struct statx;

/**
 * Fills in dev and inode, owner, mode and times. The last use is the later one of reading and writing; when it was
 * made is left absent where the file system does not say (statx(2), STATX_BTIME).
 */
void ipc_file_facts(const struct statx *st, struct ipc_object *ret);
