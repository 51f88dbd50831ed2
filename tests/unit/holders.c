#include "ipc/holders.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct holders_entry *own_entry(
	const struct holders *p, enum holders_type type, dev_t dev, ino_t ino, int fd)
{
	size_t len;
	const struct holders_entry *e = holders_find(p, type, dev, ino, &len);

	for (size_t i = 0; i < len; i++)
		if (e[i].pid == getpid() && e[i].fd == fd)
			return &e[i];
	return NULL;
}

static void pipes_sockets_and_fifos_are_found_with_their_ends(void **state)
{
	char dir[] = "/tmp/holders.XXXXXX", path[64], gone[64];
	struct ipc_ctx ctx = IPC_CTX_INIT;
	const struct holders *p;
	int ends[2], pair[2];
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pipe:[1] (deleted)", dir);
	snprintf(gone, sizeof(gone), "%s/gone", dir);
	assert_true(mkfifo(path, 0600) == 0 && mkfifo(gone, 0600) == 0);
	int named = open(path, O_RDONLY | O_NONBLOCK), unlinked = open(gone, O_RDWR);
	int only_path = open(path, O_PATH);
	assert_true(pipe(ends) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	unlink(gone);
	assert_int_equal(holders_get(&ctx, HOLDERS_FDS, &p), 0);
	assert_int_equal(fstat(named, &st), 0);
	assert_null(own_entry(p, HELD_FIFO, st.st_dev, st.st_ino, named)); /* nobody asked for FIFOs */
	assert_int_equal(holders_get(&ctx, HOLDERS_FDS | HOLDERS_FILES, &p), 0);

	assert_int_equal(fstat(ends[0], &st), 0);
	const struct holders_entry *e = own_entry(p, HELD_PIPE, 0, st.st_ino, ends[0]);
	assert_true(e && e->reads && !e->writes && !e->path);
	e = own_entry(p, HELD_PIPE, 0, st.st_ino, ends[1]);
	assert_true(e && !e->reads && e->writes);
	assert_int_equal(fstat(pair[1], &st), 0);
	e = own_entry(p, HELD_SOCKET, 0, st.st_ino, pair[1]);
	assert_true(e && e->reads && e->writes);
	assert_int_equal(fstat(named, &st), 0);
	e = own_entry(p, HELD_FIFO, st.st_dev, st.st_ino, named);
	assert_true(e && e->reads && !e->writes);
	assert_string_equal(e->path, path);
	assert_null(own_entry(p, HELD_FIFO, st.st_dev, st.st_ino, only_path));
	assert_int_equal(fstat(unlinked, &st), 0);
	e = own_entry(p, HELD_FIFO, st.st_dev, st.st_ino, unlinked);
	assert_true(e && e->reads && e->writes && !e->path);

	ipc_ctx_clear(&ctx);
	unlink(path);
	rmdir(dir);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
}

static void a_process_is_one_holder_whatever_the_number_of_its_descriptors(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	AUTO_OBJECT struct ipc_object o = { 0 };
	const struct holders *p;
	struct stat st;
	char byte;
	int ends[2], hold[2], ready[2];

	(void)state;
	assert_true(pipe(ends) == 0 && pipe(hold) == 0 && pipe(ready) == 0);
	assert_int_equal(fstat(ends[0], &st), 0);
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		close(hold[1]);
		(void)!write(ready[1], "x", 1);
		(void)!read(hold[0], &byte, 1); /* until the parent closes its end */
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(holders_get(&ctx, HOLDERS_FDS, &p), 0);
	assert_int_equal(holders_add(p, HELD_PIPE, 0, st.st_ino, &o), 0);
	assert_int_equal(o.holders_len, 2);
	bool first = o.holders[0].pid == getpid();
	assert_int_equal(o.holders[!first].pid, getpid());
	assert_string_equal(o.holders[!first].how, "read+write");
	assert_int_equal(o.holders[first].pid, child);
	assert_string_equal(o.holders[first].how, "write");
	assert_int_equal(o.holders_known, (p->unseen == 0 && p->whole));

	/* What was gathered stays until it is forgotten. */
	close(hold[1]);
	waitpid(child, NULL, 0);
	size_t len;
	holders_find(p, HELD_PIPE, 0, st.st_ino, &len);
	assert_int_equal(len, 3);
	holders_forget(&ctx);
	assert_int_equal(holders_get(&ctx, HOLDERS_FDS, &p), 0);
	holders_find(p, HELD_PIPE, 0, st.st_ino, &len);
	assert_int_equal(len, 2);
	ipc_ctx_clear(&ctx);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
}

static int thread_pipe[2];

static void *stay(void *arg)
{
	char byte;

	(void)arg;
	(void)!read(thread_pipe[0], &byte, 1); /* for ever */
	return NULL;
}

static void descriptors_of_a_process_whose_main_thread_has_ended_are_found(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	const struct holders *p;
	struct stat st;
	int there = 0;

	(void)state;
	assert_true(pipe(thread_pipe) == 0 && fstat(thread_pipe[0], &st) == 0);
	pid_t child = fork();
	if (child == 0) {
		pthread_t thread;
		pthread_create(&thread, NULL, stay, NULL);
		pthread_exit(NULL);
	}
	for (int i = 0; i < 10000 && !there; i++) { /* until its main thread has gone */
		char path[64], name[32] = "", mark = 0;
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
		FILE *f = fopen(path, "re");
		there = f && fscanf(f, "%*d %31s %c", name, &mark) == 2 && mark == 'Z';
		if (f)
			fclose(f);
		usleep(1000);
	}
	int r = holders_get(&ctx, HOLDERS_FDS, &p);
	size_t len = 0, found = 0;
	const struct holders_entry *e = r == 0 ? holders_find(p, HELD_PIPE, 0, st.st_ino, &len) : NULL;
	for (size_t i = 0; i < len; i++)
		found += e[i].pid == child;
	kill(child, SIGKILL); /* before anything can fail */
	waitpid(child, NULL, 0);
	assert_true(there);
	assert_int_equal(r, 0);
	assert_int_equal(found, 2);
	ipc_ctx_clear(&ctx);
	close(thread_pipe[0]);
	close(thread_pipe[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipes_sockets_and_fifos_are_found_with_their_ends),
		cmocka_unit_test(descriptors_of_a_process_whose_main_thread_has_ended_are_found),
		cmocka_unit_test(a_process_is_one_holder_whatever_the_number_of_its_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
