#include "cli/sock_modes.h"

#include "cli/records.h"
#include "cli/sock_mode_reports.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const type_names[] = { "stream", "dgram", "seqpacket", NULL };
static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
static const char *const slow_names[] = {
	[FANOUT_DROP] = "drop",
	[FANOUT_BLOCK] = "block",
	[FANOUT_CLOSE] = "close",
	NULL,
};

static int arg_type, arg_slow = FANOUT_BLOCK;
static bool arg_broadcast, slow_given;
static const char *arg_replay;

const struct opt sock_listen_type_opts[] = {
	{ OPT_CHOICE, 0, "type", "TYPE", "Of the socket: stream, dgram or seqpacket", { .choice = &arg_type },
		.choices = type_names },
	{ 0 },
};

const struct opt sock_mode_opts[] = {
	{ OPT_INCLUDE, .to = { .table = sock_listen_type_opts } },
	{ OPT_FLAG, 0, "broadcast", NULL, "Send standard input to every client", { .flag = &arg_broadcast } },
	{ OPT_CHOICE, 0, "slow", "POLICY", "A client that is far behind: block, drop or close",
		{ .choice = &arg_slow }, &slow_given, slow_names },
	{ OPT_STRING, 0, "replay", "FILE", "Play back what 'sock relay --dump json' recorded",
		{ .string = &arg_replay } },
	{ OPT_INCLUDE, .to = { .table = record_stream_opts } },
	{ OPT_INCLUDE, .to = { .table = record_json_opts } },
	{ 0 },
};

int sock_mode_type(void)
{
	return types[arg_type];
}

/* --- which options go together -------------------------------------------------------------------- */

static int check_broadcast(void)
{
	if (sock_mode_type() == SOCK_DGRAM)
		return usage_error("--broadcast: who sends datagrams does not connect and can't subscribe");
	if (arg_slow == FANOUT_DROP && sock_mode_type() == SOCK_STREAM && !records_asked_for()) {
		usage_error("--slow drop would tear what is sent where nothing says how it is divided");
		hint("records are never torn: -F line, for example");
		return CLI_USAGE;
	}
	return CLI_OK;
}

/* What each of these does with a client, at most one of which may be asked for. */
static int check_only_one(bool program, bool echo)
{
	const struct {
		bool on;
		const char *name;
	} all[] = {
		{ program, "a program" },
		{ echo, "--echo" },
		{ arg_broadcast, "--broadcast" },
		{ arg_replay, "--replay" },
	};
	const char *first = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i].on && first)
			return usage_error("%s and %s contradict each other", first, all[i].name);
		if (all[i].on)
			first = all[i].name;
	}
	if (first && !arg_broadcast && records_asked_for())
		return usage_error(
			"--framing and --json are about what is printed, and %s prints nothing", first);
	return CLI_OK;
}

int sock_mode_check(bool program, bool echo)
{
	int r = check_only_one(program, echo);

	if (r == CLI_OK && slow_given && !arg_broadcast)
		return usage_error("--slow needs --broadcast");
	if (r == CLI_OK && arg_broadcast)
		r = check_broadcast();
	if (r == CLI_OK && arg_replay && sock_mode_type() == SOCK_DGRAM)
		return usage_error("--replay plays connections, and datagrams have none");
	return r;
}

/* --- the modes ------------------------------------------------------------------------------------ */

static void use(struct sock_mode *m, const struct server_mode *mode, void *data)
{
	m->mode = mode;
	m->data = data;
}

static int choose_replay(struct sock_mode *m)
{
	AUTO_FREE char *name = shown(arg_replay);
	struct recording_error error = { 0 };
	int r = recording_load(arg_replay, &m->replay.recording, &error);

	if (r < 0 && error.line > 0 && r != -ENOMEM)
		return fail_plain(CLI_FAILED, "%s:%" PRIu64 ": %s", name, error.line, error.text);
	if (r < 0)
		return fail(NULL, r, "cannot read '%s'", name);
	if (m->replay.recording.len == 0)
		return fail_plain(CLI_FAILED, "cannot play '%s': it has no connection", name);
	m->replay.played = sock_mode_say_played;
	use(m, &serve_replay_mode, &m->replay);
	return CLI_OK;
}

static int choose_broadcast(struct sock_mode *m)
{
	enum framing framing = FRAMING_LINE;
	int r = records_framing(&framing);
	bool records = records_asked_for() || sock_mode_type() == SOCK_SEQPACKET;

	if (r != CLI_OK)
		return r;
	serve_broadcast_init(&m->broadcast, STDIN_FILENO, records ? (int)framing : -1,
		(enum fanout_slow)arg_slow, BROADCAST_WINDOW);
	m->broadcast.left = sock_mode_say_left;
	use(m, &serve_broadcast_mode, &m->broadcast);
	return CLI_OK;
}

static int choose_printing(struct sock_mode *m)
{
	enum framing framing;
	int r = records_framing(&framing);

	if (r != CLI_OK)
		return r;
	record_out_init(&m->out, STDOUT_FILENO, framing, isatty(STDOUT_FILENO));
	m->out.timed = true;
	m->prints = true;
	return CLI_OK;
}

static int choose_datagrams(struct sock_mode *m, struct serve_program *program, bool echo,
	void (*ended)(struct server *s, int status))
{
	int r = program || echo ? CLI_OK : choose_printing(m);

	m->datagrams.program = program;
	m->datagrams.ended = ended;
	m->datagrams.out = m->prints ? &m->out : NULL;
	m->datagrams.trouble = sock_mode_say_trouble;
	use(m, &serve_datagrams_mode, &m->datagrams);
	return r;
}

static int choose_messages(struct sock_mode *m, bool echo)
{
	if (echo) {
		use(m, &serve_echo_messages_mode, NULL);
		return CLI_OK;
	}
	int r = choose_printing(m);
	m->messages.out = &m->out;
	m->messages.wire = -1;
	if (r == CLI_OK && sock_mode_type() == SOCK_STREAM)
		m->messages.wire = (int)(m->out.framing - ipc_framings);
	m->messages.left = sock_mode_say_message_error;
	use(m, &serve_print_messages_mode, &m->messages);
	return r;
}

int sock_mode_choose(struct sock_mode *m, struct serve_program *program, bool echo,
	void (*ended)(struct server *s, int status))
{
	if (arg_replay)
		return choose_replay(m);
	if (arg_broadcast)
		return choose_broadcast(m);
	if (sock_mode_type() == SOCK_DGRAM)
		return choose_datagrams(m, program, echo, ended);
	if (!program && (sock_mode_type() == SOCK_SEQPACKET || records_asked_for()))
		return choose_messages(m, echo);
	return CLI_OK;
}

int sock_mode_start(struct sock_mode *m, struct server *s)
{
	return m->mode == &serve_datagrams_mode ? serve_datagrams_start(&m->datagrams, s) : 0;
}

int sock_mode_end(struct sock_mode *m)
{
	int r = m->prints ? sock_mode_printed(&m->out) : CLI_OK;

	if (m->prints)
		return r == CLI_OK && m->messages.malformed ? CLI_FAILED : r;
	if (m->mode == &serve_broadcast_mode)
		return sock_mode_sent(&m->broadcast);
	return m->mode == &serve_replay_mode && m->replay.unlike > 0 ? CLI_FAILED : CLI_OK;
}

void sock_mode_stop(struct sock_mode *m)
{
	if (m->mode == &serve_datagrams_mode)
		serve_datagrams_clear(&m->datagrams);
	if (m->prints)
		record_out_clear(&m->out);
}

void sock_mode_clear(struct sock_mode *m)
{
	if (m->mode == &serve_broadcast_mode)
		serve_broadcast_clear(&m->broadcast);
	if (m->mode == &serve_replay_mode)
		serve_replay_clear(&m->replay);
}
