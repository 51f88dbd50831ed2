#include "cli/sock_serve.h"

#include "cli/common.h"
#include "cli/sock_modes.h"
#include "cli/sock_print.h"
#include "cli/sock_server.h"
#include "ipc/io.h"
#include "ipc/serve_echo.h"
#include "ipc/serve_program.h"
#include "ipc/supervise.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static bool arg_echo;

const struct opt sock_serve_opts[] = {
	{ OPT_FLAG, 0, "echo", NULL, "Send back what comes", { .flag = &arg_echo } },
	{ OPT_INCLUDE, .to = { .table = sock_mode_opts } },
	{ OPT_INCLUDE, .to = { .table = sock_server_opts } },
	{ 0 },
};

/* A client that comes when the socket is there. */
#define CLIENT(address) "ipcctl sock connect --wait -t 9s " address " hello >/dev/null &"

const struct example sock_serve_examples[] = {
	{ "ipcctl sock serve --once ./app.sock", "Print what one client sends", CLIENT("./app.sock") },
	{ "ipcctl sock serve --once --deny uid=nobody --allow all app.sock cat",
		"A program for each client, but for those of one user", CLIENT("./app.sock") },
	{ "ipcctl sock serve --once --echo tcp:localhost:7007", "TCP on this machine, for its own user alone",
		CLIENT("tcp:localhost:7007") },
	{ "ipcctl sock serve --once --type dgram -J ./notify.sock", "A datagram as JSON, with its time",
		CLIENT("./notify.sock") },
	{ "seq 3 | ipcctl sock serve --broadcast -F line @numbers", "Lines for every client that is there",
		CLIENT("@numbers") },
	{ 0 },
};

/* What is done with the clients. */
struct serving {
	char *const *handler; /* NULL: none */
	struct serve_program program;
	struct sock_printer printer;
	struct sock_mode mode;
};

/* whom: "client 3" */
static void say_program_end(struct sock_server *v, int status, const char *whom)
{
	struct serving *serving = v->data;
	bool once = sock_server_once();
	char more[LEFT_OUT_SIZE];

	if (status != 0 && once)
		v->failed = true;
	if (status == 0 || (!cli_verbose && !once) || !limiter_may_say(&v->ends))
		return;
	AUTO_FREE char *program = shown(serving->handler[0]);
	if (WIFSIGNALED(status))
		warn("'%s' for %s was ended by signal %d%s", program, whom, WTERMSIG(status),
			limiter_left_out(&v->ends, more));
	else
		warn("'%s' for %s ended with status %d%s", program, whom, WEXITSTATUS(status),
			limiter_left_out(&v->ends, more));
}

static void program_ended(struct server_client *c, int status)
{
	char whom[32];

	snprintf(whom, sizeof(whom), "client %" PRIu64, c->number);
	say_program_end(c->server->reports_data, status, whom);
}

static void datagram_program_ended(struct server *s, int status)
{
	say_program_end(s->reports_data, status, "a datagram");
}

static int check_options(bool handler)
{
	int r = sock_mode_check(handler, arg_echo);

	if (r != CLI_OK)
		return r;
	if (handler && sock_server_idles()) {
		usage_error("--idle needs to see what is sent, and the program has the connection itself");
		hint("a program ends after a time with: timeout 30 PROGRAM");
		return CLI_USAGE;
	}
	return sock_server_check();
}

static int output_failed(const struct sock_printer *printer)
{
	if (printer->error == -EPIPE && printer->lost == 0)
		return 128 + SIGPIPE;
	fail(NULL, printer->error, "cannot write standard output");
	if (printer->lost > 0)
		warn("%" PRIu64 " bytes that were received are lost", printer->lost);
	return CLI_FAILED;
}

static int prepare_program(struct serve_program *program)
{
	AUTO_FREE char *name = shown(program->argv[0]);
	struct supervise_options options = SUPERVISE_DEFAULTS;
	int r = supervise_find(program->argv[0], &options);

	if (r < 0) {
		fail(NULL, r, "cannot run '%s'", name);
		return CLI_FAILED;
	}
	r = serve_program_init(program, program->argv, environ);
	program->ended = program_ended;
	return r < 0 ? fail(NULL, r, "cannot start") : CLI_OK;
}

/* What is done with the clients. */
static int choose_mode(struct sock_mode *m, struct serve_program *program, struct sock_printer *printer)
{
	int r = program->argv ? prepare_program(program) : CLI_OK;

	if (r == CLI_OK)
		r = sock_mode_choose(m, program->argv ? program : NULL, arg_echo, datagram_program_ended);
	if (m->mode)
		return r;
	m->mode = program->argv ? &serve_program_mode : arg_echo ? &serve_echo_mode : &sock_print_mode;
	m->data = program->argv ? (void *)program : printer;
	return r;
}

static int start(struct sock_server *v, struct server *s)
{
	return sock_mode_start(&((struct serving *)v->data)->mode, s);
}

static int ran(struct sock_server *v)
{
	return sock_mode_end(&((struct serving *)v->data)->mode);
}

static void stop(struct sock_server *v)
{
	sock_mode_stop(&((struct serving *)v->data)->mode);
}

static int finish(struct sock_server *v, int r)
{
	struct serving *k = v->data;

	return k->printer.error ? output_failed(&k->printer) : r;
}

static int serve_at(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct sock_server *v)
{
	struct serving *k = v->data;
	int r = choose_mode(&k->mode, &k->program, &k->printer);

	v->mode = k->mode.mode;
	v->mode_data = k->mode.data;
	if (r == CLI_OK)
		r = sock_server_run(ctx, sel, sock_mode_type(), v);
	serve_program_clear(&k->program);
	sock_mode_clear(&k->mode);
	return r;
}

int sock_serve(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	AUTO_FREE char *name = shown(argv[0]);
	char *const *handler = argc > 1 ? argv + 1 : NULL;
	struct serving k = { .handler = handler,
		.program = { .argv = handler },
		.printer = { .terminal = isatty(STDOUT_FILENO) } };
	struct sock_server v = {
		.name = name, .data = &k, .start = start, .ran = ran, .stop = stop, .finish = finish
	};
	int r = check_options(handler != NULL);

	if (r == CLI_OK)
		r = cli_selector(ctx, argv[0], "sock", 0, &sel);
	return r == CLI_OK ? serve_at(ctx, &sel, &v) : r;
}
