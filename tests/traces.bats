# What real programs leave behind when they are killed, and what they have while they run.

load lib

# The makers run as a user of their own, where there is one: when all his processes are gone, so is who made his
# objects. An ordinary user's own shell is older than what he makes, and may have made it. Nothing of this is proved where
# processes may be hidden. LEFT is the state of what was left by its owner, NAMED that of what names its maker.
setup() {
	LEFT=idle NAMED=idle
	[ "$TESTS_AS$TESTS_REAL_ROOT" != root1 ] || MAKER=tester
	if [ "$(stat -Lc %i /proc/self/ns/pid)" = 4026531836 ] && [ -e /proc/1 ]; then
		NAMED=stale
		LEFT=${MAKER:+stale}
		LEFT=${LEFT:-idle}
	fi
	DIR=$(mktemp -d /tmp/traces.XXXXXX)
	[ -z "${MAKER-}" ] || chown "$TESTER:$TESTER" "$DIR"
	PG=$(postgres_programs)
}

teardown() {
	[ -z "${ORPHAN-}" ] || kill -KILL "$ORPHAN" 2>/dev/null || true
	reap_background
	remove_objects
	rm -rf "$DIR"
}

# Becomes a program of the maker: background as_maker PROGRAM...
as_maker() { # COMMAND...
	[ -z "${MAKER-}" ] || set -- setpriv --reuid="$TESTER" --regid="$TESTER" --clear-groups --inh-caps=-all --bounding-set=-all "$@"
	exec "$@"
}

state_of() { # SELECTOR
	ipcctl ls --noheadings -o state "$1"
}

label_of() { # SELECTOR
	ipcctl ls --noheadings -o label "$1"
}

# Ends processes as nothing can be cleaned up after, and waits until they are gone.
slay() { # PID...
	local pid
	kill -KILL "$@" 2>/dev/null || true
	for pid in "$@"; do
		wait_until _has_ended "$pid"
	done
}

names() {
	ipcctl ls --names | LC_ALL=C sort
}

# Removes in loops what may be removed, until STOPPED is there: what went is in REMOVED, a line for each round in ROUNDS.
sweep() {
	until [ -e "$STOPPED" ]; do
		ipcctl rm -v --stale -y
		ipcctl rm -v --state stale,idle -y
		echo >>"$ROUNDS"
	done
}

start_sweeping() {
	STOPPED=$BATS_TEST_TMPDIR/stopped ROUNDS=$BATS_TEST_TMPDIR/rounds
	: >"$ROUNDS"
	background sweep
	SWEEPER=$BG_PID REMOVED=$BG_ERR
}

has_swept() { # ROUNDS
	[ "$(wc -l <"$ROUNDS")" -ge "$1" ]
}

# After so many rounds more.
stop_sweeping() { # ROUNDS
	local round last
	last=$(($(wc -l <"$ROUNDS") + $1))
	for ((round = last - $1 + 1; round <= last; round++)); do
		wait_until has_swept "$round"
	done
	: >"$STOPPED"
	finish "$SWEEPER"
}

# --- Python ----------------------------------------------------------------------------------

# A program with a segment; its resource tracker would remove it, and is killed first.
start_python() {
	background as_maker "$PYTHON" -c '
import multiprocessing as m, signal, sys
from multiprocessing import resource_tracker as t, shared_memory as s
x = s.SharedMemory(create=True, size=4096)
x.buf[:5] = b"hello"
lock = m.get_context("spawn").Lock()
with lock:
    print(x._name, t._resource_tracker._pid, lock._semlock.name, flush=True)
signal.pause()'
	PROGRAM=$BG_PID
	wait_until grep -q mp- "$BG_OUT"
	read -r SEGMENT TRACKER LOCK <"$BG_OUT"
}

@test "Python: a segment and a lock are live, and left behind by a program that was killed with its tracker" {
	start_python
	assert_equal "$(label_of "shm:$SEGMENT") $(label_of "sem:$LOCK")" "python python"
	assert_equal "$(state_of "shm:$SEGMENT") $(state_of "sem:$LOCK")" "live live"
	run ipcctl rm -y --label python
	assert_failure 1
	assert_line --partial "cannot remove segment 'shm:$SEGMENT': it is in use: $PROGRAM $PYTHON"
	start_sweeping
	stop_sweeping 5
	refute [ -s "$REMOVED" ]
	slay "$TRACKER" "$PROGRAM"
	# Nothing tells whether the lock was ever used: it can't be said that it was left behind.
	assert_equal "$(state_of "shm:$SEGMENT") $(state_of "sem:$LOCK")" "$LEFT idle"
	run ipcctl rm -y --state "$LEFT,idle" --label python
	assert_success
	assert_equal "$(names)" ""
}

@test "Python: what another program still has is live when its maker was killed" {
	start_python
	background "$PYTHON" -c "
import signal
from multiprocessing import shared_memory as s
x = s.SharedMemory('$SEGMENT')
print('attached', flush=True)
signal.pause()"
	other=$BG_PID
	wait_until grep -q attached "$BG_OUT"
	slay "$TRACKER" "$PROGRAM"
	assert_equal "$(state_of "shm:$SEGMENT")" live
	run ipcctl rm -y --state stale,idle
	assert_success
	assert_equal "$(names)" "shm:$SEGMENT"
	tracker=$(cat "/proc/$other/task/$other/children")
	# shellcheck disable=SC2086 # a list
	slay $tracker "$other"
	refute [ "$(state_of "shm:$SEGMENT")" = live ]
}

# --- PostgreSQL ------------------------------------------------------------------------------

# Where they are: on Debian those of each version have a folder of their own.
postgres_programs() {
	local found
	for found in /usr/lib/postgresql/*/bin "$(dirname "$(command -v postgres)")"; do
		if [ -x "$found/postgres" ] && [ -x "$found/initdb" ] && [ -x "$found/psql" ]; then
			echo "$found"
			return
		fi
	done
}

require_postgres() {
	[ -n "$PG" ] || skip "needs postgres"
	[ "$TESTS_AS$TESTS_REAL_ROOT" != root0 ] || skip "PostgreSQL does not run as root"
}

query() { # SQL
	"$PG/psql" -h "$DIR" -U postgres -XAtq -v ON_ERROR_STOP=1 -c "$1" postgres
}

make_cluster() {
	(as_maker "$PG/initdb" -U postgres -A trust --no-locale -N -D "$DIR/data") >/dev/null
}

start_postgres() { # SHARED-MEMORY-TYPE DYNAMIC-SHARED-MEMORY-TYPE
	background as_maker "$PG/postgres" -D "$DIR/data" -c listen_addresses= -c unix_socket_directories="$DIR" \
		-c shared_memory_type="$1" -c dynamic_shared_memory_type="$2" -c fsync=off -c shared_buffers=1MB
	POSTMASTER=$BG_PID
	wait_until query 'select 1'
}

children_of() { # PID
	cat "/proc/$1/task/$1/children"
}

# With worker processes, which share segments made for this query.
parallel_sum() {
	query 'set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0;
		set max_parallel_workers_per_gather = 2; select sum(n) from numbers'
}

test_running() { # SHARED-MEMORY-TYPE DYNAMIC-SHARED-MEMORY-TYPE
	require_postgres
	make_cluster
	start_postgres "$@"
	query 'create table numbers as select generate_series(1, 1000) as n'
	query 'analyze numbers'
	complaints=$(grep -cE 'ERROR|FATAL|PANIC' "$BG_ERR" || true) # of who asked before it was ready
	server_log=$BG_ERR
	before=$(names)
	refute [ -z "$before" ]
	assert_equal "$(ipcctl ls --noheadings -o state | sort -u)" live
	start_sweeping
	while ! has_swept 20; do
		assert_equal "$(parallel_sum)" 500500
	done
	stop_sweeping 1
	assert_equal "$(cat "$REMOVED")" ""
	assert_equal "$(names)" "$before"
	assert_equal "$(query 'select count(*) from numbers')" 1000
	assert_equal "$(grep -cE 'ERROR|FATAL|PANIC' "$server_log")" "$complaints"
}

@test "PostgreSQL with POSIX segments: nothing of a running server is touched" {
	test_running mmap posix
}

@test "PostgreSQL with System V segments: nothing of a running server is touched" {
	test_running sysv sysv
}

test_killed() { # SHARED-MEMORY-TYPE DYNAMIC-SHARED-MEMORY-TYPE
	require_postgres
	make_cluster
	start_postgres "$@"
	query 'create table kept as select 1'
	query checkpoint
	segments=$(ipcctl ls --names shm | wc -l)
	assert [ "$segments" -ge 2 ]
	# shellcheck disable=SC2046 # a list
	slay "$POSTMASTER" $(children_of "$POSTMASTER")
	# The kernel recorded who made a System V segment; who made a POSIX one is told by his processes alone.
	assert_equal "$(ipcctl ls --noheadings -o state,api shm | grep -c '^stale *sysv')" \
		"$(ipcctl ls --noheadings -o api shm | grep -c sysv)"
	assert_equal "$(ipcctl ls --noheadings -o state shm --label postgresql | sort -u)" \
		"$([ "$2" = sysv ] || echo "$LEFT")"
	assert_equal "$(ipcctl ls --noheadings -o state,label sock | tr -s ' ')" "stale postgresql"
	run ipcctl rm -y --state "stale,$LEFT"
	assert_success
	assert_equal "$(names)" ""
	start_postgres "$@"
	assert_equal "$(query 'select * from kept')" 1
	assert_equal "$(ipcctl ls --names shm | wc -l)" "$segments"
}

@test "PostgreSQL with POSIX segments: a killed server's are stale, go, and it starts again" {
	test_killed mmap posix
}

@test "PostgreSQL with System V segments: a killed server's are stale, go, and it starts again" {
	test_killed sysv sysv
}

@test "PostgreSQL: what a single process of a killed server still has stays" {
	require_postgres
	make_cluster
	start_postgres mmap posix
	# It can't notice that its server is gone.
	for last in $(children_of "$POSTMASTER"); do
		! grep -q checkpointer "/proc/$last/cmdline" || break
	done
	ORPHAN=$last
	kill -STOP "$last"
	before=$(ipcctl ls --names shm | LC_ALL=C sort)
	mapped=$(grep -oE '/PostgreSQL[.][0-9]+' "/proc/$last/maps" | sort -u | sed 's/^/shm:/')
	mapped+=$'\n'$(ipcctl ls --names 'shm:key:*')
	others=$(children_of "$POSTMASTER" | tr ' ' '\n' | grep -v "^$last\$")
	# shellcheck disable=SC2086 # a list
	slay "$POSTMASTER" $others
	# shellcheck disable=SC2086 # a list
	assert_equal "$(ipcctl ls --noheadings -o state $mapped | sort -u)" live
	# What nobody has mapped could still be found by its name.
	run ipcctl rm -y --stale 'shm:*'
	assert_success
	assert_equal "$(ipcctl ls --names shm | LC_ALL=C sort)" "$before"
	run ipcctl rm -y --state stale,idle 'shm:*'
	assert_success
	assert_equal "$(ipcctl ls --names shm | LC_ALL=C sort)" "$(LC_ALL=C sort <<<"$mapped")"
	slay "$last"
	run ipcctl rm -y --state "stale,$LEFT" 'shm:*'
	assert_success
	assert_equal "$(ipcctl ls --names shm)" ""
}

# --- semaphore sets, as Apache's --------------------------------------------------------------

# A server makes a set for each of its locks, and its workers take turns: private keys, and SEM_UNDO.
start_leaker() { # SETS
	program=$(
		build_c - <<-'END'
			#include <signal.h>
			#include <stdio.h>
			#include <stdlib.h>
			#include <sys/prctl.h>
			#include <sys/sem.h>
			#include <unistd.h>

			int main(int argc, char **argv)
			{
				int sets = atoi(argv[1]), ids[64];

				for (int i = 0; i < sets; i++) {
					ids[i] = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
					semctl(ids[i], 0, SETVAL, 1);
				}
				for (int worker = 0; worker < 2; worker++) {
					if (fork() > 0)
						continue;
					prctl(PR_SET_PDEATHSIG, SIGKILL);
					for (int i = 0;; i = (i + 1) % sets) {
						struct sembuf take = { 0, -1, SEM_UNDO }, give = { 0, 1, SEM_UNDO };
						if (semop(ids[i], &take, 1) < 0 || semop(ids[i], &give, 1) < 0)
							_exit(1);
						if (i == sets - 1 && write(1, ".", 1) < 0)
							_exit(1);
						usleep(1000);
					}
				}
				pause();
			}
		END
	)
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" 2>/dev/null || true
	cp "$program" "$DIR/leaker"
	background as_maker "$DIR/leaker" "$1"
	SERVER=$BG_PID
	wait_until grep -q ..... "$BG_OUT"
}

@test "sets of semaphores: those of a running server stay, those that it left when it was killed are found" {
	start_leaker 8
	assert_equal "$(ipcctl ls --names sem | wc -l)" 8
	start_sweeping
	stop_sweeping 10
	assert_equal "$(cat "$REMOVED")" ""
	assert_equal "$(ipcctl ls --names sem | wc -l)" 8
	assert_equal "$(ipcctl ls --noheadings -o label sem | sort -u)" - # they might be anybody's
	workers=$(children_of "$SERVER")
	# shellcheck disable=SC2086 # a list
	slay "$SERVER" $workers
	assert_equal "$(ipcctl ls --noheadings -o state sem | sort | uniq -c | tr -s ' ')" " 8 $LEFT"
	run ipcctl rm -y --state "$LEFT" 'sem:*'
	assert_success
	assert_equal "$(names)" ""
}

# --- names with a form -----------------------------------------------------------------------

# Has segments of these names mapped, and nothing else open.
start_mapper() { # NAME...
	background as_maker "$PYTHON" -c '
import mmap, os, signal, sys
maps = []
for name in sys.argv[1:]:
    fd = os.open("/dev/shm" + name.replace("PID", str(os.getpid())), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.posix_fallocate(fd, 0, 4096)
    maps.append(mmap.mmap(fd, 4096))
    maps[-1][:5] = b"hello"
    os.close(fd)
print("mapped", flush=True)
signal.pause()' "$@"
	PROGRAM=$BG_PID
	wait_until grep -q mapped "$BG_OUT"
}

MPI=(/vader_segment.node1.1000.7f010001.0 /sm_segment.node1.1000.7f010001.1 /osc_rdma.node1.7f01.3 /mpich_shar_tmpAbCdEf)
NCCL=(/nccl-AbCdEf /nccl-shm-send-170206743cd9fd1d-0-1-0)

@test "Open MPI's and NCCL's names are labelled, live while they are mapped, and left when all ranks were killed" {
	start_mapper "${MPI[@]}" "${NCCL[@]}"
	first=$PROGRAM
	start_mapper /vader_segment.node1.1000.7f010001.2
	assert_equal "$(ipcctl ls --noheadings -o label,state | LC_ALL=C sort | uniq -c | tr -s ' ')" " 1 mpich live
 2 nccl live
 4 openmpi live"
	start_sweeping
	stop_sweeping 3
	assert_equal "$(cat "$REMOVED")" ""
	# One rank is left: his alone stay, and those of the others are not proved to be left while he may have made them.
	slay "$first"
	assert_equal "$(ipcctl ls --noheadings -o state --label openmpi --label mpich --label nccl | sort | uniq -c | tr -s ' ')" " 6 idle
 1 live"
	slay "$PROGRAM"
	assert_equal "$(ipcctl ls --noheadings -o state --label '*' | sort | uniq -c | tr -s ' ')" " 7 $LEFT"
	run ipcctl rm -y --state "$LEFT" --label nccl
	assert_success
	assert_equal "$(ipcctl ls --names --label '*' | wc -l)" 5
	run ipcctl rm -y --state "$LEFT" --label 'open*' --label mpich
	assert_success
	assert_equal "$(names)" ""
}

@test "a name tells the pid of its maker: alive it is not left behind, killed it is, whoever asks" {
	start_mapper /torch_PID_42_0 /org.mozilla.ipc.PID.1
	assert_equal "$(ipcctl ls --noheadings -o label,state | LC_ALL=C sort | tr -s ' ')" $'firefox live\npytorch live'
	maker=$PROGRAM
	assert_equal "$(names)" "shm:/org.mozilla.ipc.$maker.1
shm:/torch_${maker}_42_0"
	slay "$maker"
	assert_equal "$(ipcctl ls --noheadings -o state shm | sort -u)" "$NAMED"
	run ipcctl rm -y --state "$NAMED"
	assert_success
	assert_equal "$(names)" ""
}

@test "a name with the pid of a living process that is younger is not its maker's" {
	start_mapper /torch_PID_42_0
	slay "$PROGRAM"
	old=$(names)
	background sleep 100
	# What the next process would be called; only the file's age tells that it is another one.
	mv "/dev/shm/${old#shm:/}" "/dev/shm/torch_${BG_PID}_42_0"
	assert_equal "$(state_of "shm:/torch_${BG_PID}_42_0")" "$NAMED"
	: >"/dev/shm/torch_${BG_PID}_43_0"
	assert_equal "$(state_of "shm:/torch_${BG_PID}_43_0")" idle
}
