# Sockets and unnamed pipes as objects: what ls, stat, rm, chmod and wait make of them.

load lib

setup() {
	D=$(mktemp -d /tmp/d.XXXXXX) # not too deep to be searched
	chmod 0755 "$D"
}

teardown() {
	reap_background
	remove_objects
	rm -rf "$D"
}

# Makes sockets with a foreign program that tells who disturbs them.
serve() { # [TYPE BACKLOG NAME]...
	background "$PYTHON" "$BATS_TEST_DIRNAME/foreign/sockets.py" "$@"
	wait_until grep -q ready "$BG_OUT"
}

# What nobody disturbed has said nothing but that it is ready.
assert_undisturbed() {
	assert_equal "$(cat "$BG_OUT")" ready
}

# Leaves the file of a dead socket.
leave() { # PATH
	"$PYTHON" -c "
import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])" "$1"
}

field() { # KEY SELECTOR
	ipcctl stat -J "$2" | jq -c ".[0].$1"
}

@test "every bound socket is listed once, whatever its type, by its path or its abstract name" {
	serve stream 5 "$D/live" stream - "$D/bound" dgram - "$D/dgram" seqpacket 3 "$D/seq" \
		stream 1 "$D/new\\nline" stream 1 "$D/x (deleted)" \
		stream 5 '@jobs' dgram - '@jobs' seqpacket 2 '@a\n0: 00000002 0 0 /tmp/forged' dgram - '@\x00\xff'
	assert_equal "$(ipcctl ls --names sock | sort)" "$(sort <<-END
		sock:$D/bound
		sock:$D/dgram
		sock:$D/live
		sock:$D/new\\nline
		sock:$D/seq
		sock:$D/x (deleted)
		sock:@\\x00ÿ
		sock:@a\\n0: 00000002 0 0 /tmp/forged
		sock:@jobs
	END
	)"
	# Each name leads back to its socket.
	ipcctl ls --names sock | while read -r name; do
		assert_equal "$(field object "$name")" "$(jq -n --arg name "$name" '$name')"
		assert_equal "$(field state "$name")" '"live"'
	done
	assert_equal "$(ipcctl ls --names sock)" "$(ipcctl sock ls --names)"
	assert_undisturbed
}

@test "what a socket is, who made it, what waits in it and who has it is told" {
	serve stream 5 "$D/stream" seqpacket 3 @seq dgram - "$D/dgram"
	chmod 0640 "$D/stream"
	assert_equal "$(ipcctl stat -J "sock:$D/stream" | jq -c '.[0] | [.mode, .uid, .type, .pending, .backlog, .last_used]')" \
		"[\"0640\",$(id -u),\"stream\",0,5,null]"
	assert_equal "$(ipcctl stat -J sock:@seq | jq -c '.[0] | [.mode, .uid, .type, .backlog]')" "[null,$(id -u),\"seqpacket\",3]"
	for name in "sock:$D/stream" sock:@seq "sock:$D/dgram"; do
		assert_equal "$(ipcctl stat -J "$name" | jq -c '.[0].holders | map([.pid, .how])')" "[[$BG_PID,\"bound\"]]"
	done
	"$PYTHON" -c "
import socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'12345', sys.argv[1])" "$D/dgram"
	assert_equal "$(ipcctl ls -J -o used "sock:$D/dgram")" $'[\n {"used": 5}\n]'
	run ipcctl stat "$D/stream"
	assert_line "Type:            stream"
	assert_line "Kind:            Unix socket"
}

@test "looking, listing, waiting and being refused removal disturb no server" {
	serve stream 5 "$D/stream" seqpacket 3 "$D/seq" dgram - "$D/dgram" stream - "$D/bound" stream 5 @abstract
	ipcctl ls >/dev/null
	ipcctl ls --all -J >/dev/null
	for name in stream seq dgram bound; do
		ipcctl stat "sock:$D/$name" >/dev/null
		ipcctl wait "sock:$D/$name" --for live
		run ipcctl rm "sock:$D/$name"
		assert_failure 1
		assert_output --partial "it is in use: $BG_PID $PYTHON"
	done
	run ipcctl rm -y --stale
	assert_success
	assert_undisturbed
}

@test "a server whose backlog is full is live, and nobody waits for it" {
	serve stream 0 "$D/full"
	"$PYTHON" -c "
import socket, sys, time
clients = []
while True:
    s = socket.socket(socket.AF_UNIX)
    s.setblocking(False)
    try:
        s.connect(sys.argv[1])
    except BlockingIOError:
        break
    clients.append(s)
print(len(clients), flush=True)
sys.stdin.read()" "$D/full" >"$BATS_TEST_TMPDIR/clients" < <(sleep infinity & echo $! >"$BATS_TEST_TMPDIR/sleep"; wait) 3>&- &
	client=$!
	wait_until test -s "$BATS_TEST_TMPDIR/clients"
	assert_equal "$(field state "sock:$D/full")" '"live"'
	assert_equal "$(field pending "sock:$D/full")" "$(cat "$BATS_TEST_TMPDIR/clients")"
	kill "$client" "$(cat "$BATS_TEST_TMPDIR/sleep")"
	wait "$client" || true
}

@test "the file of a killed server is stale, whoever made it, and goes in bulk while live ones stay" {
	serve stream 5 "$D/dead" dgram - "$D/dead too" seqpacket 1 "$D/dead\\nseq"
	kill -KILL "$BG_PID"
	wait "$BG_PID" || true
	serve stream 5 "$D/live" stream 5 @abstract
	for name in dead 'dead too' 'dead\nseq'; do
		assert_equal "$(ipcctl stat -J "sock:$D/$name" | jq -c '.[0] | [.state, .holders, .type]')" '["stale",[],null]'
	done
	run ipcctl stat "$D/dead"
	assert_line "Evidence:        no process is bound to it: the kernel refuses a connection"
	run ipcctl rm --stale </dev/null
	assert_failure 2
	assert_output --partial "sock:$D/dead too"
	refute_output --partial "$D/live"
	ipcctl rm --stale -y
	assert_equal "$(ls "$D")" live
	assert_undisturbed
}

@test "sockets are found in the directories that --dir names, and live ones everywhere" {
	mkdir "$D/in" "$D/out"
	leave "$D/in/dead"
	leave "$D/out/dead"
	serve stream 1 "$D/out/live"
	assert_equal "$(ipcctl ls --names --dir "$D/in" sock | sort)" "sock:$D/in/dead"$'\n'"sock:$D/out/live"
}

@test "a socket whose name was relative, moved or went through /proc is found where it is" {
	mkdir "$D/searched" "$D/a"
	background "$PYTHON" -c "
import os, socket, sys, time
os.chdir(sys.argv[1])
made = []
def make(name):
    s = socket.socket(socket.AF_UNIX)
    s.bind(name)
    s.listen()
    made.append(s)
make('relative')
make('a/relative')
make('old')
os.rename('old', 'new')
make(os.getcwd() + '/.ipcctl-sock-0a1b2c3d.final')
os.rename('.ipcctl-sock-0a1b2c3d.final', 'final')
directory = os.open('.', os.O_PATH)
make('/proc/self/fd/%d/through' % directory)
make('gone')
os.unlink('gone')
print('ready', flush=True)
time.sleep(1000)" "$D"
	wait_until grep -q ready "$BG_OUT"
	assert_equal "$(ipcctl ls --names --dir "$D/searched" sock | sort)" "$(printf "sock:$D/%s\n" a/relative final new relative through)"
	# What has lost its name has no file any more, but it is there.
	assert_equal "$(ipcctl ls --names --all --dir "$D/searched" sock | grep -c 'sock:ino:')" 1
}

@test "rm --force removes the file of a live socket, and its server goes on" {
	serve stream 5 "$D/live"
	run ipcctl rm "sock:$D/live"
	assert_failure 1
	ipcctl rm --force "sock:$D/live"
	[ ! -e "$D/live" ]
	is_running "$BG_PID"
	assert_undisturbed
}

@test "what has no file can't be removed: it is told who has it" {
	serve stream 5 @abstract
	for force in '' --force; do
		# shellcheck disable=SC2086 # an option, or none
		run ipcctl rm $force sock:@abstract
		assert_failure 1
		assert_line --index 0 --partial "cannot remove socket 'sock:@abstract', which is in use: $BG_PID $PYTHON"
		assert_line --index 1 "hint: a socket without a file goes when the last process closes it"
	done
	pipe=$(ipcctl ls --names pipe | head -n 1)
	run ipcctl rm --force "$pipe"
	assert_failure 1
	assert_line --partial "hint: an unnamed pipe goes when the last process closes it"
	run ipcctl rm sock:@missing
	assert_failure 3
	assert_undisturbed
}

@test "connected sockets and unnamed pipes are listed with --all, each end with its peer" {
	background "$PYTHON" -c "
import os, socket, sys, time
a, b = socket.socketpair()
a.send(b'12345')
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
server, _ = listener.accept()
waiting = socket.socket(socket.AF_UNIX)
waiting.connect(sys.argv[1])
r, w = os.pipe()
inode = lambda fd: os.fstat(fd).st_ino
print(inode(a.fileno()), inode(b.fileno()), inode(server.fileno()), inode(client.fileno()), inode(r), flush=True)
time.sleep(1000)" "$D/s"
	wait_until test -s "$BG_OUT"
	read -r a b server client pipe <"$BG_OUT"
	assert_equal "$(ipcctl ls --names sock)" "sock:$D/s"
	run ipcctl ls --names
	refute_line "pipe:ino:$pipe"
	run ipcctl ls --names --all
	for name in "sock:$D/s" "sock:ino:$a" "sock:ino:$b" "sock:ino:$server" "sock:ino:$client" "pipe:ino:$pipe"; do
		assert_line "$name"
	done
	assert_equal "$(printf '%s\n' "${lines[@]}" | sort | uniq -d)" ""
	refute_line sock:ino:0 # what waits to be accepted is nobody's yet
	assert_equal "$(field pending "sock:$D/s")" 1
	run ipcctl ls --names pipe
	assert_line "pipe:ino:$pipe"
	refute_line --partial sock:
	assert_equal "$(field peer "sock:ino:$a")" "\"sock:ino:$b\""
	assert_equal "$(field peer "sock:ino:$client")" "\"sock:ino:$server\""
	assert_equal "$(ipcctl stat -J "sock:ino:$b" | jq -c '.[0] | [.type, .used, .state, (.holders | map([.pid, .how]))]')" \
		"[\"stream\",5,\"live\",[[$BG_PID,\"fd\"]]]"
	run ipcctl stat sock:ino:1
	assert_failure 3
}

@test "a socket that was handed over is looked at through its descriptor" {
	run -0 "$PYTHON" -c "
import os, socket, subprocess
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
t = socket.create_server(('127.0.0.1', 0))
print(os.fstat(a.fileno()).st_ino, os.fstat(t.fileno()).st_ino, flush=True)
for s in a, t:
    subprocess.run(['ipcctl', 'ls', '--noheadings', '-o', 'object,type', 'sock:fd:%d' % s.fileno()], pass_fds=[s.fileno()], check=True)"
	read -r unix _ <<<"${lines[0]}"
	assert_equal "$(tr -s ' ' <<<"${lines[1]}")" "sock:ino:$unix dgram"
	assert_regex "${lines[2]}" '^sock:tcp:127.0.0.1:[0-9]+ +stream'
	run ipcctl stat sock:fd:99
	assert_failure 3
	run ipcctl stat sock:fd:0 </dev/null
	assert_failure 1
	assert_output --partial "Socket operation on non-socket"
}

@test "a pipe is told with the processes at both ends, and what it holds is not guessed" {
	background "$PYTHON" -c "
import os, time
r, w = os.pipe()
reader = os.fork()
if reader == 0:
    os.close(w)
    time.sleep(1000)
os.close(r)
print(os.fstat(w).st_ino, reader, flush=True)
time.sleep(1000)"
	wait_until test -s "$BG_OUT"
	read -r pipe reader <"$BG_OUT"
	assert_equal "$(ipcctl stat -J "pipe:ino:$pipe" | jq -c '.[0] | [.uid, .size, .used, (.holders | map([.pid, .how]) | sort_by(.[1]))]')" \
		"[$(id -u),null,null,[[$reader,\"read\"],[$BG_PID,\"write\"]]]"
	kill "$reader"
}

@test "the sockets that listen, and who has them, are those of ss and lsof" {
	require ss lsof
	serve stream 5 "$D/one" seqpacket 5 "$D/two" stream 5 @three
	ipcctl ls -J -o name,backlog,holders sock |
		jq -r '.[] | select(.backlog != null) | "\(.name) \(.holders[].pid)"' | sort >"$BATS_TEST_TMPDIR/ours"
	ss -xlnpH | sed -E 's/^[a-z_]+ +[A-Z]+ +[0-9]+ +[0-9]+ +([^ ]+) .*pid=([0-9]+).*/\1 \2/' |
		sort >"$BATS_TEST_TMPDIR/theirs"
	diff "$BATS_TEST_TMPDIR/ours" "$BATS_TEST_TMPDIR/theirs"
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/ours")" 3
	assert_equal "$(lsof -a -p "$BG_PID" -U -F n 2>/dev/null | sed -n 's/^n\([^ ]*\).*/\1/p' | sort)" \
		"$(cut -d' ' -f1 "$BATS_TEST_TMPDIR/ours")"
}

@test "wait sees a socket come to life, die and go" {
	leave "$D/s"
	ipcctl wait "sock:$D/s" --for idle
	run ipcctl wait "sock:$D/s" --for live --timeout 10ms
	assert_failure 4
	ipcctl rm "sock:$D/s"
	background ipcctl wait "sock:$D/s" --for exists -t 20s
	waiter=$BG_PID
	serve stream 1 "$D/s"
	server=$BG_PID
	finish "$waiter"
	assert_success
	background ipcctl wait "sock:$D/s" --for idle -t 20s
	waiter=$BG_PID
	kill -KILL "$server"
	finish "$waiter"
	assert_success
	background ipcctl wait sock:@here -t 20s
	waiter=$BG_PID
	serve stream 1 @here
	finish "$waiter"
	assert_success
}

@test "mode and owner of a socket's file can be changed; what has no file has none" {
	serve stream 1 "$D/s" stream 1 @abstract
	ipcctl chmod 0600 "sock:$D/s"
	assert_equal "$(stat -c %a "$D/s")" 600
	run ipcctl chmod 0600 sock:@abstract
	assert_failure 1
	assert_output --partial "Not supported for this kind of object"
	assert_undisturbed
}

@test "a plain path is a socket or a FIFO, whichever is there" {
	leave "$D/s"
	mkfifo "$D/f"
	: >"$D/file"
	cd "$D"
	assert_equal "$(field kind "$D/s") $(field kind ./s) $(field kind "$D/f")" '"sock" "sock" "fifo"'
	run ipcctl stat "$D/file"
	assert_failure 3
	assert_output "ipcctl stat: cannot find '$D/file': no object of any kind has this name"
	run ipcctl stat "sock:$D/file"
	assert_failure 1
	assert_line --index 1 "hint: the file of this name is no socket"
	ln -s s link
	run ipcctl stat "sock:$D/link"
	assert_failure 1
	assert_line --partial "hint: the last part of the path is a symbolic link"
	run ipcctl rm "sock:$D/link"
	assert_failure 1
	[ -S s ] && [ -L link ]
}

@test "a socket of another network namespace is live, and its file stays" {
	# shellcheck disable=SC2016
	unshare -rn true 2>/dev/null || unshare -n true 2>/dev/null || skip "needs network namespaces"
	way=-rn
	[ "$(id -u)" != 0 ] || way=-n
	background unshare $way "$PYTHON" "$BATS_TEST_DIRNAME/foreign/sockets.py" stream 1 "$D/far"
	wait_until grep -q ready "$BG_OUT"
	assert_equal "$(ipcctl stat -J "sock:$D/far" | jq -c '.[0] | [.state, .holders, .type]')" '["live",null,null]'
	run ipcctl rm "sock:$D/far"
	assert_failure 1
	[ -S "$D/far" ]
	assert_undisturbed
}

@test "another user's socket that may not be connected to is live by the kernel's list, else unknown" {
	require_root
	serve stream 1 "$D/live" stream 1 @abstract
	leave "$D/dead"
	chmod 0600 "$D/live" "$D/dead"
	run -0 as_user ipcctl ls --noheadings -o object,state,holders sock
	assert_equal "$(tr -s ' ' <<<"$output" | sort)" \
		"$(printf '%s\n' "sock:$D/dead unknown ?" "sock:$D/live live ?" "sock:@abstract live ?")"
	run as_user ipcctl rm -y --stale
	assert_success
	run as_user ipcctl rm "sock:$D/dead"
	assert_failure 1
	assert_line --partial "it may be in use: it may not be connected to"
	run as_user ipcctl rm --force "sock:$D/dead"
	assert_failure 5
	chmod 0666 "$D/dead"
	run as_user ipcctl stat "sock:$D/dead"
	assert_line "State:           stale"
	ipcctl rm --stale -y
	assert_equal "$(ls "$D")" live
}

@test "TCP sockets that ipcctl serves are listed, others are found by their address alone" {
	background ipcctl sock serve --ready-fd 4 tcp:127.0.0.1:47001 4>"$BATS_TEST_TMPDIR/ready"
	server=$BG_PID
	background ipcctl sock serve --ready-fd 5 "tcp:[::1]:47001" 5>"$BATS_TEST_TMPDIR/ready6"
	background "$PYTHON" -c "
import socket, time
s = socket.create_server(('127.0.0.1', 47002))
print('ready', flush=True)
time.sleep(1000)"
	foreign=$BG_PID
	wait_until grep -q ready "$BG_OUT"
	wait_until test -s "$BATS_TEST_TMPDIR/ready"
	wait_until test -s "$BATS_TEST_TMPDIR/ready6"
	assert_equal "$(ipcctl ls --names sock | sort)" $'sock:tcp:127.0.0.1:47001\nsock:tcp:\\[::1]:47001'
	assert_equal "$(ipcctl stat -J sock:tcp:localhost:47001 | jq -c '.[0] | [.object, .type, .state, (.holders | map([.pid, .how]))]')" \
		"[\"sock:tcp:127.0.0.1:47001\",\"stream\",\"live\",[[$server,\"bound\"]]]"
	assert_equal "$(ipcctl stat -J 'sock:tcp:\[::1]:47001' | jq -c '.[0].object')" '"sock:tcp:\\[::1]:47001"'
	assert_equal "$(ipcctl stat -J sock:tcp:127.0.0.1:47002 | jq -c '.[0].holders | map(.pid)')" "[$foreign]"
	run ipcctl stat sock:tcp:127.0.0.1:47003
	assert_failure 3
	run ipcctl rm --force sock:tcp:127.0.0.1:47001
	assert_failure 1
	assert_line --partial "hint: a TCP socket goes when the last process closes it"
	exec 6<>/dev/tcp/127.0.0.1/47001
	wait_until eval 'ipcctl ls -a -J -o object,peer sock | grep -q "sock:ino:.*tcp:127.0.0.1:"'
	exec 6>&-
}

@test "all pipes and sockets are found in one look at /proc" {
	require strace
	serve stream 1 "$D/one" stream 1 "$D/two" stream 1 @three
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run -0 strace -f -e trace=openat -o "$BATS_TEST_TMPDIR/trace" ipcctl ls -J --all sock pipe
	assert_equal "$(grep -c 'openat(AT_FDCWD, "/proc", O_RDONLY|O_NONBLOCK' "$BATS_TEST_TMPDIR/trace")" 1
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run -0 strace -f -e trace=openat -o "$BATS_TEST_TMPDIR/trace" ipcctl ls --names sock
	run grep '"/proc"' "$BATS_TEST_TMPDIR/trace"
	assert_failure 1
}
