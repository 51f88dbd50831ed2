/* What the verbs of sock that listen have in common: options, rules, who is told of what, and the end. */
#pragma once

#include "cli/command.h"
#include "cli/limiter.h"
#include "ipc/server.h"

/* --max, --allow, --idle, --once, --ready-fd, --mode and the like. */
extern const struct opt sock_server_opts[];

/** Whether --once, and --idle, were given. */
bool sock_server_once(void);
bool sock_server_idles(void);

/** Whether the options are such that somebody could be served. Returns CLI_OK, or CLI_USAGE behind a message. */
int sock_server_check(void);

/* A server that is to run. It is the reports_data of its struct server. */
struct sock_server {
	const char *name; /* printable */
	const struct server_mode *mode;
	void *mode_data;
	void *data; /* the verb's */

	/* Each may be NULL. */
	int (*start)(struct sock_server *v, struct server *s); /* when it listens. Returns 0 or -errno */
	int (*ran)(struct sock_server *v);   /* when it has run. Returns the exit status, behind a message */
	void (*stop)(struct sock_server *v); /* before its clients are given back */
	/* At the end. r: CLI_OK, or the status behind a message, or -errno, and so is what it returns. */
	int (*finish)(struct sock_server *v, int r);

	bool failed; /* the one client of --once was not served well, which has been said */
	struct limiter denials, troubles, ends;
};

/** Listens and serves until the end. Returns the exit status. */
int sock_server_run(struct ipc_ctx *ctx, const struct ipc_selector *sel, int type, struct sock_server *v);
