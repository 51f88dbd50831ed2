# sock: datagrams, messages that keep their boundaries, broadcasts, recordings and descriptors that are passed.
# shellcheck disable=SC2034 # stderr is what run sets

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	S=$BATS_TEST_TMPDIR/s
}

has_lines() { # FILE NUMBER
	[ "$(wc -l <"$1")" -ge "$2" ]
}

says() { # FILE TEXT
	grep -qF -- "$2" "$1"
}

# With the one it listens on.
has_sockets() { # PID NUMBER
	[ "$(find "/proc/$1/fd" -lname 'socket:*' | wc -l)" -ge "$2" ]
}

# A client in Python; accepted(N) waits until the server has N: a, b … are sockets of the type, connected to S, or with "bound" bound to names of their own.
python() { # CODE
	S=$S SERVER=${SERVER-} timeout 20 "$PYTHON" -c "
import array, os, socket, sys, time
S = os.environ['S'].encode()
S = b'\\0' + S[1:] if S[:1] == b'@' else S
def connected(type):
    s = socket.socket(socket.AF_UNIX, type)
    s.settimeout(10)
    s.connect(S)
    return s
def bound(name=''):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.settimeout(10)
    s.bind(name)
    return s
def accepted(n):
    fds = '/proc/' + os.environ['SERVER'] + '/fd/'
    def is_socket(fd):
        try:
            return os.readlink(fds + fd).startswith('socket:')
        except OSError:
            return False
    while sum(map(is_socket, os.listdir(fds))) < n + 1: # with the one that listens
        time.sleep(0.01)
STREAM, DGRAM, SEQPACKET = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET
$1"
}

# --- datagrams -------------------------------------------------------------------------------

@test "datagrams are printed as lines, and what systemd-notify sends is one" {
	require systemd-notify
	serve --type dgram "$S"
	run -0 env NOTIFY_SOCKET="$S" systemd-notify --ready --pid=$$
	wait_until has_lines "$SERVER_OUT" 3
	stop
	[ "$status" -eq 0 ]
	grep -qx READY=1 "$SERVER_OUT"
	grep -qx "MAINPID=$$" "$SERVER_OUT"
	[ ! -e "$S" ]
}

@test "systemd-notify reaches an abstract address too, and its barrier does not wait in vain" {
	require systemd-notify
	serve --type dgram -J "@ipcctl.$$"
	run -0 env NOTIFY_SOCKET="@ipcctl.$$" systemd-notify --ready
	wait_until has_lines "$SERVER_OUT" 2
	stop
	[ "$status" -eq 0 ]
	run -0 jq -r '.data, .size' <"$SERVER_OUT"
	assert_line --index 0 READY=1
	assert_line --index 1 7
}

@test "each datagram keeps its boundaries, and -F netstring what a line can't hold" {
	serve --type dgram -F netstring "$S"
	python "
s = connected(DGRAM)
for m in (b'one', b'', b'two\nlines', bytes(range(256))):
    s.send(m)"
	wait_until grep -q 256: "$SERVER_OUT"
	stop
	[ "$status" -eq 0 ]
	python "
want = b'3:one,0:,9:two\nlines,256:' + bytes(range(256)) + b','
assert open('$SERVER_OUT', 'rb').read() == want"
}

@test "a message that holds a newline is told once" {
	serve --type dgram "$S"
	python "
s = connected(DGRAM)
s.send(b'a\nb')
s.send(b'c\nd')"
	wait_until has_lines "$SERVER_OUT" 4
	stop
	[ "$(grep -c 'holds the newline' "$SERVER_ERR")" -eq 1 ]
}

@test "a large datagram is whole, and not cut" {
	serve --type dgram -F netstring "$S"
	python "
s = connected(DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
s.send(b'x' * 200000)"
	wait_until grep -q , "$SERVER_OUT"
	stop
	[ "$(wc -c <"$SERVER_OUT")" -eq 200008 ]
}

@test "sock serve --type dgram --echo answers whoever has an address, in order, however many it is" {
	serve --type dgram --echo "$S"
	python "
a, b = bound(), bound('$BATS_TEST_TMPDIR/b')
n = 0
for i in range(300):
    a.sendto(b'%d' % i, S)
    if i % 30 == 0:
        b.sendto(b'b%d' % i, S)
        assert b.recv(99) == b'b%d' % i
    if i % 10 == 9:
        for k in range(10):
            assert a.recv(99) == b'%d' % n
            n += 1
socket.socket(socket.AF_UNIX, DGRAM).sendto(b'nobody', S)"
	wait_until says "$SERVER_ERR" "sender has no address"
	stop
	[ "$status" -eq 0 ]
}

@test "a client that never reads its answers holds no other" {
	serve --type dgram --echo "$S"
	python "
a, b = bound(), bound()
for i in range(500):
    a.sendto(b'x' * 1000, S)
b.sendto(b'quick', S)
assert b.recv(99) == b'quick'"
	stop
	[ "$status" -eq 0 ]
}

@test "a handler runs for each datagram, gets it as input, and what it prints is the answer" {
	serve --type dgram "$S" sh -c 'tr a-z A-Z; echo " $PROTO $IPCREMOTEEUID $IPCREMOTEPID"'
	python "
a = bound()
a.sendto(b'hello', S)
assert a.recv(99) == b'HELLO IPC %d %d\n' % (os.getuid(), os.getpid()), 'answer'"
	python "socket.socket(socket.AF_UNIX, DGRAM).sendto(b'nobody', S)"
	wait_until says "$SERVER_OUT" NOBODY
	stop
	[ "$status" -eq 0 ]
}

@test "as many handlers run at once as --max says, and every datagram is served" {
	cat >handler <<-'END'
		#!/bin/bash
		mkdir "$PWD/running.$$"
		ls -d running.* | wc -l >>most
		cat
		rmdir "$PWD/running.$$"
	END
	chmod +x handler
	serve --type dgram --max 3 "$S" ./handler
	python "
a = bound()
for i in range(60):
    a.sendto(b'%d' % i, S)
    if i >= 9:
        a.recv(99)
got = {a.recv(99) for i in range(9)}"
	stop
	[ "$status" -eq 0 ]
	[ "$(wc -l <most)" -eq 60 ]
	[ "$(sort -n most | tail -n 1)" -le 3 ]
}

@test "a handler of a datagram that runs at SIGTERM still answers, and a second signal ends it" {
	mkfifo go
	serve --type dgram "$S" sh -c 'read -r go <go; cat'
	background env S="$S" "$PYTHON" -c "
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('')
s.sendto(b'late', os.environ['S'])
print(s.recv(99))"
	local client=$BG_PID out=$BG_OUT
	exec 7>go # opens when the handler runs
	kill -TERM "$SERVER"
	wait_until test ! -e "$S"
	echo >&7
	exec 7>&-
	finish "$SERVER"
	[ "$status" -eq 0 ]
	finish "$client"
	grep -q late "$out"
	serve --type dgram "$S" sh -c 'echo running >&2; sleep 1000'
	python "connected(DGRAM).send(b'x')"
	wait_until says "$SERVER_ERR" running
	kill -TERM "$SERVER"
	wait_until test ! -e "$S"
	sleep 0.6 # two signals half a second apart are two
	kill -TERM "$SERVER"
	finish "$SERVER"
}

@test "datagrams are judged one by one, and what is refused is told" {
	require_root
	S=/tmp/$$.d
	serve --type dgram -m 0666 --deny "uid=$TESTER" --allow all "$S"
	python "connected(DGRAM).send(b'mine')"
	S=$S as_user "$PYTHON" -c "
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(b'theirs', os.environ['S'])"
	python "connected(DGRAM).send(b'mine again')"
	wait_until has_lines "$SERVER_OUT" 2
	stop
	run -0 cat "$SERVER_OUT"
	assert_output "mine
mine again"
	grep -q "refused user .*$TESTER.*: --deny uid=$TESTER" "$SERVER_ERR"
}

@test "an abstract datagram socket admits the server's own user alone" {
	require_root
	serve --type dgram "@ipcctl.d.$$"
	S=@ipcctl.d.$$ python "connected(DGRAM).send(b'mine')"
	as_user "$PYTHON" -c "
import socket
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'theirs', b'\\0ipcctl.d.$$')"
	wait_until says "$SERVER_ERR" "only the server's own user is admitted"
	stop
	run -0 cat "$SERVER_OUT"
	assert_output mine
}

@test "the sender of a datagram is asked for before one can come" {
	require strace
	for address in "$S" "@ipcctl.early.$$"; do
		ASAN_OPTIONS=detect_leaks=0 run -4 strace -f -qq -e trace=setsockopt,bind -o trace ipcctl sock serve --type dgram --nonblock "$address"
		grep -oE '^[0-9]+ +(setsockopt.*SO_PASSCRED|bind)' trace | head -n 1 | grep -q SO_PASSCRED
	done
}

@test "datagrams that wait when the server is asked to end are still taken" {
	serve --type dgram "$S"
	kill -STOP "$SERVER"
	python "
s = connected(DGRAM)
for i in range(5):
    s.send(b'%d' % i)"
	kill -TERM "$SERVER"
	kill -CONT "$SERVER"
	finish "$SERVER"
	[ "$status" -eq 0 ]
	run -0 cat "$SERVER_OUT"
	assert_output "0
1
2
3
4"
}

@test "sock serve --type dgram --once takes one datagram and ends" {
	serve --type dgram --once "$S"
	python "connected(DGRAM).send(b'one')"
	finish "$SERVER"
	[ "$status" -eq 0 ]
	run -0 cat "$SERVER_OUT"
	assert_output one
}

@test "standard output that nobody reads ends the server, and one that stops holds only what comes" {
	mkfifo out
	exec 7<>out
	: >ready
	background bash -c "exec ipcctl sock serve --type dgram --ready-fd 5 '$S' >out 5>ready"
	SERVER=$BG_PID SERVER_ERR=$BG_ERR
	wait_until is_ready
	# More than the FIFO, the window and the socket hold: the sender has to wait, and a signal still ends the server.
	background env S="$S" "$PYTHON" -c "
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ['S'])
while True:
    s.send(b'x' * 10000)"
	wait_until is_in_syscall "$BG_PID" sendto
	kill -TERM "$SERVER"
	wait_until test ! -e "$S"
	sleep 0.6 # two signals half a second apart are two
	kill -TERM "$SERVER"
	finish "$SERVER"
	[ "$status" -eq 1 ]
	grep -q 'bytes that were received are lost' "$SERVER_ERR"
	exec 7>&-
}

# --- messages --------------------------------------------------------------------------------

@test "seqpacket keeps boundaries when it prints, empty messages included" {
	serve --type seqpacket -F netstring "$S"
	python "
a, b = connected(SEQPACKET), connected(SEQPACKET)
a.send(b'one')
a.send(b'')
a.send(b'x' * 100000)
a.close()"
	wait_until grep -q 100000: "$SERVER_OUT"
	stop
	python "assert open('$SERVER_OUT', 'rb').read() == b'3:one,0:,100000:' + b'x' * 100000 + b','"
}

@test "seqpacket keeps boundaries with --echo" {
	serve --type seqpacket --echo "$S"
	python "
a = connected(SEQPACKET)
for i in range(200):
    a.send(b'x' * (i * 37 % 5000))
    assert len(a.recv(9999)) == i * 37 % 5000
a.send(b'')
a.send(b'last')
a.shutdown(socket.SHUT_WR)
assert a.recv(99) == b''
assert a.recv(99) == b'last'
assert a.recv(99) == b''"
	stop
	[ "$status" -eq 0 ]
}

@test "a handler of a seqpacket server has the connection itself" {
	serve --type seqpacket "$S" "$PYTHON" -c "
import socket
s = socket.socket(fileno=0)
assert s.type == socket.SOCK_SEQPACKET
while (m := s.recv(99)):
    s.send(m[::-1])"
	python "
a = connected(SEQPACKET)
a.send(b'abc')
a.send(b'de')
assert a.recv(99) == b'cba'
assert a.recv(99) == b'ed'"
	stop
	[ "$status" -eq 0 ]
}

@test "what a handler of a seqpacket server did not read, empty messages included, costs no answer" {
	serve --type seqpacket "$S" sh -c 'until [ -e sent ]; do sleep 0.01; done; echo answer'
	python "
import select
a = connected(SEQPACKET)
for m in (b'', b'', b'unread'):
    a.send(m)
open('sent', 'w').close()
p = select.poll()
p.register(a, select.POLLRDHUP)
p.poll()
assert a.recv(99) == b'answer\\n'
assert a.recv(99) == b''"
	stop
	[ "$status" -eq 0 ]
}

# --- broadcasts ------------------------------------------------------------------------------

@test "sock serve --broadcast sends standard input to 50 clients, and ends when they have it" {
	mkfifo in
	exec 7<>in
	serve --broadcast -F line "$S" <in
	for i in {1..50}; do
		background socat -u "UNIX:$S" "CREATE:got.$i" 7>&-
	done
	wait_until has_sockets "$SERVER" 51
	seq 20000 >&7
	exec 7>&-
	finish "$SERVER"
	[ "$status" -eq 0 ]
	seq 20000 >want
	for i in {1..50}; do
		wait_until cmp -s want "got.$i"
	done
}

@test "a client that has stopped does not hold the others with --slow drop, and misses whole records" {
	mkfifo in
	exec 7<>in
	serve --broadcast -F line --slow drop "$S" <in
	python "
import subprocess
slow, quick = connected(STREAM), connected(STREAM)
accepted(2)
lines = [b'%07d' % i + b'x' * 1000 + b'\n' for i in range(30000)]
feeder = subprocess.Popen([sys.executable, '-c', '''
import sys
for i in range(30000):
    sys.stdout.buffer.write(b\"%07d\" % i + b\"x\" * 1000 + b\"\\\\n\")
'''], stdout=7)
got = quick.makefile('rb')
for want in lines:
    line = got.readline()
    # one that reads all the time may miss records where the machine is slow, but gets whole ones
    assert line in lines[-1:] or len(line) == 1008, line
    if line == lines[-1]:
        break
os.close(7)
rest = slow.makefile('rb')
n = last = 0
while n < 100:
    line = rest.readline()
    assert len(line) == 1008 and (n == 0 or int(line[:7]) > last)
    last = int(line[:7])
    n += 1
slow.close()
quick.close()" 7>&7
	exec 7>&-
	finish "$SERVER"
	[ "$status" -eq 0 ]
	grep -q 'was slow and missed [0-9]* records' "$SERVER_ERR"
}

@test "with --slow close a client that has stopped is closed, and the others go on" {
	mkfifo in
	exec 7<>in
	serve --broadcast --slow close -F line "$S" <in
	python "
slow, quick = connected(STREAM), connected(STREAM)
accepted(2)
import threading
def feed():
    with os.fdopen(os.dup(7), 'wb') as f:
        for i in range(20000):
            f.write(b'x' * 1000 + b'\n')
            f.flush()
            if i % 100 == 99:
                step.acquire()
step = threading.Semaphore(0)
threading.Thread(target=feed, daemon=True).start()
got = quick.makefile('rb')
for i in range(20000):
    assert len(got.readline()) == 1001
    if i % 100 == 99:
        step.release()
n = 0
while (data := slow.recv(1 << 20)):
    n += len(data)
assert n < 20000 * 1001" 7>&7
	wait_until says "$SERVER_ERR" "was too slow and is closed"
	stop
	exec 7>&-
	[ "$status" -eq 0 ]
}

@test "without --slow the slowest client decides, and everybody gets every byte" {
	head -c 20000000 /dev/urandom >in
	serve --broadcast "$S" <in
	python "
import subprocess
slow = connected(STREAM)
quick = subprocess.Popen(['socat', '-u', 'UNIX:' + S.decode(), 'CREATE:quick'])
accepted(2)
data = bytearray()
while (more := slow.recv(1 << 16)):
    data += more
open('slow', 'wb').write(data)
assert quick.wait(10) == 0"
	finish "$SERVER"
	[ "$status" -eq 0 ]
	cmp in slow
	# It came behind the first: what it has is the end.
	cmp quick <(tail -c "$(stat -c %s quick)" in)
}

@test "a client that comes late begins with a whole record" {
	mkfifo in
	exec 7<>in
	serve --broadcast -F netstring "$S" <in
	python "
first = connected(STREAM)
os.write(7, b'5:first,6:sec')
assert first.recv(99) == b'5:first,'
late = connected(STREAM)
accepted(2)
os.write(7, b'ond,5:third,')
def read(s, n):
    data = b''
    while len(data) < n:
        data += s.recv(n - len(data))
    return data
assert read(first, 17) == b'6:second,5:third,'
assert read(late, 17) == b'6:second,5:third,'" 7>&7
	exec 7>&-
	finish "$SERVER"
	[ "$status" -eq 0 ]
}

@test "to seqpacket clients each record is a message" {
	printf 'one\n\nthree\n' >in
	serve --type seqpacket --broadcast "$S" <in
	python "
a = connected(SEQPACKET)
assert [a.recv(99) for i in range(4)] == [b'one', b'', b'three', b'']"
	finish "$SERVER"
	[ "$status" -eq 0 ]
}

@test "a client that has closed its sending side still gets all of a broadcast" {
	seq 100000 >in
	serve --broadcast "$S" <in
	python "
a = connected(STREAM)
a.send(b'what I say is for nobody')
a.shutdown(socket.SHUT_WR)
data = b''
while (more := a.recv(1 << 16)):
    data += more
open('got', 'wb').write(data)"
	cmp in got
	finish "$SERVER"
	[ "$status" -eq 0 ]
}

@test "a broadcast whose input is malformed says where, and what was sent to nobody" {
	printf '3:one,x' >in
	serve --broadcast -F netstring "$S" <in
	python "
a = connected(STREAM)
assert a.recv(99) == b'3:one,'
assert a.recv(99) == b''"
	finish "$SERVER"
	[ "$status" -eq 1 ]
	grep -q 'standard input: record 2' "$SERVER_ERR"
	grep -q '1 bytes of standard input were sent to nobody' "$SERVER_ERR"
}

@test "a broadcast that is asked to end still delivers what it has read" {
	mkfifo in
	exec 7<>in
	serve --broadcast -F line "$S" <in
	python "
import signal
a = connected(STREAM)
os.write(7, b'x' * 500000 + b'\n')
assert a.recv(1, socket.MSG_PEEK)
os.kill($SERVER, signal.SIGTERM)
n = 0
while (data := a.recv(1 << 16)):
    n += len(data)
assert n == 500001, n" 7>&7
	exec 7>&-
	finish "$SERVER"
	[ "$status" -eq 0 ]
}

@test "a broadcast whose input has ended ends also when nobody is there any more" {
	mkfifo in
	exec 7<>in
	serve --broadcast "$S" <in
	python "
a = connected(STREAM)
os.write(7, b'x')
assert a.recv(9) == b'x'" 7>&7
	exec 7>&-
	finish "$SERVER"
	[ "$status" -eq 0 ]
}

# --- relays ----------------------------------------------------------------------------------

# Starts a relay likewise. RELAY is its process, RELAY_OUT and RELAY_ERR its output.
relay() { # ARGUMENT...
	: >"$BATS_TEST_TMPDIR/relay-ready"
	background ipcctl sock relay --ready-fd 5 "$@" 5>"$BATS_TEST_TMPDIR/relay-ready" 7>&-
	RELAY=$BG_PID RELAY_OUT=$BG_OUT RELAY_ERR=$BG_ERR
	wait_until test -s "$BATS_TEST_TMPDIR/relay-ready"
}

stop_relay() {
	kill -TERM "$RELAY"
	finish "$RELAY"
}

redis_session() { # SOCKET
	for command in "set key value" "get key" "append key -more" "lrange none 0 -1" "get none" "nonsense" "info server"; do
		# shellcheck disable=SC2086 # words of a command
		redis-cli -s "$1" $command || return
	done
	printf 'rpush list a b c\nlrange list 0 -1\ndebug sleep 0\n' | redis-cli -s "$1"
}

@test "what redis-cli and redis-server said is played back by sock serve --replay" {
	require redis-server redis-cli
	background redis-server --port 0 --unixsocket "$PWD/redis.s" --save '' --dir "$PWD"
	wait_until redis-cli -s redis.s ping
	relay --dump json front.s redis.s
	redis_session front.s >answers
	stop_relay
	[ "$status" -eq 0 ]
	jq -es 'all(.[]; .connection >= 1 and .time and (.event | IN("connect", "data", "end", "close")))' <"$RELAY_OUT"
	[ "$(jq -s '[.[] | select(.event == "close")] | length' <"$RELAY_OUT")" -eq 8 ]
	serve --replay "$RELAY_OUT" "$S"
	redis_session "$S" >replayed
	finish "$SERVER"
	[ "$status" -eq 0 ]
	cmp answers replayed
	[ ! -s "$SERVER_ERR" ]
	[ -s answers ]
}

@test "a client that says something else than was recorded is served, and told with the byte" {
	printf '%s\n' '{"connection":1,"event":"data","from":"client","data":"PING"}' \
		'{"connection":1,"event":"data","from":"server","data":"PONG"}' \
		'{"connection":2,"event":"data","from":"server","data_base64":"/wA="}' >recording
	serve --replay recording "$S"
	python "
a = connected(STREAM)
a.send(b'PI')
a.send(b'XG')
assert a.recv(99) == b'PONG'
assert a.recv(99) == b''
b = connected(STREAM)
assert b.recv(99) == b'\\xff\\0'"
	finish "$SERVER"
	[ "$status" -eq 1 ]
	grep -q 'client 1 sent something else than connection 1 of the recording from byte 2 on' "$SERVER_ERR"
}

@test "a recording that is malformed is pointed at, and one that is missing is told" {
	printf '{"connection":1,"event":"connect"}\n\n{"connection":1,"event":"data"}\n' >recording
	run -1 ipcctl sock serve --replay recording "$S"
	assert_output 'ipcctl sock serve: recording:3: "from" must be "client" or "server"'
	run -3 ipcctl sock serve --replay nothing "$S"
	: >empty
	run -1 ipcctl sock serve --replay empty "$S"
	assert_output --partial "it has no connection"
	[ ! -e "$S" ]
}

@test "sock relay --dump hex shows both directions, and passes every byte" {
	serve --echo "$S"
	relay --dump hex --once front.s "$S"
	S=front.s python "
a = connected(STREAM)
a.send(b'hello\\0\\n0123456789')
assert a.recv(99) == b'hello\\0\\n0123456789'"
	finish "$RELAY"
	[ "$status" -eq 0 ]
	grep -qxF '#1 > 00000000  68 65 6c 6c 6f 00 0a 30  31 32 33 34 35 36 37 38  |hello..012345678|' "$RELAY_OUT"
	grep -qxF '#1 < 00000010  39                                                |9|' "$RELAY_OUT"
	grep -q '^#1 > .* 17 bytes$' "$RELAY_OUT"
	grep -q '^#1 > .* end$' "$RELAY_OUT"
	grep -q '^#1   .* close$' "$RELAY_OUT"
}

@test "a large transfer through a relay that is recorded is whole, and so is the recording" {
	head -c 20000000 /dev/urandom >data
	serve --once "$S"
	relay --dump json --once front.s "$S"
	ipcctl sock connect front.s <data
	finish "$SERVER"
	cmp data "$SERVER_OUT"
	finish "$RELAY"
	[ "$status" -eq 0 ]
	jq -r 'select(.event == "data") | .data_base64' <"$RELAY_OUT" | while read -r line; do base64 -d <<<"$line"; done | cmp - data
}

@test "a relay whose dump can't be written ends, and says so" {
	serve --echo "$S"
	: >relay-ready
	background bash -c "exec ipcctl sock relay --ready-fd 5 --dump json front.s '$S' >/dev/full 5>relay-ready"
	wait_until test -s relay-ready
	S=front.s python "
a = connected(STREAM)
try:
    a.send(b'x')
    assert a.recv(99) == b''
except ConnectionError:
    pass"
	finish
	[ "$status" -eq 1 ]
	grep -q 'cannot write the dump: No space left on device' "$BG_ERR"
	[ ! -e front.s ]
}

@test "a dump that nobody reads holds the relay, and a signal still ends it" {
	serve --echo "$S"
	mkfifo out
	exec 7<>out
	: >relay-ready
	background bash -c "exec ipcctl sock relay --ready-fd 5 --dump json front.s '$S' >out 5>relay-ready 7>&-"
	RELAY=$BG_PID RELAY_ERR=$BG_ERR
	wait_until test -s relay-ready
	background env S=front.s "$PYTHON" -c "
import socket
s = socket.socket(socket.AF_UNIX)
s.connect('front.s')
while True:
    s.send(b'x' * 100000)"
	wait_until is_in_syscall "$BG_PID" sendto
	kill -TERM "$RELAY"
	wait_until test ! -e front.s
	sleep 0.6 # two signals half a second apart are two
	kill -TERM "$RELAY"
	finish "$RELAY"
	[ "$status" -eq 1 ]
	grep -q 'of the dump could not be written' "$RELAY_ERR"
	exec 7>&-
}

# A server in Python that answers with what it reads from the descriptors that it gets.
reader_of_descriptors() { # TYPE
	background "$PYTHON" -u -c "
import array, os, socket
s = socket.socket(socket.AF_UNIX, socket.$1)
s.bind('$S')
if socket.$1 != socket.SOCK_DGRAM:
    s.listen()
print('ready')
c = s if socket.$1 == socket.SOCK_DGRAM else s.accept()[0]
data, fds, flags, address = socket.recv_fds(c, 99, 9)
answer = data + b''.join(b' ' + os.read(fd, 99) for fd in fds)
c.sendto(answer, address) if address else c.send(answer)"
	wait_until has_lines "$BG_OUT" 1
}

@test "sock relay --pass-fds passes open files on, and without it they are closed" {
	echo -n first >first
	echo -n second >second
	for type in SOCK_STREAM SOCK_SEQPACKET SOCK_DGRAM; do
		name=${type#SOCK_} name=${name,,}
		rm -f "$S"
		reader_of_descriptors "$type"
		relay --type "$name" --pass-fds front.s "$S"
		count=$(find "/proc/$RELAY/fd" -mindepth 1 | wc -l)
		S=front.s python "
a = bound() if '$name' == 'dgram' else connected(socket.$type)
a.connect(S)if '$name' == 'dgram' else 0
fds = [os.open(name, os.O_RDONLY) for name in ('first', 'second')]
socket.send_fds(a, [b'files:'], fds)
answer = a.recv(99)
assert answer == b'files: first second', answer"
		[ "$(find "/proc/$RELAY/fd" -mindepth 1 | wc -l)" -le $((count + 4)) ]
		stop_relay
		[ "$status" -eq 0 ]
	done
	rm -f "$S"
	reader_of_descriptors SOCK_STREAM
	relay front.s "$S"
	S=front.s python "
a = connected(STREAM)
socket.send_fds(a, [b'files:'], [0])
assert a.recv(99) == b'files:'"
	stop_relay
}

@test "a relay of seqpacket keeps boundaries both ways, and its recording has them" {
	serve --type seqpacket --echo "$S"
	relay --type seqpacket --dump json front.s "$S"
	S=front.s python "
a = connected(SEQPACKET)
for size in (1, 0, 5000, 100000, 3):
    a.send(b'x' * size)
    assert len(a.recv(1 << 20)) == size"
	run -0 ipcctl sock connect front.s one '' three
	assert_output 'one

three'
	stop_relay
	[ "$status" -eq 0 ]
	[ "$(jq -c 'select(.connection == 1 and .from == "server" and .event == "data") | .size' <"$RELAY_OUT" | paste -sd' ')" = '1 0 5000 100000 3' ]
	stop
	serve --type seqpacket --replay "$RELAY_OUT" "$S"
	python "
a = connected(SEQPACKET)
for size in (1, 0, 5000, 100000, 3):
    a.send(b'x' * size)
    assert len(a.recv(1 << 20)) == size
a.close()"
	run -0 ipcctl sock connect "$S" one '' three
	finish "$SERVER"
	[ "$status" -eq 0 ]
}

@test "a relay of datagrams brings the answers back to each sender" {
	serve --type dgram --echo "$S"
	relay --type dgram --dump json front.s "$S"
	S=front.s python "
many = [bound() for i in range(20)]
for n in range(10):
    for i, s in enumerate(many):
        s.sendto(b'%d from %d' % (n, i), S)
    for i, s in enumerate(many):
        assert s.recv(99) == b'%d from %d' % (n, i)
big = bound()
big.sendto(b'x' * 150000, S)
assert big.recv(1 << 20) == b'x' * 150000"
	run -0 ipcctl sock connect --replies 2 front.s one two
	assert_output 'one
two'
	stop_relay
	[ "$status" -eq 0 ]
	[ "$(jq -s '[.[] | select(.from == "server")] | length' <"$RELAY_OUT")" -eq 203 ]
	[ "$(jq -s '[.[] | select(.event == "connect")] | length' <"$RELAY_OUT")" -eq 22 ]
}

@test "a relay of datagrams whose server was started anew goes on, and none is lost while it is slow" {
	serve --type dgram "$S"
	relay --type dgram front.s "$S"
	S=front.s python "connected(DGRAM).send(b'before')"
	wait_until has_lines "$SERVER_OUT" 1
	stop
	serve --type dgram "$S"
	kill -STOP "$SERVER"
	background env S=front.s "$PYTHON" -c "
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect('front.s')
for i in range(200):
    s.send(b'%d' % i)"
	wait_until is_in_syscall "$BG_PID" sendto
	kill -CONT "$SERVER"
	finish
	[ "$status" -eq 0 ]
	wait_until has_lines "$SERVER_OUT" 200
	seq 0 199 | cmp - "$SERVER_OUT"
	stop_relay
	[ ! -s "$RELAY_ERR" ]
}

@test "sock relay tells options that can't be together" {
	run -2 ipcctl sock relay --pass-fds tcp:localhost:7301 "$S"
	run -2 ipcctl sock relay --type dgram front.s tcp:localhost:7301
}

# --- a request and its acknowledgement -------------------------------------------------------

# Each address with what Python calls it: FAMILY, ADDRESS as sock has it, ADDRESS as Python has it.
endpoints() {
	printf '%s\n' "AF_UNIX $S '$S'" "AF_UNIX @ack.$$ '\\0ack.$$'" "AF_INET tcp:127.0.0.1:7301 ('127.0.0.1',7301)" \
		"AF_INET6 tcp:[::1]:7301 ('::1',7301)"
}

@test "ipcctl sends a request to a Python server and prints its acknowledgement, over Unix and TCP, IPv4 and IPv6" {
	while read -r family address theirs; do
		background "$PYTHON" -u -c "
import socket
s = socket.socket(socket.$family)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind($theirs)
s.listen()
print('ready')
for i in range(2):
    c = s.accept()[0].makefile('rw')
    request = c.readline()
    c.write('ACK ' + request)
    c.flush()
    assert c.readline() == ''
    c.close()"
		wait_until has_lines "$BG_OUT" 1
		run -0 --separate-stderr ipcctl sock connect -t 10s "$address" 'job 17'
		[ "$output" = 'ACK job 17' ]
		run -0 --separate-stderr ipcctl sock connect -t 10s "$address" <<<'job 18'
		[ "$output" = 'ACK job 18' ]
		finish
		[ "$status" -eq 0 ]
	done < <(endpoints)
}

@test "a Python client sends a request to ipcctl and reads its acknowledgement, over Unix and TCP, IPv4 and IPv6" {
	while read -r family address theirs; do
		serve "$address" sh -c 'read -r request && echo "ACK $request"'
		run -0 "$PYTHON" -c "
import socket
s = socket.socket(socket.$family)
s.settimeout(10)
s.connect($theirs)
c = s.makefile('rw')
c.write('job 17\\n')
c.flush()
print(c.read(), end='')"
		assert_output 'ACK job 17'
		stop
		[ "$status" -eq 0 ]
	done < <(endpoints)
}

@test "a request and its acknowledgement as datagrams, and as messages" {
	serve --type dgram "$S" sh -c 'printf "ACK %s" "$(cat)"'
	run -0 ipcctl sock connect -t 10s --replies 1 "$S" 'job 17'
	assert_output 'ACK job 17'
	stop
	serve --type seqpacket --echo "$S"
	run -0 ipcctl sock connect -t 10s "$S" 'job 18' '' 'job 19'
	assert_output 'job 18

job 19'
	stop
}

# --- options ---------------------------------------------------------------------------------

@test "options of sock serve that contradict each other are told" {
	run -2 ipcctl sock serve --broadcast --type dgram "$S"
	assert_output --partial "can't subscribe"
	run -2 ipcctl sock serve --broadcast --slow drop "$S"
	assert_output --partial "would tear"
	run -2 ipcctl sock serve --slow drop "$S"
	assert_output --partial "--slow needs --broadcast"
	run -2 ipcctl sock serve --broadcast --echo "$S"
	assert_output --partial "contradict each other"
	run -2 ipcctl sock serve --replay x --type dgram "$S"
	assert_output --partial "datagrams have none"
	run -2 ipcctl sock serve --replay x "$S" cat
	run -2 ipcctl sock serve --type dgram -F line --echo "$S"
	run -1 ipcctl sock serve --type dgram tcp:localhost:7011
	assert_output --partial "another type"
}
