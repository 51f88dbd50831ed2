# sock: what its verbs have in common. Each verb has a file of its own: sock_VERB.bats.

load lib

@test "an address that is none is pointed at, with status 2" {
	run ipcctl sock serve tcp:localhost
	assert_failure 2
	assert_output --partial "cannot serve socket 'tcp:localhost': 'localhost' has no ':PORT'"
	run ipcctl sock serve tcp:[::1:7
	assert_failure 2
	run ipcctl sock serve mq:/x
	assert_failure 2
}

@test "an address as other programs write it is not taken for a file" {
	cd "$BATS_TEST_TMPDIR"
	for address in localhost:7000 :80 TCP:localhost:80 udp:localhost:53; do
		for verb in serve connect probe; do
			run ipcctl sock "$verb" "$address"
			assert_failure 2
			assert_output --partial "written tcp:HOST:PORT, and a file of this name './$address'"
		done
	done
	run ipcctl sock connect UNIX-CONNECT:/run/x
	assert_failure 2
	assert_output --partial "named by its path alone, '/run/x'"
	for path in ./localhost:7000 "$PWD/unix:7" dir/host:80 a:b; do
		run ipcctl sock probe "$path"
		assert_failure 3
		assert_output absent
	done
}

@test "nobody at an abstract name: nothing is said of a file" {
	run ipcctl sock connect "@$(unique_name)"
	assert_failure 3
	refute_output --partial hint
}

@test "a path without its directory, and a socket that was not handed over, are told" {
	run ipcctl sock serve "$BATS_TEST_TMPDIR/none/s"
	assert_failure 3
	run ipcctl sock serve fd:99
	assert_failure 1
	run ipcctl sock serve systemd:none
	assert_output --partial "no socket 'none' was handed over"
	assert_failure 3
}

@test "a port that takes a privilege is said to do so" {
	require_root
	run as_user ipcctl sock serve tcp:127.0.0.1:80
	assert_failure 5
	assert_line "ipcctl sock serve: cannot serve socket 'tcp:127.0.0.1:80': Permission denied"
	assert_line --partial 'hint: ports below net.ipv4.ip_unprivileged_port_start'
}
