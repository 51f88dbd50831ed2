/* Questions to whoever sits at the terminal. */
#pragma once

#include <stdbool.h>

/**
 * Asks on the terminal, where standard error must show what the question is about; standard input
 * may be something else. Anything but "y" or "yes" is no.
 *
 * Returns 1 for yes, 0 for no, -ENOTTY if there is no terminal.
 */
__attribute__((format(printf, 1, 2))) int ask(const char *format, ...);

/** Whether there is a terminal to ask on. */
bool ask_possible(void);
