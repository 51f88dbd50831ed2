/*
 * Programs that are run: always with a clean state, so that what this tool does to itself (a
 * SIGPIPE that is ignored) does not leak into them.
 */
#pragma once

/**
 * Becomes the program argv[0], looked for in PATH, with the arguments argv and the environment of
 * the process. Signals are as they were when this one was started, but SIGPIPE has its default action and
 * none is blocked; umask and directory are untouched; descriptors of ours are all close-on-exec.
 *
 * Returns only when it failed, with -errno, and then nothing has changed.
 */
int supervise_exec(char *const argv[]);

/** The exit status for a program that could not be run, as env(1) has it: 127 if there is none, else 126. */
int supervise_exec_status(int error);
