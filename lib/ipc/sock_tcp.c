/* TCP sockets. Source: tcp(7). */
#include "ipc/holders.h"
#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/limits.h"
#include "ipc/sockaddr.h"
#include "ipc/sockdiag.h"
#include "ipc/sockfields.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define PROGRAM "ipcctl"

enum { NAME_SIZE = INET6_ADDRSTRLEN + sizeof("[]:65535") };

/* --- addresses --- */

static const void *address_of(const struct sockaddr_storage *sa, size_t *ret_len, uint16_t *ret_port)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

	*ret_port = ntohs(sa->ss_family == AF_INET ? in->sin_port : in6->sin6_port);
	*ret_len = sa->ss_family == AF_INET ? sizeof(in->sin_addr) : sizeof(in6->sin6_addr);
	return sa->ss_family == AF_INET ? (const void *)&in->sin_addr : &in6->sin6_addr;
}

/* NAME of a selector without its "tcp:". */
static void format_name(const struct sockaddr_storage *sa, char name[static NAME_SIZE])
{
	char text[INET6_ADDRSTRLEN] = "?";
	uint16_t port;
	size_t len;
	const void *address = address_of(sa, &len, &port);

	inet_ntop(sa->ss_family, address, text, sizeof(text));
	snprintf(name, NAME_SIZE, sa->ss_family == AF_INET ? "%s:%u" : "[%s]:%u", text, port);
}

/* How well one that listens answers to an address: 0 not, 1 because it takes every address, 2 exactly. */
static int answers_to(const struct sockdiag_tcp *s, const struct sockaddr_storage *wanted)
{
	static const struct in6_addr any = { 0 };
	size_t len, wanted_len;
	uint16_t port, wanted_port;
	const void *own = address_of(&s->local, &len, &port);
	const void *address = address_of(wanted, &wanted_len, &wanted_port);

	if (!s->listens || port != wanted_port)
		return 0;
	if (len == wanted_len && memcmp(own, address, len) == 0)
		return 2;
	return memcmp(own, &any, len) == 0 && (len == wanted_len || s->any_family);
}

/* --- which there are --- */

static bool is_ipcctl(pid_t pid)
{
	AUTO_FREE char *name = NULL;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	return ipc_read_file(AT_FDCWD, path, 64, &name, NULL) == 0 && strcmp(name, PROGRAM "\n") == 0;
}

static bool is_ours(const struct holders *h, const struct sockdiag_tcp *s)
{
	size_t len;
	const struct holders_entry *e = holders_find(h, HELD_SOCKET, 0, s->ino, &len);

	for (size_t i = 0; s->ino && i < len; i++)
		if (is_ipcctl(e[i].pid))
			return true;
	return false;
}

/* Whether another that listens at the same address (SO_REUSEPORT) stands before it. */
static bool is_listed(const struct sockdiag *d, size_t n, const struct holders *h)
{
	for (size_t i = 0; i < n; i++)
		if (answers_to(&d->tcps[i], &d->tcps[n].local) == 2 && is_ours(h, &d->tcps[i]))
			return true;
	return false;
}

static int tcp_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	const struct sockdiag *d;
	const struct holders *h = NULL;
	int r = sockdiag_tcp_all(ctx, &d);

	for (size_t i = 0; r >= 0 && i < d->tcps_len; i++) {
		const struct sockdiag_tcp *s = &d->tcps[i];
		char name[NAME_SIZE];
		struct ipc_selector sel = { .kind = kind, .form = FORM_INO, .number = (int64_t)s->ino };
		if (!s->listens && !ctx->all)
			continue;
		if (!h)
			r = holders_get(ctx, HOLDERS_SOCKETS, &h);
		if (r < 0 || !is_ours(h, s) || (s->listens && is_listed(d, i, h)))
			continue;
		if (s->listens) {
			format_name(&s->local, name);
			sel = (struct ipc_selector){
				.kind = kind, .form = FORM_TCP, .name = name, .name_len = strlen(name)
			};
		}
		r = fn(&sel, arg);
	}
	return r;
}

/* --- one of them --- */

static int find_listener(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct sockdiag *d,
	const struct sockdiag_tcp **ret)
{
	AUTO_ADDRESSES struct sock_addresses addresses = ADDRESSES_NONE;
	struct ipc_selector_error error = { 0 };
	int r = sock_address_resolve(ctx, sel, &addresses, &error), best = 0;

	if (r == -EADDRNOTAVAIL)
		return -ENOENT; /* a host that nobody knows has no sockets */
	for (size_t i = 0; r == 0 && i < addresses.len; i++)
		for (size_t k = 0; k < d->tcps_len; k++) {
			int quality = answers_to(&d->tcps[k], &addresses.v[i].sa);
			if (quality <= best || (quality < 2 && !sock_address_is_local(&addresses.v[i])))
				continue;
			best = quality;
			*ret = &d->tcps[k];
		}
	return r < 0 ? r : best ? 0 : -ENOENT;
}

static const struct sockdiag_tcp *find_inode(const struct sockdiag *d, ino_t ino)
{
	for (size_t i = 0; ino && i < d->tcps_len; i++)
		if (d->tcps[i].ino == ino)
			return &d->tcps[i];
	return NULL;
}

static int select_shown(const struct ipc_kind *kind, const struct sockdiag_tcp *s, struct ipc_object *ret)
{
	char name[NAME_SIZE];
	struct ipc_selector sel = { .kind = kind, .form = FORM_INO, .number = (int64_t)s->ino };

	if (s->listens) {
		format_name(&s->local, name);
		sel = (struct ipc_selector){
			.kind = kind, .form = FORM_TCP, .name = name, .name_len = strlen(name)
		};
	}
	return ipc_selector_copy(&ret->selector, &sel);
}

static int set_peer(const struct sockdiag_tcp *s, struct ipc_object *o)
{
	char name[NAME_SIZE];
	const struct ipc_selector peer = { .kind = o->selector.kind, .form = FORM_TCP, .name = name };

	if (s->listens)
		return 0;
	format_name(&s->peer, name);
	struct ipc_selector whole = peer;
	whole.name_len = strlen(name);
	AUTO_FREE char *text = ipc_selector_format(&whole);
	return text ? ipc_object_set_text(o, SOCKFIELD_PEER, text) : -ENOMEM;
}

static int tcp_stat(
	struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret)
{
	const struct sockdiag_tcp *s = NULL;
	const struct sockdiag *d;
	struct ipc_selector inode;
	int r = sockdiag_tcp_all(ctx, &d);

	if (r == -EOPNOTSUPP && sel->form != FORM_TCP)
		return -ENOENT; /* it may be the number of another kind of socket */
	if (r < 0)
		return r;
	if (sel->form == FORM_TCP)
		r = find_listener(ctx, sel, d, &s);
	else
		r = sockfields_inode(ctx, sel, &inode);
	if (r == 0 && sel->form != FORM_TCP)
		s = find_inode(d, (ino_t)inode.number);
	if (r < 0 || !s)
		return r < 0 ? r : -ENOENT;
	r = select_shown(sel->kind, s, ret);
	if (r == 0)
		r = sockfields_set_type(ret, SOCK_STREAM);
	if (r == 0)
		r = set_peer(s, ret);
	ret->ino = s->ino;
	ipc_object_set(ret, FIELD_UID, s->uid);
	sockfields_set_queues(ret, s->listens, s->received, s->sent);
	if (s->counted) {
		ipc_object_set_extra(ret, SOCKFIELD_BYTES_RECEIVED, (int64_t)s->bytes_received);
		ipc_object_set_extra(ret, SOCKFIELD_BYTES_SENT, (int64_t)s->bytes_sent);
	}
	return r == 0 && want & WANT_HOLDERS ? sockfields_set_holders(ctx, ret, s->ino, s->listens) : r;
}

static ino_t find_server(const struct sockdiag *d, const struct sockdiag_tcp *s)
{
	const struct sockdiag_tcp *server = NULL;
	int best = 0;

	for (size_t i = 0; !s->listens && i < d->tcps_len; i++) {
		int quality = answers_to(&d->tcps[i], &s->local);
		if (quality > best)
			server = &d->tcps[i];
		best = quality > best ? quality : best;
	}
	return server ? server->ino : 0;
}

static int tcp_links(struct ipc_ctx *ctx, const struct ipc_object *o, struct ipc_links *ret)
{
	const struct sockdiag *d;
	ino_t peer = 0;
	uid_t uid;
	int r = sockdiag_tcp_all(ctx, &d);
	const struct sockdiag_tcp *s = r < 0 ? NULL : find_inode(d, o->ino);

	if (!s)
		return r < 0 ? r : -ENOENT;
	if (!s->listens && sockdiag_tcp_owner(&s->peer, &s->local, &uid, &peer) < 0)
		peer = 0;
	*ret = (struct ipc_links){
		.self = s->ino, .peer = peer, .server = find_server(d, s), .listens = s->listens
	};
	return 0;
}

static void tcp_facts(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret)
{
	(void)ctx, (void)object;
	ret->held =
		ipc_fact_of(ANSWER_YES, "a socket without a file is there as long as somebody has it open");
}

static const struct ipc_hint hints[] = {
	{ EMFILE, "no descriptor is left to this process: raise its limit with 'ulimit -n N'", NULL,
		"socket socketpair accept accept4", BIT(LIMIT_NOFILE) },
	{ ENFILE, "the whole machine has too many files open: sysctl fs.file-max=N", NULL,
		"socket socketpair accept accept4", BIT(LIMIT_FILE_MAX) },
	{ ETIMEDOUT, "nobody answers there, or the server's backlog is full", ipc_hint_never, "connect",
		BIT(LIMIT_BACKLOG) },
	{ EOPNOTSUPP, "a TCP socket goes when the last process closes it" },
	{ EACCES,
		"ports below net.ipv4.ip_unprivileged_port_start (1024, unless it was changed) take "
		"CAP_NET_BIND_SERVICE" },
	{ 0 },
};

static const struct ipc_kind_ops ops = {
	.list = tcp_list, .stat = tcp_stat, .facts = tcp_facts, .links = tcp_links
};

const struct ipc_kind ipc_kind_sock_tcp = {
	.class = "sock",
	.api = "posix",
	.label = "TCP socket",
	.noun = "socket",
	.forms = BIT(FORM_TCP) | BIT(FORM_INO),
	.list_sources = HOLDERS_SOCKETS,
	.holder_sources = HOLDERS_SOCKETS,
	.fields = sockfields,
	.hints = hints,
	.ops = &ops,
};
