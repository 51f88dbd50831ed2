/* Structures in a segment, at --offset. What returns an exit status has said why. */
#pragma once

#include "cli/picture.h"
#include "cli/shm_segment.h"

/**
 * Fills in the picture.
 *
 * once: a single copy is enough, since only a change is looked for
 */
int segment_read_picture(struct segment *s, struct picture *p, bool once);

/* What set is to do. */
struct changes {
	struct ipc_member_value *values; /* owned, as all below */
	size_t len;
	struct ipc_member_value condition;
	bool conditional;
};

/**
 * Parses FIELD=VALUE operands, and the condition unless it is NULL.
 *
 * s: says whether there is a lock; without one, a condition that can't be kept is an error
 * ret: all zero before; to be cleared in any case
 */
int changes_parse(const struct ipc_layout *layout, int argc, char **argv, const char *condition,
	struct segment *s, struct changes *ret);

void changes_clear(struct changes *c);

#define AUTO_CHANGES __attribute__((cleanup(changes_clear), unused))

/** How many bytes of the segment they need. */
uint64_t changes_end(const struct changes *c, const struct ipc_shm_fields *f);

/** Makes them. Returns CLI_OK, CLI_NO if the condition does not hold, or the exit status. */
int segment_change(struct segment *s, const struct changes *c);
