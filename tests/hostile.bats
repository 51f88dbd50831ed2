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
	unread() { # ADDRESS PYTHON-SOCKET
		background "$PYTHON" -c "if True:
			import socket
			s = $2
			s.listen()
			print('ready', flush=True)
			c, _ = s.accept()
			c.sendall(b'bye')
			c.shutdown(socket.SHUT_WR)
			c.recv(1, socket.MSG_PEEK)
			c.close()"
		wait_until grep -q ready "$BG_OUT"
		background ipcctl sock connect "$1" <input
		# Only now: it has seen the end of the answer already.
		wait_until grep -q bye "$BG_OUT"
		wait_until is_in_syscall "$BG_PID" poll
		echo hello >input
		finish
		assert_equal "$status" 1
		assert_equal "$output" bye
		[[ $stderr = *"cannot send to socket '$1'"*"6 bytes were sent, and not all of them need to have been read"* ]]
	}
	unread ./s "socket.socket(socket.AF_UNIX); s.bind('s')"
	unread tcp:127.0.0.1:7001 "socket.create_server(('127.0.0.1', 7001))"
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
