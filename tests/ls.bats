# ls: every object, and only what was asked for.

load lib

# Names that somebody could choose to fool a list, as bytes.
hostile() { # DIR
	"$PYTHON" "$BATS_TEST_DIRNAME/crowd.py" hostile "$1"
}

@test "ls shows every kind, one object a line, under the columns of DESIGN" {
	: >/dev/mqueue/jobs
	: >/dev/shm/cache
	key=$(unique_key)
	"$PYTHON" -c "import sysv_ipc; sysv_ipc.SharedMemory($key, sysv_ipc.IPC_CREX, 0o640, 4096)"
	run ipcctl ls
	assert_success
	assert_line --index 0 --regexp '^OBJECT +OWNER +MODE +SIZE +USED +HOLDERS +AGE +STATE +LABEL$'
	assert_line --regexp '^mq:/jobs +[^ ]+ +0644 .* idle '
	assert_line --regexp '^shm:/cache +[^ ]+ +0644 +0B +0B +0 '
	assert_line --regexp "^shm:key:$key +[^ ]+ +0640 +4K .* stale " # it was attached, and its maker is gone
	assert_equal ${#lines[@]} 4
}

@test "what is said of one System V object alone is what the list says of it" {
	key=$(unique_key)
	"$PYTHON" - "$key" <<-'END'
		import sysv_ipc, sys
		key = int(sys.argv[1], 16)
		q = sysv_ipc.MessageQueue(key, sysv_ipc.IPC_CREX, mode=0o640)
		q.send(b"four", type=3); q.send(b"x"); q.receive()
		s = sysv_ipc.Semaphore(key, sysv_ipc.IPC_CREX, mode=0o604); s.release()
		m = sysv_ipc.SharedMemory(key, sysv_ipc.IPC_CREX, 0o600, 5000); m.write(b"a"); m.detach()
		sysv_ipc.SharedMemory(None, sysv_ipc.IPC_CREX, 0o600, 50).detach()
	END
	columns=object,id,key,owner,group,mode,size,attaches,messages,last_send_pid,last_recv_pid,creator_pid,last_pid,modified,last_used,nsems
	ipcctl ls --names >"$BATS_TEST_TMPDIR/names"
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/names")" 4
	while read -r name; do
		run ipcctl ls --noheadings --bytes -o $columns "$name"
		assert_equal "$output" "$(ipcctl ls --noheadings --bytes -o $columns "${name%%:*}:*${name##*:}")"
	done <"$BATS_TEST_TMPDIR/names"
}

@test "without /proc it says what could not be listed, and single objects are found all the same" {
	require_root
	: >/dev/shm/a
	: >/dev/mqueue/a
	key=$(unique_key)
	"$PYTHON" -c "import sysv_ipc; sysv_ipc.SharedMemory($key, sysv_ipc.IPC_CREX, 0o600, 4096)"
	! grep -q __asan_init "$IPCCTL" || skip "the sanitizer needs /proc"
	without_proc() {
		# shellcheck disable=SC2016 # its own parameters
		run --separate-stderr unshare -m sh -c 'mount -t tmpfs tmpfs /proc && exec "$@"' sh "$@"
	}
	without_proc ipcctl ls --names mq shm
	assert_success
	assert_output "mq:/a
shm:/a
shm:key:$(printf '0x%08x' "$key")"
	without_proc ipcctl ls --noheadings -o object,used shm
	assert_failure 1
	assert_output --regexp '^shm:/a +0B$'
	# shellcheck disable=SC2154 # run sets it
	assert_regex "$stderr" "ipcctl ls: cannot list every System V shared memory segment: This kernel does not have it, or /proc is not mounted"
	without_proc ipcctl chmod 0640 mq:/a
	assert_success
	without_proc ipcctl chmod 0640 shm:/a
	assert_failure 1
	without_proc ipcctl rm "shm:key:$key" mq:/a shm:/a
	assert_success
	without_proc ipcctl rm "shm:key:$key"
	assert_failure 3
}

@test "a file called sem. is a segment: a semaphore has a name" {
	head -c 32 /dev/zero >/dev/shm/sem.
	head -c 32 /dev/zero >/dev/shm/sem.a
	head -c 31 /dev/zero >/dev/shm/sem.b
	assert_equal "$(ipcctl ls --names | sort)" $'sem:/a\nshm:/sem.\nshm:/sem.b'
	ipcctl ls --names | ipcctl rm -y -
	assert_equal "$(ls -A /dev/shm)" ""
}

@test "ls of nothing prints nothing, an empty array, and succeeds" {
	run --separate-stderr ipcctl ls
	assert_success
	assert_output ""
	run ipcctl ls -J
	assert_success
	assert_output "[]"
	run ipcctl ls --names 'mq:*'
	assert_success
	assert_output ""
}

@test "ls takes kinds, patterns and names, and a pattern that finds nothing is no error" {
	: >/dev/mqueue/jobs
	: >/dev/mqueue/jobs2
	: >/dev/shm/jobs
	assert_equal "$(ipcctl ls --names mq | sort)" $'mq:/jobs\nmq:/jobs2'
	assert_equal "$(ipcctl ls --names 'jobs?' | sort)" 'mq:/jobs2'
	assert_equal "$(ipcctl ls --names 'mq:j*' shm | sort)" $'mq:/jobs\nmq:/jobs2\nshm:/jobs'
	assert_equal "$(ipcctl ls --names /jobs | sort)" $'mq:/jobs\nshm:/jobs'
	assert_equal "$(ipcctl ls --names jobs 'shm:*' | sort)" $'mq:/jobs\nshm:/jobs'
	run ipcctl ls --names 'nothing*'
	assert_success
	assert_output ""
}

@test "a name that leads to nothing is said, with status 3, and the rest is listed" {
	: >/dev/mqueue/jobs
	run --separate-stderr ipcctl ls --names mq:/nope mq:/jobs
	assert_failure 3
	assert_output mq:/jobs
	assert_equal "$stderr" "ipcctl ls: cannot find queue 'mq:/nope': No such file or directory"
	run --separate-stderr ipcctl ls --names nope
	assert_failure 3
	assert_equal "$stderr" "ipcctl ls: cannot find 'nope': no object of any kind has this name"
}

@test "a System V object is found by key, by id and by ftok, and printed by its key" {
	key=$(ipcctl ftok "$BATS_TEST_FILENAME" 65 | head -n 1)
	id=$("$PYTHON" -c "import sysv_ipc; print(sysv_ipc.MessageQueue($key, sysv_ipc.IPC_CREX).id)")
	for name in "mq:$key" "mq:key:$key" "mq:id:$id" "mq:ftok:$BATS_TEST_FILENAME:65" "mq:ftok:$BATS_TEST_FILENAME:A"; do
		[ "$name" != "mq:$key" ] || continue
		run ipcctl ls --names "$name"
		assert_output "mq:key:$key"
	done
	run ipcctl ls -J "mq:id:$id"
}

@test "ls -o shows the columns that are named, in any case, and +COLUMNS adds" {
	: >/dev/shm/x
	run ipcctl ls -o Mode,OBJECT
	assert_line --index 0 --regexp '^MODE +OBJECT$'
	assert_line --index 1 --regexp '^0644 +shm:/x$'
	run ipcctl ls -o +api
	assert_line --index 0 --regexp '^OBJECT .* LABEL +API$'
	run ipcctl ls --noheadings -o object
	assert_output shm:/x
	run ipcctl ls --noheadings --output object # as lsipc(1) and lsfd(1) call it
	assert_output shm:/x
	run ipcctl ls -o mood
	assert_failure 2
	assert_line --index 0 "ipcctl ls: --columns: there is no column 'mood'; did you mean 'mode'?"
	run ipcctl ls -o ''
	assert_failure 2
	run ipcctl ls -J -o object,mode
	assert_equal "$(jq -c . <<<"$output")" '[{"object":"shm:/x","mode":"0644"}]'
}

@test "objects of a kind are in the order of their names, whenever they were made" {
	for name in b a.10 c A a.2; do
		: >"/dev/shm/$name"
		: >"/dev/mqueue/$name"
		ipcctl sem create "/$name"
	done
	for kind in shm mq sem; do
		assert_equal "$(ipcctl ls --names $kind)" "$(printf "$kind:/%s\n" A a.10 a.2 b c)"
	done
}

@test "ls --sort orders numbers by value and turns round with -" {
	for size in 900 10000 2000; do
		truncate -s $size /dev/shm/s$size
	done
	: >/dev/mqueue/q
	assert_equal "$(ipcctl ls --names --sort size shm)" $'shm:/s900\nshm:/s2000\nshm:/s10000'
	assert_equal "$(ipcctl ls --names --sort=-size shm)" $'shm:/s10000\nshm:/s2000\nshm:/s900'
	assert_equal "$(ipcctl ls --names --sort object)" $'mq:/q\nshm:/s10000\nshm:/s2000\nshm:/s900'
	run ipcctl ls --sort size,mode
	assert_failure 2
}

@test "what has no value stands at the end in either order" {
	: >/dev/shm/x
	: >/dev/mqueue/q
	assert_equal "$(ipcctl ls --names --sort messages)" $'mq:/q\nshm:/x'
	assert_equal "$(ipcctl ls --names --sort=-messages)" $'mq:/q\nshm:/x'
}

@test "sizes are for people, and exact with --bytes" {
	truncate -s 5000 /dev/shm/x
	run ipcctl ls --noheadings -o size
	assert_output 4.9K
	run ipcctl ls --noheadings --bytes -o size
	assert_output 5000
}

@test "filters combine: state, user, age and last use" {
	: >/dev/shm/old
	: >/dev/shm/new
	: >/dev/shm/held
	touch -d '3 days ago' /dev/shm/old
	background sleep 100 <>/dev/shm/held
	assert_equal "$(ipcctl ls --names --state live)" shm:/held
	assert_equal "$(ipcctl ls --names --state idle | sort)" $'shm:/new\nshm:/old'
	assert_equal "$(ipcctl ls --names --state idle,live | wc -l)" 3
	assert_equal "$(ipcctl ls --names --unused-for 2d)" shm:/old
	assert_equal "$(ipcctl ls --names --unused-for 2d --state live)" ""
	assert_equal "$(ipcctl ls --names --user "$(id -un)" | wc -l)" 3
	assert_equal "$(ipcctl ls --names -u "$(id -u)" --unused-for 2d)" shm:/old
	assert_equal "$(ipcctl ls --names -u 4242)" ""
	assert_equal "$(ipcctl ls --names --stale)" ""
	# Made just now, whatever its other times say.
	assert_equal "$(ipcctl ls --names --older-than 2d)" ""
	run ipcctl ls --state lve
	assert_failure 2
	assert_line --partial "did you mean 'live'?"
	run ipcctl ls --user nobody-of-this-name
	assert_failure 2
	run ipcctl ls --older-than yesterday
	assert_failure 2
}

@test "LABEL tells what makes names of this form, and nothing of what it does not know" {
	: >/dev/shm/psm_0123abcd
	: >/dev/shm/psm_mine
	: >/dev/mqueue/psm_0123abcd
	run ipcctl ls --noheadings -o object,label --sort object
	assert_success
	assert_line --index 0 --regexp '^mq:/psm_0123abcd +-$'
	assert_line --index 1 --regexp '^shm:/psm_0123abcd +python$'
	assert_line --index 2 --regexp '^shm:/psm_mine +-$'
	assert_equal "$(ipcctl ls -J shm | jq -c '[.[] | .label] | sort')" '[null,"python"]'
	assert_equal "$(ipcctl ls -J shm:/psm_mine | jq 'first | has("label")')" false
	run ipcctl stat shm:/psm_0123abcd
	assert_line --regexp '^Label: +python$'
}

@test "a set of semaphores is PostgreSQL's if the last of its 17 says so" {
	"$PYTHON" -c '
import sysv_ipc
# PostgreSQL, sysv_sema.c: 16 semaphores and one that holds 537
import ctypes
libc = ctypes.CDLL(None)
for n, key in ((17, 0x4910), (16, 0x4911)):
    i = libc.semget(key, n, 0o1600)
    libc.semctl(i, n - 1, 16, 537)
    libc.semctl(i, 0, 16, 537)'
	run ipcctl ls --names --label postgresql
	assert_output sem:key:0x00004910
	run ipcctl ls --names sem
	assert_line sem:key:0x00004911
}

@test "--label takes labels and patterns, any of them, and refuses what nothing can have" {
	: >/dev/shm/psm_0123abcd
	: >/dev/shm/torch_4711_1_1
	: >/dev/shm/PostgreSQL.4711
	: >/dev/shm/else
	assert_equal "$(ipcctl ls --names --label python)" shm:/psm_0123abcd
	assert_equal "$(ipcctl ls --names --label 'py*' | wc -l)" 2
	assert_equal "$(ipcctl ls --names --label 'p[o-z]*' --label pytorch | wc -l)" 3
	assert_equal "$(ipcctl ls --names --label '*' | wc -l)" 3
	assert_equal "$(ipcctl ls --names --label nccl)" ""
	run ipcctl ls --label pyton
	assert_failure 2
	assert_line --partial "there is no label 'pyton'; did you mean 'python'?"
	run ipcctl rm -y --label ''
	assert_failure 2
	run ipcctl rm -y --label 'PYTHON'
	assert_failure 2
	run ipcctl rm -y --label $'x\e[31m*'
	assert_failure 2
	assert_line --partial "there is no label 'x\x1b[31m*'"
	assert_equal "$(ipcctl ls --names shm | wc -l)" 4
}

@test "STATE and HOLDERS say who has an object now" {
	: >/dev/mqueue/q
	run ipcctl ls --noheadings -o state,holders mq:/q
	assert_output --regexp '^idle +0$'
	background sleep 100 <>/dev/mqueue/q
	run ipcctl ls --noheadings -o state mq:/q
	assert_output live
	key=$(unique_key)
	background "$PYTHON" -c "
import sysv_ipc, time
a = sysv_ipc.SharedMemory($key, sysv_ipc.IPC_CREX, 0o600, 4096)
print('attached', flush=True)
time.sleep(100)"
	wait_until grep -q attached "$BG_OUT"
	run ipcctl ls --noheadings -o state,holders,attaches "shm:key:$key"
	assert_output --regexp '^live +1 +1$'
}

@test "names are shown escaped and read back: each finds its own object and no other" {
	hostile /dev/shm
	ipcctl ls --names >"$BATS_TEST_TMPDIR/names"
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/names")" 25
	iconv -f UTF-8 -t UTF-8 "$BATS_TEST_TMPDIR/names" >/dev/null
	run grep -nP '[\x{00}-\x{1f}\x{7f}-\x{9f}\x{202a}-\x{202e}]' "$BATS_TEST_TMPDIR/names"
	assert_failure 1
	while IFS= read -r name; do
		run ipcctl ls --names -- "$name"
		assert_output "$name"
	done <"$BATS_TEST_TMPDIR/names"
}

@test "what ls --names prints rm -y - removes, a queue called /* included, and nothing else" {
	for dir in /dev/shm /dev/mqueue; do
		hostile $dir
	done
	: >/dev/mqueue/keep
	ipcmk -S 2
	ipcctl ls --names 'mq:/\*' >"$BATS_TEST_TMPDIR/star"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/star")" 'mq:/\*'
	before=$(ipcctl ls --names | wc -l)
	ipcctl rm -y - <"$BATS_TEST_TMPDIR/star"
	assert_equal "$(ipcctl ls --names | wc -l)" $((before - 1))
	[ ! -e '/dev/mqueue/*' ]
	ipcctl ls --names | grep -v keep >"$BATS_TEST_TMPDIR/names"
	ipcctl rm -y - <"$BATS_TEST_TMPDIR/names"
	assert_equal "$(ipcctl ls --names)" mq:/keep
}

@test "ls -J agrees with lsipc, /dev/mqueue and /dev/shm on a crowded machine with hostile names" {
	require jq lsipc
	"$PYTHON" "$BATS_TEST_DIRNAME/crowd.py" make
	hostile /dev/shm
	hostile /dev/mqueue
	ipcctl ls -J >"$BATS_TEST_TMPDIR/ls.json"
	for what in queues shmems semaphores; do
		lsipc -J -b --$what >"$BATS_TEST_TMPDIR/$what.json"
	done
	run "$PYTHON" "$BATS_TEST_DIRNAME/crowd.py" compare "$BATS_TEST_TMPDIR"
	assert_success
	assert_line --index 0 --regexp '^[0-9]+ objects agree$'
}

@test "ls is no wider than the terminal, and not cut elsewhere" {
	require script
	long=$(printf 'word-%.0s' {1..30})
	: >"/dev/shm/$long"
	run script -qec 'stty cols 80; ipcctl ls' /dev/null
	assert_success
	for line in "${lines[@]}"; do
		line=${line%$'\r'}
		((${#line} <= 80)) || fail "${#line} columns: $line"
	done
	run ipcctl ls
	assert_line --regexp "^shm:/$long "
}

@test "STATE has colour on a terminal or when it is asked for, and NO_COLOR is honoured" {
	require script
	: >/dev/shm/x
	background sleep 100 <>/dev/shm/x
	refute_color() { [[ $output != *$'\e['* ]] || fail "colour: $output"; }
	run ipcctl ls
	refute_color
	run ipcctl ls --color=always
	assert_output --partial $'\e['
	run script -qec 'ipcctl ls' /dev/null
	assert_output --partial $'\e['
	run script -qec 'NO_COLOR=1 ipcctl ls' /dev/null
	refute_color
	run script -qec 'ipcctl ls --color=never' /dev/null
	refute_color
}

@test "an object that may not be read is listed, with null for what is not known" {
	require_root
	: >/dev/mqueue/secret
	chmod 0600 /dev/mqueue/secret
	run --separate-stderr as_user ipcctl ls -J
	assert_success
	assert_equal "$stderr" ""
	assert_equal "$(jq -c '.[] | [.object, .owner, .mode, .state, .messages]' <<<"$output")" \
		'["mq:/secret","root","0600","unknown",null]'
	run as_user ipcctl ls --names --state unknown
	assert_output mq:/secret
}

@test "without libsmartcols tables for a terminal say what is missing, and all else needs it not" {
	: >/dev/shm/x
	cat >"$BATS_TEST_TMPDIR/none.c" <<-'END'
		#include <stddef.h>
		void *dlopen(const char *name, int flags) { return NULL; }
		char *dlerror(void) { return "libsmartcols.so.1: cannot open shared object file"; }
	END
	cc -shared -fPIC -o "$BATS_TEST_TMPDIR/none.so" "$BATS_TEST_TMPDIR/none.c"
	[[ $IPCCTL != */asan/* ]] || skip "the sanitizer must be loaded first"
	export LD_PRELOAD=$BATS_TEST_TMPDIR/none.so
	run --separate-stderr ipcctl ls --color=always
	assert_failure 1
	assert_output ""
	[[ $stderr = *"cannot print a table: libsmartcols.so.1"*"hint: install libsmartcols"* ]]
	run ipcctl ls --names
	assert_output shm:/x
	run ipcctl ls -J -o object
	assert_success
	run ipcctl ls --noheadings -o object,size
	assert_output 'shm:/x   0B'
}

@test "a table in a pipe looks as libsmartcols prints it" {
	local locale options
	head -c 3000 /dev/zero >/dev/shm/short
	truncate -s 12345678 /dev/shm/日本語 /dev/shm/café /dev/shm/e$'\xcc\x81' /dev/shm/🎉 $'/dev/shm/a\nb\e[1m' $'/dev/shm/bad\xff'
	ipcctl sem create -q /a-name-that-is-longer-than-the-others
	for locale in C C.UTF-8; do
		for options in '' --noheadings --bytes '-o object' '-o size' '-o size,object,label,holders' '-o object,evidence' \
			'--noheadings -o attaches,object shm' '-o evidence,attaches shm:/short' 'shm:/none*'; do
			# With colours it does, also into a pipe. One after the other: each asks the kernel by opening for a moment.
			# shellcheck disable=SC2086 # words
			LC_ALL=$locale ipcctl ls $options | sed -E 's/ [0-9]+s / AGE /' >"$BATS_TEST_TMPDIR/plain"
			# shellcheck disable=SC2086 # words
			LC_ALL=$locale ipcctl ls --color=always $options | sed -E $'s/\e\\[[0-9;]*m//g; s/ [0-9]+s / AGE /' >"$BATS_TEST_TMPDIR/coloured"
			diff "$BATS_TEST_TMPDIR/plain" "$BATS_TEST_TMPDIR/coloured"
		done
	done
}

@test "ls fails when its output can't be written" {
	: >/dev/shm/x
	for option in --names -J --bytes; do
		run --separate-stderr bash -c "ipcctl ls $option >/dev/full"
		assert_failure 1
		assert_equal "$stderr" "ipcctl ls: cannot write standard output: No space left on device"
	done
}

@test "on a terminal that is too narrow for the other columns selectors are not cut" {
	require script
	: >/dev/shm/a-name-of-some-length
	run script -qec 'stty cols 40; ipcctl ls' /dev/null
	assert_line --regexp '^shm:/a-name-of-some-length '
}

@test "on a terminal that is too narrow for the columns that were asked for, selectors are not cut into scraps" {
	require script
	: >/dev/shm/a-name-of-some-length
	run script -qec 'stty cols 80; ipcctl ls -o +evidence,created,modified' /dev/null
	assert_line --regexp '^shm:/a-name-of-some-length '
}

@test "a column that is shown by default is not added twice" {
	: >/dev/shm/a
	assert_equal "$(ipcctl ls -o +holders,owner,id)" "$(ipcctl ls -o +id)"
}

@test "the word for a kind of objects leads to its name" {
	for words in 'queue mq' 'Queues mq' 'segments shm' 'semaphore sem' 'sockets sock'; do
		read -r word kind <<<"$words"
		run ipcctl ls "$word"
		assert_failure 3
		assert_line --index 1 "hint: did you mean '$kind'?"
	done
}

@test "a time that is none is told with what one looks like" {
	run ipcctl ls --older-than 7x
	assert_failure 2
	assert_line --index 0 "ipcctl ls: --older-than: '7x' is not a DURATION, such as 250ms, 5m or 7d"
	run ipcctl limits --warn 90%
	assert_failure 2
	assert_line --index 0 "ipcctl limits: --warn: '90%' is not a whole number"
}

@test "times that the owner of a file forged neither wrap around nor make it look unused" {
	for time in 99999999999999 9223372037 7258118400 -99999999999999 -31536000; do
		touch -d "@$time" "/dev/shm/t$time"
	done
	assert_equal "$(ipcctl ls --names --unused-for 7d | sort)" $'shm:/t-31536000\nshm:/t-99999999999999'
	run ipcctl ls -J -o object,last_used,age --sort object
	assert_success
	assert_line --partial '"last_used": "2200-01-01T00:00:00Z", "age": 0.0'
	run ipcctl stat shm:/t7258118400
	assert_line --regexp '^Last used: +2200-01-01T00:00:00Z \(to come\)$'
}

@test "a pattern finds the same in every form of output and in rm, in any language" {
	: >/dev/shm/café
	: >$'/dev/shm/bad\xff'
	for language in C C.UTF-8; do
		export LC_ALL=$language
		for pattern in 'shm:caf?' 'shm:/caf[é]' 'shm:*é'; do
			assert_equal "$(ipcctl ls --names "$pattern")" shm:/café
			assert_equal "$(ipcctl ls --noheadings -o object "$pattern")" shm:/café
			run ipcctl rm -n "$pattern"
			assert_line --partial shm:/café
		done
		assert_equal "$(ipcctl ls --names 'shm:bad?')" 'shm:/bad\xff'
	done
}

@test "a POSIX queue shows how many messages are in it, since counting their bytes would change its times" {
	ipcctl mq create /used --max-messages 4 --message-size 16
	run -0 ipcctl ls --noheadings -o used mq
	assert_output --regexp '^ *0B$'
	ipcctl mq send /used one two
	run -0 ipcctl ls --noheadings -o used mq
	assert_output --regexp '^ *2 msg$'
	run -0 ipcctl ls -J -o used mq
	assert_line --partial '"used": null'
}

@test "an object looked at by its name is what it is in a list" {
	"$PYTHON" -c "
import sysv_ipc
for i in range(1, 60):
    sysv_ipc.SharedMemory(i, sysv_ipc.IPC_CREX, 0o600 + i, i)
    sysv_ipc.Semaphore(i, sysv_ipc.IPC_CREX, 0o600 + i, i)
    queue = sysv_ipc.MessageQueue(i, sysv_ipc.IPC_CREX, 0o640)
    queue.send(b'x' * i)
    if i % 2: queue.receive()
    if i % 3 == 0: queue.remove()" # so that identifiers are not those of the first use
	ipcmk -Q >/dev/null
	ipcmk -M 10 >/dev/null
	ipcmk -S 3 >/dev/null
	columns=object,key,id,uid,gid,mode,size,modified,last_used,creator_pid,last_pid,attaches,messages,nsems,values,state
	mapfile -t names < <(ipcctl ls --names)
	ipcctl ls -J -o $columns >"$BATS_TEST_TMPDIR/list"
	ipcctl ls -J -o $columns "${names[@]}" >"$BATS_TEST_TMPDIR/names"
	diff "$BATS_TEST_TMPDIR/list" "$BATS_TEST_TMPDIR/names"
	mapfile -t names < <(jq -r '.[] | "\(.object | sub(":.*"; "")):id:\(.id)"' "$BATS_TEST_TMPDIR/list")
	ipcctl ls -J -o $columns "${names[@]}" >"$BATS_TEST_TMPDIR/names"
	diff "$BATS_TEST_TMPDIR/list" "$BATS_TEST_TMPDIR/names"
}

@test "to look at an object by its name does not read about all the others" {
	require strace
	key=$(unique_key)
	"$PYTHON" -c "
import sysv_ipc
sysv_ipc.SharedMemory($key, sysv_ipc.IPC_CREX)
sysv_ipc.Semaphore($key, sysv_ipc.IPC_CREX)
sysv_ipc.MessageQueue($key, sysv_ipc.IPC_CREX)"
	# Where who waits on a queue can't be seen it takes --force. The sanitizer's search for leaks does not work under strace.
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run strace -f -e trace=openat -o "$BATS_TEST_TMPDIR/trace" ipcctl rm -f "mq:key:$key" "shm:key:$key" "sem:key:$key"
	assert_success
	run grep sysvipc "$BATS_TEST_TMPDIR/trace"
	assert_failure 1
}

@test "attributes are asked for without the kernel's text, which has the same where they can't be" {
	require strace
	export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
	columns=object,key,id,uid,gid,mode,size,modified,last_used,creator_pid,last_pid,attaches,messages,nsems,values
	local i made
	for i in {1..6}; do
		made=("$(ipcctl mq create key:private)" "$(ipcctl shm create --size "$i" key:private)"
			"$(ipcctl sem create --nsems "$i" key:private)")
		[ $((i % 2)) = 1 ] || ipcctl rm -f "${made[@]}" # holes, also behind the last one
	done
	strace -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=openat ipcctl ls -J -o $columns mq shm sem >"$BATS_TEST_TMPDIR/asked"
	run grep sysvipc "$BATS_TEST_TMPDIR/trace"
	assert_failure 1
	assert_equal "$(jq length "$BATS_TEST_TMPDIR/asked")" 9
	# The first call of each: it would tell how far to go.
	strace -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=openat,msgctl,shmctl,semctl -e inject=msgctl:error=ENOSYS:when=1 \
		-e inject=shmctl:error=ENOSYS:when=1 -e inject=semctl:error=ENOSYS:when=1 \
		ipcctl ls -J -o $columns mq shm sem >"$BATS_TEST_TMPDIR/read"
	assert_equal "$(grep -c 'sysvipc/' "$BATS_TEST_TMPDIR/trace")" 3
	diff "$BATS_TEST_TMPDIR/asked" "$BATS_TEST_TMPDIR/read"
	# One that may not be asked about is not left out, and none is by a kernel that does not know the question.
	for error in EACCES:when=3 EINVAL:when=2+; do
		strace -qq -o /dev/null -e trace=shmctl -e inject=shmctl:error=$error ipcctl ls --names shm >"$BATS_TEST_TMPDIR/names"
		diff <(jq -r '.[].object | select(startswith("shm"))' "$BATS_TEST_TMPDIR/asked") "$BATS_TEST_TMPDIR/names"
	done
}

@test "a kind that is misspelt is suggested" {
	run ipcctl ls fifos
	assert_failure 3
	assert_line "hint: did you mean 'fifo'?"
	run ipcctl ls sokc:x
	assert_failure 3
	assert_line "hint: did you mean 'sock:x'?"
	run ipcctl ls nope
	refute_output --partial "did you mean"
}
