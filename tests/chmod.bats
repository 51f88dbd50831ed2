# chmod: the mode of objects of every kind.

load lib

mode() { # SELECTOR
	ipcctl ls --noheadings -o mode "$1"
}

@test "the mode is exact, for every kind, and for several at once" {
	: >/dev/shm/a
	: >/dev/mqueue/a
	ipcmk -Q >/dev/null
	ipcmk -M 100 >/dev/null
	ipcmk -S 1 >/dev/null
	mapfile -t names < <(ipcctl ls --names)
	assert_equal ${#names[@]} 5
	for mode in 0000 0660 0777 0604; do
		run ipcctl chmod ${mode#0} "${names[@]}"
		assert_success
		assert_output ""
		for name in "${names[@]}"; do
			assert_equal "$name $(mode "$name")" "$name $mode"
		done
	done
	assert_equal "$(stat -c %a /dev/shm/a)" 604
	run ipcctl mq chmod 0640 /a
	assert_success
	assert_equal "$(mode mq:/a) $(mode shm:/a)" "0640 0604"
}

@test "what is no mode is refused before anything is changed" {
	: >/dev/shm/a
	for mode in 8 0888 u+w -1 1777 07777 4000 0x1 '' ' 644'; do
		run ipcctl chmod -- "$mode" shm:/a
		assert_failure 2
		assert_line --index 0 "ipcctl chmod: '$mode' is not a mode: octal, at most 0777"
	done
	assert_equal "$(mode shm:/a)" 0644
}

@test "a missing object is status 3 and does not keep the rest" {
	: >/dev/shm/a
	run ipcctl chmod 0600 shm:/gone shm:/a
	assert_failure 3
	assert_output "ipcctl chmod: cannot change the mode of segment 'shm:/gone': No such file or directory"
	assert_equal "$(mode shm:/a)" 0600
}

@test "a plain name is refused with the objects it may mean, and so is a member of a set" {
	: >/dev/shm/a
	: >/dev/mqueue/a
	run ipcctl chmod 0600 a
	assert_failure 2
	assert_line --index 0 "ipcctl chmod: 'a' may be of any kind: say mq:/a or shm:/a"
	ipcmk -S 2 >/dev/null
	run ipcctl chmod 0600 "$(ipcctl ls --names sem)#1"
	assert_failure 2
}

@test "another user's object is refused with status 5" {
	require_root
	: >/dev/shm/a
	ipcmk -Q -p 0666 >/dev/null
	for name in $(ipcctl ls --names); do
		run as_user ipcctl chmod 0666 "$name"
		assert_failure 5
	done
}
