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

/* Room for the variables that tell of a peer: each has its longest value. */
struct serve_variables {
	struct serve_program *program;
	size_t len, used;
	char text[1024];
};

/**
 * Completes p->env for a program that runs for this peer.
 *
 * same: how many connections its user has
 * v: where the variables lie; p->env is valid while it is, and until the next call
 */
void serve_program_env(
	struct serve_program *p, const struct peer *peer, uint64_t same, struct serve_variables *v);
