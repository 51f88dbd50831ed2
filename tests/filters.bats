# Filters: each alone, every two, and all of them at once, in ls and in rm.

# shellcheck disable=SC2016 # the dollars are awk's

load lib

# 128 segments, one for each combination of what filters look at. Which segment is which stands in its number:
#   1 label     its name is one of Python's
#   2 user      it belongs to who runs the test, and not to tester
#   4 older     it was made in the first of two lots
#   8 unused    it was last used days ago
#   16 pattern  its name ends in an even digit
#   32, 64      32: the holder that --holder names has it; 64: another one; 0, 96: nobody
setup() {
	NOW=$(($(date +%s) + 100000)) # later, for everybody: what the clock says in between does not matter
	CLOCK=$(
		build_c - -shared -fPIC <<-'END'
			#include <stdlib.h>
			#include <sys/syscall.h>
			#include <time.h>
			#include <unistd.h>

			/* The time of day stands still. */
			int clock_gettime(clockid_t clock, struct timespec *ret)
			{
				const char *now = getenv("TESTS_NOW");

				if (clock != CLOCK_REALTIME || !now)
					return syscall(SYS_clock_gettime, clock, ret);
				*ret = (struct timespec){ .tv_sec = atol(now) };
				return 0;
			}
		END
	)
	BOTH=1
	[ "$TESTS_AS$TESTS_REAL_ROOT" = root1 ] || BOTH=0 # there is one user only
	TABLE=$BATS_TEST_TMPDIR/table
	name_all
	make_lot 1
	wait_until next_second "$(date +%s)"
	BETWEEN=$(date +%s)
	make_lot 0
	mapfile -t held < <(files '$8')
	hold "${held[@]}"
	HOLDER=$BG_PID
	mapfile -t held < <(files '$7 && !$8')
	hold "${held[@]}"
	filters=(
		--label python
		--user "$(id -un)"
		--older-than "$((NOW - BETWEEN))"
		--unused-for "$((NOW - $(date +%s) + 86400))"
		'' 'shm:/*[02468ace]'
		--state live
		--holder "$HOLDER"
	)
}

next_second() { # SECOND
	[ "$(date +%s)" -gt "$1" ]
}

# A line for each segment: its name and, for each filter in their order, whether it passes.
name_all() {
	awk -v both="$BOTH" 'BEGIN {
		for (i = 0; i < 128; i++) {
			holder = int(i / 32)
			printf "%s_%07x%d %d %d %d %d %d %d %d\n", i % 2 ? "psm" : "app", i, int(i / 16) % 2 ? 2 : 3,
				i % 2, int(i / 2) % 2 || !both, int(i / 4) % 2, int(i / 8) % 2, int(i / 16) % 2,
				holder == 1 || holder == 2, holder == 1
		}
	}' >"$TABLE"
}

# The files of those for which a condition of awk(1) holds.
files() { # CONDITION
	awk "$1 { print \"/dev/shm/\" \$1 }" "$TABLE"
}

make_lot() { # WHETHER-OLDER
	local file
	files "\$4 == $1" | while read -r file; do
		: >"$file"
	done
	files "\$4 == $1 && \$5" | xargs touch -d '3 days ago'
	files "\$4 == $1 && !\$3" | xargs -r chown "${TESTER:-0}"
}

hold() { # FILE...
	background "$PYTHON" -c '
import os, signal, sys
held = [os.open(name, os.O_RDWR) for name in sys.argv[1:]]
print("held", flush=True)
signal.pause()' "$@"
	wait_until grep -q held "$BG_OUT"
}

# The segments that pass all these filters; with --idle only those that nobody has.
expected() { # [--idle] N...
	local n condition=1
	[ "$1" != --idle ] || { condition='!$7' && shift; }
	for n in "$@"; do
		condition+=" && \$$((n + 2))"
	done
	files "$condition" | sed 's,/dev/shm,shm:,' | LC_ALL=C sort
}

# The words of these filters on a command line.
words() { # N...
	local n
	for n in "$@"; do
		WORDS+=(${filters[2 * n]:+"${filters[2 * n]}"} "${filters[2 * n + 1]}")
	done
}

at_that_time() { # COMMAND...
	ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0 TESTS_NOW=$NOW LD_PRELOAD=$CLOCK "$@"
}

check() { # N...
	WORDS=()
	words "$@"
	assert_equal "$(at_that_time ipcctl ls --names "${WORDS[@]}" | LC_ALL=C sort)" "$(expected "$@")"
	# rm would take those of them that nobody has, and names the others.
	at_that_time ipcctl rm -n "${WORDS[@]}" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || true
	assert_equal "$(sed -n 's/^\(shm:[^ ]*\) .*/\1/p' "$BATS_TEST_TMPDIR/out" | LC_ALL=C sort)" "$(expected --idle "$@")"
	assert_equal "$(grep -c 'cannot remove segment' "$BATS_TEST_TMPDIR/err")" \
		$(($(expected "$@" | grep -c .) - $(expected --idle "$@" | grep -c .)))
}

@test "every filter alone, and every two of them, find in ls and rm what passes both" {
	for ((a = 0; 2 * a < ${#filters[@]}; a++)); do
		for ((b = a; 2 * b < ${#filters[@]}; b++)); do
			if ((a == b)); then check $a; else check $a $b; fi
		done
	done
}

@test "all filters at once find what passes all, and rm takes that and nothing else" {
	check 0 1 2 3 4
	check 0 1 2 3 4 5
	check 0 1 2 3 4 5 6
	WORDS=()
	words 0 1 2 3 4
	before=$(ipcctl ls --names | wc -l)
	at_that_time ipcctl rm -y --state idle "${WORDS[@]}"
	gone=$(expected --idle 0 1 2 3 4 | wc -l)
	assert [ "$gone" -ge 2 ]
	assert_equal "$(ipcctl ls --names | wc -l)" $((before - gone))
	assert_equal "$(at_that_time ipcctl ls --names --state idle "${WORDS[@]}")" ""
}

@test "filters narrow what - reads, as they narrow operands" {
	WORDS=()
	words 0 2
	run at_that_time bash -c 'ipcctl ls --names --state idle shm | ipcctl rm -y - "$@"' bash "${WORDS[@]}"
	assert_success
	assert_equal "$(ipcctl ls --names | wc -l)" $((128 - $(expected --idle 0 2 | wc -l)))
	assert_equal "$(at_that_time ipcctl ls --names --state idle "${WORDS[@]}")" ""
}

@test "of several labels and states one is enough" {
	assert_equal "$(ipcctl ls --names --label python --label nccl | wc -l)" 64
	assert_equal "$(ipcctl ls --names --state idle --state live | wc -l)" 128
	assert_equal "$(ipcctl ls --names --state idle,live --label python | wc -l)" 64
}
