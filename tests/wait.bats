# wait: until a condition of an object holds.

load lib

@test "a condition that holds already ends the wait at once" {
	: >/dev/mqueue/q
	run ipcctl wait --nonblock mq:/q
	assert_success
	assert_output ""
	for condition in exists empty idle; do
		run ipcctl wait mq:/q --for $condition --nonblock
		assert_success
	done
	run ipcctl wait mq:/none --for gone --nonblock
	assert_success
}

@test "when the time is over it says what it waited for, with status 4" {
	run ipcctl wait mq:/q -t 50ms
	assert_failure 4
	assert_output "ipcctl wait: waited 50ms for queue 'mq:/q' to exist: Timed out"
	: >/dev/mqueue/q
	run ipcctl wait mq:/q --for readable -t 50ms
	assert_failure 4
	assert_output "ipcctl wait: waited 50ms for queue 'mq:/q' to be readable: Timed out"
	run ipcctl wait mq:/q --for gone -t 50ms
	assert_failure 4
	run ipcctl wait mq:/q --for live -t 50ms
	assert_failure 4
	run ipcctl wait mq:/q --for gone --nonblock
	assert_failure 4
	assert_output "ipcctl wait: cannot wait for queue 'mq:/q' to be gone: It would have blocked"
}

@test "a wait for what this user can't see ends with an error" {
	require_root
	: >/dev/shm/x
	run as_user ipcctl wait shm:/x --for live
	assert_failure 1
	assert_output "ipcctl wait: cannot wait for segment 'shm:/x' to be in use: whether it is in use can't be seen"
	# What exists can't be told without the right to look.
	chmod 0 /dev/shm
	run as_user ipcctl wait shm:/x --for gone -t 50ms
	chmod 1777 /dev/shm
	assert_failure 5
	assert_output "ipcctl wait: cannot wait for segment 'shm:/x' to be gone: Permission denied"
}

@test "wait ends when the object comes and when it goes, whatever its kind" {
	background ipcctl wait shm:/x -t 20s
	: >/dev/shm/x
	finish
	assert_success
	background ipcctl wait shm:/x --for gone -t 20s
	rm /dev/shm/x
	finish
	assert_success
	background ipcctl wait mq:/x -t 20s
	: >/dev/mqueue/x
	finish
	assert_success
	key=$(unique_key)
	background ipcctl wait "mq:key:$key" -t 20s
	"$PYTHON" -c "import sysv_ipc; sysv_ipc.MessageQueue($key, sysv_ipc.IPC_CREX)"
	finish
	assert_success
	background ipcctl wait "mq:key:$key" --for gone -t 20s
	ipcrm -Q "$key"
	finish
	assert_success
}

@test "wait --for readable and empty follow the messages" {
	key=$(unique_key)
	"$PYTHON" -c "import sysv_ipc; sysv_ipc.MessageQueue($key, sysv_ipc.IPC_CREX)"
	background ipcctl wait "mq:key:$key" --for readable -t 20s
	"$PYTHON" -c "import sysv_ipc; sysv_ipc.MessageQueue($key).send(b'x')"
	finish
	assert_success
	background ipcctl wait "mq:key:$key" --for empty -t 20s
	"$PYTHON" -c "import sysv_ipc; sysv_ipc.MessageQueue($key).receive()"
	finish
	assert_success
}

@test "wait --for live and idle follow whoever has it" {
	: >/dev/shm/x
	background ipcctl wait shm:/x --for live -t 20s
	waiter=$BG_PID
	background sleep 100 <>/dev/shm/x
	holder=$BG_PID
	BG_PID=$waiter
	finish "$waiter"
	assert_success
	background ipcctl wait shm:/x --for idle -t 20s
	kill "$holder"
	finish
	assert_success
}

@test "what can't come is refused" {
	: >/dev/shm/x
	run ipcctl wait shm:/x --for readable
	assert_failure 2
	assert_line --index 0 "ipcctl wait: a POSIX shared memory object is never readable: it carries no messages"
	run ipcctl wait mq:/none --for empty
	assert_failure 3
	assert_output "ipcctl wait: cannot wait for queue 'mq:/none' to be empty: No such file or directory"
	run ipcctl wait mq:/none --for rain
	assert_failure 2
	run ipcctl wait x
	assert_failure 2
	assert_line --index 0 --partial "say which, for example fifo:x"
}
