/* The two kinds of message queues behind the interface of kind.h, in the private world of tests/run.sh. */
#include "ipc/channel.h"
#include "ipc/io.h"
#include "ipc/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct ipc_ctx ctx = IPC_CTX_INIT;
static const char *const names[] = { "/a", "key:5678" };

static struct ipc_selector parse(const char *text)
{
	struct ipc_selector sel = { 0 };
	struct ipc_selector_error error;

	assert_int_equal(ipc_selector_parse(&ctx, text, "mq", SELECTOR_CREATE, &sel, &error), 0);
	return sel;
}

static int create(const char *text, const struct ipc_attrs *attrs)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);
	struct ipc_mismatch mismatches[ATTR_COUNT];
	size_t len;

	return ipc_create(&ctx, &sel, attrs, true, NULL, mismatches, &len);
}

static void make(const char *text)
{
	struct ipc_attrs attrs = { 0 };

	ipc_attr_set(&attrs, ATTR_MODE, 0646);
	assert_int_equal(create(text, &attrs), 1);
}

static int look(const char *text, struct ipc_object *ret)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);

	return ipc_stat(&ctx, &sel, WANT_STATE, ret);
}

static void send_one(const char *text, const char *message)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);
	AUTO_CHANNEL struct ipc_channel c = CHANNEL_CLOSED;

	assert_int_equal(ipc_channel_open(&ctx, &sel, CHANNEL_SEND, &c), 0);
	assert_int_equal(ipc_channel_send(&c, message, strlen(message), 7, ipc_deadline_in(0)), 0);
}

static int clean(void **state)
{
	(void)state;
	return system("rm -f /dev/mqueue/*; ipcrm --all=msg");
}

/*
 * What a queue that nobody has is found to be: who waits on one of System V only /proc tells, where process 1 may be
 * closed to root, too.
 */
static enum ipc_state unused_state(const char *name)
{
	bool sysv = strncmp(name, "key:", 4) == 0;
	char target[PATH_MAX];

	return sysv && readlink("/proc/1/cwd", target, sizeof(target)) < 0 ? STATE_UNKNOWN : STATE_IDLE;
}

static void attributes_are_exact(void **state)
{
	(void)state;
	umask(077);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_OBJECT struct ipc_object o = { 0 };
		make(names[i]);
		assert_int_equal(look(names[i], &o), 0);
		assert_int_equal(o.common[FIELD_MODE].number, 0646);
		assert_int_equal(o.common[FIELD_UID].number, geteuid());
		assert_int_equal(o.common[FIELD_USED].number, 0);
		assert_int_equal(o.verdict.state, unused_state(names[i]));
		assert_int_equal(create(names[i], &(struct ipc_attrs){ 0 }), -EEXIST);
		assert_int_equal(ipc_set_mode(&ctx, &o, 0400), 0);
		ipc_object_clear(&o);
		assert_int_equal(look(names[i], &o), 0);
		assert_int_equal(o.common[FIELD_MODE].number, 0400);
	}
}

static void sizes_are_as_asked(void **state)
{
	struct ipc_attrs attrs = { 0 };
	AUTO_OBJECT struct ipc_object o = { 0 }, v = { 0 };

	(void)state;
	ipc_attr_set(&attrs, ATTR_MESSAGE_SIZE, 100);
	assert_int_equal(create("/a", &attrs), 1);
	assert_int_equal(look("/a", &o), 0);
	assert_int_equal(ipc_object_get(&o, "message_size").number, 100);
	assert_int_equal(ipc_object_get(&o, "max_messages").number, 10);
	assert_int_equal(o.common[FIELD_SIZE].number, 1000);
	attrs = (struct ipc_attrs){ 0 };
	ipc_attr_set(&attrs, ATTR_QUEUE_BYTES, 4000);
	assert_int_equal(create("key:5678", &attrs), 1);
	assert_int_equal(look("key:5678", &v), 0);
	assert_int_equal(ipc_object_get(&v, "queue_bytes").number, 4000);
	assert_int_equal(v.common[FIELD_SIZE].number, 4000);
	assert_int_equal(v.common[FIELD_MODE].number, 0600);
}

static void looking_changes_nothing(void **state)
{
	struct stat before, after;
	AUTO_OBJECT struct ipc_object o = { 0 };

	(void)state;
	make("/a");
	send_one("/a", "hello");
	assert_int_equal(stat("/dev/mqueue/a", &before), 0);
	assert_int_equal(look("/a", &o), 0);
	assert_int_equal(stat("/dev/mqueue/a", &after), 0);
	assert_memory_equal(&before.st_atim, &after.st_atim, sizeof(before.st_atim));
	assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
	assert_memory_equal(&before.st_ctim, &after.st_ctim, sizeof(before.st_ctim));
	assert_int_equal(o.common[FIELD_USED].have, HAVE_UNKNOWN);
	assert_int_equal(ipc_object_get(&o, "messages").number, 1);
}

static void a_queue_that_is_open_is_live(void **state)
{
	AUTO_OBJECT struct ipc_object o = { 0 };

	(void)state;
	make("/a");
	AUTO_CLOSE int fd = mq_open("/a", O_WRONLY);
	assert_int_equal(look("/a", &o), 0);
	assert_int_equal(o.verdict.state, STATE_LIVE);
	assert_int_equal(ipc_remove(&ctx, &o, 0), -EBUSY);
	ipc_close(&fd);
	assert_int_equal(ipc_remove(&ctx, &o, 0), 0);
	assert_int_equal(ipc_remove(&ctx, &o, 0), -ENOENT);
}

static void another_queue_of_that_name_is_left_alone(void **state)
{
	AUTO_OBJECT struct ipc_object o = { 0 }, now = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		ipc_object_clear(&o);
		make(names[i]);
		assert_int_equal(look(names[i], &o), 0);
		assert_int_equal(system("rm -f /dev/mqueue/*; ipcrm --all=msg"), 0);
		make(names[i]);
		int r = ipc_remove(&ctx, &o, REMOVE_FORCE | REMOVE_DISCARD);
		assert_true(r == -ESTALE || r == -ENOENT);
		ipc_object_clear(&now);
		assert_int_equal(look(names[i], &now), 0);
	}
}

static void unread_messages_keep_a_queue(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_OBJECT struct ipc_object o = { 0 };
		make(names[i]);
		send_one(names[i], "hello");
		assert_int_equal(look(names[i], &o), 0);
		unsigned force = unused_state(names[i]) == STATE_UNKNOWN ? REMOVE_FORCE : 0;
		assert_int_equal(ipc_remove(&ctx, &o, force), -ENOTEMPTY);
		assert_int_equal(ipc_remove(&ctx, &o, force | REMOVE_DISCARD), 0);
	}
}

static int count_object(struct ipc_object *o, int error, void *arg)
{
	(void)error;
	AUTO_FREE char *name = ipc_selector_format(&o->selector);
	assert_non_null(name);
	(*(int *)arg)++;
	return 0;
}

static void all_are_listed(void **state)
{
	int n = 0;

	(void)state;
	make("/a");
	make("/b\n*");
	make("key:1");
	make("key:private");
	for (const struct ipc_kind *k = NULL; (k = ipc_kind_next("mq", k));)
		assert_int_equal(ipc_list(&ctx, k, WANT_STATE, count_object, &n), 0);
	assert_int_equal(n, 4);
}

static void waiting_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_SELECTOR struct ipc_selector sel = parse(names[i]);
		struct ipc_deadline soon = ipc_deadline_in(NSEC_PER_MSEC);
		assert_int_equal(ipc_wait(&ctx, &sel, CONDITION_EXISTS, soon), -ETIMEDOUT);
		assert_int_equal(ipc_wait(&ctx, &sel, CONDITION_GONE, soon), 0);
		pid_t pid = fork();
		if (pid == 0) {
			make(names[i]);
			send_one(names[i], "x");
			_exit(0);
		}
		struct ipc_deadline long_time = ipc_deadline_in(10 * NSEC_PER_SEC);
		assert_int_equal(ipc_wait(&ctx, &sel, CONDITION_EXISTS, long_time), 0);
		assert_int_equal(ipc_wait(&ctx, &sel, CONDITION_READABLE, long_time), 0);
		assert_int_equal(ipc_wait(&ctx, &sel, CONDITION_EMPTY, ipc_deadline_in(0)), -EAGAIN);
	}
}

static void messages_pass(void **state)
{
	char room[CHANNEL_MARGIN + 8192], *buf = room + CHANNEL_MARGIN;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_SELECTOR struct ipc_selector sel = parse(names[i]);
		AUTO_CHANNEL struct ipc_channel c = CHANNEL_CLOSED;
		struct ipc_deadline soon = ipc_deadline_in(30 * NSEC_PER_MSEC);
		int64_t tag;
		make(names[i]);
		send_one(names[i], "a");
		send_one(names[i], "");
		assert_int_equal(ipc_channel_open(&ctx, &sel, CHANNEL_SEND | CHANNEL_RECV, &c), 0);
		assert_int_equal(ipc_channel_recv(&c, buf, 8192, NULL, &tag, soon), 1);
		assert_int_equal(tag, 7);
		assert_int_equal(buf[0], 'a');
		assert_int_equal(ipc_channel_recv(&c, buf, 8192, NULL, &tag, soon), 0);
		assert_int_equal(ipc_channel_recv(&c, buf, 8192, NULL, &tag, ipc_deadline_in(0)), -EAGAIN);
		assert_int_equal(ipc_channel_recv(&c, buf, 8192, NULL, &tag, soon), -ETIMEDOUT);
		assert_int_equal(ipc_channel_send(&c, buf, 8192, -1, soon), -EINVAL);
		assert_int_equal(ipc_channel_send(&c, buf, 8193, 1, soon), -EMSGSIZE);
		int r = 0;
		for (int n = 0; r == 0 && n < 20000; n++)
			r = ipc_channel_send(&c, buf, 1000, 1, ipc_deadline_in(0));
		assert_int_equal(r, -EAGAIN);
		assert_int_equal(
			ipc_channel_send(&c, buf, 1000, 1, ipc_deadline_in(NSEC_PER_MSEC)), -ETIMEDOUT);
	}
}

static void a_hint_is_about_its_cause(void **state)
{
	const struct ipc_kind *posix = ipc_kind_next("mq", NULL);
	struct ipc_attrs attrs = { 0 };
	struct rlimit files, none = { 0 };

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	none.rlim_max = files.rlim_max;
	assert_non_null(strstr(ipc_kind_hint(posix, -EMFILE, &attrs), "RLIMIT_MSGQUEUE"));
	assert_non_null(strstr(ipc_kind_hint(posix, -EMFILE, NULL), "descriptor"));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(create("/a", &attrs), -EMFILE);
	assert_non_null(strstr(ipc_kind_hint(posix, -EMFILE, &attrs), "descriptor"));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	assert_null(ipc_kind_hint(posix, -EINVAL, &attrs));
	ipc_attr_set(&attrs, ATTR_MAX_MESSAGES, 1 << 20);
	assert_non_null(strstr(ipc_kind_hint(posix, -EINVAL, &attrs), "msg_max"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(attributes_are_exact, clean),
		cmocka_unit_test_setup(sizes_are_as_asked, clean),
		cmocka_unit_test_setup(looking_changes_nothing, clean),
		cmocka_unit_test_setup(a_queue_that_is_open_is_live, clean),
		cmocka_unit_test_setup(another_queue_of_that_name_is_left_alone, clean),
		cmocka_unit_test_setup(unread_messages_keep_a_queue, clean),
		cmocka_unit_test_setup(all_are_listed, clean),
		cmocka_unit_test_setup(waiting_ends, clean),
		cmocka_unit_test_setup(messages_pass, clean),
		cmocka_unit_test_setup(a_hint_is_about_its_cause, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
