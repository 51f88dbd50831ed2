/* Paths of sockets: published, taken over and withdrawn. Everything happens in a new directory. */
#include "ipc/claim.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { BACKLOG = 16, MODE = 0624, STARTERS = 10, RACES = 40, PUBLISHED = 300 };

struct place {
	char path[64];
	int dirfd;
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->path, sizeof(p->path), "/tmp/claim.XXXXXX");
	if (!mkdtemp(p->path))
		return -1;
	p->dirfd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return p->dirfd < 0;
}

static size_t count_files(struct place *p)
{
	DIR *dir = opendir(p->path);
	size_t n = 0;
	int error = 0;

	for (struct dirent *e; (e = ipc_readdir(dir, &error)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static int remove_place(void **state)
{
	struct place *p = *state;
	DIR *dir = opendir(p->path);
	int error = 0;

	for (struct dirent *e; (e = ipc_readdir(dir, &error)) != NULL;)
		unlinkat(p->dirfd, e->d_name, 0);
	closedir(dir);
	close(p->dirfd);
	rmdir(p->path);
	free(p);
	return 0;
}

static int claim_for(struct place *p, const char *name, int type, int64_t wait_ns, struct claim *ret)
{
	char *base = strdup(name);
	struct sock_address a = { .dirfd = p->dirfd, .base = base };
	int r = claim_listen(&a, type, BACKLOG, MODE, (uid_t)-1, (gid_t)-1, ipc_deadline_in(wait_ns), ret);

	free(base);
	return r;
}

static int claim_name(struct place *p, const char *name, struct claim *ret)
{
	return claim_for(p, name, SOCK_STREAM, WAIT_FOREVER, ret);
}

static int bind_plainly(struct place *p, const char *name, int type)
{
	struct sockaddr_storage sa;
	socklen_t len;
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_int_equal(sock_address_at(p->dirfd, name, &sa, &len), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	return fd;
}

/* As a server leaves it that was killed. Returns its inode. */
static ino_t make_stale(struct place *p, const char *name)
{
	struct stat st;

	close(bind_plainly(p, name, SOCK_STREAM));
	assert_int_equal(fstatat(p->dirfd, name, &st, 0), 0);
	return st.st_ino;
}

static int try_connect(struct place *p, const char *name)
{
	struct sockaddr_storage sa;
	socklen_t len;
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(sock_address_at(p->dirfd, name, &sa, &len), 0);
	return connect(fd, (struct sockaddr *)&sa, len) < 0 ? -errno : 0;
}

static void a_new_path_has_its_mode_and_listens(void **state)
{
	struct place *p = *state;
	struct claim c = CLAIM_NONE;
	struct stat st;
	mode_t mask = umask(0077);
	int fd = claim_name(p, "new", &c);

	assert_true(fd >= 0);
	assert_int_equal(umask(mask), 0077); /* it is as it was */
	assert_int_equal(fstatat(p->dirfd, "new", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | MODE);
	assert_int_equal(st.st_ino, c.ino);
	assert_int_equal(try_connect(p, "new"), 0);
	assert_int_equal(count_files(p), 1);
	assert_int_equal(claim_withdraw(&c), 0);
	assert_int_equal(claim_withdraw(&c), 0); /* there is nothing to withdraw any more */
	assert_int_equal(count_files(p), 0);
	close(fd);
}

static void what_lives_there_is_left_alone(void **state)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct claim c = CLAIM_NONE;
		int fd = bind_plainly(p, "live", types[i]); /* bound is enough: it need not listen */
		for (size_t j = 0; j < ARRAY_SIZE(types); j++)
			assert_int_equal(claim_for(p, "live", types[j], WAIT_FOREVER, &c), -EADDRINUSE);
		assert_int_equal(c.dirfd, -1);
		assert_int_equal(count_files(p), 1);
		close(fd);
		unlinkat(p->dirfd, "live", 0);
	}
}

static void what_is_no_socket_is_left_alone(void **state)
{
	struct place *p = *state;
	struct claim c = CLAIM_NONE;
	struct stat st;

	make_stale(p, "stale");
	close(openat(p->dirfd, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(symlinkat("stale", p->dirfd, "link"), 0);
	assert_int_equal(symlinkat("nowhere", p->dirfd, "dangling"), 0);
	assert_int_equal(mkfifoat(p->dirfd, "fifo", 0600), 0);
	assert_int_equal(claim_name(p, "file", &c), -EEXIST);
	assert_int_equal(claim_name(p, "fifo", &c), -EEXIST);
	assert_int_equal(claim_name(p, "link", &c), -ELOOP);
	assert_int_equal(claim_name(p, "dangling", &c), -ELOOP);
	assert_int_equal(fstatat(p->dirfd, "link", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(count_files(p), 5);
}

static void a_dead_socket_is_replaced(void **state)
{
	struct place *p = *state;
	struct claim c = CLAIM_NONE;
	ino_t dead = make_stale(p, "stale");
	int fd = claim_name(p, "stale", &c);

	assert_true(fd >= 0);
	assert_int_not_equal(c.ino, dead);
	assert_int_equal(try_connect(p, "stale"), 0);
	assert_int_equal(count_files(p), 1);
	assert_int_equal(claim_withdraw(&c), 0);
	close(fd);
}

static void a_datagram_socket_is_bound(void **state)
{
	struct place *p = *state;
	struct claim c = CLAIM_NONE;
	enum sock_condition condition;

	make_stale(p, "datagrams");
	int fd = claim_for(p, "datagrams", SOCK_DGRAM, WAIT_FOREVER, &c);
	assert_true(fd >= 0);
	assert_int_equal(sock_probe_at(p->dirfd, "datagrams", &condition), 0);
	assert_int_equal(condition, SOCK_LIVE);
	assert_int_equal(claim_withdraw(&c), 0);
	close(fd);
}

static void a_successor_keeps_its_socket(void **state)
{
	struct place *p = *state;
	struct claim c = CLAIM_NONE;
	struct stat st;
	int fd = claim_name(p, "name", &c);

	assert_true(fd >= 0);
	unlinkat(p->dirfd, "name", 0); /* as programs do that don't ask */
	int successor = bind_plainly(p, "name", SOCK_STREAM);
	assert_int_equal(claim_withdraw(&c), -ESTALE);
	assert_int_equal(fstatat(p->dirfd, "name", &st, 0), 0);
	assert_int_equal(count_files(p), 1);
	close(successor);
	close(fd);
}

static void a_path_that_is_gone_already_is_withdrawn(void **state)
{
	struct place *p = *state;
	struct claim c = CLAIM_NONE;
	int fd = claim_name(p, "name", &c);

	unlinkat(p->dirfd, "name", 0);
	assert_int_equal(claim_withdraw(&c), 0);
	close(fd);
}

static void long_names_work(void **state)
{
	struct place *p = *state;
	struct claim c = CLAIM_NONE;
	char name[NAME_MAX + 1];

	for (size_t len = 1; len <= NAME_MAX; len += len < 20 ? 1 : 47) {
		memset(name, 'n', len);
		name[len] = '\0';
		make_stale(p, "x");
		assert_int_equal(renameat(p->dirfd, "x", p->dirfd, name), 0);
		int fd = claim_name(p, name, &c);
		assert_true(fd >= 0);
		assert_int_equal(count_files(p), 1);
		assert_int_equal(faccessat(p->dirfd, name, F_OK, 0), 0);
		assert_int_equal(claim_withdraw(&c), 0);
		close(fd);
	}
}

static void what_killed_processes_left_is_removed(void **state)
{
	struct place *p = *state;
	struct claim c = CLAIM_NONE;

	make_stale(p, ".ipcctl-sock-0a1b2c3d");
	make_stale(p, ".ipcctl-sock-0a1b2c3e.name");
	make_stale(p, ".ipcctl-sock-short");
	make_stale(p, ".ipcctl-sock-0a1b2c3d4");
	int other = bind_plainly(p, ".ipcctl-sock-ffffffff.other", SOCK_STREAM); /* at work */
	int fd = claim_name(p, "name", &c);
	assert_true(fd >= 0);
	assert_int_equal(faccessat(p->dirfd, ".ipcctl-sock-0a1b2c3d", F_OK, 0), -1);
	assert_int_equal(faccessat(p->dirfd, ".ipcctl-sock-0a1b2c3e.name", F_OK, 0), -1);
	assert_int_equal(count_files(p), 4);
	close(other);
	close(fd);
	assert_int_equal(claim_withdraw(&c), 0);
}

static void temporary_names_tell_what_they_are_for(void **state)
{
	static const char *const table[][2] = {
		{ ".ipcctl-sock-0a1b2c3d.app.sock", "app.sock" },
		{ ".ipcctl-sock-0a1b2c3d.x", "x" },
		{ ".ipcctl-sock-0a1b2c3d.", NULL },
		{ ".ipcctl-sock-0a1b2c3d", NULL },
		{ ".ipcctl-sock-0a1b2c3.x", NULL },
		{ ".ipcctl-sock-0A1b2c3d.x", NULL },
		{ ".ipcctl-sock-0a1b2c3dx.x", NULL },
		{ "ipcctl-sock-0a1b2c3d.x", NULL },
		{ "", NULL },
	};
	struct place *p = *state;
	struct claim c = CLAIM_NONE;
	struct sockaddr_un sun;
	socklen_t len = sizeof(sun);

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const char *name = claim_final_name(table[i][0]);
		if (!name || !table[i][1])
			assert_ptr_equal(name, table[i][1]);
		else
			assert_string_equal(name, table[i][1]);
	}
	int fd = claim_name(p, "app.sock", &c);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sun, &len), 0);
	assert_memory_equal(sun.sun_path, p->path, strlen(p->path)); /* and everybody sees where it is */
	assert_string_equal(claim_final_name(strrchr(sun.sun_path, '/') + 1), "app.sock");
	assert_int_equal(claim_withdraw(&c), 0);
	close(fd);
}

static void who_holds_the_directory_is_waited_for_only_so_long(void **state)
{
	struct place *p = *state;
	struct claim c = CLAIM_NONE;
	AUTO_CLOSE int other = open(p->path, O_RDONLY | O_CLOEXEC);

	make_stale(p, "stale");
	assert_int_equal(flock(other, LOCK_EX), 0);
	assert_int_equal(claim_for(p, "stale", SOCK_STREAM, 10 * NSEC_PER_MSEC, &c), -ETIMEDOUT);
	assert_int_equal(claim_for(p, "stale", SOCK_STREAM, 0, &c), -EAGAIN);
	assert_int_equal(count_files(p), 1);
	int fd = claim_for(p, "new", SOCK_STREAM, 0, &c); /* needs no lock */
	assert_true(fd >= 0);
	assert_int_equal(claim_withdraw(&c), 0);
	close(fd);
}

static void a_missing_or_closed_directory_is_told(void **state)
{
	struct place *p = *state;
	struct claim c = CLAIM_NONE;

	assert_int_equal(mkdirat(p->dirfd, "gone", 0700), 0);
	struct place gone = { .dirfd = openat(p->dirfd, "gone", O_PATH | O_DIRECTORY | O_CLOEXEC) };
	assert_int_equal(unlinkat(p->dirfd, "gone", AT_REMOVEDIR), 0);
	assert_int_equal(claim_name(&gone, "name", &c), -ENOENT);
	close(gone.dirfd);
	if (geteuid() == 0)
		return;
	assert_int_equal(fchmod(p->dirfd, 0500), 0);
	assert_int_equal(claim_name(p, "name", &c), -EACCES);
	assert_int_equal(fchmod(p->dirfd, 0700), 0);
}

/* --- races ------------------------------------------------------------------------------------------ */

struct results {
	int go, ready, done;
	int r[STARTERS];
};

static void start_one(struct place *p, struct results *all, size_t i)
{
	struct claim c = CLAIM_NONE;

	__atomic_add_fetch(&all->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&all->go, __ATOMIC_SEQ_CST))
		usleep(10);
	all->r[i] = claim_name(p, "stale", &c);
	__atomic_add_fetch(&all->done, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&all->done, __ATOMIC_SEQ_CST) < STARTERS)
		usleep(100); /* whoever won listens until all have tried */
	_exit(0);
}

static void of_ten_that_start_on_a_dead_socket_one_serves(void **state)
{
	struct place *p = *state;
	struct results *all =
		mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (size_t race = 0; race < RACES; race++) {
		size_t won = 0, told = 0;
		memset(all, 0, sizeof(*all));
		make_stale(p, "stale");
		for (size_t i = 0; i < STARTERS; i++)
			if (fork() == 0)
				start_one(p, all, i);
		while (__atomic_load_n(&all->ready, __ATOMIC_SEQ_CST) < STARTERS)
			usleep(100);
		__atomic_store_n(&all->go, 1, __ATOMIC_SEQ_CST);
		while (wait(NULL) > 0)
			;
		for (size_t i = 0; i < STARTERS; i++) {
			won += all->r[i] >= 0;
			told += all->r[i] == -EADDRINUSE;
		}
		if (won != 1 || told != STARTERS - 1)
			fail_msg("%zu serve, %zu were told", won, told);
		assert_int_equal(count_files(p), 1);
		unlinkat(p->dirfd, "stale", 0);
	}
	munmap(all, sizeof(*all));
}

enum { FAULT_NONE, FAULT_MODE, FAULT_REFUSED };

/* Looks at the path without a pause until stop; *ret_seen counts that it was there. */
static int watch_path(struct place *p, const int *stop, int *ret_seen)
{
	while (!__atomic_load_n(stop, __ATOMIC_SEQ_CST)) {
		struct stat st;
		if (fstatat(p->dirfd, "watched", &st, AT_SYMLINK_NOFOLLOW) == 0) {
			__atomic_add_fetch(ret_seen, 1, __ATOMIC_SEQ_CST);
			if (st.st_mode != (S_IFSOCK | MODE))
				return FAULT_MODE;
		}
		if (try_connect(p, "watched") == -ECONNREFUSED)
			return FAULT_REFUSED;
	}
	return FAULT_NONE;
}

static void nobody_sees_another_mode_or_one_that_does_not_listen(void **state)
{
	struct place *p = *state;
	int *shared = mmap(NULL, 2 * sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
	    status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(watch_path(p, &shared[0], &shared[1]));
	for (int i = 0; i < PUBLISHED || __atomic_load_n(&shared[1], __ATOMIC_SEQ_CST) < PUBLISHED; i++) {
		struct claim c = CLAIM_NONE;
		int fd = claim_name(p, "watched", &c);
		assert_true(fd >= 0);
		assert_int_equal(claim_withdraw(&c), 0);
		close(fd);
		if (waitpid(pid, &status, WNOHANG) == pid)
			fail_msg("fault %d", WEXITSTATUS(status));
	}
	__atomic_store_n(&shared[0], 1, __ATOMIC_SEQ_CST);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	munmap(shared, 2 * sizeof(int));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_path_has_its_mode_and_listens),
		TEST(what_lives_there_is_left_alone),
		TEST(what_is_no_socket_is_left_alone),
		TEST(a_dead_socket_is_replaced),
		TEST(a_datagram_socket_is_bound),
		TEST(a_successor_keeps_its_socket),
		TEST(a_path_that_is_gone_already_is_withdrawn),
		TEST(long_names_work),
		TEST(what_killed_processes_left_is_removed),
		TEST(temporary_names_tell_what_they_are_for),
		TEST(who_holds_the_directory_is_waited_for_only_so_long),
		TEST(a_missing_or_closed_directory_is_told),
		TEST(of_ten_that_start_on_a_dead_socket_one_serves),
		TEST(nobody_sees_another_mode_or_one_that_does_not_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
