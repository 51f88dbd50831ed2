# stat: what is known of objects, and how it is known.

load lib

@test "stat shows attributes, state and what proves it" {
	truncate -s 5000 /dev/shm/x
	chmod 0640 /dev/shm/x
	run ipcctl stat shm:/x
	assert_success
	assert_line --index 0 "Object:          shm:/x"
	assert_line --regexp '^Kind: +POSIX shared memory'
	assert_line --regexp '^Mode: +0640$'
	assert_line --regexp '^Size: +5000 \(4\.9K\)$'
	assert_line --regexp '^Modified: +20.*Z \([0-9]+s ago\)$'
	assert_line --regexp '^State: +idle$'
	assert_line --regexp '^Evidence: +[a-z]'
}

@test "a plain name shows every object that has it" {
	: >/dev/mqueue/jobs
	: >/dev/shm/jobs
	for name in jobs /jobs; do
		run ipcctl stat "$name"
		assert_success
		assert_line "Object:          mq:/jobs"
		assert_line "Object:          shm:/jobs"
	done
	run ipcctl mq stat jobs
	assert_line "Object:          mq:/jobs"
	refute_line "Object:          shm:/jobs"
}

@test "several names: what is missing is said with status 3, the others are shown" {
	: >/dev/shm/a
	: >/dev/shm/b
	run --separate-stderr ipcctl stat shm:/a mq:/gone shm:/b
	assert_failure 3
	assert_line "Object:          shm:/a"
	assert_line "Object:          shm:/b"
	assert_equal "$stderr" "ipcctl stat: cannot find queue 'mq:/gone': No such file or directory"
}

@test "a pattern that nothing matches is said to, with status 3" {
	run --separate-stderr ipcctl stat 'shm:none*'
	assert_failure 3
	assert_output ""
	assert_equal "$(head -1 <<<"$stderr")" "ipcctl stat: nothing matches 'shm:none*'"
	run --separate-stderr ipcctl stat -J 'shm:none*'
	assert_failure 3
	assert_equal "$(jq -c . <<<"$output")" "[]"
}

@test "who says what ls(1) or ipcs(1) shows is told the name" {
	while IFS='|' read -r said meant; do
		# shellcheck disable=SC2086 # several words
		run ipcctl $said
		assert_failure 3
		assert_line "hint: did you mean $meant?"
	done <<-'END'
		stat /dev/shm/gone|'shm:/gone'
		ls /dev/shm/sem.gone|'sem:/gone'
		rm /dev/mqueue/gone|'mq:/gone'
		stat 0x5eed|'key:0x5eed'
		ls 4711|'key:4711' or 'id:4711'
		shm stat 4711|'key:4711' or 'id:4711'
	END
}

@test "stat -J is an array with evidence and what could not be seen" {
	: >/dev/shm/a
	: >/dev/mqueue/a
	run ipcctl stat -J a
	assert_success
	assert_equal "$(jq -r '.[].object' <<<"$output" | sort)" $'mq:/a\nshm:/a'
	assert_equal "$(jq -c '[.[] | (.evidence | type), (.unseen | type), (.holders | type)] | unique' <<<"$output")" '["array"]'
	assert_equal "$(jq -r '.[] | select(.kind == "mq") | .messages' <<<"$output")" 0
}

@test "times are RFC 3339 in UTC, and agree with the kernel's" {
	: >/dev/shm/a
	touch -d '2024-02-29T12:34:56.5Z' /dev/shm/a
	assert_equal "$(ipcctl stat -J shm:/a | jq -r '.[0].modified')" 2024-02-29T12:34:56.500Z
	key=$(unique_key)
	"$PYTHON" -c "import sysv_ipc; sysv_ipc.MessageQueue($key, sysv_ipc.IPC_CREX).send(b'x')"
	sent=$(awk -v key=$((key)) '$1 == key { print $12 }' /proc/sysvipc/msg)
	run ipcctl stat -J "mq:key:$key"
	assert_equal "$(jq -r '.[0].last_used' <<<"$output")" "$(date -u -d "@$sent" +%Y-%m-%dT%H:%M:%SZ)"
	assert_equal "$(jq -c '.[0] | .messages, .used' <<<"$output")" $'1\n1'
}

@test "the evidence tells a live object from an idle one" {
	: >/dev/shm/a
	idle=$(ipcctl stat -J shm:/a | jq -r '.[0] | .state, .evidence[0]')
	background sleep 100 <>/dev/shm/a
	live=$(ipcctl stat -J shm:/a | jq -r '.[0] | .state, .evidence[0]')
	assert_equal "${idle%%$'\n'*} ${live%%$'\n'*}" "idle live"
	[ "${idle#*$'\n'}" != "${live#*$'\n'}" ]
}

@test "what an ordinary user may not see is said" {
	require_root
	: >/dev/mqueue/secret
	chmod 0600 /dev/mqueue/secret
	run --separate-stderr as_user ipcctl stat mq:/secret
	assert_line --regexp '^State: +unknown$'
	assert_line --regexp '^Unseen: +[a-z]'
	assert_line --regexp '^Messages: +\?$'
	run as_user ipcctl stat -J mq:/secret
	assert_equal "$(jq -c '.[0] | .state, .messages, (.unseen | length > 0)' <<<"$output")" $'"unknown"\nnull\ntrue'
}

@test "hostile names and owners are shown escaped" {
	"$PYTHON" "$BATS_TEST_DIRNAME/crowd.py" hostile /dev/shm
	run ipcctl stat '*'
	assert_success
	[ "$(grep -c '^Object:' <<<"$output")" -eq 25 ]
	run grep -P '[\x{00}-\x{09}\x{0b}-\x{1f}\x{7f}-\x{9f}\x{202a}-\x{202e}]' <<<"$output"
	assert_failure 1
}

@test "stat wants a name" {
	run ipcctl stat
	assert_failure 2
	assert_line --index 0 "ipcctl stat: something is missing: it takes SELECTOR..."
	run ipcctl stat key:0
	assert_failure 2
	run ipcctl stat 'mq:/a/b'
	assert_failure 2
	assert_line --partial "a POSIX name has no slash but the first"
}

@test "what is wrong with a name is said in a line of bounded length, without its control bytes" {
	for name in $'mq:key:\e]2;x\a' 'mq:key:\x1b]2;x\x07\n\nx' $'mq:ftok:/no\e]2;x\a:5' $'%a\e]2;x\a'; do
		run ipcctl stat "$name"
		assert_equal ${#lines[@]} 1
		refute_output --partial $'\e'
		refute_output --partial $'\a'
	done
	run ipcctl stat "mq:key:$(printf '%0100000d' 1)"
	assert_failure 2
	assert [ ${#output} -lt 1000 ]
}

@test "the limits of many System V objects are measured while these are listed" {
	for _ in {1..40}; do
		ipcmk -Q >/dev/null
		ipcmk -S 1 >/dev/null
		ipcmk -M 10 >/dev/null
	done
	run -0 ipcctl stat -J '*'
	assert_equal "$(jq -r '.[].object' <<<"$output" | sort -u | wc -l)" 120
	run -0 ipcctl stat '*'
	assert_equal "$(grep -c '^Object:' <<<"$output")" 120
}

@test "on a terminal long lines are folded between words, to the right of where they begin" {
	require script
	run script -qec 'stty cols 80; ipcctl stat --error EMFILE mq_open' /dev/null
	assert_success
	folded=0
	for line in "${lines[@]}"; do
		line=${line%$'\r'}
		((${#line} <= 80)) || fail "${#line} columns: $line"
		[[ $line != '                   '[^\ ]* ]] || folded=$((folded + 1))
	done
	((folded > 0)) || fail "no line was folded"
	whole=$(ipcctl stat --error EMFILE mq_open | tr -s ' ' | grep -v RLIMIT_NOFILE)
	run tr -s ' \r\n' ' ' <<<"${output//$'\r\n                   '/ }"
	while read -r line; do
		assert_output --partial "$line"
	done < <(grep '^Cause' <<<"$whole")
}

@test "a process that has an object in several ways is one line, its command cut off; JSON has all" {
	: >/dev/shm/a
	truncate -s 4096 /dev/shm/a
	background "$PYTHON" -c "
import mmap, os, time
f = os.open('/dev/shm/a', os.O_RDWR)
m = mmap.mmap(f, 4096)
print('mapped', flush=True)
time.sleep(100)" "$(printf 'x%.0s' {1..1000})"
	wait_until grep -q mapped "$BG_OUT"
	run ipcctl stat shm:/a
	assert_success
	assert_line --regexp "^ +$BG_PID .*… \(fd, map\)$"
	assert_equal "$(grep -c "^ *$BG_PID " <<<"$output")" 1
	run ipcctl stat -J shm:/a
	assert_equal "$(jq -c '[.[0].holders[].how] | sort' <<<"$output")" '["fd","map"]'
}
