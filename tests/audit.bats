# --audit: every use of an object on record, and log, which shows it.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export IPCCTL_AUDIT=$PWD/log
}

# "event object count bytes result" of each line, in its order.
events() { # [FILE]
	jq -r '[.event, .object, .count, .bytes, .result] | map(tostring) | join(" ")' "${1:-log}"
}

# What one command recorded.
recorded() { # COMMAND...
	rm -f log
	run "$@" </dev/null
	[ ! -e log ] || events
}

# --- a line for each use ------------------------------------------------------------------------------

@test "each verb leaves one line for each object it used, for success and for failure" {
	assert_equal "$(recorded ipcctl mq create /q)" "create mq:/q 1 0 ok"
	assert_equal "$(recorded ipcctl mq create /q)" ""
	assert_equal "$(recorded ipcctl mq send /q one three)" "send mq:/q 2 8 ok"
	assert_equal "$(recorded ipcctl mq recv /q)" "receive mq:/q 1 3 ok"
	ipcctl mq create key:7
	assert_equal "$(recorded ipcctl mq move /q key:7)" "receive mq:/q 1 5 ok
send mq:key:0x00000007 1 5 ok"
	assert_equal "$(recorded ipcctl mq recv --nonblock /q)" "receive mq:/q 0 0 ok"
	assert_equal "$(recorded ipcctl mq send /none x)" "send mq:/none 0 0 ENOENT"
	assert_equal "$(recorded ipcctl shm create /s --size 16)" "create shm:/s 1 0 ok"
	assert_equal "$(recorded ipcctl shm write /s hello)" "change shm:/s 1 5 ok"
	assert_equal "$(recorded ipcctl shm read /s)" "open shm:/s 1 16 ok"
	assert_equal "$(recorded ipcctl sem create /l --value 2)" "create sem:/l 1 0 ok"
	assert_equal "$(recorded ipcctl sem wait /l)" "change sem:/l 1 0 ok"
	assert_equal "$(recorded ipcctl sem post /l)" "change sem:/l 1 0 ok"
	assert_equal "$(recorded ipcctl sem get /none)" "open sem:/none 0 0 ENOENT"
	assert_equal "$(recorded ipcctl chmod 0640 shm:/s)" "change shm:/s 1 0 ok"
	assert_equal "$(recorded ipcctl rm -f shm:/s sem:/l)" "remove sem:/l 1 0 ok
remove shm:/s 1 0 ok"
	assert_equal "$(recorded ipcctl ls)" ""
}

@test "a server records who connects and who is refused" {
	background ipcctl sock serve --deny all --ready-fd 5 ./x.sock 5>ready
	wait_until test -s ready
	ipcctl --audit other sock connect x.sock hello || true
	wait_until grep -q '"deny"' log
	kill -TERM "$BG_PID"
	finish
	assert_equal "$(jq -c 'select(.event == "deny") | [.object, .peer_uid]' log)" "[\"sock:./x.sock\",$(id -u)]"
	run events other
	assert_line --regexp '^connect sock:x.sock 1 '
}

@test "a line has all its keys" {
	ipcctl sem create /l
	run jq -c 'keys' log
	assert_output '["boot_id","bytes","command","count","event","gid","object","pid","ppid","result","time","uid","user"]'
	run jq -r '[.uid, .gid, .command, .boot_id, .ppid] | map(tostring) | join(" ")' log
	assert_output "$(id -u) $(id -g) ipcctl sem create $(cat /proc/sys/kernel/random/boot_id) $BATS_ROOT_PID" ||
		assert_output --regexp "^$(id -u) $(id -g) ipcctl sem create $(cat /proc/sys/kernel/random/boot_id) [0-9]+$"
	run jq -r .time log
	assert_output --regexp '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z$'
	assert_equal "$(stat -c %a log)" 600
}

@test "--audit-each records each message" {
	ipcctl mq create /q
	rm log
	ipcctl mq send --audit-each /q a bb ccc
	run events
	assert_output "send mq:/q 1 1 ok
send mq:/q 1 2 ok
send mq:/q 1 3 ok"
}

# --- many, and hostile --------------------------------------------------------------------------------

@test "16 processes that write 1000 lines each tear nothing" {
	ipcctl mq create /q --max-messages 10 --message-size 8
	rm log
	for i in {1..8}; do
		yes x | head -n 1000 | IPCCTL_AUDIT=$PWD/log ipcctl mq send --audit-each /q 3>&- &
		ipcctl mq recv -n 1000 --audit-each /q >/dev/null 3>&- &
	done
	wait
	jq -c "[.event,.count,.result]" log | sort | uniq -c >&2; assert_equal "$(wc -l <log)" 16000
	assert_equal "$(jq -c .event log | sort | uniq -c | tr -s ' ')" ' 8000 "receive"
 8000 "send"'
}

@test "names and data can't forge a line" {
	name=$'/a"}\n{"time":"x'
	ipcctl shm create "$name" --size 30
	ipcctl shm write "$name" $'\n{"event":"forged"}\n'
	assert_equal "$(wc -l <log)" 2
	assert_equal "$(jq -r .object log | sort -u)" 'shm:/a"}\n{"time":"x'
}

@test "a symbolic link, a file of another user, a FIFO and a full disk: a warning once, and it is done" {
	ipcctl sem create /l
	ln -s log link
	mkfifo fifo
	mkdir directory
	ln log second
	for target in link fifo directory second /dev/full nowhere/log; do
		run ipcctl --audit "$target" sem post /l
		assert_success
		assert_line --regexp "ipcctl sem post: what is done is not recorded: cannot write the audit log '$target': .*"
		assert_equal "${#lines[@]}" 1
	done
	assert_equal "$(ipcctl sem get /l)" 7
}

@test "with required: true what can't be recorded is not done" {
	ipcctl sem create /l
	unset IPCCTL_AUDIT
	printf 'version: 1\naudit: { file: must.log, required: true }\n' >p.yaml
	export IPCCTL_PROFILE=$PWD/p.yaml
	ipcctl sem post /l
	run events must.log
	assert_output "change sem:/l 1 0 begin
change sem:/l 1 0 ok"
	rm must.log
	ln -s log must.log
	run ipcctl sem post /l
	assert_failure 1
	assert_line "ipcctl sem post: cannot write the audit log '$PWD/must.log': it is a symbolic link"
	# Not by another log of the caller's, either.
	run ipcctl --audit other sem post /l
	assert_failure 1
	run ipcctl rm -f sem:/l
	assert_failure 1
	assert_equal "$(ipcctl sem get --audit other /l || true)" ""
	unset IPCCTL_PROFILE
	assert_equal "$(ipcctl sem get /l)" 2
}

@test "a full disk tears no line of those that follow" {
	require_root
	mkdir full
	mount -t tmpfs -o size=8k tmpfs full
	ipcctl sem create /l
	ipcctl --audit full/log sem post /l
	while ipcctl --audit full/log sem post /l 2>err && [ ! -s err ]; do :; done
	grep -q "No space left on device" err
	mount -o remount,size=1m full
	ipcctl --audit full/log sem post /l
	run ipcctl log --lines full/log
	assert_success
	assert_equal "$(tail -n 1 full/log | jq -r .result)" ok
	umount full
}

@test "mode and group of a new file are those of the profile" {
	printf 'version: 1\naudit: { file: shared.log, mode: 0640 }\n' >p.yaml
	env -u IPCCTL_AUDIT ipcctl -P p.yaml sem create /l
	assert_equal "$(stat -c %a shared.log)" 640
}

@test "a log that is renamed meanwhile is followed by who writes it" {
	background ipcctl sock serve --ready-fd 5 ./x.sock cat 5>ready
	wait_until test -s ready
	ipcctl --audit other sock connect x.sock one
	wait_until grep -q connect log
	mv log log.1
	ipcctl --audit other sock connect x.sock two
	wait_until grep -q connect log
	kill -TERM "$BG_PID"
	finish
}

@test "journal: goes to the journal's socket, with fields" {
	require "$PYTHON"
	[ -w /run ] || skip "needs to make the journal's socket"
	mkdir -p /run/systemd/journal
	run "$PYTHON" - <<-'END'
		import socket, subprocess
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind("/run/systemd/journal/socket")
		subprocess.run(["ipcctl", "--audit", "journal:", "sem", "create", "/l"], check=True)
		fields = dict(line.split("=", 1) for line in s.recv(9999).decode().splitlines())
		print(fields["SYSLOG_IDENTIFIER"], fields["IPCCTL_OBJECT"], fields["IPCCTL_EVENT"], fields["IPCCTL_RESULT"])
		print('"object":"sem:/l"' in fields["MESSAGE"])
	END
	rm -rf /run/systemd
	assert_output "ipcctl sem:/l create ok
True"
	run ipcctl --audit journal: sem post /l
	assert_success
	assert_line --partial "cannot write the audit log 'journal:': No such file or directory"
}

@test "syslog: goes to syslog(3)'s socket" {
	require "$PYTHON"
	[ -w /dev ] && [ ! -e /dev/log ] || skip "needs to make syslog's socket"
	run "$PYTHON" - <<-'END'
		import os, socket, subprocess
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind("/dev/log")
		subprocess.run(["ipcctl", "--audit", "syslog:", "sem", "create", "/l"], check=True)
		text = s.recv(9999).decode()
		os.unlink("/dev/log")
		print("ipcctl[" in text, '"object":"sem:/l"' in text)
	END
	assert_output "True True"
}

# --- log ---------------------------------------------------------------------------------------------

some_events() {
	ipcctl mq send --create /jobs a b
	ipcctl mq send /none x || true
	ipcctl shm create /s --size 3
}

@test "log prints a table, JSON, or a sentence each" {
	some_events
	run ipcctl log
	assert_line --index 0 --regexp '^TIME +EVENT +OBJECT +USER +PID COUNT BYTES RESULT$'
	assert_line --regexp " send +mq:/jobs +[^ ]+ +[0-9]+ +2 +2 ok$"
	run ipcctl log --lines
	assert_line --regexp "^\[20[0-9TZ:.-]+\] \[MQ\] send /jobs by [^ ]+ \(uid $(id -u), pid [0-9]+\): ok$"
	assert_line --regexp "\[MQ\] send /none by .*: ENOENT$"
	assert_equal "$(ipcctl log -J)" "$(cat log)"
	run env -u IPCCTL_AUDIT ipcctl log
	assert_failure 2
	run ipcctl log nowhere
	assert_failure 3
}

@test "log filters by time, user, pid, object, event and result" {
	some_events
	count() {
		ipcctl log -J "$@" | wc -l
	}
	assert_equal "$(count --event create)" 2
	assert_equal "$(count --event create,send)" 4
	assert_equal "$(count --result failed)" 1
	assert_equal "$(count --result ok --event send)" 1
	assert_equal "$(count --object 'mq:*')" 3
	assert_equal "$(count --object shm:/s)" 1
	assert_equal "$(count --since 1h)" 4
	assert_equal "$(count --until 1h)" 0
	assert_equal "$(count --since 2100-01-01T00:00:00Z)" 0
	assert_equal "$(count -u "$(id -un)")" 4
	assert_equal "$(count -u "$(id -u)")" 4
	assert_equal "$(count -u nobody)" 0
	assert_equal "$(count --pid "$(jq .pid log | tail -n 1)")" 1
	run ipcctl log --event sned
	assert_failure 2
	assert_line --partial "did you mean 'send'?"
}

@test "a torn last line and lines that are none are told, and left out" {
	some_events
	sed -i '2i no line of a log' log
	printf '{"time":"2026' >>log
	run ipcctl log --lines
	assert_success
	assert_line "ipcctl log: '$PWD/log': 1 lines are none of an audit log, the first of them line 2"
	assert_line "ipcctl log: '$PWD/log': the last line is torn, and was left out"
	# Who writes next keeps it apart.
	ipcctl sem create /l
	assert_equal "$(tail -n 1 log | jq -r .object)" sem:/l
}

@test "log -f goes on when the log grows and when it is rotated" {
	ipcctl sem create /l
	background ipcctl log -f
	wait_until grep -q create "$BG_OUT"
	ipcctl sem post /l
	wait_until grep -q change "$BG_OUT"
	mv log log.1
	ipcctl sem create /other
	wait_until grep -q /other "$BG_OUT"
	kill -INT "$BG_PID"
	kill -TERM "$BG_PID"
	finish
	assert_equal "$(grep -c . "$BG_OUT")" 3
}
