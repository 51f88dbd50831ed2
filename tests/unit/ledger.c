#include "ipc/ledger.h"

#include "ipc/io.h"
#include "ipc/ledger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define BOOT "00000000-0000-4000-8000-000000000000"

static char dir[] = "/tmp/ledger.XXXXXX";
static char own[64], file[80];

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(own, sizeof(own), "%s/ipcctl", dir);
	snprintf(file, sizeof(file), "%s/made", own);
	return 0;
}

static void clean(void)
{
	unlink(file);
	rmdir(own);
	unlink(own);
}

static int teardown(void **state)
{
	(void)state;
	clean();
	return rmdir(dir);
}

static struct ipc_ctx context(void)
{
	return (struct ipc_ctx){ .ledger = true, .runtime_dir = dir };
}

/* An object of the caller in some file system, which nobody will find: /run/ipcctl knows nothing of it either. */
static struct ipc_object object(ino_t ino, int64_t made)
{
	static char name[] = "/ledger";
	struct ipc_object o = { .dev = 4711, .ino = ino };

	o.selector = (struct ipc_selector){
		.kind = ipc_kind_next("shm", NULL), .form = FORM_POSIX, .name = name, .name_len = strlen(name)
	};
	ipc_object_set(&o, FIELD_UID, geteuid());
	ipc_object_set(&o, FIELD_CREATED, made);
	return o;
}

/* Adds to the caller's file below dir, whoever he is. */
static int add(struct ipc_ctx *ctx, const struct ipc_object *o, ino_t ino, int64_t made)
{
	struct ledger_note n = { .kind = o->selector.kind, .place = 4711, .number = ino, .made = made };
	AUTO_FREE char *boot = NULL, *line = NULL;
	AUTO_CLOSE int dirfd = -1;
	struct ledger_place place = { .owner = geteuid(), .path = ctx->runtime_dir, .dir = "ipcctl" };

	assert_int_equal(ipc_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &boot, NULL), 0);
	memcpy(n.boot, boot, 36);
	n.selector = "shm:/ledger";
	line = ledger_format(&n);
	AUTO_CLOSE int fd = ledger_open_to_add(&place, &dirfd);
	return fd < 0 ? fd : ipc_write_full(fd, line, strlen(line));
}

static enum ipc_answer meant(const struct ipc_object *o)
{
	struct ipc_ctx ctx = context();
	enum ipc_answer answer = ledger_meant(&ctx, o).answer;

	ipc_ctx_clear(&ctx);
	return answer;
}

static void a_line_reads_back(void **state)
{
	struct ledger_note n = { .boot = BOOT,
		.kind = ipc_kind_next("mq", NULL),
		.place = UINT64_MAX,
		.number = 7,
		.made = INT64_MIN,
		.selector = "mq:/a b \\n" };
	AUTO_FREE char *line = ledger_format(&n);
	struct ledger_note back = { 0 };

	(void)state;
	line[strlen(line) - 1] = '\0';
	assert_true(ledger_parse(line, &back));
	assert_string_equal(back.boot, n.boot);
	assert_ptr_equal(back.kind, n.kind);
	assert_true(back.place == n.place && back.number == 7 && back.made == n.made);
	assert_string_equal(back.selector, n.selector);
}

static void what_is_no_note_is_left_out(void **state)
{
	static const char *const lines[] = { "", "1", "2 " BOOT " shm posix 1 2 3 shm:/a",
		"1 " BOOT " shm posix 1 2 3", "1 " BOOT " shm posix 1 2 3 ",
		"1 " BOOT " shm posix x 2 3 shm:/a", "1 " BOOT " no posix 1 2 3 shm:/a",
		"1 " BOOT " shm none 1 2 3 shm:/a", "1 " BOOT "0 shm posix 1 2 3 shm:/a",
		"1 0000 shm posix 1 2 3 shm:/a", "1 " BOOT " shmshmshmshm posix 1 2 3 shm:/a",
		"%s%n%s%n%s%n%s%n" };
	struct ledger_note n;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_false(ledger_parse(lines[i], &n));
	assert_true(ledger_parse("1 " BOOT " shm posix 1 2 3 shm:/a", &n));
}

static void what_was_noted_is_meant_to_stay(void **state)
{
	struct ipc_ctx ctx = context();
	struct ipc_object o = object(5, 1000), younger = object(5, 1001), other = object(6, 1000);

	(void)state;
	assert_int_equal(meant(&o), ANSWER_NO);
	assert_int_equal(add(&ctx, &o, 5, 1000), 0);
	assert_int_equal(meant(&o), ANSWER_YES);
	assert_int_equal(meant(&younger), ANSWER_NO); /* the inode is used again */
	assert_int_equal(meant(&other), ANSWER_NO);
	other.dev = 1;
	assert_int_equal(meant(&other), ANSWER_NO);
	other = object(5, 1000);
	other.selector.kind = ipc_kind_next("sem", NULL);
	assert_int_equal(meant(&other), ANSWER_NO);
	ctx.ledger = false;
	assert_int_equal(ledger_meant(&ctx, &o).answer, ANSWER_NO);
	clean();
}

static void a_later_time_will_do_where_no_birth_is_kept(void **state)
{
	struct ipc_ctx ctx = context();
	struct ipc_object o = object(5, 0);

	(void)state;
	o.common[FIELD_CREATED].have = HAVE_UNKNOWN;
	assert_int_equal(add(&ctx, &o, 5, 1000), 0);
	ipc_object_set(&o, FIELD_MODIFIED, 2000);
	assert_int_equal(meant(&o), ANSWER_YES);
	ipc_object_set(&o, FIELD_MODIFIED, 999);
	assert_int_equal(meant(&o), ANSWER_NO);
	clean();
}

static void the_same_context_sees_what_was_added(void **state)
{
	struct ipc_ctx ctx = context();
	struct ipc_object o = object(5, 1000);

	(void)state;
	assert_int_equal(ledger_meant(&ctx, &o).answer, ANSWER_NO);
	assert_int_equal(add(&ctx, &o, 5, 1000), 0);
	assert_int_equal(ledger_meant(&ctx, &o).answer, ANSWER_NO);
	ipc_ctx_forget(&ctx);
	assert_int_equal(ledger_meant(&ctx, &o).answer, ANSWER_YES);
	ipc_ctx_clear(&ctx);
	clean();
}

static void a_line_that_is_being_written_does_not_count(void **state)
{
	struct ipc_ctx ctx = context();
	struct ipc_object o = object(5, 1000);
	struct stat st;

	(void)state;
	assert_int_equal(add(&ctx, &o, 6, 1000), 0);
	assert_int_equal(add(&ctx, &o, 5, 1000), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(truncate(file, st.st_size - 1), 0);
	assert_int_equal(meant(&o), ANSWER_NO);
	o.ino = 6;
	assert_int_equal(meant(&o), ANSWER_YES);
	clean();
}

static void a_ledger_that_others_could_write_is_not_believed(void **state)
{
	struct ipc_ctx ctx = context();
	struct ipc_object o = object(5, 1000);
	char elsewhere[64];

	(void)state;
	assert_int_equal(add(&ctx, &o, 5, 1000), 0);
	assert_int_equal(meant(&o), ANSWER_YES);
	assert_int_equal(chmod(file, 0620), 0);
	assert_int_equal(meant(&o), ANSWER_NO);
	assert_int_equal(add(&ctx, &o, 5, 1000), -EPERM);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(chmod(own, 0777), 0);
	assert_int_equal(meant(&o), ANSWER_NO);
	assert_int_equal(chmod(own, 0700), 0);
	snprintf(elsewhere, sizeof(elsewhere), "%s/linked", dir);
	assert_int_equal(rename(file, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, file), 0);
	assert_int_equal(meant(&o), ANSWER_NO);
	assert_int_equal(add(&ctx, &o, 5, 1000), -ELOOP);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(link(elsewhere, file), 0);
	assert_int_equal(meant(&o), ANSWER_NO);
	assert_int_equal(unlink(elsewhere), 0);
	assert_int_equal(meant(&o), ANSWER_YES);
	assert_int_equal(rename(own, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, own), 0);
	assert_int_equal(meant(&o), ANSWER_NO);
	assert_int_equal(unlink(own), 0);
	assert_int_equal(rename(elsewhere, own), 0);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_int_equal(meant(&o), ANSWER_NO);
	assert_true(add(&ctx, &o, 5, 1000) < 0);
	clean();
}

static void a_ledger_that_is_too_long_may_hold_anything(void **state)
{
	struct ipc_ctx ctx = context();
	struct ipc_object o = object(5, 1000);

	(void)state;
	assert_int_equal(add(&ctx, &o, 5, 1000), 0);
	assert_int_equal(truncate(file, LEDGER_MAX + 1), 0);
	assert_int_equal(meant(&o), ANSWER_UNKNOWN);
	clean();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_reads_back),
		cmocka_unit_test(what_is_no_note_is_left_out),
		cmocka_unit_test(what_was_noted_is_meant_to_stay),
		cmocka_unit_test(a_later_time_will_do_where_no_birth_is_kept),
		cmocka_unit_test(the_same_context_sees_what_was_added),
		cmocka_unit_test(a_line_that_is_being_written_does_not_count),
		cmocka_unit_test(a_ledger_that_others_could_write_is_not_believed),
		cmocka_unit_test(a_ledger_that_is_too_long_may_hold_anything),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
