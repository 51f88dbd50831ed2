# sock serve: clients, who may come, and how it ends. The clients are real programs.
# shellcheck disable=SC2034 # stderr is what run sets

load lib

CLIENT=$BATS_TEST_DIRNAME/foreign/sock_client.py

setup() {
	S=$BATS_TEST_TMPDIR/s
	cd "$BATS_TEST_TMPDIR" || return
}

client() { # WHAT ADDRESS [ARGUMENT...]
	timeout 30 "$PYTHON" "$CLIENT" "$@"
}

# A place for S that other users can reach.
open_directory() {
	local dir
	dir=$(mktemp -d /tmp/sock.XXXXXX)
	chmod 0711 "$dir"
	S=$dir/s
}

says() { # FILE TEXT
	grep -qF -- "$2" "$1"
}

has_lines() { # FILE NUMBER
	[ "$(wc -l <"$1")" -ge "$2" ]
}

has_draft() { # DIRECTORY
	compgen -G "$1/.ipcctl-sock-*" >/dev/null
}

is_gone() { # FILE
	[ ! -e "$1" ]
}

processes_of() { # PARENT
	cat "/proc/$1/task/"*/children 2>/dev/null | tr ' ' '\n' | grep -c . || true
}

has_no_processes() { # PARENT
	[ "$(processes_of "$1")" = 0 ]
}

# A handler as a file, from standard input.
handler() { # NAME
	{ echo '#!/bin/bash' && cat; } >"$BATS_TEST_TMPDIR/$1"
	chmod +x "$BATS_TEST_TMPDIR/$1"
}

# --- what is done with clients -----------------------------------------------------------------------

@test "sock serve prints what arrives, from one client after the other and from several at once" {
	serve "$S"
	printf 'one\n' | client ask "$S"
	printf 'two\n' | client ask "$S"
	assert_equal "$(cat "$SERVER_OUT")" "$(printf 'one\ntwo')"
	head -c 3000000 /dev/urandom >big
	client ask "$S" <big
	tail -c 3000000 "$SERVER_OUT" | cmp - big
	: >"$SERVER_OUT"
	pids=()
	for i in 1 2 3 4 5; do
		yes $i | head -n 20000 | client ask "$S" &
		pids+=($!)
	done
	wait "${pids[@]}"
	for i in 1 2 3 4 5; do
		assert_equal "$(tr -cd "$i" <"$SERVER_OUT" | wc -c)" 20000
	done
	stop
	assert_equal "$status" 0
}

@test "sock serve --echo sends back what comes, whatever its length" {
	serve --echo "$S"
	head -c 5000000 /dev/urandom >big
	for size in 0 1 4096 65536 5000000; do
		head -c $size big >part
		client crowd "$S" 3 >/dev/null
		socat -t10 - "UNIX:$S" <part >back
		cmp back part
	done
	stop
	assert_equal "$status" 0
}

@test "a handler has the connection as standard input and output, in blocking mode and with a clean state" {
	handler show <<-'END'
		read -r line
		echo "line $line"
		/usr/bin/python3 -c '
		import os, signal, stat, sys
		print("socket", *(stat.S_ISSOCK(os.fstat(fd).st_mode) for fd in (0, 1)))
		print("blocking", *(os.get_blocking(fd) for fd in (0, 1)))
		print("pipe", signal.getsignal(signal.SIGPIPE) in (signal.SIG_DFL, signal.SIG_IGN))
		status = dict(line.split(":\t") for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
		print("blocked", status["SigBlk"])
		print("sockets", sum(os.path.realpath(f"/proc/self/fd/{fd}").find("socket:") >= 0 for fd in range(100)))
		print("group", os.getpgrp() == os.getppid())
		'
	END
	sed -i 's/^\t\t//' show
	serve "$S" ./show
	run client ask "$S" <<<hello
	assert_line "line hello"
	assert_line "socket True True"
	assert_line "blocking True True"
	assert_line "blocked 0000000000000000"
	assert_line "sockets 2"
	assert_line "group True"
	stop
}

@test "a handler learns who is there by the names of the UCSPI convention, and nothing that was meant for the server" {
	export PROTO=old IPCREMOTEPATH=old TCPREMOTEIP=old LISTEN_FDS=1 KEPT=kept
	serve "$S" env
	run client ask "$S" </dev/null
	assert_line PROTO=IPC
	assert_line "IPCREMOTEEUID=$(id -u)"
	assert_line "IPCREMOTEEGID=$(id -g)"
	assert_line --regexp '^IPCREMOTEPID=[1-9][0-9]*$'
	assert_line IPCCONNNUM=1
	assert_line KEPT=kept
	refute_line --regexp '^(IPCREMOTEPATH|TCPREMOTEIP|LISTEN_FDS)='
	run socat -t5 - "UNIX:$S,bind=$BATS_TEST_TMPDIR/mine"
	assert_line "IPCREMOTEPATH=$BATS_TEST_TMPDIR/mine"
	stop

	for host in 127.0.0.1 '[::1]'; do
		serve "tcp:$host:7001" env
		run client ask "$host:7001" </dev/null
		assert_line PROTO=TCP
		assert_line "TCPREMOTEIP=$(tr -d '[]' <<<"$host")"
		assert_line "TCPLOCALIP=$(tr -d '[]' <<<"$host")"
		assert_line TCPLOCALPORT=7001
		assert_line --regexp '^TCPREMOTEPORT=[1-9][0-9]*$'
		refute_line --regexp '^IPCREMOTE'
		stop
	done
}

@test "IPCCONNNUM counts the connections of one user" {
	handler count <<-'END'
		echo $IPCCONNNUM
		read -r _
	END
	serve "$S" ./count
	for want in 1 2 3; do
		coproc socat - "UNIX:$S"
		read -r got <&"${COPROC[0]}"
		assert_equal "$got" $want
		eval "held$want=${COPROC[1]} pid$want=$COPROC_PID"
	done 2>/dev/null
	kill "$pid1" "$pid2" "$pid3"
	stop
}

@test "a program that is not there is told before anybody comes, with status 1" {
	run ipcctl sock serve "$S" ./nowhere
	assert_failure 1
	assert_output --partial "cannot run './nowhere': No such file or directory"
	[ ! -e "$S" ]
}

@test "options that contradict each other, and values that say nothing, are wrong usage" {
	for args in "--echo $S cat" "--idle 1s $S cat" "--max 0 $S" "--max-per-uid 0 $S" "--ready-fd 77 $S" \
		"--allow uid= $S" "--deny everybody $S" "--allow addr=1.2.3.4/33 $S" "--allow uid=no-such-user $S"; do
		# shellcheck disable=SC2086 # words
		run ipcctl sock serve $args
		assert_failure 2
		[ ! -e "$S" ]
	done
	run ipcctl sock serve --allow addr=1.2.3.4/33 "$S"
	assert_output --partial "--allow: 'addr=1.2.3.4/33': behind the slash"
}

# --- half-close ----------------------------------------------------------------------------------------

# Reads to the end of the input, waits, and then answers: what a client that has given up does not get.
late_handler() {
	handler late <<-'END'
		n=$(wc -c)
		sleep 1
		echo "got $n bytes"
		head -c 300000 /dev/zero | tr '\0' x
	END
}

# Each client sends 100,000 bytes and gets the answer that comes a second later, all of it.
gets_the_late_answer() { # COMMAND...
	head -c 100000 /dev/zero >question
	timeout 20 "$@" <question >answer || echo "status $?"
	head -n 1 answer | grep -qx 'got 100000 bytes' || {
		echo "no answer: $*"
		return 1
	}
	[ "$(wc -c <answer)" = 300017 ] || {
		echo "$(wc -c <answer) bytes: $*"
		return 1
	}
}

@test "clients of ten kinds end their side, and get the answer that comes later" {
	require socat
	require ncat
	require nc.openbsd
	late_handler
	serve "$S" ./late
	unix=$SERVER
	serve tcp:127.0.0.1:7002 ./late
	gets_the_late_answer ipcctl sock connect "$S" &
	(cd "$(mktemp -d)" && gets_the_late_answer ipcctl sock connect tcp:127.0.0.1:7002) &
	(cd "$(mktemp -d)" && gets_the_late_answer socat -t5 - "UNIX-CONNECT:$S") &
	(cd "$(mktemp -d)" && gets_the_late_answer socat -t5 - TCP:127.0.0.1:7002) &
	(cd "$(mktemp -d)" && gets_the_late_answer nc.openbsd -N -U "$S") &
	(cd "$(mktemp -d)" && gets_the_late_answer nc.openbsd -N 127.0.0.1 7002) &
	(cd "$(mktemp -d)" && gets_the_late_answer ncat -U "$S") &
	(cd "$(mktemp -d)" && gets_the_late_answer ncat 127.0.0.1 7002) &
	(cd "$(mktemp -d)" && gets_the_late_answer "$PYTHON" "$CLIENT" ask "$S") &
	(cd "$(mktemp -d)" && gets_the_late_answer "$PYTHON" "$CLIENT" ask 127.0.0.1:7002) &
	for job in $(jobs -p | grep -vxe "$SERVER" -e "$unix"); do
		wait "$job"
	done
	kill "$unix"
	stop
}

@test "a thousand answers of 0 bytes to 10 MB arrive whole" {
	handler answer <<-'END'
		read -r n
		yes "$n" | head -c "$n"
	END
	serve "$S" ./answer
	run timeout 300 "$PYTHON" "$CLIENT" answers "$S" 1000
	assert_output "1000 answers"
	has_no_processes "$SERVER"
	stop
}

@test "an answer arrives whole though what the client sent was never read" {
	head -c 100000 /dev/zero >question
	for address in "$S" 127.0.0.1:7003 '[::1]:7003'; do
		case $address in *:7003) name=tcp:$address ;; *) name=$address ;; esac
		serve "$name" head -c 9000000 /dev/zero
		for end in ask push; do
			client $end "$address" <question >answer
			assert_equal "$(wc -c <answer)" 9000000
		done
		stop
		assert_equal "$status" 0
	done
}

@test "a handler that answers a request without reading it satisfies curl, over a path and over TCP" {
	require curl
	handler web <<-'END'
		printf 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n'
	END
	serve "$S" ./web
	for i in 1 2 3 4 5; do
		run curl -sS --unix-socket "$S" -d "$(head -c 50000 /dev/zero | tr '\0' x)" http://x/
		assert_output hello
	done
	stop
	serve tcp:localhost:7004 ./web
	for i in 1 2 3 4 5; do
		run curl -sS -d "$(head -c 50000 /dev/zero | tr '\0' x)" http://localhost:7004/
		assert_output hello
	done
	stop
}

@test "processes that a handler leaves behind go on with the connection" {
	handler leave <<-'END'
		{
			sleep 0.3
			echo late
		} &
	END
	serve "$S" ./leave
	run client ask "$S" </dev/null
	assert_output late
	stop
}

# --- the path ------------------------------------------------------------------------------------------

@test "a live path is refused with status 1, whoever has it, and is left alone" {
	serve "$S"
	run ipcctl sock serve "$S"
	assert_failure 1
	assert_output --partial "cannot serve socket '$S': somebody serves it already"
	assert_output --partial "process $SERVER"
	stop
	for kind in UNIX-LISTEN UNIX-RECVFROM; do
		background socat -u "$kind:$S" -
		wait_until [ -S "$S" ]
		inode=$(stat -c %i "$S")
		run ipcctl sock serve "$S"
		assert_failure 1
		assert_equal "$(stat -c %i "$S")" "$inode"
		kill "$BG_PID"
		wait_until _has_ended "$BG_PID"
		rm -f "$S"
	done
}

@test "the path of a server that was killed is replaced" {
	serve "$S"
	kill -KILL "$SERVER"
	wait_until _has_ended "$SERVER"
	[ -S "$S" ]
	serve --echo "$S"
	run client ask "$S" <<<hello
	assert_output hello
	stop
	[ ! -e "$S" ]
}

@test "a file that is no socket, and a symbolic link, are left alone" {
	echo data >"$S"
	run ipcctl sock serve "$S"
	assert_failure 1
	assert_output --partial "there is a file that is no socket"
	assert_equal "$(cat "$S")" data
	ln -s "$S.other" link
	run ipcctl sock serve ./link
	assert_failure 1
	[ -L link ]
	[ ! -e "$S.other" ]
}

@test "of ten servers that start on one dead path at once one serves, and nine are told so" {
	for round in 1 2 3; do
		serve "$S"
		kill -KILL "$SERVER"
		wait_until _has_ended "$SERVER"
		mkfifo go
		pids=()
		for i in 1 2 3 4 5 6 7 8 9 10; do
			background bash -c 'read -r _ <go; exec ipcctl sock serve --echo "$0" 2>err.$1' "$S" $i
			pids+=("$BG_PID")
		done
		exec {go}<>go
		printf '\n\n\n\n\n\n\n\n\n\n' >&"$go"
		wait_until one_runs "${pids[@]}"
		for pid in "${pids[@]}"; do
			is_running "$pid" || {
				finish "$pid"
				assert_equal "$status" 1
			}
		done
		assert_equal "$(cat err.* | grep -c 'somebody serves it already')" 9
		run client ask "$S" <<<hello
		assert_output hello
		kill -KILL "${pids[@]}" 2>/dev/null || true
		wait "${pids[@]}" || true
		rm -f go err.*
		exec {go}<&-
	done
	assert_equal "$(find . -name '.ipcctl*' | wc -l)" 0
}

one_runs() { # PID...
	local n=0 pid
	for pid; do
		! is_running "$pid" || n=$((n + 1))
	done
	[ $n = 1 ]
}

@test "the path is never there with another mode than the one asked for" {
	"$PYTHON" - "$S" >seen <<-'END' &
		import os, sys
		modes = set()
		while not os.path.exists("stop"):
		    try:
		        modes.add(os.lstat(sys.argv[1]).st_mode & 0o7777)
		    except FileNotFoundError:
		        pass
		print(*(f"{mode:04o}" for mode in sorted(modes)))
	END
	racer=$!
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		(umask $((RANDOM % 2 * 77)) && exec ipcctl sock serve -t 5ms -m 0624 "$S") 2>/dev/null || [ $? = 4 ]
		[ ! -e "$S" ]
	done
	: >stop
	wait $racer
	assert_equal "$(cat seen)" 0624
}

@test "the mode is 0600 unless -m says otherwise, and --owner is heeded" {
	serve "$S"
	assert_equal "$(stat -c %a "$S")" 600
	stop
	require_root
	serve -m 0660 --owner "$TESTER:$TESTER2" "$S"
	assert_equal "$(stat -c '%a %u %g' "$S")" "660 $TESTER $TESTER2"
	stop
}

@test "--owner gives away no file that was put in the socket's place" {
	require_root
	require strace
	mkdir d
	: >precious
	background strace -f -qq -e trace=fchownat -e inject=fchownat:delay_enter=3000000 -o trace \
		ipcctl sock serve --owner tester d/s
	wait_until has_draft d
	wait_until grep -qs fchownat trace
	for draft in d/.ipcctl-sock-*; do
		rm "$draft"
		ln precious "$draft"
	done
	wait_until grep -q '= 0 (DELAYED)' trace
	assert_equal "$(stat -c %U precious)" root
}

@test "a successor's socket is not removed" {
	serve "$S"
	rm "$S"
	background socat -u "UNIX-LISTEN:$S" -
	wait_until [ -S "$S" ]
	stop
	assert_equal "$status" 0
	[ -S "$S" ]
	says "$SERVER_ERR" "is another server's by now, and stays"
	kill "$BG_PID"
}

@test "a path that can't be removed is told" {
	require_user
	serve "$S"
	chmod 0500 .
	stop
	chmod 0700 .
	assert_equal "$status" 5
	says "$SERVER_ERR" "cannot remove '$S': Permission denied"
}

@test "a path of 200 bytes and one in a long directory work" {
	name=$(printf 'n%.0s' {1..200})
	serve --echo "./$name"
	run client ask "$BATS_TEST_TMPDIR/$name" <<<hello
	assert_output hello
	stop
	[ ! -e "$name" ]
	dir=$(printf 'd%.0s' {1..120})
	mkdir "$dir"
	serve --echo "$dir/s"
	run client ask "$BATS_TEST_TMPDIR/$dir/s" <<<hello
	assert_output hello
	stop
	[ ! -e "$dir/s" ]
}

@test "abstract names work, with a newline too" {
	name=$(printf '@two\nlines.%s' $$)
	serve --echo "$name"
	run client ask "$name" <<<hello
	assert_output hello
	run ipcctl sock serve "$name"
	assert_failure 1
	assert_output --partial "cannot serve socket '@two\\nlines.$$': somebody serves it already"
	stop
}

@test "sockets that were handed over are served: fd:N and systemd:NAME" {
	cat >hand.py <<-'END'
		import os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		s.listen()
		other = socket.socket(socket.AF_UNIX)
		for fd, s in ((4, s), (3, other)):
		    os.dup2(s.fileno(), fd + 10)
		os.dup2(14, 4)
		os.dup2(13, 3)
		os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="other:mine")
		os.execvp("ipcctl", ["ipcctl", "sock", "serve", "--ready-fd", "1", *sys.argv[2:]])
	END
	for address in fd:4 systemd:mine; do
		background "$PYTHON" hand.py "$S" --echo $address
		wait_until [ -s "$BG_OUT" ]
		run client ask "$S" <<<hello
		assert_output hello
		kill "$BG_PID"
		finish
		assert_equal "$status" 0
		[ -S "$S" ] # it is its giver's
		rm "$S"
	done
	run "$PYTHON" hand.py "$S" fd:3
	assert_failure 1
	assert_output --partial "does not listen"
}

@test "a handler gets none of the sockets that were handed over" {
	cat >hand.py <<-'END'
		import os, socket
		for fd in 3, 4:
		    s = socket.socket(socket.AF_UNIX)
		    s.bind("s%d" % fd)
		    s.listen()
		    os.dup2(s.fileno(), fd + 10)
		for fd in 3, 4:
		    os.dup2(fd + 10, fd)
		os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="one:two")
		os.execvp("ipcctl", ["ipcctl", "sock", "serve", "--ready-fd", "1", "systemd:one", "sh", "-c",
		    "cat; readlink /proc/self/fd/3 /proc/self/fd/4; echo end"])
	END
	background "$PYTHON" hand.py
	wait_until [ -s "$BG_OUT" ]
	run client ask ./s3 <<<hello
	assert_output $'hello\nend'
}

@test "a socket of UDP is not taken for one whose senders are known" {
	run "$PYTHON" -c 'import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
os.dup2(s.fileno(), 9)
os.execvp("ipcctl", ["ipcctl", "sock", "serve", "--nonblock", "--type", "dgram", "--allow", "all", "fd:9"])'
	assert_failure 1
	assert_output --partial "it is a socket of another type"
}

@test "a name that has one address twice is served once" {
	require_root
	printf '127.0.0.1 twice\n127.0.0.1 twice\n' >hosts
	mount --bind hosts /etc/hosts
	serve --echo tcp:twice:7005
	run client ask twice:7005 <<<hello
	umount /etc/hosts
	assert_output hello
	stop
}

@test "TCP on IPv4, IPv6 and by name; a port that is taken is told, and one of its own choice is said" {
	for address in 127.0.0.1:7005 '[::1]:7005' localhost:7005; do
		serve --echo "tcp:$address"
		run client ask "$address" <<<hello
		assert_output hello
		run ipcctl sock serve "tcp:$address"
		assert_failure 1
		assert_output --partial "somebody serves it already"
		stop
		assert_equal "$status" 0
	done
	serve --echo tcp:127.0.0.1:0
	run client ask "$(sed -n 's/.*serving tcp://p' "$SERVER_ERR")" <<<hello
	assert_output hello
	stop
}

@test "a directory that is missing is named" {
	run -3 ipcctl sock serve --echo "$BATS_TEST_TMPDIR/none/s"
	assert_line --index 1 "hint: there is no directory '$BATS_TEST_TMPDIR/none'"
	run -3 ipcctl fifo create "$BATS_TEST_TMPDIR/none/f"
	assert_line --index 1 "hint: there is no directory '$BATS_TEST_TMPDIR/none'"
	assert_equal ${#lines[@]} 2
}

@test "-v says where it listens, and without it nothing is said" {
	for address in "$S" @named tcp:127.0.0.1:7006; do
		serve --echo "$address"
		stop
		assert_equal "$(cat "$SERVER_ERR")" ""
		serve -v --echo "$address"
		assert_equal "$(head -n 1 "$SERVER_ERR")" "ipcctl sock serve: listening on $address"
		stop
	done
}

@test "a TCP connection whose other side vanished is found out by the kernel, at both ends" {
	require ss
	serve tcp:127.0.0.1:7005 "$PYTHON" -c 'import socket
s = socket.socket(fileno=0)
print(s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), flush=True)
s.recv(1)'
	mkfifo in
	exec 7<>in
	background ipcctl sock connect tcp:127.0.0.1:7005 <in 7>&-
	wait_until grep -q 1 "$BG_OUT"
	run ss -Htno "src 127.0.0.1:7005 or dst 127.0.0.1:7005"
	exec 7>&-
	assert_equal "$(grep -c 'timer:(keepalive' <<<"$output")" 2
	finish
	stop
}

# --- who may come --------------------------------------------------------------------------------------

@test "the first rule that matches decides, and whom none matches is refused" {
	require_root
	open_directory
	while IFS='|' read -r rules own other; do
		# shellcheck disable=SC2086 # words
		serve -m 0666 $rules "$S" echo in
		assert_equal "$rules: $(client refused "$S")" "$rules: $own"
		assert_equal "$rules: $(as_user "$PYTHON" "$CLIENT" refused "$S")" "$rules: $other"
		stop
	done <<-END
		--allow uid=root|in|end
		--deny uid=$TESTER --allow all|in|end
		--allow all --deny uid=$TESTER|in|in
		--allow uid=$TESTER|end|in
		--allow uid=tester|end|in
		--allow gid=$TESTER|end|in
		--deny gid=tester --allow all|in|end
		--allow addr=0.0.0.0/0|end|end
		--deny all|end|end
		|in|in
	END
}

@test "supplementary groups count" {
	require_root
	open_directory
	for rule in "--allow gid=$TESTER2" "--deny gid=$TESTER2 --allow all"; do
		# shellcheck disable=SC2086 # words
		serve -m 0666 $rule "$S" echo in
		with=$(setpriv --reuid="$TESTER" --regid="$TESTER" --groups="$TESTER2,4242" "$PYTHON" "$CLIENT" refused "$S")
		without=$(setpriv --reuid="$TESTER" --regid="$TESTER" --groups=4242 "$PYTHON" "$CLIENT" refused "$S")
		case $rule in
		--allow*) assert_equal "$with $without" "in end" ;;
		*) assert_equal "$with $without" "end in" ;;
		esac
		stop
	done
}

@test "who is refused gets the end at once, and a line says who it was and why" {
	require_root
	open_directory
	serve -m 0666 --deny uid=tester --allow uid=root "$S" cat
	run as_user "$PYTHON" "$CLIENT" refused "$S"
	assert_output end
	wait_until says "$SERVER_ERR" "refused user tester ($TESTER), pid "
	says "$SERVER_ERR" ": --deny uid=tester"
	run setpriv --reuid="$TESTER2" --clear-groups "$PYTHON" "$CLIENT" refused "$S"
	wait_until says "$SERVER_ERR" "refused user tester2 ($TESTER2), pid "
	says "$SERVER_ERR" ": no rule admits it"
	stop
}

@test "of many refusals some are printed, and how many were left out" {
	serve --deny all "$S"
	client hold "$S" 100 </dev/null >/dev/null
	assert_equal "$(grep -c refused "$SERVER_ERR")" 10
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		client refused "$S" >/dev/null
		! says "$SERVER_ERR" "more like this were not shown" || break
		sleep 0.1
	done
	says "$SERVER_ERR" "more like this were not shown"
	stop
}

@test "an abstract name and the loopback admit the server's own user alone" {
	require_root
	for address in "@own.$$" 127.0.0.1:7006 '[::1]:7006'; do
		case $address in @*) name=$address ;; *) name=tcp:$address ;; esac
		serve "$name" echo in
		run client refused "$address"
		assert_output in
		run as_user "$PYTHON" "$CLIENT" refused "$address"
		assert_output --regexp '^(end|reset)$'
		wait_until says "$SERVER_ERR" "without rules only the server's own user is admitted"
		stop
		serve --allow uid=tester "$name" echo in
		run as_user "$PYTHON" "$CLIENT" refused "$address"
		assert_output in
		run client refused "$address"
		assert_output --regexp '^(end|reset)$'
		stop
	done
}

@test "a TCP client that has closed already is refused where its user matters" {
	for rules in "" "--allow uid=$(id -u)" "--deny uid=4242 --allow all"; do
		# shellcheck disable=SC2086 # words
		serve $rules tcp:127.0.0.1:7007
		client gone 127.0.0.1:7007 "$SERVER"
		wait_until says "$SERVER_ERR" "a user that can't be told any more"
		stop
		assert_equal "$(cat "$SERVER_OUT")" ""
	done
	serve --allow addr=127.0.0.0/8 tcp:127.0.0.1:7007
	client gone 127.0.0.1:7007 "$SERVER"
	wait_until says "$SERVER_OUT" "from one who is gone"
	stop
}

@test "a client of this machine that has closed already is refused on any of its addresses" {
	require_root
	ip address add 10.9.8.7/32 dev lo
	for how in end reset; do
		serve --deny uid=tester --allow all tcp:10.9.8.7:7009
		client gone 10.9.8.7:7009 "$SERVER" $how
		wait_until says "$SERVER_ERR" "a user that can't be told any more"
		stop
		assert_equal "$(cat "$SERVER_OUT")" ""
	done
}

@test "an address that other machines can reach needs a rule" {
	for address in tcp:0.0.0.0:7008 'tcp:[::]:7008'; do
		run ipcctl sock serve "$address"
		assert_failure 2
		assert_output --partial "it takes rules that say who may come"
		run client refused 127.0.0.1:7008
		assert_failure
	done
	serve --allow addr=127.0.0.0/8 'tcp:[::]:7008' echo in
	run client refused 127.0.0.1:7008
	assert_output in
	run client refused '[::1]:7008'
	assert_output --regexp '^(end|reset)$'
	stop
	serve --deny addr=127.0.0.1 --allow addr=::1 'tcp:[::]:7008' echo in
	run client refused 127.0.0.1:7008
	assert_output --regexp '^(end|reset)$'
	run client refused '[::1]:7008'
	assert_output in
	stop
}

# --- how many ------------------------------------------------------------------------------------------

@test "--max holds under 200 clients at once, and each is served in the end" {
	mkdir running
	handler slot <<-'END'
		: >running/$$
		ls running | wc -l >>counts
		cat
		rm running/$$
	END
	serve --max 5 "$S" ./slot
	run client crowd "$S" 200
	assert_output 200
	assert_equal "$(wc -l <counts)" 200
	[ "$(sort -n counts | tail -n 1)" -le 5 ]
	stop
}

@test "--max-per-uid refuses more of one user, under 200 clients at once, and not others" {
	handler greet <<-'END'
		echo in
		cat >/dev/null
	END
	open_directory
	serve -m 0666 --max-per-uid 3 "$S" ./greet
	mkfifo until_then
	background "$PYTHON" "$CLIENT" hold "$S" 200 <>until_then
	wait_until [ -s "$BG_OUT" ]
	assert_equal "$(cat "$BG_OUT")" "3 197"
	says "$SERVER_ERR" "it has --max-per-uid connections already"
	if [ "$TESTS_AS$TESTS_REAL_ROOT" = root1 ]; then
		assert_equal "$(as_user "$PYTHON" "$CLIENT" refused "$S" | head -c 2)" in
	fi
	kill "$BG_PID"
	wait_until has_no_processes "$SERVER"
	assert_equal "$(client refused "$S" | head -c 2)" in
	stop
}

@test "a client that sends a byte now and then stops nobody" {
	for mode in --echo "" cat; do
		# shellcheck disable=SC2086 # words
		case $mode in cat) serve "$S" cat ;; *) serve $mode "$S" ;; esac
		background "$PYTHON" "$CLIENT" trickle "$S"
		head -c 50000 /dev/zero >big
		client ask "$S" <big >answer
		[ -z "$mode" ] || cmp answer big
		kill "$BG_PID"
		stop
	done
}

@test "at the limit of descriptors it neither spins nor dies, and clients wait" {
	: >"$BATS_TEST_TMPDIR/ready"
	background bash -c 'ulimit -n 16; exec ipcctl sock serve --echo --ready-fd 5 "$0"' "$S" 5>"$BATS_TEST_TMPDIR/ready"
	SERVER=$BG_PID SERVER_ERR=$BG_ERR
	wait_until is_ready
	mkfifo until_then
	"$PYTHON" - "$S" <<-'END'
		import socket, sys
		clients = []
		for i in range(60):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect(sys.argv[1])
		    s.sendall(b"x")
		    clients.append(s)
		waiting = 0
		for s in clients:
		    s.settimeout(0.3)
		    try:
		        assert s.recv(1) == b"x"
		    except TimeoutError:
		        waiting += 1
		        break
		assert waiting, "all were served at once"
		for s in clients: # one after the other leaves, and makes room
		    s.settimeout(10)
		    if s.fileno() >= 0:
		        s.shutdown(socket.SHUT_WR)
		        while s.recv(10):
		            pass
		        s.close()
	END
	read -r -a fields < <(sed 's/.*) //' "/proc/$SERVER/stat")
	[ $((fields[11] + fields[12])) -lt 30 ] # hundredths of a second, of all the time it ran
	says "$SERVER_ERR" "have to wait: Too many open files"
	run client ask "$S" <<<hello
	assert_output hello
	stop
	assert_equal "$status" 0
}

@test "with as few descriptors programs run one after the other" {
	: >"$BATS_TEST_TMPDIR/ready"
	background bash -c 'ulimit -n 14; exec ipcctl sock serve --ready-fd 5 "$0" cat' "$S" 5>"$BATS_TEST_TMPDIR/ready"
	SERVER=$BG_PID SERVER_ERR=$BG_ERR
	wait_until is_ready
	run client crowd "$S" 60
	assert_output 60
	stop
	assert_equal "$status" 0
}

@test "handlers leave no zombies" {
	serve "$S" true
	client crowd "$S" 50 >/dev/null
	wait_until has_no_processes "$SERVER"
	stop
}

# --- the end -------------------------------------------------------------------------------------------

slow_handler() {
	handler slow <<-'END'
		trap 'echo ended >ended; exit 1' TERM
		echo started
		until [ -e go ]; do sleep 0.05; done
		echo finished
	END
}

@test "SIGTERM withdraws the path and lets running handlers end" {
	slow_handler
	serve "$S" ./slow
	background "$PYTHON" "$CLIENT" ask "$S" </dev/null
	client_out=$BG_OUT client=$BG_PID
	wait_until has_lines "$client_out" 0
	wait_until [ "$(processes_of "$SERVER")" -ge 0 ]
	wait_until handlers_run
	kill -TERM "$SERVER"
	wait_until is_gone "$S"
	is_running "$SERVER"
	run client refused "$S"
	assert_failure
	: >go
	finish "$client"
	assert_equal "$output" "$(printf 'started\nfinished')"
	finish "$SERVER"
	assert_equal "$status" 0
	[ ! -e ended ]
}

handlers_run() {
	[ "$(processes_of "$SERVER")" -gt 0 ]
}

@test "a second SIGTERM ends the handlers, also one that heeds no signal" {
	handler deaf <<-'END'
		trap '' TERM
		: >deaf.runs
		until [ -e go ]; do sleep 0.05; done
	END
	slow_handler
	for program in ./slow ./deaf; do
		serve "$S" $program
		background "$PYTHON" "$CLIENT" ask "$S" </dev/null
		wait_until handlers_run
		[ $program = ./slow ] || wait_until [ -e deaf.runs ]
		wait_until ended_by_repeated_signals
		finish "$SERVER"
		assert_equal "$status" 0
	done
	[ -e ended ]
}

ended_by_repeated_signals() {
	kill -TERM "$SERVER" 2>/dev/null
	! is_running "$SERVER"
}

@test "what SIGINT ends says so by its status" {
	# A shell ignores it for what it runs in the background, and what is ignored stays so.
	background env --default-signal=INT ipcctl sock serve "$S"
	wait_until [ -S "$S" ]
	kill -INT "$BG_PID"
	finish
	assert_equal "$status" 130
	[ ! -e "$S" ]
}

@test "--once serves one client and ends, with 1 if its handler failed" {
	serve --once "$S"
	client ask "$S" <<<hello
	finish "$SERVER"
	assert_equal "$status $(cat "$SERVER_OUT")" "0 hello"
	[ ! -e "$S" ]
	serve --once "$S" sh -c 'exit 3'
	client ask "$S" </dev/null
	finish "$SERVER"
	assert_equal "$status" 1
	says "$SERVER_ERR" "ended with status 3"
}

@test "-t gives up when nobody came in time, and --nonblock at once" {
	run ipcctl sock serve -t 20ms "$S"
	assert_failure 4
	assert_output --partial "waited for a client of '$S'"
	[ ! -e "$S" ]
	run ipcctl sock serve --nonblock "$S"
	assert_failure 4
	[ ! -e "$S" ]
}

@test "--idle lets a client go that sends nothing, and not one that does" {
	serve --idle 1s --echo "$S"
	background "$PYTHON" "$CLIENT" trickle "$S"
	run client refused "$S"
	assert_output end
	wait_until says "$SERVER_ERR" "which was idle"
	is_running "$BG_PID"
	kill "$BG_PID"
	stop
}

@test "the reader of the output may go, and a full disk is told with the bytes that are lost" {
	mkfifo pipe
	{ head -c 1 >/dev/null; } <pipe &
	: >"$BATS_TEST_TMPDIR/ready"
	background bash -c 'exec ipcctl sock serve --ready-fd 5 "$0" >pipe' "$S" 5>"$BATS_TEST_TMPDIR/ready"
	SERVER=$BG_PID SERVER_ERR=$BG_ERR
	wait_until is_ready
	head -c 3000000 /dev/zero | client push "$S" || true
	finish "$SERVER"
	[ "$status" -gt 0 ]
	[ ! -e "$S" ]
	: >"$BATS_TEST_TMPDIR/ready"
	background bash -c 'exec ipcctl sock serve --ready-fd 5 "$0" >/dev/full' "$S" 5>"$BATS_TEST_TMPDIR/ready"
	SERVER=$BG_PID SERVER_ERR=$BG_ERR
	wait_until is_ready
	head -c 1000 /dev/zero | client push "$S" || true
	finish "$SERVER"
	assert_equal "$status" 1
	says "$SERVER_ERR" "cannot write standard output: No space left on device"
	says "$SERVER_ERR" "1000 bytes that were received are lost"
}

@test "the service manager is told when clients may come" {
	require socat
	background socat -u "UNIX-RECV:notify" -
	wait_until [ -S notify ]
	out=$BG_OUT
	NOTIFY_SOCKET=$PWD/notify serve "$S" env
	wait_until says "$out" READY=1
	run client ask "$S" </dev/null
	refute_line --regexp '^NOTIFY_SOCKET='
	stop
}
