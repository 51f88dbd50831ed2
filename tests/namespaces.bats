# --all-ns and --ns: objects of other IPC namespaces.

load lib

# Starts a process in IPC, mount and pid namespaces of its own, which runs the script and stays. CONTAINER is its pid.
container() { # SCRIPT
	local ready=$BATS_TEST_TMPDIR/ready.${#_BG_PIDS[@]}
	background unshare -imp --fork --kill-child sh -ec "$1
		: >'$ready'
		exec sleep infinity"
	CONTAINER=$BG_PID
	wait_until test -e "$ready"
}

own='mount -t tmpfs tmpfs /dev/shm; mount -t mqueue mqueue /dev/mqueue'

# The number that stands for the IPC namespace of a process.
ns_of() { # PID
	readlink "/proc/$1/ns/ipc" | tr -dc 0-9
}

# The objects of some namespaces: those of the machine are not ours to know.
listed() { # PID|self...
	local pid
	ipcctl ls --all-ns --noheadings -o ns,object --dir "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/listed" 2>/dev/null || true
	for pid; do
		sed -n "s/^ *$(ns_of "$pid") //p" "$BATS_TEST_TMPDIR/listed"
	done
}

may_make_namespaces() {
	[ "$TESTS_AS" = root ] || skip "needs root, of a user namespace at least"
}

@test "ls --all-ns lists its own namespace first, and then each other" {
	may_make_namespaces
	: >/dev/shm/mine
	: >/dev/mqueue/mine
	container "$own; : >/dev/shm/a; : >/dev/mqueue/a"
	a=$CONTAINER
	container "$own; : >/dev/shm/b; head -c 32 /dev/zero >/dev/shm/sem.b; ipcctl mq create key:0x77"
	b=$CONTAINER
	assert_equal "$(listed self | sort)" $'mq:/mine\nshm:/mine'
	assert_equal "$(listed "$a" | sort)" $'mq:/a\nshm:/a'
	assert_equal "$(listed "$b" | sort)" $'mq:key:0x00000077\nsem:/b\nshm:/b'
	run --separate-stderr ipcctl ls --all-ns --dir "$BATS_TEST_TMPDIR"
	assert_success
	assert_line --index 0 --regexp ' NS +NS_PID +CONTAINER$'
	assert_line --index 1 --regexp "^mq:/mine .* $(ns_of self) +- -$"
	assert_line --index 2 --regexp "^shm:/mine .* $(ns_of self) +- -$"
	assert_line --regexp "^mq:/a .* $(ns_of "$a") +$a "
	assert_line --regexp "^sem:/b .* $(ns_of "$b") +$b "
}

@test "ls -J has the number of the namespace, and of another one a process" {
	may_make_namespaces
	: >/dev/shm/mine
	container "$own; : >/dev/shm/a"
	ipcctl ls --all-ns -J --dir "$BATS_TEST_TMPDIR" 2>/dev/null >"$BATS_TEST_TMPDIR/json"
	run "$PYTHON" -c "import json, sys
rows = {o['object']: o for o in json.load(open(sys.argv[1]))}
assert rows['shm:/mine']['ns'] == $(ns_of self), rows
assert 'ns_pid' not in rows['shm:/mine'] and 'container' not in rows['shm:/mine'], rows
assert rows['shm:/a']['ns'] == $(ns_of "$CONTAINER") and rows['shm:/a']['ns_pid'] == $CONTAINER, rows
" "$BATS_TEST_TMPDIR/json"
	assert_success
}

@test "queues are found where no queue file system is mounted, and where another namespace's is" {
	may_make_namespaces
	: >/dev/mqueue/mine
	container 'ipcctl mq create /hidden; umount -l /dev/mqueue'
	a=$CONTAINER
	container 'ipcctl mq create /behind'
	b=$CONTAINER
	assert_equal "$(listed self)" mq:/mine
	assert_equal "$(listed "$a")" mq:/hidden
	assert_equal "$(listed "$b")" mq:/behind
	assert_equal "$(ipcctl ls --names --ns "$b" mq)" mq:/behind
}

@test "a /dev/shm that namespaces have in common is listed once, and is there for each with --ns" {
	may_make_namespaces
	: >/dev/shm/common
	container 'ipcctl shm create key:0x71 --size 10'
	assert_equal "$(listed self "$CONTAINER")" $'shm:/common\nshm:key:0x00000071'
	assert_equal "$(ipcctl ls --names --ns "$CONTAINER")" $'shm:/common\nshm:key:0x00000071'
}

@test "a /dev/shm that is a symbolic link is not followed, and the rest is listed" {
	may_make_namespaces
	mkdir "$BATS_TEST_TMPDIR/secret"
	: >"$BATS_TEST_TMPDIR/secret/victim"
	# shellcheck disable=SC2016
	container "mount -t tmpfs tmpfs /dev; ln -s '$BATS_TEST_TMPDIR/secret' /dev/shm; : 2>&- >/dev/null
		ipcctl shm create key:0x72 --size 10; ipcctl mq create /q"
	run ipcctl ls --ns "$CONTAINER" --names
	assert_failure 1
	assert_line "mq:/q"
	assert_line "shm:key:0x00000072"
	assert_line "ipcctl ls: cannot list every POSIX shared memory object: It is a symbolic link"
	refute_line --partial victim
	run ipcctl rm -y --ns "$CONTAINER" 'shm:/*'
	assert_failure 1
	assert [ -e "$BATS_TEST_TMPDIR/secret/victim" ]
}

@test "a directory of this machine that is mounted at another's /dev/shm is not taken for it" {
	may_make_namespaces
	: >/run/victim
	for source in /run "$XDG_RUNTIME_DIR"; do
		container "mount --bind '$source' /dev/shm; ipcctl mq create /q"
		run ipcctl ls --ns "$CONTAINER" --names
		assert_failure 1
		assert_line "mq:/q"
		assert_line "ipcctl ls: cannot list every POSIX shared memory object: Something else has this name"
		run ipcctl rm -f --ns "$CONTAINER" shm:/victim
		assert_failure 1
		assert [ -e /run/victim ]
	done
}

@test "a /dev/shm that is no tmpfs is not taken for shared memory" {
	may_make_namespaces
	container "mount -t proc proc /dev/shm; ipcctl mq create /q"
	run ipcctl ls --ns "$CONTAINER" --names
	assert_failure 1
	assert_line "mq:/q"
	refute_line --partial shm:/
}

@test "a namespace without /dev/shm has no POSIX segments, and that is no error" {
	may_make_namespaces
	container "mount -t tmpfs tmpfs /dev; ipcctl mq create /q"
	run --separate-stderr ipcctl ls --ns "$CONTAINER" --names
	assert_success
	assert_output "mq:/q"
	run ipcctl stat --ns "$CONTAINER" shm:/x
	assert_failure 3
}

@test "System V objects with the same identifier are told apart" {
	may_make_namespaces
	ipcctl shm create key:0x73 --size 10
	ipcctl mq create key:0x73
	container 'ipcctl shm create key:0x74 --size 20; ipcctl mq create key:0x74'
	assert_equal "$(ipcctl ls --noheadings -o id key:0x73)" "$(ipcctl ls --noheadings -o id --ns "$CONTAINER" key:0x74)"
	id=$(ipcctl ls --noheadings -o id shm:key:0x73 | tr -d ' ')
	run ipcctl ls --noheadings --bytes -o object,size --ns "$CONTAINER" "shm:id:$id"
	assert_output --regexp '^shm:key:0x00000074 +20$'
	run ipcctl rm --ns "$CONTAINER" "shm:id:$id"
	assert_success
	assert_equal "$(listed self "$CONTAINER" | sort)" $'mq:key:0x00000073\nmq:key:0x00000074\nshm:key:0x00000073'
}

@test "rm --ns removes there and nowhere else, one by one and in bulk" {
	may_make_namespaces
	: >/dev/shm/same
	: >/dev/mqueue/same
	head -c 32 /dev/zero >/dev/shm/sem.same
	ipcctl sem create key:0x75
	container "$own; : >/dev/shm/same; : >/dev/mqueue/same; head -c 32 /dev/zero >/dev/shm/sem.same; ipcctl sem create key:0x75"
	a=$CONTAINER
	container "$own; : >/dev/shm/same; : >/dev/mqueue/same; head -c 32 /dev/zero >/dev/shm/sem.same; ipcctl sem create key:0x75"
	b=$CONTAINER
	all=$'mq:/same\nsem:/same\nsem:key:0x00000075\nshm:/same'
	run ipcctl rm --ns "$a" mq:/same shm:/same sem:/same sem:key:0x75
	assert_success
	assert_equal "$(listed self)" "$all"
	assert_equal "$(listed "$a")" ""
	assert_equal "$(listed "$b")" "$all"
	run ipcctl rm -y --ns "$b" '*'
	assert_success
	assert_equal "$(listed self)" "$all"
	assert_equal "$(listed "$b")" ""
}

@test "names that ls --ns prints are those that rm --ns takes" {
	may_make_namespaces
	: >/dev/shm/x
	container "$own; : >/dev/shm/x; : >/dev/mqueue/x; ipcctl sem create key:private"
	ipcctl ls --names --ns "$CONTAINER" | ipcctl rm -y --ns "$CONTAINER" -
	assert_equal "$(listed "$CONTAINER")" ""
	assert [ -e /dev/shm/x ]
}

@test "what is in use elsewhere is live, and stays" {
	may_make_namespaces
	container "$own; : >/dev/shm/held; exec 8</dev/shm/held"
	run ipcctl rm --ns "$CONTAINER" shm:/held
	assert_failure 1
	assert_output --partial "cannot remove segment 'shm:/held': it is in use"
	run ipcctl ls --noheadings -o state --ns "$CONTAINER" shm:/held
	assert_output live
}

@test "who has an object elsewhere is seen, of queues too" {
	may_make_namespaces
	: >/dev/mqueue/q
	container "$own; ipcctl shm create key:0x76 --size 10; : >/dev/shm/s"
	background nsenter -t "$CONTAINER" -i -m ipcctl mq recv --create /q
	reader=$BG_PID
	wait_until is_in_syscall "$reader" mq_timedreceive
	background nsenter -t "$CONTAINER" -m "$PYTHON" -c "import mmap, os, signal
f = os.open('/dev/shm/s', os.O_RDWR); os.ftruncate(f, 10); m = mmap.mmap(f, 10); os.close(f); signal.pause()"
	mapper=$BG_PID
	wait_until is_in_syscall "$mapper" pause
	run ipcctl ls --all-ns --noheadings -o object,holders,state,ns --dir "$BATS_TEST_TMPDIR"
	assert_line --regexp "^mq:/q +0\+? idle +$(ns_of self)$"
	assert_line --regexp "^mq:/q +1\+? live +$(ns_of "$CONTAINER")$"
	assert_line --regexp "^shm:/s +1\+? live +$(ns_of "$CONTAINER")$"
	run ipcctl stat --ns "$CONTAINER" mq:/q shm:/s
	assert_line --regexp "^ +$reader .* \(fd, blocked\)$"
	assert_line --regexp "^ +$mapper .* \((fd, )?map\)$"
	run ipcctl rm --ns "$CONTAINER" mq:/q
	assert_failure 1
	assert_output --partial "it is in use: $reader"
}

@test "who has a System V object is told apart from who has one with the same identifier elsewhere" {
	may_make_namespaces
	# In a new namespace the kernel counts from 0.
	container 'ipcctl shm create key:0x78 --size 10; ipcctl mq create key:0x78'
	other=$CONTAINER
	container 'ipcctl shm create key:0x78 --size 10; ipcctl mq create key:0x78'
	assert_equal "$(ipcctl ls --noheadings -o id --ns "$other" key:0x78)" "$(ipcctl ls --noheadings -o id --ns "$CONTAINER" key:0x78)"
	background nsenter -t "$CONTAINER" -i "$PYTHON" -c "import sysv_ipc, signal
m = sysv_ipc.SharedMemory(0x78); signal.pause()"
	attached=$BG_PID
	wait_until is_in_syscall "$attached" pause
	background nsenter -t "$CONTAINER" -i "$PYTHON" -c "import sysv_ipc
sysv_ipc.MessageQueue(0x78).receive()"
	waiting=$BG_PID
	wait_until is_in_syscall "$waiting" msgrcv
	run ipcctl stat --ns "$other" shm:key:0x78 mq:key:0x78
	refute_line --partial " $attached "
	refute_line --partial " $waiting "
	run ipcctl stat --ns "$CONTAINER" shm:key:0x78 mq:key:0x78
	assert_line --regexp " $attached .*\\(attach\\)"
	assert_line --regexp " $waiting .*\\(blocked\\)"
	refute [ "$(ipcctl ls --noheadings -o state --ns "$other" shm:key:0x78)" = live ]
	assert_equal "$(ipcctl ls --noheadings -o state --ns "$CONTAINER" shm:key:0x78)" live
}

@test "stat, chmod, chown and wait act in the namespace of --ns" {
	may_make_namespaces
	: >/dev/shm/x
	container "$own; : >/dev/shm/x; ipcctl mq create /x -m 0600"
	run ipcctl chmod --ns "$CONTAINER" 0640 shm:/x mq:/x
	assert_success
	assert_equal "$(ipcctl ls --noheadings -o mode --ns "$CONTAINER" shm:/x mq:/x)" $'0640\n0640'
	assert_equal "$(ipcctl ls --noheadings -o mode shm:/x)" 0644
	run ipcctl chown --ns "$CONTAINER" 0:0 shm:/x
	assert_success
	run ipcctl wait --ns "$CONTAINER" mq:/x --for empty -t 10s
	assert_success
	background ipcctl wait --ns "$CONTAINER" shm:/x --for gone -t 10s
	ipcctl rm --ns "$CONTAINER" shm:/x
	finish
	assert_success
	run ipcctl stat --ns "$CONTAINER" mq:/x
	assert_line --regexp "^Ns: +$(ns_of "$CONTAINER")$"
	assert_line --regexp "^Ns pid: +$CONTAINER$"
}

@test "the process of --ns may be in the same namespace, with another /dev/shm" {
	may_make_namespaces
	: >/dev/shm/outside
	: >/dev/mqueue/q
	background unshare -m sh -c "mount -t tmpfs tmpfs /dev/shm; : >/dev/shm/inside; : >'$BATS_TEST_TMPDIR/ready'; exec sleep infinity"
	wait_until test -e "$BATS_TEST_TMPDIR/ready"
	assert_equal "$(ipcctl ls --names --ns "$BG_PID")" $'mq:/q\nshm:/inside'
}

@test "FIFOs and sockets belong to no IPC namespace: they are listed once, and --ns refuses them" {
	may_make_namespaces
	mkfifo "$XDG_RUNTIME_DIR/f"
	container "$own; : >/dev/shm/a"
	run --separate-stderr ipcctl ls --all-ns --noheadings -o object --dir "$XDG_RUNTIME_DIR" fifo sock
	assert_output "fifo:$XDG_RUNTIME_DIR/f"
	run ipcctl rm --ns "$CONTAINER" "fifo:$XDG_RUNTIME_DIR/f"
	assert_failure 2
	assert_output --partial "belongs to no IPC namespace"
	assert [ -p "$XDG_RUNTIME_DIR/f" ]
	run ipcctl stat --ns "$CONTAINER" /a
	assert_success
}

@test "rm --all-ns, and names of all namespaces, are refused with what to say instead" {
	: >/dev/shm/x
	run ipcctl rm --all-ns -y 'shm:*'
	assert_failure 2
	assert_output --partial "say which with --ns PID"
	assert [ -e /dev/shm/x ]
	run ipcctl rm --help
	refute_output --partial all-ns
	run ipcctl ls --all-ns --names
	assert_failure 2
	assert_output --partial "--names and --all-ns exclude each other"
	run ipcctl ls --all-ns --ns $$
	assert_failure 2
	run ipcctl ls --ns 0
	assert_failure 2
	run ipcctl ls --ns 99999999999
	assert_failure 2
}

@test "--ns of a process that is not there fails with status 3" {
	background true
	finish
	run ipcctl ls --ns "$BG_PID"
	assert_failure 3
	assert_output "ipcctl ls: cannot find process $BG_PID"
	run ipcctl rm -y --ns "$BG_PID" 'shm:*'
	assert_failure 3
}

@test "a namespace that vanishes while others are listed is left out without an error" {
	may_make_namespaces
	container "$own; for i in \$(seq 400); do : >/dev/shm/a\$i; done"
	a=$CONTAINER
	container "$own; : >/dev/shm/b.$$"
	b=$CONTAINER
	mkfifo "$BATS_TEST_TMPDIR/out"
	# The reader holds the list up in the first namespace.
	exec {reader}<>"$BATS_TEST_TMPDIR/out"
	background sh -c 'exec ipcctl ls -J --all-ns shm >"$1"' sh "$BATS_TEST_TMPDIR/out"
	ls=$BG_PID
	wait_until is_in_syscall "$ls" write
	_kill_tree "$b"
	cat <"$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/all" 3>&- {reader}>&- &
	exec {reader}>&-
	finish "$ls"
	wait $!
	assert_equal "$status" 0
	run grep -c "\"ns_pid\": ${a}[,}]" "$BATS_TEST_TMPDIR/all"
	assert_output 400
	refute grep -q "shm:/b.$$\"" "$BATS_TEST_TMPDIR/all"
}

@test "a namespace without a process is listed where a mount keeps it, by its place" {
	may_make_namespaces
	mkdir "$BATS_TEST_TMPDIR/a b"
	kept="$BATS_TEST_TMPDIR/a b/ns"
	: >"$kept"
	container "$own; ipcctl mq create /kept.$$; ipcctl mq create key:0x79; : >/dev/shm/gone.$$"
	number=$(ns_of "$CONTAINER")
	mount --bind "/proc/$CONTAINER/ns/ipc" "$kept" || skip "namespaces can't be mounted here"
	reap_background
	: >/dev/shm/mine
	run --separate-stderr ipcctl ls --all-ns --noheadings -o object,ns,ns_pid,container --dir "$BATS_TEST_TMPDIR"
	assert_line --regexp "^mq:/kept.$$ +$number +- $kept$"
	assert_line --regexp "^mq:key:0x00000079 +$number +- $kept$"
	assert_line --regexp "^shm:/mine +$(ns_of self) +- -$"
	refute_line --partial "shm:/gone.$$"
	# What covers it is no namespace, and is not opened.
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	background sh -c "exec 3>'$BATS_TEST_TMPDIR/fifo'; : >'$BATS_TEST_TMPDIR/woken'"
	wait_until is_in_syscall "$BG_PID" openat
	mount --bind "$BATS_TEST_TMPDIR/fifo" "$kept"
	run --separate-stderr timeout 20 ipcctl ls --all-ns --noheadings -o object --dir "$BATS_TEST_TMPDIR"
	assert_success
	refute_line --partial "mq:/kept.$$"
	is_in_syscall "$BG_PID" openat
	[ ! -e "$BATS_TEST_TMPDIR/woken" ]
	umount "$kept"
	umount "$kept"
}

@test "when the oldest process has ended, another one leads to the namespace" {
	may_make_namespaces
	container "$own; for i in \$(seq 400); do : >/dev/shm/a\$i; done"
	container "$own; : >/dev/shm/b.$$"
	b=$CONTAINER
	background nsenter -t "$b" -m -i sh -c ": >'$BATS_TEST_TMPDIR/second'; exec sleep infinity"
	second=$BG_PID
	wait_until test -e "$BATS_TEST_TMPDIR/second"
	mkfifo "$BATS_TEST_TMPDIR/out"
	exec {reader}<>"$BATS_TEST_TMPDIR/out"
	background sh -c 'exec ipcctl ls -J --all-ns shm >"$1"' sh "$BATS_TEST_TMPDIR/out"
	ls=$BG_PID
	wait_until is_in_syscall "$ls" write
	_kill_tree "$b"
	wait_until _has_ended "$b"
	cat <"$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/all" 3>&- {reader}>&- &
	exec {reader}>&-
	finish "$ls"
	wait $!
	assert_equal "$status" 0
	run grep "shm:/b.$$\"" "$BATS_TEST_TMPDIR/all"
	assert_output --partial "\"ns_pid\": $second"
}

@test "where a namespace can't be entered or left, nothing is done in another one" {
	require_root
	ipcctl shm create key:0x7a --size 10
	ipcctl mq create /wrong
	container "$own; ipcctl shm create key:0x7a --size 10; ipcctl mq create /wrong; : >/dev/shm/a.$$"
	for k in 1 2 3; do
		ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run strace -qq -f -o /dev/null -e trace=setns -e "inject=setns:error=EPERM:when=$k+" \
			ipcctl ls --all-ns --noheadings -o ns,object --dir "$BATS_TEST_TMPDIR"
		assert_failure
		# Whatever is listed is listed where it is.
		refute_line --regexp "^$(ns_of self) +.*/a.$$"
		assert_equal "$(grep -c "^$(ns_of self) *shm:key:0x0000007a" <<<"$output")" 1
		ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run strace -qq -f -o /dev/null -e trace=setns -e "inject=setns:error=EPERM:when=$k+" \
			ipcctl rm --ns "$CONTAINER" shm:key:0x7a mq:/wrong
		[ $k -gt 1 ] || assert_failure 5
		assert_equal "$(ipcctl ls --names shm mq)" $'mq:/wrong\nshm:key:0x0000007a'
	done
}

@test "a process that has ended and was not waited for leads to no namespace" {
	may_make_namespaces
	: >/dev/shm/mine
	background "$PYTHON" -c 'import os, signal
print(os.fork() or os._exit(0), flush=True)
signal.pause()'
	wait_until test -s "$BG_OUT"
	zombie=$(cat "$BG_OUT")
	wait_until grep -q '^State:.Z' "/proc/$zombie/status"
	run ipcctl rm --ns "$zombie" shm:/mine
	assert_failure 3
	assert_output "ipcctl rm: cannot find process $zombie"
	assert [ -e /dev/shm/mine ]
}

@test "the control group of its process names the container" {
	may_make_namespaces
	container "$own; : >/dev/shm/a"
	printf '0::/lxc.payload.web\033[31m/system.slice/x.service\n' >"$BATS_TEST_TMPDIR/cgroup"
	mount --bind "$BATS_TEST_TMPDIR/cgroup" "/proc/$CONTAINER/cgroup"
	run ipcctl ls --noheadings -o container --ns "$CONTAINER" shm
	umount "/proc/$CONTAINER/cgroup"
	assert_success
	assert_output 'lxc:web\x1b[31m' # escaped, so that no terminal obeys it
}

@test "who may not enter is told so, with a hint, and his own objects are listed" {
	require_user
	: >/dev/shm/mine
	background unshare -Uri sh -c ": >'$BATS_TEST_TMPDIR/ready'; exec sleep infinity"
	wait_until test -e "$BATS_TEST_TMPDIR/ready"
	run ipcctl ls --ns "$BG_PID"
	assert_failure 5
	assert_line --index 0 "ipcctl ls: cannot enter the IPC namespace of process $BG_PID: Operation not permitted"
	assert_line --index 1 --partial "hint: it takes CAP_SYS_ADMIN"
	run ipcctl rm --ns "$BG_PID" shm:/mine
	assert_failure 5
	assert [ -e /dev/shm/mine ]
	run ipcctl ls --all-ns --noheadings -o object
	assert_failure 5
	assert_line --regexp '^shm:/mine'
	assert_line --partial "cannot enter IPC namespace $(ns_of "$BG_PID") of process $BG_PID: Operation not permitted"
}

@test "in a user namespace an ordinary user goes through the namespaces that belong to it" {
	require_user
	# shellcheck disable=SC2016
	run unshare -Urim sh -c '
		mount -t tmpfs tmpfs /dev/shm
		: >/dev/shm/outer
		unshare -im sh -c "mount -t tmpfs tmpfs /dev/shm; : >/dev/shm/inner; ipcctl mq create /inner; : >$1; exec sleep infinity" &
		until [ -e "$1" ]; do sleep 0.01; done
		ipcctl ls --all-ns --noheadings -o object --dir "$2" 2>/dev/null
		ipcctl rm --ns $! shm:/inner && ipcctl ls --names --ns $!
		kill $!' sh "$BATS_TEST_TMPDIR/ready" "$BATS_TEST_TMPDIR"
	assert_success
	assert_output $'shm:/outer\nmq:/inner\nshm:/inner\nmq:/inner'
}

@test "where there is no way back, all namespaces are not gone through, and one can be acted in" {
	require_user
	# The user namespace owns the other IPC namespace, but not the present one.
	# shellcheck disable=SC2016
	run unshare -Ur sh -c '
		unshare -i sh -c "ipcctl mq create /inner; : >$1; exec sleep infinity" &
		until [ -e "$1" ]; do sleep 0.01; done
		ipcctl ls --all-ns --noheadings -o object --dir "$2"
		echo "status $?"
		ipcctl stat --ns $! mq:/inner
		kill $!' sh "$BATS_TEST_TMPDIR/ready" "$BATS_TEST_TMPDIR"
	assert_line --regexp 'cannot enter IPC namespace .*: Operation not permitted'
	assert_line "status 5"
	assert_line --regexp "^Object: +mq:/inner$"
}
