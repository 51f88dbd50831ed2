/* sock: sockets, Unix and TCP. */
#include "cli/sock_connect.h"
#include "cli/sock_probe.h"
#include "cli/sock_relay.h"
#include "cli/sock_serve.h"

static const struct command verbs[] = {
	{ .name = "serve",
		.brief = "Serve clients: run a program for each, or print what they send",
		.operands = "ADDRESS [HANDLER...]",
		.opts = sock_serve_opts,
		.examples = sock_serve_examples,
		.run = sock_serve },
	{ .name = "connect",
		.brief = "Connect: send the operands, or else standard input, and print what comes",
		.operands = "ADDRESS [MESSAGE...]",
		.opts = sock_connect_opts,
		.examples = sock_connect_examples,
		.run = sock_run_connect },
	{ .name = "probe",
		.brief = "Print whether somebody is there: live, stale, absent or denied",
		.operands = "ADDRESS",
		.opts = sock_probe_opts,
		.examples = sock_probe_examples,
		.run = sock_run_probe },
	{ .name = "relay",
		.brief = "Listen, and pass each client on to another socket",
		.operands = "ADDRESS SERVER",
		.opts = sock_relay_opts,
		.examples = sock_relay_examples,
		.run = sock_run_relay },
	{ 0 },
};

const struct command cmd_sock = {
	.name = "sock",
	.brief = "Serve and use sockets",
	.class = "sock",
	.verbs = verbs,
};
