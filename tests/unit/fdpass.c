#include "ipc/fdpass.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

/* Descriptors that this process has: every test leaves as many as it found. */
static size_t open_fds(void)
{
	size_t n = 0;
	DIR *d = opendir("/proc/self/fd");

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static size_t before;
static int ends[2];

static int set_up(int type)
{
	before = open_fds();
	return socketpair(AF_UNIX, type, 0, ends);
}

static int set_up_stream(void **state)
{
	(void)state;
	return set_up(SOCK_STREAM);
}

static int set_up_messages(void **state)
{
	(void)state;
	return set_up(SOCK_SEQPACKET);
}

static int tear_down(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return open_fds() == before ? 0 : -1;
}

static void send_fds(size_t n)
{
	AUTO_FDPASS struct fdpass p = { .len = 0 };

	for (size_t i = 0; i < n; i++) {
		p.fds[i] = fcntl(ends[0], F_DUPFD_CLOEXEC, 0);
		assert_true(p.fds[i] >= 0);
		p.len++;
	}
	assert_int_equal(fdpass_send(ends[0], "x", 1, 0, &p, NULL, 0), 1);
}

static void descriptors_arrive_and_close_on_exec(void **state)
{
	(void)state;
	AUTO_FDPASS struct fdpass sent = { .len = 0 }, got = { .len = 0 };
	struct fdpass_info info;
	int fds[2];
	char byte;

	assert_int_equal(pipe(fds), 0);
	sent.fds[sent.len++] = fds[1];
	assert_int_equal(fdpass_send(ends[0], "hello", 5, 0, &sent, NULL, 0), 5);
	char buf[16];
	assert_int_equal(fdpass_recv(ends[1], buf, sizeof(buf), 0, &got, &info), 5);
	assert_memory_equal(buf, "hello", 5);
	assert_int_equal(got.len, 1);
	assert_false(info.cut || info.fds_lost || info.has_sender);
	assert_true(fcntl(got.fds[0], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(got.fds[0], "!", 1), 1);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(byte, '!');
	close(fds[0]);
}

static void as_many_as_a_message_can_have(void **state)
{
	(void)state;
	AUTO_FDPASS struct fdpass got = { .len = 0 };
	char byte;

	send_fds(FDPASS_MAX);
	assert_int_equal(fdpass_recv(ends[1], &byte, 1, 0, &got, NULL), 1);
	assert_int_equal(got.len, FDPASS_MAX);
	struct fdpass many = { .len = FDPASS_MAX + 1 };
	assert_int_equal(fdpass_send(ends[0], "x", 1, 0, &many, NULL, 0), -EINVAL);
}

static void unwanted_ones_are_closed(void **state)
{
	(void)state;
	size_t count = open_fds();
	struct fdpass_info info;
	char byte;

	send_fds(20);
	assert_int_equal(fdpass_recv(ends[1], &byte, 1, 0, NULL, &info), 1);
	assert_int_equal(open_fds(), count);
	assert_false(info.fds_lost);
	/* The same where the sender is asked for, which gives the kernel a control buffer to fill. */
	assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int)), 0);
	send_fds(20);
	assert_int_equal(fdpass_recv(ends[1], &byte, 1, 0, NULL, &info), 1);
	assert_int_equal(open_fds(), count);
	assert_true(info.has_sender);
	assert_int_equal(info.uid, geteuid());
	assert_int_equal(info.pid, getpid());
}

static void too_many_for_this_process_are_told_and_closed(void **state)
{
	(void)state;
	AUTO_FDPASS struct fdpass got = { .len = 0 };
	struct rlimit old, tight;
	struct fdpass_info info;
	size_t count = open_fds();
	char byte;

	send_fds(30);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = count + 10;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	ssize_t n = fdpass_recv(ends[1], &byte, 1, 0, &got, &info);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(n, 1);
	assert_true(info.fds_lost);
	assert_int_equal(got.len, 0);
	assert_int_equal(open_fds(), count);
}

static void the_end_is_no_message(void **state)
{
	(void)state;
	AUTO_FDPASS struct fdpass got = { .len = 0 };
	char byte;

	assert_int_equal(fdpass_recv(ends[1], &byte, 1, MSG_DONTWAIT, &got, NULL), -EAGAIN);
	shutdown(ends[0], SHUT_WR);
	assert_int_equal(fdpass_recv(ends[1], &byte, 1, 0, &got, NULL), 0);
	shutdown(ends[1], SHUT_RD);
	assert_int_equal(fdpass_send(ends[0], "x", 1, 0, NULL, NULL, 0), -EPIPE);
}

static void a_message_that_does_not_fit_is_told(void **state)
{
	(void)state;
	struct fdpass_info info;
	char buf[4];

	assert_int_equal(fdpass_next_size(ends[1]), -EAGAIN);
	assert_int_equal(fdpass_send(ends[0], "123456", 6, 0, NULL, NULL, 0), 6);
	assert_int_equal(fdpass_send(ends[0], "12", 2, 0, NULL, NULL, 0), 2);
	assert_int_equal(fdpass_next_size(ends[1]), 6);
	assert_int_equal(fdpass_recv(ends[1], buf, sizeof(buf), 0, NULL, &info), 4);
	assert_true(info.cut);
	assert_int_equal(fdpass_next_size(ends[1]), 2);
	assert_int_equal(fdpass_recv(ends[1], buf, sizeof(buf), 0, NULL, &info), 2);
	assert_false(info.cut);
}

static void the_buffer_grows_with_the_message(void **state)
{
	(void)state;
	enum { BIG = 300000 };
	static char big[BIG];

	assert_int_equal(fdpass_send(ends[0], big, BIG, MSG_DONTWAIT, NULL, NULL, 0), BIG);
	assert_int_equal(fdpass_next_size(ends[1]), BIG);
	assert_int_equal(fdpass_send(ends[0], big, (size_t)1 << 31, MSG_DONTWAIT, NULL, NULL, 0), -EMSGSIZE);
}

/* recvmsg(2) returns 0 for both; what comes beside a message tells it from the end. */
static void an_empty_message_is_not_the_end(void **state)
{
	(void)state;
	struct fdpass_info info;
	char byte;

	assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int)), 0);
	assert_int_equal(fdpass_send(ends[0], "", 0, 0, NULL, NULL, 0), 0);
	shutdown(ends[0], SHUT_WR);
	assert_int_equal(fdpass_recv(ends[1], &byte, 1, 0, NULL, &info), 0);
	assert_true(info.is_message);
	assert_int_equal(fdpass_recv(ends[1], &byte, 1, 0, NULL, &info), 0);
	assert_false(info.is_message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			descriptors_arrive_and_close_on_exec, set_up_stream, tear_down),
		cmocka_unit_test_setup_teardown(as_many_as_a_message_can_have, set_up_stream, tear_down),
		cmocka_unit_test_setup_teardown(unwanted_ones_are_closed, set_up_stream, tear_down),
		cmocka_unit_test_setup_teardown(
			too_many_for_this_process_are_told_and_closed, set_up_messages, tear_down),
		cmocka_unit_test_setup_teardown(the_end_is_no_message, set_up_stream, tear_down),
		cmocka_unit_test_setup_teardown(
			the_buffer_grows_with_the_message, set_up_messages, tear_down),
		cmocka_unit_test_setup_teardown(an_empty_message_is_not_the_end, set_up_messages, tear_down),
		cmocka_unit_test_setup_teardown(
			a_message_that_does_not_fit_is_told, set_up_messages, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
