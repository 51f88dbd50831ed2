/* The words of several programs on one command line. */
#pragma once

#include "ipc/pipeline.h"

/**
 * Splits words at each that is sep, which becomes the NULL behind a stage's arguments.
 *
 * argv: argc words, and a NULL
 * p: gets stages, which the caller frees, and their count
 * Returns CLI_OK, or the exit status behind a message.
 */
int pipe_words_split(int argc, char **argv, const char *sep, struct pipeline *p);
