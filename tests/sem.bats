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
	wait_until pgrep -P "$BG_PID" sleep
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

# --- nothing is lost ---------------------------------------------------------------------------

# Reads a number from a file, adds one, and writes it: without a lock around it some would be lost.
increment_program() {
	build_c - <<-'C'
		#include <fcntl.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			char text[32] = "";
			int fd = open(argv[1], O_RDWR);
			if (argc != 2 || read(fd, text, sizeof(text) - 1) < 0)
				return 1;
			int n = snprintf(text, sizeof(text), "%ld", atol(text) + 1);
			return pwrite(fd, text, n, 0) != n;
		}
	C
}

many_increments() {
	local worker pids=() file=$BATS_TEST_TMPDIR/number times=100
	! is_thorough || times=1000
	ipcctl sem create "$SEM"
	echo 0 >"$file"
	for worker in {1..8}; do
		(
			for ((i = 0; i < times; i++)); do
				ipcctl sem run "$SEM" "$increment" "$file" || exit
			done
		) 3>&- &
		pids+=($!)
	done
	for worker in "${pids[@]}"; do
		wait "$worker"
	done
	assert_equal "$(cat "$file")" $((8 * times))
	wait_until value_is 1
}

@test "8 processes add one to a number in a file again and again, and nothing is lost" {
	increment=$(increment_program)
	each_family many_increments
}

# The next one gets in: not by good luck after its time, but at all.
next_gets_in() {
	local start=${EPOCHREALTIME/./}
	ipcctl sem run -t 10s "$SEM" true
	local took=$((${EPOCHREALTIME/./} - start))
	((took <= longest)) || longest=$took
}

killed_at_any_moment() { # STRACE-OPTION...
	local moment total
	ipcctl sem create "$SEM"
	strace -o "$BATS_TEST_TMPDIR/trace" ipcctl sem run "$SEM" true
	total=$(wc -l <"$BATS_TEST_TMPDIR/trace")
	for moment in {1..20}; do
		strace "$@" -o /dev/null -e "inject=all:signal=KILL:when=$((moment * total / 20))" \
			ipcctl sem run "$SEM" true >/dev/null 2>&1 || true
		next_gets_in
	done
	wait_until value_is 1
}

killed_alone() {
	killed_at_any_moment -qq
}

killed_with_guard() {
	killed_at_any_moment -qq -f
}

@test "ipcctl or the holder is killed at 20 moments, and the next one gets in" {
	require strace
	longest=0
	each_family killed_alone
	echo "# the next sem run took at most $((longest / 1000)) ms" >&3
}

@test "the guard too is killed at 20 moments, and the next one gets in" {
	require strace
	longest=0
	each_family killed_with_guard
	echo "# the next sem run took at most $((longest / 1000)) ms" >&3
}

# Who has the file of a POSIX semaphore mapped while a program holds it: the guard.
guards_of() { # NAME
	grep -lsF "/dev/shm/sem.${1#/}" /proc/[0-9]*/maps | tr -cd '0-9\n'
}

@test "holder and guard are killed while another waits, and that one gets in" {
	longest=0
	ipcctl sem create "$NAME"
	SEM=$NAME
	for order in "guard holder" "holder guard"; do
		background ipcctl sem run "$NAME" sleep 1000
		holder=$BG_PID
		wait_until value_is 0
		guard=$(guards_of "$NAME")
		[ -n "$guard" ]
		background ipcctl sem run -t 10s "$NAME" echo in
		wait_until is_in_syscall "$BG_PID" futex
		for who in $order; do
			kill -KILL "${!who}"
		done
		finish
		assert_equal "$status $output" "0 in"
		# And nobody waits: who looks next gives back.
		background ipcctl sem run "$NAME" sleep 1000
		wait_until value_is 0
		kill -KILL "$(guards_of "$NAME")" "$BG_PID"
		next_gets_in
	done
}

gone_when_killed() {
	ipcctl sem create --value 2 "$SEM"
	background ipcctl sem run --units 2 "$SEM" sleep 1000
	wait_until value_is 0
	kill -KILL "$BG_PID"
	wait_until value_is 2
	run -0 ipcctl sem holders "$SEM"
	assert_output ""
}

@test "what a killed holder had comes back by itself" {
	each_family gone_when_killed
}

@test "the guard gives back to a foreign program that waits" {
	foreign=$(foreign_program)
	ipcctl sem create "$NAME"
	SEM=$NAME
	background ipcctl sem run "$NAME" sleep 1000
	holder=$BG_PID
	wait_until value_is 0
	background "$foreign" "$NAME" take
	wait_until is_in_syscall "$BG_PID" futex
	kill -KILL "$holder"
	wait_until grep -q taken "$BG_OUT"
}

# --- foreign programs --------------------------------------------------------------------------

# SEM take: takes a unit, says so and sleeps. SEM post. SEM count FILE N: N increments, each under it.
foreign_program() {
	build_c - -pthread <<-'C'
		#include <fcntl.h>
		#include <semaphore.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/sem.h>
		#include <unistd.h>
		static sem_t *posix;
		static int id;
		static int step(int by)
		{
			struct sembuf op = { 0, by, 0 };
			if (posix)
				return by < 0 ? sem_wait(posix) : sem_post(posix);
			return semop(id, &op, 1);
		}
		static int increment(const char *path)
		{
			char text[32] = "";
			int fd = open(path, O_RDWR);
			if (read(fd, text, sizeof(text) - 1) < 0)
				return 1;
			int n = snprintf(text, sizeof(text), "%ld", atol(text) + 1);
			n = pwrite(fd, text, n, 0) != n;
			return close(fd) || n;
		}
		int main(int argc, char **argv)
		{
			int create = argc > 3 && strcmp(argv[2], "create") == 0;
			if (argv[1][0] == '/')
				posix = create ? sem_open(argv[1], O_CREAT, 0600, atoi(argv[3])) : sem_open(argv[1], 0);
			else
				id = semget(strtoul(strchr(argv[1], ':') + 1, 0, 0), create ? 1 : 0, create ? IPC_CREAT | 0600 : 0);
			if (argv[1][0] == '/' ? posix == SEM_FAILED : id < 0)
				return 9;
			if (create)
				return posix ? 0 : semctl(id, 0, SETVAL, atoi(argv[3]));
			if (strcmp(argv[2], "post") == 0)
				return step(1);
			for (int i = 0; argc == 5 && i < atoi(argv[4]); i++)
				if (step(-1) || increment(argv[3]) || step(1))
					return 1;
			if (argc == 5)
				return 0;
			if (step(-1))
				return 1;
			puts("taken");
			fflush(stdout);
			return pause();
		}
	C
}

beside_foreign() {
	local file=$BATS_TEST_TMPDIR/number worker pids=() times=10
	! is_thorough || times=50
	"$foreign" "$SEM" create 1
	echo 0 >"$file"
	for worker in 1 2 3; do
		"$foreign" "$SEM" count "$file" $((40 * times)) 3>&- &
		pids+=($!)
		(for ((i = 0; i < 2 * times; i++)); do ipcctl sem run "$SEM" "$increment" "$file" || exit; done) 3>&- &
		pids+=($!)
		(for ((i = 0; i < times; i++)); do ipcctl sem wait "$SEM" && "$increment" "$file" && ipcctl sem post "$SEM" || exit; done) 3>&- &
		pids+=($!)
	done
	for worker in "${pids[@]}"; do
		wait "$worker"
	done
	assert_equal "$(cat "$file")" $((3 * (40 + 2 + 1) * times))
	wait_until value_is 1
}

@test "C programs and ipcctl take turns on one semaphore, and nothing is lost" {
	foreign=$(foreign_program) increment=$(increment_program)
	each_family beside_foreign
}

each_wakes_the_other() {
	"$foreign" "$SEM" create 0
	background "$foreign" "$SEM" take
	wait_until ipcctl_sees_waiter
	ipcctl sem post "$SEM"
	wait_until grep -q taken "$BG_OUT"
	background ipcctl sem wait "$SEM"
	wait_until ipcctl_sees_waiter
	"$foreign" "$SEM" post
	finish
	assert_equal "$status" 0
}

ipcctl_sees_waiter() {
	ipcctl sem get -v "$SEM" | grep -qx "waiters 1"
}

@test "C programs and ipcctl wake each other" {
	foreign=$(foreign_program)
	each_family each_wakes_the_other
}

@test "PHP's sem_get, a set of three, and sem run exclude each other" {
	require php
	php -m | grep -qx sysvsem || skip "needs PHP with sysvsem"
	key=$((${KEY#key:}))
	coproc PHP { php -r '$s = sem_get('$key', 1); sem_acquire($s); echo "has\n"; fgets(STDIN); sem_release($s); echo "gave\n"; fgets(STDIN); echo sem_acquire($s, true) ? "got\n" : "none\n"; fgets(STDIN);'; }
	read -r -u "${PHP[0]}" _
	run -124 ipcctl sem run --nonblock "$KEY" true
	run -0 ipcctl stat -J "sem:$KEY"
	assert_output --partial '"nsems": 3'
	echo >&"${PHP[1]}"
	read -r -u "${PHP[0]}" _
	SEM=$KEY
	wait_until value_is 1
	background ipcctl sem run "$KEY" sleep 1000
	wait_until value_is 0
	echo >&"${PHP[1]}"
	read -r -u "${PHP[0]}" answer
	echo >&"${PHP[1]}"
	assert_equal "$answer" none
}

# --- repair ------------------------------------------------------------------------------------

# foreign takes a unit; FOREIGN is its process.
foreign_takes() {
	background "$foreign" "$SEM" take
	FOREIGN=$BG_PID
	wait_until grep -q taken "$BG_OUT"
}

repairs_foreign() {
	local total=()
	ipcctl sem create --value 2 "$SEM"
	[[ $SEM = /* ]] || total=(--value 2)
	foreign_takes
	run -1 ipcctl sem repair "${total[@]}" "$SEM"
	assert_line --index 0 "ipcctl sem repair: cannot repair semaphore '$SEM': somebody has it"
	assert_line --partial "hint: process $FOREIGN ("
	value_is 1
	kill -KILL "$FOREIGN"
	wait_until _has_ended "$FOREIGN"
	wait "$FOREIGN" || true
	# Nothing gives that back by itself: nobody knows that it was held.
	ipcctl sem run "$SEM" true
	wait_until value_is 1
	run -0 ipcctl sem repair "${total[@]}" "$SEM"
	assert_output "ipcctl sem repair: set semaphore '$SEM' from 1 to 2"
	value_is 2
	run -0 ipcctl sem repair "${total[@]}" "$SEM"
	assert_output "ipcctl sem repair: semaphore '$SEM' is as it should be"
}

@test "repair gives back what a killed foreign program kept, and nothing while it is there" {
	foreign=$(foreign_program)
	each_family repairs_foreign
}

repairs_beside_holder() {
	ipcctl sem create --value 3 "$SEM"
	background ipcctl sem run "$SEM" sleep 1000
	wait_until value_is 2
	foreign_takes
	kill -KILL "$FOREIGN"
	wait_until _has_ended "$FOREIGN"
	wait "$FOREIGN" || true
	value_is 1
	run -0 ipcctl sem repair -f --value 3 "$SEM"
	value_is 2 # one is held
	reap_background
	wait_until value_is 3
}

@test "repair leaves to live holders what they have" {
	foreign=$(foreign_program)
	each_family repairs_beside_holder
}

never_guesses() {
	"$foreign" "$SEM" create 1
	ipcctl sem wait "$SEM"
	run -1 ipcctl sem repair "$SEM"
	assert_output "ipcctl sem repair: cannot repair semaphore '$SEM': what its value should be is not recorded
hint: give the value that it has when nobody holds it: --value NUMBER"
	run -0 ipcctl sem repair --value 1 "$SEM"
	value_is 1
	run -1 ipcctl sem repair --value 99999999999 "$SEM"
	assert_line --index 0 "ipcctl sem repair: cannot repair semaphore '$SEM': Numerical result out of range"
}

@test "repair never guesses the value" {
	foreign=$(foreign_program)
	each_family never_guesses
}

@test "repair gives back what dead recorded holders kept, and says how much" {
	SEM=$NAME
	ipcctl sem create --value 5 "$NAME"
	for units in 1 2; do
		background ipcctl sem run --units $units "$NAME" sleep 1000
		holders[units]=$BG_PID
	done
	wait_until value_is 2
	# shellcheck disable=SC2046 # a list of pids
	kill -KILL $(guards_of "$NAME")
	kill -KILL "${holders[@]}"
	wait_until _has_ended "${holders[1]}"
	wait_until _has_ended "${holders[2]}"
	run -0 ipcctl sem repair "$NAME"
	assert_output "ipcctl sem repair: gave back 3 of semaphore '$NAME' that 2 dead holders kept"
	value_is 5
}

@test "repair gives back what a killed Python program kept" {
	require_python sysv_ipc
	key=$((${KEY#key:}))
	background "$PYTHON" -c "import sysv_ipc, time
s = sysv_ipc.Semaphore($key, sysv_ipc.IPC_CREX, initial_value=1)
s.undo = False
s.acquire()
print('taken', flush=True)
time.sleep(1000)"
	wait_until grep -q taken "$BG_OUT"
	run -0 ipcctl sem holders "$KEY"
	assert_output --regexp "^$BG_PID [^ ]+ last - - .*python3? -c import sysv_ipc"
	kill -KILL "$BG_PID"
	wait_until _has_ended "$BG_PID"
	wait "$BG_PID" || true
	run -0 ipcctl sem repair --value 1 "$KEY"
	value_is 1 "$KEY"
}

# --- SEM_UNDO ----------------------------------------------------------------------------------

set_keeps_holds() {
	ipcctl sem create "$SEM"
	background ipcctl sem run "$SEM" sleep 1000
	wait_until value_is 0
	ipcctl sem set "$SEM" 5
	value_is 5
	kill "$BG_PID"
	wait_until value_is 6
}

@test "set leaves alone what is held: it comes back in addition" {
	each_family set_keeps_holds
}

@test "a SETVAL of another program makes the kernel forget what is to come back" {
	foreign=$(foreign_program)
	ipcctl sem create "$KEY"
	SEM=$KEY
	background ipcctl sem run "$KEY" sleep 1000
	wait_until value_is 0
	"$foreign" "$KEY" create 0
	kill -KILL "$BG_PID"
	wait_until _has_ended "$BG_PID"
	value_is 0
}

# --- errors ------------------------------------------------------------------------------------

# STATUS|COMMAND|MESSAGE|HINT, with S for the semaphore
error_table() {
	local posix=2147483647 max=32767 kind="System V semaphore, and what one process can hold of it,"
	if [[ $SEM = /* ]]; then max=$posix kind="POSIX semaphore"; fi
	cat <<-END
		3|get $(other)|cannot open semaphore 'OTHER': No such file or directory|
		3|wait $(other)|cannot open semaphore 'OTHER': No such file or directory|
		3|repair $(other)|cannot open semaphore 'OTHER': No such file or directory|
		4|wait --nonblock --units 2 S|cannot wait for semaphore 'S': It would have blocked|
		2|wait --units 0 S|--units: a number from 1|see 'ipcctl sem wait --help'
		1|wait --units $((max + 1)) S|cannot wait for semaphore 'S': Numerical result out of range|the value of a $kind is 0 to $max
		1|post --units $max S|cannot post semaphore 'S': Numerical result out of range|the value of a $kind is 0 to $max
		1|set S $((max + 1))|cannot set semaphore 'S': Numerical result out of range|the value of a $kind is 0 to $max
		1|create --value $((max + 1)) $(other)|cannot create semaphore 'OTHER': Numerical result out of range|the value of a $kind is 0 to $max
		2|set S -1|unknown option '-1'|see 'ipcctl sem set --help'
		2|set S 1x|'1x' is not a value for a semaphore|see 'ipcctl sem set --help'
		2|set S|something is missing: it takes SEM VALUE|see 'ipcctl sem set --help'
		2|wait --units 1k S|--units: '1k' is not a whole number|see 'ipcctl sem wait --help'
		2|create --size 5 S|unknown option '--size'|see 'ipcctl sem create --help'
	END
}

errors_are_told() {
	local expected line message hint
	ipcctl sem create "$SEM"
	while IFS='|' read -r expected line message hint; do
		line=${line// S/ $SEM} message=${message//\'S\'/\'$SEM\'} message=${message//OTHER/$(other)}
		read -r -a words <<<"$line"
		run -"$expected" ipcctl sem "${words[@]}"
		assert_equal "${lines[0]}" "ipcctl sem ${words[0]}: $message"
		assert_equal "${lines[1]-}" "${hint:+hint: $hint}"
		value_is 1
	done < <(error_table)
}

@test "every failure has its message, hint and status" {
	each_family errors_are_told
}

@test "what a POSIX semaphore can't be is told" {
	run -2 ipcctl sem create --nsems 2 "$NAME"
	assert_line --index 0 "ipcctl sem create: --nsems: a POSIX named semaphore has no such attribute"
	ln -s /etc/passwd "/dev/shm/sem.${NAME#/}"
	run -1 ipcctl sem get "$NAME"
	assert_line --index 1 "hint: a symbolic link in /dev/shm is never followed: somebody may have planted it"
	run -1 ipcctl sem create -x "$NAME"
	assert_line --index 0 "ipcctl sem create: cannot create semaphore '$NAME': File exists"
	echo short >"/dev/shm/sem.${NAME#/}short"
	run -1 ipcctl sem post "${NAME}short"
	assert_line --index 1 "hint: a semaphore is a regular file of at least 32 bytes, sem.NAME in /dev/shm"
	long=/$(printf '%0252d' 0)
	run -1 ipcctl sem create "$long"
	assert_line --index 1 "hint: a name has at most 251 bytes behind its slash"
	ipcctl sem create "${long%0}"
	run -0 ipcctl sem ls --names
	assert_output "sem:${long%0}"
}

@test "the limits of System V sets are told" {
	run -1 ipcctl sem create --nsems 0 "$KEY"
	assert_line --index 0 "ipcctl sem create: cannot create semaphore '$KEY': Invalid argument"
	assert_line --index 1 "hint: a set has from 1 to SEMMSL semaphores, the first number of 'sysctl kernel.sem'"
	run -1 ipcctl sem create --nsems 4000000000 "$KEY"
	assert_line --index 0 "ipcctl sem create: cannot create semaphore '$KEY': Invalid argument"
	[ -w /proc/sys/kernel/sem ] || skip "needs to set kernel.sem"
	limits=$(cat /proc/sys/kernel/sem)
	echo "32000 1024000000 500 0" >/proc/sys/kernel/sem
	run ipcctl sem create "$KEY"
	echo "$limits" >/proc/sys/kernel/sem
	assert_equal "$status" 1
	assert_line --index 0 "ipcctl sem create: cannot create semaphore '$KEY': No space left on device"
	assert_line --index 1 --partial "SEMMNI, the second and the fourth number of 'sysctl kernel.sem'"
}

@test "a full /dev/shm is told, and nothing is left there" {
	[ "$TESTS_AS" = root ] || skip "needs to mount"
	run -1 unshare -m sh -c 'mount -t tmpfs -o size=4k tmpfs /dev/shm && ipcctl sem create /one && ipcctl sem create /two
		status=$?; ls /dev/shm; exit $status'
	assert_line --index 0 "ipcctl sem create: cannot create semaphore '/two': No space left on device"
	assert_line --index 1 --partial "hint: /dev/shm is full: see 'df /dev/shm'"
	assert_line --index 2 "hint: size of /dev/shm: 4096 of 4096 bytes (100%); most by user $(id -un): 4096"
	assert_line --index 3 sem.one
	assert_equal "${#lines[@]}" 4
}

for_owner_alone() {
	ipcctl sem create "$SEM"
	for verb in get post wait holders repair; do
		run -5 as_user ipcctl sem "$verb" "$SEM"
		assert_output --regexp "^ipcctl sem $verb: .* '$SEM': Permission denied\$"
	done
	run -125 as_user ipcctl sem run "$SEM" true
	ipcctl chmod 0644 "sem:$SEM"
	run -0 as_user ipcctl sem get "$SEM"
	assert_output 1
	run -5 as_user ipcctl sem post "$SEM"
	ipcctl chmod 0666 "sem:$SEM"
	as_user ipcctl sem post "$SEM"
	value_is 2
}

@test "another user is refused with status 5, unless the mode allows it" {
	require_root
	each_family for_owner_alone
}

@test "a semaphore file full of nonsense harms nobody but itself" {
	for content in 0 255; do
		"$PYTHON" -c "import sys; sys.stdout.buffer.write(bytes([$content]) * 4096)" >"/dev/shm/sem.${NAME#/}"
		while read -r -a words; do
			run timeout -s ABRT 10 ipcctl sem "${words[@]}"
			((status <= 5 || status == 124 || status == 125))
		done <<-END
			get $NAME
			get -J $NAME
			holders $NAME
			wait --nonblock $NAME
			post $NAME
			run --nonblock $NAME true
			repair $NAME
			set $NAME 1
			repair --value 1 $NAME
		END
		value_is 1 "$NAME"
		truncate -s 40 "/dev/shm/sem.${NAME#/}"
		run -0 ipcctl sem run -t 10s "$NAME" true
	done
}

@test "no units are no number of units" {
	for sem in "$NAME" "$KEY"; do
		ipcctl sem create "$sem"
		for verb in wait post; do
			run -2 ipcctl sem "$verb" --units 0 "$sem"
			assert_line --index 0 "ipcctl sem $verb: --units: a number from 1"
		done
		run -2 ipcctl sem run --units 0 "$sem" true
		run -0 ipcctl sem get "$sem"
		assert_output 1
	done
}

@test "a set is not made for a semaphore that it would not have" {
	run -1 ipcctl sem create "$KEY#1"
	assert_line --index 1 "hint: the set would not have that semaphore, they are numbered from 0: --nsems says how many it has"
	run -3 ipcctl sem get "$KEY"
	run -0 ipcctl sem wait --create --nsems 2 "$KEY#1"
	run -0 ipcctl sem post --create "$KEY#1"
	run -0 ipcctl sem get "$KEY#1"
	assert_output 1
}

@test "repair takes no units away that were added, unless --value says so" {
	ipcctl sem create --value 0 "$NAME"
	ipcctl sem post --units 3 "$NAME"
	run -0 ipcctl sem repair "$NAME"
	assert_output "ipcctl sem repair: semaphore '$NAME' is as it should be"
	ipcctl sem set "$NAME" 8
	run -0 ipcctl sem repair "$NAME"
	run -0 ipcctl sem get "$NAME"
	assert_output 8
	run -0 ipcctl sem repair --value 1 "$NAME"
	assert_output "ipcctl sem repair: set semaphore '$NAME' from 8 to 1"
}
