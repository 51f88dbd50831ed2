# The harness itself: worlds are private, helpers fail when they should.

load lib
load count

setup() {
	run_sh=$BATS_TEST_DIRNAME/run.sh
}

# A world inside of this one: not every system lets an ordinary user make one.
require_worlds() {
	"$run_sh" --as "$TESTS_AS" -- true || skip "namespaces are denied to this user"
}

@test "objects made in another world are not seen here, nor those of here there" {
	require_worlds
	ipcmk -Q
	: >/dev/mqueue/here
	: >/dev/shm/here
	: >/tmp/here
	mine=$(wc -l </proc/sysvipc/msg)
	# Whatever the world inside finds it prints; then it makes a second of each.
	run "$run_sh" --as "$TESTS_AS" -- bash -c '
		find /dev/mqueue /dev/shm /tmp -name here
		tail -n +2 /proc/sysvipc/msg
		ipcmk -Q -M 100 -S 1 >/dev/null && : >/dev/mqueue/there && : >/dev/shm/there && : >/tmp/there
		[ "$(wc -l </proc/sysvipc/msg)" = 2 ] && echo made'
	assert_success
	assert_output made
	assert_equal "$(wc -l </proc/sysvipc/msg)" "$mine"
	assert_equal "$(wc -l </proc/sysvipc/shm)" 1
	assert [ ! -e /dev/mqueue/there ]
	assert [ ! -e /dev/shm/there ]
	assert [ ! -e /tmp/there ]
}

@test "a world has a message queue file system of its own, open to every user" {
	assert_equal "$(stat -fc %T /dev/mqueue)" mqueue
	assert_equal "$(stat -c %a /dev/mqueue)" 1777
	assert_equal "$(stat -fc %T /dev/shm)" tmpfs
	assert_equal "$(stat -c %a /dev/shm)" 1777
	assert_equal "$(stat -c %a "$XDG_RUNTIME_DIR")" 700
	: >"$XDG_RUNTIME_DIR/x"
}

@test "the usual devices work, a terminal included" {
	run head -c 3 /dev/zero
	assert_success
	run bash -c 'echo x >/dev/full'
	assert_failure
	run script -qec 'test -t 0 && echo terminal' /dev/null
	assert_success
	assert_output --partial terminal
}

@test "an ordinary user has no privilege at all, root has" {
	caps=$(sed -n 's/^CapEff:\t//p' /proc/self/status)
	if [ "$TESTS_AS" = user ]; then
		assert_equal "$caps" 0000000000000000
		run id -u
		refute_output 0
		: >"$BATS_TEST_TMPDIR/mine"
		run chown 12345 "$BATS_TEST_TMPDIR/mine"
		assert_failure
	else
		refute [ "$caps" = 0000000000000000 ]
		assert_equal "$(id -u)" 0
	fi
}

@test "the second user is another one and can't touch what is the first's" {
	require_root
	ipcmk -Q -p 0600
	assert_equal "$(as_user id -un)" tester
	run as_user ipcrm --all=msg
	assert_equal "$(wc -l </proc/sysvipc/msg)" 2
}

@test "a process that outlives its test file is killed and fails the run" {
	require_worlds
	run "$run_sh" --as "$TESTS_AS" -- bash -c 'setsid sleep 1000 >/dev/null 2>&1 & echo $!'
	assert_failure
	assert_output --partial "left running"
	refute is_running "${lines[0]}"
}

@test "a sanitizer's report fails the run though the status was expected" {
	require_worlds
	run "$run_sh" --as "$TESTS_AS" -- bash -c 'echo "ERROR: AddressSanitizer" >/run/sanitizer/asan.1'
	assert_failure
	assert_output --partial AddressSanitizer
	# Killed while it looked for leaks: beside a finding it counts for nothing, and so it does alone.
	run "$run_sh" --as "$TESTS_AS" -- bash -c 'echo "==7==Unable to get registers from thread 8." >/run/sanitizer/asan.1'
	assert_success
	run "$run_sh" --as "$TESTS_AS" -- bash -c '
		printf "==7==Unable to get registers from thread 8.\n==7==ERROR: LeakSanitizer\n" >/run/sanitizer/asan.1'
	assert_failure
}

@test "where namespaces are denied each test is skipped with the reason" {
	# Not a here-document: bats would take its lines for tests of this file.
	printf '%s\n' '@test "one thing" {' true '}' '@test "another \"quoted\" thing" {' false '}' \
		>"$BATS_TEST_TMPDIR/x.bats"
	cat >"$BATS_TEST_TMPDIR/unshare" <<-'END'
		#!/bin/sh
		exit 1
	END
	chmod +x "$BATS_TEST_TMPDIR/unshare"
	PATH=$BATS_TEST_TMPDIR:$PATH run "$run_sh" "$BATS_TEST_TMPDIR/x.bats"
	assert_success
	assert_line 1..2
	assert_line "ok 1 one thing # skip IPC, mount and network namespaces are denied here"
	assert_line --partial "ok 2 another"
	PATH=$BATS_TEST_TMPDIR:$PATH run "$run_sh" -- true
	assert_equal "$status" 77
}

@test "a failing test file fails the run" {
	require_worlds
	printf '@test "no" {\n\tfalse\n}\n' >"$BATS_TEST_TMPDIR/x.bats"
	run "$run_sh" --as "$TESTS_AS" "$BATS_TEST_TMPDIR/x.bats"
	assert_failure
}

@test "objects of one test are gone in the next: making them" {
	ipcmk -Q -M 100 -S 1
	: >/dev/shm/left
	: >/dev/mqueue/left
}

@test "objects of one test are gone in the next: looking for them" {
	assert_equal "$(cat /proc/sysvipc/{msg,shm,sem} | wc -l)" 3
	assert [ ! -e /dev/shm/left ]
	assert [ ! -e /dev/mqueue/left ]
}

@test "wait_until polls until a condition holds" {
	(sleep 0.1 && : >"$BATS_TEST_TMPDIR/flag") 3>&- &
	wait_until test -e "$BATS_TEST_TMPDIR/flag"
	wait
}

@test "wait_until fails and says what never became true" {
	SECONDS=0
	wait_until_now() { # the ten seconds pass at once
		SECONDS=0
		never() {
			SECONDS=11
			false
		}
		wait_until never
	}
	run wait_until_now
	assert_failure
	assert_output --partial "still not true after 10 seconds: never"
}

@test "background commands get input, are waited for, and keep their status" {
	background bash -c 'read -r line; echo "got $line"; echo oops >&2; exit 3' <<<"hello"
	finish
	assert_equal "$status" 3
	assert_output "got hello"
	assert_equal "$stderr" oops
}

@test "reap_background kills a command and its children" {
	background bash -c 'sleep 1000 & echo $!; wait'
	wait_until test -s "$BG_OUT"
	child=$(cat "$BG_OUT")
	reap_background
	refute is_running "$BG_PID"
	wait_until _has_ended "$child"
}

@test "is_in_syscall sees a process block" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	background cat "$BATS_TEST_TMPDIR/fifo"
	wait_until is_in_syscall "$BG_PID" openat
	refute is_in_syscall "$BG_PID" msgrcv
}

@test "with_limits limits one command alone" {
	run with_limits -n 9 -c 0 -- bash -c 'ulimit -n'
	assert_output 9
	refute [ "$(ulimit -n)" = 9 ]
}

@test "build_c compiles C and C++ and reports what the compiler says" {
	program=$(build_c - <<<'int main(void) { return 7; }')
	run "$program"
	assert_equal "$status" 7
	assert_equal "$(build_c - <<<'int main(void) { return 7; }')" "$program"
	run build_c - <<<'int main(void) { return nonsense; }'
	assert_failure
	assert_output --partial nonsense
}

@test "names and keys differ from call to call" {
	refute [ "$(unique_name)" = "$(unique_name)" ]
	refute [ "$(unique_key)" = "$(unique_key)" ]
	[[ $(unique_name jobs) = /jobs.* ]]
}

@test "in TAP, failures, skips, tests that never came and an unexplained status are counted" {
	log=$BATS_TEST_TMPDIR/log
	printf '%s\n' 1..4 'ok 1 a' 'ok 2 b # skip why' 'not ok 3 c' '# not ok' 'ok 4 d' >"$log"
	assert_equal "$(count_tap "$log" 1)" "2 1 1"
	printf '%s\n' 1..4 'ok 1 a' >"$log"
	assert_equal "$(count_tap "$log" 0)" "1 3 0"
	printf '%s\n' 1..1 'ok 1 a' >"$log"
	assert_equal "$(count_tap "$log" 0)" "1 0 0"
	assert_equal "$(count_tap "$log" 124)" "1 1 0"
	: >"$log"
	assert_equal "$(count_tap "$log" 1)" "0 1 0"
}

@test "of ctest, single unit tests are counted, and programs that crash or speak no TAP" {
	log=$BATS_TEST_TMPDIR/log
	printf '%s\n' '1: 1..2' '1: ok 1 - a' '1: not ok 2 - b' '1: # why' \
		'1/5 Test #1: unit-a ......***Failed    0.02 sec' \
		'2: ok 1 - a' '2/5 Test #2: unit-b ......Subprocess aborted***Exception:   0.01 sec' \
		'3: replayed 5 inputs' '3/5 Test #3: fuzz-c .......   Passed    0.02 sec' \
		'4: ok 1 - a' '4: ok 2 - b # SKIP' '4/5 Test #4: unit-d .......   Passed    0.02 sec' \
		'5/5 Test #5: fuzz-e ......***Timeout 300.0 sec' >"$log"
	assert_equal "$(count_ctest "$log" 8)" "4 3 1"
	printf '%s\n' '1: 1..1' '1: ok 1 - a' '1/1 Test #1: unit-a ......   Passed    0.02 sec' >"$log"
	assert_equal "$(count_ctest "$log" 0)" "1 0 0"
	assert_equal "$(count_ctest "$log" 77)" "1 1 0"
}

@test "a report shows what failed and its comments, and the end of a log that names no test" {
	printf '%s\n' 1..2 'ok 1 a' '# of a' 'not ok 2 b' '#   why' >"$BATS_TEST_TMPDIR/log"
	run report "$BATS_TEST_TMPDIR/log"
	assert_output "$(printf '    not ok 2 b\n    #   why')"
	seq 100 >"$BATS_TEST_TMPDIR/log"
	run report "$BATS_TEST_TMPDIR/log"
	assert_line "    100"
	refute_line "    10"
}

@test "what is started while a background command is killed does not outlive it" {
	local seconds=61.$BASHPID # like nobody else's
	background bash -c 'for ((i = 0; i < 100; i++)); do sleep "$1" & sleep 0.01; done; wait' sh "$seconds"
	local parent=$BG_PID
	wait_until pgrep -P "$parent" -x sleep
	reap_background
	run pgrep -f "^sleep $seconds$"
	assert_output ""
}
