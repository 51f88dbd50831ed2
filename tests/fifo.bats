# FIFOs: ipcctl fifo, and their rows in ls, stat and rm.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	F=$BATS_TEST_TMPDIR/f
}

field() { # KEY SELECTOR
	ipcctl stat -J "$2" | jq -c ".[0].$1"
}

# Whether a process waits in open(2) for the other side.
is_opening() { # PID
	[ "$(cat "/proc/$1/wchan")" = wait_for_partner ]
}

# --- create ----------------------------------------------------------------------------------

@test "create makes a FIFO with mode 0600 unless told, exactly the mode that is asked for" {
	ipcctl fifo create f
	assert_equal "$(stat -c '%F %a' f)" "fifo 600"
	for mode in 0 0777 0620 4000; do
		(umask 077 && ipcctl fifo create --mode $mode m.$mode)
		assert_equal "$(stat -c %a m.$mode)" "$((10#$mode))"
	done
}

@test "create with a default ACL in the directory still gives the mode that is asked for" {
	require setfacl
	setfacl -d -m u::rw,g::r,o::- . || skip "the file system has no ACLs"
	ipcctl fifo create --mode 0666 f
	assert_equal "$(stat -c %a f)" 666
}

@test "create gives it the owner that is asked for, and never shows it before it has him" {
	require_root
	ipcctl fifo create --owner "$TESTER:$TESTER2" --mode 0640 f
	assert_equal "$(stat -c '%u %g %a' f)" "$TESTER $TESTER2 640"
	assert_equal "$(ls -A)" f
	run strace -qq -e trace=mknodat,chown,fchownat,chmod,renameat2,linkat -o trace ipcctl fifo create --owner "$TESTER" g
	assert_success
	assert_equal "$(sed 's/(.*//' trace | paste -sd ' ')" "mknodat fchownat chmod renameat2"
}

@test "create refuses what is there and is no FIFO, a link to one too" {
	echo data >file
	run ipcctl fifo create file
	assert_failure 1
	assert_output --partial "cannot create FIFO 'file': It is something else that has the name"
	mkfifo f && ln -s f link && ln -s nowhere dangling
	for name in link dangling; do
		run ipcctl fifo create $name
		assert_failure 1
		assert_output --partial "cannot create FIFO '$name': It is a symbolic link"
	done
	assert_equal "$(cat file)" data
	[ ! -e nowhere ]
}

@test "create of one that exists agrees with it, or says what differs" {
	ipcctl fifo create --mode 0640 f
	ipcctl fifo create f
	ipcctl fifo create --mode 0640 f
	run ipcctl fifo create --mode 0600 f
	assert_failure 1
	assert_output --partial "FIFO 'f' exists with mode 0640, not 0600"
	run ipcctl fifo create --exclusive f
	assert_failure 1
}

@test "create fills in a unique name and prints it" {
	run ipcctl fifo create ./x.XXXXXX
	assert_success
	assert_output --regexp '^fifo:\./x\.[a-z0-9]{6}$'
	[ -p "${output#fifo:}" ]
}

@test "create in a directory that is not there, or that is closed, says so" {
	run ipcctl fifo create none/f
	assert_failure 3
	require_user
	mkdir -m 0500 closed
	run ipcctl fifo create closed/f
	assert_failure 5
}

# --- ls, stat, rm ----------------------------------------------------------------------------

@test "ls finds FIFOs four levels deep in /run, /tmp and XDG_RUNTIME_DIR, once each" {
	mkdir -p /tmp/a/b/c/d
	mkfifo /tmp/1 /tmp/a/b/c/4 /tmp/a/b/c/d/5 "$XDG_RUNTIME_DIR/r"
	run ipcctl ls --names fifo
	rm -r /tmp/1 /tmp/a
	assert_line fifo:/tmp/1
	assert_line fifo:/tmp/a/b/c/4
	assert_equal "$(grep -c "^fifo:$XDG_RUNTIME_DIR/r\$" <<<"$output")" 1
	refute_line fifo:/tmp/a/b/c/d/5
}

@test "--dir says where to look instead, and has to be there" {
	mkdir -p one/deep two
	mkfifo one/deep/a two/b /tmp/c
	run ipcctl ls --names --dir one --dir "$PWD/two" fifo
	rm /tmp/c
	assert_success
	assert_equal "$(LC_ALL=C sort <<<"$output")" "fifo:./one/deep/a
fifo:$PWD/two/b"
	run ipcctl rm --dir one --dry-run 'fifo:*'
	assert_output --partial fifo:./one/deep/a
	run ipcctl stat --dir one 'fifo:*'
	assert_output --partial fifo:./one/deep/a
	run ipcctl ls --dir none
	assert_failure 3
	assert_output --partial "cannot look into directory 'none': No such file or directory"
}

@test "ls does not look across a mount" {
	require_root
	mkdir -p d/mount
	mkfifo d/f
	unshare -m sh -c 'mount -t tmpfs tmpfs d/mount && mkfifo d/mount/f && mount --bind d d && ipcctl ls --names --dir d fifo' >out
	assert_equal "$(cat out)" fifo:./d/f
}

@test "ls shows a FIFO that a process has open wherever it is, by its path" {
	mkdir -p 1/2/3/4/5
	mkfifo 1/2/3/4/5/f
	background sleep 60 <>1/2/3/4/5/f
	run ipcctl ls --names fifo
	assert_line "fifo:$PWD/1/2/3/4/5/f"
	assert_equal "$(field state "fifo:$PWD/1/2/3/4/5/f")" '"live"'
}

@test "stat names who has it open, and who waits to open it" {
	mkfifo f g
	background sleep 60 <>f
	open=$BG_PID
	background cat g
	wait_until is_opening "$BG_PID"
	assert_equal "$(ipcctl stat -J fifo:f | jq -r '.[0].holders[] | "\(.pid) \(.how)"')" "$open read+write"
	assert_equal "$(ipcctl stat -J fifo:g | jq -r '.[0].holders[] | "\(.pid) \(.how)"')" "$BG_PID blocked"
	run ipcctl stat fifo:g
	assert_line --regexp 'State: +live'
	assert_line --regexp 'Evidence: +a process waits to open it'
}

@test "looking at a FIFO disturbs nobody who waits at it" {
	mkfifo f g
	background cat f
	reader=$BG_PID
	background sh -c 'echo hello >g'
	wait_until is_opening "$reader"
	wait_until is_opening "$BG_PID"
	ipcctl ls >/dev/null
	ipcctl stat fifo:f fifo:g >/dev/null
	run ipcctl rm fifo:f
	assert_failure 1
	is_opening "$reader"
	is_opening "$BG_PID"
	assert_equal "$(cat g)" hello
}

@test "rm refuses a FIFO that is in use, names who has it, and leaves its name alone" {
	mkfifo f
	background sleep 60 <>f
	run ipcctl rm fifo:f
	assert_failure 1
	assert_output --partial "it is in use: $BG_PID sleep 60"
	[ -p f ]
	ipcctl rm -f fifo:f
	[ ! -e f ]
}

@test "rm never takes what is no FIFO" {
	echo data >file
	mkfifo f && ln -s f link
	for name in file link; do
		run ipcctl rm -f fifo:$name
		assert_failure 1
	done
	[ -f file ] && [ -L link ] && [ -p f ]
}

@test "a plain name that is another sort of file is no FIFO, and no error" {
	: >/tmp/plain
	ipcctl shm create /tmp --size 1 # the directory /tmp has this name too
	run ipcctl stat /tmp
	rm /tmp/plain
	assert_success
	assert_output --partial "shm:/tmp"
	refute_output --partial fifo
}
