# chown: the owner and the group of objects of every kind.

load lib

owner() { # SELECTOR
	ipcctl ls -J -o uid,gid "$1" | jq -r '.[0] | "\(.uid):\(.gid)"'
}

make_all() {
	: >/dev/shm/a
	: >/dev/mqueue/a
	ipcmk -Q >/dev/null
	ipcmk -M 100 >/dev/null
	ipcmk -S 1 >/dev/null
	mapfile -t names < <(ipcctl ls --names)
	assert_equal ${#names[@]} 5
}

@test "owner, group or both, by name or number, for every kind" {
	require_root
	make_all
	for name in "${names[@]}"; do
		ipcctl chown tester "$name"
		assert_equal "$name $(owner "$name")" "$name $TESTER:0"
		ipcctl chown :tester2 "$name"
		assert_equal "$name $(owner "$name")" "$name $TESTER:$TESTER2"
		ipcctl chown 0:0 "$name"
		assert_equal "$name $(owner "$name")" "$name 0:0"
	done
	ipcctl chown tester:tester2 "${names[@]}"
	assert_equal "$(ipcctl ls -J | jq -r 'map("\(.owner):\(.group)") | unique | .[]')" tester:tester2
}

@test "an ordinary user may keep what he has" {
	make_all
	run ipcctl chown "$(id -u):$(id -g)" "${names[@]}"
	assert_success
}

@test "who does not exist is refused before anything is changed" {
	: >/dev/shm/a
	before=$(owner shm:/a)
	for who in nobody-of-this-name "$(id -u):nobody-of-this-name" '' : x: -1 4294967295 99999999999; do
		run ipcctl chown -- "$who" shm:/a
		assert_failure 2
		assert_line --index 0 "ipcctl chown: there is no user or group '$who'"
	done
	assert_equal "$(owner shm:/a)" "$before"
}

@test "a missing object is status 3, another user's is status 5" {
	run ipcctl chown "$(id -u)" shm:/gone
	assert_failure 3
	assert_output "ipcctl chown: cannot change the owner of segment 'shm:/gone': No such file or directory"
	require_root
	make_all
	for name in "${names[@]}"; do
		run as_user ipcctl chown tester "$name"
		assert_failure 5
	done
}
