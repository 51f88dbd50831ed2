# sock relay: clients of one socket, passed on to another.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# Starts a command that tells on descriptor 9 when clients may come.
await_ready() { # COMMAND...
	rm -f ready
	mkfifo ready
	exec {READY}<>ready
	background "$@" 9>ready
	read -r -t 10 -u "$READY"
	exec {READY}<&-
}

serve() { # OPTION... ADDRESS [HANDLER...]
	await_ready ipcctl sock serve --ready-fd 9 "$@"
}

relay() { # OPTION... ADDRESS SERVER
	await_ready ipcctl sock relay --ready-fd 9 "$@"
}

# A server of tests/foreign/sock_servers.py.
server() { # HOW TYPE ADDRESS
	require "$PYTHON"
	background "$PYTHON" "$BATS_TEST_DIRNAME/foreign/sock_servers.py" "$@"
	wait_until grep -q ready "$BG_OUT"
}

# How many connections a process has, its listening socket included.
sockets() { # PID
	find "/proc/$1/fd" -lname 'socket:*' | wc -l
}

has_sockets() { # PID NUMBER
	[ "$(sockets "$1")" -eq "$2" ]
}

@test "both ends of input are passed on by themselves, between Unix sockets and TCP" {
	serve ./x.sock sh -c 'data=$(cat; echo .); sleep 1; printf "%s bytes: %s" $((${#data} - 1)) "${data%.}"'
	relay tcp:127.0.0.1:7301 ./x.sock
	relay 'tcp:[::1]:7301' tcp:localhost:7301
	relay @relayed 'tcp:[::1]:7301'
	for address in tcp:127.0.0.1:7301 'tcp:[::1]:7301' @relayed; do
		run ipcctl sock connect "$address" <<<question
		assert_success
		assert_output '9 bytes: question'
	done
	server deaf SOCK_STREAM "'deaf.sock'"
	local out=$BG_OUT
	relay ./a.sock ./deaf.sock
	run bash -c '{ sleep 0.3; head -c 5000000 /dev/zero; } | ipcctl sock connect a.sock'
	assert_output 'go on'
	wait_until grep -qx 5000000 "$out"
}

@test "bytes of many clients go both ways at once, whole, and nothing is left of them" {
	serve --echo ./x.sock
	relay ./a.sock ./x.sock
	local relay=$BG_PID i pids=()
	has_sockets "$relay" 1
	head -c 5000003 /dev/urandom >data
	for i in {1..12}; do
		ipcctl sock connect a.sock <data >"back.$i" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	for i in {1..12}; do
		cmp data "back.$i"
	done
	wait_until has_sockets "$relay" 1
}

@test "a client that goes away is passed on to a server that waits, and the other way round" {
	server silent SOCK_STREAM "'x.sock'"
	relay ./a.sock ./x.sock
	local relay=$BG_PID
	background ipcctl sock connect a.sock hello
	wait_until is_in_syscall "$BG_PID" poll
	wait_until has_sockets "$relay" 3
	kill -KILL "$BG_PID"
	wait_until has_sockets "$relay" 1
	server early SOCK_STREAM "'y.sock'"
	relay ./b.sock ./y.sock
	head -c 50000000 /dev/zero >zeros
	run --separate-stderr ipcctl sock connect b.sock <zeros
	assert_failure 1
	assert_output 'too much'
}

@test "it waits without using the processor while one side does not read" {
	server silent SOCK_STREAM "'x.sock'"
	cat >stuck.py <<-'END'
		import socket, time
		server = socket.socket(socket.AF_UNIX)
		server.bind("stuck.sock")
		server.listen()
		print("ready", flush=True)
		c, _ = server.accept()
		time.sleep(3600)
	END
	background "$PYTHON" stuck.py
	wait_until grep -q ready "$BG_OUT"
	relay ./a.sock ./stuck.sock
	local relay=$BG_PID
	background bash -c 'head -c 50000000 /dev/zero | ipcctl sock connect a.sock'
	wait_until is_in_syscall "$relay" epoll_wait
	# The client is gone with its input half taken: that is a hang-up, which epoll tells again and again.
	kill -KILL "$(pgrep -P "$BG_PID" ipcctl)"
	wait_until _has_ended "$BG_PID"
	used() {
		awk '{ print $14 + $15 }' "/proc/$relay/stat"
	}
	local before
	before=$(used)
	sleep 0.5
	[ $(($(used) - before)) -lt 10 ]
	is_running "$relay"
}

@test "a server that is not there is told, and the relay goes on" {
	relay ./a.sock ./x.sock
	run ipcctl sock connect a.sock hello
	wait_until grep -q "cannot connect client 1 to socket './x.sock': No such file" "$BG_ERR"
	relay ./b.sock tcp:127.0.0.1:7398
	run ipcctl sock connect b.sock hello
	wait_until grep -q "cannot connect client 1 to socket 'tcp:127.0.0.1:7398': Connection refused" "$BG_ERR"
	serve ./x.sock cat
	run ipcctl sock connect a.sock hello
	assert_success
	assert_output hello
	run ipcctl sock relay ./c.sock tcp:1.2.3.4
	assert_failure 2
	assert_output --partial "has no ':PORT'"
}

@test "rules, --once and the end are those of serve" {
	serve ./x.sock cat
	relay --deny all ./a.sock ./x.sock
	run ipcctl sock connect a.sock hello
	[ "$output" != hello ]
	wait_until grep -q "refused user" "$BG_ERR"
	relay --once ./b.sock ./x.sock
	run ipcctl sock connect b.sock hello
	assert_output hello
	finish
	assert_success
	[ ! -e b.sock ]
	run ipcctl sock relay tcp:0.0.0.0:7397 ./x.sock
	assert_failure 2
	relay ./c.sock ./x.sock
	kill "$BG_PID"
	finish
	assert_success
	[ ! -e c.sock ]
}

@test "a relay from a socket to itself is wrong usage" {
	run ipcctl sock relay ./a.sock ./a.sock
	assert_failure 2
	assert_output --partial "its own client"
	[ ! -e a.sock ]
}
