/* sock: sockets, Unix and TCP. */
#include "cli/sock_serve.h"

static const struct command verbs[] = {
	{ .name = "serve",
		.brief = "Serve clients: run a program for each, or print what they send",
		.operands = "ADDRESS [HANDLER...]",
		.opts = sock_serve_opts,
		.examples = sock_serve_examples,
		.run = sock_serve },
	{ 0 },
};

const struct command cmd_sock = {
	.name = "sock",
	.brief = "Serve and use sockets",
	.class = "sock",
	.verbs = verbs,
};
