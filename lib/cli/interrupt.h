/*
 * Ending at a signal without losing what is half done: from cli_interrupts_catch() on SIGINT, SIGTERM
 * and SIGHUP interrupt a blocked system call and are noted, instead of killing. The command finishes what it
 * has begun and then ends as the signal would have ended it. A second signal, half a second later or more,
 * kills at once.
 */
#pragma once

/** Begins to catch them; those that are ignored stay ignored. */
void cli_interrupts_catch(void);

/** The signal that arrived, or 0. */
int cli_interrupted(void);

/** Ends as the signal would have; returns status when there was none. */
int cli_interrupts_end(int status);
