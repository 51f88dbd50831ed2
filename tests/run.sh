#!/bin/bash
# Runs one bats file, or any command, in an IPC world of its own:
#
#	tests/run.sh [--as root|user] FILE.bats [BATS OPTION...]
#	tests/run.sh [--as root|user] -- COMMAND...
#
# New IPC, mount and network namespaces; a fresh /dev/mqueue, /dev/shm, /tmp and /run; no abstract socket,
# and no network but a loopback; two users, tester and tester2, that exist nowhere else. Nothing that happens inside can be seen outside, so files run in
# parallel, and nothing is left on the machine. The process identifiers stay those of the machine:
# what ipcctl proves about dead makers it can prove only there.
#
# --as root (the default for root) runs with all privileges; --as user without any, as the user
# tester. An ordinary caller gets the same two from a user namespace: there root has power over the
# private objects only, and there is no second user.
#
# For what runs inside: TESTS_AS is root or user; TESTS_REAL_ROOT is 1 if root is the machine's.
# IPCCTL is the binary to test (default: build/release/ipcctl), and its directory is first in PATH.
# A file may take TESTS_TIME_LIMIT seconds (900).
#
# Where namespaces are denied, every test of FILE is reported as skipped with the reason, and a
# command is not run: status 77.
set -euo pipefail

self=$(realpath "${BASH_SOURCE[0]}")
root=$(dirname "$(dirname "$self")")

usage() {
	echo "usage: tests/run.sh [--as root|user] FILE.bats [BATS OPTION...] | -- COMMAND..." >&2
	exit 2
}

# Reports each test of a file as skipped, in TAP.
skip_all() { # REASON
	if [ -z "$file" ]; then
		echo "tests/run.sh: $1" >&2
		exit 77
	fi
	local names n=0 name
	mapfile -t names < <(sed -n 's/^@test "\(\([^"\\]\|\\.\)*\)" {.*$/\1/p' "$file")
	echo "1..${#names[@]}"
	for name in "${names[@]}"; do
		echo "ok $((++n)) $name # skip $1"
	done
	exit 0
}

# --- inside the namespaces -------------------------------------------------------------------

# Puts an empty file system on a directory and keeps the directories of $keep that are below it:
# they are reached through descriptors, since by then their paths lead nowhere.
cover() { # DIR [MODE]
	local dir=$1 path fd fds=() paths=()
	for path in "${keep[@]}"; do
		if [ -d "$path" ] && [[ $path/ == "$dir"/* ]]; then
			exec {fd}<"$path"
			fds+=("$fd") paths+=("$path")
		fi
	done
	mount -t tmpfs -o "mode=${2:-0755}" tmpfs "$dir"
	for fd in "${!fds[@]}"; do
		mkdir -p "${paths[fd]}"
		mount --no-canonicalize --rbind "/proc/self/fd/${fds[fd]}" "${paths[fd]}"
		eval "exec ${fds[fd]}<&-"
	done
}

# A /dev with the usual devices, for systems whose /dev has no mqueue and can't be given one.
make_dev() {
	local new=/run/dev node
	mkdir $new
	mount -t tmpfs -o mode=0755 tmpfs $new
	for node in null zero full random urandom tty; do
		[ -e /dev/$node ] || continue
		: >$new/$node
		mount --bind /dev/$node $new/$node
	done
	mkdir $new/pts $new/shm $new/mqueue
	mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts $new/pts
	ln -s pts/ptmx $new/ptmx
	ln -s /proc/self/fd $new/fd
	ln -s /proc/self/fd/0 $new/stdin
	ln -s /proc/self/fd/1 $new/stdout
	ln -s /proc/self/fd/2 $new/stderr
	mount --move $new /dev
	rmdir $new
}

# The accounts that tests may use; TESTER is free: derived from the pid of this run, so that
# limits the kernel counts for each user (RLIMIT_MSGQUEUE) are not shared with other runs.
make_users() {
	local file
	for file in passwd group; do
		cp /etc/$file /run/$file
		chmod 0644 /run/$file
	done
	printf '%s:x:%d:%d::/tmp:/bin/sh\n' tester "$TESTER" "$TESTER" tester2 "$TESTER2" "$TESTER2" >>/run/passwd
	printf '%s:x:%d:\n' tester "$TESTER" tester2 "$TESTER2" >>/run/group
	for file in passwd group; do
		mount --bind /run/$file /etc/$file
	done
}

make_world() {
	cover /run
	cover /tmp 1777
	[ -d /dev/mqueue ] || make_dev
	mount -t mqueue mqueue /dev/mqueue
	mount -t tmpfs -o mode=1777 tmpfs /dev/shm
	make_users
	PATH=$PATH:/usr/sbin:/sbin ip link set lo up
	mkdir -p /run/user
	mkdir -m 0700 "$XDG_RUNTIME_DIR"
	[ "$real$as" != 1user ] || chown "$TESTER:$TESTER" "$XDG_RUNTIME_DIR"
	mkdir -m 1777 /run/sanitizer
	cd "$root" # the caller's directory may be a covered one
}

# The source must be readable for tester, and a directory above it may be closed to others.
open_path() {
	local dir=$root part=''
	"${drop[@]}" test -r "$self" && return
	while IFS= read -r -d / dir; do
		part+=${dir:+/$dir}
		if [ -n "$part" ] && ! "${drop[@]}" test -x "$part"; then
			cover "$part"
			break
		fi
	done <<<"$root/"
	"${drop[@]}" test -r "$self" || skip_all "the user tester can't read $root"
}

# Sets running to what still runs in this IPC namespace, apart from this script.
find_running() {
	local proc pid
	running=()
	for proc in /proc/[0-9]*; do
		pid=${proc#/proc/}
		if [ "$pid" != $$ ] && [ "$(readlink "$proc/ns/ipc" 2>/dev/null || true)" = "$TESTS_IPC_NS" ] &&
			! grep -qs '^State:.Z' "$proc/status"; then
			running+=("$pid")
		fi
	done
	[ ${#running[@]} -gt 0 ]
}

# Fails if something still runs after a time limit.
wait_for_end() { # SECONDS
	local end=$((SECONDS + $1))
	while find_running; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}

# Whoever outlives the tests by more than a moment is reported, killed, and makes the run fail.
reap() {
	local pid running
	wait_for_end 5 && return
	for pid in "${running[@]}"; do
		echo "# left running: $pid $({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null || true)" >&2
		kill -KILL "$pid" 2>/dev/null || true
	done
	wait_for_end 10 || true
	return 1
}

# A sanitizer's report fails the run even if the test expected the command to fail. That one was killed while it
# looked for leaks is what a test does, and no finding.
sanitizer_reports() {
	local report found=0
	for report in /run/sanitizer/*; do
		[ -e "$report" ] || continue
		grep -qv '^==[0-9]*==Unable to get registers from thread [0-9]*\.$' "$report" || continue
		found=1
		sed 's/^/# /' "$report" >&2
	done
	return $found
}

inside() {
	local drop=() status=0
	TESTER=$((800000 + 2 * $$)) TESTER2=$((800001 + 2 * $$))
	if [ "$as$real" = user1 ]; then
		drop=(setpriv --reuid="$TESTER" --regid="$TESTER" --clear-groups --inh-caps=-all --bounding-set=-all
			--no-new-privs)
	elif [ "$as" = user ]; then
		# Another user namespace, where the caller is nobody special, and execve drops the rest.
		TESTER=$caller
		drop=(unshare -U --map-user="$caller" --map-group="$caller")
	fi
	export XDG_RUNTIME_DIR=/run/user/0
	[ "$as" = root ] || XDG_RUNTIME_DIR=/run/user/$TESTER
	make_world
	[ "$as" = root ] || open_path

	# Root's queues count against a limit that parallel runs share; tests of the limit set their own.
	[ "$as" = user ] || ulimit -q unlimited 2>/dev/null || true
	umask 022
	unset IPCCTL_PROFILE IPCCTL_AUDIT NO_COLOR LISTEN_FDS LISTEN_PID LISTEN_FDNAMES
	TESTS_IPC_NS=$(readlink /proc/self/ns/ipc)
	export TESTS_AS=$as TESTS_REAL_ROOT=$real TESTS_IPC_NS TESTER TESTER2 IPCCTL
	export PATH="${IPCCTL%/*}:$PATH" TMPDIR=/tmp HOME=/tmp LC_ALL=C.UTF-8 SHELL=/bin/sh
	# Statuses that no test expects, and reports that no test can swallow.
	export ASAN_OPTIONS=exitcode=99:log_path=/run/sanitizer/asan LSAN_OPTIONS=exitcode=99
	export UBSAN_OPTIONS=exitcode=99:print_stacktrace=1:log_path=/run/sanitizer/ubsan
	if [ -n "$file" ]; then
		# --foreground: what it leaves running is reaped below.
		"${drop[@]}" timeout --foreground -k 5 "${TESTS_TIME_LIMIT:-900}" bats "$file" "$@" </dev/null || status=$?
		[ $status != 124 ] || echo "# stopped after ${TESTS_TIME_LIMIT:-900} seconds" >&2
	else
		"${drop[@]}" "$@" || status=$?
	fi
	reap || status=$((status ? status : 1))
	sanitizer_reports || status=$((status ? status : 1))
	exit $status
}

# --- outside ---------------------------------------------------------------------------------

# The cheapest way in that works here: real namespaces for root, a user namespace otherwise.
enter() {
	local way
	for way in '1 -imn' '0 -Urimn'; do
		[ "${way%% *}" = 0 ] || [ "$(id -u)" = 0 ] || continue
		# A trial run: what is denied is sometimes the namespace, sometimes only the mount in it.
		# shellcheck disable=SC2016
		if unshare "${way#* }" sh -c 'mount -t tmpfs tmpfs /tmp && mount -t mqueue mqueue /tmp' 2>/dev/null; then
			exec unshare "${way#* }" "$BASH" "$self" --inside "${way%% *}" "$(id -u)" "$as" "$file" "$@"
		fi
	done
	skip_all "IPC, mount and network namespaces are denied here"
}

as='' file=''
if [ "${1-}" = --inside ]; then
	real=$2 caller=$3 as=$4 file=$5
	shift 5
	keep=("$root" "${IPCCTL%/*}")
	[ -z "$file" ] || keep+=("$(dirname "$file")")
	inside "$@"
fi
while [ $# -gt 0 ]; do
	case $1 in
	--as)
		as=${2-}
		shift 2
		;;
	--)
		shift
		[ $# -gt 0 ] || usage
		break
		;;
	-*) usage ;;
	*)
		file=$(realpath "$1")
		shift
		break
		;;
	esac
done
[ -n "$file" ] || [ $# -gt 0 ] || usage
[ -n "$as" ] || as=$([ "$(id -u)" = 0 ] && echo root || echo user)
[ "$as" = root ] || [ "$as" = user ] || usage
IPCCTL=$(realpath -m "${IPCCTL:-$root/build/release/ipcctl}")
export IPCCTL
enter "$@"
