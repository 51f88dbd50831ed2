#include "ipc/sockdiag.h"

#include "ipc/io.h"
#include "ipc/sockdiag_parse.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

static ino_t ino_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static int bound(int type, const char *name, size_t len)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	memcpy(un.sun_path, name, len);
	assert_int_equal(
		bind(fd, (struct sockaddr *)&un, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
		0);
	return fd;
}

static void unix_sockets_are_told_with_their_names(void **state)
{
	char abstract[64], path[64];
	struct ipc_ctx ctx = IPC_CTX_INIT;
	const struct sockdiag *d;
	struct stat st;

	(void)state;
	int n = snprintf(abstract, sizeof(abstract), "%cunit\n0: 1 0 %d", 0, (int)getpid());
	snprintf(path, sizeof(path), "/tmp/unit.%d", (int)getpid());
	int a = bound(SOCK_SEQPACKET, abstract, (size_t)n), f = bound(SOCK_DGRAM, path, strlen(path) + 1);
	assert_int_equal(listen(a, 7), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(sockdiag_unix_all(&ctx, &d), 0);

	const struct sockdiag_unix *s = sockdiag_unix_find(d, ino_of(a));
	assert_non_null(s);
	assert_true(s->type == SOCK_SEQPACKET && s->listens && !s->connected && !s->bound_file);
	assert_int_equal(s->name_len, n);
	assert_memory_equal(s->name, abstract, n);
	assert_true(s->queues && s->received == 0 && s->sent == 7);
	assert_true(!s->uid_known || s->uid == geteuid());

	s = sockdiag_unix_find(d, ino_of(f));
	assert_non_null(s);
	assert_true(s->type == SOCK_DGRAM && !s->listens && s->bound_file);
	assert_string_equal((const char *)s->name, path);
	assert_int_equal(s->file_ino, (uint32_t)st.st_ino);
	assert_int_equal(s->dev, st.st_dev);
	assert_null(sockdiag_unix_find(d, 0));
	ipc_ctx_clear(&ctx);
	close(a);
	close(f);
	unlink(path);
}

static void the_other_end_of_a_pair_is_its_peer(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	const struct sockdiag *d;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[0], "12345", 5), 5);
	assert_int_equal(sockdiag_unix_all(&ctx, &d), 0);
	const struct sockdiag_unix *s = sockdiag_unix_find(d, ino_of(pair[1]));
	assert_true(s && s->connected && s->peer == ino_of(pair[0]) && s->name_len == 0);
	assert_int_equal(s->received, 5);

	/* The list is kept until it is forgotten. */
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(sockdiag_unix_all(&ctx, &d), 0);
	size_t before = d->unixes_len;
	sockdiag_forget(&ctx);
	assert_int_equal(sockdiag_unix_all(&ctx, &d), 0);
	assert_true(d->unixes_len <= before);
	ipc_ctx_clear(&ctx);
}

struct connection {
	int listener, client, server;
	struct sockaddr_storage local, peer; /* as the server's end has them */
};

static struct connection connection(int family, int to)
{
	struct connection c = { 0 };
	struct sockaddr_storage at = { .ss_family = (sa_family_t)family }, target;
	socklen_t len = sizeof(at);

	c.listener = socket(family, SOCK_STREAM, 0);
	if (family == AF_INET)
		((struct sockaddr_in *)&at)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (to == AF_INET6)
		((struct sockaddr_in6 *)&at)->sin6_addr = in6addr_loopback;
	assert_int_equal(bind(c.listener, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(c.listener, 4), 0);
	assert_int_equal(getsockname(c.listener, (struct sockaddr *)&at, &len), 0);
	target = at;
	if (family == AF_INET6 && to == AF_INET) { /* through IPv4, to one that listens on [::] */
		struct sockaddr_in *in = (struct sockaddr_in *)&target;
		target = (struct sockaddr_storage){ 0 };
		*in = (struct sockaddr_in){ .sin_family = AF_INET,
			.sin_port = ((struct sockaddr_in6 *)&at)->sin6_port,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	}
	c.client = socket(to, SOCK_STREAM, 0);
	assert_int_equal(connect(c.client, (struct sockaddr *)&target,
				 to == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)),
		0);
	len = sizeof(c.peer);
	c.server = accept(c.listener, (struct sockaddr *)&c.peer, &len);
	assert_true(c.server >= 0);
	len = sizeof(c.local);
	assert_int_equal(getsockname(c.server, (struct sockaddr *)&c.local, &len), 0);
	return c;
}

static void disconnect(struct connection *c)
{
	close(c->listener);
	close(c->client);
	close(c->server);
}

static bool lacks_ipv6(void)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	AUTO_CLOSE int fd = socket(AF_INET6, SOCK_STREAM, 0);

	return fd < 0 || bind(fd, (struct sockaddr *)&in6, sizeof(in6)) < 0;
}

static void who_has_the_other_end_of_a_connection_is_known(void **state)
{
	static const int families[][2] = { { AF_INET, AF_INET }, { AF_INET6, AF_INET6 },
		{ AF_INET6, AF_INET } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (families[i][0] == AF_INET6 && lacks_ipv6())
			continue;
		struct connection c = connection(families[i][0], families[i][1]);
		uid_t uid = 12345;
		ino_t ino = 0;
		assert_int_equal(sockdiag_tcp_owner(&c.peer, &c.local, &uid, &ino), 0);
		assert_int_equal(uid, geteuid());
		assert_int_equal(ino, ino_of(c.client));
		disconnect(&c);
	}
}

static void a_client_that_has_closed_has_no_inode(void **state)
{
	struct connection c = connection(AF_INET, AF_INET);
	uid_t uid;
	ino_t ino = 99;
	char byte;

	(void)state;
	close(c.client);
	assert_int_equal(read(c.server, &byte, 1), 0); /* its end has come */
	int r = sockdiag_tcp_owner(&c.peer, &c.local, &uid, &ino);
	assert_true(r == -ENOENT || (r == 0 && ino == 0));
	c.client = -1;
	disconnect(&c);
}

static void one_that_listens_on_the_port_is_not_taken_for_the_client(void **state)
{
	struct connection c = connection(AF_INET, AF_INET);
	struct sockaddr_storage other = c.local; /* nobody is connected from there */
	uid_t uid = 12345;
	ino_t ino = 99;

	(void)state;
	((struct sockaddr_in *)&other)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	((struct sockaddr_in *)&c.peer)->sin_port ^= htons(1);
	assert_int_equal(sockdiag_tcp_owner(&other, &c.peer, &uid, &ino), -ENOENT);
	assert_int_equal(uid, 12345);
	assert_int_equal(ino, 99);
	other.ss_family = AF_UNIX;
	assert_int_equal(sockdiag_tcp_owner(&other, &c.local, &uid, &ino), -EAFNOSUPPORT);
	disconnect(&c);
}

static void tcp_sockets_are_told_with_both_ends(void **state)
{
	struct connection c = connection(AF_INET, AF_INET);
	struct ipc_ctx ctx = IPC_CTX_INIT;
	const struct sockdiag *d;
	unsigned found = 0;

	(void)state;
	assert_int_equal(write(c.server, "abc", 3), 3);
	assert_int_equal(sockdiag_tcp_all(&ctx, &d), 0);
	for (size_t i = 0; i < d->tcps_len; i++) {
		const struct sockdiag_tcp *t = &d->tcps[i];
		if (t->ino == ino_of(c.listener)) {
			assert_true(t->listens && t->sent == 4 && t->uid == geteuid());
			found |= 1;
		} else if (t->ino == ino_of(c.server)) {
			assert_memory_equal(&t->local, &c.local, sizeof(struct sockaddr_in));
			assert_memory_equal(&t->peer, &c.peer, sizeof(struct sockaddr_in));
			assert_false(t->listens);
			assert_true(t->counted);
			assert_int_equal(t->bytes_received, 0);
			assert_int_equal(t->bytes_sent, 3);
			found |= 2;
		}
	}
	assert_int_equal(found, 3);
	ipc_ctx_clear(&ctx);
	disconnect(&c);
}

static void counts_of_a_connection_that_are_cut_are_not_taken(void **state)
{
	unsigned char info[400] = { 0 };
	struct sockdiag_tcp s = { 0 };
	size_t least = 0;

	(void)state;
	for (size_t len = 0; len <= sizeof(info) && !s.counted; len++) {
		sockdiag_read_info(info, len, &s);
		least = len;
	}
	assert_true(s.counted && least > 100 && least < sizeof(info));
	/* More sent again than at all. */
	memset(info, 0xff, least);
	memset(info + least - 16, 0, 8);
	s.counted = false;
	sockdiag_read_info(info, sizeof(info), &s);
	assert_false(s.counted);
}

/* --- answers that nobody should give --- */

struct answer {
	struct nlmsghdr header;
	struct unix_diag_msg m;
	char attributes[64];
};

static int count(const void *payload, size_t len, void *arg)
{
	struct sockdiag_unix s;

	(*(int *)arg)++;
	return sockdiag_read_unix(payload, len, &s);
}

static void lengths_that_lie_are_refused(void **state)
{
	struct answer a = {
		.header = { .nlmsg_len = sizeof(a), .nlmsg_type = 20, .nlmsg_flags = NLM_F_MULTI },
		.m = { .udiag_family = AF_UNIX, .udiag_ino = 5 }
	};
	int n = 0, error = -EPERM;

	(void)state;
	assert_int_equal(sockdiag_read(&a, offsetof(struct answer, attributes), count, &n), -EBADMSG);
	a.header.nlmsg_len = offsetof(struct answer, attributes);
	assert_int_equal(sockdiag_read(&a, a.header.nlmsg_len, count, &n), 1);
	assert_int_equal(n, 1);
	a.header.nlmsg_len = 3;
	assert_int_equal(sockdiag_read(&a, sizeof(a), count, &n), -EBADMSG);
	a.header.nlmsg_len = sizeof(a.header) + 4; /* shorter than a socket is */
	assert_int_equal(sockdiag_read(&a, sizeof(a), count, &n), -EBADMSG);
	a.header.nlmsg_len = sizeof(a);
	memcpy(a.attributes, (uint16_t[]){ 500, UNIX_DIAG_NAME }, 4); /* longer than all of it */
	assert_int_equal(sockdiag_read(&a, sizeof(a), count, &n), -EBADMSG);
	memcpy(a.attributes, (uint16_t[]){ 5, UNIX_DIAG_PEER }, 4); /* too short for what it is */
	assert_int_equal(sockdiag_read(&a, sizeof(a), count, &n), -EBADMSG);
	a.header.nlmsg_type = NLMSG_ERROR;
	memcpy(&a.m, &error, sizeof(error));
	assert_int_equal(sockdiag_read(&a, sizeof(a), count, &n), -EPERM);
	a.header.nlmsg_type = NLMSG_DONE;
	a.header.nlmsg_len = sizeof(a.header);
	assert_int_equal(sockdiag_read(&a, sizeof(a.header), count, &n), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unix_sockets_are_told_with_their_names),
		cmocka_unit_test(the_other_end_of_a_pair_is_its_peer),
		cmocka_unit_test(who_has_the_other_end_of_a_connection_is_known),
		cmocka_unit_test(a_client_that_has_closed_has_no_inode),
		cmocka_unit_test(one_that_listens_on_the_port_is_not_taken_for_the_client),
		cmocka_unit_test(tcp_sockets_are_told_with_both_ends),
		cmocka_unit_test(counts_of_a_connection_that_are_cut_are_not_taken),
		cmocka_unit_test(lengths_that_lie_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
