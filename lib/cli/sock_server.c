#include "cli/sock_server.h"

#include "cli/common.h"
#include "cli/peer_text.h"
#include "cli/progress.h"
#include "cli/sock_address.h"
#include "ipc/io.h"
#include "ipc/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, MODE = 0600, MAX = 1000 };

static uint64_t arg_max = MAX, arg_max_per_uid, arg_ready_fd;
static int64_t arg_idle = WAIT_FOREVER;
static bool arg_once, per_uid_given, ready_given;
static struct opt_strings arg_rules;

const struct opt sock_server_opts[] = {
	{ OPT_UINT, 0, "max", "NUMBER", "How many clients at once; more wait", { .uint = &arg_max } },
	{ OPT_UINT, 0, "max-per-uid", "NUMBER", "How many of one user; more are refused",
		{ .uint = &arg_max_per_uid }, .given = &per_uid_given },
	{ OPT_STRINGS, 0, "allow", "RULE", "Admit whom the rule names; the first rule that matches decides",
		{ .strings = &arg_rules } },
	{ OPT_STRINGS, 0, "deny", "RULE", "Refuse whom the rule names", { .strings = &arg_rules } },
	{ OPT_DURATION, 0, "idle", "DURATION", "Let a client go that has sent nothing for so long",
		{ .nsec = &arg_idle } },
	{ OPT_FLAG, 0, "once", NULL, "Serve one client and end", { .flag = &arg_once } },
	{ OPT_UINT, 0, "ready-fd", "NUMBER", "Write a newline to this descriptor when clients may come",
		{ .uint = &arg_ready_fd }, .given = &ready_given },
	{ OPT_ATTR, 'm', .to = { .attrs = &arg_attrs }, .attr = ATTR_MODE },
	{ OPT_ATTR, 0, .to = { .attrs = &arg_attrs }, .attr = ATTR_UID },
	{ OPT_INCLUDE, .to = { .table = wait_opts } },
	{ 0 },
};

bool sock_server_once(void)
{
	return arg_once;
}

bool sock_server_idles(void)
{
	return arg_idle >= 0;
}

/* --- what is told of clients --------------------------------------------------------------------------- */

static const char *const refusals[] = {
	[REFUSED_PER_USER] = "it has --max-per-uid connections already",
	[REFUSED_UNKNOWN] = "who it is can't be told",
	[REFUSED_BY_CALLER] = "the audit log can't record it",
};

static void say_denied(struct server *s, const struct server_denial *d)
{
	struct sock_server *v = s->reports_data;
	char more[LEFT_OUT_SIZE];

	if (!limiter_may_say(&v->denials))
		return;
	AUTO_FREE char *who = peer_text(d->peer);
	const char *name = who ? who : "?";
	if (d->refusal == REFUSED_BY_RULE && d->rule >= 0)
		warn("refused %s: --%s %s%s", name, opt_name(arg_rules.from[d->rule]), arg_rules.v[d->rule],
			limiter_left_out(&v->denials, more));
	else if (d->refusal == REFUSED_BY_RULE)
		warn("refused %s: %s%s", name,
			arg_rules.len ? "no rule admits it"
				      : "without rules only the server's own user is admitted",
			limiter_left_out(&v->denials, more));
	else
		warn("refused %s: %s%s", name, refusals[d->refusal], limiter_left_out(&v->denials, more));
}

static void say_idle(struct server *s, const struct server_client *c)
{
	struct sock_server *v = s->reports_data;
	char more[LEFT_OUT_SIZE];

	if (!limiter_may_say(&v->ends))
		return;
	AUTO_FREE char *who = peer_text(&c->peer);
	warn("let %s go, which was idle%s", who ? who : "?", limiter_left_out(&v->ends, more));
}

static void say_trouble(struct server *s, const struct server_client *c, int error)
{
	struct sock_server *v = s->reports_data;
	char more[LEFT_OUT_SIZE];

	if (!limiter_may_say(&v->troubles))
		return;
	if (!c)
		fail(NULL, error, "clients of '%s' have to wait%s", v->name,
			limiter_left_out(&v->troubles, more));
	else if (s->waiting == c)
		fail(NULL, error, "client %" PRIu64 " has to wait%s", c->number,
			limiter_left_out(&v->troubles, more));
	else
		fail(NULL, error, "client %" PRIu64 " could not be served%s", c->number,
			limiter_left_out(&v->troubles, more));
}

/* --- starting ------------------------------------------------------------------------------------------ */

static int parse_rules(struct access_rules *ret)
{
	for (size_t i = 0; i < arg_rules.len; i++) {
		const char *why = NULL, *option = opt_name(arg_rules.from[i]);
		int r = access_add(ret, strcmp(option, "allow") == 0, arg_rules.v[i], &why);
		AUTO_FREE char *text = shown(arg_rules.v[i]);
		if (r < 0)
			return usage_error("--%s: '%s': %s", option, text, why);
	}
	return CLI_OK;
}

int sock_server_check(void)
{
	if (arg_max == 0 || (per_uid_given && arg_max_per_uid == 0))
		return usage_error("--%s: 0 clients would be nobody", arg_max == 0 ? "max" : "max-per-uid");
	if (ready_given && (arg_ready_fd > INT32_MAX || fcntl((int)arg_ready_fd, F_GETFD) < 0))
		return usage_error("--ready-fd: %" PRIu64 " is no open descriptor", arg_ready_fd);
	return CLI_OK;
}

static struct server_options options_of(const struct access_rules *rules, int type)
{
	return (struct server_options){
		.type = type,
		.backlog = BACKLOG,
		.file_mode = (mode_t)ipc_attr_or(&arg_attrs, ATTR_MODE, MODE),
		.uid = (uid_t)ipc_attr_or(&arg_attrs, ATTR_UID, (uid_t)-1),
		.gid = (gid_t)ipc_attr_or(&arg_attrs, ATTR_GID, (gid_t)-1),
		.patience = cli_deadline(),
		.rules = *rules,
		.max = arg_max,
		.max_per_uid = per_uid_given ? arg_max_per_uid : UINT64_MAX,
		.idle_ns = arg_idle,
		.wait_ns = cli_wait_ns(),
		.once = arg_once,
	};
}

/* Who has the address, where that can be told. */
static void hint_holder(struct server *s)
{
	AUTO_OBJECT struct ipc_object o = { 0 };
	int r = ipc_stat(s->ctx, s->selector, WANT_HOLDERS, &o);

	if (r < 0 || o.holders_len == 0)
		return;
	const struct ipc_holder *h = &o.holders[0];
	AUTO_FREE char *command = shown(h->command ? h->command : "?");
	hint("process %d, '%s', has it", (int)h->pid, command);
}

static int cannot_listen(struct server *s, const struct ipc_selector_error *error, const char *name, int r)
{
	if (error->why[0])
		return sock_address_failed(s->selector, r, "serve", name, error);
	if (r == -EDESTADDRREQ) {
		usage_error("'%s' can be reached from other machines: it takes rules that say who may come",
			name);
		hint("--allow addr=192.168.0.0/16, for example, or --allow all");
		return CLI_USAGE;
	}
	if (r == -EADDRINUSE) {
		fail_plain(CLI_FAILED, "cannot serve socket '%s': somebody serves it already", name);
		hint_holder(s);
		return CLI_FAILED;
	}
	if (r == -EEXIST)
		return fail_plain(
			CLI_FAILED, "cannot serve socket '%s': there is a file that is no socket", name);
	if (r == -EINVAL)
		return fail_plain(CLI_FAILED, "cannot serve socket '%s': it does not listen", name);
	if (r == -EPROTOTYPE)
		return fail_plain(
			CLI_FAILED, "cannot serve socket '%s': it is a socket of another type", name);
	int status = fail(s->selector->kind, r, "cannot serve socket '%s'", name);
	if (r == -ENOENT && s->selector->form == FORM_PATH)
		hint_directory(s->selector->name);
	return status;
}

/* Where it listens, for who asks; and if the kernel chose the port, since nobody could know it. */
static void say_addresses(const struct server *s, const char *name)
{
	bool tcp = s->selector->form == FORM_TCP;
	size_t len = s->selector->name_len;
	bool chosen = tcp && len >= 2 && strcmp(s->selector->name + len - 2, ":0") == 0;

	if (cli_verbose && !tcp) /* the file was bound by another name */
		warn("listening on %s", name);
	for (size_t i = 0; tcp && (chosen || cli_verbose) && i < s->listeners_len; i++) {
		AUTO_FREE char *address = server_listener_text(&s->listeners[i]);
		warn("%s %s", chosen ? "serving" : "listening on", address ? address : "?");
	}
}

/* Clients may come: whoever waits for that is told. */
static void say_ready(void)
{
	const char *manager = getenv("NOTIFY_SOCKET");
	int r;

	if (ready_given) {
		int fd = (int)arg_ready_fd;
		r = ipc_write_full(fd, "\n", 1);
		if (r < 0)
			fail(NULL, r, "cannot write to --ready-fd %d", fd);
		if (fd > STDERR_FILENO)
			ipc_close(&fd);
	}
	if (!manager)
		return;
	AUTO_FREE char *name = shown(manager);
	r = notify_send(manager, "READY=1");
	if (r < 0)
		fail(NULL, r, "cannot tell the service manager at '%s'", name);
}

/* --- serving ------------------------------------------------------------------------------------------- */

/* A server that was told to end has done what it was told; what the terminal sends ends it as it ends others. */
static int end_of(const struct server *s, const struct sock_server *v)
{
	if (s->signal) {
		output_flush();
		/* One more of the kind comes too late to change how this ended. */
		signal(s->signal, s->signal == SIGTERM ? SIG_IGN : SIG_DFL);
		if (s->signal != SIGTERM)
			raise(s->signal);
	}
	return v->failed ? CLI_FAILED : CLI_OK;
}

/* What is left behind is told; another's that has the name by now is not ours to remove. */
static int say_withdrawn(const struct server *s, const struct sock_server *v, int status)
{
	if (s->withdrawn == -ESTALE)
		warn("'%s' is another server's by now, and stays", v->name);
	if (s->withdrawn == 0 || s->withdrawn == -ESTALE)
		return status;
	return fail(NULL, s->withdrawn, "cannot remove '%s'", v->name);
}

static int failed(const struct sock_server *v, int r)
{
	return fail(NULL, r,
		r == -ETIMEDOUT || r == -EAGAIN ? "waited for a client of '%s'" : "cannot serve socket '%s'",
		v->name);
}

static int serve(struct server *s, struct sock_server *v)
{
	struct ipc_selector_error error = { 0 };
	int r = server_listen(s, &error);

	if (r < 0)
		return cannot_listen(s, &error, v->name, r);
	r = v->start ? v->start(v, s) : 0;
	if (r < 0)
		return r;
	say_addresses(s, v->name);
	say_ready();
	r = server_run(s);
	int status = v->ran ? v->ran(v) : CLI_OK;
	return status != CLI_OK ? status : r;
}

static int run(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct server_options *options,
	struct sock_server *v)
{
	struct server s;
	int r = server_init(&s, ctx, sel, options, v->mode);

	if (r < 0)
		return fail(NULL, r, "cannot start");
	s.mode_data = v->mode_data;
	s.reports = (struct server_reports){ .denied = say_denied, .idle = say_idle, .trouble = say_trouble };
	s.reports_data = v;
	progress_start(NULL, STDOUT_FILENO);
	r = serve(&s, v);
	progress_finish();
	if (v->stop)
		v->stop(v);
	server_clear(&s);
	if (v->finish)
		r = v->finish(v, r);
	if (r < 0)
		r = failed(v, r);
	r = say_withdrawn(&s, v, r);
	return r == CLI_OK ? end_of(&s, v) : r;
}

int sock_server_run(struct ipc_ctx *ctx, const struct ipc_selector *sel, int type, struct sock_server *v)
{
	struct access_rules rules = { 0 };
	int r = parse_rules(&rules);

	if (r == CLI_OK) {
		const struct server_options options = options_of(&rules, type);
		r = run(ctx, sel, &options, v);
	}
	access_clear(&rules);
	return r;
}
