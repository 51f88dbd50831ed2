/* Between selector.c and selector_name.c: one NAME, and the forms that it may have. */
#pragma once

#include "ipc/selector.h"

/* The text being parsed: NAME with its escapes resolved, and what it may become. */
struct ipc_selector_text {
	char *bytes; /* owned by ipc_selector_parse() */
	size_t len;
	const char *class; /* NULL: any */
	unsigned flags;
	struct ipc_selector_error *error;
};

/** Fills in why and where. Returns -EINVAL. */
__attribute__((format(printf, 3, 4))) int ipc_selector_refuse(
	struct ipc_selector_error *error, size_t at, const char *format, ...);

/** Parses NAME by the form it has, for the kinds of n->class. Returns 0 or -errno. */
int ipc_selector_parse_text(const struct ipc_selector_text *n, struct ipc_selector *s);

/** How names of a form begin; "" if there is none. */
const char *ipc_selector_prefix(enum ipc_form form);

/** Whether text begins as names of a form do that kinds of the class have. */
bool ipc_selector_class_has_form(const char *class, const char *text);

/** Whether text begins as names of some form do, so that it is no bare word. */
bool ipc_selector_has_form(const char *text);
