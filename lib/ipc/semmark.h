/*
 * Who holds a System V semaphore: the kernel knows (SEM_UNDO) and does not tell. So a program that
 * is started as a holder gets a note in its environment, which others can read in
 * /proc/PID/environ. The note names the process it is about, by pid and start time, because
 * children inherit it and hold nothing:
 *
 *	IPCCTL_HELD=PID:START ID#NUMBER*UNITS ID#NUMBER*UNITS ...
 *
 * It is a note, not a proof: whoever owns a process can write anything into its environment.
 */
#pragma once

#include "ipc/procid.h"
#include "ipc/procscan.h"

#include <stddef.h>

#define SEMMARK_VARIABLE "IPCCTL_HELD"

/**
 * The value of the variable for a process that holds units of a semaphore now.
 *
 * old: the value it has; what it says of the same process stays, all else is left out; may be NULL
 * Returns a text that the caller frees, or NULL if there is no memory.
 */
char *semmark_add(const char *old, const struct procid *self, int id, unsigned number, unsigned units);

/**
 * How many units a process holds by its note.
 *
 * env: its environment, len bytes with a NUL behind each entry, and one behind them all
 */
uint64_t semmark_units(const char *env, size_t len, pid_t pid, uint64_t start, int id, unsigned number);

/**
 * The same for a process that was found in /proc, if it is in our IPC namespace.
 * Returns 0 or -errno: -EACCES if its environment may not be read, -ESRCH.
 */
int semmark_look(const struct procscan_process *p, int id, unsigned number, uint64_t *ret);
