#include "ipc/outlet.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIZE = 1 << 20 };

static char sent[SIZE], got[SIZE + 65536];

/* Puts while it is not full, and reads the other end a little at a time, which is in blocking mode at our end. */
static void passes_whole(int in, int out)
{
	AUTO_OUTLET struct outlet o;
	size_t put = 0, len = 0;

	for (size_t i = 0; i < SIZE; i++)
		sent[i] = (char)(i * 31 >> 7);
	outlet_init(&o, in);
	while (len < SIZE) {
		while (put < SIZE && !outlet_is_full(&o)) {
			size_t n = put % 7000 + 1 < SIZE - put ? put % 7000 + 1 : SIZE - put;
			assert_int_equal(outlet_put(&o, sent + put, n), 0);
			put += n;
		}
		assert_true(outlet_waiting(&o) < OUTLET_LIMIT + 7001);
		int r = outlet_flush(&o);
		assert_true(r == 0 || r == -EAGAIN);
		assert_true(r == 0 || outlet_waiting(&o) > 0);
		ssize_t n = read(out, got + len, 30000);
		assert_true(n > 0);
		len += (size_t)n;
	}
	assert_int_equal(o.written, SIZE);
	assert_memory_equal(sent, got, SIZE);
}

static void a_full_pipe_or_socket_holds_nobody(void **state)
{
	(void)state;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	passes_whole(fds[1], fds[0]);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	passes_whole(fds[1], fds[0]);
	assert_false(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
	close(fds[0]);
	close(fds[1]);
}

static void failures_are_told(void **state)
{
	(void)state;
	AUTO_OUTLET struct outlet o;
	int fds[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	signal(SIGPIPE, SIG_IGN);
	outlet_init(&o, full);
	assert_int_equal(outlet_flush(&o), 0);
	assert_int_equal(outlet_put(&o, "x", 1), 0);
	assert_int_equal(outlet_flush(&o), -ENOSPC);
	assert_int_equal(outlet_waiting(&o), 1);
	outlet_clear(&o);
	close(full);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	outlet_init(&o, fds[1]);
	assert_int_equal(outlet_put(&o, "x", 1), 0);
	assert_int_equal(outlet_flush(&o), -EPIPE);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_pipe_or_socket_holds_nobody),
		cmocka_unit_test(failures_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
