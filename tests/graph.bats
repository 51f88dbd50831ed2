# graph: what is drawn, as graphviz renders it and as a strict parser of mermaid reads it.

load lib

# Makes the scene: its roles and numbers become variables.
make_scene() {
	require_python sysv_ipc
	KEY=$(unique_key)
	DIR=$XDG_RUNTIME_DIR
	background "$PYTHON" "$BATS_TEST_DIRNAME/scene.py" make "$DIR" "$KEY"
	wait_until grep -qx ready "$BG_OUT"
	local line
	while read -r line; do
		[ "$line" = ready ] || declare -g "$line"
	done <"$BG_OUT"
	wait_until is_in_syscall "$receiver" msgrcv
	wait_until is_in_syscall "$waiter" semtimedop
	wait_until is_in_syscall "$mq_receiver" mq_timedreceive
	wait_until grep -q SYSV "/proc/$attacher2/maps"
	wait_until grep -q SYSV "/proc/$attacher1/maps"
}

# Draws in both languages. What is read from both must be the same but for the shapes.
draw() { # ARGUMENT...
	run --separate-stderr ipcctl graph "$@"
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/dot"
	local before=$status said=$stderr
	ipcctl graph --format mermaid "$@" >"$BATS_TEST_TMPDIR/mermaid" 2>/dev/null || [ $? = "$before" ]
	read_graph dot
	read_graph mermaid
	diff <(without_shapes dot) <(without_shapes mermaid)
	output=$(cat "$BATS_TEST_TMPDIR/dot.read") stderr=$said
	mapfile -t lines <"$BATS_TEST_TMPDIR/dot.read"
	status=$before
}

read_graph() { # LANGUAGE
	"$PYTHON" "$BATS_TEST_DIRNAME/scene.py" read "$1" <"$BATS_TEST_TMPDIR/$1" >"$BATS_TEST_TMPDIR/$1.read"
}

without_shapes() { # LANGUAGE
	sed -E 's/^(node .*) \| [^|]* \| ([a-z]+)$/\1 | \2/' "$BATS_TEST_TMPDIR/$1.read" | sort
}

setup() {
	require dot jq
}

@test "a pipeline is drawn from its writer to its reader" {
	make_scene
	draw "pipe:ino:$pipe1" "pipe:ino:$pipe2"
	assert_success
	assert_line "node pipe:ino:$pipe1 | unnamed pipe, live | cds | live"
	assert_line --regexp "^node $middle \| python3 .*scene.py"
	assert_line "edge $writer --> pipe:ino:$pipe1"
	assert_line "edge pipe:ino:$pipe1 --> $middle"
	assert_line "edge $middle --> pipe:ino:$pipe2"
	assert_line "edge pipe:ino:$pipe2 --> $reader"
	assert_equal "$(grep -c ^edge <<<"$output") $(grep -c ^node <<<"$output")" "4 5"
}

@test "a pair of sockets is one object between the processes that have its ends" {
	make_scene
	draw "sock:ino:$pair2"
	assert_success
	pair=sock:ino:${pair1}sock:ino:$pair2
	assert_line "node $pair | Unix sockets, stream, live | hexagon | live"
	assert_line "edge $left --- $pair"
	assert_line "edge $pair --- $right"
	assert_equal ${#lines[@]} 5
}

@test "clients of a server are joined to its socket, and a connection that was handed over has its handler" {
	make_scene
	draw "sock:$DIR/server"
	assert_success
	server_socket=sock:$DIR/server handed=sock:ino:${handed1}sock:ino:$handed2
	assert_line "node $server_socket | Unix socket, stream, live | hexagon | live"
	assert_line "edge $server_socket --- $server listens"
	assert_line "edge $client1 --- $server_socket client"
	assert_line "edge $client2 --- $server_socket 2 connections"
	assert_line "edge $client3 --- $handed"
	assert_line "edge $handed --- $handler"
	assert_line "edge $handed -.- $server_socket accepted"
	assert_equal "$(grep -c ^edge <<<"$output")" 6
}

@test "with --all each connection is drawn by itself" {
	make_scene
	draw --all "sock:$DIR/server"
	assert_success
	assert_equal "$(grep -c '^edge .* accepted$' <<<"$output")" 4
	refute_line --partial connections
}

@test "what sends datagrams to a socket with a name is its client" {
	make_scene
	draw "sock:$DIR/log"
	assert_success
	assert_line "edge sock:$DIR/log --- $log bound"
	assert_line "edge $sender --- sock:$DIR/log client"
	assert_equal "$(grep -c ^edge <<<"$output")" 2
}

@test "a FIFO stands between who writes and who reads" {
	make_scene
	draw "fifo:$DIR/fifo"
	assert_success
	assert_line "node fifo:$DIR/fifo | FIFO, live | cds | live"
	assert_line "edge $fifo_writer --> fifo:$DIR/fifo"
	assert_line "edge fifo:$DIR/fifo --> $fifo_reader"
}


@test "queues, segments and semaphores are drawn with who has them and who is blocked" {
	make_scene
	draw mq shm sem
	assert_success
	assert_line "node mq:key:$KEY | System V message queue, 0 messages, live | box | live"
	assert_line "edge mq:key:$KEY -.-> $receiver blocked"
	assert_line --regexp "^node mq:/scene \| POSIX message queue, 0 messages, live \| box"
	assert_line "edge mq:/scene -.-> $mq_receiver blocked"
	assert_line "edge $waiter -.- sem:key:$KEY blocked"
	assert_line --regexp "^node shm:key:$KEY \| System V shared memory segment, 8K, live \| box3d"
	assert_line "edge $attacher1 --- shm:key:$KEY"
	assert_line "edge $attacher2 --- shm:key:$KEY"
	assert_line "edge $mapper1 --- shm:/scene"
	assert_line "edge $mapper2 --- shm:/scene"
	refute_line --partial pipe:
	refute_line --partial sock:
}

@test "without operands all that has a name is there at once, with the connections of servers" {
	make_scene
	for format in dot mermaid; do
		# Those of the machine's other processes come and go meanwhile.
		ipcctl graph --format $format >"$BATS_TEST_TMPDIR/$format"
		read_graph $format
		for pid in "$server" "$client1" "$client2" "$client3" "$handler" "$log" "$sender" "$fifo_writer" \
			"$fifo_reader" "$receiver" "$waiter" "$attacher1" "$attacher2" "$mq_receiver" "$mapper1" "$mapper2"; do
			grep -q "^node $pid |" "$BATS_TEST_TMPDIR/$format.read"
			grep -qE "^edge (.* )?$pid( |$)" "$BATS_TEST_TMPDIR/$format.read"
		done
		run ! grep -E "pipe:ino:|^node ($left|$right) " "$BATS_TEST_TMPDIR/$format.read"
	done
}

@test "pipes and pairs of sockets are drawn with --all, and when these kinds are asked for" {
	make_scene
	for operands in --all 'pipe sock' "pipe:ino:$pipe1 pipe:ino:$pipe2 sock:ino:$pair2"; do
		# shellcheck disable=SC2086 # several words
		ipcctl graph $operands >"$BATS_TEST_TMPDIR/dot"
		read_graph dot
		for pid in "$writer" "$middle" "$reader" "$left" "$right"; do
			grep -q "^node $pid |" "$BATS_TEST_TMPDIR/dot.read"
			grep -qE "^edge (.* )?$pid( |$)" "$BATS_TEST_TMPDIR/dot.read"
		done
	done
	ipcctl pipe graph >"$BATS_TEST_TMPDIR/dot"
	read_graph dot
	grep -q "^node $writer |" "$BATS_TEST_TMPDIR/dot.read"
}

@test "ipcctl itself is not drawn, so that its output can be a pipe" {
	ipcctl graph --all | cat >"$BATS_TEST_TMPDIR/dot"
	read_graph dot
	run ! grep -E '^node [0-9]+ \| ipcctl graph --all$' "$BATS_TEST_TMPDIR/dot.read"
}

@test "what nobody has is left out, unless it is named or --all is given" {
	: >/dev/shm/alone
	ipcctl graph shm >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/err")" \
		"ipcctl graph: there is nothing to draw: no process has any of these objects; --all draws what is left out"
	dot -Tsvg -o /dev/null "$BATS_TEST_TMPDIR/out"
	draw shm:/alone
	assert_equal "$stderr" ""
	assert_output "node shm:/alone | POSIX shared memory object, 0B, idle | box3d | idle"
	draw 'shm:/al*'
	assert_output "node shm:/alone | POSIX shared memory object, 0B, idle | box3d | idle"
	draw --all shm
	assert_output "node shm:/alone | POSIX shared memory object, 0B, idle | box3d | idle"
}

@test "a name that leads to nothing is status 3, as in ls, and what else was named is drawn" {
	: >/dev/shm/there
	draw shm:/gone shm:/there
	assert_failure 3
	assert_line --partial "node shm:/there"
	assert_equal "$stderr" "ipcctl graph: cannot find segment 'shm:/gone': No such file or directory"
	run ipcctl graph shm:/gone
	assert_failure 3
	run ipcctl graph 'shm:/gone*'
	assert_success
	assert_line --partial "nothing to draw"
}

@test "filters choose the objects, and a connection is drawn if one end passes" {
	: >/dev/shm/mine
	draw --all --state idle
	assert_success
	assert_line --partial "node shm:/mine"
	refute_line --partial " live"
	draw --all --state live shm
	assert_output ""
	draw --all --older-than 1h shm
	assert_output ""
	run ipcctl graph --state dead
	assert_failure 2
}

@test "with --all-ns objects of one name in several IPC namespaces are several, and say where they are" {
	require_root
	key=$(unique_key)
	ipcctl shm create "key:$key" --size 4K
	# shellcheck disable=SC2016 # of the inner shell
	background unshare -i bash -c 'ipcctl shm create "key:$1" --size 8K; echo ready; exec sleep 1000' sh "$key"
	wait_until grep -q ready "$BG_OUT"
	draw --all-ns "shm:key:$key"
	assert_line --regexp "^node shm:key:$key \| System V shared memory segment, 4K,"
	assert_line --regexp "^node shm:key:$key(namespace of $BG_PID|container .*) \| System V shared memory segment, 8K,"
	draw --all --ns "$BG_PID" "shm:key:$key"
	assert_equal ${#lines[@]} 1
	assert_line --partial "segment, 8K,"
}

@test "the same objects give the same graph, byte for byte" {
	make_scene
	for format in dot mermaid; do
		ipcctl graph --format $format mq shm sem fifo "sock:$DIR/*" "pipe:ino:$pipe1" >"$BATS_TEST_TMPDIR/1"
		ipcctl graph --format=$format "pipe:ino:$pipe1" "sock:$DIR/*" fifo sem shm mq >"$BATS_TEST_TMPDIR/2"
		cmp "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/2"
		[ -s "$BATS_TEST_TMPDIR/1" ]
	done
}

# Names of files that are objects: whatever a label could take for markup.
hostile_names() {
	local name
	for name in 'a"b' 'a\b' "ends\\\\" "a'b" 'a]]b' 'a]b[c' '<b>bold</b>' '<br/>' '&lt;' '&#35;' '#35;' 'a-->b' '-->' \
		'--- o1' 'end' 'graph' 'subgraph x' 'click' '{a|b}' '{{' '}}' 'a|b' '|' '(x)' '`x`' '**x**' '_x_' '~~x~~' \
		'fa:fa-ban' 'FAB:fa-x' 'http:' 'www.example.org' 'a@b.example' '%%{init: {}}%%' '%% x' '; }' '\N' '\G' '\l\r' \
		'\\n' '1. x' '- x' '# x' '> x' '$x$' '$$x$$' ':::' 'digraph' '"]' '")' $'new\nline' $'tab\t' $'\e[31m' \
		$'bad\xff\xfe' $'\xe2\x80\xae' $'\xc3\xa4' $'\xf0\x9f\x98\x80' 'strict' '<<TABLE>>' '<>' 'x <' \
		'&amp;quot;' '*' '?' 'style n1 fill:red' 'x;' "$(printf 'x%.0s' {1..200})"; do
		printf '%s\0' "$name"
	done
}

@test "hostile names of objects are rendered as ipcctl prints them, in both languages" {
	hostile_names | while IFS= read -r -d '' name; do
		: >"/dev/shm/${name//\//=}"
	done
	[ "$(ipcctl ls --names shm | wc -l)" -ge 60 ]
	ipcctl ls --names shm | sort >"$BATS_TEST_TMPDIR/names"
	draw --all shm
	sed -n 's/^node \(.*\) | POSIX .*/\1/p' "$BATS_TEST_TMPDIR/dot.read" | sort | diff "$BATS_TEST_TMPDIR/names" -
	sed -n 's/^node \(.*\) | POSIX .*/\1/p' "$BATS_TEST_TMPDIR/mermaid.read" | sort | diff "$BATS_TEST_TMPDIR/names" -
	# As a picture too: the text of each label, with the lines of one joined.
	dot -Tsvg "$BATS_TEST_TMPDIR/dot" | "$PYTHON" -c '
import sys, xml.etree.ElementTree as tree
for node in tree.parse(sys.stdin.buffer).getroot().iter("{http://www.w3.org/2000/svg}g"):
    if node.get("class") == "node":
        print("".join([t.text for t in node.iter("{http://www.w3.org/2000/svg}text")][:-1]))' |
		sort | diff "$BATS_TEST_TMPDIR/names" -
}

@test "hostile names of processes are rendered escaped, and long ones shortened" {
	hostile_names >"$BATS_TEST_TMPDIR/hostile"
	mkfifo "$BATS_TEST_TMPDIR/f"
	background "$PYTHON" -c '
import os, signal, subprocess, sys
fd = os.open(sys.argv[2], os.O_RDWR)
for name in open(sys.argv[1], "rb").read().split(b"\0")[:-1]:
    subprocess.Popen([name, b"1000"], executable="/bin/sleep", pass_fds=[fd])
print("ready", flush=True)
signal.pause()
' "$BATS_TEST_TMPDIR/hostile" "$BATS_TEST_TMPDIR/f"
	wait_until grep -q ready "$BG_OUT"
	draw "fifo:$BATS_TEST_TMPDIR/f"
	[ "$(grep -c '^node [0-9]' <<<"$output")" -ge 60 ]
	assert_line --regexp '^node [0-9]+ \| a"b 1000$'
	assert_line --regexp '^node [0-9]+ \| a\\\\b 1000$'
	assert_line --regexp '^node [0-9]+ \| new\\nline 1000$'
	assert_line --regexp '^node [0-9]+ \| bad\\xff\\xfe 1000$'
	assert_line --regexp '^node [0-9]+ \| &#35; 1000$'
	assert_line --regexp '^node [0-9]+ \| x{40}…$'
}

@test "twenty processes in a row, all clients of one server, keep their order" {
	background "$PYTHON" "$BATS_TEST_DIRNAME/scene.py" pipeline 19
	wait_until grep -qx ready "$BG_OUT"
	draw sock:@pipeline
	assert_equal "$(grep -c ' client$' <<<"$output")" 19
	ipcctl graph --all >"$BATS_TEST_TMPDIR/whole"
	first=$(pgrep -P "$BG_PID" -f 'sleep 1000') last=$(pgrep -P "$BG_PID" -f 'sleep 2000')
	# Left to right: each program is placed behind the one that writes to it.
	dot -Tjson "$BATS_TEST_TMPDIR/whole" | jq -r '.objects[] | select(.pos) | "\(.name) \(.pos)"' >"$BATS_TEST_TMPDIR/places"
	place() { sed -n "s/^p$1 \([0-9.]*\),.*/\1/p" "$BATS_TEST_TMPDIR/places"; }
	before=-1
	for seconds in {1000..1018} 2000; do
		now=$(place "$(pgrep -P "$BG_PID" -f "sleep $seconds")")
		[ "$(jq -n "$now > $before")" = true ]
		before=$now
	done
	[ -n "$first" ] && [ -n "$last" ]
}

@test "TCP connections of ipcctl have their clients, whatever program those are" {
	require ncat
	background ipcctl sock serve tcp:127.0.0.1:7411 --echo --ready-fd 1
	server=$BG_PID
	wait_until ipcctl stat sock:tcp:127.0.0.1:7411
	mkfifo "$BATS_TEST_TMPDIR/in"
	exec {in}<>"$BATS_TEST_TMPDIR/in"
	background ncat 127.0.0.1 7411 <"$BATS_TEST_TMPDIR/in"
	client=$BG_PID
	echo hello >&"$in"
	wait_until grep -q hello "$BG_OUT"
	exec {in}>&-
	draw sock:tcp:127.0.0.1:7411
	assert_line "edge sock:tcp:127.0.0.1:7411 --- $server listens"
	assert_line "edge $client --- sock:tcp:127.0.0.1:7411 client"
}

@test "an end that cannot be written is said" {
	run ipcctl graph --all
	assert_success
	run bash -c 'ipcctl graph --all >/dev/full'
	assert_failure 1
}
