/* Windows on shared memory, snapshots and members, on memory of the test's own: no IPC object is made. */
#include "ipc/io.h"
#include "ipc/shm_private.h"
#include "ipc/shmfields.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAGE = 4096, START = 3 * PAGE, LEN = 100 };

static const size_t widths[] = { 1, 2, 4, 8 };

/* --- the view --- */

static void only_what_lies_in_the_view_is_covered(void **state)
{
	unsigned char memory[LEN];
	struct ipc_shmview v = { memory, START, LEN }, none = { 0 };

	(void)state;
	assert_true(ipc_shmview_covers(&v, START, LEN));
	assert_true(ipc_shmview_covers(&v, START + LEN, 0));
	assert_false(ipc_shmview_covers(&v, START + LEN, 1));
	assert_false(ipc_shmview_covers(&v, START - 1, 2));
	assert_false(ipc_shmview_covers(&v, START + 1, LEN));
	assert_false(ipc_shmview_covers(&v, START + 1, UINT64_MAX));
	assert_false(ipc_shmview_covers(&v, UINT64_MAX, 2));
	assert_false(ipc_shmview_covers(&none, 0, 0));
}

static void an_access_outside_touches_nothing(void **state)
{
	unsigned char memory[LEN + 8], before[LEN + 8], got[8], wanted[8];
	struct ipc_shmview v = { memory, START, LEN };

	(void)state;
	memset(memory, 'm', sizeof(memory));
	memset(got, 'g', sizeof(got));
	memcpy(before, memory, sizeof(memory));
	memcpy(wanted, got, sizeof(got));
	assert_int_equal(ipc_shmview_read(&v, got, 8, START + LEN - 7), -ERANGE);
	assert_int_equal(ipc_shmview_write(&v, got, 8, START + LEN - 7), -ERANGE);
	assert_int_equal(ipc_shmview_read(&v, got, 1, START - 1), -ERANGE);
	assert_int_equal(ipc_shmview_load(&v, got, 8, START + LEN - 4), -ERANGE);
	assert_int_equal(ipc_shmview_store(&v, got, 8, START + LEN - 4), -ERANGE);
	assert_int_equal(ipc_shmview_swap(&v, before, got, got, 8, START + LEN - 4), -ERANGE);
	assert_memory_equal(memory, before, sizeof(memory));
	assert_memory_equal(got, wanted, sizeof(got));
}

static void words_have_a_width_of_the_machine_and_lie_at_a_multiple_of_it(void **state)
{
	static const size_t bad[] = { 0, 3, 5, 6, 7, 9, 16, SIZE_MAX };
	_Alignas(16) unsigned char memory[32] = { 0 };
	struct ipc_shmview v = { memory, 0, sizeof(memory) };
	unsigned char value[16] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(ipc_shmview_load(&v, value, bad[i], 0), -EINVAL);
		assert_int_equal(ipc_shmview_store(&v, value, bad[i], 0), -EINVAL);
		assert_int_equal(ipc_shmview_swap(&v, value, value, value, bad[i], 0), -EINVAL);
	}
	for (size_t i = 1; i < ARRAY_SIZE(widths); i++)
		assert_int_equal(ipc_shmview_load(&v, value, widths[i], widths[i] / 2), -EINVAL);
}

static void words_of_every_width_are_stored_loaded_and_swapped(void **state)
{
	static const unsigned char first[8] = "abcdefg", second[8] = "ABCDEFG";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		_Alignas(8) unsigned char memory[24];
		struct ipc_shmview v = { memory, START, sizeof(memory) };
		unsigned char got[8] = { 0 };
		const size_t width = widths[i];

		memset(memory, 'm', sizeof(memory));
		assert_int_equal(ipc_shmview_store(&v, first, width, START + 8), 0);
		assert_int_equal(ipc_shmview_load(&v, got, width, START + 8), 0);
		assert_memory_equal(got, first, width);
		assert_int_equal(ipc_shmview_swap(&v, second, second, got, width, START + 8), 0);
		assert_memory_equal(got, first, width); /* what it found */
		assert_memory_equal(memory + 8, first, width);
		assert_int_equal(ipc_shmview_swap(&v, first, second, NULL, width, START + 8), 1);
		assert_memory_equal(memory + 8, second, width);
		assert_int_equal(memory[7], 'm');
		assert_int_equal(memory[8 + width], 'm');
	}
}

static void count_up(const struct ipc_shmview *v, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		uint32_t present = 0, next;
		do
			next = present + 1;
		while (ipc_shmview_swap(v, &present, &next, &present, sizeof(next), 4) != 1);
	}
}

static void no_swap_is_lost_between_processes(void **state)
{
	enum { TIMES = 20000 };
	uint32_t *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct ipc_shmview v = { (unsigned char *)memory, 0, PAGE };
	int status;

	(void)state;
	assert_ptr_not_equal(memory, MAP_FAILED);
	pid_t pid = fork();
	if (pid == 0) {
		count_up(&v, TIMES);
		_exit(0);
	}
	count_up(&v, TIMES);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(memory[1], 2 * TIMES);
	munmap(memory, PAGE);
}

static void on_bus(int signo)
{
	_exit(signo);
}

/* Two pages of which the file has lost the second. */
static void what_was_truncated_reads_as_zeros(void **state)
{
	AUTO_CLOSE int fd = memfd_create("view", MFD_CLOEXEC);
	struct sigaction mine = { .sa_handler = on_bus }, after;
	char text[16] = "was here before", got[16];
	const size_t page = (size_t)getpagesize();
	uint64_t word = UINT64_MAX;

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)(2 * page)), 0);
	unsigned char *base = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(base, MAP_FAILED);
	struct ipc_shmview v = { base, 0, 2 * page };
	memset(base, 'm', 2 * page);
	assert_int_equal(ftruncate(fd, (off_t)page), 0);
	sigaction(SIGBUS, &mine, NULL);
	assert_int_equal(ipc_shmview_read(&v, got, sizeof(got), page - 8), 0);
	assert_memory_equal(got, "mmmmmmmm\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(ipc_shmview_load(&v, &word, 8, page + 8), 0);
	assert_int_equal(word, 0);
	assert_int_equal(ipc_shmview_write(&v, text, sizeof(text), page), 0);
	assert_int_equal(ipc_shmview_store(&v, &word, 8, page), 0);
	sigaction(SIGBUS, NULL, &after);
	assert_ptr_equal(after.sa_handler, on_bus); /* the caller's own is back */
	signal(SIGBUS, SIG_DFL);
	assert_int_equal(lseek(fd, 0, SEEK_END), page);
	munmap(base, 2 * page);
}

/* --- snapshots: of a segment that changes from copy to copy as the test says --- */

enum { SEGMENT = 64 };

static struct {
	_Alignas(8) unsigned char bytes[SEGMENT];
	uint64_t size;
	unsigned copies;       /* made so far */
	unsigned changes_till; /* before each of the first copies somebody writes */
	unsigned alone_till;   /* so often nobody else has it */
} fake;

static int64_t fake_size(const struct ipc_shm *s)
{
	(void)s;
	return (int64_t)fake.size;
}

static ssize_t fake_read(struct ipc_shm *s, void *buf, size_t len, uint64_t offset)
{
	(void)s;
	if (fake.copies < fake.changes_till)
		memset(fake.bytes, 'a' + (int)(fake.copies % 26), SEGMENT);
	fake.copies++;
	if (offset >= fake.size)
		return 0;
	if (len > fake.size - offset)
		len = (size_t)(fake.size - offset);
	memcpy(buf, fake.bytes + offset, len);
	return (ssize_t)len;
}

static int fake_map(struct ipc_shm *s, uint64_t offset, size_t len)
{
	(void)offset, (void)len;
	s->view = (struct ipc_shmview){ fake.bytes, 0, SEGMENT };
	return 0;
}

static bool fake_alone(const struct ipc_shm *s)
{
	(void)s;
	if (fake.alone_till == 0)
		return false;
	fake.alone_till--;
	return true;
}

static const struct ipc_shm_ops fake_ops = {
	.size = fake_size, .read = fake_read, .map = fake_map, .alone = fake_alone
};

static int renew(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	memset(fake.bytes, 's', SEGMENT);
	fake.size = SEGMENT;
	return 0;
}

static const struct ipc_shm_range range = { 4, 32 };

static int take(struct ipc_shm *s, unsigned char buf[36])
{
	memset(buf, 0, 36);
	return ipc_shm_snapshot(s, buf, &range, 1, 8);
}

static void assert_all(const unsigned char buf[36], int c)
{
	unsigned char wanted[32];

	memset(wanted, c, sizeof(wanted));
	assert_memory_equal(buf + 4, wanted, sizeof(wanted));
	assert_memory_equal(buf, "\0\0\0\0", 4); /* in no range */
}

static void a_snapshot_is_copies_that_are_equal(void **state)
{
	struct ipc_shm s = { .ops = &fake_ops };
	unsigned char buf[36];

	(void)state;
	assert_int_equal(take(&s, buf), 0);
	assert_all(buf, 's');
	assert_true(fake.copies >= 2);
	assert_int_equal(s.count, 1); /* one access, to whoever keeps count */
}

static void a_copy_that_was_changed_meanwhile_is_dropped(void **state)
{
	struct ipc_shm s = { .ops = &fake_ops };
	unsigned char buf[36];

	(void)state;
	fake.changes_till = 3;
	assert_int_equal(take(&s, buf), 0);
	assert_all(buf, 'c');
	assert_true(fake.copies >= 4);
}

static void what_never_rests_is_busy(void **state)
{
	struct ipc_shm s = { .ops = &fake_ops };
	unsigned char buf[36];

	(void)state;
	fake.changes_till = UINT32_MAX;
	assert_int_equal(take(&s, buf), -EBUSY);
}

static void one_copy_is_enough_while_nobody_else_has_it(void **state)
{
	struct ipc_shm s = { .ops = &fake_ops };
	unsigned char buf[36];

	(void)state;
	fake.alone_till = 2;
	assert_int_equal(take(&s, buf), 0);
	assert_int_equal(fake.copies, 1);
	assert_all(buf, 's');
	renew(NULL);
	fake.alone_till = 1; /* somebody came while it was copied */
	fake.changes_till = 2;
	assert_int_equal(take(&s, buf), 0);
	assert_true(fake.copies >= 3);
	assert_all(buf, 'b');
}

static void what_ends_before_is_no_snapshot(void **state)
{
	struct ipc_shm s = { .ops = &fake_ops };
	unsigned char buf[36];

	(void)state;
	fake.size = 8 + 36 - 1;
	assert_int_equal(take(&s, buf), -ENODATA);
	assert_int_equal(ipc_shm_snapshot(&s, buf, &range, 1, UINT64_MAX - 3), -ENODATA);
}

/* --- members --- */

/* A layout, two members of it, and a value for each. */
struct record {
	struct ipc_layout *layout;
	struct ipc_member_value id, ready;
	unsigned char id_bytes[8], ready_bytes[8];
};

static void parse(struct ipc_member_value *v, const struct ipc_layout *layout, unsigned char *bytes,
	const char *name, const char *text)
{
	v->bytes = bytes;
	assert_int_equal(ipc_layout_find(layout, name, &v->member, NULL), 0);
	assert_int_equal(ipc_member_parse(&v->member, text, strlen(text), bytes, NULL), 0);
}

static void record_init(struct record *rec, const char *id, const char *ready)
{
	static const char text[] = "int id; bool ready;";

	assert_int_equal(ipc_layout_parse(text, strlen(text), NULL, &rec->layout, NULL), 0);
	parse(&rec->id, rec->layout, rec->id_bytes, "id", id);
	parse(&rec->ready, rec->layout, rec->ready_bytes, "ready", ready);
}

static void a_condition_decides_over_the_member_itself(void **state)
{
	struct ipc_shm s = { .ops = &fake_ops };
	struct ipc_shm_fields f = { &s, 8, false };
	struct record present, next;

	(void)state;
	record_init(&present, "7", "true");
	record_init(&next, "42", "false");
	memset(fake.bytes, 0, SEGMENT);
	assert_int_equal(ipc_shm_fields_change(&f, &next.id, 1, &present.id), 0);
	assert_int_equal(fake.bytes[8], 0);
	assert_int_equal(ipc_shm_fields_change(&f, &present.id, 1, NULL), 1);
	assert_int_equal(fake.bytes[8], 7);
	assert_int_equal(ipc_shm_fields_change(&f, &next.id, 1, &present.id), 1);
	assert_int_equal(fake.bytes[8], 42);
	fake.bytes[12] = 2; /* true as well */
	assert_int_equal(ipc_shm_fields_change(&f, &next.ready, 1, &present.ready), 1);
	assert_int_equal(fake.bytes[12], 0);
	ipc_layout_free(present.layout);
	ipc_layout_free(next.layout);
}

static void a_condition_that_no_single_swap_can_keep_needs_a_lock(void **state)
{
	struct ipc_shm s = { .ops = &fake_ops };
	struct ipc_shm_fields f = { &s, 8, false };
	struct record rec;

	(void)state;
	record_init(&rec, "7", "true");
	memset(fake.bytes, 0, SEGMENT);
	assert_int_equal(ipc_shm_fields_change(&f, &rec.id, 1, &rec.ready), -EINVAL);
	const struct ipc_member_value both[] = { rec.id, rec.ready };
	assert_int_equal(ipc_shm_fields_change(&f, both, 2, &rec.id), -EINVAL);
	f.base = 9; /* no longer at a multiple of its width */
	assert_int_equal(ipc_shm_fields_change(&f, &rec.id, 1, &rec.id), -EINVAL);
	f = (struct ipc_shm_fields){ &s, 8, true };
	assert_int_equal(ipc_shm_fields_change(&f, &rec.id, 1, &rec.ready), 0);
	assert_int_equal(fake.bytes[8], 0);
	fake.bytes[12] = 1;
	assert_int_equal(ipc_shm_fields_change(&f, &rec.id, 1, &rec.ready), 1);
	assert_int_equal(fake.bytes[8], 7);
	ipc_layout_free(rec.layout);
}

static void a_member_behind_the_end_is_not_looked_for_at_the_beginning(void **state)
{
	static const uint64_t bases[] = { SEGMENT - 4, SEGMENT, UINT64_MAX - 3 };
	unsigned char got[8] = { 0 };
	struct record rec;

	(void)state;
	record_init(&rec, "7", "true");
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		struct ipc_shm s = { .ops = &fake_ops };
		struct ipc_shm_fields f = { &s, bases[i], false };
		assert_int_equal(ipc_shm_fields_get(&f, &rec.ready.member, 1, false, got), -ENODATA);
		assert_int_equal(ipc_shm_fields_change(&f, &rec.ready, 1, NULL), -EFBIG);
		assert_int_equal(ipc_shm_fields_change(&f, &rec.ready, 1, &rec.ready), -EFBIG);
		assert_true(ipc_shm_fields_end(&f, &rec.ready.member, 1) > SEGMENT);
	}
	for (size_t i = 0; i < SEGMENT; i++)
		assert_int_equal(fake.bytes[i], 's');
	ipc_layout_free(rec.layout);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_lies_in_the_view_is_covered),
		cmocka_unit_test(an_access_outside_touches_nothing),
		cmocka_unit_test(words_have_a_width_of_the_machine_and_lie_at_a_multiple_of_it),
		cmocka_unit_test(words_of_every_width_are_stored_loaded_and_swapped),
		cmocka_unit_test(no_swap_is_lost_between_processes),
		cmocka_unit_test(what_was_truncated_reads_as_zeros),
		cmocka_unit_test_setup(a_snapshot_is_copies_that_are_equal, renew),
		cmocka_unit_test_setup(a_copy_that_was_changed_meanwhile_is_dropped, renew),
		cmocka_unit_test_setup(what_never_rests_is_busy, renew),
		cmocka_unit_test_setup(one_copy_is_enough_while_nobody_else_has_it, renew),
		cmocka_unit_test_setup(what_ends_before_is_no_snapshot, renew),
		cmocka_unit_test_setup(a_condition_decides_over_the_member_itself, renew),
		cmocka_unit_test_setup(a_condition_that_no_single_swap_can_keep_needs_a_lock, renew),
		cmocka_unit_test_setup(a_member_behind_the_end_is_not_looked_for_at_the_beginning, renew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
