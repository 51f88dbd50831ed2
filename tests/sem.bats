# sem: semaphores of both families, and programs that run while they hold one.

load lib

setup() {
	NAME=$(unique_name sem)
	KEY=key:$(unique_key)
}

# Another semaphore of the same family, which is not there.
other() {
	case $SEM in
	key:*) printf 'key:%d\n' $((${SEM#key:} + 0x1000000)) ;;
	*) echo "$SEM.other" ;;
	esac
}

# Runs a test's body once for each family, with SEM naming a semaphore that is not there yet.
each_family() { # FUNCTION
	for SEM in "$NAME" "$KEY"; do
		"$1"
	done
}

value_is() { # NUMBER [SEM]
	run -0 ipcctl sem get "${2:-$SEM}"
	assert_output "$1"
}

# --- create, get, set, wait, post --------------------------------------------------------------

create_get_set() {
	ipcctl sem create "$SEM"
	value_is 1
	ipcctl sem create "$SEM" # the same again is no error
	ipcctl sem create --value 7 "$SEM"
	value_is 1
	run -1 ipcctl sem create -x "$SEM"
	assert_output "ipcctl sem create: cannot create semaphore '$SEM': File exists"
	ipcctl sem set "$SEM" 5
	value_is 5
	ipcctl sem wait --units 3 "$SEM"
	value_is 2
	ipcctl sem post --units 2 "$SEM"
	ipcctl sem post "$SEM"
	value_is 5
}

@test "create, get, set, wait and post do what they say" {
	each_family create_get_set
}

mode_is_exact() {
	(umask 077 && ipcctl sem create -m 0646 --value 3 "$SEM")
	run -0 ipcctl stat -J "sem:$SEM"
	assert_output --partial '"mode": "0646"'
	run -1 ipcctl sem create -m 0600 "$SEM"
	assert_output "ipcctl sem create: semaphore '$SEM' exists with mode 0646, not 0600"
}

@test "a semaphore has exactly the mode that was asked for" {
	each_family mode_is_exact
}

@test "a System V set has as many semaphores as were asked for, all with the value" {
	ipcctl sem create --nsems 300 --value 9 "$KEY"
	run -0 ipcctl sem get "$KEY#299"
	assert_output 9
	ipcctl sem wait "$KEY#2"
	value_is 8 "$KEY#2"
	value_is 9 "$KEY#1"
	run -3 ipcctl sem wait "$KEY#300"
	assert_output "ipcctl sem wait: cannot open semaphore '$KEY#300': the set has no semaphore #300"
	run -1 ipcctl sem create --nsems 2 "$KEY"
	assert_output "ipcctl sem create: semaphore '$KEY' exists with nsems 300, not 2"
}

@test "a set that a killed create left half made is finished by the next" {
	require strace
	for call in semtimedop semctl; do
		ipcrm --all=sem
		run strace -f -o /dev/null -e "inject=$call:signal=KILL:when=1" ipcctl sem create -m 0640 --value 4 "$KEY"
		[ "$status" -ne 0 ]
		ipcctl sem create -m 0640 --value 4 "$KEY"
		value_is 4 "$KEY"
		run -0 ipcctl stat -J "sem:$KEY"
		assert_output --partial '"mode": "0640"'
	done
}

@test "a set that another is about to make is waited for" {
	# The mark of one that is being made: execute bits 0001 and no operation yet.
	make=$(build_c - <<-'C'
		#include <stdlib.h>
		#include <unistd.h>
		#include <sys/sem.h>
		int main(int argc, char **argv)
		{
			int id = semget(strtoul(argv[1], 0, 0), 1, IPC_CREAT | IPC_EXCL | 0601);
			struct sembuf op = { 0, 3, 0 };
			(void)!write(1, "\n", 1);
			(void)!read(0, &argc, 1);
			struct semid_ds ds = { .sem_perm = { .uid = getuid(), .gid = getgid(), .mode = 0600 } };
			return semop(id, &op, 1) || semctl(id, 0, IPC_SET, &ds);
		}
	C
	)
	coproc MAKER { "$make" "${KEY#key:}"; }
	read -r -u "${MAKER[0]}" _
	background ipcctl sem get "$KEY"
	wait_until is_in_syscall "$BG_PID" clock_nanosleep
	echo >&"${MAKER[1]}"
	finish
	assert_equal "$status $output" "0 3"
}

wait_zero() {
	ipcctl sem create --value 1 "$SEM"
	run -4 ipcctl sem wait --zero --nonblock "$SEM"
	assert_output "ipcctl sem wait: cannot wait for semaphore '$SEM': It would have blocked"
	background ipcctl sem wait --zero "$SEM"
	ipcctl sem wait "$SEM"
	finish
	assert_equal "$status" 0
	value_is 0
}

@test "wait --zero returns when the last unit is taken" {
	each_family wait_zero
}

waits_and_names() {
	ipcctl sem create --value 0 "$SEM"
	background ipcctl sem wait "$SEM"
	waiter=$BG_PID
	says_who_waits() {
		ipcctl sem get -J "$SEM" | grep -q "\"waiters\": 1, \"waiting\": \[{\"pid\": $waiter,"
	}
	wait_until says_who_waits
	run -0 ipcctl sem get -v "$SEM"
	assert_line --index 0 0
	assert_line "waiters 1"
	assert_line --regexp "^$waiter .* ipcctl sem wait $SEM\$"
	ipcctl sem post "$SEM"
	finish
	assert_equal "$status" 0
	value_is 0
}

@test "get says who waits" {
	each_family waits_and_names
}

gives_up() {
	ipcctl sem create --value 0 "$SEM"
	run -4 ipcctl sem wait -t 20ms "$SEM"
	assert_output "ipcctl sem wait: cannot wait for semaphore '$SEM': Timed out"
	run -4 ipcctl sem wait --nonblock "$SEM"
	run -124 ipcctl sem run -t 20ms "$SEM" true
	assert_output "ipcctl sem run: cannot get semaphore '$SEM': Timed out"
	run -124 ipcctl sem run --nonblock "$SEM" true
	run -9 ipcctl sem run --nonblock --conflict-status 9 "$SEM" true
	run -0 ipcctl sem run --conflict-status 0 -t 1ms "$SEM" false
	value_is 0
}

@test "a wait gives up after --timeout, and at once with --nonblock" {
	each_family gives_up
}

waits_for_it() {
	run -4 ipcctl sem wait --wait -t 20ms "$SEM"
	assert_output "ipcctl sem wait: waited for semaphore '$SEM' to exist: Timed out"
	background ipcctl sem run --wait "$SEM" echo here
	ipcctl sem create "$SEM"
	finish
	assert_equal "$status $output" "0 here"
}

@test "--wait waits until the semaphore exists" {
	each_family waits_for_it
}

@test "a semaphore that is removed ends the waits for it with status 3" {
	ipcctl sem create --value 0 "$KEY"
	background ipcctl sem wait "$KEY"
	wait_until is_in_syscall "$BG_PID" semtimedop
	ipcctl rm -f "sem:$KEY"
	finish
	assert_equal "$status" 3
	assert_equal "$stderr" "ipcctl sem wait: cannot wait for semaphore '$KEY': It was removed"
}

@test "a wait goes on after it was stopped" {
	ipcctl sem create --value 0 "$KEY"
	background ipcctl sem wait "$KEY"
	wait_until is_in_syscall "$BG_PID" semtimedop
	kill -STOP "$BG_PID"
	wait_until grep -q '^State:.T' "/proc/$BG_PID/status"
	kill -CONT "$BG_PID"
	wait_until is_in_syscall "$BG_PID" semtimedop
	ipcctl sem post "$KEY"
	finish
	assert_equal "$status" 0
}

# --- run ---------------------------------------------------------------------------------------

statuses() {
	run -0 ipcctl sem run --create "$SEM" true
	run -42 ipcctl sem run "$SEM" sh -c 'exit 42'
	run -137 ipcctl sem run "$SEM" sh -c 'kill -KILL $$'
	run -127 ipcctl sem run "$SEM" /nowhere/program
	assert_output "ipcctl sem run: cannot run '/nowhere/program': No such file or directory"
	run -126 ipcctl sem run "$SEM" /etc/passwd
	assert_output "ipcctl sem run: cannot run '/etc/passwd': Permission denied"
	run -125 ipcctl sem run "$(other)" true
	assert_output "ipcctl sem run: cannot open semaphore '$(other)': No such file or directory"
	run -125 ipcctl sem run --units 99999999999 "$SEM" true
	run -2 ipcctl sem run "$SEM"
	run -2 ipcctl sem run --conflict-status 256 "$SEM" true
	value_is 1
}

@test "run gives the program's status, or 124 to 127 for its own" {
	each_family statuses
}

options_end() {
	ipcctl sem create "$SEM"
	run -0 ipcctl sem run "$SEM" echo -t --units x -- y
	assert_output -- '-t --units x -- y'
	run -0 ipcctl sem run "$SEM" -- echo -- -J
	assert_output -- '-- -J'
	run -0 ipcctl sem run -- "$SEM" printf %s --help
	assert_output -- '--help'
}

@test "the program's options are its own, with and without --" {
	each_family options_end
}

clean_state() {
	ipcctl sem create "$SEM"
	# Descriptors, ignored and blocked signals, and umask are those of a program that is run without us.
	for program in 'ls /proc/self/fd' 'sed -n /^Sig[BI]/p /proc/self/status' 'sh -c umask'; do
		read -r -a words <<<"$program"
		expected=$(trap '' USR1 && umask 021 && "${words[@]}")
		run -0 bash -c 'trap "" USR1; umask 021; exec "$@"' - ipcctl sem run "$SEM" "${words[@]}"
		assert_output "$expected"
	done
	# No child: not the guard, and no zombie.
	run -0 ipcctl sem run "$SEM" bash -c 'read -r children <"/proc/$$/task/$$/children"; echo "none:$children"'
	assert_output none:
}

@test "the program starts with a clean state: descriptors, signals, umask, children" {
	each_family clean_state
}

output_ends() {
	ipcctl sem create "$SEM"
	text=$(ipcctl sem run "$SEM" echo hello | cat)
	assert_equal "$text" hello
	value_is 1
}

@test "a reader of the program's output sees its end: nobody else keeps it open" {
	each_family output_ends
}

nested() {
	ipcctl sem create --value 3 "$SEM"
	ipcctl sem create "$(other)"
	run -0 ipcctl sem run "$SEM" ipcctl sem run --units 2 "$SEM" ipcctl sem run "$(other)" bash -c '
		for sem in "$@"; do
			ipcctl sem get "$sem"
			ipcctl sem holders "$sem" | grep -o "^$$ [^ ]* hold [0-9]*" | cut -d" " -f4 | xargs
		done' - "$SEM" "$(other)"
	assert_line --index 0 0
	assert_line --index 1 --regexp "^(3|1 2)\$" # one record of a System V semaphore, two of a POSIX one
	assert_line --index 2 0
	assert_line --index 3 1
	value_is 3
	value_is 1 "$(other)"
}

@test "a program may hold several semaphores, and one several times" {
	each_family nested
}

ctrl_c() {
	ipcctl sem create "$SEM"
	background ipcctl sem run "$SEM" sleep 1000
	wait_until value_is 0
	kill -INT "$BG_PID"
	finish
	assert_equal "$status" 130
	wait_until value_is 1
}

@test "a signal to the program is the program's, and gives back" {
	# In the background a shell ignores SIGINT for its commands, and so do they.
	trap '' INT
	trap - INT
	set -m
	each_family ctrl_c
}

# --- holders -----------------------------------------------------------------------------------

names_holder() {
	ipcctl sem create --value 3 "$SEM"
	run -0 ipcctl sem holders "$SEM"
	refute_output --partial hold
	run -0 ipcctl sem holders -J "$SEM"
	background ipcctl sem run --units 2 "$SEM" sh -c 'sleep 1000 & wait'
	wait_until value_is 1
	wait_until test -n "$(pgrep -P "$BG_PID" sleep)"
	run -0 ipcctl sem holders "$SEM"
	assert_output --regexp "^$BG_PID $(id -un "$(stat -c %u "/proc/$BG_PID")") hold 2 [^ ]+ sh -c sleep 1000 & wait\$"
	run -0 ipcctl sem holders -J "$SEM"
	assert_output --partial "{\"pid\": $BG_PID,"
	assert_output --partial '"how": "hold", "units": 2'
	reap_background
	wait_until value_is 3
	run -0 ipcctl sem holders "$SEM"
	assert_output ""
}

@test "holders names who holds, and not the children that inherited its environment" {
	each_family names_holder
}
