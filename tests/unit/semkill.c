/*
 * Kills processes that take and give back units, and counts the units afterwards.
 *
 * Without arguments a moderate number for the suite; "unit-semkill KILLS" for more.
 */
#include "semtest.h"

#include "ipc/semfile_impl.h"

#include <semaphore.h>
#include <sys/mman.h>
#include <sys/ptrace.h>

enum { UNITS = 4, WORKERS = 5, FOREIGN = 2, KILLS_A_ROUND = 40 };

static long arg_kills = 1000;

struct shared {
	int stop;
};
static struct shared *shared;

static struct semfile open_own(const struct semfile *f)
{
	struct semfile mine;

	if (semfile_reopen(f, &mine) < 0)
		_exit(1);
	return mine;
}

static void spin(unsigned *seed, int most)
{
	volatile int n = rand_r(seed) % most;

	while (n > 0)
		n--;
}

static pid_t start_worker(const struct semfile *f, unsigned seed)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	struct semfile mine = open_own(f);
	struct semfile_hold hold;
	for (;;) {
		uint32_t units = 1 + (uint32_t)rand_r(&seed) % 3;
		if (semfile_acquire(&mine, units, never(), &hold) < 0)
			_exit(1);
		spin(&seed, 20000);
		if (rand_r(&seed) % 50 == 0)
			_exit(0); /* a holder that just ends */
		if (semfile_release(&mine, &hold, never()) < 0)
			_exit(2);
	}
}

/* Never killed, as they would take their unit with them; one by the C library, one by us without a record. */
static pid_t start_foreign(const struct semfile *f, int kind, unsigned seed)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	struct semfile mine = open_own(f);
	sem_t *sem = (sem_t *)mine.map;
	while (!__atomic_load_n(&shared->stop, __ATOMIC_SEQ_CST)) {
		if (kind == 0 ? sem_wait(sem) < 0 : semfile_wait(&mine, 1, never()) < 0)
			_exit(1);
		spin(&seed, 5000);
		if (kind == 0 ? sem_post(sem) < 0 : semfile_post(&mine, 1) < 0)
			_exit(2);
		spin(&seed, 20000);
	}
	_exit(0);
}

static void end_worker(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
}

static void check_all_is_back(const struct semfile *f)
{
	struct semfile_holder *list;
	size_t n;

	assert_int_equal(semfile_recover(f, never(), NULL), 0);
	assert_int_equal(value_of(f), UNITS);
	assert_int_equal(semfile_holders(f, &list, &n), 0);
	assert_int_equal(n, 0);
	free(list);
}

static void one_round(const struct semfile *f, unsigned *seed)
{
	pid_t workers[WORKERS], foreign[FOREIGN];
	int status;

	__atomic_store_n(&shared->stop, 0, __ATOMIC_SEQ_CST);
	for (int i = 0; i < WORKERS; i++)
		workers[i] = start_worker(f, (unsigned)rand_r(seed));
	for (int i = 0; i < FOREIGN; i++)
		foreign[i] = start_foreign(f, i, (unsigned)rand_r(seed));
	for (int i = 0; i < KILLS_A_ROUND; i++) {
		int victim = rand_r(seed) % WORKERS;
		usleep((unsigned)rand_r(seed) % 400);
		end_worker(workers[victim]);
		if (rand_r(seed) % 4)
			assert_int_equal(semfile_recover(f, never(), NULL), 0);
		assert_true(value_of(f) <= UNITS);
		workers[victim] = start_worker(f, (unsigned)rand_r(seed));
	}
	for (int i = 0; i < WORKERS; i++)
		end_worker(workers[i]);
	assert_int_equal(semfile_recover(f, never(), NULL), 0);
	/* If a wake-up was lost one of them sleeps on, and the test with it. */
	__atomic_store_n(&shared->stop, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < FOREIGN; i++) {
		assert_int_equal(waitpid(foreign[i], &status, 0), foreign[i]);
		assert_int_equal(status, 0);
	}
	check_all_is_back(f);
}

static void killed_at_random_moments(void **state)
{
	(void)state;
	AUTO_SEMFILE struct semfile f = fresh(UNITS);
	unsigned seed = 1;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	for (long kills = 0; kills < arg_kills; kills += KILLS_A_ROUND + WORKERS)
		one_round(&f, &seed);
	munmap(shared, sizeof(*shared));
}

/* --- a kill at every instruction --- */

/*
 * What a killed process leaves is the file as it was after some instruction, and a free lock. So a child
 * is run step by step and the file compared after each; then every state that there was is put back
 * and recovered from, as if the child had been killed there.
 */
enum { STATE_SIZE = 4096, STATES_MAX = 256, SCENE_LEFT = UNITS - 1 };

struct states {
	unsigned char at[STATES_MAX][STATE_SIZE];
	int count;
};

static void remember(struct states *s, const struct semfile *f)
{
	if (s->count > 0 && memcmp(s->at[s->count - 1], f->map, STATE_SIZE) == 0)
		return;
	assert_true(s->count < STATES_MAX);
	memcpy(s->at[s->count++], f->map, STATE_SIZE);
}

static void step_through(const struct semfile *f, int (*act)(const struct semfile *f), struct states *ret)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct semfile mine = open_own(f);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(act(&mine));
	}
	ret->count = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	while (WIFSTOPPED(status)) {
		remember(ret, f);
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	assert_int_equal(status, 0);
	remember(ret, f);
}

static int take_and_give(const struct semfile *f)
{
	struct semfile_hold hold;

	return semfile_acquire(f, 2, now(), &hold) < 0 || semfile_release(f, &hold, now()) < 0;
}

static int wait_in_vain(const struct semfile *f)
{
	struct semfile_hold hold;

	return semfile_acquire(f, UNITS, ipc_deadline_in(NSEC_PER_MSEC), &hold) != -ETIMEDOUT;
}

static int recover(const struct semfile *f)
{
	return semfile_recover(f, now(), NULL) != 0;
}

/*
 * A semaphore of which one unit is ours, and one a dead holder's, whose record comes before those that
 * the child will write: it is given back while the child's is in doubt.
 */
static struct semfile make_scene(void)
{
	struct semfile f = fresh(UNITS);
	struct semfile_hold hold;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct semfile mine = open_own(&f);
		_exit(semfile_acquire(&mine, 1, now(), &hold) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(semfile_acquire(&f, 1, now(), &hold), 0);
	return f;
}

static void put_back(const struct semfile *f, const struct states *s, int i)
{
	memcpy(f->map, s->at[i], STATE_SIZE);
}

static void check_scene(const struct semfile *f)
{
	struct semfile_holder *list;
	size_t n;

	assert_int_equal(semfile_recover(f, now(), NULL), 0);
	assert_int_equal(value_of(f), SCENE_LEFT);
	assert_int_equal(semfile_holders(f, &list, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].id.pid, getpid());
	free(list);
}

/* Whether the child's record, the third, was on its way. */
static bool in_doubt(const struct semfile *f)
{
	const struct sem_slot *slots = (const struct sem_slot *)(f->map + SEM_SLOTS_AT);
	uint64_t mark = slots[2].mark >> 32;

	return mark == SLOT_TAKING || mark == SLOT_GIVING;
}

/* Also kills the recovery at every instruction, where it has most to do, and recovers from that. */
static void kill_everywhere(int (*act)(const struct semfile *f))
{
	static struct states outer, inner;
	AUTO_SEMFILE struct semfile f = make_scene();
	int checked = 0;

	step_through(&f, act, &outer);
	for (int i = 0; i < outer.count; i++) {
		put_back(&f, &outer, i);
		bool doubt = in_doubt(&f);
		check_scene(&f);
		put_back(&f, &outer, i);
		inner.count = 0;
		if (doubt)
			step_through(&f, recover, &inner);
		for (int j = 0; j < inner.count; j++, checked++) {
			put_back(&f, &inner, j);
			check_scene(&f);
		}
	}
	print_message("%d states, %d in recovery\n", outer.count, checked);
	assert_true(outer.count > 10);
}

static void acquisition_killed_at_every_instruction(void **state)
{
	(void)state;
	kill_everywhere(take_and_give);
}

static void waiter_killed_at_every_instruction(void **state)
{
	(void)state;
	kill_everywhere(wait_in_vain);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_random_moments),
		cmocka_unit_test(acquisition_killed_at_every_instruction),
		cmocka_unit_test(waiter_killed_at_every_instruction),
	};

	if (argc > 1)
		arg_kills = atol(argv[1]);
	return cmocka_run_group_tests(tests, semtest_setup, semtest_teardown);
}
