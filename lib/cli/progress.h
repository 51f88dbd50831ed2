/*
 * How far long work is, as one line on the terminal: "12,345 messages  64.1M  12.3M/s  0:05".
 *
 * The line is shown where it can't be in the way: on standard error, if that is a terminal whose foreground is
 * ours; not with --quiet; and never while the data itself passes through a terminal. It appears after a second,
 * changes five times a second at most, and is gone when the work ends. diag.h takes it away before each message.
 *
 * One piece of work at a time:
 *
 *	progress_start("message", STDIN_FILENO);
 *	while (...)
 *		progress_add(1, len);
 *	progress_finish();
 *
 * No signal and no thread is behind it, so that no wait ends early on its account: who waits long for the next
 * progress_add() sees the line as it was. The clock is not asked at each call while calls come fast.
 */
#pragma once

#include <stdint.h>

/**
 * Begins. All three functions do nothing where the line is not to be shown.
 *
 * noun: what is counted, in the singular, "message"; NULL if only bytes are. It must outlive the work
 * fd: STDIN_FILENO or STDOUT_FILENO, where the data come from or go to, or -1. No line is shown if that is a
 *	terminal, nor if standard output is a pipe: what reads it may print on the same terminal
 */
void progress_start(const char *noun, int fd);

/** Counts what was done: so many of the noun, and their bytes. */
void progress_add(uint64_t count, uint64_t bytes);

/** Adds words at the end of the line, "" for none, as long as there is room. They are copied. */
void progress_note(const char *text);

/** Shows what was counted, if it is time for that: for who knows that a long wait begins. */
void progress_look(void);

/** Takes the line away; the next progress_add() that finds it due shows it again. */
void progress_hide(void);

/** Ends, and takes the line away. */
void progress_finish(void);
