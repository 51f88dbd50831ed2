/* The keys of `top`: one table, from which they are found, and shown in the footer and in the help. */
#pragma once

#include "cli/top_screen.h"

#include <stddef.h>

enum top_action {
	ACTION_NONE,
	ACTION_HELP,
	ACTION_QUIT,
	ACTION_FILTER,
	ACTION_SORT,
	ACTION_REVERSE,
	ACTION_DETAIL,
	ACTION_REMOVE,
	ACTION_PAUSE,
	ACTION_INTERVAL,
	ACTION_LOOK,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_LEFT,
	ACTION_RIGHT,
	ACTION_CANCEL, /* Escape */
};

struct top_key {
	enum top_action action;
	const char *names; /* as the help shows them: "Up k" */
	const char *brief; /* in the footer; NULL: not there */
	const char *help;
};

extern const struct top_key top_keys[]; /* in the order of the footer; ended by ACTION_NONE */

/** What a key means while the list is shown. */
enum top_action top_action_of(const struct top_event *event);

enum top_edit { EDIT_CHANGED, EDIT_ACCEPTED, EDIT_CANCELLED, EDIT_NOTHING };

/** A line that is typed: changes the text of size bytes at line, which stays valid UTF-8. */
enum top_edit top_edit(char *line, size_t size, const struct top_event *event);
