# Streams with real programs on the other end: web clients, Redis, service managers, and every pair of those
# that people use to talk to sockets.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# Ports that nobody else in this private network has.
PORT=7000
next_port() {
	PORT=$((PORT + 1))
}

# Starts a server in the background that tells on descriptor 9 when clients may come.
await_ready() { # COMMAND...
	local ready
	rm -f ready
	mkfifo ready
	# The test holds the FIFO open, so that opening it waits for nobody.
	exec {ready}<>ready
	background "$@" 9>ready
	read -r -t 10 -u "$ready"
	exec {ready}<&-
}

serve() { # OPTION... ADDRESS [HANDLER...]
	await_ready ipcctl sock serve --ready-fd 9 "$@"
}

listens_tcp() { # PORT
	[ -n "$(ss -Hltn "sport = :$1")" ]
}

# --- web ----------------------------------------------------------------------------------------------

@test "curl talks HTTP to a program behind sock serve, on a path and over TCP" {
	require curl
	require_python socket
	handler=("$PYTHON" "$BATS_TEST_DIRNAME/foreign/http_handler.py")
	head -c 3000000 /dev/urandom >body
	ask() { # UID URL CURL-OPTION...
		local uid=$1 url=$2
		shift 2
		run -0 curl -sS "$@" "$url/one"
		assert_output "hello /one from uid $uid"
		run -0 curl -sS -o /dev/null -w '%{http_code}' "$@" "$url/missing"
		assert_output 404
		curl -sS --data-binary @body -o back "$@" "$url/echo"
		cmp body back
	}
	serve ./web "${handler[@]}"
	ask "$(id -u)" http://localhost --unix-socket web
	# Two requests over one connection, then 40 connections of which 8 are open at a time.
	run -0 curl -sS --unix-socket web -w '%{num_connects}\n' http://localhost/a http://localhost/b
	assert_output "hello /a from uid $(id -u)
1
hello /b from uid $(id -u)
0"
	curl -sS --unix-socket web -Z --parallel-max 8 -H 'Connection: close' 'http://localhost/[1-40]' >out 2>progress
	assert_equal "$(sort -V out)" "$(printf "hello /%d from uid $(id -u)\n" {1..40})"
	next_port
	serve "tcp:127.0.0.1:$PORT" "${handler[@]}"
	ask '?' "http://127.0.0.1:$PORT"
	serve "tcp:[::1]:$PORT" "${handler[@]}"
	ask '?' "http://[::1]:$PORT"
}

# --- every client with every server ---------------------------------------------------------------------

# server_NAME starts it on a path or a port; client_NAME is the client's command. Each sends back what it gets.
server_ipcctl() {
	if [ "$1" = unix ]; then
		serve "$2" /bin/cat
	else
		serve "tcp:$2:$3" /bin/cat
	fi
}

server_ipcctl_echo() {
	if [ "$1" = unix ]; then
		serve --echo "$2"
	else
		serve --echo "tcp:$2:$3"
	fi
}

server_socat() {
	if [ "$1" = unix ]; then
		background socat -t 60 "UNIX-LISTEN:$2,fork" EXEC:/bin/cat
		wait_until test -S "$2"
	else
		background socat -t 60 "TCP-LISTEN:$3,bind=$2,fork,reuseaddr" EXEC:/bin/cat
		wait_until listens_tcp "$3"
	fi
}

server_python() {
	background "$PYTHON" "$BATS_TEST_DIRNAME/foreign/echo_server.py" "$@"
	wait_until grep -q ready "$BG_OUT"
}

client_ipcctl() {
	if [ "$1" = unix ]; then
		client=(ipcctl sock connect "$2")
	else
		client=(ipcctl sock connect "tcp:$2:$3")
	fi
}

client_socat() {
	if [ "$1" = unix ]; then
		client=(socat -t 60 - "UNIX-CONNECT:$2")
	else
		client=(socat -t 60 - "TCP:$2:$3")
	fi
}

client_nc() {
	if [ "$1" = unix ]; then
		client=(nc.openbsd -N -U "$2")
	else
		client=(nc.openbsd -N "$2" "$3")
	fi
}

client_ncat() {
	if [ "$1" = unix ]; then
		client=(ncat -U "$2")
	else
		client=(ncat "$2" "$3")
	fi
}

client_python() {
	client=("$PYTHON" "$BATS_TEST_DIRNAME/foreign/echo_client.py" "$@")
}

# The server's answer is the client's input, whole, for inputs of no byte to 3 MB.
exchange() { # SERVER CLIENT unix|tcp...
	local size
	for size in 0 1 65536 3000000; do
		head -c $size body | timeout 30 "${client[@]}" >back || {
			echo "$1 and $2 over $3: status $? for $size bytes" >&2
			return 1
		}
		head -c $size body | cmp - back >&2 || {
			echo "$1 and $2 over $3: other bytes than the $size that were sent" >&2
			return 1
		}
	done
}

each_client() { # SERVER CLIENT...
	local server=$1 name client failed=0
	shift
	head -c 3000000 /dev/urandom >body
	next_port
	"server_$server" unix "./$server"
	"server_$server" tcp 127.0.0.1 "$PORT"
	for name in "$@"; do
		"client_$name" unix "./$server"
		exchange "$server" "$name" unix || failed=1
		"client_$name" tcp 127.0.0.1 "$PORT"
		exchange "$server" "$name" tcp || failed=1
	done
	return $failed
}

@test "sock serve with a program gives socat, nc, ncat and python every byte back" {
	require socat nc.openbsd ncat
	require_python socket
	each_client ipcctl socat nc ncat python
}

@test "sock serve --echo gives socat, nc, ncat and python every byte back" {
	require socat nc.openbsd ncat
	require_python socket
	each_client ipcctl_echo socat nc ncat python
}

@test "sock connect sends every byte to socat, to python and to sock serve, and gets every byte back" {
	require socat
	require_python socket
	each_client socat ipcctl
	each_client python ipcctl
	each_client ipcctl ipcctl
	each_client ipcctl_echo ipcctl
}
