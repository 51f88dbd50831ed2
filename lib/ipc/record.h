/* One message, as it passes between mechanisms, files and commands. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Which number goes with a message, if any. The name of each is in ipc_tag_keys. */
enum ipc_tag {
	TAG_NONE,
	TAG_PRIORITY, /* of a POSIX queue */
	TAG_TYPE,     /* of a System V queue */
	TAG_COUNT,
};

struct ipc_record {
	const char *data; /* not ended by a NUL, and can hold any byte */
	size_t len;
	int64_t number; /* the priority or type; whether its value is allowed is the mechanism's matter */
	struct timespec time; /* CLOCK_REALTIME */
	enum ipc_tag tag;
	bool has_time;
};

/* The largest record that anything here accepts: sizes computed from it can't overflow. */
#define RECORD_MAX (SIZE_MAX / 32)
