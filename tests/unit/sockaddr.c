#include "ipc/sockaddr.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/sockaddr.XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static int handed(struct ipc_ctx *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "web") == 0 ? 0 : -ENOENT;
}

static struct ipc_ctx ctx = { .handed = handed };

static struct ipc_selector parse(const char *text)
{
	struct ipc_selector sel = { 0 };
	struct ipc_selector_error error;

	if (ipc_selector_parse(&ctx, text, "sock", 0, &sel, &error) < 0)
		fail_msg("'%s' is no selector: %s", text, error.why);
	return sel;
}

static int resolve(const char *text, struct sock_addresses *ret, struct ipc_selector_error *error)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);

	return sock_address_resolve(&ctx, &sel, ret, error);
}

static void check_text(const char *text, const char *expected)
{
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	struct ipc_selector_error error;
	int r = resolve(text, &all, &error);

	if (r < 0)
		fail_msg("'%s' is not resolved: %d %s", text, r, error.why);
	AUTO_FREE char *printed = sock_address_text(&all.v[0].sa, all.v[0].len);
	assert_string_equal(printed, expected);
}

static void numeric_addresses_print_as_they_are_written(void **state)
{
	(void)state;
	check_text("tcp:127.0.0.1:80", "tcp:127.0.0.1:80");
	check_text("tcp:[::1]:65535", "tcp:[::1]:65535");
	check_text("tcp:[0:0::0:1]:0", "tcp:[::1]:0");
	check_text("tcp:[fe80::1%lo]:7", "tcp:[fe80::1%lo]:7");
	check_text("tcp:[::ffff:1.2.3.4]:7", "tcp:1.2.3.4:7");
	check_text("@a b", "@a b");
	check_text("sock:@a\\nb\\x00c\\*", "@a\\nb\\x00c\\*");
}

/* Each points at the part that is wrong, in words and by its offset. */
static void bad_addresses_are_pointed_at(void **state)
{
	(void)state;
	static const struct {
		const char *text, *part;
		size_t at;
	} cases[] = {
		{ "tcp:", "has no ':PORT'", 4 },
		{ "tcp:host", "'host' has no ':PORT'", 8 },
		{ "tcp:1.2.3.4:", "no port", 12 },
		{ "tcp:1.2.3.4:http", "'http' is not a port", 12 },
		{ "tcp:1.2.3.4:65536", "'65536' is not a port", 12 },
		{ "tcp:1.2.3.4:99999999999999999999", "is not a port", 12 },
		{ "tcp:1.2.3.4:-1", "'-1' is not a port", 12 },
		{ "tcp:1.2.3.4:8 0", "'8 0' is not a port", 12 },
		{ "tcp:1.2.3.400:80", "'1.2.3.400' is not an IPv4 address", 4 },
		{ "tcp:1.2.3:80", "'1.2.3' is not an IPv4 address", 4 },
		{ "tcp::80", "no host", 4 },
		{ "tcp:::1:80", "in brackets", 4 },
		{ "tcp:[::1", "no ']'", 4 },
		{ "tcp:[::1]", "':PORT'", 9 },
		{ "tcp:[::1]80", "not '80'", 9 },
		{ "tcp:[::g]:80", "'::g' is not an IPv6 address", 5 },
		{ "tcp:[127.0.0.1]:80", "'127.0.0.1' is not an IPv6 address", 5 },
		{ "tcp:[fe80::1%nothing0]:80", "'nothing0' is no network interface", 13 },
		{ "@", "at least one byte", 1 },
		{ "/tmp/", "path of a directory", 5 },
		{ "/tmp/..", "path of a directory", 5 },
		{ "sock:tcp:1.2.3.4\\x00:5", "NUL", 11 },
		{ "ino:5", "can't be reached", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
		struct ipc_selector_error error = { 0 };
		int r = resolve(cases[i].text, &all, &error);
		if (r != -EINVAL || !strstr(error.why, cases[i].part) || error.at != cases[i].at)
			fail_msg("'%s' gave %d, %zu: %s", cases[i].text, r, error.at, error.why);
	}
}

static void a_host_is_looked_up_and_an_unknown_one_is_named(void **state)
{
	(void)state;
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	struct ipc_selector_error error;

	assert_int_equal(resolve("tcp:localhost:80", &all, &error), 0);
	assert_true(all.len > 0);
	assert_int_equal(resolve("tcp:nobody.invalid:80", &all, &error), -EADDRNOTAVAIL);
	assert_non_null(strstr(error.why, "'nobody.invalid'"));
}

static void handed_over_sockets_must_be_sockets(void **state)
{
	(void)state;
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	struct ipc_selector_error error;
	int fds[2];
	char text[32];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	snprintf(text, sizeof(text), "fd:%d", fds[0]);
	assert_int_equal(resolve(text, &all, &error), 0);
	assert_int_equal(all.fd, fds[0]);
	assert_int_equal(resolve("fd:999", &all, &error), -EBADF);
	assert_int_equal(resolve("fd:99999999999", &all, &error), -EBADF);
	AUTO_CLOSE int file = open("/dev/null", O_RDONLY);
	snprintf(text, sizeof(text), "fd:%d", file);
	assert_int_equal(resolve(text, &all, &error), -ENOTSOCK);
	assert_int_equal(resolve("systemd:nothing", &all, &error), -ENOENT);
	close(fds[0]);
	close(fds[1]);
}

/* --- real servers --------------------------------------------------------------------------------- */

/* A bound socket of a type; a path of any length is bound through the directory. */
static int serve(const char *text, int type, int backlog)
{
	AUTO_ADDRESSES struct sock_addresses all = ADDRESSES_NONE;
	struct ipc_selector_error error;

	assert_int_equal(resolve(text, &all, &error), 0);
	const struct sock_address *a = &all.v[0];
	int fd = socket(a->sa.ss_family, type | SOCK_CLOEXEC, 0);
	if (a->base) {
		struct sockaddr_storage sa;
		socklen_t len;
		assert_int_equal(sock_address_at(a->dirfd, "new", &sa, &len), 0);
		assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
		assert_int_equal(renameat(a->dirfd, "new", a->dirfd, a->base), 0);
	} else {
		assert_int_equal(bind(fd, (const struct sockaddr *)&a->sa, a->len), 0);
	}
	if (type != SOCK_DGRAM)
		assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

static int dial(const char *text, int type, int64_t wait_ns, int *ret_type)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);
	struct ipc_selector_error error;

	return sock_connect(&ctx, &sel, type, ipc_deadline_in(wait_ns), ret_type, &error);
}

static enum sock_condition probe(const char *text)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);
	struct ipc_selector_error error;
	enum sock_condition c = SOCK_CONDITIONS;
	int r = sock_probe(&ctx, &sel, ipc_deadline_in(WAIT_FOREVER), &c, &error);

	if (r < 0)
		fail_msg("probe of '%s' gave %d %s", text, r, error.why);
	return c;
}

static void the_type_is_found_out(void **state)
{
	(void)state;
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	static const char *const names[] = { "typed", "sock:@typed.\\n\\x00" };

	for (size_t n = 0; n < ARRAY_SIZE(names); n++)
		for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
			int found = 0;
			AUTO_CLOSE int server = serve(names[n], types[i], 5);
			AUTO_CLOSE int fd = dial(names[n], 0, WAIT_FOREVER, &found);
			assert_true(fd >= 0);
			assert_int_equal(found, types[i]);
			AUTO_CLOSE int same = dial(names[n], types[i], WAIT_FOREVER, &found);
			assert_true(same >= 0);
			assert_int_equal(dial(names[n], types[(i + 1) % 3], WAIT_FOREVER, NULL),
				n == 0 ? -EPROTOTYPE : -ECONNREFUSED);
			assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
			unlink("typed");
		}
}

static void a_datagram_socket_can_be_answered(void **state)
{
	(void)state;
	AUTO_CLOSE int server = serve("dgram", SOCK_DGRAM, 0);
	AUTO_CLOSE int fd = dial("dgram", 0, WAIT_FOREVER, NULL);
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char buf[8];

	assert_int_equal(send(fd, "ask", 3, 0), 3);
	assert_int_equal(recvfrom(server, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len), 3);
	assert_int_equal(sendto(server, "answer", 6, 0, (struct sockaddr *)&from, len), 6);
	assert_int_equal(recv(fd, buf, sizeof(buf), 0), 6);
}

static void every_condition_is_told_and_no_server_wakes(void **state)
{
	(void)state;
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	enum sock_condition c;

	assert_int_equal(probe("nothing"), SOCK_ABSENT);
	assert_int_equal(probe("no/where"), SOCK_ABSENT);
	assert_int_equal(probe("@nothing.here"), SOCK_ABSENT);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int server = serve("probed", types[i], 5);
		assert_int_equal(probe("probed"), SOCK_LIVE);
		fcntl(server, F_SETFL, O_NONBLOCK);
		if (types[i] != SOCK_DGRAM)
			assert_int_equal(accept(server, NULL, NULL), -1);
		close(server);
		assert_int_equal(probe("probed"), SOCK_STALE);
		assert_int_equal(symlink("probed", "link"), 0);
		assert_int_equal(probe("link"), SOCK_STALE);
		assert_int_equal(sock_probe_at(AT_FDCWD, "link", &c), -ELOOP);
		unlink("link");
		unlink("probed");
	}
	AUTO_CLOSE int file = open("file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(sock_probe_at(AT_FDCWD, "file", &c), -EMEDIUMTYPE);
	assert_int_equal(dial("file", 0, WAIT_FOREVER, NULL), -EMEDIUMTYPE);
}

/* Also with a name that holds anything, and with a connection that outlives its server. */
static void abstract_names_are_probed_without_a_connection(void **state)
{
	(void)state;
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	static const char name[] = "sock:@probed\\n\\x00 @x";

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		assert_int_equal(probe(name), SOCK_ABSENT);
		int server = serve(name, types[i], 5);
		fcntl(server, F_SETFL, O_NONBLOCK);
		assert_int_equal(probe(name), SOCK_LIVE);
		assert_int_equal(probe("sock:@probed"), SOCK_ABSENT);
		if (types[i] != SOCK_DGRAM)
			assert_int_equal(accept(server, NULL, NULL), -1);
		AUTO_CLOSE int client = dial(name, 0, WAIT_FOREVER, NULL);
		AUTO_CLOSE int accepted = accept(server, NULL, NULL);
		close(server);
		assert_int_equal(probe(name), SOCK_ABSENT);
	}
}

static void paths_longer_than_sun_path_are_reached(void **state)
{
	(void)state;
	char part[201], path[420];

	memset(part, 'd', 200);
	part[200] = '\0';
	assert_int_equal(mkdir(part, 0700), 0);
	snprintf(path, sizeof(path), "%s/%s", part, part);
	int server = serve(path, SOCK_STREAM, 5);
	AUTO_CLOSE int fd = dial(path, 0, WAIT_FOREVER, NULL);
	assert_true(fd >= 0);
	assert_int_equal(probe(path), SOCK_LIVE);
	close(server);
	assert_int_equal(probe(path), SOCK_STALE);
	assert_int_equal(dial(path, 0, WAIT_FOREVER, NULL), -ECONNREFUSED);
}

static void tcp_is_probed_without_a_connection(void **state)
{
	(void)state;
	static const char *const wild[] = { "tcp:127.0.0.1:0", "tcp:0.0.0.0:0", "tcp:[::]:0", "tcp:[::1]:0" };

	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		struct sockaddr_storage sa;
		struct sockaddr_in sin;
		socklen_t len = sizeof(sa);
		char text[64];
		int server = serve(wild[i], SOCK_STREAM, 5);
		assert_int_equal(getsockname(server, (struct sockaddr *)&sa, &len), 0);
		memcpy(&sin, &sa, sizeof(sin)); /* the port is at the same place in both families */
		snprintf(text, sizeof(text), i == 3 ? "tcp:[::1]:%u" : "tcp:127.0.0.1:%u",
			ntohs(sin.sin_port));
		assert_int_equal(probe(text), SOCK_LIVE);
		fcntl(server, F_SETFL, O_NONBLOCK);
		assert_int_equal(accept(server, NULL, NULL), -1);
		int found = 0;
		AUTO_CLOSE int fd = dial(text, 0, WAIT_FOREVER, &found);
		assert_true(fd >= 0);
		assert_int_equal(found, SOCK_STREAM);
		assert_int_equal(dial(text, SOCK_DGRAM, WAIT_FOREVER, NULL), -EPROTOTYPE);
		close(server);
		assert_int_equal(probe(text), SOCK_ABSENT);
		assert_int_equal(dial(text, 0, WAIT_FOREVER, NULL), -ECONNREFUSED);
	}
}

static void a_full_backlog_is_waited_for(void **state)
{
	(void)state;
	AUTO_CLOSE int server = serve("full", SOCK_STREAM, 0);
	AUTO_CLOSE int first = dial("full", 0, WAIT_FOREVER, NULL);

	assert_true(first >= 0);
	assert_int_equal(dial("full", 0, 0, NULL), -EAGAIN);
	assert_int_equal(dial("full", 0, 20 * NSEC_PER_MSEC, NULL), -ETIMEDOUT);
	pid_t pid = fork();
	if (pid == 0) {
		int fd = dial("full", 0, WAIT_FOREVER, NULL);
		_exit(fd >= 0 && fcntl(fd, F_GETFL) & O_NONBLOCK ? 0 : 1);
	}
	int status;
	close(accept(server, NULL, NULL));
	close(accept(server, NULL, NULL));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_file_that_may_not_be_written_to_is_denied(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	AUTO_CLOSE int server = serve("guarded", SOCK_STREAM, 5);
	int status;

	assert_int_equal(chmod("guarded", 0600), 0);
	assert_int_equal(chmod(".", 0755), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(setuid(65533) == 0 && probe("guarded") == SOCK_DENIED &&
					dial("guarded", 0, WAIT_FOREVER, NULL) == -EACCES
				? 0
				: 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numeric_addresses_print_as_they_are_written),
		cmocka_unit_test(bad_addresses_are_pointed_at),
		cmocka_unit_test(a_host_is_looked_up_and_an_unknown_one_is_named),
		cmocka_unit_test(handed_over_sockets_must_be_sockets),
		cmocka_unit_test(the_type_is_found_out),
		cmocka_unit_test(a_datagram_socket_can_be_answered),
		cmocka_unit_test(every_condition_is_told_and_no_server_wakes),
		cmocka_unit_test(abstract_names_are_probed_without_a_connection),
		cmocka_unit_test(paths_longer_than_sun_path_are_reached),
		cmocka_unit_test(tcp_is_probed_without_a_connection),
		cmocka_unit_test(a_full_backlog_is_waited_for),
		cmocka_unit_test(a_file_that_may_not_be_written_to_is_denied),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
