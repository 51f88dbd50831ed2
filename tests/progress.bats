# The line on the terminal that tells how far long work is.

load lib

setup() {
	require_python pty
	Q=key:$(unique_key)
	R=$(unique_name)
	S=$(unique_name s)
	export Q R S STOP=$BATS_TEST_TMPDIR/stop OUT=$BATS_TEST_TMPDIR/out SENT=$BATS_TEST_TMPDIR/sent
	ipcctl mq create "$Q"
	# Lines that come until the file is there.
	cat >"$BATS_TEST_TMPDIR/feed" <<-'END'
		until [ -e "$STOP" ]; do
			echo hello
			sleep 0.02
		done | tee "$SENT"
	END
	export FEED="bash $BATS_TEST_TMPDIR/feed"
	MESSAGES='[0-9,]+ messages  [0-9.]+[BK]  [0-9.]+[BK]/s  0:[0-9][1-9]'
	BYTES='\r[0-9.]+[BK]  [0-9.]+[BK]/s  0:[0-9][1-9]'
}

# Runs a bash command on a terminal until something was shown there; output is what is on the screen at the end.
on_terminal() { # EXPECTED COMMAND [COLUMNS]
	run "$SOURCE/tests/terminal.py" "${3-80}" "$1" "$STOP" "$2"
}

@test "mq send from standard input shows messages, bytes, rate and time on the terminal, and cleans up" {
	on_terminal "$MESSAGES" '$FEED | ipcctl mq send $Q'
	assert_success
	assert_output ""
	ipcctl mq recv --drain "$Q" | cmp - "$SENT"
}

@test "mq recv into a file shows the same, and the file has the messages alone" {
	on_terminal "$MESSAGES" '
		ipcctl mq recv -f $Q >$OUT & pid=$!
		$FEED | ipcctl -q mq send $Q
		ipcctl wait mq:$Q --for empty
		kill $pid; wait $pid 2>/dev/null; [ $? = 143 ]'
	assert_success
	assert_output ""
	cmp "$OUT" "$SENT"
}

@test "mq move shows the same between queues of both sorts" {
	ipcctl mq create "$R" --max-messages 10 --message-size 8192
	on_terminal "$MESSAGES" '
		ipcctl mq move -f $Q $R & pid=$!
		ipcctl -q mq recv -f $R >$OUT & other=$!
		$FEED | ipcctl -q mq send $Q
		ipcctl wait mq:$Q --for empty && ipcctl wait mq:$R --for empty
		kill $pid; wait $pid 2>/dev/null; [ $? = 143 ] || exit 1
		kill $other; wait $other 2>/dev/null; [ $? = 143 ]'
	assert_success
	assert_output ""
	cmp "$OUT" "$SENT"
}

@test "shm write from standard input shows bytes, rate and time, and writes the input alone" {
	ipcctl shm create "$S" --size 64K
	on_terminal "$BYTES" '$FEED | ipcctl shm write $S'
	assert_success
	assert_output ""
	ipcctl shm read -l "$(stat -c %s "$SENT")" "$S" | cmp - "$SENT"
}

@test "shm read shows the same while its output goes to a slow reader that is no pipe" {
	ipcctl shm create "$S" --size 8M
	# Output to a socket, since what reads a pipe may print on the terminal.
	on_terminal "$BYTES" '"'"$PYTHON"'" - <<-"END"
		import os, socket, subprocess, sys, time
		ours, theirs = socket.socketpair()
		reader = subprocess.Popen(["ipcctl", "shm", "read", os.environ["S"]], stdout=theirs)
		theirs.close()
		size = 0
		while data := ours.recv(65536):
		    size += len(data)
		    if not os.path.exists(os.environ["STOP"]):
		        time.sleep(0.1)
		sys.exit(reader.wait() or size != 8 << 20)
	END'
	assert_success
	assert_output ""
}

@test "a message is printed where the line was, not behind it" {
	on_terminal "$MESSAGES" '($FEED; printf %9000s x) | ipcctl mq send $Q'
	assert_failure 1
	assert_line --index 0 --partial "ipcctl mq send: cannot send to queue '$Q': standard input: record"
	grep -qP '/s  0:\d\d\r\r +\ripcctl mq send: cannot' "$STOP.written"
}

@test "the line is cut, part by part, to the width of the terminal" {
	on_terminal '\r[0-9,]+ messages(  [0-9.]+[BK])? *\r' '$FEED | ipcctl mq send $Q' 20
	assert_success
	assert_output ""
	run -0 bash -c "tr '\r' '\n' <'$STOP.written' | wc -L"
	((output < 20))
}

@test "no line with --quiet, with standard error redirected, or with data on the terminal or in a pipe" {
	ipcctl shm create "$S" --size 64K
	ipcctl mq create "$R" --max-messages 10
	# All of them work as long as the last, which has a line, and counts no messages.
	on_terminal '/s  0:0[2-9]' '
		ipcctl mq recv -f $Q & first=$!
		ipcctl mq recv -f $R > >(cat >/dev/null) & second=$!
		$FEED | tee >(ipcctl -q mq send $Q) >(ipcctl mq send $R 2>$OUT) | ipcctl shm write $S
		kill $first $second; wait $first $second 2>/dev/null; [ $? = 143 ]'
	assert_success
	assert_line hello
	refute_output --partial message
	run -1 grep -a message "$STOP.written"
	run -0 cat "$OUT"
	assert_output ""
}

@test "no line from a background job" {
	ipcctl shm create "$S" --size 64K
	on_terminal '/s  0:0[2-9]' '
		set -m # a process group of its own
		ipcctl mq recv -f $Q >$OUT & job=$!
		set +m
		$FEED | tee >(ipcctl -q mq send $Q) | ipcctl shm write $S
		kill $job; wait $job 2>/dev/null; [ $? = 143 ]'
	assert_success
	assert_output ""
	run -1 grep -a message "$STOP.written"
}
