# FIFOs: ipcctl fifo, and their rows in ls, stat and rm.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

field() { # KEY SELECTOR
	ipcctl stat -J "$2" | jq -c ".[0].$1"
}

# Whether a process waits in open(2) for the other side.
is_opening() { # PID
	[ "$(cat "/proc/$1/wchan")" = wait_for_partner ]
}

refute_mode() { # FILE MODE
	[ "$(stat -c %a "$1")" != "$2" ]
}

bytes_read() { # PID
	sed -n 's/^rchar: //p' "/proc/$1/io"
}

# --- create ----------------------------------------------------------------------------------

@test "create makes a FIFO with mode 0600 unless told, exactly the mode that is asked for" {
	ipcctl fifo create f
	assert_equal "$(stat -c '%F %a' f)" "fifo 600"
	for mode in 0 0777 0620 4000; do
		(umask 077 && ipcctl fifo create --mode $mode m.$mode)
		assert_equal "$(stat -c %a m.$mode)" "$((10#$mode))"
	done
}

@test "create with a default ACL in the directory still gives the mode that is asked for, from the first moment" {
	mkdir acl
	"$PYTHON" -c '
import os, struct # u::rw, g::r, o::- (acl(5), struct posix_acl_xattr_header)
entries = ((1, 6), (4, 4), (32, 0))
value = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, mode, 0xFFFFFFFF) for tag, mode in entries)
os.setxattr("acl", "system.posix_acl_default", value)' || skip "the file system has no ACLs"
	mkfifo acl/theirs
	refute_mode acl/theirs 666
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run strace -qq -e trace=mknodat,chmod,renameat2 -o trace ipcctl fifo create --mode 0666 acl/f
	assert_success
	assert_equal "$(stat -c %a acl/f)" 666
	assert_equal "$(sed 's/(.*//' trace | paste -sd ' ')" "mknodat chmod renameat2"
}

@test "create gives it the owner that is asked for, and never shows it before it has him" {
	require_root
	ipcctl fifo create --owner "$TESTER:$TESTER2" --mode 0640 f
	assert_equal "$(stat -c '%u %g %a' f)" "$TESTER $TESTER2 640"
	assert_equal "$(ls -A)" f
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run strace -qq -e trace=mknodat,chown,fchownat,chmod,renameat2,linkat -o trace ipcctl fifo create --owner "$TESTER" g
	assert_success
	assert_equal "$(sed 's/(.*//' trace | paste -sd ' ')" "mknodat fchownat chmod renameat2"
}

@test "create refuses what is there and is no FIFO, a link to one too" {
	echo data >file
	run ipcctl fifo create file
	assert_failure 1
	assert_output --partial "cannot create FIFO 'file': Something else has this name"
	mkfifo f && ln -s f link && ln -s nowhere dangling
	for name in link dangling; do
		run ipcctl fifo create $name
		assert_failure 1
		assert_output --partial "cannot create FIFO '$name': It is a symbolic link"
	done
	assert_equal "$(cat file)" data
	[ ! -e nowhere ]
}

@test "create of one that exists agrees with it, or says what differs" {
	ipcctl fifo create --mode 0640 f
	ipcctl fifo create f
	ipcctl fifo create --mode 0640 f
	run ipcctl fifo create --mode 0600 f
	assert_failure 1
	assert_output --partial "FIFO 'f' exists with mode 0640, not 0600"
	run ipcctl fifo create --exclusive f
	assert_failure 1
}

@test "create fills in a unique name and prints it" {
	run ipcctl fifo create ./x.XXXXXX
	assert_success
	assert_output --regexp '^fifo:\./x\.[a-z0-9]{6}$'
	[ -p "${output#fifo:}" ]
}

@test "create in a directory that is not there, or that is closed, says so" {
	run ipcctl fifo create none/f
	assert_failure 3
	require_user
	mkdir -m 0500 closed
	run ipcctl fifo create closed/f
	assert_failure 5
}

# --- ls, stat, rm ----------------------------------------------------------------------------

@test "ls finds FIFOs four levels deep in /run, /tmp and XDG_RUNTIME_DIR, once each" {
	mkdir -p /tmp/a/b/c/d
	mkfifo /tmp/1 /tmp/a/b/c/4 /tmp/a/b/c/d/5 "$XDG_RUNTIME_DIR/r"
	run ipcctl ls --names fifo
	rm -r /tmp/1 /tmp/a
	assert_line fifo:/tmp/1
	assert_line fifo:/tmp/a/b/c/4
	assert_equal "$(grep -c "^fifo:$XDG_RUNTIME_DIR/r\$" <<<"$output")" 1
	refute_line fifo:/tmp/a/b/c/d/5
}

@test "--dir says where to look instead, and has to be there" {
	mkdir -p one/deep two
	mkfifo one/deep/a two/b /tmp/c
	run ipcctl ls --names --dir one --dir "$PWD/two" fifo
	rm /tmp/c
	assert_success
	assert_equal "$(LC_ALL=C sort <<<"$output")" "fifo:./one/deep/a
fifo:$PWD/two/b"
	run ipcctl rm --dir one --dry-run 'fifo:*'
	assert_output --partial fifo:./one/deep/a
	run ipcctl stat --dir one 'fifo:*'
	assert_output --partial fifo:./one/deep/a
	run ipcctl ls --dir none
	assert_failure 3
	assert_output --partial "cannot look into directory 'none': No such file or directory"
}

@test "ls does not look across a mount" {
	require_root
	mkdir -p d/mount
	mkfifo d/f
	unshare -m sh -c 'mount -t tmpfs tmpfs d/mount && mkfifo d/mount/f && mount --bind d d && ipcctl ls --names --dir d fifo' >out
	assert_equal "$(cat out)" fifo:./d/f
}

@test "ls shows a FIFO that a process has open wherever it is, by its path" {
	mkdir -p 1/2/3/4/5
	mkfifo 1/2/3/4/5/f
	background sleep 60 <>1/2/3/4/5/f
	run ipcctl ls --names fifo
	assert_line "fifo:$PWD/1/2/3/4/5/f"
	assert_equal "$(field state "fifo:$PWD/1/2/3/4/5/f")" '"live"'
}

@test "stat names who has it open, and who waits to open it" {
	mkfifo f g
	background sleep 60 <>f
	open=$BG_PID
	background cat g
	wait_until is_opening "$BG_PID"
	assert_equal "$(ipcctl stat -J fifo:f | jq -r '.[0].holders[] | "\(.pid) \(.how)"')" "$open read+write"
	assert_equal "$(ipcctl stat -J fifo:g | jq -r '.[0].holders[] | "\(.pid) \(.how)"')" "$BG_PID blocked"
	run ipcctl stat fifo:g
	assert_line --regexp 'State: +live'
	assert_line --regexp 'Evidence: +process [0-9]+ waits to open it'
}

@test "looking at a FIFO disturbs nobody who waits at it" {
	mkfifo f g
	background cat f
	reader=$BG_PID
	background sh -c 'echo hello >g'
	wait_until is_opening "$reader"
	wait_until is_opening "$BG_PID"
	ipcctl ls >/dev/null
	ipcctl stat fifo:f fifo:g >/dev/null
	run ipcctl rm fifo:f
	assert_failure 1
	is_opening "$reader"
	is_opening "$BG_PID"
	assert_equal "$(cat g)" hello
}

@test "rm refuses a FIFO that is in use, names who has it, and leaves its name alone" {
	mkfifo f
	background sleep 60 <>f
	run ipcctl rm fifo:f
	assert_failure 1
	assert_output --partial "it is in use: $BG_PID sleep 60"
	[ -p f ]
	ipcctl rm -f fifo:f
	[ ! -e f ]
}

@test "rm never takes what is no FIFO" {
	echo data >file
	mkfifo f && ln -s f link
	for name in file link; do
		run ipcctl rm -f fifo:$name
		assert_failure 1
	done
	[ -f file ] && [ -L link ] && [ -p f ]
}

@test "a plain name that is another sort of file is no FIFO, and no error" {
	: >/tmp/plain
	ipcctl shm create /tmp --size 1 # the directory /tmp has this name too
	run ipcctl stat /tmp
	rm /tmp/plain
	assert_success
	assert_output --partial "shm:/tmp"
	refute_output --partial fifo
}

# --- write and read: bytes -------------------------------------------------------------------

@test "bytes pass from write to read as they are, whatever they are" {
	mkfifo f
	head -c 3000000 /dev/urandom >data
	background ipcctl fifo read f
	ipcctl fifo write f <data
	finish
	assert_success
	cmp data "$BG_OUT"
	background ipcctl fifo read f
	ipcctl fifo write f </dev/null
	finish
	assert_success
	[ ! -s "$BG_OUT" ]
}

@test "cat, dd and python are as good at the other end" {
	mkfifo f
	head -c 300000 /dev/urandom >data
	background cat f
	ipcctl fifo write f <data
	finish
	cmp data "$BG_OUT"
	background ipcctl fifo read f
	dd if=data of=f bs=7777 status=none
	finish
	cmp data "$BG_OUT"
	background ipcctl fifo read f
	"$PYTHON" -c "import sys; sys.stdout.buffer.write(open('data', 'rb').read())" >f
	finish
	cmp data "$BG_OUT"
	background "$PYTHON" -c "import sys; sys.stdout.buffer.write(open('f', 'rb').read())"
	dd if=data status=none | ipcctl fifo write f
	finish
	cmp data "$BG_OUT"
}

@test "opening waits for the other side, which may come late" {
	mkfifo f
	background ipcctl fifo write f hello
	wait_until is_opening "$BG_PID"
	assert_equal "$(cat f)" hello
	finish
	assert_success
	background ipcctl fifo read f
	wait_until is_opening "$BG_PID"
	echo hello >f
	finish
	assert_success
	assert_output hello
}

@test "-t limits how long it waits for the other side, --nonblock does not wait at all: status 4" {
	mkfifo f
	for limit in '-t 50ms' --nonblock; do
		# shellcheck disable=SC2086 # two words
		run ipcctl fifo read $limit f
		assert_failure 4
		assert_output --partial "nobody writes to FIFO 'f'"
		# shellcheck disable=SC2086
		run ipcctl fifo write $limit f hello
		assert_failure 4
		assert_output --partial "nobody reads FIFO 'f'"
	done
}

@test "-t limits the wait for the next bytes, and a writer that is there is no reason to wait longer" {
	mkfifo f
	background sh -c 'exec sleep 60 >f'
	run ipcctl fifo read -t 50ms f
	assert_failure 4
	assert_output --partial "cannot read FIFO 'f': Timed out"
	run ipcctl fifo read -F line -t 50ms f
	assert_failure 4
	background sh -c 'exec sleep 60 <f'
	head -c 1000000 /dev/zero >data
	run ipcctl fifo write -t 50ms f <data
	assert_failure 4
	assert_output --partial "cannot write to FIFO 'f': Timed out"
	assert_output --partial "bytes that were read from standard input were not written"
}

@test "--nonblock with the other side there passes what there is, and kills no writer that waited" {
	mkfifo f
	background sh -c 'echo hello >f; echo "status $?"'
	wait_until is_opening "$BG_PID"
	run ipcctl fifo read --nonblock f
	assert_output hello
	finish
	assert_output "status 0"
}

@test "--wait waits until the FIFO is there, --create makes it" {
	background ipcctl fifo read --wait -t 20s f
	wait_until is_in_syscall "$BG_PID" poll
	mkfifo f
	wait_until is_opening "$BG_PID"
	ipcctl fifo write f hello
	finish
	assert_output hello
	background ipcctl fifo read --create --mode 0620 g
	wait_until test -p g
	assert_equal "$(stat -c %a g)" 620
	ipcctl fifo write --create g hello
	finish
	assert_output hello
	run ipcctl fifo read none
	assert_failure 3
	assert_output --partial "cannot open FIFO 'none': No such file or directory"
	run ipcctl fifo read --mode 0620 g
	assert_failure 2
}

@test "a signal ends a wait: for the FIFO, for the other side, and for what it writes" {
	background ipcctl fifo read --wait none
	wait_until is_in_syscall "$BG_PID" poll
	kill -TERM "$BG_PID"
	finish
	assert_equal "$status" 143
	mkfifo f
	for verb in 'read' 'write'; do
		background ipcctl fifo $verb f </dev/null
		wait_until is_opening "$BG_PID"
		kill -TERM "$BG_PID"
		finish
		assert_equal "$status" 143
	done
	background sh -c 'exec sleep 60 >f'
	background ipcctl fifo read f
	wait_until is_in_syscall "$BG_PID" poll
	kill -TERM "$BG_PID"
	finish
	assert_equal "$status" 143
}

@test "a symbolic link, and what is no FIFO, is refused and not opened" {
	mkfifo f && ln -s f link && : >file && mkdir dir
	for name in link file dir; do
		for verb in 'read' 'write'; do
			run ipcctl fifo $verb -t 5s $name </dev/null
			assert_failure 1
			assert_output --regexp "cannot open FIFO '$name': (It is a symbolic link|Something else has this name)"
		done
	done
	[ ! -s file ]
}

@test "another user's FIFO in a sticky directory that many may write to is refused" {
	require_root
	mkdir -m 1777 sticky && mkdir -m 0777 plain && mkdir -m 1775 group
	chmod 0755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	as_user mkfifo -m 0666 sticky/theirs plain/theirs
	mkfifo -m 0666 sticky/ours group/theirs
	chown "$TESTER" group/theirs
	for path in sticky/theirs group/theirs; do
		for verb in 'read' 'write'; do
			run ipcctl fifo $verb -t 5s $path </dev/null
			assert_failure 5
			assert_output --partial "It belongs to another user, in a directory that many may write to"
		done
	done
	run ipcctl fifo read --nonblock plain/theirs
	assert_failure 4
	# its owner and who owns the directory are trusted
	run as_user ipcctl fifo read --nonblock sticky/theirs
	assert_failure 4
	run as_user ipcctl fifo read --nonblock sticky/ours
	assert_failure 4
}

@test "a FIFO that may not be opened is refused with status 5" {
	require_user
	mkfifo -m 0 f
	run ipcctl fifo read -t 5s f
	assert_failure 5
	assert_output --partial "cannot open FIFO 'f': Permission denied"
}

@test "a reader that is killed ends the writer, which says what became of the bytes" {
	mkfifo f
	head -c 1000000 /dev/zero >data
	background sh -c 'exec sleep 60 <f'
	reader=$BG_PID
	background ipcctl fifo write f <data
	wait_until is_in_syscall "$BG_PID" poll
	kill -KILL "$reader"
	finish
	assert_equal "$status" 1
	assert_regex "$stderr" "cannot write to FIFO 'f': Broken pipe"
	written=$(sed -n 's/.*: \([0-9]*\) bytes were written before that/\1/p' <<<"$stderr")
	lost=$(sed -n 's/.*: \([0-9]*\) bytes that were read from standard input were not written/\1/p' <<<"$stderr")
	unread=$(sed -n 's/.*of those written nobody has read \([0-9]*\)/\1/p' <<<"$stderr")
	assert_equal "$written" "$unread"
	((written + ${lost:-0} <= 1000000 && written >= 65536))
}

@test "a writer that waits for its own input ends when the last reader goes" {
	mkfifo f in
	for framing in '' '-F line'; do
		background sh -c 'exec sleep 60 <f'
		reader=$BG_PID
		background sh -c "ipcctl fifo write $framing f <in"
		exec 7>in
		wait_until sh -c "ipcctl stat -J fifo:f | jq -e '.[0].holders | any(.how == \"write\")'"
		kill -KILL "$reader"
		finish
		exec 7>&-
		assert_failure 1
		assert_regex "$stderr" "Broken pipe"
	done
}

@test "a writer that is killed ends the reader with the end of what it wrote" {
	mkfifo f
	background ipcctl fifo read f
	reader=$BG_PID out=$BG_OUT
	background sh -c 'exec >f; echo hello; exec sleep 60'
	wait_until grep hello "$out"
	kill -KILL "$BG_PID"
	BG_PID=$reader BG_OUT=$out finish
	assert_success
	assert_output hello
}

@test "read ends when nobody reads its output any more, and says what is lost" {
	mkfifo f
	background sh -c 'exec sleep 60 >f'
	background sh -c 'ipcctl fifo read f | true; echo done'
	finish
	assert_regex "$stderr" "cannot write standard output: Broken pipe"
	run bash -c 'ipcctl fifo read f >/dev/full & echo hello >f; wait $!'
	assert_failure 1
	assert_line --partial "cannot write standard output: No space left on device"
	assert_line --partial "6 bytes were read from FIFO 'f' and are lost"
}

@test "read names its output as what failed when a file can't grow" {
	mkfifo f
	run bash -c 'seq 100000 >f & ulimit -f 4; ipcctl fifo read f >out'
	assert_failure 1
	assert_line --partial "cannot write standard output: File too large"
	refute_output --partial "cannot read FIFO"
}

@test "--keep stays while writers come and go, and loses nothing of any" {
	mkfifo f
	background ipcctl fifo read --keep f
	for i in {1..100}; do
		echo "$i" >f
	done
	wait_until grep -x 100 "$BG_OUT"
	is_running "$BG_PID"
	kill "$BG_PID"
	finish
	assert_equal "$status" 143
	assert_output "$(seq 100)"
}

@test "--keep is no writer itself: another reader's end is not put off" {
	mkfifo f
	background ipcctl fifo read --keep f
	background cat f
	wait_until is_opening "$BG_PID"
	: >f
	finish
	assert_success
}

@test "--keep does not spin while it waits" {
	mkfifo f
	background ipcctl fifo read --keep f
	echo 1 >f
	wait_until grep 1 "$BG_OUT"
	for _ in 1 2 3; do
		wait_until is_in_syscall "$BG_PID" poll
	done
	run timeout 1 strace -qq -c -o count -p "$BG_PID"
	assert_equal "$(grep -cE 'read|splice|open' count)" 0
}

# --- records ---------------------------------------------------------------------------------

@test "operands are lines, unless -F says otherwise" {
	mkfifo f
	background ipcctl fifo read f
	ipcctl fifo write f one 'two words' ''
	finish
	assert_equal "$(od -An -c "$BG_OUT" | tr -d ' \n')" 'one\ntwowords\n\n'
	background ipcctl fifo read f
	ipcctl fifo write -F netstring f one $'two\nlines'
	finish
	assert_equal "$output" $'3:one,9:two\nlines,'
	background ipcctl fifo read f
	run ipcctl fifo write f $'two\nlines'
	assert_success
	assert_output --partial "a message holds the newline that separates messages"
	finish
}

@test "records keep their bytes and boundaries in every framing" {
	mkfifo f
	printf '4:a\nb\0,0:,3:xyz,' >records
	for framing in netstring json; do
		background ipcctl fifo read -F $framing f
		if [ $framing = json ]; then
			printf '{"data":"a\\nb\\u0000"}\n{"data":""}\n{"data":"xyz"}\n' | ipcctl fifo write -F json f
			finish
			assert_equal "$(jq -c .data "$BG_OUT" | paste -sd ' ')" '"a\nb\u0000" "" "xyz"'
		else
			ipcctl fifo write -F netstring f <records
			finish
			cmp records "$BG_OUT"
		fi
		assert_success
	done
	background ipcctl fifo read -F nul f
	printf 'a\nb\0c\0' | ipcctl fifo write -F nul f
	finish
	assert_equal "$(od -An -c "$BG_OUT" | tr -d ' \n')" 'a\nb\0c\0'
	background ipcctl fifo read -F whole f
	ipcctl fifo write -F whole f <records
	finish
	cmp records "$BG_OUT"
}

@test "-J prints each record with its time and size, however it lies in the FIFO" {
	mkfifo f
	background ipcctl fifo read -J f
	printf 'one\n\377\n' >f
	finish
	assert_success
	assert_equal "$(jq -c '[.data, .data_base64, .size, (.time | length > 0)]' "$BG_OUT")" '["one",null,3,true]
[null,"/w==",1,true]'
	background ipcctl fifo read -J -F netstring f
	printf '3:a\nb,' >f
	finish
	assert_equal "$(jq -c .data "$BG_OUT")" '"a\nb"'
}

@test "read -n takes so many records and leaves the others in the FIFO" {
	mkfifo f
	background sh -c "(printf '1\\n22\\n333\\n4444\\n'; exec sleep 60) >f"
	exec 7<>f # keeps what is left
	run ipcctl fifo read -n 1 f
	assert_output 1
	run ipcctl fifo read -n 2 f
	assert_output $'22\n333'
	run ipcctl fifo read -n 1 f
	assert_output 4444
	run ipcctl fifo read -n 1 -t 50ms f
	assert_failure 4
	exec 7>&-
}

@test "read -n says when the writers have left before that" {
	mkfifo f
	background sh -c 'echo one >f'
	run ipcctl fifo read -n 3 f
	assert_failure 1
	assert_line one
	assert_line --partial "all writers have left FIFO 'f' after 1 of 3 records"
}

@test "what makes no sense as a record is pointed at" {
	mkfifo f
	background sh -c "printf '3:abc,x' >f"
	run ipcctl fifo read -F netstring f
	assert_failure 1
	assert_line --partial "cannot read records from FIFO 'f': record 2: expected the length of a netstring, at byte 6"
	background sh -c 'exec sleep 60 <f'
	printf '3:abc,x' >bad
	run ipcctl fifo write -F netstring f <bad
	assert_failure 1
	assert_line --partial "standard input: record 2"
	assert_line --partial "1 record was sent before that"
}

@test "half a record that a writer left behind is told, and --keep goes on with the next writer" {
	mkfifo f
	background ipcctl fifo read --keep -F netstring -n 2 f
	printf '3:abc,9:ha' >f
	wait_until grep -q 'a writer of FIFO' "$BG_ERR"
	printf '3:xyz,' >f
	finish
	assert_success
	assert_output '3:abc,3:xyz,'
}

@test "a record has at most 64 MiB, on the way in and on the way out" {
	mkfifo f
	background sh -c 'exec sleep 60 <f'
	truncate -s 67108865 long
	run ipcctl fifo write -F whole f <long
	assert_failure 1
	assert_line --partial "the limit is 67108864"
	assert_line --partial "67108865 bytes that were read from standard input were not sent"
	reap_background
	background sh -c 'exec cat long >f'
	run ipcctl fifo read -F line f
	assert_failure 1
	assert_line --partial "the limit is 67108864"
}

@test "wait sees a process open a FIFO, without disturbing anybody" {
	mkfifo f
	background ipcctl wait --for live -t 20s fifo:f
	waiter=$BG_PID
	background sh -c 'exec cat f'
	finish "$waiter"
	assert_equal "$status" 0
	is_opening "$BG_PID"
}

# Each writer's records are one letter, so that a reader sees at once where two met; with lengths of
# 1 byte to MAX, most of them short.
record_writer() { # LETTER COUNT MAX SEED
	"$PYTHON" -c '
import random, sys
letter, count, longest, seed = sys.argv[1].encode(), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
chance = random.Random(seed)
for i in range(count):
    size = int(longest ** chance.random())
    sys.stdout.buffer.write(b"%d:%s," % (size, letter * size))
' "$@"
}

# Checks netstrings of one letter each on standard input and prints how many of each letter there are.
count_records() {
	"$PYTHON" -c '
import sys, collections
data, at, counts = sys.stdin.buffer.read(), 0, collections.Counter()
while at < len(data):
    colon = data.index(b":", at, at + 9)
    size = int(data[at:colon])
    text = data[colon + 1:colon + 1 + size]
    assert len(text) == size and text == text[:1] * size, (at, size, text[:40])
    assert data[colon + 1 + size:colon + 2 + size] == b",", (at, size)
    counts[text[:1].decode()] += 1
    at = colon + 2 + size
print(" ".join("%s%d" % pair for pair in sorted(counts.items())))
'
}

@test "eight writers with records of 1 byte to 1 MB tear none" {
	mkfifo f
	for letter in a b c d e f g h; do
		record_writer $letter 40 1000000 "$RANDOM" >in.$letter
	done
	background sh -c 'cat f >all'
	reader=$BG_PID writers=()
	exec 7>f # the reader stays
	for letter in a b c d e f g h; do
		background ipcctl fifo write -F netstring f <in.$letter
		writers+=("$BG_PID")
	done
	for pid in "${writers[@]}"; do
		finish "$pid"
		assert_equal "$status" 0
	done
	exec 7>&-
	finish "$reader"
	assert_equal "$(count_records <all)" "a40 b40 c40 d40 e40 f40 g40 h40"
}

@test "writers that are killed at random moments tear no record" {
	mkfifo f
	record_writer x 400 1000000 "$RANDOM" >in
	background sh -c 'cat f >all'
	reader=$BG_PID
	exec 7>f
	for round in {1..15}; do
		writers=()
		for _ in 1 2 3 4; do
			ipcctl fifo write -F netstring f <in 7>&- 3>&- &
			writers+=($!)
		done
		for pid in "${writers[@]}"; do
			sleep "0.0$((RANDOM % 4))$((RANDOM % 10))" # the moment, not a wait for anything
			kill -KILL "$pid" 2>/dev/null || true
		done
		wait "${writers[@]}" 2>/dev/null || true
	done
	exec 7>&-
	finish "$reader"
	run count_records <all
	assert_success
	assert_output --regexp '^x[1-9][0-9]+$'
}

bytes_written() { # PID
	[ "$(sed -n 's/^wchar: //p' "/proc/$1/io")" -gt 0 ]
}

@test "a signal ends write between two records, and what was read and not sent is told" {
	mkfifo f go
	head -c 3000000 /dev/zero | tr '\0' x >record
	echo >>record
	cat record record record >data
	background sh -c 'exec 3<f; read -r _ <go; cat <&3 >got'
	reader=$BG_PID
	background ipcctl fifo write -F line f <data
	wait_until bytes_written "$BG_PID"
	kill -TERM "$BG_PID"
	echo >go
	finish
	assert_equal "$status" 143
	assert_regex "$stderr" "1 record was sent before that"
	assert_regex "$stderr" "[1-9][0-9]* bytes that were read from standard input were not sent"
	finish "$reader"
	cmp record got
}

@test "a signal ends write --drop while it waits for standard input" {
	mkfifo f in
	background sh -c 'exec ipcctl fifo write -F line --drop f <in'
	exec 7>in
	wait_until is_in_syscall "$BG_PID" poll
	kill -TERM "$BG_PID"
	finish
	exec 7>&-
	assert_equal "$status" 143
}

@test "a record that is larger than the FIFO may be is written whole among others" {
	require_user
	mkfifo f
	"$PYTHON" -c "print('3000000:' + 'l' * 3000000, end=',')" >long
	record_writer s 2000 100 1 >short
	background sh -c 'cat f >all'
	reader=$BG_PID
	exec 7>f
	background ipcctl fifo write -F netstring f <long
	one=$BG_PID
	ipcctl fifo write -F netstring f <short
	finish "$one"
	assert_equal "$status" 0
	exec 7>&-
	finish "$reader"
	assert_equal "$(count_records <all)" "l1 s2000"
}

@test "a short record waits for the end of a long one that was begun" {
	require_user
	mkfifo f go
	"$PYTHON" -c "print('3000000:' + 'l' * 3000000, end=',')" >long
	background sh -c 'exec 3<f; read -r _ <go; head -c 40000 <&3; exec cat <&3'
	reader=$BG_PID out=$BG_OUT
	background ipcctl fifo write -F netstring f <long
	long=$BG_PID
	wait_until bytes_written "$long"
	background ipcctl fifo write -F netstring f s
	wait_until is_in_syscall "$BG_PID" flock
	echo >go
	finish
	assert_equal "$status" 0
	finish "$long"
	assert_equal "$status" 0
	finish "$reader"
	assert_equal "$(count_records <"$out")" "l1 s1"
}

@test "--drop drops and counts what nobody reads, and writes to who comes later" {
	mkfifo f in
	run ipcctl fifo write --drop f one two three
	assert_success
	assert_output --partial "dropped 3 of 3 records"
	background sh -c 'exec ipcctl fifo write --drop f <in'
	writer=$BG_PID err=$BG_ERR
	exec 7>in
	wait_until is_in_syscall "$writer" poll
	before=$(bytes_read "$writer")
	echo one >&7
	wait_until sh -c "[ \$(sed -n 's/^rchar: //p' /proc/$writer/io) -gt $before ]"
	wait_until is_in_syscall "$writer" poll
	background cat f
	wait_until is_opening "$BG_PID"
	echo two >&7
	wait_until grep -q two "$BG_OUT"
	kill -KILL "$BG_PID"
	wait "$BG_PID" 2>/dev/null || true
	printf '%s\n' three four >&7
	exec 7>&-
	BG_PID=$writer BG_ERR=$err finish
	assert_success
	assert_equal "$stderr" "ipcctl fifo write: dropped 3 of 4 records"
}

@test "--drop does not wait for a reader that does not read" {
	mkfifo f
	background sh -c 'exec sleep 60 <f'
	seq 100000 >lines
	run ipcctl fifo write --drop f <lines
	assert_success
	assert_output --regexp 'dropped [0-9]+ of 100000 records'
}

@test "a record's number has no place in a FIFO, and the record passes" {
	mkfifo f
	background ipcctl fifo read f
	echo '{"priority":7,"data":"hello"}' | ipcctl fifo write -F json f
	finish
	assert_equal "$(jq -r .data "$BG_OUT")" hello
}

@test "records pass on to queues and back, one for one" {
	mkfifo f
	ipcctl mq create /q --max-messages 8
	background sh -c 'ipcctl fifo read -F line f | ipcctl mq send /q'
	printf '%s\n' one two three | ipcctl fifo write -F line f
	finish
	assert_success
	background sh -c 'ipcctl fifo read -F netstring f'
	ipcctl mq recv --drain -F netstring /q | ipcctl fifo write -F netstring f
	finish
	assert_output '3:one,3:two,5:three,'
}

# --- serve -----------------------------------------------------------------------------------

@test "serve runs a program for each record, one at a time, in their order" {
	mkfifo f
	background ipcctl fifo serve -n 3 f sh -c 'echo "$IPCCTL_RECORD $IPCCTL_FIFO $(cat)"'
	ipcctl fifo write f one two three
	finish
	assert_success
	assert_output "1 f one
2 f two
3 f three"
}

@test "serve gives the handler the record's bytes and nothing else, and stays for later writers" {
	mkfifo f
	background ipcctl fifo serve -n 2 -F netstring f od -An -c
	printf '4:a\n\0b,' >f
	wait_until grep -q b "$BG_OUT"
	printf '0:,' >f
	finish
	assert_success
	assert_equal "$(tr -d ' ' <"$BG_OUT")" 'a\n\0b'
}

@test "serve -j runs so many handlers at once" {
	mkfifo f gate
	exec 8<>gate
	background ipcctl fifo serve -j 3 -n 4 f sh -c 'echo begun; read -r line <gate; echo ended'
	ipcctl fifo write f 1 2 3 4
	wait_until sh -c "[ \$(grep -c begun '$BG_OUT') = 3 ]"
	echo one >&8
	wait_until sh -c "[ \$(grep -c begun '$BG_OUT') = 4 ]"
	printf '%s\n' two three four >&8
	finish
	exec 8>&-
	assert_success
	assert_equal "$(grep -c ended "$BG_OUT")" 4
}

@test "serve reports a handler that fails, goes on, and ends with status 1" {
	mkfifo f
	background ipcctl fifo serve -n 3 f sh -c 'case $(cat) in bad) exit 3 ;; killed) kill -KILL $$ ;; *) echo good ;; esac'
	ipcctl fifo write f bad killed good
	finish
	assert_failure 1
	assert_output good
	assert_equal "$stderr" "ipcctl fifo serve: the handler of record 1 ended with status 3
ipcctl fifo serve: the handler of record 2 was ended by SIGKILL"
}

@test "serve with a handler that can't be run has status 127 or 126, and says that the record is lost" {
	mkfifo f
	: >plain
	for handler in /nowhere ./plain; do
		background ipcctl fifo serve f $handler
		ipcctl fifo write f hello
		finish
		assert_equal "$status" "$([ $handler = /nowhere ] && echo 127 || echo 126)"
		assert_regex "$stderr" "cannot run '$handler' for record 1, whose 5 bytes are lost"
	done
}

@test "SIGTERM lets the running handler end, and the records behind it stay in the FIFO" {
	mkfifo f gate
	exec 7<>f # keeps what is left
	background ipcctl fifo serve f sh -c 'echo begun; cat gate; echo ended'
	ipcctl fifo write f one two
	wait_until grep begun "$BG_OUT"
	kill "$BG_PID"
	wait_until sh -c "! grep -q '^SigPnd.*4\$' /proc/$BG_PID/status" # it was taken
	is_running "$BG_PID"
	: >gate
	finish
	assert_equal "$status" 143
	assert_output "begun
ended"
	assert_equal "$(ipcctl fifo read -n 1 f)" two
	exec 7>&-
}

@test "a second SIGTERM ends the handler" {
	mkfifo f
	background ipcctl fifo serve f sh -c 'echo begun; exec sleep 60'
	ipcctl fifo write f one
	wait_until grep begun "$BG_OUT"
	kill "$BG_PID"
	wait_until sh -c "kill $BG_PID; ! kill -0 $BG_PID"
	finish
	assert_equal "$status" 1
	assert_regex "$stderr" "the handler of record 1 was ended by SIGTERM"
}

@test "serve leaves no zombies, and -t ends it when no record comes" {
	mkfifo f
	background ipcctl fifo serve -t 300ms f true
	ipcctl fifo write f {1..20}
	finish
	assert_failure 4
	assert_regex "$stderr" "no record came to FIFO 'f': Timed out"
}

@test "help says that a stream is plain bytes without -F, and that serve takes lines" {
	for verb in 'fifo read' 'fifo write' 'sock connect' 'sock serve'; do
		# shellcheck disable=SC2086 # two words
		run ipcctl $verb --help
		assert_output --regexp 'else a stream[[:space:]]+is plain bytes'
		refute_output --partial "(default line)"
	done
	run ipcctl fifo serve --help
	assert_output --partial "(default line)"
}
