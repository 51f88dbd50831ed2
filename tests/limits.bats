# limits: how much of each limit is used, who uses most, and what stat says of an error.

load lib

setup() {
	declare -gA BEFORE=()
}

teardown() {
	reap_background
	remove_objects
	for file in "${!BEFORE[@]}"; do
		echo "${BEFORE[$file]}" >"$file"
	done
}

# Lowers a sysctl of this IPC namespace until the test ends.
limit() { # NAME VALUE
	require_root
	local file=/proc/sys/${1//.//}
	[ -n "${BEFORE[$file]-}" ] || BEFORE[$file]=$(cat "$file")
	echo "$2" >"$file"
}

# Starts tests/foreign/hog.c and waits until it has what it wants, or what it gets.
hog() { # WHAT [NUMBER]
	HOG=$(build_c foreign/hog.c -lrt)
	background ${AS:+"$AS"} "$HOG" "$@"
	wait_until test -s "$BG_OUT"
	read -r HOG_PID HOGGED <"$BG_OUT"
}

# One key of a limit: of LIMIT alone, or of that limit of the user.
key() { # KEY LIMIT [USER]
	ipcctl limits -J | jq -r --arg limit "$2" --arg user "${3-}" \
		".[] | select(.limit == \$limit and (\$user == \"\" or .user == \$user)) | .$1"
}

# A row of the table, with one blank between its cells.
row() { # LIMIT
	ipcctl limits --bytes | tr -s ' ' | grep "^$1 "
}

# The use that lsipc tells.
lsipc_used() { # RESOURCE
	lsipc -b --noheadings -o RESOURCE,USED | awk -v r="$1" '$1 == r { print $2 }'
}

@test "without objects nothing of their limits is used, and nobody uses it" {
	run ipcctl limits
	assert_success
	assert_line --regexp '^LIMIT +SCOPE +USE +MAX +PERCENT +USER +PROGRAM$'
	for name in kernel.msgmni kernel.shmmni kernel.sem:SEMMNI fs.mqueue.queues_max; do
		run row "$name"
		assert_output --regexp "^$name namespace 0 [0-9]+ 0% - -$"
	done
	run ipcctl limits --noheadings mq
	refute_output --partial LIMIT" "
	refute_output --partial shm
	assert_output --partial kernel.msgmni
	# A user of the machine has a row when he has a queue anywhere.
	assert_equal "$(ipcctl mq limits | cut -d' ' -f1 | uniq)" "$(ipcctl limits mq | cut -d' ' -f1 | uniq)"
}

@test "System V objects are counted as lsipc counts them, and who made them is named" {
	require lsipc
	hog sem 3
	hog shm 4
	SHM_PID=$HOG_PID
	hog msg 5
	ipcctl sem create "key:$(unique_key)" --nsems 20
	key=key:$(unique_key)
	ipcctl shm create "$key" --size 100000
	for pair in kernel.msgmni:MSGMNI kernel.shmmni:SHMMNI kernel.sem:SEMMNI:SEMMNI; do
		assert_equal "${pair%:*} $(key use "${pair%:*}")" "${pair%:*} $(lsipc_used "${pair##*:}")"
	done
	# lsipc rounds the sum of all segments' bytes, and its number of semaphores is another one.
	assert_equal "$(key use kernel.sem:SEMMNS)" "$(ipcs -su | sed -n 's/^allocated semaphores = //p')"
	assert_equal "$(key use kernel.sem:SEMMNS)" 23
	assert_equal "$(key use kernel.shmall)" "$(ipcs -mu | sed -n 's/^pages allocated *//p')"
	assert_equal "$(key use kernel.shmall)" $((4 * 3 + 25))
	assert_equal "$(key user kernel.shmmni)" "$(id -un)"
	assert_equal "$(key program kernel.shmmni)" hog
	assert_equal "$(key pid kernel.shmmni)" "$SHM_PID"
	assert_equal "$(key program kernel.sem:SEMMNI)" hog
}

@test "a maximum is what lsipc tells, and what no machine reaches is unlimited" {
	require lsipc
	for pair in kernel.msgmni:MSGMNI kernel.shmmni:SHMMNI kernel.sem:SEMMNI:SEMMNI kernel.sem:SEMMNS:SEMMNS; do
		assert_equal "$(key max "${pair%:*}")" "$(lsipc -b --noheadings -o RESOURCE,LIMIT | awk -v r="${pair##*:}" '$1 == r { print $2 }')"
	done
	[ "$(cat /proc/sys/kernel/shmall)" = 18446744073692774399 ] || skip "kernel.shmall was changed"
	assert_equal "$(key unlimited kernel.shmall) $(key max kernel.shmall)" "true null"
	run row kernel.shmall
	assert_output "kernel.shmall namespace 0 unlimited - - -"
}

@test "a huge maximum makes no percentage overflow" {
	limit kernel.shmall 9223372036854775806
	ipcctl shm create "key:$(unique_key)" --size 1M
	# jq would round it.
	run ipcctl limits -J shm
	assert_line --regexp '"limit": "kernel.shmall".*"max": 9223372036854775806, "unlimited": false, "percent": 0,'
	limit kernel.shmall 200
	assert_equal "$(key percent kernel.shmall)" 128
}

@test "--warn prints what is used up and ends with status 6, else prints nothing and ends with 0" {
	run ipcctl limits --warn 90 mq sem
	assert_success
	assert_output ""
	assert_equal "$(ipcctl limits -J --warn 90 sem)" "[]"
	limit kernel.msgmni 10
	hog msg 9
	run -6 ipcctl limits --warn 90 mq sem
	assert_line --index 1 --regexp '^kernel.msgmni +namespace +9 +10 +90% +root +hog$'
	assert_equal ${#lines[@]} 2
	run -0 ipcctl limits --warn 91 mq sem
	assert_output ""
	run -6 ipcctl limits --warn 90 -J
	assert_equal "$(jq -r '.[] | .limit' <<<"$output")" kernel.msgmni
}

@test "--sort percent puts the fullest first, and what has no maximum last" {
	limit kernel.shmmni 4
	limit kernel.msgmni 4
	hog shm 2
	hog msg 4
	run ipcctl limits --sort percent mq shm
	assert_line --index 1 --regexp '^kernel.msgmni .* 100% '
	assert_line --index 2 --regexp '^kernel.shmmni .* 50% '
	[[ ${lines[-1]} = *unlimited* ]]
}

@test "No space left on device from semget is explained, with the user and the program" {
	require_root
	limit kernel.sem $'32000\t1024000000\t500\t6'
	AS=as_user hog sem
	assert_equal "$HOGGED" "6 No space left on device"
	run ipcctl stat --error 'No space left on device' semget
	assert_success
	assert_line --index 0 "Error:           No space left on device (ENOSPC)"
	assert_line "Exhausted:       kernel.sem:SEMMNI: 6 of 6 sets (100%)"
	assert_line "                 user tester: 6, mostly program hog (process $HOG_PID)"
	assert_line "                 what there is: ipcctl ls -u tester sem"
	assert_line --regexp '^Not exhausted: +kernel.sem:SEMMNS: 6 of 1024000000 semaphores'
	for words in 'semget: No space left on device' 'perl: semget(): no space left on device'; do
		assert_equal "$(ipcctl stat --error "$words" | tail -n +3)" "$(tail -n +3 <<<"$output")"
	done
	run ipcctl stat -J --error 28 sem create
	assert_equal "$(jq -r '.[0] | .error, .exhausted, (.limits[] | select(.exhausted) | .limit, .user, .program)' <<<"$output" | xargs)" \
		"ENOSPC true kernel.sem:SEMMNI tester hog"
}

@test "a creation that fails for a limit names who uses it up" {
	require_root
	limit kernel.sem $'32000\t1024000000\t500\t4'
	AS=as_user hog sem
	run -1 ipcctl sem create "key:$(unique_key)"
	assert_line --index 0 --partial "No space left on device"
	assert_line --index 1 --regexp "^hint: .*SEMMNI"
	assert_line --index 2 "hint: kernel.sem:SEMMNI: 4 of 4 sets (100%); most by user tester: 4, mostly program hog (process $HOG_PID)"
}

@test "Too many open files from mq_open is explained by the user's queues, and by the program" {
	require_root
	AS=as_user hog mq
	assert_equal "$HOGGED" "9 Too many open files"
	run ipcctl stat --error EMFILE mq_open
	assert_success
	assert_line "Exhausted:       RLIMIT_MSGQUEUE of user tester: 745920 of 819200 bytes (91%)"
	assert_line "                 user tester: 745920, mostly program hog (process $HOG_PID)"
	assert_line --regexp '^Not exhausted: +RLIMIT_MSGQUEUE of user root: '
	assert_equal "$(key use RLIMIT_MSGQUEUE tester) $(key exhausted RLIMIT_MSGQUEUE tester)" "745920 true"
	run ipcctl stat -J mq:/hog.0
	assert_equal "$(jq -c '.[0].limit[] | select(.limit == "RLIMIT_MSGQUEUE") | [.user, .use, .max, .percent]' <<<"$output")" \
		'["tester",745920,819200,91]'
	run ipcctl stat mq:/hog.0
	assert_line --regexp '^ +RLIMIT_MSGQUEUE of user tester: 745920 of 819200 bytes \(91%\)$'
}

@test "what a queue is charged is what the kernel lets a limit be used up by" {
	# In a container root's queues may count together with those of others.
	as=()
	[ "$TESTS_AS" = user ] || as=(as_user)
	[ "$TESTS_AS" = user ] || require_root
	for shape in '1 1 97' '10 8192 82880' '7 100 1372'; do
		read -r messages size charge <<<"$shape"
		run -1 "${as[@]}" bash -c "ulimit -q $((charge - 1)); ipcctl mq create /q --max-messages $messages --message-size $size"
		run -0 "${as[@]}" bash -c "ulimit -q $charge; ipcctl mq create /q --max-messages $messages --message-size $size"
		assert_equal "$("${as[@]}" ipcctl limits -J mq | jq '.[] | select(.limit == "RLIMIT_MSGQUEUE" and .uid == '"$TESTER"' and .use > 0) | .use')" "$charge"
		"${as[@]}" ipcctl rm mq:/q
	done
}

@test "queues in another IPC namespace count on their maker's limit" {
	require_root
	HOG=$(build_c foreign/hog.c -lrt)
	background unshare -i setpriv --reuid="$TESTER" --regid="$TESTER" --clear-groups "$HOG" mq 2
	wait_until test -s "$BG_OUT"
	assert_equal "$(key 'use, .at_least' RLIMIT_MSGQUEUE tester | xargs)" "$((2 * 82880)) false"
	assert_equal "$(key use fs.mqueue.queues_max)" 0
	as_user ipcctl mq create /here
	assert_equal "$(key use RLIMIT_MSGQUEUE tester)" $((3 * 82880))
}

@test "the smallest limit of the user's processes is the one shown" {
	as=()
	[ "$TESTS_AS" = user ] || as=(as_user)
	[ "$TESTS_AS" = user ] || require_root
	background "${as[@]}" bash -c 'ulimit -q 200000; echo ready; exec sleep 60'
	wait_until grep -q ready "$BG_OUT"
	"${as[@]}" ipcctl mq create /one
	assert_equal "$("${as[@]}" ipcctl limits -J mq | jq '.[] | select(.limit == "RLIMIT_MSGQUEUE" and .uid == '"$TESTER"' and .use > 0) | .max')" 200000
}

@test "fullest queues: messages of a POSIX one, bytes of a System V one" {
	ipcctl mq create /calm --max-messages 10 --message-size 10
	ipcctl mq create /full --max-messages 4 --message-size 10
	ipcctl mq send /calm 1 2 3
	ipcctl mq send /full 1 2 3
	key=key:$(unique_key)
	ipcctl mq create "$key" --queue-bytes 100
	ipcctl mq send "$key" "$(printf %090d 0)"
	assert_equal "$(key 'object, .use, .max, .percent' mq_maxmsg | xargs)" "mq:/full 3 4 75"
	assert_equal "$(key 'object, .use, .max, .percent' kernel.msgmnb | xargs)" "mq:$key 90 100 90"
	run row mq_maxmsg
	assert_output --regexp "^mq_maxmsg mq:/full 3 4 75% $(id -un) "
	ipcctl mq send /full 4
	run ipcctl stat --error EAGAIN mq_send
	assert_line "Exhausted:       mq_maxmsg of mq:/full: 4 of 4 messages (100%)"
	run ipcctl stat mq:/full
	assert_line "Limit:           mq_maxmsg: 4 of 4 messages (100%)"
}

@test "/dev/shm is used as df tells, and no space there and a bus error are explained" {
	require_root
	mount -t tmpfs -o size=1m,nr_inodes=100 tmpfs /dev/shm
	as_user dd if=/dev/zero of=/dev/shm/big bs=4096 count=255 status=none
	: >/dev/shm/small
	assert_equal "$(key 'use, .max' 'size of /dev/shm' | xargs)" "$(df -B1 --output=used,size /dev/shm | tail -n 1 | xargs)"
	assert_equal "$(key 'use, .max' 'inodes of /dev/shm' | xargs)" "$(df --output=iused,itotal /dev/shm | tail -n 1 | xargs)"
	assert_equal "$(key 'user, .user_use' 'size of /dev/shm' | xargs)" "tester $((255 * 4096))"
	dd if=/dev/zero of=/dev/shm/last bs=4096 count=1 status=none
	for error in ENOSPC 'Bus error (core dumped)' SIGBUS; do
		run ipcctl stat --error "$error" shm
		assert_line "Exhausted:       size of /dev/shm: 1048576 of 1048576 bytes (100%)"
		assert_line --regexp '^ +user tester: 1044480'
	done
	run ipcctl stat shm:/big
	assert_line --regexp 'size of /dev/shm: 1048576 of 1048576 bytes \(100%\)$'
	umount /dev/shm
}

@test "a file system without a limit is unlimited" {
	require_root
	mount -t tmpfs -o size=0,nr_inodes=0 tmpfs /dev/shm
	head -c 8192 /dev/zero >/dev/shm/x
	assert_equal "$(key 'unlimited, .use, .max' 'size of /dev/shm' | xargs)" "true 8192 null"
	assert_equal "$(key 'unlimited, .use' 'inodes of /dev/shm' | xargs)" "true 1"
	umount /dev/shm
}

# Who has most is asked of these processes alone: others of the machine may have as much. FIRST is the pid of 1 there.
start_among_themselves() { # COMMAND...
	background unshare -pf --kill-child --mount-proc "$@"
	wait_until grep -q . "/proc/$BG_PID/task/$BG_PID/children"
	FIRST=$(cut -d' ' -f1 "/proc/$BG_PID/task/$BG_PID/children")
}

@test "the process that is nearest to RLIMIT_NOFILE is named, and explains Too many open files" {
	HOG=$(build_c foreign/hog.c -lrt)
	# shellcheck disable=SC2016 # its own parameters
	local beside=() pid eater=(bash -c 'ulimit -n 13; exec "$0" fd' "$HOG")
	if [ "$TESTS_AS$TESTS_REAL_ROOT" = root1 ]; then
		start_among_themselves "${eater[@]}"
		pid=1 beside=(nsenter -p -m -t "$FIRST")
	else
		background "${eater[@]}"
		pid=$BG_PID
	fi
	wait_until grep -q 'Too many open files' "$BG_OUT"
	run "${beside[@]}" "$IPCCTL" limits -J
	assert_equal "$(jq '.[] | select(.limit == "RLIMIT_NOFILE") | .use, .max, .pid, .program, .percent, .exhausted' <<<"$output" | xargs)" "13 13 $pid hog 100 true"
	run "${beside[@]}" "$IPCCTL" stat --error 'accept: Too many open files'
	assert_line "Exhausted:       RLIMIT_NOFILE of process $pid (hog): 13 of 13 descriptors (100%)"
	assert_line "                 what it has open: ls -l /proc/$pid/fd"
}

@test "a listener that accepts nobody has a full backlog" {
	hog sock
	assert_equal "$HOGGED" "6 Resource temporarily unavailable"
	assert_equal "$(key 'object, .use, .max, .program' 'backlog of listen(2)' | xargs)" "sock:@hog 5 4 hog"
	run -6 ipcctl limits --warn 100 sock
	assert_line --regexp '^backlog of listen\(2\) +sock:@hog +5 +4 +125% .* hog$'
	run ipcctl stat --error EAGAIN connect
	assert_line "Exhausted:       backlog of listen(2) of sock:@hog: 5 of 4 connections (125%)"
	run ipcctl stat sock:@hog
	assert_line "Limit:           backlog of listen(2): 5 of 4 connections (125%)"
}

@test "pipes are counted by user as if nobody had resized them, but not root's" {
	require_root
	HOG=$(build_c foreign/hog.c -lrt)
	# shellcheck disable=SC2016 # its own parameters
	start_among_themselves bash -c '"$0" pipe 100 & setpriv --reuid="$1" --regid="$1" --clear-groups "$0" pipe 30 & wait' "$HOG" "$TESTER"
	two_are_ready() { [ "$(wc -l <"$BG_OUT")" = 2 ]; }
	wait_until two_are_ready
	nsenter -p -m -t "$FIRST" "$IPCCTL" limits -J >"$BATS_TEST_TMPDIR/limits"
	run jq -r '.[] | select(.limit == "fs.pipe-user-pages-soft") | .use, .at_least, .user, .program' "$BATS_TEST_TMPDIR/limits"
	assert_equal "${lines[*]}" "480 true tester hog"
	run nsenter -p -m -t "$FIRST" "$IPCCTL" limits
	assert_line --regexp '^fs.pipe-user-pages-soft +user +480\+ '
}

@test "an ordinary user's own pipes are counted" {
	require_user
	hog pipe 30
	[ "$(key use fs.pipe-user-pages-soft)" -ge $((30 * 16)) ]
	run row fs.pipe-user-pages-soft
	assert_output --regexp '^fs.pipe-user-pages-soft user [0-9]+\+ '
}

@test "open files are counted as the kernel counts them" {
	read -r open _ max </proc/sys/fs/file-nr
	assert_equal "$(key max fs.file-max)" "$( ((max < 9223372036854775807)) && echo "$max" || echo null)"
	use=$(key use fs.file-max)
	((use > 0 && use < 10 * open))
}

@test "an ordinary user is told what he can't see" {
	require_user
	run row fs.file-max
	assert_output --regexp '^fs.file-max system [0-9]+ [0-9a-z]+ [0-9%-]+ \? \?$'
	run row RLIMIT_NOFILE
	assert_output --regexp '^RLIMIT_NOFILE process [0-9]+\+ '
	assert_equal "$(key 'user, .program' fs.file-max | xargs)" "null null"
}

@test "queues that this user may not look at leave the use open" {
	require_root
	as_user ipcctl mq create /open
	ipcctl mq create /closed
	run as_user ipcctl limits -J mq
	assert_equal "$(jq -c '.[] | select(.limit == "RLIMIT_MSGQUEUE" and .user == "tester") | [.use, .at_least]' <<<"$output")" "[82880,true]"
	assert_equal "$(jq '.[] | select(.limit == "fs.mqueue.queues_max") | .use' <<<"$output")" 2
}

@test "a program that ended is said to have ended, and its name is never another's" {
	hog shm 3
	kill "$BG_PID"
	wait_until test ! -e "/proc/$BG_PID"
	run row kernel.shmmni
	assert_output --regexp " $(id -un) \(ended\)$"
	assert_equal "$(key program kernel.shmmni)" null
}

@test "names of programs are shown escaped" {
	hog=$(build_c foreign/hog.c -lrt)
	cat >"$BATS_TEST_TMPDIR/rename.c" <<-'END'
		#include <sys/prctl.h>
		#include <sys/shm.h>
		#include <stdio.h>
		#include <unistd.h>
		int main(void) {
			prctl(PR_SET_NAME, "a) R\n\033[31m");
			if (shmget(7, 100, IPC_CREAT | 0600) < 0) return 1;
			puts("ready");
			fflush(stdout);
			pause();
		}
	END
	background "$(build_c - <"$BATS_TEST_TMPDIR/rename.c")"
	wait_until grep -q ready "$BG_OUT"
	run row kernel.shmmni
	assert_output --partial 'a) R\n\x1b[31m'
	refute_output --partial $'\e'
}

@test "when nothing is exhausted stat --error says so, and what else can be the cause" {
	run ipcctl stat --error ENOSPC shmget
	assert_success
	assert_line --regexp '^Not exhausted: +kernel.shmmni: 0 of '
	assert_line --regexp '^Now: +no limit is exhausted'
	assert_line --regexp '^Cause: +kernel.shmmni segments or kernel.shmall pages'
	run ipcctl stat --error ENOENT semget
	assert_success
	assert_line --regexp '^Cause: +no limit that is known'
}

@test "an error or a call that is none is wrong usage, and what was meant is suggested" {
	run -2 ipcctl stat --error 'all is well' semget
	assert_line --index 0 "ipcctl stat: --error: 'all is well' is no error: say ENOSPC, or 'No space left on device'"
	run -2 ipcctl stat --error ENOSPC semgte
	assert_line --index 0 "ipcctl stat: --error: nothing is known of a call 'semgte'; did you mean 'semget'?"
	run -2 ipcctl stat --error ENOSPC
	assert_line --index 0 --partial "say of which call"
	run -2 ipcctl stat
	assert_line --index 0 "ipcctl stat: something is missing: it takes SELECTOR..."
	run -2 ipcctl limits shn
	assert_line --index 0 "ipcctl limits: there is no kind 'shn'; did you mean 'shm'?"
	run -2 ipcctl mq limits shm
	assert_line --index 0 "ipcctl mq limits: 'ipcctl mq limits' takes no kind"
	run -2 ipcctl limits --warn x
	run -2 ipcctl limits --sort size
}

@test "the table of a busy system fits 80 columns" {
	hog shm 4
	hog sem 3
	ipcctl mq create /jobs
	ipcctl mq send /jobs 1
	run ipcctl limits
	for line in "${lines[@]}"; do
		[ ${#line} -le 80 ] || fail "${#line} columns: $line"
	done
}
