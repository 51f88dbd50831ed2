#include "ipc/sockaddr.h"

#include "ipc/io.h"
#include "ipc/selector_impl.h"
#include "ipc/utf8.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

enum { PORT_MAX = 65535, PATH_ROOM = sizeof(((struct sockaddr_un *)NULL)->sun_path) };

static int add(struct sock_addresses *a, struct sock_address address)
{
	struct sock_address *larger = realloc(a->v, (a->len + 1) * sizeof(*a->v));

	if (!larger)
		return -ENOMEM;
	a->v = larger;
	a->v[a->len++] = address;
	return 0;
}

/* --- Unix sockets --------------------------------------------------------------------------------- */

int sock_address_at(int dirfd, const char *base, struct sockaddr_storage *ret, socklen_t *ret_len)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char dir[FD_PATH_SIZE];

	ipc_fd_path(dirfd, dir);
	int n = snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/%s", dir, base);
	if (n < 0 || (size_t)n >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memset(ret, 0, sizeof(*ret));
	memcpy(ret, &sun, sizeof(sun));
	*ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n + 1);
	return 0;
}

/*
 * A file may be called "localhost:7000", but who writes that mostly means a host and a port, and would get
 * a file; the same for the addresses of other programs. A file of this name is "./localhost:7000".
 */
static int refuse_likely_slip(const char *name, struct ipc_selector_error *error)
{
	const char *colon = strrchr(name, ':'), *first = strchr(name, ':');
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

	if (!colon || *name == '/' || *name == '.')
		return 0;
	if (strncasecmp(name, "unix", 4) == 0 && !memchr(name, '/', (size_t)(first - name)))
		return ipc_selector_refuse(error, 0,
			"a Unix socket is named by its path alone, '%.80s', and a file of this name by "
			"'./%.80s'",
			first + 1, name);
	if (digits > 0 && !colon[1 + digits] && !strchr(name, '/'))
		return ipc_selector_refuse(error, 0,
			"a host and its port are written tcp:HOST:PORT, and a file of this name './%.80s'",
			name);
	return 0;
}

static int resolve_path(
	const struct ipc_selector *sel, struct sock_addresses *ret, struct ipc_selector_error *error)
{
	const char *slash = strrchr(sel->name, '/'), *base = slash ? slash + 1 : sel->name;
	AUTO_FREE char *dir = !slash ? strdup(".")
		: slash == sel->name ? strdup("/")
				     : strndup(sel->name, (size_t)(slash - sel->name));
	struct sock_address address = { .dirfd = -1 };

	if (!dir)
		return -ENOMEM;
	if (refuse_likely_slip(sel->name, error) < 0)
		return -EINVAL;
	if (!*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
		return ipc_selector_refuse(error, (size_t)(base - sel->name),
			"'%.80s' is the path of a directory, and a socket's ends in its name", sel->name);
	if (strlen(base) > NAME_MAX)
		return -ENAMETOOLONG;
	AUTO_CLOSE int dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return -errno;
	AUTO_FREE char *copy = strdup(base);
	if (!copy)
		return -ENOMEM;
	if (sock_address_at(dirfd, base, &address.sa, &address.len) < 0)
		address.sa.ss_family = AF_UNIX; /* and len stays 0 */
	address.dirfd = dirfd;
	address.base = copy;
	int r = add(ret, address);
	if (r == 0) {
		dirfd = -1;  /* ret owns it now, */
		copy = NULL; /* and this */
	}
	return r;
}

static int resolve_abstract(
	const struct ipc_selector *sel, struct sock_addresses *ret, struct ipc_selector_error *error)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct sock_address address = { .dirfd = -1 };

	if (sel->name_len == 0)
		return ipc_selector_refuse(error, 1, "an abstract name has at least one byte behind its @");
	if (sel->name_len > sizeof(sun.sun_path) - 1)
		return -ENAMETOOLONG;
	memcpy(sun.sun_path + 1, sel->name, sel->name_len);
	memcpy(&address.sa, &sun, sizeof(sun));
	address.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + sel->name_len);
	return add(ret, address);
}

/* --- TCP ------------------------------------------------------------------------------------------ */

/* HOST:PORT in its parts; offsets are those in the NAME, "tcp:HOST:PORT". */
struct endpoint {
	char *host; /* without brackets */
	const char *port;
	size_t host_at, port_at;
	bool brackets;
	uint16_t port_number;
	struct ipc_selector_error *error;
};

static int split_endpoint(char *text, struct endpoint *e)
{
	char *colon = strrchr(text, ':');

	e->host_at = strlen("tcp:");
	e->brackets = *text == '[';
	e->host = text + e->brackets;
	if (e->brackets) {
		char *end = strchr(text, ']');
		if (!end)
			return ipc_selector_refuse(
				e->error, e->host_at, "'%.80s' has no ']' for its '['", text);
		if (end[1] != ':')
			return ipc_selector_refuse(e->error, e->host_at + (size_t)(end + 1 - text),
				"behind '%.*s' there must be ':PORT', not '%.40s'", (int)(end + 1 - text),
				text, end + 1);
		*end = '\0';
		colon = end + 1;
	}
	if (!colon)
		return ipc_selector_refuse(
			e->error, e->host_at + strlen(text), "'%.80s' has no ':PORT' behind the host", text);
	*colon = '\0';
	e->port = colon + 1;
	e->port_at = e->host_at + (size_t)(e->port - text);
	if (!e->brackets && strchr(text, ':'))
		return ipc_selector_refuse(e->error, e->host_at,
			"'%.60s' has colons, and an IPv6 address stands in brackets: tcp:[::1]:%.10s", text,
			e->port);
	return 0;
}

static int parse_port(struct endpoint *e)
{
	unsigned long n = 0;
	const char *p = e->port;

	if (!*p)
		return ipc_selector_refuse(e->error, e->port_at, "there is no port behind the last ':'");
	for (; *p >= '0' && *p <= '9' && n <= PORT_MAX; p++)
		n = n * 10 + (unsigned long)(*p - '0');
	if (*p || n > PORT_MAX)
		return ipc_selector_refuse(
			e->error, e->port_at, "'%.40s' is not a port: a number up to 65535", e->port);
	e->port_number = (uint16_t)n;
	return 0;
}

/* An address that the host's name has twice is one: nobody can listen at it twice. */
static int add_once(struct sock_addresses *a, const struct sock_address *address)
{
	for (size_t i = 0; i < a->len; i++)
		if (a->v[i].len == address->len && memcmp(&a->v[i].sa, &address->sa, address->len) == 0)
			return 0;
	return add(a, *address);
}

static int add_ipv4(const struct endpoint *e, struct in_addr addr, struct sock_addresses *ret)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(e->port_number), .sin_addr = addr
	};
	struct sock_address address = { .dirfd = -1, .len = sizeof(sin) };

	memcpy(&address.sa, &sin, sizeof(sin));
	return add_once(ret, &address);
}

static int add_ipv6(
	const struct endpoint *e, const struct in6_addr *addr, uint32_t scope, struct sock_addresses *ret)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(e->port_number),
		.sin6_addr = *addr,
		.sin6_scope_id = scope };
	struct sock_address address = { .dirfd = -1, .len = sizeof(sin6) };

	memcpy(&address.sa, &sin6, sizeof(sin6));
	return add_once(ret, &address);
}

/* What stands in brackets: an address, with "%INTERFACE" for a link-local one. */
static int resolve_ipv6(struct endpoint *e, struct sock_addresses *ret)
{
	struct in6_addr addr;
	char *percent = strchr(e->host, '%');
	uint32_t scope = 0;

	if (percent) {
		*percent = '\0';
		scope = if_nametoindex(percent + 1);
		if (scope == 0)
			return ipc_selector_refuse(e->error, e->host_at + 1 + (size_t)(percent + 1 - e->host),
				"'%.40s' is no network interface", percent + 1);
	}
	if (inet_pton(AF_INET6, e->host, &addr) != 1)
		return ipc_selector_refuse(
			e->error, e->host_at + 1, "'%.60s' is not an IPv6 address", e->host);
	return add_ipv6(e, &addr, scope, ret);
}

static int unknown_host(const struct endpoint *e, int code)
{
	ipc_selector_refuse(
		e->error, e->host_at, "cannot find the host '%.60s': %.80s", e->host, gai_strerror(code));
	return code == EAI_MEMORY ? -ENOMEM : -EADDRNOTAVAIL;
}

static int resolve_host(const struct endpoint *e, struct sock_addresses *ret)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	int code = getaddrinfo(e->host, NULL, &hints, &list), r = 0;

	if (code != 0)
		return unknown_host(e, code);
	for (const struct addrinfo *ai = list; r == 0 && ai; ai = ai->ai_next) {
		if (ai->ai_family == AF_INET) {
			struct sockaddr_in sin;
			memcpy(&sin, ai->ai_addr, sizeof(sin));
			r = add_ipv4(e, sin.sin_addr, ret);
		} else if (ai->ai_family == AF_INET6) {
			struct sockaddr_in6 sin6;
			memcpy(&sin6, ai->ai_addr, sizeof(sin6));
			r = add_ipv6(e, &sin6.sin6_addr, sin6.sin6_scope_id, ret);
		}
	}
	freeaddrinfo(list);
	return r < 0 || ret->len > 0 ? r : unknown_host(e, EAI_NONAME);
}

static int resolve_tcp(
	const struct ipc_selector *sel, struct sock_addresses *ret, struct ipc_selector_error *error)
{
	AUTO_FREE char *text = strdup(sel->name);
	struct endpoint e = { .error = error };
	struct in_addr addr;

	if (!text)
		return -ENOMEM;
	if (strlen(text) != sel->name_len)
		return ipc_selector_refuse(error, strlen("tcp:") + strlen(text), "a NUL byte in the address");
	int r = split_endpoint(text, &e);
	if (r == 0)
		r = parse_port(&e);
	if (r < 0)
		return r;
	if (e.brackets)
		return resolve_ipv6(&e, ret);
	if (!*e.host)
		return ipc_selector_refuse(error, e.host_at,
			"there is no host before ':%.10s'; every address of this machine is 0.0.0.0 or [::]",
			e.port);
	if (inet_pton(AF_INET, e.host, &addr) == 1)
		return add_ipv4(&e, addr, ret);
	if (e.host[strspn(e.host, "0123456789.")] == '\0') /* getaddrinfo(3) would make something of it */
		return ipc_selector_refuse(error, e.host_at, "'%.60s' is not an IPv4 address", e.host);
	return resolve_host(&e, ret);
}

/* --- sockets that were handed over ---------------------------------------------------------------- */

static int take_socket(int64_t number, struct sock_addresses *ret)
{
	int type;
	socklen_t len = sizeof(type);

	if (number > INT_MAX)
		return -EBADF;
	if (getsockopt((int)number, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return -errno;
	ret->fd = (int)number;
	return 0;
}

static int resolve_handed(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct sock_addresses *ret,
	struct ipc_selector_error *error)
{
	int fd = ctx->handed ? ctx->handed(ctx, sel->name) : -ENOENT;

	if (fd == -ENOENT)
		ipc_selector_refuse(error, strlen("systemd:"),
			"no socket '%.80s' was handed over in LISTEN_FDS and LISTEN_FDNAMES", sel->name);
	return fd < 0 ? fd : take_socket(fd, ret);
}

static int resolve(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct sock_addresses *ret,
	struct ipc_selector_error *error)
{
	switch (sel->form) {
	case FORM_PATH:
		return resolve_path(sel, ret, error);
	case FORM_ABSTRACT:
		return resolve_abstract(sel, ret, error);
	case FORM_TCP:
		return resolve_tcp(sel, ret, error);
	case FORM_FD:
		return take_socket(sel->number, ret);
	case FORM_SYSTEMD:
		return resolve_handed(ctx, sel, ret, error);
	default:
		return ipc_selector_refuse(
			error, 0, "a socket without an address of its own can't be reached");
	}
}

int sock_address_resolve(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct sock_addresses *ret,
	struct ipc_selector_error *error)
{
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	int r;

	error->why[0] = '\0';
	r = resolve(ctx, sel, &all, error);
	if (r < 0)
		return r;
	*ret = all;
	all = (struct sock_addresses)ADDRESSES_NONE; /* the caller owns it now */
	return 0;
}

void sock_addresses_clear(struct sock_addresses *a)
{
	for (size_t i = 0; i < a->len; i++) {
		ipc_close(&a->v[i].dirfd);
		free(a->v[i].base);
	}
	free(a->v);
	*a = (struct sock_addresses)ADDRESSES_NONE;
}

/* --- back to text --------------------------------------------------------------------------------- */

static char *unix_text(const struct sockaddr_un *sun, socklen_t len)
{
	size_t n = len - offsetof(struct sockaddr_un, sun_path);
	char raw[PATH_ROOM];

	if (sun->sun_path[0]) /* the kernel counts the NUL of a path, unless it fills all of sun_path */
		return ipc_escape_dup(sun->sun_path, strnlen(sun->sun_path, n), ESCAPE_GLOB);
	memcpy(raw, sun->sun_path, n);
	raw[0] = '@';
	return ipc_escape_dup(raw, n, ESCAPE_GLOB);
}

static char *tcp_text(int family, const void *addr, uint16_t port, uint32_t scope)
{
	char host[INET6_ADDRSTRLEN] = "", interface[IF_NAMESIZE + 1] = "";
	char *text = NULL;
	int n;

	inet_ntop(family, addr, host, sizeof(host));
	if (scope != 0 && if_indextoname(scope, interface + 1))
		interface[0] = '%';
	if (family == AF_INET6)
		n = asprintf(&text, "tcp:[%s%s]:%u", host, interface, port);
	else
		n = asprintf(&text, "tcp:%s:%u", host, port);
	return n < 0 ? NULL : text;
}

char *sock_address_text(const struct sockaddr_storage *sa, socklen_t len)
{
	struct sockaddr_un sun;
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (sa->ss_family == AF_UNIX && len > offsetof(struct sockaddr_un, sun_path) && len <= sizeof(sun)) {
		memcpy(&sun, sa, sizeof(sun));
		return unix_text(&sun, len);
	}
	if (sa->ss_family == AF_INET && len >= sizeof(sin)) {
		memcpy(&sin, sa, sizeof(sin));
		return tcp_text(AF_INET, &sin.sin_addr, ntohs(sin.sin_port), 0);
	}
	if (sa->ss_family != AF_INET6 || len < sizeof(sin6))
		return NULL;
	memcpy(&sin6, sa, sizeof(sin6));
	if (IN6_IS_ADDR_V4MAPPED(&sin6.sin6_addr)) /* a client of IPv4 at a socket that takes both */
		return tcp_text(AF_INET, &sin6.sin6_addr.s6_addr[12], ntohs(sin6.sin6_port), 0);
	return tcp_text(AF_INET6, &sin6.sin6_addr, ntohs(sin6.sin6_port), sin6.sin6_scope_id);
}
