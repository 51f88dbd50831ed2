#include "cli/sock_relay.h"

#include "cli/common.h"
#include "cli/progress.h"
#include "cli/sock_address.h"
#include "cli/sock_dump.h"
#include "cli/sock_modes.h"
#include "cli/sock_server.h"
#include "ipc/io.h"
#include "ipc/relay_datagrams.h"
#include "ipc/serve_relay.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>

static const char *const dump_names[] = {
	[DUMP_NONE] = "none",
	[DUMP_HEX] = "hex",
	[DUMP_JSON] = "json",
	NULL,
};
static int arg_dump;
static bool arg_pass_fds;

const struct opt sock_relay_opts[] = {
	{ OPT_CHOICE, 0, "dump", "DUMP", "Print what passes: hex, or json, which 'serve --replay' plays",
		{ .choice = &arg_dump }, .choices = dump_names },
	{ OPT_FLAG, 0, "pass-fds", NULL, "Pass descriptors on, too", { .flag = &arg_pass_fds } },
	{ OPT_INCLUDE, .to = { .table = sock_listen_type_opts } },
	{ OPT_INCLUDE, .to = { .table = sock_server_opts } },
	{ 0 },
};

/* A server that is there before the relay is, and a client that comes when it is. */
#define BOTH(client)                                                                                         \
	"ipcctl sock serve --once ./app.sock cat & until ipcctl sock probe app.sock; do sleep 0.05; done; "  \
	"(until printf hello | socat - " client " 2>&-; do sleep 0.05; done) >/dev/null &"

const struct example sock_relay_examples[] = {
	{ "ipcctl sock relay --once tcp:127.0.0.1:7070 ./app.sock", "A Unix socket, reached over TCP",
		BOTH("TCP:127.0.0.1:7070") },
	{ "ipcctl sock relay --once --dump hex ./front.sock ./app.sock", "See what a client and a server say",
		BOTH("UNIX:front.sock") },
	{ 0 },
};

/* What the reports need. */
struct relaying {
	struct serve_relay relay;
	struct relay_datagrams datagrams;
	struct sock_server server;
	struct server_mode mode;
	struct sock_dump dump;
	struct loop_timer failing;
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

/* --- the dump ---------------------------------------------------------------------------------------- */

/* Without a dump the relay does not go on: it ends, when whoever called this has finished. */
static int on_dump_failed(struct loop_timer *t)
{
	struct relaying *k = (struct relaying *)((char *)t - offsetof(struct relaying, failing));

	return k->dump.out.error;
}

static int dump(struct server *s, const struct recording_event *e, uint64_t offset)
{
	struct relaying *k = relaying_of(s);
	int r = arg_dump ? sock_dump_event(&k->dump, &s->loop, e, offset) : 0;

	if (r < 0)
		loop_timer(&s->loop, &k->failing, 0, on_dump_failed);
	else if (arg_dump && s->stopping < 2 && record_out_waits(&k->dump.out))
		server_hold(s, true);
	return r;
}

static enum recording_side side_of(enum relay_way way)
{
	return way == RELAY_UP ? RECORDING_CLIENT : RECORDING_SERVER;
}

static int dump_data(struct conduit *c, const char *data, size_t len, size_t fds, void *arg)
{
	const struct relayed *r = arg;
	const struct recording_event e = {
		.connection = r->client->number,
		.type = RECORDING_DATA,
		.from = side_of(relay_way_of(r, c)),
		.data = data,
		.len = len,
		.fds = (unsigned)fds,
	};

	return dump(r->client->server, &e, c->moved);
}

static void dump_connected(struct relayed *r)
{
	const struct recording_event e = { .connection = r->client->number, .type = RECORDING_CONNECT };

	dump(r->client->server, &e, 0);
}

static void dump_ended(struct relayed *r, enum relay_way way)
{
	const struct recording_event e = {
		.connection = r->client->number,
		.type = RECORDING_END,
		.from = side_of(way),
	};

	dump(r->client->server, &e, 0);
}

static bool is_dump_full(const struct relaying *k)
{
	return arg_dump && record_out_is_full(&k->dump.out);
}

static bool is_held(struct serve_relay *v)
{
	return is_dump_full((struct relaying *)((char *)v - offsetof(struct relaying, relay)));
}

static bool are_held(struct relay_datagrams *v)
{
	return is_dump_full((struct relaying *)((char *)v - offsetof(struct relaying, datagrams)));
}

static int on_dump_ready(struct record_out *o, void *arg)
{
	struct server *s = arg;
	struct relaying *k = relaying_of(s);
	bool datagrams = k->datagrams.server != NULL;

	if (!record_out_waits(o) && !datagrams)
		server_hold(s, false);
	return datagrams ? relay_datagrams_go_on(&k->datagrams) : serve_relay_go_on(s);
}

/* Asked again: what can't be written is not waited for. */
static void asked(struct server *s)
{
	if (s->stopping > 1)
		server_hold(s, false);
}

/* --- connections ------------------------------------------------------------------------------------- */

/* Bytes that one side sent and the other did not take, and what could not be passed on. */
static void say_closed(struct relayed *r)
{
	static const char *const from[RELAY_WAYS] = { [RELAY_UP] = "client", [RELAY_DOWN] = "server" };
	struct relaying *k = relaying_of(r->client->server);
	const struct recording_event e = { .connection = r->client->number, .type = RECORDING_CLOSE };
	char more[LEFT_OUT_SIZE];

	for (enum relay_way way = 0; way < RELAY_WAYS; way++) {
		uint64_t lost = relay_lost(r, way);
		int error = r->paths[way].error;
		bool refused = error == -EMFILE || error == -EMSGSIZE;
		progress_add(0, relay_moved(r, way));
		if (refused && limiter_may_say(&k->server.ends))
			fail(NULL, error, "what the %s of connection %" PRIu64 " sent can't be passed on%s",
				from[way], r->client->number, limiter_left_out(&k->server.ends, more));
		else if (lost > 0 && cli_verbose && limiter_may_say(&k->server.ends))
			warn("%" PRIu64 " bytes of the %s of connection %" PRIu64 " were not taken%s", lost,
				from[way], r->client->number, limiter_left_out(&k->server.ends, more));
	}
	dump(r->client->server, &e, 0);
}

/* --- datagrams --------------------------------------------------------------------------------------- */

static int dump_datagram(struct relay_datagrams *v, enum relay_datagram_event what, uint64_t number,
	const char *data, size_t len, size_t fds)
{
	static const enum recording_event_type types[] = {
		[RELAY_SENDER] = RECORDING_CONNECT,
		[RELAY_DATAGRAM] = RECORDING_DATA,
		[RELAY_ANSWER] = RECORDING_DATA,
		[RELAY_FORGOTTEN] = RECORDING_CLOSE,
	};
	const struct recording_event e = {
		.connection = number,
		.type = types[what],
		.from = what == RELAY_ANSWER ? RECORDING_SERVER : RECORDING_CLIENT,
		.data = data,
		.len = len,
		.fds = (unsigned)fds,
	};

	return dump(v->server, &e, 0);
}

static void say_lost(struct relay_datagrams *v, bool answer, int error)
{
	struct relaying *k = relaying_of(v->server);
	char more[LEFT_OUT_SIZE];

	if (!limiter_may_say(&k->server.troubles))
		return;
	limiter_left_out(&k->server.troubles, more);
	if (error == -EDESTADDRREQ)
		warn("an answer is lost: the sender has no address%s", more);
	else
		fail(NULL, error, "%s is lost%s", answer ? "an answer" : "a datagram", more);
}

/* --- the verb ---------------------------------------------------------------------------------------- */

static int start(struct sock_server *v, struct server *s)
{
	struct relaying *k = v->data;

	if (arg_dump) {
		k->dump.out.ready = on_dump_ready;
		k->dump.out.arg = s;
	}
	return sock_mode_type() == SOCK_DGRAM ? relay_datagrams_start(&k->datagrams, s) : 0;
}

static void stop(struct sock_server *v)
{
	struct relaying *k = v->data;

	relay_datagrams_clear(&k->datagrams);
	if (arg_dump)
		sock_dump_clear(&k->dump);
}

static int ran(struct sock_server *v)
{
	const struct relaying *k = v->data;

	return arg_dump ? sock_dump_end(&k->dump) : CLI_OK;
}

static int check(const struct ipc_selector *from, const struct ipc_selector *to)
{
	bool tcp = from->form == FORM_TCP || to->form == FORM_TCP;

	if (ipc_selector_match(from, to))
		return usage_error("a relay from a socket to itself would be its own client");
	if (tcp && arg_pass_fds)
		return usage_error("--pass-fds: descriptors pass through Unix sockets alone");
	if (tcp && sock_mode_type() != SOCK_STREAM)
		return usage_error("--type: over TCP there are streams alone");
	return CLI_OK;
}

static void choose_mode(struct relaying *k)
{
	bool datagrams = sock_mode_type() == SOCK_DGRAM;

	k->mode = datagrams ? relay_datagrams_mode : serve_relay_mode;
	if (!datagrams)
		k->mode.asked = asked;
	k->server.mode = &k->mode;
	k->server.mode_data = datagrams ? (void *)&k->datagrams : &k->relay;
	if (!arg_dump)
		return;
	sock_dump_init(&k->dump, (enum dump_format)arg_dump);
	k->relay.tap = dump_data;
	k->relay.connected = dump_connected;
	k->relay.ended = dump_ended;
	k->relay.held = is_held;
	k->datagrams.tap = dump_datagram;
	k->datagrams.held = are_held;
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
			.type = sock_mode_type(),
			.pass_fds = arg_pass_fds,
			.failed = say_failed,
			.closed = say_closed },
		.datagrams = { .ctx = ctx, .to = &to, .pass_fds = arg_pass_fds, .lost = say_lost, .fd = -1 },
		.server = { .name = name, .start = start, .ran = ran, .stop = stop },
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
	if (r == CLI_OK)
		r = check(&sel, &to);
	if (r != CLI_OK)
		return r;
	k.server.data = &k;
	choose_mode(&k);
	return sock_server_run(ctx, &sel, sock_mode_type(), &k.server);
}
