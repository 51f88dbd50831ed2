#!/usr/bin/env bats
# What proves a state: who made an object, who used it last, whether it was used at all, and what ipcctl noted.
# Who holds an object in which way is in cases.bats.

load lib

setup() {
	require_python sysv_ipc
	use=$BATS_TEST_TMPDIR/use
	another=(setpriv --reuid="$TESTER2" --regid="$TESTER2" --clear-groups --inh-caps=-all --bounding-set=-all)
}

# A System V segment that nobody was ever attached to; prints its id.
make_unused() {
	ipcmk -M 4096 | grep -oE '[0-9]+$'
}

# Attaches a segment and leaves; prints its pid.
use_segment() { # ID
	"$PYTHON" -c "
import os, sys, sysv_ipc
sysv_ipc.attach(int(sys.argv[1])).detach()
print(os.getpid())" "$1"
}

# What the object is, and a word of its evidence or of what could not be seen.
assert_state() { # STATE SELECTOR [TEXT...]
	local state=$1 name=$2 text
	shift 2
	run ipcctl stat "$name"
	assert_success
	assert_line --regexp "^State: +$state$"
	for text; do
		assert_line --regexp " $text$"
	done
	[ -z "$(cut -c 81- <<<"$output")" ] || fail "a line is longer than 80 columns"
}

# The clock tells a process from what was there before it only if some time lies between.
a_moment_later() {
	local now
	printf -v now '%(%s)T' -1
	wait_until is_later "$((now + 3))"
}

is_later() {
	local now
	printf -v now '%(%s)T' -1
	((now >= $1))
}

# Runs a command as a user of whom no process is there.
as_another() {
	"${another[@]}" "$@"
}

is_gone() { # PID
	! is_running "$1"
}

is_of_another() { # PID
	[ "$(stat -c %u "/proc/$1")" = "$TESTER2" ]
}

# --- System V: pids are recorded ---------------------------------------------------------------

@test "a segment that was never attached is idle, though its maker is gone" {
	id=$(make_unused)
	assert_state idle "shm:id:$id" "it is attached nowhere: nattch is 0" \
		"it was never attached since it was made"
	run ipcctl rm --stale -y 'shm:*'
	assert_success
	assert_state idle "shm:id:$id"
}

@test "a segment whose maker and last user are gone is stale, and goes with --stale" {
	id=$("$PYTHON" -c "import sysv_ipc; print(sysv_ipc.SharedMemory(None, sysv_ipc.IPC_CREX).id)")
	user=$(use_segment "$id")
	assert_state stale "shm:id:$id" "it was attached since it was made" "its maker, process [0-9]+, is gone" \
		"process $user, which used it last, is gone"
	kept=$(make_unused)
	run ipcctl rm --stale -y
	assert_success
	assert_equal "$(ipcctl ls --names shm)" "shm:$(ipcctl ls --noheadings -o object "shm:id:$kept" | cut -d: -f2-)"
}

@test "a segment is idle as long as its maker is there, and stale when it is gone" {
	mkfifo "$use.end"
	background "$PYTHON" -c "
import sys, sysv_ipc
m = sysv_ipc.SharedMemory(None, sysv_ipc.IPC_CREX)
m.detach()
print(m.id, file=open(sys.argv[1], 'w'), flush=True)
open(sys.argv[2]).read()" "$use" "$use.end"
	maker=$BG_PID
	wait_until test -s "$use"
	id=$(cat "$use")
	use_segment "$id"
	assert_state idle "shm:id:$id" "its maker, process $maker, is there"
	: >"$use.end"
	finish "$maker"
	assert_state stale "shm:id:$id" "its maker, process $maker, is gone"
}

@test "a segment is live as long as the process that was attached last is there" {
	id=$(make_unused)
	mkfifo "$use.end"
	background "$PYTHON" -c "
import sys, sysv_ipc
sysv_ipc.attach(int(sys.argv[1])).detach()
open(sys.argv[2], 'w').close()
open(sys.argv[3]).read()" "$id" "$use" "$use.end"
	user=$BG_PID
	wait_until test -e "$use"
	assert_state live "shm:id:$id" "process $user, which used it last, is there"
	run ipcctl rm "shm:id:$id"
	assert_failure 1
	assert_output --partial "it is in use: process $user, which used it last, is there"
	: >"$use.end"
	finish "$user"
	assert_state stale "shm:id:$id"
}

@test "a semaphore set is live as long as a last user of one of its semaphores is there" {
	key=$(unique_key)
	mkfifo "$use.end"
	background "$PYTHON" -c "
import sys, sysv_ipc
s = sysv_ipc.Semaphore($key, sysv_ipc.IPC_CREX, initial_value=1)
s.acquire()
s.release()
open(sys.argv[1], 'w').close()
open(sys.argv[2]).read()" "$use" "$use.end"
	user=$BG_PID
	wait_until test -e "$use"
	assert_state live "sem:key:$key" "process $user, which used it last, is there"
	: >"$use.end"
	finish "$user"
	# The shell that runs this test is its owner's, too, and it is older.
	assert_state idle "sem:key:$key" "no process waits on it" "process [0-9]+ is its owner's, and as old: it may be its maker"
}

@test "a set that was never used is idle" {
	id=$(ipcmk -S 2 | grep -oE '[0-9]+$')
	assert_state idle "sem:id:$id" "it was never used since it was made"
}

@test "a queue is live as long as who sent or received last is there" {
	key=$(unique_key)
	mkfifo "$use.end"
	background "$PYTHON" -c "
import sys, sysv_ipc
q = sysv_ipc.MessageQueue($key, sysv_ipc.IPC_CREX)
q.send(b'x')
open(sys.argv[1], 'w').close()
open(sys.argv[2]).read()" "$use" "$use.end"
	user=$BG_PID
	wait_until test -e "$use"
	assert_state live "mq:key:$key" "process $user, which used it last, is there"
	: >"$use.end"
	finish "$user"
	assert_equal "$(ipcctl ls --names --state live mq)" ""
}

@test "a queue is live while a process waits to receive from it" {
	key=$(unique_key)
	ipcctl mq create "key:$key"
	background ipcctl mq recv "key:$key"
	wait_until is_in_syscall "$BG_PID" msgrcv
	assert_state live "mq:key:$key" "process $BG_PID waits on it"
	run ipcctl rm "mq:key:$key"
	assert_failure 1
	assert_output --partial "it is in use"
	ipcctl mq send "key:$key" end
	finish
}

@test "a pid that was used again is neither the maker nor the last user" {
	require_root # of a pid namespace of its own
	[ -w /proc/sys/kernel/ns_last_pid ] || skip "this kernel lets nobody choose the next pid"
	cat >"$use" <<-'END'
		id=$("$PYTHON" -c "import os, sysv_ipc; print(sysv_ipc.SharedMemory(None, sysv_ipc.IPC_CREX).id, os.getpid())")
		pid=${id#* } id=${id% *}
		printf -v end '%(%s)T' -1
		until printf -v now '%(%s)T' -1 && ((now >= end + 4)); do read -rt 0.1 <>"$0.wait" || :; done
		for i in {1..50}; do
			echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
			sleep 60 &
			[ $! != "$pid" ] || break
			kill $!
		done
		[ $! = "$pid" ] || exit 9
		ipcctl stat "shm:id:$id"
		kill $!
	END
	mkfifo "$use.wait"
	export PYTHON
	run unshare -pf --mount-proc bash "$use"
	assert_success
	assert_line --regexp '^State: +stale$'
	assert_line --regexp ' its maker is gone: process [0-9]+ is a younger one$'
	assert_line --regexp ' who used it last is gone: process [0-9]+ is a younger one$'
}

@test "what was made and used outside of the pid namespace is not stale in it" {
	require_root
	id=$("$PYTHON" -c "import sysv_ipc; print(sysv_ipc.SharedMemory(None, sysv_ipc.IPC_CREX).id)")
	assert_state stale "shm:id:$id"
	run unshare -pf --mount-proc ipcctl stat "shm:id:$id" # who used it last may be there
	assert_line --regexp '^State: +unknown$'
	assert_line --partial 'it was used by a process outside of this pid namespace'
	id=$(make_unused)
	run unshare -pf --mount-proc ipcctl stat "shm:id:$id"
	assert_line --regexp '^State: +idle$'
	assert_line --partial 'its maker is a process outside of this pid namespace'
}

# --- POSIX: nothing is recorded, and all processes of the owner prove it -------------------------

# Makes a segment with something in it, a queue with a message and a set that was used, as a user who is gone then.
leave_behind() {
	cat >"$use.py" <<-'END'
		import ctypes, os, sys, sysv_ipc
		open('/dev/shm/left', 'w').write('data')
		rt = ctypes.CDLL('librt.so.1', use_errno=True)
		q = rt.mq_open(b'/left', os.O_CREAT | os.O_RDWR, 0o600, None)
		rt.mq_send(q, b'x', 1, 0)
		s = sysv_ipc.Semaphore(int(sys.argv[1], 0), sysv_ipc.IPC_CREX, initial_value=1)
		s.acquire()
	END
	chmod 644 "$use.py"
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "${BATS_TEST_TMPDIR%/*/*}" "$BATS_RUN_TMPDIR"
	key=$(unique_key)
	as_another "$PYTHON" - "$key" <"$use.py"
}

@test "what a user left of whom no process is there is stale" {
	require_root
	leave_behind
	all="its maker is gone: all processes of its owner are younger"
	assert_state stale shm:/left "something was put into it" "$all"
	assert_state stale mq:/left "it holds messages" "$all"
	assert_state stale "sem:key:$key" "it was used since it was made" "$all"
	run ipcctl rm --stale -y
	assert_failure 1
	assert_output "ipcctl rm: cannot remove queue 'mq:/left': it holds 1 unread message
hint: --discard throws them away"
	ipcctl rm --stale -y --discard
	assert_equal "$(ipcctl ls --names shm mq sem)" ""
}

@test "an older process of the owner may be the maker, a younger one is not" {
	require_root
	background "${another[@]}" sleep 60
	older=$BG_PID
	wait_until is_of_another "$older"
	leave_behind
	for name in shm:/left mq:/left "sem:key:$key"; do
		assert_state idle "$name" "process $older is its owner's, and as old: it may be its maker"
	done
	kill "$older"
	wait_until is_gone "$older"
	a_moment_later
	background "${another[@]}" sleep 60
	wait_until is_of_another "$BG_PID"
	for name in shm:/left mq:/left "sem:key:$key"; do
		assert_state stale "$name" "its maker is gone: all processes of its owner are younger"
	done
}

@test "who cannot see the processes of others is not told that a maker is gone" {
	require_root
	leave_behind
	chmod 644 /dev/shm/left
	run unshare -pf --mount-proc ipcctl stat shm:/left
	assert_line --regexp '^State: +idle$'
	assert_line --partial "its maker may be a process that can't be seen from here"
}

@test "a segment that nothing was put into is idle, whoever made it" {
	require_root
	as_another truncate -s 4096 /dev/shm/empty
	assert_state idle shm:/empty "it is empty, and was not used since it was made"
}

@test "the pid in a name of a known form tells the maker" {
	require_root # who sees all processes
	background "${another[@]}" sleep 60
	wait_until is_of_another "$BG_PID"
	gone=$(sh -c 'echo $$')
	# shellcheck disable=SC2016 # the other shell expands it
	as_another sh -c 'for name; do echo data >"/dev/shm/$name"; done' sh "torch_${BG_PID}_1" "torch_${gone}_1" \
		"other_${gone}_1"
	assert_state idle "shm:/torch_${BG_PID}_1" "its maker, process $BG_PID by its name, is there"
	assert_state stale "shm:/torch_${gone}_1" "its maker, process $gone by its name, is gone"
	assert_state idle "shm:/other_${gone}_1" "process $BG_PID is its owner's, and as old: it may be its maker"
}

@test "a socket and a FIFO in the upper layer of an overlay, where they are used, are not stale" {
	require_root
	local d=$BATS_TEST_TMPDIR/o
	mkdir -p "$d"/{lower,upper,work,merged}
	mount -t overlay overlay -o "lowerdir=$d/lower,upperdir=$d/upper,workdir=$d/work" "$d/merged" ||
		skip "no overlay can be mounted here"
	background "$PYTHON" -c '
import os, signal, socket, sys
os.chdir(sys.argv[1])
s = socket.socket(socket.AF_UNIX)
s.bind("s")
s.listen()
os.mkfifo("f")
f = os.open("f", os.O_RDWR)
open("ready", "w")
signal.pause()' "$d/merged"
	wait_until test -e "$d/merged/ready"
	state=$(ipcctl ls -J -o object,state,unseen "sock:$d/merged/s" "sock:$d/upper/s" "fifo:$d/upper/f")
	run ipcctl rm -y --stale --dir "$d"
	umount -l "$d/merged"
	assert_success
	assert [ -S "$d/upper/s" ]
	assert_equal "$(jq -r '.[] | "\(.object | sub(".*/o/"; "")) \(.state)"' <<<"$state" | sort)" \
		"$(printf '%s\n' 'merged/s live' 'upper/f unknown' 'upper/s unknown')"
	assert_equal "$(jq -r '.[] | select(.object | test("^sock.*upper")) | .unseen[0]' <<<"$state")" \
		"an overlay mount shows it elsewhere, where a process may be bound to it"
}

@test "a socket on a file system that other machines may have is not stale, though nobody here is bound to it" {
	require_root
	local d=$BATS_TEST_TMPDIR/remote
	mkdir "$d"
	# One that is not known to be of this machine alone; those of a network need a server.
	mount -t hugetlbfs none "$d" || skip "no hugetlbfs can be mounted here"
	"$PYTHON" -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$d/s"
	run ipcctl stat "sock:$d/s"
	ipcctl rm --stale -y --dir "$d"
	stays=$(ls "$d")
	umount "$d"
	assert_line --regexp "^State: +unknown$"
	assert_line --partial "other machines may have this file system, too: a process there may be bound to it"
	assert_equal "$stays" s
}

# --- what ipcctl made -----------------------------------------------------------------------------

@test "what ipcctl made stays idle when it was used and all users are gone" {
	key=$(unique_key)
	ipcctl shm create "key:$key" --size 4K
	ipcctl shm create /made --size 4K
	ipcctl mq create /made
	ipcctl sem create /made
	use_segment "$(ipcctl ls -J "shm:key:$key" | "$PYTHON" -c "import json, sys; print(json.load(sys.stdin)[0]['id'])")"
	for name in "shm:key:$key" shm:/made mq:/made sem:/made; do
		assert_state idle "$name" "ipcctl made it, so that it stays"
	done
	run ipcctl rm --stale -y
	assert_equal "$(ipcctl ls --names shm mq sem | wc -l)" 4
}

@test "another object of the same name was not made by ipcctl" {
	key=$(unique_key)
	ipcctl shm create "key:$key" --size 4K
	ipcrm -M "$key"
	id=$("$PYTHON" -c "import sysv_ipc; print(sysv_ipc.SharedMemory($key, sysv_ipc.IPC_CREX).id)")
	assert_state stale "shm:id:$id"
}

@test "an object is made all the same where it can't be noted, and that is said with -v" {
	require_user # root finds a place in /run
	rm -rf "$XDG_RUNTIME_DIR/ipcctl" "/tmp/ipcctl-$(id -u)"
	chmod 0500 "$XDG_RUNTIME_DIR"
	: >"/tmp/ipcctl-$(id -u)" # in the way of the last place
	run ipcctl shm create /a --size 10
	assert_success
	assert_output ""
	run ipcctl -v shm create /b --size 10
	assert_success
	assert_output --partial "that '/b' was made here could not be noted: "
	rm "/tmp/ipcctl-$(id -u)"
	run ipcctl -v shm create /c --size 10
	assert_success
	assert_output ""
	assert_state idle shm:/c "ipcctl made it, so that it stays"
	chmod 0700 "$XDG_RUNTIME_DIR"
}

@test "a ledger is believed about what its owner owns, and root's about all" {
	require_root
	id=$("$PYTHON" -c "import sysv_ipc; print(sysv_ipc.SharedMemory(None, sysv_ipc.IPC_CREX).id)")
	ipcctl shm create key:private --size 4K
	sed "s/ shm sysv \([0-9]*\) [0-9]* / shm sysv \1 $id /" /run/ipcctl/made >"$use"
	ledger=/run/user/$TESTER2/ipcctl
	install -d -o "$TESTER2" -m 0700 "/run/user/$TESTER2" "$ledger"
	install -o "$TESTER2" -m 0600 "$use" "$ledger/made"
	assert_state stale "shm:id:$id"
	ipcctl chown "$TESTER2" "shm:id:$id"
	assert_state idle "shm:id:$id" "ipcctl made it, so that it stays"
	chmod 0620 "$ledger/made"
	assert_state stale "shm:id:$id"
	chmod 0600 "$ledger/made"
	chown 0 "$ledger/made"
	assert_state stale "shm:id:$id"
}

@test "a ledger drops what is gone" {
	for i in {1..12}; do
		ipcctl shm create /gone --size 1
		ipcctl rm shm:/gone
	done
	ledger=/run/ipcctl/made
	[ "$TESTS_AS" = root ] || ledger=$XDG_RUNTIME_DIR/ipcctl/made
	line=$(tail -n 1 "$ledger")
	fill=$(for ((i = $(stat -c %s "$ledger"); i < 65536 - 60; i += ${#line} + 1)); do echo "$line"; done)
	echo "$fill" >>"$ledger"
	ipcctl shm create /kept --size 1
	run cat "$ledger"
	assert_line --index 0 --regexp ' shm:/kept$'
	assert_equal ${#lines[@]} 1
	assert_equal "$(stat -c %a "$ledger")" "$([ "$TESTS_AS" = root ] && echo 644 || echo 600)"
}

@test "what a user made with ipcctl is known to root whatever his XDG_RUNTIME_DIR is, and when he has logged out" {
	require_root
	runtime=$BATS_TEST_TMPDIR/elsewhere
	chmod 0711 "$BATS_TEST_TMPDIR"
	install -d -o "$TESTER2" -m 0700 "$runtime"
	XDG_RUNTIME_DIR=$runtime as_another sh -c "ipcctl shm create /u --size 4K && ipcctl mq create /u"
	sleep 2.2 # it is a use if the clock of files shows that it is later
	as_another sh -c "echo x | ipcctl shm write /u; ipcctl mq send /u x"
	assert_state idle shm:/u "ipcctl made it, so that it stays"
	assert_state idle mq:/u "ipcctl made it, so that it stays"
	rm -r "$runtime"
	assert_state idle shm:/u "ipcctl made it, so that it stays"
	# Neither place is to be found: it was made by nobody.
	rm -r "/tmp/ipcctl-$TESTER2"
	assert_state stale shm:/u "its maker is gone: all processes of its owner are younger"
}

@test "what ipcctl made and gave away is still known as such" {
	require_root
	ipcctl shm create /given --size 4K
	ipcctl shm write /given x
	ipcctl chown "$TESTER2" shm:/given
	assert_state idle shm:/given
	as_another ipcctl shm create /back --size 4K
	ipcctl chown "$TESTER" shm:/back
	sleep 2.2 # see above
	ipcctl shm write /back x
	assert_state idle shm:/back "ipcctl made it, so that it stays"
}

@test "a note that can't be read for now is not taken for none" {
	require_root
	as_another ipcctl shm create /u --size 4K
	sleep 2.2 # see above
	as_another ipcctl shm write /u x
	ledger=/tmp/ipcctl-$TESTER2/made
	head -c 2M /dev/zero >>"$ledger"
	assert_state idle shm:/u "whether its owner made it with ipcctl may not be read"
}
