/* Every use of an object is told to the observer once, at its end, and can be refused before it begins. */
#include "ipc/channel.h"
#include "ipc/io.h"
#include "ipc/kind.h"
#include "ipc/sem.h"
#include "ipc/shm.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LOG_SIZE = 4096 };

/* Writes down "event object count bytes result" for each thing it is told. */
struct recorder {
	struct ipc_observer observer;
	int refuse_with;
	char log[LOG_SIZE];
};

static int refuse(struct ipc_observer *self, const struct ipc_event *event)
{
	struct recorder *r = (struct recorder *)self;

	(void)event;
	return r->refuse_with;
}

static void write_down(struct ipc_observer *self, const struct ipc_event *event)
{
	struct recorder *r = (struct recorder *)self;
	AUTO_FREE char *object = ipc_selector_format(event->selector);
	size_t len = strlen(r->log);

	snprintf(r->log + len, sizeof(r->log) - len, "%s %s %llu %llu %d\n", ipc_event_name(event->type),
		object, (unsigned long long)event->count, (unsigned long long)event->bytes, event->result);
}

static struct recorder recorder = { .observer = { refuse, write_down } };
static struct ipc_ctx ctx = { .observer = &recorder.observer };

static int begin(void **state)
{
	(void)state;
	recorder.log[0] = '\0';
	recorder.refuse_with = 0;
	return 0;
}

static struct ipc_selector parse(const char *text)
{
	struct ipc_selector sel = { 0 };
	struct ipc_selector_error error;

	assert_int_equal(ipc_selector_parse(&ctx, text, NULL, 0, &sel, &error), 0);
	return sel;
}

static int create(const char *text, struct ipc_attrs attrs)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);
	struct ipc_mismatch mismatches[ATTR_COUNT];
	size_t len;

	return ipc_create(&ctx, &sel, &attrs, true, NULL, mismatches, &len);
}

static int remove_object(const char *text)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);
	AUTO_OBJECT struct ipc_object object = { 0 };
	int r = ipc_stat(&ctx, &sel, 0, &object);

	return r < 0 ? r : ipc_remove(&ctx, &object, REMOVE_DISCARD | REMOVE_FORCE);
}

static void use_queue(const char *text)
{
	AUTO_SELECTOR struct ipc_selector sel = parse(text);
	struct ipc_channel out = CHANNEL_CLOSED, in = CHANNEL_CLOSED;
	struct ipc_deadline now = ipc_deadline_in(0);
	char buf[65536];

	assert_int_equal(ipc_channel_open(&ctx, &sel, CHANNEL_SEND, &out), 0);
	assert_int_equal(ipc_channel_send(&out, "one", 3, 1, now), 0);
	assert_int_equal(ipc_channel_send(&out, "three", 5, 1, now), 0);
	ipc_channel_close(&out);
	assert_int_equal(ipc_channel_open(&ctx, &sel, CHANNEL_RECV, &in), 0);
	assert_int_equal(
		ipc_channel_recv(&in, buf + CHANNEL_MARGIN, sizeof(buf) - CHANNEL_MARGIN, NULL, NULL, now),
		3);
	ipc_channel_close(&in);
}

static void a_queue_is_told_in_sums(const char *name)
{
	char expected[LOG_SIZE];

	assert_int_equal(create(name, (struct ipc_attrs){ 0 }), 1);
	use_queue(name);
	assert_int_equal(remove_object(name), 0);
	assert_int_equal(remove_object(name), -ENOENT); /* there was nothing to use */
	snprintf(expected, sizeof(expected),
		"create %s 1 0 0\nsend %s 2 8 0\nreceive %s 1 3 0\nremove %s 1 0 0\n", name, name, name,
		name);
	assert_string_equal(recorder.log, expected);
}

static void posix_queue(void **state)
{
	(void)state;
	a_queue_is_told_in_sums("mq:/observed");
}

static void sysv_queue(void **state)
{
	(void)state;
	a_queue_is_told_in_sums("mq:key:0x0b5e41ed");
}

static void a_segment(void **state)
{
	(void)state;
	AUTO_SELECTOR struct ipc_selector sel = parse("shm:/observed");
	struct ipc_shm shm = SHM_CLOSED;
	struct ipc_attrs attrs = { 0 };
	char buf[4];

	ipc_attr_set(&attrs, ATTR_SIZE, 64);
	assert_int_equal(create("shm:/observed", attrs), 1);
	assert_int_equal(ipc_shm_open(&ctx, &sel, SHM_READ | SHM_WRITE, &shm), 0);
	assert_int_equal(ipc_shm_write(&shm, "data", 4, 8), 0);
	assert_int_equal(ipc_shm_read(&shm, buf, 4, 8), 4);
	ipc_shm_close(&shm);
	assert_int_equal(remove_object("shm:/observed"), 0);
	assert_non_null(strstr(recorder.log, "create shm:/observed 1 0 0\n"));
	assert_non_null(strstr(recorder.log, " shm:/observed 2 8 0\n"));
	assert_non_null(strstr(recorder.log, "remove shm:/observed 1 0 0\n"));
}

static void a_semaphore(void **state)
{
	(void)state;
	AUTO_SELECTOR struct ipc_selector sel = parse("sem:/observed");
	AUTO_SEM struct ipc_sem sem = SEM_CLOSED;

	assert_int_equal(create("sem:/observed", (struct ipc_attrs){ 0 }), 1);
	assert_int_equal(ipc_sem_open(&ctx, &sel, true, &sem), 0);
	recorder.log[0] = '\0';
	assert_int_equal(ipc_sem_wait(&sem, 1, ipc_deadline_in(0)), 0);
	assert_int_equal(ipc_sem_wait(&sem, 1, ipc_deadline_in(0)), -EAGAIN);
	assert_int_equal(ipc_sem_post(&sem, 3), 0);
	char *first = strstr(recorder.log, "sem:/observed 1 0 0\n");
	assert_non_null(first);
	assert_non_null(strstr(first, "sem:/observed 3 0 0\n"));
	ipc_sem_close(&sem);
	assert_int_equal(remove_object("sem:/observed"), 0);
}

static void a_failure_is_told_too(void **state)
{
	(void)state;
	AUTO_SELECTOR struct ipc_selector sel = parse("mq:/nobody-made-this");
	struct ipc_channel c = CHANNEL_CLOSED;

	assert_int_equal(ipc_channel_open(&ctx, &sel, CHANNEL_SEND, &c), -ENOENT);
	char expected[80];
	snprintf(expected, sizeof(expected), "send mq:/nobody-made-this 0 0 %d\n", -ENOENT);
	assert_string_equal(recorder.log, expected);
}

static void what_is_refused_before_does_not_happen(void **state)
{
	(void)state;
	AUTO_SELECTOR struct ipc_selector sel = parse("mq:/observed");
	AUTO_OBJECT struct ipc_object object = { 0 };

	recorder.refuse_with = -EPERM;
	assert_int_equal(create("mq:/observed", (struct ipc_attrs){ 0 }), -EPERM);
	assert_int_equal(ipc_stat(&ctx, &sel, 0, &object), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(posix_queue, begin),
		cmocka_unit_test_setup(sysv_queue, begin),
		cmocka_unit_test_setup(a_segment, begin),
		cmocka_unit_test_setup(a_semaphore, begin),
		cmocka_unit_test_setup(a_failure_is_told_too, begin),
		cmocka_unit_test_setup(what_is_refused_before_does_not_happen, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
