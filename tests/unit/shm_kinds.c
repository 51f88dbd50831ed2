/* The two kinds of shared memory behind the interface of kind.h, in the private world of tests/run.sh. */
#include "ipc/io.h"
#include "ipc/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct ipc_ctx ctx = IPC_CTX_INIT;

static struct ipc_selector parse(const char *text)
{
	struct ipc_selector sel = { 0 };
	struct ipc_selector_error error;

	assert_int_equal(ipc_selector_parse(&ctx, text, "shm", SELECTOR_CREATE, &sel, &error), 0);
	return sel;
}

static int create(const char *text, uint64_t size, mode_t mode)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);
	struct ipc_mismatch mismatches[ATTR_COUNT];
	struct ipc_attrs attrs = { 0 };
	size_t len;

	ipc_attr_set(&attrs, ATTR_SIZE, size);
	ipc_attr_set(&attrs, ATTR_MODE, mode);
	return ipc_create(&ctx, &sel, &attrs, false, NULL, mismatches, &len);
}

static int look(const char *text, struct ipc_object *ret)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);

	return ipc_stat(&ctx, &sel, WANT_STATE, ret);
}

static int clean(void **state)
{
	(void)state;
	return system("rm -rf /dev/shm/* /dev/shm/.[!.]*; ipcrm --all=shm");
}

static int count_object(struct ipc_object *o, int error, void *arg)
{
	(void)o;
	assert_int_equal(error, 0);
	(*(int *)arg)++;
	return 0;
}

static int count(void)
{
	int n = 0;

	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next("shm", k));)
		assert_int_equal(ipc_list(&ctx, k, WANT_STATE, count_object, &n), 0);
	return n;
}

static void attributes_are_exact(void **state)
{
	static const char *const names[] = { "/a", "key:5678" };

	(void)state;
	umask(077);
	for (size_t i = 0; i < 2; i++) {
		AUTO_OBJECT struct ipc_object o = { 0 };
		assert_int_equal(create(names[i], 908, 0646), 1);
		assert_int_equal(create(names[i], 908, 0646), 0);
		assert_int_equal(create(names[i], 909, 0646), -EEXIST);
		assert_int_equal(look(names[i], &o), 0);
		assert_int_equal(o.common[FIELD_SIZE].number, 908);
		assert_int_equal(o.common[FIELD_MODE].number, 0646);
		assert_int_equal(o.common[FIELD_UID].number, getuid());
		assert_int_equal(o.verdict.state, STATE_IDLE);
	}
	assert_int_equal(count(), 2);
}

static void holders_make_it_live(void **state)
{
	AUTO_OBJECT struct ipc_object a = { 0 }, b = { 0 }, gone = { 0 };

	(void)state;
	create("/a", 10, 0600);
	create("key:1", 10, 0600);
	int fd = shm_open("/a", O_RDWR, 0), id = shmget(1, 0, 0);
	void *map = mmap(NULL, 10, PROT_READ, MAP_PRIVATE, fd, 0), *at = shmat(id, NULL, 0);
	close(fd);
	assert_int_equal(look("/a", &a), 0);
	assert_int_equal(look("key:1", &b), 0);
	assert_int_equal(a.verdict.state, STATE_LIVE);
	assert_int_equal(b.verdict.state, STATE_LIVE);
	assert_int_equal(ipc_object_get(&b, "attaches").number, 1);
	assert_int_equal(ipc_remove(&ctx, &a, 0), -EBUSY);
	assert_int_equal(ipc_remove(&ctx, &b, 0), -EBUSY);
	assert_int_equal(ipc_remove(&ctx, &b, REMOVE_FORCE), 0);
	b.selector.form = FORM_ID;
	assert_int_equal(ipc_stat(&ctx, &b.selector, WANT_STATE, &gone), 0);
	assert_int_equal(gone.verdict.state, STATE_ORPHAN);
	assert_int_equal(gone.common[FIELD_MODE].number, 0600);
	munmap(map, 10);
	shmdt(at);
	assert_int_equal(ipc_remove(&ctx, &a, 0), 0);
	assert_int_equal(count(), 0);
}

static void what_is_no_segment_is_not_touched(void **state)
{
	AUTO_OBJECT struct ipc_object o = { 0 };

	(void)state;
	assert_int_equal(symlink("/etc/passwd", "/dev/shm/link"), 0);
	assert_int_equal(mkfifo("/dev/shm/fifo", 0600), 0);
	assert_int_equal(mkdir("/dev/shm/dir", 0700), 0);
	assert_int_equal(system("truncate -s 32 /dev/shm/sem.a; truncate -s 31 /dev/shm/sem.b"), 0);
	assert_int_equal(count(), 1); /* sem.b is too short for a semaphore */
	assert_int_equal(look("/link", &o), -ELOOP);
	assert_int_equal(look("/fifo", &o), -EMEDIUMTYPE);
	assert_int_equal(look("/dir", &o), -EMEDIUMTYPE);
	assert_int_equal(create("/link", 10, 0600), -ELOOP);
	assert_int_equal(create("/fifo", 10, 0600), -EMEDIUMTYPE);
}

static void another_object_of_that_name_stays(void **state)
{
	AUTO_OBJECT struct ipc_object o = { 0 };

	(void)state;
	create("/a", 10, 0600);
	assert_int_equal(look("/a", &o), 0);
	assert_int_equal(rename("/dev/shm/a", "/dev/shm/b"), 0);
	create("/a", 10, 0600);
	assert_int_equal(ipc_remove(&ctx, &o, REMOVE_FORCE), -ESTALE);
	assert_int_equal(ipc_set_mode(&ctx, &o, 0666), -ESTALE);
	assert_int_equal(ipc_set_owner(&ctx, &o, getuid(), (gid_t)-1), -ESTALE);
	assert_int_equal(count(), 2);
}

static void mode_can_be_changed(void **state)
{
	static const char *const names[] = { "/a", "key:5678" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO_OBJECT struct ipc_object o = { 0 }, after = { 0 };
		create(names[i], 10, 0200);
		assert_int_equal(look(names[i], &o), 0);
		assert_int_equal(ipc_set_mode(&ctx, &o, 0640), 0);
		assert_int_equal(ipc_set_owner(&ctx, &o, (uid_t)-1, getgid()), 0);
		assert_int_equal(look(names[i], &after), 0);
		assert_int_equal(after.common[FIELD_GID].number, getgid());
		assert_int_equal(after.common[FIELD_MODE].number, 0640);
	}
}

static void interrupted_removals_are_undone(void **state)
{
	AUTO_OBJECT struct ipc_object o = { 0 };

	(void)state;
	create("/a", 10, 0600);
	create("/b", 10, 0600);
	assert_int_equal(rename("/dev/shm/a", "/dev/shm/.ipcctl-rm.a"), 0);
	assert_int_equal(link("/dev/shm/b", "/dev/shm/.ipcctl-rm.b"), 0); /* its name is taken */
	assert_int_equal(count(), 3);
	assert_int_equal(look("/a", &o), 0);
	assert_int_equal(access("/dev/shm/.ipcctl-rm.b", F_OK), 0);
}

static void long_names_work(void **state)
{
	char name[257] = "/";

	(void)state;
	for (size_t len = 240; len <= 255; len++) {
		AUTO_OBJECT struct ipc_object o = { 0 };
		memset(name + 1, 'n', len);
		name[len + 1] = '\0';
		assert_int_equal(create(name, 10, 0600), 1);
		assert_int_equal(look(name, &o), 0);
		assert_int_equal(ipc_remove(&ctx, &o, 0), 0);
	}
	assert_int_equal(count(), 0);
}

static void waiting_ends_with_the_change(void **state)
{
	AUTO_SELECTOR struct ipc_selector sel = parse("/a");
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(create("/a", 10, 0600) != 1);
	assert_int_equal(ipc_wait(&ctx, &sel, CONDITION_EXISTS, ipc_deadline_in(10 * NSEC_PER_SEC)), 0);
	if ((pid = fork()) == 0)
		_exit(unlink("/dev/shm/a"));
	assert_int_equal(ipc_wait(&ctx, &sel, CONDITION_GONE, ipc_deadline_in(10 * NSEC_PER_SEC)), 0);
	assert_int_equal(ipc_wait(&ctx, &sel, CONDITION_EXISTS, ipc_deadline_in(NSEC_PER_MSEC)), -ETIMEDOUT);
	assert_int_equal(ipc_wait(&ctx, &sel, CONDITION_EXISTS, ipc_deadline_in(0)), -EAGAIN);
}

/* File systems give the number of what was removed again at once; the birth differs. */
static void what_was_born_later_is_another(void **state)
{
	struct ipc_object a = { .dev = 1, .ino = 2 }, b = { .dev = 1, .ino = 2 };

	(void)state;
	assert_true(ipc_object_same(&a, &b));
	ipc_object_set(&a, FIELD_CREATED, 1000);
	assert_true(ipc_object_same(&a, &b)); /* not known of one */
	ipc_object_set(&b, FIELD_CREATED, 1000);
	assert_true(ipc_object_same(&a, &b));
	ipc_object_set(&b, FIELD_CREATED, 1001);
	assert_false(ipc_object_same(&a, &b));
}

/* It removes every object: only in a world of its own. */
static bool in_private_world(void)
{
	const char *ours = getenv("TESTS_IPC_NS");
	char here[64] = "";

	return ours && readlink("/proc/self/ns/ipc", here, sizeof(here) - 1) > 0 && strcmp(ours, here) == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(attributes_are_exact, clean),
		cmocka_unit_test_setup(holders_make_it_live, clean),
		cmocka_unit_test_setup(what_is_no_segment_is_not_touched, clean),
		cmocka_unit_test_setup(another_object_of_that_name_stays, clean),
		cmocka_unit_test(what_was_born_later_is_another),
		cmocka_unit_test_setup(mode_can_be_changed, clean),
		cmocka_unit_test_setup(interrupted_removals_are_undone, clean),
		cmocka_unit_test_setup(long_names_work, clean),
		cmocka_unit_test_setup(waiting_ends_with_the_change, clean),
	};

	if (!in_private_world()) {
		fputs("run this with tests/run.sh: it makes and removes real IPC objects\n", stderr);
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
