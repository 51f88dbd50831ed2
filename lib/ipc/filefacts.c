#include "ipc/filefacts.h"

#include "ipc/timefmt.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

static int64_t nanoseconds(struct statx_timestamp t)
{
	return ipc_time_ns((struct timespec){ .tv_sec = t.tv_sec, .tv_nsec = t.tv_nsec });
}

void ipc_file_facts(const struct statx *st, struct ipc_object *ret)
{
	int64_t read = nanoseconds(st->stx_atime), written = nanoseconds(st->stx_mtime);

	ret->dev = makedev(st->stx_dev_major, st->stx_dev_minor);
	ret->ino = st->stx_ino;
	ipc_object_set(ret, FIELD_UID, st->stx_uid);
	ipc_object_set(ret, FIELD_GID, st->stx_gid);
	ipc_object_set(ret, FIELD_MODE, st->stx_mode & 07777);
	if (st->stx_mask & STATX_BTIME)
		ipc_object_set(ret, FIELD_CREATED, nanoseconds(st->stx_btime));
	ipc_object_set(ret, FIELD_MODIFIED, written);
	ipc_object_set(ret, FIELD_LAST_USED, read > written ? read : written);
}
