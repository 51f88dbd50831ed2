# What crosses the commands' borders: hostile clients and peers, kills at any moment, limits, and outputs that fail.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# Starts a server in the background and waits until clients may come: serve OPTION... ADDRESS [HANDLER...]
serve() {
	rm -f ready
	mkfifo ready
	# The test holds the FIFO open, so that opening it waits for nobody.
	exec {READY}<>ready
	background ipcctl sock serve --ready-fd 9 "$@" 9>ready
	read -r -t 10 -u "$READY"
	exec {READY}<&-
}

# What is in the directory that no test here has made.
left() {
	find . -mindepth 1 \( -name '.ipcctl*' -o -type s \)
}

@test "a server at its limit of open files, told to end, still takes its path with it" {
	[ -x "$PYTHON" ] || skip "needs $PYTHON"
	limit=$(ulimit -Sn)
	ulimit -Sn 16
	serve ./s /bin/cat
	ulimit -Sn "$limit"
	server=$BG_PID messages=$BG_ERR
	background "$PYTHON" -c 'if True:
		import socket, signal
		clients = [socket.socket(socket.AF_UNIX) for i in range(20)]
		for c in clients:
		    c.connect("s")
		signal.pause()'
	wait_until grep -q "Too many open files" "$messages"
	kill -TERM "$server"
	wait_until test ! -e s
	kill -KILL "$BG_PID" # the clients', whose programs end then
	status=0
	wait "$server" || status=$?
	assert_equal "$status" 0
	assert_equal "$(left)" ""
}

@test "sock connect says so when a server that ended its answer goes without reading what was sent" {
	[ -x "$PYTHON" ] || skip "needs $PYTHON"
	mkfifo input
	exec {INPUT}<>input
	# The input goes on, so nothing but the server can end the client.
	unread() { # ADDRESS PYTHON-SOCKET [OPTION...]
		local address=$1
		background "$PYTHON" -c "if True:
			import socket
			s = $2
			s.listen()
			print('ready', flush=True)
			c, _ = s.accept()
			c.sendall(b'bye\\n')
			c.shutdown(socket.SHUT_WR)
			c.recv(1, socket.MSG_PEEK)
			c.close()"
		wait_until grep -q ready "$BG_OUT"
		background ipcctl sock connect "${@:3}" "$address" <input
		# Only now: it has seen the end of the answer already.
		wait_until grep -q bye "$BG_OUT"
		wait_until is_in_syscall "$BG_PID" poll
		echo hello >input
		finish
		assert_equal "$status" 1
		assert_equal "$output" bye
		[[ $stderr = *"cannot send to socket '$address'"* ]]
		[ $# -gt 2 ] || [[ $stderr = *"6 bytes were sent, and not all of them need to have been read"* ]]
		rm -f s
	}
	unread ./s "socket.socket(socket.AF_UNIX); s.bind('s')"
	unread ./s "socket.socket(socket.AF_UNIX); s.bind('s')" -F line
	unread tcp:127.0.0.1:7001 "socket.create_server(('127.0.0.1', 7001))"
}

@test "messages that came before a server went without reading all are printed, and then it is told" {
	[ -x "$PYTHON" ] || skip "needs $PYTHON"
	background "$PYTHON" -c "if True:
		import os, signal, socket, struct
		s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		s.bind('s')
		s.listen()
		c, _ = s.accept()
		c.recv(99)
		c.recv(99, socket.MSG_PEEK)
		# The client finds the answers and the reset together.
		client = struct.unpack('3i', c.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
		os.kill(client, signal.SIGSTOP)
		c.send(b'answer')
		c.send(b'')
		c.send(b'last')
		c.close()
		os.kill(client, signal.SIGCONT)"
	run -1 --separate-stderr ipcctl sock connect --wait -t 10s ./s one two
	assert_equal "$output" $'answer\n\nlast'
	[[ $stderr = *"cannot send to socket './s': Connection reset by peer"* ]]
}

@test "a report to a FIFO that nobody reads is refused at once, and one that is read arrives" {
	mkfifo report
	run -125 ipcctl pipe --report report touch ran :: cat
	assert_output "ipcctl pipe: cannot write report 'report': No such device or address"
	assert [ ! -e ran ]
	background cat report
	# The reader has the FIFO open only when a writer has come.
	wait_until ipcctl pipe --report report true :: true
	finish
	[[ $output = *'"shape": "chain"'* ]]
}

@test "sock serve -F keeps the records of clients of a stream apart, and closes one that sends none" {
	[ -x "$PYTHON" ] || skip "needs $PYTHON"
	serve -F netstring ./s
	server=$BG_PID out=$BG_OUT err=$BG_ERR
	"$PYTHON" - <<-'END'
		import socket
		a, b, bad, short = (socket.socket(socket.AF_UNIX) for i in range(4))
		for c in a, b, bad, short:
		    c.connect("s")
		# By turns, a byte at a time.
		for x, y in zip(b"7:first a,0:,8:second a,", b"7:first b,1:\n,7:last b!,"):
		    a.send(bytes([x]))
		    b.send(bytes([y]))
		bad.send(b"4:good,no netstring")
		assert bad.recv(1) == b""
		short.send(b"9:half")
		short.shutdown(socket.SHUT_WR)
		assert short.recv(1) == b""
	END
	wait_until grep -q 'second a,' "$out"
	wait_until grep -q 'last b!,' "$out"
	kill -TERM "$server"
	status=0
	wait "$server" || status=$?
	assert_equal "$status" 0
	run -0 "$PYTHON" -c "
records, text = [], open('$out', 'rb').read()
while text:
    n, _, text = text.partition(b':')
    records.append(text[:int(n)].decode())
    text = text[int(n) + 1:]
a = [r for r in records if r in ('first a', '', 'second a')]
b = [r for r in records if r in ('first b', '\n', 'last b!')]
assert a == ['first a', '', 'second a'] and b == ['first b', '\n', 'last b!'], records
assert sorted(records) == sorted(a + b + ['good']), records"
	run -0 cat "$err"
	assert_line "ipcctl sock serve: client 3 is closed: record 2: expected the length of a netstring, at byte 7"
	assert_line "ipcctl sock serve: client 4 is closed: record 1: the input ends within it, 6 bytes are left over"
	assert_equal "${#lines[@]}" 2
}

@test "sock serve --once -F has failed if what came were no records, behind those that were" {
	background ipcctl sock connect --wait -t 10s ./s <<<'1:a,x'
	run -1 --separate-stderr ipcctl sock serve --once -F netstring ./s
	assert_equal "$output" 1:a,
	assert_equal "$stderr" "ipcctl sock serve: client 1 is closed: record 2: expected the length of a netstring, at byte 4"
}

# Whether a process has so many open files.
has_open() { # PID NUMBER
	[ "$(find "/proc/$1/fd" -mindepth 1 | wc -l)" = "$2" ]
}

@test "clients that vanish, reset, send descriptors or never read cost a server nothing that stays" {
	[ -x "$PYTHON" ] || skip "needs $PYTHON"
	bother() { # WHAT OPTION... ADDRESS [HANDLER...]: against a server that does that
		local what=$1 server open clients
		shift
		serve "$@" </dev/null
		server=$BG_PID
		wait_until is_in_syscall "$server" epoll_wait # what told that it is ready is closed
		open=$(find "/proc/$server/fd" -mindepth 1 | wc -l)
		mkfifo go
		exec {GO}<>go
		background "$PYTHON" "$BATS_TEST_DIRNAME/foreign/hostile_clients.py" "${AT[@]}" "$what" <go
		clients=$BG_PID
		wait_until grep -q stuck "$BG_OUT"
		# It waits, and does not try again and again what can't be done.
		wait_until is_in_syscall "$server" epoll_wait
		[ "$what" = print ] || assert_equal "$(ipcctl sock connect "$ADDRESS" 'still there')" 'still there'
		echo >&"$GO"
		wait_until _has_ended "$clients"
		wait_until has_open "$server" "$open"
		assert_equal "$(cat "/proc/$server/task/$server/children")" ""
		kill -TERM "$server"
		finish "$server"
		assert_equal "$status" 0
		assert_equal "$(left)" ""
		rm go
		exec {GO}<&-
	}
	ADDRESS=./s AT=(unix s)
	bother echo --echo ./s
	bother print ./s
	bother program ./s /bin/cat
	ADDRESS=tcp:127.0.0.1:7002 AT=(tcp 127.0.0.1 7002)
	bother echo --echo tcp:127.0.0.1:7002
	bother print tcp:127.0.0.1:7002
	bother program tcp:127.0.0.1:7002 /bin/cat
}

@test "whenever a server is killed, the next one takes its path over and leaves nothing behind" {
	for i in {1..30}; do
		background ipcctl sock serve ./s /bin/cat
		sleep "0.00$((RANDOM % 10))" # at any moment of its start
		kill -KILL "$BG_PID"
		wait "$BG_PID" || true
	done
	serve ./s /bin/cat
	assert_equal "$(ipcctl sock connect ./s hello)" hello
	assert_equal "$(find . -name '.ipcctl*')" ""
	kill -TERM "$BG_PID"
	finish
	assert_equal "$status" 0
	assert_equal "$(left)" ""
}

@test "with standard streams closed, messages and data go into no socket or file that took their place" {
	require socat
	closed() { # COMMAND...
		"$@" <&-
		"$@" 2>&-
		"$@" <&- 2>&-
		"$@" >&- || true
		"$@" <&- >&- || true
		"$@" <&- >&- 2>&- || true
	}
	background socat -t 0 -u UNIX-LISTEN:s,fork OPEN:got,creat,append
	wait_until test -S s
	closed ipcctl sock connect -v ./s hello
	wait_until has_lines got 6
	assert_equal "$(sort -u got)" hello
	served() {
		background socat -t 10 - UNIX-CONNECT:t,retry=500,interval=0.01 <<<hello 2>/dev/null
		ipcctl sock serve -v -t 10s --once ./t
	}
	# Printing fails where there is nowhere to print to, and the client sees none of that.
	closed served >printed
	wait_until _has_ended "$BG_PID"
	assert_equal "$(cat printed)" "$(printf 'hello\n%.0s' 1 2 3)"
	assert_equal "$(cat bg.*.out)" ""
}

has_lines() { # FILE NUMBER
	[ "$(wc -l <"$1")" = "$2" ]
}

# Mounts a file system whose server never answers: every question to it waits until 9 is closed.
mount_silence() { # DIRECTORY|FILE UID
	local mode=40000
	exec 9<>fuse
	[ -d "$1" ] || mode=100000
	mount -i -t fuse -o "fd=9,rootmode=$mode,user_id=$2,group_id=$2,allow_other" none "$1"
}

@test "a file system whose server never answers keeps nobody waiting, wherever a user has mounted it" {
	require_root
	mknod fuse c 10 229 && : <>fuse || skip "needs FUSE"
	echo used >/dev/shm/s
	chown "$TESTER" /dev/shm/s
	# His notes of what ipcctl made: their directory, the one above it, and the file.
	mkdir -m 0700 "/run/user/$TESTER" "/run/user/$TESTER/ipcctl" "/tmp/ipcctl-$TESTER"
	: >"/tmp/ipcctl-$TESTER/made"
	chown -R "$TESTER" "/run/user/$TESTER" "/tmp/ipcctl-$TESTER"
	for place in "/run/user/$TESTER" "/run/user/$TESTER/ipcctl" "/tmp/ipcctl-$TESTER" "/tmp/ipcctl-$TESTER/made"; do
		mount_silence "$place" "$TESTER"
		run -0 timeout 10 ipcctl ls --noheadings -o object,state shm
		assert_regex "$output" '^shm:/s +idle$'
		umount -l "$place"
	done
	rmdir "/run/user/$TESTER/ipcctl" "/run/user/$TESTER"
	rm -r "/tmp/ipcctl-$TESTER"
	# The directory that a socket was bound in.
	mkdir d
	background ipcctl sock serve "$PWD/d/s" cat
	wait_until test -S d/s
	mount_silence d "$TESTER"
	run -0 timeout 10 ipcctl ls --all --names sock
	assert_line --partial sock:
	umount -l d
	exec 9<&-
}
