# pipe: commands that are connected by unnamed pipes.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	# So that no test waits for long if it fails.
	PIPE=(ipcctl pipe --kill-after 2s)
}

# The processes whose environment has this test's mark, zombies left out.
ours() {
	local environ
	for environ in /proc/[0-9]*/environ; do
		if grep -qsz "^PIPE_MARK=$BATS_TEST_TMPDIR$" "$environ"; then
			echo "${environ//[^0-9]/}"
		fi
	done
}

# Starts it in the background so that ours finds all its processes; sets IPCCTL_PID.
start_marked() { # WORDS...
	background env PIPE_MARK="$BATS_TEST_TMPDIR" "$@"
	IPCCTL_PID=$BG_PID
}

none_left() {
	[ -z "$(ours)" ]
}

# A stage that has said by a file that it runs, and then sleeps for ever.
sleeper() { # FILE [SHELL WORDS BEFORE]
	echo "${2-}: >$1; exec sleep 1000"
}

# --- statuses ----------------------------------------------------------------------------------

@test "the status is that of the rightmost stage that failed, by a table" {
	mkdir directory
	echo true >plain
	printf '#!/nowhere/interpreter\n' >script
	chmod +x script
	# expected, and the stages: a number is an exit status, a name a signal, any other a word
	while read -r expected stages; do
		words=()
		for stage in $stages; do
			[ ${#words[@]} -eq 0 ] || words+=(::)
			case $stage in
			[0-9]*) words+=(sh -c "cat; exit $stage") ;;
			[A-Z]*) words+=(sh -c "kill -$stage \$\$") ;;
			*) words+=("$stage") ;;
			esac
		done
		status=0
		ipcctl -q pipe "${words[@]}" </dev/null >output || status=$?
		[ "$status" -eq "$expected" ] || {
			echo "$status, not $expected: $stages"
			return 1
		}
	done <<-'END'
		0 0 0
		0 true true true
		1 false true
		1 true false
		4 3 4 0
		3 4 0 3
		255 255 0
		137 KILL 0
		143 0 TERM
		9 KILL 0 9
		137 9 0 KILL
		0 yes true
		0 yes yes true
		0 PIPE 0
		0 PIPE PIPE true
		141 0 PIPE
		141 PIPE PIPE
		1 yes false
		1 PIPE 1 0
		137 PIPE KILL 0
		0 141 0
		141 0 141
		127 no-such-program true
		127 true no-such-program
		127 true no-such-program true
		126 true ./directory
		126 ./plain true
		127 true ./script
		127 true /nowhere/program
	END
}

@test "SIGPIPE is forgiven where a stage that reads from it succeeded, in each shape" {
	run -0 ipcctl pipe --tee yes :: true :: true
	run -1 ipcctl pipe --tee yes :: true :: false
	run -141 ipcctl pipe --tee true :: true :: sh -c 'kill -PIPE $$'
	run -0 ipcctl pipe --merge yes :: yes :: head -n 1
	run -141 ipcctl pipe --merge true :: sh -c 'kill -PIPE $$' :: sh -c 'cat; kill -PIPE $$'
	run -0 ipcctl pipe --ring true :: sh -c 'kill -PIPE $$'
	run -141 ipcctl pipe --ring sh -c 'kill -PIPE $$' :: sh -c 'kill -PIPE $$'
}

@test "the stage that failed is named, unless it was the last one and ended by itself" {
	run --separate-stderr -3 ipcctl pipe sh -c 'exit 3' :: true
	assert_equal "$stderr" "ipcctl pipe: stage 1 'sh' ended with status 3"
	run --separate-stderr -1 ipcctl pipe true :: false
	assert_equal "$stderr" ""
	run --separate-stderr -137 ipcctl pipe true :: sh -c 'kill -KILL $$' :: true
	assert_equal "$stderr" "ipcctl pipe: stage 2 'sh' was ended by signal 9: Killed"
	run --separate-stderr -1 ipcctl -v pipe false :: false
	assert_equal "$stderr" "ipcctl pipe: stage 1 'false' ended with status 1
ipcctl pipe: stage 2 'false' ended with status 1"
	run --separate-stderr -1 ipcctl -q pipe false :: true
	assert_equal "$stderr" ""
	run --separate-stderr -0 ipcctl pipe yes :: head -n 1
	assert_equal "$stderr" ""
}

@test "nothing is started when a stage can't be found or executed" {
	mkdir directory
	run --separate-stderr -127 ipcctl pipe touch started :: no-such-program
	assert_equal "$stderr" "ipcctl pipe: cannot run stage 2 'no-such-program': No such file or directory"
	run --separate-stderr -126 ipcctl pipe touch started :: ./directory :: cat
	assert_equal "$stderr" "ipcctl pipe: cannot run stage 2 './directory': Permission denied"
	assert [ ! -e started ]
}

@test "stages that run already are ended when another can't be executed after all" {
	printf '#!/nowhere/interpreter\n' >script
	chmod +x script
	start_marked "${PIPE[@]}" sleep 1000 :: sh -c "trap '' TERM; exec sleep 1000" :: ./script
	finish
	assert_equal "$status" 127
	assert_equal "$stderr" "ipcctl pipe: cannot run stage 3 './script': No such file or directory"
	wait_until none_left
}

@test "where no more processes are permitted it is ipcctl's own failure, with status 125" {
	require_user
	run bash -c 'ulimit -u 1; exec ipcctl pipe true :: true'
	assert_failure 125
	assert_output "ipcctl pipe: cannot run stage 1 'true': No more processes are permitted"
}

@test "what is wrong with the words is said, with status 2" {
	while IFS='|' read -r words message; do
		# shellcheck disable=SC2086 # words
		eval "run --separate-stderr -2 ipcctl pipe $words"
		assert_equal "${stderr%%$'\n'*}" "ipcctl pipe: $message"
	done <<-'END'
		cat a b c|'cat' alone is no pipe: put '::' between two commands
		--sep + cat :: x y|'cat' alone is no pipe: put '+' between two commands
		cat|something is missing: it takes COMMAND... :: COMMAND... [:: COMMAND...]...
		:: cat x|stage 1 has no words: a command stands before each '::'
		cat :: :: cat|stage 2 has no words: a command stands before each '::'
		cat :: cat ::|stage 3 has no words: a command stands behind each '::'
		--sep "" cat :: cat|--sep: an empty word separates nothing
		--tee --ring cat :: cat|--tee, --merge and --ring exclude each other
		--merge --tee cat :: cat|--tee, --merge and --ring exclude each other
		-F nul cat :: cat|--framing needs --merge
		--merge -F whole cat :: cat|--framing: unknown word 'whole'; it takes one of line, nul, json
		--size x cat :: cat|--size: 'x' is not a SIZE, such as 512, 64K or 1M
		-t x cat :: cat|--timeout: 'x' is not a DURATION, such as 250ms, 5m or 7d
	END
}

@test "without a separator a command that every kind has is that command for pipes" {
	run --separate-stderr -0 ipcctl pipe ls --noheadings
	assert_equal "$stderr" ""
	run -2 ipcctl pipe rm
	assert_output --partial 'ipcctl pipe rm:'
	mkdir listed
	touch listed/one listed/two
	run -0 ipcctl pipe ls listed :: sort -r
	assert_output "two
one"
}

# --- what stages get ---------------------------------------------------------------------------

@test "every byte of binary data passes through, from standard input to standard output" {
	head -c 3000000 /dev/urandom >data
	ipcctl pipe cat :: cat :: cat :: cat :: cat <data >copy
	cmp copy data
	ipcctl pipe --report report cat :: cat :: cat :: cat :: cat <data >copy
	cmp copy data
}

@test "it works with 2 to 50 stages" {
	head -c 300000 /dev/urandom >data
	for count in 2 3 10 50; do
		words=(cat data)
		for ((i = 1; i < count; i++)); do
			words+=(:: cat)
		done
		ipcctl pipe "${words[@]}" | cmp - data
		ipcctl pipe --report report "${words[@]}" | cmp - data
	done
	words=(seq 3)
	for ((i = 1; i < 50; i++)); do
		words+=(:: wc -l)
	done
	run -0 ipcctl pipe --tee "${words[@]}"
	assert_output "$(yes 3 | head -n 49)"
	words=(seq 3)
	for ((i = 1; i < 49; i++)); do
		words+=(:: seq 3)
	done
	run -0 ipcctl pipe --merge "${words[@]}" :: wc -l
	assert_output 147
}

@test "nothing but one pipe is between two stages" {
	run -0 ipcctl pipe sh -c 'readlink /proc/self/fd/1' :: sh -c 'cat; readlink /proc/self/fd/0'
	assert_equal "${lines[0]}" "${lines[1]}"
	assert_regex "${lines[0]}" '^pipe:'
}

@test "stages have no descriptor but 0, 1 and 2 and those that the caller handed over" {
	require_python fcntl
	open_ones='import os, sys; print(sorted(map(int, os.listdir("/proc/self/fd")))[:-1], file=open(sys.argv[1], "w"))'
	"$PYTHON" -c "$open_ones" expected 7</dev/null
	for shape in '' --tee --merge --ring '--report report'; do
		# shellcheck disable=SC2086 # words
		ipcctl pipe $shape "$PYTHON" -c "$open_ones" first :: "$PYTHON" -c "$open_ones" second 7</dev/null
		assert_equal "$(cat first)" "$(cat expected)"
		assert_equal "$(cat second)" "$(cat expected)"
	done
}

@test "stages have the signals that the caller had, but SIGPIPE" {
	ipcctl pipe true :: cat /proc/self/status >state
	assert_equal "$(awk '/Sig(Blk|Ign|Cgt)/ { print $2 }' state | uniq)" 0000000000000000
	(trap '' HUP INT PIPE CHLD && exec ipcctl pipe true :: cat /proc/self/status) >state
	assert_equal "$(awk '/SigIgn/ { print $2 }' state)" 0000000000000003
}

@test "a script without an interpreter is the shell's" {
	echo 'echo "$1-$2"' >script
	chmod +x script
	run -0 ipcctl pipe ./script a b :: cat
	assert_output a-b
}

@test "a separator may be another word, and words of a program are its own" {
	run -0 ipcctl pipe --sep + echo :: + cat
	assert_output ::
	run -0 ipcctl pipe -- echo -n -- -t :: cat -u
	assert_output -- '-- -t'
	run -0 ipcctl pipe echo --sep x :: cat
	assert_output -- '--sep x'
}

@test "--size is the size of each pipe, and what the kernel refuses becomes less" {
	require_python fcntl
	size="import fcntl; print(fcntl.fcntl(0, 1032))"
	run -0 ipcctl pipe true :: "$PYTHON" -c "$size"
	assert_output 262144
	run -0 ipcctl pipe --size 64K true :: "$PYTHON" -c "$size"
	assert_output 65536
	run -0 ipcctl pipe --size 4K true :: "$PYTHON" -c "$size"
	assert_output 4096
	run -0 ipcctl pipe --size 0 true :: "$PYTHON" -c "$size"
	assert_output 65536
	if [ "$TESTS_AS" = user ]; then
		run -0 ipcctl pipe --size 100G true :: "$PYTHON" -c "$size"
		assert [ "$output" -le "$(cat /proc/sys/fs/pipe-max-size)" ]
		assert [ "$output" -ge 4096 ]
	fi
}

# --- --tee, --merge, --ring --------------------------------------------------------------------

@test "--tee gives every byte to each of three, and the slowest decides" {
	head -c 5000000 /dev/urandom >data
	background "${PIPE[@]}" --tee sh -c 'cat data; : >written' :: sh -c 'cat >a' :: \
		sh -c 'until [ -e go ]; do sleep 0.01; done; cat >b' :: sh -c 'cat >c'
	wait_until [ -s a ]
	wait_until [ -s c ]
	wait_until is_in_syscall "$BG_PID" poll
	assert [ ! -e written ]
	assert [ "$(stat -c %s a)" -lt 2000000 ]
	touch go
	finish
	assert_equal "$status" 0
	for copy in a b c; do
		cmp data $copy
	done
	assert [ -e written ]
}

@test "with --tee one that ends early does not end the others" {
	head -c 2000000 /dev/urandom >data
	run -0 ipcctl pipe --tee cat data :: sh -c 'head -c 5 >a' :: sh -c 'cat >b' :: true :: sh -c 'cat >c'
	cmp data b
	cmp data c
	cmp <(head -c 5 data) a
}

@test "--tee passes on all bytes where the kernel refuses splice and tee, from the start or later" {
	require strace
	head -c 3000000 /dev/urandom >data
	for inject in tee:error=EINVAL splice:error=ENOSYS tee:error=EPERM:when=3+ splice:error=EINVAL:when=4+ \
		tee:error=EINVAL:when=5 splice:error=EINVAL:when=6; do
		ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=none -e inject="$inject" \
			ipcctl pipe --tee cat data :: sh -c 'cat >a' :: sh -c 'cat >b' :: sh -c 'cat >c'
		for copy in a b c; do
			cmp data $copy
		done
		ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=none -e inject="$inject" \
			ipcctl pipe --report report cat data :: sh -c 'cat >a'
		cmp data a
	done
}

# With nothing left of what a user may have in pipes (pipe(7), pipe-user-pages-soft) new ones have two pages. Repeated,
# since a stage that ends just when there is more to do must not be what is waited for.
@test "--tee passes on all bytes where pipes can't be made larger" {
	require "$PYTHON"
	[ "$(cat /proc/sys/fs/pipe-user-pages-soft)" -gt 0 ] || skip "pipes of users have no limit here"
	mkdir -m 0777 small
	head -c 3000000 /dev/urandom >small/data
	user=()
	if [ "$TESTS_AS" = root ]; then
		require_root
		user=(as_user)
	fi
	run "${user[@]}" timeout 180 "$PYTHON" - <<-'END'
		import fcntl, os, subprocess
		os.chdir("small")
		def widen():
		    fd = os.pipe()[1]
		    fcntl.fcntl(fd, 1031, 1 << 20)  # F_SETPIPE_SZ
		try:
		    while True:
		        widen()
		except PermissionError:
		    pass
		# Side by side on one processor, so that stages end in the middle of what is done.
		os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
		line = """ipcctl pipe --size 1M --tee cat data :: sh -c "cat >a$0" :: sh -c "cat >b$0" &&
		    cmp data a$0 && cmp data b$0"""
		for i in range(60):
		    runs = [subprocess.Popen(["sh", "-c", line, str(n)]) for n in range(4)]
		    if any([run.wait() for run in runs]):
		        raise SystemExit(1)
	END
	assert_success
}

@test "memory stays flat, however much passes through" {
	peak='cat >/dev/null; sed -n "s/VmHWM:[^0-9]*\([0-9]*\).*/\1/p" /proc/$PPID/status'
	for shape in --tee --merge; do
		few=$(ipcctl pipe $shape head -c 1M /dev/zero :: sh -c "$peak")
		many=$(ipcctl pipe $shape head -c 300M /dev/zero :: sh -c "$peak")
		assert [ "$many" -lt $((few + 1000)) ]
	done
}

# Lines of one letter each, of many lengths: a torn one has two letters, or is too short.
writer() { # LETTER LINES
	cat <<-END
		import sys
		for i in range($2):
		    sys.stdout.write("$1" * (i * 37 % 9000) + "$1.%d\\n" % i)
		    if i % 3 == 0: sys.stdout.flush()
	END
}

@test "--merge keeps the lines of 8 writers whole and in order" {
	require_python fcntl
	words=()
	for letter in a b c d e f g h; do
		words+=("$PYTHON" -c "$(writer $letter 400)" ::)
	done
	ipcctl pipe --merge "${words[@]}" cat >merged
	for letter in a b c d e f g h; do
		grep "^$letter" merged | cmp - <("$PYTHON" -c "$(writer $letter 400)")
	done
	assert_equal "$(wc -l <merged)" 3200
}

@test "--merge never tears a line that is longer than all memory it has for one" {
	require_python fcntl
	long="import sys
for i in range(3): sys.stdout.write('LETTER' * 700000 + '\n' + 'LETTER\n' * 1000); sys.stdout.flush()"
	ipcctl pipe --merge "$PYTHON" -c "${long//LETTER/x}" :: "$PYTHON" -c "${long//LETTER/y}" :: "$PYTHON" -c "${long//LETTER/z}" :: \
		cat >merged
	for letter in x y z; do
		grep "^$letter" merged | cmp - <("$PYTHON" -c "${long//LETTER/$letter}")
	done
	run -1 grep -E 'x[yz]|y[xz]|z[xy]' merged
}

@test "--merge ends a last line that has no end, of any length" {
	for len in 1 65535 65536 65537 131072 200000; do
		ipcctl pipe --merge sh -c "head -c $len /dev/zero | tr '\\0' x" :: sh -c "head -c $len /dev/zero | tr '\\0' y" :: sort >merged
		assert_equal "$(wc -l <merged)" 2
		assert_equal "$(wc -c <merged)" $((2 * len + 2))
		assert_equal "$(head -n 1 merged | tr -d x)" ""
	done
	ipcctl pipe --merge true :: printf 'a\n' :: true :: cat >merged
	assert_equal "$(cat merged)" a
}

@test "--merge -F nul keeps whole what ends with a NUL" {
	ipcctl pipe --merge -F nul printf 'a\nb\0c\0' :: printf 'd\0e\nf' :: sort -z >merged
	printf 'a\nb\0c\0d\0e\nf\0' | cmp - merged
}

@test "with --merge the first stage alone reads standard input" {
	echo mine >input
	run -0 ipcctl pipe --merge cat :: cat :: cat :: wc -l <input
	assert_output 1
}

@test "with --ring two programs talk both ways" {
	require_python fcntl
	run -0 "${PIPE[@]}" -t 20s --ring "$PYTHON" -uc '
import sys
number = 1
for i in range(1000):
	print(number)
	number = int(input())
print(number, file=open("result", "w"))' :: "$PYTHON" -uc '
import sys
for line in sys.stdin: print(int(line) + 2)'
	assert_equal "$(cat result)" 2001
}

@test "a ring of three that is counted works as one that is not" {
	require jq
	run -0 "${PIPE[@]}" -t 20s --ring --report report sh -c 'echo 1; read -r x; echo "$x" >result' :: \
		sh -c 'read -r x; echo "$x"2' :: sh -c 'read -r x; echo "$x"3'
	assert_equal "$(cat result)" 123
	run -0 jq -c '[.shape, .stages[].bytes_in, .stages[].bytes_out]' report
	assert_output '["ring",4,2,3,2,3,4]'
}

# --- --report and --meter ----------------------------------------------------------------------

@test "--report names the stage that held the line up, in made cases" {
	require_python fcntl
	require jq
	slow='import os, time
while data := os.read(0, 100000): time.sleep(0.02); os.write(1, data)'
	for at in 1 2 3; do
		words=()
		for stage in 1 2 3; do
			[ $stage -eq $at ] && words+=("$PYTHON" -c "$slow" ::) || words+=(cat ::)
		done
		ipcctl pipe --report report "${words[@]}" sh -c 'cat >copy' < <(head -c 2000000 /dev/zero)
		run -0 jq -c '[.held_up_by, .status, [.stages[].status]]' report
		assert_output "[$at,0,[0,0,0,0]]"
	done
	ipcctl pipe --report report head -c 2000000 /dev/zero :: cat :: "$PYTHON" -c "$slow" >copy
	run -0 jq .held_up_by report
	assert_output 3
	ipcctl pipe --tee --report report head -c 2000000 /dev/zero :: wc -c :: "$PYTHON" -c "$slow" >copy
	run -0 jq -c '[.shape, .held_up_by]' report
	assert_output '["tee",3]'
	ipcctl pipe --merge --report report head -c 2000000 /dev/zero :: echo :: "$PYTHON" -c "$slow" >copy
	run -0 jq -c '[.shape, .held_up_by]' report
	assert_output '["merge",3]'
	ipcctl pipe --report report sh -c 'sleep 0.2; echo' :: cat >copy
	run -0 jq -c .held_up_by report
	assert_output 1
}

@test "--report tells bytes, statuses and words of each stage" {
	require jq
	run -1 ipcctl pipe --size 64K --report report sh -c 'yes | head -c 2000000; kill -TERM $$' "$(printf '\377')" :: sh -c 'head -n 1; exit 1' :: wc -c
	run -0 jq -c '[.status, .timed_out, .pipe_size, (.started | length > 19), .seconds >= 0]' report
	assert_output '[1,false,65536,true,true]'
	run -0 jq -c '.stages[] | [.stage, .status, .signal, .forgiven, .bytes_in, .bytes_out == null, .command[0]]' report
	assert_line --index 0 --regexp '^\[1,(143,"SIGTERM"|141,"SIGPIPE"|0,null),false,null,false,"sh"\]$'
	assert_line --index 1 --regexp '^\[2,1,null,false,[1-9][0-9]*,false,"sh"\]$'
	assert_line --index 2 '[3,0,null,false,2,true,"wc"]'
	run -0 jq -r '.stages[0].command[3]' report
	assert_output '\xff'
	assert_equal "$(stat -c %a report)" 600
	run -0 ipcctl pipe --report report yes :: true
	run -0 jq -c '[.status, .stages[0].status, .stages[0].signal, .stages[0].forgiven]' report
	assert_output '[0,141,"SIGPIPE",true]'
	run -168 ipcctl pipe --report report true :: sh -c 'kill -40 $$'
	run -0 jq -c '[.stages[1].status, .stages[1].signal]' report
	assert_output '[168,"SIGRTMIN+6"]'
}

@test "--report is written when a stage can't be run, and when the time is over" {
	require jq
	run -127 ipcctl pipe --report report true :: no-such-program
	run -0 jq -c '[.status, .held_up_by, .stages[].status]' report
	assert_output '[127,null,null,null]'
	run -124 "${PIPE[@]}" --report report -t 50ms sleep 1000 :: cat
	run -0 jq -c '[.status, .timed_out, .held_up_by, .stages[0].signal]' report
	assert_output '[124,true,1,"SIGTERM"]'
}

@test "too many stages for the limit of open files are a failure of its own, and none is started" {
	words=(touch started)
	for ((i = 0; i < 40; i++)); do
		words+=(:: true)
	done
	run --separate-stderr -125 with_limits -n 30 -- ipcctl pipe "${words[@]}"
	assert_equal "$stderr" "ipcctl pipe: cannot connect the stages: Too many open files"
	assert [ ! -e started ]
}

@test "a report that can't be written is a failure of its own, before anything runs" {
	run --separate-stderr -125 ipcctl pipe --report /nowhere/report touch started :: cat
	assert_equal "$stderr" "ipcctl pipe: cannot write report '/nowhere/report': No such file or directory"
	assert [ ! -e started ]
	run --separate-stderr -125 ipcctl pipe --report /dev/full true :: cat
	assert_equal "$stderr" "ipcctl pipe: cannot write report '/dev/full': No space left on device"
	run -3 ipcctl -q pipe --report /dev/full true :: sh -c 'exit 3'
}

@test "--meter says the sums, and nothing with --quiet" {
	run --separate-stderr -0 ipcctl pipe --meter head -c 1M /dev/zero :: sh -c 'sleep 0.1; wc -c'
	assert_output 1048576
	assert_regex "$stderr" "^ipcctl pipe: 1M in [0-9.]+ s, [0-9.]+[BKMG]/s; stage 2 'sh' held it up for [0-9.]+ s$"
	run --separate-stderr -0 ipcctl -q pipe --meter true :: true
	assert_equal "$stderr" ""
}

@test "--meter shows on the terminal which stage holds the line up, while it runs" {
	require_python pty
	export STOP=$BATS_TEST_TMPDIR/stop
	run "$SOURCE/tests/terminal.py" 120 "/s  0:[0-9]+  stage 2 'bash' holds it up" "$STOP" \
		'ipcctl pipe --meter yes :: bash -c '\''until [ -e "$STOP" ]; do head -c 100000; sleep 0.05; done'\'' :: cat >/dev/null'
	assert_success
	assert_output --regexp "^ipcctl pipe: [0-9.]+[BKMG] in .* stage 2 'bash' held it up for [0-9.]+ s$"
}

@test "--meter cuts a long name between two characters" {
	require_python pty
	export STOP=$BATS_TEST_TMPDIR/stop
	name=./$(printf 'x%.0s' {1..37})ü # the 40th byte is the first one of the last character
	printf '#!/bin/bash\nuntil [ -e "$STOP" ]; do head -c 100000; sleep 0.05; done\n' >"$name"
	chmod +x "$name"
	run "$SOURCE/tests/terminal.py" 120 "/s  0:[0-9]+  stage 2 './x{37}' holds it up" "$STOP" \
		"ipcctl pipe --meter yes :: $name :: cat >/dev/null"
	assert_success
}

# --- signals and ends --------------------------------------------------------------------------

@test "-t ends stages that ignore SIGTERM and those that are stopped, with status 124" {
	start_marked ipcctl pipe --kill-after 50ms -t 50ms sh -c "$(sleeper a "trap '' TERM;")" :: cat
	finish
	assert_equal "$status" 124
	assert_equal "$stderr" "ipcctl pipe: the stages were ended: Timed out"
	wait_until none_left
	start_marked "${PIPE[@]}" -t 50ms sh -c 'kill -STOP $$' :: cat
	finish
	assert_equal "$status" 124
	wait_until none_left
	run -0 ipcctl pipe -t 20s true :: true
}

@test "-t does not wait for a stage that became another user's: it says so, and ends with 125" {
	require_root
	cat >became.c <<-'END'
		#include <fcntl.h>
		#include <unistd.h>
		int main(void) {
			if (setresuid(0, 0, 0) < 0) return 1;
			alarm(60);
			close(creat("became", 0600));
			pause();
		}
	END
	program=$(build_c - <became.c)
	# A directory that the tester may reach, on a file system that heeds the bit.
	place=$(mktemp -d /tmp/became.XXXX)
	install -m 4755 "$program" "$place/became"
	chmod 0777 "$place"
	cd "$place"
	# The stage goes on, and has the output open.
	background as_user ipcctl pipe --kill-after 50ms -t 500ms ./became "$place" :: cat
	finish
	assert_equal "$status" 125
	assert_equal "$stderr" "ipcctl pipe: cannot end stage 1 './became', which goes on: Operation not permitted"
	pid=$(pgrep -f -x "./became $place")
	kill "$pid"
	wait_until test ! -e "/proc/$pid"
	cd "$BATS_TEST_TMPDIR"
	rm -r "$place"
}

@test "SIGTERM and SIGHUP end the stages, those that ignore them with SIGKILL, and then ipcctl" {
	for signal in TERM HUP; do
		rm -f a b
		start_marked ipcctl pipe --kill-after 50ms sh -c "$(sleeper a)" :: sh -c "$(sleeper b "trap '' TERM HUP;")"
		wait_until [ -e a ]
		wait_until [ -e b ]
		kill -$signal "$IPCCTL_PID"
		finish
		assert_equal "$status" $((128 + $(kill -l $signal)))
		assert_equal "$stderr" ""
		wait_until none_left
	done
}

@test "SIGINT that comes to ipcctl alone is passed on, and it ends as they do" {
	require_python fcntl
	start_marked "${PIPE[@]}" sh -c "$(sleeper a)" :: cat
	wait_until [ -e a ]
	kill -INT "$IPCCTL_PID" # a background job of a shell ignores it
	wait_until is_running "$IPCCTL_PID"
	kill -TERM "$IPCCTL_PID"
	finish
	run "$PYTHON" -c '
import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
p = subprocess.Popen(sys.argv[1:], preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
while not os.path.exists("b"): time.sleep(0.01)
p.send_signal(signal.SIGINT)
print(p.wait(timeout=20))
' "${PIPE[@]}" sh -c "$(sleeper b)" :: cat
	assert_output -- -2
}

@test "a SIGINT that stages survive does not end ipcctl" {
	require_python fcntl
	run "$PYTHON" -c '
import os, signal, subprocess, sys, time
p = subprocess.Popen(sys.argv[1:], preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
while not os.path.exists("a") or not os.path.exists("b"): time.sleep(0.01)
p.send_signal(signal.SIGINT)
print(p.wait(timeout=20))
' "${PIPE[@]}" sh -c 'trap ": >got" INT; : >a; until [ -e got ]; do sleep 0.01; done; exit 0' :: sh -c "trap '' INT; : >b; cat"
	assert_output 0
}

@test "when ipcctl is killed, nothing of it is left, whatever the stages ignore" {
	start_marked ipcctl pipe sh -c "$(sleeper a "trap '' TERM HUP INT PIPE;")" :: cat
	wait_until [ -e a ]
	kill -KILL "$IPCCTL_PID"
	wait_until none_left
	rm a
	start_marked ipcctl pipe --tee sh -c "$(sleeper a "trap '' TERM HUP INT PIPE;")" :: cat :: sh -c 'kill -STOP $$'
	wait_until [ -e a ]
	kill -KILL "$IPCCTL_PID"
	wait_until none_left
}

@test "when a stage is killed, the others end by themselves, and no zombie is left" {
	start_marked "${PIPE[@]}" yes :: sh -c 'echo $$ >pid; exec cat' :: sh -c 'cat >/dev/null'
	wait_until [ -s pid ]
	kill -KILL "$(cat pid)"
	finish
	assert_equal "$status" 137
	assert_equal "$stderr" "ipcctl pipe: stage 2 'sh' was ended by signal 9: Killed"
	wait_until none_left
}

@test "when a reader has gone and its writer is silent, ipcctl waits without being busy" {
	for shape in --report --tee; do
		rm -f a
		if [ $shape = --tee ]; then words=(--tee); else words=(--report report); fi
		start_marked "${PIPE[@]}" "${words[@]}" sh -c "$(sleeper a)" :: true
		wait_until [ -e a ]
		wait_until sh -c "[ \$(wc -w </proc/$IPCCTL_PID/task/$IPCCTL_PID/children) -eq 1 ]"
		run timeout 1 strace -qq -c -o count -p "$IPCCTL_PID"
		calls=$(awk '$NF == "poll" { print $4 }' count)
		assert [ "${calls:-0}" -lt 50 ]
		kill -TERM "$IPCCTL_PID"
		finish
	done
}

@test "a stage that ends is reaped while the others run" {
	start_marked "${PIPE[@]}" true :: sh -c "$(sleeper a)"
	wait_until [ -e a ]
	no_zombies() {
		[ "$(wc -w <"/proc/$IPCCTL_PID/task/$IPCCTL_PID/children")" -eq 1 ]
	}
	wait_until no_zombies
	kill -TERM "$IPCCTL_PID"
	finish
}

@test "a stage that is stopped and continued loses nothing" {
	head -c 3000000 /dev/urandom >data
	background "${PIPE[@]}" cat data :: sh -c 'echo $$ >pid; kill -STOP $$; exec cat' :: sh -c 'cat >copy'
	wait_until [ -s pid ]
	stopped() {
		grep -q '^State:.T' "/proc/$(cat pid)/status"
	}
	wait_until stopped
	kill -CONT "$(cat pid)"
	finish
	assert_equal "$status" 0
	cmp data copy
}

@test "Ctrl-C on the terminal reaches all stages, and a shell sees that it did" {
	require_python pty
	run "$SOURCE/tests/dialogue.py" 'both run' '\x03' -- \
		"${PIPE[@]}" sh -c 'trap "echo first >>got; exit 130" INT; : >a; while :; do sleep 0.01; done' :: \
		sh -c 'trap "echo second >>got; exit 130" INT; until [ -e a ]; do sleep 0.01; done; echo both run; while :; do sleep 0.01; done'
	assert_equal "$status" 130
	assert_equal "$(sort got)" "first
second"
	run "$SOURCE/tests/dialogue.py" 'run now' '\x03' -- \
		bash -c 'for i in 1 2 3; do ipcctl pipe sleep 1000 :: sh -c "echo run now; exec sleep 1000"; done; echo not here'
	assert_equal "$status" 130
	refute_output --partial 'not here'
}

@test "Ctrl-\\ ends all stages, and leaves no core of ipcctl" {
	require_python pty
	ulimit -c 0
	run "$SOURCE/tests/dialogue.py" 'run now' '\x1c' -- "${PIPE[@]}" sleep 1000 :: sh -c 'echo run now; exec sleep 1000'
	assert_equal "$status" 131
}

@test "Ctrl-Z stops all of them together, and fg continues them" {
	require_python pty
	head -c 2000000 /dev/urandom >data
	echo "PS1='ready> '; set -m" >rc
	mkfifo go
	run "$SOURCE/tests/dialogue.py" 'ready> ' \
		"${PIPE[*]} sh -c 'echo begun >/dev/tty; cat go data' :: sh -c 'cat >copy'; echo status=\$?\n" \
		'\nbegun' '\x1a' 'Stopped.*(\n.*)*ready> ' 'jobs -l; : >go & fg; echo status=$?\n' 'status=0' 'exit\n' -- bash --noprofile --rcfile rc -i
	assert_success
	assert_output --partial Stopped
	cmp data copy
}

@test "when all stages that run have stopped themselves, the shell sees a stopped job" {
	require_python pty
	echo "PS1='ready> '; set -m" >rc
	run "$SOURCE/tests/dialogue.py" 'ready> ' \
		"${PIPE[*]} true :: sh -c 'kill -TSTP \$\$; echo go''ne on'; echo status=\$?\\n" \
		'Stopped.*(\n.*)*ready> ' 'fg; echo status=$?\n' 'gone on.*\n.*status=0' 'exit\n' -- bash --noprofile --rcfile rc -i
	assert_success
}

@test "a terminal that hangs up ends all stages" {
	require_python pty
	run env PIPE_MARK="$BATS_TEST_TMPDIR" "$SOURCE/tests/dialogue.py" 'run now' close -- \
		ipcctl pipe --kill-after 50ms sh -c "trap '' HUP; exec sleep 1000" :: sh -c 'echo run now; exec sleep 1000'
	assert_equal "$status" 129
	wait_until none_left
}

@test "what stages leave to others still arrives after they have ended" {
	head -c 2000000 /dev/urandom >data
	run -0 ipcctl pipe --tee cat data :: sh -c 'exec 4<&0; { sleep 0.1; cat <&4 >a; : >"all"; } &' :: true
	wait_until [ -e all ]
	cmp data a
}
