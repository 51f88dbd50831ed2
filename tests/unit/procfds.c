#include "ipc/procfds_text.h"

#include "ipc/io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

static enum procfds_link link_of(const char *text, ino_t *ret)
{
	return procfds_link(text, strlen(text), ret);
}

static void only_what_the_kernel_writes_is_a_pipe_or_a_socket(void **state)
{
	static const char *const others[] = { "", "pipe:[1]x", "pipe:[1", "pipe:[]", "pipe:[-1]", "pipe:[ 1]",
		"socket:[99999999999999999999]", "anon_inode:[eventpoll]", "net:[4026531840]", " pipe:[1]" };
	ino_t ino = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_equal(link_of(others[i], &ino), LINK_OTHER);
	assert_int_equal(link_of("/tmp/pipe:[1]", &ino), LINK_PATH);
	assert_int_equal(link_of("/pipe:[1] (deleted)", &ino), LINK_PATH);
	assert_int_equal(ino, 7);
	assert_int_equal(link_of("pipe:[42]", &ino), LINK_PIPE);
	assert_int_equal(ino, 42);
	assert_int_equal(link_of("socket:[43]", &ino), LINK_SOCKET);
	assert_int_equal(ino, 43);
}

static void what_a_socket_carries_is_read(void **state)
{
	(void)state;
	assert_int_equal(
		procfds_socket_carries("pos:\t0\nflags:\t02\nmnt_id:\t10\nino:\t5\nscm_fds: 0\n"), 0);
	assert_int_equal(procfds_socket_carries("pos:\t0\nino:\t5\nscm_fds: 253\nlock:\t1\n"), 253);
	assert_int_equal(procfds_socket_carries("pos:\t0\nflags:\t02\nmnt_id:\t10\nino:\t5\n"), -1);
	assert_int_equal(procfds_socket_carries("pos:\t0\nscm_fds: \n"), -1);
	assert_int_equal(procfds_socket_carries("pos:\t0\nscm_fds: -1\n"), -1);
	assert_int_equal(procfds_socket_carries("pos:\t0\nscm_fds: 1x\n"), -1);
	assert_int_equal(procfds_socket_carries("pos:\t0\nscm_fds: 99999999999999999999\n"), -1);
	assert_int_equal(procfds_socket_carries("x scm_fds: 1\n"), -1);
}

static void files_that_a_ring_has_are_counted_if_they_have_a_name(void **state)
{
	(void)state;
	assert_int_equal(procfds_ring_carries("pos:\t0\nUserFiles:\t0\nUserBufs:\t0\n"), 0);
	assert_int_equal(procfds_ring_carries("pos:\t0\nUserFiles:\t4\nUserBufs:\t0\n"),
		-1); /* all of it free, or an older kernel does not tell */
	assert_int_equal(procfds_ring_carries(
				 "pos:\t0\nUserFiles:\t3\n    0: <none>\n    1: events\n    2: [eventfd]\n"),
		2); /* an older kernel */
	assert_int_equal(
		procfds_ring_carries("pos:\t0\nUserFiles:\t9\n    0: socket:[7]\n    1: /a:\\040/b\n"
				     "    2: (unreachable)/c\n    3: pipe:[8]\nUserBufs:\t1\n    0: /7\n"),
		2);
	assert_int_equal(procfds_ring_carries("pos:\t0\nUserFiles:\t1\n    0: /cut"), 1);
	assert_int_equal(procfds_ring_carries("pos:\t0\nUserFiles:\t1\n    0"), 0);
	assert_int_equal(procfds_ring_carries("pos:\t0\nflags:\t02\nmnt_id:\t10\n"), -1); /* in use */
	assert_true(procfds_link_is_ring("anon_inode:[io_uring]", 21));
	assert_false(procfds_link_is_ring("anon_inode:[io_uring] ", 22));
	assert_false(procfds_link_is_ring("anon_inode:[io_uring", 20));
}

static void what_the_kernel_says_of_a_descriptor_is_read_in_its_order(void **state)
{
	static const char *const others[] = { "", "pos:\t0\nflags:\t01\n",
		"pos:\t0\nflags:\t01\nmnt_id:\t27x\n", "flags:\t01\nmnt_id:\t27\n",
		"pos:\t0\nflags:\t08\nmnt_id:\t27\n", "x\npos:\t0\nflags:\t01\nmnt_id:\t27\n",
		"pos:\t0\nflags:\t01\nmnt_id:\t4294967296\n" };
	struct procfds_fdinfo info = { .mnt_id = -1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_equal(procfds_fdinfo(others[i], &info), -EBADMSG);
	assert_int_equal(info.mnt_id, -1);
	assert_int_equal(
		procfds_fdinfo("pos:\t-1\nflags:\t0100002\nmnt_id:\t27\nino:\t5\nino:\t6\n", &info), 0);
	assert_int_equal(info.flags, 0100002);
	assert_int_equal(info.mnt_id, 27);
	assert_int_equal(info.ino, 5);
	/* Before Linux 5.14; what follows is not the kernel's own. */
	assert_int_equal(
		procfds_fdinfo("pos:\t0\nflags:\t01\nmnt_id:\t28\ninotify ino:5\nino:\t5\n", &info), 0);
	assert_int_equal(info.mnt_id, 28);
	assert_int_equal(info.ino, 0);
}

static void mounts_are_known_by_their_file_system(void **state)
{
	char own[] = "22 27 0:21 / /proc rw shared:1 master:2 - proc proc rw,hidepid=invisible\n"
		     "27 1 259:1 / / rw - ext4 /dev/root rw\n"
		     "5 27 0:40 / /far rw shared:9 - nfs4 server:/ rw\n"
		     "not a line\n"
		     "9 27 0:41 / /cut rw -";
	char other[] = "27 1 0:50 / / rw - nfs4 a:/ rw\n80 1 0:51 / /run rw - tmpfs t rw\n";
	struct procfds_mounts m = { 0 };

	(void)state;
	assert_int_equal(procfds_mounts_add(&m, own, true), 0);
	assert_int_equal(procfds_mounts_add(&m, other, false), 0);
	assert_int_equal(m.len, 4);
	assert_true(procfds_mount_find(&m, 27)->local); /* as it was known first */
	assert_true(procfds_mount_find(&m, 27)->here);
	assert_int_equal(procfds_mount_find(&m, 27)->dev, makedev(259, 1));
	assert_true(procfds_is_local(&m, makedev(259, 1)));
	assert_false(procfds_is_local(&m, makedev(0, 0x40))); /* on a server */
	assert_false(procfds_is_local(&m, makedev(0, 51)));   /* in another mount namespace */
	assert_false(procfds_mount_find(&m, 5)->local);
	assert_true(procfds_mount_find(&m, 22)->hides);
	assert_true(procfds_mount_find(&m, 80)->local);
	assert_true(procfds_mount_find(&m, 80)->shared);
	assert_false(procfds_mount_find(&m, 27)->shared);
	assert_int_equal(procfds_mount_of(&m, makedev(0, 51))->id, 80);
	assert_null(procfds_mount_of(&m, makedev(0, 99)));
	assert_int_equal(procfds_mounts_put(&m, &(struct procfds_mount){ .id = 0, .dev = makedev(0, 1) }), 0);
	assert_int_equal(
		procfds_mounts_put(&m, &(struct procfds_mount){ .id = 27, .dev = makedev(0, 1) }), 0);
	assert_int_equal(procfds_mount_find(&m, 0)->dev, makedev(0, 1));
	assert_int_equal(procfds_mount_find(&m, 27)->dev, makedev(259, 1));
	assert_int_equal(m.len, 5);
	assert_false(procfds_mount_find(&m, 80)->here);
	assert_null(procfds_mount_find(&m, 9));
	procfds_mounts_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_the_kernel_writes_is_a_pipe_or_a_socket),
		cmocka_unit_test(what_a_socket_carries_is_read),
		cmocka_unit_test(files_that_a_ring_has_are_counted_if_they_have_a_name),
		cmocka_unit_test(what_the_kernel_says_of_a_descriptor_is_read_in_its_order),
		cmocka_unit_test(mounts_are_known_by_their_file_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
