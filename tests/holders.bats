# Who has what: every way of having an object of every kind, what can't be seen, and what it costs.

load lib

setup() {
	HOLD=$(build_c holders/hold.c -lrt -lpthread)
	READY=$BATS_TEST_TMPDIR/ready
	D=$XDG_RUNTIME_DIR
}

# Something has the object in this way. BG_PID is it.
hold() { # WAY OBJECT [thread|alone]
	rm -f "$READY"
	background "$HOLD" "$1" "$2" "$READY" "${@:3}"
	wait_until test -e "$READY"
}

# How the process BG_PID has the object.
ways() { # SELECTOR
	ipcctl stat -J "$1" | jq -r "[.[0].holders[]? | select(.pid == $BG_PID) | .how] | join(\" \")"
}

has_ways() { # SELECTOR WAYS
	[ "$(ways "$1")" = "$2" ]
}

# That it has it so, as soon as it waits there.
expect() { # WAYS SELECTOR WAY OBJECT [thread|alone]
	hold "${@:3}"
	if ! wait_until has_ways "$2" "$1"; then
		echo "$2, $3 ${5-}: '$(ways "$2")', not '$1'"
		return 1
	fi
	kill -KILL "$BG_PID"
	finish
	assert_equal "$(ways "$2")" ""
}

sysv_id() { # SELECTOR
	ipcctl stat -J "$1" | jq '.[0].id'
}

@test "a POSIX segment: open, mapped with the descriptor closed, mapped to read alone and private, and both" {
	truncate -s 4096 /dev/shm/s
	expect fd shm:/s fd /dev/shm/s
	expect map shm:/s map /dev/shm/s
	expect map shm:/s private /dev/shm/s
	expect "fd map" shm:/s both /dev/shm/s
	expect "" shm:/s path /dev/shm/s # which holds nothing
}

@test "a POSIX semaphore: mapped, and waited for" {
	ipcctl sem create /l --value 0
	expect map sem:/l sem /l
	expect "map blocked" sem:/l sem-wait /l
}

@test "a POSIX queue: open, received from while it is empty, sent to while it is full" {
	ipcctl mq create /q --max-messages 1
	expect fd mq:/q mq /q
	expect fd mq:/q fd /dev/mqueue/q
	expect "fd blocked" mq:/q mq-receive /q
	expect "fd blocked" mq:/q mq-send /q
}

@test "a System V segment: attached, once and twice, and with all of it seen the number is certain for anybody" {
	ipcctl shm create key:0x5e --size 4096 -q
	id=$(sysv_id shm:key:0x5e)
	expect attach shm:key:0x5e attach "$id"
	expect attach shm:key:0x5e attach-twice "$id"
	hold attach-twice "$id"
	run ipcctl ls --noheadings -o holders,attaches shm:key:0x5e
	assert_output --regexp '^ *1 +2$'
	assert_equal "$(ipcctl stat -J shm:key:0x5e | jq -c '.[0].unseen')" "[]"
}

@test "a System V queue: received from while it is empty, sent to while it is full" {
	ipcctl mq create key:0x5e -q
	id=$(sysv_id mq:key:0x5e)
	expect blocked mq:key:0x5e msgrcv "$id"
	expect blocked mq:key:0x5e msgsnd "$id"
}

@test "a System V semaphore: waited for" {
	ipcctl sem create key:0x5e --value 0 -q
	expect blocked sem:key:0x5e semop "$(sysv_id sem:key:0x5e)"
}

# Who opens the other side is let go a moment before it has the descriptor.
is_read() { # FIFO
	[ "$(ways "fifo:$1")" = read ]
}

@test "a FIFO: open, and an open that waits for the other side" {
	mkfifo "$D/f"
	expect blocked "fifo:$D/f" fifo "$D/f"
	hold fifo "$D/f"
	exec {writer}>"$D/f"
	wait_until is_read "$D/f"
	exec {writer}>&-
}

@test "what another thread has or waits for is the process's, also when its main thread has ended" {
	truncate -s 4096 /dev/shm/s
	mkfifo "$D/f"
	ipcctl mq create key:0x5e -q
	ipcctl mq create /q
	for which in thread alone; do
		expect map shm:/s map /dev/shm/s $which
		expect fd shm:/s fd /dev/shm/s $which
		expect blocked mq:key:0x5e msgrcv "$(sysv_id mq:key:0x5e)" $which
		expect blocked "fifo:$D/f" fifo "$D/f" $which
		expect "fd blocked" mq:/q mq-receive /q $which
	done
}

@test "names that look like something else hold nothing else" {
	ipcctl shm create key:0x5e --size 4096 -q
	id=$(sysv_id shm:key:0x5e)
	for name in 'SYSV0000005e' 'x (deleted)' $'new\nline' $'7f0000000000-7f0000001000 rw-s 0 00:01 0 SYSV0000005e (deleted)'; do
		truncate -s 4096 "/dev/shm/$name"
		hold private "/dev/shm/$name"
		assert_equal "$(ways shm:key:0x5e)" ""
		assert_equal "$(ipcctl ls -J -o object,holders shm | jq -c "[.[] | select(.holders != null and (.holders | any(.pid == $BG_PID)))] | length")" 1
		kill -KILL "$BG_PID"
		finish
		rm "/dev/shm/$name"
	done
	[ -n "$id" ]
}

@test "a process of another IPC namespace that waits for the same number is not shown" {
	[ "$TESTS_AS" = root ] || skip "needs a namespace"
	ipcctl mq create key:private -q
	id=$(ipcctl ls -J mq | jq '.[0].id')
	background unshare -i "$PYTHON" -c '
import ctypes, sys
libc = ctypes.CDLL(None)
made = []
while not made or made[-1] != int(sys.argv[1]):
    made.append(libc.msgget(0, 0o600))
    assert len(made) < 100000
    if made[-1] != int(sys.argv[1]):
        libc.msgctl(made[-1], 0, None)
libc.msgrcv(made[-1], ctypes.create_string_buffer(99), 9, 0, 0)' "$id"
	wait_until is_in_syscall "$BG_PID" msgrcv
	assert_equal "$(ways "mq:id:$id")" ""
	local other=$BG_PID
	hold msgrcv "$id"
	wait_until has_ways "mq:id:$id" blocked
	assert_equal "$(ipcctl stat -J "mq:id:$id" | jq -c "[.[0].holders[].pid]")" "[$BG_PID]"
	is_running "$other"
}

@test "what another user's processes have is not known, and never nobody" {
	require_root
	truncate -s 4096 /dev/shm/s
	chmod 0644 /dev/shm/s
	mkfifo -m 0644 "$D/f"
	chmod 0755 "$D"
	ipcctl mq create /q -m 0644
	hold fd /dev/shm/s
	hold mq /q
	hold fifo "$D/f"
	run -0 as_user ipcctl ls -J -o object,holders --dir "$D" shm mq fifo
	assert_equal "$(jq -c '[.[] | .holders] | unique' <<<"$output")" "[null]"
	assert_equal "$(jq length <<<"$output")" 3
	run -0 as_user ipcctl ls --noheadings -o holders shm:/s
	assert_output --regexp '^ *\?$'
	# Of its own process it knows, and that there may be others.
	background setpriv --reuid="$TESTER" --regid="$TESTER" --clear-groups "$HOLD" fd /dev/shm/s /dev/null
	wait_until sh -c "ls -l /proc/$BG_PID/fd | grep -q /dev/shm/s"
	run -0 as_user ipcctl ls --noheadings -o holders shm:/s
	assert_output --regexp '^ *1\+$'
	run -0 as_user ipcctl stat shm:/s
	assert_line --regexp "^ +$BG_PID .* fd /dev/shm/s .*\(fd\)\$"
	assert_line --regexp "^Unseen: +it can't be seen whether other processes have it, too\$"
}

@test "--holder passes what the process has, in whatever way, and refuses a process that is not there" {
	truncate -s 4096 /dev/shm/mine /dev/shm/other
	ipcctl mq create key:0x5e -q
	hold map /dev/shm/mine
	local first=$BG_PID
	assert_equal "$(ipcctl ls --names --holder "$first" shm mq sem)" shm:/mine
	hold msgrcv "$(sysv_id mq:key:0x5e)"
	wait_until has_ways mq:key:0x5e blocked
	assert_equal "$(ipcctl ls --names --holder "$BG_PID" shm mq sem)" mq:key:0x0000005e
	assert_equal "$(ipcctl ls --names --holder "$BG_PID" --holder "$first" shm mq sem | sort | xargs)" \
		"mq:key:0x0000005e shm:/mine"
	run ipcctl rm -n --holder "$first" shm:/other shm:/mine
	assert_failure 1
	assert_output --partial "segment 'shm:/mine': it is in use: $first "
	refute_output --partial other
	kill -KILL "$BG_PID"
	finish
	run ipcctl ls --holder "$BG_PID"
	assert_failure 3
	assert_output "ipcctl ls: --holder: there is no process $BG_PID"
	for bad in 0 -1 x 1x 99999999999999999999 ''; do
		run ipcctl ls --holder="$bad"
		assert_failure 2
	done
}

@test "--holder refuses a process that may not be looked at, whose things it would not find" {
	require_root
	truncate -s 4096 /dev/shm/s
	hold fd /dev/shm/s
	run as_user ipcctl ls --holder "$BG_PID"
	assert_failure 5
	assert_output --partial "--holder: cannot look at process $BG_PID: Permission denied"
}

@test "a refusal to remove names the holders, and how they have it" {
	truncate -s 4096 /dev/shm/s
	ipcctl sem create /l --value 0
	ipcctl mq create /q
	ipcctl shm create key:0x5e --size 4096 -q
	ipcctl sem create key:0x5e --value 0 -q
	ipcctl mq create key:0x5e -q
	mkfifo "$D/f"
	local selector way object how
	while read -r selector way object how; do
		[ "$object" != id ] || object=$(sysv_id "$selector")
		hold "$way" "$object"
		wait_until has_ways "$selector" "$how"
		run ipcctl rm "$selector"
		assert_failure 1
		assert_line --index 0 --regexp "it is in use: $BG_PID /[^,]* \\(${how// /, }\\)\$"
		kill -KILL "$BG_PID"
		finish
	done <<-END
		shm:/s private /dev/shm/s map
		sem:/l sem-wait /l map blocked
		mq:/q mq-receive /q fd blocked
		shm:key:0x5e attach id attach
		sem:key:0x5e semop id blocked
		mq:key:0x5e msgrcv id blocked
		fifo:$D/f fifo $D/f blocked
	END
}

# How often a command goes through the processes.
walks() { # ARGUMENT...
	# The search for leaks does not work under strace.
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -qq -f -e trace=open,openat -o "$BATS_TEST_TMPDIR/trace" ipcctl "$@" >/dev/null
	grep -c '"/proc", .*O_DIRECTORY' "$BATS_TEST_TMPDIR/trace" || true
}

@test "/proc is gone through once for all kinds, and not at all if nothing that is shown needs it" {
	require strace
	truncate -s 4096 /dev/shm/s /dev/shm/t
	ipcctl sem create /l
	ipcctl mq create /q
	ipcctl shm create key:0x5e --size 4096 -q
	ipcctl sem create key:0x5e -q
	ipcctl mq create key:0x5e -q
	mkfifo "$D/f"
	hold both /dev/shm/s
	local held=$BG_PID
	assert_equal "$(walks ls)" 1
	assert_equal "$(walks ls --all)" 1
	assert_equal "$(walks ls -J --all)" 1
	assert_equal "$(walks ls shm:/s mq:/q sem:/l shm:key:0x5e fifo:"$D/f")" 1
	assert_equal "$(walks ls --holder "$held")" 1
	# What stat says of limits, too: those of pipes count every pipe.
	assert_equal "$(walks stat shm:/s sem:/l shm:key:0x5e sem:key:0x5e mq:key:0x5e)" 1
	assert_equal "$(walks stat "fifo:$D/f")" 1
	assert_equal "$(walks stat "fifo:$D/f" shm:/s)" 1
	assert_equal "$(walks ls -o object,owner,size mq shm sem)" 0
	assert_equal "$(walks ls -J -o object,used,label shm)" 0
	assert_equal "$(walks ls --names mq shm sem)" 0
}

@test "a 32-bit program that waits for a message is not overlooked" {
	require_root
	[ "$(uname -m)" = x86_64 ] || skip "the system call is that of an x86 processor"
	program=$(
		build_c - <<-'END'
			#include <stdlib.h>

			/* msgrcv(2) as 32-bit programs call it. */
			int main(int argc, char **argv)
			{
				long r = 401;

				__asm__ volatile("int $0x80"
						 : "+a"(r)
						 : "b"(atoi(argv[1])), "c"(0x1000), "d"(16), "S"(0), "D"(0)
						 : "memory", "r8", "r9", "r10", "r11");
				return argc == 0;
			}
		END
	)
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "${BATS_TEST_TMPDIR%/*/*}" "$BATS_RUN_TMPDIR" "$program"
	id=$(as_user ipcmk -Q -p 0600 | grep -oE '[0-9]+$')
	background setpriv --reuid="$TESTER" --regid="$TESTER" --clear-groups "$program" "$id"
	wait_until waits_for_message_or_ended "$BG_PID"
	is_running "$BG_PID" || skip "this kernel runs no 32-bit programs"
	assert_equal "$(ipcctl ls -J -o state,unseen "mq:id:$id" | jq -r '.[0] | .state, .unseen[0]' | paste -sd:)" \
		"unknown:a process waits, and it can't be seen whether on this one"
}

# Where there is no such call it fails at once, or kills.
waits_for_message_or_ended() { # PID
	! is_running "$1" || grep -q msgrcv "/proc/$1/wchan"
}

@test "without descriptors to look with nobody is overlooked: the state of a FIFO is unknown" {
	local n unknown=0 live=0
	mkfifo "$D/f"
	background "$PYTHON" -c '
import os, signal, sys
fd = os.open(sys.argv[1], os.O_RDWR)
open(sys.argv[2], "w")
signal.pause()' "$D/f" "$READY"
	wait_until test -e "$READY"
	for ((n = 6; n <= 16; n++)); do
		run bash -c 'ulimit -n "$1"; shift; exec ipcctl ls -J -o state,unseen,evidence "$@"' sh "$n" "fifo:$D/f"
		case $(jq -r '.[0] | .state, .unseen[0]' <<<"$output" 2>/dev/null | paste -sd:) in
		"unknown:who has it open can't be told without /proc") unknown=$((unknown + 1)) ;;
		live:*) live=$((live + 1)) ;;
		*) assert [ "$status" -ne 0 ] ;;
		esac
	done
	assert [ "$unknown" -gt 0 ]
	assert [ "$live" -gt 0 ]
}

@test "many objects that others hold are not all waited for: behind the first ones the state is unknown" {
	require_root
	mkdir -m 0777 /dev/shm/.made
	as_user sh -c 'cd /dev/shm/.made && for i in $(seq 300); do : >held.$i; done'
	mv /dev/shm/.made/* /dev/shm
	rmdir /dev/shm/.made
	background "$PYTHON" -c '
import glob, signal, sys
held = [open(f) for f in glob.glob("/dev/shm/held.*")]
open(sys.argv[1], "w")
signal.pause()' "$READY"
	wait_until test -e "$READY"
	run -0 as_user ipcctl ls -J -o object,state,unseen shm
	assert_equal "$(jq -c 'map(.state) | group_by(.) | map([.[0], length])' <<<"$output")" '[["live",250],["unknown",50]]'
	assert_equal "$(jq -r '[.[] | select(.state == "unknown") | .unseen[0]] | unique | .[]' <<<"$output")" \
		"so many objects are held that it was not waited whether somebody has this one for a moment only"
}
