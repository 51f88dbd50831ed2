# Helpers for bats files: `load lib` at the top of each. They must run under tests/run.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # status, output and the like: what tests and this file share

[ -n "${TESTS_AS-}" ] || {
	echo "run this file with tests/run.sh: it makes real IPC objects" >&2
	exit 1
}

_bats_library() {
	local dir
	for dir in "${BATS_LIB_PATH:-}" /usr/lib/bats /usr/lib /usr/share/bats /usr/local/lib /usr/lib/node_modules; do
		if [ -n "$dir" ] && [ -f "$dir/$1/load.bash" ]; then
			load "$dir/$1/load.bash"
			return
		fi
	done
	echo "cannot find the library $1" >&2
	return 1
}
_bats_library bats-support
_bats_library bats-assert

bats_require_minimum_version 1.5.0

# The root of the source, and of this file's helpers in other languages.
SOURCE=$(dirname "$BATS_TEST_DIRNAME")

# Every test ends with nothing running and no object left: the next one starts from the same place.
# A file with a teardown of its own calls this from it.
teardown() {
	reap_background
	remove_objects
}

# --- names -----------------------------------------------------------------------------------

# Prints a name that no other test uses: /PREFIX.TEST.PID. PREFIX is "t" unless told.
unique_name() { # [PREFIX]
	echo "/${1:-t}.${BATS_TEST_NUMBER:-0}.$BASHPID"
}

# Prints a System V key that no other test uses.
unique_key() {
	printf '0x%08x\n' $((0x49000000 + BASHPID))
}

# Removes every object of this private world (but no other: it looks where it is).
remove_objects() {
	[ "$(readlink /proc/self/ns/ipc)" = "$TESTS_IPC_NS" ] || return 1
	ipcrm --all 2>/dev/null || true
	find /dev/mqueue /dev/shm -mindepth 1 -delete 2>/dev/null || true
	find "$XDG_RUNTIME_DIR" -mindepth 1 \( -type p -o -type s \) -delete 2>/dev/null || true
}

# --- waiting ---------------------------------------------------------------------------------

# Polls until the command succeeds; after 10 seconds prints what it waited for, and fails.
wait_until() { # COMMAND...
	local end=$((SECONDS + 10))
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= end)); then
			echo "still not true after 10 seconds: $*" >&2
			return 1
		fi
		sleep 0.01
	done
}

# Whether a process is there and not a zombie.
is_running() { # PID
	local state
	state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) && [ -n "$state" ] && [ "$state" != Z ]
}

# Whether a process sleeps in this system call (by its name in asm/unistd.h; x86-64, arm64 …).
# wait_until is_in_syscall "$PID" msgrcv: now it waits for a message.
is_in_syscall() { # PID NAME
	local want have
	want=$(_syscall_number "$2") && read -r have _ <"/proc/$1/syscall" && [ "$have" = "$want" ]
}

_syscall_number() { # NAME
	if [ ! -e "$BATS_FILE_TMPDIR/SYS_$1" ]; then
		printf '#include <sys/syscall.h>\nSYS_%s\n' "$1" | cc -E - | tail -n 1 >"$BATS_FILE_TMPDIR/SYS_$1"
	fi
	cat "$BATS_FILE_TMPDIR/SYS_$1"
}

# --- processes -------------------------------------------------------------------------------

# Starts a command in the background. BG_PID is its process, BG_OUT and BG_ERR are the files that
# get its output; its input is the caller's: background CMD <FILE.
background() { # COMMAND...
	local n=${#_BG_PIDS[@]}
	BG_OUT=$BATS_TEST_TMPDIR/bg.$n.out BG_ERR=$BATS_TEST_TMPDIR/bg.$n.err
	# <&0: without a redirection the shell would give it /dev/null.
	"$@" <&0 >"$BG_OUT" 2>"$BG_ERR" 3>&- &
	BG_PID=$!
	_BG_PIDS+=("$BG_PID")
}
_BG_PIDS=()

# Waits for a background command to end by itself, and sets status and output, like run.
# Fails if it is still running after 10 seconds.
finish() { # [PID]
	local pid=${1:-$BG_PID}
	wait_until _has_ended "$pid"
	status=0
	wait "$pid" || status=$?
	if [ "$pid" = "$BG_PID" ]; then
		output=$(cat "$BG_OUT")
				stderr=$(cat "$BG_ERR")
	fi
}

_has_ended() {
	! is_running "$1"
}

# Kills what background started and still runs, children first, and waits for it. A parent is stopped before
# its children are looked at: a server may just be starting one, and that would outlive the test.
reap_background() {
	local pid
	for pid in "${_BG_PIDS[@]}"; do
		_kill_tree "$pid"
		wait "$pid" 2>/dev/null || true
	done
}

_kill_tree() { # PID
	local child
	kill -STOP "$1" 2>/dev/null || return 0
	wait_until _is_stopped "$1" || true
	while read -r child; do
		_kill_tree "$child"
	done < <(cat "/proc/$1/task/"*/children 2>/dev/null | tr ' ' '\n' | grep .)
	kill -KILL "$1" 2>/dev/null || true
}

_is_stopped() { # PID
	! grep -qs '^State:.[^TtZX]' "/proc/$1/status"
}

# Runs a command with limits of its own: with_limits -q 1000 -n 10 -- COMMAND... (see ulimit)
with_limits() { # ULIMIT-OPTION VALUE... -- COMMAND...
	(
		while [ "$1" != -- ]; do
			ulimit "$1" "$2"
			shift 2
		done
		shift
		exec "$@"
	)
}

# Runs a command as a second user, tester; without the machine's root there is none: skips.
as_user() { # COMMAND...
	require_root
	setpriv --reuid="$TESTER" --regid="$TESTER" --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

# --- what a test needs -----------------------------------------------------------------------

# Skips the test unless these programs are there.
require() { # TOOL...
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip "needs $tool"
	done
}

# Skips the test unless it runs with the machine's root: chown, a second user, mounts of a disk.
require_root() {
	[ "$TESTS_AS$TESTS_REAL_ROOT" = root1 ] || skip "needs root"
}

# Whether this is the pass of script/test that does in full what takes long: as root, without the sanitizer.
is_thorough() {
	[ "$TESTS_AS" = root ] && [[ $IPCCTL != */asan/* ]]
}

# Skips the test if it runs as root: what is about being refused.
require_user() {
	[ "$TESTS_AS" = user ] || skip "is about an ordinary user"
}

# The Python of the distribution, which has its modules; another may be first in PATH.
PYTHON=/usr/bin/python3

# Skips the test unless the distribution's Python has the module.
require_python() { # MODULE
	"$PYTHON" -c "import $1" 2>/dev/null || skip "needs Python with $1"
}

# Compiles a C or C++ program, once for all tests of a file, and prints where it is.
# SRC is a file below tests/, or "-" for standard input (C).
build_c() { # SRC [COMPILER OPTION...]
	local src=$1 program compiler=${CC:-cc} input
	shift
	if [ "$src" = - ]; then
		input=$(cat)
		program=$BATS_FILE_TMPDIR/$(printf '%s' "$input" | cksum | tr -d ' ')
	else
		program=$BATS_FILE_TMPDIR/$(printf '%s' "$src $*" | tr -c 'A-Za-z0-9.\n' _)
	fi
	case $src in
	*.cpp | *.cc) compiler=${CXX:-c++} ;;
	esac
	if [ ! -x "$program" ]; then
		if [ "$src" = - ]; then
			printf '%s\n' "$input" | "$compiler" -x c -D_GNU_SOURCE -O1 -Wall -o "$program.new" - "$@"
		else
			"$compiler" -D_GNU_SOURCE -O1 -Wall -o "$program.new" "$BATS_TEST_DIRNAME/$src" "$@"
		fi >&2 || return
		mv "$program.new" "$program"
	fi
	echo "$program"
}

# --- servers ---

# Whether the server has opened its doors. SERVER and SERVER_ERR are set by then.
is_ready() {
	if ! is_running "$SERVER"; then
		cat "$SERVER_ERR"
		return 0 # the test goes on, and fails
	fi
	[ -s "$BATS_TEST_TMPDIR/ready" ]
}

# Starts ipcctl sock serve and waits until clients may come. SERVER is its process, SERVER_OUT and SERVER_ERR its output;
# its input is the caller's, whose descriptor 7 it does not get: that can be the other end.
serve() { # ARGUMENT...
	: >"$BATS_TEST_TMPDIR/ready"
	background ipcctl sock serve --ready-fd 5 "$@" 5>"$BATS_TEST_TMPDIR/ready" 7>&-
	SERVER=$BG_PID SERVER_OUT=$BG_OUT SERVER_ERR=$BG_ERR
	wait_until is_ready
}

# Asks the server to end, and waits for it.
stop() {
	kill -TERM "$SERVER"
	finish "$SERVER"
}
