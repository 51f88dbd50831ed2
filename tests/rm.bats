# rm: what goes, what stays, and what is asked.

load lib

make() { # KIND:NAME...
	local name
	for name in "$@"; do
		case $name in
		mq:*) : >"/dev/mqueue/${name#mq:/}" ;;
		shm:*) : >"/dev/shm/${name#shm:/}" ;;
		esac
	done
}

names() {
	ipcctl ls --names | sort | tr '\n' ' ' | sed 's/ $//'
}

# Runs a command on a terminal of its own and answers its question.
on_terminal() { # ANSWER COMMAND...
	local answer=$1
	shift
	press "$answer\\n" "$@"
}

# The same with single keys, written as Python does: \x03 is Ctrl-C. A signal is status 128 and its number.
# MEANWHILE is a command that is run between the question and the answer.
press() { # KEYS COMMAND...
	"$PYTHON" - "$@" <<-'END'
		import os, pty, select, sys
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp(sys.argv[2], sys.argv[2:])
		seen, asked = b"", False
		while True:
		    if not select.select([fd], [], [], 20)[0]:
		        sys.exit("nothing came for 20 seconds: %r" % seen)
		    try:
		        data = os.read(fd, 4096)
		    except OSError:
		        break
		    if not data:
		        break
		    seen += data
		    if not asked and b"[y/N]" in seen:
		        if "MEANWHILE" in os.environ and os.system(os.environ["MEANWHILE"]):
		            sys.exit("what was to be done meanwhile failed")
		        os.write(fd, sys.argv[1].encode().decode("unicode_escape").encode())
		        asked = True
		os.write(1, seen.replace(b"\r\n", b"\n"))
		status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
		sys.exit(status if status >= 0 else 128 - status)
	END
}

@test "names given one by one are removed without a question or a word" {
	make mq:/a shm:/a shm:/b
	key=$(unique_key)
	"$PYTHON" -c "import sysv_ipc; sysv_ipc.Semaphore($key, sysv_ipc.IPC_CREX)"
	run ipcctl rm mq:/a "sem:key:$key" shm:/a
	assert_success
	assert_output ""
	assert_equal "$(names)" shm:/b
}

@test "what somebody holds a lease on is live: it is listed, kept, and goes with --force" {
	program=$(
		build_c - <<-'END'
			#include <fcntl.h>
			#include <signal.h>
			#include <unistd.h>

			/* Holds leases on the files that are its operands, and answers nobody who wants them. */
			int main(int argc, char **argv)
			{
				signal(SIGIO, SIG_IGN);
				for (int i = 1; i < argc; i++)
					if (fcntl(open(argv[i], O_RDONLY), F_SETLEASE, F_WRLCK) < 0)
						return 1;
				close(creat("/tmp/held", 0600));
				pause();
			}
		END
	)
	make shm:/a mq:/a shm:/.ipcctl-rm.b
	head -c 32 /dev/zero >/dev/shm/sem.s
	rm -f /tmp/held
	background "$program" /dev/shm/a /dev/mqueue/a /dev/shm/.ipcctl-rm.b /dev/shm/sem.s
	wait_until test -e /tmp/held
	assert_equal "$(ipcctl ls --names --state live | sort | tr '\n' ' ')" "mq:/a sem:/s shm:/.ipcctl-rm.b shm:/a "
	for name in shm:/a mq:/a sem:/s; do
		run ipcctl rm $name
		assert_failure 1
		assert_line --index 0 --regexp "'$name': it is in use: $BG_PID .* \(fd\)\$"
		run ipcctl rm -f --discard $name
		assert_success
	done
	assert_equal "$(names)" shm:/.ipcctl-rm.b
}

@test "a segment that has been removed and is still attached can't be removed again, and that is said" {
	key=$(unique_key)
	rm -f /tmp/attached
	background "$PYTHON" - "$key" <<-'END'
		import sysv_ipc, sys, signal
		m = sysv_ipc.SharedMemory(int(sys.argv[1], 16), sysv_ipc.IPC_CREX, 0o600, 4096)
		m.remove()
		open("/tmp/attached", "w").close()
		signal.pause()
	END
	wait_until test -e /tmp/attached
	orphan=$(ipcctl ls --names --state orphan)
	for option in --force --discard; do
		run ipcctl rm $option "$orphan"
		assert_failure 1
		assert_output "ipcctl rm: cannot remove segment '$orphan': it has been removed, and goes when the last process lets go of it: $BG_PID $PYTHON - $key (attach)"
	done
	assert_equal "$(ipcctl ls --names)" "$orphan"
}

@test "what has an owner who may not be seen is not added to what root owns" {
	require_root
	make mq:/a
	chmod 0 /dev/mqueue/a
	# shellcheck disable=SC2016 # its own parameters
	run unshare -m sh -c 'umount /dev/mqueue && exec setpriv --reuid="$TESTER" --clear-groups ipcctl rm -n --force --discard mq:/a'
	assert_success
	assert_line --partial '?: 1 object'
}

@test "nobody keeps a segment from being removed by taking the name that it would be put aside under" {
	mkdir /dev/shm/.ipcctl-rm.a
	mkfifo /dev/shm/.ipcctl-rm.b
	ln -s /nowhere /dev/shm/.ipcctl-rm.c
	make shm:/a shm:/b shm:/c
	run ipcctl rm shm:/a shm:/b shm:/c
	assert_success
	assert_equal "$(find /dev/shm -mindepth 1 | sort | tr '\n' ' ')" "/dev/shm/.ipcctl-rm.a /dev/shm/.ipcctl-rm.b /dev/shm/.ipcctl-rm.c "
	make shm:/.ipcctl-rm-0123abcd.d shm:/.ipcctl-rm-0123abc.e
	assert_equal "$(names)" "shm:/.ipcctl-rm-0123abc.e shm:/d"
}

@test "what is swapped for another one in use at any moment is left alone, and that is what is said" {
	program=$(
		build_c - <<-'END'
			#include <fcntl.h>
			#include <stdio.h>
			#include <stdlib.h>
			#include <sys/stat.h>
			#include <unistd.h>

			/* Puts one segment after another at /v. Each is held for a while: then it must not go. */
			int main(void)
			{
				while (getppid() != 1) {
					struct stat st;
					int fd = open("/dev/shm/next", O_CREAT | O_RDWR | O_TRUNC, 0600);
					if (fd < 0 || rename("/dev/shm/next", "/dev/shm/v") < 0)
						return 1;
					usleep(rand() % 300);
					if (fstat(fd, &st) < 0 || st.st_nlink == 0) {
						puts("a segment in use was removed");
						return 1;
					}
					close(fd);
					usleep(rand() % 300);
				}
			}
		END
	)
	background "$program"
	swapper=$BG_PID swapped=$BG_OUT
	for _ in {1..150}; do
		ipcctl rm shm:/v 2>>"$BATS_TEST_TMPDIR/said" || true
	done
	assert is_running "$swapper"
	assert_equal "$(cat "$swapped")" ""
	refute grep -F 'nobody has it' "$BATS_TEST_TMPDIR/said"
}

@test "each name that rm reads costs a look at that object alone, not at all there are" {
	require strace
	"$PYTHON" -c '
import sysv_ipc
for i in range(40): sysv_ipc.SharedMemory(0x5a000 + i, sysv_ipc.IPC_CREX, 0o600, 4096), sysv_ipc.Semaphore(0x5a000 + i, sysv_ipc.IPC_CREX)'
	ipcctl ls --names >"$BATS_TEST_TMPDIR/names"
	ASAN_OPTIONS+=:detect_leaks=0 # it can't look while it is traced
	strace -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=openat ipcctl rm -y - <"$BATS_TEST_TMPDIR/names"
	assert_equal "$(names)" ""
	assert [ "$(grep -c sysvipc "$BATS_TEST_TMPDIR/trace")" -lt 10 ]
}

is_past() { # TIME
	local now
	printf -v now '%(%s)T' -1
	((now >= $1))
}

is_process_of() { # PID UID
	[ "$(stat -c %u "/proc/$1")" = "$2" ]
}

@test "what was stale when rm asked, and is not any more when it is answered, stays" {
	require_root
	require_python sysv_ipc
	local another=(setpriv --reuid="$TESTER2" --regid="$TESTER2" --clear-groups --inh-caps=-all --bounding-set=-all)
	key=$(unique_key)
	use="import sysv_ipc; sysv_ipc.Semaphore($key, sysv_ipc.IPC_CREAT, initial_value=1).acquire(0)"
	"${another[@]}" "$PYTHON" -c "$use"
	assert_equal "$(ipcctl ls --names --stale)" "sem:key:$key"
	# A process of that user starts so much later that it can't have made it; then it is used once more.
	printf -v now '%(%s)T' -1
	wait_until is_past $((now + 3))
	background "${another[@]}" sleep 60
	wait_until is_process_of "$BG_PID" "$TESTER2"
	assert_equal "$(ipcctl ls --names --stale)" "sem:key:$key"
	MEANWHILE="${another[*]} $PYTHON -c '$use'" run on_terminal y ipcctl rm --stale
	assert_failure 1
	assert_output --partial "ipcctl rm: cannot remove semaphore 'sem:key:$key': it is not stale any more"
	assert_equal "$(names)" "sem:key:$key"
}

@test "a missing name is status 3 and does not keep the rest; --if-exists makes it none" {
	make mq:/a mq:/b
	run ipcctl rm mq:/a mq:/gone mq:/b
	assert_failure 3
	assert_output "ipcctl rm: cannot find queue 'mq:/gone': No such file or directory"
	assert_equal "$(names)" ""
	run ipcctl rm --if-exists mq:/gone gone key:0x1 shm:id:12345
	assert_success
	assert_output ""
}

@test "the status is that of the first failure" {
	run ipcctl rm mq:/gone 'mq:/a/b'
	assert_failure 3
	run ipcctl rm 'mq:/a/b' mq:/gone
	assert_failure 2
}

@test "a plain name is refused with the objects it may mean" {
	make mq:/jobs shm:/jobs
	for name in jobs /jobs; do
		run ipcctl rm $name
		assert_failure 2
		assert_line --index 0 "ipcctl rm: '$name' may be of any kind: say mq:/jobs or shm:/jobs"
	done
	run ipcctl rm nothing
	assert_failure 3
	run ipcctl rm shm
	assert_failure 3
	assert_line --index 1 "hint: all of a kind are 'shm:*'"
	ipcctl mq rm jobs
	assert_equal "$(names)" shm:/jobs
}

@test "something must be named" {
	for call in "rm" "rm -y" "mq rm -y"; do
		# shellcheck disable=SC2086 # words
		run ipcctl $call
		assert_failure 2
		assert_line --index 0 --partial "say what to remove"
	done
}

@test "one semaphore of a set can't be removed" {
	key=$(unique_key)
	"$PYTHON" -c "import sysv_ipc; sysv_ipc.Semaphore($key, sysv_ipc.IPC_CREX)"
	run ipcctl rm "sem:key:$key#0"
	assert_failure 2
	assert_equal "$(names)" "sem:key:$key"
}

@test "what is in use stays, is said, and goes with --force" {
	make shm:/a mq:/a
	background sleep 100 <>/dev/shm/a
	background sleep 100 <>/dev/mqueue/a
	run ipcctl rm shm:/a mq:/a
	assert_failure 1
	assert_line --partial "cannot remove segment 'shm:/a': it is in use"
	assert_line --partial "cannot remove queue 'mq:/a': it is in use"
	assert_line "hint: 'ipcctl rm --force' removes it all the same, when it is named by itself"
	assert_equal "$(names)" "mq:/a shm:/a"
	run ipcctl rm -f shm:/a mq:/a
	assert_success
	assert_equal "$(names)" ""
}

@test "a refusal names some of the holders, and cuts their commands off" {
	make shm:/a
	long=$(printf 'x%.0s' {1..1000})
	for i in {1..7}; do
		background "$PYTHON" -c 'import time; time.sleep(100)' "$i$long" <>/dev/shm/a
	done
	all_are_there() { [ "$(ipcctl stat shm:/a | grep -c '… (fd)$')" = 7 ]; }
	wait_until all_are_there
	run ipcctl rm shm:/a
	assert_failure 1
	assert_line --index 0 --regexp "^[^:]*: cannot remove segment 'shm:/a': it is in use: [0-9]+ .*… \(fd\), [0-9]+ .*… \(fd\), .* and 2 more\$"
	((${#lines[0]} < 600)) || fail "${#lines[0]} characters"
}

@test "an attached System V segment stays, and goes with --force" {
	key=$(unique_key)
	background "$PYTHON" -c "
import sysv_ipc, time
a = sysv_ipc.SharedMemory($key, sysv_ipc.IPC_CREX, 0o600, 4096)
print('attached', flush=True)
time.sleep(100)"
	wait_until grep -q attached "$BG_OUT"
	run ipcctl rm "shm:key:$key"
	assert_failure 1
	assert_line --partial "it is in use"
	run ipcctl rm -f "shm:key:$key"
	assert_success
}

@test "a queue with unread messages needs --discard" {
	key=$(unique_key)
	"$PYTHON" -c "
import sysv_ipc
q = sysv_ipc.MessageQueue($key, sysv_ipc.IPC_CREX)
q.send(b'one'); q.send(b'two')"
	run ipcctl rm -f "mq:key:$key" # whether somebody waits to receive can't be told everywhere
	assert_failure 1
	assert_line --index 0 "ipcctl rm: cannot remove queue 'mq:key:$key': it holds 2 unread messages"
	assert_line --index 1 "hint: --discard throws them away"
	run ipcctl rm -y 'mq:*'
	assert_failure 1
	ipcctl rm -f --discard "mq:key:$key"
	assert_equal "$(names)" ""
}

@test "a queue whose messages can't be counted may hold some: --force alone does not remove it" {
	require_user # whom a mode keeps out
	: >/dev/mqueue/q
	chmod 0 /dev/mqueue/q
	run ipcctl rm -n --force mq:/q
	assert_failure 1
	assert_line --index 0 "ipcctl rm: cannot remove queue 'mq:/q': it may hold unread messages"
	run ipcctl rm --force mq:/q
	assert_failure 1
	assert_line --index 0 "ipcctl rm: cannot remove queue 'mq:/q': it may hold unread messages"
	ipcctl rm --force --discard mq:/q
	assert [ ! -e /dev/mqueue/q ]
}

@test "bulk needs --yes without a terminal, and shows what would go" {
	make shm:/a shm:/b mq:/a
	for call in "rm shm:*" "rm --user $(id -u)" "mq rm * -u $(id -u)"; do
		set -f
		# shellcheck disable=SC2086 # words
		run ipcctl $call
		set +f
		assert_failure 2
		assert_line --partial "nothing was removed without --yes"
		assert_line --regexp '^(shm|mq):/a '
	done
	run bash -c 'ipcctl ls --names | ipcctl rm -'
	assert_failure 2
	assert_equal "$(names)" "mq:/a shm:/a shm:/b"
	run ipcctl rm -y 'shm:*'
	assert_success
	assert_output ""
	assert_equal "$(names)" mq:/a
}

@test "--dry-run shows the same table with sums by owner, and removes nothing" {
	make shm:/a shm:/b mq:/a
	truncate -s 8K /dev/shm/a
	run --separate-stderr ipcctl rm -n 'shm:*'
	assert_success
	assert_line --index 0 --regexp '^OBJECT +OWNER '
	assert_line --index 1 --regexp '^shm:/a '
	assert_line --index 2 --regexp '^shm:/b '
	assert_equal "$stderr" "$(id -un): 2 objects, 0B"
	run --separate-stderr ipcctl rm -n mq:/a
	assert_success
	assert_line --index 1 --regexp '^mq:/a '
	assert_equal "$(names)" "mq:/a shm:/a shm:/b"
	run --separate-stderr ipcctl rm -n --older-than 1d mq
	assert_success
	assert_output ""
}

@test "the sums are by label and owner, with those of no label last" {
	make shm:/a shm:/psm_00000001 shm:/psm_00000002 shm:/torch_1_1_1
	truncate -s 8K /dev/shm/a
	head -c 4K /dev/zero | tee /dev/shm/psm_00000001 >/dev/shm/psm_00000002
	me=$(id -un)
	run --separate-stderr ipcctl rm -n shm:/a shm:/psm_00000001
	assert_equal "$stderr" "python, $me: 1 object, 4K"$'\n'"-, $me: 1 object, 0B"$'\n'"total: 2 objects, 4K"
	run --separate-stderr ipcctl rm -n 'shm:*'
	assert_success
	assert_equal "$stderr" "python, $me: 2 objects, 8K
pytorch, $me: 1 object, 0B
-, $me: 1 object, 0B
total: 4 objects, 8K"
	run --separate-stderr ipcctl rm -n --label python
	assert_equal "$stderr" "python, $me: 2 objects, 8K"
}

@test "the sums keep the owners of one label apart" {
	require_root
	make shm:/psm_00000001 shm:/psm_00000002 shm:/psm_00000003
	chown "$TESTER" /dev/shm/psm_00000002
	run --separate-stderr ipcctl rm -n --label python
	assert_success
	assert_equal "$stderr" "python, root: 2 objects, 0B
python, $(id -un "$TESTER" 2>/dev/null || echo "$TESTER"): 1 object, 0B
total: 3 objects, 0B"
}

@test "a label alone never makes anything stale" {
	make shm:/psm_00000001 shm:/nccl-AbCdEf shm:/PostgreSQL.1 shm:/vader_segment.here.0.1.0
	assert_equal "$(ipcctl ls -o state --noheadings --label '*' | sort | uniq -c | tr -s ' ')" " 4 idle"
	run ipcctl rm --stale -y
	assert_success
	assert_equal "$(ipcctl ls --names --label '*' | wc -l)" 4
	run ipcctl rm -y --label 'n*' --label postgresql
	assert_success
	assert_equal "$(names)" "shm:/psm_00000001 shm:/vader_segment.here.0.1.0"
}

@test "bulk leaves what is in use, says so, and removes the rest" {
	make shm:/a shm:/b shm:/c
	background sleep 100 <>/dev/shm/b
	run ipcctl rm -y 'shm:*'
	assert_failure 1
	assert_line --partial "cannot remove segment 'shm:/b': it is in use"
	assert_equal "$(names)" shm:/b
}

@test "bulk is never forced" {
	make shm:/a
	background sleep 100 <>/dev/shm/a
	for call in "rm -yf shm:*" "rm -yf -" "rm -yf --user $(id -u)"; do
		set -f
		# shellcheck disable=SC2086 # words
		run ipcctl $call
		set +f
		assert_failure 2
		assert_line --index 0 "ipcctl rm: --force is only for objects that are named one by one"
	done
	assert_equal "$(names)" shm:/a
}

@test "filters narrow what operands name" {
	make shm:/old shm:/new mq:/old
	touch -d '3 days ago' /dev/shm/old
	run ipcctl rm --unused-for 2d shm:/old shm:/new
	assert_success
	assert_equal "$(names)" "mq:/old shm:/new"
	make shm:/old
	touch -d '3 days ago' /dev/shm/old
	run ipcctl rm -y --unused-for 2d 'shm:*'
	assert_success
	assert_equal "$(names)" "mq:/old shm:/new"
	make shm:/old
	touch -d '3 days ago' /dev/shm/old
	run bash -c 'ipcctl ls --names | ipcctl rm -y --unused-for 2d -'
	assert_success
	assert_equal "$(names)" "mq:/old shm:/new"
	run ipcctl rm -y --stale
	assert_success
	assert_equal "$(names)" "mq:/old shm:/new"
}

@test "a name read with - is never a pattern" {
	make 'shm:/*' shm:/a
	run bash -c "echo 'shm:/*' | ipcctl rm -y -"
	assert_success
	assert_equal "$(names)" shm:/a
	run bash -c "echo 'shm:*' | ipcctl rm -y -"
	assert_failure 3
	run bash -c "printf 'shm:/gone\n\nshm:/a\n' | ipcctl rm -y -"
	assert_failure 3
	assert_equal "$(names)" ""
}

@test "hostile names go through ls --names and rm - with filters and for each kind that has them" {
	"$PYTHON" - <<-'END'
		import os, socket
		names = [b"a\nb", b"e\x1b[31m", b"bad\xff\xfe", b"glob*?[a-z]", b"back\\slash\\n", b" (deleted)", b"-y", b"shm:x", b"\xe2\x80\xaeright"]
		for directory, some in (b"/dev/shm", names), (b"/dev/mqueue", names[:5]):
		    for name in some:
		        os.close(os.open(directory + b"/" + name, os.O_CREAT | os.O_WRONLY, 0o600))
		        os.utime(directory + b"/" + name, (1, 1))
		for name in names:
		    socket.socket(socket.AF_UNIX).bind(os.environb[b"XDG_RUNTIME_DIR"] + b"/" + name)
	END
	make shm:/keep
	run bash -c 'ipcctl ls --names --unused-for 1w shm mq | tee "$BATS_TEST_TMPDIR/list" | ipcctl rm -y -'
	assert_success
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/list")" 14
	assert_equal "$(ipcctl ls --names shm mq)" shm:/keep
	run bash -c 'ipcctl ls --names --stale sock | tee "$BATS_TEST_TMPDIR/list" | ipcctl rm -y --stale -'
	assert_success
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/list")" 9
	assert_equal "$(names)" shm:/keep
}

@test "- stands beside names and patterns, twice too, and may come with nothing" {
	make shm:/a shm:/b mq:/a mq:/b
	run bash -c 'echo shm:/a | ipcctl rm -y mq:/a - - "shm:/b*"'
	assert_success
	assert_equal "$(names)" mq:/b
	run ipcctl rm -y - </dev/null
	assert_success
	assert_output ""
	run bash -c 'ipcctl rm -y - <&-'
	assert_failure 1
	assert_line --partial "cannot read standard input"
	run bash -c 'echo mq:/gone | ipcctl rm -y --if-exists -'
	assert_success
	run bash -c 'echo mq:/b | ipcctl rm -n -'
	assert_success
	assert_line --regexp '^mq:/b '
	assert_equal "$(names)" mq:/b
}

@test "whatever fails first gives the status, and all the rest goes" {
	fill() {
		make shm:/held shm:/a shm:/b
		ipcctl mq create /q 2>/dev/null
		ipcctl mq send /q hello
	}
	fill
	background sleep 100 <>/dev/shm/held
	run bash -c "printf '%s\n' shm:/a shm:/gone 'shm:/a/b' shm:/b | ipcctl rm -y -"
	assert_failure 3
	assert_equal "$(names)" "mq:/q shm:/held"
	fill
	run bash -c "printf '%s\n' 'shm:/a/b' shm:/a shm:/gone shm:/b | ipcctl rm -y -"
	assert_failure 2
	assert_equal "$(names)" "mq:/q shm:/held"
	fill
	run ipcctl rm -y 'shm:*' "mq:/q"
	assert_failure 1
	assert_line --partial "unread message"
	assert_line --partial "'shm:/held': it is in use"
	assert_equal "$(names)" "mq:/q shm:/held"
	fill
	run ipcctl rm -y 'shm:*' "mq:/q" --discard
	assert_failure 1
	assert_equal "$(names)" shm:/held
	fill
	run ipcctl rm -n 'shm:*' mq:/gone
	assert_failure 3
	assert_line --regexp '^shm:/a '
	refute_line --regexp '^shm:/held '
	assert_equal "$(names)" "mq:/q shm:/a shm:/b shm:/held"
}

@test "--force and --discard each lift their own refusal, and -n says what would be" {
	make shm:/held
	ipcctl mq create /q
	ipcctl mq send /q hello
	background sleep 100 <>/dev/shm/held
	for options in -n '' --discard '-n --discard'; do
		# shellcheck disable=SC2086 # words
		run ipcctl rm $options shm:/held
		assert_failure 1
		assert_line --index 0 --partial "it is in use"
	done
	for options in -n '' -f '-n -f'; do
		# shellcheck disable=SC2086 # words
		run ipcctl rm $options "mq:/q"
		assert_failure 1
		assert_line --index 0 --partial "it holds 1 unread message"
	done
	run ipcctl rm -nf shm:/held
	assert_success
	assert_line --regexp '^shm:/held '
	run ipcctl rm -n --discard "mq:/q"
	assert_success
	assert_equal "$(names)" "mq:/q shm:/held"
	run ipcctl rm -f --discard shm:/held "mq:/q"
	assert_success
	assert_output ""
	assert_equal "$(names)" ""
}

@test "lines that are no selectors are refused, the others go" {
	make shm:/a shm:/b
	run bash -c "printf 'shm:/a\0\nfoo:bar\nshm:/x\\\\q\nshm:/b' | ipcctl rm -y -"
	assert_failure 2
	assert_line --index 0 "ipcctl rm: a line holds a NUL byte"
	assert_equal "$(names)" shm:/a
}

@test "the question is asked on the terminal, and only y and yes are yes" {
	for answer in '' n x maybe yikes; do
		make shm:/a
		run on_terminal "$answer" ipcctl rm 'shm:*'
		assert_failure 1
		assert_line --regexp '^shm:/a '
		assert_line --partial "Remove 1 object? [y/N]"
		assert_line --partial "nothing was removed"
		assert_equal "$(names)" shm:/a
	done
	for answer in y yes Y; do
		make shm:/a shm:/b
		run on_terminal $answer ipcctl rm 'shm:*'
		assert_success
		assert_line --partial "Remove 2 objects? [y/N]"
		assert_equal "$(names)" ""
	done
}

@test "the end of input is no answer, be it behind a y, and Ctrl-C ends it: nothing goes" {
	make shm:/a
	for keys in '\x04' 'y\x04\x04' 'y\x00\n'; do
		run press "$keys" ipcctl rm 'shm:*'
		assert_failure 1
		assert_line --partial "nothing was removed"
		assert_equal "$(names)" shm:/a
	done
	run press '\x03' ipcctl rm 'shm:*'
	assert_failure 130
	refute_line --partial "removed"
	assert_equal "$(names)" shm:/a
	run press 'n\x7fy\n' ipcctl rm 'shm:*' # corrected, as the terminal lets one
	assert_success
	assert_equal "$(names)" ""
}

@test "the question is asked on the terminal though standard input holds the names" {
	make shm:/a mq:/b
	run on_terminal n bash -c 'ipcctl ls --names | ipcctl rm -'
	assert_failure 1
	assert_equal "$(names)" "mq:/b shm:/a"
	run on_terminal y bash -c 'ipcctl ls --names | ipcctl rm -'
	assert_success
	assert_equal "$(names)" ""
}

@test "no question where there is nothing to remove, or when names are given one by one" {
	make shm:/a
	run on_terminal n ipcctl rm shm:/a
	assert_success
	assert_output ""
	run on_terminal n ipcctl rm --state idle 'shm:*'
	assert_success
	assert_output "ipcctl rm: there is nothing to remove"
	run ipcctl rm -y --state idle shm
	assert_success
	assert_output ""
}

@test "without a terminal --yes is needed also where nothing would go, so that a script fails at its first run" {
	for operands in --stale 'shm:* --state idle' -; do
		# shellcheck disable=SC2086 # several words
		run bash -c 'set -f; exec ipcctl rm $1' sh "$operands" </dev/null
		assert_failure 2
		assert_output --partial "there is no terminal to ask on: nothing was removed without --yes"
	done
}

@test "a pattern that nothing matches is said to, with status 3, as a name that leads to nothing" {
	make shm:/a
	for option in -n -y; do
		run --separate-stderr ipcctl rm $option 'shm:b*'
		assert_failure 3
		assert_equal "$(head -1 <<<"$stderr")" "ipcctl rm: nothing matches 'shm:b*'"
		run ipcctl rm $option --if-exists 'shm:b*'
		assert_success
	done
	run ipcctl rm -y --older-than 1d 'shm:b*' # filters may leave nothing
	assert_success
	assert_output ""
	run ipcctl rm -y 'shm:b*' 'shm:a*' # and the rest goes on
	assert_failure 3
	assert_equal "$(names)" ""
}

@test "with a filter a kind is an operand, and in bulk; without any it is a name" {
	make shm:/a shm:/shm mq:/a
	run ipcctl rm --state idle shm
	assert_failure 2
	assert_line --partial "nothing was removed without --yes"
	run ipcctl rm -f --state idle shm
	assert_failure 2
	run ipcctl rm -y shm
	assert_failure 2
	assert_equal "$(names)" "mq:/a shm:/a shm:/shm"
	run ipcctl rm -y --state idle shm
	assert_success
	assert_equal "$(names)" mq:/a
}

@test "what two operands name goes once" {
	make shm:/a shm:/b
	run ipcctl rm -y shm:/a 'shm:*' 'shm:/a*'
	assert_success
	assert_output ""
	assert_equal "$(names)" ""
}

@test "another user's object is refused with status 5" {
	require_root
	make shm:/a mq:/a
	chmod 0644 /dev/shm/a /dev/mqueue/a
	key=$(unique_key)
	"$PYTHON" -c "import sysv_ipc; sysv_ipc.MessageQueue($key, sysv_ipc.IPC_CREX, 0o644)"
	for name in shm:/a mq:/a "mq:key:$key"; do
		run as_user ipcctl rm -f "$name"
		assert_failure 5
		assert_line --partial "cannot remove"
		assert_line --partial "'$name': "
	done
	# Whose state an ordinary user can't know.
	run as_user ipcctl rm shm:/a
	assert_failure 1
	assert_line --partial "it may be in use"
	assert_equal "$(names)" "mq:/a mq:key:$key shm:/a"
}

@test "--verbose says what was removed" {
	make shm:/a mq:/a
	run ipcctl rm -v shm:/a mq:/a
	assert_success
	assert_line "ipcctl rm: removed segment 'shm:/a'"
	assert_line "ipcctl rm: removed queue 'mq:/a'"
}
