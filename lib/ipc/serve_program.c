#include "ipc/serve_program.h"

#include "ipc/io.h"
#include "ipc/supervise.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { VARIABLES = 8, HURRY_MS = 2000, V4_AT = 12 };

/* What clients bring along must come from them alone; and what this server was told is not meant for its programs. */
static const char *const own_names[] = { "PROTO", "IPCREMOTEEUID", "IPCREMOTEEGID", "IPCREMOTEPID",
	"IPCREMOTEPATH", "IPCCONNNUM", "TCPREMOTEIP", "TCPREMOTEPORT", "TCPLOCALIP", "TCPLOCALPORT",
	"TCPCONNNUM", "TCPREMOTEEUID", "TCPREMOTEHOST", "TCPREMOTEINFO", "TCPLOCALHOST", "LISTEN_PID",
	"LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET" };

/* A program that runs for a client. */
struct job {
	struct supervised child;
	bool hurried; /* it was asked to end */
};

static bool is_own(const char *entry)
{
	size_t len = strcspn(entry, "=");

	for (size_t i = 0; i < ARRAY_SIZE(own_names); i++)
		if (strlen(own_names[i]) == len && memcmp(own_names[i], entry, len) == 0)
			return true;
	return false;
}

int serve_program_init(struct serve_program *p, char *const *argv, char *const *env)
{
	size_t n = 0;

	*p = (struct serve_program){ .argv = argv };
	while (env[n])
		n++;
	p->env = calloc(n + VARIABLES + 1, sizeof(*p->env));
	if (!p->env)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!is_own(env[i]))
			p->env[p->env_len++] = env[i];
	return 0;
}

void serve_program_clear(struct serve_program *p)
{
	free(p->env);
	p->env = NULL;
}

/* --- the environment -------------------------------------------------------------------------------- */

/* Behind those that all programs get. */
__attribute__((format(printf, 2, 3))) static void add(struct serve_variables *v, const char *format, ...)
{
	char *at = v->text + v->used;
	size_t room = sizeof(v->text) - v->used;
	va_list ap;

	va_start(ap, format);
	int n = vsnprintf(at, room, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room) /* each has its longest value, and there is room for all */
		return;
	v->used += (size_t)n + 1;
	v->program->env[v->program->env_len + v->len++] = at;
	v->program->env[v->program->env_len + v->len] = NULL;
}

static void add_endpoint(struct serve_variables *v, const char *side, const struct sockaddr_storage *sa)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	in_port_t port;

	if (!peer_tcp_address(sa, &addr, &port))
		return;
	if (IN6_IS_ADDR_V4MAPPED(&addr))
		inet_ntop(AF_INET, addr.s6_addr + V4_AT, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &addr, text, sizeof(text));
	add(v, "TCP%sIP=%s", side, text);
	add(v, "TCP%sPORT=%u", side, (unsigned)port);
}

static void add_tcp(struct serve_variables *v, const struct peer *p, uint64_t same)
{
	add(v, "PROTO=TCP");
	add_endpoint(v, "REMOTE", &p->remote);
	add_endpoint(v, "LOCAL", &p->local);
	if (p->who.ids_known)
		add(v, "TCPREMOTEEUID=%" PRIu32, p->who.uid);
	add(v, "TCPCONNNUM=%" PRIu64, same);
}

/* Bytes of a path, or of an abstract name with an @ for its NUL; most clients have neither. */
static void add_path(struct serve_variables *v, const struct peer *p)
{
	struct sockaddr_un sun;
	char path[sizeof(sun.sun_path) + 1] = "";

	if (p->remote_len <= offsetof(struct sockaddr_un, sun_path) || p->remote_len > sizeof(sun))
		return;
	memcpy(&sun, &p->remote, p->remote_len);
	size_t len = p->remote_len - offsetof(struct sockaddr_un, sun_path);
	memcpy(path, sun.sun_path, len);
	if (!path[0])
		path[0] = '@';
	else
		len = strlen(path);
	if (!memchr(path, '\0', len)) /* no variable can hold one */
		add(v, "IPCREMOTEPATH=%s", path);
}

static void add_unix(struct serve_variables *v, const struct peer *p, uint64_t same)
{
	add(v, "PROTO=IPC");
	if (p->who.ids_known) {
		add(v, "IPCREMOTEEUID=%" PRIu32, p->who.uid);
		add(v, "IPCREMOTEEGID=%" PRIu32, p->who.gid);
		add(v, "IPCREMOTEPID=%d", (int)p->pid);
	}
	add_path(v, p);
	add(v, "IPCCONNNUM=%" PRIu64, same);
}

void serve_program_env(
	struct serve_program *p, const struct peer *peer, uint64_t same, struct serve_variables *v)
{
	v->program = p;
	v->len = v->used = 0;
	(peer->tcp ? add_tcp : add_unix)(v, peer, same);
}

/* --- running ---------------------------------------------------------------------------------------- */

/*
 * Reaps the program if it has ended. Whoever is left of its group may still use the connection, and is then left
 * alone with it.
 */
static void look(struct server_client *c)
{
	struct serve_program *p = c->server->mode_data;
	struct job *job = c->data;
	pid_t group = job->child.pid;
	int status = 0;

	if (supervise_reap(&job->child, ipc_deadline_in(0), &status) == 0)
		return;
	if (p->ended)
		p->ended(c, status);
	server_release(c, c->fd < 0 || kill(-group, 0) == 0 ? SERVER_CLOSE : SERVER_LINGER);
}

static int on_end(struct loop_watch *w, uint32_t events)
{
	struct server_client *c = server_client_of_watch(w);

	(void)events;
	/* What comes from the client has come and was read: it waits for the end alone. (A message may be empty.) */
	if (c->server->options.type == SOCK_STREAM &&
		recv(c->fd, &(char){ 0 }, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		ipc_close(&c->fd);
	loop_unwatch(&c->server->loop, w); /* before its descriptor is closed */
	look(c);
	return 0;
}

/* Without a descriptor for it (kernels before 5.2) it is looked at now and then. */
static int on_look(struct loop_timer *t)
{
	struct server_client *c = server_client_of_timer(t);

	loop_timer(&c->server->loop, t, LOOK_INTERVAL_NS, on_look);
	look(c);
	return 0;
}

static int watch_end(struct server_client *c, struct job *job)
{
	if (job->child.pidfd >= 0)
		return loop_watch(&c->server->loop, &c->watch, job->child.pidfd, EPOLLIN, on_end);
	loop_timer(&c->server->loop, &c->timer, LOOK_INTERVAL_NS, on_look);
	return 0;
}

static int program_begin(struct server_client *c)
{
	struct serve_program *p = c->server->mode_data;
	struct supervise_options options = SUPERVISE_DEFAULTS;
	struct serve_variables v;
	AUTO_FREE struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return -ENOMEM;
	job->child = (struct supervised)SUPERVISED_NONE;
	serve_program_env(p, &c->peer, c->same, &v);
	options.fds[0] = options.fds[1] = c->fd;
	options.env = p->env;
	options.own_group = true;
	options.no_handlers = true; /* signals are events here: loop_signals() */
	int r = supervise_spawn(p->argv, &options, &job->child);
	if (r < 0)
		return r;
	c->data = job;
	r = watch_end(c, job);
	if (r < 0) /* no memory: then as without a descriptor */
		loop_timer(&c->server->loop, &c->timer, LOOK_INTERVAL_NS, on_look);
	job = NULL; /* the client owns it now */
	return 0;
}

static void program_end(struct server_client *c)
{
	struct job *job = c->data;

	ipc_close(&job->child.pidfd);
	free(job);
	c->data = NULL;
}

static int on_hurry_end(struct loop_timer *t)
{
	struct server_client *c = server_client_of_timer(t);
	const struct job *job = c->data;

	supervise_kill(&job->child, SIGKILL, true);
	if (job->child.pidfd < 0)
		loop_timer(&c->server->loop, t, LOOK_INTERVAL_NS, on_look);
	return 0;
}

/* Asks it to end; who does not is ended. */
static void program_hurry(struct server_client *c)
{
	struct job *job = c->data;

	supervise_kill(&job->child, job->hurried ? SIGKILL : SIGTERM, true);
	supervise_kill(&job->child, SIGCONT, true);
	job->hurried = true;
	loop_timer(&c->server->loop, &c->timer, HURRY_MS * NSEC_PER_MSEC, on_hurry_end);
}

const struct server_mode serve_program_mode = {
	.blocking = true,
	.begin = program_begin,
	.end = program_end,
	.hurry = program_hurry,
};
