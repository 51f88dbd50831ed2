# sock probe: whether somebody is bound to an address.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

says() { # CONDITION STATUS ADDRESS
	run ipcctl sock probe "$3"
	[ "$output" = "$1" ] && [ "$status" -eq "$2" ]
}

# Starts a server in Python: binds and listens, and writes "accepted" when somebody connects.
bound() { # TYPE ADDRESS (of Python's socket)
	background "$PYTHON" -c '
import ast, socket, sys
kind, address = sys.argv[1], ast.literal_eval(sys.argv[2])
family = socket.AF_UNIX if not isinstance(address, tuple) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
server = socket.socket(family, getattr(socket, kind))
server.bind(address)
if kind != "SOCK_DGRAM":
    server.listen()
print("ready", flush=True)
if kind == "SOCK_DGRAM":
    print("received", server.recv(10), flush=True)
server.accept()
print("accepted", flush=True)
' "$1" "$2"
	wait_until grep -q ready "$BG_OUT"
}

@test "each condition of a path has its word and its status" {
	require "$PYTHON"
	for type in SOCK_STREAM SOCK_SEQPACKET SOCK_DGRAM; do
		says absent 3 x.sock
		bound $type "'x.sock'"
		says live 0 x.sock
		says live 0 "$PWD/x.sock"
		kill -KILL "$BG_PID"
		wait_until says stale 6 x.sock
		assert_equal "$(cat "$BG_OUT")" ready
		rm x.sock
	done
	says absent 3 no/where
}

@test "a symbolic link is followed, and what is no socket is told" {
	require "$PYTHON"
	bound SOCK_STREAM "'x.sock'"
	ln -s x.sock link
	says live 0 link
	ln -s nowhere dangling
	says absent 3 dangling
	: >file
	run ipcctl sock probe file
	assert_failure 1
	assert_line "ipcctl sock probe: cannot probe socket 'file': Something else has this name"
}

@test "a socket that may not be written to is denied" {
	require_root
	require "$PYTHON"
	bound SOCK_STREAM "'x.sock'"
	chmod 0600 x.sock
	mkdir -m 0700 private
	chmod 0755 . ..
	run as_user ipcctl sock probe x.sock
	assert_output denied
	assert_failure 5
	run as_user ipcctl sock probe private/x.sock
	assert_output denied
	assert_failure 5
}

@test "abstract names are looked for, with any bytes in them, and no server is woken" {
	require "$PYTHON"
	for type in SOCK_STREAM SOCK_SEQPACKET SOCK_DGRAM; do
		bound $type '"\0a\nb\0\xff"'
		says live 0 'sock:@a\nb\x00\xc3\xbf'
		says absent 3 'sock:@a\nb'
		kill -KILL "$BG_PID"
		wait_until says absent 3 'sock:@a\nb\x00\xc3\xbf'
		assert_equal "$(cat "$BG_OUT")" ready
	done
}

@test "TCP listeners are found without a connection" {
	require "$PYTHON"
	says absent 3 tcp:127.0.0.1:7171
	bound SOCK_STREAM '("0.0.0.0", 7171)'
	says live 0 tcp:127.0.0.1:7171
	says live 0 tcp:localhost:7171
	bound SOCK_STREAM '("::1", 7172)'
	says live 0 'tcp:[::1]:7172'
	says absent 3 tcp:127.0.0.1:7172
	assert_equal "$(cat "$BG_OUT")" ready
}

@test "an address that is none is pointed at, with status 2" {
	run ipcctl sock probe tcp:127.0.0.1:70000
	assert_failure 2
	assert_output --partial "'70000' is not a port"
	run ipcctl sock probe 'tcp:[::1]80'
	assert_failure 2
	assert_output --partial "not '80'"
	run ipcctl sock probe tcp:nobody.invalid:80
	assert_failure 3
	assert_output --partial "cannot find the host 'nobody.invalid'"
}

@test "an answer that can't be printed is an error" {
	[ -e /dev/full ] || skip "needs /dev/full"
	run bash -c 'ipcctl sock probe nothing >/dev/full'
	assert_failure 1
	assert_output --partial "cannot write standard output"
}
