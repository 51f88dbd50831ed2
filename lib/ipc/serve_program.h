/*
 * What a server does with a client: a program runs for it, which has the connection itself as standard input and
 * output, and learns from its environment who is there, by the names of the UCSPI convention.
 *
 * The program has a process group of its own. When it has ended, the connection is not dropped but ended: what it wrote
 * arrives also when it left something unread, unless processes that it left behind go on with the connection.
 */
#pragma once

#include "ipc/server.h"

extern const struct server_mode serve_program_mode;

/* The mode_data of such a server. */
struct serve_program {
	char *const *argv; /* not owned */

	/* Told of each that ended, with its status as of waitpid(2); may be NULL. */
	void (*ended)(struct server_client *c, int status);

	/* The rest is for serve_program.c. */
	char **env;     /* what all of them get, and room for more */
	size_t env_len; /* of the former */
};

/**
 * Prepares it.
 *
 * argv: the program, looked for in PATH, and its arguments; kept
 * env: what the programs' environment is to have besides, ended by NULL; kept
 * Returns 0 or -errno: -ENOMEM.
 */
int serve_program_init(struct serve_program *p, char *const *argv, char *const *env);
void serve_program_clear(struct serve_program *p);
