#include "semtest.h"

#include "ipc/guard.h"
#include "ipc/io.h"
#include "ipc/semfile_impl.h"

#include <semaphore.h>
#include <sys/mman.h>
#include <sys/time.h>

/* --- the file --- */

static void created_file_is_whole_and_exact(void **state)
{
	(void)state;
	const unsigned char expected[16] = { 5, 0, 0, 0, 0, 0, 0, 0, 128 };
	unsigned char got[16];
	struct stat st;
	mode_t old = umask(077);

	unlinkat(dirfd_, "sem.x", 0);
	assert_int_equal(semfile_create(dirfd_, "sem.x", 0664, (uid_t)-1, (gid_t)-1, 5), 0);
	umask(old);
	assert_int_equal(fstatat(dirfd_, "sem.x", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0664);
	assert_int_equal(st.st_nlink, 1);
	AUTO_CLOSE int fd = openat(dirfd_, "sem.x", O_RDONLY);
	assert_int_equal(ipc_read_full(fd, got, sizeof(got)), sizeof(got));
	assert_memory_equal(got, expected, sizeof(got));
}

static void create_takes_no_name_that_is_in_use(void **state)
{
	(void)state;
	struct stat st;

	unlinkat(dirfd_, "sem.x", 0);
	assert_int_equal(symlinkat("planted", dirfd_, "sem.x"), 0);
	assert_int_equal(semfile_create(dirfd_, "sem.x", 0600, (uid_t)-1, (gid_t)-1, 1), -EEXIST);
	assert_int_equal(fstatat(dirfd_, "planted", &st, 0), -1);
	unlinkat(dirfd_, "sem.x", 0);
	assert_int_equal(semfile_create(dirfd_, "sem.x", 0600, (uid_t)-1, (gid_t)-1, 0x80000000), -EINVAL);
	assert_int_equal(semfile_create(dirfd_, "../sem.x", 0600, (uid_t)-1, (gid_t)-1, 1), -EINVAL);
}

static void open_refuses_what_is_no_semaphore(void **state)
{
	(void)state;
	struct semfile f = SEMFILE_CLOSED;

	unlinkat(dirfd_, "sem.x", 0);
	assert_int_equal(semfile_open(dirfd_, "sem.x", O_RDWR, &f), -ENOENT);
	assert_int_equal(symlinkat("sem.y", dirfd_, "sem.x"), 0);
	assert_int_equal(semfile_open(dirfd_, "sem.x", O_RDWR, &f), -ELOOP);
	unlinkat(dirfd_, "sem.x", 0);
	assert_int_equal(mkfifoat(dirfd_, "sem.x", 0600), 0);
	assert_int_equal(semfile_open(dirfd_, "sem.x", O_RDWR, &f), -EMEDIUMTYPE);
	assert_int_equal(semfile_open(dirfd_, "sem.x", O_RDONLY, &f), -EMEDIUMTYPE);
	unlinkat(dirfd_, "sem.x", 0);
	assert_int_equal(mkdirat(dirfd_, "sem.x", 0700), 0);
	assert_int_equal(semfile_open(dirfd_, "sem.x", O_RDWR, &f), -EMEDIUMTYPE);
	unlinkat(dirfd_, "sem.x", AT_REMOVEDIR);
	close(openat(dirfd_, "sem.x", O_CREAT | O_WRONLY, 0600));
	assert_int_equal(semfile_open(dirfd_, "sem.x", O_RDWR, &f), -EMEDIUMTYPE);
	assert_int_equal(f.fd, -1);
}

static void readers_may_look_and_no_more(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile w = fresh(3);
	AUTO_SEMFILE struct semfile f = SEMFILE_CLOSED;
	struct semfile_hold hold;
	struct semfile_state st;
	struct semfile_holder *list;
	size_t n;

	assert_int_equal(semfile_acquire(&w, 2, now(), &hold), 0);
	assert_int_equal(semfile_open(dirfd_, "sem.x", O_RDONLY, &f), 0);
	assert_int_equal(semfile_get(&f, &st), 0);
	assert_int_equal(st.value, 1);
	assert_int_equal(st.initial, 3);
	assert_int_equal(semfile_holders(&f, &list, &n), 0);
	assert_int_equal(n, 1);
	free(list);
	assert_int_equal(semfile_post(&f, 1), -EBADF);
	assert_int_equal(semfile_set(&f, 1), -EBADF);
	assert_int_equal(semfile_wait(&f, 1, now()), -EBADF);
	assert_int_equal(semfile_acquire(&f, 1, now(), &hold), -EBADF);
	assert_int_equal(semfile_release(&f, &hold, now()), -EBADF);
	assert_int_equal(semfile_recover(&f, now(), NULL), -EBADF);
	assert_int_equal(semfile_repair(&f, 1, false, now(), NULL), -EBADF);
}

/* --- values --- */

static void values_count_up_and_down(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(3);

	assert_int_equal(semfile_wait(&f, 2, now()), 0);
	assert_int_equal(value_of(&f), 1);
	assert_int_equal(semfile_wait(&f, 2, now()), -EAGAIN);
	assert_int_equal(semfile_wait(&f, 2, ipc_deadline_in(NSEC_PER_MSEC)), -ETIMEDOUT);
	assert_int_equal(value_of(&f), 1);
	assert_int_equal(semfile_wait(&f, 0, now()), -EINVAL);
	assert_int_equal(semfile_post(&f, 4), 0);
	assert_int_equal(value_of(&f), 5);
	assert_int_equal(semfile_set(&f, SEMFILE_VALUE_MAX), 0);
	assert_int_equal(semfile_post(&f, 1), -EOVERFLOW);
	assert_int_equal(semfile_set(&f, SEMFILE_VALUE_MAX + 1), -EINVAL);
	assert_int_equal(value_of(&f), SEMFILE_VALUE_MAX);
}

/* Waits until others have so many waiters counted in the semaphore. */
static void await_waiters(const struct semfile *f, uint32_t count)
{
	struct semfile_state st;

	do {
		assert_int_equal(semfile_get(f, &st), 0);
		usleep(1000);
	} while (st.waiters < count);
}

static int status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void waiting_for_zero_sees_it(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(1);

	assert_int_equal(semfile_wait_zero(&f, now()), -EAGAIN);
	assert_int_equal(semfile_wait_zero(&f, ipc_deadline_in(NSEC_PER_MSEC)), -ETIMEDOUT);
	pid_t pid = fork();
	if (pid == 0)
		_exit(semfile_wait_zero(&f, never()) == 0 ? 0 : 1);
	assert_int_equal(semfile_wait(&f, 1, now()), 0);
	assert_int_equal(status_of(pid), 0);
}

static void on_signal(int signo)
{
	(void)signo;
}

static void signals_end_a_wait(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(0);
	struct semfile_hold hold;
	struct semfile_holder *list;
	size_t n;
	struct sigaction sa = { .sa_handler = on_signal };
	struct itimerval every = { { 0, 2000 }, { 0, 2000 } }, off = { 0 };

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	assert_int_equal(semfile_wait(&f, 1, never()), -EINTR);
	assert_int_equal(semfile_acquire(&f, 1, never(), &hold), -EINTR);
	setitimer(ITIMER_REAL, &off, NULL);
	signal(SIGALRM, SIG_DFL);
	alarm(600);
	assert_int_equal(semfile_holders(&f, &list, &n), 0);
	assert_int_equal(n, 0);
	free(list);
	struct semfile_state st;
	assert_int_equal(semfile_get(&f, &st), 0);
	assert_int_equal(st.waiters, 0);
}

/* --- programs that use the C library --- */

static sem_t *map_foreign(int fd)
{
	sem_t *sem = mmap(NULL, sizeof(*sem), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(sem, MAP_FAILED);
	return sem;
}

static void sem_open_finds_our_semaphores(void **state)
{
	(void)state;
	if (!is_private) {
		print_message("no private /dev/shm: namespaces are denied here\n");
		skip();
	}
	AUTO_SEMFILE struct semfile f = fresh(2);
	struct semfile_hold hold;
	int value;
	sem_t *sem = sem_open("/x", 0);

	assert_ptr_not_equal(sem, SEM_FAILED);
	assert_int_equal(semfile_acquire(&f, 1, now(), &hold), 0);
	sem_getvalue(sem, &value);
	assert_int_equal(value, 1);
	assert_int_equal(sem_trywait(sem), 0);
	assert_int_equal(sem_trywait(sem), -1);
	assert_int_equal(sem_post(sem), 0);
	assert_int_equal(semfile_release(&f, &hold, now()), 0);
	assert_int_equal(value_of(&f), 2);
	sem_close(sem);
}

static void foreign_semaphores_get_records_when_they_need_them(void **state)
{
	(void)state;
	if (!is_private) {
		print_message("no private /dev/shm: namespaces are denied here\n");
		skip();
	}
	AUTO_SEMFILE struct semfile f = SEMFILE_CLOSED;
	struct semfile_hold hold;
	struct semfile_state st;
	struct stat file;

	sem_unlink("/x");
	sem_t *sem = sem_open("/x", O_CREAT | O_EXCL, 0600, 2);
	assert_ptr_not_equal(sem, SEM_FAILED);
	assert_int_equal(semfile_open(dirfd_, "sem.x", O_RDWR, &f), 0);
	assert_int_equal(semfile_wait(&f, 1, now()), 0);
	assert_int_equal(semfile_post(&f, 1), 0);
	fstat(f.fd, &file);
	assert_int_equal(file.st_size, 32);
	assert_int_equal(semfile_acquire(&f, 2, now(), &hold), 0);
	fstat(f.fd, &file);
	assert_int_equal(file.st_size, 4096);
	assert_int_equal(semfile_get(&f, &st), 0);
	assert_int_equal(st.initial, -1);
	assert_int_equal(semfile_repair(&f, SEMFILE_INITIAL, false, now(), NULL), -ENODATA);
	assert_int_equal(sem_trywait(sem), -1);
	assert_int_equal(semfile_release(&f, &hold, now()), 0);
	assert_int_equal(sem_trywait(sem), 0);
	sem_close(sem);
	/* and a second program opens the longer file */
	sem = sem_open("/x", 0);
	assert_ptr_not_equal(sem, SEM_FAILED);
	assert_int_equal(sem_trywait(sem), 0);
	sem_close(sem);
}

/* Each side sleeps for the other in turn; a wake-up that misses hangs the test. */
static void foreign_programs_and_we_wake_each_other(void **state)
{
	(void)state;
	enum { ROUNDS = 200 };
	AUTO_SEMFILE struct semfile ping = fresh(0);
	unlinkat(dirfd_, "sem.x", 0);
	AUTO_SEMFILE struct semfile pong = fresh(0);

	pid_t pid = fork();
	if (pid == 0) {
		sem_t *in = map_foreign(ping.fd), *out = map_foreign(pong.fd);
		for (int i = 0; i < ROUNDS; i++)
			if (sem_wait(in) < 0 || sem_post(out) < 0)
				_exit(1);
		_exit(0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		assert_int_equal(semfile_post(&ping, 1), 0);
		assert_int_equal(semfile_wait(&pong, 1, never()), 0);
	}
	assert_int_equal(status_of(pid), 0);
}

/* A waiter of ours that wants three consumes the wake-up of one post: the foreign one must get it. */
static void a_foreign_waiter_is_not_forgotten(void **state)
{
	(void)state;
	for (int recorded = 0; recorded < 2; recorded++) {
		AUTO_SEMFILE struct semfile f = fresh(0);
		pid_t ours = fork();
		if (ours == 0) {
			AUTO_SEMFILE struct semfile mine = SEMFILE_CLOSED;
			struct semfile_hold hold;
			if (semfile_reopen(&f, &mine) < 0)
				_exit(1);
			int r = recorded ? semfile_acquire(&mine, 3, never(), &hold)
					 : semfile_wait(&mine, 3, never());
			_exit(r == 0 ? 0 : 1);
		}
		await_waiters(&f, 1);
		for (int i = 0; i < 50; i++) {
			pid_t foreign = fork();
			if (foreign == 0)
				_exit(sem_wait(map_foreign(f.fd)) == 0 ? 0 : 1);
			await_waiters(&f, 2);
			assert_int_equal(sem_post(map_foreign(f.fd)), 0);
			assert_int_equal(status_of(foreign), 0);
		}
		assert_int_equal(semfile_post(&f, 3), 0);
		assert_int_equal(status_of(ours), 0);
	}
}

/* --- holders --- */

static void held_units_are_listed_and_come_back(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(4);
	struct semfile_hold a, b;
	struct semfile_holder *list;
	size_t n;

	assert_int_equal(semfile_acquire(&f, 1, now(), &a), 0);
	assert_int_equal(semfile_acquire(&f, 3, now(), &b), 0);
	assert_int_equal(value_of(&f), 0);
	assert_int_equal(semfile_holders(&f, &list, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(list[0].units, 1);
	assert_int_equal(list[1].units, 3);
	assert_int_equal(list[0].id.pid, getpid());
	assert_int_equal(list[0].state, PROCID_ALIVE);
	assert_false(list[0].waiting);
	assert_true(llabs(list[0].since_ns / NSEC_PER_SEC - time(NULL)) < 3600);
	free(list);
	assert_int_equal(semfile_recover(&f, now(), NULL), 0);
	assert_int_equal(value_of(&f), 0);
	assert_int_equal(semfile_release(&f, &a, now()), 0);
	assert_int_equal(semfile_release(&f, &a, now()), -EIDRM);
	assert_int_equal(value_of(&f), 1);
	assert_int_equal(semfile_release(&f, &b, now()), 0);
	assert_int_equal(value_of(&f), 4);
}

/* Forks a holder of so many units, which pauses; returns when it holds them. */
static pid_t start_holder(const struct semfile *f, uint32_t units)
{
	int fds[2];
	char byte;

	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct semfile mine;
		struct semfile_hold hold;
		if (semfile_reopen(f, &mine) < 0 || semfile_acquire(&mine, units, never(), &hold) < 0)
			_exit(1);
		if (write(fds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	return pid;
}

static void who_waits_recovers_from_dead_holders(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(3);
	struct semfile_hold hold;
	struct semfile_recovered sum = { 0 };
	pid_t a = start_holder(&f, 1), b = start_holder(&f, 2);

	kill(a, SIGKILL);
	siginfo_t info; /* dead, but not reaped: that counts */
	assert_int_equal(waitid(P_PID, (id_t)a, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(semfile_recover(&f, now(), &sum), 0);
	assert_int_equal(sum.holders, 1);
	assert_int_equal(sum.units, 1);
	status_of(a);
	assert_int_equal(semfile_acquire(&f, 3, now(), &hold), -EAGAIN);
	kill(b, SIGKILL);
	status_of(b);
	assert_int_equal(semfile_acquire(&f, 3, now(), &hold), 0);
	assert_int_equal(semfile_recover(&f, now(), &sum), 0);
	assert_int_equal(sum.holders, 0);
}

static void a_blocked_waiter_recovers_by_itself(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(1);
	pid_t holder = start_holder(&f, 1);
	pid_t waiter = fork();

	if (waiter == 0) {
		struct semfile mine;
		struct semfile_hold hold;
		int r = semfile_reopen(&f, &mine);
		_exit(r == 0 && semfile_acquire(&mine, 1, never(), &hold) == 0 ? 0 : 1);
	}
	await_waiters(&f, 1);
	kill(holder, SIGKILL);
	assert_int_equal(status_of(waiter), 0);
	status_of(holder);
	assert_int_equal(semfile_recover(&f, now(), NULL), 0);
	assert_int_equal(value_of(&f), 1);
}

static void records_survive_execve(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(1);
	struct semfile_holder *list;
	size_t n;
	int fds[2];
	char byte;

	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct semfile mine;
		struct semfile_hold hold;
		dup2(fds[1], STDOUT_FILENO);
		if (semfile_reopen(&f, &mine) == 0 && semfile_acquire(&mine, 1, never(), &hold) == 0)
			execl("/bin/sh", "sh", "-c", "echo; exec sleep 600", (char *)NULL);
		_exit(1);
	}
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(semfile_recover(&f, now(), NULL), 0);
	assert_int_equal(value_of(&f), 0);
	assert_int_equal(semfile_holders(&f, &list, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].id.pid, pid);
	assert_int_equal(list[0].state, PROCID_ALIVE);
	free(list);
	kill(pid, SIGKILL);
	status_of(pid);
	assert_int_equal(semfile_recover(&f, now(), NULL), 0);
	assert_int_equal(value_of(&f), 1);
	close(fds[0]);
	close(fds[1]);
}

static void recover_for_another(void *arg)
{
	semfile_recover(arg, never(), NULL);
}

/* What "sem run" does: a guard with an opening of its own, then the units, then the command in place. */
static void guarded_run(const struct semfile *f)
{
	struct semfile mine, guards;
	struct semfile_hold hold;
	struct guard guard = GUARD_NONE;

	if (semfile_reopen(f, &mine) < 0 || semfile_reopen(f, &guards) < 0)
		_exit(1);
	struct guard_task task = {
		.undo = recover_for_another,
		.arg = &guards,
		.fds = { guards.fd },
		.fd_count = 1,
	};
	if (guard_start(&task, &guard) < 0)
		_exit(1);
	semfile_close(&guards);
	if (semfile_acquire(&mine, 1, never(), &hold) == 0)
		execl("/bin/sleep", "sleep", "600", (char *)NULL);
	_exit(1);
}

static void a_guard_gives_back_to_foreign_waiters(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(1);
	pid_t run = fork();

	if (run == 0)
		guarded_run(&f);
	while (value_of(&f) > 0)
		usleep(1000);
	pid_t foreign = fork();
	if (foreign == 0)
		_exit(sem_wait(map_foreign(f.fd)) == 0 ? 0 : 1);
	await_waiters(&f, 1);
	kill(run, SIGKILL);
	assert_int_equal(status_of(foreign), 0);
	status_of(run);
}

static void setting_a_value_is_not_undone_by_the_dead(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(4);
	pid_t pid = start_holder(&f, 3);

	kill(pid, SIGKILL);
	status_of(pid);
	assert_int_equal(semfile_set(&f, 2), 0);
	assert_int_equal(semfile_recover(&f, now(), NULL), 0);
	assert_int_equal(value_of(&f), 2);
}

static void many_holders_make_the_file_grow(void **state)
{
	(void)state;
	enum { MANY = 1023 };
	static struct semfile_hold holds[MANY + 1];
	AUTO_SEMFILE struct semfile f = fresh(2000);
	struct semfile_holder *list;
	size_t n;

	for (int i = 0; i < MANY; i++)
		assert_int_equal(semfile_acquire(&f, 1, now(), &holds[i]), 0);
	assert_int_equal(semfile_acquire(&f, 1, now(), &holds[MANY]), -EUSERS);
	assert_int_equal(value_of(&f), 2000 - MANY);
	assert_int_equal(semfile_holders(&f, &list, &n), 0);
	assert_int_equal(n, MANY);
	free(list);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(semfile_release(&f, &holds[i], now()), 0);
	assert_int_equal(value_of(&f), 2000);
}

/* One unit is left, and somebody waits for two. Who comes now and wants one would starve it. */
static void nobody_overtakes_a_waiter(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(2);
	struct semfile_hold first, hold;
	struct semfile_holder *list;
	size_t n;

	assert_int_equal(semfile_acquire(&f, 1, now(), &first), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct semfile mine;
		int r = semfile_reopen(&f, &mine);
		_exit(r == 0 && semfile_acquire(&mine, 2, never(), &hold) == 0 ? 0 : 1);
	}
	do {
		assert_int_equal(semfile_holders(&f, &list, &n), 0);
		bool queued = n == 2 && list[1].waiting && list[1].id.pid == pid && list[1].units == 2;
		free(list);
		if (queued)
			break;
	} while (usleep(1000) == 0);
	assert_int_equal(value_of(&f), 1);
	assert_int_equal(semfile_acquire(&f, 1, now(), &hold), -EAGAIN);
	assert_int_equal(semfile_wait(&f, 1, now()), -EAGAIN);
	assert_int_equal(semfile_release(&f, &first, now()), 0);
	assert_int_equal(status_of(pid), 0);
	assert_int_equal(semfile_acquire(&f, 2, now(), &hold), 0);
}

static void a_stopped_waiter_does_not_hold_up_the_others(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(1);
	struct semfile_hold first, hold;

	assert_int_equal(semfile_acquire(&f, 1, now(), &first), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct semfile mine;
		int r = semfile_reopen(&f, &mine);
		_exit(r == 0 && semfile_acquire(&mine, 1, never(), &hold) == 0 ? 0 : 1);
	}
	await_waiters(&f, 1);
	kill(pid, SIGSTOP);
	int status;
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	/* It may have been stopped with the lock; then everybody would wait for it. */
	if (semfile_release(&f, &first, now()) == 0) {
		assert_int_equal(semfile_acquire(&f, 1, never(), &hold), 0);
		assert_int_equal(semfile_release(&f, &hold, never()), 0);
	}
	kill(pid, SIGCONT);
	semfile_release(&f, &first, never());
	assert_int_equal(status_of(pid), 0);
}

/* --- what can't be judged, and repair --- */

static struct sem_slot *slots_of(const struct semfile *f)
{
	return (struct sem_slot *)(f->map + SEM_SLOTS_AT);
}

static void holders_in_other_namespaces_are_left_alone(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		AUTO_SEMFILE struct semfile f = fresh(4);
		struct semfile_holder *list;
		uint32_t value;
		size_t n;

		pid_t pid = start_holder(&f, 3);
		kill(pid, SIGKILL);
		status_of(pid);
		if (i == 0)
			slots_of(&f)[0].pidns ^= 1;
		else
			slots_of(&f)[0].timens ^= 1;
		assert_int_equal(semfile_recover(&f, now(), NULL), 0);
		assert_int_equal(value_of(&f), 1);
		assert_int_equal(semfile_holders(&f, &list, &n), 0);
		assert_int_equal(n, 1);
		assert_int_equal(list[0].state, PROCID_UNKNOWN);
		free(list);
		assert_int_equal(semfile_repair(&f, SEMFILE_INITIAL, false, now(), &value), 0);
		assert_int_equal(value, 1);
		assert_int_equal(semfile_repair(&f, SEMFILE_INITIAL, true, now(), &value), 0);
		assert_int_equal(value, 4);
		assert_int_equal(value_of(&f), 4);
	}
}

static void repair_counts_what_is_still_held(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(4);
	struct semfile_hold hold;
	uint32_t value;

	assert_int_equal(semfile_acquire(&f, 3, now(), &hold), 0);
	assert_int_equal(semfile_wait(&f, 1, now()), 0); /* by somebody who died */
	assert_int_equal(semfile_repair(&f, SEMFILE_INITIAL, false, now(), &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(semfile_release(&f, &hold, now()), 0);
	assert_int_equal(value_of(&f), 4);
	assert_int_equal(semfile_repair(&f, 9, false, now(), &value), 0);
	assert_int_equal(value_of(&f), 9);
	assert_int_equal(semfile_repair(&f, 1LL << 31, false, now(), &value), -EINVAL);
}

/* --- hostile contents --- */

static void spoiled_records_are_refused_and_repaired(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(2);
	struct semfile_hold hold;
	struct semfile_holder *list;
	size_t n;

	assert_int_equal(pwrite(f.fd, "somebody", 8, SEM_HEAD_AT), 8);
	assert_int_equal(semfile_acquire(&f, 1, now(), &hold), -EBADMSG);
	assert_int_equal(semfile_recover(&f, now(), NULL), -EBADMSG);
	assert_int_equal(semfile_holders(&f, &list, &n), -EBADMSG);
	assert_int_equal(semfile_wait(&f, 1, now()), 0);
	assert_int_equal(semfile_repair(&f, 2, false, now(), NULL), 0);
	assert_int_equal(semfile_acquire(&f, 2, now(), &hold), 0);
	assert_int_equal(semfile_release(&f, &hold, now()), 0);
}

static void use_all(const struct semfile *f)
{
	struct semfile_hold hold = { .slot = (uint32_t)rand() };
	struct semfile_holder *list;
	struct semfile_state st;
	size_t n;

	semfile_get(f, &st);
	if (semfile_holders(f, &list, &n) == 0)
		free(list);
	semfile_release(f, &hold, now());
	semfile_recover(f, now(), NULL);
	semfile_wait(f, 1, now());
	semfile_wait(f, 3, ipc_deadline_in(NSEC_PER_MSEC));
	if (semfile_acquire(f, 1, ipc_deadline_in(NSEC_PER_MSEC), &hold) == 0)
		semfile_release(f, &hold, now());
	semfile_post(f, 1);
	semfile_repair(f, SEMFILE_INITIAL, rand() % 2, now(), NULL);
}

static uint32_t some_number(void)
{
	const uint32_t numbers[] = { 0, 1, 2, 3, 4, 5, 0x7fffffff, 0x80000000, 0xffffffff };

	return rand() % 4 ? numbers[(size_t)rand() % ARRAY_SIZE(numbers)] : (uint32_t)rand();
}

/* Records of every state, about processes that live, don't live, and can't; then all operations. */
static void nonsense_in_the_records_does_no_harm(void **state)
{
	(void)state;
	struct procid me;

	srand(1);
	assert_int_equal(procid_self(&me), 0);
	for (int round = 0; round < 300; round++) {
		AUTO_SEMFILE struct semfile f = fresh(some_number() & SEMFILE_VALUE_MAX);
		struct sem_slot *slots = slots_of(&f);
		for (int i = 0; i < 63; i++) {
			slots[i].mark = (uint64_t)(rand() % 7) << 32 | some_number();
			slots[i].pid = rand() % 2 ? (uint32_t)getpid() : some_number();
			slots[i].units = some_number();
			slots[i].start = rand() % 2 ? me.start : some_number();
			slots[i].pidns = rand() % 4 ? me.pidns : some_number();
			slots[i].timens = rand() % 4 ? me.timens : some_number();
			slots[i].order = some_number();
			slots[i].beat = rand() % 2 ? (uint64_t)ipc_now_ns() : some_number();
		}
		semfile_word(&f)->ticket = some_number();
		if (rand() % 4 == 0)
			assert_int_equal(ftruncate(f.fd, 32 + rand() % 9000), 0);
		use_all(&f);
		assert_true(value_of(&f) <= SEMFILE_VALUE_MAX);
	}
}

static void truncation_is_an_error_not_a_crash(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(2);
	struct semfile_hold hold;

	assert_int_equal(semfile_acquire(&f, 1, now(), &hold), 0);
	assert_int_equal(ftruncate(f.fd, 0), 0);
	use_all(&f);
	assert_int_equal(semfile_release(&f, &hold, now()), -EIO);
	assert_int_equal(semfile_post(&f, 1), -EIO);
	assert_int_equal(semfile_wait(&f, 1, never()), -EIO);
	assert_int_equal(semfile_acquire(&f, 1, never(), &hold), -EIO);
	assert_int_equal(semfile_repair(&f, 1, false, now(), NULL), -EIO);
}

static void a_full_file_system_is_an_error_not_a_crash(void **state)
{
	(void)state;
	if (!is_private) {
		print_message("no private /dev/shm: namespaces are denied here\n");
		skip();
	}
	static char block[4096];
	AUTO_SEMFILE struct semfile f = fresh(100);
	struct semfile_hold hold;
	int r = 0, held = 0;
	AUTO_CLOSE int fill = openat(dirfd_, "fill", O_CREAT | O_RDWR, 0600);

	while (write(fill, block, sizeof(block)) == sizeof(block))
		;
	while (r == 0 && held < 100)
		if ((r = semfile_acquire(&f, 1, now(), &hold)) == 0)
			held++;
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(held, 63);
	assert_int_equal(value_of(&f), 100 - 63);
	assert_int_equal(semfile_create(dirfd_, "sem.y", 0600, (uid_t)-1, (gid_t)-1, 1), -ENOSPC);
	assert_int_equal(faccessat(dirfd_, "sem.y", F_OK, 0), -1);
	unlinkat(dirfd_, "fill", 0);
	assert_int_equal(ftruncate(fill, 0), 0);
	assert_int_equal(semfile_acquire(&f, 1, now(), &hold), 0);
}

static void a_held_lock_ends_with_the_deadline(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(2), other = SEMFILE_CLOSED;
	struct semfile_hold hold;

	assert_int_equal(semfile_reopen(&f, &other), 0);
	assert_int_equal(semfile_lock(&other, now()), 0);
	assert_int_equal(semfile_acquire(&f, 1, now(), &hold), -EAGAIN);
	assert_int_equal(semfile_acquire(&f, 1, ipc_deadline_in(150 * NSEC_PER_MSEC), &hold), -ETIMEDOUT);
	assert_int_equal(semfile_post(&f, 1), 0);
	semfile_unlock(&other);
	assert_int_equal(semfile_acquire(&f, 1, now(), &hold), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(created_file_is_whole_and_exact),
		cmocka_unit_test(create_takes_no_name_that_is_in_use),
		cmocka_unit_test(open_refuses_what_is_no_semaphore),
		cmocka_unit_test(readers_may_look_and_no_more),
		cmocka_unit_test(values_count_up_and_down),
		cmocka_unit_test(waiting_for_zero_sees_it),
		cmocka_unit_test(signals_end_a_wait),
		cmocka_unit_test(sem_open_finds_our_semaphores),
		cmocka_unit_test(foreign_semaphores_get_records_when_they_need_them),
		cmocka_unit_test(foreign_programs_and_we_wake_each_other),
		cmocka_unit_test(a_foreign_waiter_is_not_forgotten),
		cmocka_unit_test(held_units_are_listed_and_come_back),
		cmocka_unit_test(who_waits_recovers_from_dead_holders),
		cmocka_unit_test(a_blocked_waiter_recovers_by_itself),
		cmocka_unit_test(records_survive_execve),
		cmocka_unit_test(a_guard_gives_back_to_foreign_waiters),
		cmocka_unit_test(setting_a_value_is_not_undone_by_the_dead),
		cmocka_unit_test(many_holders_make_the_file_grow),
		cmocka_unit_test(nobody_overtakes_a_waiter),
		cmocka_unit_test(a_stopped_waiter_does_not_hold_up_the_others),
		cmocka_unit_test(holders_in_other_namespaces_are_left_alone),
		cmocka_unit_test(repair_counts_what_is_still_held),
		cmocka_unit_test(spoiled_records_are_refused_and_repaired),
		cmocka_unit_test(nonsense_in_the_records_does_no_harm),
		cmocka_unit_test(truncation_is_an_error_not_a_crash),
		cmocka_unit_test(a_full_file_system_is_an_error_not_a_crash),
		cmocka_unit_test(a_held_lock_ends_with_the_deadline),
	};

	return cmocka_run_group_tests(tests, semtest_setup, semtest_teardown);
}
