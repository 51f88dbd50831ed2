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

# --- requests and acknowledgements ----------------------------------------------------------------------

each_address() { # FUNCTION: on a path, an abstract name, IPv4 and IPv6
	next_port
	"$1" ./ack unix "'ack'"
	"$1" "@ack.$BASHPID" unix "'\\0ack.$BASHPID'"
	"$1" "tcp:127.0.0.1:$PORT" inet "('127.0.0.1', $PORT)"
	"$1" "tcp:[::1]:$PORT" inet6 "('::1', $PORT)"
}

@test "a Python server acknowledges each request of sock connect before the next is sent" {
	require_python socket
	requests() { # ADDRESS FAMILY PYTHON-ADDRESS
		local i answer to from
		background "$PYTHON" -c "if True:
			import socket
			s = socket.socket(socket.AF_${2^^})
			s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
			s.bind($3)
			s.listen()
			print('ready', flush=True)
			c, _ = s.accept()
			f = c.makefile('rw')
			for line in f:
			    f.write('ack ' + line)
			    f.flush()
			f.write('all\n')
			f.flush()"
		wait_until grep -q ready "$BG_OUT"
		coproc CLIENT { exec ipcctl sock connect "$1"; }
		# Of its own: bash closes the others when the client has ended.
		exec {from}<&"${CLIENT[0]}" {to}>&"${CLIENT[1]}"
		eval "exec ${CLIENT[1]}>&-"
		for i in {1..50}; do
			echo "request $i" >&"$to"
			read -r -t 10 answer <&"$from"
			assert_equal "$answer" "ack request $i"
		done
		exec {to}>&-
		read -r -t 10 answer <&"$from"
		assert_equal "$answer" all
		exec {from}<&-
		finish
	}
	each_address requests
}

@test "a program behind sock serve acknowledges each request of a Python client before the next is sent" {
	require_python socket
	requests() { # ADDRESS FAMILY PYTHON-ADDRESS
		serve "$1" bash -c 'while read -r line; do echo "ack $line"; done; echo all'
		"$PYTHON" -c "if True:
			import socket
			c = socket.socket(socket.AF_${2^^})
			c.settimeout(10)
			c.connect($3)
			f = c.makefile('rw')
			for i in range(50):
			    f.write(f'request {i}\n')
			    f.flush()
			    assert f.readline() == f'ack request {i}\n'
			c.shutdown(socket.SHUT_WR)
			assert f.read() == 'all\n'"
	}
	each_address requests
}

# --- Redis ----------------------------------------------------------------------------------------------

# The server is the binary redis-check-rdb by another name.
redis() { # OPTION...
	background bash -c 'exec -a redis-server redis-check-rdb "$@"' - --save '' --dir "$BATS_TEST_TMPDIR" "$@"
}

relay() { # OPTION... FROM TO
	await_ready ipcctl sock relay --ready-fd 9 "$@"
}

# One value of 1 MB, 20,000 commands at once, 20 clients at once, and one that is told what others publish.
use_redis() { # REDIS-CLI-OPTION...
	head -c 1000000 /dev/urandom | base64 -w 0 >value
	assert_equal "$(redis-cli "$@" -x set key <value)" OK
	redis-cli "$@" get key | tr -d '\n' | cmp - value
	for i in {1..20000}; do printf 'incr count\r\n'; done | redis-cli "$@" --pipe >pipe
	assert_equal "$(tail -n 1 pipe)" "errors: 0, replies: 20000"
	assert_equal "$(redis-cli "$@" get count)" 20000
	local clients=()
	for i in {1..20}; do
		redis-cli "$@" -r 50 incr crowd >/dev/null &
		clients+=($!)
	done
	wait "${clients[@]}"
	assert_equal "$(redis-cli "$@" get crowd)" 1000
	background redis-cli "$@" subscribe news
	wait_until grep -q subscribe "$BG_OUT"
	assert_equal "$(redis-cli "$@" publish news hello)" 1
	wait_until grep -q hello "$BG_OUT"
}

@test "redis-cli reaches a server on a path over TCP, through sock relay" {
	require redis-cli redis-check-rdb
	next_port
	redis --port 0 --unixsocket "$PWD/redis"
	wait_until redis-cli -s redis ping
	relay "tcp:127.0.0.1:$PORT" ./redis
	use_redis -p "$PORT"
}

@test "redis-cli reaches a server of TCP on a path, through sock relay" {
	require redis-cli redis-check-rdb
	next_port
	redis --port "$PORT" --bind 127.0.0.1
	wait_until redis-cli -p "$PORT" ping
	relay ./front "tcp:127.0.0.1:$PORT"
	use_redis -s front
}

@test "sock relay passes every byte on between other programs, in both directions" {
	require socat nc.openbsd ncat
	require_python socket
	server_relay() {
		server_socat "$1" "$(behind "$1" "$2")" "$((${3:-0} + 1000))"
		if [ "$1" = unix ]; then
			relay "$2" "$(behind unix "$2")"
		else
			relay "tcp:$2:$3" "tcp:$2:$(($3 + 1000))"
		fi
	}
	behind() {
		[ "$1" = unix ] && echo "$2.behind" || echo "$2"
	}
	each_client relay ipcctl socat nc ncat python
}
