# sock connect, with servers and clients of others.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# Starts a server of tests/foreign/sock_servers.py.
server() { # HOW TYPE ADDRESS [ARGUMENT...]
	require "$PYTHON"
	background "$PYTHON" "$BATS_TEST_DIRNAME/foreign/sock_servers.py" "$@"
	wait_until grep -q ready "$BG_OUT"
}

is_live() { # ADDRESS
	[ "$(ipcctl sock probe "$1")" = live ]
}

is_stale() { # ADDRESS
	[ "$(ipcctl sock probe "$1")" = stale ]
}

# Starts a program that listens, and waits until it does.
listening() { # ADDRESS COMMAND...
	background "${@:2}"
	wait_until is_live "$1"
}

# --- half-close ---------------------------------------------------------------------------------

# What a handler does that half-close is about: reads all, waits, answers.
slow_handler() {
	echo 'data=$(cat; echo .); sleep 1; printf "%s bytes: %s" $((${#data} - 1)) "${data%.}"'
}

# Each of these sends a line and must print the whole answer.
clients() {
	cat <<-'END'
		printf 'question\n' | ipcctl sock connect x.sock
		ipcctl sock connect x.sock question
		printf 'question\n' | ipcctl sock connect tcp:127.0.0.1:7201
		printf 'question\n' | socat -t5 - UNIX:x.sock
		printf 'question\n' | socat -t5 - TCP:127.0.0.1:7201
		printf 'question\n' | nc.openbsd -N -U x.sock
		printf 'question\n' | nc.openbsd -N 127.0.0.1 7201
		printf 'question\n' | ncat -U x.sock
		printf 'question\n' | /usr/bin/python3 -c 'import socket,sys
		s = socket.socket(socket.AF_UNIX); s.connect("x.sock"); s.sendall(sys.stdin.buffer.read())
		s.shutdown(1); sys.stdout.buffer.write(b"".join(iter(lambda: s.recv(9), b"")))' # one line
	END
}

@test "a server that answers a second after the end of input is heard by nine sorts of clients" {
	require socat nc.openbsd ncat /usr/bin/python3
	listening x.sock ipcctl sock serve ./x.sock sh -c "$(slow_handler)"
	listening tcp:127.0.0.1:7201 ipcctl sock serve tcp:127.0.0.1:7201 sh -c "$(slow_handler)"
	local n=0 script='' pids=()
	while IFS= read -r line; do
		script+=$line$'\n'
		# The Python one has three lines.
		[[ $line != *"import socket,sys" && $line != *'sys.stdin.buffer.read())' ]] || continue
		bash -c "$script" >"out.$n" 2>"err.$n" 3>&- &
		pids+=($!)
		n=$((n + 1)) script=''
	done < <(clients)
	assert_equal "$n" 9
	wait "${pids[@]}"
	for ((i = 0; i < n; i++)); do
		assert_equal "$i $(cat "out.$i" "err.$i")" "$i 9 bytes: question"
	done
}

@test "an answer that comes a second after the end of input is printed, from servers of others" {
	require socat ncat
	slow_handler >handler
	server slow SOCK_STREAM "'python.sock'"
	server slow SOCK_STREAM '("127.0.0.1", 7202)'
	server slow SOCK_STREAM '("::1", 7202)'
	listening socat.sock socat -t5 UNIX-LISTEN:socat.sock,fork EXEC:'sh handler'
	listening tcp:127.0.0.1:7203 socat -t5 TCP-LISTEN:7203,bind=127.0.0.1,fork EXEC:'sh handler'
	for address in python.sock tcp:127.0.0.1:7202 'tcp:[::1]:7202' socat.sock tcp:127.0.0.1:7203; do
		run --separate-stderr ipcctl sock connect "$address" <<<question
		assert_success
		assert_equal "$address $output" "$address 9 bytes: question"
		assert_equal "$stderr" ""
	done
}

@test "--keep-open hears a server that takes the end of input for the end of all" {
	require ncat
	listening ncat.sock ncat -lkU ncat.sock --sh-exec 'read -r line; sleep 1; echo "heard $line"'
	run ipcctl sock connect --keep-open ncat.sock question
	assert_success
	assert_output 'heard question'
	listening tcp:127.0.0.1:7204 ncat -lk 127.0.0.1 7204 --sh-exec 'read -r line; echo "heard $line"'
	run ipcctl sock connect --keep-open tcp:127.0.0.1:7204 <<<question
	assert_output 'heard question'
}

@test "the sending side is closed at the end of the input, and not with --keep-open" {
	server asks SOCK_STREAM "'x.sock'"
	run ipcctl sock connect x.sock hello
	assert_output closed
	run ipcctl sock connect --keep-open x.sock hello
	assert_output open
	run ipcctl sock connect x.sock <<<hello
	assert_output closed
}

@test "1000 answers of 0 bytes to 10 MB arrive whole" {
	server pattern SOCK_STREAM "'x.sock'"
	run "$PYTHON" "$BATS_TEST_DIRNAME/foreign/sock_answers.py" 1000 ipcctl sock connect x.sock
	assert_output ""
	assert_success
	server pattern SOCK_STREAM '("127.0.0.1", 7205)'
	run "$PYTHON" "$BATS_TEST_DIRNAME/foreign/sock_answers.py" 100 ipcctl sock connect tcp:127.0.0.1:7205
	assert_output ""
	assert_success
}

# --- bytes both ways ----------------------------------------------------------------------------

@test "bytes of any value go both ways at once, through a pipe, a file and a stream that sends back" {
	ipcctl sock serve --echo ./x.sock 3>&- &
	_BG_PIDS+=($!)
	wait_until is_live x.sock
	head -c 20000003 /dev/urandom >data
	local sum
	sum=$(cksum <data)
	set -euo pipefail
	assert_equal "$(head -c 20000003 data | ipcctl sock connect x.sock | cksum)" "$sum"
	assert_equal "$(ipcctl sock connect x.sock <data | cksum)" "$sum"
	ipcctl sock connect x.sock <data >back
	assert_equal "$(cksum <back)" "$sum"
	ipcctl sock connect x.sock <data >>back
	assert_equal "$(cksum <back)" "$(cat data data | cksum)"
	assert_equal "$(dd if=data bs=1 count=1000 status=none | ipcctl sock connect x.sock | cksum)" \
		"$(head -c 1000 data | cksum)"
}

@test "memory stays flat" {
	require_python resource
	listening x.sock ipcctl sock serve --echo ./x.sock
	run "$PYTHON" -c 'if True:
		import resource, subprocess
		client = "head -c 300000000 /dev/zero | ipcctl sock connect x.sock | wc -c"
		print(subprocess.check_output(["sh", "-c", client], text=True).strip())
		print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 150000)'
	assert_output $'300000000\nTrue'
}

@test "a server that sends no more is sent the rest of the input" {
	server deaf SOCK_STREAM "'x.sock'"
	run --separate-stderr bash -c '{ sleep 0.5; head -c 5000000 /dev/zero; } | ipcctl sock connect x.sock'
	assert_success
	assert_output 'go on'
	wait_until grep -qx 5000000 "$BG_OUT"
}

@test "a server that goes away early: its answer is printed, and what it did not take is told" {
	server early SOCK_STREAM "'x.sock'"
	head -c 10000000 /dev/zero >zeros
	run --separate-stderr ipcctl sock connect x.sock <zeros
	assert_failure 1
	assert_output 'too much'
	assert_regex "$stderr" "cannot (send to|receive from) socket 'x.sock': (Broken pipe|Connection reset by peer)"
	# What was read and what was sent is what is missing in the file.
	read_bytes=$(sed -n 's/.*: \([0-9]*\) bytes were read.* not sent$/\1/p' <<<"$stderr")
	sent=$(sed -n 's/.*: \([0-9]*\) bytes were sent.*/\1/p' <<<"$stderr")
	[ $((read_bytes + 0)) -gt 0 ] && [ "$sent" -gt 0 ]
	server early SOCK_STREAM '("127.0.0.1", 7206)'
	run --separate-stderr ipcctl sock connect tcp:127.0.0.1:7206 <zeros
	assert_failure 1
	assert_regex "$stderr" "bytes were sent"
}

@test "a reader that goes away ends it quietly, as it ends any command of a pipeline" {
	listening x.sock ipcctl sock serve --echo ./x.sock
	run --separate-stderr bash -c 'yes | ipcctl sock connect x.sock | head -n 1; echo "${PIPESTATUS[1]}"'
	assert_output $'y\n141'
	assert_equal "$stderr" ""
	# Also if nothing more comes: it need not write to notice.
	server silent SOCK_STREAM "'y.sock'"
	local seconds=100.$BASHPID # like nobody else's
	background bash -c 'sleep "$1" | ipcctl sock connect y.sock | true; echo "${PIPESTATUS[1]}"' sh "$seconds"
	wait_until pgrep -f "^sleep $seconds$"
	pkill -f "^sleep $seconds$" || true
	finish
	assert_output 141
}

@test "a disk that is full is told" {
	[ -e /dev/full ] || skip "needs /dev/full"
	listening x.sock ipcctl sock serve --echo ./x.sock
	run --separate-stderr bash -c 'echo hello | ipcctl sock connect x.sock >/dev/full'
	assert_failure 1
	assert_equal "$stderr" "ipcctl sock connect: cannot write standard output: No space left on device"
}

# --- addresses ----------------------------------------------------------------------------------

@test "paths longer than a socket's address, abstract names of any bytes, IPv4 and IPv6 are reached" {
	local name='sock:@a\nb \x01' long
	long=$PWD/$(printf 'd%.0s' {1..120})
	mkdir "$long"
	long+=/$(printf 's%.0s' {1..120})
	for address in "$long" "$name" tcp:127.0.0.1:7207 'tcp:[::1]:7207' tcp:localhost:7208; do
		listening "$address" ipcctl sock serve --once "$address" cat
		run ipcctl sock connect "$address" "hello"
		assert_success
		assert_output hello
	done
	cd "$(dirname "$long")" || return
	listening "./$(basename "$long")" ipcctl sock serve --once "./$(basename "$long")" cat
	run ipcctl sock connect "$(basename "$long")" hello
	assert_output hello
}

@test "sockets that were handed over are used as they are" {
	require_python socket
	cat >hand.py <<-'END'
		import os, socket, sys
		ours, theirs = socket.socketpair()
		os.dup2(theirs.fileno(), 3)
		os.set_inheritable(3, True)
		theirs.close()
		if os.fork() == 0:
		    os.close(3)
		    data = b"".join(iter(lambda: ours.recv(100), b""))
		    ours.sendall(b"got " + data)
		    os._exit(0)
		ours.close()
		os.environ.update(LISTEN_FDS="1", LISTEN_FDNAMES="web", LISTEN_PID=str(os.getpid()))
		os.execvp("ipcctl", ["ipcctl", "sock", "connect", *sys.argv[1:]])
	END
	run "$PYTHON" hand.py fd:3 hello
	assert_output 'got hello'
	run "$PYTHON" hand.py systemd:web hello
	assert_output 'got hello'
	run "$PYTHON" hand.py systemd:other hello
	assert_failure 3
	run env LISTEN_FDS=1 LISTEN_PID=1 LISTEN_FDNAMES=web ipcctl sock connect systemd:web hello
	assert_failure 3
	run ipcctl sock connect fd:77 hello
	assert_failure 1
	assert_output --partial "Bad file descriptor"
}

@test "an address that is none is pointed at, with status 2" {
	while read -r address part; do
		run ipcctl sock connect "$address" hello
		assert_failure 2
		assert_output --partial "cannot connect to socket '$address': $part"
	done <<-'END'
		tcp:localhost 'localhost' has no ':PORT'
		tcp:127.0.0.1: there is no port
		tcp:127.0.0.1:http 'http' is not a port
		tcp:127.0.0.300:80 '127.0.0.300' is not an IPv4 address
		tcp:::1:80 '::1' has colons
		tcp:[::1:80 '[::1:80' has no ']'
		tcp::80 there is no host
		@ an abstract name
	END
}

# --- who is there -------------------------------------------------------------------------------

@test "the status says why there is no connection" {
	run ipcctl sock connect nobody.sock hello
	assert_failure 3
	assert_output "ipcctl sock connect: cannot connect to socket 'nobody.sock': No such file or directory"
	run ipcctl sock connect @nobody.here hello
	assert_failure 3
	run ipcctl sock connect tcp:127.0.0.1:7299 hello
	assert_failure 3
	server silent SOCK_STREAM "'x.sock'"
	run ipcctl sock connect -t 0.1 x.sock hello
	assert_failure 4
	assert_output "ipcctl sock connect: waited for socket 'x.sock': Timed out"
	run ipcctl sock connect --nonblock x.sock hello
	assert_failure 4
	# shellcheck disable=SC2153 # background sets it
	kill -KILL "$BG_PID"
	wait_until is_stale x.sock
	run ipcctl sock connect x.sock hello
	assert_failure 3
	assert_line "ipcctl sock connect: cannot connect to socket 'x.sock': Connection refused"
	: >file
	run ipcctl sock connect file hello
	assert_failure 1
	run ipcctl sock connect --type dgram x.sock hello
	assert_failure 3
}

@test "a socket that may not be written to gives status 5" {
	require_root
	server silent SOCK_STREAM "'x.sock'"
	chmod 0600 x.sock
	chmod 0755 . ..
	run as_user ipcctl sock connect x.sock hello
	assert_failure 5
	assert_output "ipcctl sock connect: cannot connect to socket 'x.sock': Permission denied"
}

@test "a server whose queue of connections is full is waited for, as long as the time allows" {
	server full SOCK_STREAM "'x.sock'"
	background ipcctl sock connect x.sock hello
	wait_until is_in_syscall "$BG_PID" poll
	run ipcctl sock connect --nonblock x.sock hello
	assert_failure 4
	run ipcctl sock connect -t 0.1 x.sock hello
	assert_failure 4
	assert_output --partial "cannot connect to socket 'x.sock': Timed out"
}

@test "--wait waits until a server is there and accepts" {
	background ipcctl sock connect --wait x.sock hello
	local client=$BG_PID out=$BG_OUT
	wait_until is_in_syscall "$client" clock_nanosleep
	"$PYTHON" -c 'import socket; socket.socket(socket.AF_UNIX).bind("x.sock")' # and it is gone again
	background ipcctl sock serve --once ./x.sock cat
	wait_until _has_ended "$client"
	assert_equal "$(cat "$out")" hello
	run ipcctl sock connect --wait -t 0.1 tcp:127.0.0.1:7298 hello
	assert_failure 4
	assert_output "ipcctl sock connect: waited for a server at socket 'tcp:127.0.0.1:7298': Timed out"
	run ipcctl sock connect --wait --nonblock y.sock hello
	assert_failure 4
}

@test "waiting for standard input has no time limit" {
	listening x.sock ipcctl sock serve --once --echo ./x.sock
	run bash -c '{ sleep 0.5; echo late; } | ipcctl sock connect -t 0.1 x.sock'
	assert_success
	assert_output late
}

# --- records ------------------------------------------------------------------------------------

@test "each operand or line is a message where the socket carries messages, and so is what comes back" {
	server messages SOCK_SEQPACKET "'x.sock'"
	run ipcctl sock connect x.sock one 'two words'
	assert_success
	assert_output $'one!\ntwo words!\n\nlast'
	# An empty message is what Python takes for the end.
	run --separate-stderr ipcctl sock connect x.sock one '' three
	assert_failure 1
	assert_output $'one!\n\nlast'
	run bash -c 'printf "one\ntwo\nthree" | ipcctl sock connect x.sock'
	assert_output $'one!\ntwo!\nthree!\n\nlast'
	run bash -c 'printf "3:o\ne,3:two," | ipcctl sock connect -F netstring x.sock | tr "\n" N'
	assert_output '4:oNe!,4:two!,0:,4:last,'
	run bash -c 'ipcctl sock connect -J x.sock one | jq -c "[.size, .data]"'
	assert_output $'[4,"one!"]\n[0,""]\n[4,"last"]'
	run ipcctl sock connect --replies 1 x.sock one two
	assert_output 'one!'
}

@test "datagrams are sent, and answers are waited for as --replies says" {
	server datagrams SOCK_DGRAM "'x.sock'" 5
	run ipcctl sock connect x.sock hello there
	assert_success
	assert_output ""
	run bash -c 'printf "a\nb\nc\n" | ipcctl sock connect --replies 3 x.sock'
	assert_success
	assert_output $'a!\nb!\nc!'
	run ipcctl sock connect --replies 1 -t 0.1 x.sock hello
	assert_failure 4
}

@test "a message that is more than the socket takes is told" {
	server datagrams SOCK_DGRAM "'x.sock'" 5
	head -c 5000000 /dev/zero | tr '\0' x >big
	run ipcctl sock connect -F whole x.sock <big
	assert_failure 1
	assert_line "ipcctl sock connect: cannot send to socket 'x.sock': a message of 5000000 bytes is more than the socket takes"
	assert_line --partial '5000000 bytes were read from standard input and not sent'
}

@test "with --framing a stream carries records, and what is torn is told" {
	listening x.sock ipcctl sock serve --echo ./x.sock
	run ipcctl sock connect -F netstring x.sock one 'two three'
	assert_output '3:one,9:two three,'
	run bash -c 'printf "one\ntwo" | ipcctl sock connect -J x.sock | jq -c "[.size, .data]"'
	assert_output $'[3,"one"]\n[3,"two"]'
	run bash -c 'printf "3:one,5:tw" | ipcctl sock connect -F netstring x.sock'
	assert_failure 1
	assert_line --partial "standard input"
	run ipcctl sock connect --replies 1 x.sock one
	assert_failure 2
	run ipcctl sock connect --replies 1 --keep-open -F line x.sock one two
	assert_success
	assert_output one
}

@test "records that were read and not sent are counted, whatever ends the conversation" {
	for type in stream seqpacket; do
		listening $type.sock ipcctl sock serve --type $type ./$type.sock sleep 60
		run --separate-stderr bash -c "yes | ipcctl sock connect -F line -t 300ms $type.sock"
		assert_failure 4
		assert_regex "$stderr" "[1-9][0-9]* bytes were read from standard input and not sent"
	done
	listening x.sock ipcctl sock serve ./x.sock head -n 1
	mkfifo in
	exec 5<>in
	printf 'whole\nhalf' >&5
	run --separate-stderr ipcctl sock connect -F line x.sock <in
	exec 5>&-
	assert_failure 1
	assert_output whole
	assert_regex "$stderr" " 4 bytes were read from standard input and not sent"
}

@test "control bytes are shown escaped on a terminal, and elsewhere they are exact" {
	require script
	listening x.sock ipcctl sock serve --echo ./x.sock
	run script -qec "ipcctl sock connect x.sock '"$'a\033[1mb'"'" /dev/null
	assert_output --partial 'a\x1b[1mb'
	run bash -c "ipcctl sock connect x.sock $'a\\033[1mb' | od -An -c | tr -d ' '"
	assert_output 'a033[1mb\n'
}

@test "a signal ends it, and what was read from standard input and not sent is told" {
	require "$PYTHON"
	listening deaf.sock "$PYTHON" -c "
import socket, time
s = socket.socket(socket.AF_UNIX)
s.bind('deaf.sock')
s.listen()
time.sleep(60)"
	yes | head -c 4M >big
	for options in '' '-F line'; do
		# shellcheck disable=SC2086 # words
		background ipcctl sock connect $options deaf.sock <big
		wait_until is_in_syscall "$BG_PID" poll
		kill -TERM "$BG_PID"
		finish
		assert_equal "$status" 143
		assert_regex "$stderr" "[1-9][0-9]* (bytes|records|record)[^\n]* read from standard input and not sent"
	done
}
