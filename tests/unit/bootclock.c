#include "ipc/bootclock.h"

#include "ipc/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Seconds; the machine booted at noon by its clock, and has been up for ten hours. */
enum { HOUR = 3600, NOON = 1700000000, UP = 10 * HOUR, TICKS = 100 };

static struct bootclock clock_of(int64_t set_forward, bool known)
{
	return (struct bootclock){ .now = UP * NSEC_PER_SEC,
		.offset = (NOON + set_forward) * NSEC_PER_SEC,
		.first = NOON * NSEC_PER_SEC,
		.first_known = known,
		.tick = NSEC_PER_SEC / TICKS };
}

/* Whether a process that started so many seconds behind the boot is younger than a stamp so many behind noon. */
static bool younger(const struct bootclock *c, int64_t start, int64_t stamp)
{
	return bootclock_started_later(c, (uint64_t)(start * TICKS), (NOON + stamp) * NSEC_PER_SEC, false);
}

static bool younger_than_file(const struct bootclock *c, int64_t start, int64_t stamp)
{
	return bootclock_started_later(c, (uint64_t)(start * TICKS), (NOON + stamp) * NSEC_PER_SEC, true);
}

static void a_clock_that_was_not_set(void **state)
{
	(void)state;
	for (int known = 0; known <= 1; known++) {
		struct bootclock c = clock_of(0, known);
		assert_true(younger(&c, HOUR + 2, HOUR));
		assert_false(younger(&c, HOUR + 1, HOUR)); /* too close */
		assert_false(younger(&c, HOUR, HOUR));
		assert_false(younger(&c, HOUR - 1, HOUR));
		assert_false(younger(&c, UP, UP + HOUR)); /* a stamp in the future */
		assert_false(younger(&c, UP, -HOUR));     /* from before the boot, and does not survive one */
		assert_int_equal(younger_than_file(&c, 10, -HOUR), known);
		assert_true(younger_than_file(&c, HOUR + 2, HOUR));
	}
}

static bool older(const struct bootclock *c, int64_t start, int64_t stamp)
{
	return bootclock_started_earlier(c, (uint64_t)(start * TICKS), (NOON + stamp) * NSEC_PER_SEC, false);
}

static void who_started_earlier_did_so_however_the_clock_was_set(void **state)
{
	struct bootclock c = clock_of(0, true);

	(void)state;
	assert_true(older(&c, HOUR - 2, HOUR));
	assert_false(older(&c, HOUR - 1, HOUR)); /* too close */
	assert_false(older(&c, HOUR, HOUR));
	assert_false(older(&c, 0, -HOUR)); /* from before the boot */
	c = clock_of(HOUR, true);          /* the stamp can be from an hour ago */
	assert_true(older(&c, 2 * HOUR - 2, 3 * HOUR));
	assert_false(older(&c, 2 * HOUR, 3 * HOUR));
	c = clock_of(-HOUR, true);
	assert_true(older(&c, 3 * HOUR - 2, 3 * HOUR));
	assert_false(older(&c, 3 * HOUR, 3 * HOUR));
	assert_false(bootclock_started_earlier(&c, UINT64_MAX, NOON * NSEC_PER_SEC, false));
}

static void a_clock_that_was_set_forward(void **state)
{
	struct bootclock c = clock_of(HOUR, true);

	(void)state;
	/* The stamp can be from before, and then the object is an hour younger than it seems. */
	assert_false(younger(&c, 3 * HOUR, 3 * HOUR));
	assert_false(younger(&c, 3 * HOUR + 1, 3 * HOUR));
	assert_true(younger(&c, 3 * HOUR + 2, 3 * HOUR));
	/* A stamp that the clock did not show before it was set: no machine is up that long. */
	assert_true(younger(&c, UP, UP + HOUR - 2));
	/* Made before the boot, whichever clock it was. */
	assert_true(younger_than_file(&c, 2, -2 * HOUR));
	c = clock_of(50 * 365 * 24 * HOUR, true); /* a board without a battery: its clock began with 1970 */
	assert_false(younger(&c, 4 * HOUR, 4 * HOUR));
	assert_true(younger(&c, 4 * HOUR + 2, 4 * HOUR));
	assert_true(younger(&c, 5 * HOUR, 50 * 365 * 24 * HOUR + 4 * HOUR));
	c = clock_of(50 * 365 * 24 * HOUR, false);
	assert_false(younger(&c, 5 * HOUR, 4 * HOUR)); /* it seems older than the boot */
	assert_true(younger(&c, 5 * HOUR, 50 * 365 * 24 * HOUR + 4 * HOUR));
}

static void a_clock_that_was_set_back(void **state)
{
	struct bootclock c = clock_of(-HOUR, true);

	(void)state;
	/* Made at two by the old clock, or at three by the new one. */
	assert_false(younger(&c, 3 * HOUR, 2 * HOUR));
	assert_true(younger(&c, 3 * HOUR + 2, 2 * HOUR));
	assert_false(younger(&c, UP, UP - HOUR + 2)); /* in the future */
}

static void absurd_numbers_prove_nothing(void **state)
{
	struct bootclock c = clock_of(0, true);

	(void)state;
	for (int survives = 0; survives <= 1; survives++) {
		assert_false(bootclock_started_later(&c, UINT64_MAX, NOON * NSEC_PER_SEC, survives));
		assert_false(bootclock_started_later(&c, INT64_MAX, NOON * NSEC_PER_SEC, survives));
		assert_false(bootclock_started_later(&c, 1000, INT64_MIN, survives));
		assert_false(bootclock_started_later(&c, 1000, INT64_MAX, survives));
	}
}

static void this_machine_has_a_clock(void **state)
{
	struct bootclock c;

	(void)state;
	bootclock_read(&c);
	assert_true(c.now > 0 && c.offset > 0 && c.tick > 0);
	if (c.first_known)
		assert_true(c.first > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_was_not_set),
		cmocka_unit_test(who_started_earlier_did_so_however_the_clock_was_set),
		cmocka_unit_test(a_clock_that_was_set_forward),
		cmocka_unit_test(a_clock_that_was_set_back),
		cmocka_unit_test(absurd_numbers_prove_nothing),
		cmocka_unit_test(this_machine_has_a_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
