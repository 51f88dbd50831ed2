#include "ipc/sockdiag.h"

#include "ipc/io.h"
#include "ipc/sockdiag_parse.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A list that changes while it is read is asked for again, but not for ever. */
enum { BUFFER_SIZE = 64 << 10, TRIES = 8 };

/* --- questions --- */

struct question {
	struct nlmsghdr header;
	union {
		struct unix_diag_req un;
		struct inet_diag_req_v2 inet;
	} about;
};

static int ask(int fd, const void *question, size_t len)
{
	struct question q = { .header = { .nlmsg_len = (uint32_t)len } };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	memcpy(&q, question, len);
	q.header.nlmsg_len = (uint32_t)len;
	q.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	q.header.nlmsg_flags |= NLM_F_REQUEST;
	ssize_t n = sendto(fd, &q, len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	return n < 0 ? -errno : 0;
}

/* What the kernel says, and nobody else who knows our port. */
static ssize_t receive(int fd, void *buf, size_t size)
{
	struct sockaddr_nl from;

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, size, MSG_TRUNC, (struct sockaddr *)&from, &len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (len == sizeof(from) && from.nl_pid == 0)
			return (size_t)n > size ? -EBADMSG : n;
	}
}

/* Asks one question, and has fn called for what is answered. Returns 0 or -errno. */
static int inquire(const void *question, size_t len, sockdiag_message_fn *fn, void *arg)
{
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	AUTO_FREE char *buf = malloc(BUFFER_SIZE);

	if (fd < 0)
		return -errno;
	if (!buf)
		return -ENOMEM;
	int r = ask(fd, question, len);
	for (r = r < 0 ? r : 1; r > 0;) {
		ssize_t n = receive(fd, buf, BUFFER_SIZE);
		r = n < 0 ? (int)n : n == 0 ? -EBADMSG : sockdiag_read(buf, (size_t)n, fn, arg);
	}
	return r;
}

/* --- lists --- */

struct unix_question {
	struct nlmsghdr header;
	struct unix_diag_req about;
};

static const struct unix_question all_unix = {
	.header = { .nlmsg_flags = NLM_F_DUMP },
	.about = { .sdiag_family = AF_UNIX,
		.udiag_states = UINT32_MAX,
		.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN |
			UDIAG_SHOW_UID },
};

struct tcp_question {
	struct nlmsghdr header;
	struct inet_diag_req_v2 about;
};

static const unsigned char tcp_families[] = { AF_INET, AF_INET6 };

static struct tcp_question all_tcp(unsigned char family, uint32_t states)
{
	return (struct tcp_question){
		.header = { .nlmsg_flags = NLM_F_DUMP },
		.about = { .sdiag_family = family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = 1 << (INET_DIAG_INFO - 1),
			.idiag_states = states },
	};
}

/* What is being gathered, or looked through. */
struct list {
	size_t size; /* of an element */
	void *v;     /* owned */
	size_t len, room;
	size_t from; /* where the present answer begins */
};

static void *list_add(struct list *l)
{
	if (l->len == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		void *v = reallocarray(l->v, room, l->size);
		if (!v)
			return NULL;
		l->v = v;
		l->room = room;
	}
	return (char *)l->v + l->len++ * l->size;
}

static int add_unix(const void *payload, size_t len, void *arg)
{
	struct sockdiag_unix *s = list_add(arg);

	return s ? sockdiag_read_unix(payload, len, s) : -ENOMEM;
}

static int add_tcp(const void *payload, size_t len, void *arg)
{
	struct sockdiag_tcp *s = list_add(arg);

	return s ? sockdiag_read_tcp(payload, len, s) : -ENOMEM;
}

/* Adds what is listed, and asks again while that changes. */
static int gather(const void *question, size_t len, sockdiag_message_fn *fn, struct list *l)
{
	int r = -EINTR;

	l->from = l->len;
	for (int i = 0; r == -EINTR && i < TRIES; i++) {
		l->len = l->from;
		r = inquire(question, len, fn, l);
	}
	return r == -ENOENT ? -EOPNOTSUPP : r; /* no module for it */
}

static int gather_unix(struct list *l)
{
	*l = (struct list){ .size = sizeof(struct sockdiag_unix) };
	return gather(&all_unix, sizeof(all_unix), add_unix, l);
}

static int gather_tcp(uint32_t states, struct list *l)
{
	int r = 0;

	*l = (struct list){ .size = sizeof(struct sockdiag_tcp) };
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(tcp_families); i++) {
		struct tcp_question question = all_tcp(tcp_families[i], states);
		r = gather(&question, sizeof(question), add_tcp, l);
		if (r == -EOPNOTSUPP && i > 0)
			r = 0; /* a kernel without IPv6 */
	}
	return r;
}

int sockdiag_unix_each(int (*fn)(const struct sockdiag_unix *s, void *arg), void *arg)
{
	struct list l;
	int r = gather_unix(&l);
	AUTO_FREE struct sockdiag_unix *all = l.v;

	for (size_t i = 0; r == 0 && i < l.len; i++)
		r = fn(&all[i], arg);
	return r;
}

int sockdiag_tcp_listeners(int (*fn)(const struct sockdiag_tcp *s, void *arg), void *arg)
{
	struct list l;
	int r = gather_tcp(1u << TCP_LISTEN, &l);
	AUTO_FREE struct sockdiag_tcp *all = l.v;

	for (size_t i = 0; r == 0 && i < l.len; i++)
		r = fn(&all[i], arg);
	return r;
}

/* --- what a context keeps --- */

static int by_ino(const void *a, const void *b)
{
	const struct sockdiag_unix *x = a, *y = b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

static int by_file(const void *a, const void *b)
{
	const struct sockdiag_unix *const *x = a, *const *y = b;

	return ((*x)->file_ino > (*y)->file_ino) - ((*x)->file_ino < (*y)->file_ino);
}

bool sockdiag_is_abstract(const struct sockdiag_unix *s)
{
	return s->name_len > 0 && s->name[0] == '\0';
}

static int by_name(const void *a, const void *b)
{
	const struct sockdiag_unix *const *x = a, *const *y = b;
	size_t len = (*x)->name_len < (*y)->name_len ? (*x)->name_len : (*y)->name_len;
	int r = memcmp((*x)->name, (*y)->name, len);

	return r ? r : ((*x)->name_len > (*y)->name_len) - ((*x)->name_len < (*y)->name_len);
}

bool sockdiag_is_bound(const struct sockdiag_unix *s)
{
	return (s->bound_file || s->name_len > 0) && (s->type == SOCK_DGRAM || !s->connected);
}

/* What has a name that others look for: by the number of its file, or by the abstract name. */
static int index_names(struct sockdiag *d)
{
	d->files = calloc(d->unixes_len + 1, sizeof(const struct sockdiag_unix *));
	d->abstracts = calloc(d->unixes_len + 1, sizeof(const struct sockdiag_unix *));
	if (!d->files || !d->abstracts)
		return -ENOMEM;
	for (size_t i = 0; i < d->unixes_len; i++) {
		const struct sockdiag_unix *s = &d->unixes[i];
		if (s->bound_file)
			d->files[d->files_len++] = s;
		if (sockdiag_is_abstract(s) && sockdiag_is_bound(s))
			d->abstracts[d->abstracts_len++] = s;
	}
	qsort(d->files, d->files_len, sizeof(const struct sockdiag_unix *), by_file);
	qsort(d->abstracts, d->abstracts_len, sizeof(const struct sockdiag_unix *), by_name);
	return 0;
}

static int get(struct ipc_ctx *ctx)
{
	if (!ctx->sockdiag)
		ctx->sockdiag = calloc(1, sizeof(*ctx->sockdiag));
	return ctx->sockdiag ? 0 : -ENOMEM;
}

int sockdiag_unix_all(struct ipc_ctx *ctx, const struct sockdiag **ret)
{
	struct list l;
	int r = get(ctx);

	if (r == 0 && !ctx->sockdiag->has_unix) {
		r = gather_unix(&l);
		if (r < 0) {
			free(l.v);
			return r;
		}
		if (l.len > 0)
			qsort(l.v, l.len, l.size, by_ino);
		ctx->sockdiag->unixes = l.v;
		ctx->sockdiag->unixes_len = l.len;
		r = index_names(ctx->sockdiag);
		ctx->sockdiag->has_unix = r == 0;
	}
	if (r == 0)
		*ret = ctx->sockdiag;
	return r;
}

int sockdiag_tcp_all(struct ipc_ctx *ctx, const struct sockdiag **ret)
{
	struct list l;
	int r = get(ctx);

	if (r == 0 && !ctx->sockdiag->has_tcp) {
		r = gather_tcp(UINT32_MAX, &l);
		if (r < 0) {
			free(l.v);
			return r;
		}
		ctx->sockdiag->tcps = l.v;
		ctx->sockdiag->tcps_len = l.len;
		ctx->sockdiag->has_tcp = true;
	}
	if (r == 0)
		*ret = ctx->sockdiag;
	return r;
}

void sockdiag_forget(struct ipc_ctx *ctx)
{
	if (ctx->sockdiag) {
		free(ctx->sockdiag->unixes);
		free(ctx->sockdiag->files);
		free(ctx->sockdiag->abstracts);
		free(ctx->sockdiag->tcps);
	}
	free(ctx->sockdiag);
	ctx->sockdiag = NULL;
}

const struct sockdiag_unix *sockdiag_unix_find(const struct sockdiag *d, ino_t ino)
{
	const struct sockdiag_unix key = { .ino = ino };

	return d->unixes_len > 0 ? bsearch(&key, d->unixes, d->unixes_len, sizeof(key), by_ino) : NULL;
}

/* The device of a file is not always that of its file system: btrfs has one for each subvolume. */
static bool may_be_device(dev_t of_file_system, dev_t of_file)
{
	return of_file_system == of_file || (major(of_file_system) == 0 && major(of_file) == 0);
}

bool sockdiag_is_file(const struct sockdiag_unix *s, dev_t dev, ino_t ino)
{
	return s->bound_file && s->file_ino == (uint32_t)ino && may_be_device(s->dev, dev);
}

const struct sockdiag_unix *sockdiag_unix_of_file(const struct sockdiag *d, dev_t dev, ino_t ino)
{
	const struct sockdiag_unix key = { .file_ino = (uint32_t)ino }, *p = &key, *found = NULL;
	const struct sockdiag_unix *const *at =
		d->files_len > 0 ? bsearch(&p, d->files, d->files_len, sizeof(p), by_file) : NULL;

	if (!at)
		return NULL;
	while (at > (const struct sockdiag_unix *const *)d->files && by_file(at - 1, &p) == 0)
		at--;
	for (; at < (const struct sockdiag_unix *const *)d->files + d->files_len && by_file(at, &p) == 0;
		at++) {
		if (!sockdiag_is_bound(*at) || !sockdiag_is_file(*at, dev, ino))
			continue;
		if ((*at)->dev == dev)
			return *at;
		found = *at;
	}
	return found;
}

const struct sockdiag_unix *sockdiag_unix_of_name(const struct sockdiag *d, const void *name, size_t len)
{
	struct sockdiag_unix key = { .name_len = len + 1 };
	const struct sockdiag_unix *p = &key, *found = NULL;
	size_t from = 0, to = d->abstracts_len;

	if (len >= SOCKDIAG_NAME_MAX)
		return NULL;
	if (len > 0)
		memcpy(key.name + 1, name, len);
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (by_name(&d->abstracts[middle], &p) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < d->abstracts_len && by_name(&d->abstracts[from], &p) == 0; from++)
		if (!found || d->abstracts[from]->listens)
			found = d->abstracts[from];
	return found;
}

/* --- one connection --- */

/* An address as sock_diag has it: IPv4 also where it came mapped into IPv6. Returns its family, or 0. */
static int take_apart(const struct sockaddr_storage *sa, uint32_t words[4], uint16_t *port)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

	memset(words, 0, 4 * sizeof(*words));
	if (sa->ss_family == AF_INET) {
		*port = in->sin_port;
		memcpy(words, &in->sin_addr, sizeof(in->sin_addr));
		return AF_INET;
	}
	if (sa->ss_family != AF_INET6)
		return 0;
	*port = in6->sin6_port;
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		memcpy(words, in6->sin6_addr.s6_addr + 12, sizeof(*words));
		return AF_INET;
	}
	memcpy(words, &in6->sin6_addr, sizeof(in6->sin6_addr));
	return AF_INET6;
}

static bool same_end(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	uint32_t x[4], y[4];
	uint16_t port_x = 0, port_y = 0;

	return take_apart(a, x, &port_x) == take_apart(b, y, &port_y) && port_x == port_y &&
		memcmp(x, y, sizeof(x)) == 0;
}

static int take_tcp(const void *payload, size_t len, void *arg)
{
	return sockdiag_read_tcp(payload, len, arg);
}

int sockdiag_tcp_owner(const struct sockaddr_storage *local, const struct sockaddr_storage *peer,
	uid_t *ret_uid, ino_t *ret_ino)
{
	struct tcp_question question = { .about = {
						 .sdiag_protocol = IPPROTO_TCP,
						 .idiag_states = UINT32_MAX,
						 .id.idiag_cookie = { INET_DIAG_NOCOOKIE,
							 INET_DIAG_NOCOOKIE },
					 } };
	struct inet_diag_sockid *id = &question.about.id;
	struct sockdiag_tcp found = { 0 };
	uint16_t port = 0, peer_port = 0;
	uint32_t scope = 0;
	int family = take_apart(local, id->idiag_src, &port);

	if (!family || take_apart(peer, id->idiag_dst, &peer_port) != family)
		return -EAFNOSUPPORT;
	if (family == AF_INET6) /* of a link-local address: which link */
		scope = ((const struct sockaddr_in6 *)peer)->sin6_scope_id;
	id->idiag_sport = port;
	id->idiag_dport = peer_port;
	id->idiag_if = scope;
	question.about.sdiag_family = (uint8_t)family;
	int r = inquire(&question, sizeof(question), take_tcp, &found);
	if (r < 0)
		return r;
	/* Where there is no such connection the kernel answers with one that listens on that port. */
	if (found.listens || !same_end(&found.local, local) || !same_end(&found.peer, peer))
		return -ENOENT;
	*ret_uid = found.uid;
	*ret_ino = found.ino;
	return 0;
}
