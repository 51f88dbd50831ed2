/*
 * The attributes an object can be created with. One table: the options of every `create`, the keys
 * of a profile and the comparison with an object that exists already come from it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What a number means; output turns it into text, the core never does. */
enum ipc_unit {
	UNIT_COUNT,
	UNIT_BYTES,
	UNIT_TIME,     /* nanoseconds since the epoch, UTC */
	UNIT_DURATION, /* nanoseconds */
	UNIT_PID,
	UNIT_UID,
	UNIT_GID,
	UNIT_MODE,
	UNIT_KEY,
	UNIT_TEXT,
	UNIT_LIST,
};

enum ipc_attr {
	ATTR_MODE,
	ATTR_UID,
	ATTR_GID,
	ATTR_SIZE,
	ATTR_MAX_MESSAGES,
	ATTR_MESSAGE_SIZE,
	ATTR_QUEUE_BYTES,
	ATTR_VALUE,
	ATTR_NSEMS,
	ATTR_COUNT,
};

/*
 * name: the option and the profile's key, with hyphens
 * field: the field of an existing object that it is compared with; NULL: never compared
 */
struct ipc_attr_desc {
	const char *name;
	const char *field;
	enum ipc_unit unit;
	const char *help;
};

extern const struct ipc_attr_desc ipc_attr_descs[ATTR_COUNT];

#define BIT(n) (1u << (n))

/* given has BIT(ATTR_...) for each value that was asked for explicitly; the others are the kind's defaults. */
struct ipc_attrs {
	unsigned given;
	uint64_t v[ATTR_COUNT];
};

static inline bool ipc_attr_given(const struct ipc_attrs *a, enum ipc_attr which)
{
	return (a->given & BIT(which)) != 0;
}

/** The value asked for, or the default. */
static inline uint64_t ipc_attr_or(const struct ipc_attrs *a, enum ipc_attr which, uint64_t otherwise)
{
	return ipc_attr_given(a, which) ? a->v[which] : otherwise;
}

static inline void ipc_attr_set(struct ipc_attrs *a, enum ipc_attr which, uint64_t value)
{
	a->given |= BIT(which);
	a->v[which] = value;
}
