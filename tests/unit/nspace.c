#include "ipc/nspace_text.h"

#include "ipc/io.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* What the managers write, as seen on Debian, Fedora, Kubernetes and in their sources; NULL: no name. */
static const struct {
	const char *text, *name;
} groups[] = {
	{ "0::/system.slice/docker-" ID ".scope\n", "docker:0123456789ab" },
	{ "12:memory:/docker/" ID "\n11:cpu:/docker/" ID "\n0::/\n", "docker:0123456789ab" },
	{ "0::/../../docker/" ID "\n", "docker:0123456789ab" },
	{ "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-" ID
	  ".scope\n",
		"containerd:0123456789ab" },
	{ "0::/system.slice/containerd.service/kubepods-besteffort-pod12.slice:cri-containerd:" ID "\n",
		"container:0123456789ab" },
	{ "0::/kubepods.slice/kubepods-pod1.slice/crio-" ID ".scope/container\n", "crio:0123456789ab" },
	{ "4:pids:/kubepods/besteffort/pod7f1c/" ID "\n", "kube:0123456789ab" },
	{ "4:pids:/kubepods/besteffort/pod7f1c/crio-" ID "\n", "crio:0123456789ab" },
	{ "0::/machine.slice/libpod-" ID ".scope/container\n", "podman:0123456789ab" },
	{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope\n",
		"podman:0123456789ab" },
	{ "0::/machine.slice/libpod-conmon-" ID ".scope\n", "libpod-conmon-" ID ".scope" },
	{ "0::/lxc.payload.web/system.slice/nginx.service\n", "lxc:web" },
	{ "0::/lxc/web/init.scope\n", "lxc:web" },
	{ "0::/machine.slice/machine-my\\x2dbox.scope/payload\n", "machine:my-box" },
	{ "0::/machine.slice/systemd-nspawn@build.service/payload\n", "machine:build" },
	{ "0::/system.slice/postgresql@15-main.service\n", "postgresql@15-main.service" },
	{ "1:name=systemd:/system.slice/cron.service\n0::/\n", "cron.service" },
	{ "0::/docker/" ID "/system.slice/docker-fedc" ID, "docker:0123456789ab" },
	{ "0::/docker/short\n", NULL },
	{ "0::/lxc.payload.\n", NULL },
	{ "0::/machine-.scope\n", "machine-.scope" },
	{ "0::/\n", NULL },
	{ "", NULL },
	{ "\n\n::\n", NULL },
	{ "0::/lxc.payload.a\x1b[31m\xff*\n", "lxc:a\\x1b[31m\\xff*" },
	{ "0::/machine-a\\x0ab\\x00c\\x2.scope\n", "machine:a\\nb\\\\x00c\\\\x2" },
	{ "0::/\xc2\x9bx.service\n", "\\xc2\\x9bx.service" },
};

static void a_control_group_tells_the_container(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		AUTO_FREE char *name = nspace_container(groups[i].text);
		if (groups[i].name && name)
			assert_string_equal(name, groups[i].name);
		else
			assert_ptr_equal(name, groups[i].name);
	}
}

static void the_longest_names_stay_whole(void **state)
{
	char text[2 * NAME_MAX], longest[NAME_MAX + 1];

	(void)state;
	memset(longest, '\x01', sizeof(longest) - 1);
	longest[NAME_MAX] = '\0';
	snprintf(text, sizeof(text), "0::/lxc/%s\n", longest);
	AUTO_FREE char *name = nspace_container(text);
	assert_int_equal(strlen(name), 4 + 4 * NAME_MAX);
}

#define THEIRS                                                                                               \
	"600 500 0:60 / / rw shared:1 - overlay overlay rw\n"                                                \
	"601 600 0:61 / /dev rw - tmpfs tmpfs rw\n"                                                          \
	"602 601 0:62 / /dev/shm rw,nosuid master:5 propagate_from:2 - tmpfs shm rw\n"                       \
	"603 601 0:63 /lock /dev/shm rw - tmpfs tmpfs rw\n"                                                  \
	"604 601 0:64 / /dev/shm rw - ext4 /dev/sda1 rw\n"
#define OURS                                                                                                 \
	"25 1 0:25 / /dev/shm rw shared:4 - tmpfs tmpfs rw\n"                                                \
	"26 1 0:26 / /run rw shared:5 - tmpfs tmpfs rw\n"                                                    \
	"27 1 0:62 / /var/lib/docker/containers/1/mounts/shm rw - tmpfs shm rw\n"

static void only_a_whole_tmpfs_of_its_own_is_shared_memory(void **state)
{
	(void)state;
	assert_true(nspace_is_shm(THEIRS, OURS, 602, makedev(0, 62)));
	assert_true(nspace_is_shm(THEIRS, OURS, 601, makedev(0, 61))); /* a directory of its /dev */
	assert_true(nspace_is_shm("9 1 0:25 / /dev/shm rw - tmpfs tmpfs rw\n", OURS, 9, makedev(0, 25)));
	assert_false(nspace_is_shm(THEIRS, OURS, 602, makedev(0, 61)));
	assert_false(nspace_is_shm(THEIRS, OURS, 603, makedev(0, 63)));
	assert_false(nspace_is_shm(THEIRS, OURS, 604, makedev(0, 64)));
	assert_false(nspace_is_shm(THEIRS, OURS, 605, makedev(0, 62)));
	/* Our /run, mounted there as if it were its own. */
	assert_false(nspace_is_shm("9 1 0:26 / /dev/shm rw - tmpfs tmpfs rw\n", OURS, 9, makedev(0, 26)));
	assert_false(nspace_is_shm("", OURS, 0, 0));
}

static void lines_that_are_no_mounts_are_passed_over(void **state)
{
	const char *text = "x 1 0:1 / / rw - tmpfs t rw\n1 2 0:4294967296 / / rw - tmpfs t rw\n"
			   "1 2 3 / / rw - tmpfs\n\n7 1 8:1 / /a\\040b rw - ext4 d rw";
	struct nspace_mount m;

	(void)state;
	assert_true(nspace_mount_next(&text, &m));
	assert_int_equal(m.id, 7);
	assert_int_equal(m.dev, makedev(8, 1));
	assert_true(m.whole && !m.tmpfs && m.point_len == 7);
	assert_false(nspace_mount_next(&text, &m));
}

static void the_file_of_an_ipc_namespace_is_told_from_others(void **state)
{
	static const struct {
		const char *line;
		ino_t ipcns;
	} rows[] = {
		{ "7 1 0:4 ipc:[4026532189] /run/x rw - nsfs nsfs rw", 4026532189 },
		{ "7 1 0:4 net:[4026532189] /run/x rw - nsfs nsfs rw", 0 },
		{ "7 1 0:4 ipc:[1] /run/x rw - tmpfs nsfs rw", 0 }, /* a file that somebody called so */
		{ "7 1 0:4 /ipc:[1] /run/x rw - nsfs nsfs rw", 0 },
		{ "7 1 0:4 ipc:[] /run/x rw - nsfs nsfs rw", 0 },
		{ "7 1 0:4 ipc:[ /run/x rw - nsfs nsfs rw", 0 },
		{ "7 1 0:4 ipc:[1x] /run/x rw - nsfs nsfs rw", 0 },
		{ "7 1 0:4 ipc:[99999999999] /run/x rw - nsfs nsfs rw", 0 },
	};
	struct nspace_mount m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *text = rows[i].line;
		assert_true(nspace_mount_next(&text, &m));
		assert_int_equal(m.ipcns, rows[i].ipcns);
	}
	const char *text = "7 1 0:4 ipc:[1] /run/a\\040b\\134\\04 rw - nsfs nsfs rw";
	assert_true(nspace_mount_next(&text, &m));
	AUTO_FREE char *path = nspace_mount_path(&m);
	assert_string_equal(path, "/run/a b\\\\04");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_control_group_tells_the_container),
		cmocka_unit_test(the_longest_names_stay_whole),
		cmocka_unit_test(only_a_whole_tmpfs_of_its_own_is_shared_memory),
		cmocka_unit_test(lines_that_are_no_mounts_are_passed_over),
		cmocka_unit_test(the_file_of_an_ipc_namespace_is_told_from_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
