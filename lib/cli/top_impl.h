/* The parts of `top` that are no pure model: private to top_run.c and top_look.c. */
#pragma once

#include "cli/top_run.h"
#include "cli/top_view.h"
#include "ipc/deadline.h"

#include <stdio.h>

struct top {
	struct top_view view;
	struct ipc_ctx *ctx;
	int argc;
	char **argv;
	unsigned want;
	struct top_screen *screen;
	bool quit;
	bool stale_look; /* something was done since: look again at once */
	int64_t rest_ns; /* since when nobody has looked */
	unsigned remove_flags;
	char filter_before[TOP_FILTER_MAX]; /* what Escape brings back */
};

/** What is shown, and in which order, as the options say. Returns CLI_OK, or the exit status behind a message. */
int top_prepare(struct top *t, const struct top_options *o);

/** Looks at all objects. flags: as of select_objects(). Returns the exit status of the first failure. */
int top_look(struct top *t, unsigned flags);

/** The same while the screen is taken: what there is to say goes to the view. */
void top_look_quietly(struct top *t);

/** Asks for all that is known of the selected object, if that is shown. */
void top_update_detail(struct top *t);

/** Whether an object was found in another namespace than its name leads to here: --all-ns. */
bool top_is_elsewhere(const struct top *t, const struct ipc_object *o);

/**
 * Collects messages in memory until top_end_messages().
 *
 * ret_text: owned by the caller; valid behind top_end_messages(), NULL without memory
 */
FILE *top_keep_messages(char **ret_text, size_t *ret_len);

void top_end_messages(FILE *f);

/** The time since a moment. */
static inline int64_t top_since(int64_t then_ns)
{
	return ipc_now_ns() - then_ns;
}
