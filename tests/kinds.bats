# Conformance: what every kind must do, whatever it is. A new kind is in KINDS, and passes.

load lib

setup() {
	KEY=$(unique_key)
}

# CLASS API. Unnamed pipes, unlinked segments and TCP sockets are missing: they live as long as a process has them, and
# nobody can make or remove one that is left alone. tests/ls.bats and tests/hidden.bats have them.
KINDS=(
	"fifo posix"
	"mq posix"
	"mq sysv"
	"sem posix"
	"sem sysv"
	"shm posix"
	"shm sysv"
	"sock posix"
)

# Makes an object with another program than ipcctl and prints its selector.
make_foreign() { # CLASS API
	case "$1 $2" in
	'mq posix') "$PYTHON" "$BATS_TEST_DIRNAME/crowd.py" one /dev/mqueue foreign && echo mq:/foreign ;;
	'fifo posix') mkfifo -m 0644 "$XDG_RUNTIME_DIR/foreign" && echo "fifo:$XDG_RUNTIME_DIR/foreign" ;;
	'shm posix') echo x >/dev/shm/foreign && echo shm:/foreign ;;
	'sem posix') "$PYTHON" -c "
import ctypes
library = ctypes.CDLL(None)
library.sem_open.restype = ctypes.c_void_p
assert library.sem_open(b'/foreign', 0o100, 0o600, 3)" && echo sem:/foreign ;;
	'mq sysv') "$PYTHON" -c "import sysv_ipc; sysv_ipc.MessageQueue($KEY, sysv_ipc.IPC_CREX)" && echo "mq:key:$KEY" ;;
	'sem sysv') "$PYTHON" -c "import sysv_ipc; sysv_ipc.Semaphore($KEY, sysv_ipc.IPC_CREX)" && echo "sem:key:$KEY" ;;
	'sock posix') "$PYTHON" -c "
import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])" "$XDG_RUNTIME_DIR/foreign" && echo "sock:$XDG_RUNTIME_DIR/foreign" ;;
	'shm sysv') "$PYTHON" -c "import sysv_ipc; sysv_ipc.SharedMemory($KEY, sysv_ipc.IPC_CREX, size=4096).detach()" && echo "shm:key:$KEY" ;;
	esac
}

# Makes an object with ipcctl and prints its selector.
make_own() { # CLASS API [MODE [OPTION]]
	local name=/own size=()
	[ "$2" = posix ] || name=key:$KEY
	[ "$1" != fifo ] || name=$XDG_RUNTIME_DIR/own
	[ "$1" != shm ] || size=(--size 4K)
	ipcctl "$1" create ${3:+--mode "$3"} ${4:+"$4"} "${size[@]}" "$name" && echo "$1:$name"
}

each_kind() { # FUNCTION
	local kind
	for kind in "${KINDS[@]}"; do
		remove_objects
		echo "this kind: $kind" # shown if it fails; an || here would hide failures
		# shellcheck disable=SC2086 # two words
		"$1" $kind
	done
}

field() { # KEY SELECTOR
	ipcctl stat -J "$2" | jq -c ".[0].$1"
}

# Whether every process can be looked at: a FIFO's users are known from /proc alone.
all_are_seen() {
	local fd
	[ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] && [ -d /proc/1 ] || return # hidepid hides others
	for fd in /proc/[0-9]*/fd; do
		[ ! -d "$fd" ] || (cd "$fd" && readlink -- * >/dev/null) || return
	done
}

# Makes a kind's own objects: a socket lives and dies with who serves it (tests/sock.bats).
has_create() { # CLASS
	[ "$1" != sock ]
}

# Sets force to what the removal of an idle object of the class needs here, by its name alone.
needs_force() { # CLASS API
	force=()
	# Who waits at these only the processes tell.
	[ "$1 $2" != "fifo posix" ] && [ "$1 $2" != "mq sysv" ] || all_are_seen || force=(--force)
}

@test "KINDS has every kind that the binary knows" {
	classes=$(printf '%s\n' "${KINDS[@]}" | cut -d' ' -f1 | sort -u)
	assert_equal "$(sed -n '/^set(IPCCTL_KINDS/,/)/s/^\t//p' "$SOURCE/CMakeLists.txt" | sort)" \
		"$(printf '%s\n' "${KINDS[@]}" | sed 's/^fifo posix$/fifo/; s/^sock posix$/sock unix/; $a pipe\nshm unlinked\nsock tcp' | tr ' ' _ | sort)"
	for class in $classes; do
		run ipcctl ls "$class"
		assert_success
	done
}

foreign_life() { # CLASS API
	local name state
	name=$(make_foreign "$1" "$2")
	run ipcctl ls --names
	assert_output "$name"
	assert_equal "$(ipcctl ls --names "$1")" "$name"
	assert_equal "$(field object "$name")" "\"$name\""
	assert_equal "$(field kind "$name") $(field api "$name")" "\"$1\" \"$2\""
	assert_equal "$(field uid "$name")" "$(id -u)"
	needs_force "$1" "$2"
	if [ ${#force[@]} -gt 0 ]; then
		assert_equal "$(field state "$name")" '"unknown"'
		run ipcctl rm "$name"
		assert_failure 1
		assert_output --partial "may not be looked at"
	else
		state=idle
		# Nobody is bound to it, and nobody can ever be again; its maker was attached to it, and is gone.
		[ "$1" != sock ] && [ "$1 $2" != "shm sysv" ] || state=stale
		assert_equal "$(field state "$name")" "\"$state\""
	fi
	run ipcctl rm "${force[@]}" "$name"
	assert_success
	assert_output ""
	assert_equal "$(ipcctl ls --names)" ""
	run ipcctl rm "$name"
	assert_failure 3
	run ipcctl stat "$name"
	assert_failure 3
	run ipcctl rm --if-exists "$name"
	assert_success
}

@test "an object of another program is listed, looked at and removed; removed again it is missing" {
	each_kind foreign_life
}

own_life() { # CLASS API
	local name
	has_create "$1" || return 0
	name=$(make_own "$1" "$2")
	assert_equal "$(ipcctl ls --names)" "$name"
	assert_equal "$(field mode "$name")" '"0600"'
	make_own "$1" "$2" >/dev/null # there already, and as it should be
	run make_own "$1" "$2" 0640
	assert_failure 1
	assert_line --partial "exists with mode 0600, not 0640"
	run make_own "$1" "$2" 0600 --exclusive
	assert_failure 1
	ipcctl "$1" chmod 0640 "$name"
	assert_equal "$(field mode "$name")" '"0640"'
	needs_force "$1" "$2"
	ipcctl "$1" rm "${force[@]}" "${name#*:}"
	assert_equal "$(ipcctl ls --names)" ""
}

@test "an object of ipcctl has mode 0600, is made once, and is reached through its class" {
	each_kind own_life
}

exact_mode() { # CLASS API
	local name
	has_create "$1" || return 0
	name=$(umask 077 && make_own "$1" "$2" 0664)
	assert_equal "$(field mode "$name")" '"0664"'
}

@test "the mode given is exact, whatever the umask" {
	each_kind exact_mode
}

only_its_class() { # CLASS API
	local name other=mq
	name=$(make_foreign "$1" "$2")
	[ "$1" != mq ] || other=shm
	assert_equal "$(ipcctl "$1" ls --names)" "$name"
	assert_equal "$(ipcctl "$1" ls --names "${name#*:}")" "$name"
	assert_equal "$(ipcctl "$1" ls --names '*')" "$name"
	assert_equal "$(ipcctl $other ls --names)" ""
	run ipcctl $other rm "$name"
	assert_failure 2
	assert_line --partial "is of kind $1, and this command is about $other"
	run ipcctl $other rm -y '*'
	assert_failure 3
	assert_equal "$(ipcctl ls --names)" "$name"
	needs_force "$1" "$2"
	if [ ${#force[@]} -gt 0 ]; then # bulk takes what is proved to be unused alone
		run ipcctl "$1" rm -y '*'
		assert_equal "$(ipcctl ls --names)" "$name"
		run ipcctl rm --force "$name"
	else
		run ipcctl "$1" rm -y '*'
	fi
	assert_success
	assert_equal "$(ipcctl ls --names)" ""
}

@test "ipcctl CLASS ls, stat and rm see their own class alone" {
	each_kind only_its_class
}

waits() { # CLASS API
	local name
	needs_force "$1" "$2"
	name=$(make_foreign "$1" "$2")
	ipcctl rm "${force[@]}" "$name"
	background ipcctl wait "$name" -t 20s
	assert_equal "$(make_foreign "$1" "$2")" "$name"
	finish
	assert_success
	background ipcctl wait "$name" --for gone -t 20s
	ipcctl rm "${force[@]}" "$name"
	finish
	assert_success
}

@test "wait sees an object of every kind come and go" {
	each_kind waits
}

denied() { # CLASS API
	local name
	name=$(make_foreign "$1" "$2")
	run as_user ipcctl rm -f --discard "$name"
	assert_failure 5
	run as_user ipcctl chmod 0666 "$name"
	assert_failure 5
	assert_equal "$(ipcctl ls --names)" "$name"
}

@test "another user's object can't be removed or changed" {
	require_root
	each_kind denied
}
