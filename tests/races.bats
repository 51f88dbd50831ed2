# rm beside processes that make, use and drop objects and are killed; and objects that are swapped under its hands.
#
# The first two take IPCCTL_RACE_SECONDS each, 30 unless told: IPCCTL_RACE_SECONDS=60 tests/run.sh tests/races.bats

load lib

setup() {
	WORLD=$(mktemp -d /tmp/r.XXXX)
	chmod 0755 "$WORLD"
	K=$(unique_key)
	export ASAN_OPTIONS+=:detect_leaks=0 # it can't look while it is traced
}

teardown() {
	reap_background
	[ ! -e "$WORLD/holders" ] || xargs -r kill -KILL <"$WORLD/holders" 2>/dev/null || true
	remove_objects
	rm -rf "$WORLD"
}

# Runs the eight of races/race.c beside a command.
race() { # stale|idle COMMAND...
	local mode=$1 uid=$TESTER2 seed=${IPCCTL_RACE_SEED:-$RANDOM}
	shift
	is_three || uid=$(id -u)
	echo "# seed $seed" >>"$WORLD/said"
	TMPDIR=$WORLD "$(build_c races/race.c)" "$uid" "${IPCCTL_RACE_SECONDS:-30}" "$seed" "$mode" "$@" \
		2>"$WORLD/err"
}

is_three() {
	[ "$TESTS_AS$TESTS_REAL_ROOT" = root1 ]
}

# Two users and their time: one pass of script/test is enough.
needs_the_whole_machine() {
	[ "$TESTS_AS$TESTS_REAL_ROOT" = root1 ] || skip "needs root"
	is_thorough || skip "is done without the sanitizer"
}

tell() { # TEXT...
	printf '# races: %s\n' "$@" >&3
}

# Every refusal says why, and who has what is in use.
refusals_have_reasons() { # FILE
	local line
	while IFS= read -r line; do
		case $line in
		*': removed '* | *'hint: '* | *": nothing matches '"*) ;;
		*"cannot remove "*": it is in use: "?* | *"cannot remove "*": it may be in use: "?*) ;;
		*"cannot remove "*"unread message"* | *"was replaced by another one"* | *": it is not stale any more") ;;
		*) fail "a refusal without a reason: $line" ;;
		esac
	done <"$1"
}

left() {
	ipcctl ls --names shm mq sem
}

@test "rm --stale in a loop takes nothing that is in use or whose maker is alive, and in the end all that was left behind" {
	needs_the_whole_machine
	run race stale ipcctl rm --stale -y -v --discard
	tell "${lines[@]}"
	assert_success
	refusals_have_reasons "$WORLD/err"
	removed=$(grep -c ': removed ' "$WORLD/err" || true)
	assert [ "$removed" -gt 0 ]
	after=$(left | wc -l)
	ipcctl rm --stale -y -v --discard 2>"$WORLD/last"
	tell "removed as stale meanwhile $removed, left over $after, of them stale $(grep -c ': removed ' "$WORLD/last"), refused $(grep -c 'cannot remove' "$WORLD/err" || true)"
	assert_equal "$(ipcctl ls --names --state stale)" ""
	# What is left was never used, or the kernel does not tell, and that is what is said of it. Who waits on a queue root may not see everywhere.
	ipcctl stat -J '*' >"$WORLD/left"
	run jq -r '.[] | select(.state != "unknown") | select([(.evidence + .unseen)[] | test("never|not used since|not recorded|no message was ever")] | any | not) | .object' "$WORLD/left"
	assert_output ""
	run jq -r '.[] | select(.state == "unknown") | select(.object | startswith("mq:id:") | not) | .object' "$WORLD/left"
	assert_output ""
}

@test "rm --state stale,idle in a loop takes nothing that is in use, and in the end everything" {
	needs_the_whole_machine
	# By turns with patterns, so that objects in use are refused.
	# shellcheck disable=SC2016 # its own parameters
	run race idle bash -c 'ipcctl rm --state stale,idle -y -v --discard; ipcctl rm -y -v --discard "shm:*" "mq:*" "sem:*"; [ $? -le 1 ]'
	tell "${lines[@]}"
	assert_success
	refusals_have_reasons "$WORLD/err"
	assert [ "$(grep -c 'it is in use: .*[0-9]' "$WORLD/err")" -gt 0 ]
	after=$(left | wc -l)
	ipcctl rm --state stale,idle -y -v --discard 2>"$WORLD/last"
	tell "removed meanwhile $(grep -c ': removed ' "$WORLD/err"), left over $after, of them removed $(grep -c ': removed ' "$WORLD/last"), refused $(grep -c 'cannot remove' "$WORLD/err")"
	# Who waits on a queue root may not see everywhere.
	assert_equal "$(left | grep -v '^mq:id:')" ""
	assert_equal "$(ipcctl ls --names --state stale,idle,live shm mq sem)" ""
}

# --- swapped ---------------------------------------------------------------------------------------

# The calls at which an object is swapped for another one: everything that is asked of it, and the removal.
CALLS=connect,fcntl,flock,mq_open,mq_unlink,msgctl,renameat2,semctl,shmctl,unlinkat

# Makes an object that nobody has, lets rm go for it, and at one of its calls puts another one of that name in its
# place, which its maker has open: that one must stay, whenever it came. Does so for each call, one after the other.
swap_at_every_call() { # SELECTOR NAME "MAKE" "UNLINK" "MAKE AND HOLD" RM-OPTION...
	local selector=$1 name=$2 make=$3 drop=$4 hold=$5 situation n status=0 swapped=0
	shift 5
	situation=$(build_c situations/situation.c)
	interpose=$(build_c races/interpose.c)
	cat >"$WORLD/swap" <<-END
		#!/bin/bash
		set -e
		$drop
		"$situation" "$name" outlive $hold stay >"$WORLD/holder" 3>&- &
		echo \$! >>"$WORLD/holders"
		until grep -q ready "$WORLD/holder"; do sleep 0.005; done
	END
	chmod +x "$WORLD/swap"
	for ((n = 1; n < 400; n++)); do
		: >"$WORLD/holder"
		# shellcheck disable=SC2086 # words
		"$situation" "$name" $make
		status=0
		"$interpose" "$CALLS" "$n" "$WORLD/swap" ipcctl rm "$@" "$selector" >"$WORLD/out" 2>&1 || status=$?
		[ "$status" != 200 ] || break
		swapped=$((swapped + 1))
		if [ "$(ipcctl ls --noheadings -o state "$selector" 2>/dev/null)" != live ]; then
			# Of a queue the kernel can't prevent it, and that is said.
			if [[ $selector != mq:/* ]] || ! grep -q 'at the last moment, and that one was removed' "$WORLD/out"; then
				fail "call $n: the other one was removed: $(cat "$WORLD/out")"
			fi
			last_moment=$((${last_moment-0} + 1))
		fi
		cat "$WORLD/out" >>"$WORLD/said"
		xargs -r kill -KILL <"$WORLD/holders" 2>/dev/null || true
		rm "$WORLD/holders"
		remove_objects
		rm -f "$WORLD/v"
	done
	# Up to the end of rm, and that was not one call.
	assert_equal "$status" 200
	assert [ $swapped -gt 2 ]
	[[ $selector = *:key:* ]] || grep -q 'was replaced by another one, which was left alone' "$WORLD/said" || fail "never noticed"
	refusals_have_reasons <(grep -v 'cannot find\|No such\|removed and goes' "$WORLD/said" | sort -u)
	tell "$selector: swapped at $swapped calls${last_moment:+, seen to be the wrong one $last_moment times}"
}

@test "a segment that is swapped for one in use at any call of rm leaves that one alone" {
	swap_at_every_call shm:/v /v "shm-make shm-use" "rm -f /dev/shm/v" "shm-make map close"
}

@test "a segment for which one in use is renamed at any call of rm leaves that one alone" {
	swap_at_every_call shm:/v /v "shm-make shm-use" "" "shm-other:/w map close shm-over:/w"
}

@test "a semaphore that is swapped for one in use at any call of rm leaves that one alone" {
	swap_at_every_call sem:/v /v "sem-make sem-post" "rm -f /dev/shm/sem.v" "sem-make"
}

@test "a POSIX queue that is swapped for one in use at any call of rm: that one stays, or is said to be removed" {
	swap_at_every_call mq:/v /v "mq-make" "rm -f /dev/mqueue/v" "mq-make"
}

@test "a POSIX queue that is removed and made anew at the last moment is said to be the one that was removed" {
	situation=$(build_c situations/situation.c)
	interpose=$(build_c races/interpose.c)
	"$situation" /v mq-make
	run "$interpose" mq_unlink 1 "rm /dev/mqueue/v; '$situation' /v mq-make" ipcctl rm mq:/v
	assert_failure 1
	assert_output --partial "was replaced by another one at the last moment, and that one was removed"
	assert [ ! -e /dev/mqueue/v ]
}

@test "a System V segment that is swapped for one in use at any call of rm leaves that one alone" {
	swap_at_every_call "shm:key:$K" "$K" "seg-make seg-attach" "ipcrm -M $K" "seg-make seg-attach"
}

@test "a System V set that is swapped for one in use at any call of rm leaves that one alone" {
	swap_at_every_call "sem:key:$K" "$K" "set-make set-post" "ipcrm -S $K" "set-make set-post"
}

@test "a System V queue that is swapped for one in use at any call of rm leaves that one alone" {
	swap_at_every_call "mq:key:$K" "$K" "queue-make" "ipcrm -Q $K" "queue-make queue-send"
}

@test "the file of a dead socket that is swapped for that of a server at any call of rm leaves that one alone" {
	swap_at_every_call "sock:$WORLD/v" "$WORLD/v" "sock-bind sock-listen" "rm -f '$WORLD/v'" "sock-bind sock-listen"
}

@test "a FIFO that is swapped for another one at the last moment leaves that one alone" {
	mkfifo "$WORLD/v" "$WORLD/w"
	interpose=$(build_c races/interpose.c)
	run "$interpose" renameat2 1 "mv '$WORLD/w' '$WORLD/v'" ipcctl rm -f "fifo:$WORLD/v"
	assert_failure 1
	assert_output --partial "was replaced by another one, which was left alone"
	assert [ -p "$WORLD/v" ]
}
