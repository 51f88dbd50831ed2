# Profiles: up, down, check, run, %words, and what is wrong with a file.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset VARIABLE
}

# Writes a profile from standard input, with its first line.
profile() { # [FILE]
	{
		echo 'version: 1'
		cat
	} >"${1:-app.yaml}"
	export IPCCTL_PROFILE=$PWD/${1:-app.yaml}
}

objects() {
	ipcctl ls --names "$@"
}

# --- up, check, down --------------------------------------------------------------------------------

whole_profile() {
	mkdir -p run
	echo >app.conf
	profile <<-'END'
		defaults: { mode: 0640 }
		layouts:
		  Data: "int id; char text[8];"
		objects:
		  jobs:   { kind: mq, name: /jobs, max-messages: 4, message-size: 1K }
		  legacy: { kind: mq, key: "ftok:./app.conf:65" }
		  state:  { kind: shm, key: 5678, size: 1K, mode: 0600, layout: Data }
		  lock:   { kind: sem, name: /lock, value: 3 }
		  set:    { kind: sem, key: 0x51, nsems: 3 }
		  events: { kind: fifo, path: run/events }
		  server: { kind: sock, path: run/server.sock }
		  theirs: { kind: shm, name: /theirs, external: true }
	END
}

@test "up makes what is declared as it is declared, and a second up changes nothing" {
	whole_profile
	run ipcctl up
	assert_success
	assert_output ""
	run bash -c 'ipcctl ls -J mq shm sem fifo --dir run | jq -r ".[] | [.object, .mode, .max_messages // .nsems // .size // .value] | join(\" \")"'
	assert_line "mq:/jobs 0640 4"
	assert_line --regexp '^mq:key:0x41.* 0640 '
	assert_line "shm:key:0x0000162e 0600 1024"
	assert_line "sem:/lock 0640 3"
	assert_line "sem:key:0x00000051 0640 3"
	assert_line --regexp "fifo:.*run/events 0640 "
	assert_equal "${#lines[@]}" 6
	ipcctl mq send %jobs kept
	ipcctl sem wait %lock
	run ipcctl up -v
	assert_success
	assert_output ""
	assert_equal "$(ipcctl sem get %lock)" 2
	assert_equal "$(ipcctl mq recv %jobs)" kept
}

@test "an object that is there with other attributes is told field by field, and nothing is changed" {
	whole_profile
	ipcctl mq create /jobs --max-messages 2 --message-size 64 -m 0600
	ipcctl sem create key:0x51 --nsems 2
	run ipcctl up
	assert_failure 1
	assert_line "ipcctl up: %jobs: queue 'mq:/jobs' exists with mode 0600, not 0640"
	assert_line "ipcctl up: %jobs: queue 'mq:/jobs' exists with max-messages 2, not 4"
	assert_line "ipcctl up: %jobs: queue 'mq:/jobs' exists with message-size 64, not 1024"
	assert_line --regexp "%set: .* exists with nsems 2, not 3"
	assert_line "ipcctl up: nothing was changed"
	run ipcctl ls --names shm mq
	assert_output "mq:/jobs"
	: >run/events
	ipcctl rm mq:/jobs sem:key:0x51
	run ipcctl up
	assert_failure 1
	assert_line --partial "%events: cannot look at FIFO"
	run ipcctl ls --names shm mq
	assert_output ""
}

@test "check compares, with status 6 for a difference, and changes nothing" {
	whole_profile
	run ipcctl check
	assert_failure 6
	assert_line "ipcctl check: %jobs: there is no queue 'mq:/jobs'"
	assert_line "ipcctl check: %theirs: there is no segment 'shm:/theirs'"
	refute_output --partial server
	ipcctl up
	ipcctl shm create /theirs --size 10
	run ipcctl check
	assert_success
	assert_output ""
	chmod 0600 run/events
	run ipcctl check
	assert_failure 6
	assert_output "ipcctl check: %events: FIFO 'fifo:$PWD/run/events' exists with mode 0600, not 0640"
}

@test "a failure half way takes back what this call made, and leaves what was there" {
	profile <<-'END'
		objects:
		  old:  { kind: shm, name: /old, size: 10 }
		  new:  { kind: shm, name: /new, size: 10 }
		  fifo: { kind: fifo, path: nowhere/fifo }
	END
	ipcctl shm create /old --size 10
	run ipcctl up
	assert_failure 3
	assert_line --partial "%fifo: cannot create FIFO"
	assert_line --partial "hint: there is no directory '$PWD/nowhere'"
	assert_line "ipcctl up: what was made was taken back"
	run objects shm
	assert_output "shm:/old"
}

@test "down removes what up made and nothing else" {
	whole_profile
	ipcctl shm create key:5678 --size 1K
	ipcctl shm create /theirs --size 10
	: >/dev/shm/other
	ipcctl up
	run ipcctl down -f
	assert_success
	assert_output "ipcctl down: %state: segment 'shm:key:0x0000162e' was not made by 'up', and stays"
	run objects mq shm sem
	assert_output "shm:/other
shm:/theirs
shm:key:0x0000162e"
	[ ! -e run/events ]
	run ipcctl down
	assert_success
}

@test "down leaves alone what somebody else made again under the same name" {
	profile <<<'objects: { a: { kind: shm, name: /a, size: 10 }, q: { kind: mq, key: 7 } }'
	ipcctl up
	ipcctl rm -f shm:/a mq:key:7
	: >/dev/shm/a
	ipcmk -Q >/dev/null
	run ipcctl down
	assert_success
	assert_line --partial "%a: segment 'shm:/a' was not made by 'up', and stays"
	[ -e /dev/shm/a ]
	# Another profile's.
	cp app.yaml other.yaml
	rm /dev/shm/a
	ipcctl up
	run ipcctl down -P other.yaml
	assert_line --partial "was not made by 'up', and stays"
	[ -e /dev/shm/a ]
}

@test "down refuses what is in use or holds messages, shows with -n, and is forced with -f and --discard" {
	profile <<<'objects: { a: { kind: shm, name: /a, size: 10 }, q: { kind: mq, name: /q }, b: { kind: shm, name: /b, size: 1 } }'
	ipcctl up
	ipcctl mq send %q unread
	exec 5<>/dev/shm/a
	run --separate-stderr ipcctl down -n
	assert_failure 1
	assert_output --partial "shm:/b"
	refute_output --partial "shm:/a"
	assert_equal "$(objects shm | wc -l)" 2
	run ipcctl down
	assert_failure 1
	assert_line --regexp "cannot remove segment 'shm:/a': it is in use: $$ "
	assert_line "ipcctl down: cannot remove queue 'mq:/q': it holds 1 unread message"
	run objects
	assert_output "mq:/q
shm:/a"
	run ipcctl down -f --discard
	assert_success
	exec 5>&-
	run objects
	assert_output ""
}

@test "what a profile protects stays, with --force, in bulk and for down" {
	profile <<-'END'
		objects: { a: { kind: shm, name: /keep.a, size: 1 } }
		protect: ["shm:/keep*", "fifo:./keep/*", "mq:key:0x77"]
	END
	mkdir keep
	ipcctl up
	ipcctl fifo create keep/fifo
	ipcctl mq create key:0x77
	for call in 'rm -f shm:/keep.a' 'rm -f fifo:./keep/fifo' "rm -f fifo:$PWD/keep/fifo" 'rm -f mq:key:0x77' "rm -y 'shm:/*'" 'down -f'; do
		run bash -c "ipcctl $call"
		assert_failure 1
		assert_output --partial "it is protected by '$PWD/app.yaml'"
	done
	assert_equal "$(objects | wc -l)" 2
	[ -p keep/fifo ]
	unset IPCCTL_PROFILE
	ipcctl rm -f shm:/keep.a mq:key:0x77
}

@test "a word that the profile does not have suggests the nearest, and without a profile it is an error" {
	profile <<<'objects: { control: { kind: sem, name: /c } }'
	run ipcctl sem get %contorl
	assert_failure 3
	assert_output --partial "the profile has no object 'contorl'; did you mean '%control'?"
	run ipcctl mq send %control x
	assert_failure 2
	unset IPCCTL_PROFILE
	run ipcctl sem get %control
	assert_failure 2
	assert_output --partial "no profile is given"
	run ipcctl up
	assert_failure 2
	run ipcctl sem get -P nowhere.yaml %control
	assert_failure 2
	assert_line --partial "cannot read profile 'nowhere.yaml': No such file or directory"
}

@test "create, --create and layouts take what the profile says, where the command line does not" {
	profile <<-'END'
		layouts: { Data: "int id; char text[8];" }
		objects:
		  state: { kind: shm, name: /state, size: 12, mode: 0640, layout: Data }
		  jobs:  { kind: mq, name: /jobs, max-messages: 3, message-size: 12 }
	END
	ipcctl shm create %state
	ipcctl shm set %state id=4 text=four
	assert_equal "$(ipcctl shm get %state text)" four
	ipcctl mq send --create --message-size 100 %jobs hello
	assert_equal "$(ipcctl stat -J mq:/jobs | jq -c '.[0] | [.max_messages, .message_size]')" '[3,100]'
	ipcctl mq send --layout Data %jobs id=1 text=one
	ipcctl mq recv %jobs
	assert_equal "$(ipcctl mq recv --layout Data %jobs | tr '\n' ' ')" 'id=1 text=one '
}

@test "sock serve takes address, rules, limits and handler from the profile" {
	mkdir run elsewhere
	printf '#!/bin/sh\necho "$@"; cat\n' >handle
	chmod +x handle
	profile <<<'objects: { control: { kind: sock, path: run/control.sock, mode: 0666, deny: uid=65533, allow: all, handler: [./handle, --json] } }'
	cd elsewhere
	background ipcctl sock serve --once %control
	run ipcctl sock connect --wait -t 10s %control hello
	assert_output "--json
hello"
	finish
	assert_equal "$status" 0
	background ipcctl sock serve --once --deny all %control
	wait_until test -S ../run/control.sock
	assert_equal "$(stat -c %a ../run/control.sock)" 666
	run ipcctl sock connect %control hello
	wait_until grep -q 'refused .*--deny all' "$BG_ERR"
}

# --- run ---------------------------------------------------------------------------------------------

run_profile() {
	profile <<<'objects: { q: { kind: mq, name: /q }, s: { kind: mq, key: 7 }, f: { kind: fifo, path: f } }'
}

nothing_is_left() {
	[ "$(objects mq | wc -l)" = 0 ] && [ ! -e f ]
}

@test "run makes the objects for as long as a command runs, whose status it gives" {
	run_profile
	run ipcctl run sh -c 'ipcctl mq send %q left && [ -p f ] && [ "$IPCCTL_PROFILE" = "$PWD/app.yaml" ] && exit 7'
	assert_failure 7
	nothing_is_left
	run ipcctl run -P app.yaml true
	assert_success
	run -127 ipcctl run no-such-program
	nothing_is_left
	run ipcctl run sh -c 'kill -KILL $$'
	assert_failure 137
	nothing_is_left
	run ipcctl run -P nowhere true
	assert_failure 125
}

@test "run cleans up after SIGTERM, and passes it on" {
	run_profile
	background ipcctl run sh -c 'trap "echo ended; exit 3" TERM; : >ready; while :; do sleep 0.05; done'
	wait_until test -e ready
	kill -TERM "$BG_PID"
	finish
	assert_equal "$status $output" "3 ended"
	nothing_is_left
}

@test "run cleans up when ipcctl itself is killed, and the command ends" {
	run_profile
	background ipcctl run sh -c ': >ready; echo $$ >pid; exec sleep 1000'
	wait_until test -s pid
	kill -KILL "$BG_PID"
	wait_until nothing_is_left
	wait_until test ! -e "/proc/$(cat pid)/exe"
}

@test "two runs of one profile remove only what each made" {
	run_profile
	background ipcctl run sh -c ': >ready; until [ -e go ]; do sleep 0.05; done'
	wait_until test -e ready
	run ipcctl run true
	assert_success
	[ -p f ]
	: >go
	finish
	nothing_is_left
}

# --- variables ---------------------------------------------------------------------------------------

@test "variables of the environment stand in values, and in values alone" {
	profile <<-'END'
		objects:
		  a: { kind: shm, name: "/${VARIABLE:-default}", size: "${SIZE}" }
		  b: { kind: sem, name: "/$${X}" }
	END
	export SIZE=4K
	ipcctl up
	run objects
	assert_output 'sem:/${X}
shm:/default'
	ipcctl down
	VARIABLE=set ipcctl up
	run objects shm
	assert_output shm:/set
	unset SIZE
	run ipcctl check
	assert_failure 2
	assert_output --partial "app.yaml:3:56: the variable 'SIZE' is not set"
	profile <<<'"${VARIABLE:-objects}": {}'
	run ipcctl check --syntax
	assert_failure 2
	assert_output --partial "unknown key"
}

# --- what is wrong -----------------------------------------------------------------------------------

# "PLACE|what is said|the file", where \n is a newline and \t a tab; the file begins with "version: 1" unless it
# begins with "-".
broken() {
	cat <<-'END'
		3:1|did not find expected ',' or ']'|objects: [a
		2:1|unknown key 'layots'; did you mean 'layouts'?|layots: {}
		2:1|unknown key 'zzzzzz'|zzzzzz: 1
		1:10|version: expected 1, not '2'|-version: 2
		1:1|a profile needs the key 'version'|-objects: {}
		1:1|there is nothing in it|-
		1:1|expected a map|-[]
		1:1|expected a map|-text
		2:10|expected a map|objects: []
		2:10|expected a map|objects: text
		2:10|expected a map|layouts: []
		3:1|'objects' is there already, in line 2|objects: {}\nobjects: {}
		2:15|expected a map|objects: { a: text }
		2:12|'a b' is no word|objects: { a b: { kind: sem, name: /a } }
		2:12|an object needs the key 'kind'|objects: { a: { name: /a } }
		2:12|object 'a' has no name|objects: { a: { kind: sem } }
		2:23|kind: unknown word 'mqq'; did you mean 'mq'?|objects: { a: { kind: mqq, name: /a } }
		2:23|kind: expected one of mq, shm, sem, fifo, sock, not 'x'|objects: { a: { kind: x, name: /a } }
		2:38|'key': the object has a 'name' already|objects: { a: { kind: sem, name: /a, key: 4 } }
		2:28|unknown key 'nam'; did you mean 'name'?|objects: { a: { kind: sem, nam: /a } }
		2:33|name: expected /name|objects: { a: { kind: mq, name: key:4 } }
		2:33|name: expected /name|objects: { a: { kind: mq, name: "%b" } }
		2:32|key: |objects: { a: { kind: mq, key: x } }
		2:32|key: 'ftok:./a'|objects: { a: { kind: mq, key: "ftok:./a" } }
		2:32|key: |objects: { a: { kind: mq, key: 0 } }
		2:33|path: |objects: { a: { kind: mq, path: x } }
		2:38|address: |objects: { a: { kind: sock, address: x:1 } }
		2:51|max-messages: expected a whole number, not '10G'|objects: { a: { kind: mq, name: /a, max-messages: 10G } }
		2:51|max-messages: expected a whole number, not '-1'|objects: { a: { kind: mq, name: /a, max-messages: -1 } }
		2:51|expected a whole number, not a list|objects: { a: { kind: mq, name: /a, max-messages: [1] } }
		2:44|size: expected a SIZE, such as 512, 64K or 1M, not '1X'|objects: { a: { kind: shm, name: /a, size: 1X } }
		2:44|size: '99999999999999999999' is out of range|objects: { a: { kind: shm, name: /a, size: 99999999999999999999 } }
		2:37|a POSIX message queue has no 'size'|objects: { a: { kind: mq, name: /a, size: 1 } }
		2:37|a POSIX message queue has no 'queue-bytes'|objects: { a: { kind: mq, name: /a, queue-bytes: 1 } }
		2:43|mode: expected an octal mode, such as 0660, not '0680'|objects: { a: { kind: mq, name: /a, mode: 0680 } }
		2:43|mode: |objects: { a: { kind: mq, name: /a, mode: 077777 } }
		2:43|mode: |objects: { a: { kind: mq, name: /a, mode: rw } }
		2:44|owner: there is no user or group 'no.such'|objects: { a: { kind: mq, name: /a, owner: no.such } }
		2:44|group: there is no user or group 'no.such'|objects: { a: { kind: mq, name: /a, group: no.such } }
		2:47|external: expected true or false, not 'maybe'|objects: { a: { kind: mq, name: /a, external: maybe } }
		2:45|there is no layout 'Dat'; did you mean 'Data'?|objects: { a: { kind: mq, name: /a, layout: Dat } }\nlayouts: { Data: "int a;" }
		2:37|'handler' is for kind 'sock', not 'mq'|objects: { a: { kind: mq, name: /a, handler: x } }
		2:37|'max' is for kind 'sock', not 'mq'|objects: { a: { kind: mq, name: /a, max: 4 } }
		2:43|max: expected a whole number|objects: { a: { kind: sock, path: a, max: many } }
		2:44|type: unknown word 'steam'; did you mean 'stream'?|objects: { a: { kind: sock, path: a, type: steam } }
		2:45|allow: 'uid=no.such': there is no such user|objects: { a: { kind: sock, path: a, allow: uid=no.such } }
		2:45|deny: 'addr=1.2.3/8'|objects: { a: { kind: sock, path: a, deny: ["addr=1.2.3/8"] } }
		2:47|handler: the list is empty|objects: { a: { kind: sock, path: a, handler: [] } }
		2:48|expected text, not a map|objects: { a: { kind: sock, path: a, handler: [{}] } }
		2:44|idle: expected a DURATION|objects: { a: { kind: sock, path: a, idle: soon } }
		3:3|'b' and 'a' in line 2 are the same object, sem:/a|objects: { a: { kind: sem, name: /a },\n  b: { kind: sem, name: a } }
		2:19|mode: expected an octal mode|defaults: { mode: 8 }
		2:13|unknown key 'nodes'|defaults: { nodes: 8 }
		2:15|layout 'D', line 1, column |layouts: { D: "int *a;" }
		2:11|protect: 'postgres'|protect: [postgres]
		2:10|protect: expected a list of selectors|protect: { a: b }
		2:1|'audit' needs the key 'file'|audit: { required: true }
		2:29|required: expected true or false, not '1'|audit: { file: a, required: 1 }
		2:8|anchors ('&') are not supported|audit: &x { file: a }
		2:16|aliases ('*') are not supported|audit: { file: *x }
		2:16|tags ('!') are not supported|audit: { file: !!str x }
		2:1|a second document|---\nversion: 1
		2:1|a tab can't stand here; indent with spaces|\tobjects: {}
		2:3|a key must be a word, not a list|? [a]\n: b
		2:41|more than 32 levels deep|objects: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
		2:16|the variable 'VARIABLE' is not set|audit: { file: "${VARIABLE}" }
		2:16|'${' has no '}'|audit: { file: "${VARIABLE" }
		2:16|expected ${NAME} or ${NAME:-TEXT}|audit: { file: "${a b}" }
		2:16|expected a path, journal: or syslog:; there is nothing|audit: { file: }
	END
}

@test "what is wrong with a file is told with its place, what was expected, and the nearest key" {
	n=0
	while IFS='|' read -r place what text; do
		case $text in
		---*) text="version: 1\n$text" ;;
		-*) text=${text#-} ;;
		*) text="version: 1\n$text" ;;
		esac
		printf '%b\n' "$text" >broken.yaml
		run ipcctl check --syntax -P broken.yaml
		assert_failure 2
		[[ "$output" == *"broken.yaml:"*": $what"* ]] || fail "$text: $output"
		n=$((n + 1))
	done < <(broken)
	[ "$n" -ge 60 ]
}

@test "the places are right" {
	: >wrong
	while IFS='|' read -r place what text; do
		case $text in
		---*) text="version: 1\n$text" ;;
		-*) text=${text#-} ;;
		*) text="version: 1\n$text" ;;
		esac
		printf '%b\n' "$text" >broken.yaml
		run ipcctl check --syntax -P broken.yaml
		[[ "$output" == *"broken.yaml:$place: "* ]] || echo "$place|$text|$output" >>wrong
	done < <(broken)
	run cat wrong
	assert_output ""
}

@test "NUL, bytes that are no UTF-8, directories, FIFOs and large files are refused" {
	printf 'version: 1\n\0' >broken.yaml
	run ipcctl check --syntax -P broken.yaml
	assert_failure 2
	assert_output --partial "broken.yaml:2:1: NUL is not allowed"
	printf 'version: "1\\0"\n' >broken.yaml
	run ipcctl check --syntax -P broken.yaml
	assert_failure 2
	assert_output --partial "NUL is not allowed"
	printf 'version: 1\nobjects: \xff\n' >broken.yaml
	run ipcctl check --syntax -P broken.yaml
	assert_failure 2
	assert_output --partial "broken.yaml:2:10: this is no UTF-8"
	run ipcctl check --syntax -P .
	assert_failure 1
	mkfifo fifo
	run ipcctl check --syntax -P fifo
	assert_failure 1
	head -c 1048577 /dev/zero | tr '\0' '#' >large
	run ipcctl check --syntax -P large
	assert_failure 1
	assert_output --partial "over 1 MiB"
}

@test "all errors of a file are told in one go" {
	printf 'version: 3\nobjects:\n  a: { kind: x, name: 4, modde: 8 }\naudit: {}\n' >broken.yaml
	run ipcctl check --syntax -P broken.yaml
	assert_failure 2
	assert_equal "${#lines[@]}" 4
}

# How the processor's time grows with the length: four times the text may take eight times as long.
@test "files made to be slow are read in time that grows with their length alone" {
	require "$PYTHON"
	run "$PYTHON" - <<-'END'
		import os, resource, subprocess
		def cost(text):
		    open("slow.yaml", "w").write(text)
		    best = 9e9
		    for i in range(3):
		        before = resource.getrusage(resource.RUSAGE_CHILDREN)
		        subprocess.run(["ipcctl", "check", "--syntax", "-P", "slow.yaml"], stderr=subprocess.DEVNULL)
		        after = resource.getrusage(resource.RUSAGE_CHILDREN)
		        best = min(best, after.ru_utime - before.ru_utime)
		    return best
		makers = {
		    "brackets": lambda n: "[" * n,
		    "braces": lambda n: "{a: " * (n // 4),
		    "dashes": lambda n: "- " * (n // 2),
		    "questions": lambda n: "? " * (n // 2),
		    "keys": lambda n: "version: 1\n" + "".join(f"k{i}: 1\n" for i in range(n // 10)),
		    "objects": lambda n: "version: 1\nobjects:\n" + "".join(f"  o{i}: {{kind: sem, name: /o{i}}}\n" for i in range(n // 36)),
		    "same": lambda n: "version: 1\nobjects:\n" + "  a: {kind: sem, name: /a}\n" * (n // 28),
		    "quotes": lambda n: 'version: "' + "\\\n" * (n // 2),
		}
		for name, make in makers.items():
		    small, large = cost(make(250000)), cost(make(1000000))
		    if large > 8 * small + 0.1:
		        print(name, small, large)
	END
	assert_output ""
}
