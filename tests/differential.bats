# What ipcctl says of a busy machine is what the other tools say, fact by fact.

load lib

# Dozens of processes with hundreds of descriptors, once for all tests; differential.py has the comparisons, and what
# is known to be wrong in another tool.
setup_file() {
	command -v lsof lsfd lsipc ss >/dev/null || return 0
	/usr/bin/python3 -c 'import sysv_ipc' 2>/dev/null || return 0
	BUSY_DIR=$XDG_RUNTIME_DIR/busy
	mkdir "$BUSY_DIR"
	/usr/bin/python3 "$BATS_TEST_DIRNAME/differential.py" busy "$BUSY_DIR" >"$BATS_FILE_TMPDIR/busy" 2>&1 3>&- &
	export BUSY_DIR BUSY=$!
	local end=$((SECONDS + 60))
	until grep -qx ready "$BATS_FILE_TMPDIR/busy"; do
		if ((SECONDS > end)) || ! kill -0 "$BUSY"; then
			cat "$BATS_FILE_TMPDIR/busy" >&2
			return 1
		fi
		sleep 0.05
	done
}

teardown_file() {
	[ -z "${BUSY-}" ] || _kill_tree "$BUSY"
	remove_objects
}

# The objects stay until the last test.
teardown() {
	reap_background
}

# Compares, and demands that so many facts of each name were there to be compared.
agree() { # TOPIC NAME COUNT...
	require lsof lsfd lsipc ss
	require_python sysv_ipc
	run "$PYTHON" "$BATS_TEST_DIRNAME/differential.py" compare "$1" "$BUSY_DIR"
	assert_success
	shift
	local name
	while [ $# -gt 0 ]; do
		name=$(sed -nE "s/^compared:.* $1 ([0-9]+).*/\1/p" <<<"$output")
		[ "${name:-0}" -ge "$2" ] || {
			echo "only ${name:-0} of $1"
			return 1
		}
		shift 2
	done
}

@test "System V queues: key, id, owner, mode, bytes, messages, times and pids are those of lsipc" {
	agree lsipc-queues key 16 object 16 owner 16 group 16 mode 16 modified 16 used 16 messages 16 last_used 16 \
		last_send_pid 16 last_recv_pid 16
}

@test "System V segments: size, attaches, times, pids and state are those of lsipc" {
	agree lsipc-segments key 16 owner 16 mode 16 size 16 attaches 16 last_used 16 creator_pid 16 last_pid 16 state 8
}

@test "System V semaphores: number and times are those of lsipc" {
	agree lsipc-semaphores key 21 owner 21 mode 21 nsems 21 last_used 21
}

@test "System V objects are those of ipcs" {
	agree ipcs mode 53 owner 53 used 16 messages 16 last_send_pid 16 size 16 attaches 16 removed 16 nsems 21 objects 3
}

@test "values, waiters and last process of semaphores are those of ipcs" {
	agree ipcs-values values 21 waiters 21 last_pid 21
}

@test "POSIX objects, FIFOs and socket files have the attributes that stat(2) and mq_getattr(3) tell" {
	agree stat mode 106 uid 106 modified 106 size 42 used 42 messages 21 max_messages 21
}

@test "each column of the table is the key of the JSON" {
	agree columns object 160 holders 140 mode 160 state 160 size 160 used 140 last_used 160
}

@test "pipes: the processes that have either end are those of lsof" {
	agree lsof-pipes objects 1 holders 120
}

@test "pipes: the processes that have either end are those of lsfd" {
	agree lsfd-pipes objects 1 holders 120
}

@test "FIFOs: readers and writers are those of lsof" {
	agree lsof-fifos objects 1 holders 42 state 21
}

@test "FIFOs: readers and writers are those of lsfd" {
	agree lsfd-fifos objects 1 holders 42 state 21
}

@test "Unix sockets: processes and peers are those of lsof" {
	agree lsof-sockets holders 150 peer 80
}

@test "Unix sockets: processes are those of lsfd" {
	agree lsfd-sockets holders 150
}

@test "Unix sockets: names, types, processes, peers and queues are those of ss" {
	agree ss names 33 type 170 holders 170 peer 150 pending 22 backlog 22 used 120
}

@test "POSIX queues: the processes that have them open are those of lsof" {
	agree lsof-queues holders 21 state 21 objects 1
}

@test "POSIX queues: the processes that have them open are those of lsfd" {
	agree lsfd-queues holders 21 state 21 objects 1
}

@test "POSIX segments: the processes that have them open or mapped are those of lsof" {
	agree lsof-segments holders 42 state 42 objects 1
}

@test "POSIX segments: the processes that have them open or mapped are those of lsfd" {
	agree lsfd-segments holders 42 state 42 objects 1
}

@test "System V segments: the processes that have them attached are those of lsof" {
	agree lsof-attached holders 16 objects 1
}

@test "TCP sockets: processes, owners, peers and queues are those of ss" {
	background ipcctl sock serve tcp:127.0.0.1:7511 --echo
	wait_until ipcctl stat sock:tcp:127.0.0.1:7511
	background "$PYTHON" -c '
import socket, signal
other = socket.create_server(("::1", 7512), family=socket.AF_INET6, backlog=7)
clients = [socket.create_connection(("127.0.0.1", 7511)) for i in range(3)]
for client in clients:
    client.send(b"hello")
    assert client.recv(5, socket.MSG_PEEK) # stays there
print("ready", flush=True)
signal.pause()'
	wait_until grep -q ready "$BG_OUT"
	agree ss-tcp holders 8 pending 2 backlog 2 peer 6 uid 8
}

@test "a difference is noticed" {
	require lsof lsfd lsipc ss
	require_python sysv_ipc
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/lsipc" <<-'END'
		#!/bin/bash
		PATH=${PATH#*:} lsipc "$@" | sed '0,/"msgs": "[0-9]*"/s//"msgs": "77"/'
	END
	chmod +x "$BATS_TEST_TMPDIR/bin/lsipc"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run "$PYTHON" "$BATS_TEST_DIRNAME/differential.py" compare lsipc-queues "$BUSY_DIR"
	assert_failure 1
	assert_line --regexp "^mq:id:[0-9]+: messages: ipcctl [0-9]+, the other 77$"
}
