#include "cli/sock_relay.h"

#include "cli/common.h"
#include "cli/progress.h"
#include "cli/sock_address.h"
#include "cli/sock_server.h"
#include "ipc/io.h"
#include "ipc/serve_relay.h"

#include <errno.h>
#include <inttypes.h>

const struct opt sock_relay_opts[] = {
	{ OPT_INCLUDE, .to = { .table = sock_server_opts } },
	{ 0 },
};

/* A server that is there before the relay is, and a client that comes when it is. */
#define SERVER                                                                                               \
	"ipcctl sock serve --once ./app.sock cat & until ipcctl sock probe app.sock; do sleep 0.05; done; "  \
	"(until printf hello | socat - TCP:127.0.0.1:7070 2>&-; do sleep 0.05; done) >/dev/null &"

const struct example sock_relay_examples[] = {
	{ "ipcctl sock relay --once tcp:127.0.0.1:7070 ./app.sock", "A Unix socket, reached over TCP",
		SERVER },
	{ 0 },
};

/* What the reports need. */
struct relaying {
	struct serve_relay relay;
	struct sock_server server;
	const char *to; /* printable */
};

static struct relaying *relaying_of(const struct server *s)
{
	return ((struct sock_server *)s->reports_data)->data;
}

/* A client that could not be passed on. */
static void say_failed(struct server_client *c, int error, const struct ipc_selector_error *why)
{
	struct relaying *k = relaying_of(c->server);
	char more[LEFT_OUT_SIZE];

	if (sock_server_once())
		k->server.failed = true;
	if (!limiter_may_say(&k->server.ends))
		return;
	if (why->why[0])
		sock_address_failed(k->relay.to, error, "connect to", k->to, why);
	else
		fail(NULL, error, "cannot connect client %" PRIu64 " to socket '%s'%s", c->number, k->to,
			limiter_left_out(&k->server.ends, more));
}

/* Bytes that one side sent and the other did not take. */
static void say_closed(struct relayed *r)
{
	static const char *const from[RELAY_WAYS] = { [RELAY_UP] = "client", [RELAY_DOWN] = "server" };
	struct relaying *k = relaying_of(r->client->server);
	char more[LEFT_OUT_SIZE];

	for (enum relay_way way = 0; way < RELAY_WAYS; way++) {
		uint64_t lost = relay_lost(r, way);
		progress_add(0, relay_moved(r, way));
		if (lost > 0 && cli_verbose && limiter_may_say(&k->server.ends))
			warn("%" PRIu64 " bytes of the %s of connection %" PRIu64 " were not taken%s", lost,
				from[way], r->client->number, limiter_left_out(&k->server.ends, more));
	}
}

/* A server that is not there may come; an address that can't be one is told before anybody is let in. */
static int check_server(struct relaying *k)
{
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	struct ipc_selector_error error;
	int r = sock_address_resolve(k->relay.ctx, k->relay.to, &all, &error);

	return r == -EINVAL ? sock_address_failed(k->relay.to, r, "connect to", k->to, &error) : CLI_OK;
}

int sock_run_relay(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 }, to = { 0 };
	AUTO_FREE char *name = shown(argv[0]), *to_name = shown(argv[1]);
	struct relaying k = {
		.relay = { .ctx = ctx,
			.to = &to,
			.type = SOCK_STREAM,
			.failed = say_failed,
			.closed = say_closed },
		.server = { .text = argv[0], .name = name, .mode = &serve_relay_mode },
		.to = to_name,
	};
	int r = sock_server_check();

	(void)argc;
	if (r == CLI_OK)
		r = cli_selector(ctx, argv[0], "sock", 0, &sel);
	if (r == CLI_OK)
		r = cli_selector(ctx, argv[1], "sock", 0, &to);
	if (r == CLI_OK)
		r = check_server(&k);
	if (r != CLI_OK)
		return r;
	k.server.data = &k;
	k.server.mode_data = &k.relay;
	return sock_server_run(ctx, &sel, k.relay.type, &k.server);
}
