# What processes can put into /proc to fool or stop ls, stat and rm.

load lib

setup() {
	WORLD=$(mktemp -d /tmp/p.XXXX)
	SITUATION=$(build_c situations/situation.c)
	K=$(unique_key)
	cd "$WORLD" || return
}

teardown() {
	reap_background
	remove_objects
	umount "$WORLD/shm" 2>/dev/null || true
	rm -rf "$WORLD"
}

stays() { # COMMAND NAME STEP...
	background "$@"
	wait_until grep -q '^ready' "$BG_OUT"
	HOLDER=$(sed -n 's/^ready //p;q' "$BG_OUT")
}

state() { # SELECTOR
	ipcctl ls --noheadings -o state "$1"
}

holder() { # SELECTOR KEY
	ipcctl stat -J "$1" | jq -r --argjson pid "$HOLDER" ".[0].holders[] | select(.pid == \$pid) | .$2" | head -n 1
}

@test "a process whose name is that of a dead one's line in /proc is alive all the same" {
	for name in 'a) R 1' $'a) Z 1\n1 (b' ') X 0 0 0 0 0'; do
		rm -f /dev/shm/s
		stays "$SITUATION" /s called:"$name" shm-make stay
		assert_equal "$(holder shm:/s how)" fd
		stays "$SITUATION" "$K" called:"$name" seg-make seg-attach seg-detach stay
		assert_equal "$(state "shm:key:$K")" live
		stays "$SITUATION" "$K" called:"$name" set-make set-post stay
		assert_equal "$(state "sem:key:$K")" live
		stays "$SITUATION" "$K" called:"$name" queue-make queue-send stay
		assert_equal "$(state "mq:key:$K")" live
		mkfifo f
		stays "$SITUATION" f called:"$name" block fifo-open:read
		assert_equal "$(state fifo:f)" live
		rm f
		ipcctl rm --stale -y --discard
		assert_equal "$(ipcctl ls --names --state live shm mq sem | wc -l)" 4
		reap_background
		ipcrm -a
	done
}

@test "a command line of 100,000 bytes, with lines and escapes, is one line of bounded length" {
	long=$(printf 'x%.0s' {1..100000})
	stays bash -c 'exec -a $'"'"'\e[31mshm:/s\n1 root 0'"'"' "$@"' bash "$SITUATION" /s shm-make map close stay "$long"
	run ipcctl stat shm:/s
	assert_success
	assert_equal "$(grep -c '^Object:' <<<"$output")" 1
	refute_output --partial $'\e'
	assert_line --partial 'shm:/s\n1 root 0'
	for line in "${lines[@]}"; do
		[ ${#line} -lt 10000 ] || fail "a line of ${#line} bytes"
	done
	ipcctl stat -J shm:/s | jq -e '.[0].holders | length == 1' >/dev/null
	run ipcctl rm shm:/s
	assert_failure 1
	for line in "${lines[@]}"; do
		[ ${#line} -lt 10000 ] || fail "a line of ${#line} bytes"
	done
}

@test "an empty command line, and a process that has none left, are no trouble" {
	stays bash -c 'exec -a "" "$@"' bash "$SITUATION" /s shm-make map close stay
	assert_equal "$(holder shm:/s how)" map
}

@test "processes that come and go while /proc is read neither make ls fail nor say anything" {
	stays "$SITUATION" /s shm-make map close stay
	held=$HOLDER
	stays "$SITUATION" - churn
	stays "$SITUATION" - churn
	HOLDER=$held
	for _ in {1..15}; do
		run --separate-stderr ipcctl ls --all -J
		assert_success
		# shellcheck disable=SC2154 # run sets it
		assert_equal "$stderr" ""
		assert_equal "$(jq -r '.[] | select(.object == "shm:/s") | .state' <<<"$output")" live
	done
	assert_equal "$(holder shm:/s how)" map
}

@test "a segment behind thousands of other descriptors of a process is found" {
	limit=$(ulimit -Hn)
	[ "$limit" != unlimited ] && [ "$limit" -lt 10000 ] || limit=10000
	ulimit -Sn "$limit"
	stays "$SITUATION" /s open-many:$((limit - 20)) shm-make stay
	assert_equal "$(state shm:/s)" live
	assert_equal "$(holder shm:/s how)" fd
	mkfifo f
	stays "$SITUATION" "$WORLD/f" open-many:$((limit - 20)) fifo-open stay
	assert_equal "$(holder fifo:f how)" read+write
}

@test "files elsewhere that are called like segments, or have the same inode, make nobody a holder" {
	: >/dev/shm/s
	mkdir -p dev/shm "pipe:" "socket:["
	: >dev/shm/s
	: >"pipe:/[1]"
	exec {A}<>dev/shm/s {B}<>"pipe:/[1]"
	ln -s /dev/shm/s link
	exec {C}<dev
	assert_equal "$(ipcctl stat -J shm:/s | jq -c '.[0] | [.state, (.holders // [])]')" '["idle",[]]'
	exec {A}<&- {B}<&- {C}<&-
}

@test "a file of another tmpfs with the number of a segment makes nobody its holder" {
	require_root
	: >/dev/shm/s
	want=$(stat -c %i /dev/shm/s)
	mkdir shm
	mount -t tmpfs tmpfs shm
	for ((i = 0; i < 200; i++)); do
		: >"shm/$i"
		[ "$(stat -c %i "shm/$i")" != "$want" ] || break
	done
	[ $i -lt 200 ] || skip "inode numbers are not counted for each file system here"
	exec {A}<>"shm/$i"
	assert_equal "$(ipcctl stat -J shm:/s | jq -c '.[0] | [.state, (.holders // [])]')" '["idle",[]]'
	exec {A}<&-
}

@test "who has a segment through another mount of /dev/shm is its holder" {
	require_root
	mkdir shm
	mount --bind /dev/shm shm
	: >shm/s
	background sleep 1000 <>shm/s
	HOLDER=$BG_PID
	wait_until ipcctl ls --names --state live shm:/s
	assert_equal "$(holder shm:/s how)" fd
}

@test "thousands of leases that a process does not give up cost ls a bounded number of waits" {
	require strace
	limit=$(ulimit -Hn)
	[ "$limit" != unlimited ] && [ "$limit" -lt 10020 ] || limit=10020
	ulimit -Sn "$limit"
	many=$((limit - 20))
	stays "$SITUATION" /l lease-many:$many stay
	ASAN_OPTIONS+=:detect_leaks=0 # it can't look while it is traced
	strace -f -qq -o trace -e trace=nanosleep,clock_nanosleep ipcctl ls --names --state live shm >names
	assert_equal "$(wc -l <names)" "$many"
	assert [ "$(wc -l <trace)" -lt $((many / 2)) ]
	# And who sees no holders is no worse off.
	[ "$TESTS_AS$TESTS_REAL_ROOT" != root1 ] || {
		chmod 0644 /dev/shm/l.*
		chmod 0777 .
		as_user strace -f -qq -o other -e trace=nanosleep,clock_nanosleep ipcctl ls shm -o state >/dev/null
		assert [ "$(wc -l <other)" -lt $((many / 2)) ]
	}
}
