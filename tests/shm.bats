# shm: bytes and structures in shared memory, alone and with real programs of other languages.

load lib

DATA='int processId; char message[900]; bool dataReady;'

setup() {
	NAME=$(unique_name) KEY=key:$(unique_key)
}

shared_data() {
	"$(build_c foreign/shared_data.cpp)" "$@"
}

# Starts shm_peer with a pipe to its input, descriptor $PEER, and waits until it is ready.
peer() { # COMMAND...
	local program
	program=$(build_c foreign/shm_peer.c)
	mkfifo "$BATS_TEST_TMPDIR/peer"
	exec {PEER}<>"$BATS_TEST_TMPDIR/peer"
	background "$program" "$@" <"$BATS_TEST_TMPDIR/peer"
	wait_until grep -q ready "$BG_OUT"
}

# --- with other programs ---------------------------------------------------------------------

@test "a C++ program's structure can be read by its declaration" {
	shared_data create
	run ipcctl shm get key:5678 --layout "$DATA"
	assert_success
	assert_output "processId=4711
message=hello from C++
dataReady=true"
	run ipcctl shm get key:5678 --layout "$DATA" message
	assert_output "hello from C++"
	run ipcctl shm get key:5678 --layout "$DATA" -J
	assert_output '{"processId": 4711, "message": "hello from C++", "dataReady": true}'
}

@test "the declaration can come from the program's header" {
	shared_data create
	cat >"$BATS_TEST_TMPDIR/data.h" <<-'END'
		#pragma once
		#define LENGTH 900
		struct Other { char c; };
		struct SharedData { int processId; char message[LENGTH]; bool dataReady; };
		struct Last { long l; };
	END
	run ipcctl shm get key:5678 --layout "@$BATS_TEST_TMPDIR/data.h" --struct SharedData processId
	assert_output 4711
}

@test "watch waits until a C++ program says that its data are ready" {
	mkfifo "$BATS_TEST_TMPDIR/input"
	exec {input}<>"$BATS_TEST_TMPDIR/input"
	background shared_data make <"$BATS_TEST_TMPDIR/input"
	wait_until ipcctl shm read key:5678 -l 1
	background ipcctl shm watch key:5678 --layout "$DATA" --until dataReady=true -t 20s
	wait_until is_in_syscall "$BG_PID" clock_nanosleep
	assert is_running "$BG_PID"
	echo ready >&"$input"
	finish
	assert_success
	assert_output ""
	echo end >&"$input"
}

@test "what ipcctl sets, a C++ program and Python with sysv_ipc unpack" {
	require_python sysv_ipc
	ipcctl shm create key:5678 --size 1024 --mode 0666
	ipcctl shm set key:5678 --layout "$DATA" processId=-3 message='grüße, alle' dataReady=true
	run shared_data print
	assert_output "-3|grüße, alle|1"
	run "$PYTHON" "$BATS_TEST_DIRNAME/foreign/shm_sysv.py" print 5678
	assert_output "-3|grüße, alle|True"
}

@test "what Python with sysv_ipc packs, ipcctl shows, in a segment of exactly its size" {
	require_python sysv_ipc
	"$PYTHON" "$BATS_TEST_DIRNAME/foreign/shm_sysv.py" fill "${KEY#key:}" 908
	run ipcctl shm get "$KEY" --layout "$DATA" -J
	assert_output '{"processId": -7, "message": "grüße aus Python", "dataReady": true}'
	assert_equal "$(ipcctl shm read "$KEY" | wc -c)" 908
}

@test "Python's shared_memory and ipcctl unpack each other's structures" {
	require_python multiprocessing.shared_memory
	ipcctl shm create "$NAME" --size 908
	ipcctl shm set "$NAME" --layout "$DATA" processId=5 message=hello dataReady=false
	run "$PYTHON" "$BATS_TEST_DIRNAME/foreign/shm_posix.py" print "$NAME"
	assert_output "5|hello|False"
	"$PYTHON" "$BATS_TEST_DIRNAME/foreign/shm_posix.py" fill "$NAME.2" 905
	run ipcctl shm get "$NAME.2" --layout "$DATA" -J
	assert_output '{"processId": -7, "message": "grüße aus Python", "dataReady": true}'
}

@test "PHP's shmop and ipcctl read each other's bytes" {
	require php
	php -r 'exit(function_exists("shmop_open") ? 0 : 1);' || skip "needs PHP with shmop"
	php -r '$s = shmop_open(5678, "c", 0600, 100); shmop_write($s, "from PHP\0", 0);'
	run ipcctl shm read key:5678 --text
	assert_output "from PHP"
	ipcctl shm write key:5678 --offset 50 "from ipcctl"
	run php -r '$s = shmop_open(5678, "a", 0, 0); echo shmop_read($s, 50, 11);'
	assert_output "from ipcctl"
}

@test "Perl and ipcctl read each other's bytes, its signed key too" {
	require perl
	perl -e 'use IPC::SysV qw(IPC_CREAT); my $id = shmget(-1000, 100, IPC_CREAT | 0600) // die $!;
		shmwrite($id, "from Perl\0", 0, 10) or die $!;'
	run ipcctl shm read key:-1000 --text
	assert_output "from Perl"
	ipcctl shm write key:-1000 "from ipcctl" --text
	run perl -e 'my $id = shmget(-1000, 0, 0) // die $!; shmread($id, my $b, 0, 11) or die $!; print $b;'
	assert_output "from ipcctl"
}

# --- beside others that write --------------------------------------------------------------------

# Whether the program has begun to write.
is_changed() {
	[ "$(ipcctl shm get key:5678 --layout "$DATA" processId)" -gt 0 ]
}

@test "without /proc nobody can be proved not to write: several fields are refused, one in a single access is not" {
	require_root
	! grep -q __asan_init "$IPCCTL" || skip "the sanitizer needs /proc"
	ipcctl shm create /noproc --size 64
	local layout='int a; int b; char text[8];'
	# shellcheck disable=SC2016 # its own parameters
	run unshare -m sh -c 'mount -t tmpfs none /proc && exec ipcctl shm get /noproc --layout "$1"' sh "$layout"
	assert_failure 1
	assert_output --partial "/proc is not mounted"
	# shellcheck disable=SC2016 # its own parameters
	run unshare -m sh -c 'mount -t tmpfs none /proc && exec ipcctl shm get /noproc --layout "$1" b' sh "$layout"
	assert_success
	assert_output 0
}

@test "a reader beside a writer that never stops gets whole structures or an error" {
	background shared_data storm 6
	wait_until is_changed
	for _ in 1 2 3 4 5 6; do
		run ipcctl shm get key:5678 --layout "$DATA" -J
		if [ "$status" = 0 ]; then
			[[ $output =~ \"message\":\ \"(a+|b+|c+|d+|e+|f+|g+|h+|i+|j+|k+|l+|m+|n+|o+|p+|q+|r+|s+|t+|u+|v+|w+|x+|y+|z+)\" ]]
		else
			assert_equal "$status" 1
			assert_line --index 0 "ipcctl shm get: cannot read segment 'key:5678': It is changed all the time"
			assert_line --index 1 "hint: hold the semaphore that its writers hold: --lock SEM"
		fi
	done
}

@test "a field of up to 8 aligned bytes needs no luck beside a writer that never stops" {
	background shared_data storm 2
	wait_until is_changed
	run ipcctl shm get key:5678 --layout "$DATA" processId
	assert_success
	[ "$output" -ge 97 ] && [ "$output" -le 122 ]
}

@test "set --if loses no update of 4 processes and a C program" {
	ipcctl shm create "$NAME" --size 4096
	program=$(build_c foreign/shm_peer.c)
	increment() {
		local n=0 value
		while ((n < 25)); do
			value=$(ipcctl shm get "$NAME" --layout 'int n;' n)
			if ipcctl shm set "$NAME" --layout 'int n;' n=$((value + 1)) --if n="$value"; then n=$((n + 1)); fi
		done
	}
	for _ in 1 2 3 4; do increment 3>&- & done
	"$program" add "$NAME" 100000
	wait
	run ipcctl shm get "$NAME" --layout 'int n;' n
	assert_output 100100
}

@test "a segment that a peer truncates during the access is an error, and kills nobody" {
	ipcctl shm create "$NAME" --size 100000
	peer seesaw "$NAME" 10 100000
	for i in $(seq 40); do
		for command in "get $NAME --layout int\ a[20000]" "get $NAME --layout int\ x --offset 90000" \
			"set $NAME --layout int\ x --offset 90000 x=1" "read $NAME --hex" "write $NAME --offset 90000 data"; do
			status=0
			eval "ipcctl shm $command" >/dev/null 2>"$BATS_TEST_TMPDIR/err" || status=$?
			[ "$status" = 0 ] || { [ "$status" = 1 ] && grep -q "^ipcctl shm .*'$NAME'" "$BATS_TEST_TMPDIR/err"; }
		done
	done
	echo end >&"$PEER"
}

@test "--lock on both sides: never half of a write, whatever the size" {
	local layout='char a[5000]; long n; char b[5000];'
	for pair in "$NAME /lock" "$KEY key:7"; do
		read -r object lock <<<"$pair"
		ipcctl sem create "$lock"
		ipcctl shm create "$object" --size 20000
		storm() {
			local letter
			for _ in 1 2 3 4 5; do
				for letter in a b c; do
					ipcctl shm set "$object" --lock "$lock" --layout "$layout" n=1 \
						a="$(printf "%04999d" 0 | tr 0 $letter)" b="$(printf "%04999d" 0 | tr 0 $letter)"
				done
			done
		}
		storm 3>&- &
		while is_running $!; do
			text=$(ipcctl shm get "$object" --lock "$lock" --layout "$layout" a b | tr '\n' ' ')
			[[ $text =~ ^a=(a*|b*|c*)\ b=(.*)\ $ ]]
			assert_equal "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
			text=$(ipcctl shm read "$object" --lock "$lock" --length 4999 | tr -d '\0')
			[[ $text =~ ^(a*|b*|c*)$ ]]
		done
		wait
		assert_equal "$(ipcctl sem get "$lock")" 1
	done
}

@test "--lock waits for the semaphore, in time, and says so" {
	ipcctl shm create "$NAME" --size 100
	ipcctl sem create /lock --value 0
	for verb in "read $NAME" "write $NAME x" "get $NAME --layout int\ a" "set $NAME --layout int\ a a=1" \
		"watch $NAME --layout int\ a"; do
		status=0
		eval "ipcctl shm $verb --lock /lock -t 20ms" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
		assert_equal "$status" 4
		grep -q "waited for semaphore '/lock': Timed out" "$BATS_TEST_TMPDIR/err"
		[ ! -s "$BATS_TEST_TMPDIR/out" ]
	done
	run ipcctl shm get "$NAME" --layout 'int a;' --lock /lock --nonblock
	assert_failure 4
	run ipcctl shm get "$NAME" --layout 'int a;' --lock /none
	assert_failure 3
	assert_output "ipcctl shm get: cannot open semaphore '/none': No such file or directory"
	ipcctl sem create key:9 --nsems 2
	run ipcctl shm get "$NAME" --layout 'int a;' --lock key:9#2
	assert_failure 3
	assert_output "ipcctl shm get: cannot open semaphore 'key:9#2': the set has no semaphore #2"
	background ipcctl shm set "$NAME" --layout 'int a;' --lock /lock a=7
	wait_until is_in_syscall "$BG_PID" futex
	assert_equal "$(ipcctl shm get "$NAME" --layout 'int a;' a)" 0
	ipcctl sem post /lock
	finish
	assert_success
	assert_equal "$(ipcctl shm get "$NAME" --layout 'int a;' a)" 7
}

@test "under a lock --if may be about any field" {
	ipcctl shm create "$NAME" --size 100
	ipcctl sem create /lock
	ipcctl shm set "$NAME" --layout 'char state[9]; long n;' --lock /lock state=ready n=1 --if state=
	run ipcctl shm set "$NAME" --layout 'char state[9]; long n;' --lock /lock n=2 --if state=
	assert_failure 6
	run ipcctl shm get "$NAME" --layout 'char state[9]; long n;' --lock /lock
	assert_output $'state=ready\nn=1'
	assert_equal "$(ipcctl sem get /lock)" 1
}

# --- waiting -------------------------------------------------------------------------------------

@test "a reader that starts before the writer waits for the segment, its size, and its content" {
	background ipcctl shm watch "$NAME" --layout 'int x;' --until x=42 --wait -t 20s
	reader=$BG_PID
	wait_until is_in_syscall "$reader" poll
	peer late "$NAME" 4096
	echo size >&"$PEER"
	wait_until ipcctl shm read "$NAME" -l 4096
	assert is_running "$reader"
	echo content >&"$PEER"
	finish "$reader"
	assert_equal "$status" 0
}

@test "a reader says what it waited for when the time is over" {
	run ipcctl shm get "$NAME" --layout "$DATA" --wait -t 20ms
	assert_failure 4
	assert_output "ipcctl shm get: waited for segment '$NAME' to exist: Timed out"
	: >"/dev/shm$NAME"
	run ipcctl shm get "$NAME" --layout "$DATA" --wait -t 20ms
	assert_failure 4
	assert_output "ipcctl shm get: waited for segment '$NAME' to have 905 bytes: Timed out"
	run ipcctl shm get "$KEY" --layout "$DATA" --wait --nonblock
	assert_failure 4
	ipcctl shm create "$KEY" --size 908
	run ipcctl shm watch "$KEY" --layout "$DATA" --until dataReady=true -t 20ms
	assert_failure 4
	assert_output "ipcctl shm watch: waited for 'dataReady=true' in segment '$KEY': Timed out"
	run ipcctl shm watch "$KEY" --layout "$DATA" processId -t 20ms
	assert_failure 4
	assert_line --index 0 processId=0
	assert_line --index 1 "ipcctl shm watch: waited for a change of segment '$KEY': Timed out"
}

@test "watch prints each change, and ends when the segment is removed" {
	ipcctl shm create "$NAME" --size 100
	background ipcctl shm watch "$NAME" --layout 'int a, b; char t[8];' a t
	wait_until grep -q t= "$BG_OUT"
	ipcctl shm set "$NAME" --layout 'int a, b; char t[8];' b=1
	ipcctl shm set "$NAME" --layout 'int a, b; char t[8];' a=1
	wait_until grep -q a=1 "$BG_OUT"
	ipcctl shm set "$NAME" --layout 'int a, b; char t[8];' t=$'x\ny'
	wait_until grep -q x "$BG_OUT"
	rm "/dev/shm$NAME"
	finish
	assert_failure 3
	assert_output 'a=0
t=
a=1
t=x\ny'
	assert_equal "$stderr" "ipcctl shm watch: waited for a change of segment '$NAME': It was removed"
}

@test "watch -J prints an object a change" {
	ipcctl shm create "$KEY" --size 100
	background ipcctl shm watch "$KEY" --layout 'int a, b;' -J --until b=2
	wait_until is_in_syscall "$BG_PID" clock_nanosleep
	ipcctl shm set "$KEY" --layout 'int a, b;' b=2
	finish
	assert_success
	background ipcctl shm watch "$KEY" --layout 'int a, b;' a b -J --until a=5
	wait_until grep -q a "$BG_OUT"
	ipcctl shm set "$KEY" --layout 'int a, b;' a=5
	finish
	assert_success
	assert_output '{"a": 0, "b": 2}
{"a": 5, "b": 2}'
}

@test "watch ends when nobody reads its output any more" {
	ipcctl shm create "$NAME" --size 100
	background bash -o pipefail -c "ipcctl shm watch $NAME --layout 'int a;' -t 20s | head -n 1"
	wait_until grep -q a=0 "$BG_OUT"
	ipcctl shm set "$NAME" --layout 'int a;' a=1
	finish
	assert_equal "$status" 141
}

# --- bytes ---------------------------------------------------------------------------------------

@test "any bytes are written and read exactly, whole and in parts" {
	head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	for object in "$NAME" "$KEY"; do
		ipcctl shm create "$object" --size 300000
		ipcctl shm write "$object" <"$BATS_TEST_TMPDIR/data"
		ipcctl shm read "$object" | cmp - "$BATS_TEST_TMPDIR/data"
		ipcctl shm read "$object" --offset 1000 --length 70K | cmp - <(tail -c +1001 "$BATS_TEST_TMPDIR/data" | head -c 71680)
		ipcctl shm read "$object" --length 0 | cmp - /dev/null
		ipcctl shm read "$object" --offset 300000 | cmp - /dev/null
	done
}

@test "what does not fit changes nothing, by one byte too" {
	for object in "$NAME" "$KEY"; do
		ipcctl shm create "$object" --size 10
		ipcctl shm write "$object" 0123456789
		run ipcctl shm write "$object" ABCDEFGHIJK
		assert_failure 1
		assert_output "ipcctl shm write: cannot write segment '$object': It has 10 bytes; 11 at offset 0 do not fit"
		run ipcctl shm write "$object" ABCDEFGHIJ --text
		assert_failure 1
		run ipcctl shm write "$object" A --offset 10
		assert_failure 1
		run ipcctl shm write "$object" A --offset 16E
		assert_failure 2
		run ipcctl shm write "$object" <<<0123456789
		assert_failure 1
		run ipcctl shm set "$object" --layout 'char a[8]; char b[3];' a=AAA b=BB
		assert_failure 1
		assert_output --partial "It has 10 bytes; 11 at offset 0 do not fit"
		run ipcctl shm set "$object" --layout 'char a; int b;' --offset 4 a=A b=1
		assert_failure 1
		assert_equal "$(ipcctl shm read "$object")" 0123456789
		ipcctl shm write "$object" ABCDEFGHI --text
		ipcctl shm write "$object" '' --offset 10
		assert_equal "$(ipcctl shm read "$object" --text)" ABCDEFGHI
	done
}

@test "an endless input is refused as soon as it does not fit" {
	ipcctl shm create "$NAME" --size 1M
	run ipcctl shm write "$NAME" </dev/zero
	assert_failure 1
	assert_output --partial "It has 1048576 bytes"
}

@test "asking for more than a segment has is an error, and prints nothing" {
	for object in "$NAME" "$KEY"; do
		ipcctl shm create "$object" --size 10
		run ipcctl shm read "$object" --length 11
		assert_failure 1
		assert_output "ipcctl shm read: cannot read segment '$object': It has 10 bytes; 11 at offset 0 do not fit"
		run ipcctl shm read "$object" --offset 11
		assert_failure 1
		run ipcctl shm read "$object" --offset 3 --length 8
		assert_failure 1
		run ipcctl shm get "$object" --layout 'char a[11];'
		assert_failure 1
		assert_output "ipcctl shm get: cannot read segment '$object': It has 10 bytes; 11 at offset 0 do not fit"
		run ipcctl shm get "$object" --layout 'int a;' --offset 8
		assert_failure 1
	done
}

@test "--text ends at the first NUL, --hex shows offsets" {
	ipcctl shm create "$NAME" --size 64
	ipcctl shm write "$NAME" hello --text
	ipcctl shm write "$NAME" --offset 6 garbage
	ipcctl shm read "$NAME" --text | cmp - <(printf hello)
	run ipcctl shm read "$NAME" --hex
	assert_output "00000000  68 65 6c 6c 6f 00 67 61  72 62 61 67 65 00 00 00  |hello.garbage...|
00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00000040"
	run ipcctl shm read "$NAME" --hex --offset 4 --length 3
	assert_output "00000004  6f 00 67                                          |o.g|
00000007"
	run ipcctl shm read "$NAME" --hex --text
	assert_failure 2
}

@test "a terminal gets control bytes escaped" {
	require script
	ipcctl shm create "$NAME" --size 11
	ipcctl shm write "$NAME" $'a\e[31mb\n\u00e4\x9b'
	run script -qec "ipcctl shm read $NAME" /dev/null </dev/null
	assert_output --partial 'a\x1b[31mb'
	assert_output --partial 'ä\x9b'
	run script -qec "ipcctl shm get $NAME --layout 'char a[11];' a" /dev/null </dev/null
	refute_output --partial $'\e['
}

@test "output that can't be written is an error" {
	ipcctl shm create "$NAME" --size 100
	for verb in "read $NAME" "read $NAME --hex" "get $NAME --layout int\ x" "watch $NAME -t 5s --layout int\ x"; do
		status=0
		eval "ipcctl shm $verb" >/dev/full 2>"$BATS_TEST_TMPDIR/err" || status=$?
		assert_equal "$status" 1
		grep -q "cannot write standard output: No space left on device" "$BATS_TEST_TMPDIR/err"
	done
}

# --- creating and resizing -----------------------------------------------------------------------

@test "sizes and modes are exact, and agreeing with what exists is no error" {
	umask 077
	for object in "$NAME" "$KEY"; do
		ipcctl shm create "$object" --size 908 --mode 0646
		ipcctl shm create "$object" --size 908
		run ipcctl shm create "$object" --size 909
		assert_failure 1
		assert_output "ipcctl shm create: segment '$object' exists with size 908, not 909"
		run ipcctl shm create "$object" --size 908 -x
		assert_failure 1
		assert_output --partial "cannot create segment '$object': File exists"
	done
	assert_equal "$(stat -c '%a %s' "/dev/shm$NAME")" "646 908"
	run ipcs -m -i "$(ipcs -m | awk -v key="${KEY#key:}" '$1 == key { print $2 }')"
	assert_output --partial "bytes=908"
	assert_output --partial "access_perms=0646"
}

@test "unique names and segments without a key are told by what create prints" {
	run ipcctl shm create "$NAME.XXXXXX" --size 10
	assert_success
	[[ $output =~ ^shm:"$NAME".[a-z0-9]{6}$ ]]
	ipcctl shm write "$output" hello
	run ipcctl shm create key:private --size 10
	assert_success
	[[ $output =~ ^shm:id:[0-9]+$ ]]
	ipcctl shm write "$output" hello
	run ipcctl shm read "$output" --length 5
	assert_output hello
}

@test "--create makes the segment first, with the options of create" {
	ipcctl shm write "$NAME" hello --create --size 5 --mode 0640
	assert_equal "$(stat -c '%a %s' "/dev/shm$NAME")" "640 5"
	run ipcctl shm read "$NAME" --create
	assert_failure 2
	assert_line --index 0 "ipcctl shm read: how large? --create needs --size"
}

@test "resize changes a POSIX segment, and says that System V can't" {
	ipcctl shm create "$NAME" --size 4
	ipcctl shm write "$NAME" data
	ipcctl shm resize "$NAME" 8K
	assert_equal "$(stat -c %s "/dev/shm$NAME")" 8192
	assert_equal "$(ipcctl shm read "$NAME" --text)" data
	ipcctl shm resize "$NAME" 2
	assert_equal "$(ipcctl shm read "$NAME")" da
	ipcctl shm resize "$NAME" 4
	ipcctl shm read "$NAME" | cmp - <(printf 'da\0\0')
	ipcctl shm create "$KEY" --size 4
	run ipcctl shm resize "$KEY" 8
	assert_failure 1
	assert_line --index 0 "ipcctl shm resize: cannot resize segment '$KEY': Not supported for this kind of object"
	assert_line --index 1 "hint: a System V segment keeps its size as long as it lives: create another"
}

# --- structures ----------------------------------------------------------------------------------

@test "every type is set and shown, numbers in JSON exactly" {
	local layout='bool b; char c; int8_t i8; uint64_t u64; long l; float f; double d; char t[4]; int a[2][2]; struct { short x; char s[3]; } n;'
	for object in "$NAME" "$KEY"; do
		ipcctl shm create "$object" --size 200
		ipcctl shm set "$object" --layout "$layout" b=true c=x i8=-128 u64=18446744073709551615 l=-9223372036854775808 \
			f=0.1 d=-2.5e300 t=abc 'a={{1,2},{3,4}}' 'n={x=7,s="hi"}' 'a[1][0]=9'
		run ipcctl shm get "$object" --layout "$layout" -J
		assert_output '{"b": true, "c": "x", "i8": -128, "u64": 18446744073709551615, "l": -9223372036854775808, "f": 0.1, "d": -2.5e+300, "t": "abc", "a": [[1, 2], [9, 4]], "n": {"x": 7, "s": "hi"}}'
		run ipcctl shm get "$object" --layout "$layout" 'a[1][0]' n.s
		assert_output $'a[1][0]=9\nn.s=hi'
	done
}

@test "hostile content can neither break a line nor JSON" {
	ipcctl shm create "$NAME" --size 16
	printf 'x\nkey=1\e[31m\xff\0\0' | ipcctl shm write "$NAME"
	run ipcctl shm get "$NAME" --layout 'char a[15]; bool b;'
	assert_output 'a=x\nkey=1\x1b[31m\xff
b=false'
	run ipcctl shm get "$NAME" --layout 'char a[15]; bool b;' -J
	assert_output '{"a": {"data_base64": "eAprZXk9MRtbMzFt/w=="}, "b": false}'
	printf '\x02\0\0\0\0\0\xf8\x7f' | ipcctl shm write "$NAME" --offset 8
	run ipcctl shm get "$NAME" --layout 'long l; double d;' d -J
	assert_output '{"d": null}'
	run ipcctl shm get "$NAME" --layout 'bool b;' --offset 8
	assert_output b=true
}

@test "set --if compares and swaps, and answers 6 if it may not" {
	for object in "$NAME" "$KEY"; do
		ipcctl shm create "$object" --size 32
		ipcctl shm set "$object" --layout 'int a; bool b; char t[3];' a=1 --if a=0
		run ipcctl shm set "$object" --layout 'int a; bool b; char t[3];' a=2 --if a=0
		assert_failure 6
		assert_output ""
		assert_equal "$(ipcctl shm get "$object" --layout 'int a;' a)" 1
		printf '\2' | ipcctl shm write "$object" --offset 4
		ipcctl shm set "$object" --layout 'int a; bool b;' b=false --if b=true
		run ipcctl shm set "$object" --layout 'int a; bool b;' b=false --if b=true
		assert_failure 6
		run ipcctl shm set "$object" --layout 'int a; bool b;' a=1 --if b=false
		assert_failure 2
		run ipcctl shm set "$object" --layout 'char t[3];' t=x --if t=
		assert_failure 2
		run ipcctl shm set "$object" --layout 'int a;' --offset 2 a=1 --if a=0
		assert_failure 2
		assert_line --index 0 "ipcctl shm set: --if needs a field of 1, 2, 4 or 8 aligned bytes, unless there is a --lock"
	done
}

@test "one wrong value among many changes nothing" {
	ipcctl shm create "$NAME" --size 32
	run ipcctl shm set "$NAME" --layout 'int a; int8_t b;' a=1 b=128
	assert_failure 2
	assert_output "ipcctl shm set: cannot set field 'b': out of range: -128 to 127
  b=128
    ^"
	assert_equal "$(ipcctl shm get "$NAME" --layout 'int a;' a)" 0
}

@test "layout errors point at the column, in a header at the line" {
	run ipcctl shm get "$NAME" --layout 'int a; int b[x];'
	assert_failure 2
	assert_line --index 0 --regexp '^ipcctl shm get: --layout:1:14: '
	assert_line --index 2 '               ^'
	printf 'struct A {\n\tint a;\n\tfoo *b;\n};\n' >"$BATS_TEST_TMPDIR/bad.h"
	run ipcctl shm get "$NAME" --layout "@$BATS_TEST_TMPDIR/bad.h"
	assert_failure 2
	assert_line --index 0 --regexp "^ipcctl shm get: $BATS_TEST_TMPDIR/bad.h:3:2: "
	run ipcctl shm get "$NAME" --layout "@$BATS_TEST_TMPDIR/none.h"
	assert_failure 3
	assert_output "ipcctl shm get: cannot read the layout '$BATS_TEST_TMPDIR/none.h': No such file or directory"
	run ipcctl shm get "$NAME"
	assert_failure 2
	assert_line --index 0 "ipcctl shm get: which structure? --layout is missing"
}

# --- hostile surroundings ------------------------------------------------------------------------

@test "planted links, FIFOs and directories are neither followed nor opened" {
	echo secret >"$BATS_TEST_TMPDIR/secret"
	ln -s "$BATS_TEST_TMPDIR/secret" /dev/shm/link
	ln -s "$BATS_TEST_TMPDIR/new" /dev/shm/dangling
	mkfifo /dev/shm/fifo
	mkdir /dev/shm/dir
	for verb in read "write" "resize" create; do
		for name in link dangling fifo dir; do
			operands=()
			case $verb in
			write) operands=(data) ;;
			resize) operands=(100) ;;
			create) operands=(--size 100) ;;
			esac
			run timeout 10 "$IPCCTL" shm "$verb" "/$name" "${operands[@]}"
			assert_failure 1
			assert_line --index 0 --regexp "^ipcctl shm $verb: cannot (open|create) segment '/$name': (It is a symbolic link|Something else has this name)"
			assert_line --index 1 --regexp "^hint: "
		done
	done
	assert_equal "$(cat "$BATS_TEST_TMPDIR/secret")" secret
	assert [ ! -e "$BATS_TEST_TMPDIR/new" ]
}

@test "names of any bytes are found, and shown printable" {
	name=$'/a b\n\e[31m*\xff'
	ipcctl shm create "$name" --size 5
	ipcctl shm write "$name" hello
	run ipcctl shm read "$name"
	assert_output hello
	run ipcctl shm read "$name" --length 6
	assert_output 'ipcctl shm read: cannot read segment '\''/a b\n\x1b[31m*\xff'\'': It has 5 bytes; 6 at offset 0 do not fit'
	run ipcctl shm read 'shm:/a b\n\x1b[31m\*\xff'
	assert_output hello
	long=$(printf '/%0255d' 1)
	ipcctl shm create "$long" --size 1
	run ipcctl shm create "${long}2" --size 1
	assert_failure 1
	assert_line --index 1 "hint: a name has at most 255 bytes behind its slash"
}

@test "a segment that may only be read is read, and not written" {
	require_user
	for object in "$NAME" "$KEY"; do
		ipcctl shm create "$object" --size 8 --mode 0400
		run ipcctl shm get "$object" --layout 'int a, b;' a
		assert_output 0
		run ipcctl shm get "$object" --layout 'int a, b;'
		assert_output $'a=0\nb=0'
		for verb in "write $object x" "set $object --layout int\ a a=1"; do
			status=0
			eval "ipcctl shm $verb" 2>"$BATS_TEST_TMPDIR/err" || status=$?
			assert_equal "$status" 5
			grep -q "cannot open segment '$object': Permission denied" "$BATS_TEST_TMPDIR/err"
		done
	done
	ipcctl shm create "$NAME.w" --size 8 --mode 0200
	ipcctl shm write "$NAME.w" data
	run ipcctl shm read "$NAME.w"
	assert_failure 5
}

@test "other users' segments are refused with status 5" {
	require_root
	for object in "$NAME" "$KEY"; do
		ipcctl shm create "$object" --size 8
		for verb in "read $object" "write $object x" "get $object --layout char\ a" "set $object --layout char\ a a=1" \
			"watch $object --layout char\ a" "create $object --size 8 -x"; do
			status=0
			eval "as_user ipcctl shm $verb" >/dev/null 2>"$BATS_TEST_TMPDIR/err" || status=$?
			[ "$status" = 5 ] || { [[ $verb = create* ]] && [ "$status" = 1 ]; }
			grep -q "^ipcctl shm .*'$object'" "$BATS_TEST_TMPDIR/err"
		done
	done
	ipcctl shm create "$NAME.o" --size 8 --mode 0600 --owner "$TESTER:$TESTER2"
	assert_equal "$(stat -c '%u:%g %a' "/dev/shm$NAME.o")" "$TESTER:$TESTER2 600"
	as_user ipcctl shm write "$NAME.o" hello
	ipcctl shm create key:77 --size 8 --owner "$TESTER"
	as_user ipcctl shm write key:77 hello
}

# --- errors and hints ----------------------------------------------------------------------------

# A /dev/shm of its own with little room, for the commands of a script.
with_small_shm() { # SCRIPT
	unshare -m bash -c 'mount -t tmpfs -o size=64k tmpfs /dev/shm && '"$1"
}

@test "a full /dev/shm is an error with a hint, leaves nothing, and changes nothing" {
	[ "$TESTS_AS" = root ] || skip "mounts a file system"
	run with_small_shm 'ipcctl shm create /big --size 65K; echo "status $?"; ls -A /dev/shm'
	assert_line --index 0 "ipcctl shm create: cannot create segment '/big': No space left on device"
	assert_line --index 1 "hint: /dev/shm is full: see 'df /dev/shm', or remove segments: ipcctl rm"
	assert_line --index 2 "status 1"
	refute_line --index 3 --regexp .
	run with_small_shm 'ipcctl shm create /a --size 4K; ipcctl shm resize /a 100K; echo "status $?"; stat -c %s /dev/shm/a'
	assert_line --index 0 "ipcctl shm resize: cannot resize segment '/a': No space left on device"
	assert_line --index 2 "status 1"
	assert_line --index 3 4096
	# A segment that another program made is not there until it is touched.
	run with_small_shm 'truncate -s 1M /dev/shm/sparse; echo old >/dev/shm/other
		head -c 100000 /dev/zero 2>/dev/null | ipcctl shm write /sparse; echo "status $?"
		ipcctl shm set /sparse --layout "int a; char b[100000]; int c;" a=1 b=x c=1; echo "status $?"
		head -c 100K /dev/zero 2>/dev/null >/dev/shm/fill
		ipcctl shm set /sparse --offset 512K --layout "int a;" a=1; echo "status $?"
		ipcctl shm set /sparse --offset 512K --layout "int a;" a=1 --if a=0; echo "status $?"
		ipcctl shm get /sparse --offset 512K --layout "int a;" a'
	assert_output "ipcctl shm write: cannot write segment '/sparse': No space left on device
hint: /dev/shm is full: see 'df /dev/shm', or remove segments: ipcctl rm
status 1
ipcctl shm set: cannot set segment '/sparse': No space left on device
hint: /dev/shm is full: see 'df /dev/shm', or remove segments: ipcctl rm
status 1
ipcctl shm set: cannot set segment '/sparse': No space left on device
hint: /dev/shm is full: see 'df /dev/shm', or remove segments: ipcctl rm
status 1
ipcctl shm set: cannot set segment '/sparse': No space left on device
hint: /dev/shm is full: see 'df /dev/shm', or remove segments: ipcctl rm
status 1
0"
}

@test "System V limits are named with their sysctl" {
	[ "$TESTS_AS" = root ] || skip "sets sysctls"
	run unshare -i bash -c 'echo 4096 >/proc/sys/kernel/shmmax && ipcctl shm create key:1 --size 4097'
	assert_failure 1
	assert_line --index 0 "ipcctl shm create: cannot create segment 'key:1': Invalid argument"
	assert_line --index 1 --regexp "^hint: .*kernel.shmmax"
	run unshare -i bash -c 'echo 1 >/proc/sys/kernel/shmmni && ipcctl shm create key:1 --size 1 && ipcctl shm create key:2 --size 1'
	assert_failure 1
	assert_line --index 0 "ipcctl shm create: cannot create segment 'key:2': No space left on device"
	assert_line --index 1 --regexp "^hint: .*kernel.shmmni"
	run unshare -i bash -c 'echo 1 >/proc/sys/kernel/shmall && ipcctl shm create key:1 --size 8K'
	assert_failure 1
	assert_line --index 1 --regexp "^hint: .*kernel.shmall"
}

@test "every failure has its status, and one line that names the subject" {
	ipcctl shm create "$NAME" --size 8
	while IFS='|' read -r expected command message; do
		status=0
		output=$(eval "ipcctl shm $command" 2>&1 </dev/null) || status=$?
		if [ "$status" != "$expected" ] || [[ $(head -n 1 <<<"$output") != *"$message"* ]]; then
			echo "ipcctl shm $command: status $status, not $expected: $output, not $message" >&2
			return 1
		fi
	done <<-END
		3|read /none|cannot open segment '/none': No such file or directory
		3|read key:0x7fffffff|cannot open segment 'key:0x7fffffff': No such file or directory
		3|read id:2147483647|cannot open segment 'id:2147483647': No such file or directory
		3|read id:99999999999|cannot open segment 'id:99999999999': No such file or directory
		2|read key:private|key:private makes an object and finds none
		2|read key:0|a key of 0 names no object
		2|read key:99999999999|does not fit 32 bits
		2|read /a/b|has no slash but the first
		2|read ''|an empty name
		2|read mq:/a|cannot parse 'mq:/a'
		2|create /x|how large? --size is missing
		2|create /x --size -1|--size: '-1' is not a SIZE
		2|create /x --size 1Q|--size: '1Q' is not a SIZE
		2|create /x --size 99999999999999999999|--size: '99999999999999999999' is out of range
		1|create /x --size 8388607T|cannot create segment '/x'
		1|create key:9 --size 0|cannot create segment 'key:9': Invalid argument
		1|create id:9 --size 1|cannot create segment 'id:9': Not supported for this kind of object
		2|create /x --size 1 --mode 999|--mode: '999' is not a MODE
		2|create /x --size 1 --queue-bytes 5|unknown option '--queue-bytes'
		2|resize $NAME|something is missing
		2|resize $NAME 1Q|'1Q' is not a SIZE
		2|read $NAME --length x|--length: 'x' is not a SIZE
		2|get $NAME --layout 'int a;' b|field 'b'
		2|get $NAME --layout 'int a[2];' 'a[2]'|field 'a[2]'
		2|get $NAME --layout 'int *a;'|--layout:1:5
		2|get $NAME --layout 'int a;' --struct B|--struct: 'B'
		2|set $NAME --layout 'int a;' a|'a' is not FIELD=VALUE
		2|set $NAME --layout 'int a;' a=x|cannot set field 'a'
		2|set $NAME --layout 'int a;' a=1 --if b=1|field 'b'
		2|watch $NAME --layout 'int a;' --until a|'a' is not FIELD=VALUE
		2|watch $NAME --layout 'int a;' --interval 0x|--interval: '0x' is not a DURATION
		2|read|something is missing
		2|red $NAME|did you mean 'read'
	END
}
