#include "ipc/procscan.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct search {
	dev_t dev;
	ino_t ino;
	struct procscan_list found;
};

static int match(const struct procscan_process *p, void *arg)
{
	struct search *s = arg;
	int r = procscan_has_mapped(p, s->dev, s->ino);

	return r == 1 ? procscan_list_add(&s->found, p, "map") : r;
}

/* A child with a name that tries to forge the line it is in has the file mapped, its descriptor closed. */
static pid_t child_with_mapping(int fd, int ready)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_NAME, "x) R 1 (\n 22");
		(void)mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
		(void)!write(ready, "x", 1);
		pause();
		_exit(0);
	}
	return pid;
}

static void who_has_a_file_mapped_is_found(void **state)
{
	(void)state;
	char path[] = "/tmp/procscan.XXXXXX", byte;
	int fd = mkstemp(path), ready[2];
	struct stat st;

	assert_true(fd >= 0 && unlink(path) == 0 && ftruncate(fd, 4096) == 0 && fstat(fd, &st) == 0);
	assert_int_equal(pipe(ready), 0);
	pid_t pid = child_with_mapping(fd, ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	struct search search = { .dev = st.st_dev, .ino = st.st_ino };
	struct procscan_matcher matcher = { .match = match, .arg = &search };
	assert_int_equal(procscan_walk(&matcher, 1), 0);
	assert_int_equal(search.found.len, 1);
	assert_int_equal(search.found.v[0].pid, pid);
	assert_int_equal(search.found.v[0].uid, geteuid());
	assert_string_equal(search.found.v[0].how, "map");
	procscan_list_clear(&search.found);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(procscan_walk(&matcher, 1), 0);
	assert_int_equal(search.found.len, 0);
	close(fd);
	close(ready[0]);
	close(ready[1]);
}

static int start_of_self(const struct procscan_process *p, void *arg)
{
	if (p->pid != getpid())
		return 0;
	assert_int_equal(procscan_same_namespace(p, "ipc"), 1);
	return procscan_start_time(p, arg);
}

static void a_start_time_is_not_forged_by_a_name(void **state)
{
	(void)state;
	uint64_t before = 0, after = 0;
	struct procscan_matcher matcher = { .match = start_of_self, .arg = &before };

	assert_int_equal(procscan_walk(&matcher, 1), 0);
	prctl(PR_SET_NAME, "a) R 1 1 1 1 1");
	matcher.arg = &after;
	assert_int_equal(procscan_walk(&matcher, 1), 0);
	assert_true(before > 0);
	assert_true(before == after);
}

static int refuse(const struct procscan_process *p, void *arg)
{
	(void)arg;
	return p->pid == getpid() ? -EACCES : p->pid == getppid() ? -ESRCH : 0;
}

static int fail_at_once(const struct procscan_process *p, void *arg)
{
	(void)p, (void)arg;
	return -ENOMEM;
}

static void what_could_not_be_seen_is_counted(void **state)
{
	(void)state;
	struct procscan_matcher matcher = { .match = refuse, .unseen = 99 };

	assert_int_equal(procscan_walk(&matcher, 1), 0);
	assert_int_equal(matcher.unseen, 1);
	matcher.match = fail_at_once;
	assert_int_equal(procscan_walk(&matcher, 1), -ENOMEM);
}

static void a_process_is_described_by_its_pid(void **state)
{
	(void)state;
	struct ipc_holder h;
	pid_t pid = fork();

	assert_int_equal(procscan_describe_pid(getpid(), "hold", &h), 0);
	assert_int_equal(h.pid, getpid());
	assert_non_null(strstr(h.command, "unit-procscan"));
	free(h.command);
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	assert_int_equal(procscan_describe_pid(pid, "hold", &h), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_a_file_mapped_is_found),
		cmocka_unit_test(a_start_time_is_not_forged_by_a_name),
		cmocka_unit_test(what_could_not_be_seen_is_counted),
		cmocka_unit_test(a_process_is_described_by_its_pid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
