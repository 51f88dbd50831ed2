/*
 * Living with a mapped file that somebody else may truncate.
 *
 * Touching a page of a mapping behind the end of its file, or one that a full file system cannot
 * provide, is SIGBUS. Between begin and end such a page is replaced by private zeros instead, and
 * the work goes on, on nothing: whoever uses this asks fstat(2) afterwards whether the file is
 * still as long as it was. No state is kept but the caller's; calls nest like blocks.
 */
#pragma once

#include <signal.h>

struct busguard {
	struct sigaction old;
};

void busguard_begin(struct busguard *g);
void busguard_end(const struct busguard *g);
